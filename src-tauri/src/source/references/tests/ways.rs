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
        ("const mail = (env) => ({ env, go() { return this.env.KEY }, self() { return this } })", "KEY@1"),
        (
            "function pick(m) { if (m) { return (b) => b.A }\n return (b) => b.B }\nconst go = (env) => pick(1)(env)",
            "A@1 B@2",
        ),
        (
            "function pick(m) { switch (m) { case 1: return (b) => b.A }\n return null }\nconst go = (env) => pick(1)(env)",
            "A@1",
        ),
        (
            "const pick = (m) => { try { return (b) => b.A } catch { for (;;) return (b) => b.B } }\nconst go = (env) => pick(1)(env)",
            "A@1 B@1",
        ),
        ("function key(b: A): string\nfunction key(b: any) { return b.KEY }\nconst go = (env) => key(env)", "KEY@2"),
        ("function a(env: Env) { return b(env) } function b(env: Env) { return a(env) + env.KEY }", "KEY@1"),
    ]);
}

#[test]
fn what_an_object_holds_deep_inside_is_found_or_said_not_to_be() {
    let deep = "export default { fetch(r, e) {\n const o = { load: () => ({ a: { b: { c: e } } }) }\n return o.load().a.b.c.KEY } }";
    check(&[(deep, "KEY@3")]);
    assert!(!reading(&deep.replace("c: e", "c: { d: { e: e } }")).dynamic.is_empty());
}

#[test]
fn names_that_never_change_are_read() {
    check(&[
        ("export default { fetch(r, env) {\n const n = 'KEY'\n return env[n] } }", "KEY@3"),
        ("const K = { mail: 'KEY' }\nexport default { fetch(r, env) { env[K['mail']] } }", "KEY@2"),
        (
            "const K = { mail: { key: 'A' } }\nK.mail.key = x\nexport default { fetch(r, env) { env[K.mail.key] } }",
            "?3",
        ),
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
        (
            "import { Agent } from 'agents'\nclass A extends Agent<Env> { go() { help(this) } }\nconst help = (a) => a.env.KEY",
            "KEY@3",
        ),
        ("class App { fetch(r, e) { return e.KEY } }\nexport default new App()", "KEY@1"),
        (
            "class App { fetch = async (r, e: Mine) => key(e) }\nconst key = (b: Mine) => b.KEY\nexport default new App()",
            "KEY@2",
        ),
        (
            "export class Room { constructor(private state: DurableObjectState, private b: Mine) {} f() { return this.b.KEY } }",
            "KEY@1",
        ),
        ("export class Room { constructor(room, private b) {} f() { return this.b.KEY } }", ""),
        (
            "import { Agent } from 'agents'\nclass Mine extends Agent { f() { return (this as any).env.A + this['env'].B } }",
            "A@2 B@2",
        ),
        ("class Api { static key(b) { return b.KEY } }\nexport default { fetch(r, env) { Api.key(env) } }", "KEY@1"),
        ("class Api { #key(b) { return b.KEY } go(env) { this.#key(env) } }", "KEY@1"),
        ("class Api { key = (b) => b.KEY; go(env) { this.key(env) } }", "KEY@1"),
        (
            "class Base { key(b) { return b.KEY } }\nclass Api extends Base { go(env) { this.key(env) + super.key(env) } }",
            "KEY@1",
        ),
        ("class Api { key(b: A): string; key(b: any) { return b.KEY } go(env) { this.key(env) } }", "KEY@1"),
        (
            "import { DurableObject } from 'cloudflare:workers'\n\
             class Room extends DurableObject { mail = new Mail(this); f() { this.env.A } }\n\
             class Mail { constructor(private room) {} f() { return this.room.env.B } }",
            "A@2 B@3",
        ),
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
fn types_say_what_an_environment_is() {
    check(&[
        ("type C = { cloudflare: { env: Env } }\nconst load = (c: C) => c.cloudflare.env.KEY", "KEY@2"),
        ("type AppEnv = { Bindings: { KEY: string } }\nconst key = (b: AppEnv['Bindings']) => b.KEY", "KEY@2"),
        ("interface Mine extends Env { x: 1 }\nconst f = (bag: Mine) => bag.KEY", "KEY@2"),
        ("type Mine = Env & { x: 1 }\nconst f = (bag: Mine | undefined) => bag?.KEY", "KEY@2"),
        ("const f = (bag: Pick<Env, 'KEY'>) => bag.KEY", "KEY@1"),
        ("const f = (bag: Omit<Required<Env>, 'X'>) => bag.KEY", "KEY@1"),
        ("export default { fetch(r, e: Settings) {} }\nconst f = (bag: Settings) => bag.KEY", "KEY@2"),
        ("const worker: ExportedHandler<Settings> = {}\nfunction f(bag: Settings) { return bag.KEY }", "KEY@2"),
        ("const f = (env: any) => env.KEY", "KEY@1"),
        ("import type { Env as Settings } from './types'\nconst f = (bag: Settings) => bag.KEY", "KEY@2"),
        (
            "import type * as T from './t'\nexport default { fetch(r, e: T.S) {} }\nconst f = (bag: T.S) => bag.KEY",
            "KEY@3",
        ),
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
