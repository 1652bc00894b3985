//! What only looks like a secret, and what cannot be told.

use super::*;

#[test]
fn what_only_looks_like_a_secret_is_not() {
    check(&[
        ("const text = 'env.KEY' // env.KEY\n/* env.KEY */", ""),
        ("export default { fetch(r, env) { { const env = { KEY: 1 }; env.KEY } } }", ""),
        ("export default { fetch(r, env) { return [1].map((env: number) => env.KEY) } }", ""),
        ("const api = { async fetch(path: string, init: RequestInit) { return init.method } }", ""),
        ("const other = { fetch(r, e) { return e.KEY } }\nexport default {}\nexport { other }", ""),
        ("['a'].map((env) => env.toUpperCase())", ""),
        ("function label(env) { return env.trim() }\nlabel('dev')", ""),
        ("const all = { name: 1 }\nconst label = (env) => env.name\nlabel(all); label({ name: 2 })", ""),
        ("class Job { run(env) { return env.get('x') } }\nnew Job().run(new Map())", ""),
        (
            "class Base { constructor(protected env: { region: string }) {} }\n\
             class Mine extends Base { f() { return this.env.region } }",
            "",
        ),
        ("class Environment { name = '' }\nconst say = (e: Environment) => e.name", ""),
        ("new Promise(function (env) { env.then() })", ""),
        ("const thing = { env: { KEY: 1 } }; thing.env.KEY", ""),
        ("process.env.KEY; import.meta.env.KEY", ""),
        ("declare const env: any; env.KEY", ""),
        ("function f(environment) { return environment.KEY }", ""),
        ("function f(env: Settings) { return env.KEY }", ""),
        ("interface Env { KEY: string }\ntype Key = Env['KEY']", ""),
        ("import { env } from './mine'; env.KEY", ""),
        ("import type { env } from 'elsewhere'", ""),
        ("export default { other(r, e) { return e.KEY } }", ""),
        ("const o = { fetch(r, e) { return e.KEY } }.fetch", ""),
        ("export default { fetch(r, env) { const f: typeof env = null } }", ""),
        ("export default { fetch(r, env) { const k: Env['KEY'] = '' } }", ""),
        ("export default { fetch(r, env) { const k: (typeof env)['KEY'] = '' } }", ""),
        ("export default { fetch(r, env) { return `env.KEY ${'env.KEY'}` } }", ""),
        ("export default { fetch(r, env) { return /env.KEY/.test(r.url) } }", ""),
        ("export default { fetch(r, env) { { let env; env?.KEY } } }", ""),
        ("export default { fetch(r, env) { for (const env of [{}]) env.KEY } }", ""),
        ("export default { fetch(r, env) { try {} catch (env) { env.KEY } } }", ""),
        ("export default { fetch(r, env) { function f() { var env = {}; env.KEY } f() } }", ""),
        ("export default { fetch(r, env) { const { env: e } = r; e.KEY } }", ""),
        ("export default { fetch(r, env) { return r.env.KEY + ctx.env.KEY } }", ""),
        ("export default { fetch(r, env) { const o = { KEY: env, env: {} }; return o.env.KEY } }", ""),
        ("class A { env = { KEY: 1 }; f() { return this.env.KEY } }", ""),
        ("class A { constructor() { this.env = { KEY: 1 } } f() { return this.env.KEY } }", ""),
        ("class A { constructor(private env: Settings) {} f() { return this.env.KEY } }", ""),
        ("class A { get env() { return settings } f() { return this.env.KEY } }", ""),
        ("const o = { env: { KEY: 1 }, f() { return this.env.KEY } }", ""),
        ("class A { static f() { return this.env.KEY } }", ""),
        ("const f = (c) => c.env.KEY", ""),
        ("[1].map((c) => c.env.KEY)", ""),
        ("import { Hono } from 'hono'\n[1].map((c) => c.env.KEY)\nexport default new Hono()", ""),
        ("type C = { env: 'live' | 'test' }\nconst f = (c: C) => c.env.length", ""),
        ("import { env } from 'process'; env.KEY", ""),
        ("import { env } from 'cloudflare:other'; env.KEY", ""),
        ("import type { env } from 'cloudflare:workers'\ntype K = typeof env", ""),
        ("enum env { KEY } env.KEY", ""),
        ("namespace env { export const KEY = 1 } env.KEY", ""),
        ("function env() {} env.KEY", ""),
        ("label: for (;;) { break label } const env = 1", ""),
        ("export default { fetch(r, env) { const f = (env: { KEY: string }) => env.KEY; return f({ KEY: '' }) } }", ""),
        ("export default { fetch(r, env) { r.headers.get('KEY'); r[env] } }", ""),
        ("const handlers = { fetch(r, bag) { return bag.KEY } }", ""),
        ("class Builder { name(n) { this.n = n; return this } all() { return fetch(this) } }", ""),
        ("import { z } from 'zod'\nz.string().transform((v) => Number(v)).refine((v) => ok(v[0]), (v) => v)", ""),
        ("import { z } from 'zod'\nz.object({}).map(({ name, ...rest }) => ({ name, rest }))", ""),
        ("export const config = { fetch(r, bag) { return bag.KEY } }\nexport default {}", ""),
    ]);
}

