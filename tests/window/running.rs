//! The Run tab: schedules, a run by hand, and what a function says.

use crate::{
    wait::{becomes, until},
    window::Window,
};

/// Throws in line 8.
const SAYS_THINGS: &str = "interface Order { id: number }

export default {
  async fetch(request: Request): Promise<Response> {
    const order: Order = { id: 7 }
    console.log('order', order.id)
    console.error('no stock')
    if (order.id === 7) throw new Error('out of stock')
    return new Response('never')
  },
}
";

#[test]
fn a_schedule_is_read_as_it_is_typed_and_run_by_hand() {
    let window = Window::open();
    window.create_function("report", "Scheduled");
    window.tab("Run").click();
    let schedule = window.text_box("Schedule");
    assert_eq!(schedule.value(), "0 9 * * 1-5");
    let row = window.list("Schedules").list_item("");
    becomes(5, || row.table("").ask("element.tBodies[0].rows.length"));

    // Five and a half hours lie between the two columns: the tests live in Kolkata.
    schedule.click();
    window.press("Control+a");
    window.type_text("30 2 * * 1");
    until("the words are there", || schedule.description().contains("02:30"));
    assert!(schedule.description().contains("Monday"), "{}", schedule.description());
    let first = "[...element.tBodies[0].rows[0].cells].map((cell) => cell.textContent)";
    let cells: Vec<String> = row.table("").ask(first);
    assert!(cells[0].starts_with("Mon") && cells[0].ends_with("02:30"), "{cells:?}");
    assert!(cells[1].starts_with("Mon") && cells[1].ends_with("08:00"), "{cells:?}");

    schedule.click();
    window.press("Control+a");
    window.type_text("61 * * * *");
    until("what is wrong is said", || schedule.description().contains("“61 * * * *” is not a schedule"));
    assert!(!window.button("Run now").is_enabled());
    window.press("Control+a");
    window.type_text("* * *");
    until("what is wrong is said", || schedule.description().contains("has five fields"));

    window.press("Control+a");
    window.type_text("0 2 * * *");
    until("it can be run", || window.button("Run now").is_enabled());
    window.button("Run now").click();
    until("it is not deployed", || row.text().contains("Deploy the function first"));
    window.deploy_scheduled();
    window.button("Run now").click();
    until("it ran", || row.text().contains("Ran in "));
    until("it says so", || window.log("Output").text().contains("Ran for 0 2 * * *, due at"));
}

#[test]
fn what_a_function_says_and_throws_is_shown_with_the_lines_of_its_typescript() {
    let window = Window::open();
    window.create_with_code("shop", SAYS_THINGS);
    let address = window.deploy();
    window.tab("Run").click();
    assert_eq!(window.get(&address).status, 500);
    let output = window.log("Output");
    for line in ["log order 7", "error no stock", "Error: out of stock"] {
        until(line, || output.text().contains(line));
    }
    output.button("index.ts:8:…").click();
    becomes(Some(true), || {
        window.script("return document.querySelector('footer').innerText.includes('Ln 8,')", vec![]).as_bool()
    });

    window.button("Clear output").click();
    until("the output is empty", || output.text().contains("Nothing yet."));
    // It is kept with the function, not with the tab.
    window.get(&address);
    window.create_function("other", "HTTP");
    until("another function's output is its own", || output.text().contains("Nothing yet."));
    window.open_function("shop");
    until("its output is there again", || output.text().contains("order 7"));
}

impl Window {
    /// A function without an HTTP handler has an address too, or none: only its status matters here.
    #[track_caller]
    fn deploy_scheduled(&self) {
        self.button("Deploy").click();
        self.status("Live").wait();
    }
}
