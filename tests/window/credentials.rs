//! Credentials in code: moved to a secret and back, offered on a paste, stopped at a deployment.

use std::time::Duration;

use crate::{
    pointer::Button,
    wait::{becomes, stays, until},
    window::Window,
};

/// Made up, and put together here so that it stands nowhere in one piece.
fn key() -> String {
    format!("sk_{}_{}", "live", "7Hq2Zr90XwLbN4cVtKyD3m")
}

fn code(value: &str) -> String {
    format!("export default {{\n  fetch(request, env) {{\n    return new Response({value})\n  }},\n}}\n")
}

/// Whether any of the database's files holds it.
fn is_kept(window: &Window, value: &str) -> bool {
    let files = window.database_files();
    assert!(!files.is_empty());
    let bytes = files.iter().flat_map(|path| std::fs::read(path).unwrap_or_default()).collect::<Vec<u8>>();
    bytes.windows(value.len()).any(|part| part == value.as_bytes())
}

#[test]
fn a_credential_is_moved_to_a_secret_and_undo_and_redo_move_it_back_and_forth() {
    let window = Window::open();
    let (with_key, without) = (code(&format!("'{}'", key())), code("env.PAYMENTS"));
    window.create_with_code("pay", &with_key);
    window.button("1 warning").wait();
    assert!(is_kept(&window, &key()), "the scan finds what is there");

    window.button("Move a Stripe secret key to a secret").click();
    let dialog = window.dialog("Move to a secret");
    let name = dialog.text_box("Name of the secret");
    becomes("STRIPE_SECRET_KEY".to_owned(), || name.value());
    until("the name has the focus", || name.is_focused());
    window.press("Control+a");
    window.type_text("payments");
    window.press("Enter");
    dialog.wait_gone();
    becomes(without.clone(), || window.code());
    window.wait_until_saved();
    assert!(window.list("Secrets").text().starts_with("PAYMENTS line 3"), "{}", window.list("Secrets").text());
    until("the key is gone from the files", || !is_kept(&window, &key()));
    let address = window.deploy();
    assert_eq!(window.get(&address).body, key());

    window.text_box("Code").click();
    window.press("Control+z");
    becomes(with_key, || window.code());
    window.button("Move the value of PAYMENTS to a secret").wait();
    window.press("Control+y");
    becomes(without, || window.code());
    window.wait_until_saved();
    window.button("No problems").wait();
    until("the key is gone from the files again", || !is_kept(&window, &key()));
}

#[test]
fn a_pasted_credential_becomes_a_secret_in_place_or_stays_as_it_is() {
    let window = Window::open();
    window.create_with_code("paste", "const key = ''");
    let paste = || {
        window.text_box("Code").click();
        window.press("Control+End");
        window.press("Left");
        window.paste(&key());
        window.button("Paste as a secret").wait();
    };
    paste();
    let pasted = format!("const key = '{}'", key());
    assert_eq!(window.code(), pasted);
    window.press("Escape");
    window.button("Paste as a secret").wait_gone();
    stays("it is as it was pasted", Duration::from_millis(200), || window.code() == pasted);
    window.press("Control+z");
    becomes("const key = ''".to_owned(), || window.code());

    paste();
    window.press_for_real("alt+Return");
    let import = "import { env } from \"cloudflare:workers\"\n\n";
    becomes(format!("{import}const key = env.STRIPE_SECRET_KEY"), || window.code());
    until("it is sealed", || window.list("Secrets").text().starts_with("STRIPE_SECRET_KEY"));
    window.press("Control+z");
    becomes(pasted, || window.code());
    window.press("Control+z");
    becomes("const key = ''".to_owned(), || window.code());
}

#[test]
fn a_credential_that_the_middle_button_pastes_is_offered_to_become_a_secret_too() {
    let window = Window::open();
    window.create_with_code("paste", "const key = ' '");
    window.copy("from the clipboard");
    window.select_elsewhere(&key());
    window.click_before(" '", Button::Middle);
    becomes(format!("const key = '{} '", key()), || window.code());
    window.button("Paste as a secret").click();
    until("it is sealed", || window.list("Secrets").text().starts_with("STRIPE_SECRET_KEY"));
    until("it is in the code no more", || !window.code().contains(&key()));
}

#[test]
fn a_deployment_stops_at_a_credential_and_goes_on_for_a_reason() {
    let window = Window::open();
    window.create_with_code("stop", &code(&format!("'{}'", key())));
    let said = window.deploy_in_vain();
    assert!(said.contains("The code holds a Stripe secret key at line 3."), "{said}");
    assert!(!said.contains(&key()), "what it is made of is said nowhere");

    window.button("Deploy anyway…").click();
    let dialog = window.dialog("Deploy anyway");
    dialog.text_box("Reason").type_text("A test account");
    dialog.button("Deploy anyway").click();
    dialog.wait_gone();
    let address = window.wait_until_deployed();
    assert_eq!(window.get(&address).body, key());
    // It may pass from now on.
    window.deploy();
    window.button("No problems").wait();
}
