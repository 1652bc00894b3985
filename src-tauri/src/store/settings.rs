//! What the user has settled for the whole app: a name and a value each.

use rusqlite::{Connection, OptionalExtension, Transaction, params};

use super::Result;

pub(super) const SCHEMA: &str = "
CREATE TABLE settings (
    name TEXT PRIMARY KEY,
    value TEXT NOT NULL
) STRICT, WITHOUT ROWID;
";

/// How many deployments of a function are kept on each target, with the values they bound.
pub const KEPT_DEPLOYMENTS: i64 = 20;

const KEPT: &str = "kept_deployments";

pub fn kept_deployments(db: &Connection) -> Result<i64> {
    let text: Option<String> = db
        .prepare_cached("SELECT value FROM settings WHERE name = ?1")?
        .query_row([KEPT], |row| row.get(0))
        .optional()?;
    Ok(text.and_then(|text| text.parse().ok()).unwrap_or(KEPT_DEPLOYMENTS))
}

pub fn keep_deployments(db: &Connection, count: i64) -> Result<()> {
    db.execute("INSERT OR REPLACE INTO settings (name, value) VALUES (?1, ?2)", params![KEPT, count.to_string()])?;
    Ok(())
}

const INSTALLATION: &str = "installation";

/// Tells this data folder from others: 16 hexadecimal digits, made when they are first asked for.
pub fn installation(db: &Transaction<'_>) -> Result<String> {
    db.execute("INSERT OR IGNORE INTO settings (name, value) VALUES (?1, lower(hex(randomblob(8))))", [INSTALLATION])?;
    Ok(db.query_row("SELECT value FROM settings WHERE name = ?1", [INSTALLATION], |row| row.get(0))?)
}
