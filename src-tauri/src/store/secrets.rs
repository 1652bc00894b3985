//! Secrets and their sealed revisions.
//!
//! A revision never changes. A deleted secret keeps its row for as long as something deployed still binds one of its
//! revisions: the seal is bound to the row. `purge` removes what nothing needs any more.

use rusqlite::{Connection, OptionalExtension, Row, params};

use super::{Changed, Result, to_json};
use crate::{
    function::FunctionId,
    secret::{Owner, Place, Scope, Sealed, SecretName},
};

pub(super) const SCHEMA: &str = "
CREATE TABLE secrets (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    owner_kind TEXT NOT NULL,
    owner_id INTEGER NOT NULL,
    scope TEXT NOT NULL,
    name TEXT NOT NULL,
    -- What the next deployment takes; NULL once it is deleted.
    revision INTEGER,
    changed_at INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX secrets_by_name ON secrets (owner_kind, owner_id, scope, name) WHERE revision IS NOT NULL;
CREATE TABLE revisions (
    secret_id INTEGER NOT NULL REFERENCES secrets (id) ON DELETE CASCADE,
    revision INTEGER NOT NULL,
    -- The vault it was sealed in: another one than today's means that its key is gone.
    vault_id TEXT NOT NULL,
    sealed BLOB NOT NULL,
    fingerprint BLOB NOT NULL,
    PRIMARY KEY (secret_id, revision)
) STRICT, WITHOUT ROWID;
";

/// A secret as the list shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SecretRow {
    pub id: i64,
    pub name: String,
    pub scope: Scope,
    pub revision: i64,
    pub changed_at: i64,
    pub vault_id: String,
    pub fingerprint: Vec<u8>,
}

/// A sealed value and the place that its seal is bound to.
#[derive(Clone, Debug)]
pub struct SealedRow {
    pub place: Place,
    pub vault_id: String,
    pub sealed: Sealed,
    pub fingerprint: Vec<u8>,
}

