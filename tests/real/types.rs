//! What the real language server knows of the types of a function beside its own code: of Node, of files that are no
//! code, and of a handler that has none.

use postern::language::{Language, Project};
use serde_json::json;

use crate::language::{ID, Page, project, tools};

#[tokio::test(flavor = "multi_thread")]
async fn node_is_known_to_code_that_uses_it_and_what_the_web_has_stays_as_workers_have_it() {
    let folder = tempfile::tempdir().unwrap();
    let language = Language::new(tools());
    let without = project(folder.path(), &["API_KEY"]);
    let code = "import { createHmac } from 'node:crypto'\nimport { Readable } from 'stream'\n\
                const digest: string = createHmac('sha256', process.env.API_KEY).update('a').digest('hex')\n\
                const timer: number = setTimeout(() => {}, 1)\nconst key: string = Buffer.from('a').toString('hex')\n\
                const { webSocket } = await fetch('', { cf: { cacheTtl: 1 } })\n\
                export default [Readable, digest, timer, key, webSocket, Buffer.nothing, process.env.NO_SUCH.length]\n";
    let mut page = Page::open(&language, &without, code).await;
    let errors = page.errors().await;
    assert!(errors[0].starts_with("Cannot find name 'node:crypto'."), "{errors:?}");

    assert!(language.update(ID, &Project { node: true, process_env: true, ..without.clone() }));
    let wrong = [
        "Property 'nothing' does not exist on type 'BufferConstructor'.",
        "'process.env.NO_SUCH' is possibly 'undefined'.",
    ];
    assert_eq!(page.errors().await, wrong);
    assert!(language.update(ID, &without));
    assert_eq!(page.errors().await, errors);
}

#[tokio::test(flavor = "multi_thread")]
async fn text_and_webassembly_are_what_their_import_yields_and_a_file_that_is_not_there_is_missed() {
    let folder = tempfile::tempdir().unwrap();
    let language = Language::new(tools());
    // A function that was never given packages has no folder.
    let mut shown = project(&folder.path().join("7"), &[]);
    shown.files.extend(["page.html", "add.wasm"].map(str::to_owned));
    let code = "import page from './page.html'\nimport add from './add.wasm'\nimport gone from './gone.sql'\n\
                import same from './add.wasm?module'\nexport const all: string[] = [page, gone]\n\
                export const made = new WebAssembly.Instance(add, {})\nexport const wrong: number[] = [page, add, same]\n";
    let mut page = Page::open(&language, &shown, code).await;
    let missing = "Cannot find module './gone.sql' or its corresponding type declarations.";
    let not_a_number = |what: &str| format!("Type '{what}' is not assignable to type 'number'.");
    let wrong = [not_a_number("string"), not_a_number("Module"), not_a_number("Module")];
    assert_eq!(page.errors().await, [&[missing.to_owned()][..], &wrong].concat());

    // It was given another name.
    shown.files[2] = "mail/page.html".to_owned();
    shown.files.push("gone.sql".to_owned());
    assert!(language.update(ID, &shown));
    let missing = "Cannot find module './page.html' or its corresponding type declarations.";
    assert_eq!(page.errors().await, [missing]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_with_jsx_is_imported_like_any_other() {
    let folder = tempfile::tempdir().unwrap();
    let language = Language::new(tools());
    let mut shown = project(folder.path(), &[]);
    shown.files.push("view.tsx".to_owned());
    let code = "import { view } from './view'\nexport const shown: number = view('a')\n";
    let mut page = Page::open(&language, &shown, code).await;
    page.write("view.tsx", "/** @jsxImportSource hono/jsx */\nexport const view = (a: number) => <p>{a}</p>\n");
    let wrong = "Argument of type 'string' is not assignable to parameter of type 'number'.";
    assert_eq!(page.errors().await, [wrong]);
}

/// What the page says behind a handler without types, in `handler.ts`.
const CHECKED: &str = " satisfies ExportedHandler<Env> & Record<string, unknown>";
const HINTED: &str = " satisfies ExportedHandler<Env> | object";

#[tokio::test(flavor = "multi_thread")]
async fn a_handler_without_types_is_completed_and_checked_like_one_with_them() {
    let folder = tempfile::tempdir().unwrap();
    let language = Language::new(tools());
    let code = format!(
        "export default {{\n  async fetch(request, env, ctx) {{\n    ctx.nothing(request.nothing)\n    return env.NO_SUCH + \
         env.API_KEY\n  }},\n  more(of) {{ return of }},\n}}{CHECKED};\n"
    );
    let mut page = Page::open(&language, &project(folder.path(), &["API_KEY"]), &code).await;
    let errors = page.errors().await;
    assert!(errors[0].contains("Type 'Promise<string>' is not assignable to type 'Promise<Response> | Response'"));
    let missing = |name: &str, of: &str| format!("Property '{name}' does not exist on type '{of}'.");
    assert_eq!(errors[1], missing("nothing", "ExecutionContext<unknown>"));
    assert!(errors[2].starts_with("Property 'nothing' does not exist on type 'Request<unknown, Incoming"));
    assert_eq!(errors[3..], [missing("NO_SUCH", "Env")]);
    let after_the_dot = json!({ "position": { "line": 3, "character": 15 } });
    let names = page.ask("textDocument/completion", after_the_dot).await;
    let mut names: Vec<_> = names["items"].as_array().unwrap().iter().map(|item| item["label"].to_string()).collect();
    names.sort();
    assert_eq!(names, ["\"API_KEY\"", "\"REGION\""]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_handler_with_types_of_its_own_is_given_no_error_by_what_is_said_behind_it() {
    let folder = tempfile::tempdir().unwrap();
    let language = Language::new(tools());
    let code = format!(
        "interface Own {{ OLD: string }}\nconst rest = {{ fetch: 1 }}\nconst worker = {{\n  ...rest, no: 3,\n  \
         fetch(request: Request, env: Own): string {{ return env.OLD }},\n  \
         scheduled(event: ScheduledEvent, env, ctx) {{ return env.API_KEY + env.NO_SUCH }},\n}}{HINTED}\nexport default worker\n"
    );
    let mut page = Page::open(&language, &project(folder.path(), &["API_KEY"]), &code).await;
    assert_eq!(page.errors().await, ["Property 'NO_SUCH' does not exist on type 'Env'."]);
}
