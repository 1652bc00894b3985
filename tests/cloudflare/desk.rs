//! The app with a target on the server: a real database in a folder of its own, a key store in memory.

use std::path::PathBuf;
use std::sync::Arc;

use postern::app::{App, Config};
use postern::deployment::TargetId;
use postern::function::FunctionId;
use postern::secret::{Scope, TypedValue};
use postern::vault::key::MemoryKeyStore;
use postern::wire::{
    Deployed, Failure, FunctionSummary, Order, Outcome, PastDeployment, SecretInfo, TargetInfo, TargetState, VaultState,
};
use serde_json::Value;
use tempfile::TempDir;

use crate::support::workers_api::WorkersApi;
use crate::upload::{Asking, get, workerd};

/// Outlives the app, so that a test can start it again.
pub(crate) struct Desk {
    pub(crate) server: WorkersApi,
    pub(crate) folder: TempDir,
    keys: Arc<MemoryKeyStore>,
}

impl Desk {
    pub(crate) async fn new() -> Self {
        let server = WorkersApi::start(workerd()).await;
        Self { server, folder: tempfile::tempdir().expect("a folder"), keys: Arc::new(MemoryKeyStore::new()) }
    }

    /// With one target, called production.
    pub(crate) async fn with_target() -> (Self, App, TargetId) {
        let desk = Self::new().await;
        let app = desk.start().await;
        let target = desk.add_target(&app, "production", "").await;
        (desk, app, target)
    }

    pub(crate) async fn start(&self) -> App {
        let config = Config {
            data: self.data(),
            run: self.folder.path().join("run"),
            workerd: workerd(),
            typescript: Default::default(),
            keys: self.keys.clone(),
        };
        let app = App::open(config).await.expect("the app starts");
        let mut events = app.events();
        // Every change of the vault is told; the first look is in case it was before this listened.
        while app.vault_state() == VaultState::Opening {
            events.recv().await.expect("the app lives");
        }
        app
    }

    /// Answers the id of the new target.
    pub(crate) async fn add_target(&self, app: &App, name: &str, suffix: &str) -> TargetId {
        let targets = app.add_target(self.target(name, suffix), value(self.server.token())).await.expect("added");
        targets.iter().find(|target| target.name == name).expect("it is listed").id
    }

    pub(crate) fn target(&self, name: &str, suffix: &str) -> TargetInfo {
        TargetInfo {
            id: TargetId(0),
            name: name.to_owned(),
            base_url: self.server.base_url(),
            account_id: self.server.account().to_owned(),
            account_name: "An account for tests".to_owned(),
            suffix: suffix.to_owned(),
        }
    }

    pub(crate) fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    /// Changes the database behind the app's back.
    pub(crate) fn sql(&self, change: &str) {
        let db = rusqlite::Connection::open(self.data().join("postern.db")).expect("the database");
        db.busy_timeout(std::time::Duration::from_secs(5)).expect("a time");
        db.execute_batch(change).expect("it is changed");
    }

    /// No value can be read from its seal any more.
    pub(crate) fn damage_seal(&self, name: &str) {
        self.sql(&format!(
            "UPDATE revisions SET sealed = zeroblob(length(sealed))
             WHERE secret_id IN (SELECT id FROM secrets WHERE name = '{name}')"
        ));
    }

    /// What the live version answers.
    pub(crate) async fn answer(&self, script: &str) -> String {
        get(&self.server.url_of(script).await).await
    }

    /// The metadata of the newest upload.
    pub(crate) fn uploaded(&self) -> Value {
        self.server.requests().iter().rev().find_map(|request| request.metadata()).expect("an upload")
    }

    /// How the newest upload binds a name: `secret_text`, `inherit` and others.
    pub(crate) fn sent_as(&self, name: &str) -> Option<String> {
        let uploaded = self.uploaded();
        let bindings = uploaded["bindings"].as_array().expect("a list");
        let binding = bindings.iter().find(|binding| binding["name"] == name)?;
        Some(binding["type"].as_str().expect("a type").to_owned())
    }

