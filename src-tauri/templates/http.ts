// Answers every request with a greeting. Press Deploy and open the
// address that appears beside the name.
export default {
  async fetch(request: Request): Promise<Response> {
    const { searchParams } = new URL(request.url)
    const name = searchParams.get("name") ?? "world"
    return Response.json({ message: `Hello, ${name}.` })
  },
}
