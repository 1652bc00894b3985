//! Deployments: what was sent to a target, which revisions it bound, and how it ended.
//!
//! For each function and target one is live. The others, failed attempts among them, are history, of which as many are
//! kept as the settings say; what they bound is kept with them, so that each can be gone back to.

use std::collections::BTreeMap;

use rusqlite::{Connection, OptionalExtension, Row, params, types::Null};
use serde::{Deserialize, Serialize};

use super::{
    Found, Result, from_json,
    targets::{still_there, target_of},
    to_json,
    variables::Bound,
};
use crate::{
    deployment::TargetId,
    function::{FunctionId, SourceFile},
};

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

/// An outcome can be 'past' from here on: it was live once.
pub(super) const HISTORY: &str = "
ALTER TABLE deployments ADD COLUMN message TEXT NOT NULL DEFAULT '';
-- JSON list of names and values.
ALTER TABLE deployments ADD COLUMN variables TEXT NOT NULL DEFAULT '[]';
-- What the target calls this version, where it keeps versions.
ALTER TABLE deployments ADD COLUMN version TEXT;
-- JSON list of what failed after the switch and can be tried again.
ALTER TABLE deployments ADD COLUMN unfinished TEXT NOT NULL DEFAULT '[]';
";

/// Nothing in deployments from before this.
pub(super) const PACKAGES: &str = "
-- What tells the packages that went into the modules from others.
ALTER TABLE deployments ADD COLUMN packages TEXT;
";

/// What a target was given, apart from the secrets.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Code {
    pub files: Vec<SourceFile>,
    pub modules: Vec<StoredModule>,
    pub schedules: Vec<String>,
    pub variables: Vec<Bound>,
    pub compatibility_date: String,
    pub compatibility_flags: Vec<String>,
    /// What tells the packages in it from others; `None` where that was not kept yet.
    pub packages: Option<String>,
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
    pub id: i64,
    pub target: TargetId,
    pub number: i64,
    pub files: Vec<SourceFile>,
    pub schedules: Vec<String>,
    pub variables: Vec<Bound>,
    pub compatibility_date: String,
    pub compatibility_flags: Vec<String>,
    pub packages: Option<String>,
    pub version: Option<String>,
    /// JSON list of what failed after the switch.
    pub unfinished: String,
    /// Secret id and revision, for each secret that was bound, by id.
    pub bound: Vec<(i64, i64)>,
}

/// A deployment as the history lists it.
#[derive(Clone, Debug)]
pub struct PastRow {
    pub id: i64,
    pub target: TargetId,
    pub number: i64,
    pub outcome: String,
    pub at: i64,
    pub message: String,
    pub failure: Option<String>,
    pub secrets: Vec<String>,
}

/// What is recorded of a deployment that is live now.
pub struct New<'a> {
    pub code: &'a Code,
    pub bound: &'a [(i64, i64)],
    pub message: &'a str,
    pub version: Option<&'a str>,
    pub at: i64,
}

/// What is live, on each target where anything is.
pub fn live(db: &Connection, function: FunctionId) -> Result<Vec<LiveRow>> {
    let mut query = db.prepare_cached(
        "SELECT id, target, number, files, schedules, variables, compatibility_date, compatibility_flags, version,
             unfinished, packages
         FROM deployments WHERE function_id = ?1 AND outcome = 'live'",
    )?;
    let rows = query.query_map([function.0], |row| {
        Ok(LiveRow {
            id: row.get(0)?,
            target: target_of(row, 1)?,
            number: row.get(2)?,
            files: from_json(&row.get::<_, String>(3)?)?,
            schedules: from_json(&row.get::<_, String>(4)?)?,
            variables: from_json(&row.get::<_, String>(5)?)?,
            compatibility_date: row.get(6)?,
            compatibility_flags: from_json(&row.get::<_, String>(7)?)?,
            version: row.get(8)?,
            unfinished: row.get(9)?,
            packages: row.get(10)?,
            bound: Vec::new(),
        })
    })?;
    let mut rows = rows.collect::<rusqlite::Result<Vec<_>>>()?;
    for row in &mut rows {
        row.bound = bound(db, row.id)?;
    }
    Ok(rows)
}

