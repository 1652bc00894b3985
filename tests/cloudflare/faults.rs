//! What goes wrong on purpose reaches the client as it says, and leaves the account as it says.

use std::time::{Duration, Instant};

use reqwest::Method;
use serde_json::json;

use crate::support::workers_api::{Fault, Kind, WorkersApi};
use crate::upload::{Asking, Body, ECHO, upload, workerd};

const UPLOAD: &str = "PUT …/scripts/hello";

/// An upload that meets this, and whether the script is there afterwards.
async fn upload_with(kind: Kind) -> (reqwest::Result<reqwest::Response>, bool) {
    let server = WorkersApi::start(workerd()).await;
    server.fault(Fault { on: UPLOAD, nth: 1, kind });
    let answer = Asking::new(&server).send(Method::PUT, "scripts/hello", upload(ECHO, json!([]))).await;
    (answer, server.live_version("hello").is_some())
}

fn was_reset(error: &reqwest::Error) -> bool {
    let mut cause: Option<&dyn std::error::Error> = Some(error);
    while let Some(error) = cause {
        if let Some(error) = error.downcast_ref::<std::io::Error>() {
            return error.kind() == std::io::ErrorKind::ConnectionReset;
        }
        cause = error.source();
    }
    false
}

#[tokio::test]
async fn a_connection_is_reset_before_anything_is_done_or_after_all_of_it() {
    let (answer, done) = upload_with(Kind::ResetBefore).await;
    assert!(answer.is_err_and(|error| was_reset(&error)) && !done);

    let (answer, done) = upload_with(Kind::ResetAfter).await;
    assert!(answer.is_err_and(|error| was_reset(&error)) && done);
}

#[tokio::test]
async fn a_status_takes_the_place_of_what_was_asked() {
    let (answer, done) = upload_with(Kind::Status(503, json!({ "success": false }))).await;
    let answer = answer.expect("an answer");
    assert_eq!((answer.status().as_u16(), done), (503, false));
    assert_eq!(answer.text().await.expect("text"), r#"{"success":false}"#);

    let (answer, done) = upload_with(Kind::TooMany(7)).await;
    let answer = answer.expect("an answer");
    assert_eq!((answer.status().as_u16(), done), (429, false));
    assert_eq!(answer.headers()["retry-after"], "7");
}

#[tokio::test]
async fn a_redirect_leads_elsewhere() {
    let elsewhere = WorkersApi::start(workerd()).await;
    let (answer, done) = upload_with(Kind::Redirect(format!("{}/elsewhere", elsewhere.base_url()))).await;
    assert!(answer.is_ok() && !done);
    assert_eq!(elsewhere.requests()[0].path, "/elsewhere");
}

#[tokio::test]
async fn an_answer_is_late_cut_off_huge_or_no_json() {
    let began = Instant::now();
    let (answer, done) = upload_with(Kind::Late(Duration::from_millis(300))).await;
    assert!(answer.is_ok() && done && began.elapsed() >= Duration::from_millis(300));

    let (answer, done) = upload_with(Kind::Truncated).await;
    let answer = answer.expect("it begins");
    let promised = answer.content_length().expect("it says how long it is");
    assert!(promised > 100 && done);
    assert!(answer.bytes().await.is_err());

    let (answer, _) = upload_with(Kind::Huge(20 * 1024 * 1024)).await;
    assert!(answer.expect("an answer").bytes().await.expect("all of it").len() > 20 * 1024 * 1024);

    let (answer, _) = upload_with(Kind::NotJson).await;
    assert!(answer.expect("an answer").json::<serde_json::Value>().await.is_err());
}

#[tokio::test]
async fn a_fault_is_on_the_nth_request_like_it_and_on_no_other() {
    let server = WorkersApi::start(workerd()).await;
    let asking = Asking::new(&server);
    server.fault(Fault { on: "GET …/scripts", nth: 2, kind: Kind::Status(500, json!({})) });
    let mut statuses = Vec::new();
    for path in ["scripts", "services/hello", "scripts", "scripts"] {
        statuses.push(asking.ask(Method::GET, path, Body::None).await.0);
    }
    assert_eq!(statuses, [200, 404, 500, 200]);
}

#[tokio::test]
async fn a_dropped_server_cuts_its_connections_and_gives_up_its_port() {
    let server = WorkersApi::start(workerd()).await;
    let url = server.base_url();
    let client = reqwest::Client::new();
    client.get(&url).send().await.expect("it answers");

    drop(server);

    tokio::task::yield_now().await;
    assert!(client.get(&url).send().await.is_err_and(|error| error.is_connect() || error.is_request()));
}
