//! The database file: one connection, one writer, every change a transaction that survives a power cut.
//!
//! It holds sealed values and never an opened one; nothing here can seal or open. Each file below owns a table: its
//! definition, its rows and its queries. Calls block, and run where that holds nobody up (`Store::read`, `write`).

mod migration;

pub mod allowances;
pub mod deployments;
pub mod functions;
pub mod identity;
pub mod moved;
pub mod secrets;
pub mod settings;
pub mod targets;
pub mod variables;

use std::{
    fs, io,
    panic::{AssertUnwindSafe, catch_unwind},
    path::{Path, PathBuf},
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use rusqlite::{Connection, Transaction, TransactionBehavior, config::DbConfig};
use tokio::{
    runtime::{Handle, RuntimeFlavor},
    task::{block_in_place, spawn_blocking},
};

/// The folder's database. Cheap to clone; all clones share one connection.
#[derive(Clone)]
pub struct Store {
    connection: Arc<Mutex<Connection>>,
    /// Whether backups stay when the files are scrubbed.
    keeps_backups: Arc<AtomicBool>,
}

#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    #[error(
        "The database was written by a newer Postern (schema {found}, this one knows {known}). Nothing was changed. Install the newer version."
    )]
    Newer { found: i64, known: i64 },
    #[error("{0} is not a Postern database. Nothing was changed. Move it away to start with an empty one.")]
    Foreign(PathBuf),
    #[error(
        "The database is damaged: {0}. Nothing was changed. Move it away to start with an empty one, or restore a backup."
    )]
    Damaged(String),
    #[error("The disk is full. Nothing was changed. Free some space, then try again.")]
    Full,
    #[error("There is no such {0}.")]
    NotFound(&'static str),
    #[error("Another function has this name. Choose another one.")]
    Taken,
    #[error("The database could not be used: {0}. Nothing was changed.")]
    Sqlite(#[source] rusqlite::Error),
    #[error("The data folder could not be used: {0}.")]
    Folder(#[from] io::Error),
    #[error("Using the database broke off. Nothing was changed. Try again.")]
    BrokeOff,
}

impl From<rusqlite::Error> for StoreError {
    fn from(error: rusqlite::Error) -> Self {
        use rusqlite::ErrorCode;
        match error.sqlite_error_code() {
            Some(ErrorCode::DiskFull) => Self::Full,
            Some(ErrorCode::DatabaseCorrupt) => Self::Damaged(error.to_string()),
            Some(ErrorCode::ConstraintViolation) if is_unique(&error) => Self::Taken,
            _ => Self::Sqlite(error),
        }
    }
}

fn is_unique(error: &rusqlite::Error) -> bool {
    matches!(error, rusqlite::Error::SqliteFailure(code, _) if code.extended_code == rusqlite::ffi::SQLITE_CONSTRAINT_UNIQUE)
}

pub type Result<T> = std::result::Result<T, StoreError>;

impl Store {
    /// Opens `postern.db` in the folder, which is made private, and brings its schema up to date.
    pub fn open(folder: &Path) -> Result<Self> {
        make_private_folder(folder)?;
        let path = folder.join("postern.db");
        let mut connection = Connection::open(&path)?;
        // More than there are queries: rusqlite keeps 16 by default, and one that is read anew costs more than it does.
        connection.set_prepared_statement_cache_capacity(128);
        // A plan does not hang on what is bound to it: else the query is read anew for each other value.
        connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
        let migrated = migration::run(&mut connection, &path)?;
        let keeps_backups = Arc::new(AtomicBool::new(migrated));
        Ok(Self { connection: Arc::new(Mutex::new(connection)), keeps_backups })
    }

    /// Runs a query where it may block.
    pub async fn read<T, F>(&self, query: F) -> Result<T>
    where
        T: Send + 'static,
        F: FnOnce(&Connection) -> Result<T> + Send + 'static,
    {
        let connection = Arc::clone(&self.connection);
        blocking(move || query(&lock(&connection))).await
    }

    /// Runs a change where it may block: all of it is kept, to the disk, or nothing.
    /// The change may fail with an error of its own kind, which rolls it back.
    pub async fn write<T, E, F>(&self, change: F) -> std::result::Result<T, E>
    where
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
        F: FnOnce(&Transaction<'_>) -> std::result::Result<T, E> + Send + 'static,
    {
        let connection = Arc::clone(&self.connection);
        blocking(move || {
            let mut connection = lock(&connection);
            let transaction =
                connection.transaction_with_behavior(TransactionBehavior::Immediate).map_err(StoreError::from)?;
            let value = change(&transaction)?;
            transaction.commit().map_err(StoreError::from)?;
            Ok(value)
        })
        .await
    }

    /// Whether the app ended before it could scrub: pages are free, or the log was left behind.
    pub async fn needs_scrub(&self) -> Result<bool> {
        self.read(|db| {
            let free: i64 = db.query_row("PRAGMA freelist_count", [], |row| row.get(0))?;
            let log = db.path().and_then(|path| fs::metadata(format!("{path}-wal")).ok());
            Ok(free > 0 || log.is_some_and(|log| log.len() > 0))
        })
        .await
    }

    /// Something was deleted for good: what a backup has of it goes with the next scrub.
    pub fn give_up_backups(&self) {
        self.keeps_backups.store(false, Ordering::Release);
    }

    /// Takes what was deleted out of the files: the log is folded into the database and emptied, then the pages are
    /// rewritten, since a freed page may keep up to 60 bytes until then. Backups from before go, but for one that was made at
    /// this start and of which nothing was deleted yet.
    pub async fn scrub(&self) -> Result<()> {
        let connection = Arc::clone(&self.connection);
        let keeps_backups = self.keeps_backups.load(Ordering::Acquire);
        blocking(move || {
            let connection = lock(&connection);
            if let (false, Some(folder)) = (keeps_backups, connection.path().and_then(|path| Path::new(path).parent()))
            {
                for backup in migration::backups(folder)? {
                    fs::remove_file(backup)?;
                }
            }
            connection.execute_batch("VACUUM")?;
            for _ in 0..10 {
                // A reader in another process makes it busy, which is a row and not an error.
                let busy: i64 = connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |row| row.get(0))?;
                if busy == 0 {
                    return Ok(());
                }
                std::thread::sleep(Duration::from_millis(50));
            }
            Err(StoreError::Sqlite(rusqlite::Error::SqliteFailure(
                rusqlite::ffi::Error::new(rusqlite::ffi::SQLITE_BUSY),
                None,
            )))
        })
        .await
    }
}

/// A panic while the lock was held rolled its transaction back: the connection is as good as before.
fn lock(connection: &Mutex<Connection>) -> std::sync::MutexGuard<'_, Connection> {
    connection.lock().unwrap_or_else(PoisonError::into_inner)
}

/// On this very thread where the runtime has others to go on with: to wake another one and be woken by it takes longer
/// than most queries do.
async fn blocking<T, E>(work: impl FnOnce() -> std::result::Result<T, E> + Send + 'static) -> std::result::Result<T, E>
where
    T: Send + 'static,
    E: From<StoreError> + Send + 'static,
{
    let done = match Handle::current().runtime_flavor() {
        RuntimeFlavor::MultiThread => block_in_place(|| catch_unwind(AssertUnwindSafe(work))).ok(),
        _ => spawn_blocking(work).await.ok(),
    };
    // What a panic said may quote anything, and is not told.
    done.unwrap_or_else(|| Err(StoreError::BrokeOff.into()))
}

/// Creates the folder if it is not there, readable by its owner alone.
pub fn make_private_folder(folder: &Path) -> io::Result<()> {
    fs::create_dir_all(folder)?;
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        fs::set_permissions(folder, fs::Permissions::from_mode(0o700))?;
    }
    Ok(())
}

/// A query that finds nothing is an error with a name.
trait Found<T> {
    fn found(self, what: &'static str) -> Result<T>;
}

/// So is a change that finds nothing to change.
trait Changed {
    fn changed(self, what: &'static str) -> Result<()>;
}

impl Changed for rusqlite::Result<usize> {
    fn changed(self, what: &'static str) -> Result<()> {
        if self? == 0 { Err(StoreError::NotFound(what)) } else { Ok(()) }
    }
}

impl<T> Found<T> for rusqlite::Result<T> {
    fn found(self, what: &'static str) -> Result<T> {
        match self {
            Err(rusqlite::Error::QueryReturnedNoRows) => Err(StoreError::NotFound(what)),
            other => Ok(other?),
        }
    }
}

/// Lists and maps are stored as JSON text; what does not parse was not written by us.
fn from_json<T: serde::de::DeserializeOwned>(text: &str) -> rusqlite::Result<T> {
    serde_json::from_str(text)
        .map_err(|error| rusqlite::Error::FromSqlConversionFailure(0, rusqlite::types::Type::Text, Box::new(error)))
}

fn to_json<T: serde::Serialize + ?Sized>(value: &T) -> String {
    serde_json::to_string(value).expect("lists and plain structs become JSON")
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn a_panic_breaks_off_alone() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(folder.path()).unwrap();
        let broken = store.write(|db| -> Result<()> {
            db.execute("INSERT INTO settings (name, value) VALUES ('half', '1')", [])?;
            panic!("in the middle")
        });
        assert!(matches!(broken.await, Err(StoreError::BrokeOff)));
        let half = |db: &Connection| Ok(db.query_row("SELECT count(*) FROM settings", [], |row| row.get::<_, i64>(0))?);
        assert_eq!(store.read(half).await.unwrap(), 0, "nothing of it is kept");
    }

    #[tokio::test]
    async fn a_change_that_panics_is_taken_back_and_the_next_query_works() {
        a_panic_breaks_off_alone().await;
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn so_it_is_where_it_runs_on_the_thread_that_asks() {
        a_panic_breaks_off_alone().await;
    }
}
