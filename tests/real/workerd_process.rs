//! A process that misbehaves harms nobody else, and none is left where it is no longer wanted.

use std::time::Duration;

use postern::function::{FunctionId, Level};
use postern::target::Limits;

use crate::workerd_world::{Heard, ID, LOOPS, World, alive, descendants, fetch, get, kill, until};

const OTHER: FunctionId = FunctionId(2);

#[tokio::test]
async fn an_endless_loop_harms_no_other_function_and_can_be_stopped() {
    let world = World::with_limits(Limits { silence: Duration::from_secs(1), ..Limits::default() });
    let looping = world.deploy(ID, &fetch(LOOPS)).await;
    let other = world.deploy(OTHER, &fetch("return new Response('other')")).await;
    let stuck = tokio::spawn(reqwest::get(format!("http://localhost:{looping}/loop")));
    world.hears("looping").await;
    let (level, said, _) = world.hears("has had no answer").await;
    assert_eq!(level, Level::System);
    assert_eq!(said, "GET /loop has had no answer for 1 s. Stop, in the function's menu, ends it.");

    assert_eq!(get(other, "/").await, (200, "other".into()));
    world.local.stop(ID);
    assert_eq!(stuck.await.unwrap().unwrap().status(), 502);
    assert!(!world.local.is_running(ID));
    assert_eq!(get(looping, "/").await, (200, "fine".into()));
}

#[tokio::test]
async fn a_function_that_never_stops_talking_waits_for_its_listener_and_can_be_stopped() {
    let world = World::new();
    let port = world.deploy(ID, &fetch("for (;;) console.log('on and on')")).await;
    let other = world.deploy(OTHER, &fetch("return new Response('other')")).await;
    let call = tokio::spawn(reqwest::get(format!("http://localhost:{port}/")));
    world.hears("on and on").await;
    assert_eq!(get(other, "/").await, (200, "other".into()));
    world.local.stop(ID);
    assert_eq!(call.await.unwrap().unwrap().status(), 502);
}

#[tokio::test]
async fn a_process_that_is_killed_is_started_again_by_the_next_call() {
    let world = World::new();
    let port = world.deploy(ID, &fetch("return new Response('up')")).await;
    get(port, "/").await;
    let pid = until("the process", || workerd_in(&world).first().copied()).await;
    kill(pid);
    world.hears("The function's process ended").await;
    until("the app to hear", || (!world.local.is_running(ID)).then_some(())).await;
    assert_eq!(get(port, "/").await, (200, "up".into()));
    until("both to be told", || {
        let told = |heard: &Heard| {
            if let Heard::Running(ID, running) = heard { Some(*running) } else { None }
        };
        let mut told: Vec<bool> = world.heard().iter().filter_map(told).collect();
        told.dedup();
        told.ends_with(&[true, false, true]).then_some(())
    })
    .await;
}

#[tokio::test]
async fn a_call_that_comes_before_anybody_noticed_the_end_is_answered_too() {
    let world = World::new();
    let port = world.deploy(ID, &fetch("return new Response('up')")).await;
    for _ in 0..5 {
        assert_eq!(get(port, "/").await, (200, "up".into()));
        let pid = until("the process", || workerd_in(&world).first().copied()).await;
        kill(pid);
        // Without a pause for the runtime, which is one thread here and so cannot hear of the end.
        while alive(pid) || threads(pid) > 1 {
            std::thread::sleep(Duration::from_millis(1));
        }
        assert_eq!(get(port, "/").await, (200, "up".into()));
    }
    until("each end to be told", || {
        (world.said(ID).iter().filter(|text| text.starts_with("The function's process ended")).count() == 5)
            .then_some(())
    })
    .await;
}

#[tokio::test]
async fn calls_that_find_no_process_start_one_and_not_many() {
    let world = World::new();
    let port = world.open(ID, &fetch("return new Response(globalThis.id ??= crypto.randomUUID())")).await;
    assert!(!world.local.is_running(ID));
    let calls: Vec<_> = (0..20).map(|_| tokio::spawn(get(port, "/"))).collect();
    let mut answers = Vec::new();
    for call in calls {
        answers.push(call.await.unwrap());
    }
    answers.dedup();
    assert_eq!(answers.len(), 1, "{answers:?}");
}

#[tokio::test]
async fn memory_that_runs_out_ends_the_function_and_nothing_else() {
    let world = World::new();
    let code = "if (request.url.endsWith('/heap')) { const all = []; for (;;) all.push(new Array(100000).fill({})); }
        return new Response('fine')";
    let port = world.deploy(ID, &fetch(code)).await;
    assert_eq!(get(port, "/heap").await.0, 502);
    let (level, text, _) = world.hears("ran out of memory").await;
    assert_eq!(level, Level::System, "{text}");
    assert_eq!(get(port, "/").await, (200, "fine".into()));
}

#[tokio::test]
async fn array_buffers_fail_in_the_function_before_they_take_the_computers_memory() {
    let world = World::new();
    let code = "const all = [];
        try { for (;;) all.push(new Uint8Array(64 << 20).fill(1)); }
        catch (error) { return new Response(`${error.name} ${all.length * 64 < 1024}`) }";
    let port = world.deploy(ID, &fetch(code)).await;
    assert_eq!(get(port, "/").await, (200, "RangeError true".into()));
}

#[tokio::test]
async fn an_idle_process_is_stopped_and_one_with_a_call_is_not() {
    let limits = Limits { idle: Duration::from_millis(500), ..Limits::default() };
    let world = World::with_limits(limits);
    let code = fetch("await scheduler.wait(1500); return new Response('slow')");
    let port = world.deploy(ID, &code).await;
    assert_eq!(get(port, "/").await, (200, "slow".into()));
    until("it to be stopped", || (!world.local.is_running(ID)).then_some(())).await;
    world.hears("Stopped").await;
    assert_eq!(get(port, "/").await, (200, "slow".into()));
}

#[tokio::test]
async fn shutting_down_leaves_no_process_and_no_folder() {
    let world = World::new();
    let port = world.deploy(ID, &fetch(LOOPS)).await;
    let stuck = tokio::spawn(reqwest::get(format!("http://localhost:{port}/loop")));
    world.hears("looping").await;
    world.local.shutdown().await;
    assert_eq!(workerd_in(&world), Vec::<u32>::new());
    let left: Vec<_> = std::fs::read_dir(&world.run).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(left, ["lock"]);
    assert!(stuck.await.unwrap().is_err());
}

#[tokio::test]
async fn dropping_the_target_leaves_no_process() {
    let world = World::new();
    world.deploy(ID, &fetch(LOOPS)).await;
    let run = world.run.clone();
    assert_eq!(processes_in(&run).len(), 1);
    drop(world);
    until("the process to end", || processes_in(&run).is_empty().then_some(())).await;
}

/// Those of a killed process go one by one, and its sockets with the last.
fn threads(pid: u32) -> usize {
    std::fs::read_dir(format!("/proc/{pid}/task")).map_or(0, Iterator::count)
}

fn workerd_in(world: &World) -> Vec<u32> {
    processes_in(&world.run)
}

fn processes_in(run: &std::path::Path) -> Vec<u32> {
    let works_here = |pid: &u32| std::fs::read_link(format!("/proc/{pid}/cwd")).is_ok_and(|cwd| cwd.starts_with(run));
    descendants(std::process::id()).into_iter().filter(works_here).collect()
}
