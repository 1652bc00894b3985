//! What goes wrong on purpose reaches the client as it says, and leaves the account as it says.

use std::time::{Duration, Instant};

use reqwest::Method;
use serde_json::json;

use crate::support::workers_api::{Fault, Kind, WorkersApi};
use crate::upload::{Asking, Body, ECHO, upload, workerd};

/// The upload of a script called `hello`, which meets this.
async fn upload_with(server: &WorkersApi, kind: Kind) -> reqwest::Result<reqwest::Response> {
    server.fault(Fault { on: "PUT …/scripts/hello", nth: 1, kind });
    Asking::new(server).send(Method::PUT, "scripts/hello", upload(ECHO, json!([]))).await
}

fn is_done(server: &WorkersApi) -> bool {
    server.live_version("hello").is_some()
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
    let server = WorkersApi::start(workerd()).await;
    assert!(upload_with(&server, Kind::ResetBefore).await.is_err_and(|error| was_reset(&error)));
    assert!(!is_done(&server));
    assert!(upload_with(&server, Kind::ResetAfter).await.is_err_and(|error| was_reset(&error)));
    assert!(is_done(&server));
}

#[tokio::test]
async fn an_answer_takes_the_place_of_what_was_asked() {
    let server = WorkersApi::start(workerd()).await;

    let answer = upload_with(&server, Kind::Status(503, json!({ "success": false }))).await.expect("an answer");
    assert_eq!(answer.status(), 503);
    assert_eq!(answer.text().await.expect("text"), r#"{"success":false}"#);

    let answer = upload_with(&server, Kind::TooMany(7)).await.expect("an answer");
    assert_eq!((answer.status().as_u16(), answer.headers()["retry-after"].as_bytes()), (429, &b"7"[..]));

    let elsewhere = WorkersApi::start(workerd()).await;
    let there = format!("{}/elsewhere", elsewhere.base_url());
    upload_with(&server, Kind::Redirect(there)).await.expect("an answer");
    assert_eq!(elsewhere.requests()[0].path, "/elsewhere");
    assert!(!is_done(&server));
}

#[tokio::test]
async fn an_answer_is_late_cut_off_huge_or_no_json_after_all_was_done() {
    let server = WorkersApi::start(workerd()).await;

    let began = Instant::now();
    upload_with(&server, Kind::Late(Duration::from_millis(300))).await.expect("an answer");
    assert!(began.elapsed() >= Duration::from_millis(300));
    assert!(is_done(&server));

    let answer = upload_with(&server, Kind::Truncated).await.expect("it begins");
    assert!(answer.content_length().expect("it says how long it is") > 100);
    assert!(answer.bytes().await.is_err());

    let answer = upload_with(&server, Kind::Huge(20 * 1024 * 1024)).await.expect("it begins");
    assert!(answer.bytes().await.expect("all of it").len() > 20 * 1024 * 1024);

    let answer = upload_with(&server, Kind::NotJson).await.expect("an answer");
    assert!(answer.text().await.expect("text").starts_with("<html>"));
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