/// An owner's secrets, by name; the value for all targets before those for one.
pub fn list(db: &Connection, owner: Owner) -> Result<Vec<SecretRow>> {
    let mut query = db.prepare_cached(
        "SELECT id, name, scope, secrets.revision, changed_at, vault_id, fingerprint FROM secrets
         JOIN revisions ON secret_id = id AND revisions.revision = secrets.revision
         WHERE owner_kind = ?1 AND owner_id = ?2 ORDER BY name, scope <> 'all', scope",
    )?;
    let (kind, id) = owner.parts();
    let rows = query.query_map(params![kind, id], |row| {
        Ok(SecretRow {
            id: row.get(0)?,
            name: row.get(1)?,
            scope: scope_of(row, 2)?,
            revision: row.get(3)?,
            changed_at: row.get(4)?,
            vault_id: row.get(5)?,
            fingerprint: row.get(6)?,
        })
    })?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// Where the next revision of a name will stand: the secret's row, made if it is not there.
pub fn next_place(db: &Connection, owner: Owner, name: &SecretName, scope: Scope, now: i64) -> Result<Place> {
    let (kind, owner_id) = owner.parts();
    let existing: Option<(i64, i64)> = db
        .prepare_cached(
            "SELECT id, (SELECT max(revision) FROM revisions WHERE secret_id = id) FROM secrets
             WHERE owner_kind = ?1 AND owner_id = ?2 AND scope = ?3 AND name = ?4 AND revision IS NOT NULL",
        )?
        .query_row(params![kind, owner_id, scope.key(), name.as_str()], |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()?;
    let (secret_id, revision) = match existing {
        Some((id, newest)) => (id, newest + 1),
        None => {
            // With its first revision already, which follows in the same transaction.
            db.prepare_cached(
                "INSERT INTO secrets (owner_kind, owner_id, scope, name, revision, changed_at)
                 VALUES (?1, ?2, ?3, ?4, 1, ?5)",
            )?
            .execute(params![kind, owner_id, scope.key(), name.as_str(), now])?;
            (db.last_insert_rowid(), 1)
        }
    };
    Ok(Place { owner, scope, secret_id, name: name.clone(), revision })
}

/// Adds a revision and makes it the current one, which the first of a secret is already.
pub fn insert(db: &Connection, row: &SealedRow, now: i64) -> Result<()> {
    let Place { secret_id, revision, .. } = row.place;
    db.prepare_cached(
        "INSERT INTO revisions (secret_id, revision, vault_id, sealed, fingerprint) VALUES (?1, ?2, ?3, ?4, ?5)",
    )?
    .execute(params![secret_id, revision, row.vault_id, row.sealed.0, row.fingerprint])?;
    if revision > 1 {
        db.prepare_cached("UPDATE secrets SET revision = ?2, changed_at = ?3 WHERE id = ?1")?
            .execute(params![secret_id, revision, now])?;
    }
    Ok(())
}

pub fn delete(db: &Connection, owner: Owner, name: &str, scope: Scope) -> Result<()> {
    let (kind, id) = owner.parts();
    let delete = "UPDATE secrets SET revision = NULL
         WHERE owner_kind = ?1 AND owner_id = ?2 AND name = ?3 AND scope = ?4 AND revision IS NOT NULL";
    db.execute(delete, params![kind, id, name, scope.key()]).changed("secret")
}

/// Everything of an owner that was deleted, at once.
pub fn delete_all(db: &Connection, owner: Owner) -> Result<()> {
    let (kind, id) = owner.parts();
    db.execute("DELETE FROM secrets WHERE owner_kind = ?1 AND owner_id = ?2", params![kind, id])?;
    Ok(())
}

/// Values for a target that is gone: what is deployed there goes with them.
pub fn delete_scope(db: &Connection, scope: Scope) -> Result<()> {
    db.execute("UPDATE secrets SET revision = NULL WHERE scope = ?1", [scope.key()])?;
    Ok(())
}

const SEALED: &str =
    "SELECT secrets.id, owner_kind, owner_id, scope, name, revisions.revision, vault_id, sealed, fingerprint
    FROM secrets JOIN revisions ON revisions.secret_id = secrets.id";

fn sealed_row(row: &Row<'_>) -> rusqlite::Result<SealedRow> {
    let (kind, name): (String, String) = (row.get(1)?, row.get(4)?);
    Ok(SealedRow {
        place: Place {
            owner: Owner::from_parts(&kind, row.get(2)?).ok_or_else(|| not_ours(1, kind))?,
            scope: scope_of(row, 3)?,
            secret_id: row.get(0)?,
            name: SecretName::parse(&name).map_err(|_| not_ours(4, name))?,
            revision: row.get(5)?,
        },
        vault_id: row.get(6)?,
        sealed: Sealed(row.get(7)?),
        fingerprint: row.get(8)?,
    })
}

/// A column that holds a scope's key.
pub(super) fn scope_of(row: &Row<'_>, column: usize) -> rusqlite::Result<Scope> {
    let key: String = row.get(column)?;
    Scope::from_key(&key).ok_or_else(|| not_ours(column, key))
}

fn not_ours(column: usize, found: String) -> rusqlite::Error {
    rusqlite::Error::InvalidColumnType(column, found, rusqlite::types::Type::Text)
}

/// The current revisions of an owner's secrets, by name, for every scope.
pub fn current(db: &Connection, owner: Owner) -> Result<Vec<SealedRow>> {
    let mut query = db.prepare_cached(&format!(
        "{SEALED} WHERE owner_kind = ?1 AND owner_id = ?2 AND revisions.revision = secrets.revision ORDER BY name"
    ))?;
    let (kind, id) = owner.parts();
    Ok(query.query_map(params![kind, id], sealed_row)?.collect::<rusqlite::Result<_>>()?)
}

/// Every revision of an owner's secrets that is kept.
pub fn revisions(db: &Connection, owner: Owner) -> Result<Vec<SealedRow>> {
    let mut query = db.prepare_cached(&format!("{SEALED} WHERE owner_kind = ?1 AND owner_id = ?2"))?;
    let (kind, id) = owner.parts();
    Ok(query.query_map(params![kind, id], sealed_row)?.collect::<rusqlite::Result<_>>()?)
}

/// The revisions that a deployment bound, by name.
pub fn bound(db: &Connection, deployment: i64) -> Result<Vec<SealedRow>> {
    let mut query = db.prepare_cached(&format!(
        "{SEALED} JOIN bindings ON bindings.secret_id = secrets.id AND bindings.revision = revisions.revision
         WHERE deployment_id = ?1 ORDER BY name"
    ))?;
    Ok(query.query_map([deployment], sealed_row)?.collect::<rusqlite::Result<_>>()?)
}

/// How many deployments that are no longer live bound a revision of a secret.
pub fn past_deployments(db: &Connection, secret: i64) -> Result<i64> {
    let mut query = db.prepare_cached(
        "SELECT count(*) FROM bindings JOIN deployments ON deployments.id = deployment_id
         WHERE secret_id = ?1 AND outcome <> 'live'",
    )?;
    Ok(query.query_row([secret], |row| row.get(0))?)
}

/// What recognises a value without opening it.
#[derive(Clone, Debug)]
pub struct KnownRow {
    pub owner: Owner,
    /// What the owner is called.
    pub owner_name: String,
    pub name: String,
    pub scope: Scope,
    /// Whether it is the value by now: others are kept for what was deployed with them.
    pub current: bool,
    pub fingerprint: Vec<u8>,
    /// In bytes, of the seal.
    pub sealed: usize,
}

/// Every revision that is kept in a vault, of every owner.
pub fn known(db: &Connection, vault_id: &str) -> Result<Vec<KnownRow>> {
    let mut query = db.prepare_cached(
        "SELECT owner_kind, owner_id, coalesce(functions.name, targets.name, ''), secrets.name, scope,
             revisions.revision IS secrets.revision, fingerprint, length(sealed)
         FROM secrets JOIN revisions ON revisions.secret_id = secrets.id
         LEFT JOIN functions ON owner_kind = 'function' AND functions.id = owner_id
         LEFT JOIN targets ON owner_kind = 'target' AND targets.id = owner_id
         WHERE vault_id = ?1 ORDER BY secrets.id, revisions.revision DESC",
    )?;
    let rows = query.query_map([vault_id], |row| {
        let kind: String = row.get(0)?;
        Ok(KnownRow {
            owner: Owner::from_parts(&kind, row.get(1)?).ok_or_else(|| not_ours(0, kind))?,
            owner_name: row.get(2)?,
            name: row.get(3)?,
            scope: scope_of(row, 4)?,
            current: row.get(5)?,
            fingerprint: row.get(6)?,
            sealed: row.get::<_, u32>(7)? as usize,
        })
    })?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// Removes the revisions that neither a secret nor a deployment references, and the secrets that have none left; those of
/// `held` functions stay. Answers whether anything went, so that the caller knows to scrub the files.
pub fn purge(db: &Connection, held: &[FunctionId]) -> Result<bool> {
    let revisions = db.execute(
        "DELETE FROM revisions WHERE NOT EXISTS (
             SELECT 1 FROM secrets WHERE id = revisions.secret_id AND secrets.revision = revisions.revision)
         AND NOT EXISTS (
             SELECT 1 FROM bindings WHERE bindings.secret_id = revisions.secret_id AND bindings.revision = revisions.revision)
         AND NOT EXISTS (
             SELECT 1 FROM secrets, json_each(?1) AS held
             WHERE secrets.id = revisions.secret_id AND owner_kind = 'function' AND owner_id = held.value)",
        [to_json(held)],
    )?;
    db.execute(
        "DELETE FROM secrets WHERE revision IS NULL AND NOT EXISTS (SELECT 1 FROM revisions WHERE secret_id = id)",
        [],
    )?;
    Ok(revisions > 0)
}
