//! How it looks where the editor explains, offers and warns: what stands over the code, and beside it.

use super::Looks;
use crate::{
    steps::TELLS_ITS_KEY,
    wait::until,
    window::{Start, Window},
};

/// Two secrets that are not there, a package that is not, and a name that is nowhere.
const AT_FAULT: &str = "import { Hono } from 'hono'

export default {
  fetch(request: Request, env: Env): Response {
    const app = new Hono()
    return new Response(env.FIRST_KEY + env.SECOND_KEY + request.nothing + app)
  },
}
";

#[test]
fn what_the_editor_says_looks_right_in_the_light_theme() {
    what_it_says_looks_right(false);
}

#[test]
fn what_the_editor_says_looks_right_in_the_dark_theme() {
    what_it_says_looks_right(true);
}

#[test]
fn what_the_editor_warns_of_looks_right_in_the_light_theme() {
    what_it_warns_of_looks_right(false);
}

#[test]
fn what_the_editor_warns_of_looks_right_in_the_dark_theme() {
    what_it_warns_of_looks_right(true);
}

fn what_it_says_looks_right(dark: bool) {
    let window = Window::open_with(Start { dark, ..Start::default() });
    let looks = Looks::new(&window, dark);
    window.create_with_code("sync", TELLS_ITS_KEY);
    window.seal("hubspot api key", "a value made up for tests");
    window.button("No problems").wait();

    window.put_caret_behind("Promise<Response> {\n");
    window.type_text("request.");
    window.option("arrayBuffer").wait();
    // The first of the names says what it is.
    window.press_in_completions("Down");
    window.shows(".cm-completionInfo .cm-doc");
    looks.check("completion");
    window.press("Escape");
    window.press("Control+z");

    window.put_caret_behind("new Response(");
    window.type_text("'', ");
    window.press("Escape");
    window.press("Control+Shift+ ");
    window.shows(".cm-signature strong");
    looks.check("signature");
    window.press("Escape");
    window.press("Control+z");

    window.point_at("Promise");
    window.shows(".cm-hover");
    looks.check("hover");
    window.press("Escape");

    window.put_caret_behind("fetch(req");
    window.press("F2");
    let name = window.text_box("New name");
    until("the field has the focus", || name.is_focused());
    window.type_text("1");
    window.press("Enter");
    window.shows(".cm-rename-problem:not(:empty)");
    looks.check("rename");
    window.press("Escape");

    window.put_caret_behind("Request, e");
    window.press("Shift+F12");
    window.option("index.ts:3…").wait();
    looks.check("places");
    window.press("Escape");
    window.put_caret_behind("Promise<Resp");
    window.press("F12");
    // It has two.
    window.option("workers.d.ts…").wait();
    window.press("Enter");
    window.shows(".cm-found .cm-doc-code");
    looks.check("declaration");
    window.press("Escape");
}

fn what_it_warns_of_looks_right(dark: bool) {
    let window = Window::open_with(Start { dark, ..Start::default() });
    let looks = Looks::new(&window, dark);
    window.create_with_code("sync", AT_FAULT);
    window.status("Packages").button("Install").wait();
    until("all of it is marked", || window.marks("error") >= 4);
    window.press("Control+Shift+m");
    window.list("Problems").button("Add secret SECOND_KEY").wait();
    looks.check("install-and-problems");
    window.press("Escape");
    window.press("F8");
    window.shows(".cm-diagnostic");
    looks.check("diagnostic");
    window.press("Escape");
    window.put_caret_behind("env.FIRST");
    window.press("Control+.");
    window.menu_item("Add secret FIRST_KEY").wait();
    looks.check("quick-fixes");
    window.press("Escape");

    // Made up, and put together here so that it stands nowhere in one piece.
    let key = format!("sk_{}_{}", "live", "7Hq2Zr90XwLbN4cVtKyD3m");
    window.write_code("const key = ''\nexport default { fetch: () => new Response(key) }\n");
    window.put_caret_behind("key = '");
    window.paste(&key);
    window.button("Paste as a secret").wait();
    looks.check("paste-guard");
    window.press("Escape");
    window.button("1 warning").wait();
    window.press("F8");
    window.shows(".cm-diagnostic");
    looks.check("credential");
    window.press("Escape");
    window.button("Move a Stripe secret key to a secret").click();
    let dialog = window.dialog("Move to a secret");
    until("the name has the focus", || dialog.text_box("Name of the secret").is_focused());
    looks.check("move-to-secret");
    window.press("Escape");
    dialog.wait_gone();
    window.deploy_in_vain();
    looks.check("stopped-at-a-credential");
    window.button("Deploy anyway…").click();
    window.dialog("Deploy anyway").wait();
    looks.check("deploy-anyway");
    window.press("Escape");
}

impl Window {
    #[track_caller]
    fn shows(&self, selector: &str) {
        // What is cut off by what it stands in is there, and is not to be seen.
        let shown = "
            const element = document.querySelector(arguments[0])
            const { left, top, width, height } = element?.getBoundingClientRect() ?? {}
            return Boolean(element?.contains(document.elementFromPoint(left + width / 2, top + height / 2)))";
        until(&format!("{selector} is shown"), || self.script(shown, vec![selector.into()]).as_bool() == Some(true));
    }
}
