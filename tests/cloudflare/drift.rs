//! What somebody else deployed: seen before anything is sent, shown in the plan, and replaced only where it was
//! reviewed.

use postern::wire::{ChangeKind, Code, Order};
use serde_json::json;

use crate::desk::{Desk, deploy, deploy_over, function, secret, try_deploy, write};
use crate::support::workers_api::{Fault, Kind};
use crate::upload::ECHO;

const FIRST: &str = "made-up-first-value-4711";
const THEIRS: &str = "export default { fetch() { return new Response('theirs') } }";

#[tokio::test]
async fn what_somebody_else_deployed_over_ours_is_left_alone_until_it_was_reviewed() {
    let (desk, app, target) = Desk::with_target().await;
    let id = function(&app, "hello", ECHO).await;
    secret(&app, id, "API_KEY", FIRST).await;
    deploy(&app, id, target).await;
    desk.asking().put("hello", THEIRS, json!([])).await;
    write(&app, id, &ECHO.replace("key", "mine")).await;
    let (before, history) = (desk.writes(), app.history(id).await.expect("a history"));

    let failure = try_deploy(&app, id, target).await.expect_err("somebody else was there");

    assert_eq!(failure.code, Code::Drift);
    assert!(failure.message.contains("dev@example.com") && failure.message.contains("with api"), "{}", failure.message);
    assert_eq!(desk.writes(), before, "nothing was sent");
    assert_eq!(desk.answer("hello").await, "theirs");
    assert_eq!(app.history(id).await.expect("a history"), history, "it is no attempt that failed");

    let plan = app.plan(id, target).await.expect("a plan");
    let drift = plan.drift.expect("it is in the plan");
    assert_eq!(Some(&drift.version), desk.server.live_version("hello").as_ref());
    assert_eq!((drift.author.as_deref(), drift.source.as_deref()), (Some("dev@example.com"), Some("api")));
    assert!(drift.at.is_some());
    // Compared with what is there: their module goes, ours comes.
    let theirs = plan.files.iter().find(|file| file.path == "index.js").expect("their module");
    assert_eq!(theirs.before, THEIRS);
    assert!(plan.files.iter().any(|file| file.after.contains("mine")), "{:?}", plan.files);
    assert_eq!(desk.writes(), before, "a plan sends nothing");

    deploy_over(&app, id, target, &drift.version).await;
    assert_eq!(desk.answer("hello").await, format!("mine {FIRST}"));
    assert_eq!(desk.sent_as("API_KEY").as_deref(), Some("secret_text"), "nothing of theirs is inherited as ours");
    desk.assert_history_is_true(&app, id, target, "hello").await;
    deploy(&app, id, target).await;
}

#[tokio::test]
async fn what_was_reviewed_is_not_what_came_after_it() {
    let (desk, app, target) = Desk::with_target().await;
    let id = function(&app, "hello", ECHO).await;
    secret(&app, id, "API_KEY", FIRST).await;
    deploy(&app, id, target).await;
    desk.asking().put("hello", THEIRS, json!([])).await;
    let reviewed = app.plan(id, target).await.expect("a plan").drift.expect("a drift").version;
    desk.asking().put("hello", &THEIRS.replace("theirs", "theirs again"), json!([])).await;
    let order = Order { over: Some(reviewed), ..Order::default() };
    let failure = app.deploy(id, target, order, |_| {}).await.expect_err("it is another one by now");
    assert_eq!(failure.code, Code::Drift);
    assert_eq!(desk.answer("hello").await, "theirs again");
}

