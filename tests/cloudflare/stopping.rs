//! Deployments that end early, or with something left to do: what is live, what is recorded, and how it goes on.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use postern::deployment::{Piece, Status};
use postern::wire::{Code, Order, Outcome, Progress};
use serde_json::json;

use crate::desk::{Desk, deploy, function, past, replace, secret, state, try_deploy, write};
use crate::support::workers_api::{Fault, Kind};
use crate::upload::ECHO;

const FIRST: &str = "made-up-first-value-4711";
const SECOND: &str = "made-up-second-value-0815";

#[tokio::test]
async fn code_that_does_not_start_is_refused_at_its_line_and_what_is_live_goes_on() {
    let (desk, app, target) = Desk::with_target().await;
    let id = function(&app, "hello", ECHO).await;
    secret(&app, id, "API_KEY", FIRST).await;
    deploy(&app, id, target).await;
    let broken = "interface Unused {\n  name: string\n}\nconst text: string = undefined as any\ntext.length\n\
                  export default { fetch() { return new Response('') } }";
    write(&app, id, broken).await;

    let failure = try_deploy(&app, id, target).await.expect_err("it throws at the start");

    assert_eq!(failure.code, Code::Start);
    assert!(failure.message.contains("What is live is untouched"), "{}", failure.message);
    let position = failure.position.clone().expect("a place in the TypeScript");
    assert_eq!((position.file.as_str(), position.line), ("index.ts", 5), "{}", failure.message);
    assert_eq!(desk.answer("hello").await, format!("key {FIRST}"));
    let remote = state(&app, id, target).await;
    assert_eq!((remote.status, remote.live), (Status::Failed, Some(1)));
    assert_eq!(remote.failure.as_ref(), Some(&failure));
    let failed = past(&app, id, target, 2).await;
    assert_eq!((failed.outcome, failed.failure), (Outcome::Failed, Some(failure)));
    desk.assert_history_is_true(&app, id, target, "hello").await;

    write(&app, id, &ECHO.replace("key", "mended")).await;
    assert_eq!(deploy(&app, id, target).await.summary.remote[0].status, Status::Live);
    assert_eq!(desk.answer("hello").await, format!("mended {FIRST}"));
}

#[tokio::test]
async fn what_fails_after_the_switch_is_live_and_can_be_finished() {
    let (desk, app, target) = Desk::with_target().await;
    let id = function(&app, "hello", "export default { fetch() { return new Response('one') }, scheduled() {} }").await;
    app.set_schedules(id, vec!["0 9 * * 1".into()]).await.expect("schedules");
    let refusal = json!({ "success": false, "result": null, "errors": [{ "code": 10072, "message": "too many" }] });
    desk.server.fault(Fault { on: "PUT …/schedules", nth: 1, kind: Kind::Status(400, refusal.clone()) });
    desk.server.fault(Fault { on: "POST …/subdomain", nth: 1, kind: Kind::Status(403, json!({})) });

    let deployed = deploy(&app, id, target).await;

    assert_eq!(desk.answer("hello").await, "one");
    let remote = &deployed.summary.remote[0];
    assert_eq!((remote.live, remote.address.as_deref()), (Some(1), None));
    let pieces: Vec<Piece> = remote.unfinished.iter().map(|left| left.piece).collect();
    assert_eq!(pieces, [Piece::Address, Piece::Schedules]);
    let schedules = &remote.unfinished[1].failure;
    assert!(schedules.message.contains("too many"), "{}", schedules.message);
    assert_eq!(past(&app, id, target, 1).await.outcome, Outcome::Live);

    // One of them fails once more.
    desk.server.fault(Fault { on: "PUT …/schedules", nth: 1, kind: Kind::Status(400, refusal) });
    let summary = app.finish_deployment(id, target).await.expect("it is tried");
    let remote = &summary.remote[0];
    assert_eq!(remote.address.as_deref(), Some("https://hello.made-up.workers.dev"));
    assert_eq!(remote.unfinished.iter().map(|left| left.piece).collect::<Vec<_>>(), [Piece::Schedules]);
    let summary = app.finish_deployment(id, target).await.expect("it is tried");
    assert!(summary.remote[0].unfinished.is_empty());
    let (_, _, answer) =
        desk.asking().ask(reqwest::Method::GET, "scripts/hello/schedules", crate::upload::Body::None).await;
    assert_eq!(answer["result"]["schedules"][0]["cron"], "0 9 * * 2");
}

