//! The schema and how a database comes to it: all or nothing, after a check and a backup.
//!
//! A schema from the future is refused and left as it is.

use std::{
    fs,
    path::{Path, PathBuf},
    time::Duration,
};

use rusqlite::{Connection, TransactionBehavior, backup::Backup};

use super::{
    Result, StoreError, allowances, deployments, functions, identity, moved, secrets, settings, targets, variables,
};

/// "POST" in ASCII: tells our files from others.
const APPLICATION_ID: i64 = 0x504F_5354;

/// Each entry takes the schema one version up. Entries are never edited once released.
const MIGRATIONS: &[&[&str]] = &[
    &[functions::SCHEMA, secrets::SCHEMA, deployments::SCHEMA, identity::SCHEMA],
    &[targets::SCHEMA, variables::SCHEMA, settings::SCHEMA, deployments::HISTORY],
    &[allowances::SCHEMA],
    &[deployments::PACKAGES],
    &[targets::GONE],
    &[moved::SCHEMA],
];

const KEPT_BACKUPS: usize = 3;

/// Whether it made a backup.
pub(super) fn run(connection: &mut Connection, path: &Path) -> Result<bool> {
    connection.busy_timeout(Duration::from_secs(5))?;
    // What identifies the file is read before anything that could write to it.
    let application_id: i64 = connection.query_row("PRAGMA application_id", [], |row| row.get(0)).map_err(|error| {
        match error.sqlite_error_code() {
            Some(rusqlite::ErrorCode::NotADatabase) => StoreError::Foreign(path.to_owned()),
            _ => error.into(),
        }
    })?;
    let found: i64 = connection.query_row("PRAGMA user_version", [], |row| row.get(0))?;
    let tables: i64 = connection.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0))?;
    let known = MIGRATIONS.len() as i64;
    if application_id != APPLICATION_ID && (application_id != 0 || tables > 0) {
        return Err(StoreError::Foreign(path.to_owned()));
    }
    if found > known {
        return Err(StoreError::Newer { found, known });
    }

    make_private(path)?;
    connection.execute_batch(
        "PRAGMA journal_mode = WAL;
         PRAGMA synchronous = FULL;
         PRAGMA foreign_keys = ON;
         PRAGMA secure_delete = ON;
         PRAGMA trusted_schema = OFF;",
    )?;
    if found == known {
        return Ok(false);
    }

    if found > 0 {
        let verdict: String = connection.query_row("PRAGMA quick_check(1)", [], |row| row.get(0))?;
        if verdict != "ok" {
            return Err(StoreError::Damaged(verdict));
        }
        back_up(connection, path, found)?;
    }
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    for step in &MIGRATIONS[usize::try_from(found).unwrap_or(0)..] {
        for statements in *step {
            transaction.execute_batch(statements)?;
        }
    }
    transaction.pragma_update(None, "application_id", APPLICATION_ID)?;
    transaction.pragma_update(None, "user_version", known)?;
    transaction.commit()?;
    Ok(found > 0)
}

/// A copy beside the database, named by the schema it holds; the oldest go.
fn back_up(connection: &Connection, path: &Path, version: i64) -> Result<()> {
    let target = path.with_file_name(format!("postern-schema-{version:04}.backup.db"));
    let mut copy = Connection::open(&target)?;
    make_private(&target)?;
    Backup::new(connection, &mut copy)?.run_to_completion(1000, Duration::ZERO, None)?;
    for old in backups(path.parent().unwrap_or(Path::new(".")))?.iter().rev().skip(KEPT_BACKUPS) {
        fs::remove_file(old)?;
    }
    Ok(())
}

/// The oldest first.
pub(super) fn backups(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut backups: Vec<_> = fs::read_dir(folder)?
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|path| path.to_string_lossy().ends_with(".backup.db"))
        .collect();
    backups.sort();
    Ok(backups)
}

