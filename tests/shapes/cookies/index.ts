function cookiesOf(request: Request): Map<string, string> {
  const pairs = (request.headers.get('cookie') ?? '').split(/;\s*/).filter(Boolean)
  return new Map(pairs.map((pair) => {
    const at = pair.indexOf('=')
    return [pair.slice(0, at), decodeURIComponent(pair.slice(at + 1))]
  }))
}

export default {
  fetch(request: Request) {
    const visits = Number(cookiesOf(request).get('visits') ?? 0) + 1
    const response = new Response(`visit ${visits}`)
    response.headers.append('set-cookie', `visits=${visits}; Path=/; HttpOnly; SameSite=Lax`)
    response.headers.append('set-cookie', `last=${encodeURIComponent('a b')}; Max-Age=60`)
    return response
  },
}
