//! Redeploying under load: every answer is whole, and what is replaced goes.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use postern::target::Limits;

use crate::workerd_world::{ID, World, bundle, fetch, get, until};

/// Answers with its version and a body that shows when it is cut; `/stream` takes five seconds over it.
fn version(number: usize) -> String {
    fetch(&format!(
        "if (!request.url.endsWith('/stream')) return new Response('v{number} ' + 'x'.repeat(20000) + ' end');
        const {{ readable, writable }} = new TransformStream(); const writer = writable.getWriter();
        ctx.waitUntil((async () => {{ for (let part = 0; part < 50; part++) {{
            await writer.write(new TextEncoder().encode(`v{number}.${{part}} `)); await scheduler.wait(100); }}
            await writer.close(); }})());
        return new Response(readable)"
    ))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn fifty_redeploys_under_a_thousand_calls_and_a_stream_break_nothing() {
    const REDEPLOYS: usize = 50;
    const CALLS: usize = 1000;

    let world = World::new();
    let port = world.deploy(ID, &version(0)).await;
    let stream = tokio::spawn(get(port, "/stream"));
    let (live, called) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
    let callers: Vec<_> = (0..8)
        .map(|caller| {
            let (live, called) = (Arc::clone(&live), Arc::clone(&called));
            tokio::spawn(async move {
                let kept = reqwest::Client::new();
                let mut versions = Vec::new();
                // As long as there is anything to disturb, and a thousand calls at the least.
                while live.load(Ordering::SeqCst) < REDEPLOYS || called.fetch_add(1, Ordering::SeqCst) < CALLS {
                    let client = if caller % 2 == 0 { kept.clone() } else { reqwest::Client::new() };
                    let before = live.load(Ordering::SeqCst);
                    let answer = client.get(format!("http://127.0.0.1:{port}/")).send().await.unwrap();
                    let text = answer.text().await.unwrap();
                    let after = live.load(Ordering::SeqCst) + 1;
                    let whole = text.strip_suffix(&format!(" {} end", "x".repeat(20000)));
                    let number: usize = whole.and_then(|text| text.strip_prefix('v')).unwrap().parse().unwrap();
                    assert!((before..=after).contains(&number), "v{number} between {before} and {after}");
                    versions.push(number);
                }
                versions
            })
        })
        .collect();

    for number in 1..=REDEPLOYS {
        let process = world.local.start(ID, bundle(&version(number))).await.unwrap();
        world.local.switch(ID, process);
        live.store(number, Ordering::SeqCst);
    }
    let mut versions = Vec::new();
    for caller in callers {
        versions.extend(caller.await.unwrap());
    }
    assert!(versions.len() >= CALLS, "{} calls", versions.len());
    versions.sort_unstable();
    versions.dedup();
    assert!(versions.len() > REDEPLOYS / 2, "calls went to {versions:?} only");

    let parts: Vec<String> = (0..50).map(|part| format!("v0.{part} ")).collect();
    assert_eq!(stream.await.unwrap(), (200, parts.concat()));
    // The live one is all that is left.
    until("the replaced ones to go", || (folders(&world) == 1).then_some(())).await;
}

#[tokio::test]
async fn what_goes_on_after_the_answer_is_not_cut_by_a_redeploy() {
    let world = World::new();
    let code = "ctx.waitUntil(scheduler.wait(600).then(() => console.log('done after all')));
        return new Response('x')";
    let port = world.deploy(ID, &fetch(code)).await;
    get(port, "/").await;
    let process = world.local.start(ID, bundle(&version(1))).await.unwrap();
    world.local.switch(ID, process);
    world.hears("done after all").await;
    until("the replaced one to go", || (folders(&world) == 1).then_some(())).await;
}

#[tokio::test]
async fn a_replaced_process_is_killed_when_its_time_is_up() {
    let limits = Limits { drain: Duration::from_millis(300), ..Limits::default() };
    let world = World::with_limits(limits);
    let port = world.deploy(ID, &fetch("console.log('in'); await scheduler.wait(60000)")).await;
    let call = tokio::spawn(get(port, "/"));
    world.hears("in").await;
    let begun = Instant::now();
    world.local.switch(ID, world.local.start(ID, bundle(&version(1))).await.unwrap());
    assert_eq!(call.await.unwrap().0, 502);
    assert!(begun.elapsed() < Duration::from_secs(5));
    assert!(get(port, "/").await.1.starts_with("v1 "));
}

#[tokio::test]
async fn a_start_that_fails_leaves_the_live_version_alone() {
    let world = World::new();
    let port = world.deploy(ID, &version(1)).await;
    assert!(world.local.start(ID, bundle("throw 1")).await.is_err());
    assert!(get(port, "/").await.1.starts_with("v1 "));
}

/// One for each process.
fn folders(world: &World) -> usize {
    let entries = std::fs::read_dir(&world.run).unwrap();
    entries.filter(|entry| entry.as_ref().unwrap().path().is_dir()).count()
}
