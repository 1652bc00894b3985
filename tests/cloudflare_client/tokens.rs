//! What is found out about a token before anything is deployed with it.

use postern::target::cloudflare::{Account, Cloudflare, Error, Permission};
use serde_json::json;

use crate::server::{Fault, Server};
use crate::{TOKEN, client, secret, short, silent, tells_nothing};

const VERIFY: &str = "GET user/tokens/verify";

async fn server() -> Server {
    let server = Server::start(true).await;
    let mut state = server.state();
    state.answers.push((VERIFY.into(), json!({ "id": "t1", "status": "active" })));
    state.answers.push(("GET accounts".into(), json!([{ "id": "acct", "name": "Made up" }])));
    drop(state);
    server
}

#[tokio::test]
async fn a_good_token_says_which_accounts_it_reaches() {
    let server = server().await;
    let without_account = Cloudflare::with_patience(&server.base, None, secret(TOKEN), short()).unwrap();
    let access = without_account.check(&silent()).await.unwrap();
    assert_eq!(access.accounts, [Account { id: "acct".into(), name: "Made up".into() }]);
    assert_eq!(access.probed.as_deref(), Some("acct"));
    assert!(access.missing.is_empty());
    assert_eq!(access.subdomain.as_deref(), Some("made-up"));
}

#[tokio::test]
async fn permissions_that_are_missing_are_named() {
    let server = server().await;
    let refuses = || Fault::Refuses(403, 10000, "Authentication error".into());
    server.fails("GET accounts", refuses(), 1);
    server.fails("GET scripts", refuses(), 1);
    server.fails("GET subdomain", refuses(), 1);
    let access = client(&server.base).check(&silent()).await.unwrap();
    assert_eq!(access.missing, [Permission::AccountSettings, Permission::WorkersScripts]);
    assert_eq!(access.missing.iter().map(ToString::to_string).collect::<Vec<_>>()[1], "Workers Scripts: Edit");
}

#[tokio::test]
async fn a_token_that_is_not_accepted_is_told_from_one_that_lacks_permissions() {
    let server = server().await;
    server.fails(VERIFY, Fault::Refuses(401, 1000, format!("Invalid API Token {TOKEN}")), 1);
    server.fails("GET accounts/acct/tokens/verify", Fault::Refuses(401, 1000, "Invalid API Token".into()), 1);
    let error = client(&server.base).check(&silent()).await.expect_err("a bad token");
    tells_nothing(&error);
    assert!(matches!(error, Error::BadToken { .. }), "{error}");
}

#[tokio::test]
async fn a_token_of_an_account_is_verified_at_the_account() {
    let server = server().await;
    server.fails(VERIFY, Fault::Refuses(401, 1000, "Invalid API Token".into()), 1);
    server.state().answers.push(("GET accounts/acct/tokens/verify".into(), json!({ "status": "active" })));
    assert!(client(&server.base).check(&silent()).await.is_ok());
}

#[tokio::test]
async fn a_token_that_has_expired_is_not_accepted() {
    let server = Server::start(true).await;
    server.state().answers.push((VERIFY.into(), json!({ "id": "t1", "status": "expired" })));
    let error = client(&server.base).check(&silent()).await.expect_err("an expired token");
    assert!(error.to_string().contains("it is expired"), "{error}");
}

#[tokio::test]
async fn an_account_without_a_subdomain_is_no_failure_until_it_needs_one() {
    let server = server().await;
    server.fails("GET subdomain", Fault::Refuses(404, 10007, "No subdomain".into()), 2);
    let client = client(&server.base);
    assert_eq!(client.check(&silent()).await.unwrap().subdomain, None);
    let error = client.publish("greet", &silent()).await.expect_err("no subdomain");
    assert!(matches!(error, Error::NoSubdomain), "{error}");
}

#[test]
fn what_can_not_be_a_token_is_refused_before_it_is_sent() {
    for text in ["made up", "made-up\n", "made-üp"] {
        let refused = Cloudflare::new("https://example.com", None, secret(text));
        assert!(matches!(refused.err(), Some(Error::TokenForm)), "{text:?}");
    }
}