#[tokio::test]
async fn an_account_without_a_subdomain_has_no_address_and_says_what_to_do() {
    let (desk, app, target) = Desk::with_target().await;
    desk.server.forget_subdomain();
    let id = function(&app, "hello", "export default { fetch() { return new Response('one') } }").await;
    let remote = deploy(&app, id, target).await.summary.remote.remove(0);
    assert_eq!(remote.address, None);
    assert!(remote.unfinished[0].failure.message.contains("workers.dev subdomain"), "{:?}", remote.unfinished);
}

#[tokio::test]
async fn a_deployment_that_is_cancelled_before_the_switch_changes_nothing() {
    let (desk, app, target) = Desk::with_target().await;
    let id = function(&app, "hello", ECHO).await;
    secret(&app, id, "API_KEY", FIRST).await;
    deploy(&app, id, target).await;
    let live = desk.server.live_version("hello");
    replace(&app, id, "API_KEY", SECOND).await;
    for on in ["GET …/deployments", "POST …/versions"] {
        let nth = 1 + desk.server.requests().iter().filter(|request| request.is_like(on)).count();
        desk.server.fault(Fault { on, nth: 1, kind: Kind::Late(Duration::from_secs(30)) });
        let (deployed, ()) = tokio::join!(try_deploy(&app, id, target), async {
            while desk.server.requests().iter().filter(|request| request.is_like(on)).count() < nth {
                tokio::task::yield_now().await;
            }
            let busy = try_deploy(&app, id, target).await.expect_err("one at a time");
            assert_eq!(busy.code, Code::Busy);
            app.cancel_deploy(id);
        });
        let failure = deployed.expect_err("cancelled");
        assert_eq!(failure.code, Code::Cancelled, "{}", failure.message);
        assert!(failure.message.contains("What is live is untouched"), "{}", failure.message);
        assert_eq!(desk.server.live_version("hello"), live);
        assert_eq!(app.history(id).await.expect("a history").len(), 1, "it is no attempt that failed");
    }
    deploy(&app, id, target).await;
    assert_eq!(desk.answer("hello").await, format!("key {SECOND}"));
    desk.assert_history_is_true(&app, id, target, "hello").await;
}

#[tokio::test]
async fn a_first_deployment_that_is_cancelled_leaves_no_script() {
    let (desk, app, target) = Desk::with_target().await;
    let id = function(&app, "hello", "export default { fetch() { return new Response('one') } }").await;
    desk.server.fault(Fault { on: "GET …/services/hello", nth: 1, kind: Kind::Late(Duration::from_secs(30)) });
    let (deployed, ()) = tokio::join!(try_deploy(&app, id, target), async {
        desk.server.request("GET …/services/hello").await;
        app.cancel_deploy(id);
    });
    assert_eq!(deployed.expect_err("cancelled").code, Code::Cancelled);
    assert_eq!(desk.server.live_version("hello"), None);
    assert!(app.history(id).await.expect("a history").is_empty());
}

#[tokio::test]
async fn a_deployment_that_is_dropped_in_the_middle_of_it_lets_the_next_one_work() {
    let (desk, app, target) = Desk::with_target().await;
    let id = function(&app, "hello", ECHO).await;
    secret(&app, id, "API_KEY", FIRST).await;
    deploy(&app, id, target).await;
    replace(&app, id, "API_KEY", SECOND).await;
    desk.server.fault(Fault { on: "POST …/deployments", nth: 1, kind: Kind::Late(Duration::from_millis(300)) });
    tokio::select! {
        _ = try_deploy(&app, id, target) => panic!("it was quicker than its answer"),
        _ = desk.server.request("POST …/deployments") => {}
    }
    // It goes to its end over there, and nobody records it.
    app.shutdown().await;
    drop(app);
    let app = desk.start().await;
    assert_eq!(desk.answer("hello").await, format!("key {SECOND}"));
    write(&app, id, &ECHO.replace("key", "next")).await;
    deploy(&app, id, target).await;
    assert_eq!(desk.answer("hello").await, format!("next {SECOND}"));
    desk.assert_history_is_true(&app, id, target, "hello").await;
}

