//! TypeScript in the editor: what is offered, what is marked, and that its death costs no key.

use std::time::{Duration, Instant};

use crate::{
    process,
    steps::TELLS_ITS_KEY,
    wait::{becomes, found, until},
    window::Window,
};

const EMPTY: &str = "export default {
  async fetch(request: Request, env: Env): Promise<Response> {
    return new Response()
  },
}
";

/// Types `env.` and takes the secret that is offered.
fn take_the_key(window: &Window) {
    window.type_text("env.");
    window.option("HUBSPOT_API_KEY").wait();
    window.press_in_completions("Enter");
    until("the name is in the code", || window.code().contains("new Response(env.HUBSPOT_API_KEY)"));
}

#[test]
fn a_new_secret_is_offered_after_the_dot_and_enter_takes_it() {
    let window = Window::open();
    window.create_with_code("sync", EMPTY);
    window.seal("hubspot api key", "a value made up for tests");
    window.put_caret_behind("new Response(");
    take_the_key(&window);
    becomes(0, || window.marks("error"));
}

#[test]
fn a_line_turns_red_when_its_secret_is_deleted_and_is_well_when_it_is_created_again() {
    let window = Window::open();
    window.create_with_code("sync", TELLS_ITS_KEY);
    window.seal("hubspot api key", "a value made up for tests");
    window.button("No problems").wait();
    window.button("Delete HUBSPOT_API_KEY").click();
    window.native_dialog();
    window.press_in_dialog("Delete");
    becomes(1, || window.marks("error"));
    window.button("1 error").wait();
    window.seal("hubspot api key", "another value made up for tests");
    becomes(0, || window.marks("error"));
    window.button("No problems").wait();
}

#[test]
fn code_without_types_completes_its_secrets_and_is_checked() {
    let window = Window::open();
    let code = "export default {\n  async fetch(request, env, ctx) {\n    return new Response()\n  },\n};\n";
    window.create_with_code("sync", code);
    window.seal("hubspot api key", "a value made up for tests");
    window.put_caret_behind("new Response(");
    take_the_key(&window);
    window.put_caret_behind("env.HUBSPOT");
    window.type_text("_OLD");
    becomes(1, || window.marks("error"));
    window.press("Control+z");
    becomes(0, || window.marks("error"));
    // What the server sees behind the brace is in no edit.
    window.put_caret_behind("};");
    window.press("Alt+Shift+f");
    window.wait_until_saved();
    becomes(code.replace("()", "(env.HUBSPOT_API_KEY)"), || window.code());
}

#[test]
fn node_is_known_once_the_code_uses_it() {
    let window = Window::open();
    window.create_with_code("sync", EMPTY);
    window.press("Control+Home");
    window.type_text("import { randomBytes } from \"node:crypto\";\n");
    window.put_caret_behind("new Response(");
    window.type_text("randomBytes(8).toS");
    window.option("toString").wait();
    window.press("Escape");
    window.type_text("tring(1)");
    becomes(1, || window.marks("error"));
}

#[test]
fn the_signatures_of_a_call_are_stepped_through() {
    let window = Window::open();
    window.create_with_code("sync", EMPTY);
    window.put_caret_behind("Promise<Response> {\n");
    window.type_text("setTimeout(");
    let count = || {
        let count = "return document.querySelector('.cm-signature-count')?.textContent ?? ''";
        window.script(count, vec![]).as_str().unwrap_or_default().to_owned()
    };
    becomes("↑1/2↓".to_owned(), count);
    let code = window.code();
    window.press("Alt+Down");
    becomes("↑2/2↓".to_owned(), count);
    window.press("Alt+Down");
    becomes("↑1/2↓".to_owned(), count);
    assert_eq!(window.code(), code, "no line is moved");
}

