//! What a person does in several small steps, and what they look at afterwards.

use std::path::PathBuf;

use crate::{
    process,
    wait::{becomes, found, until},
    window::Window,
};

/// A function that answers with a secret.
pub(crate) const TELLS_ITS_KEY: &str = "export default {
  async fetch(request: Request, env: Env): Promise<Response> {
    return new Response(`the key is ${env.HUBSPOT_API_KEY}`)
  },
}
";

/// What a client got.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) body: String,
}

impl Window {
    /// Makes a function in the dialog, from the template whose title begins so.
    #[track_caller]
    pub(crate) fn create_function(&self, name: &str, template: &str) {
        self.button("New function").click();
        let dialog = self.dialog("New function");
        dialog.text_box("Name").type_text(name);
        dialog.radio(&format!("{template}…")).click();
        dialog.button("Create").click();
        dialog.wait_gone();
        self.heading(name).wait();
        until("the code has the focus", || self.text_box("Code").is_focused());
    }

    /// Makes a function with this code.
    #[track_caller]
    pub(crate) fn create_with_code(&self, name: &str, code: &str) {
        self.create_function(name, "HTTP");
        self.write_code(code);
    }

    #[track_caller]
    pub(crate) fn open_function(&self, name: &str) {
        self.list("Functions").button(&format!("{name}…")).click();
        self.heading(name).wait();
    }

    /// Chooses an item of the menu beside Deploy.
    #[track_caller]
    pub(crate) fn choose(&self, item: &str) {
        self.button("Function menu").click();
        self.menu_item(&format!("{item}…")).click();
    }

    /// Seals a value that is typed, key by key. The name may be typed as a person says it.
    #[track_caller]
    pub(crate) fn seal(&self, name: &str, value: &str) {
        self.text_box("SECRET_NAME").type_text(name);
        self.text_box("Value").type_text(value);
        self.button("Create").click();
        self.wait_until_sealed(name);
    }

    /// Seals a value that is pasted, to the byte.
    #[track_caller]
    pub(crate) fn seal_pasted(&self, name: &str, value: &str) {
        self.text_box("SECRET_NAME").type_text(name);
        self.text_box("Value").click();
        self.paste(value);
        let shown = value.replace("\r\n", "\n");
        becomes(shown, || self.text_box("Value").value());
        self.button("Create").click();
        self.wait_until_sealed(name);
    }

    /// Gives a secret that exists another value.
    #[track_caller]
    pub(crate) fn replace(&self, name: &str, value: &str) {
        self.button(&format!("Replace {name}")).click();
        let row = self.list("Secrets").list_item(&format!("{name}…"));
        row.text_box("New value").type_text(value);
        row.button("Replace").click();
        row.text_box("New value").wait_gone();
    }

    #[track_caller]
    fn wait_until_sealed(&self, typed: &str) {
        let name = typed.to_uppercase().replace(' ', "_");
        self.button(&format!("Delete {name}")).wait();
        becomes(String::new(), || self.text_box("Value").value());
    }

    /// Presses Deploy and waits for its success. Answers the function's address.
    #[track_caller]
    pub(crate) fn deploy(&self) -> String {
        self.button("Deploy").click();
        self.wait_until_deployed()
    }

    #[track_caller]
    pub(crate) fn wait_until_deployed(&self) -> String {
        let outcome = found("the deployment ends", || {
            let said = self.status("Deployment").text();
            (said.contains("Deployed #") || said.contains("Not deployed.")).then_some(said)
        });
        assert!(outcome.contains("Deployed #"), "{outcome}");
        self.status("Live").wait();
        self.address()
    }

    /// Presses Deploy, waits for its failure, and answers what is said.
    #[track_caller]
    pub(crate) fn deploy_in_vain(&self) -> String {
        self.button("Deploy").click();
        let outcome = found("the deployment fails", || {
            let said = self.status("Deployment").text();
            said.contains("Not deployed.").then_some(said)
        });
        self.status("Failed").wait();
        outcome
    }

    /// The address that stands beside the function's name.
    #[track_caller]
    pub(crate) fn address(&self) -> String {
        let shown = "return document.querySelector('main header .address .chip')?.textContent ?? null";
        let shown = found("the address is shown", || self.script(shown, vec![]).as_str().map(str::to_owned));
        format!("http://{shown}/")
    }

    /// What a client in this program gets.
    #[track_caller]
    pub(crate) fn get(&self, address: &str) -> Answer {
        self.wait_for(async {
            let client = reqwest::Client::builder().no_proxy().build().expect("a client");
            let answer = client.get(address).send().await.unwrap_or_else(|error| panic!("{address}: {error}"));
            Answer { status: answer.status().as_u16(), body: answer.text().await.expect("a text") }
        })
    }

    /// The process in which a function runs, if one does.
    pub(crate) fn runtime_process(&self) -> Option<u32> {
        process::find(self.program(), "postern-workerd")
    }

    /// The database and what SQLite keeps beside it.
    pub(crate) fn database_files(&self) -> Vec<PathBuf> {
        let files = std::fs::read_dir(self.desktop.data()).expect("the data folder");
        let files = files.flatten().map(|file| file.path());
        files.filter(|path| path.file_name().is_some_and(|name| name.to_string_lossy().contains(".db"))).collect()
    }
}
