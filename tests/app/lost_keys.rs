//! A keychain that is locked, absent, or has lost the key: nothing is minted over it and nothing is lost.

use postern::{
    deployment::TargetId,
    secret::Scope,
    vault::key::KeyStoreError,
    wire::Order,
    wire::{Code, SecretState, VaultState},
};

use crate::{Desk, function, value};

#[tokio::test]
async fn the_key_is_made_once_and_found_again() {
    let desk = Desk::new();
    let app = desk.start().await;
    let id = function(&app, "mine", "").await;
    app.create_secret(id, "API_KEY", Scope::All, value("made-up")).await.expect("sealed");
    let accounts = desk.keys.accounts();
    assert_eq!(accounts.len(), 1);
    drop(app);
    let app = desk.start().await;
    assert_eq!(app.vault_state(), VaultState::Ready);
    assert_eq!(desk.keys.accounts(), accounts);
}

#[tokio::test]
async fn code_is_written_while_the_keychain_is_locked_and_retry_needs_no_restart() {
    let desk = Desk::new();
    for (failure, state, code) in [
        (KeyStoreError::Locked, VaultState::Locked, Code::VaultLocked),
        (KeyStoreError::Absent, VaultState::Absent, Code::VaultAbsent),
    ] {
        desk.keys.fail(failure);
        let app = desk.start().await;
        assert_eq!(app.vault_state(), state);
        let made = app.create_function("http", None).await.expect("a function");
        let refused =
            app.create_secret(made.summary.id, "API_KEY", Scope::All, value("made-up")).await.expect_err("closed");
        assert_eq!(refused.code, code);
        assert!(refused.message.contains("Retry"), "{}", refused.message);

        desk.keys.fail(None);
        assert_eq!(app.retry_vault().await, VaultState::Ready);
        app.create_secret(made.summary.id, "API_KEY", Scope::All, value("made-up")).await.expect("sealed");
    }
}

#[tokio::test]
async fn a_lost_key_mints_and_deletes_nothing() {
    let desk = Desk::new();
    let app = desk.start().await;
    let id = function(&app, "mine", "").await;
    app.create_secret(id, "API_KEY", Scope::All, value("made-up")).await.expect("sealed");
    drop(app);
    desk.keys.lose();

    let app = desk.start().await;

    assert_eq!(app.vault_state(), VaultState::KeyMissing);
    assert!(desk.keys.accounts().is_empty(), "no key was minted over the one that is gone");
    assert_eq!(app.open_function(id).await.expect("it").secrets.len(), 1);
    assert_eq!(
        app.create_secret(id, "NEW_KEY", Scope::All, value("made-up")).await.expect_err("closed").code,
        Code::KeyMissing
    );
}

#[tokio::test]
async fn a_new_vault_keeps_the_names_and_asks_for_the_values_again() {
    let desk = Desk::new();
    let app = desk.start().await;
    let id = function(&app, "mine", "export default { fetch() {} }").await;
    app.create_secret(id, "API_KEY", Scope::All, value("made-up")).await.expect("sealed");
    drop(app);
    desk.keys.lose();
    let app = desk.start().await;

    assert_eq!(app.start_new_vault().await.expect("a new vault"), VaultState::Ready);

    let secrets = app.open_function(id).await.expect("it").secrets;
    assert_eq!((secrets.len(), secrets[0].state), (1, SecretState::NeedsReentry));
    assert_eq!(
        app.deploy(id, TargetId::LOCAL, Order::default(), |_| {}).await.expect_err("it does not open").code,
        Code::SecretDamaged
    );
    let secrets =
        app.replace_secret(id, "API_KEY", Scope::All, value("made-up-2")).await.expect("entered again").secrets;
    assert_eq!(secrets[0].state, SecretState::Sealed);
    drop(app);
    assert_eq!(desk.start().await.vault_state(), VaultState::Ready);
}
