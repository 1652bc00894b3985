import { AsyncLocalStorage } from 'node:async_hooks'
import { Buffer } from 'node:buffer'
import { createHash, timingSafeEqual } from 'node:crypto'
import { EventEmitter } from 'node:events'
import path from 'path'
import { promisify } from 'util'

const request = new AsyncLocalStorage<{ id: string }>()

function where() {
  return request.getStore()?.id ?? 'nowhere'
}

export default {
  async fetch({ url }: Request): Promise<Response> {
    const heard: string[] = []
    const bus = new EventEmitter().on('said', (word: string) => heard.push(word))
    bus.emit('said', 'once')
    const later = promisify((word: string, done: (error: null, word: string) => void) => done(null, word))
    return request.run({ id: path.basename(new URL(url).pathname) }, async () =>
      Response.json({
        base64: Buffer.from('grüß').toString('base64url'),
        hash: createHash('sha256').update('abc').digest('hex').slice(0, 8),
        same: timingSafeEqual(Buffer.from('a'), Buffer.from('a')),
        heard,
        later: await later('yes'),
        where: await Promise.resolve().then(where),
      }),
    )
  },
}
