//! How a function stands: what it is now beside what is live. Status and "redeploy to apply" follow from it and are
//! stored nowhere.

use std::sync::Arc;

use rusqlite::Connection;

use super::{App, lock};
use crate::{
    deployment::{Change, Status},
    function::{FunctionId, SourceFile},
    secret::Owner,
    source::{self, Reading},
    store::{
        self,
        deployments::{self, LiveRow},
        functions::{self, FunctionRow},
        identity,
        secrets::{self, SecretRow},
    },
    wire::{Event, Failure, FunctionSummary, MissingSecret, References, SecretInfo, SecretState, TargetState},
};

/// One consistent reading of everything about a function, apart from values.
pub(super) struct Standing {
    pub(super) row: FunctionRow,
    pub(super) files: Vec<SourceFile>,
    pub(super) secrets: Vec<SecretRow>,
    pub(super) live: Option<LiveRow>,
    pub(super) failure: Option<Failure>,
    /// The vault that seals now.
    pub(super) vault_id: Option<String>,
}

impl Standing {
    pub(super) fn load(db: &Connection, id: FunctionId) -> store::Result<Self> {
        let failure = deployments::failure(db, id)?;
        Ok(Self {
            row: functions::get(db, id)?,
            files: functions::files(db, id)?,
            secrets: secrets::list(db, Owner::Function(id))?,
            live: deployments::live(db, id)?,
            failure: failure.and_then(|json| serde_json::from_str(&json).ok()),
            vault_id: identity::get(db)?.map(|identity| identity.vault_id),
        })
    }

    /// What a deployment now would change.
    fn changes(&self) -> Vec<Change> {
        let Some(live) = &self.live else {
            return Vec::new();
        };
        let mut changes = Vec::new();
        if self.files != live.files {
            changes.push(Change::Code);
        }
        if self.row.schedules != live.schedules {
            changes.push(Change::Schedule);
        }
        let mut current: Vec<_> = self.secrets.iter().map(|secret| (secret.id, secret.revision)).collect();
        current.sort_unstable();
        if current != live.bound {
            changes.push(Change::Secrets);
        }
        changes
    }

    fn status(&self, changes: &[Change]) -> Status {
        match (&self.failure, &self.live) {
            (Some(_), _) => Status::Failed,
            (None, None) => Status::Draft,
            (None, Some(_)) if changes.is_empty() => Status::Live,
            (None, Some(_)) => Status::Outdated,
        }
    }

    pub(super) fn references(&self, reading: &Reading) -> References {
        let exists = |name: &str| self.secrets.iter().any(|secret| secret.name == name);
        let missing = reading.references.iter().filter(|reference| !exists(&reference.name));
        References {
            missing: missing
                .map(|reference| MissingSecret { name: reference.name.clone(), lines: reference.lines.clone() })
                .collect(),
            dynamic: reading.dynamic.clone(),
        }
    }
}

impl App {
    pub(super) async fn standing(&self, id: FunctionId) -> Result<Standing, Failure> {
        Ok(self.0.store.read(move |db| Standing::load(db, id)).await?)
    }

    pub(super) async fn standings(&self) -> Result<Vec<Standing>, Failure> {
        let all = |db: &Connection| {
            let rows = functions::list(db)?;
            rows.into_iter().map(|row| Standing::load(db, row.id)).collect::<store::Result<Vec<_>>>()
        };
        Ok(self.0.store.read(all).await?)
    }

    pub async fn summaries(&self) -> Result<Vec<FunctionSummary>, Failure> {
        Ok(self.standings().await?.iter().map(|standing| self.summary(standing)).collect())
    }

    pub(super) fn summary(&self, standing: &Standing) -> FunctionSummary {
        let row = &standing.row;
        let changes = standing.changes();
        let live = standing.live.as_ref();
        FunctionSummary {
            id: row.id,
            name: row.name.clone(),
            trigger: row.trigger,
            schedules: row.schedules.clone(),
            local: TargetState {
                status: standing.status(&changes),
                changes,
                address: live.and(row.port).map(|port| format!("http://localhost:{port}/")),
                address_problem: lock(&self.0.address_problems).get(&row.id).cloned(),
                failure: standing.failure.clone(),
                live: live.map(|live| live.number),
                running: self.0.local.is_running(row.id),
            },
        }
    }

    pub(super) fn secret_infos(&self, standing: &Standing, reading: &Reading) -> Vec<SecretInfo> {
        let damaged = lock(&self.0.damaged);
        let info = |secret: &SecretRow| SecretInfo {
            name: secret.name.clone(),
            changed_at: secret.changed_at,
            lines: lines_of(reading, &secret.name),
            state: if standing.vault_id.as_ref() != Some(&secret.vault_id) {
                SecretState::NeedsReentry
            } else if damaged.contains(&(secret.id, secret.revision)) {
                SecretState::Damaged
            } else {
                SecretState::Sealed
            },
            redeploy: standing.live.as_ref().is_some_and(|live| !live.bound.contains(&(secret.id, secret.revision))),
        };
        standing.secrets.iter().map(info).collect()
    }

    /// What the code says. It is asked for again and again of the code in the editor, which is kept for that; reading
    /// takes about a millisecond for a thousand lines, and is not done on a thread that serves requests.
    pub(super) async fn read_code(&self, files: &[SourceFile]) -> Arc<Reading> {
        if let Some((read, reading)) = &*lock(&self.0.last_reading)
            && read == files
        {
            return reading.clone();
        }
        let files = files.to_vec();
        let read = tokio::task::spawn_blocking(move || (source::read(&files), files)).await;
        // A panic while reading is as good as code that says nothing.
        let Ok((reading, files)) = read else { return Arc::default() };
        let reading = Arc::new(reading);
        *lock(&self.0.last_reading) = Some((files, reading.clone()));
        reading
    }

    /// Tells the window how the function stands now, where it was not the window that asked.
    pub(super) async fn tell_standing(&self, id: FunctionId) {
        if let Ok(standing) = self.standing(id).await {
            self.tell(Event::Function { summary: self.summary(&standing) });
        }
    }
}

pub(super) fn lines_of(reading: &Reading, name: &str) -> Vec<u32> {
    let reference = reading.references.iter().find(|reference| reference.name == name);
    reference.map(|reference| reference.lines.clone()).unwrap_or_default()
}
