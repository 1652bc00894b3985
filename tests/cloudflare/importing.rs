//! Importing a Worker: its code as it is there, its schedules and variables, the names of its secrets.

use postern::deployment::{Status, TargetId};
use postern::secret::Scope;
use postern::wire::{Code, HeldSecret, Outcome, RemoteScript};
use reqwest::Method;
use serde_json::json;

use crate::desk::{Desk, deploy, function, roll_back, secret, try_deploy};
use crate::upload::{Body, secret as bound};

const CODE: &str = "export default {
  fetch(request, env) { return new Response(`${env.GREETING} ${env.API_KEY}`) },
  scheduled() {},
}";
const THEIRS: &str = "made-up-value-that-nobody-can-read";

/// A script that somebody else made, with a variable, a secret and schedules.
async fn made(desk: &Desk, script: &str) {
    let greeting = json!({ "type": "plain_text", "name": "GREETING", "text": "hello" });
    desk.asking().put(script, CODE, json!([greeting, bound("API_KEY", THEIRS)])).await;
    let crons = json!([{ "cron": "0 9 * * 2-6" }, { "cron": "*/5 * * * *" }]);
    let (status, _, answer) =
        desk.asking().ask(Method::PUT, &format!("scripts/{script}/schedules"), Body::Json(crons)).await;
    assert_eq!(status, 200, "{answer}");
}

#[tokio::test]
async fn the_workers_of_an_account_are_listed_and_those_that_are_known_are_marked() {
    let (desk, app, target) = Desk::with_target().await;
    made(&desk, "theirs").await;
    let id = function(&app, "ours", "export default { fetch() {} }").await;
    deploy(&app, id, target).await;
    let listed = app.remote_scripts(target).await.expect("a list");
    let shown: Vec<_> = listed.iter().map(|RemoteScript { name, known, .. }| (name.as_str(), *known)).collect();
    assert_eq!(shown, [("ours", true), ("theirs", false)]);
    assert!(listed.iter().all(|script| script.changed_at.is_some()), "{listed:?}");
}

#[tokio::test]
async fn an_imported_worker_is_a_function_that_stands_there_with_nothing_changed() {
    let (desk, app, target) = Desk::with_target().await;
    made(&desk, "theirs").await;
    let before = desk.writes();

    let detail = app.import_script(target, "theirs").await.expect("imported");

    assert_eq!(desk.writes(), before, "nothing is changed there");
    let [file] = &detail.files[..] else { panic!("{:?}", detail.files) };
    assert_eq!((file.path.as_str(), file.text.as_str()), ("index.js", CODE));
    assert_eq!(detail.summary.name, "theirs");
    assert_eq!(detail.summary.schedules, ["0 9 * * 1-5", "*/5 * * * *"], "in Unix cron");
    assert!(detail.summary.trigger.http && detail.summary.trigger.scheduled);
    assert_eq!(detail.compatibility_date, "2026-11-17");
    let [variable] = &detail.variables[..] else { panic!("{:?}", detail.variables) };
    assert_eq!((variable.name.as_str(), variable.value.as_str()), ("GREETING", "hello"));
    assert_eq!(variable.scope, Scope::Target(target));
    assert!(detail.secrets.is_empty(), "nobody can read them");
    let [HeldSecret { name, target: on, lines }] = &detail.references.held[..] else {
        panic!("{:?}", detail.references)
    };
    assert_eq!((name.as_str(), *on), ("API_KEY", target));
    assert_eq!(lines.iter().map(|line| line.line).collect::<Vec<_>>(), [2]);
    assert!(detail.references.missing.is_empty(), "{:?}", detail.references);
    assert_eq!(detail.summary.chosen, [target]);
    let [remote] = &detail.summary.remote[..] else { panic!("{:?}", detail.summary) };
    assert_eq!((remote.status, remote.script.as_deref(), remote.live), (Status::Live, Some("theirs"), Some(1)));
    let history = app.history(detail.summary.id).await.expect("a history");
    assert_eq!((history.len(), history[0].outcome, history[0].message.as_str()), (1, Outcome::Live, "Imported"));
    desk.assert_history_is_true(&app, detail.summary.id, target, "theirs").await;

    let twice = app.import_script(target, "theirs").await.expect_err("it is known");
    assert_eq!(twice.code, Code::NameTaken);
    assert_eq!(app.import_script(target, "none").await.expect_err("none").code, Code::NotFound);
}

