//! An account to deploy to, and what a person does with it: adding it as a target, choosing it, waiting for it.

use tokio::runtime::Runtime;

use crate::{
    support::workers_api::WorkersApi,
    upload::{Asking, workerd},
    wait::{found, until},
    window::Window,
};

/// An account, served on threads of its own: the window's driver is waited for on this one.
pub(crate) struct Account {
    pub(crate) api: WorkersApi,
    runtime: Runtime,
}

impl Account {
    pub(crate) fn open() -> Self {
        let runtime = Runtime::new().expect("a runtime");
        let api = runtime.block_on(WorkersApi::start(workerd()));
        Self { api, runtime }
    }

    /// What a caller of the script gets.
    pub(crate) fn answer_of(&self, window: &Window, script: &str) -> String {
        let address = self.runtime.block_on(self.api.url_of(script));
        window.get(&address).body
    }

    /// As another program does it.
    pub(crate) fn deploy(&self, script: &str, answer: &str) {
        let code = format!("export default {{ fetch: () => new Response('{answer}') }}\n");
        self.runtime.block_on(Asking::new(&self.api).put(script, &code, serde_json::json!([])));
    }

    pub(crate) fn has(&self, script: &str) -> bool {
        self.api.live_version(script).is_some()
    }
}

impl Window {
    #[track_caller]
    pub(crate) fn add_target(&self, account: &Account, name: &str) {
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
    pub(crate) fn deploy_only_to(&self, target: &str) {
        self.button("Deploy options").click();
        self.check_item(target).click();
        until("both are chosen", || self.button("Deploy to 2 targets").is_shown());
        self.check_item("Local").click();
        self.press("Escape");
        self.button(&format!("Deploy to {target}")).wait();
    }

    #[track_caller]
    pub(crate) fn until_deployed(&self, number: u32, target: &str) {
        let said = found("the deployment ends", || {
            let said = self.status("Deployment").text();
            (said.contains("Deployed #") || said.contains("Not deployed")).then_some(said)
        });
        assert!(said.contains(&format!("Deployed #{number} to {target}")), "{said}");
    }
}
