import { env, waitUntil } from 'cloudflare:workers'

// Read once, when the module starts.
const greeting = `Hello, ${env.NAME}`

export default {
  fetch() {
    waitUntil(Promise.resolve().then(() => console.log('greeted')))
    return new Response(greeting)
  },
}
