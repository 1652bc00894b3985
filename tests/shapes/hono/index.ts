import { Hono } from 'hono'
import { cors } from 'hono/cors'
import { HTTPException } from 'hono/http-exception'
import { books } from './books'

type Bindings = { API_KEY: string }

const app = new Hono<{ Bindings: Bindings }>()

app.use('*', cors({ origin: 'https://example.com' }))
app.use('/admin/*', async (c, next) => {
  if (c.req.header('x-key') !== c.env.API_KEY) throw new HTTPException(403, { message: 'closed' })
  await next()
})
app.get('/', (c) => c.text('hono'))
app.get('/admin/keys', (c) => c.json({ length: c.env.API_KEY.length }))
app.route('/books', books)
app.notFound((c) => c.json({ error: 'no such page' }, 404))

export default app