    /// How many requests that change something were there so far.
    pub(crate) fn writes(&self) -> usize {
        self.server.requests().iter().filter(|request| request.method != "GET").count()
    }

    pub(crate) fn asking(&self) -> Asking<'_> {
        Asking::new(&self.server)
    }

    /// As `wrangler secret put` does: a version of somebody else's, live at once.
    pub(crate) async fn secret_from_elsewhere(&self, script: &str, name: &str, text: &str) {
        let body = serde_json::json!({ "name": name, "text": text, "type": "secret_text" });
        let path = format!("scripts/{script}/secrets");
        let (status, _, answer) = self.asking().ask(reqwest::Method::PUT, &path, crate::upload::Body::Json(body)).await;
        assert_eq!(status, 200, "{answer}");
    }

    /// What the app says is live there, beside what is.
    pub(crate) async fn assert_history_is_true(&self, app: &App, id: FunctionId, target: TargetId, script: &str) {
        let history = app.history(id).await.expect("a history");
        let live: Vec<&PastDeployment> =
            history.iter().filter(|past| past.target == target && past.outcome == Outcome::Live).collect();
        assert!(live.len() <= 1, "{history:?}");
        let db = rusqlite::Connection::open(self.data().join("postern.db")).expect("the database");
        let recorded: Option<String> = live.first().and_then(|live| {
            db.query_row("SELECT version FROM deployments WHERE id = ?1", [live.id], |row| row.get(0)).expect("a row")
        });
        assert_eq!(recorded, self.server.live_version(script));
    }
}

/// A made-up value, as it comes from the page.
pub(crate) fn value(text: &str) -> TypedValue {
    text.to_owned().into()
}

/// A function with this name and code.
pub(crate) async fn function(app: &App, name: &str, code: &str) -> FunctionId {
    let id = app.create_function("http", Some(name)).await.expect("a function").summary.id;
    write(app, id, code).await;
    id
}

pub(crate) async fn write(app: &App, id: FunctionId, code: &str) {
    app.save_file(id, "index.ts".to_owned(), code.to_owned()).await.expect("it is saved");
}

pub(crate) async fn secret(app: &App, id: FunctionId, name: &str, text: &str) -> Vec<SecretInfo> {
    app.create_secret(id, name, Scope::All, value(text)).await.expect("sealed").secrets
}

pub(crate) async fn replace(app: &App, id: FunctionId, name: &str, text: &str) -> Vec<SecretInfo> {
    app.replace_secret(id, name, Scope::All, value(text)).await.expect("sealed").secrets
}

pub(crate) async fn try_deploy(app: &App, id: FunctionId, target: TargetId) -> Result<Deployed, Failure> {
    app.deploy(id, target, Order::default(), |_| {}).await
}

pub(crate) async fn deploy(app: &App, id: FunctionId, target: TargetId) -> Deployed {
    try_deploy(app, id, target).await.expect("it deploys")
}

pub(crate) async fn deploy_over(app: &App, id: FunctionId, target: TargetId, version: &str) -> Deployed {
    let order = Order { over: Some(version.to_owned()), ..Order::default() };
    app.deploy(id, target, order, |_| {}).await.expect("it deploys")
}

pub(crate) async fn summary(app: &App, id: FunctionId) -> FunctionSummary {
    app.open_function(id).await.expect("it is there").summary
}

pub(crate) async fn state(app: &App, id: FunctionId, target: TargetId) -> TargetState {
    let summary = summary(app, id).await;
    summary.remote.into_iter().find(|state| state.target == target).expect("it stands on the target")
}

/// The deployment with this number on the target.
pub(crate) async fn past(app: &App, id: FunctionId, target: TargetId, number: i64) -> PastDeployment {
    let history = app.history(id).await.expect("a history");
    let found = history.into_iter().find(|past| past.target == target && past.number == number);
    found.expect("it is kept")
}

pub(crate) async fn roll_back(app: &App, id: FunctionId, target: TargetId, number: i64) -> Deployed {
    let past = past(app, id, target, number).await;
    app.roll_back(past.id, None, |_| {}).await.expect("it rolls back")
}
