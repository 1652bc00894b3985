// A webhook that only its sender can call: the body is signed with a shared secret.
interface Env { WEBHOOK_SECRET: string }

const bytes = (text: string) => new TextEncoder().encode(text)
const fromHex = (hex: string) => Uint8Array.from(hex.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16))

export default {
  async fetch(request: Request, env: Env): Promise<Response> {
    const signature = request.headers.get('x-signature')?.replace('sha256=', '') ?? ''
    const body = await request.arrayBuffer()
    const algorithm = { name: 'HMAC', hash: 'SHA-256' }
    const key = await crypto.subtle.importKey('raw', bytes(env.WEBHOOK_SECRET), algorithm, false, ['verify'])
    const genuine = await crypto.subtle.verify('HMAC', key, fromHex(signature), body)
    return genuine ? new Response('taken') : new Response('who are you?', { status: 401 })
  },
}
