//! Deploying to the internet, told as one story: a target is added, a function goes there, is reviewed, rolled back,
//! imported and deleted. What stands in for Cloudflare speaks its API and runs what it is sent.

use crate::{
    account::Account,
    steps::TELLS_ITS_KEY,
    support::workers_api::{Fault, Kind},
    wait::{becomes, until},
    window::Window,
};

#[test]
fn a_function_goes_to_cloudflare_with_its_secrets_and_back_to_an_earlier_version() {
    let account = Account::open();
    let window = Window::open();
    window.create_with_code("sync", TELLS_ITS_KEY);
    window.seal("hubspot api key", "the first made-up value");
    window.add_target(&account, "production");
    window.deploy_only_to("production");

    window.button("Deploy to production").click();
    window.until_deployed(1, "production");
    assert_eq!(account.answer_of(&window, "sync"), "the key is the first made-up value");

    // What changed is reviewed before it is sent.
    window.replace("HUBSPOT_API_KEY", "the second made-up value");
    until("it is marked", || window.list("Secrets").text().contains("changed since production"));
    window.write_code(&TELLS_ITS_KEY.replace("the key is", "the key was"));
    window.press("Control+Shift+Enter");
    let review = window.dialog("Review and deploy to production");
    until("the plan is shown", || review.text().contains("HUBSPOT_API_KEY"));
    // The code's changes are drawn by a part of the window that is loaded with the first of them.
    until("the code's changes are shown", || review.text().contains("the key was"));
    let plan = review.text();
    assert!(plan.contains("the key was") && plan.to_lowercase().contains("changed"), "{plan}");
    assert_eq!(account.answer_of(&window, "sync"), "the key is the first made-up value");
    review.text_box("Message").type_text("another greeting");
    review.button("Deploy").click();
    window.until_deployed(2, "production");
    assert_eq!(account.answer_of(&window, "sync"), "the key was the second made-up value");

    // Going back brings the code and the secret of that time.
    window.press("Alt+3");
    let history = window.list("Deployments");
    until("both are listed", || history.list_item("#2…").is_shown() && history.list_item("#1…").is_shown());
    assert!(history.text().contains("another greeting"), "{}", history.text());
    window.button("Roll back to #1 on production").click();
    let asked = window.native_dialog();
    assert!(asked.text().contains("Roll back sync to #1?"), "{asked:?}");
    window.press_in_dialog("Roll back");
    until("it answers as before", || account.answer_of(&window, "sync") == "the key is the first made-up value");
    until("that is history, too", || window.list("Deployments").text().contains("Rolled back to #1"));
}

#[test]
fn what_somebody_else_deployed_is_replaced_only_after_a_look() {
    let account = Account::open();
    let window = Window::open();
    window.create_with_code("sync", "export default { fetch: () => new Response('from here') }\n");
    window.add_target(&account, "production");
    window.deploy_only_to("production");
    window.button("Deploy to production").click();
    window.until_deployed(1, "production");

    account.deploy("sync", "from elsewhere");
    window.write_code("export default { fetch: () => new Response('from here again') }\n");
    window.button("Deploy to production").click();
    let strip = window.status("Deployment");
    until("it is refused", || strip.text().contains("Not deployed"));
    assert_eq!(account.answer_of(&window, "sync"), "from elsewhere");
    strip.button("Review…").click();
    let review = window.dialog("Review and deploy to production");
    until("the other code is shown", || review.text().contains("from elsewhere"));
    review.button("Take mine").click();
    until("it is replaced", || account.answer_of(&window, "sync") == "from here again");
}

#[test]
fn a_function_gets_another_address_once_it_is_said_what_that_breaks() {
    let account = Account::open();
    let window = Window::open();
    window.create_with_code("sync", TELLS_ITS_KEY);
    window.seal("hubspot api key", "a made-up value");
    window.add_target(&account, "production");
    window.deploy_only_to("production");
    window.button("Deploy to production").click();
    window.until_deployed(1, "production");

    window.choose("Change address");
    let dialog = window.dialog("Change address");
    dialog.text_box("Script name").type_text("contacts");
    dialog.button("Change address").click();
    let asked = window.native_dialog();
    assert!(asked.text().contains("Whoever calls https://sync.made-up.workers.dev gets no answer"), "{asked:?}");
    window.press_in_dialog("Cancel");
    assert!(account.has("sync") && !account.has("contacts"));

    dialog.button("Change address").click();
    window.native_dialog();
    window.press_in_dialog("Change address");
    dialog.wait_gone();
    assert_eq!(account.answer_of(&window, "contacts"), "the key is a made-up value");
    until("the old one is gone", || !account.has("sync"));
    window.heading("sync").wait();
}

#[test]
fn a_worker_is_imported_and_a_function_is_deleted_there_too_unless_the_target_refuses() {
    let account = Account::open();
    let window = Window::open();
    window.create_with_code("first", "export default { fetch: () => new Response('first') }\n");
    window.add_target(&account, "production");
    account.deploy("already-there", "made elsewhere");

    window.press("Control+Shift+p");
    window.type_text("import a worker");
    window.press("Enter");
    window.button("Import already-there").click();
    window.heading("already-there").wait();
    until("its code is there", || window.code().contains("made elsewhere"));
    window.status("Live").wait();

    // The target refuses once: nothing is lost here.
    account.api.fault(Fault { on: "DELETE …/services/already-there", nth: 1, kind: refusal() });
    window.choose("Delete");
    let asked = window.native_dialog();
    assert!(asked.text().contains("production"), "{asked:?}");
    window.press_in_dialog("Delete");
    window.button("Delete here only").wait();
    window.heading("already-there").wait();
    assert!(account.has("already-there"));

    window.choose("Delete");
    window.native_dialog();
    window.press_in_dialog("Delete");
    window.heading("first").wait();
    until("it is gone there", || !account.has("already-there"));
    becomes(1, || window.list("Functions").list_item("").count());
}

fn refusal() -> Kind {
    let body = serde_json::json!({ "success": false, "errors": [{ "code": 10013, "message": "made-up trouble" }] });
    Kind::Status(500, body)
}
