//! The guided tour: a function from its template to its end, each step said as it is made.
//!
//! `script/run --tour` plays it: `cargo test --test window tour:: -- --nocapture`.

use crate::{
    steps::TELLS_ITS_KEY,
    wait::{becomes, until},
    window::Window,
};

/// The same with a schedule, and with something to say.
const RUNS_BY_ITSELF: &str = "export default {
  async fetch(request: Request, env: Env): Promise<Response> {
    return new Response(`the key is ${env.HUBSPOT_API_KEY}`)
  },
  async scheduled(controller: ScheduledController, env: Env): Promise<void> {
    console.log('synced with', env.HUBSPOT_API_KEY)
  },
}
";

#[test]
fn a_function_is_written_gets_its_secret_answers_runs_by_itself_and_is_deleted() {
    println!();
    let mut window = Window::open();
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
    say(&format!("GET {address} answers {}: {}", answer.status, answer.body));

    window.replace("HUBSPOT_API_KEY", "another value made up for the tour");
    window.status("Redeploy to apply").wait();
    assert_eq!(window.get(&address).body, answer.body);
    say("The value was replaced. The window says “Redeploy to apply”, and the function still has the old one.");
    window.deploy();
    let answer = window.get(&address);
    assert_eq!(answer.body, "the key is another value made up for the tour");
    say(&format!("After Deploy the same address answers {}: {}", answer.status, answer.body));

    window.write_code(RUNS_BY_ITSELF);
    window.tab("Run").click();
    window.button("Add schedule").click();
    let schedule = window.text_box("Schedule");
    schedule.click();
    window.press("Control+a");
    window.type_text("30 2 * * 1");
    until("the schedule is said in words", || schedule.description().contains("Monday"));
    window.deploy();
    window.button("Run now").click();
    let output = window.log("Output");
    until("the function has run", || output.text().contains("synced with [HUBSPOT_API_KEY]"));
    let picture = window.screenshot("tour");
    say("It got a schedule, was deployed and run by hand. Its output is in the tab Run, with the value taken out.");

    window.press_for_real("ctrl+q");
    window.wait_until_ended();
    window.start();
    assert_eq!(window.get(&address).body, answer.body);
    say("Postern was quit and started again. The address answers as before.");

    window.choose("Delete");
    assert!(window.native_dialog().text().contains("Delete hubspot-sync?"));
    window.press_in_dialog("Delete");
    window.heading("Write your first function").wait();
    say("Delete asked in a dialog of the system. The function is gone, and its secret with it.");
    println!("\nThe window before it was quit: {}", picture.display());
}

fn say(step: &str) {
    println!("  • {step}");
}
