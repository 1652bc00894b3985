// A package from before modules, which requires others of its kind.
import qs from 'qs'

export default {
  fetch(request: Request) {
    const query = new URL(request.url).search.slice(1)
    return Response.json(qs.parse(query))
  },
}
