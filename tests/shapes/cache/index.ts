let made = 0

export default {
  async fetch(request: Request, env: unknown, ctx: ExecutionContext) {
    const cache = caches.default
    const hit = await cache.match(request)
    if (hit) return new Response(`${await hit.text()} again`)
    const response = new Response(`made ${++made}`, { headers: { 'cache-control': 'max-age=60' } })
    ctx.waitUntil(cache.put(request, response.clone()))
    return response
  },
}
