export default {
  async fetch(request: Request) {
    const form = await request.formData()
    const parts: string[] = []
    for (const [name, value] of form) {
      parts.push(typeof value === 'string' ? `${name}=${value}` : `${name}=<${value.name} ${value.type} ${(await value.text()).length}>`)
    }
    return new Response(parts.join('&'))
  },
}
