import { Kind } from '../types'

export const helper = (length: number, kind: Kind) => `${length} characters, ${Kind[kind]}`
