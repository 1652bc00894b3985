//! Every way of reaching a secret, and what only looks like one.

mod classes;
mod files;
mod flows;
mod given;
mod lookalikes;
mod names;
mod routers;
mod typed;
mod ways;

use super::*;
use crate::function::ENTRY;

fn file(path: &str, text: &str) -> SourceFile {
    SourceFile { path: path.to_owned(), text: text.to_owned() }
}

fn reading(text: &str) -> Reading {
    read(&[file(ENTRY, text)], false)
}

/// `KEY@1,2 OTHER@3 ?4`: names with their lines, then the lines where it cannot be told.
fn summary(text: &str) -> String {
    said(text, &reading(text))
}

fn said(text: &str, reading: &Reading) -> String {
    assert_eq!(reading.problem, None, "{text}");
    let list = |lines: &[Line]| {
        let mut lines: Vec<String> = lines.iter().map(|line| line.line.to_string()).collect();
        lines.dedup();
        lines.join(",")
    };
    let mut words: Vec<String> =
        reading.references.iter().map(|reference| format!("{}@{}", reference.name, list(&reference.lines))).collect();
    if !reading.dynamic.is_empty() {
        words.push(format!("?{}", list(&reading.dynamic)));
    }
    words.join(" ")
}

/// All rows at once, so that one look shows every row that differs.
fn check(table: &[(&str, &str)]) {
    let wrong: Vec<String> = table
        .iter()
        .map(|(text, expected)| (summary(text), text, expected))
        .filter(|(said, _, expected)| said != *expected)
        .map(|(said, text, expected)| format!("{text}\n  said     {said}\n  expected {expected}"))
        .collect();
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
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
        ("class Base { scheduled() {} }\nexport default class extends Base {}", (false, true)),
        ("class App { scheduled() {} }\nexport default new App()", (true, true)),
        ("const Worker = class { scheduled() {} }\nexport default Worker", (false, true)),
        ("const app = new Router()\nexport default app", (true, false)),
        ("import app from 'elsewhere'\nexport { app as default, other }; const other = 1", (true, false)),
        (
            "import { wrap } from 'elsewhere'\nexport default wrap({}, { fetch() {}, async scheduled() {} })",
            (true, true),
        ),
        ("import { wrap } from 'elsewhere'\nconst on = { scheduled() {} }\nexport default wrap(on)", (true, true)),
        ("import { wrap } from 'elsewhere'\nexport default wrap({ fetch() {} }) // scheduled", (true, false)),
        ("import { wrap } from 'elsewhere'\nfunction scheduled() {}\nexport default wrap({ scheduled })", (true, true)),
        ("import { wrap } from 'elsewhere'\nexport default wrap({ fetch: () => ({ scheduled: 1 }) })", (true, false)),
        ("const worker = { fetch() {} }\nexport { worker }", (false, false)),
        ("export const fetch = () => {}", (false, false)),
        ("export default { helper() {} }", (false, false)),
        ("const wrap = (app) => ({ ...app, queue() {} })\nexport default wrap({ fetch() {} })", (true, false)),
        ("export default function () {}", (false, false)),
    ];
    for (text, (http, scheduled)) in table {
        assert_eq!(reading(text).trigger, Some(Trigger { http, scheduled }), "{text}");
    }
}

#[test]
fn schedules_surely_run_nothing_where_every_handler_is_written_here_and_none_is_for_them() {
    let table = [
        ("export default { fetch() {} }", true),
        ("export default class extends WorkerEntrypoint { fetch() {} }", true),
        ("export default { fetch() {}, scheduled() {} }", false),
        ("const app = { fetch() {} }\napp.scheduled = () => {}\nexport default app", false),
        ("export default { fetch() {}, [handler()]: run }", false),
        ("import { Base } from 'base'\nexport default class extends Base {}", false),
        ("export { default } from 'elsewhere'", false),
        ("export default { fetch() {}, ...others }", false),
        ("import { wrap } from 'watcher'\nexport default wrap({ fetch() {}, scheduled() {} })", false),
        ("import { Hono } from 'hono'\nexport default new Hono()", false),
        ("export default { fetch() { return env. } }", false),
    ];
    for (text, unscheduled) in table {
        assert_eq!(reading(text).unscheduled, unscheduled, "{text}");
    }
}

