export default {
  async fetch() {
    const id = crypto.randomUUID()
    const dice = crypto.getRandomValues(new Uint32Array(4))
    const digest = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(id))
    return Response.json({ id, dice: dice.length, digest: new Uint8Array(digest).toHex?.() ?? digest.byteLength })
  },
}
