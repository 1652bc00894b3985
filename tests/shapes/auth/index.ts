interface Env { USER: string; PASSWORD: string }

function same(a: string, b: string): boolean {
  const [x, y] = [a, b].map((text) => new TextEncoder().encode(text))
  return x.byteLength === y.byteLength && crypto.subtle.timingSafeEqual(x, y)
}

export default {
  async fetch(request: Request, { USER: user, PASSWORD: password }: Env) {
    const [scheme, given = ''] = request.headers.get('authorization')?.split(' ') ?? []
    if (scheme === 'Basic' && same(atob(given), `${user}:${password}`)) return new Response('welcome')
    return new Response('who?', { status: 401, headers: { 'www-authenticate': 'Basic realm="x", charset="UTF-8"' } })
  },
}
