//! What no recording shows: what is refused, with which code, and what a version takes over from the one before.

use reqwest::Method;
use serde_json::{Value, json};

use crate::support::workers_api::{Permission, WorkersApi};
use crate::upload::{Asking, Body, ECHO, get, secret, upload, workerd};

const FIRST: &str = "made-up-first-value-4711";
const SECOND: &str = "made-up-second-value-0815";

fn inherit(name: &str) -> Value {
    json!({ "type": "inherit", "name": name })
}

#[tokio::test]
async fn what_is_inherited_comes_from_the_latest_version_and_not_from_the_live_one() {
    let server = WorkersApi::start(workerd()).await;
    let asking = Asking::new(&server);
    asking.put("hello", ECHO, json!([secret("API_KEY", FIRST)])).await;
    asking.version("hello", ECHO, json!([secret("API_KEY", SECOND)])).await;
    let url = server.url_of("hello").await;
    assert_eq!(get(&url).await, format!("key {FIRST}"));

    let third = asking.version("hello", ECHO, json!([inherit("API_KEY")])).await;
    asking.deploy("hello", &third).await;

    assert_eq!(server.live_version("hello"), Some(third));
    assert_eq!(get(&url).await, format!("key {SECOND}"));
}

#[tokio::test]
async fn what_cannot_be_inherited_is_an_error_where_strict_and_left_out_otherwise() {
    let server = WorkersApi::start(workerd()).await;
    let asking = Asking::new(&server);
    asking.put("hello", ECHO, json!([secret("API_KEY", FIRST)])).await;
    let bindings = json!([inherit("API_KEY"), inherit("MISSING")]);

    let strict =
        asking.ask(Method::POST, "scripts/hello/versions?bindings_inherit=strict", upload(ECHO, bindings.clone()));
    assert_eq!(strict.await.1, 10056);

    let (status, _, answer) = asking.ask(Method::POST, "scripts/hello/versions", upload(ECHO, bindings)).await;
    assert_eq!(status, 200);
    assert_eq!(answer["result"]["resources"]["bindings"], json!([{ "name": "API_KEY", "type": "secret_text" }]));
}

#[tokio::test]
async fn what_is_left_out_is_dropped_unless_its_type_is_kept() {
    let server = WorkersApi::start(workerd()).await;
    let asking = Asking::new(&server);
    let plain = json!({ "type": "plain_text", "name": "PLAIN", "text": "plain" });
    asking.put("hello", ECHO, json!([plain, secret("API_KEY", FIRST)])).await;

    let mut kept = upload(ECHO, json!([]));
    let Body::Upload(metadata, _) = &mut kept else { unreachable!() };
    metadata["keep_bindings"] = json!(["secret_text"]);
    asking.ask(Method::PUT, "scripts/hello", kept).await;
    assert_eq!(server.live_value("hello", "API_KEY").as_deref(), Some(FIRST));
    assert_eq!(server.live_value("hello", "PLAIN"), None);

    asking.put("hello", ECHO, json!([])).await;
    assert_eq!(server.live_value("hello", "API_KEY"), None);
}

#[tokio::test]
async fn no_answer_has_the_text_of_a_secret() {
    let server = WorkersApi::start(workerd()).await;
    let asking = Asking::new(&server);
    let (_, _, put) = asking.put("hello", ECHO, json!([secret("API_KEY", FIRST)])).await;
    let version = server.live_version("hello").expect("it is live");
    let body = Body::Json(json!({ "name": "API_KEY", "text": FIRST, "type": "secret_text" }));
    let mut answers = vec![put.to_string()];
    answers.push(asking.ask(Method::PUT, "scripts/hello/secrets", body).await.2.to_string());
    for path in [
        "scripts",
        "scripts/hello",
        "scripts/hello/content/v2",
        "scripts/hello/versions",
        &format!("scripts/hello/versions/{version}"),
        "scripts/hello/deployments",
        "scripts/hello/secrets",
        "scripts/hello/secrets/API_KEY",
        "scripts/hello/settings",
        "scripts/hello/script-settings",
        "services/hello",
        "workers/hello",
    ] {
        let answer = asking.send(Method::GET, path, Body::None).await.expect("it answers");
        assert_eq!(answer.status(), 200, "{path}");
        answers.push(answer.text().await.expect("text"));
    }
    assert!(answers.iter().all(|answer| !answer.contains(FIRST)));
    assert!(answers[3].contains(ECHO), "the code itself is given back: {}", answers[3]);
}

#[tokio::test]
async fn names_sizes_and_numbers_beyond_the_limits_are_refused_with_their_codes() {
    let server = WorkersApi::start(workerd()).await;
    let asking = Asking::new(&server);
    for name in ["Hello", "a_b", "-a", "a-", &"a".repeat(64)] {
        assert_eq!(asking.put(name, ECHO, json!([])).await.1, 10016, "{name}");
    }
    let many = |count: usize| (0..count).map(|index| secret(&format!("KEY_{index}"), "made-up")).collect::<Value>();
    assert_eq!(asking.put("hello", ECHO, many(64)).await.0, 200);
    assert_eq!(asking.put("hello", ECHO, many(65)).await.1, 10055);
    assert_eq!(asking.put("hello", ECHO, json!([secret("API_KEY", &"x".repeat(5120))])).await.0, 200);
    assert_eq!(asking.put("hello", ECHO, json!([secret("API_KEY", &"x".repeat(5121))])).await.1, 10054);
    assert_eq!(asking.put("hello", ECHO, json!([secret("API_KEY", "a"), secret("API_KEY", "b")])).await.1, 10053);
    let large = format!("{ECHO}//{}", "x".repeat(64 * 1024 * 1024));
    let (status, code, _) = asking.put("hello", &large, json!([])).await;
    assert_eq!((status, code), (413, 10027));
}

