const ALLOWED = ['https://app.example.com']

function withCors(response: Response, origin: string | null): Response {
  if (origin && ALLOWED.includes(origin)) {
    response.headers.set('access-control-allow-origin', origin)
    response.headers.append('vary', 'origin')
  }
  return response
}

export default {
  fetch(request: Request) {
    const origin = request.headers.get('origin')
    if (request.method === 'OPTIONS') {
      const headers = { 'access-control-allow-methods': 'GET, PUT', 'access-control-max-age': '600' }
      return withCors(new Response(null, { status: 204, headers }), origin)
    }
    return withCors(new Response('data'), origin)
  },
}
