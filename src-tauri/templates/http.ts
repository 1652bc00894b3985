// Answers every request with a greeting. Press Deploy, then open the address above.
export default {
  async fetch(request: Request): Promise<Response> {
    const { searchParams } = new URL(request.url)
    const name = searchParams.get("name") ?? "world"
    return Response.json({ message: `Hello, ${name}.` })
  },
}
