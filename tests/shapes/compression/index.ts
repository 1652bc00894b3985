export default {
  async fetch(request: Request) {
    if (request.method === 'GET') {
      const packed = new Blob(['again and '.repeat(1000)]).stream().pipeThrough(new CompressionStream('gzip'))
      const bytes = await new Response(packed).arrayBuffer()
      const unpacked = new Blob([bytes]).stream().pipeThrough(new DecompressionStream('gzip'))
      return new Response(`${bytes.byteLength < 200} ${(await new Response(unpacked).text()).length}`)
    }
    return new Response(request.body!.pipeThrough(new DecompressionStream('deflate')))
  },
}
