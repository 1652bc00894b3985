//! An environment on its way through names, members, functions and promises.

use super::*;

#[test]
fn an_environment_is_followed_through_names_and_members() {
    check(&[
        ("export default { fetch(r, env) { let e; e = env; return e.KEY } }", "KEY@1"),
        ("let kept\nexport default { fetch(r, env) { kept = env } }\nconst key = () => kept.KEY", "KEY@3"),
        ("let kept\nexport default { fetch(r, env) { kept ??= env\n kept.KEY } }", "KEY@3"),
        ("export default { fetch(r, env) { let a, b; a = b = env; return a.KEY + b.OTHER } }", "KEY@1 OTHER@1"),
        ("export default { fetch(r, env) { let KEY; ({ KEY } = env) } }", "KEY@1"),
        ("export default { fetch(r, env) { let k; ({ KEY: k = 1 } = env) } }", "KEY@1"),
        ("export default { fetch(r, env) { const all = { env }; return all.env.KEY } }", "KEY@1"),
        ("export default { fetch(r, env) { const all = { bag: env, r }\n const { bag } = all; bag.KEY } }", "KEY@2"),
        ("export default { fetch(r, env) { const all = {}; all.e = env; all.e.KEY } }", "KEY@1"),
        ("export default { fetch(r, env) { const a = { env }; const b = { ...a }; b.env.KEY } }", "KEY@1"),
        ("export default { fetch(r, env) { return (env ?? {}).KEY } }", "KEY@1"),
        ("export default { fetch(r, env) { return env && env.KEY } }", "KEY@1"),
        ("export default { fetch(r, env) { const e = r.url ? env : {}; e.KEY } }", "KEY@1"),
        ("export default { fetch(r, env) { const e = (r, env); e.KEY } }", "KEY@1"),
        ("export default { fetch(r, env) { return env === undefined || !env || env.KEY } }", "KEY@1"),
        ("export default { fetch(r, env) { env.KEY.trim().length } }", "KEY@1"),
        ("export default { fetch(r, env) { env.KEY = 'x'; delete env.OTHER } }", "KEY@1 OTHER@1"),
        ("export default { fetch(r, env) { return env.hasOwnProperty('KEY') } }", ""),
        ("export default { fetch(r, env) { const { A, ...rest } = env; return rest.B } }", "A@1 B@1"),
        ("export default { fetch(r, { A, ...rest }) {} }", "A@1"),
    ]);
}

#[test]
fn an_environment_is_followed_through_functions() {
    check(&[
        ("const get = () => kept\nlet kept\nexport default { fetch(r, env) { kept = env\n get().KEY } }", "KEY@4"),
        ("export default { fetch(r, env) { const get = () => env; return get().KEY } }", "KEY@1"),
        ("export default { fetch(r, env) { function get() { return env }\n return get().KEY } }", "KEY@2"),
        ("export default { async fetch(r, env) { const get = async () => env; return (await get()).KEY } }", "KEY@1"),
        ("export default { fetch(r, env) { const get = async () => env; get().then((e) => e.KEY) } }", "KEY@1"),
        ("export default { fetch(r, env) { return ((e) => e.KEY)(env) } }", "KEY@1"),
        ("export default { fetch(r, env) { return make({ env, r }) } }\nconst make = ({ env: e }) => e.KEY", "KEY@2"),
        ("export default { fetch(r, env) { return make({ env }) } }\nconst make = (all) => all.env.KEY", "KEY@2"),
        ("const tools = { key(bag) { return bag.KEY } }\nexport default { fetch(r, env) { tools.key(env) } }", "KEY@1"),
        ("export default { fetch: handle }\nfunction handle(request, bag) { return bag.KEY }", "KEY@2"),
        ("const fetch = async (r, bag) => bag.KEY\nexport default { fetch }", "KEY@1"),
        (
            "const guard = (handler) => (request, env, ctx) => handler(request, env, ctx)\n\
             export default { fetch: guard(async (r, bag) => bag.KEY) }",
            "KEY@2",
        ),
        ("export default { fetch(r, env, ctx) { ctx.waitUntil(log(env)) } }\nasync function log(e) { e.KEY }", "KEY@2"),
        ("function f(bag = kept) { return bag.KEY }\nlet kept\nexport default { fetch(r, e) { kept = e } }", "KEY@1"),
        ("const f = function (bag) { return bag.KEY }\nexport default { fetch(r, env) { return f(env) } }", "KEY@1"),
        (
            "function a(bag, n) { return n ? a(bag, n - 1) : bag.KEY }\nexport default { fetch(r, env) { a(env, 3) } }",
            "KEY@1",
        ),
    ]);
}

