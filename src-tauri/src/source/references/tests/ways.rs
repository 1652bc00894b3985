//! Every way of reaching a secret from where the environment comes from.

use super::*;

#[test]
fn every_way_of_reaching_a_secret_is_found() {
    check(&[
        ("export default { fetch(request, env) { return new Response(env.KEY) } }", "KEY@1"),
        ("export default {\n async fetch(request, env) {\n return new Response(env['KEY'])\n} }", "KEY@3"),
        ("export default { fetch(r, env) { return `${env.A}${env[`B`]}` } }", "A@1 B@1"),
        ("export default { fetch(r, anything) { return anything.KEY } }", "KEY@1"),
        ("export default { async scheduled(c, e, ctx) { await e.KEY } }", "KEY@1"),
        ("export default { fetch: async (r, e) => new Response(e.KEY) }", "KEY@1"),
        ("export default { fetch: function (r, e) { return e.KEY } } satisfies ExportedHandler<Env>", "KEY@1"),
        ("const worker = { fetch(r, e) { return e.KEY } }\nexport default worker", "KEY@1"),
        ("const worker = { fetch(r, e) { return e.KEY } }\nexport { worker as default }", "KEY@1"),
        ("export default { fetch(r, e: Settings) { return e.KEY } }", "KEY@1"),
        ("export default ({ fetch(r, e) { return e.KEY } } as ExportedHandler)", "KEY@1"),
        ("export default { fetch(r, { KEY, OTHER: o }) { return KEY + o } }", "KEY@1 OTHER@1"),
        ("export default { fetch(r, { KEY = 'x' }: Env) { return KEY } }", "KEY@1"),
        ("export default { fetch(r, env) {\n const { KEY, B: b = 1 } = env\n return KEY } }", "B@2 KEY@2"),
        ("export default { fetch(r, env) { const e = env; const f = e; return f.KEY } }", "KEY@1"),
        (
            "export default { fetch(r, env) { return (env as Env).KEY + env!.B + env?.C + (<any>env).D } }",
            "B@1 C@1 D@1 KEY@1",
        ),
        ("function key(env: Env) {\n return env.KEY }\nexport default { fetch(r, e) { return key(e) } }", "KEY@2"),
        ("const key = (bag) => bag.KEY\nexport default { fetch(r, env) { return key(env) } }", "KEY@1"),
        ("const key = ({ KEY }) => KEY\nexport default { fetch(r, env) { return key(env) } }", "KEY@1"),
        ("function helper(env) { return env.KEY }", "KEY@1"),
        ("const helper = (env) => env.KEY", "KEY@1"),
        ("const helpers = { key(env) { return env.KEY }, other: (env) => env.OTHER }", "KEY@1 OTHER@1"),
        ("const use = memo((env: Env) => env.KEY)", "KEY@1"),
        ("function helper(bag: Env) { return bag.KEY }", "KEY@1"),
        ("function helper(bag: Readonly<Env>) { return bag.KEY }", "KEY@1"),
        ("function helper(bag: Cloudflare.Env) { return bag.KEY }", "KEY@1"),
        ("import { env } from 'cloudflare:workers'\nconst key = env.KEY", "KEY@2"),
        ("import { env as e } from 'cloudflare:workers'\nconst { KEY } = e", "KEY@2"),
        ("export default class extends WorkerEntrypoint { fetch() { return this.env.KEY } }", "KEY@1"),
        ("class A { f() { const { env } = this; return env.KEY } }", "KEY@1"),
        ("class A { f() { const { KEY } = this.env } }", "KEY@1"),
        ("class A { f() { const e = this.env; e.KEY } }", "KEY@1"),
        ("class A { constructor(private ctx: State, env: Env) { env.KEY } }", "KEY@1"),
        ("export default { fetch(r, env) {\n env.KEY\n env.KEY\n\n env.KEY } }", "KEY@2,3,5"),
        ("export default { fetch(r, env) { env.LOG.call() ; if (env) {} typeof env } }", "LOG@1"),
        ("export default { fetch(r, env = {}) { return env.KEY } }", "KEY@1"),
        ("export default { fetch(r, env) { return () => () => env.KEY } }", "KEY@1"),
        ("function a(env: Env) { return b(env) } function b(env: Env) { return a(env) + env.KEY }", "KEY@1"),
    ]);
}

