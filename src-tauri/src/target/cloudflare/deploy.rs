//! A deployment as one line: limits, upload, switch, then address and schedules.
//!
//! Until the switch begins, dropping the future ends it and nothing live has changed; from then on it runs to its end
//! on a task of its own, whoever waits for it. The switch of a script that exists is a call of its own; a new script is
//! switched by the last byte of its upload. Where an answer is lost, Cloudflare is asked what became of the request.

use std::future::Future;
use std::time::Duration;

use zeroize::Zeroizing;

use super::body::{CancelOnDrop, Gate};
use super::connection::Payload;
use super::error::{Error, Stopped};
use super::limits::{self, Allowance};
use super::remote::{Deployments, Versions};
use super::upload::{self, Labels};
use super::{Cloudflare, Listener, Progress, cron};
use crate::deployment::{Bundle, Value};
use crate::schedule::Cron;
use crate::target::run_folder::random_hex;

/// What a deployment is to do beside sending a bundle.
pub struct Order {
    /// There is no such script yet. With one there, it ends as `NameTaken`.
    pub first: bool,
    /// Makes it answer at workers.dev. Otherwise that stays as it is there.
    pub publish: bool,
    /// Begins the tag of the version, so that whoever sent it knows it again. At most 60 bytes.
    pub mark: String,
    /// What History says on Cloudflare's side.
    pub message: Option<String>,
    /// Bindings of the latest version that Postern does not own, kept by name.
    pub keep: Vec<String>,
    pub schedules: Vec<Cron>,
    pub allowance: Allowance,
}

/// It is live.
#[derive(Debug)]
pub struct Deployed {
    /// `None` where it is live and Cloudflare did not say under which id: see `unfinished`.
    pub version: Option<String>,
    /// `https://SCRIPT.SUBDOMAIN.workers.dev`; `None` where that is switched off, or unfinished.
    pub address: Option<String>,
    /// What failed after it went live, and can be tried again by itself.
    pub unfinished: Vec<(Piece, Error)>,
}

/// What follows the switch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Piece {
    /// `Cloudflare::look` tells the version.
    Version,
    /// `Cloudflare::publish` where it has none, and otherwise `Cloudflare::address`
    Address,
    /// `Cloudflare::set_schedules`
    Schedules,
}

impl Cloudflare {
    /// Sends the bundle and makes it live. A value of the bundle stands in no error; the API's words may still hold a
    /// form of one that only the app's redactor knows.
    ///
    /// When `cancelled` resolves before the switch has begun, this ends with `Error::Cancelled` and nothing live has
    /// changed. After that it is too late, and this answers how the deployment ended.
    pub async fn deploy(
        &self,
        script: &str,
        bundle: &Bundle,
        order: &Order,
        cancelled: impl Future<Output = ()>,
        listener: &Listener,
    ) -> Result<Deployed, Stopped> {
        let redact = |text: &str| without_values(bundle, text);
        let outcome = self.deploy_unredacted(script, bundle, order, cancelled, listener).await;
        let mut deployed = outcome.map_err(|stopped| stopped.redacted(&redact))?;
        deployed.unfinished =
            deployed.unfinished.into_iter().map(|(piece, error)| (piece, error.redacted(&redact))).collect();
        Ok(deployed)
    }

    async fn deploy_unredacted(
        &self,
        script: &str,
        bundle: &Bundle,
        order: &Order,
        cancelled: impl Future<Output = ()>,
        listener: &Listener,
    ) -> Result<Deployed, Stopped> {
        let mut cancelled = std::pin::pin!(cancelled);
        let untouched = Stopped::Untouched;
        let (keep, first) = (&order.keep, order.first);
        limits::check(script, bundle, keep, order.schedules.len(), first, order.allowance)
            .map_err(|exceeded| untouched(exceeded.into()))?;
        let crons: Result<Vec<String>, _> = order.schedules.iter().map(cron::translate).collect();
        let crons = crons.map_err(|refused| untouched(refused.into()))?;
        let random = || random_hex::<16>().map_err(|_| untouched(Error::NoRandomNumbers));
        let (tag, boundary) = (format!("{}-{}", order.mark, random()?), format!("----postern-{}", random()?));
        if first {
            let exists = unless(&mut cancelled, self.exists(script, listener)).await.map_err(untouched)?;
            if exists {
                return Err(untouched(Error::NameTaken(script.to_owned())));
            }
        }
        let message = order.message.as_deref();
        let body = upload::body(bundle, &Labels { tag: &tag, message, keep, first }, &boundary);
        listener(Progress::Checked);

        let after = Rest {
            cloudflare: self.clone(),
            script: script.to_owned(),
            message: order.message.clone(),
            publish: order.publish,
            crons: (!first || !crons.is_empty()).then_some(crons),
            listener: listener.clone(),
        };
        if first {
            let gate = Gate::new();
            let form = Payload::Form { boundary, body, gate: Some(gate.clone()) };
            let held = CancelOnDrop(gate.clone());
            let mut deploying = std::pin::pin!(to_its_end(async move {
                tokio::select! {
                    () = gate.cancelled() => Err(Stopped::Untouched(Error::Cancelled)),
                    deployed = after.create(form, &tag) => deployed,
                }
            }));
            return tokio::select! {
                deployed = &mut deploying => deployed,
                () = &mut cancelled => {
                    drop(held);
                    deploying.await
                }
            };
        }
        let form = Payload::Form { boundary, body, gate: None };
        let adding = self.add_version(script, form, &tag, listener);
        let version = unless(&mut cancelled, adding).await.map_err(untouched)?;
        listener(Progress::Uploaded);
        to_its_end(async move { after.switch(version).await }).await
    }

