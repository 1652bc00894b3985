//! Deploying to Cloudflare, first and again: what is bound, what is inherited, what is dropped and what is kept.

use std::sync::Mutex;

use postern::deployment::{Change, Status, Step, TargetId};
use postern::secret::Scope;
use postern::wire::{Code, Order, Progress, Stale};

use crate::desk::{Desk, deploy, function, replace, secret, state, summary, try_deploy, value, write};
use crate::upload::ECHO;

const FIRST: &str = "made-up-first-value-4711";
const SECOND: &str = "made-up-second-value-0815";
const ALL: &str = "export default {
  fetch(request, env) {
    return new Response([env.API_KEY, env.OTHER_KEY, env.GREETING, env.THEIRS].map(text => text ?? 'none').join(' '));
  },
  scheduled() {},
}";

#[tokio::test]
async fn a_first_deployment_binds_secrets_variables_and_schedules_and_gives_an_address() {
    let (desk, app, target) = Desk::with_target().await;
    let id = function(&app, "hello", &ALL.replace(", env.THEIRS", "")).await;
    secret(&app, id, "API_KEY", FIRST).await;
    secret(&app, id, "OTHER_KEY", SECOND).await;
    app.set_variable(id, "GREETING", Scope::All, "hello".into()).await.expect("set");
    app.set_schedules(id, vec!["0 9 * * 1-5".into(), "30 8 * * 0".into()]).await.expect("schedules");
    let steps = Mutex::new(Vec::new());

    let order = Order { message: "The first one".into(), over: None };
    let deployed = app.deploy(id, target, order, |step| steps.lock().unwrap().push(step)).await.expect("it deploys");

    let remote = &deployed.summary.remote[0];
    assert_eq!((deployed.number, remote.status, remote.live), (1, Status::Live, Some(1)));
    assert_eq!(remote.address.as_deref(), Some("https://hello.made-up.workers.dev"));
    assert_eq!(remote.script.as_deref(), Some("hello"));
    assert!(remote.unfinished.is_empty(), "{remote:?}");
    assert_eq!(desk.answer("hello").await, format!("{FIRST} {SECOND} hello"));
    // Weekdays run from 1 = Sunday there.
    let scheduled = desk.server.request("PUT …/schedules").await.json().expect("JSON");
    assert_eq!(scheduled, serde_json::json!([{ "cron": "0 9 * * 2-6" }, { "cron": "30 8 * * 1" }]));
    assert_eq!(desk.uploaded()["annotations"]["workers/message"], "The first one");

    let steps = steps.into_inner().unwrap();
    let passed: Vec<Step> = steps
        .iter()
        .filter_map(|step| match step {
            Progress::Passed { step } => Some(*step),
            _ => None,
        })
        .collect();
    assert_eq!(passed, [Step::Compiled, Step::Checked, Step::Opened, Step::Uploaded, Step::Switched, Step::Finished]);
    let sent = steps.iter().rev().find_map(|step| match step {
        Progress::Sent { bytes, total } => Some((*bytes, *total)),
        _ => None,
    });
    assert!(sent.is_some_and(|(bytes, total)| bytes == total && total > 500), "{sent:?}");
    desk.assert_history_is_true(&app, id, target, "hello").await;
}

#[tokio::test]
async fn a_secret_that_has_not_changed_is_inherited_and_not_even_opened() {
    let (desk, app, target) = Desk::with_target().await;
    let id = function(&app, "hello", ECHO).await;
    secret(&app, id, "API_KEY", FIRST).await;
    deploy(&app, id, target).await;
    desk.damage_seal("API_KEY");
    write(&app, id, &ECHO.replace("key", "again")).await;

    let deployed = deploy(&app, id, target).await;

    assert_eq!(desk.sent_as("API_KEY").as_deref(), Some("inherit"));
    assert_eq!(deployed.number, 2);
    assert_eq!(desk.answer("hello").await, format!("again {FIRST}"));
    desk.assert_history_is_true(&app, id, target, "hello").await;

    // It is only for what was never sent that it has to be opened, and that says which one it is.
    let other = function(&app, "other", ECHO).await;
    secret(&app, other, "API_KEY", FIRST).await;
    desk.damage_seal("API_KEY");
    let failure = try_deploy(&app, other, target).await.expect_err("it does not open");
    assert_eq!(failure.code, Code::SecretDamaged);
    assert!(failure.message.contains("API_KEY"), "{}", failure.message);
}