#[tokio::test]
async fn a_name_that_was_never_deployed_from_here_and_is_there_is_somebody_elses() {
    let (desk, app, target) = Desk::with_target().await;
    desk.asking().put("hello", THEIRS, json!([crate::upload::secret("THEIRS", "made-up-theirs")])).await;
    let code = "export default { fetch(_, env) { return new Response(`mine ${env.THEIRS}`) } }";
    let id = function(&app, "hello", code).await;
    let before = desk.writes();

    let failure = try_deploy(&app, id, target).await.expect_err("it is not ours");
    assert_eq!(failure.code, Code::Drift);
    let plan = app.plan(id, target).await.expect("a plan");
    assert!(!plan.first && plan.refusals.is_empty(), "{plan:?}");
    assert_eq!(plan.foreign, [("THEIRS".to_owned(), "secret_text".to_owned())]);
    assert_eq!(desk.writes(), before);
    assert_eq!(desk.answer("hello").await, "theirs");

    deploy_over(&app, id, target, &plan.drift.expect("a drift").version).await;
    assert_eq!(desk.answer("hello").await, "mine made-up-theirs", "their secret is kept and can be used");
}

#[tokio::test]
async fn a_version_of_somebody_else_that_waits_beside_ours_is_seen_too() {
    let (desk, app, target) = Desk::with_target().await;
    let id = function(&app, "hello", ECHO).await;
    secret(&app, id, "API_KEY", FIRST).await;
    deploy(&app, id, target).await;
    let waiting = desk.asking().version("hello", THEIRS, json!([])).await;
    assert_eq!(try_deploy(&app, id, target).await.expect_err("a version waits").code, Code::Drift);
    // What would be inherited is theirs now, and so everything is sent.
    deploy_over(&app, id, target, &waiting).await;
    assert_eq!(desk.sent_as("API_KEY").as_deref(), Some("secret_text"));
    assert_eq!(desk.answer("hello").await, format!("key {FIRST}"));
}

#[tokio::test]
async fn a_rollback_by_somebody_else_to_a_version_of_ours_is_seen() {
    let (desk, app, target) = Desk::with_target().await;
    let id = function(&app, "hello", "export default { fetch() { return new Response('one') } }").await;
    deploy(&app, id, target).await;
    let one = desk.server.live_version("hello").expect("it is live");
    write(&app, id, "export default { fetch() { return new Response('two') } }").await;
    deploy(&app, id, target).await;
    desk.asking().deploy("hello", &one).await;
    let failure = try_deploy(&app, id, target).await.expect_err("what is live is not what was deployed last");
    assert_eq!(failure.code, Code::Drift);
    deploy_over(&app, id, target, &one).await;
    assert_eq!(desk.answer("hello").await, "two");
}

#[tokio::test]
async fn a_version_that_went_live_and_was_not_recorded_is_known_by_its_mark() {
    let (desk, app, target) = Desk::with_target().await;
    let id = function(&app, "hello", ECHO).await;
    secret(&app, id, "API_KEY", FIRST).await;
    deploy(&app, id, target).await;
    // As a full disk or a kill between the switch and the record.
    desk.sql("CREATE TRIGGER full BEFORE INSERT ON deployments BEGIN SELECT raise(ABORT, 'full'); END");
    write(&app, id, &ECHO.replace("key", "unrecorded")).await;
    let failure = try_deploy(&app, id, target).await.expect_err("it could not be recorded");
    assert_eq!(failure.code, Code::Storage);
    assert!(failure.message.starts_with("It is live"), "{}", failure.message);
    assert_eq!(desk.answer("hello").await, format!("unrecorded {FIRST}"));
    desk.sql("DROP TRIGGER full");
    app.shutdown().await;
    drop(app);

    let app = desk.start().await;
    assert_eq!(app.plan(id, target).await.expect("a plan").drift, None);
    write(&app, id, &ECHO.replace("key", "next")).await;
    deploy(&app, id, target).await;
    assert_eq!(desk.sent_as("API_KEY").as_deref(), Some("secret_text"), "what that one bound is not known here");
    assert_eq!(desk.answer("hello").await, format!("next {FIRST}"));
    desk.assert_history_is_true(&app, id, target, "hello").await;
}

