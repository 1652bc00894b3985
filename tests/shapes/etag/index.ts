export default {
  async fetch(request: Request) {
    const body = 'the same as before'
    const digest = await crypto.subtle.digest('SHA-1', new TextEncoder().encode(body))
    const etag = `"${[...new Uint8Array(digest)].map((byte) => byte.toString(16).padStart(2, '0')).join('')}"`
    const headers = { etag, 'cache-control': 'no-cache' }
    if (request.headers.get('if-none-match') === etag) return new Response(null, { status: 304, headers })
    return new Response(request.method === 'HEAD' ? null : body, { headers })
  },
}
