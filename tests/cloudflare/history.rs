//! What was deployed, in its order, and the way back to it with the secrets that it had.

use postern::deployment::{Status, TargetId};
use postern::secret::Scope;
use postern::wire::{ChangeKind, Code, NameChange, Outcome};

use crate::desk::{Desk, deploy, function, past, replace, roll_back, secret, state, summary, try_deploy, write};
use crate::support::canary::{Canary, Scan};
use crate::support::workers_api::{Fault, Kind};
use crate::upload::{ECHO, get};

const FIRST: &str = "made-up-first-value-4711";
const SECOND: &str = "made-up-second-value-0815";

#[tokio::test]
async fn a_rollback_on_cloudflare_brings_back_the_code_and_the_value_of_then() {
    let (desk, app, target) = Desk::with_target().await;
    let id = function(&app, "hello", ECHO).await;
    secret(&app, id, "API_KEY", FIRST).await;
    deploy(&app, id, target).await;
    let first = desk.server.live_version("hello");
    replace(&app, id, "API_KEY", SECOND).await;
    write(&app, id, &ECHO.replace("key", "new")).await;
    deploy(&app, id, target).await;
    assert_eq!(desk.answer("hello").await, format!("new {SECOND}"));
    let one = past(&app, id, target, 1).await;
    let question = app.describe_rollback(one.id).await.expect("a question");
    assert_eq!(question.title, "Roll back hello to #1?");
    assert!(question.consequence.contains("production in place of #2"), "{}", question.consequence);
    assert!(question.consequence.contains("the value that it had then"), "{}", question.consequence);

    let rolled = roll_back(&app, id, target, 1).await;

    assert_eq!(desk.answer("hello").await, format!("key {FIRST}"));
    assert_eq!(desk.server.live_version("hello"), first, "the version that was kept there");
    assert_eq!(rolled.number, 3);
    assert_eq!(rolled.summary.remote[0].address.as_deref(), Some("https://hello.made-up.workers.dev"));
    let three = past(&app, id, target, 3).await;
    assert_eq!((three.outcome, three.message.as_str()), (Outcome::Live, "Rolled back to #1"));
    assert_eq!(state(&app, id, target).await.status, Status::Outdated, "the editor is ahead of it");
    desk.assert_history_is_true(&app, id, target, "hello").await;

    // Forward again, and what is bound is right although the newest version there is another one.
    deploy(&app, id, target).await;
    assert_eq!(desk.answer("hello").await, format!("new {SECOND}"));
    desk.assert_history_is_true(&app, id, target, "hello").await;
}

#[tokio::test]
async fn a_rollback_to_a_version_that_is_not_there_any_more_is_sent_anew() {
    let (desk, app, target) = Desk::with_target().await;
    let id = function(&app, "hello", ECHO).await;
    secret(&app, id, "API_KEY", FIRST).await;
    deploy(&app, id, target).await;
    replace(&app, id, "API_KEY", SECOND).await;
    write(&app, id, &ECHO.replace("key", "new")).await;
    deploy(&app, id, target).await;
    desk.sql("UPDATE deployments SET version = '00000000-made-up-0000-0000-000000000000' WHERE number = 1");

    roll_back(&app, id, target, 1).await;

    assert_eq!(desk.answer("hello").await, format!("key {FIRST}"));
    assert_eq!(desk.sent_as("API_KEY").as_deref(), Some("secret_text"));
    desk.assert_history_is_true(&app, id, target, "hello").await;
}

#[tokio::test]
async fn a_rollback_of_what_was_deleted_there_makes_it_again() {
    let (desk, app, target) = Desk::with_target().await;
    let id = function(&app, "hello", ECHO).await;
    secret(&app, id, "API_KEY", FIRST).await;
    deploy(&app, id, target).await;
    replace(&app, id, "API_KEY", SECOND).await;
    deploy(&app, id, target).await;
    desk.asking().ask(reqwest::Method::DELETE, "services/hello?force=true", crate::upload::Body::None).await;
    roll_back(&app, id, target, 1).await;
    assert_eq!(desk.answer("hello").await, format!("key {FIRST}"));
    desk.assert_history_is_true(&app, id, target, "hello").await;
}

#[tokio::test]
async fn a_rollback_drops_nothing_that_somebody_else_has_bound_since() {
    let (desk, app, target) = Desk::with_target().await;
    let code =
        "export default { fetch(_, env) { return new Response(`one ${Object.keys(env).sort()} ${env.API_KEY}`) } }";
    let id = function(&app, "hello", code).await;
    secret(&app, id, "API_KEY", FIRST).await;
    deploy(&app, id, target).await;
    desk.secret_from_elsewhere("hello", "THEIRS", "made-up-theirs").await;
    replace(&app, id, "API_KEY", SECOND).await;
    write(&app, id, &code.replace("one", "two")).await;
    let drift = app.plan(id, target).await.expect("a plan").drift.expect("a drift");
    crate::desk::deploy_over(&app, id, target, &drift.version).await;
    assert_eq!(desk.answer("hello").await, format!("two API_KEY,THEIRS {SECOND}"));

    roll_back(&app, id, target, 1).await;

    assert_eq!(desk.answer("hello").await, format!("one API_KEY,THEIRS {FIRST}"));
    desk.assert_history_is_true(&app, id, target, "hello").await;
    deploy(&app, id, target).await;
    assert_eq!(desk.answer("hello").await, format!("two API_KEY,THEIRS {SECOND}"));
}

