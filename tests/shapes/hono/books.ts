import { Hono } from 'hono'

export const books = new Hono().get('/:id', (c) => c.json({ id: c.req.param('id'), q: c.req.query('q') ?? null }))
