//! The guided tour: the first function, its secret and its deployment, each step said as it is made.
//!
//! `script/run --tour` plays it: `cargo test --test window tour:: -- --nocapture`.

use crate::{steps::TELLS_ITS_KEY, wait::becomes, window::Window};

#[test]
fn a_first_function_is_written_gets_its_secret_and_answers() {
    println!();
    let window = Window::open();
    say("The window is open. It offers a first function from a template.");
    window.button("Call an API with a secret…").click();
    window.list("Functions").list_item("").wait();
    say("A function was made from “Call an API with a secret”; its code is in the editor.");

    window.press("Control+p");
    window.press("F2");
    window.text_box("Function name").wait();
    window.press("Control+a");
    window.type_text("hubspot sync");
    window.press("Enter");
    window.heading("hubspot-sync").wait();
    say("It was renamed: “hubspot sync” became hubspot-sync.");

    window.write_code(TELLS_ITS_KEY);
    window.button("Add HUBSPOT_API_KEY").wait();
    say("Its code now answers with env.HUBSPOT_API_KEY. The window says that there is no such secret yet.");

    let name = window.text_box("SECRET_NAME");
    name.type_text("hubspot api key");
    becomes("HUBSPOT_API_KEY".to_owned(), || name.value());
    say("In the Secrets tab “hubspot api key” was typed and became HUBSPOT_API_KEY.");
    window.text_box("Value").type_text("a value made up for the tour");
    window.button("Create").click();
    window.button("Delete HUBSPOT_API_KEY").wait();
    becomes(String::new(), || window.text_box("Value").value());
    say("Create sealed the value. The name is listed, the field is empty, and nothing shows the value again.");

    let address = window.deploy();
    say(&format!("Deploy was pressed. The function is live at {address}"));
    let answer = window.get(&address);
    assert_eq!(answer.body, "the key is a value made up for the tour");
    let picture = window.screenshot("tour");
    say(&format!("GET {address} answers {}: {}", answer.status, answer.body));
    println!("\nThe window as it is now: {}", picture.display());
}

fn say(step: &str) {
    println!("  • {step}");
}
