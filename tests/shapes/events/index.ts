// Server-sent events.
export default {
  async fetch(request: Request, env: unknown, ctx: ExecutionContext) {
    const { readable, writable } = new TransformStream()
    const writer = writable.getWriter()
    const send = (event: string, data: unknown) =>
      writer.write(new TextEncoder().encode(`event: ${event}\ndata: ${JSON.stringify(data)}\n\n`))
    ctx.waitUntil(
      (async () => {
        await send('open', { from: Number(request.headers.get('last-event-id') ?? 0) })
        await send('done', null)
        await writer.close()
      })(),
    )
    return new Response(readable, { headers: { 'content-type': 'text/event-stream', 'cache-control': 'no-store' } })
  },
}
