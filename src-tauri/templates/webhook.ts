// Takes a call only if its body was signed with WEBHOOK_SECRET:
// HMAC-SHA256, in hexadecimal, in the header X-Signature. Create the
// secret in the Secrets tab, with the value that the sender uses.
export default {
  async fetch(request: Request, env: Env): Promise<Response> {
    if (request.method !== "POST") {
      return new Response("Send a POST request.\n", { status: 405 })
    }

    const body = await request.text()
    const signature = request.headers.get("X-Signature") ?? ""
    if (!(await isSigned(body, signature, env.WEBHOOK_SECRET))) {
      return new Response("The signature does not match.\n", { status: 401 })
    }

    console.log(`A signed event of ${body.length} characters`)
    return Response.json({ received: true })
  },
}

async function isSigned(body: string, hex: string, secret: string) {
  if (!/^[0-9a-f]{64}$/i.test(hex)) return false
  const signature = Uint8Array.from(hex.match(/../g)!, (pair) =>
    Number.parseInt(pair, 16),
  )
  const text = new TextEncoder()
  const algorithm = { name: "HMAC", hash: "SHA-256" }
  const key = await crypto.subtle.importKey(
    "raw",
    text.encode(secret),
    algorithm,
    false,
    ["verify"],
  )
  // verify compares in constant time.
  return crypto.subtle.verify("HMAC", key, signature, text.encode(body))
}
