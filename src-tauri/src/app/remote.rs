//! Deploying to a target elsewhere: what is there is looked at first, what has not changed is inherited and not even
//! opened, and what somebody else deployed is replaced only where the user has seen it.

use std::sync::Arc;

use tokio::sync::mpsc;

use super::{
    App,
    afterwards::bring_about,
    deploy::{Claim, Hear},
    outgoing::{Outgoing, stack_map, tell_unbound},
    sighting::Sighting,
    standing::Standing,
};
use crate::{
    deployment::{Binding, Bundle, Piece, Step, TargetId, Value},
    function::FunctionId,
    schedule::Cron,
    source::StackMap,
    store::{
        deployments,
        secrets::SealedRow,
        targets::{self, ScriptRow},
    },
    target::cloudflare::{self, Allowance, Cloudflare, Error, Listener, RemoteBinding, Stopped},
    wire::{Code, Drift, Failure, Progress, Unfinished},
};

/// All that an upload takes.
struct Ready {
    outgoing: Outgoing,
    sighting: Sighting,
    bundle: Bundle,
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
        let (api, told, standing, sighting) = self.look_first(claim, id, outgoing.target, over, progress).await?;
        tell_unbound(&outgoing.foreign, &sighting.held, progress);
        let bundle = self.bundle_for(&standing, &outgoing, &sighting).await?;
        progress(Progress::Passed { step: Step::Opened });
        self.upload(claim, id, (api, told), Ready { outgoing, sighting, bundle }, progress).await
    }

    /// What is there, unless somebody else deployed it and the user has not seen that very version.
    async fn look_first(
        &self,
        claim: &Claim,
        id: FunctionId,
        target: TargetId,
        over: Option<&str>,
        progress: Hear<'_>,
    ) -> Result<(Cloudflare, Told, Standing, Sighting), Failure> {
        let mut told = Told::new();
        let listener = told.listener.clone();
        let looking = told.passed_on(progress, self.look_at(id, target, &listener));
        let (api, standing, sighting) = claim.unless_cancelled(looking).await?;
        match &sighting.drift {
            Some(drift) if over != Some(&drift.version) => Err(drifted(drift)),
            _ => Ok((api, told, standing, sighting)),
        }
    }

    /// Sends it as a new script, under a name that it does not have yet, and as public as it is.
    pub(super) async fn send_as(
        &self,
        claim: &Claim,
        id: FunctionId,
        outgoing: Outgoing,
        (script, published): (&str, bool),
        progress: Hear<'_>,
    ) -> Result<i64, Failure> {
        let (_, api) = self.reach(outgoing.target).await?;
        let (bundle, _) = self.bundle(&outgoing.code, outgoing.sealed.clone()).await?;
        progress(Progress::Passed { step: Step::Opened });
        let sighting = Sighting::nothing(outgoing.target, script, published);
        self.upload(claim, id, (api, Told::new()), Ready { outgoing, sighting, bundle }, progress).await
    }

    async fn upload(
        &self,
        claim: &Claim,
        id: FunctionId,
        (api, mut told): (Cloudflare, Told),
        Ready { outgoing, sighting, bundle }: Ready,
        progress: Hear<'_>,
    ) -> Result<i64, Failure> {
        let (target, listener) = (outgoing.target, told.listener.clone());
        let first = sighting.remote.is_none();
        let order = cloudflare::Order {
            first,
            publish: sighting.unpublished,
            mark: self.mark(id).await?,
            message: Some(outgoing.message.clone()).filter(|message| !message.is_empty()),
            keep: sighting.held.iter().map(|held| held.name.clone()).collect(),
            schedules: crons(&outgoing.code.schedules),
            allowance: Allowance::PAID,
        };
        let maps = stack_map(&outgoing.code);
        let script = sighting.script.clone();
        // Before a byte of it goes: from then on it may be there, whatever becomes of this app.
        let begun = first && self.0.store.write(move |db| targets::begin_script(db, id, target, &script)).await?;
        let sending = api.deploy(&sighting.script, &bundle, &order, claim.cancelled(), &listener);
        let deployed = match told.passed_on(progress, sending).await {
            Ok(deployed) => deployed,
            Err(stopped) => {
                if begun && matches!(stopped, Stopped::Untouched(_)) {
                    // What stays is looked for when the function goes, and not found.
                    let forgotten = self.0.store.write(move |db| targets::forget_script(db, id, target)).await;
                    forgotten.unwrap_or_else(|error| tracing::warn!(%error, "a script that is not there is kept"));
                }
                return Err(self.stopped(id, stopped, &maps).await);
            }
        };
        progress(Progress::Passed { step: Step::Finished });

        let left = deployed.unfinished.into_iter().filter_map(|(piece, error)| Some((piece_of(piece)?, error)));
        // One that was not to be switched on and has none lacks nothing: the next deployment asks again.
        let lacks = |piece: &Piece| *piece != Piece::Address || order.publish || sighting.address.is_some();
        let left: Vec<_> = left.filter(|(piece, _)| lacks(piece)).collect();
        let is_asked = !left.iter().any(|(piece, _)| *piece == Piece::Address);
        let address = if is_asked { deployed.address } else { sighting.address };
        let unfinished = self.unfinished(id, left).await;
        let row = ScriptRow { target, script: sighting.script, address, held: sighting.held };
        self.record_sent(id, outgoing, deployed.version, row, unfinished).await
    }

    async fn record_sent(
        &self,
        id: FunctionId,
        outgoing: Outgoing,
        version: Option<String>,
        script: ScriptRow,
        unfinished: Vec<Unfinished>,
    ) -> Result<i64, Failure> {
        let unfinished = serde_json::to_string(&unfinished).expect("a list of failures becomes JSON");
        let recorded = self.record_live(id, outgoing, version, move |db, deployment| {
            targets::set_script(db, id, &script)?;
            deployments::set_unfinished(db, deployment, &unfinished)
        });
        recorded.await.map(|(_, number)| number).map_err(|failure| {
            let message = format!("It is live, and that could not be recorded here: {}", failure.message);
            Failure::new(failure.code, message)
        })
    }

    /// Lets a version answer again that the target has kept; one that it has not is sent anew.
    pub(super) async fn return_to(
        &self,
        claim: &Claim,
        id: FunctionId,
        outgoing: Outgoing,
        version: String,
        over: Option<&str>,
        progress: Hear<'_>,
    ) -> Result<i64, Failure> {
        let target = outgoing.target;
        let (api, mut told, _, sighting) = self.look_first(claim, id, target, over, progress).await?;
        let listener = told.listener.clone();
        let script = sighting.script.clone();
        // Refused before anything is switched.
        translated(&outgoing.code.schedules)?;
        let looking = async {
            match api.version(&script, &version, &listener).await {
                Ok(details) => Ok(Some(details.bindings)),
                Err(Error::NotThere(_) | Error::Refused { .. }) => Ok(None),
                Err(error) => Err(self.known_values(id).await.failure(error)),
            }
        };
        let bindings = claim.unless_cancelled(told.passed_on(progress, looking)).await?;
        // What others have bound since would be gone with the version that answers now.
        let has = |bindings: &[RemoteBinding], name: &str| bindings.iter().any(|binding| binding.name == name);
        let keeps_theirs = bindings.is_some_and(|bindings| sighting.held.iter().all(|held| has(&bindings, &held.name)));
        if !keeps_theirs {
            return self.send(claim, id, outgoing, over, progress).await;
        }
        let switching = api.switch(&script, &version, Some(&outgoing.message), &listener);
        let switched = told.passed_on(progress, switching).await;
        match switched {
            Ok(()) => {}
            Err(Stopped::Untouched(Error::NotThere(_) | Error::Refused { .. } | Error::Validation { .. })) => {
                return self.send(claim, id, outgoing, over, progress).await;
            }
            Err(stopped) => return Err(self.stopped(id, stopped, &stack_map(&outgoing.code)).await),
        }
        progress(Progress::Passed { step: Step::Switched });
        let pieces = [Piece::Schedules].into_iter().chain(sighting.unpublished.then_some(Piece::Address));
        let mut row = ScriptRow { target, script, address: sighting.address, held: sighting.held };
        let left = bring_about(&api, pieces, &outgoing.code.schedules, &mut row).await;
        let unfinished = self.unfinished(id, left).await;
        progress(Progress::Passed { step: Step::Finished });
        self.record_sent(id, outgoing, Some(version), row, unfinished).await
    }

    /// Opens only what the target does not have already.
    async fn bundle_for(
        &self,
        standing: &Standing,
        outgoing: &Outgoing,
        sighting: &Sighting,
    ) -> Result<Bundle, Failure> {
        let there = |SealedRow { place, .. }: &SealedRow| {
            sighting.has(standing, (place.secret_id, place.revision), place.name.as_str())
        };
        let (inherited, sent): (Vec<_>, Vec<_>) = outgoing.sealed.iter().cloned().partition(there);
        let (mut bundle, _) = self.bundle(&outgoing.code, sent).await?;
        bundle
            .bindings
            .extend(inherited.into_iter().map(|row| Binding { name: row.place.name, value: Value::Inherit }));
        Ok(bundle)
    }

    pub(super) async fn unfinished(&self, id: FunctionId, left: Vec<(Piece, Error)>) -> Vec<Unfinished> {
        if left.is_empty() {
            return Vec::new();
        }
        let known = self.known_values(id).await;
        left.into_iter().map(|(piece, error)| Unfinished { piece, failure: known.failure(error) }).collect()
    }

    /// What the target said, with its place in the TypeScript.
    async fn stopped(&self, id: FunctionId, stopped: Stopped, maps: &StackMap) -> Failure {
        let place =
            stopped.place().map(|place| format!("file:///bundle/{}:{}:{}", place.module, place.line, place.column));
        let position = place.and_then(|place| maps.map(&format!("    at {place}")).1);
        Failure::from(self.known_values(id).await.stopped(stopped)).at(position)
    }
}