#[test]
fn what_the_runtime_offers_is_an_environment() {
    check(&[
        ("import * as workers from 'cloudflare:workers'\nworkers.env.KEY", "KEY@2"),
        ("const { env } = await import('cloudflare:workers')\nenv.KEY", "KEY@2"),
        ("import { env } from 'cloudflare:workers'\nexport const key = () => env.KEY", "KEY@2"),
        ("import { env } from 'cloudflare:workers'\nlet e; e = env\nexport const { KEY } = e", "KEY@3"),
        ("export default { queue(batch, bag) { bag.KEY }, email(m, b) { b.OTHER } }", "KEY@1 OTHER@1"),
    ]);
}

#[test]
fn what_is_kept_in_something_else_is_followed_there_or_said_not_to_be() {
    check(&[
        // Whoever gave it the request sees the environment there.
        (
            "const keep = (request, env) => { request.env = env }\n\
             export default { fetch(r, env) { keep(r, env); return r.env.KEY } }",
            "?1",
        ),
        (
            "let h = a; if (x) h = b\nfunction a(e) { e.A_KEY }\nfunction b(e) { e.B_KEY }\nexport default { fetch(r, env) { h(env) } }",
            "A_KEY@2 ?4",
        ),
        (
            "const h = (...all) => all[2].KEY\nexport default { fetch(...both) { h(...both) }, queue(b, env) { h(...[b], env) } }",
            "?2",
        ),
        ("export default { fetch(r, env) { return sql`${env}` } }", "?1"),
        ("export default { fetch(r, env) { return go.call({ env }) } }\nfunction go() { return this.env.KEY }", "?1"),
    ]);
}

/// There are as many ways to its `env` as there are ways through itself.
#[test]
fn an_object_that_holds_itself_is_followed_to_an_end() {
    let holds: String = (0..40).map(|at| format!("  o.p{at} = o\n")).collect();
    let text =
        format!("export default {{ fetch(r, env) {{\n  const o = {{ env }}\n{holds}  return o.p1.env.KEY\n}} }}");
    assert_eq!(summary(&text), "KEY@43 ?2");
}

#[test]
fn what_an_object_has_may_stand_in_another_that_is_spread_into_it() {
    let with = |dev: &str| {
        summary(&format!("{dev}\nconst tools = {{ mail: (b) => b.A, ...dev }}\nconst go = (env) => tools.mail(env)"))
    };
    assert_eq!(with("import { dev } from 'elsewhere'"), "A@2 ?3");
    assert_eq!(with("const dev = { mail: (b) => b.DEV }"), "DEV@1");
    assert_eq!(with("const dev = { ...other, more: 1 }"), "A@2 ?3");
    assert_eq!(with("const dev = { more: (b) => b.DEV }"), "A@2");
    check(&[
        (
            "const mail = { send: (b) => b.KEY }\nconst all = { ...mail, x: 1 }\nconst go = (env) => all.send(env)",
            "KEY@1",
        ),
        ("const all = { [name]: (b) => b.B, send: (b) => b.KEY }\nconst go = (env) => all.send(env)", "KEY@1"),
        ("const all = { send: (b) => b.KEY, [name]: (b) => b.B }\nconst go = (env) => all.send(env)", "KEY@1 ?2"),
        ("const all = { get send() { return (b) => b.KEY } }\nconst go = (env) => all.send(env)", "?2"),
        ("export default { get fetch() { return (r, e) => e.KEY } }", "?1"),
    ]);
}

#[test]
fn any_of_the_functions_of_an_object_may_be_called() {
    let routes = "const routes = { '/a': (r, b) => b.A, '/b': (r, b) => b.B }";
    for (rest, expected) in [
        ("const go = (env) => routes[path](1, env)", "A@1 B@1"),
        ("const go = (env) => { const run = routes[path]; return run ? run(1, env) : null }", "A@1 B@1"),
        ("const go = (env) => routes[path]?.(1, env)", "A@1 B@1"),
        ("const go = (env) => routes['/a'](1, env)", "A@1"),
        // One more may be in there.
        ("routes[path] = more\nconst go = (env) => routes[path](1, env)", "?3"),
        ("fill(routes)\nconst go = (env) => routes[path](1, env)", "?3"),
        ("const go = (env) => others[path](1, env)", "?2"),
    ] {
        let text = format!("{routes}\n{rest}");
        assert_eq!(summary(&text), expected, "{text}");
    }
    check(&[
        ("const all = [(b) => b.A, (b) => b.B]\nconst go = (env) => all[at](env)", "A@1 B@1"),
        ("class X { constructor(b) { b.A } }\nconst all = { x: X }\nconst go = (env) => new all[kind](env)", "A@1"),
    ]);
}
