//! The official client, unmodified: what it does to an account here is what it would do to a real one.

use crate::support::workers_api::Permission;
use crate::upload::get;
use crate::wrangler_run::Project;

const FIRST: &str = "made-up-first-value-4711";
const SECOND: &str = "made-up-second-value-0815";
const ECHO: &str = "
export default {
  fetch(request, env) {
    console.log('asked');
    return new Response(`${env.GREETING}, ${env.API_KEY} ${env.OTHER_KEY ?? 'alone'}`);
  },
  scheduled() {},
}";

#[tokio::test]
async fn what_wrangler_deploys_answers_with_its_variable_and_its_secret() {
    let project = Project::new(&ECHO.replace("request, env", "request: Request, env: Record<string, string>")).await;
    project.write("secrets.json", &format!(r#"{{ "API_KEY": "{FIRST}" }}"#));

    let said = project.runs(&["deploy", "--secrets-file", "secrets.json"]).await;

    assert!(said.contains("https://hello.made-up.workers.dev"), "{said}");
    assert!(said.contains("schedule: */5 * * * *") && said.contains("schedule: 0 9 * * MON-FRI"), "{said}");
    let live = project.server.live_version("hello").expect("it is live");
    assert!(said.contains(&live), "{said} does not name {live}");
    assert_eq!(get(&project.server.url_of("hello").await).await, format!("hello, {FIRST} alone"));
}

#[tokio::test]
async fn a_second_deploy_takes_the_new_code_and_keeps_the_secrets() {
    let project = Project::new(ECHO).await;
    project.has_deployed(ECHO, FIRST).await;
    let first = project.server.live_version("hello");
    let url = project.server.url_of("hello").await;
    assert_eq!(get(&url).await, format!("hello, {FIRST} alone"));
    project.write("index.ts", &ECHO.replace("alone", "again"));

    project.runs(&["deploy"]).await;

    assert_ne!(project.server.live_version("hello"), first);
    assert_eq!(get(&url).await, format!("hello, {FIRST} again"), "at the same address");
}

#[tokio::test]
async fn secrets_that_wrangler_puts_lists_and_deletes_are_live_at_once() {
    let project = Project::new(ECHO).await;
    project.has_deployed(ECHO, FIRST).await;
    let url = project.server.url_of("hello").await;

    project.runs_with(&["secret", "put", "API_KEY"], SECOND).await;
    assert_eq!(get(&url).await, format!("hello, {SECOND} alone"));

    project.runs_with(&["secret", "bulk"], r#"{ "OTHER_KEY": "made-up-other", "API_KEY": "made-up-third" }"#).await;
    assert_eq!(get(&url).await, "hello, made-up-third made-up-other");

    let said = project.runs(&["secret", "list"]).await;
    assert!(said.contains("API_KEY") && said.contains("OTHER_KEY") && !said.contains("made-up"), "{said}");

    project.runs(&["secret", "delete", "OTHER_KEY"]).await;
    assert_eq!(get(&url).await, "hello, made-up-third alone");
}

#[tokio::test]
async fn a_version_waits_until_it_is_deployed_and_a_rollback_brings_the_old_one_back() {
    let project = Project::new(ECHO).await;
    project.has_deployed(ECHO, FIRST).await;
    let url = project.server.url_of("hello").await;
    let first = project.server.live_version("hello").expect("it is live");
    project.write("index.ts", &ECHO.replace("alone", "changed"));

    project.runs(&["versions", "upload", "--message", "a change", "--tag", "v2"]).await;
    assert_eq!(get(&url).await, format!("hello, {FIRST} alone"), "it waits");

    let listed: serde_json::Value =
        serde_json::from_str(&project.runs(&["versions", "list", "--json"]).await).expect("JSON");
    let newest = listed.as_array().expect("a list").last().expect("a version");
    assert_eq!(newest["annotations"]["workers/message"], "a change");
    assert_eq!(newest["annotations"]["workers/tag"], "v2");
    let second = newest["id"].as_str().expect("an id");

    project.runs(&["versions", "deploy", &format!("{second}@100%"), "--yes"]).await;
    assert_eq!(get(&url).await, format!("hello, {FIRST} changed"));

    project.runs(&["rollback", "--yes", "--message", "undo"]).await;
    assert_eq!(project.server.live_version("hello"), Some(first));
    assert_eq!(get(&url).await, format!("hello, {FIRST} alone"));
}

#[tokio::test]
async fn a_rollback_over_a_changed_secret_has_to_be_forced() {
    let project = Project::new(ECHO).await;
    project.has_deployed(ECHO, FIRST).await;
    project.runs_with(&["secret", "put", "API_KEY"], SECOND).await;

    let said = project.runs(&["rollback", "--yes"]).await;

    assert!(said.contains("The following secrets have changed") && said.contains("* API_KEY"), "{said}");
    assert_eq!(project.server.requests().iter().filter(|request| request.asks_for("force", "true")).count(), 1);
    assert_eq!(project.server.live_value("hello", "API_KEY").as_deref(), Some(FIRST));
}

#[tokio::test]
async fn a_secret_is_not_put_while_a_version_waits_except_into_a_version_of_its_own() {
    let project = Project::new(ECHO).await;
    project.has_deployed(ECHO, FIRST).await;
    project.runs(&["versions", "upload"]).await;

    let said = project.fails(&["secret", "put", "API_KEY"], SECOND).await;
    assert!(said.contains("wrangler versions secret put"), "{said}");

    project.runs_with(&["versions", "secret", "put", "API_KEY"], SECOND).await;
    assert_eq!(project.server.live_value("hello", "API_KEY").as_deref(), Some(FIRST));
}

#[tokio::test]
async fn what_a_function_says_reaches_a_tail() {
    let project = Project::new(ECHO).await;
    project.has_deployed(ECHO, FIRST).await;
    let mut tail = project.start(&["tail", "--format", "json"]);
    project.server.request("GET …/tails/…").await;

    get(&project.server.url_of("hello").await).await;

    // What comes last: an event is written in several pieces.
    let event = tail.says(r#""asked""#).await;
    assert!(event.contains(r#""scriptName": "hello""#), "{event}");
}

#[tokio::test]
async fn a_deleted_script_is_gone() {
    let project = Project::new(ECHO).await;
    project.has_deployed(ECHO, "made-up-and-deleted").await;
    let url = project.server.url_of("hello").await;
    assert!(get(&url).await.contains("deleted"));

    project.runs(&["delete", "--force"]).await;

    assert_eq!(project.server.live_version("hello"), None);
    // The port is free, and may be another test's by now.
    let answer = reqwest::get(&url).await;
    assert!(answer.is_err() || !answer.unwrap().text().await.expect("text").contains("deleted"));
}

#[tokio::test]
async fn whoami_names_the_user_and_the_account() {
    let project = Project::new(ECHO).await;
    let said = project.runs(&["whoami"]).await;
    assert!(said.contains("dev@example.com") && said.contains(project.server.account()), "{said}");
}

#[tokio::test]
async fn code_that_does_not_start_is_refused_in_the_words_of_the_runtime() {
    let project = Project::new("\nthrow new TypeError('at the start');\nexport default { fetch() {} }").await;

    let said = project.fails(&["deploy"], "").await;

    assert!(said.contains("Uncaught TypeError: at the start") && said.contains("[code: 10021]"), "{said}");
    assert!(said.contains("index.ts:2:7"), "its source map leads to the line: {said}");
    assert_eq!(project.server.live_version("hello"), None);
}

#[tokio::test]
async fn a_token_that_may_only_read_deploys_nothing() {
    let mut project = Project::new(ECHO).await;
    project.token = project.server.token_with(&[Permission::ScriptsRead, Permission::UserDetailsRead]);

    let said = project.fails(&["deploy"], "").await;

    assert!(said.contains("Authentication error [code: 10000]"), "{said}");
    assert_eq!(project.server.live_version("hello"), None);
}
