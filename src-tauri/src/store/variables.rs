//! Variables: what stands beside secrets and is not secret. Plain text, for all targets or for one.

use rusqlite::{Connection, params};
use serde::{Deserialize, Serialize};

use super::{Changed, Result};
use crate::{
    function::FunctionId,
    secret::{Scope, SecretName},
};

pub(super) const SCHEMA: &str = "
CREATE TABLE variables (
    function_id INTEGER NOT NULL REFERENCES functions (id) ON DELETE CASCADE,
    scope TEXT NOT NULL,
    name TEXT NOT NULL,
    value TEXT NOT NULL,
    PRIMARY KEY (function_id, name, scope)
) STRICT, WITHOUT ROWID;
";

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VariableRow {
    pub name: String,
    pub scope: Scope,
    pub value: String,
}

/// A variable as it was deployed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Bound {
    pub name: String,
    pub value: String,
}

/// A function's variables, by name; the value for all targets before those for one.
pub fn list(db: &Connection, function: FunctionId) -> Result<Vec<VariableRow>> {
    let mut query = db.prepare_cached(
        "SELECT name, scope, value FROM variables WHERE function_id = ?1 ORDER BY name, scope <> 'all', scope",
    )?;
    let rows = query.query_map([function.0], |row| {
        Ok(VariableRow { name: row.get(0)?, scope: super::secrets::scope_of(row, 1)?, value: row.get(2)? })
    })?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// Whether a variable of the function has this name, for whichever target.
pub fn exists(db: &Connection, function: FunctionId, name: &str) -> Result<bool> {
    let mut query =
        db.prepare_cached("SELECT EXISTS (SELECT 1 FROM variables WHERE function_id = ?1 AND name = ?2)")?;
    Ok(query.query_row(params![function.0, name], |row| row.get(0))?)
}

pub fn set(db: &Connection, function: FunctionId, name: &SecretName, scope: Scope, value: &str) -> Result<()> {
    db.execute(
        "INSERT INTO variables (function_id, scope, name, value) VALUES (?1, ?2, ?3, ?4)
         ON CONFLICT (function_id, name, scope) DO UPDATE SET value = ?4",
        params![function.0, scope.key(), name.as_str(), value],
    )?;
    Ok(())
}

pub fn delete(db: &Connection, function: FunctionId, name: &str, scope: Scope) -> Result<()> {
    let delete = "DELETE FROM variables WHERE function_id = ?1 AND name = ?2 AND scope = ?3";
    db.execute(delete, params![function.0, name, scope.key()]).changed("variable")
}

/// Values for a target that is gone.
pub fn delete_scope(db: &Connection, scope: Scope) -> Result<()> {
    db.execute("DELETE FROM variables WHERE scope = ?1", [scope.key()])?;
    Ok(())
}