/// What calls to a target tell from tasks of their own, on its way to whoever listens here.
struct Told {
    listener: Listener,
    heard: mpsc::UnboundedReceiver<cloudflare::Progress>,
}

impl Told {
    fn new() -> Self {
        let (told, heard) = mpsc::unbounded_channel();
        let listener: Listener = Arc::new(move |progress| {
            // Whoever listened is gone with the deployment.
            let _ = told.send(progress);
        });
        Self { listener, heard }
    }

    /// Does the work, which was given `listener`, and passes on what it tells meanwhile.
    async fn passed_on<T>(&mut self, progress: Hear<'_>, work: impl Future<Output = T>) -> T {
        let tell = |heard| in_steps(heard).into_iter().for_each(progress);
        let mut work = std::pin::pin!(work);
        loop {
            tokio::select! {
                biased;
                Some(heard) = self.heard.recv() => tell(heard),
                done = &mut work => {
                    while let Ok(heard) = self.heard.try_recv() {
                        tell(heard);
                    }
                    return done;
                }
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

pub(super) fn drifted(drift: &Drift) -> Failure {
    let what = if drift.schedules {
        "The schedules there were changed, and not from here.".to_owned()
    } else {
        format!("What is there was deployed{}, and not from here.", by_whom(drift))
    };
    Failure::new(Code::Drift, format!("{what} Nothing was sent. Review it, then deploy over it or leave it."))
}

pub(super) fn by_whom(drift: &Drift) -> String {
    let by = drift.author.as_deref().map(|author| format!(" by {author}")).unwrap_or_default();
    let with = drift.source.as_deref().map(|source| format!(" with {source}")).unwrap_or_default();
    format!("{by}{with}")
}

fn crons(schedules: &[String]) -> Vec<Cron> {
    schedules.iter().map(|text| Cron::parse(text).expect("schedules are parsed before they are stored")).collect()
}

pub(super) fn translated(schedules: &[String]) -> Result<Vec<String>, Error> {
    Ok(crons(schedules).iter().map(cloudflare::translate).collect::<Result<_, _>>()?)
}

fn piece_of(piece: cloudflare::Piece) -> Option<Piece> {
    match piece {
        cloudflare::Piece::Address => Some(Piece::Address),
        cloudflare::Piece::Schedules => Some(Piece::Schedules),
        cloudflare::Piece::Version => None,
    }
}