#[test]
fn names_that_never_change_are_read() {
    check(&[
        ("export default { fetch(r, env) {\n const n = 'KEY'\n return env[n] } }", "KEY@3"),
        ("const PRE = 'STRIPE_'\nexport default { fetch(r, env) { return env[PRE + 'KEY'] } }", "STRIPE_KEY@2"),
        ("const p = 'A'\nexport default { fetch(r, env) { return env[`${p}_KEY`] } }", "A_KEY@2"),
        ("let n = 'KEY'\nexport default { fetch(r, env) { return env[n] } }", "KEY@2"),
        ("export default { fetch(r, env) { return env[r.live ? 'LIVE_KEY' : 'TEST_KEY'] } }", "LIVE_KEY@1 TEST_KEY@1"),
        ("const K = { mail: 'MAIL_KEY' } as const\nexport default { fetch(r, env) { env[K.mail] } }", "MAIL_KEY@2"),
        ("enum K { Mail = 'MAIL_KEY' }\nexport default { fetch(r, env) { env[K.Mail] } }", "MAIL_KEY@2"),
        ("export default { fetch(r, env) {\n for (const n of ['A_KEY', 'B_KEY']) env[n] } }", "A_KEY@2 B_KEY@2"),
        (
            "const ALL = ['A_KEY', 'B_KEY'] as const\nexport default { fetch(r, env) {\n \
             return ALL.filter((n) => !env[n]) } }",
            "A_KEY@1 B_KEY@1",
        ),
        (
            "function need(env: Env, name: string) { return env[name] }\nexport default { fetch(r, env) {\n \
             return need(env, 'KEY') } }",
            "KEY@3",
        ),
        (
            "const need = (env: Env, name: 'A_KEY' | 'B_KEY') => env[name]\nexport { need }\nexport default {}",
            "A_KEY@1 B_KEY@1",
        ),
        ("export default { fetch(r, env) { return 'KEY' in env } }", "KEY@1"),
        ("export default { fetch(r, env) { const { ['KEY']: k } = env } }", "KEY@1"),
        ("export default { fetch(r, env) { const { 'KEY': k } = env } }", "KEY@1"),
    ]);
}

#[test]
fn classes_have_the_environment_in_many_places() {
    check(&[
        ("class A { #env; constructor(env: Env) { this.#env = env } f() { return this.#env.KEY } }", "KEY@1"),
        ("class A { constructor(private bag: Env) {} f() { return this.bag.KEY } }", "KEY@1"),
        ("class A { constructor(readonly env: Env) {}\n f() { return this.env.KEY } }", "KEY@2"),
        ("class A { private e: Env; f() { return this.e.KEY } }", "KEY@1"),
        ("class A { constructor(env) { this.bag = env } f() { return this.bag.KEY } }", "KEY@1"),
        ("class A { key = this.env.KEY }", "KEY@1"),
        ("class A { e = this.env; f() { return this.e.KEY } }", "KEY@1"),
        ("class A { f() { return [1].map(() => this.env.KEY) } }", "KEY@1"),
        ("class A { get bag() { return this.env } f() { return this.bag.KEY } }", "KEY@1"),
        ("class A { bag() { return this.env } f() { return this.bag().KEY } }", "KEY@1"),
        ("class A { f() { return this.g(this.env) } g(e) { return e.KEY } }", "KEY@1"),
        ("class A { f() { return this.env[`KEY`] } }", "KEY@1"),
        ("class A { f() { const { env: { KEY } } = this } }", "KEY@1"),
        (
            "import { DurableObject } from 'cloudflare:workers'\nexport class Room extends DurableObject {\n \
             constructor(state, e) { super(state, e)\n e.KEY } }",
            "KEY@4",
        ),
        (
            "import { WorkerEntrypoint } from 'cloudflare:workers'\n\
             export default class extends WorkerEntrypoint<Env> {\n fetch() { return this.env.KEY } }",
            "KEY@3",
        ),
        (
            "import { DurableObject } from 'cloudflare:workers'\nexport class Room extends DurableObject {\n \
             me() { return this }\n all() { return this.me().me().env.KEY }\n later() { setTimeout(this.all.bind(this)) } }",
            "KEY@4",
        ),
        (
            "class Mail { constructor(private e) {} send() { return this.e.KEY } }\n\
             export default { fetch(r, env) { return new Mail(env).send() } }",
            "KEY@1",
        ),
        (
            "class Base { constructor(bag) { this.bag = bag } }\nclass Mail extends Base { send() { return this.bag.KEY } }\n\
             export default { fetch(r, env) { return new Mail(env) } }",
            "KEY@2",
        ),
        (
            "class Mail { constructor(e) { this.e = e } }\nexport default { fetch(r, env) {\n \
             const mail = new Mail(env); return mail.e.KEY } }",
            "KEY@3",
        ),
    ]);
}