#[test]
fn a_wrong_type_is_marked_as_it_is_typed_and_said_with_its_number() {
    let window = Window::open();
    window.create_with_code("sync", EMPTY);
    window.put_caret_behind("Promise<Response> {\n");
    window.type_text("const count: number = request.url;");
    becomes(1, || window.marks("error"));
    window.press("F8");
    let said = "return document.querySelector('.cm-diagnostic')?.textContent ?? ''";
    let said = found("it is said", || {
        let said = window.script(said, vec![]).as_str().unwrap_or_default().to_owned();
        (!said.is_empty()).then_some(said)
    });
    assert!(said.contains("Type 'string' is not assignable to type 'number'.TypeScript 2322"), "{said}");
}

#[test]
fn a_name_is_renamed_in_place_and_a_secrets_name_is_not() {
    let window = Window::open();
    window.create_with_code("sync", TELLS_ITS_KEY);
    window.seal("hubspot api key", "a value made up for tests");
    window.put_caret_behind("fetch(req");
    window.press("F2");
    let name = window.text_box("New name");
    until("the field has the focus", || name.is_focused());
    assert_eq!(name.value(), "request");
    window.type_text("call\n");
    until("it has its new name", || window.code().contains("fetch(call: Request"));
    until("the code has the focus", || window.text_box("Code").is_focused());
    window.press("Control+z");
    becomes(TELLS_ITS_KEY.to_owned(), || window.code());

    window.put_caret_behind("env.HUB");
    window.press("F2");
    window.status("A secret's name can't change: create the new one.").wait();
    becomes(TELLS_ITS_KEY.to_owned(), || window.code());

    window.put_caret_behind("return");
    window.press("F2");
    window.status("Nothing here can be renamed.").wait();

    // What the request calls its headers is not ours to change.
    window.put_caret_behind("Promise<Response> {\n");
    window.type_text("const { headers } = request; headers.get(\"x\");");
    window.put_caret_behind("const { hea");
    window.press("F2");
    until("the field has the focus", || name.is_focused());
    window.type_text("sent\n");
    until("it is taken out under its new name", || {
        window.code().contains("const { headers: sent } = request; sent.get(")
    });
}

#[test]
fn the_document_is_formatted_by_key_and_by_save_where_that_is_wanted() {
    let window = Window::open();
    let untidy = "export default {\n      async fetch( request:Request ) {\n return new Response( 'x' )\n  },\n}\n";
    let tidy = "export default {\n  async fetch(request: Request) {\n    return new Response('x')\n  },\n}\n";
    window.create_with_code("sync", untidy);
    window.put_caret_behind("Response( 'x");
    window.press("Alt+Shift+f");
    becomes(tidy.to_owned(), || window.code());
    assert_eq!(window.caret_line(), 3);
    window.press("Control+z");
    becomes(untidy.to_owned(), || window.code());
    window.press("Control+s");
    window.wait_until_saved();
    assert_eq!(window.code(), untidy, "nobody asked for it");

    window.press("Control+,");
    let settings = window.dialog("Settings");
    settings.wait();
    window.script("find([['dialog', 'Settings']])[0].querySelector('input[type=checkbox]').click()", vec![]);
    window.press("Escape");
    settings.wait_gone();
    window.text_box("Code").click();
    window.press("Control+s");
    becomes(tidy.to_owned(), || window.code());
    window.wait_until_saved();
}

#[test]
fn imports_are_put_in_order_and_end_as_they_did() {
    let window = Window::open();
    let code =
        |imports: &str| format!("{imports}export default {{ fetch: () => new Response(env.A + randomBytes(1)) }}\n");
    let before =
        code("import { randomBytes, createHash } from 'node:crypto'\nimport { env } from 'cloudflare:workers'\n");
    window.create_with_code("sync", &before);
    window.press("Alt+Shift+o");
    let after = code("import { env } from 'cloudflare:workers'\nimport { randomBytes } from 'node:crypto'\n");
    becomes(after, || window.code());
    window.press("Control+z");
    becomes(before, || window.code());
}

