//! What is read of the account: a script for the plan and for drift, the list and the code for an import.

use postern::target::cloudflare::{Error, Why};
use serde_json::{Value, json};

use crate::server::{Fault, Server};
use crate::{client, silent, tells_nothing};

/// The answers that wrangler accepted when it rolled back: three versions, the first of them live again.
fn recorded() -> Vec<Value> {
    serde_json::from_str(include_str!("recorded/12-rollback.json")).unwrap()
}

async fn server() -> Server {
    let server = Server::start(true).await;
    let recorded = recorded();
    let result = |index: usize| recorded[index]["response"]["body"]["result"].clone();
    let mut state = server.state();
    state.answers.push(("GET scripts/greet/deployments".into(), result(0)));
    state.answers.push(("GET scripts/greet/versions".into(), json!({ "items": [result(3), result(1)] })));
    state.answers.push(("GET scripts/greet/versions/361ddacb-dc05-4ad5-9946-87e3aa007876".into(), result(3)));
    // The newest is shown with what it binds too, which is what can be inherited.
    let mut newest = result(1);
    newest["resources"] = json!({ "bindings": [{ "type": "secret_text", "name": "NEWER" }] });
    state.answers.push(("GET scripts/greet/versions/2430c27e-dada-4775-bbbe-af9daf5c6e54".into(), newest));
    state.answers.push(("GET scripts/greet/schedules".into(), json!({ "schedules": [{ "cron": "0 9 * * 2-6" }] })));
    drop(state);
    server
}

#[tokio::test]
async fn a_look_tells_what_is_live_from_what_is_newest() {
    let remote = client(&server().await.base).look("greet", &silent()).await.unwrap().expect("it is there");
    let latest = remote.latest().unwrap();
    assert_eq!((latest.id.as_str(), latest.number), ("2430c27e-dada-4775-bbbe-af9daf5c6e54", 4));
    assert_eq!(remote.live.len(), 1);
    assert_eq!(remote.live[0].version_id, "361ddacb-dc05-4ad5-9946-87e3aa007876");
    assert_eq!(remote.live[0].percentage, 100.0);
    let deployed = remote.deployed.unwrap();
    assert_eq!((deployed.source.as_str(), deployed.author_email.as_deref()), ("wrangler", Some("dev@example.com")));
    assert_eq!(deployed.annotations["workers/message"], "undo");
    let details = remote.details;
    assert_eq!((details.number, details.etag.as_str()), (3, "543f8ef6ec544ad593b06a00bb05dc5e"));
    assert_eq!(details.compatibility_date, "2026-11-17");
    let plain = &details.bindings[0];
    assert_eq!((plain.name.as_str(), plain.text.as_deref()), ("PLAIN", Some("plain-value")));
    assert!(details.bindings[1..].iter().all(|secret| secret.kind == "secret_text" && secret.text.is_none()));
    let newest: Vec<&str> = remote.newest_bindings.iter().map(|binding| binding.name.as_str()).collect();
    assert_eq!(newest, ["NEWER"]);
    assert_eq!(remote.schedules, ["0 9 * * 2-6"]);
}

#[tokio::test]
async fn a_script_that_is_not_there_is_none() {
    let client = client(&Server::start(false).await.base);
    assert_eq!(client.look("greet", &silent()).await.unwrap(), None);
}

#[tokio::test]
async fn a_look_that_fails_says_so_and_never_that_nothing_is_there() {
    for fault in [Fault::IsNoJson(404), Fault::Refuses(403, 10000, "no".into()), Fault::NeverAnswers, Fault::Floods] {
        let server = server().await;
        server.fails("GET scripts/greet/versions", fault.clone(), usize::MAX);
        let error = client(&server.base).look("greet", &silent()).await.expect_err("a failure");
        tells_nothing(&error);
        assert!(!matches!(error, Error::NotThere(_)), "{fault:?}: {error}");
    }
}

#[tokio::test]
async fn an_answer_without_end_is_cut_off() {
    let server = server().await;
    server.fails("GET scripts", Fault::Floods, 1);
    let error = client(&server.base).scripts(&silent()).await.expect_err("too large");
    assert!(matches!(error, Error::NotUnderstood { why: Why::TooLarge, .. }), "{error}");
}

#[tokio::test]
async fn the_list_and_the_code_are_read_for_an_import() {
    let server = Server::start(true).await;
    let listed = json!([{ "id": "with_underscore", "modified_on": "2026-11-23T12:36:40Z" }]);
    server.state().answers.push(("GET scripts".into(), listed));
    let body = "--B\r\nContent-Disposition: form-data; name=\"index.js\"; filename=\"index.js\"\r\n\
                Content-Type: application/javascript+module\r\n\r\nexport default {}\r\n--B--\r\n";
    let content = ("multipart/form-data; boundary=B".to_owned(), "index.js".to_owned(), body.as_bytes().to_vec());
    server.state().content = Some(content);
    let client = client(&server.base);
    let name = client.scripts(&silent()).await.unwrap()[0].name.clone();
    let downloaded = client.download(&name, &silent()).await.unwrap();
    assert_eq!(downloaded.modules[0].content, b"export default {}");
    assert_eq!(server.state().asked[1].path, "scripts/with_underscore/content/v2");
    server.state().content = Some(("text/html".into(), String::new(), b"<html>".to_vec()));
    assert!(matches!(client.download(&name, &silent()).await, Err(Error::NotUnderstood { .. })));
}

#[tokio::test]
async fn a_name_can_not_lead_to_another_path() {
    let server = Server::start(true).await;
    drop(client(&server.base).look("../../zones?a=b#c", &silent()).await);
    let asked = server.state().asked.clone();
    assert!(
        asked.iter().all(|asked| asked.path.starts_with("scripts/") && !asked.path.contains("/zones")),
        "{asked:?}"
    );
}
