//! Everything by keys, and focus that is where a person expects it.

use crate::{
    pointer::Button,
    steps::TELLS_ITS_KEY,
    wait::{becomes, until},
    window::Window,
};

#[test]
fn an_item_of_the_native_menu_does_what_it_says() {
    let window = Window::open();
    // The menu bar, its first menu, and the first item of that.
    window.press_for_real("F10");
    window.press_for_real("Down");
    window.press_for_real("Return");
    let dialog = window.dialog("New function");
    until("the name has the focus", || dialog.text_box("Name").is_focused());
}

#[test]
fn every_key_of_the_window_does_what_its_menu_says() {
    let window = Window::open();
    window.create_with_code("keys", "export default { fetch: () => new Response('deployed by a key') }\n");
    let code = window.text_box("Code");

    window.press("Control+n");
    let dialog = window.dialog("New function");
    until("the name has the focus", || dialog.text_box("Name").is_focused());
    window.press("Escape");
    dialog.wait_gone();
    until("the code has the focus again", || code.is_focused());

    window.press("Control+p");
    until("the search has the focus", || window.text_box("Search functions").is_focused());
    window.press("Escape");
    until("Escape goes back to the code", || code.is_focused());

    window.press("Alt+2");
    window.log("Output").wait();
    window.press("Control+Shift+s");
    until("SECRET_NAME has the focus", || window.text_box("SECRET_NAME").is_focused());
    window.press("Escape");
    until("Escape goes back to the code", || code.is_focused());
    window.press("Alt+2");
    window.press("Alt+1");
    window.text_box("SECRET_NAME").wait();

    window.press("Control+b");
    window.list("Functions").wait_gone();
    window.press("Control+b");
    window.list("Functions").wait();
    window.press("Control+Alt+b");
    window.text_box("SECRET_NAME").wait_gone();
    window.press("Control+Alt+b");
    window.text_box("SECRET_NAME").wait();

    window.press("Control+Shift+p");
    until("the commands have the focus", || window.text_box("Command").is_focused());
    window.type_text("rename function");
    window.press("Enter");
    until("the name has the focus", || window.text_box("Function name").is_focused());
    window.press("Escape");
    until("Escape goes back to the code", || code.is_focused());

    window.press("Control+s");
    window.wait_until_saved();
    window.press("Control+Enter");
    let address = window.wait_until_deployed();
    assert_eq!(window.get(&address).body, "deployed by a key");
}

#[test]
fn a_key_that_the_menu_hears_too_does_its_work_once() {
    let window = Window::open();
    window.create_function("keys", "HTTP");
    window.press_for_real("ctrl+b");
    window.list("Functions").wait_gone();
    window.press_for_real("ctrl+b");
    window.list("Functions").wait();
    window.press_for_real("ctrl+n");
    becomes(1, || window.dialog("New function").count());
    window.press_for_real("Escape");
    window.dialog("New function").wait_gone();
    window.press_for_real("ctrl+Return");
    until("it is deployed once", || window.status("Deployment").text().contains("Deployed #1"));
}

#[test]
fn a_function_is_written_and_deployed_without_a_mouse() {
    let window = Window::open();
    until("the window has the focus", || window.script("return document.hasFocus()", vec![]).as_bool() == Some(true));
    window.press("Control+n");
    until("the name has the focus", || window.dialog("New function").text_box("Name").is_focused());
    window.type_text("by hand");
    window.press("Enter");
    until("the code has the focus", || window.text_box("Code").is_focused());
    window.press("Control+Shift+s");
    until("SECRET_NAME has the focus", || window.text_box("SECRET_NAME").is_focused());
    window.type_text("hubspot api key");
    window.press("Tab");
    window.type_text("a value made up for tests");
    window.press("Enter");
    window.button("Delete HUBSPOT_API_KEY").wait();

    // In the code Tab indents; Escape, then Tab, leaves it.
    window.press("Escape");
    until("Escape goes back to the code", || window.text_box("Code").is_focused());
    let code = window.code();
    window.press("Control+Home");
    window.press("Tab");
    becomes(format!("  {code}"), || window.code());
    window.press("Escape");
    window.press("Tab");
    until("Tab has left the code", || !window.text_box("Code").is_focused());
}

#[test]
fn keys_are_for_what_was_clicked_and_not_for_the_code() {
    let window = Window::open();
    window.create_with_code("clicked", TELLS_ITS_KEY);
    window.put_caret_behind("return");
    window.tab("Secrets").click();
    until("the tab has the focus", || window.tab("Secrets").is_focused());
    for key in ["x", "Delete", "Control+x"] {
        window.press(key);
    }
    window.text_box("SECRET_NAME").type_text("typed");
    becomes("TYPED".to_owned(), || window.text_box("SECRET_NAME").value());
    assert_eq!(window.code(), TELLS_ITS_KEY);
    // The editor knows where its caret was.
    window.press("Escape");
    until("the code has the focus", || window.text_box("Code").is_focused());
    window.type_text("//");
    becomes(TELLS_ITS_KEY.replace("return", "return//"), || window.code());
}

#[test]
fn everything_is_drawn_larger_by_a_key_and_in_that_size_at_the_next_start() {
    let mut window = Window::open();
    window.create_with_code("large", &"// here is a line\n".repeat(10));
    let width = |window: &Window| window.script("return innerWidth", vec![]).as_u64();
    let usual = width(&window).expect("a width");
    window.press("Control+=");
    becomes(Some(usual * 100 / 110), || width(&window));
    window.press_for_real("ctrl+plus");
    becomes(Some(usual * 100 / 125), || width(&window));
    window.press("Control+,");
    window.dialog("Settings").wait();
    window.press("Control+=");
    becomes(Some(usual * 100 / 150), || width(&window));
    window.press("Escape");
    window.dialog("Settings").wait_gone();

    // The caret is put where it was clicked.
    window.click_before("line", Button::Left);
    until("the code has the focus", || window.text_box("Code").is_focused());
    window.type_text("long ");
    until("it is typed there", || window.code().starts_with("// here is a long line\n// here is a line\n"));
    window.wait_until_saved();
    window.press_for_real("ctrl+q");
    window.wait_until_ended();

    window.start();
    assert_eq!(width(&window), Some(usual * 100 / 150));
    window.press("Control+-");
    becomes(Some(usual * 100 / 125), || width(&window));
    window.press("Control+0");
    becomes(Some(usual), || width(&window));
}
