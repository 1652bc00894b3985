//! What is wrong with the code: marked at its line, listed, walked by key, and put right in place.

use crate::{
    wait::{becomes, until},
    window::Window,
};

const NEEDS_TWO: &str = "export default {
  fetch(request: Request, env: Env): Response {
    const { FIRST_KEY } = env
    return new Response(FIRST_KEY + env.SECOND_KEY)
  },
}
";

/// Whether the caret is drawn where the code of its line ends, and not under the button there.
const AT_THE_END: &str = "
    const rect = (of) => document.querySelector(of).getBoundingClientRect()
    const text = document.createRange()
    text.setStart(document.querySelector('.cm-activeLine'), 0)
    text.setEndBefore(document.querySelector('.cm-activeLine .cm-inline-actions'))
    const caret = rect('.cm-cursor-primary')
    const beside = Math.abs(caret.left - text.getBoundingClientRect().right) <= 2
    return beside && caret.right <= rect('.cm-activeLine .cm-inline-action').left";

#[test]
fn what_the_code_lacks_is_added_at_its_line_and_in_the_strip_and_one_press_deploys() {
    let window = Window::open();
    let long = format!("}} = env // {}", "at the end of a long line, ".repeat(10));
    window.create_with_code("sync", &NEEDS_TWO.replace("} = env", &long));
    window.button("2 errors").wait();
    let right = |of: &str| {
        let script = format!("return document.querySelector('{of}').getBoundingClientRect().right");
        window.script(&script, vec![]).as_f64()
    };
    window.button("Add secret FIRST_KEY").wait();
    assert!(right(".cm-inline-action") <= right(".cm-scroller"), "it is at hand without scrolling");
    window.button("Add secret FIRST_KEY").click();
    becomes("FIRST_KEY".to_owned(), || window.text_box("SECRET_NAME").value());
    until("the value has the focus", || window.text_box("Value").is_focused());
    window.type_text("made up");
    window.press("Enter");
    window.button("1 error").wait();

    window.deploy_in_vain();
    let strip = window.status("Deployment");
    strip.button("Add SECOND_KEY").click();
    until("the value has the focus", || window.text_box("Value").is_focused());
    window.type_text(" for tests");
    window.press("Enter");
    until("Deploy now has the focus", || strip.button("Deploy now").is_focused());
    window.press("Enter");
    let address = window.wait_until_deployed();
    assert_eq!(window.get(&address).body, "made up for tests");
}

#[test]
fn problems_are_walked_by_key_in_the_code_and_in_their_list() {
    let window = Window::open();
    window.create_with_code("sync", NEEDS_TWO);
    window.button("2 errors").wait();
    window.press("Control+Home");
    for (keys, line) in [("F8", 3), ("F8", 4), ("F8", 3), ("Shift+F8", 4)] {
        window.press(keys);
        becomes(line, || window.caret_line());
    }

    window.press("Control+Shift+m");
    let list = window.list("Problems");
    let row = |name: &str| list.button(&format!("{name}…"));
    until("the first has the focus", || row("Error: There is no secret FIRST_KEY yet").is_focused());
    window.press("Down");
    until("the second has the focus", || row("Error: There is no secret SECOND_KEY yet").is_focused());
    window.press("Home");
    window.press("Enter");
    becomes(3, || window.caret_line());
    until("the code has the focus", || window.text_box("Code").is_focused());
    window.press("Control+Shift+m");
    until("the list has the focus", || row("Error: There is no secret FIRST_KEY yet").is_focused());
    window.press("Escape");
    list.wait_gone();
    until("the code has the focus", || window.text_box("Code").is_focused());
}

#[test]
fn the_caret_at_the_end_of_a_long_line_is_in_sight_beside_the_button_there() {
    let window = Window::open();
    let long = format!("}} = env // {}", "at the end of a long line, ".repeat(10));
    window.create_with_code("sync", &NEEDS_TWO.replace("} = env", &long));
    window.button("Add secret FIRST_KEY").wait();
    window.press("Control+Home");
    for keys in ["Down", "Down", "End"] {
        window.press(keys);
    }
    let at_the_end = || window.script(AT_THE_END, vec![]).as_bool() == Some(true);
    until("the caret is where the line ends", at_the_end);
    window.type_text("typed");
    until("what was typed is code", || window.code().contains("line, typed\n"));
    until("the caret is behind it", at_the_end);
}
