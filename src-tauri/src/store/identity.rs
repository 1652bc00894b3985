//! Which vault sealed the values: its id, its key's id and check value, and how often that key has sealed. The key
//! itself is in the keychain and nowhere else.

use rusqlite::{Connection, OptionalExtension, params};

use super::{Found, Result};

pub(super) const SCHEMA: &str = "
CREATE TABLE identity (
    only_row INTEGER PRIMARY KEY CHECK (only_row = 1),
    vault_id TEXT NOT NULL,
    key_id INTEGER NOT NULL,
    key_check BLOB NOT NULL,
    -- Seals ever made under the key, purged ones too: a key may make only so many.
    seals INTEGER NOT NULL
) STRICT;
";

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IdentityRow {
    pub vault_id: String,
    pub key_id: u32,
    pub check: Vec<u8>,
}

pub fn get(db: &Connection) -> Result<Option<IdentityRow>> {
    let row = db
        .prepare_cached("SELECT vault_id, key_id, key_check FROM identity")?
        .query_row([], |row| Ok(IdentityRow { vault_id: row.get(0)?, key_id: row.get(1)?, check: row.get(2)? }))
        .optional()?;
    Ok(row)
}

/// The identity of a key that has sealed nothing yet, in place of an earlier one. What that one sealed stays as it is.
pub fn set(db: &Connection, row: &IdentityRow) -> Result<()> {
    db.execute(
        "INSERT OR REPLACE INTO identity (only_row, vault_id, key_id, key_check, seals) VALUES (1, ?1, ?2, ?3, 0)",
        params![row.vault_id, row.key_id, row.check],
    )?;
    Ok(())
}

/// The vault's id and how many seals its key had made before this one, which is counted now.
pub fn count_seal(db: &Connection) -> Result<(String, u64)> {
    // RETURNING would do it in one, and take five times as long: it keeps its rows in a database of their own.
    db.prepare_cached("UPDATE identity SET seals = seals + 1")?.execute([])?;
    db.prepare_cached("SELECT vault_id, seals - 1 FROM identity")?
        .query_row([], |row| Ok((row.get(0)?, row.get::<_, i64>(1)?.unsigned_abs())))
        .found("vault")
}

/// Whether anything is sealed under this identity, or under any where there is none.
pub fn has_sealed(db: &Connection, identity: Option<&IdentityRow>) -> Result<bool> {
    let vault_id = identity.map(|row| row.vault_id.as_str());
    Ok(db.query_row(
        "SELECT EXISTS (SELECT 1 FROM revisions WHERE ?1 IS NULL OR vault_id = ?1)",
        [vault_id],
        |row| row.get(0),
    )?)
}