#[tokio::test]
async fn a_first_deployment_that_was_not_recorded_is_known_by_its_mark() {
    let (desk, app, target) = Desk::with_target().await;
    let id = function(&app, "hello", ECHO).await;
    secret(&app, id, "API_KEY", FIRST).await;
    desk.sql("CREATE TRIGGER full BEFORE INSERT ON deployments BEGIN SELECT raise(ABORT, 'full'); END");
    assert_eq!(try_deploy(&app, id, target).await.expect_err("it could not be recorded").code, Code::Storage);
    desk.sql("DROP TRIGGER full");
    deploy(&app, id, target).await;
    assert_eq!(desk.answer("hello").await, format!("key {FIRST}"));
}

#[tokio::test]
async fn what_another_function_of_this_app_left_there_is_not_taken_for_this_ones() {
    let (desk, app, target) = Desk::with_target().await;
    let id = function(&app, "hello", "export default { fetch() { return new Response('left') } }").await;
    deploy(&app, id, target).await;
    app.delete_function(id, true).await.expect("deleted here only");
    let id = function(&app, "hello", "export default { fetch() { return new Response('new') } }").await;
    assert_eq!(try_deploy(&app, id, target).await.expect_err("it was left there").code, Code::Drift);
    assert_eq!(desk.answer("hello").await, "left");
}

#[tokio::test]
async fn a_script_that_was_deleted_there_is_made_again_with_everything() {
    let (desk, app, target) = Desk::with_target().await;
    let id = function(&app, "hello", ECHO).await;
    secret(&app, id, "API_KEY", FIRST).await;
    deploy(&app, id, target).await;
    desk.asking().ask(reqwest::Method::DELETE, "services/hello?force=true", crate::upload::Body::None).await;
    let plan = app.plan(id, target).await.expect("a plan");
    assert!(plan.first && plan.drift.is_none());
    assert_eq!(plan.secrets[0].kind, ChangeKind::Added);
    deploy(&app, id, target).await;
    assert_eq!(desk.answer("hello").await, format!("key {FIRST}"));
}

const SCHEDULED: &str = "export default { fetch() { return new Response('one') }, scheduled() {} }";

async fn reschedule(desk: &Desk, crons: serde_json::Value) {
    let body = crate::upload::Body::Json(crons);
    let (status, ..) = desk.asking().ask(reqwest::Method::PUT, "scripts/hello/schedules", body).await;
    assert_eq!(status, 200);
}

#[tokio::test]
async fn schedules_that_somebody_else_changed_are_seen_before_they_are_replaced() {
    let (desk, app, target) = Desk::with_target().await;
    let id = function(&app, "hello", SCHEDULED).await;
    app.set_schedules(id, vec!["0 9 * * 1".into()]).await.expect("schedules");
    deploy(&app, id, target).await;
    reschedule(&desk, json!([{ "cron": "0 9 * * 2" }, { "cron": "0 3 * * *" }])).await;
    write(&app, id, &SCHEDULED.replace("one", "two")).await;
    let before = desk.writes();

    let failure = try_deploy(&app, id, target).await.expect_err("there is another one");

    assert_eq!(failure.code, Code::Drift);
    assert!(failure.message.starts_with("The schedules there were changed, and not from here."), "{}", failure.message);
    assert_eq!(desk.writes(), before, "nothing was sent");
    let plan = app.plan(id, target).await.expect("a plan");
    let changes: Vec<_> = plan.schedules.iter().map(|change| (change.name.as_str(), change.kind)).collect();
    assert_eq!(changes, [("0 9 * * 1", ChangeKind::Kept), ("0 3 * * *", ChangeKind::Removed)]);
    let files: Vec<&str> = plan.files.iter().map(|file| file.path.as_str()).collect();
    assert_eq!(files, ["index.ts"], "what is live is ours, and is compared as it was written");
    let drift = plan.drift.expect("a drift");
    assert!(drift.schedules);
    // What was looked at is not what came after it.
    reschedule(&desk, json!([{ "cron": "0 4 * * *" }])).await;
    let order = Order { over: Some(drift.version), ..Order::default() };
    assert_eq!(app.deploy(id, target, order, |_| {}).await.expect_err("others by now").code, Code::Drift);
    let drift = app.plan(id, target).await.expect("a plan").drift.expect("a drift");
    deploy_over(&app, id, target, &drift.version).await;
    assert_eq!(desk.answer("hello").await, "two");
    deploy(&app, id, target).await;
}

