//! Tokens and targets: checked, added, replaced, removed.

use postern::deployment::TargetId;
use postern::secret::Scope;
use postern::wire::Code;
use serde_json::json;

use crate::desk::{Desk, deploy, function, secret, summary, try_deploy, value};
use crate::support::canary::{Canary, Scan};
use crate::support::workers_api::{Fault, Kind, Permission};
use crate::upload::ECHO;

const SECOND: &str = "made-up-second-value-0815";

#[tokio::test]
async fn a_good_token_is_told_with_its_accounts_and_lacks_nothing() {
    let desk = Desk::new().await;
    let app = desk.start().await;
    let check = app.check_token(&desk.server.base_url(), value(desk.server.token())).await.expect("verified");
    let [account] = &check.accounts[..] else { panic!("{check:?}") };
    assert_eq!((&account.id[..], &account.name[..]), (desk.server.account(), "An account for tests"));
    assert!(account.missing.is_empty(), "{account:?}");
    assert!(app.targets().await.expect("a list").is_empty(), "nothing is kept");
}

#[tokio::test]
async fn a_permission_that_a_token_lacks_is_named() {
    let desk = Desk::new().await;
    let app = desk.start().await;
    let token = desk.server.token_with(&[Permission::UserDetailsRead]);
    let check = app.check_token(&desk.server.base_url(), value(&token)).await.expect("verified");
    assert_eq!(check.accounts[0].missing, ["Workers Scripts: Edit"]);
}

#[tokio::test]
async fn a_token_that_may_not_list_accounts_is_refused_with_the_permission_for_it() {
    let desk = Desk::new().await;
    let app = desk.start().await;
    let refusal = json!({ "success": false, "result": null, "errors": [{ "code": 9109, "message": "Unauthorized" }] });
    desk.server.fault(Fault { on: "GET /accounts", nth: 1, kind: Kind::Status(403, refusal) });
    let failure = app.check_token(&desk.server.base_url(), value(desk.server.token())).await.expect_err("refused");
    assert_eq!(failure.code, Code::Access);
}

#[tokio::test]
async fn an_empty_list_of_accounts_is_said_to_be_one() {
    let desk = Desk::new().await;
    let app = desk.start().await;
    let none = json!({ "success": true, "result": [], "errors": [] });
    desk.server.fault(Fault { on: "GET /accounts", nth: 1, kind: Kind::Status(200, none) });
    let failure = app.check_token(&desk.server.base_url(), value(desk.server.token())).await.expect_err("refused");
    assert_eq!(failure.code, Code::Access);
    assert!(failure.message.contains("Account Settings: Read"), "{}", failure.message);
}

#[tokio::test]
async fn a_bad_token_is_refused_with_the_page_where_one_is_made() {
    let desk = Desk::new().await;
    let app = desk.start().await;
    let token = "made-up-token-that-is-none";
    let failure = app.check_token(&desk.server.base_url(), value(token)).await.expect_err("a bad token");
    assert_eq!(failure.code, Code::Access);
    assert!(failure.message.contains("https://dash.cloudflare.com/profile/api-tokens"), "{}", failure.message);
    assert!(!failure.message.contains(token), "{}", failure.message);
    let elsewhere = app.check_token("http://example.com", value(desk.server.token())).await.expect_err("in the clear");
    assert!(elsewhere.message.contains("https://"), "{}", elsewhere.message);
}

#[tokio::test]
async fn the_token_of_a_target_is_sealed_and_stands_in_no_file() {
    let (desk, app, target) = Desk::with_target().await;
    let id = function(&app, "hello", ECHO).await;
    secret(&app, id, "API_KEY", "made-up-value-4711").await;
    deploy(&app, id, target).await;
    let canary = Canary { name: "token", value: desk.server.token().to_owned() };
    let scan = Scan::new(std::slice::from_ref(&canary));
    scan.files(&[&desk.data()]).assert_clean();

    // The scan finds it where it is.
    std::fs::write(desk.data().join("planted"), desk.server.token()).expect("a file");
    assert!(!scan.files(&[&desk.data()]).hits.is_empty());
}

#[tokio::test]
async fn a_target_needs_a_name_of_its_own_and_an_address_that_may_be_trusted() {
    let (desk, app, _) = Desk::with_target().await;
    let token = || value(desk.server.token());
    let taken = app.add_target(desk.target("production", "-two"), token()).await.expect_err("taken");
    assert_eq!(taken.code, Code::NameTaken);
    for (name, suffix) in [("", ""), ("local", ""), ("staging", "-Staging"), ("staging", "-staging-")] {
        let refused = app.add_target(desk.target(name, suffix), token()).await.expect_err("refused");
        assert_eq!(refused.code, Code::InvalidName, "{name} {suffix}");
    }
    let mut clear = desk.target("staging", "");
    clear.base_url = "http://api.example.com".to_owned();
    app.add_target(clear, token()).await.expect_err("refused");
    let spaced = app.add_target(desk.target("staging", ""), value("two words")).await.expect_err("no token");
    assert_eq!(spaced.code, Code::Access);
    assert_eq!(app.targets().await.expect("a list").len(), 1);
}