/// Readable by its owner alone. SQLite gives the log and its index the mode of the database.
fn make_private(path: &Path) -> Result<()> {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        fs::set_permissions(path, fs::Permissions::from_mode(0o600))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::Store;

    fn folder() -> tempfile::TempDir {
        tempfile::tempdir().expect("a folder")
    }

    fn database(folder: &tempfile::TempDir) -> std::path::PathBuf {
        folder.path().join("postern.db")
    }

    #[test]
    fn a_first_start_makes_a_private_database_of_the_newest_schema() {
        let folder = folder();
        drop(Store::open(folder.path()).expect("a store"));
        let connection = Connection::open(database(&folder)).expect("a database");
        let version: i64 = connection.query_row("PRAGMA user_version", [], |row| row.get(0)).expect("a version");
        assert_eq!(version, MIGRATIONS.len() as i64);
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            let mode = |path: &Path| fs::metadata(path).expect("it is there").permissions().mode() & 0o777;
            assert_eq!((mode(folder.path()), mode(&database(&folder))), (0o700, 0o600));
        }
    }

    #[test]
    fn a_newer_schema_is_refused_and_left_untouched() {
        let folder = folder();
        drop(Store::open(folder.path()).expect("a store"));
        let connection = Connection::open(database(&folder)).expect("a database");
        connection.execute_batch("PRAGMA user_version = 99; PRAGMA wal_checkpoint(TRUNCATE);").expect("a change");
        drop(connection);
        let before = fs::read(database(&folder)).expect("bytes");
        assert!(matches!(Store::open(folder.path()), Err(StoreError::Newer { found: 99, .. })));
        assert_eq!(fs::read(database(&folder)).expect("bytes"), before);
    }

    #[test]
    fn a_file_that_is_not_ours_is_refused_and_left_untouched() {
        for bytes in [b"this is a letter to a friend, long enough to be one".to_vec(), vec![0xFF; 4096]] {
            let folder = folder();
            fs::write(database(&folder), &bytes).expect("a file");
            assert!(matches!(Store::open(folder.path()), Err(StoreError::Foreign(_))));
            assert_eq!(fs::read(database(&folder)).expect("bytes"), bytes);
        }
        let folder = folder();
        let other = Connection::open(database(&folder)).expect("a database");
        other.execute_batch("CREATE TABLE recipes (name TEXT)").expect("a table");
        drop(other);
        assert!(matches!(Store::open(folder.path()), Err(StoreError::Foreign(_))));
    }

    #[tokio::test]
    async fn what_is_deleted_for_good_is_in_no_backup_either() {
        let folder = folder();
        drop(Store::open(folder.path()).expect("a store"));
        let connection = Connection::open(database(&folder)).expect("a database");
        connection
            .execute_batch("ALTER TABLE deployments DROP COLUMN packages; DROP TABLE moved; PRAGMA user_version = 3")
            .expect("an old one");
        drop(connection);
        let store = Store::open(folder.path()).expect("a newer one");
        let count = || backups(folder.path()).expect("they are listed").len();
        store.scrub().await.expect("it is scrubbed");
        assert_eq!(count(), 1, "nothing was deleted since it was made");
        store.give_up_backups();
        store.scrub().await.expect("it is scrubbed");
        assert_eq!(count(), 0);
    }

    #[test]
    fn what_was_recorded_on_a_target_that_was_removed_meanwhile_goes() {
        let folder = folder();
        drop(Store::open(folder.path()).expect("a store"));
        let connection = Connection::open(database(&folder)).expect("a database");
        let tables = ["chosen (function_id, target)", "scripts (function_id, target, script)"];
        let left = "PRAGMA foreign_keys = OFF; PRAGMA user_version = 4; DROP TABLE moved;
             INSERT INTO targets VALUES (2, 'production', '', '', '', '');
             INSERT INTO deployments (function_id, target, number, outcome, at)
                 VALUES (1, 'local', 1, 'live', 0), (1, '1', 1, 'failed', 0), (1, '2', 1, 'live', 0);";
        connection.execute_batch(left).expect("rows");
        for (table, rest) in tables.iter().zip(["", ", 'hello'"]) {
            let rows = format!("INSERT INTO {table} VALUES (1, '1'{rest}), (1, '2'{rest})");
            connection.execute_batch(&rows).expect("rows");
        }
        drop(connection);

        drop(Store::open(folder.path()).expect("a store"));

        let connection = Connection::open(database(&folder)).expect("a database");
        for (table, targets) in [("chosen", "2"), ("scripts", "2"), ("deployments", "2,local")] {
            let query = format!("SELECT group_concat(target, ',' ORDER BY target) FROM {table}");
            let found: String = connection.query_row(&query, [], |row| row.get(0)).expect("rows");
            assert_eq!(found, targets, "{table}");
        }
    }

    #[test]
    fn three_backups_stay() {
        let folder = folder();
        drop(Store::open(folder.path()).expect("a store"));
        let connection = Connection::open(database(&folder)).expect("a database");
        for version in 1..=5 {
            back_up(&connection, &database(&folder), version).expect("a backup");
        }
        let backups = fs::read_dir(folder.path())
            .expect("a folder")
            .filter(|entry| entry.as_ref().is_ok_and(|entry| entry.file_name().to_string_lossy().contains("backup")));
        assert_eq!(backups.count(), 3);
    }
}
