//! Deploying, as one straight line, and starting again what was deployed.
//!
//! Until the new version is up, nothing that is live changes; a failure before that is recorded and told, no more.

use std::{collections::hash_map::Entry, sync::Arc};

use tokio::sync::Notify;

use super::{App, lock, now, standing::Standing};
use crate::{
    deployment::{Binding, Bundle, Module, Step, Value},
    function::{FunctionId, SourceFile},
    logs::Redactor,
    source::{self, StackMap},
    store::{
        self,
        deployments::{self, Code as Deployable, StoredModule},
        functions,
        secrets::{self, SealedRow},
    },
    target::{Process, StartError},
    wire::{Code, Deployed, Event, Failure, References},
};

/// A deployment that is ready to be switched to.
struct Started {
    process: Process,
    code: Deployable,
    bound: Vec<(i64, i64)>,
    maps: StackMap,
}

/// While it is held, nobody else deploys the function or changes its address, and no revision that the deployment has
/// read is purged.
pub(super) struct Claim {
    app: App,
    id: FunctionId,
    cancelled: Arc<Notify>,
}

impl Drop for Claim {
    fn drop(&mut self) {
        lock(&self.app.0.deploying).remove(&self.id);
    }
}

impl App {
    /// Compiles, checks, opens the secrets, starts the new version beside the old one, and switches. `progress` hears
    /// each step as it passes. One deployment of a function at a time.
    pub async fn deploy(&self, id: FunctionId, progress: impl Fn(Step) + Send + Sync) -> Result<Deployed, Failure> {
        let claim = self.claim(id)?;
        let started = tokio::select! {
            started = self.start(id, &progress) => started,
            () = claim.cancelled.notified() => {
                Err(Failure::new(Code::Cancelled, "Cancelled. What is live is untouched."))
            }
        };
        // From here on it is short, and is not cancelled: what is recorded and what is live stay the same thing.
        let outcome = match started {
            Ok(started) => self.switch(id, started).await,
            Err(failure) => Err(failure),
        };
        self.end_attempt(id);
        drop(claim);
        let number = match outcome {
            Ok(number) => number,
            Err(failure) => {
                self.record_failure(id, &failure).await;
                self.purge().await;
                return Err(failure);
            }
        };
        progress(Step::Switched);
        let standing = self.standing(id).await?;
        let summary = self.summary(&standing);
        self.tell(Event::Function { summary: summary.clone() });
        let reading = self.read_code(&standing.files).await;
        Ok(Deployed { number, summary, secrets: self.secret_infos(&standing, &reading) })
    }

    /// Ends a deployment that has not switched yet. Where none is under way, nothing happens.
    pub fn cancel_deploy(&self, id: FunctionId) {
        if let Some(deployment) = lock(&self.0.deploying).get(&id) {
            deployment.notify_one();
        }
    }

    pub(super) fn claim(&self, id: FunctionId) -> Result<Claim, Failure> {
        let cancelled = Arc::new(Notify::new());
        match lock(&self.0.deploying).entry(id) {
            Entry::Occupied(_) => {
                Err(Failure::new(Code::Busy, "This function is being deployed. Wait for that, or cancel it."))
            }
            Entry::Vacant(place) => {
                place.insert(cancelled.clone());
                Ok(Claim { app: self.clone(), id, cancelled })
            }
        }
    }

    async fn start(&self, id: FunctionId, progress: &(impl Fn(Step) + Send + Sync)) -> Result<Started, Failure> {
        let (standing, sealed) = self
            .0
            .store
            .read(move |db| -> store::Result<_> { Ok((Standing::load(db, id)?, secrets::current(db, id)?)) })
            .await?;

        let code = compile(&standing).await?;
        progress(Step::Compiled);

        let reading = self.read_code(&standing.files).await;
        refuse_missing(&standing.references(&reading))?;
        progress(Step::Checked);

        let bound = bound_revisions(&sealed);
        let (bundle, values) = self.bundle(&code, sealed).await?;
        self.0.journal.starting_with(id, values);
        progress(Step::Opened);

        let maps = stack_map(&code);
        let process = match self.0.local.start(id, bundle).await {
            Ok(process) => process,
            Err(error) => return Err(self.start_failure(id, error, &maps)),
        };
        progress(Step::Started);
        Ok(Started { process, code, bound, maps })
    }

    /// Records the deployment, then switches the address to it. A full disk or a kill before the record leaves the
    /// version before it; one after it starts the new version next time.
    async fn switch(&self, id: FunctionId, started: Started) -> Result<i64, Failure> {
        let Started { process, code, bound, maps } = started;
        let port = self.open_address(id).await?;
        let app = self.clone();
        let recorded = self
            .0
            .store
            .write(move |db| -> store::Result<_> {
                functions::set_port(db, id, port)?;
                let number = deployments::record_live(db, id, &code, &bound, now())?;
                Ok((number, app.purge_within(db, Some(id))?))
            })
            .await;
        let (number, purged) = match recorded {
            Ok(recorded) => recorded,
            Err(error) => {
                if !matches!(self.standing(id).await, Ok(Standing { live: Some(_), .. })) {
                    // Nothing is there to be called.
                    self.0.local.close(id).await;
                }
                return Err(error.into());
            }
        };
        lock(&self.0.stack_maps).insert(id, Arc::new(maps));
        self.0.journal.started(id);
        self.0.local.switch(id, process);
        self.0.schedules_changed.notify_one();
        if purged {
            self.scrub_soon();
        }
        Ok(number)
    }