/// Secret id and revision, by id.
pub fn bound(db: &Connection, deployment: i64) -> Result<Vec<(i64, i64)>> {
    let mut query =
        db.prepare_cached("SELECT secret_id, revision FROM bindings WHERE deployment_id = ?1 ORDER BY secret_id")?;
    Ok(query.query_map([deployment], |row| Ok((row.get(0)?, row.get(1)?)))?.collect::<rusqlite::Result<_>>()?)
}

/// The names of the secrets that a deployment bound.
pub fn names_bound(db: &Connection, deployment: i64) -> Result<Vec<String>> {
    Ok(revisions_bound(db, deployment)?.into_keys().collect())
}

/// The secret and revision that stood behind each name in a deployment.
pub fn revisions_bound(db: &Connection, deployment: i64) -> Result<BTreeMap<String, (i64, i64)>> {
    let mut query = db.prepare_cached(
        "SELECT name, secret_id, bindings.revision FROM bindings JOIN secrets ON secrets.id = secret_id
         WHERE deployment_id = ?1",
    )?;
    let rows = query.query_map([deployment], |row| Ok((row.get(0)?, (row.get(1)?, row.get(2)?))))?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// What is live on a target, as far as it takes to start it again, with its id for the values that it bound.
pub fn live_code(db: &Connection, function: FunctionId, target: TargetId) -> Result<Option<(i64, Code)>> {
    let id = db
        .prepare_cached("SELECT id FROM deployments WHERE function_id = ?1 AND target = ?2 AND outcome = 'live'")?
        .query_row(params![function.0, target.key()], |row| row.get(0))
        .optional()?;
    id.map(|id| Ok((id, code(db, id)?))).transpose()
}

/// Everything that was sent with a deployment, apart from the secrets.
pub fn code(db: &Connection, deployment: i64) -> Result<Code> {
    db.prepare_cached(
        "SELECT files, modules, schedules, variables, compatibility_date, compatibility_flags, packages
         FROM deployments WHERE id = ?1",
    )?
    .query_row([deployment], |row| {
        Ok(Code {
            files: from_json(&row.get::<_, String>(0)?)?,
            modules: from_json(&row.get::<_, String>(1)?)?,
            schedules: from_json(&row.get::<_, String>(2)?)?,
            variables: from_json(&row.get::<_, String>(3)?)?,
            compatibility_date: row.get(4)?,
            compatibility_flags: from_json(&row.get::<_, String>(5)?)?,
            packages: row.get(6)?,
        })
    })
    .found("deployment")
}

/// The schedules of everything that is live here, and since when. Other targets keep their own time.
pub fn local_schedules(db: &Connection) -> Result<Vec<(FunctionId, String, i64)>> {
    let mut query = db.prepare_cached(
        "SELECT function_id, expression.value, deployments.at FROM deployments, json_each(schedules) AS expression
         WHERE target = ?1 AND outcome = 'live'",
    )?;
    let schedules =
        query.query_map([TargetId::LOCAL.key()], |row| Ok((FunctionId(row.get(0)?), row.get(1)?, row.get(2)?)))?;
    Ok(schedules.collect::<rusqlite::Result<_>>()?)
}

/// Why the last attempt on each target failed, where it did, in the words it was recorded with.
pub fn failures(db: &Connection, function: FunctionId) -> Result<Vec<(TargetId, String)>> {
    let mut query = db.prepare_cached(
        "SELECT target, failure FROM deployments AS attempt WHERE function_id = ?1 AND outcome = 'failed'
         AND number = (SELECT max(number) FROM deployments WHERE function_id = ?1 AND target = attempt.target)",
    )?;
    let rows = query.query_map([function.0], |row| Ok((target_of(row, 0)?, row.get(1)?)))?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// Every deployment that is kept of a function, the newest first.
pub fn history(db: &Connection, function: FunctionId) -> Result<Vec<PastRow>> {
    let mut query = db.prepare_cached(
        "SELECT id, target, number, outcome, at, message, failure,
             (SELECT json_group_array(name) FROM (SELECT name FROM bindings JOIN secrets ON secrets.id = secret_id
              WHERE deployment_id = deployments.id ORDER BY name))
         FROM deployments WHERE function_id = ?1 ORDER BY id DESC",
    )?;
    Ok(query.query_map([function.0], past_row)?.collect::<rusqlite::Result<_>>()?)
}

fn past_row(row: &Row<'_>) -> rusqlite::Result<PastRow> {
    Ok(PastRow {
        id: row.get(0)?,
        target: target_of(row, 1)?,
        number: row.get(2)?,
        outcome: row.get(3)?,
        at: row.get(4)?,
        message: row.get(5)?,
        failure: row.get(6)?,
        secrets: from_json(&row.get::<_, String>(7)?)?,
    })
}

/// Which function and target a deployment is of, its number, and what the target calls it.
pub fn find(db: &Connection, deployment: i64) -> Result<(FunctionId, TargetId, i64, Option<String>)> {
    db.prepare_cached("SELECT function_id, target, number, version FROM deployments WHERE id = ?1")?
        .query_row([deployment], |row| Ok((FunctionId(row.get(0)?), target_of(row, 1)?, row.get(2)?, row.get(3)?)))
        .found("deployment")
}

/// What the target calls the versions of the deployments that are kept.
pub fn versions(db: &Connection, function: FunctionId, target: TargetId) -> Result<Vec<String>> {
    let mut query = db.prepare_cached(
        "SELECT version FROM deployments WHERE function_id = ?1 AND target = ?2 AND version IS NOT NULL",
    )?;
    let versions = query.query_map(params![function.0, target.key()], |row| row.get(0))?;
    Ok(versions.collect::<rusqlite::Result<_>>()?)
}

/// What was deployed just before, on the same target; none where it was the first that is kept.
pub fn before(db: &Connection, deployment: i64) -> Result<Option<i64>> {
    Ok(db
        .prepare_cached(
            "SELECT before.id FROM deployments AS this JOIN deployments AS before
                 ON before.function_id = this.function_id AND before.target = this.target
                 AND before.number < this.number AND before.outcome <> 'failed'
             WHERE this.id = ?1 ORDER BY before.number DESC LIMIT 1",
        )?
        .query_row([deployment], |row| row.get(0))
        .optional()?)
}

/// Records a deployment that is live now, in place of the one before it, and forgets what is beyond `kept`.
pub fn record_live(
    db: &Connection,
    function: FunctionId,
    target: TargetId,
    new: &New<'_>,
    kept: i64,
) -> Result<(i64, i64)> {
    still_there(db, target)?;
    let number = next_number(db, function, target)?;
    db.prepare_cached(
        "UPDATE deployments SET outcome = 'past' WHERE function_id = ?1 AND target = ?2 AND outcome = 'live'",
    )?
    .execute(params![function.0, target.key()])?;
    db.prepare_cached(
        "INSERT INTO deployments (function_id, target, number, outcome, at, message, version,
             files, modules, schedules, variables, compatibility_date, compatibility_flags, packages)
         VALUES (?1, ?2, ?3, 'live', ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)",
    )?
    .execute(params![
        function.0,
        target.key(),
        number,
        new.at,
        new.message,
        new.version,
        to_json(&new.code.files),
        to_json(&new.code.modules),
        to_json(&new.code.schedules),
        to_json(&new.code.variables),
        new.code.compatibility_date,
        to_json(&new.code.compatibility_flags),
        new.code.packages
    ])?;
    let id = db.last_insert_rowid();
    let mut bind =
        db.prepare_cached("INSERT INTO bindings (deployment_id, secret_id, revision) VALUES (?1, ?2, ?3)")?;
    for (secret, revision) in new.bound {
        bind.execute(params![id, secret, revision])?;
    }
    forget_beyond(db, Some((function, target)), kept)?;
    Ok((id, number))
}

/// Records an attempt that failed. What is live stays.
pub fn record_failed(
    db: &Connection,
    function: FunctionId,
    target: TargetId,
    failure: &str,
    at: i64,
    kept: i64,
) -> Result<()> {
    still_there(db, target)?;
    let number = next_number(db, function, target)?;
    db.prepare_cached(
        "INSERT INTO deployments (function_id, target, number, outcome, at, failure)
         VALUES (?1, ?2, ?3, 'failed', ?4, ?5)",
    )?
    .execute(params![function.0, target.key(), number, at, failure])?;
    forget_beyond(db, Some((function, target)), kept)
}

/// What failed after the switch, as a JSON list; an empty one once all is done.
pub fn set_unfinished(db: &Connection, deployment: i64, unfinished: &str) -> Result<()> {
    db.execute("UPDATE deployments SET unfinished = ?2 WHERE id = ?1", params![deployment, unfinished])?;
    Ok(())
}

/// Everything that was deployed to a target that is gone, or of a function that is gone from there.
pub fn delete(db: &Connection, function: Option<FunctionId>, target: TargetId) -> Result<()> {
    db.execute(
        "DELETE FROM deployments WHERE target = ?1 AND (?2 IS NULL OR function_id = ?2)",
        params![target.key(), function.map(|id| id.0)],
    )?;
    Ok(())
}

/// Those of a function that are not live. Answers how many went.
pub fn forget(db: &Connection, function: FunctionId, deployments: &[i64]) -> Result<usize> {
    Ok(db.execute(
        "DELETE FROM deployments WHERE function_id = ?1 AND outcome <> 'live'
         AND id IN (SELECT value FROM json_each(?2))",
        params![function.0, to_json(deployments)],
    )?)
}

/// What is too old to be kept, of one function on one target or of all. What failed is counted apart, so that one mistake
/// after the other takes nothing away that could be rolled back to. The live one stays however old it is.
const BEYOND: &str = "
    SELECT id FROM (SELECT id, outcome, row_number() OVER
                        (PARTITION BY function_id, target, outcome = 'failed' ORDER BY number DESC) AS place
                    FROM deployments WHERE (?2 IS NULL OR function_id = ?2) AND (?3 IS NULL OR target = ?3))
    WHERE outcome <> 'live' AND place > ?1";

/// Forgets what is beyond `kept`.
pub fn forget_beyond(db: &Connection, of: Option<(FunctionId, TargetId)>, kept: i64) -> Result<()> {
    let (function, target) = of.map(|(function, target)| (function.0, target.key())).unzip();
    db.prepare_cached(&format!("DELETE FROM deployments WHERE id IN ({BEYOND})"))?
        .execute(params![kept, function, target])?;
    Ok(())
}

/// How many would go of those that can be rolled back to, which one that failed never could.
pub fn count_beyond(db: &Connection, kept: i64) -> Result<i64> {
    let count = format!("SELECT count(*) FROM deployments WHERE outcome = 'past' AND id IN ({BEYOND})");
    Ok(db.query_row(&count, params![kept, Null, Null], |row| row.get(0))?)
}

fn next_number(db: &Connection, function: FunctionId, target: TargetId) -> Result<i64> {
    Ok(db
        .prepare_cached("SELECT coalesce(max(number), 0) + 1 FROM deployments WHERE function_id = ?1 AND target = ?2")?
        .query_row(params![function.0, target.key()], |row| row.get(0))?)
}
