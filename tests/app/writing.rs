//! What is typed, and what Postern reads in it.

use postern::deployment::TargetId;
use postern::secret::Scope;
use postern::wire::Order;
use postern::{function::MAX_SOURCE, wire::Code};

use crate::{Desk, function, line, value};

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
    assert_eq!(saved.secrets[0].lines, [line("index.ts", 2)]);
    assert_eq!(saved.references.missing.len(), 1);
    assert_eq!(
        (saved.references.missing[0].name.as_str(), &saved.references.missing[0].lines[..]),
        ("OTHER_KEY", &[line("index.ts", 2)][..])
    );
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
    assert!(!state.ready && state.problem.is_some());
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
