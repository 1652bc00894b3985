import { type Env, Kind } from '../types'
import { helper } from '../lib/helper'
import * as status from './status'

export const ROUTES = ['/', '/status']

export function handle(request: Request, env: Env): Response {
  const { pathname } = new URL(request.url)
  return pathname === '/status' ? status.answer() : new Response(helper(env.API_KEY.length, Kind.Shut))
}
