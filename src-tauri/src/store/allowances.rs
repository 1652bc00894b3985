//! Credentials in code that may be deployed all the same, each with its reason. The code that holds one is known by the
//! fingerprint of its value: the value itself is never here.

use rusqlite::{Connection, Row, params};

use super::Result;
use crate::function::FunctionId;

pub(super) const SCHEMA: &str = "
CREATE TABLE allowances (
    function_id INTEGER NOT NULL REFERENCES functions (id) ON DELETE CASCADE,
    fingerprint BLOB NOT NULL,
    reason TEXT NOT NULL,
    at INTEGER NOT NULL,
    PRIMARY KEY (function_id, fingerprint)
) STRICT, WITHOUT ROWID;
";

/// What may be deployed, since when and why.
#[derive(Clone, Debug)]
pub struct AllowanceRow {
    pub fingerprint: Vec<u8>,
    pub reason: String,
    pub at: i64,
}

pub fn list(db: &Connection, function: FunctionId) -> Result<Vec<AllowanceRow>> {
    let mut query = db.prepare_cached("SELECT fingerprint, reason, at FROM allowances WHERE function_id = ?1")?;
    let row = |row: &Row<'_>| Ok(AllowanceRow { fingerprint: row.get(0)?, reason: row.get(1)?, at: row.get(2)? });
    let rows = query.query_map([function.0], row)?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

pub fn allow(db: &Connection, function: FunctionId, fingerprint: &[u8], reason: &str, at: i64) -> Result<()> {
    db.execute(
        "INSERT INTO allowances (function_id, fingerprint, reason, at) VALUES (?1, ?2, ?3, ?4)
         ON CONFLICT (function_id, fingerprint) DO UPDATE SET reason = ?3, at = ?4",
        params![function.0, fingerprint, reason, at],
    )?;
    Ok(())
}

pub fn withdraw(db: &Connection, function: FunctionId, fingerprint: &[u8]) -> Result<()> {
    db.execute("DELETE FROM allowances WHERE function_id = ?1 AND fingerprint = ?2", params![function.0, fingerprint])?;
    Ok(())
}
