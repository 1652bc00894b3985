//! How a function stands on each target: what it is now beside what is live there. Status and “redeploy to apply”
//! follow from it and are stored nowhere.

use std::sync::Arc;

use rusqlite::Connection;

use super::{App, lock, node::Node};
use crate::{
    deployment::{Change, Piece, Status, TargetId},
    function::{FunctionId, Line, SourceFile},
    secret::{Owner, Scope, SecretName},
    source::{self, Reading, Reference},
    store::{
        self,
        deployments::{self, LiveRow},
        functions::{self, FunctionRow},
        identity,
        secrets::{self, SecretRow},
        targets::{self, ScriptRow},
        variables::{self, Bound, VariableRow},
    },
    wire::{
        Event, Failure, ForeignName, FunctionSummary, HeldSecret, MissingSecret, References, SecretInfo, SecretState,
        Stale, TargetState, Unfinished, VariableInfo,
    },
};

/// The files that were read last, whether with `process.env`, and what they say.
pub(super) type LastReading = (Vec<SourceFile>, bool, Arc<Reading>);

/// One consistent reading of everything about a function, apart from values.
pub(super) struct Standing {
    pub(super) row: FunctionRow,
    pub(super) files: Vec<SourceFile>,
    pub(super) secrets: Vec<SecretRow>,
    pub(super) variables: Vec<VariableRow>,
    pub(super) live: Vec<LiveRow>,
    pub(super) failures: Vec<(TargetId, Failure)>,
    pub(super) scripts: Vec<ScriptRow>,
    pub(super) chosen: Vec<TargetId>,
    /// What tells the packages that are there from others.
    pub(super) packages: String,
    /// The vault that seals now.
    pub(super) vault_id: Option<String>,
}

impl Standing {
    fn load(db: &Connection, id: FunctionId, packages: String) -> store::Result<Self> {
        let failures = deployments::failures(db, id)?.into_iter();
        Ok(Self {
            row: functions::get(db, id)?,
            files: functions::files(db, id)?,
            secrets: secrets::list(db, Owner::Function(id))?,
            variables: variables::list(db, id)?,
            live: deployments::live(db, id)?,
            failures: failures.filter_map(|(target, json)| Some((target, serde_json::from_str(&json).ok()?))).collect(),
            scripts: targets::scripts(db, id)?,
            chosen: targets::chosen(db, id)?,
            packages,
            vault_id: identity::get(db)?.map(|identity| identity.vault_id),
        })
    }

    pub(super) fn live_on(&self, target: TargetId) -> Option<&LiveRow> {
        self.live.iter().find(|live| live.target == target)
    }

    pub(super) fn script_on(&self, target: TargetId) -> Option<&ScriptRow> {
        self.scripts.iter().find(|script| script.target == target)
    }

    /// What failed after what is live there went live, and is still to be done.
    pub(super) fn unfinished_on(&self, target: TargetId) -> Vec<Unfinished> {
        let live = self.live_on(target);
        live.and_then(|live| serde_json::from_str(&live.unfinished).ok()).unwrap_or_default()
    }

    pub(super) fn lacks(&self, target: TargetId, piece: Piece) -> bool {
        self.unfinished_on(target).iter().any(|unfinished| unfinished.piece == piece)
    }

    /// The secrets that a deployment to the target binds: for each name its own value, or else the one for all.
    pub(super) fn secrets_for(&self, target: TargetId) -> Vec<&SecretRow> {
        for_target(&self.secrets, target, |secret| (&secret.name, secret.scope))
    }

    /// The variables that a deployment to the target binds, by name.
    pub(super) fn variables_for(&self, target: TargetId) -> Vec<Bound> {
        let variables = self.variable_rows_for(target).into_iter();
        variables.map(|variable| Bound { name: variable.name.clone(), value: variable.value.clone() }).collect()
    }

    fn variable_rows_for(&self, target: TargetId) -> Vec<&VariableRow> {
        for_target(&self.variables, target, |variable| (&variable.name, variable.scope))
    }

