import { WorkerEntrypoint } from 'cloudflare:workers'

interface Env { GREETING: string }

export default class Greeter extends WorkerEntrypoint<Env> {
  async fetch(request: Request): Promise<Response> {
    this.ctx.waitUntil(Promise.resolve())
    return new Response(this.greet(new URL(request.url).searchParams.get('name') ?? 'you'))
  }

  /** Callable by other Workers, too. */
  greet(name: string): string {
    const { GREETING } = this.env
    return `${GREETING}, ${name}`
  }
}
