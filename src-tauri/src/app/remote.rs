//! Deploying to a target elsewhere: what is there is looked at first, what has not changed is inherited and not even
//! opened, and what somebody else deployed is replaced only where the user has seen it.

use std::{collections::BTreeSet, sync::Arc};

use tokio::sync::mpsc;

use super::{
    App,
    deploy::{Claim, Hear, Outgoing, bound_revisions, stack_map},
    standing::Standing,
};
use crate::{
    deployment::{Binding, Bundle, Piece, Step, TargetId, Value},
    function::FunctionId,
    logs::Redactor,
    schedule::Cron,
    secret::SecretName,
    source::StackMap,
    store::{
        deployments,
        secrets::SealedRow,
        targets::{self, Held, ScriptRow, TargetRow},
    },
    target::cloudflare::{self, Allowance, Cloudflare, Error, Listener, Remote, RemoteBinding, Stopped},
    wire::{Code, Drift, Failure, FunctionSummary, Progress, Unfinished},
};

/// A script on a target as it is there now, beside what is known of it here.
pub(super) struct Sighting {
    pub(super) target: TargetId,
    pub(super) script: String,
    pub(super) remote: Option<Remote>,
    /// Somebody else deployed what is live there, or has put a newer version beside it.
    pub(super) drift: Option<Drift>,
    /// What is bound there and does not come from here.
    pub(super) held: Vec<Held>,
    /// Whether what the newest version binds is known to be what was sent last.
    inheritable: bool,
}

impl Sighting {
    /// Whether this revision of a secret is bound there already, under its name.
    pub(super) fn has(&self, standing: &Standing, revision: (i64, i64), name: &str) -> bool {
        let sent = standing.live_on(self.target).is_some_and(|live| live.bound.contains(&revision));
        self.inheritable && sent && self.bindings().any(|binding| binding.name == name && binding.kind == "secret_text")
    }

    pub(super) fn binds(&self, name: &str) -> bool {
        self.bindings().any(|binding| binding.name == name)
    }

    /// Of a variable there.
    pub(super) fn text_of(&self, name: &str) -> Option<&String> {
        self.bindings().find(|binding| binding.name == name)?.text.as_ref()
    }

    /// Names bound there that came from here.
    pub(super) fn ours_of_kind(&self, kind: &str) -> impl Iterator<Item = &str> {
        let ours = move |binding: &&RemoteBinding| {
            binding.kind == kind && !self.held.iter().any(|held| held.name == binding.name)
        };
        self.bindings().filter(ours).map(|binding| binding.name.as_str())
    }

    fn bindings(&self) -> impl Iterator<Item = &RemoteBinding> {
        self.remote.iter().flat_map(|remote| &remote.details.bindings)
    }
}

impl App {
    pub(super) async fn send(
        &self,
        claim: &Claim,
        id: FunctionId,
        outgoing: Outgoing,
        over: Option<&str>,
        progress: Hear<'_>,
    ) -> Result<i64, Failure> {
        let target = outgoing.target;
        let (api, standing, sighting) =
            claim.unless_cancelled(forwarding(progress, async |hear| self.look_at(id, target, &hear).await)).await?;
        if let Some(drift) = &sighting.drift
            && over != Some(&drift.version)
        {
            return Err(drifted(drift));
        }
        let (bundle, values) = self.bundle_for(&standing, &outgoing, &sighting).await?;
        self.0.journal.starting_with(id, values);
        progress(Progress::Passed { step: Step::Opened });

        let order = cloudflare::Order {
            first: sighting.remote.is_none(),
            message: Some(outgoing.message.clone()).filter(|message| !message.is_empty()),
            keep: sighting.held.iter().map(|held| held.name.clone()).collect(),
            schedules: crons(&outgoing.code.schedules),
            allowance: Allowance::PAID,
        };
        let maps = stack_map(&outgoing.code);
        let script = sighting.script.clone();
        let sent = forwarding(progress, async |hear| {
            api.deploy(&script, &bundle, &order, claim.cancelled(), &hear).await
        });
        let deployed = sent.await.map_err(|stopped| self.stopped(id, stopped, &maps))?;
        progress(Progress::Passed { step: Step::Finished });

        let unfinished: Vec<Unfinished> = deployed
            .unfinished
            .into_iter()
            .filter_map(|(piece, error)| Some(Unfinished { piece: piece_of(piece)?, failure: self.refused(id, error) }))
            .collect();
        let unfinished = serde_json::to_string(&unfinished).expect("a list of failures becomes JSON");
        let row = ScriptRow { target, script: sighting.script, address: deployed.address, held: sighting.held };
        let recorded = self.record_live(id, outgoing, deployed.version, move |db, deployment| {
            targets::set_script(db, id, &row)?;
            deployments::set_unfinished(db, deployment, &unfinished)
        });
        recorded.await.map(|(_, number)| number).map_err(|failure| {
            let message = format!("It is live, and that could not be recorded here: {}", failure.message);
            Failure::new(failure.code, message)
        })
    }

