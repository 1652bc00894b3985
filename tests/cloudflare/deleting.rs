//! Deleting a function: its script goes too, or stays, and a target that refuses keeps the function.

use postern::deployment::TargetId;
use postern::wire::Code;
use serde_json::json;

use crate::desk::{Desk, deploy, function, secret, summary, write};
use crate::support::workers_api::{Fault, Kind};
use crate::upload::ECHO;

const FIRST: &str = "made-up-first-value-4711";

#[tokio::test]
async fn a_deleted_function_is_gone_from_every_target() {
    let (desk, app, production) = Desk::with_target().await;
    let staging = desk.add_target(&app, "staging", "-staging").await;
    let id = function(&app, "hello", ECHO).await;
    secret(&app, id, "API_KEY", FIRST).await;
    for target in [TargetId::LOCAL, production, staging] {
        deploy(&app, id, target).await;
    }
    let question = app.describe_function_deletion(id, false).await.expect("a question");
    for part in ["https://hello.made-up.workers.dev (production, account An account for tests)", "http://localhost:"] {
        assert!(question.consequence.contains(part), "{}", question.consequence);
    }
    assert!(!question.consequence.contains("goes on"), "{}", question.consequence);
    assert!(!question.consequence.contains("schedules"), "{}", question.consequence);
    app.set_schedules(id, vec!["0 9 * * 1".into()]).await.expect("schedules");
    let question = app.describe_function_deletion(id, false).await.expect("a question");
    assert!(question.consequence.contains("Nothing runs by its schedules any more."), "{}", question.consequence);

    app.delete_function(id, false).await.expect("deleted");

    assert_eq!(desk.server.live_version("hello"), None);
    assert_eq!(desk.server.live_version("hello-staging"), None);
    assert!(app.summaries().await.expect("a list").is_empty());
    app.shutdown().await;
}

#[tokio::test]
async fn where_a_target_refuses_the_function_stays_and_says_why_and_a_second_try_goes_on_from_there() {
    let (desk, app, production) = Desk::with_target().await;
    let staging = desk.add_target(&app, "staging", "-staging").await;
    let id = function(&app, "hello", ECHO).await;
    secret(&app, id, "API_KEY", FIRST).await;
    deploy(&app, id, production).await;
    deploy(&app, id, staging).await;
    let refusal = json!({ "success": false, "result": null, "errors": [{ "code": 10000, "message": "no" }] });
    desk.server.fault(Fault { on: "DELETE …/hello-staging", nth: 1, kind: Kind::Status(403, refusal) });

    let failure = app.delete_function(id, false).await.expect_err("refused");

    assert_eq!(failure.code, Code::Access);
    assert!(failure.message.contains("not deleted from staging, and stays here"), "{}", failure.message);
    assert!(desk.server.live_version("hello-staging").is_some());
    let left: Vec<TargetId> = summary(&app, id).await.remote.iter().map(|state| state.target).collect();
    assert_eq!(left, [staging], "it is gone from production, and that is known");
    // What is still there goes on, and can be deployed to.
    write(&app, id, &ECHO.replace("key", "again")).await;
    deploy(&app, id, staging).await;
    assert_eq!(desk.answer("hello-staging").await, format!("again {FIRST}"));

    app.delete_function(id, false).await.expect("deleted");
    assert_eq!(desk.server.live_version("hello-staging"), None);
    assert!(app.summaries().await.expect("a list").is_empty());
}

#[tokio::test]
async fn deleting_it_here_only_leaves_what_runs_elsewhere() {
    let (desk, app, target) = Desk::with_target().await;
    let id = function(&app, "hello", ECHO).await;
    secret(&app, id, "API_KEY", FIRST).await;
    deploy(&app, id, target).await;
    let question = app.describe_function_deletion(id, true).await.expect("a question");
    assert!(question.consequence.contains("goes on running at https://hello.made-up.workers.dev"), "{question:?}");
    let before = desk.writes();

    app.delete_function(id, true).await.expect("deleted");

    assert_eq!(desk.writes(), before);
    assert_eq!(desk.answer("hello").await, format!("key {FIRST}"));
    assert!(app.summaries().await.expect("a list").is_empty());
}

#[tokio::test]
async fn a_function_whose_script_is_gone_already_is_deleted_too() {
    let (desk, app, target) = Desk::with_target().await;
    let id = function(&app, "hello", "export default { fetch() {} }").await;
    deploy(&app, id, target).await;
    desk.asking().ask(reqwest::Method::DELETE, "services/hello?force=true", crate::upload::Body::None).await;
    app.delete_function(id, false).await.expect("deleted");
}

