const moved = new Map([['/old', '/new'], ['/docs', 'https://docs.example.com/']])

export default {
  fetch(request: Request) {
    const url = new URL(request.url)
    const target = moved.get(url.pathname)
    if (target) return Response.redirect(new URL(target, url).href, target.startsWith('/') ? 301 : 302)
    if (url.pathname !== '/' && url.pathname.endsWith('/')) {
      url.pathname = url.pathname.slice(0, -1)
      return Response.redirect(url.href, 308)
    }
    return new Response(url.pathname)
  },
}
