//! Credentials in code while the keychain has not answered, or does not: what can't be compared is said, and code without
//! secrets is deployed.

use std::{
    sync::{
        Arc, Mutex, PoisonError,
        mpsc::{Receiver, Sender, channel},
    },
    time::Duration,
};

use postern::{
    app::{App, Config},
    deployment::TargetId,
    function::FunctionId,
    secret::Scope,
    vault::key::{KeyStore, KeyStoreError, MemoryKeyStore},
    wire::{Code, Event, Failure, Order, Progress, TargetInfo, VaultState},
};
use rusqlite::Connection;
use zeroize::Zeroizing;

use crate::{Desk, function, value};

/// Made up, and put together here so that it stands nowhere in one piece.
fn with_key() -> String {
    format!("export default {{ fetch: () => call('sk_{}_{}') }}", "live", "7Hq2Zr90XwLbN4cVtKyD3m")
}

/// A deployment as far as it comes without a runtime, and whether it was told that not everything could be checked.
async fn deployed(app: &App, id: FunctionId) -> (Failure, bool) {
    let unchecked = Mutex::new(false);
    let told = |progress: Progress| {
        if progress == Progress::Unchecked {
            *unchecked.lock().expect("nobody panics") = true;
        }
    };
    let failure = app.deploy(id, TargetId::LOCAL, Order::default(), told).await.expect_err("there is no runtime here");
    (failure, unchecked.into_inner().expect("nobody panics"))
}

async fn allow(app: &App, id: FunctionId) {
    let found = app.credentials(id).await.expect("found");
    app.allow_credential(id, found[0].from.clone(), "A test key".into()).await.expect("allowed");
}

/// A keychain that does not answer before it is told to.
struct Slow(Arc<MemoryKeyStore>, Mutex<Option<Receiver<()>>>);

impl Slow {
    fn new(keys: Arc<MemoryKeyStore>) -> (Arc<Self>, Sender<()>) {
        let (answer, answered) = channel();
        (Arc::new(Self(keys, Mutex::new(Some(answered)))), answer)
    }

    fn wait(&self) -> &MemoryKeyStore {
        if let Some(answered) = self.1.lock().unwrap_or_else(PoisonError::into_inner).take() {
            let _ = answered.recv();
        }
        &self.0
    }
}

impl KeyStore for Slow {
    fn read(&self, account: &str) -> Result<Vec<Zeroizing<String>>, KeyStoreError> {
        self.wait().read(account)
    }

    fn write(&self, account: &str, text: &str) -> Result<(), KeyStoreError> {
        self.wait().write(account, text)
    }

    fn delete(&self, account: &str) -> Result<(), KeyStoreError> {
        self.wait().delete(account)
    }
}

#[tokio::test]
async fn a_deployment_waits_for_the_keychain_before_it_judges_what_may_pass() {
    let desk = Desk::new();
    let app = desk.start().await;
    let id = function(&app, "mine", &with_key()).await;
    allow(&app, id).await;
    drop(app);
    let (keys, answer) = Slow::new(desk.keys.clone());
    let app = App::open(Config { keys, ..desk.config() }).await.expect("the app starts");
    let mut events = app.events();
    let overview = app.overview(Some(id)).await.expect("an overview");
    assert_eq!(overview.vault, VaultState::Opening);
    assert_eq!(overview.open.expect("it").credentials[0].allowed, None, "nobody can tell yet");

    let deploying = tokio::spawn({
        let app = app.clone();
        async move { deployed(&app, id).await }
    });
    tokio::time::sleep(Duration::from_millis(50)).await;
    assert!(!deploying.is_finished());
    answer.send(()).expect("the keychain is asked");

    let (failure, unchecked) = deploying.await.expect("it ends");
    assert_eq!((failure.code, unchecked), (Code::RuntimeMissing, false));
    let told = async { while !matches!(events.recv().await, Ok(Event::Vault { state: VaultState::Ready })) {} };
    tokio::time::timeout(Duration::from_secs(10), told).await.expect("the page is told");
    assert!(app.credentials(id).await.expect("found")[0].allowed.is_some());
}

#[tokio::test]
async fn code_without_secrets_is_deployed_without_a_keychain_and_told_of_what_could_not_be_looked_for() {
    for failure in [KeyStoreError::Locked, KeyStoreError::Absent] {
        let desk = Desk::new();
        desk.keys.fail(failure);
        let app = desk.start().await;
        let plain = function(&app, "plain", "export default { fetch: () => call('correct horse battery') }").await;
        let (ended, unchecked) = deployed(&app, plain).await;
        assert_eq!((ended.code, unchecked), (Code::RuntimeMissing, false), "nothing is sealed that could be in it");

        desk.keys.fail(None);
        assert_eq!(app.retry_vault().await, VaultState::Ready);
        let other = function(&app, "other", "").await;
        app.create_secret(other, "PHRASE", Scope::All, value("correct horse battery")).await.expect("sealed");
        assert_eq!(deployed(&app, plain).await.0.code, Code::CredentialsInCode);
        drop(app);
        desk.keys.fail(failure);
        let app = desk.start().await;
        let (ended, unchecked) = deployed(&app, plain).await;
        assert_eq!((ended.code, unchecked), (Code::RuntimeMissing, true));
    }
}

