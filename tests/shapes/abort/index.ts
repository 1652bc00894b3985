async function slow(signal: AbortSignal): Promise<string> {
  await scheduler.wait(5_000, { signal })
  return 'too late'
}

export default {
  async fetch(request: Request) {
    const ending = new AbortController()
    const either = AbortSignal.any([ending.signal, AbortSignal.timeout(20)])
    if (new URL(request.url).pathname === '/now') ending.abort(new Error('changed my mind'))
    try {
      return new Response(await slow(either))
    } catch {
      return new Response(`ended: ${either.reason.message ?? either.reason.name}`, { status: 504 })
    }
  },
}
