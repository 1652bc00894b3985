import style from './page/style.css'
import page from './page/page.html'
import QUERY from './query.sql'

export default {
  fetch: () =>
    new Response(page.replace('{style}', style.trim()).replace('{query}', QUERY.trim()), {
      headers: { 'content-type': 'text/html; charset=utf-8' },
    }),
}
