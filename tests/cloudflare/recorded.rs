//! Every recorded request of wrangler 4.164.0, asked again: the same status, and an answer of the same shape.
//!
//! The recordings are in `recorded/`, in the order in which they were made.

use std::collections::HashMap;
use std::path::Path;

use serde_json::Value;

use crate::support::workers_api::WorkersApi;
use crate::upload::workerd;

/// A session of recordings that build on each other, each session on an account of its own.
const SESSIONS: [&[&str]; 3] = [
    &[
        "01-first-deploy-3-secrets",
        "02-redeploy-nochange",
        "03-redeploy-keep-vars",
        "04-secret-put",
        "05-secret-list",
        "06-secret-bulk",
        "06b-secret-bulk-null-delete",
        "07-secret-delete",
        "08-versions-upload",
        "09-versions-list",
        "10-deployments-status",
        "11-versions-secret-put",
        "12-rollback",
        "13-triggers-deploy-cron",
        "15-tail-json",
        "19-delete",
        "20-whoami",
    ],
    &["21-secret-put-missing-worker"],
    &["22-minimal-first-deploy", "23-minimal-redeploy"],
];

#[tokio::test]
async fn what_was_recorded_is_answered_with_the_same_status_and_shape() {
    let mut compared = 0;
    for session in SESSIONS {
        let server = WorkersApi::start(workerd()).await;
        let mut replay = Replay { server: &server, known: HashMap::new() };
        for file in session {
            for exchange in read(file).as_array().expect("a recording is a list") {
                // The recorder had no WebSocket to offer.
                if exchange["path"] == "/__tail" {
                    continue;
                }
                replay.ask(file, exchange).await;
                compared += 1;
            }
        }
    }
    assert!(compared > 60, "{compared} exchanges compared");
}

fn read(file: &str) -> Value {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("tests/cloudflare/recorded/{file}.json"));
    serde_json::from_slice(&std::fs::read(path).expect("it is in the tree")).expect("JSON")
}

struct Replay<'s> {
    server: &'s WorkersApi,
    /// Recorded ids, and what stands for them here.
    known: HashMap<String, String>,
}

impl Replay<'_> {
    async fn ask(&mut self, file: &str, exchange: &Value) {
        let path = exchange["path"].as_str().unwrap();
        let place = format!("{file}: {} {path}", exchange["method"].as_str().unwrap());
        let below = path.strip_prefix("/client/v4").unwrap_or(path).replace("{account_id}", self.server.account());
        let url = format!("{}{}?{}", self.server.base_url(), self.translated(&below), query(&exchange["query"]));
        let method = exchange["method"].as_str().unwrap().parse().unwrap();
        let mut request = reqwest::Client::new().request(method, url).bearer_auth(self.server.token());
        if let Some(parts) = exchange["parts"].as_array() {
            let (kind, body) = multipart(parts);
            request = request.header("content-type", kind).body(body);
        } else if let Some(json) = exchange.get("json") {
            let kind = exchange["headers"]["Content-Type"].as_str().unwrap();
            request = request.header("content-type", kind).body(self.translated(&json.to_string()));
        } else if let Some(body) = exchange["body"].as_str() {
            request = request.body(body.to_owned());
        }

        let answer = request.send().await.expect("it answers");
        let status = answer.status().as_u16();
        let text = answer.text().await.expect("text");

        let recorded = &exchange["response"];
        assert_eq!(u64::from(status), recorded["status"].as_u64().unwrap(), "{place}: {text}");
        let ours: Value = serde_json::from_str(&text).expect("JSON");
        if let Err(difference) = same_shape(&recorded["body"], &ours, "") {
            panic!("{place}: {difference}\n{ours:#}");
        }
        assert_eq!(recorded["body"]["errors"], ours["errors"], "{place}");
        self.learn(&recorded["body"], &ours, exchange["method"] != "GET");
    }

    /// The ids that were recorded, as this server has them.
    fn translated(&self, text: &str) -> String {
        self.known.iter().fold(text.to_owned(), |text, (recorded, ours)| text.replace(recorded, ours))
    }

    /// `made`: the answer tells of something new, and the recorded id means that from now on. A list only fills gaps:
    /// the recorder's lists had entries in them that were made later.
    fn learn(&mut self, recorded: &Value, ours: &Value, made: bool) {
        match (recorded, ours) {
            (Value::Object(recorded), Value::Object(ours)) => {
                for (key, value) in recorded {
                    self.learn(value, ours.get(key).unwrap_or(&Value::Null), made);
                }
            }
            (Value::Array(recorded), Value::Array(ours)) => {
                recorded.iter().zip(ours).for_each(|(recorded, ours)| self.learn(recorded, ours, made));
            }
            (Value::String(recorded), Value::String(ours)) if recorded.len() == 36 && recorded.contains('-') => {
                if made {
                    self.known.insert(recorded.clone(), ours.clone());
                } else {
                    self.known.entry(recorded.clone()).or_insert_with(|| ours.clone());
                }
            }
            _ => {}
        }
    }
}