    /// Makes a version answer all calls: a rollback is this, with the secrets that the version had, also where they have
    /// changed since. Once begun, it runs to its end.
    pub async fn switch(
        &self,
        script: &str,
        version: &str,
        message: Option<&str>,
        listener: &Listener,
    ) -> Result<(), Stopped> {
        let (this, script, version) = (self.clone(), script.to_owned(), version.to_owned());
        let (message, listener) = (message.map(str::to_owned), listener.clone());
        to_its_end(async move {
            // As the official client does: forced only once the API says that secrets have changed.
            match this.switch_here(&script, &version, message.as_deref(), false, &listener).await {
                Err(Stopped::Untouched(Error::Changed(_))) => {
                    this.switch_here(&script, &version, message.as_deref(), true, &listener).await
                }
                switched => switched,
            }
        })
        .await
    }

    async fn add_version(&self, script: &str, form: Payload, tag: &str, listener: &Listener) -> Result<String, Error> {
        let error = match self.post_version(script, form, listener).await {
            Ok(version) => return Ok(version),
            Err(error) if error.leaves_unknown() => error,
            Err(error) => return Err(error),
        };
        let found = self
            .ask_again(listener, || async {
                let versions: Versions = self.versions(script, listener).await?;
                Ok(versions.tagged(tag).map(|version| version.id.clone()))
            })
            .await;
        match found {
            Ok(Some(version)) => Ok(version),
            Ok(None) => Err(error),
            Err(_) => Err(Error::Unknown { of: "Whether the new version arrived", why: Box::new(error) }),
        }
    }

    async fn switch_here(
        &self,
        script: &str,
        version: &str,
        message: Option<&str>,
        force: bool,
        listener: &Listener,
    ) -> Result<(), Stopped> {
        let error = match self.post_deployment(script, version, message, force, listener).await {
            Ok(()) => return Ok(()),
            Err(error) if error.leaves_unknown() => error,
            Err(error) => return Err(Stopped::Untouched(error)),
        };
        let found = self
            .ask_again(listener, || async {
                let deployments: Deployments = self.deployments(script, listener).await?;
                Ok(deployments.lets_answer(version).then_some(()))
            })
            .await;
        match found {
            Ok(Some(())) => Ok(()),
            Ok(None) => Err(Stopped::NotSeen(error)),
            Err(_) => Err(Stopped::Unknown(Error::Unknown { of: "Whether it went live", why: Box::new(error) })),
        }
    }

    /// Asks until the answer is there, a few times with pauses: what was sent last may still be under way.
    async fn ask_again<T, F>(&self, listener: &Listener, ask: impl Fn() -> F) -> Result<Option<T>, Error>
    where
        F: Future<Output = Result<Option<T>, Error>>,
    {
        listener(Progress::Asking);
        let pause = self.patience().pause;
        let mut last = Ok(None);
        for wait in [Duration::ZERO, pause, pause * 2] {
            tokio::time::sleep(wait).await;
            last = ask().await;
            if matches!(last, Ok(Some(_))) {
                return last;
            }
        }
        last
    }
}

/// What is left of a deployment once it is to go live, without the bundle.
struct Rest {
    cloudflare: Cloudflare,
    script: String,
    message: Option<String>,
    publish: bool,
    /// `None`: there are none, and none can be there.
    crons: Option<Vec<String>>,
    listener: Listener,
}

impl Rest {
    async fn switch(self, version: String) -> Result<Deployed, Stopped> {
        let message = self.message.as_deref();
        self.cloudflare.switch_here(&self.script, &version, message, false, &self.listener).await?;
        Ok(self.finish(Ok(version)).await)
    }