    /// What a deployment to the target now would change there.
    fn changes(&self, live: &LiveRow) -> Vec<Change> {
        let mut current: Vec<_> =
            self.secrets_for(live.target).iter().map(|secret| (secret.id, secret.revision)).collect();
        current.sort_unstable();
        let settings = (&self.row.compatibility_date, &self.row.compatibility_flags);
        let differs = [
            (Change::Code, self.files != live.files),
            (Change::Packages, live.packages.as_ref().is_some_and(|packages| *packages != self.packages)),
            (Change::Schedule, self.row.schedules != live.schedules),
            (Change::Secrets, current != live.bound),
            (Change::Variables, self.variables_for(live.target) != live.variables),
            (Change::Settings, settings != (&live.compatibility_date, &live.compatibility_flags)),
        ];
        differs.into_iter().filter_map(|(change, differs)| differs.then_some(change)).collect()
    }

    pub(super) fn references(&self, reading: &Reading) -> References {
        let held = |name: &str| self.held_secrets(reading).any(|held| held.name == name);
        let unknown = |reference: &&Reference| !self.has(&reference.name) && !held(&reference.name);
        let mut missing = Vec::new();
        let mut foreign = Vec::new();
        for reference in reading.references.iter().filter(unknown) {
            match self.foreign(reading, reference) {
                Some(name) => foreign.push(name),
                None => missing.push(MissingSecret { name: reference.name.clone(), lines: reference.lines.clone() }),
            }
        }
        References {
            missing,
            foreign,
            dynamic: reading.dynamic.clone(),
            held: self.held_secrets(reading).collect(),
            unread: reading.unread.clone(),
        }
    }

    /// Whether a secret or variable has the name, for whichever target.
    fn has(&self, name: &str) -> bool {
        self.secrets.iter().any(|secret| secret.name == name)
            || self.variables.iter().any(|variable| variable.name == name)
    }

    /// A name that nothing here can be bound to, if nothing here has it: adding a secret is no way out.
    fn foreign(&self, reading: &Reading, reference: &Reference) -> Option<ForeignName> {
        let Reference { name, lines } = reference;
        let declared = reading.bindings.get(name).cloned();
        let holds = |script: &&ScriptRow| script.held.iter().any(|held| held.name == *name && !held.is_text());
        let targets: Vec<TargetId> = self.scripts.iter().filter(holds).map(|script| script.target).collect();
        let other = declared.is_some() || !targets.is_empty() || SecretName::parse(name).is_err();
        other.then(|| ForeignName { name: name.clone(), lines: lines.clone(), declared, targets })
    }

    fn held_secrets(&self, reading: &Reading) -> impl Iterator<Item = HeldSecret> {
        let held = self.scripts.iter().flat_map(|script| script.held.iter().map(|held| (script.target, held)));
        let unknown = held.filter(|(target, held)| {
            held.kind == "secret_text" && !self.secrets_for(*target).iter().any(|secret| secret.name == held.name)
        });
        unknown.map(|(target, held)| HeldSecret {
            name: held.name.clone(),
            target,
            lines: lines_of(reading, &held.name),
        })
    }

    /// Names that the code uses and that nothing here is or can be bound to: a target has only what it keeps of them.
    pub(super) fn foreign_names(&self, reading: &Reading) -> Vec<String> {
        let foreign = reading.references.iter().filter(|reference| self.is_foreign(reading, reference));
        foreign.map(|reference| reference.name.clone()).collect()
    }

    fn is_foreign(&self, reading: &Reading, reference: &Reference) -> bool {
        !self.has(&reference.name) && self.foreign(reading, reference).is_some()
    }

    /// Names that the code uses and that have no value for the target, where one can be added.
    pub(super) fn missing_on(&self, target: TargetId, reading: &Reading) -> Vec<String> {
        let secrets = self.secrets_for(target);
        let variables = self.variables_for(target);
        let held = self.script_on(target).map_or(&[][..], |script| &script.held);
        let bound = |name: &str| {
            secrets.iter().any(|secret| secret.name == name)
                || variables.iter().any(|variable| variable.name == name)
                || held.iter().any(|held| held.name == name)
        };
        let lacks = |each: &&Reference| !bound(&each.name) && !self.is_foreign(reading, each);
        let missing = reading.references.iter().filter(lacks);
        missing.map(|reference| reference.name.clone()).collect()
    }
}

