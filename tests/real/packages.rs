//! Packages as the language server and a deployment see them, brought by the real npm from the disk.

use std::path::Path;

use postern::{
    app::App,
    deployment::{Change, Status, TargetId},
    function::FunctionId,
    packages::{Npm, Wish, beside, change},
    wire::{Event, LanguageState, Order, PackageWish},
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
fn made_up(at: &Path, version: &str) -> String {
    let package = at.join("made-up-shout");
    std::fs::create_dir_all(&package).unwrap();
    let manifest = json!({ "name": "made-up-shout", "version": version, "main": "main.js", "types": "main.d.ts" });
    std::fs::write(package.join("package.json"), manifest.to_string()).unwrap();
    std::fs::write(package.join("main.js"), "exports.shout = (text) => text.toUpperCase()").unwrap();
    std::fs::write(package.join("main.d.ts"), "export declare function shout(text: string): string").unwrap();
    package.to_string_lossy().into_owned()
}

async fn install(folder: &Path, package: String) {
    std::fs::create_dir_all(folder).unwrap();
    // Copied into node_modules, as from a registry.
    std::fs::write(folder.join(".npmrc"), "install-links=true\noffline=true\n").unwrap();
    let beside = beside(folder).await.unwrap();
    change(&Npm::find().unwrap(), folder, beside, &Wish::Install(vec![package]), |_| {}).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_installed_is_known_to_the_language_server_at_once() {
    let desk = Desk::new();
    let app = desk.start().await;
    let id = app.create_function("http", Some("one")).await.unwrap().summary.id;
    app.save_file(id, "index.ts".to_owned(), CODE.to_owned()).await.unwrap();
    app.create_file(id, "lib/greet.ts", String::new()).await.unwrap();
    let outside = tempfile::tempdir().unwrap();
    install(&app.packages(id), made_up(outside.path(), "2.1.0")).await;
    // It wants the package and has it not, as a copied function.
    std::fs::remove_dir_all(app.packages(id).join("node_modules")).unwrap();

    let mut page = Page::open(&app, id).await;
    let errors = page.errors().await;
    assert!(errors.len() == 1 && errors[0].starts_with("Cannot find module 'made-up-shout'"), "{errors:?}");

    let mut events = app.events();
    app.change_packages(id, PackageWish::Install, |_| {}).await.unwrap();
    assert_eq!(page.errors().await, [""; 0]);
    let mut told = std::iter::from_fn(|| events.try_recv().ok());
    assert!(told.any(|event| matches!(event, Event::Env { function } if function == id)), "nobody is told");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_live_is_outdated_once_its_packages_are_others() {
    let desk = Desk::new();
    let app = desk.start().await;
    let id = app.create_function("http", Some("one")).await.unwrap().summary.id;
    let code = "import { shout } from 'made-up-shout'\nexport default { fetch: () => new Response(shout('hi')) }";
    app.save_file(id, "index.ts".to_owned(), code.to_owned()).await.unwrap();
    let (folder, outside) = (app.packages(id), tempfile::tempdir().unwrap());
    install(&folder, made_up(outside.path(), "2.1.0")).await;
    let stands = async || {
        let local = app.open_function(id).await.unwrap().summary.local;
        (local.status, local.changes)
    };
    let deploy = async || app.deploy(id, TargetId::LOCAL, Order::default(), |_| {}).await.unwrap().number;
    let (live, outdated) = ((Status::Live, vec![]), (Status::Outdated, vec![Change::Packages]));

    deploy().await;
    assert_eq!(stands().await, live);
    install(&folder, made_up(outside.path(), "2.2.0")).await;
    assert_eq!(stands().await, outdated);
    assert_eq!(deploy().await, 2);
    assert_eq!(stands().await, live);

    let removed = PackageWish::Remove { name: "made-up-shout".to_owned() };
    let told = app.change_packages(id, removed, |_| {}).await.unwrap().summary.local;
    assert_eq!((told.status, told.changes), outdated);

    // One that was deployed before and is gone back to has the packages that it had.
    install(&folder, made_up(outside.path(), "2.2.0")).await;
    assert_eq!(stands().await, live);
    let first = app.history(id).await.unwrap().last().unwrap().id;
    app.roll_back(first, None, |_| {}).await.unwrap();
    assert_eq!(stands().await, outdated);
}