#[tokio::test]
async fn a_rollback_over_what_somebody_else_deployed_asks_first() {
    let (desk, app, target) = Desk::with_target().await;
    let id = function(&app, "hello", ECHO).await;
    secret(&app, id, "API_KEY", FIRST).await;
    deploy(&app, id, target).await;
    deploy(&app, id, target).await;
    desk.secret_from_elsewhere("hello", "API_KEY", "made-up-theirs").await;
    let one = past(&app, id, target, 1).await;
    let failure = app.roll_back(one.id, None, |_| {}).await.expect_err("somebody else was there");
    assert_eq!(failure.code, Code::Drift);
    assert_eq!(desk.answer("hello").await, "key made-up-theirs");
    let theirs = desk.server.live_version("hello");
    app.roll_back(one.id, theirs, |_| {}).await.expect("it was reviewed");
    assert_eq!(desk.answer("hello").await, format!("key {FIRST}"));
}

#[tokio::test]
async fn a_rollback_puts_the_schedules_of_then_in_place_and_says_where_it_could_not() {
    let (desk, app, target) = Desk::with_target().await;
    let id = function(&app, "hello", "export default { fetch() {}, scheduled() {} }").await;
    app.set_schedules(id, vec!["0 9 * * 1".into()]).await.expect("schedules");
    deploy(&app, id, target).await;
    app.set_schedules(id, Vec::new()).await.expect("none");
    deploy(&app, id, target).await;
    let crons = async || {
        let (_, _, answer) =
            desk.asking().ask(reqwest::Method::GET, "scripts/hello/schedules", crate::upload::Body::None).await;
        answer["result"]["schedules"].as_array().expect("a list").len()
    };
    assert_eq!(crons().await, 0);
    desk.server.fault(Fault {
        on: "PUT …/schedules",
        nth: 1,
        kind: Kind::Status(
            400,
            serde_json::json!({
                "success": false, "result": null, "errors": [{ "code": 10100, "message": "not today" }]
            }),
        ),
    });
    let rolled = roll_back(&app, id, target, 1).await;
    assert_eq!(rolled.summary.remote[0].unfinished.len(), 1);
    assert_eq!(crons().await, 0);
    let summary = app.finish_deployment(id, target).await.expect("it goes on");
    assert!(summary.remote[0].unfinished.is_empty());
    assert_eq!(crons().await, 1);
}

#[tokio::test]
async fn a_rollback_on_this_machine_brings_back_the_code_and_the_value_of_then() {
    let (_desk, app, _) = Desk::with_target().await;
    let id = function(&app, "hello", ECHO).await;
    secret(&app, id, "API_KEY", FIRST).await;
    deploy(&app, id, TargetId::LOCAL).await;
    replace(&app, id, "API_KEY", SECOND).await;
    write(&app, id, &ECHO.replace("key", "new")).await;
    deploy(&app, id, TargetId::LOCAL).await;
    let address = summary(&app, id).await.local.address.expect("an address");
    assert_eq!(get(&address).await, format!("new {SECOND}"));

    let rolled = roll_back(&app, id, TargetId::LOCAL, 1).await;

    assert_eq!((rolled.number, get(&address).await), (3, format!("key {FIRST}")));
    app.shutdown().await;
}

#[tokio::test]
async fn only_as_many_deployments_as_are_to_be_kept_leave_their_values_in_the_files() {
    let (desk, app, target) = Desk::with_target().await;
    assert_eq!(app.kept_deployments().await.expect("a number"), 20);
    assert_eq!(app.keep_deployments(0).await.expect_err("too few").code, Code::InvalidValue);
    let id = function(&app, "hello", "export default { fetch() { return new Response('') } }").await;
    secret(&app, id, "API_KEY", FIRST).await;
    // Sealed values can't be looked for; what was deployed beside them can, and so can the seals.
    for number in 1..=5 {
        write(&app, id, &format!("// canary-of-deployment-{number}-made-up\nexport default {{ fetch() {{}} }}")).await;
        replace(&app, id, "API_KEY", &format!("made-up-value-{number}")).await;
        deploy(&app, id, target).await;
    }
    assert_eq!(app.history(id).await.expect("a history").len(), 5);

    assert_eq!(app.keep_deployments(3).await.expect("kept"), 3);

    let numbers: Vec<i64> = app.history(id).await.expect("a history").iter().map(|past| past.number).collect();
    assert_eq!(numbers, [5, 4, 3]);
    write(&app, id, "export default { fetch() {} }").await;
    assert_eq!(deploy(&app, id, target).await.number, 6);
    let numbers: Vec<i64> = app.history(id).await.expect("a history").iter().map(|past| past.number).collect();
    assert_eq!(numbers, [6, 5, 4]);
    app.shutdown().await;
    drop(app);
    let canary = |number: u8| Canary { name: "code", value: format!("canary-of-deployment-{number}-made-up") };
    for number in 1..=3 {
        Scan::new(&[canary(number)]).files(&[&desk.data()]).assert_clean();
    }
    assert!(!Scan::new(&[canary(4)]).files(&[&desk.data()]).hits.is_empty(), "what is kept is there");
    let db = rusqlite::Connection::open(desk.data().join("postern.db")).expect("the database");
    let seals: i64 = db
        .query_row("SELECT count(*) FROM revisions JOIN secrets ON id = secret_id WHERE name = 'API_KEY'", [], |row| {
            row.get(0)
        })
        .expect("a count");
    assert_eq!(seals, 2, "of deployments 4, and of 5 and 6 together");
}