fn query(query: &Value) -> String {
    let pairs = query.as_object().into_iter().flatten();
    pairs.map(|(name, values)| format!("{name}={}", values[0].as_str().unwrap())).collect::<Vec<_>>().join("&")
}

fn multipart(parts: &[Value]) -> (String, String) {
    const BOUNDARY: &str = "----formdata-undici-000000000000";
    let mut body = String::new();
    for part in parts {
        let name = part["name"].as_str().unwrap();
        body += &format!("--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"{name}\"");
        if let Some(filename) = part["filename"].as_str() {
            body += &format!("; filename=\"{filename}\"\r\nContent-Type: {}", part["content_type"].as_str().unwrap());
        }
        let text = part["text"].as_str().map(str::to_owned);
        body += &format!("\r\n\r\n{}\r\n", text.unwrap_or_else(|| part["json"].to_string()));
    }
    (format!("multipart/form-data; boundary={BOUNDARY}"), format!("{body}--{BOUNDARY}--\r\n"))
}

/// The same keys, and values of the same types. Of lists, every entry is like one that was recorded.
fn same_shape(recorded: &Value, ours: &Value, at: &str) -> Result<(), String> {
    match (recorded, ours) {
        // Which annotations a version has depends on how it was made.
        (Value::Object(_), Value::Object(ours)) if at.ends_with(".annotations") => {
            let strange = ours.iter().find(|(key, value)| !key.starts_with("workers/") || !value.is_string());
            strange.map_or(Ok(()), |(key, _)| Err(format!("{at} has {key}")))
        }
        (Value::Object(recorded), Value::Object(ours)) => {
            // The API's lists tell their page; the recorder left that out where wrangler does not look.
            let known = |key: &str| recorded.contains_key(key) || (at.is_empty() && key == "result_info");
            if let Some(key) = ours.keys().find(|key| !known(key)) {
                return Err(format!("{at} has {key}, which was not recorded"));
            }
            recorded.iter().try_for_each(|(key, value)| match ours.get(key) {
                Some(ours) => same_shape(value, ours, &format!("{at}.{key}")),
                None => Err(format!("{at} has no {key}")),
            })
        }
        // What the recorder bound is not all that was set.
        (Value::Array(_), Value::Array(ours)) if at.ends_with(".bindings") => {
            let strange = ours.iter().find(|binding| match binding["type"].as_str() {
                Some("plain_text") => !binding["text"].is_string(),
                kind => kind != Some("secret_text") || binding.as_object().unwrap().len() != 2,
            });
            strange.map_or(Ok(()), |binding| Err(format!("{at} has {binding}")))
        }
        (Value::Array(recorded), Value::Array(ours)) => {
            if recorded.is_empty() != ours.is_empty() {
                return Err(format!("{at} has {} entries", ours.len()));
            }
            ours.iter().enumerate().try_for_each(|(index, entry)| {
                let found = recorded.iter().map(|one| same_shape(one, entry, &format!("{at}[{index}]")));
                found.reduce(Result::or).expect("there is one")
            })
        }
        _ if std::mem::discriminant(recorded) == std::mem::discriminant(ours) => Ok(()),
        _ => Err(format!("{at} is {ours}, and {recorded} was recorded")),
    }
}
