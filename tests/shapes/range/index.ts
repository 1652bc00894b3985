const FILE = new TextEncoder().encode('0123456789')

export default {
  fetch(request: Request) {
    const [, from, to] = /^bytes=(\d*)-(\d*)$/.exec(request.headers.get('range') ?? '') ?? []
    if (from === undefined) return new Response(FILE, { headers: { 'accept-ranges': 'bytes' } })
    const start = from === '' ? FILE.length - Number(to) : Number(from)
    const end = from === '' || to === '' ? FILE.length - 1 : Math.min(Number(to), FILE.length - 1)
    if (start > end) return new Response(null, { status: 416, headers: { 'content-range': `bytes */${FILE.length}` } })
    const headers = { 'content-range': `bytes ${start}-${end}/${FILE.length}` }
    return new Response(FILE.slice(start, end + 1), { status: 206, headers })
  },
}