#[test]
fn what_cannot_be_told_is_said_and_never_called_unused() {
    check(&[
        ("export default { fetch(r, env) { return Object.keys(env) } }", "?1"),
        ("export default { fetch(r, env) { return { ...env } } }", "?1"),
        ("export default { fetch(r, env) { const { KEY, ...rest } = env; return go(rest) } }", "KEY@1 ?1"),
        ("export default { fetch(r, { ...all }) { return all[r.url] } }", "?1"),
        ("import { go } from 'elsewhere'\nexport default { fetch(r, env) { return go(env) } }", "?2"),
        ("export default { fetch(r, env) { return app.fetch(r, env) } }", "?1"),
        ("export const all = (env: Env) => [env]", "?1"),
        ("export default { fetch(r, env) { const { [r.url]: x } = env } }", "?1"),
        ("function f(a, ...rest) {}\nexport default { fetch(r, env) { f(1, env) } }", "?2"),
        ("export default { fetch(r, env) { new Client(env) } }", "?1"),
        ("export default { fetch(r, env) { return env[r.url] } }", "?1"),
        ("export default { fetch(r, env) { for (const name in env) {} } }", "?1"),
        ("export default { fetch(r, env) { return JSON.stringify(env) } }", "?1"),
        ("export default { fetch(r, env) { console.log(env) } }", "?1"),
        ("export default { fetch(r, env) { return [env] } }", "?1"),
        ("export default { fetch(r, env) { globalThis.env = env } }", "?1"),
        ("export default { fetch(r, env) { kept = env } }", "?1"),
        ("export default { fetch(r, env) { const all = { ...env } } }", "?1"),
        ("export default { fetch(r, env) { return Object.entries({ env }) } }", "?1"),
        ("export default { fetch(r, ...rest) { return rest[0].KEY } }", "?1"),
        ("export default { fetch(r, env) { let n = 'KEY'; n = r.url; return env[n] } }", "?1"),
        ("const n = ['A']\nn.push(location)\nexport default { fetch(r, env) { n.map((x) => env[x]) } }", "?3"),
        ("export function need(env: Env, name: string) { return env[name] }\nneed", "?1"),
        ("const need = (env: Env, name: keyof Env) => env[name]", "?1"),
        ("class A { f(name) { return this.env[name] } }", "?1"),
        ("class A { f() { go(this.env) } }", "?1"),
        ("import { env } from 'cloudflare:workers'\nObject.keys(env)", "?2"),
        ("export default wrap({ fetch(r, e) { return e.KEY } })", "KEY@1 ?1"),
        ("import { AutoRouter } from 'itty-router'\nconst router = AutoRouter()\nexport default router", "?2"),
        (
            "import { AutoRouter } from 'itty-router'\nconst router = AutoRouter()\n\
          router.get('/', (r, env) => env.KEY)\nexport default { ...router }",
            "?3,4",
        ),
        (
            "import { withSentry } from '@sentry/cloudflare'\n\
          export default withSentry((env) => ({ dsn: env.DSN_KEY }), { fetch(r, env) { env.KEY } })",
            "KEY@2 ?2",
        ),
        ("import app from 'elsewhere'\nexport default app", "?1"),
        ("import { use } from 'elsewhere'\nuse((c) => c.env.KEY)\nuse(({ env }) => env.KEY)", "?2,3"),
        (
            "import { other } from 'elsewhere'\nimport { Hono } from 'hono'\nconst app = new Hono()\n\
          app.get('/', (c) => other(c))\nexport default app",
            "?4",
        ),
    ]);
}

#[test]
fn types_that_name_something_else_too_make_no_environment() {
    check(&[
        (
            "export default { fetch(r, env: Record<string, string>) { return build({ accept: env.KEY }) } }\n\
             function build(init: Record<string, string>) { return init.accept }",
            "KEY@1",
        ),
        ("type Environment = 'dev' | 'prod'\nconst f = (e: Environment) => e.toUpperCase()", ""),
        ("type Env = string\nfunction f(e: Env) { return e.length }", ""),
        ("interface Environment { name: string; url: string }\nconst f = (e: Environment) => e.url", ""),
        ("type Bindings = { shortcuts: string[] }\nconst f = (b: Bindings) => b.shortcuts", ""),
        ("interface Bindings { KEY: string }\nconst f = (b: Bindings) => b.KEY", "KEY@2"),
        (
            "interface Bindings { key: string }\nconst f = (b: Bindings) => b.key\nexport default { fetch(r, e: Bindings) {} }",
            "key@2",
        ),
    ]);
}
