//! Deployments: what was sent, which revisions it bound, and how it ended.
//!
//! Kept for each function and target: the one that is live, and the last attempt if it failed.

use rusqlite::{Connection, OptionalExtension, params};
use serde::{Deserialize, Serialize};

use super::{Result, from_json, to_json};
use crate::function::{FunctionId, SourceFile};

pub(super) const SCHEMA: &str = "
CREATE TABLE deployments (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    function_id INTEGER NOT NULL REFERENCES functions (id) ON DELETE CASCADE,
    target TEXT NOT NULL,
    number INTEGER NOT NULL,
    -- 'live' or 'failed'
    outcome TEXT NOT NULL,
    at INTEGER NOT NULL,
    -- What was sent, as JSON lists: the sources, the modules made from them, and what goes with them.
    files TEXT NOT NULL DEFAULT '[]',
    modules TEXT NOT NULL DEFAULT '[]',
    schedules TEXT NOT NULL DEFAULT '[]',
    compatibility_date TEXT NOT NULL DEFAULT '',
    compatibility_flags TEXT NOT NULL DEFAULT '[]',
    -- JSON, where it failed.
    failure TEXT,
    UNIQUE (function_id, target, number)
) STRICT;
CREATE TABLE bindings (
    deployment_id INTEGER NOT NULL REFERENCES deployments (id) ON DELETE CASCADE,
    secret_id INTEGER NOT NULL,
    revision INTEGER NOT NULL,
    PRIMARY KEY (deployment_id, secret_id),
    FOREIGN KEY (secret_id, revision) REFERENCES revisions (secret_id, revision)
) STRICT, WITHOUT ROWID;
";

/// The local workerd. Other targets get names of their own.
pub const LOCAL: &str = "local";

/// What a target was given, apart from the secrets.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Code {
    pub files: Vec<SourceFile>,
    pub modules: Vec<StoredModule>,
    pub schedules: Vec<String>,
    pub compatibility_date: String,
    pub compatibility_flags: Vec<String>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StoredModule {
    pub name: String,
    pub code: String,
    pub map: String,
}

/// What is live, as far as it is compared with what the function is now.
#[derive(Clone, Debug)]
pub struct LiveRow {
    pub number: i64,
    pub files: Vec<SourceFile>,
    pub schedules: Vec<String>,
    /// Secret id and revision, for each secret that was bound, by id.
    pub bound: Vec<(i64, i64)>,
}

pub fn live(db: &Connection, function: FunctionId) -> Result<Option<LiveRow>> {
    let row = db
        .prepare_cached(
            "SELECT id, number, files, schedules FROM deployments
             WHERE function_id = ?1 AND target = ?2 AND outcome = 'live'",
        )?
        .query_row(params![function.0, LOCAL], |row| {
            let (files, schedules) = (row.get::<_, String>(2)?, row.get::<_, String>(3)?);
            Ok((row.get::<_, i64>(0)?, row.get(1)?, from_json(&files)?, from_json(&schedules)?))
        })
        .optional()?;
    let Some((id, number, files, schedules)) = row else { return Ok(None) };
    let mut query =
        db.prepare_cached("SELECT secret_id, revision FROM bindings WHERE deployment_id = ?1 ORDER BY secret_id")?;
    let bound = query.query_map([id], |row| Ok((row.get(0)?, row.get(1)?)))?.collect::<rusqlite::Result<_>>()?;
    Ok(Some(LiveRow { number, files, schedules, bound }))
}

/// What is live, as far as it takes to start it again, with its id for the values that it bound. `files` stays empty.
pub fn live_code(db: &Connection, function: FunctionId) -> Result<Option<(i64, Code)>> {
    let row = db
        .prepare_cached(
            "SELECT id, modules, schedules, compatibility_date, compatibility_flags FROM deployments
             WHERE function_id = ?1 AND target = ?2 AND outcome = 'live'",
        )?
        .query_row(params![function.0, LOCAL], |row| {
            let code = Code {
                files: Vec::new(),
                modules: from_json(&row.get::<_, String>(1)?)?,
                schedules: from_json(&row.get::<_, String>(2)?)?,
                compatibility_date: row.get(3)?,
                compatibility_flags: from_json(&row.get::<_, String>(4)?)?,
            };
            Ok((row.get(0)?, code))
        })
        .optional()?;
    Ok(row)
}

/// The schedules of everything that is live.
pub fn live_schedules(db: &Connection) -> Result<Vec<(FunctionId, String)>> {
    let mut query = db.prepare_cached(
        "SELECT function_id, expression.value FROM deployments, json_each(schedules) AS expression
         WHERE target = ?1 AND outcome = 'live'",
    )?;
    let schedules = query.query_map([LOCAL], |row| Ok((FunctionId(row.get(0)?), row.get(1)?)))?;
    Ok(schedules.collect::<rusqlite::Result<_>>()?)
}

/// Why the last attempt failed, if it did, in the words it was recorded with.
pub fn failure(db: &Connection, function: FunctionId) -> Result<Option<String>> {
    let text = db
        .prepare_cached(
            "SELECT failure FROM deployments WHERE function_id = ?1 AND target = ?2 AND outcome = 'failed'",
        )?
        .query_row(params![function.0, LOCAL], |row| row.get(0))
        .optional()?;
    Ok(text)
}

/// Records a deployment that is live now, in place of the one before it and of a failed attempt.
pub fn record_live(db: &Connection, function: FunctionId, code: &Code, bound: &[(i64, i64)], at: i64) -> Result<i64> {
    let number = next_number(db, function)?;
    db.execute("DELETE FROM deployments WHERE function_id = ?1 AND target = ?2", params![function.0, LOCAL])?;
    db.prepare_cached(
        "INSERT INTO deployments (function_id, target, number, outcome, at,
             files, modules, schedules, compatibility_date, compatibility_flags)
         VALUES (?1, ?2, ?3, 'live', ?4, ?5, ?6, ?7, ?8, ?9)",
    )?
    .execute(params![
        function.0,
        LOCAL,
        number,
        at,
        to_json(&code.files),
        to_json(&code.modules),
        to_json(&code.schedules),
        code.compatibility_date,
        to_json(&code.compatibility_flags)
    ])?;
    let id = db.last_insert_rowid();
    let mut bind =
        db.prepare_cached("INSERT INTO bindings (deployment_id, secret_id, revision) VALUES (?1, ?2, ?3)")?;
    for (secret, revision) in bound {
        bind.execute(params![id, secret, revision])?;
    }
    Ok(number)
}

/// Records an attempt that failed, in place of an earlier one. What is live stays.
pub fn record_failed(db: &Connection, function: FunctionId, failure: &str, at: i64) -> Result<()> {
    let number = next_number(db, function)?;
    db.execute(
        "DELETE FROM deployments WHERE function_id = ?1 AND target = ?2 AND outcome = 'failed'",
        params![function.0, LOCAL],
    )?;
    db.execute(
        "INSERT INTO deployments (function_id, target, number, outcome, at, failure)
         VALUES (?1, ?2, ?3, 'failed', ?4, ?5)",
        params![function.0, LOCAL, number, at, failure],
    )?;
    Ok(())
}

fn next_number(db: &Connection, function: FunctionId) -> Result<i64> {
    Ok(db.query_row(
        "SELECT coalesce(max(number), 0) + 1 FROM deployments WHERE function_id = ?1 AND target = ?2",
        params![function.0, LOCAL],
        |row| row.get(0),
    )?)
}
