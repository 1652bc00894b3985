//! The real language server: what it knows of a function, that it comes back after its death, and that it keeps to itself.

use std::{
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

use postern::{
    function::FunctionId,
    language::{Language, Project, Refused, State, Tools},
};
use serde_json::{Value, json};

use crate::workerd_world::{descendants, kill, until};

pub(crate) const ID: FunctionId = FunctionId(7);
const CODE: &str =
    "export default {\n  async fetch(request: Request, env: Env) {\n    return new Response(env.API_KEY)\n  },\n}\n";

/// As set-up lays it out.
pub(crate) fn typescript() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("target/sidecar/typescript")
}

pub(crate) fn tools() -> Tools {
    Tools::within(&typescript())
}

pub(crate) fn project(folder: &Path, secrets: &[&str]) -> Project {
    Project {
        folder: folder.to_owned(),
        files: vec!["index.ts".to_owned(), "lib/greet.ts".to_owned()],
        secrets: secrets.iter().map(|name| (*name).to_owned()).collect(),
        variables: vec!["REGION".to_owned()],
        node: false,
        process_env: false,
    }
}

/// The page's end.
pub(crate) struct Page {
    language: Language,
    session: u64,
    number: u64,
    root: String,
}

impl Page {
    pub(crate) async fn open(language: &Language, project: &Project, code: &str) -> Self {
        let session = ready(language).await;
        let root = language.open(session, ID, project).unwrap();
        let mut page = Self { language: language.clone(), session, number: 0, root };
        page.write("index.ts", code);
        page
    }

    pub(crate) fn write(&mut self, path: &str, code: &str) {
        let language = if path.ends_with("x") { "typescriptreact" } else { "typescript" };
        let document = json!({ "uri": self.uri(path), "languageId": language, "version": 1, "text": code });
        self.tell("textDocument/didOpen", json!({ "textDocument": document }));
    }

    fn uri(&self, path: &str) -> String {
        format!("{}{path}", self.root)
    }

    fn tell(&mut self, method: &str, params: Value) {
        self.language.tell(self.session, self.number, method.to_owned(), params).unwrap();
        self.number += 1;
    }

    pub(crate) async fn ask(&mut self, method: &str, mut params: Value) -> Value {
        params["textDocument"] = json!({ "uri": self.uri("index.ts") });
        self.number += 1;
        let answer = self.language.ask(self.session, self.number - 1, method.to_owned(), params).await.unwrap();
        serde_json::from_str(answer.get()).unwrap()
    }

    /// The errors that it finds in `index.ts`.
    pub(crate) async fn errors(&mut self) -> Vec<String> {
        let report = self.ask("textDocument/diagnostic", json!({})).await;
        let errors = report["items"].as_array().unwrap().iter().filter(|item| item["severity"] == 1);
        errors.map(|item| item["message"].as_str().unwrap().to_owned()).collect()
    }
}

async fn ready(language: &Language) -> u64 {
    language.start();
    let mut states = language.states();
    let ready = states.wait_for(|state| matches!(state, State::Ready { .. }));
    let state = tokio::time::timeout(Duration::from_secs(20), ready).await.expect("it starts").unwrap();
    let State::Ready { session, .. } = *state else { unreachable!() };
    session
}

/// The processes of the server that this test started.
fn servers() -> Vec<u32> {
    // A name is cut there.
    let ours = |pid: &u32| std::fs::read(format!("/proc/{pid}/comm")).is_ok_and(|name| name == b"postern-typescr\n");
    descendants(std::process::id()).into_iter().filter(ours).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn env_follows_the_secrets_at_once() {
    let folder = tempfile::tempdir().unwrap();
    let language = Language::new(tools());
    let mut page = Page::open(&language, &project(folder.path(), &["API_KEY"]), CODE).await;
    assert_eq!(page.errors().await, [""; 0]);

    let began = Instant::now();
    assert!(language.update(ID, &project(folder.path(), &[])));
    assert_eq!(page.errors().await, ["Property 'API_KEY' does not exist on type 'Env'."]);
    assert!(began.elapsed() < Duration::from_millis(500), "{:?}", began.elapsed());

    assert!(language.update(ID, &project(folder.path(), &["API_KEY", "NEW_KEY"])));
    assert_eq!(page.errors().await, [""; 0]);
    let after_the_dot = json!({ "position": { "line": 2, "character": 28 } });
    let names = page.ask("textDocument/completion", after_the_dot).await;
    let mut names: Vec<_> = names["items"].as_array().unwrap().iter().map(|item| item["label"].clone()).collect();
    names.sort_by_key(Value::to_string);
    assert_eq!(names, ["API_KEY", "NEW_KEY", "REGION"]);
    assert!(!language.update(ID, &project(folder.path(), &["API_KEY", "NEW_KEY"])), "nothing is new");
}

#[tokio::test(flavor = "multi_thread")]
async fn files_import_each_other_and_the_runtime_is_known() {
    let folder = tempfile::tempdir().unwrap();
    let language = Language::new(tools());
    let code = "import { env } from 'cloudflare:workers'\nimport { greet } from './lib/greet'\n\
                export const key: string = greet(env.API_KEY)\nnew HTMLRewriter().nothing\n";
    let mut page = Page::open(&language, &project(folder.path(), &["API_KEY"]), code).await;
    page.write("lib/greet.ts", "export const greet = (name: string) => `Hello, ${name}`\n");
    assert_eq!(page.errors().await, ["Property 'nothing' does not exist on type 'HTMLRewriter'."]);
    let written = std::fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().file_name());
    assert_eq!(written.collect::<Vec<_>>(), ["lib"], "nothing but an empty folder is on the disk");
}

