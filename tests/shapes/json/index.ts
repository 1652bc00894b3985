interface Order { item: string; count: number }

function isOrder(value: unknown): value is Order {
  const order = value as Partial<Order> | null
  return typeof order?.item === 'string' && Number.isInteger(order.count) && order.count! > 0
}

export default {
  async fetch(request: Request): Promise<Response> {
    if (request.method !== 'POST') return Response.json({ error: 'POST an order' }, { status: 405 })
    const body = await request.json().catch(() => undefined)
    if (!isOrder(body)) return Response.json({ error: 'not an order' }, { status: 400 })
    return Response.json({ ordered: `${body.count} × ${body.item}` }, { status: 201, headers: { location: '/orders/1' } })
  },
}
