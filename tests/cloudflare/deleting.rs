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