#[tokio::test(flavor = "multi_thread")]
async fn messages_reach_it_in_the_order_of_their_numbers() {
    let folder = tempfile::tempdir().unwrap();
    let language = Language::new(tools());
    let mut page = Page::open(&language, &project(folder.path(), &["API_KEY"]), CODE).await;
    let change = |version: i32, text: &str| {
        let document = json!({ "uri": page.uri("index.ts"), "version": version });
        json!({ "textDocument": document, "contentChanges": [{ "text": text }] })
    };
    let (wrong, right) = (change(2, "const a: string = 1\n"), change(3, "const a: number = 1\nconsole.log(a)\n"));
    let (session, next) = (page.session, page.number);
    // The later one overtakes the earlier one.
    language.tell(session, next + 1, "textDocument/didChange".into(), right).unwrap();
    language.tell(session, next, "textDocument/didChange".into(), wrong).unwrap();
    page.number += 2;
    assert_eq!(page.errors().await, [""; 0]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_killed_server_is_back_within_two_seconds_and_knows_the_old_session_no_more() {
    let folder = tempfile::tempdir().unwrap();
    let language = Language::new(tools());
    let shown = project(folder.path(), &["API_KEY"]);
    let mut page = Page::open(&language, &shown, CODE).await;
    assert_eq!(page.errors().await, [""; 0]);

    let began = Instant::now();
    let mut states = language.states();
    states.mark_unchanged();
    servers().into_iter().for_each(kill);
    states.changed().await.unwrap();
    assert_eq!(language.state(), State::Restarting);
    let gone = language.ask(page.session, page.number, "textDocument/hover".into(), json!({})).await;
    assert_eq!(gone.unwrap_err(), Refused::Gone);

    let mut page = Page::open(&language, &shown, "env.API_KEY\n").await;
    assert!(matches!(language.state(), State::Ready { restarted: true, .. }));
    assert_eq!(page.errors().await, ["Cannot find name 'env'."]);
    assert!(began.elapsed() < Duration::from_secs(2), "{:?}", began.elapsed());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_always_dies_is_given_up_with_a_reason_and_restarts_when_asked() {
    let folder = tempfile::tempdir().unwrap();
    let program = folder.path().join("postern-typescript");
    std::os::unix::fs::symlink("/bin/false", &program).unwrap();
    let language = Language::new(Tools { program: program.clone(), ..tools() });
    let failed = async |language: &Language, part: &str| {
        let mut states = language.states();
        let failed = states.wait_for(|state| matches!(state, State::Failed(why) if why.contains(part)));
        let failed = tokio::time::timeout(Duration::from_secs(30), failed).await;
        failed.unwrap_or_else(|_| panic!("{:?}", language.state())).unwrap().clone()
    };
    language.start();
    let State::Failed(why) = failed(&language, "The code is untouched").await else { unreachable!() };
    assert!(why.starts_with("TypeScript ended (exit status: 1) and was started anew in vain."), "{why}");

    std::fs::remove_file(&program).unwrap();
    language.restart();
    failed(&language, "TypeScript is missing beside Postern").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_runs_before_it_is_wanted_nor_after_it_was_idle() {
    let folder = tempfile::tempdir().unwrap();
    let language = Language::with_idle(tools(), Duration::from_millis(600));
    assert_eq!(language.state(), State::Off);
    let mut page = Page::open(&language, &project(folder.path(), &["API_KEY"]), CODE).await;
    assert_eq!(page.errors().await, [""; 0]);
    language.states().wait_for(|state| *state == State::Off).await.unwrap();
    let mut page = Page::open(&language, &project(folder.path(), &[]), CODE).await;
    assert_eq!(page.errors().await.len(), 1);
    language.shutdown().await;
    assert_eq!(language.state(), State::Off);
}

#[tokio::test(flavor = "multi_thread")]
async fn one_that_starts_after_an_idle_stop_is_no_restart() {
    let language = Language::with_idle(tools(), Duration::from_millis(600));
    let session = ready(&language).await;
    servers().into_iter().for_each(kill);
    let mut states = language.states();
    let again = |state: &State| matches!(state, State::Ready { session: s, restarted: true } if *s > session);
    states.wait_for(again).await.unwrap();
    states.wait_for(|state| *state == State::Off).await.unwrap();
    ready(&language).await;
    assert!(matches!(language.state(), State::Ready { restarted: false, .. }), "{:?}", language.state());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_talks_nonsense_is_ended() {
    let folder = tempfile::tempdir().unwrap();
    let program = folder.path().join("postern-typescript");
    // It answers the first question, and later says what is no message.
    let script = r#"#!/bin/sh
printf 'Content-Length: 36\r\n\r\n{"jsonrpc":"2.0","id":0,"result":{}}'
read -r _
printf 'nonsense\r\n\r\n'
exec /bin/sleep 1000
"#;
    std::fs::write(&program, script).unwrap();
    std::fs::set_permissions(&program, std::os::unix::fs::PermissionsExt::from_mode(0o700)).unwrap();
    let language = Language::new(Tools { program, ..tools() });
    let mut states = language.states();
    language.start();
    let failed = states.wait_for(|state| matches!(state, State::Failed(_)));
    let failed = tokio::time::timeout(Duration::from_secs(20), failed).await.expect("it is given up").unwrap().clone();
    let State::Failed(why) = failed else { unreachable!() };
    assert!(why.starts_with("TypeScript ended (it said what is no message)"), "{why}");
    let sleeps = |pid: &u32| std::fs::read(format!("/proc/{pid}/comm")).is_ok_and(|name| name == b"sleep\n");
    until("each to end", || (!descendants(std::process::id()).iter().any(sleeps)).then_some(())).await;
}

#[test]
fn declarations_are_read_and_nothing_else_is() {
    let folder = tempfile::tempdir().unwrap();
    let language = Language::new(tools());
    let read = |path: &Path| language.declaration(&format!("file://{}", path.display()), folder.path());
    assert!(read(&tools().types).unwrap().contains("declare class HTMLRewriter"));
    assert!(read(&tools().program.with_file_name("lib.es5.d.ts")).unwrap().contains("interface Array<T>"));
    assert_eq!(read(&tools().program), None);
    assert_eq!(read(Path::new("/etc/passwd")), None);
    let outside = folder.path().join("outside.d.ts");
    std::os::unix::fs::symlink("/etc/passwd", &outside).unwrap();
    assert_eq!(read(&outside), None);
    std::fs::remove_file(&outside).unwrap();
    std::fs::write(&outside, "declare const a: 1").unwrap();
    assert_eq!(read(&outside).as_deref(), Some("declare const a: 1"));
}

#[tokio::test(flavor = "multi_thread")]
async fn too_many_functions_start_it_anew() {
    let folder = tempfile::tempdir().unwrap();
    let language = Language::new(tools());
    let session = ready(&language).await;
    let open = |id: i64| language.open(session, FunctionId(id), &project(&folder.path().join(id.to_string()), &[]));
    assert!((1..=20).all(|id| open(id).is_ok()));
    assert!(open(5).is_ok());
    assert_eq!(open(21).unwrap_err(), Refused::Gone);
    language.states().wait_for(|state| matches!(state, State::Ready { session: s, .. } if *s > session)).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn it_has_no_environment_and_starts_no_program() {
    let folder = tempfile::tempdir().unwrap();
    let language = Language::new(tools());
    // What makes a server fetch types where it may.
    let code = "import express from 'express'\nimport _ from 'lodash'\nexpress(_)\n";
    let mut page = Page::open(&language, &project(folder.path(), &[]), code).await;
    assert_eq!(page.errors().await.len(), 2);
    tokio::time::sleep(Duration::from_millis(500)).await;
    for pid in servers() {
        assert_eq!(std::fs::read(format!("/proc/{pid}/environ")).unwrap(), b"");
        let children = std::fs::read_to_string(format!("/proc/{pid}/task/{pid}/children")).unwrap_or_default();
        assert_eq!(children, "");
    }
    let refused = language.ask(page.session, page.number, "workspace/executeCommand".into(), json!({})).await;
    assert!(matches!(refused, Err(Refused::Said(_))));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_kinds_of_tokens_are_those_that_the_page_knows() {
    let folder = tempfile::tempdir().unwrap();
    let language = Language::new(tools());
    let mut page = Page::open(&language, &project(folder.path(), &[]), "class A {}\nfunction b() {}\n").await;
    let tokens = page.ask("textDocument/semanticTokens/full", json!({})).await;
    // Line, column, length, kind and modifiers of each, from the one before: a class, then a function.
    let kinds: Vec<u64> =
        tokens["data"].as_array().unwrap().chunks(5).map(|token| token[3].as_u64().unwrap()).collect();
    assert_eq!(kinds, [1, 10]);
}
