//! A plan says everything that a deployment would change, and sends nothing.

use std::sync::Mutex;

use postern::app::App;
use postern::deployment::TargetId;
use postern::function::FunctionId;
use postern::secret::Scope;
use postern::wire::{ChangeKind, Code, NameChange, Order, Progress};
use serde_json::json;

use crate::desk::{Desk, deploy, function, replace, secret, write};
use crate::upload::ECHO;

const FIRST: &str = "made-up-first-value-4711";
const SECOND: &str = "made-up-second-value-0815";
const SCHEDULED: &str = "export default { fetch() { return new Response('') }, scheduled() {} }";

fn names(changes: &[NameChange]) -> Vec<(&str, ChangeKind)> {
    changes.iter().map(|change| (change.name.as_str(), change.kind)).collect()
}

#[tokio::test]
async fn a_plan_of_a_first_deployment_adds_everything_and_sends_nothing() {
    let (desk, app, target) = Desk::with_target().await;
    let id = function(&app, "hello", ECHO).await;
    secret(&app, id, "API_KEY", FIRST).await;
    app.set_variable(id, "REGION", Scope::All, "here".into()).await.expect("set");
    app.set_schedules(id, vec!["0 9 * * 1-5".into()]).await.expect("schedules");

    let plan = app.plan(id, target).await.expect("a plan");

    assert_eq!((plan.script.as_str(), plan.first), ("hello", true));
    assert_eq!(names(&plan.secrets), [("API_KEY", ChangeKind::Added)]);
    assert_eq!(names(&plan.variables), [("REGION", ChangeKind::Added)]);
    assert_eq!(names(&plan.schedules), [("0 9 * * 1-5", ChangeKind::Added)]);
    let [file] = &plan.files[..] else { panic!("{:?}", plan.files) };
    assert_eq!((file.path.as_str(), file.before.as_str(), file.after.as_str()), ("index.ts", "", ECHO));
    assert_eq!((plan.compatibility_date, plan.drift), (None, None));
    assert!(plan.foreign.is_empty() && plan.refusals.is_empty(), "{:?}", plan.refusals);
    assert_eq!(desk.writes(), 0);
    assert!(app.history(id).await.expect("a history").is_empty());
}

#[tokio::test]
async fn a_plan_names_what_is_added_changed_removed_and_kept() {
    let (desk, app, target) = Desk::with_target().await;
    let id = function(&app, "hello", SCHEDULED).await;
    for name in ["KEPT_KEY", "CHANGED_KEY", "REMOVED_KEY"] {
        secret(&app, id, name, FIRST).await;
    }
    for name in ["KEPT_VAR", "CHANGED_VAR", "REMOVED_VAR"] {
        app.set_variable(id, name, Scope::All, "before".into()).await.expect("set");
    }
    app.set_schedules(id, vec!["0 9 * * 1-5".into(), "0 3 * * *".into()]).await.expect("schedules");
    deploy(&app, id, target).await;
    // Theirs, which is kept whatever we send.
    desk.secret_from_elsewhere("hello", "THEIRS", "made-up-theirs").await;

    replace(&app, id, "CHANGED_KEY", SECOND).await;
    app.delete_secret(id, "REMOVED_KEY", Scope::All).await.expect("deleted");
    secret(&app, id, "ADDED_KEY", SECOND).await;
    app.set_variable(id, "CHANGED_VAR", Scope::All, "after".into()).await.expect("set");
    app.delete_variable(id, "REMOVED_VAR", Scope::All).await.expect("deleted");
    app.set_variable(id, "ADDED_VAR", Scope::All, "new".into()).await.expect("set");
    app.set_schedules(id, vec!["0 9 * * 1-5".into(), "0 4 * * *".into()]).await.expect("schedules");
    let changed = SCHEDULED.replace("''", "'changed'");
    write(&app, id, &changed).await;
    let plan = app.plan(id, target).await.expect("a plan");

    let expected = |kept: ChangeKind, word: &str| {
        let kinds = [
            ("ADDED", ChangeKind::Added),
            ("CHANGED", ChangeKind::Changed),
            ("KEPT", kept),
            ("REMOVED", ChangeKind::Removed),
        ];
        kinds.map(|(name, kind)| (format!("{name}_{word}"), kind))
    };
    let shown =
        |changes: &[NameChange]| changes.iter().map(|change| (change.name.clone(), change.kind)).collect::<Vec<_>>();
    // Somebody else's version is the newest: nothing can be inherited from it as ours, and all is sent.
    assert!(plan.drift.is_some());
    assert_eq!(shown(&plan.secrets), expected(ChangeKind::Changed, "KEY"));
    assert_eq!(shown(&plan.variables), expected(ChangeKind::Kept, "VAR"));
    assert_eq!(
        names(&plan.schedules),
        [("0 9 * * 1-5", ChangeKind::Kept), ("0 4 * * *", ChangeKind::Added), ("0 3 * * *", ChangeKind::Removed)]
    );
    assert_eq!(plan.foreign, [("THEIRS".to_owned(), "secret_text".to_owned())]);

    crate::desk::deploy_over(&app, id, target, &plan.drift.expect("a drift").version).await;
    replace(&app, id, "CHANGED_KEY", FIRST).await;
    write(&app, id, SCHEDULED).await;
    let before = desk.writes();
    let plan = app.plan(id, target).await.expect("a plan");
    assert_eq!(plan.drift, None);
    assert_eq!(
        names(&plan.secrets),
        [("ADDED_KEY", ChangeKind::Kept), ("CHANGED_KEY", ChangeKind::Changed), ("KEPT_KEY", ChangeKind::Kept)]
    );
    let [file] = &plan.files[..] else { panic!("{:?}", plan.files) };
    assert_eq!((file.path.as_str(), file.before.as_str(), file.after.as_str()), ("index.ts", &*changed, SCHEDULED));
    assert_eq!(plan.foreign, [("THEIRS".to_owned(), "secret_text".to_owned())]);
    assert_eq!(desk.writes(), before, "a plan sends nothing");
}

