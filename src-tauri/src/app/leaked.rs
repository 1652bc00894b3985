//! Values that were moved to a secret and stand in the code of deployments that are kept: which those are, and removing them.
//!
//! It is worked out of that code whenever it is asked for. Only that a value was moved is remembered, by its fingerprint: the
//! secret may be replaced or deleted meanwhile, and a deployment may be rolled back to.

use std::{
    cell::Cell,
    collections::{BTreeMap, BTreeSet, HashSet},
};

use super::{App, Question, credentials::on_a_thread, lock};
use crate::{
    deployment::TargetId,
    function::{FunctionId, SourceFile},
    secret::{SecretValue, TypedValue},
    source::credentials::Said,
    store::{
        self,
        deployments::{self, PastRow},
        functions,
        moved::{self, MovedRow},
    },
    vault::Vault,
    wire::{Failure, LeakedValue, VaultState, VersionWithValue},
};

type Kept = Vec<(PastRow, Vec<SourceFile>)>;

impl App {
    /// By name. None are known while the vault is closed.
    pub async fn leaked_values(&self, id: FunctionId) -> Result<Vec<LeakedValue>, Failure> {
        // What is under way may be of code from before a value was moved, and is not among those that are kept yet.
        let under_way = lock(&self.0.deploying).contains_key(&id);
        let (moved, kept, saved) = self
            .0
            .store
            .read(move |db| -> store::Result<_> {
                Ok(match moved::list(db, id)? {
                    none if none.is_empty() => (none, Kept::new(), Vec::new()),
                    moved => (moved, kept_code(db, id)?, functions::files(db, id)?),
                })
            })
            .await?;
        if moved.is_empty() {
            return Ok(Vec::new());
        }
        self.vault_answered().await;
        if self.vault_state() != VaultState::Ready {
            return Ok(Vec::new());
        }
        let vault = self.0.vault.clone();
        let Some((leaked, gone)) = on_a_thread(move || Ok(compare(&vault, moved, &kept, &saved))).await? else {
            return Ok(Vec::new());
        };
        if !under_way && !gone.is_empty() {
            self.0.store.write(move |db| moved::forget(db, id, &gone)).await?;
        }
        Ok(leaked)
    }

    async fn versions_with(&self, id: FunctionId, name: &str) -> Result<Vec<VersionWithValue>, Failure> {
        let leaked = self.leaked_values(id).await?.into_iter().find(|leaked| leaked.name == name);
        Ok(leaked.map(|leaked| leaked.versions).unwrap_or_default())
    }

    /// What removing them means now. None where there is none that can go.
    pub async fn describe_version_removal(&self, id: FunctionId, name: &str) -> Result<Option<Question>, Failure> {
        let versions = self.versions_with(id, name).await?;
        let going: Vec<String> =
            versions.iter().filter(|version| !version.live).map(|version| format!("#{}", version.number)).collect();
        let title = match &going[..] {
            [] => return Ok(None),
            [one] => format!("Remove version {one}?"),
            several => format!("Remove {} versions?", several.len()),
        };
        let elsewhere = match versions.iter().any(|version| version.target != TargetId::LOCAL) {
            true => " What a target keeps of them stays there: replace the key at its provider.",
            false => "",
        };
        let consequence = format!(
            "The code of {} holds the value that was moved to {name}. It can't be rolled back to any more.{elsewhere}",
            going.join(", ")
        );
        Ok(Some(Question { title, consequence }))
    }

    /// Forgets the deployments that hold the value and are not live. Answers what is left.
    pub async fn remove_versions(&self, id: FunctionId, name: &str) -> Result<Vec<LeakedValue>, Failure> {
        let going: Vec<i64> = self.versions_with(id, name).await?.iter().map(|version| version.id).collect();
        self.0.store.write(move |db| deployments::forget(db, id, &going)).await?;
        self.purge().await;
        self.scrub_soon();
        self.leaked_values(id).await
    }
}

/// The newest first.
fn kept_code(db: &rusqlite::Connection, id: FunctionId) -> store::Result<Kept> {
    let rows = deployments::history(db, id)?.into_iter();
    rows.map(|row| deployments::code(db, row.id).map(|code| (row, code.files))).collect()
}

/// What deployments hold, and what neither they nor the saved code hold any more. None where the vault has closed meanwhile.
fn compare(
    vault: &Vault,
    moved: Vec<MovedRow>,
    kept: &Kept,
    saved: &[SourceFile],
) -> Option<(Vec<LeakedValue>, Vec<MovedRow>)> {
    let lengths: BTreeSet<usize> = moved.iter().map(|row| row.length).collect();
    let closed = Cell::new(false);
    let recognise = |part: &str| {
        let value = SecretValue::parse(TypedValue::from(part.to_owned())).ok()?;
        let fingerprint = vault.fingerprint(&value).inspect_err(|_| closed.set(true)).ok()?;
        moved.iter().find(|row| row.fingerprint[..] == fingerprint.0[..])
    };
    let held_by = |files: &[SourceFile]| -> Vec<&MovedRow> {
        let said = Said::read(files);
        let parts = said.recognised(&lengths, recognise).into_iter().map(|(_, row)| row);
        // A password may be too short to be looked for anywhere but where it is told as one.
        let told = said.credentials().into_iter().filter_map(|credential| recognise(&credential.spot.value));
        parts.chain(told).collect()
    };
    let mut leaked: BTreeMap<&str, Vec<VersionWithValue>> = BTreeMap::new();
    let mut held: HashSet<&[u8]> = held_by(saved).into_iter().map(|row| &row.fingerprint[..]).collect();
    for (row, files) in kept {
        let here = held_by(files);
        let names: BTreeSet<&str> = here.iter().map(|row| row.name.as_str()).collect();
        held.extend(here.iter().map(|row| &row.fingerprint[..]));
        for name in names {
            leaked.entry(name).or_default().push(VersionWithValue {
                id: row.id,
                target: row.target,
                number: row.number,
                live: row.outcome == "live",
            });
        }
    }
    if closed.get() {
        return None;
    }
    let leaked = leaked.into_iter().map(|(name, versions)| LeakedValue { name: name.to_owned(), versions }).collect();
    let gone = moved.iter().filter(|row| !held.contains(&row.fingerprint[..])).cloned().collect();
    Some((leaked, gone))
}
