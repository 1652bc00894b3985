//! What is typed, and what Postern reads in it.

use postern::deployment::TargetId;
use postern::secret::Scope;
use postern::wire::Order;
use postern::{function::MAX_SOURCE, wire::Code};

use crate::{Desk, function, places, value};

#[tokio::test]
async fn typed_code_is_on_the_disk_when_the_save_has_answered() {
    let desk = Desk::new();
    let app = desk.start().await;
    let id = function(&app, "mine", "export default {} // é🙂\r\n\ttab").await;
    // No clean end: the app is still there when the next one reads.
    let after_a_kill = desk.start().await;
    let text = &after_a_kill.open_function(id).await.expect("it is there").files[0].text;
    assert_eq!(text, "export default {} // é🙂\r\n\ttab");
}

#[tokio::test]
async fn a_save_answers_what_follows_from_the_text() {
    let desk = Desk::new();
    let app = desk.start().await;
    let id = function(&app, "mine", "").await;
    app.create_secret(id, "USED_KEY", Scope::All, value("made-up")).await.expect("sealed");
    let code = "export default {\n  fetch(r, env) { return env.USED_KEY + env.OTHER_KEY },\n  scheduled() {},\n}";

    let saved = app.save_file(id, "index.ts".into(), code.into()).await.expect("saved");

    assert!(saved.summary.trigger.http && saved.summary.trigger.scheduled);
    assert_eq!(places(&saved.secrets[0].lines), ["index.ts:2"]);
    let [missing] = &saved.references.missing[..] else { panic!("{:?}", saved.references) };
    let [at] = &missing.lines[..] else { panic!("{missing:?}") };
    assert_eq!((missing.name.as_str(), at.line), ("OTHER_KEY", 2));
    assert_eq!(&code.lines().nth(1).expect("a line")[at.column as usize - 1..at.end as usize - 1], "OTHER_KEY");
    assert_eq!(saved.problem, None);
}

#[tokio::test]
async fn code_that_does_not_parse_is_kept_with_its_problem_and_the_trigger_stays() {
    let desk = Desk::new();
    let app = desk.start().await;
    let id = function(&app, "mine", "export default { scheduled() {} }").await;
    let saved = app.save_file(id, "index.ts".into(), "export default { scheduled( }".into()).await.expect("saved");
    assert_eq!(saved.problem.and_then(|problem| problem.position).map(|position| position.line), Some(1));
    assert!(saved.summary.trigger.scheduled);
    let opened = app.open_function(id).await.expect("it");
    assert_eq!(opened.files[0].text, "export default { scheduled( }");
    assert!(opened.problem.is_some(), "it is said on opening, too");
}

#[tokio::test]
async fn more_than_a_mebibyte_is_refused_and_what_was_saved_stays() {
    let desk = Desk::new();
    let app = desk.start().await;
    let id = function(&app, "mine", "// before").await;
    let failure = app.save_file(id, "index.ts".into(), "x".repeat(MAX_SOURCE + 1)).await.expect_err("too large");
    assert_eq!(failure.code, Code::TooLarge);
    assert_eq!(app.open_function(id).await.expect("it").files[0].text, "// before");
    app.save_file(id, "index.ts".into(), "x".repeat(MAX_SOURCE)).await.expect("exactly a mebibyte");
}

#[tokio::test]
async fn deploying_without_a_runtime_says_so_and_loses_nothing() {
    let desk = Desk::new();
    let app = desk.start().await;
    let id = function(&app, "mine", "export default { fetch() { return new Response('x') } }").await;
    let failure = app.deploy(id, TargetId::LOCAL, Order::default(), |_| {}).await.expect_err("no runtime");
    assert_eq!(failure.code, Code::RuntimeMissing);
    let state = app.runtime_state();
    let problem = state.problem.expect("a problem");
    assert!(!state.ready && problem.message.contains("Install Postern again"), "{}", problem.message);
    assert!(app.open_function(id).await.expect("it").files[0].text.contains("fetch"));
}

#[tokio::test]
async fn a_deployment_stops_at_the_first_thing_that_is_wrong_and_says_where() {
    let desk = Desk::new();
    let app = desk.start().await;
    let id = function(&app, "mine", "export default {\n  fetch( }\n}").await;
    let failure = app.deploy(id, TargetId::LOCAL, Order::default(), |_| {}).await.expect_err("it does not compile");
    assert_eq!((failure.code, failure.position.map(|position| position.line)), (Code::Compile, Some(2)));

    app.save_file(id, "index.ts".into(), "export default { fetch(r, env) { return env.NO_SUCH } }".into())
        .await
        .expect("saved");
    let failure = app.deploy(id, TargetId::LOCAL, Order::default(), |_| {}).await.expect_err("a secret is missing");
    assert_eq!(failure.code, Code::MissingSecrets);
    assert!(failure.message.contains("NO_SUCH"), "{}", failure.message);
}

#[tokio::test]
async fn process_env_counts_where_node_compatibility_fills_it() {
    let desk = Desk::new();
    let app = desk.start().await;
    let id = function(&app, "mine", "").await;
    let code = "export default { fetch: () => new Response(process.env.API_KEY) }";
    let missing = async |date: &str, flags: &str| {
        let database = rusqlite::Connection::open(desk.data().join("postern.db")).expect("the database");
        database
            .execute("UPDATE functions SET compatibility_date = ?1, compatibility_flags = ?2", [date, flags])
            .expect("other settings");
        let saved = app.save_file(id, "index.ts".into(), code.into()).await.expect("saved");
        saved.references.missing.len()
    };
    assert_eq!(missing("2026-11-17", "[]").await, 1, "it need not be asked for any more");
    assert_eq!(missing("2026-08-03", "[]").await, 0, "there is no process");
    assert_eq!(missing("2026-11-17", r#"["nodejs_compat"]"#).await, 1);
    assert_eq!(missing("2025-03-31", r#"["nodejs_compat"]"#).await, 0, "it was empty then");
    let switched_on = r#"["nodejs_compat", "nodejs_compat_populate_process_env"]"#;
    assert_eq!(missing("2025-03-31", switched_on).await, 1);
    let switched_off = r#"["nodejs_compat", "nodejs_compat_do_not_populate_process_env"]"#;
    assert_eq!(missing("2026-11-17", switched_off).await, 0);
}

#[tokio::test]
async fn a_function_that_is_not_open_is_looked_through_as_if_it_were_saved() {
    let desk = Desk::new();
    let app = desk.start().await;
    let code = "import { Hono } from 'hono'\nexport default { fetch(r, env) { return env.API_KEY } }";
    let id = function(&app, "mine", code).await;
    let saved = app.save_file(id, "index.ts".into(), code.into()).await.expect("saved");
    assert_eq!((saved.references.missing.len(), saved.packages.len()), (1, 1));
    assert_eq!(app.look_through(id).await.expect("looked through"), saved);
}
