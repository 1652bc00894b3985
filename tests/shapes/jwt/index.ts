interface Env { SIGNING_KEY: string }

const encode = (value: object | ArrayBuffer) => {
  const raw = value instanceof ArrayBuffer ? new Uint8Array(value) : new TextEncoder().encode(JSON.stringify(value))
  return btoa(String.fromCharCode(...raw)).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '')
}
const decode = (part: string) =>
  Uint8Array.from(atob(part.replaceAll('-', '+').replaceAll('_', '/')), (c) => c.charCodeAt(0))

async function keyOf({ SIGNING_KEY }: Env) {
  const raw = new TextEncoder().encode(SIGNING_KEY)
  return crypto.subtle.importKey('raw', raw, { name: 'HMAC', hash: 'SHA-256' }, false, ['sign', 'verify'])
}

async function sign(claims: object, env: Env) {
  const head = `${encode({ alg: 'HS256', typ: 'JWT' })}.${encode(claims)}`
  return `${head}.${encode(await crypto.subtle.sign('HMAC', await keyOf(env), new TextEncoder().encode(head)))}`
}

async function read(token: string, env: Env): Promise<{ sub: string; exp: number } | null> {
  const [head, claims, signature] = token.split('.')
  if (!head || !claims || !signature) return null
  const signed = new TextEncoder().encode(`${head}.${claims}`)
  if (!(await crypto.subtle.verify('HMAC', await keyOf(env), decode(signature), signed))) return null
  const read = JSON.parse(new TextDecoder().decode(decode(claims)))
  return read.exp > Date.now() / 1000 ? read : null
}

export default {
  async fetch(request: Request, env: Env) {
    const { pathname, searchParams } = new URL(request.url)
    if (pathname === '/token') {
      const exp = Math.floor(Date.now() / 1000) + Number(searchParams.get('for') ?? 60)
      return new Response(await sign({ sub: searchParams.get('sub'), exp }, env))
    }
    const claims = await read(request.headers.get('authorization')?.replace('Bearer ', '') ?? '', env)
    return claims ? new Response(`hello ${claims.sub}`) : new Response('no', { status: 401 })
  },
}
