//! Secrets: their names, their values that nobody sees again, and their deletion, which is asked for natively.

use std::time::Duration;

use crate::{
    pointer::Button,
    steps::TELLS_ITS_KEY,
    wait::{becomes, stays, until},
    window::Window,
};

#[test]
fn a_name_is_formatted_as_it_is_typed_and_create_seals_the_value() {
    let window = Window::open();
    window.create_function("sync", "HTTP");
    let name = window.text_box("SECRET_NAME");
    name.type_text("hubspot api key");
    assert_eq!(name.value(), "HUBSPOT_API_KEY");
    window.text_box("Value").type_text("a value made up for tests");
    window.button("Create").click();

    let secrets = window.list("Secrets");
    becomes(1, || secrets.list_item("").count());
    assert!(secrets.text().starts_with("HUBSPOT_API_KEY not used in code · changed just now"), "{}", secrets.text());
    assert_eq!(name.value(), "");
    assert_eq!(window.text_box("Value").value(), "");
    // Nor does undo bring the value back.
    window.text_box("Value").click();
    window.press("Control+z");
    stays("the value is empty", Duration::from_millis(200), || window.text_box("Value").value().is_empty());

    // Enter does what Create does.
    name.type_text("second key");
    window.text_box("Value").type_text("another value");
    window.press("Enter");
    becomes(2, || secrets.list_item("").count());
    until("the name has the focus", || name.is_focused());
}

#[test]
fn what_is_wrong_with_a_name_or_a_value_is_said_and_nothing_is_sealed() {
    let window = Window::open();
    window.create_function("sync", "HTTP");
    let (name, value) = (window.text_box("SECRET_NAME"), window.text_box("Value"));
    let said = [
        ("1key", "can't start with a digit: env.1KEY is not valid code"),
        ("key.one", "“.” is none of these"),
        (&"x".repeat(65), "has at most 64 characters; this one has 65"),
    ];
    for (typed, problem) in said {
        name.click();
        window.press("Control+a");
        window.type_text(typed);
        until(problem, || name.description().contains(problem));
    }
    // Being short and being empty are mistakes only once Create is pressed.
    for (typed, problem) in [("ab", "has at least 3 characters"), ("", "Type a name for the secret.")] {
        name.click();
        window.press("Control+a");
        window.press("Delete");
        window.type_text(typed);
        window.button("Create").click();
        until(problem, || name.description().contains(problem));
    }
    name.type_text("large");
    window.button("Create").click();
    until("an empty value is said", || value.description().contains("Type or paste a value."));
    value.click();
    window.paste(&"x".repeat(5 * 1024 + 1));
    until("a large value is said", || value.description().contains("this one has 5,121"));
    window.button("Create").click();
    window.press("Control+a");
    window.paste("ends with a line break\n");
    until("a line break is said", || value.description().contains("ends with a line break; it is kept"));
    assert_eq!(window.list("Secrets").count(), 0);
}

#[test]
fn the_middle_button_pastes_a_value_that_is_selected_to_the_byte() {
    let window = Window::open();
    window.create_with_code(
        "pem",
        "export default {\n  fetch: (_: Request, env: Env) => Response.json(env.PRIVATE_KEY),\n}\n",
    );
    window.text_box("SECRET_NAME").type_text("private key");
    window.copy("from the clipboard");
    window.select_elsewhere("one\r\ntwo\r\n");
    let value = window.text_box("Value");
    let [x, y]: [f64; 2] = value.ask("(({ x, y }) => [x + 20, y + 12])(element.getBoundingClientRect())");
    window.click_at(x, y, Button::Middle);
    becomes("one\ntwo\n".to_owned(), || value.value());
    window.button("Create").click();
    window.button("Delete PRIVATE_KEY").wait();
    let address = window.deploy();
    assert_eq!(window.get(&address).body, r#""one\r\ntwo\r\n""#);
}

#[test]
fn a_name_that_exists_is_offered_as_replace() {
    let window = Window::open();
    window.create_with_code("sync", TELLS_ITS_KEY);
    window.seal("hubspot api key", "the first value");
    let address = window.deploy();
    window.text_box("SECRET_NAME").type_text("hubspot api key");
    until("the name is known", || window.text_box("SECRET_NAME").description().contains("HUBSPOT_API_KEY exists."));
    window.text_box("Value").type_text("the second value");
    window.button("Replace").click();
    window.status("Redeploy to apply").wait();
    assert_eq!(window.list("Secrets").list_item("").count(), 1);
    window.deploy();
    assert_eq!(window.get(&address).body, "the key is the second value");
}

#[test]
fn only_the_button_delete_deletes_a_secret() {
    let window = Window::open();
    window.create_with_code("sync", TELLS_ITS_KEY);
    window.seal("hubspot api key", "a value made up for tests");
    let delete = window.button("Delete HUBSPOT_API_KEY");
    let title = "Delete HUBSPOT_API_KEY?";

    delete.click();
    let dialog = window.native_dialog();
    assert!(dialog.text().contains(title), "{dialog:?}");
    assert!(dialog.text().contains("Line 3 uses it."), "{dialog:?}");
    assert_eq!(dialog.buttons.len(), 2, "{dialog:?}");
    window.press_in_dialog("Cancel");
    for key in ["Escape", "Return"] {
        until("it can be pressed again", || delete.is_enabled());
        delete.click();
        window.native_dialog();
        // The dialog belongs to the window and is modal: a key that reaches either is the dialog's.
        window.press_for_real(key);
        window.wait_until_no_dialog();
        stays("the secret is there", Duration::from_millis(200), || delete.is_shown());
    }

    delete.click();
    window.native_dialog();
    window.press_in_dialog("Delete");
    window.list("Secrets").wait_gone();
    window.button("Add HUBSPOT_API_KEY").wait();
}
