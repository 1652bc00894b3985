import { AutoRouter, error, withParams } from 'itty-router'

const router = AutoRouter({ before: [withParams] })

router
  .get('/hello/:name', ({ name }) => `Hello ${name}`)
  .get('/json', () => ({ array: [1, 2, 3] }))
  .get('/secret', () => error(403, 'not for you'))

export default { fetch: router.fetch }
