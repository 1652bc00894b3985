//! Another address for a function on a target: what is live goes there as it is, and the old one stops answering.

use postern::deployment::Status;
use postern::wire::Code;
use serde_json::json;

use crate::desk::{Desk, deploy, deploy_over, function, replace, secret, summary, write};
use crate::support::workers_api::{Fault, Kind};
use crate::upload::ECHO;

const FIRST: &str = "made-up-first-value-4711";
const SECOND: &str = "made-up-second-value-0815";

#[tokio::test]
async fn what_is_live_answers_at_the_new_address_with_the_values_it_had_and_no_more_at_the_old_one() {
    let (desk, app, target) = Desk::with_target().await;
    let id = function(&app, "hello", ECHO).await;
    secret(&app, id, "API_KEY", FIRST).await;
    deploy(&app, id, target).await;
    // Neither of these was deployed.
    replace(&app, id, "API_KEY", SECOND).await;
    write(&app, id, &ECHO.replace("key", "not deployed")).await;

    let question = app.describe_move(id, target, "greeter").await.expect("a question");
    assert!(question.consequence.contains("https://hello.made-up.workers.dev"), "{}", question.consequence);
    let moved = app.move_script(id, target, "greeter", |_| {}).await.expect("moved");

    assert_eq!(moved.number, 2);
    assert_eq!(moved.summary.name, "hello", "the label stays");
    let state = &moved.summary.remote[0];
    assert_eq!(state.address.as_deref(), Some("https://greeter.made-up.workers.dev"));
    assert_eq!(state.script.as_deref(), Some("greeter"));
    assert_eq!(desk.answer("greeter").await, format!("key {FIRST}"));
    assert_eq!(desk.server.live_version("hello"), None);
    desk.assert_history_is_true(&app, id, target, "greeter").await;

    // From now on it is deployed there.
    deploy(&app, id, target).await;
    assert_eq!(desk.answer("greeter").await, format!("not deployed {SECOND}"));
    assert_eq!(desk.server.live_version("hello"), None);
}

#[tokio::test]
async fn a_name_that_is_taken_or_none_changes_nothing() {
    let (desk, app, target) = Desk::with_target().await;
    let id = function(&app, "hello", ECHO).await;
    secret(&app, id, "API_KEY", FIRST).await;
    let early = app.move_script(id, target, "greeter", |_| {}).await.expect_err("it is nowhere");
    assert_eq!(early.code, Code::NotDeployed);
    deploy(&app, id, target).await;
    let other = function(&app, "other", "export default { fetch: () => new Response('other') }").await;
    deploy(&app, other, target).await;
    desk.asking().put("theirs", "export default { fetch: () => new Response('theirs') }", json!([])).await;
    let live = desk.server.live_version("hello");

    for (name, code) in [
        ("Not A Name", Code::InvalidName),
        ("hello", Code::NameTaken),
        ("other", Code::NameTaken),
        ("theirs", Code::NameTaken),
    ] {
        let refused = app.move_script(id, target, name, |_| {}).await.expect_err(name);
        assert_eq!(refused.code, code, "{name}: {}", refused.message);
    }

    assert_eq!(desk.server.live_version("hello"), live);
    assert_eq!(desk.answer("theirs").await, "theirs");
    let state = &summary(&app, id).await.remote[0];
    assert_eq!((state.script.as_deref(), state.status), (Some("hello"), Status::Live));
    assert_eq!(app.history(id).await.expect("a history").len(), 1, "none of them was a deployment");
}

#[tokio::test]
async fn what_others_bound_there_would_be_lost_and_keeps_it_where_it_is() {
    let (desk, app, target) = Desk::with_target().await;
    let id = function(&app, "hello", ECHO).await;
    secret(&app, id, "API_KEY", FIRST).await;
    deploy(&app, id, target).await;
    desk.secret_from_elsewhere("hello", "THEIR_KEY", "made-up-value-of-theirs").await;
    let seen = app.plan(id, target).await.expect("a plan").drift.expect("it was changed").version;
    deploy_over(&app, id, target, &seen).await;

    let refused = app.move_script(id, target, "greeter", |_| {}).await.expect_err("it would be lost");

    assert!(refused.message.contains("THEIR_KEY"), "{}", refused.message);
    assert_eq!(desk.server.live_version("greeter"), None);
    assert!(desk.server.live_version("hello").is_some());
}

#[tokio::test]
async fn an_old_script_that_stays_is_said_and_the_new_one_is_recorded() {
    let (desk, app, target) = Desk::with_target().await;
    let id = function(&app, "hello", ECHO).await;
    secret(&app, id, "API_KEY", FIRST).await;
    deploy(&app, id, target).await;
    let refusal = json!({ "success": false, "result": null, "errors": [{ "code": 10000, "message": "no" }] });
    desk.server.fault(Fault { on: "DELETE …/hello", nth: 1, kind: Kind::Status(403, refusal) });

    let said = app.move_script(id, target, "greeter", |_| {}).await.expect_err("half of it");

    assert!(said.message.contains("It answers at its new address. The Worker “hello”"), "{}", said.message);
    assert_eq!(desk.answer("greeter").await, format!("key {FIRST}"));
    desk.assert_history_is_true(&app, id, target, "greeter").await;
}