#[tokio::test]
async fn a_wait_that_is_asked_for_is_told_and_borne() {
    let (desk, app, target) = Desk::with_target().await;
    let id = function(&app, "hello", "export default { fetch() { return new Response('one') } }").await;
    deploy(&app, id, target).await;
    desk.server.fault(Fault { on: "POST …/versions", nth: 1, kind: Kind::TooMany(1) });
    let heard = Arc::new(Mutex::new(Vec::new()));
    let hears = heard.clone();
    app.deploy(id, target, Order::default(), move |step| hears.lock().unwrap().push(step)).await.expect("it waits");
    assert!(heard.lock().unwrap().contains(&Progress::Waiting { seconds: 1 }));
}

#[tokio::test]
async fn a_first_deployment_whose_version_is_not_told_is_live_and_can_be_gone_back_to() {
    let (desk, app, target) = Desk::with_target().await;
    let id = function(&app, "hello", ECHO).await;
    secret(&app, id, "API_KEY", FIRST).await;
    // The first look is before the upload, this is the one after it.
    desk.server.fault(Fault { on: "GET …/versions", nth: 2, kind: Kind::Status(403, json!({})) });
    let remote = deploy(&app, id, target).await.summary.remote.remove(0);
    assert_eq!((remote.status, remote.live), (Status::Live, Some(1)));
    assert!(remote.unfinished.is_empty(), "there is nothing to do about it: {:?}", remote.unfinished);
    replace(&app, id, "API_KEY", SECOND).await;
    deploy(&app, id, target).await;
    assert_eq!(desk.answer("hello").await, format!("key {SECOND}"));
    crate::desk::roll_back(&app, id, target, 1).await;
    assert_eq!(desk.answer("hello").await, format!("key {FIRST}"));
    desk.assert_history_is_true(&app, id, target, "hello").await;
}

#[tokio::test]
async fn where_nobody_can_say_whether_it_went_live_that_is_said_and_the_next_deployment_finds_out() {
    let (desk, app, target) = Desk::with_target().await;
    let id = function(&app, "hello", ECHO).await;
    secret(&app, id, "API_KEY", FIRST).await;
    deploy(&app, id, target).await;
    replace(&app, id, "API_KEY", SECOND).await;
    desk.server.fault(Fault { on: "POST …/deployments", nth: 1, kind: Kind::ResetAfter });
    // The look before it is answered, those after it are not.
    for nth in [2, 3, 4] {
        desk.server.fault(Fault { on: "GET …/deployments", nth, kind: Kind::Status(403, json!({})) });
    }
    let heard = Mutex::new(Vec::new());

    let failure = app.deploy(id, target, Order::default(), |step| heard.lock().unwrap().push(step)).await;
    let failure = failure.expect_err("nobody can say");

    assert!(heard.into_inner().unwrap().contains(&Progress::Asking));
    assert_eq!(failure.code, Code::Unknown);
    assert!(failure.message.starts_with("Whether it went live is unknown"), "{}", failure.message);
    assert!(!failure.message.contains("untouched"), "{}", failure.message);
    assert_eq!(past(&app, id, target, 2).await.failure, Some(failure));
    assert_eq!(app.plan(id, target).await.expect("a plan").drift, None, "it is known as ours");
    deploy(&app, id, target).await;
    assert_eq!(desk.answer("hello").await, format!("key {SECOND}"));
    desk.assert_history_is_true(&app, id, target, "hello").await;
}