#[test]
fn a_member_is_declared_as_a_binding_where_its_type_is_one_of_the_runtime_and_nothing_else() {
    let table = [
        ("interface Env { CACHE: KVNamespace }", Some("KVNamespace")),
        ("type Env = { CACHE?: Queue<string> | undefined }", Some("Queue")),
        (
            "import type { R2Bucket } from '@cloudflare/workers-types'\ninterface Env { CACHE: R2Bucket }",
            Some("R2Bucket"),
        ),
        ("interface Env { CACHE: string }", None),
        ("interface Env { CACHE: Fetcher | string }", None),
        ("interface Env { CACHE: Service }\ntype Service = string", None),
        ("import type { Queue } from './queue'\ninterface Env { CACHE: Queue }", None),
        ("interface Options { CACHE: Queue }\ninterface Env { CACHE: string }", None),
    ];
    for (text, binding) in table {
        let used = format!("{text}\nexport default {{ fetch(r, env) {{ env.CACHE }} }}");
        assert_eq!(reading(&used).bindings.get("CACHE").map(String::as_str), binding, "{text}");
    }
}

#[test]
fn code_that_does_not_parse_has_a_problem_and_no_trigger() {
    let broken = reading("export default { fetch(r, env) { return env. } }");
    assert_eq!(broken.trigger, None);
    assert_eq!(broken.problem.map(|problem| problem.position.line), Some(1));
    assert_eq!(broken.unread, [ENTRY]);
    // Here all of it is read, although it does not compile.
    let twice = reading("export default { fetch(r, env) { const a = env.KEY; const a = 1 } }");
    assert!(twice.problem.is_some() && twice.unread.is_empty());
    assert_eq!(twice.references.len(), 1);
}

#[test]
fn each_use_is_told_with_the_columns_where_its_name_stands() {
    let text =
        "export default { fetch(é, env) {\n  const { KEY: k, [é]: xy } = env; return `🙂${env['OTHER_KEY']}`\n} }";
    let reading = reading(text);
    let line = |column, end| Line { file: ENTRY.to_owned(), line: 2, column, end };
    let at = |name: &str| &reading.references.iter().find(|each| each.name == name).expect("a reference").lines;
    assert_eq!(at("KEY"), &[line(11, 14)]);
    assert_eq!(at("OTHER_KEY"), &[line(52, 63)]);
    assert_eq!(reading.dynamic, [line(19, 26)]);
}

#[test]
fn code_that_is_cut_anywhere_or_goes_round_in_circles_is_read_to_its_end() {
    let source = "import { Hono } from 'hono'\nclass A extends B { #e = this.env; constructor(private x: Env) { super(x) } }\n\
                  class B extends A {}\nconst f = (a = f) => g(a), g = ({ env, ...b }) => f(env[b[`é${f}`]]);\n\
                  export default { async fetch(r, env) { for (const n of ['A']) await f(env[n]); ({ K: env } = env) } }";
    for end in (0..=source.len()).filter(|end| source.is_char_boundary(*end)) {
        let _ = reading(&source[..end]);
    }
    // Each function hands on what each before it was given, ten times over.
    let mut many = "export default { fetch(r, env) { f0(env, r.url) } }\n".to_owned();
    for at in 0..12 {
        let calls = format!("f{}(a, b); ", at + 1).repeat(10);
        many.push_str(&format!("function f{at}(a, b) {{ a[b]; b(a); {calls}}}\n"));
    }
    assert!(!reading(&many).dynamic.is_empty());
}

#[test]
fn names_that_the_code_declares_as_bindings_of_the_runtime_are_told_apart() {
    let handler = "export default { fetch(r, env: Env) { env.CACHE; env.COUNTER; env.API_KEY; env.PLACE } }";
    let types = "export interface Env {
  CACHE?: KVNamespace | undefined; COUNTER: (DurableObjectNamespace<Counter>); API_KEY: string; UNUSED: R2Bucket
}
declare namespace Cloudflare { interface Env { PLACE: Cloudflare.D1Database } }";
    let files = [file(ENTRY, &format!("import type {{ Env }} from './types'\n{handler}")), file("types.ts", types)];
    let bindings = read(&files, false).bindings;
    let told: Vec<_> = bindings.iter().map(|(name, kind)| format!("{name}: {kind}")).collect();
    assert_eq!(told, ["CACHE: KVNamespace", "COUNTER: DurableObjectNamespace", "PLACE: D1Database"]);
}

#[test]
fn what_goes_on_past_its_line_ends_with_it() {
    let reading = reading("export default { fetch(r, env) { return go(\n  (\n  env)) } }");
    assert_eq!(reading.dynamic, [Line { file: ENTRY.to_owned(), line: 2, column: 3, end: 4 }]);
}
