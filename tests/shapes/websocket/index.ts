export default {
  fetch(request: Request) {
    if (request.headers.get('upgrade') !== 'websocket') return new Response('upgrade, please', { status: 426 })
    const [client, server] = Object.values(new WebSocketPair())
    server.accept()
    server.addEventListener('message', ({ data }) => {
      if (data === 'bye') server.close(1000, 'as you wish')
      else server.send(`heard ${data}`)
    })
    return new Response(null, { status: 101, webSocket: client })
  },
}
