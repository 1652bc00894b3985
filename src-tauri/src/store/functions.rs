//! Functions, their files and their schedules.

use rusqlite::{Connection, Row, params};

use super::{Changed, Found, Result, from_json, to_json};
use crate::function::{FunctionId, FunctionName, SourceFile, Trigger};

pub(super) const SCHEMA: &str = "
CREATE TABLE functions (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    name TEXT NOT NULL UNIQUE,
    -- What the code answered to when it last parsed.
    http INTEGER NOT NULL,
    scheduled INTEGER NOT NULL,
    -- JSON list of cron expressions, as the user wrote them.
    schedules TEXT NOT NULL DEFAULT '[]',
    compatibility_date TEXT NOT NULL,
    compatibility_flags TEXT NOT NULL DEFAULT '[]',
    -- The local address: chosen at the first deployment and kept.
    port INTEGER
) STRICT;
CREATE TABLE files (
    function_id INTEGER NOT NULL REFERENCES functions (id) ON DELETE CASCADE,
    path TEXT NOT NULL,
    text TEXT NOT NULL,
    PRIMARY KEY (function_id, path)
) STRICT, WITHOUT ROWID;
";

/// A function without its files.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FunctionRow {
    pub id: FunctionId,
    pub name: String,
    pub trigger: Trigger,
    pub schedules: Vec<String>,
    pub compatibility_date: String,
    pub compatibility_flags: Vec<String>,
    pub port: Option<u16>,
}

const COLUMNS: &str = "id, name, http, scheduled, schedules, compatibility_date, compatibility_flags, port";

fn row(row: &Row<'_>) -> rusqlite::Result<FunctionRow> {
    Ok(FunctionRow {
        id: FunctionId(row.get(0)?),
        name: row.get(1)?,
        trigger: Trigger { http: row.get(2)?, scheduled: row.get(3)? },
        schedules: from_json(&row.get::<_, String>(4)?)?,
        compatibility_date: row.get(5)?,
        compatibility_flags: from_json(&row.get::<_, String>(6)?)?,
        port: row.get(7)?,
    })
}

/// All functions, by name.
pub fn list(db: &Connection) -> Result<Vec<FunctionRow>> {
    let mut query = db.prepare_cached(&format!("SELECT {COLUMNS} FROM functions ORDER BY name"))?;
    Ok(query.query_map([], row)?.collect::<rusqlite::Result<_>>()?)
}

pub fn get(db: &Connection, id: FunctionId) -> Result<FunctionRow> {
    let mut query = db.prepare_cached(&format!("SELECT {COLUMNS} FROM functions WHERE id = ?1"))?;
    query.query_row([id.0], row).found("function")
}

pub fn names(db: &Connection) -> Result<Vec<String>> {
    let mut query = db.prepare_cached("SELECT name FROM functions")?;
    Ok(query.query_map([], |row| row.get(0))?.collect::<rusqlite::Result<_>>()?)
}

/// A new function; `row.id` and `row.port` are not used.
pub fn insert(db: &Connection, name: &FunctionName, new: &FunctionRow, files: &[SourceFile]) -> Result<FunctionId> {
    db.prepare_cached(
        "INSERT INTO functions (name, http, scheduled, schedules, compatibility_date, compatibility_flags)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
    )?
    .execute(params![
        name.as_str(),
        new.trigger.http,
        new.trigger.scheduled,
        to_json(&new.schedules),
        new.compatibility_date,
        to_json(&new.compatibility_flags)
    ])?;
    let id = FunctionId(db.last_insert_rowid());
    for file in files {
        add_file(db, id, &file.path, &file.text)?;
    }
    Ok(id)
}

pub fn rename(db: &Connection, id: FunctionId, name: &FunctionName) -> Result<()> {
    db.execute("UPDATE functions SET name = ?2 WHERE id = ?1", params![id.0, name.as_str()]).changed("function")
}

pub fn set_trigger(db: &Connection, id: FunctionId, trigger: Trigger) -> Result<()> {
    let mut change = db.prepare_cached("UPDATE functions SET http = ?2, scheduled = ?3 WHERE id = ?1")?;
    change.execute(params![id.0, trigger.http, trigger.scheduled]).changed("function")
}

pub fn set_schedules(db: &Connection, id: FunctionId, schedules: &[String]) -> Result<()> {
    db.execute("UPDATE functions SET schedules = ?2 WHERE id = ?1", params![id.0, to_json(schedules)])
        .changed("function")
}

pub fn set_compatibility_flags(db: &Connection, id: FunctionId, flags: &[String]) -> Result<()> {
    db.execute("UPDATE functions SET compatibility_flags = ?2 WHERE id = ?1", params![id.0, to_json(flags)])
        .changed("function")
}

pub fn set_port(db: &Connection, id: FunctionId, port: u16) -> Result<()> {
    db.execute("UPDATE functions SET port = ?2 WHERE id = ?1", params![id.0, port]).changed("function")
}

/// Its files go with it. Its secrets and deployments are the business of their own tables.
pub fn delete(db: &Connection, id: FunctionId) -> Result<()> {
    db.execute("DELETE FROM functions WHERE id = ?1", [id.0]).changed("function")
}

/// The files, by path.
pub fn files(db: &Connection, id: FunctionId) -> Result<Vec<SourceFile>> {
    let mut query = db.prepare_cached("SELECT path, text FROM files WHERE function_id = ?1 ORDER BY path")?;
    let files = query.query_map([id.0], |row| Ok(SourceFile { path: row.get(0)?, text: row.get(1)? }))?;
    Ok(files.collect::<rusqlite::Result<_>>()?)
}

pub fn add_file(db: &Connection, id: FunctionId, path: &str, text: &str) -> Result<()> {
    get(db, id)?;
    let mut add = db.prepare_cached("INSERT INTO files (function_id, path, text) VALUES (?1, ?2, ?3)")?;
    add.execute(params![id.0, path, text])?;
    Ok(())
}

pub fn save_file(db: &Connection, id: FunctionId, path: &str, text: &str) -> Result<()> {
    let mut save = db.prepare_cached("UPDATE files SET text = ?3 WHERE function_id = ?1 AND path = ?2")?;
    save.execute(params![id.0, path, text]).changed("file")
}

pub fn rename_file(db: &Connection, id: FunctionId, path: &str, to: &str) -> Result<()> {
    let rename = "UPDATE files SET path = ?3 WHERE function_id = ?1 AND path = ?2";
    db.execute(rename, params![id.0, path, to]).changed("file")
}

pub fn delete_file(db: &Connection, id: FunctionId, path: &str) -> Result<()> {
    db.execute("DELETE FROM files WHERE function_id = ?1 AND path = ?2", params![id.0, path]).changed("file")
}