#[tokio::test]
async fn nothing_is_reviewed_or_sent_elsewhere_while_the_vault_is_closed_so_that_no_review_is_of_unchecked_code() {
    let desk = Desk::new();
    let app = desk.start().await;
    let new = TargetInfo {
        id: TargetId::LOCAL,
        name: "production".into(),
        base_url: "http://localhost:1".into(),
        account_id: "made-up".into(),
        account_name: String::new(),
        suffix: String::new(),
    };
    let target = app.add_target(new, value("made-up-token")).await.expect("added")[0].id;
    let plain = function(&app, "plain", "export default { fetch: () => call('correct horse battery') }").await;
    drop(app);
    desk.keys.fail(KeyStoreError::Locked);
    let app = desk.start().await;
    let refused = app.plan(plain, target).await.expect_err("its token is sealed");
    assert_eq!(refused.code, Code::VaultLocked, "{}", refused.message);
    let refused = app.deploy(plain, target, Order::default(), |_| {}).await.expect_err("its token is sealed");
    assert_eq!(refused.code, Code::VaultLocked, "{}", refused.message);
}

#[tokio::test]
async fn what_was_let_pass_can_be_let_pass_again_while_the_vault_is_closed_and_is_kept_once_it_opens() {
    let desk = Desk::new();
    let app = desk.start().await;
    let (id, new) = (function(&app, "mine", &with_key()).await, function(&app, "new", &with_key()).await);
    allow(&app, id).await;
    drop(app);
    desk.keys.fail(KeyStoreError::Locked);
    let app = desk.start().await;
    let (stopped, _) = deployed(&app, id).await;
    assert_eq!(stopped.code, Code::CredentialsInCode);
    assert!(
        stopped.message.ends_with("whether it was let pass before is known once that is open."),
        "{}",
        stopped.message
    );
    let (stopped, _) = deployed(&app, new).await;
    assert!(stopped.message.ends_with("or deploy anyway."), "{}", stopped.message);

    for id in [id, new] {
        allow(&app, id).await;
        assert_eq!(deployed(&app, id).await.0.code, Code::RuntimeMissing);
    }
    let at = app.credentials(id).await.expect("found")[0].from.clone();
    // What was just let pass is taken back; what was let pass before can't be told from what was not.
    assert_eq!(app.withdraw_allowance(id, at.clone()).await.expect("withdrawn")[0].allowed, None);
    assert_eq!(deployed(&app, id).await.0.code, Code::CredentialsInCode);
    let refused = app.withdraw_allowance(id, at.clone()).await.expect_err("it may be known from before");
    assert_eq!(refused.code, Code::VaultLocked);
    assert_eq!(app.withdraw_allowance(new, at).await.expect("withdrawn")[0].allowed, None);
    assert_eq!(deployed(&app, new).await.0.code, Code::CredentialsInCode);
    allow(&app, new).await;

    desk.keys.fail(None);
    assert_eq!(app.retry_vault().await, VaultState::Ready);
    assert!(app.credentials(new).await.expect("found")[0].allowed.is_some());
    drop(app);
    let app = desk.start().await;
    assert_eq!(deployed(&app, new).await.0.code, Code::RuntimeMissing);
}

/// What is let pass can't be kept any more; what is there can be read.
fn fill_the_disk(desk: &Desk) -> Connection {
    let db = Connection::open(desk.data().join("postern.db")).expect("the database");
    db.busy_timeout(Duration::from_secs(5)).expect("it waits");
    let full = "CREATE TRIGGER full BEFORE INSERT ON allowances BEGIN SELECT RAISE(FAIL, 'full'); END";
    db.execute_batch(full).expect("a trigger");
    db
}

#[tokio::test]
async fn what_could_not_be_kept_was_not_let_pass_and_what_was_let_pass_before_waits_until_it_can_be() {
    let desk = Desk::new();
    let app = desk.start().await;
    let id = function(&app, "mine", &with_key()).await;
    let full = fill_the_disk(&desk);
    let at = app.credentials(id).await.expect("found")[0].from.clone();
    app.allow_credential(id, at, "A test key".into()).await.expect_err("the disk is full");
    assert_eq!(app.credentials(id).await.expect("looked at")[0].allowed, None);
    assert_eq!(deployed(&app, id).await.0.code, Code::CredentialsInCode);

    drop(app);
    desk.keys.fail(KeyStoreError::Locked);
    let app = desk.start().await;
    allow(&app, id).await;
    desk.keys.fail(None);
    assert_eq!(app.retry_vault().await, VaultState::Ready);
    let open = app.open_function(id).await.expect("it");
    assert!(open.credentials[0].allowed.is_some(), "it is told as long as the app runs");
    full.execute_batch("DROP TRIGGER full").expect("there is room again");
    assert!(app.credentials(id).await.expect("looked at")[0].allowed.is_some());
    drop(app);
    let app = desk.start().await;
    assert!(app.credentials(id).await.expect("looked at")[0].allowed.is_some(), "it was kept");
}
