//! Sealing and storing a secret through the use case, beside a bare insert of the very bytes that came of it: the same
//! columns, pragmas, disk, and one transaction each. What is measured is what the vault and the rules cost on top.

use std::time::Instant;

use postern::app::App;
use rusqlite::{Connection, TransactionBehavior, params};

use crate::{
    deploying::{milliseconds, open},
    figure::{Aim, Figure, in_turns},
    folder,
};

/// What a revision is stored as.
struct Row {
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
    let mut theirs_at = 0;
    let theirs = async || {
        theirs_at += 1;
        let row = newest(&stored);
        let began = Instant::now();
        insert(&mut bare, theirs_at, &row);
        milliseconds(began)
    };
    let measured = in_turns(200, ours, theirs).await;
    app.shutdown().await;
    let aim = Aim { ratio: 1.2, value: None };
    Figure { name: "seal", unit: "ms", against: "bare insert", aim, measured }
}

/// Each into a function of its own, as in a desk with many functions of few secrets.
async fn seal_one(app: &App, number: u32) -> f64 {
    let id = app.create_function("http", None).await.expect("a function").summary.id;
    let value = format!("made-up-value-{number:026}");
    let began = Instant::now();
    app.create_secret(id, "API_KEY", value.into()).await.expect("it is sealed");
    milliseconds(began)
}

fn newest(stored: &Connection) -> Row {
    let query = "SELECT revision, vault_id, sealed, fingerprint FROM revisions ORDER BY secret_id DESC LIMIT 1";
    let row = stored.query_row(query, [], |row| {
        Ok(Row { revision: row.get(0)?, vault_id: row.get(1)?, sealed: row.get(2)?, fingerprint: row.get(3)? })
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
         CREATE TABLE revisions (
             secret_id INTEGER NOT NULL,
             revision INTEGER NOT NULL,
             vault_id TEXT NOT NULL,
             sealed BLOB NOT NULL,
             fingerprint BLOB NOT NULL,
             PRIMARY KEY (secret_id, revision)
         ) STRICT, WITHOUT ROWID;";
    bare.execute_batch(set_up).expect("a table");
    bare
}

fn insert(bare: &mut Connection, id: i64, row: &Row) {
    let transaction = bare.transaction_with_behavior(TransactionBehavior::Immediate).expect("a transaction");
    transaction
        .prepare_cached("INSERT INTO revisions VALUES (?1, ?2, ?3, ?4, ?5)")
        .and_then(|mut insert| insert.execute(params![id, row.revision, row.vault_id, row.sealed, row.fingerprint]))
        .expect("it is inserted");
    transaction.commit().expect("it is on the disk");
}