#[tokio::test]
async fn a_schedule_that_is_written_in_another_way_there_is_the_same() {
    let (desk, app, target) = Desk::with_target().await;
    let id = function(&app, "hello", SCHEDULED).await;
    app.set_schedules(id, vec!["0 9 * * MON-FRI".into(), "0 0 1 1 *".into()]).await.expect("schedules");
    deploy(&app, id, target).await;
    reschedule(&desk, json!([{ "cron": "0 0 1 JAN *" }, { "cron": "0 9 * * 2-6" }])).await;
    let plan = app.plan(id, target).await.expect("a plan");
    assert_eq!(plan.drift, None);
    assert!(plan.schedules.iter().all(|change| change.kind == ChangeKind::Kept), "{plan:?}");
    deploy(&app, id, target).await;
}

#[tokio::test]
async fn schedules_that_could_not_be_set_from_here_are_not_taken_for_somebody_elses() {
    let (desk, app, target) = Desk::with_target().await;
    let id = function(&app, "hello", SCHEDULED).await;
    app.set_schedules(id, vec!["0 9 * * 1".into()]).await.expect("schedules");
    desk.server.fault(Fault { on: "PUT …/schedules", nth: 1, kind: Kind::Status(403, json!({})) });
    assert_eq!(deploy(&app, id, target).await.summary.remote[0].unfinished.len(), 1);
    deploy(&app, id, target).await;
}

#[tokio::test]
async fn a_look_that_fails_sends_nothing() {
    let (desk, app, target) = Desk::with_target().await;
    let id = function(&app, "hello", "export default { fetch() { return new Response('one') } }").await;
    deploy(&app, id, target).await;
    let before = desk.writes();
    desk.server.fault(Fault { on: "GET …/deployments", nth: 1, kind: Kind::Status(403, json!({})) });
    assert_eq!(try_deploy(&app, id, target).await.expect_err("it may not look").code, Code::Access);
    assert_eq!(desk.writes(), before);
}

#[tokio::test]
async fn what_is_bound_there_and_could_not_be_kept_is_seen_before_it_is_lost() {
    let (desk, app, target) = Desk::with_target().await;
    let id = function(&app, "hello", ECHO).await;
    secret(&app, id, "API_KEY", FIRST).await;
    deploy(&app, id, target).await;
    // Live is a version with a binding of somebody else, newest one without it.
    desk.secret_from_elsewhere("hello", "THEIRS", "made-up-theirs").await;
    let with_theirs = desk.server.live_version("hello").expect("it is live");
    let drift = app.plan(id, target).await.expect("a plan").drift.expect("a drift");
    deploy_over(&app, id, target, &drift.version).await;
    desk.asking().ask(reqwest::Method::DELETE, "scripts/hello/secrets/THEIRS", crate::upload::Body::None).await;
    let drift = app.plan(id, target).await.expect("a plan").drift.expect("a drift");
    deploy_over(&app, id, target, &drift.version).await;
    let back = json!({ "strategy": "percentage", "versions": [{ "version_id": with_theirs, "percentage": 100 }] });
    let path = "scripts/hello/deployments?force=true";
    desk.asking().ask(reqwest::Method::POST, path, crate::upload::Body::Json(back)).await;
    assert_eq!(desk.server.live_version("hello"), Some(with_theirs));

    let failure = try_deploy(&app, id, target).await.expect_err("it is to be seen");
    assert_eq!(failure.code, Code::Drift);
    let plan = app.plan(id, target).await.expect("a plan");
    let removed: Vec<_> = plan.secrets.iter().filter(|change| change.kind == ChangeKind::Removed).collect();
    assert!(plan.foreign.is_empty() && removed[0].name == "THEIRS", "{plan:?}");
    deploy_over(&app, id, target, &plan.drift.expect("a drift").version).await;
    assert_eq!(desk.answer("hello").await, format!("key {FIRST}"), "reviewed, it goes through");
    deploy(&app, id, target).await;
}