    async fn record_failure(&self, id: FunctionId, failure: &Failure) {
        // Neither is an attempt that the runtime or the code failed.
        if matches!(failure.code, Code::Cancelled | Code::Storage | Code::NotFound) {
            return;
        }
        let json = serde_json::to_string(failure).expect("a failure becomes JSON");
        let recorded = self.0.store.write(move |db| deployments::record_failed(db, id, &json, now())).await;
        if let Err(error) = recorded {
            tracing::warn!(%error, "a failed deployment could not be recorded");
        }
        self.tell_standing(id).await;
    }

    /// Opens the values for the runtime, and again to recognise them in what it says: the bundle wipes its own.
    async fn bundle(&self, code: &Deployable, sealed: Vec<SealedRow>) -> Result<(Bundle, Redactor), Failure> {
        if !sealed.is_empty() {
            self.vault_answered().await;
        }
        let opened = self.open_values(sealed)?;
        let values = Redactor::new(opened.iter().map(|(name, value)| (name.as_str(), value.expose())));
        let bindings = opened.into_iter().map(|(name, value)| Binding { name, value: Value::Set(value) }).collect();
        // Stacks of the local runtime are mapped here.
        let module = |stored: &StoredModule| Module { name: stored.name.clone(), code: stored.code.clone(), map: None };
        let bundle = Bundle {
            modules: code.modules.iter().map(module).collect(),
            compatibility_date: code.compatibility_date.clone(),
            compatibility_flags: code.compatibility_flags.clone(),
            bindings,
        };
        Ok((bundle, values))
    }

    fn start_failure(&self, id: FunctionId, error: StartError, maps: &StackMap) -> Failure {
        let failure = Failure::from(error);
        let (message, position) = maps.map(&failure.message);
        Failure::new(failure.code, self.0.journal.redact(id, message)).at(position)
    }

    /// Ends its process, even one that loops. The next call starts it again.
    pub async fn stop_function(&self, id: FunctionId) {
        self.0.local.stop(id);
        self.tell_standing(id).await;
    }

    /// What is deployed, with the values that it was deployed with.
    pub(super) async fn live_bundle(&self, id: FunctionId) -> Result<Bundle, Failure> {
        let (live, sealed) = self
            .0
            .store
            .read(move |db| -> store::Result<_> {
                let live = deployments::live_code(db, id)?;
                let sealed = live.as_ref().map(|(deployment, _)| secrets::bound(db, *deployment)).transpose()?;
                Ok((live, sealed.unwrap_or_default()))
            })
            .await?;
        let (_, code) = live.ok_or_else(|| Failure::new(Code::NotDeployed, "It is not deployed."))?;
        let (bundle, values) = self.bundle(&code, sealed).await?;
        self.0.journal.running_with(id, values);
        lock(&self.0.stack_maps).insert(id, Arc::new(stack_map(&code)));
        Ok(bundle)
    }
}

async fn compile(standing: &Standing) -> Result<Deployable, Failure> {
    let files: Vec<SourceFile> = standing.files.clone();
    let compiled = tokio::task::spawn_blocking(move || source::compile(&files))
        .await
        .map_err(|_| Failure::new(Code::Internal, "The compiler broke off. What is live is untouched."))??;
    let module = |compiled: source::Compiled| StoredModule {
        name: compiled.module.name,
        code: compiled.module.code,
        map: compiled.map,
    };
    Ok(Deployable {
        files: standing.files.clone(),
        modules: compiled.into_iter().map(module).collect(),
        schedules: standing.row.schedules.clone(),
        compatibility_date: standing.row.compatibility_date.clone(),
        compatibility_flags: standing.row.compatibility_flags.clone(),
    })
}

fn refuse_missing(references: &References) -> Result<(), Failure> {
    let names: Vec<&str> = references.missing.iter().map(|missing| missing.name.as_str()).collect();
    if names.is_empty() {
        return Ok(());
    }
    let message = format!(
        "The code uses {}, and no such secret exists. Add it in the Secrets tab, then deploy. What is live is untouched.",
        names.join(", ")
    );
    Err(Failure::new(Code::MissingSecrets, message))
}

fn bound_revisions(sealed: &[SealedRow]) -> Vec<(i64, i64)> {
    let mut bound: Vec<_> = sealed.iter().map(|row| (row.place.secret_id, row.place.revision)).collect();
    bound.sort_unstable();
    bound
}

fn stack_map(code: &Deployable) -> StackMap {
    StackMap::new(code.modules.iter().map(|module| (module.name.as_str(), module.map.as_str())))
}
