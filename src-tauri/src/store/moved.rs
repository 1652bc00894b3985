//! Values that were moved out of a function's code to a secret, each known by its fingerprint: deployments that are kept may
//! hold them still, whatever has become of the secret. The values themselves are never here.

use rusqlite::{Connection, Row, params};

use super::Result;
use crate::function::FunctionId;

pub(super) const SCHEMA: &str = "
CREATE TABLE moved (
    function_id INTEGER NOT NULL REFERENCES functions (id) ON DELETE CASCADE,
    fingerprint BLOB NOT NULL,
    -- Of the value, in bytes.
    length INTEGER NOT NULL,
    -- Of the secret that it was moved to last.
    name TEXT NOT NULL,
    PRIMARY KEY (function_id, fingerprint)
) STRICT, WITHOUT ROWID;
";

/// What recognises a value that was moved, and where it went.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MovedRow {
    pub fingerprint: Vec<u8>,
    pub length: usize,
    pub name: String,
}

/// By name.
pub fn list(db: &Connection, function: FunctionId) -> Result<Vec<MovedRow>> {
    let mut query =
        db.prepare_cached("SELECT fingerprint, length, name FROM moved WHERE function_id = ?1 ORDER BY name")?;
    let row = |row: &Row<'_>| {
        Ok(MovedRow { fingerprint: row.get(0)?, length: row.get::<_, u32>(1)? as usize, name: row.get(2)? })
    };
    Ok(query.query_map([function.0], row)?.collect::<rusqlite::Result<_>>()?)
}

pub fn remember(db: &Connection, function: FunctionId, row: &MovedRow) -> Result<()> {
    db.execute(
        "INSERT INTO moved (function_id, fingerprint, length, name) VALUES (?1, ?2, ?3, ?4)
         ON CONFLICT (function_id, fingerprint) DO UPDATE SET name = ?4",
        params![function.0, row.fingerprint, row.length as i64, row.name],
    )?;
    Ok(())
}

/// All but those that are sealed still: undoing puts such a value back into the code, unasked.
pub fn forget(db: &Connection, function: FunctionId, rows: &[MovedRow]) -> Result<()> {
    let mut forget = db.prepare_cached(
        "DELETE FROM moved WHERE function_id = ?1 AND fingerprint = ?2
         AND NOT EXISTS (SELECT 1 FROM revisions WHERE fingerprint = ?2)",
    )?;
    for row in rows {
        forget.execute(params![function.0, row.fingerprint])?;
    }
    Ok(())
}
