//! Deploying, as one straight line, and starting again what was deployed.
//!
//! Until the new version is up, nothing that is live changes; a failure before that is recorded and told, no more. What
//! is common to all targets is here, and what the local one does; `remote` has the others.

use std::{collections::hash_map::Entry, sync::Arc, time::Duration};

use futures_util::future::join_all;
use tokio::sync::Notify;

use super::{
    App, lock, now,
    outgoing::{Outgoing, bound_revisions, stack_map, tell_unbound},
};
use crate::{
    deployment::{Bundle, Step, TargetId},
    function::FunctionId,
    source::StackMap,
    store::{
        self,
        deployments::{self, New},
        functions, secrets, settings,
    },
    target::{Process, StartError},
    wire::{Code, Deployed, Event, Failure, Order, Progress},
};

/// Hears how far a deployment is.
pub(super) type Hear<'a> = &'a (dyn Fn(Progress) + Send + Sync);

/// A local deployment that is ready to be switched to.
struct Started {
    process: Process,
    maps: StackMap,
}

/// While it is held, nobody else deploys the function or changes its address or packages, and no revision that the
/// deployment has read is purged.
pub(super) struct Claim {
    app: App,
    id: FunctionId,
    attempt: Arc<Attempt>,
}

/// What others may wish of a deployment under way.
#[derive(Default)]
pub(super) struct Attempt {
    cancelled: Notify,
    over: Notify,
}

impl Drop for Claim {
    fn drop(&mut self) {
        lock(&self.app.0.deploying).remove(&self.id);
        self.attempt.over.notify_waiters();
    }
}

impl Claim {
    /// Resolves when the user wants the deployment to end.
    pub(super) fn cancelled(&self) -> impl Future<Output = ()> + use<'_> {
        self.attempt.cancelled.notified()
    }

    /// Runs what may be given up until it is done; what is live has not changed by then.
    pub(super) async fn unless_cancelled<T>(
        &self,
        work: impl Future<Output = Result<T, Failure>>,
    ) -> Result<T, Failure> {
        tokio::select! {
            done = work => done,
            () = self.attempt.cancelled.notified() => {
                Err(Failure::new(Code::Cancelled, "Cancelled. What is live is untouched."))
            }
        }
    }
}

impl App {
    /// Compiles, checks, and brings the function to the target with its secrets. `progress` hears each step as it
    /// passes. One deployment of a function at a time.
    pub async fn deploy(
        &self,
        id: FunctionId,
        target: TargetId,
        order: Order,
        progress: impl Fn(Progress) + Send + Sync,
    ) -> Result<Deployed, Failure> {
        let claim = self.claim(id)?;
        let outcome = match claim.unless_cancelled(self.prepare(id, target, order.message, &progress)).await {
            Ok(outgoing) => self.bring(&claim, id, outgoing, order.over.as_deref(), &progress).await,
            Err(failure) => Err(failure),
        };
        self.conclude(claim, id, target, outcome).await
    }

    /// Brings back what was deployed once: its code, with the secrets that it had.
    pub async fn roll_back(
        &self,
        deployment: i64,
        over: Option<String>,
        progress: impl Fn(Progress) + Send + Sync,
    ) -> Result<Deployed, Failure> {
        let (id, target, number, version) = self.0.store.read(move |db| deployments::find(db, deployment)).await?;
        let claim = self.claim(id)?;
        let read = self.0.store.read(move |db| -> store::Result<_> {
            Ok((deployments::code(db, deployment)?, secrets::bound(db, deployment)?))
        });
        let outcome = match read.await {
            Ok((code, _)) if code.modules.is_empty() => {
                Err(Failure::new(Code::NotFound, format!("#{number} failed: there is nothing to go back to.")))
            }
            Ok((code, sealed)) => {
                let message = format!("Rolled back to #{number}");
                let outgoing = Outgoing { target, code, sealed, message, foreign: Vec::new() };
                match version {
                    Some(version) => self.return_to(&claim, id, outgoing, version, over.as_deref(), &progress).await,
                    None => self.bring(&claim, id, outgoing, over.as_deref(), &progress).await,
                }
            }
            Err(error) => Err(error.into()),
        };
        self.conclude(claim, id, target, outcome).await
    }

