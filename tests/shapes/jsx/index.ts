import { Hono } from 'hono'
import { Page } from './page'

const app = new Hono()
app.get('/:name', (c) => c.html(Page({ name: c.req.param('name') })))

export default app