#[tokio::test]
async fn what_somebody_else_deployed_there_is_not_deleted() {
    let (desk, app, target) = Desk::with_target().await;
    let id = function(&app, "hello", ECHO).await;
    secret(&app, id, "API_KEY", FIRST).await;
    deploy(&app, id, target).await;
    let theirs = "export default { fetch() { return new Response('theirs') } }";
    desk.asking().put("hello", theirs, json!([])).await;

    let failure = app.delete_function(id, false).await.expect_err("it is not ours any more");

    assert_eq!(failure.code, Code::Drift);
    let words = "It was not deleted from production, and stays here: What is there was deployed by dev@example.com";
    assert!(failure.message.starts_with(words), "{}", failure.message);
    assert_eq!(desk.answer("hello").await, "theirs");
    assert_eq!(app.summaries().await.expect("a list").len(), 1);
    app.delete_function(id, true).await.expect("deleted here only");
    assert_eq!(desk.answer("hello").await, "theirs");
}

/// Whoever is asked for the versions of a script has not heard of it yet, this often.
fn not_there_yet(desk: &Desk, times: usize) {
    let unknown = json!([{ "code": 10007, "message": "This Worker does not exist on your account." }]);
    for nth in 1..=times {
        let body = json!({ "success": false, "result": null, "errors": unknown });
        desk.server.fault(Fault { on: "GET …/versions", nth: 1 + nth, kind: Kind::Status(404, body) });
    }
}

#[tokio::test]
async fn a_script_that_arrives_after_its_deployment_was_given_up_goes_with_its_function() {
    let (desk, app, target) = Desk::with_target().await;
    let id = function(&app, "hello", ECHO).await;
    secret(&app, id, "API_KEY", FIRST).await;
    desk.server.fault(Fault { on: "PUT …/scripts/hello", nth: 1, kind: Kind::ResetAfter });
    not_there_yet(&desk, 3);
    let failure = crate::desk::try_deploy(&app, id, target).await.expect_err("it is not there yet");
    assert!(failure.message.contains("A moment later, what is live was untouched"), "{}", failure.message);
    assert_eq!(desk.answer("hello").await, format!("key {FIRST}"), "by now it is");
    let question = app.describe_function_deletion(id, false).await.expect("a question");
    assert!(question.consequence.contains("the Worker “hello” (production"), "{question:?}");

    app.delete_function(id, false).await.expect("deleted");

    assert_eq!(desk.server.live_version("hello"), None);
}

#[tokio::test]
async fn a_first_deployment_that_was_refused_leaves_nothing_to_delete_there() {
    let (desk, app, target) = Desk::with_target().await;
    let id = function(&app, "hello", "export default { fetch() {} }").await;
    let refusal = json!({ "success": false, "result": null, "errors": [{ "code": 10021, "message": "no" }] });
    desk.server.fault(Fault { on: "PUT …/scripts/hello", nth: 1, kind: Kind::Status(400, refusal) });
    crate::desk::try_deploy(&app, id, target).await.expect_err("it is refused");
    // Made by somebody else since.
    desk.asking().put("hello", "export default { fetch() { return new Response('theirs') } }", json!([])).await;
    let question = app.describe_function_deletion(id, false).await.expect("a question");
    assert!(question.consequence.starts_with("It was not deployed."), "{question:?}");
    app.delete_function(id, false).await.expect("deleted");
    assert_eq!(desk.answer("hello").await, "theirs");
}

#[tokio::test]
async fn a_script_whose_first_deployment_ended_with_the_app_goes_with_its_function() {
    let (desk, app, target) = Desk::with_target().await;
    let id = function(&app, "hello", ECHO).await;
    secret(&app, id, "API_KEY", FIRST).await;
    let late = Kind::Late(std::time::Duration::from_millis(300));
    desk.server.fault(Fault { on: "PUT …/scripts/hello", nth: 1, kind: late });
    tokio::select! {
        _ = crate::desk::try_deploy(&app, id, target) => panic!("it was quicker than its answer"),
        _ = desk.server.request("PUT …/scripts/hello") => {}
    }
    // Whoever waited for it is gone, as the app is after a kill; what was sent arrives.
    while desk.server.live_version("hello").is_none() {
        tokio::task::yield_now().await;
    }
    app.shutdown().await;
    drop(app);
    let app = desk.start().await;
    assert_eq!(summary(&app, id).await.remote.len(), 1);

    app.delete_function(id, false).await.expect("deleted");

    assert_eq!(desk.server.live_version("hello"), None);
}

#[tokio::test]
async fn a_function_that_is_deleted_while_it_is_deployed_leaves_no_script_behind() {
    let (desk, app, target) = Desk::with_target().await;
    let id = function(&app, "hello", "export default { fetch() { return new Response('here') } }").await;
    let late = Kind::Late(std::time::Duration::from_millis(600));
    desk.server.fault(Fault { on: "PUT …/scripts/hello", nth: 1, kind: late });
    let (deployed, deleted) = tokio::join!(crate::desk::try_deploy(&app, id, target), async {
        // It is sent as a whole by then, and goes live whatever is wished.
        desk.server.request("PUT …/scripts/hello").await;
        app.delete_function(id, false).await
    });
    deleted.expect("deleted");
    assert!(deployed.is_ok() || deployed.is_err_and(|failure| failure.code == Code::NotFound));
    assert_eq!(desk.server.live_version("hello"), None);
    assert!(app.summaries().await.expect("a list").is_empty());
}