#[tokio::test]
async fn a_redeployed_import_keeps_its_secrets_without_anybody_entering_them() {
    let (desk, app, target) = Desk::with_target().await;
    made(&desk, "theirs").await;
    let id = app.import_script(target, "theirs").await.expect("imported").summary.id;
    app.save_file(id, "index.js".into(), CODE.replace("${env.GREETING}", "changed")).await.expect("saved");

    deploy(&app, id, target).await;

    assert_eq!(desk.sent_as("API_KEY").as_deref(), Some("inherit"));
    assert_eq!(desk.answer("theirs").await, format!("changed {THEIRS}"));
    deploy(&app, id, target).await;
    assert_eq!(desk.answer("theirs").await, format!("changed {THEIRS}"), "and again");

    // Entered here, it is ours from then on; and the way back has the one that nobody could read.
    secret(&app, id, "API_KEY", "made-up-value-of-ours").await;
    let detail = app.open_function(id).await.expect("it is there");
    assert!(detail.references.held.is_empty(), "{:?}", detail.references.held);
    deploy(&app, id, target).await;
    assert_eq!(desk.answer("theirs").await, "changed made-up-value-of-ours");
    roll_back(&app, id, target, 1).await;
    assert_eq!(desk.answer("theirs").await, format!("hello {THEIRS}"));
    desk.assert_history_is_true(&app, id, target, "theirs").await;
    deploy(&app, id, target).await;
    assert_eq!(desk.answer("theirs").await, "changed made-up-value-of-ours");
}

#[tokio::test]
async fn an_import_that_is_deployed_elsewhere_names_the_secrets_that_are_missing_there() {
    let (desk, app, target) = Desk::with_target().await;
    let staging = desk.add_target(&app, "staging", "-staging").await;
    made(&desk, "theirs").await;
    let id = app.import_script(target, "theirs").await.expect("imported").summary.id;
    for elsewhere in [staging, TargetId::LOCAL] {
        let failure = try_deploy(&app, id, elsewhere).await.expect_err("its secrets are not there");
        assert_eq!(failure.code, Code::MissingSecrets);
        assert!(failure.message.contains("API_KEY"), "{}", failure.message);
    }
    let plan = app.plan(id, staging).await.expect("a plan");
    assert!(plan.refusals.iter().any(|refusal| refusal.code == Code::MissingSecrets), "{:?}", plan.refusals);
    assert_eq!(desk.server.live_version("theirs-staging"), None);
}

#[tokio::test]
async fn an_import_loses_the_suffix_of_its_target_and_takes_a_free_name() {
    let (desk, app, _) = Desk::with_target().await;
    let staging = desk.add_target(&app, "staging", "-staging").await;
    function(&app, "theirs", "export default { fetch() {} }").await;
    made(&desk, "theirs-staging").await;
    let detail = app.import_script(staging, "theirs-staging").await.expect("imported");
    assert_ne!(detail.summary.name, "theirs");
    assert!(detail.summary.name.starts_with("theirs-"), "{}", detail.summary.name);
    assert_eq!(detail.summary.remote[0].script.as_deref(), Some("theirs-staging"));
    deploy(&app, detail.summary.id, staging).await;
    assert_eq!(desk.answer("theirs-staging").await, format!("hello {THEIRS}"));
}

#[tokio::test]
async fn what_cannot_be_opened_here_is_not_imported_and_leaves_nothing() {
    let (desk, app, target) = Desk::with_target().await;
    made(&desk, "theirs").await;
    // The last day of a week, which Unix cron does not know.
    let crons = json!([{ "cron": "0 9 * * L" }]);
    let (status, ..) = desk.asking().ask(Method::PUT, "scripts/theirs/schedules", Body::Json(crons)).await;
    assert_eq!(status, 200);
    let failure = app.import_script(target, "theirs").await.expect_err("a schedule that can't be said");
    assert_eq!(failure.code, Code::InvalidSchedule);
    assert!(failure.message.contains("“0 9 * * L”"), "{}", failure.message);
    let large = format!("{CODE}\n// {}", "x".repeat(1024 * 1024));
    desk.asking().put("large", &large, json!([])).await;
    let failure = app.import_script(target, "large").await.expect_err("it is too large");
    assert!(failure.message.contains("“large” was not imported"), "{}", failure.message);
    let names: Vec<String> = app.summaries().await.expect("a list").into_iter().map(|one| one.name).collect();
    assert!(names.is_empty(), "{names:?}");
}
