//! An environment on its way through the files of a function.

use super::*;

/// `index.ts` and other files, and what is used in which of them.
fn across(files: &[(&str, &str)]) -> String {
    let files: Vec<SourceFile> = files.iter().map(|(path, text)| file(path, text)).collect();
    let reading = read(&files, false);
    assert_eq!(reading.problem, None, "{files:?}");
    let used = reading
        .references
        .iter()
        .flat_map(|reference| reference.lines.iter().map(|line| format!("{}@{}", reference.name, line)));
    let dynamic = reading.dynamic.iter().map(|line| format!("?{line}"));
    used.chain(dynamic).collect::<Vec<_>>().join(" ")
}

#[test]
fn helpers_in_other_files_are_followed() {
    let entry =
        |import: &str, call: &str| format!("import {import}\nexport default {{ fetch(r, env) {{ return {call} }} }}");
    let table = [
        ("{ key } from './key'", "key(env)", "key.ts", "export const key = (bag) => bag.KEY"),
        ("{ key } from './key.ts'", "key(env)", "key.ts", "export function key(bag) { return bag.KEY }"),
        ("{ key } from './key.js'", "key(env)", "key.ts", "function key(bag) { return bag.KEY } export { key }"),
        ("{ a as b } from './lib/key'", "b(env)", "lib/key.ts", "const k = (bag) => bag.KEY; export { k as a }"),
        ("key from './lib'", "key(env)", "lib/index.ts", "export default (bag) => bag.KEY"),
        ("key from './key'", "key(env)", "key.mjs", "export default function (bag) { return bag.KEY }"),
        ("key from './key'", "key(env)", "key.ts", "export default function named(bag) { return bag.KEY }"),
        ("* as lib from './key'", "lib.key(env)", "key.ts", "export const key = (bag) => bag.KEY"),
        ("{ Mail } from './mail'", "new Mail(env)", "mail.ts", "export class Mail { constructor(b) { b.KEY } }"),
        (
            "{ Mail } from './mail'",
            "new Mail(env).go()",
            "mail.ts",
            "export class Mail { constructor(private b) {} go() { this.b.KEY } }",
        ),
        ("{ tools } from './key'", "tools.key(env)", "key.ts", "export const tools = { key: (bag) => bag.KEY }"),
    ];
    for (import, call, path, text) in table {
        let entry = entry(import, call);
        assert_eq!(across(&[("index.ts", &entry), (path, text)]), format!("KEY@{path}:1"), "{import} {text}");
    }
}

