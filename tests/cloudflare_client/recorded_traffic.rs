//! What we send beside what wrangler 4.164.0 was recorded sending for the same thing: method, path, query, parts and
//! keys. Where we differ, `DIFFERENCES` says why; anything else is a failure.

use std::collections::BTreeMap;

use postern::deployment::Value as Bound;
use serde_json::{Value, json};

use crate::server::{Asked, Server};
use crate::{binding, bundle, client, order, secret, silent};

/// What wrangler sends and we do not, or the other way round; a part is written after a `#`.
const DIFFERENCES: &[(&str, &str)] = &[
    ("- GET scripts/S/secrets", "we know which names we bind; `look` reads what is there for the plan"),
    ("- GET scripts/S/deployments", "read by `look` before, to plan and to find drift, or not needed"),
    ("- GET scripts/S/settings", "`look` reads bindings and dates from the version itself"),
    ("- GET services/S", "only a new script has to be told from one that is there; else the upload says so"),
    ("- GET workers/S", "wrangler asks whether the address is on; a new script's is switched on without asking"),
    (
        "- POST scripts/S/subdomain",
        "what is there already answers where its owner wants it: somebody may have switched it off",
    ),
    ("+ GET scripts/S/subdomain", "and so it is asked where that is"),
    ("- PATCH scripts/S/script-settings", "observability and tags are left as the user set them there"),
    ("+ GET scripts/S/versions", "the upload of a new script does not answer which version it made"),
    ("- #keep_bindings", "what is kept is inherited by name, so that nothing unknown is kept or dropped"),
    ("+ #annotations", "our tag finds the version again when an answer is lost; wrangler sends it when given one"),
    ("- GET subdomain", "wrangler asks twice where a script is new"),
];

fn recorded(text: &str) -> Vec<Value> {
    serde_json::from_str(text).unwrap()
}

fn call_of(recorded: &Value) -> String {
    let path = recorded["path"].as_str().unwrap().strip_prefix("/accounts/{account_id}/workers/").unwrap();
    format!("{} {}", recorded["method"].as_str().unwrap(), path)
}

fn normal(call: &str) -> String {
    call.replace("spike-fn", "S").replace("greet", "S")
}

/// Calls of one side that the other has not, as often as it has not.
fn missing(of: &[String], from: &[String]) -> Vec<String> {
    let mut left = from.to_vec();
    let mut missing = Vec::new();
    for call in of {
        match left.iter().position(|other| other == call) {
            Some(index) => drop(left.remove(index)),
            None => missing.push(call.clone()),
        }
    }
    missing
}

fn assert_explained(sign: &str, differences: &[String]) {
    for difference in differences {
        let difference = format!("{sign} {difference}");
        assert!(DIFFERENCES.iter().any(|(known, _)| *known == difference), "{difference} is not explained");
    }
}

fn compare(ours: &[Asked], theirs: &[Value]) {
    let our_calls: Vec<String> = ours.iter().map(|asked| normal(&asked.call())).collect();
    let their_calls: Vec<String> = theirs.iter().map(|recorded| normal(&call_of(recorded))).collect();
    assert_explained("-", &missing(&their_calls, &our_calls));
    assert_explained("+", &missing(&our_calls, &their_calls));
    for recorded in theirs {
        let Some(asked) = ours.iter().find(|asked| normal(&asked.call()) == normal(&call_of(recorded))) else {
            continue;
        };
        assert_eq!(query_of(&asked.query), recorded["query"], "{}", asked.call());
        assert_eq!(asked.header("authorization"), Some("Bearer made-up-token-for-tests"));
        if let Some(json) = recorded.get("json") {
            let sent: Value = serde_json::from_slice(&asked.body).unwrap();
            assert_eq!(without_ids(sent), without_ids(json.clone()), "{}", asked.call());
            assert_eq!(asked.header("content-type"), Some("application/json"));
        }
        if let Some(parts) = recorded["parts"].as_array() {
            compare_parts(asked, parts);
        }
    }
}

/// `{ "key": ["value"] }`, as it is recorded.
fn query_of(query: &str) -> Value {
    let pairs = query.split('&').filter_map(|pair| pair.split_once('='));
    pairs.map(|(key, value)| (key.to_owned(), json!([value]))).collect::<serde_json::Map<_, _>>().into()
}

fn without_ids(mut sent: Value) -> Value {
    if let Some(version) = sent.pointer_mut("/versions/0/version_id") {
        *version = "V".into();
    }
    sent
}