    async fn create(self, form: Payload, tag: &str) -> Result<Deployed, Stopped> {
        match self.cloudflare.put_script(&self.script, form, &self.listener).await {
            Ok(()) => {
                (self.listener)(Progress::Uploaded);
                let version = self.created(tag).await;
                Ok(self.finish(version).await)
            }
            Err(error) if error.leaves_unknown() => self.created_after_all(tag, error).await,
            Err(error) => Err(Stopped::Untouched(error)),
        }
    }

    /// The id of the version that a new script has; its upload does not answer it.
    async fn created(&self, tag: &str) -> Result<String, Error> {
        let versions = self.cloudflare.versions(&self.script, &self.listener).await?;
        let version = versions.tagged(tag).or(versions.latest());
        version.map(|version| version.id.clone()).ok_or_else(|| Error::NotThere(self.script.clone()))
    }

    async fn created_after_all(self, tag: &str, lost: Error) -> Result<Deployed, Stopped> {
        let found = self
            .cloudflare
            .ask_again(&self.listener, || async {
                let versions = self.cloudflare.versions(&self.script, &self.listener).await?;
                Ok(versions.tagged(tag).map(|version| version.id.clone()))
            })
            .await;
        match found {
            Ok(Some(version)) => Ok(self.finish(Ok(version)).await),
            Err(Error::NotThere(_)) => Err(Stopped::NotSeen(lost)),
            // A script is there, and nothing says that it is ours.
            Ok(None) | Err(_) => {
                Err(Stopped::Unknown(Error::Unknown { of: "Whether it went live", why: Box::new(lost) }))
            }
        }
    }

    async fn finish(self, version: Result<String, Error>) -> Deployed {
        let Self { cloudflare, script, publish, crons, listener, .. } = self;
        listener(Progress::Switched);
        let address = async {
            if publish {
                cloudflare.publish(&script, &listener).await.map(Some)
            } else {
                cloudflare.address(&script, &listener).await
            }
        };
        let schedules = async {
            match &crons {
                Some(crons) => cloudflare.set_schedules(&script, crons, &listener).await,
                None => Ok(()),
            }
        };
        let (address, schedules) = tokio::join!(address, schedules);
        let mut unfinished = Vec::new();
        let mut keep = |piece, error| unfinished.push((piece, error));
        let version = version.map_err(|error| keep(Piece::Version, error)).ok();
        let address = address.map_err(|error| keep(Piece::Address, error)).ok().flatten();
        if let Err(error) = schedules {
            keep(Piece::Schedules, error);
        }
        Deployed { version, address, unfinished }
    }
}

/// Gives up the work when it is cancelled first.
async fn unless<T>(
    cancelled: &mut (impl Future<Output = ()> + Unpin),
    work: impl Future<Output = Result<T, Error>>,
) -> Result<T, Error> {
    tokio::select! {
        done = work => done,
        () = cancelled => Err(Error::Cancelled),
    }
}

/// Goes on when nobody waits for it any more.
async fn to_its_end<T: Send + 'static>(
    work: impl Future<Output = Result<T, Stopped>> + Send + 'static,
) -> Result<T, Stopped> {
    // Never aborted, so that a panic is all that can be in the way.
    tokio::spawn(work).await.unwrap_or_else(|error| std::panic::resume_unwind(error.into_panic()))
}

/// Values shorter than this are left: to take every "a" out of a text would hide it and tell the value.
const SHORTEST: usize = 4;

/// The text without the secrets of the bundle, as they are and as they stand in JSON. Longest first, so that a value
/// inside another one leaves nothing of it behind.
fn without_values(bundle: &Bundle, text: &str) -> String {
    let mut forms: Vec<(Zeroizing<String>, &str)> = Vec::new();
    for binding in &bundle.bindings {
        let Value::Set(value) = &binding.value else { continue };
        let (name, value) = (binding.name.as_str(), value.expose());
        // A byte takes six at most: `\u001f`. The buffer must not grow.
        let mut json = Zeroizing::new(Vec::with_capacity(6 * value.len() + 2));
        serde_json::to_writer(&mut *json, value).expect("text becomes JSON, and memory takes it");
        let json = std::str::from_utf8(&json[1..json.len() - 1]).expect("JSON is text");
        let lines = value.lines().filter(|line| line.len() >= 2 * SHORTEST);
        forms.extend([value, json].into_iter().chain(lines).map(|form| (Zeroizing::new(form.to_owned()), name)));
    }
    forms.retain(|(form, _)| form.len() >= SHORTEST);
    forms.sort_by_key(|(form, _)| std::cmp::Reverse(form.len()));
    let mut text = text.to_owned();
    for (form, name) in &forms {
        if text.contains(form.as_str()) {
            text = Zeroizing::new(text).replace(form.as_str(), &format!("[{name}]"));
        }
    }
    text
}
