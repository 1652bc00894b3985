//! The use cases over a real SQLite file and a key store in memory. Nothing here needs a display, a bus or a runtime:
//! what is deployed runs in `tests/real`.

mod closed_vault;
mod credentials;
mod files;
mod functions;
mod history;
#[cfg(target_os = "linux")]
mod leaks;
mod lost_keys;
mod names;
mod packages;
mod schedules;
mod secrets;
mod writing;

#[cfg(target_os = "linux")]
#[path = "../support/canary.rs"]
mod canary;

use std::{path::PathBuf, sync::Arc};

use postern::{
    app::{App, Config},
    function::{FunctionId, Line},
    vault::key::MemoryKeyStore,
    wire::{Failure, VaultState},
};
use tempfile::TempDir;

/// An app on a folder of its own, which outlives it so that a test can start it again.
struct Desk {
    folder: TempDir,
    keys: Arc<MemoryKeyStore>,
}

impl Desk {
    fn new() -> Self {
        Self { folder: tempfile::tempdir().expect("a folder"), keys: Arc::new(MemoryKeyStore::new()) }
    }

    fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    /// Starts the app and waits until its vault has answered.
    async fn start(&self) -> App {
        let app = self.try_start().await.expect("the app starts");
        while app.vault_state() == VaultState::Opening {
            tokio::time::sleep(std::time::Duration::from_millis(2)).await;
        }
        app
    }

    async fn try_start(&self) -> Result<App, Failure> {
        App::open(self.config()).await
    }

    fn config(&self) -> Config {
        Config {
            data: self.data(),
            run: self.folder.path().join("run"),
            workerd: self.folder.path().join("no-workerd-here"),
            typescript: self.folder.path().join("no-typescript-here"),
            keys: self.keys.clone(),
        }
    }

    /// All bytes of the database, its log and its index.
    fn database_bytes(&self) -> Vec<u8> {
        let files = ["postern.db", "postern.db-wal", "postern.db-shm"];
        files.iter().flat_map(|name| std::fs::read(self.data().join(name)).unwrap_or_default()).collect()
    }
}

/// A function called `name` with this code.
async fn function(app: &App, name: &str, code: &str) -> FunctionId {
    let id = app.create_function("http", Some(name)).await.expect("a function").summary.id;
    app.save_file(id, "index.ts".to_owned(), code.to_owned()).await.expect("it is saved");
    id
}

/// A made-up value, as it comes from the page.
fn value(text: &str) -> postern::secret::TypedValue {
    text.to_owned().into()
}

/// Lines as they are told to people: `index.ts:2`.
fn places(lines: &[Line]) -> Vec<String> {
    lines.iter().map(Line::to_string).collect()
}

fn contains(bytes: &[u8], part: &[u8]) -> bool {
    bytes.windows(part.len()).any(|window| window == part)
}

/// Waits until what the app does in the background has come to pass.
async fn eventually(what: &str, mut holds: impl FnMut() -> bool) {
    for _ in 0..1000 {
        if holds() {
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
    }
    panic!("did not come to pass: {what}");
}
