//! Making, naming, copying and deleting functions.

use postern::{
    deployment::Status,
    function::{FunctionId, Trigger},
    secret::Scope,
    wire::Code,
};

use crate::{Desk, function, value};

#[tokio::test]
async fn a_first_start_is_empty_and_offers_four_templates() {
    let desk = Desk::new();
    let app = desk.start().await;
    let overview = app.overview(None).await.expect("an overview");
    assert!(overview.functions.is_empty());
    let ids: Vec<&str> = overview.templates.iter().map(|template| template.id.as_str()).collect();
    assert_eq!(ids, ["http", "scheduled", "webhook", "api"]);
}

#[tokio::test]
async fn each_template_becomes_a_draft_with_the_trigger_of_its_code() {
    let desk = Desk::new();
    let app = desk.start().await;
    let made = app.create_function("scheduled", None).await.expect("a function");
    assert_eq!(made.summary.name, "untitled-1");
    assert_eq!(made.summary.trigger, Trigger { http: false, scheduled: true });
    assert_eq!(made.summary.schedules, ["0 9 * * 1-5"]);
    assert_eq!(made.summary.local.status, Status::Draft);
    assert_eq!(made.summary.local.address, None);
    assert_eq!(app.create_function("http", None).await.expect("a function").summary.name, "untitled-2");
}

#[tokio::test]
async fn a_name_is_as_the_workers_api_takes_it_and_unique() {
    let desk = Desk::new();
    let app = desk.start().await;
    let long = "a".repeat(64);
    for wrong in ["", "Upper", "under_score", "-edge", "edge-", "späce", "a b", &long] {
        let failure = app.create_function("http", Some(wrong)).await.expect_err(wrong);
        assert_eq!(failure.code, Code::InvalidName, "{wrong}");
    }
    let id = function(&app, "one", "").await;
    let other = function(&app, "two", "").await;
    assert_eq!(app.create_function("http", Some("one")).await.expect_err("taken").code, Code::NameTaken);
    assert_eq!(app.rename_function(other, "one").await.expect_err("taken").code, Code::NameTaken);
    assert_eq!(app.rename_function(id, "one").await.expect("its own name").name, "one");
    assert_eq!(app.rename_function(id, "three").await.expect("a new name").name, "three");
}

#[tokio::test]
async fn a_copy_has_the_code_the_schedules_and_secrets_of_its_own() {
    let desk = Desk::new();
    let app = desk.start().await;
    let code = "export default { fetch(r, env) { return new Response(env.API_KEY) } }";
    let id = function(&app, "original", code).await;
    app.set_schedules(id, vec!["0 1 * * *".to_owned()]).await.expect("schedules");
    app.create_secret(id, "API_KEY", Scope::All, value("made-up-value")).await.expect("sealed");

    let copy = app.duplicate_function(id).await.expect("a copy");

    assert_eq!(copy.summary.name, "original-1");
    assert_eq!(copy.files[0].text, code);
    assert_eq!(copy.summary.schedules, ["0 1 * * *"]);
    assert_eq!(copy.secrets.len(), 1);
    app.delete_secret(copy.summary.id, "API_KEY", Scope::All).await.expect("deleted");
    assert_eq!(app.open_function(id).await.expect("the original").secrets.len(), 1);
}

#[tokio::test]
async fn a_copy_that_cannot_have_the_secrets_is_not_made_at_all() {
    let desk = Desk::new();
    let app = desk.start().await;
    let id = function(&app, "original", "").await;
    app.create_secret(id, "API_KEY", Scope::All, value("made-up-value")).await.expect("sealed");
    drop(app);
    desk.keys.fail(postern::vault::key::KeyStoreError::Locked);
    let app = desk.start().await;
    assert_eq!(app.duplicate_function(id).await.expect_err("locked").code, Code::VaultLocked);
    assert_eq!(app.overview(None).await.expect("an overview").functions.len(), 1);
}

#[tokio::test]
async fn what_is_not_there_is_said() {
    let desk = Desk::new();
    let app = desk.start().await;
    let nobody = FunctionId(99);
    assert_eq!(app.open_function(nobody).await.expect_err("none").code, Code::NotFound);
    assert_eq!(app.rename_function(nobody, "name").await.expect_err("none").code, Code::NotFound);
    assert_eq!(app.delete_function(nobody, false).await.expect_err("none").code, Code::NotFound);
    assert_eq!(app.save_file(nobody, "index.ts".into(), String::new()).await.expect_err("none").code, Code::NotFound);
    assert_eq!(app.create_secret(nobody, "NAME", Scope::All, value("x")).await.expect_err("none").code, Code::NotFound);
    assert_eq!(app.create_function("other", None).await.expect_err("none").code, Code::NotFound);
}

#[tokio::test]
async fn a_deletion_says_what_it_means_before_it_is_done() {
    let desk = Desk::new();
    let app = desk.start().await;
    let id = function(&app, "mine", "").await;
    app.create_secret(id, "ONE_KEY", Scope::All, value("made-up-1")).await.expect("sealed");
    app.create_secret(id, "TWO_KEY", Scope::All, value("made-up-2")).await.expect("sealed");
    let deletion = app.describe_function_deletion(id, false).await.expect("a description");
    assert_eq!(deletion.title, "Delete mine?");
    assert_eq!(
        deletion.consequence,
        "It was not deployed. Its 2 secrets are deleted with it, as are its code, variables and history. This cannot be \
         undone."
    );
    app.delete_function(id, false).await.expect("deleted");
    assert!(app.overview(None).await.expect("an overview").functions.is_empty());
}
