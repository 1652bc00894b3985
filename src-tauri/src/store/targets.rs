//! Where functions are deployed to: the accounts that were added, which of them each function goes to, and under which
//! name and address it stands there. The local target is always there and has no row.

use rusqlite::{Connection, OptionalExtension, Row, params};

use serde::{Deserialize, Serialize};

use super::{Changed, Found, Result, from_json, to_json};
use crate::{deployment::TargetId, function::FunctionId};

pub(super) const SCHEMA: &str = "
CREATE TABLE targets (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    name TEXT NOT NULL UNIQUE,
    base_url TEXT NOT NULL,
    account_id TEXT NOT NULL,
    account_name TEXT NOT NULL,
    -- Stands after the function's name in the name of its script.
    suffix TEXT NOT NULL DEFAULT ''
) STRICT;
-- Where Deploy deploys a function to.
CREATE TABLE chosen (
    function_id INTEGER NOT NULL REFERENCES functions (id) ON DELETE CASCADE,
    target TEXT NOT NULL,
    PRIMARY KEY (function_id, target)
) STRICT, WITHOUT ROWID;
-- The script that a function became at its first deployment, and stays.
CREATE TABLE scripts (
    function_id INTEGER NOT NULL REFERENCES functions (id) ON DELETE CASCADE,
    target TEXT NOT NULL,
    script TEXT NOT NULL,
    address TEXT,
    -- JSON list of what is bound there and does not come from here.
    held TEXT NOT NULL DEFAULT '[]',
    PRIMARY KEY (function_id, target),
    UNIQUE (target, script)
) STRICT, WITHOUT ROWID;
";

/// Until this, what was deployed to a target while it was removed was recorded there.
pub(super) const GONE: &str = "
DELETE FROM chosen WHERE target <> 'local' AND target NOT IN (SELECT CAST(id AS TEXT) FROM targets);
DELETE FROM scripts WHERE target NOT IN (SELECT CAST(id AS TEXT) FROM targets);
DELETE FROM deployments WHERE target <> 'local' AND target NOT IN (SELECT CAST(id AS TEXT) FROM targets);
";

/// An account that functions are deployed to. Its token is a secret that it owns.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TargetRow {
    pub id: TargetId,
    pub name: String,
    pub base_url: String,
    pub account_id: String,
    pub account_name: String,
    pub suffix: String,
}

impl TargetRow {
    /// Whether what stands on one stands on the other, too.
    pub fn shares_account(&self, other: &Self) -> bool {
        let base = |row: &Self| row.base_url.trim_end_matches('/').to_ascii_lowercase();
        self.account_id == other.account_id && base(self) == base(other)
    }
}

/// What a function is called on a target, and where it answers there. It is here before anything is sent: a function
/// whose first deployment broke off may be there, and nothing is recorded as live.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ScriptRow {
    pub target: TargetId,
    pub script: String,
    pub address: Option<String>,
    /// What is bound there and does not come from here. It is kept.
    pub held: Vec<Held>,
}

/// A binding of the target that Postern does not own.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Held {
    pub name: String,
    /// `secret_text`, `kv_namespace` and others, as the target calls it.
    pub kind: String,
}

impl Held {
    /// Whether a secret or a variable could be bound in its place.
    pub fn is_text(&self) -> bool {
        ["secret_text", "plain_text", "json"].contains(&self.kind.as_str())
    }
}

const COLUMNS: &str = "id, name, base_url, account_id, account_name, suffix";

fn row(row: &Row<'_>) -> rusqlite::Result<TargetRow> {
    Ok(TargetRow {
        id: TargetId(row.get(0)?),
        name: row.get(1)?,
        base_url: row.get(2)?,
        account_id: row.get(3)?,
        account_name: row.get(4)?,
        suffix: row.get(5)?,
    })
}

/// All but the local one, in the order in which they were added.
pub fn list(db: &Connection) -> Result<Vec<TargetRow>> {
    let mut query = db.prepare_cached(&format!("SELECT {COLUMNS} FROM targets ORDER BY id"))?;
    Ok(query.query_map([], row)?.collect::<rusqlite::Result<_>>()?)
}

pub fn get(db: &Connection, id: TargetId) -> Result<TargetRow> {
    let mut query = db.prepare_cached(&format!("SELECT {COLUMNS} FROM targets WHERE id = ?1"))?;
    query.query_row([id.0], row).found("target")
}

/// Asked in the change that records something of it: it may have been removed since that began.
pub(super) fn still_there(db: &Connection, id: TargetId) -> Result<()> {
    if id == TargetId::LOCAL { Ok(()) } else { get(db, id).map(drop) }
}

