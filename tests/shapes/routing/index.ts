// A table of patterns; the first that fits answers.
type Handler = (request: Request, params: Record<string, string | undefined>) => Response | Promise<Response>

const routes: [method: string, pattern: URLPattern, handler: Handler][] = [
  ['GET', new URLPattern({ pathname: '/' }), () => new Response('home')],
  ['GET', new URLPattern({ pathname: '/books/:id' }), (_, { id }) => new Response(`book ${id}`)],
  ['PUT', new URLPattern({ pathname: '/books/:id/pages/:page(\\d+)' }), (_, p) => new Response(`${p.id}:${p.page}`)],
]

export default {
  async fetch(request) {
    let known = false
    for (const [method, pattern, handler] of routes) {
      const match = pattern.exec(request.url)
      if (!match) continue
      known = true
      if (method === request.method) return handler(request, match.pathname.groups)
    }
    return new Response(known ? 'not this way' : 'nothing here', { status: known ? 405 : 404 })
  },
} satisfies ExportedHandler
