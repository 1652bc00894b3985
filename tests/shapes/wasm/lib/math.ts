import module from './add.wasm'

const { exports } = new WebAssembly.Instance(module)

export const add = exports.add as (a: number, b: number) => number