/// Of rows for all targets or for one, those that a target gets: its own stand in front of those for all.
fn for_target<T>(rows: &[T], target: TargetId, name_and_scope: impl Fn(&T) -> (&String, Scope)) -> Vec<&T> {
    let own = |name: &String| rows.iter().any(|row| name_and_scope(row) == (name, Scope::Target(target)));
    let reaches = |row: &&T| match name_and_scope(row) {
        (name, Scope::All) => !own(name),
        (_, scope) => scope == Scope::Target(target),
    };
    rows.iter().filter(reaches).collect()
}

impl App {
    pub(super) fn load(&self, db: &Connection, id: FunctionId) -> store::Result<Standing> {
        Standing::load(db, id, self.0.package_digests.of(&self.packages(id)))
    }

    pub(super) async fn standing(&self, id: FunctionId) -> Result<Standing, Failure> {
        let app = self.clone();
        Ok(self.0.store.read(move |db| app.load(db, id)).await?)
    }

    pub(super) async fn standings(&self) -> Result<Vec<Standing>, Failure> {
        let app = self.clone();
        let all = move |db: &Connection| {
            let rows = functions::list(db)?;
            rows.into_iter().map(|row| app.load(db, row.id)).collect::<store::Result<Vec<_>>>()
        };
        Ok(self.0.store.read(all).await?)
    }

    pub async fn summaries(&self) -> Result<Vec<FunctionSummary>, Failure> {
        Ok(self.standings().await?.iter().map(|standing| self.summary(standing)).collect())
    }

    pub(super) fn summary(&self, standing: &Standing) -> FunctionSummary {
        let row = &standing.row;
        let local = self.target_state(standing, TargetId::LOCAL);
        let mut elsewhere: Vec<TargetId> = standing.scripts.iter().map(|script| script.target).collect();
        elsewhere.extend(standing.failures.iter().map(|(target, _)| *target));
        elsewhere.extend(&standing.chosen);
        elsewhere.retain(|target| *target != TargetId::LOCAL);
        elsewhere.sort_unstable();
        elsewhere.dedup();
        let remote: Vec<_> = elsewhere.into_iter().map(|target| self.target_state(standing, target)).collect();
        // A target that it was never meant for is not one where it is a draft.
        let counts = |state: &&TargetState| state.status != Status::Draft || standing.chosen.contains(&state.target);
        let worst = std::iter::once(&local).chain(&remote).filter(counts).map(|state| state.status).max();
        FunctionSummary {
            id: row.id,
            name: row.name.clone(),
            trigger: row.trigger,
            schedules: row.schedules.clone(),
            status: worst.unwrap_or(Status::Draft),
            local,
            remote,
            chosen: standing.chosen.clone(),
        }
    }

    fn target_state(&self, standing: &Standing, target: TargetId) -> TargetState {
        let id = standing.row.id;
        let live = standing.live_on(target);
        let changes = live.map(|live| standing.changes(live)).unwrap_or_default();
        let failure =
            standing.failures.iter().find(|(failed, _)| *failed == target).map(|(_, failure)| failure.clone());
        let script = standing.script_on(target);
        let local = target == TargetId::LOCAL;
        let address = if local {
            standing.row.port.map(|port| format!("http://localhost:{port}/"))
        } else {
            script.and_then(|script| script.address.clone())
        };
        TargetState {
            target,
            status: match (&failure, live) {
                (Some(_), _) => Status::Failed,
                (None, None) => Status::Draft,
                (None, Some(_)) if changes.is_empty() => Status::Live,
                (None, Some(_)) => Status::Outdated,
            },
            changes,
            address: live.and(address),
            script: script.map(|script| script.script.clone()),
            address_problem: lock(&self.0.address_problems).get(&id).cloned().filter(|_| local),
            failure,
            live: live.map(|live| live.number),
            unfinished: standing.unfinished_on(target),
            running: local && self.0.local.is_running(id),
        }
    }