#[tokio::test]
async fn a_changed_secret_is_sent_and_the_one_beside_it_inherited() {
    let (desk, app, target) = Desk::with_target().await;
    let id = function(&app, "hello", &ALL.replace(", env.GREETING, env.THEIRS", "")).await;
    secret(&app, id, "API_KEY", FIRST).await;
    secret(&app, id, "OTHER_KEY", "made-up-other").await;
    deploy(&app, id, target).await;
    replace(&app, id, "API_KEY", SECOND).await;
    let remote = state(&app, id, target).await;
    assert_eq!((remote.status, remote.changes), (Status::Outdated, vec![Change::Secrets]));
    assert_eq!(desk.answer("hello").await, format!("{FIRST} made-up-other"), "it waits for the next deployment");

    deploy(&app, id, target).await;

    assert_eq!(desk.sent_as("API_KEY").as_deref(), Some("secret_text"));
    assert_eq!(desk.sent_as("OTHER_KEY").as_deref(), Some("inherit"));
    assert_eq!(desk.answer("hello").await, format!("{SECOND} made-up-other"));
}

#[tokio::test]
async fn what_was_ours_and_is_removed_is_dropped_and_what_is_theirs_is_kept() {
    let (desk, app, target) = Desk::with_target().await;
    let id = function(&app, "hello", &ALL.replace(", env.THEIRS", "")).await;
    secret(&app, id, "API_KEY", FIRST).await;
    secret(&app, id, "OTHER_KEY", SECOND).await;
    app.set_variable(id, "GREETING", Scope::All, "hello".into()).await.expect("set");
    deploy(&app, id, target).await;
    desk.secret_from_elsewhere("hello", "THEIRS", "made-up-theirs").await;
    app.delete_secret(id, "OTHER_KEY", Scope::All).await.expect("deleted");
    app.delete_variable(id, "GREETING", Scope::All).await.expect("deleted");
    write(&app, id, "export default { fetch(_, env) { return new Response(Object.keys(env).sort().join(' ') + ' ' + env.API_KEY + ' ' + env.THEIRS) } }").await;

    let drift = try_deploy(&app, id, target).await.expect_err("somebody else was there");
    assert_eq!(drift.code, Code::Drift);
    let plan = app.plan(id, target).await.expect("a plan");
    crate::desk::deploy_over(&app, id, target, &plan.drift.expect("a drift").version).await;

    assert_eq!(desk.answer("hello").await, format!("API_KEY THEIRS {FIRST} made-up-theirs"));
    write(&app, id, "export default { fetch(_, env) { return new Response(Object.keys(env).sort().join(' ')) } }")
        .await;
    deploy(&app, id, target).await;
    assert_eq!(desk.answer("hello").await, "API_KEY THEIRS", "and it stays kept");
}

#[tokio::test]
async fn a_value_for_one_target_stands_in_front_of_the_one_for_all() {
    let (desk, app, production) = Desk::with_target().await;
    let staging = desk.add_target(&app, "staging", "-staging").await;
    let id = function(
        &app,
        "hello",
        "export default { fetch(_, env) { return new Response(env.API_KEY + ' ' + env.REGION) } }",
    )
    .await;
    secret(&app, id, "API_KEY", FIRST).await;
    app.create_secret(id, "API_KEY", Scope::Target(staging), value(SECOND)).await.expect("sealed");
    app.set_variable(id, "REGION", Scope::All, "everywhere".into()).await.expect("set");
    app.set_variable(id, "REGION", Scope::Target(staging), "here".into()).await.expect("set");
    for target in [production, staging, TargetId::LOCAL] {
        deploy(&app, id, target).await;
    }
    assert_eq!(desk.answer("hello").await, format!("{FIRST} everywhere"));
    assert_eq!(desk.answer("hello-staging").await, format!("{SECOND} here"));
    let local = summary(&app, id).await.local.address.expect("an address");
    assert_eq!(crate::upload::get(&local).await, format!("{FIRST} everywhere"));

    // Without its own, it gets the one for all again.
    app.delete_secret(id, "API_KEY", Scope::Target(staging)).await.expect("deleted");
    app.delete_variable(id, "REGION", Scope::Target(staging)).await.expect("deleted");
    let remote = state(&app, id, staging).await;
    assert_eq!(remote.changes, [Change::Secrets, Change::Variables]);
    deploy(&app, id, staging).await;
    assert_eq!(desk.answer("hello-staging").await, format!("{FIRST} everywhere"));
    app.shutdown().await;
}