#[test]
fn routers_hand_over_the_environment() {
    check(&[
        (
            "import { Hono } from 'hono'\nconst app = new Hono<{ Bindings: Env }>()\n\
             app.get('/', (c) => c.text(c.env.KEY))\nexport default app",
            "KEY@3",
        ),
        (
            "import { Hono } from 'hono'\nconst app = new Hono()\napp.get('/', async ({ env, text }) => text(env.KEY))\n\
             export default app",
            "KEY@3",
        ),
        (
            "import { Hono } from 'hono'\nconst app = new Hono().get('/', (c) => {\n const { KEY } = c.env\n return c.text('') })\n\
             export default app",
            "KEY@3",
        ),
        (
            "import { Hono } from 'hono'\nconst app = new Hono()\napp.use(async (c, next) => { c.env['KEY']; await next() })\n\
             app.onError((e, c) => c.text(c.env.OTHER))\nexport default { fetch: app.fetch }",
            "KEY@3 OTHER@4",
        ),
        (
            "import { Hono, type Context } from 'hono'\nconst app = new Hono()\n\
             async function show(c: Context<{ Bindings: Env }>) { return c.env.KEY }\napp.get('/', show)\nexport default app",
            "KEY@3",
        ),
        (
            "import { Hono } from 'hono'\nconst app = new Hono()\nconst key = (c) => c.env.KEY\n\
             app.get('/', (c) => c.text(key(c)))\nexport default app",
            "KEY@3",
        ),
        (
            "import { Hono } from 'hono'\nimport { bearerAuth } from 'hono/bearer-auth'\nconst app = new Hono()\n\
             app.use((c, next) => bearerAuth({ token: c.env.KEY })(c, next))\nexport default app",
            "KEY@4",
        ),
        (
            "import { createMiddleware } from 'hono/factory'\n\
             export const check = createMiddleware(async (c, next) => { c.env.KEY })\nexport default {}",
            "KEY@2",
        ),
        (
            "import type { MiddlewareHandler } from 'hono'\n\
             export const check: MiddlewareHandler = async (c, next) => { c.env.KEY }\nexport default {}",
            "KEY@2",
        ),
        (
            "import { Hono } from 'hono'\nimport { env } from 'hono/adapter'\nconst app = new Hono()\n\
             app.get('/', (c) => { const { KEY } = env<Env>(c)\n return c.text(KEY) })\nexport default app",
            "KEY@4",
        ),
        (
            "import { Hono } from 'hono'\nconst app = new Hono()\napp.get('/', (c) => c.text('a'))\n\
             export default { fetch: app.fetch, scheduled(c, env) { env.KEY } }",
            "KEY@4",
        ),
        (
            "import { OpenAPIHono } from '@hono/zod-openapi'\nconst api = new OpenAPIHono().basePath('/api')\n\
             api.openapi(route, (c) => c.json(c.env.KEY))\nexport default api",
            "KEY@3",
        ),
        (
            "import { Hono } from 'hono'\nconst app = new Hono()\napp.get('/', home)\nfunction home(c) { return c.text(c.env.KEY) }\n\
             export default app",
            "KEY@4",
        ),
        (
            "import { Hono } from 'hono'\nimport { cors } from 'hono/cors'\nconst app = new Hono()\n\
             const routes = { home: (c) => c.env.KEY }\napp.get('/', routes.home)\n\
             app.use(cors({ origin: (from, c) => c.env.ORIGIN }))\nexport default app",
            "KEY@4 ORIGIN@6",
        ),
        ("type Where = { env: Env }\nconst key = (where: Where) => where.env.KEY", "KEY@2"),
        ("interface Where { env: Env; path: string }\nconst key = ({ env }: Where) => env.KEY", "KEY@2"),
        ("const key = ({ env }: { env: Env }) => env.KEY", "KEY@1"),
    ]);
}

#[test]
fn types_say_what_an_environment_is() {
    check(&[
        ("interface Mine extends Env { x: 1 }\nconst f = (bag: Mine) => bag.KEY", "KEY@2"),
        ("type Mine = Env & { x: 1 }\nconst f = (bag: Mine | undefined) => bag?.KEY", "KEY@2"),
        ("const f = (bag: Pick<Env, 'KEY'>) => bag.KEY", "KEY@1"),
        ("const f = (bag: Omit<Required<Env>, 'X'>) => bag.KEY", "KEY@1"),
        ("export default { fetch(r, e: Settings) {} }\nconst f = (bag: Settings) => bag.KEY", "KEY@2"),
        ("const worker: ExportedHandler<Settings> = {}\nfunction f(bag: Settings) { return bag.KEY }", "KEY@2"),
        ("const f = (env: any) => env.KEY", "KEY@1"),
    ]);
}

#[test]
fn process_env_counts_where_the_runtime_fills_it() {
    let table = [
        ("export default { fetch() { return process.env.KEY } }", "KEY@1"),
        ("const key = process.env['KEY']", "KEY@1"),
        ("const { KEY, OTHER: o } = process.env", "KEY@1 OTHER@1"),
        ("const { env } = process\nenv.KEY", "KEY@2"),
        ("import process from 'node:process'\nprocess.env.KEY", "KEY@2"),
        ("import * as process from 'node:process'\nprocess.env.KEY", "KEY@2"),
        ("import { env as e } from 'node:process'\ne.KEY", "KEY@2"),
        ("globalThis.process.env.KEY", "KEY@1"),
        ("process.env.NODE_ENV === 'production'; process.env.NODE_ENVOY", "NODE_ENVOY@1"),
        ("process.env[location.hash]", "?1"),
        ("Object.keys(process.env)", "?1"),
        ("const process = { env: { KEY: 1 } }\nprocess.env.KEY", ""),
        ("process.argv; 'process.env.KEY' // process.env.KEY", ""),
        ("import process from './mine'\nprocess.env.KEY", ""),
    ];
    for (text, expected) in table {
        let (with, without) = (read(&[file(ENTRY, text)], true), read(&[file(ENTRY, text)], false));
        assert_eq!((said(text, &with), said(text, &without)), (expected.to_owned(), String::new()), "{text}");
    }
}
