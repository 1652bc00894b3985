//! Deploying to the internet, told as one story: a target is added, a function goes there, is reviewed, rolled back,
//! imported and deleted. What stands in for Cloudflare speaks its API and runs what it is sent.

use tokio::runtime::Runtime;

use crate::{
    steps::TELLS_ITS_KEY,
    support::workers_api::{Fault, Kind, WorkersApi},
    upload::{Asking, workerd},
    wait::{becomes, found, until},
    window::Window,
};

/// An account, served on threads of its own: the window's driver is waited for on this one.
struct Account {
    api: WorkersApi,
    runtime: Runtime,
}

impl Account {
    fn open() -> Self {
        let runtime = Runtime::new().expect("a runtime");
        let api = runtime.block_on(WorkersApi::start(workerd()));
        Self { api, runtime }
    }

    /// What a caller of the script gets.
    fn answer_of(&self, window: &Window, script: &str) -> String {
        let address = self.runtime.block_on(self.api.url_of(script));
        window.get(&address).body
    }

    /// As another program does it.
    fn deploy(&self, script: &str, answer: &str) {
        let code = format!("export default {{ fetch: () => new Response('{answer}') }}\n");
        self.runtime.block_on(Asking::new(&self.api).put(script, &code, serde_json::json!([])));
    }

    fn has(&self, script: &str) -> bool {
        self.api.live_version(script).is_some()
    }
}

impl Window {
    #[track_caller]
    fn add_target(&self, account: &Account, name: &str) {
        self.press("Control+,");
        let settings = self.dialog("Settings");
        let token = settings.text_box("API token");
        token.type_text(account.api.token());
        settings.button("Another address").click();
        let base = settings.text_box("Base URL");
        base.click();
        self.press("Control+a");
        self.type_text(&account.api.base_url());
        settings.button("Check token").click();
        settings.status("The token is good…").wait();
        let label = settings.text_box("Name");
        label.click();
        self.press("Control+a");
        self.type_text(name);
        settings.button("Add target").click();
        settings.list("Targets").button(&format!("Remove {name}")).wait();
        self.press("Escape");
        settings.wait_gone();
    }

    /// Has Deploy deploy to this target and to no other.
    #[track_caller]
    fn deploy_only_to(&self, target: &str) {
        self.button("Deploy options").click();
        self.check_item(target).click();
        until("both are chosen", || self.button("Deploy to 2 targets").is_shown());
        self.check_item("Local").click();
        self.press("Escape");
        self.button(&format!("Deploy to {target}")).wait();
    }

    #[track_caller]
    fn until_deployed(&self, number: u32, target: &str) {
        let said = found("the deployment ends", || {
            let said = self.status("Deployment").text();
            (said.contains("Deployed #") || said.contains("Not deployed")).then_some(said)
        });
        assert!(said.contains(&format!("Deployed #{number} to {target}")), "{said}");
    }
}

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
fn a_worker_is_imported_and_a_function_is_deleted_there_too_unless_the_target_refuses() {
    let account = Account::open();
    let window = Window::open();
    window.create_with_code("first", "export default { fetch: () => new Response('first') }\n");
    window.add_target(&account, "production");
    account.deploy("already-there", "made elsewhere");

    window.press("Control+Shift+p");
    window.type_text("import");
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