#[tokio::test]
async fn numbers_count_on_each_target_by_itself_and_failures_count_too() {
    let (desk, app, target) = Desk::with_target().await;
    let id = function(&app, "hello", "export default { fetch() { return new Response('one') } }").await;
    deploy(&app, id, target).await;
    deploy(&app, id, TargetId::LOCAL).await;
    write(&app, id, "throw new Error('at the start')\nexport default { fetch() {} }").await;
    try_deploy(&app, id, target).await.expect_err("it does not start");
    write(&app, id, "export default { fetch() { return new Response('three') } }").await;
    deploy(&app, id, target).await;
    let history = app.history(id).await.expect("a history");
    let shown: Vec<_> = history.iter().map(|past| (past.target, past.number, past.outcome)).collect();
    assert_eq!(
        shown,
        [
            (target, 3, Outcome::Live),
            (target, 2, Outcome::Failed),
            (TargetId::LOCAL, 1, Outcome::Live),
            (target, 1, Outcome::Past)
        ]
    );
    let changed = app.read_deployment(history[0].id).await.expect("its code");
    let [file] = &changed.files[..] else { panic!("{changed:?}") };
    assert!(file.before.contains("'one'") && file.after.contains("'three'"), "{file:?}");
    assert_eq!(desk.answer("hello").await, "three");
    let failed = app.roll_back(history[1].id, None, |_| {}).await.expect_err("nothing to go back to");
    assert_eq!(failed.code, Code::NotFound);
    assert_eq!(desk.answer("hello").await, "three");
    app.shutdown().await;
}

#[tokio::test]
async fn the_history_says_which_names_and_schedules_a_deployment_changed_and_whose_values() {
    let (_desk, app, target) = Desk::with_target().await;
    let id = function(&app, "hello", ECHO).await;
    for name in ["API_KEY", "OLD_KEY", "SAME_KEY"] {
        secret(&app, id, name, FIRST).await;
    }
    for (name, value) in [("MODE", "slow"), ("REGION", "eu")] {
        app.set_variable(id, name, Scope::All, value.into()).await.expect("set");
    }
    app.set_schedules(id, vec!["0 9 * * 1".into(), "0 5 * * *".into()]).await.expect("schedules");
    deploy(&app, id, target).await;
    let first = app.history(id).await.expect("a history")[0].id;
    let first = app.read_deployment(first).await.expect("what it changed");
    assert!(first.secrets.len() == 3 && first.secrets.iter().all(|name| name.kind == ChangeKind::Added), "{first:?}");

    replace(&app, id, "API_KEY", SECOND).await;
    app.delete_secret(id, "OLD_KEY", Scope::All).await.expect("deleted");
    secret(&app, id, "NEW_KEY", FIRST).await;
    app.set_variable(id, "MODE", Scope::All, "fast".into()).await.expect("set");
    app.set_schedules(id, vec!["0 5 * * *".into(), "*/7 * * * *".into()]).await.expect("schedules");
    deploy(&app, id, target).await;
    let second = app.history(id).await.expect("a history")[0].id;
    let second = app.read_deployment(second).await.expect("what it changed");
    let said = |names: &[NameChange]| names.iter().map(|each| (each.name.clone(), each.kind)).collect::<Vec<_>>();
    let named =
        |names: &[(&str, ChangeKind)]| names.iter().map(|(name, kind)| ((*name).to_owned(), *kind)).collect::<Vec<_>>();
    let (added, changed, removed) = (ChangeKind::Added, ChangeKind::Changed, ChangeKind::Removed);
    assert_eq!(said(&second.secrets), named(&[("API_KEY", changed), ("NEW_KEY", added), ("OLD_KEY", removed)]));
    assert_eq!(said(&second.variables), named(&[("MODE", changed)]));
    assert_eq!(said(&second.schedules), named(&[("*/7 * * * *", added), ("0 9 * * 1", removed)]));
    assert!(second.files.is_empty() && !second.packages, "{second:?}");
    app.shutdown().await;
}