#[tokio::test]
async fn a_plan_and_a_deployment_name_what_the_target_has_no_binding_of_and_nothing_that_it_keeps() {
    let (desk, app, target) = Desk::with_target().await;
    let id =
        function(&app, "hello", "export default { fetch: (_, env) => new Response(env.DB ?? env.AI ?? '') }").await;
    let plan = app.plan(id, target).await.expect("a plan");
    assert_eq!((plan.unbound, plan.refusals), (vec!["AI".to_owned(), "DB".to_owned()], Vec::new()));
    assert_eq!(unbound_in(&app, id, target, None).await, [["AI", "DB"]]);

    // Of a name that can't be a secret's here, as a database is.
    desk.secret_from_elsewhere("hello", "DB", "made-up-theirs").await;
    let plan = app.plan(id, target).await.expect("a plan");
    assert_eq!(plan.unbound, ["AI"]);
    assert_eq!(unbound_in(&app, id, target, Some(plan.drift.expect("a drift").version)).await, [["AI"]]);

    write(&app, id, "export default { fetch: (_, env) => new Response(env.DB ?? '') }").await;
    assert!(app.plan(id, target).await.expect("a plan").unbound.is_empty());
    assert!(unbound_in(&app, id, target, None).await.is_empty(), "there is nothing to tell");
}

/// What a deployment tells of names that are not bound.
async fn unbound_in(app: &App, id: FunctionId, target: TargetId, over: Option<String>) -> Vec<Vec<String>> {
    let told = Mutex::new(Vec::new());
    let hear = |progress: Progress| {
        if let Progress::Unbound { names } = progress {
            told.lock().expect("nobody panics").push(names);
        }
    };
    app.deploy(id, target, Order { over, ..Order::default() }, hear).await.expect("it deploys");
    told.into_inner().expect("nobody panics")
}

#[tokio::test]
async fn a_plan_says_when_the_compatibility_date_changes() {
    let (desk, app, target) = Desk::with_target().await;
    let id = function(&app, "hello", SCHEDULED).await;
    deploy(&app, id, target).await;
    assert_eq!(app.plan(id, target).await.expect("a plan").compatibility_date, None);
    desk.sql("UPDATE functions SET compatibility_date = '2026-01-01'");
    let before = desk.uploaded()["compatibility_date"].as_str().expect("a date").to_owned();
    let plan = app.plan(id, target).await.expect("a plan");
    assert_eq!(plan.compatibility_date, Some((before, "2026-01-01".to_owned())));
}

#[tokio::test]
async fn what_cannot_be_sent_is_in_the_plan_and_is_refused_before_anything_is() {
    let (desk, app, target) = Desk::with_target().await;
    let id = function(&app, "hello", SCHEDULED).await;
    app.set_schedules(id, vec!["0 9 * * 1,L".into()]).await.expect("Unix cron has it");
    let cases = [
        ("schedule", Code::InvalidSchedule, "“L” as a weekday"),
        ("code", Code::MissingSecrets, "API_KEY"),
        ("values", Code::Limit, "128"),
    ];
    for (case, code, part) in cases {
        match case {
            "code" => {
                app.set_schedules(id, Vec::new()).await.expect("none");
                write(&app, id, ECHO).await;
            }
            "values" => {
                secret(&app, id, "API_KEY", FIRST).await;
                for number in 0..130 {
                    app.set_variable(id, &format!("VAR_{number}"), Scope::All, "x".into()).await.expect("set");
                }
            }
            _ => {}
        }
        let plan = app.plan(id, target).await.expect("a plan");
        let refusal = plan.refusals.iter().find(|refusal| refusal.code == code);
        let refusal = refusal.unwrap_or_else(|| panic!("{case}: {:?}", plan.refusals));
        assert!(refusal.message.contains(part), "{}", refusal.message);
        assert!(!plan.files.is_empty(), "the rest of it is there");
        let failure = crate::desk::try_deploy(&app, id, target).await.expect_err("refused");
        assert_eq!(failure.code, code, "{}", failure.message);
        assert_eq!(desk.writes(), 0, "{case}");
    }
}

#[tokio::test]
async fn a_plan_of_what_does_not_compile_says_so_and_where() {
    let (_desk, app, target) = Desk::with_target().await;
    let id = function(&app, "hello", "\nexport default {").await;
    let plan = app.plan(id, target).await.expect("a plan");
    assert_eq!(plan.refusals[0].code, Code::Compile);
    assert!(plan.refusals[0].position.is_some());
}

#[tokio::test]
async fn a_plan_over_what_was_imported_shows_its_schedules_as_kept() {
    let (desk, app, target) = Desk::with_target().await;
    desk.asking().put("hello", SCHEDULED, json!([])).await;
    let crons = json!([{ "cron": "0 9 * * MON-FRI" }, { "cron": "0 3 * * 1" }]);
    desk.asking().ask(reqwest::Method::PUT, "scripts/hello/schedules", crate::upload::Body::Json(crons)).await;
    let id = app.import_script(target, "hello").await.expect("imported").summary.id;
    let plan = app.plan(id, target).await.expect("a plan");
    assert_eq!(names(&plan.schedules), [("0 9 * * MON-FRI", ChangeKind::Kept), ("0 3 * * 0", ChangeKind::Kept)]);
    assert!(plan.files.is_empty() && plan.drift.is_none(), "{plan:?}");
}