#[test]
fn what_one_file_exports_is_followed_into_others() {
    let table: [(&[(&str, &str)], &str); 17] = [
        (
            &[
                ("index.ts", "import { K } from './k'\nexport default { fetch(r, env) { return env[K.Mail] } }"),
                ("k.ts", "export enum K { Mail = 'KEY' }"),
            ],
            "KEY@index.ts:2",
        ),
        (
            &[
                ("index.ts", "import * as k from './k'\nexport default { fetch(r, env) { return env[k.MAIL] } }"),
                ("k.ts", "export const MAIL = 'KEY'"),
            ],
            "KEY@index.ts:2",
        ),
        (
            &[
                ("index.ts", "import { kept } from './kept'\nexport default { fetch() { return kept.KEY } }"),
                ("kept.ts", "export { env as kept } from 'cloudflare:workers'"),
            ],
            "KEY@index.ts:2",
        ),
        (
            &[
                ("index.ts", "import { kept } from './kept'\nkept.KEY\nexport default {}"),
                ("kept.ts", "import { env } from 'cloudflare:workers'\nexport const kept = env"),
            ],
            "KEY@index.ts:2",
        ),
        (
            &[
                ("index.ts", "import { set } from './kept'\nexport default { fetch(r, env) { set(env) } }"),
                ("kept.ts", "export let kept; export const set = (e) => { kept = e }"),
                ("use.ts", "import { kept } from './kept'\nkept.KEY"),
            ],
            "KEY@use.ts:2",
        ),
        (
            &[
                ("index.ts", "import { key } from './all'\nexport default { fetch(r, env) { return key(env) } }"),
                ("all.ts", "export * from './key'"),
                ("key.ts", "export const key = (bag) => bag.KEY"),
            ],
            "KEY@key.ts:1",
        ),
        (
            &[
                ("index.ts", "import worker from './worker'\nexport default worker"),
                ("worker.ts", "export default { fetch(r, bag) { return bag.KEY } }"),
            ],
            "KEY@worker.ts:1",
        ),
        (
            &[
                ("index.ts", "export { default } from './worker'"),
                ("worker.ts", "export default { fetch(r, bag) { return bag.KEY } }"),
            ],
            "KEY@worker.ts:1",
        ),
        (
            &[
                ("index.ts", "import { handle } from './handle'\nexport default { fetch: handle }"),
                ("handle.ts", "export const handle = async (r, bag) => bag.KEY"),
            ],
            "KEY@handle.ts:1",
        ),
        (
            &[
                (
                    "index.ts",
                    "import { Hono } from 'hono'\nimport { api } from './api'\n\
                  const app = new Hono().route('/', api)\nexport default app",
                ),
                (
                    "api.ts",
                    "import { Hono } from 'hono'\nexport const api = new Hono()\napi.get('/', (c) => c.env.KEY)",
                ),
            ],
            "KEY@api.ts:3",
        ),
        (
            &[
                ("index.ts", "import { NAME } from './names'\nexport default { fetch(r, env) { env[NAME] } }"),
                ("names.ts", "export const NAME = 'KEY'"),
            ],
            "KEY@index.ts:2",
        ),
        (
            &[
                ("index.ts", "import { env } from './kept'\nenv.KEY\nexport default {}"),
                ("kept.ts", "import * as workers from 'cloudflare:workers'\nexport const { env } = workers"),
            ],
            "KEY@index.ts:2",
        ),
        (
            &[
                ("index.ts", "import { env } from './kept'\nenv.KEY\nexport default {}"),
                ("kept.ts", "export * from 'cloudflare:workers'"),
            ],
            "KEY@index.ts:2",
        ),
        (
            &[
                ("index.ts", "import { env } from './kept'\nenv.KEY\nexport default {}"),
                ("kept.ts", "export * from 'cloudflare:workers'\nexport * from './own'"),
                ("own.ts", "export const env = { KEY: 1 }"),
            ],
            "",
        ),
        (
            &[
                (
                    "index.ts",
                    "export default { async fetch(r, env) { const { key } = await import('./key'); return key(env) } }",
                ),
                ("key.ts", "export const key = (bag) => bag.KEY"),
            ],
            "KEY@key.ts:1",
        ),
        // One that is put in from elsewhere may be called as well.
        (
            &[
                ("index.ts", "import { all } from './all'\nexport default { fetch(r, env) { all[r.url](env) } }"),
                ("all.ts", "export const all = { a: (bag) => bag.KEY }"),
                ("more.ts", "import { all } from './all'\nall.b = (bag) => bag.B"),
            ],
            "?index.ts:2",
        ),
        (
            &[
                ("index.ts", "import * as all from './kept'\nall.kept.KEY\nexport default {}"),
                ("kept.ts", "import { env } from 'cloudflare:workers'\nexport const kept = env"),
            ],
            "KEY@index.ts:2",
        ),
    ];
    for (files, expected) in table {
        assert_eq!(across(files), expected, "{files:?}");
    }
}

#[test]
fn what_another_file_makes_of_it_cannot_be_told_either() {
    let entry = "import { go } from './go'\nexport default { fetch(r, env) { return go(env) } }";
    let table = [
        ("go.ts", "export const go = (bag) => Object.keys(bag)", "?go.ts:1"),
        ("gone.ts", "", "?index.ts:2"),
        ("go.ts", "import { other } from 'elsewhere'\nexport const go = (bag) => other(bag)", "?go.ts:2"),
        ("go.ts", "export const go = () => 1", ""),
        ("go.ts", "const bag = { KEY: 1 }; export const go = () => bag.KEY", ""),
    ];
    for (path, text, expected) in table {
        assert_eq!(across(&[("index.ts", entry), (path, text)]), expected, "{text}");
    }
}

