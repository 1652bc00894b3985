import { add } from './lib/math'

export default {
  fetch(request: Request) {
    const { searchParams } = new URL(request.url)
    return new Response(String(add(Number(searchParams.get('a')), Number(searchParams.get('b')))))
  },
}