    pub(super) fn secret_infos(&self, standing: &Standing, reading: &Reading) -> Vec<SecretInfo> {
        let damaged = lock(&self.0.damaged);
        let info = |secret: &SecretRow| SecretInfo {
            name: secret.name.clone(),
            scope: secret.scope,
            changed_at: secret.changed_at,
            lines: lines_of(reading, &secret.name),
            state: if standing.vault_id.as_ref() != Some(&secret.vault_id) {
                SecretState::NeedsReentry
            } else if damaged.contains(&(secret.id, secret.revision)) {
                SecretState::Damaged
            } else {
                SecretState::Sealed
            },
            stale: stale_secret(standing, secret),
        };
        standing.secrets.iter().map(info).collect()
    }

    pub(super) fn variable_infos(&self, standing: &Standing, reading: &Reading) -> Vec<VariableInfo> {
        let info = |variable: &VariableRow| VariableInfo {
            name: variable.name.clone(),
            scope: variable.scope,
            value: variable.value.clone(),
            lines: lines_of(reading, &variable.name),
            stale: stale_variable(standing, variable),
        };
        standing.variables.iter().map(info).collect()
    }

    /// What the code says. It is asked for again and again of the code in the editor, which is kept for that; reading
    /// takes about a millisecond for a thousand lines, and is not done on a thread that serves requests.
    pub(super) async fn read_code(&self, standing: &Standing) -> Arc<Reading> {
        self.read_files(&standing.files, Node::of(&standing.row).process_env).await
    }

    pub(super) async fn read_files(&self, files: &[SourceFile], process_env: bool) -> Arc<Reading> {
        if let Some((read, with, reading)) = &*lock(&self.0.last_reading)
            && (&read[..], *with) == (files, process_env)
        {
            return reading.clone();
        }
        let given = files.to_vec();
        let read = tokio::task::spawn_blocking(move || (source::read(&given, process_env), given)).await;
        // A panic while reading is as good as code that can't be read.
        let Ok((reading, files)) = read else { return Arc::new(Reading::none_of(files, None)) };
        let reading = Arc::new(reading);
        *lock(&self.0.last_reading) = Some((files, process_env, reading.clone()));
        reading
    }

    /// Tells the window how the function stands now, where it was not the window that asked.
    pub(super) async fn tell_standing(&self, id: FunctionId) {
        if let Ok(standing) = self.standing(id).await {
            self.tell(Event::Function { summary: self.summary(&standing) });
        }
    }
}

/// Where what is live has another revision of the secret, or none.
fn stale_secret(standing: &Standing, secret: &SecretRow) -> Vec<Stale> {
    let reached =
        standing.live.iter().filter(|live| standing.secrets_for(live.target).iter().any(|own| own.id == secret.id));
    let lacking = reached.filter(|live| !live.bound.contains(&(secret.id, secret.revision)));
    lacking
        .map(|live| Stale { target: live.target, bound: live.bound.iter().any(|(id, _)| *id == secret.id) })
        .collect()
}

/// Where what is live has another value of the variable, or none.
fn stale_variable(standing: &Standing, variable: &VariableRow) -> Vec<Stale> {
    let reached = standing.live.iter().filter(|live| standing.variable_rows_for(live.target).contains(&variable));
    let stale = reached.filter_map(|live| {
        let bound = live.variables.iter().find(|bound| bound.name == variable.name);
        let same = bound.is_some_and(|bound| bound.value == variable.value);
        (!same).then_some(Stale { target: live.target, bound: bound.is_some() })
    });
    stale.collect()
}

pub(super) fn lines_of(reading: &Reading, name: &str) -> Vec<Line> {
    let reference = reading.references.iter().find(|reference| reference.name == name);
    reference.map(|reference| reference.lines.clone()).unwrap_or_default()
}