#[test]
fn every_file_of_a_function_is_read_and_only_the_entry_has_handlers() {
    let files = [
        file("a.ts", "export const a = (env: Env) => env.SHARED_KEY + env.A_KEY\nexport default { scheduled() {} }"),
        file("data.json", "{ \"env\": \"env.NOT_CODE\" }"),
        file("index.ts", "export default {\n fetch(r, env) { return env.SHARED_KEY } }"),
        file("z.mjs", "export const z = (env) => env[location]"),
    ];
    let reading = read(&files, false);
    let uses: Vec<String> = reading
        .references
        .iter()
        .map(|reference| {
            let lines: Vec<String> = reference.lines.iter().map(Line::to_string).collect();
            format!("{} {}", reference.name, lines.join(" "))
        })
        .collect();
    assert_eq!(uses, ["A_KEY a.ts:1", "SHARED_KEY index.ts:2 a.ts:1"]);
    assert_eq!(reading.dynamic.iter().map(Line::to_string).collect::<Vec<_>>(), ["z.mjs:1"]);
    assert_eq!(reading.trigger, Some(Trigger { http: true, scheduled: false }));

    let elsewhere = |entry: &str| {
        let worker = file("worker.ts", "export default { fetch() {}, scheduled() {} }");
        read(&[file("index.ts", entry), worker], false).trigger
    };
    for entry in ["export { default } from './worker'", "import worker from './worker'\nexport default worker"] {
        assert_eq!(elsewhere(entry), Some(Trigger { http: true, scheduled: true }), "{entry}");
    }

    let broken = [file("index.ts", "export default { fetch() {} }"), file("lib/a.ts", "\nconst = 1")];
    let reading = read(&broken, false);
    let position = reading.problem.expect("a problem").position;
    assert_eq!((position.file.as_str(), position.line), ("lib/a.ts", 2));
    assert!(reading.trigger.is_some_and(|trigger| trigger.http), "the entry parses");
    assert_eq!(reading.unread, ["lib/a.ts"]);
    let broken = [file("index.ts", "export default { fetch() {"), file("lib/a.ts", "export const a = 1")];
    assert_eq!(read(&broken, false).unread, ["index.ts", "lib/a.ts"], "the entry hands on what the others use");
}

#[test]
fn what_is_kept_in_an_object_of_another_file_is_followed_there() {
    let files = [
        file(
            "index.ts",
            "import { ctx } from './state'\nimport { key } from './key'\n\
                          export default { fetch(r, env) { ctx.env = env; return key() } }",
        ),
        file("state.ts", "export const ctx: { env?: Env } = {}"),
        file("key.ts", "import { ctx } from './state'\nexport const key = () => ctx.env.KEY"),
    ];
    let reading = read(&files, false);
    let [key] = &reading.references[..] else { panic!("one name: {:?}", reading.references) };
    assert_eq!((key.name.as_str(), key.lines[0].to_string().as_str()), ("KEY", "key.ts:2"));
}

#[test]
fn what_jsx_is_compiled_to_is_imported() {
    let packages = |view: &str| -> Vec<String> {
        let entry = file(ENTRY, "import { view } from './view'\nexport default {}");
        let reading = read(&[entry, file("view.tsx", view)], false);
        assert_eq!(reading.problem, None);
        reading.packages.iter().map(|package| format!("{}@{}", package.name, package.lines[0])).collect()
    };
    assert_eq!(packages("export const view = (\n  <a href=\"/\">x</a>)"), ["react@view.tsx:2"]);
    assert_eq!(packages("/** @jsxImportSource hono/jsx */\nexport const view = <>x</>"), ["hono@view.tsx:2"]);
    let none: [&str; 0] = [];
    assert_eq!(packages("export const view = '</a>' as const"), none);
    assert_eq!(packages("/** @jsxRuntime classic */\n/** @jsx h */\nexport const view = <a />"), none);
    assert_eq!(packages("// see @jsxImportSource elsewhere\nexport const view = <a />"), ["react@view.tsx:2"]);
}

#[test]
fn a_list_of_routes_is_read_though_somebody_else_gets_hold_of_it() {
    let entry = "import { Hono } from 'hono'\nimport { routes } from './routes'\nconst app = new Hono()\n\
                 for (const { path, run } of routes) app.get(path, run)\nconsole.log(JSON.stringify(routes))\nexport default app";
    let routes = "export const routes = [{ path: '/', run: (c) => c.text(c.env.KEY) }]";
    assert_eq!(across(&[("index.ts", entry), ("routes.ts", routes)]), "KEY@routes.ts:1");
}

#[test]
fn a_type_is_followed_through_files_that_hand_it_on() {
    let types = "import type { Handler } from 'hono'\nexport type { Handler }";
    let home = "import type { Handler } from './types'\nexport const home: Handler = (c) => c.env.KEY";
    let files =
        [("index.ts", "import { home } from './home'\nexport default {}"), ("home.ts", home), ("types.ts", types)];
    assert_eq!(across(&files), "KEY@home.ts:2");
}
