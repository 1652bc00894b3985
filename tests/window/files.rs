//! Several files in one function: made, walked, renamed and deleted.

use crate::{
    wait::{becomes, until},
    window::Window,
};

const ENTRY: &str = "import { key } from './lib/key'
export default {
  async fetch(request: Request, env: Env): Promise<Response> {
    return new Response(key(env))
  },
}
";

#[test]
fn a_function_of_two_files_is_written_walked_by_key_and_there_after_a_kill() {
    let mut window = Window::open();
    window.create_with_code("two", ENTRY);
    assert!(!window.tab("index.ts").is_shown(), "one file needs no tabs");

    window.choose("New file");
    window.text_box("Name of the new file").type_text("lib/key\n");
    window.tab("lib/key.ts").wait();
    until("the code has the focus", || window.text_box("Code").is_focused());
    assert_eq!(window.code(), "");
    window.type_text("export const key = (env: Env) => env.API_KEY");
    window.wait_until_saved();
    window.tab("lib/key.ts, 1 problem").wait();

    window.press("Control+PageUp");
    becomes(ENTRY.to_owned(), || window.code());
    window.button("Go to lib/key.ts line 1").click();
    becomes("export const key = (env: Env) => env.API_KEY".to_owned(), || window.code());

    window.kill();
    window.start();
    // A kill may come before it is remembered which one was shown.
    window.tab("index.ts").click();
    becomes(ENTRY.to_owned(), || window.code());
    window.press("Control+PageDown");
    becomes("export const key = (env: Env) => env.API_KEY".to_owned(), || window.code());
}

#[test]
fn a_file_is_renamed_in_its_tab_with_what_imports_it_and_deleted_after_a_native_question() {
    let window = Window::open();
    window.create_with_code("two", ENTRY);
    window.choose("New file");
    window.text_box("Name of the new file").type_text("lib/key\n");
    window.tab("lib/key.ts").wait();

    window.button("File menu").click();
    window.menu_item("Rename…").click();
    window.text_box("File name").wait();
    window.type_text("secret\n");
    window.tab("lib/secret.ts").wait();
    window.press("Control+PageUp");
    becomes(ENTRY.replace("lib/key", "lib/secret"), || window.code());
    window.press("Control+z");
    becomes(ENTRY.to_owned(), || window.code());
    window.press("Control+PageDown");

    window.button("File menu").click();
    window.menu_item("Delete…").click();
    assert!(window.native_dialog().text().contains("Delete lib/secret.ts?"));
    window.press_in_dialog("Cancel");
    window.tab("lib/secret.ts").wait();
    window.button("File menu").click();
    window.menu_item("Delete…").click();
    window.native_dialog();
    window.press_in_dialog("Delete");
    window.tab("lib/secret.ts").wait_gone();
    becomes(ENTRY.to_owned(), || window.code());
}