    async fn bring(
        &self,
        claim: &Claim,
        id: FunctionId,
        outgoing: Outgoing,
        over: Option<&str>,
        progress: Hear<'_>,
    ) -> Result<i64, Failure> {
        if outgoing.target != TargetId::LOCAL {
            return self.send(claim, id, outgoing, over, progress).await;
        }
        // What is bound here comes from here.
        tell_unbound(&outgoing.foreign, &[], progress);
        let started = claim.unless_cancelled(self.start(id, &outgoing, progress)).await?;
        // From here on it is short, and is not cancelled: what is recorded and what is live stay the same thing.
        let number = self.switch(id, outgoing, started).await?;
        progress(Progress::Passed { step: Step::Switched });
        Ok(number)
    }

    /// Answers how the function stands after an attempt, which is over.
    pub(super) async fn conclude(
        &self,
        claim: Claim,
        id: FunctionId,
        target: TargetId,
        outcome: Result<i64, Failure>,
    ) -> Result<Deployed, Failure> {
        self.end_attempt(id);
        drop(claim);
        let number = match outcome {
            Ok(number) => number,
            Err(failure) => {
                self.record_failure(id, target, &failure).await;
                self.purge().await;
                return Err(failure);
            }
        };
        let standing = self.standing(id).await?;
        let summary = self.summary(&standing);
        self.tell(Event::Function { summary: summary.clone() });
        let reading = self.read_code(&standing).await;
        Ok(Deployed {
            number,
            summary,
            secrets: self.secret_infos(&standing, &reading),
            variables: self.variable_infos(&standing, &reading),
            references: standing.references(&reading),
        })
    }

    /// Ends a deployment that has not switched yet. Where none is under way, nothing happens.
    pub fn cancel_deploy(&self, id: FunctionId) {
        if let Some(deployment) = lock(&self.0.deploying).get(&id) {
            deployment.cancelled.notify_one();
        }
    }

    pub(super) fn claim(&self, id: FunctionId) -> Result<Claim, Failure> {
        let attempt = Arc::new(Attempt::default());
        match lock(&self.0.deploying).entry(id) {
            Entry::Occupied(_) => {
                let message = "It is being deployed, or its packages change. Wait for that, or cancel it.";
                Err(Failure::new(Code::Busy, message))
            }
            Entry::Vacant(place) => {
                place.insert(attempt.clone());
                Ok(Claim { app: self.clone(), id, attempt })
            }
        }
    }

    /// Ends a deployment under way, or waits for its end where it has switched, and holds what it held.
    pub(super) async fn claim_from_others(&self, id: FunctionId) -> Claim {
        loop {
            self.cancel_deploy(id);
            let Some(attempt) = lock(&self.0.deploying).get(&id).cloned() else {
                match self.claim(id) {
                    Ok(claim) => return claim,
                    // Another one was quicker.
                    Err(_) => continue,
                }
            };
            let mut over = std::pin::pin!(attempt.over.notified());
            over.as_mut().enable();
            // It may have ended before this listened.
            if lock(&self.0.deploying).get(&id).is_some_and(|running| Arc::ptr_eq(running, &attempt)) {
                over.await;
            }
        }
    }

    /// The same for every function at once. What has switched gets a second to come to its end.
    pub(super) async fn claim_all(&self) -> Vec<Claim> {
        let under_way: Vec<FunctionId> = lock(&self.0.deploying).keys().copied().collect();
        let within = |id| tokio::time::timeout(Duration::from_secs(1), self.claim_from_others(id));
        join_all(under_way.into_iter().map(within)).await.into_iter().flatten().collect()
    }