fn compare_parts(asked: &Asked, theirs: &[Value]) {
    let ours = parts(asked);
    let names: Vec<&str> = ours.iter().map(|part| part.name.as_str()).collect();
    let their_names: Vec<&str> = theirs.iter().map(|part| part["name"].as_str().unwrap()).collect();
    assert_eq!(names, their_names);
    for (ours, theirs) in ours.iter().zip(theirs) {
        assert_eq!(ours.filename.as_deref(), theirs["filename"].as_str(), "{}", ours.name);
        assert_eq!(ours.content_type.as_deref(), theirs["content_type"].as_str(), "{}", ours.name);
    }
    let sent: Value = serde_json::from_str(&ours[0].text).unwrap();
    let keys = |json: &Value| -> Vec<String> {
        let some = |(key, value): (&String, &Value)| (*value != json!({})).then(|| format!("#{key}"));
        json.as_object().unwrap().iter().filter_map(some).collect()
    };
    let (our_keys, their_keys) = (keys(&sent), keys(&theirs[0]["json"]));
    assert_explained("-", &missing(&their_keys, &our_keys));
    assert_explained("+", &missing(&our_keys, &their_keys));
    for (key, value) in theirs[0]["json"].as_object().unwrap() {
        match key.as_str() {
            "keep_bindings" | "annotations" => {}
            "bindings" => assert_bindings(&sent["bindings"], value),
            _ => assert_eq!(&sent[key], value, "{key}"),
        }
    }
}

/// Types and names; wrangler names what it keeps by type, so what we inherit is left out of the comparison.
fn assert_bindings(ours: &Value, theirs: &Value) {
    let shape = |bindings: &Value| -> BTreeMap<String, String> {
        let bindings = bindings.as_array().unwrap().iter().filter(|binding| binding["type"] != "inherit");
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        bindings
            .map(|binding| {
                assert!(binding["text"].is_string() && binding.as_object().unwrap().len() == 3);
                (text(&binding["name"]), text(&binding["type"]))
            })
            .collect()
    };
    assert_eq!(shape(ours), shape(theirs));
}

struct Part {
    name: String,
    filename: Option<String>,
    content_type: Option<String>,
    text: String,
}

fn parts(asked: &Asked) -> Vec<Part> {
    let content_type = asked.header("content-type").unwrap();
    let boundary = content_type.strip_prefix("multipart/form-data; boundary=").unwrap();
    let body = String::from_utf8(asked.body.clone()).unwrap();
    let body = body.strip_prefix(&format!("--{boundary}\r\n")).unwrap();
    let body = body.strip_suffix(&format!("\r\n--{boundary}--\r\n")).unwrap();
    body.split(&format!("\r\n--{boundary}\r\n"))
        .map(|part| {
            let (head, text) = part.split_once("\r\n\r\n").unwrap();
            let quoted = |key: &str| {
                let rest = &head[head.find(&format!("; {key}=\""))? + key.len() + 4..];
                Some(rest[..rest.find('"')?].to_owned())
            };
            let content_type = head.split("Content-Type: ").nth(1).map(str::to_owned);
            Part { name: quoted("name").unwrap(), filename: quoted("filename"), content_type, text: text.to_owned() }
        })
        .collect()
}

#[tokio::test]
async fn a_first_deployment_is_sent_as_the_official_client_sends_it() {
    let server = Server::start(false).await;
    let mut bundle = bundle();
    for name in ["DB_URL", "TOKEN"] {
        bundle.bindings.push(binding(name, Bound::Set(secret("made up"))));
    }
    let deployed =
        client(&server.base).deploy("greet", &bundle, &order(true), std::future::pending(), &silent()).await.unwrap();
    assert_eq!(deployed.address.as_deref(), Some("https://greet.made-up.workers.dev"));
    assert_eq!(deployed.version.as_deref(), Some("version-0"));
    assert!(deployed.unfinished.is_empty());
    compare(&server.state().asked, &recorded(include_str!("recorded/01-first-deploy-3-secrets.json")));
}

#[tokio::test]
async fn a_redeployment_is_sent_as_the_official_client_sends_it() {
    let server = Server::start(true).await;
    let mut bundle = bundle();
    for name in ["DB_URL", "TOKEN"] {
        bundle.bindings.push(binding(name, Bound::Inherit));
    }
    bundle.bindings[0].value = Bound::Inherit;
    client(&server.base).deploy("greet", &bundle, &order(false), std::future::pending(), &silent()).await.unwrap();
    compare(&server.state().asked, &recorded(include_str!("recorded/02-redeploy-nochange.json")));
}

#[tokio::test]
async fn a_rollback_is_sent_as_the_official_client_sends_it() {
    let server = Server::start(true).await;
    client(&server.base).switch("greet", "version-0", Some("undo"), &silent()).await.unwrap();
    let theirs = recorded(include_str!("recorded/12-rollback.json"));
    compare(&server.state().asked, &theirs[theirs.len() - 1..]);
}

#[tokio::test]
async fn a_deletion_is_sent_as_the_official_client_sends_it() {
    let server = Server::start(true).await;
    client(&server.base).delete("greet", &silent()).await.unwrap();
    compare(&server.state().asked, &recorded(include_str!("recorded/19-delete.json"))[1..2]);
}

#[tokio::test]
async fn an_upload_says_its_length_and_who_sends_it() {
    let server = Server::start(true).await;
    client(&server.base).deploy("greet", &bundle(), &order(false), std::future::pending(), &silent()).await.unwrap();
    let asked = server.state().asked[0].clone();
    assert_eq!(asked.header("content-length"), Some(asked.body.len().to_string().as_str()));
    assert_eq!(asked.header("user-agent"), Some(concat!("postern/", env!("CARGO_PKG_VERSION"))));
}