    /// The target, how the function stands here, and what is there of it.
    pub(super) async fn look_at(
        &self,
        id: FunctionId,
        target: TargetId,
        listener: &Listener,
    ) -> Result<(Cloudflare, Standing, Sighting), Failure> {
        let (row, api) = self.reach(target).await?;
        let standing = self.standing(id).await?;
        let script = script_name(&standing, &row);
        let asked = script.clone();
        let owner = self.0.store.read(move |db| targets::owner_of(db, target, &asked)).await?;
        if owner.is_some_and(|owner| owner != id) {
            let message = format!("Another function here is the Worker “{script}” on {}. Rename this one first.", row.name);
            return Err(Failure::new(Code::NameTaken, message));
        }
        let remote = api.look(&script, listener).await?;
        let ours = standing.live_on(target).and_then(|live| live.version.clone());
        let drift = remote.as_ref().and_then(|remote| drift(remote, ours.as_deref()));
        let latest = remote.as_ref().and_then(|remote| remote.latest.as_ref()).map(|version| &version.id);
        let inheritable = ours.is_some() && latest == ours.as_ref();
        let held = remote.as_ref().map(|remote| held(remote, &standing, target)).unwrap_or_default();
        Ok((api, standing, Sighting { target, script, remote, drift, held, inheritable }))
    }

    /// Opens only what the target does not have already.
    async fn bundle_for(
        &self,
        standing: &Standing,
        outgoing: &Outgoing,
        sighting: &Sighting,
    ) -> Result<(Bundle, Redactor), Failure> {
        let there = |SealedRow { place, .. }: &SealedRow| {
            sighting.has(standing, (place.secret_id, place.revision), place.name.as_str())
        };
        let (inherited, sent): (Vec<_>, Vec<_>) = outgoing.sealed.iter().cloned().partition(there);
        let (mut bundle, values) = self.bundle(&outgoing.code, sent).await?;
        bundle.bindings.extend(inherited.into_iter().map(|row| Binding { name: row.place.name, value: Value::Inherit }));
        Ok((bundle, values))
    }

    /// Deletes the function's script on every target, and forgets each as it goes: a second try begins where the
    /// first one ended.
    pub(super) async fn remove_elsewhere(&self, id: FunctionId) -> Result<(), Failure> {
        let quiet: Listener = Arc::new(|_| {});
        for ScriptRow { target, script, .. } in self.standing(id).await?.scripts {
            let (row, api) = self.reach(target).await?;
            api.delete(&script, &quiet).await.map_err(|error| {
                let failure = Failure::from(error);
                let message = format!("It was not deleted from {}, and stays here: {}", row.name, failure.message);
                Failure::new(failure.code, message)
            })?;
            self.0
                .store
                .write(move |db| {
                    targets::forget_script(db, id, target)?;
                    deployments::delete(db, Some(id), target)
                })
                .await?;
        }
        Ok(())
    }

    /// Tries again what failed after a deployment went live.
    pub async fn finish_deployment(&self, id: FunctionId, target: TargetId) -> Result<FunctionSummary, Failure> {
        let claim = self.claim(id)?;
        let (_, api) = self.reach(target).await?;
        let standing = self.standing(id).await?;
        let not_there = || Failure::new(Code::NotDeployed, "It is not deployed there.");
        let live = standing.live_on(target).ok_or_else(not_there)?;
        let script = standing.script_on(target).ok_or_else(not_there)?.clone();
        let quiet: Listener = Arc::new(|_| {});
        let before: Vec<Unfinished> = serde_json::from_str(&live.unfinished).unwrap_or_default();
        let (mut left, mut address) = (Vec::new(), None);
        for Unfinished { piece, .. } in before {
            let done = match piece {
                Piece::Address => api.address(&script.script, &quiet).await.map(|found| address = Some(found)),
                Piece::Schedules => {
                    let translated = crons(&live.schedules).iter().map(cloudflare::translate).collect::<Result<Vec<_>, _>>();
                    match translated {
                        Ok(crons) => api.set_schedules(&script.script, &crons, &quiet).await,
                        Err(error) => Err(error.into()),
                    }
                }
            };
            if let Err(error) = done {
                left.push(Unfinished { piece, failure: self.refused(id, error) });
            }
        }
        let (deployment, json) = (live.id, serde_json::to_string(&left).expect("a list of failures becomes JSON"));
        self.0
            .store
            .write(move |db| {
                targets::set_script(db, id, &ScriptRow { address, ..script })?;
                deployments::set_unfinished(db, deployment, &json)
            })
            .await?;
        drop(claim);
        self.tell_standing(id).await;
        Ok(self.summary(&self.standing(id).await?))
    }

