// Asks another service with a key that stays sealed. Create API_KEY in
// the Secrets tab, and put your service's address below.
const SERVICE = "https://api.example.com/v1/status"

export default {
  async fetch(request: Request, env: Env): Promise<Response> {
    const answer = await fetch(SERVICE, {
      headers: { Authorization: `Bearer ${env.API_KEY}` },
    })
    if (!answer.ok) {
      console.error(`The service answered ${answer.status}`)
      return new Response("The service could not be asked.\n", { status: 502 })
    }
    return Response.json({ service: await answer.json() })
  },
}
