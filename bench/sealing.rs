//! Sealing and storing a secret through the use case, beside a bare insert of the very bytes that came of it: a secret's
//! row and its revision's, into tables and an index of the same shape, under the same pragmas, on the same disk, in one
//! transaction. What is measured is what the vault and the rules cost on top.

use std::time::Instant;

use postern::{app::App, secret::Scope};
use rusqlite::{Connection, TransactionBehavior, params};

use crate::{
    deploying::{milliseconds, open},
    figure::{Aim, Figure, in_turns},
    folder,
};

/// What a secret is stored as, apart from the number of its row.
struct Row {
    owner: i64,
    scope: String,
    name: String,
    changed_at: i64,
    revision: i64,
    vault_id: String,
    sealed: Vec<u8>,
    fingerprint: Vec<u8>,
}

pub(crate) async fn seal() -> Figure {
    let app = open("seal").await;
    let stored = Connection::open(folder().join("data/seal/postern.db")).expect("the app's database");
    let mut bare = bare_table();
    let mut ours_at = 0;
    let ours = async || {
        ours_at += 1;
        seal_one(&app, ours_at).await
    };
    let theirs = async || {
        let row = newest(&stored);
        let began = Instant::now();
        insert(&mut bare, &row).expect("it is stored");
        milliseconds(began)
    };
    let measured = in_turns(200, ours, theirs).await;
    app.shutdown().await;
    let aim = &[Aim::Times(1.2)];
    Figure { name: "seal", unit: "ms", against: "bare insert", aim, measured }
}

/// Each into a function of its own, as in a desk with many functions of few secrets.
async fn seal_one(app: &App, number: u32) -> f64 {
    let id = app.create_function("http", None).await.expect("a function").summary.id;
    let value = format!("made-up-value-{number:026}");
    let began = Instant::now();
    app.create_secret(id, "API_KEY", Scope::All, value.into()).await.expect("it is sealed");
    milliseconds(began)
}

fn newest(stored: &Connection) -> Row {
    let query = "SELECT owner_id, scope, name, changed_at, revisions.revision, vault_id, sealed, fingerprint
        FROM secrets JOIN revisions ON secret_id = id ORDER BY id DESC LIMIT 1";
    let row = stored.query_row(query, [], |row| {
        Ok(Row {
            owner: row.get(0)?,
            scope: row.get(1)?,
            name: row.get(2)?,
            changed_at: row.get(3)?,
            revision: row.get(4)?,
            vault_id: row.get(5)?,
            sealed: row.get(6)?,
            fingerprint: row.get(7)?,
        })
    });
    row.expect("a secret was just sealed")
}

fn bare_table() -> Connection {
    let path = folder().join("data/bare.db");
    for ending in ["", "-wal", "-shm"] {
        drop(std::fs::remove_file(format!("{}{ending}", path.display())));
    }
    let bare = Connection::open(path).expect("a database");
    let set_up = "PRAGMA journal_mode = WAL;
         PRAGMA synchronous = FULL;
         PRAGMA foreign_keys = ON;
         PRAGMA secure_delete = ON;
         PRAGMA trusted_schema = OFF;
         CREATE TABLE secrets (
             id INTEGER PRIMARY KEY AUTOINCREMENT,
             owner_kind TEXT NOT NULL,
             owner_id INTEGER NOT NULL,
             scope TEXT NOT NULL,
             name TEXT NOT NULL,
             revision INTEGER,
             changed_at INTEGER NOT NULL
         ) STRICT;
         CREATE UNIQUE INDEX secrets_by_name ON secrets (owner_kind, owner_id, scope, name) WHERE revision IS NOT NULL;
         CREATE TABLE revisions (
             secret_id INTEGER NOT NULL REFERENCES secrets (id) ON DELETE CASCADE,
             revision INTEGER NOT NULL,
             vault_id TEXT NOT NULL,
             sealed BLOB NOT NULL,
             fingerprint BLOB NOT NULL,
             PRIMARY KEY (secret_id, revision)
         ) STRICT, WITHOUT ROWID;";
    bare.execute_batch(set_up).expect("tables");
    bare
}

fn insert(bare: &mut Connection, row: &Row) -> rusqlite::Result<()> {
    let transaction = bare.transaction_with_behavior(TransactionBehavior::Immediate)?;
    transaction
        .prepare_cached(
            "INSERT INTO secrets (owner_kind, owner_id, scope, name, revision, changed_at)
             VALUES ('function', ?1, ?2, ?3, ?4, ?5)",
        )?
        .execute(params![row.owner, row.scope, row.name, row.revision, row.changed_at])?;
    let id = transaction.last_insert_rowid();
    transaction.prepare_cached("INSERT INTO revisions VALUES (?1, ?2, ?3, ?4, ?5)")?.execute(params![
        id,
        row.revision,
        row.vault_id,
        row.sealed,
        row.fingerprint
    ])?;
    transaction.commit()
}
