import { handle } from './routes/index.js'
import type { Env } from './types'

export { helper } from './lib/helper'
export default { fetch: (request: Request, env: Env) => handle(request, env) }
