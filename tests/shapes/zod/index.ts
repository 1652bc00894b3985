import { z } from 'zod'

const Person = z.object({ name: z.string().min(1), age: z.coerce.number().int().min(0).optional(), tags: z.array(z.string()).default([]) })

export default {
  async fetch(request: Request): Promise<Response> {
    const read = Person.safeParse(await request.json())
    if (read.success) return Response.json(read.data)
    return Response.json({ wrong: read.error.issues.map(({ path }) => path.join('.')) }, { status: 422 })
  },
}
