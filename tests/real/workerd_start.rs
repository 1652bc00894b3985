//! Starting: what answers, what is refused and with which words, and what a start may take.

use std::time::{Duration, Instant};

use postern::deployment::{Bundle, Content, Module};
use postern::target::{Limits, Local, StartError};

use crate::workerd_world::{ID, World, bundle, bundle_with, descendants, fetch, get, starter, until};

async fn refused(code: &str) -> String {
    // To run out of memory takes seconds where everything else is running too.
    let limits = Limits { start: Duration::from_secs(30), ..Limits::default() };
    match World::with_limits(limits).local.start(ID, bundle(code)).await {
        Err(StartError::Refused { text }) => text,
        Err(other) => panic!("another error: {other}"),
        Ok(_) => panic!("it started"),
    }
}

#[tokio::test]
async fn a_function_answers_with_its_secret() {
    let world = World::new();
    let code = fetch("return new Response(env.API_KEY)");
    let port = world.open(ID, &code).await;
    let value = "-----BEGIN KEY-----\r\n\"quoted\" \\ 🔑\r\n";
    let process = world.local.start(ID, bundle_with(&code, &[("API_KEY", value)])).await.unwrap();
    world.local.switch(ID, process);
    assert_eq!(get(port, "/").await, (200, value.to_owned()));
    assert!(world.local.is_running(ID));
}

#[tokio::test]
async fn modules_import_each_other() {
    let world = World::new();
    let module = |name: &str, code: &str| Module { name: name.into(), content: Content::Code(code.into()), map: None };
    let parts = vec![
        module("main.js", "import { word } from './word.js'; export default { fetch: () => new Response(word) };"),
        module("word.js", "export const word = 'hello';"),
    ];
    let port = world.open(ID, "").await;
    let whole = Bundle { modules: parts, ..bundle("") };
    world.local.switch(ID, world.local.start(ID, whole).await.unwrap());
    assert_eq!(get(port, "/").await, (200, "hello".into()));
}

#[tokio::test]
async fn a_syntax_error_is_refused_with_its_place() {
    let text = refused("export default { fetch() { return new Response('x' } };").await;
    assert!(text.starts_with("Uncaught SyntaxError: "), "{text}");
    assert!(text.contains("file:///bundle/main.js:1:"), "{text}");
}

#[tokio::test]
async fn what_the_code_throws_at_start_is_told_with_its_stack() {
    let text = refused("\nfunction boom() { throw new TypeError('at start'); }\nboom();").await;
    assert_eq!(
        text.lines().map(str::trim).collect::<Vec<_>>(),
        ["Uncaught TypeError: at start", "at file:///bundle/main.js:2:25 in boom", "at file:///bundle/main.js:3:1"]
    );
}

#[tokio::test]
async fn code_that_takes_all_memory_at_start_is_refused_in_plain_words() {
    let text = refused("const all = []; for (;;) all.push(new Array(100000).fill({}));").await;
    assert_eq!(text, "The function ran out of memory: it has 128 MB.");
}

#[tokio::test]
async fn a_start_that_never_ends_is_stopped_by_the_limit() {
    let limits = Limits { start: Duration::from_millis(500), ..Limits::default() };
    let world = World::with_limits(limits);
    let begun = Instant::now();
    let error = world.local.start(ID, bundle("for (;;) {}")).await.err().unwrap();
    assert!(matches!(error, StartError::TimedOut(_)), "{error}");
    assert!(begun.elapsed() < Duration::from_secs(2));
    world.local.shutdown().await;
    until("its folder to go", || (folders(&world) == 0).then_some(())).await;
}

#[tokio::test]
async fn a_start_that_is_given_up_leaves_no_process() {
    let world = World::new();
    {
        let start = world.local.start(ID, bundle("for (;;) {}"));
        tokio::pin!(start);
        tokio::select! {
            _ = &mut start => panic!("it never ends"),
            () = until("the process", || (!ours(&world).is_empty()).then_some(())) => {}
        }
    }
    until("the process to end", || ours(&world).is_empty().then_some(())).await;
}

/// Processes that work in this world's folder.
fn ours(world: &World) -> Vec<u32> {
    let works_here =
        |pid: &u32| std::fs::read_link(format!("/proc/{pid}/cwd")).is_ok_and(|cwd| cwd.starts_with(&world.run));
    descendants(std::process::id()).into_iter().filter(works_here).collect()
}

fn folders(world: &World) -> usize {
    let entries = std::fs::read_dir(&world.run).unwrap();
    entries.filter(|entry| entry.as_ref().unwrap().path().is_dir()).count()
}

#[tokio::test]
async fn a_missing_runtime_is_said_with_its_path_and_found_when_it_is_there() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("workerd");
    let (signals, _heard) = tokio::sync::mpsc::channel(8);
    let local = Local::new(path.clone(), folder.path().join("run"), signals).unwrap();
    assert!(matches!(local.check(), Err(StartError::RuntimeMissing(missing)) if missing == path));

    let port = local.open(ID, None, starter(&fetch("return new Response('x')"))).await.unwrap();
    let (status, text) = get(port, "/").await;
    assert_eq!(status, 503);
    assert!(text.contains("missing at"), "{text}");

    std::os::unix::fs::symlink(crate::workerd_world::binary(), &path).unwrap();
    assert!(local.check().is_ok());
    assert_eq!(get(port, "/").await, (200, "x".into()));
}

#[tokio::test]
async fn the_newest_compatibility_date_is_one_that_starts() {
    let world = World::new();
    let date = world.local.newest_compatibility_date();
    let newest = Bundle { compatibility_date: date, ..bundle(&fetch("return new Response()")) };
    world.local.start(ID, newest).await.unwrap();
    let later = Bundle { compatibility_date: "2999-01-01".into(), ..bundle(&fetch("return new Response()")) };
    assert!(matches!(world.local.start(ID, later).await, Err(StartError::Refused { .. })));
}