#[test]
fn an_env_that_was_written_by_hand_gives_way_to_the_generated_one_when_asked() {
    let window = Window::open();
    window.create_with_code("sync", &format!("interface Env {{\n  OLD: string\n}}\n\n{TELLS_ITS_KEY}"));
    window.seal("hubspot api key", "a value made up for tests");
    becomes(1, || window.marks("error"));
    window.put_caret_behind("interface E");
    window.press("Control+.");
    window.menu_item("Use the generated Env").click();
    becomes(TELLS_ITS_KEY.to_owned(), || window.code());
    becomes(0, || window.marks("error"));
    window.press("Control+z");
    until("it is back", || window.code().starts_with("interface Env {"));
}

#[test]
fn uses_are_listed_and_declarations_are_shown_and_there_is_a_way_back() {
    let window = Window::open();
    window.create_with_code("sync", TELLS_ITS_KEY);
    window.put_caret_behind("Promise<Resp");
    window.press("F12");
    until("its declaration is shown", || {
        window
            .script("return document.querySelector('.cm-found')?.textContent ?? ''", vec![])
            .to_string()
            .contains("declare var Response")
    });
    window.press("Escape");
    until("the code has the focus", || window.text_box("Code").is_focused());
    window.put_caret_behind("Request, e");
    window.press("Shift+F12");
    window.option("index.ts:2…").wait();
    window.option("index.ts:3…").wait();
    window.press("Down");
    window.press("Enter");
    becomes(3, || window.caret_line());
    // As the system hands it to the page and to the menu.
    window.press_for_real("alt+Left");
    becomes(2, || window.caret_line());
    window.press_for_real("alt+Right");
    becomes(3, || window.caret_line());
}

#[test]
fn a_server_that_is_killed_in_mid_typing_costs_no_key_and_is_back_within_two_seconds() {
    let window = Window::open();
    window.create_with_code("sync", EMPTY);
    window.put_caret_behind("Promise<Response> {\n");
    window.type_text("const a = request.u");
    window.option("url").wait();
    let server = window.language_server().expect("it runs");
    window.type_text("rl; // killed ");
    process::kill(server);
    let killed = Instant::now();
    window.type_text("here, and typed on");
    until("no key is lost", || window.code().contains("const a = request.url; // killed here, and typed on"));
    window.press("Enter");
    window.type_text("a.to");
    window.option("toUpperCase").wait();
    assert!(killed.elapsed() < Duration::from_secs(2), "{:?}", killed.elapsed());
    let started = window.language_server().expect("another one runs");
    assert_ne!(started, server);
    window.press("Escape");
    window.press("Control+a");
    window.press("Delete");
    window.wait_until_saved();
}

#[test]
fn the_server_ends_with_the_window() {
    let mut window = Window::open();
    window.create_function("sync", "HTTP");
    window.put_caret_behind("fetch");
    let server = found("it starts once somebody turns to the code", || window.language_server());
    window.kill();
    until("it is gone", || !process::lives(server));
}

impl Window {
    /// Puts the caret behind a piece of the code, as a click there does.
    #[track_caller]
    pub(crate) fn put_caret_behind(&self, text: &str) {
        let code = self.code();
        let at = code.find(text).expect("it is in the code") + text.len();
        let (lines, last) = (code[..at].matches('\n').count(), code[..at].rsplit('\n').next().unwrap_or_default());
        self.text_box("Code").click();
        self.press("Control+Home");
        (0..lines).for_each(|_| self.press("Down"));
        (0..last.chars().count()).for_each(|_| self.press("Right"));
    }

    /// How many pieces of the code are marked.
    pub(crate) fn marks(&self, severity: &str) -> u64 {
        let marks = format!("return document.querySelectorAll('.cm-lintRange-{severity}').length");
        self.script(&marks, vec![]).as_u64().unwrap_or_default()
    }

    pub(crate) fn language_server(&self) -> Option<u32> {
        process::find(self.program(), "postern-typescript")
    }
}
