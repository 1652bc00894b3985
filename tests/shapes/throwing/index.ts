import { check } from './lib/check'

export default {
  fetch: (request: Request) => new Response(check(request.headers.get('x-number'))),
}