#[tokio::test]
async fn each_value_says_where_another_one_is_live_and_where_none_is() {
    let (desk, app, production) = Desk::with_target().await;
    let staging = desk.add_target(&app, "staging", "-staging").await;
    let id = function(&app, "hello", "export default { fetch() { return new Response('') } }").await;
    deploy(&app, id, staging).await;
    let infos = secret(&app, id, "API_KEY", FIRST).await;
    assert_eq!(infos[0].stale, [Stale { target: staging, bound: false }], "not on staging");
    let infos = app.set_variable(id, "REGION", Scope::All, "everywhere".into()).await.expect("set").variables;
    assert_eq!(infos[0].stale, [Stale { target: staging, bound: false }]);

    let deployed = deploy(&app, id, production).await;
    assert_eq!(deployed.secrets[0].stale, [Stale { target: staging, bound: false }]);
    let infos = replace(&app, id, "API_KEY", SECOND).await;
    let mut stale = infos[0].stale.clone();
    stale.sort_by_key(|stale| stale.target);
    assert_eq!(
        stale,
        [Stale { target: production, bound: true }, Stale { target: staging, bound: false }],
        "changed since production, not on staging"
    );
    let infos = app.set_variable(id, "REGION", Scope::Target(production), "there".into()).await.expect("set").variables;
    let own = infos.iter().find(|info| info.scope == Scope::Target(production)).expect("its own");
    assert_eq!(own.stale, [Stale { target: production, bound: true }]);
    let all = infos.iter().find(|info| info.scope == Scope::All).expect("the one for all");
    assert_eq!(all.stale, [Stale { target: staging, bound: false }], "production has its own");

    deploy(&app, id, production).await;
    let deployed = deploy(&app, id, staging).await;
    assert!(deployed.secrets.iter().all(|info| info.stale.is_empty()), "{:?}", deployed.secrets);
    assert!(deployed.variables.iter().all(|info| info.stale.is_empty()), "{:?}", deployed.variables);
}

#[tokio::test]
async fn a_name_is_a_secret_or_a_variable_and_never_both() {
    let (_desk, app, _) = Desk::with_target().await;
    let id = function(&app, "hello", ECHO).await;
    secret(&app, id, "API_KEY", FIRST).await;
    let taken = app.set_variable(id, "API_KEY", Scope::All, "plain".into()).await.expect_err("taken");
    assert_eq!(taken.code, Code::NameTaken);
    app.set_variable(id, "REGION", Scope::All, "plain".into()).await.expect("set");
    let taken = app.create_secret(id, "REGION", Scope::All, value(SECOND)).await.expect_err("taken");
    assert_eq!(taken.code, Code::NameTaken);
}

#[tokio::test]
async fn a_renamed_function_keeps_its_script_and_another_one_cannot_take_it() {
    let (desk, app, target) = Desk::with_target().await;
    let id = function(&app, "hello", "export default { fetch() { return new Response('first') } }").await;
    deploy(&app, id, target).await;
    app.rename_function(id, "goodbye").await.expect("renamed");
    write(&app, id, "export default { fetch() { return new Response('second') } }").await;
    deploy(&app, id, target).await;
    assert_eq!(desk.answer("hello").await, "second");
    assert_eq!(desk.server.live_version("goodbye"), None);

    let other = function(&app, "hello", "export default { fetch() { return new Response('other') } }").await;
    let taken = try_deploy(&app, other, target).await.expect_err("the name is the first one's");
    assert_eq!(taken.code, Code::NameTaken);
    assert_eq!(desk.answer("hello").await, "second");
}
