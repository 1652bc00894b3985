//! Every way of reaching a secret, and what only looks like one.

use super::*;
use crate::function::ENTRY;

fn reading(text: &str) -> Reading {
    read(&[SourceFile { path: ENTRY.to_owned(), text: text.to_owned() }])
}

/// `KEY@1,2 OTHER@3 ?4`: names with their lines, then the lines where it cannot be told.
fn summary(text: &str) -> String {
    let reading = reading(text);
    assert_eq!(reading.problem, None, "{text}");
    let list = |lines: &[Line]| lines.iter().map(|line| line.line.to_string()).collect::<Vec<_>>().join(",");
    let mut words: Vec<String> =
        reading.references.iter().map(|reference| format!("{}@{}", reference.name, list(&reference.lines))).collect();
    if !reading.dynamic.is_empty() {
        words.push(format!("?{}", list(&reading.dynamic)));
    }
    words.join(" ")
}

fn check(table: &[(&str, &str)]) {
    for (text, expected) in table {
        assert_eq!(summary(text), *expected, "{text}");
    }
}

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
        ("export default wrap({ fetch(r, env) { return env.KEY } })", "KEY@1"),
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
fn what_only_looks_like_a_secret_is_not() {
    check(&[
        ("const text = 'env.KEY' // env.KEY\n/* env.KEY */", ""),
        ("export default { fetch(r, env) { { const env = { KEY: 1 }; env.KEY } } }", ""),
        ("export default { fetch(r, env) { return [1].map((env: number) => env.KEY) } }", ""),
        ("const api = { async fetch(path: string, init: RequestInit) { return init.method } }", ""),
        ("const other = { fetch(r, e) { return e.KEY } }\nexport default {}\nexport { other }", ""),
        ("['a'].map((env) => env.toUpperCase())", ""),
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
    ]);
}

#[test]
fn what_cannot_be_told_is_said_and_never_called_unused() {
    check(&[
        ("export default { fetch(r, env) {\n const n = 'K'\n return env[n] } }", "?3"),
        ("export default { fetch(r, env) { return Object.keys(env) } }", "?1"),
        ("export default { fetch(r, env) { return { ...env } } }", "?1"),
        ("export default { fetch(r, env) { const { KEY, ...rest } = env } }", "KEY@1 ?1"),
        ("export default { fetch(r, { ...all }) {} }", "?1"),
        ("import { go } from 'elsewhere'\nexport default { fetch(r, env) { return go(env) } }", "?2"),
        ("export default { fetch(r, env) { return app.fetch(r, env) } }", "?1"),
        ("let kept\nexport default { fetch(r, env) { kept = env } }", "?2"),
        ("export default { fetch(r, env) { return env } }", "?1"),
        ("export default { fetch(r, env) { const { [r.url]: x } = env } }", "?1"),
        ("function f(a, ...rest) {}\nexport default { fetch(r, env) { f(1, env) } }", "?2"),
        ("export default { fetch(r, env) { new Client(env) } }", "?1"),
    ]);
}

#[test]
fn the_trigger_is_read_from_the_default_export() {
    let table = [
        ("export default { fetch() {} }", (true, false)),
        ("export default { async scheduled() {} }", (false, true)),
        ("export default { fetch: () => {}, 'scheduled': () => {} } satisfies ExportedHandler", (true, true)),
        ("const worker = { fetch() {} } as const\nexport default worker", (true, false)),
        ("export default class extends WorkerEntrypoint { async fetch() {} }", (true, false)),
        ("const worker = { scheduled() {} }\nexport { worker as default }", (false, true)),
        ("class Worker { fetch() {} }\nexport { Worker as default }", (true, false)),
        ("const Worker = class { scheduled() {} }\nexport default Worker", (false, true)),
        ("const app = new Router()\nexport default app", (true, false)),
        ("import app from 'elsewhere'\nexport { app as default, other }; const other = 1", (true, false)),
        ("const worker = { fetch() {} }\nexport { worker }", (false, false)),
        ("export const fetch = () => {}", (false, false)),
        ("export default { helper() {} }", (false, false)),
    ];
    for (text, (http, scheduled)) in table {
        assert_eq!(reading(text).trigger, Some(Trigger { http, scheduled }), "{text}");
    }
}

#[test]
fn code_that_does_not_parse_has_a_problem_and_no_trigger() {
    let broken = reading("export default { fetch(r, env) { return env. } }");
    assert_eq!(broken.trigger, None);
    assert_eq!(broken.problem.map(|problem| problem.position.line), Some(1));
}

#[test]
fn every_file_of_a_function_is_read_and_only_the_entry_has_handlers() {
    let file = |path: &str, text: &str| SourceFile { path: path.to_owned(), text: text.to_owned() };
    let files = [
        file("a.ts", "export const a = (env: Env) => env.SHARED_KEY + env.A_KEY\nexport default { scheduled() {} }"),
        file("data.json", "{ \"env\": \"env.NOT_CODE\" }"),
        file("index.ts", "export default {\n fetch(r, env) { return env.SHARED_KEY } }"),
        file("z.mjs", "export const z = (env) => env[location]"),
    ];
    let reading = read(&files);
    let uses: Vec<String> = reading
        .references
        .iter()
        .map(|reference| {
            let lines: Vec<String> = reference.lines.iter().map(Line::to_string).collect();
            format!("{} {}", reference.name, lines.join(" "))
        })
        .collect();
    assert_eq!(uses, ["A_KEY a.ts:1", "SHARED_KEY index.ts:2 a.ts:1"]);
    assert_eq!(reading.dynamic, [Line { file: "z.mjs".to_owned(), line: 1 }]);
    assert_eq!(reading.trigger, Some(Trigger { http: true, scheduled: false }));

    let broken = [file("index.ts", "export default { fetch() {} }"), file("lib/a.ts", "\nconst = 1")];
    let reading = read(&broken);
    let position = reading.problem.expect("a problem").position;
    assert_eq!((position.file.as_str(), position.line), ("lib/a.ts", 2));
    assert!(reading.trigger.is_some_and(|trigger| trigger.http), "the entry parses");
}
