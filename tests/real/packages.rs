//! Packages as the language server sees them, brought by the real npm from the disk.

use std::path::Path;

use postern::{
    app::App,
    function::FunctionId,
    packages::{Npm, Wish, change},
    wire::{Event, LanguageState, PackageWish},
};
use serde_json::{Value, json};

use crate::deploying::Desk;

const CODE: &str = "import { shout } from 'made-up-shout'\nimport { greet } from './lib/greet'\nshout(greet)\n";

/// What the server finds wrong with `index.ts`, asked as the page does.
struct Page {
    app: App,
    session: u64,
    number: u64,
    root: String,
}

impl Page {
    async fn open(app: &App, id: FunctionId) -> Self {
        let mut events = app.events();
        app.start_language();
        let session = loop {
            if let Event::Language { state: LanguageState::Ready { session, .. } } = events.recv().await.unwrap() {
                break session;
            }
        };
        let root = app.open_in_language(session, id).await.unwrap();
        let mut page = Self { app: app.clone(), session, number: 0, root };
        for (path, text) in [("index.ts", CODE), ("lib/greet.ts", "export const greet = 'hi'\n")] {
            let uri = format!("{}{path}", page.root);
            let document = json!({ "uri": uri, "languageId": "typescript", "version": 1, "text": text });
            let (method, params) = ("textDocument/didOpen".to_owned(), json!({ "textDocument": document }));
            app.tell_language(session, page.number, method, params).unwrap();
            page.number += 1;
        }
        page
    }

    async fn errors(&mut self) -> Vec<String> {
        let params = json!({ "textDocument": { "uri": format!("{}index.ts", self.root) } });
        let method = "textDocument/diagnostic".to_owned();
        let report = self.app.ask_language(self.session, self.number, method, params).await.unwrap();
        self.number += 1;
        let report: Value = serde_json::from_str(report.get()).unwrap();
        let errors = report["items"].as_array().unwrap().iter().filter(|item| item["severity"] == 1);
        errors.map(|item| item["message"].as_str().unwrap().to_owned()).collect()
    }
}

/// A package with types, on the disk.
fn made_up(at: &Path) -> String {
    let package = at.join("made-up-shout");
    std::fs::create_dir_all(&package).unwrap();
    let manifest = r#"{ "name": "made-up-shout", "version": "2.1.0", "main": "main.js", "types": "main.d.ts" }"#;
    std::fs::write(package.join("package.json"), manifest).unwrap();
    std::fs::write(package.join("main.js"), "exports.shout = (text) => text.toUpperCase()").unwrap();
    std::fs::write(package.join("main.d.ts"), "export declare function shout(text: string): string").unwrap();
    package.to_string_lossy().into_owned()
}

/// A folder of packages that wants the package and has it not, as that of a copied function.
async fn wants(folder: &Path, package: String) {
    std::fs::create_dir_all(folder).unwrap();
    // Copied into node_modules, as from a registry.
    std::fs::write(folder.join(".npmrc"), "install-links=true\noffline=true\n").unwrap();
    change(&Npm::find().unwrap(), folder, &Wish::Install(vec![package]), |_| {}).await.unwrap();
    std::fs::remove_dir_all(folder.join("node_modules")).unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_installed_is_known_to_the_language_server_at_once() {
    let desk = Desk::new();
    let app = desk.start().await;
    let id = app.create_function("http", Some("one")).await.unwrap().summary.id;
    app.save_file(id, "index.ts".to_owned(), CODE.to_owned()).await.unwrap();
    app.create_file(id, "lib/greet.ts", String::new()).await.unwrap();
    let outside = tempfile::tempdir().unwrap();
    wants(&app.packages(id), made_up(outside.path())).await;

    let mut page = Page::open(&app, id).await;
    let errors = page.errors().await;
    assert!(errors.len() == 1 && errors[0].starts_with("Cannot find module 'made-up-shout'"), "{errors:?}");

    let mut events = app.events();
    app.change_packages(id, PackageWish::Install, |_| {}).await.unwrap();
    assert_eq!(page.errors().await, [""; 0]);
    let mut told = std::iter::from_fn(|| events.try_recv().ok());
    assert!(told.any(|event| matches!(event, Event::Env { function } if function == id)), "nobody is told");
}
