//! Writing code: saved by itself, undone after a while elsewhere, and never lost.

use crate::{
    pointer::Button,
    process,
    wait::{becomes, found, until},
    window::Window,
};

#[test]
fn typed_code_is_saved_by_itself_and_survives_a_kill() {
    let mut window = Window::open();
    window.create_function("kept", "HTTP");
    let before = window.code();
    window.press("Control+Home");
    window.type_text("// typed key by key\n");
    becomes(format!("// typed key by key\n{before}"), || window.code());
    window.wait_until_saved();
    window.kill();

    window.start();
    becomes(format!("// typed key by key\n{before}"), || window.code());
}

#[test]
fn what_was_typed_last_is_saved_when_the_window_is_closed() {
    let mut window = Window::open();
    window.create_function("kept", "HTTP");
    window.press("Control+Home");
    window.type_text("// typed last\n");
    window.press_for_real("ctrl+q");
    window.wait_until_ended();
    assert!(!window.said().contains("did not answer"), "the page closes the window, and it is not left without it");

    window.start();
    until("the last words are there", || window.code().starts_with("// typed last\n"));
}

#[test]
fn a_window_whose_page_hangs_ends_all_the_same_when_it_is_closed() {
    let mut window = Window::open();
    let page = found("the page has a process", || process::find(window.program(), "WebKitWebProcess"));
    process::stop(page);
    window.press_for_real("ctrl+q");
    window.wait_until_ended();
    process::kill(page);
}

#[test]
fn a_page_that_crashes_is_loaded_again_and_can_be_closed() {
    let mut window = Window::open();
    window.create_function("kept", "HTTP");
    let page = || process::find(window.program(), "WebKitWebProcess");
    let before = found("the page has a process", page);
    process::kill(before);
    until("another one takes its place", || page().is_some_and(|now| now != before));
    // The driver has lost it, and it may still be deaf.
    window.press_for_real("ctrl+q");
    window.wait_until_ended();

    window.start();
    until("the function is still there", || window.code().contains("fetch"));
}

#[test]
fn undo_goes_on_where_it_was_after_switching_between_functions() {
    let window = Window::open();
    window.create_function("first", "HTTP");
    let before = window.code();
    window.press("Control+Home");
    window.type_text("/* one */ ");
    window.create_function("second", "Scheduled");
    window.press("Control+Home");
    window.type_text("/* two */ ");

    window.open_function("first");
    until("the code has the focus", || window.text_box("Code").is_focused());
    becomes(format!("/* one */ {before}"), || window.code());
    window.press("Control+z");
    becomes(before.clone(), || window.code());
    window.press("Control+Shift+z");
    becomes(format!("/* one */ {before}"), || window.code());
    window.wait_until_saved();
}

#[test]
fn a_paste_of_more_than_a_mebibyte_is_refused_and_says_why() {
    let window = Window::open();
    window.create_function("large", "HTTP");
    let before = window.code();
    window.press("Control+Home");
    window.paste(&"// a line of code that is one of very many\n".repeat(25_000));
    let said = found("it is said", || window.alert("").is_shown().then(|| window.alert("").text()));
    assert!(said.contains("A file has at most 1 MiB"), "{said}");
    assert_eq!(window.code(), before);
}

#[test]
fn the_middle_button_pastes_what_is_selected_and_not_what_was_copied() {
    let window = Window::open();
    let before = "const first = 1\nconst second = 2\n";
    window.create_with_code("middle", before);
    window.copy("from the clipboard");
    window.select_elsewhere("/* one\n\ttwo  &  <b>three</b> */\n");
    window.click_before("second", Button::Middle);
    becomes(before.replace("second", "/* one\n\ttwo  &  <b>three</b> */\nsecond"), || window.code());
    window.press("Control+z");
    becomes(before.to_owned(), || window.code());

    // Of the window itself, too, where it is known with how it looks.
    window.press("Control+Home");
    window.press("Shift+Down");
    window.click_before("second", Button::Middle);
    becomes("const first = 1\nconst const first = 1\nsecond = 2\n".to_owned(), || window.code());
    window.press("Control+z");

    window.select_elsewhere(&"// a line of code that is one of very many\n".repeat(25_000));
    window.click_before("second", Button::Middle);
    until("it is refused", || window.alert("").is_shown());
    assert!(window.alert("").text().contains("A file has at most 1 MiB"));
}

#[test]
fn the_window_comes_back_as_it_was_left() {
    let mut window = Window::open();
    window.create_function("long", "HTTP");
    window.press("Control+a");
    window.paste(&"// one of many lines\n".repeat(400));
    until("it is pasted", || window.code().contains("many lines"));
    window.wait_until_saved();
    window.create_function("other", "HTTP");
    window.open_function("long");
    window.press("Control+Alt+g");
    window.text_box("Go to line…").wait();
    window.type_text("300\n");
    becomes(300, || window.caret_line());
    window.press("Down");
    window.press("End");
    window.tab("History").click();
    let first = |window: &Window| {
        let shown = "
            const { top } = document.querySelector('.cm-scroller').getBoundingClientRect()
            const numbers = [...document.querySelectorAll('.cm-lineNumbers .cm-gutterElement')]
            const first = numbers.find((number) => number.getBoundingClientRect().bottom > top + 2)
            return Number(first?.textContent ?? 0)";
        window.script(shown, vec![]).as_u64().expect("a line")
    };
    until("it is scrolled", || first(&window) > 250);
    let seen = first(&window);
    let storage = found("WebKit keeps it", || process::find(window.program(), "WebKitNetworkProcess"));
    window.press_for_real("ctrl+q");
    // The driver would end it in the middle of writing that down.
    until("it is written down", || !process::lives(storage));
    window.wait_until_ended();

    window.start();
    window.heading("long").wait();
    becomes(301, || window.caret_line());
    becomes(seen, || first(&window));
    until("its tab is open", || window.tab("History").ask::<String>("element.ariaSelected") == "true");
    window.type_text("!");
    until("it is typed where the caret was", || window.code().contains("many lines!"));
}

#[test]
fn a_regular_expression_that_would_not_end_is_said_to_take_too_long_and_the_window_goes_on() {
    let window = Window::open();
    let long = "a".repeat(40);
    window.create_with_code("slow", &format!("// {long}b\nexport default {{ fetch() {{}} }}\n"));
    window.press("Control+f");
    window.text_box("Find").type_text("(a+)+$");
    window.check_box("Regular expression").click();
    until("it is said", || {
        window
            .script("return document.querySelector('.cm-search').textContent", vec![])
            .as_str()
            .is_some_and(|said| said.contains("Takes too long"))
    });
    window.text_box("Find").click();
    window.press("Control+a");
    window.type_text("fetch");
    until("what ends is found", || {
        window
            .script("return document.querySelector('.cm-search').textContent", vec![])
            .as_str()
            .is_some_and(|said| said.contains("1 of 1") || said.contains("1 result"))
    });
}