    /// What the target said, with places mapped to the TypeScript and every known value taken out.
    fn stopped(&self, id: FunctionId, stopped: Stopped, maps: &StackMap) -> Failure {
        let place = stopped.place().map(|place| format!("file:///bundle/{}:{}:{}", place.module, place.line, place.column));
        let failure = Failure::from(stopped);
        let position = place.and_then(|place| maps.map(&format!("    at {place}")).1);
        Failure::new(failure.code, self.0.journal.redact(id, failure.message)).at(position)
    }

    fn refused(&self, id: FunctionId, error: Error) -> Failure {
        let failure = Failure::from(error);
        Failure::new(failure.code, self.0.journal.redact(id, failure.message))
    }
}

/// Runs what tells its progress from tasks of its own, and passes that on here.
pub(super) async fn forwarding<T>(progress: Hear<'_>, work: impl AsyncFnOnce(Listener) -> T) -> T {
    let (told, mut hears) = mpsc::unbounded_channel();
    let listener: Listener = Arc::new(move |heard| drop(told.send(heard)));
    let tell = |heard| {
        if let Some(heard) = in_steps(heard) {
            progress(heard);
        }
    };
    let mut work = std::pin::pin!(work(listener));
    loop {
        tokio::select! {
            biased;
            Some(heard) = hears.recv() => tell(heard),
            done = &mut work => {
                while let Ok(heard) = hears.try_recv() {
                    tell(heard);
                }
                return done;
            }
        }
    }
}

fn in_steps(heard: cloudflare::Progress) -> Option<Progress> {
    match heard {
        cloudflare::Progress::Sent { bytes, of } => Some(Progress::Sent { bytes, total: of }),
        cloudflare::Progress::Uploaded => Some(Progress::Passed { step: Step::Uploaded }),
        cloudflare::Progress::Switched => Some(Progress::Passed { step: Step::Switched }),
        cloudflare::Progress::Waiting { seconds } => Some(Progress::Waiting { seconds }),
        cloudflare::Progress::Asking => Some(Progress::Asking),
        cloudflare::Progress::Checked => None,
    }
}

/// What it became at its first deployment, or would become.
fn script_name(standing: &Standing, target: &TargetRow) -> String {
    let known = standing.script_on(target.id).map(|script| script.script.clone());
    known.unwrap_or_else(|| format!("{}{}", standing.row.name, target.suffix))
}

/// Somebody else's version, live or waiting, unless all that is there is `ours`.
fn drift(remote: &Remote, ours: Option<&str>) -> Option<Drift> {
    let latest = remote.latest.as_ref().map(|version| version.id.as_str());
    let live_is_ours = remote.live.iter().all(|share| Some(share.version_id.as_str()) == ours);
    if ours.is_some() && live_is_ours && latest == ours {
        return None;
    }
    let deployed = remote.deployed.as_ref();
    Some(Drift {
        version: latest.unwrap_or(&remote.details.version).to_owned(),
        at: deployed.and_then(|deployed| moment(&deployed.created_on)),
        author: deployed.and_then(|deployed| deployed.author_email.clone()),
        source: deployed.map(|deployed| deployed.source.clone()).filter(|source| !source.is_empty()),
    })
}

fn drifted(drift: &Drift) -> Failure {
    let by = drift.author.as_deref().map(|author| format!(" by {author}")).unwrap_or_default();
    let with = drift.source.as_deref().map(|source| format!(" with {source}")).unwrap_or_default();
    let message = format!(
        "What is there was deployed{by}{with}, and not from here. Nothing was sent. Review it, then deploy over it or \
         leave it."
    );
    Failure::new(Code::Drift, message)
}

/// Bindings there that are neither bound by our last deployment nor named here now.
fn held(remote: &Remote, standing: &Standing, target: TargetId) -> Vec<Held> {
    let live = standing.live_on(target);
    let mut ours: BTreeSet<&str> = live.iter().flat_map(|live| &live.names).map(String::as_str).collect();
    let variables = standing.variables_for(target);
    ours.extend(variables.iter().map(|variable| variable.name.as_str()));
    ours.extend(standing.secrets_for(target).iter().map(|secret| secret.name.as_str()));
    let others = remote.details.bindings.iter().filter(|binding| !ours.contains(binding.name.as_str()));
    others.map(|binding| Held { name: binding.name.clone(), kind: binding.kind.clone() }).collect()
}

fn crons(schedules: &[String]) -> Vec<Cron> {
    schedules.iter().map(|text| Cron::parse(text).expect("schedules are parsed before they are stored")).collect()
}

fn piece_of(piece: cloudflare::Piece) -> Option<Piece> {
    match piece {
        cloudflare::Piece::Address => Some(Piece::Address),
        cloudflare::Piece::Schedules => Some(Piece::Schedules),
        cloudflare::Piece::Version => None,
    }
}

/// Milliseconds since the Unix epoch of a time as the API writes it.
pub(super) fn moment(text: &str) -> Option<i64> {
    text.parse::<jiff::Timestamp>().ok().map(|time| time.as_millisecond())
}
