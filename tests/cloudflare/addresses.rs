//! Where a function answers at workers.dev: a new Worker is switched on there, and one that is there stays as its owner
//! wants it.

use postern::app::App;
use postern::deployment::{Piece, TargetId};
use postern::function::FunctionId;
use reqwest::Method;
use serde_json::json;

use crate::desk::{Desk, deploy, function, roll_back, state, try_deploy, write};
use crate::support::workers_api::{Fault, Kind};
use crate::upload::Body;

const ONE: &str = "export default { fetch() { return new Response('one') } }";
const ADDRESS: Option<&str> = Some("https://hello.made-up.workers.dev");

async fn switch(desk: &Desk, script: &str, enabled: bool) {
    let body = Body::Json(json!({ "enabled": enabled }));
    let (status, ..) = desk.asking().ask(Method::POST, &format!("scripts/{script}/subdomain"), body).await;
    assert_eq!(status, 200);
}

async fn is_on(desk: &Desk) -> bool {
    let (_, _, answer) = desk.asking().ask(Method::GET, "scripts/hello/subdomain", Body::None).await;
    answer["result"]["enabled"].as_bool().expect("it says so")
}

async fn address(app: &App, id: FunctionId, target: TargetId) -> Option<String> {
    state(app, id, target).await.address
}

#[tokio::test]
async fn an_address_that_was_switched_off_there_stays_off_and_is_not_shown() {
    let (desk, app, target) = Desk::with_target().await;
    let id = function(&app, "hello", ONE).await;
    deploy(&app, id, target).await;
    assert!(is_on(&desk).await);
    assert_eq!(address(&app, id, target).await.as_deref(), ADDRESS);
    switch(&desk, "hello", false).await;
    write(&app, id, &ONE.replace("one", "two")).await;

    deploy(&app, id, target).await;

    assert!(!is_on(&desk).await);
    assert_eq!(address(&app, id, target).await, None);
    roll_back(&app, id, target, 1).await;
    assert!(!is_on(&desk).await);
    switch(&desk, "hello", true).await;
    deploy(&app, id, target).await;
    assert_eq!(address(&app, id, target).await.as_deref(), ADDRESS);
}

#[tokio::test]
async fn a_worker_that_is_taken_over_answers_where_it_did() {
    for enabled in [false, true] {
        let (desk, app, target) = Desk::with_target().await;
        desk.asking().put("hello", ONE, json!([])).await;
        switch(&desk, "hello", enabled).await;
        let id = app.import_script(target, "hello").await.expect("imported").summary.id;
        let expected = ADDRESS.filter(|_| enabled);
        assert_eq!(address(&app, id, target).await.as_deref(), expected);

        deploy(&app, id, target).await;

        assert_eq!(is_on(&desk).await, enabled);
        assert_eq!(address(&app, id, target).await.as_deref(), expected);
    }
}

#[tokio::test]
async fn an_address_that_failed_at_first_comes_with_whatever_is_live_next() {
    for goes_back in [false, true] {
        let (desk, app, target) = Desk::with_target().await;
        let id = function(&app, "hello", ONE).await;
        for nth in 1..=2 {
            desk.server.fault(Fault { on: "POST …/subdomain", nth, kind: Kind::Status(403, json!({})) });
        }
        deploy(&app, id, target).await;
        deploy(&app, id, target).await;
        assert_eq!(state(&app, id, target).await.unfinished[0].piece, Piece::Address);
        assert!(!is_on(&desk).await);

        if goes_back {
            roll_back(&app, id, target, 1).await;
        } else {
            deploy(&app, id, target).await;
        }

        assert!(is_on(&desk).await);
        assert_eq!(address(&app, id, target).await.as_deref(), ADDRESS);
        assert!(state(&app, id, target).await.unfinished.is_empty());
    }
}

#[tokio::test]
async fn a_first_deployment_that_broke_off_before_its_address_gets_it_with_the_next_one() {
    let (desk, app, target) = Desk::with_target().await;
    let id = function(&app, "hello", ONE).await;
    desk.server.fault(Fault { on: "POST …/subdomain", nth: 1, kind: Kind::Status(403, json!({})) });
    desk.sql("CREATE TRIGGER full BEFORE INSERT ON deployments BEGIN SELECT raise(ABORT, 'full'); END");
    try_deploy(&app, id, target).await.expect_err("it could not be recorded");
    desk.sql("DROP TRIGGER full");
    assert!(!is_on(&desk).await);

    deploy(&app, id, target).await;

    assert!(is_on(&desk).await);
    assert_eq!(address(&app, id, target).await.as_deref(), ADDRESS);
}

#[tokio::test]
async fn an_address_that_could_not_be_asked_for_is_the_one_that_it_had() {
    let (desk, app, target) = Desk::with_target().await;
    let id = function(&app, "hello", ONE).await;
    deploy(&app, id, target).await;
    desk.server.fault(Fault { on: "GET …/scripts/…/subdomain", nth: 1, kind: Kind::Status(403, json!({})) });
    deploy(&app, id, target).await;
    assert_eq!(address(&app, id, target).await.as_deref(), ADDRESS);
    assert_eq!(state(&app, id, target).await.unfinished.len(), 1);
    switch(&desk, "hello", false).await;
    app.finish_deployment(id, target).await.expect("it is finished");
    assert!(!is_on(&desk).await, "it is asked, and not switched on");
    assert_eq!(address(&app, id, target).await, None);
}

#[tokio::test]
async fn an_address_that_is_off_and_could_not_be_asked_for_is_not_switched_on_afterwards() {
    let (desk, app, target) = Desk::with_target().await;
    let id = function(&app, "hello", ONE).await;
    deploy(&app, id, target).await;
    switch(&desk, "hello", false).await;
    deploy(&app, id, target).await;
    desk.server.fault(Fault { on: "GET …/scripts/…/subdomain", nth: 1, kind: Kind::Status(403, json!({})) });
    deploy(&app, id, target).await;
    assert!(state(&app, id, target).await.unfinished.is_empty(), "it lacks nothing");
    app.finish_deployment(id, target).await.expect("there is nothing to finish");
    deploy(&app, id, target).await;
    assert!(!is_on(&desk).await);
}

#[tokio::test]
async fn a_worker_whose_address_is_off_moves_without_one() {
    let (desk, app, target) = Desk::with_target().await;
    let id = function(&app, "other", ONE).await;
    deploy(&app, id, target).await;
    switch(&desk, "other", false).await;
    deploy(&app, id, target).await;

    app.move_script(id, target, "hello", |_| {}).await.expect("it moves");

    assert!(!is_on(&desk).await);
    assert_eq!(address(&app, id, target).await, None);
}