#[tokio::test]
async fn code_that_does_not_start_is_refused_with_the_place_in_it() {
    let server = WorkersApi::start(workerd()).await;
    let asking = Asking::new(&server);
    let broken = "\nexport default { fetch() { return new Response('x' } };";

    let (status, code, answer) = asking.put("hello", broken, json!([])).await;

    assert_eq!((status, code), (400, 10021));
    let message = answer["errors"][0]["message"].as_str().expect("a message");
    assert!(message.starts_with("Uncaught SyntaxError: ") && message.contains("\n  at index.js:2:"), "{message}");
    assert_eq!(asking.put("hello", "export default {}", json!([])).await.1, 10068);
    assert_eq!(asking.put("hello", ECHO, json!([{ "type": "kv_namespace", "name": "KV" }])).await.1, 10021);
    assert_eq!(asking.ask(Method::GET, "services/hello", Body::None).await.1, 10090);
}

#[tokio::test]
async fn crons_are_as_the_api_writes_them_and_counted_for_the_whole_account() {
    let server = WorkersApi::start(workerd()).await;
    let asking = Asking::new(&server);
    asking.put("one", ECHO, json!([])).await;
    asking.put("two", ECHO, json!([])).await;
    let put = async |script: &str, crons: &[&str]| {
        let crons: Value = crons.iter().map(|cron| json!({ "cron": cron })).collect();
        asking.ask(Method::PUT, &format!("scripts/{script}/schedules"), Body::Json(crons)).await
    };
    for cron in ["* * * * *", "*/5 0-6 1,15 JAN-MAR 1", "0 0 L * *", "0 0 15W * *", "0 9 * * MON-FRI", "0 0 * * 7#2"] {
        assert_eq!(put("one", &[cron]).await.0, 200, "{cron}");
    }
    for cron in
        ["* * * * 0", "* * * * 8", "* * * *", "* * * * * *", "60 * * * *", "* 24 * * *", "5-1 * * * *", "@daily"]
    {
        assert_eq!(put("one", &[cron]).await.1, 10100, "{cron}");
    }
    assert_eq!(put("one", &["1 * * * *", "2 * * * *", "3 * * * *"]).await.0, 200);
    assert_eq!(put("two", &["1 * * * *", "2 * * * *", "3 * * * *"]).await.1, 10072);
    server.allow_crons(250);
    assert_eq!(put("two", &["1 * * * *", "2 * * * *", "3 * * * *"]).await.0, 200);
}

#[tokio::test]
async fn a_deployment_names_versions_that_are_there_and_all_of_the_traffic() {
    let server = WorkersApi::start(workerd()).await;
    let asking = Asking::new(&server);
    asking.put("hello", ECHO, json!([])).await;
    let version = asking.version("hello", ECHO, json!([])).await;
    assert_eq!(asking.deploy("hello", "00000000-0000-4000-a000-000000000000").await.1, 10021);
    let half = json!({ "strategy": "percentage", "versions": [{ "version_id": version, "percentage": 50 }] });
    assert_eq!(asking.ask(Method::POST, "scripts/hello/deployments", Body::Json(half)).await.1, 10021);
    assert_eq!(asking.deploy("missing", &version).await.1, 10007);
    assert_eq!(asking.deploy("hello", &version).await.0, 200);
}

#[tokio::test]
async fn a_token_may_do_what_it_was_made_for() {
    let server = WorkersApi::start(workerd()).await;
    let reading = server.token_with(&[Permission::ScriptsRead]);
    let asks = async |token: &str, method: Method, path: &str| {
        let url = format!("{}{path}", server.base_url());
        let answer = reqwest::Client::new().request(method, url).bearer_auth(token).send().await.expect("it answers");
        let status = answer.status().as_u16();
        let answer: Value = answer.json().await.expect("JSON");
        (status, answer["errors"][0]["code"].as_u64().unwrap_or(0))
    };
    let here = |path: &str| format!("/accounts/{}/workers/{path}", server.account());

    assert_eq!(asks("made-up-and-unknown", Method::GET, "/user/tokens/verify").await, (401, 1000));
    assert_eq!(asks("made-up-and-unknown", Method::GET, &here("scripts")).await, (401, 10000));
    assert_eq!(asks(&reading, Method::GET, "/user/tokens/verify").await, (200, 0));
    assert_eq!(asks(&reading, Method::GET, &here("scripts")).await, (200, 0));
    assert_eq!(asks(&reading, Method::PUT, &here("scripts/hello")).await, (403, 10000));
    assert_eq!(asks(&reading, Method::GET, "/user").await, (403, 9109));
    assert_eq!(asks(server.token(), Method::GET, "/accounts/another/workers/scripts").await, (403, 10000));
    assert_eq!(asks(server.token(), Method::GET, &here("nothing/like/this")).await, (404, 7003));
    server.revoke(&reading);
    assert_eq!(asks(&reading, Method::GET, &here("scripts")).await, (401, 10000));
}
