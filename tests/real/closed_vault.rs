//! What is deployed while the keychain does not answer.

use postern::{
    deployment::TargetId,
    secret::Scope,
    vault::key::KeyStoreError,
    wire::{Code, Order},
};

use crate::deploying::{Desk, address, deploy, function, get};

const PLAIN: &str = "export default { fetch() { return new Response(`plain`) } }";

/// Nothing is opened for it, and nothing is asked of the keychain.
#[tokio::test]
async fn code_without_secrets_is_deployed_while_the_keychain_is_locked_or_absent() {
    for failure in [KeyStoreError::Locked, KeyStoreError::Absent] {
        let desk = Desk::new();
        let app = desk.start().await;
        let (id, other) = (function(&app, PLAIN).await, function(&app, PLAIN).await);
        app.create_secret(other, "API_KEY", Scope::All, "made-up-value-4711".to_owned().into()).await.expect("sealed");
        drop(app);
        desk.keys.fail(failure);
        let app = desk.start().await;
        deploy(&app, id).await;
        assert_eq!(get(&address(&app, id).await).await, "plain");
        let refused =
            app.deploy(other, TargetId::LOCAL, Order::default(), |_| {}).await.expect_err("a value is needed");
        assert!(matches!(refused.code, Code::VaultLocked | Code::VaultAbsent), "{refused:?}");
        app.shutdown().await;
    }
}