/// A new target; `new.id` is not used.
pub fn insert(db: &Connection, new: &TargetRow) -> Result<TargetId> {
    db.execute(
        "INSERT INTO targets (name, base_url, account_id, account_name, suffix) VALUES (?1, ?2, ?3, ?4, ?5)",
        params![new.name, new.base_url, new.account_id, new.account_name, new.suffix],
    )?;
    Ok(TargetId(db.last_insert_rowid()))
}

/// Its secrets and deployments are the business of their own tables.
pub fn delete(db: &Connection, id: TargetId) -> Result<()> {
    db.execute("DELETE FROM chosen WHERE target = ?1", [id.key()])?;
    db.execute("DELETE FROM scripts WHERE target = ?1", [id.key()])?;
    db.execute("DELETE FROM targets WHERE id = ?1", [id.0]).changed("target")
}

/// Where Deploy deploys the function to: the local target, where nothing was chosen yet.
pub fn chosen(db: &Connection, function: FunctionId) -> Result<Vec<TargetId>> {
    let mut query = db.prepare_cached("SELECT target FROM chosen WHERE function_id = ?1")?;
    let keys = query.query_map([function.0], |row| row.get::<_, String>(0))?.collect::<rusqlite::Result<Vec<_>>>()?;
    let mut chosen: Vec<TargetId> = keys.iter().filter_map(|key| TargetId::from_key(key)).collect();
    chosen.sort_unstable();
    Ok(if chosen.is_empty() { vec![TargetId::LOCAL] } else { chosen })
}

pub fn choose(db: &Connection, function: FunctionId, targets: &[TargetId]) -> Result<()> {
    db.execute("DELETE FROM chosen WHERE function_id = ?1", [function.0])?;
    let mut insert = db.prepare_cached("INSERT OR IGNORE INTO chosen (function_id, target) VALUES (?1, ?2)")?;
    for target in targets {
        insert.execute(params![function.0, target.key()])?;
    }
    Ok(())
}

/// Every script that the function has become.
pub fn scripts(db: &Connection, function: FunctionId) -> Result<Vec<ScriptRow>> {
    let mut query = db.prepare_cached("SELECT target, script, address, held FROM scripts WHERE function_id = ?1")?;
    let rows = query.query_map([function.0], |row| {
        Ok(ScriptRow {
            target: target_of(row, 0)?,
            script: row.get(1)?,
            address: row.get(2)?,
            held: from_json(&row.get::<_, String>(3)?)?,
        })
    })?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// Which of our functions has a script of this name in the target's account, and on which target of it. `besides`: what
/// this function is on the target itself does not count.
pub fn owner_of(
    db: &Connection,
    target: TargetId,
    script: &str,
    besides: Option<FunctionId>,
) -> Result<Option<(FunctionId, TargetRow)>> {
    let this = get(db, target)?;
    let mut query = db.prepare_cached("SELECT function_id FROM scripts WHERE target = ?1 AND script = ?2")?;
    for row in list(db)?.into_iter().filter(|row| row.shares_account(&this)) {
        let owner = query.query_row(params![row.id.key(), script], |row| Ok(FunctionId(row.get(0)?))).optional()?;
        if let Some(owner) = owner.filter(|owner| row.id != target || Some(*owner) != besides) {
            return Ok(Some((owner, row)));
        }
    }
    Ok(None)
}

/// The function is about to become this script, and may be it from now on. Answers whether it was none so far: what it
/// is already stays.
pub fn begin_script(db: &Connection, function: FunctionId, target: TargetId, script: &str) -> Result<bool> {
    still_there(db, target)?;
    let begin = "INSERT INTO scripts (function_id, target, script) VALUES (?1, ?2, ?3) ON CONFLICT (function_id, target) DO NOTHING";
    Ok(db.prepare_cached(begin)?.execute(params![function.0, target.key(), script])? > 0)
}

pub fn set_script(db: &Connection, function: FunctionId, script: &ScriptRow) -> Result<()> {
    still_there(db, script.target)?;
    db.prepare_cached(
        "INSERT INTO scripts (function_id, target, script, address, held) VALUES (?1, ?2, ?3, ?4, ?5)
         ON CONFLICT (function_id, target) DO UPDATE SET script = ?3, address = ?4, held = ?5",
    )?
    .execute(params![function.0, script.target.key(), script.script, script.address, to_json(&script.held)])?;
    Ok(())
}

/// The function is gone from there.
pub fn forget_script(db: &Connection, function: FunctionId, target: TargetId) -> Result<()> {
    db.execute("DELETE FROM scripts WHERE function_id = ?1 AND target = ?2", params![function.0, target.key()])?;
    Ok(())
}

/// A column that holds a target's key.
pub(super) fn target_of(row: &Row<'_>, column: usize) -> rusqlite::Result<TargetId> {
    let key: String = row.get(column)?;
    TargetId::from_key(&key).ok_or(rusqlite::Error::InvalidColumnType(column, key, rusqlite::types::Type::Text))
}
