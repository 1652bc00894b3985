//! Scheduled runs, by hand: what the handler is given, and what it comes to.

use std::time::Duration;

use postern::function::Level;
use postern::target::RunError;

use crate::workerd_world::{ID, World, until};

const LIMIT: Duration = Duration::from_secs(10);

const CODE: &str = "export default { async scheduled(controller, env, ctx) {
    console.log(controller.cron, controller.scheduledTime);
    if (controller.cron === '1 * * * *') throw new Error('cron bad');
    if (controller.cron === '2 * * * *') for (;;) {}
} };";

#[tokio::test]
async fn a_run_starts_the_function_and_tells_how_it_went() {
    let world = World::new();
    world.open(ID, CODE).await;
    let run = |cron| world.local.run_scheduled(ID, cron, 1_795_447_289_360, LIMIT);
    assert_eq!(run("0 * * * *").await.unwrap(), "ok");
    world.hears("0 * * * * 1795447289360").await;
    assert_eq!(run("1 * * * *").await.unwrap(), "exception");
    let (level, _, stack) = world.hears("Error: cron bad").await;
    assert_eq!(level, Level::Error);
    assert!(stack.contains("at Object.scheduled (file:///bundle/main.js:3:"), "{stack}");
}

#[tokio::test]
async fn a_run_that_never_ends_is_given_up_and_can_be_stopped() {
    let world = World::new();
    world.open(ID, CODE).await;
    let run = |cron, limit| world.local.run_scheduled(ID, cron, 0, limit);
    let given_up = run("2 * * * *", Duration::from_millis(500)).await;
    assert!(matches!(given_up, Err(RunError::TimedOut(_))), "{given_up:?}");
    world.local.stop(ID);
    assert_eq!(run("0 * * * *", LIMIT).await.unwrap(), "ok");
}

#[tokio::test]
async fn a_run_whose_process_is_stopped_says_so() {
    let world = World::new();
    world.open(ID, CODE).await;
    let running = world.local.clone();
    let run = tokio::spawn(async move { running.run_scheduled(ID, "2 * * * *", 0, LIMIT).await });
    world.hears("2 * * * *").await;
    world.local.stop(ID);
    assert!(matches!(run.await.unwrap(), Err(RunError::Broken)));
    until("it to be down", || (!world.local.is_running(ID)).then_some(())).await;
}

#[tokio::test]
async fn a_function_without_the_handler_says_so() {
    let world = World::new();
    world.open(ID, "export default { fetch() {} };").await;
    let run = world.local.run_scheduled(ID, "0 * * * *", 0, LIMIT).await;
    assert_eq!(run.unwrap(), "exception");
    world.hears("Handler does not export a scheduled() function").await;
}

#[tokio::test]
async fn a_function_that_was_never_opened_says_so() {
    let world = World::new();
    let run = world.local.run_scheduled(ID, "0 * * * *", 0, LIMIT).await;
    assert!(matches!(run, Err(RunError::Unavailable(_))), "{run:?}");
}