    async fn start(&self, id: FunctionId, outgoing: &Outgoing, progress: Hear<'_>) -> Result<Started, Failure> {
        let (bundle, values) = self.bundle(&outgoing.code, outgoing.sealed.clone()).await?;
        self.0.journal.starting_with(id, values);
        progress(Progress::Passed { step: Step::Opened });

        let maps = stack_map(&outgoing.code);
        let process = match self.0.local.start(id, bundle).await {
            Ok(process) => process,
            Err(error) => return Err(self.start_failure(id, error, &maps)),
        };
        progress(Progress::Passed { step: Step::Started });
        Ok(Started { process, maps })
    }

    /// Records the deployment, then switches the address to it. A full disk or a kill before the record leaves the
    /// version before it; one after it starts the new version next time.
    async fn switch(&self, id: FunctionId, outgoing: Outgoing, started: Started) -> Result<i64, Failure> {
        let port = self.open_address(id).await?;
        let scheduled = (!outgoing.code.schedules.is_empty()).then(|| outgoing.code.files.clone());
        let recorded = self.record_live(id, outgoing, None, move |db, _| functions::set_port(db, id, port)).await;
        let number = match recorded {
            Ok((_, number)) => number,
            Err(failure) => {
                // Where it can't be read either, what is live goes on.
                if self.standing(id).await.is_ok_and(|standing| standing.live_on(TargetId::LOCAL).is_none()) {
                    self.0.local.close(id).await;
                }
                return Err(failure);
            }
        };
        lock(&self.0.stack_maps).insert(id, Arc::new(started.maps));
        self.0.journal.started(id);
        self.0.local.switch(id, started.process);
        self.0.schedules_changed.notify_one();
        if let Some(files) = scheduled {
            self.note_unscheduled(id, &files).await;
        }
        Ok(number)
    }

    /// Records what is live now, with whatever else `also` has to say of the new row in the same change. Answers the
    /// row's id and the deployment's number.
    pub(super) async fn record_live(
        &self,
        id: FunctionId,
        outgoing: Outgoing,
        version: Option<String>,
        also: impl FnOnce(&rusqlite::Connection, i64) -> store::Result<()> + Send + 'static,
    ) -> Result<(i64, i64), Failure> {
        let app = self.clone();
        let (recorded, purged) = self
            .0
            .store
            .write(move |db| -> store::Result<_> {
                let new = New {
                    code: &outgoing.code,
                    bound: &bound_revisions(&outgoing.sealed),
                    message: &outgoing.message,
                    version: version.as_deref(),
                    at: now(),
                };
                let kept = settings::kept_deployments(db)?;
                let (row, number) = deployments::record_live(db, id, outgoing.target, &new, kept)?;
                also(db, row)?;
                Ok(((row, number), app.purge_within(db, Some(id))?))
            })
            .await?;
        if purged {
            self.scrub_soon();
        }
        Ok(recorded)
    }

    async fn record_failure(&self, id: FunctionId, target: TargetId, failure: &Failure) {
        // Neither is an attempt that the target or the code failed.
        if matches!(failure.code, Code::Cancelled | Code::Storage | Code::NotFound | Code::Drift) {
            return;
        }
        let json = serde_json::to_string(failure).expect("a failure becomes JSON");
        let recorded = self
            .0
            .store
            .write(move |db| deployments::record_failed(db, id, target, &json, now(), settings::kept_deployments(db)?));
        if let Err(error) = recorded.await {
            tracing::warn!(%error, "a failed deployment could not be recorded");
        }
        self.tell_standing(id).await;
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

    /// What is deployed here, with the values that it was deployed with.
    pub(super) async fn live_bundle(&self, id: FunctionId) -> Result<Bundle, Failure> {
        let (live, sealed) = self
            .0
            .store
            .read(move |db| -> store::Result<_> {
                let live = deployments::live_code(db, id, TargetId::LOCAL)?;
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