#[tokio::test]
async fn a_target_that_is_removed_during_a_deployment_leaves_nothing_that_names_it() {
    let refusal = json!({ "success": false, "result": null, "errors": [{ "code": 10021, "message": "no" }] });
    for refused in [false, true] {
        let (desk, app, target) = Desk::with_target().await;
        let id = function(&app, "hello", "export default { fetch() {} }").await;
        let on = "PUT …/scripts/hello";
        if refused {
            desk.server.fault(Fault { on, nth: 1, kind: Kind::TooMany(1) });
            desk.server.fault(Fault { on, nth: 2, kind: Kind::Status(400, refusal.clone()) });
        } else {
            desk.server.fault(Fault { on, nth: 1, kind: Kind::Late(std::time::Duration::from_millis(500)) });
        }
        let (deployed, ()) = tokio::join!(try_deploy(&app, id, target), async {
            desk.server.request(on).await;
            app.remove_target(target).await.expect("removed");
        });
        let failure = deployed.expect_err("the target is gone");
        assert!(refused || failure.message.starts_with("It is live"), "{}", failure.message);
        assert_eq!(summary(&app, id).await.remote, [], "{refused}");
        app.describe_function_deletion(id, false).await.expect("a question");
        app.delete_function(id, false).await.expect("deleted");
    }
}

#[tokio::test]
async fn a_second_target_on_an_account_needs_a_suffix_of_its_own() {
    let (desk, app, _) = Desk::with_target().await;
    let token = || value(desk.server.token());
    let mut twin = desk.target("staging", "");
    twin.base_url.push('/');
    let refused = app.add_target(twin, token()).await.expect_err("the same Workers");
    assert_eq!(refused.code, Code::NameTaken);
    assert!(refused.message.contains("production") && refused.message.contains("suffix"), "{}", refused.message);
    let mut elsewhere = desk.target("elsewhere", "");
    elsewhere.account_id = "made-up-other-account".to_owned();
    app.add_target(elsewhere, token()).await.expect("another account");
    app.add_target(desk.target("staging", "-staging"), token()).await.expect("another suffix");
}

#[tokio::test]
async fn a_worker_that_the_function_is_on_one_target_is_not_replaced_from_another_one() {
    let (desk, app, production) = Desk::with_target().await;
    let staging = desk.add_target(&app, "staging", "-staging").await;
    let id = function(&app, "hello-staging", "export default { fetch() {} }").await;
    deploy(&app, id, production).await;
    app.rename_function(id, "hello").await.expect("renamed");
    let before = desk.writes();
    let refused = try_deploy(&app, id, staging).await.expect_err("it is that Worker already");
    assert_eq!(refused.code, Code::NameTaken);
    assert!(refused.message.contains("on production already"), "{}", refused.message);
    assert_eq!(desk.writes(), before, "nothing was sent");
    deploy(&app, id, production).await;
}

#[tokio::test]
async fn a_replaced_token_is_the_one_that_is_used() {
    let (desk, app, target) = Desk::with_target().await;
    let id = function(&app, "hello", "export default { fetch() { return new Response('here') } }").await;
    desk.server.revoke(desk.server.token());
    let refused = try_deploy(&app, id, target).await.expect_err("revoked");
    assert_eq!(refused.code, Code::Access);
    assert_eq!(desk.writes(), 0);

    let token = desk.server.token_with(&[Permission::ScriptsRead, Permission::ScriptsWrite]);
    app.replace_token(target, value(&token)).await.expect("replaced");
    deploy(&app, id, target).await;
    assert_eq!(desk.answer("hello").await, "here");
    assert_eq!(app.replace_token(TargetId(99), value(&token)).await.expect_err("no such").code, Code::NotFound);
}

#[tokio::test]
async fn a_removed_target_takes_its_token_and_the_values_for_it_with_it_and_leaves_what_runs_there() {
    let (desk, app, target) = Desk::with_target().await;
    let id = function(&app, "hello", ECHO).await;
    app.create_secret(id, "API_KEY", Scope::Target(target), value(SECOND)).await.expect("sealed");
    app.set_variable(id, "REGION", Scope::Target(target), "made-up-region".into()).await.expect("set");
    app.choose_targets(id, vec![target]).await.expect("chosen");
    deploy(&app, id, target).await;
    let question = app.describe_target_removal(target).await.expect("a question");
    assert!(question.title.contains("production") && question.consequence.contains("goes on running"), "{question:?}");

    assert!(app.remove_target(target).await.expect("removed").is_empty());

    let detail = app.open_function(id).await.expect("it is there");
    assert!(detail.secrets.is_empty() && detail.variables.is_empty(), "{detail:?}");
    assert_eq!((&detail.summary.chosen[..], detail.summary.remote.len()), (&[TargetId::LOCAL][..], 0));
    assert!(app.history(id).await.expect("a history").is_empty());
    assert_eq!(desk.answer("hello").await, format!("key {SECOND}"), "it goes on there");
    assert_eq!(try_deploy(&app, id, target).await.expect_err("gone").code, Code::NotFound);
    app.shutdown().await;
    drop(app);
    let rows = rusqlite::Connection::open(desk.data().join("postern.db")).expect("the database");
    let count: i64 = rows.query_row("SELECT count(*) FROM revisions", [], |row| row.get(0)).expect("a count");
    assert_eq!(count, 0, "no seal is left");
}

#[tokio::test]
async fn several_targets_on_one_account_keep_their_scripts_apart_by_a_suffix() {
    let (desk, app, production) = Desk::with_target().await;
    let staging = desk.add_target(&app, "staging", "-staging").await;
    let id = function(&app, "hello", "export default { fetch() { return new Response('here') } }").await;
    deploy(&app, id, staging).await;
    deploy(&app, id, production).await;
    let summary = summary(&app, id).await;
    let scripts: Vec<_> = summary.remote.iter().map(|state| state.script.as_deref().unwrap()).collect();
    assert_eq!(scripts, ["hello", "hello-staging"]);
    assert_eq!(summary.remote[1].address.as_deref(), Some("https://hello-staging.made-up.workers.dev"));
    assert_eq!(desk.answer("hello-staging").await, "here");
}
