//! What is on a target of a function: looked at before anything is sent, and told apart from what others put there.

use std::collections::BTreeSet;

use super::{App, standing::Standing};
use crate::{
    deployment::{Piece, TargetId},
    function::FunctionId,
    schedule::Cron,
    store::{
        self, deployments, settings,
        targets::{self, Held, TargetRow},
    },
    target::cloudflare::{Cloudflare, Listener, Remote, RemoteBinding, is_said_as},
    wire::{Code, Drift, Failure},
};

/// A script on a target as it is there now, beside what is known of it here.
pub(super) struct Sighting {
    pub(super) target: TargetId,
    pub(super) script: String,
    pub(super) remote: Option<Remote>,
    /// Somebody else deployed what is live there, has put a newer version beside it, or has changed its schedules.
    pub(super) drift: Option<Drift>,
    /// The first two of these: what is there is not what was sent from here.
    pub(super) is_theirs: bool,
    /// Where it answers, as far as is known here.
    pub(super) address: Option<String>,
    /// It was to answer at an address of the target, and that could not be brought about so far.
    pub(super) unpublished: bool,
    /// What is bound there, does not come from here, and can be kept.
    pub(super) held: Vec<Held>,
    /// Whether what the newest version binds is known to be what was sent last.
    inheritable: bool,
}

impl Sighting {
    /// Of a script that is not there yet. `published`: it is to answer at an address of the target.
    pub(super) fn nothing(target: TargetId, script: &str, published: bool) -> Self {
        let script = script.to_owned();
        Self {
            target,
            script,
            remote: None,
            drift: None,
            is_theirs: false,
            address: None,
            unpublished: published,
            held: Vec::new(),
            inheritable: false,
        }
    }

    /// Whether this revision of a secret is bound there already, under its name.
    pub(super) fn has(&self, standing: &Standing, revision: (i64, i64), name: &str) -> bool {
        let sent = standing.live_on(self.target).is_some_and(|live| live.bound.contains(&revision));
        let newest = self.remote.iter().flat_map(|remote| &remote.newest_bindings);
        self.inheritable
            && sent
            && newest.into_iter().any(|binding| binding.name == name && binding.kind == "secret_text")
    }

    pub(super) fn binds(&self, name: &str) -> bool {
        self.bindings().any(|binding| binding.name == name)
    }

    /// Of a variable there.
    pub(super) fn text_of(&self, name: &str) -> Option<&String> {
        self.bindings().find(|binding| binding.name == name)?.text.as_ref()
    }

    /// Names bound there that came from here, or can't be kept.
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
        self.refuse_shared(id, &row, &script).await?;
        let remote = self.without_values(id, api.look(&script, listener).await).await?;
        let ours = standing.live_on(target).and_then(|live| live.version.clone());
        let mark = self.mark(id).await?;
        let live = standing.live_on(target).map(|live| live.id);
        let (recorded, bound) = self
            .0
            .store
            .read(move |db| -> store::Result<_> {
                let bound = live.map(|live| deployments::names_bound(db, live)).transpose()?;
                Ok((deployments::versions(db, id, target)?, bound.unwrap_or_default()))
            })
            .await?;
        let theirs = remote.as_ref().and_then(|remote| {
            let ours = Ours { live: ours.as_deref(), mark: &mark, recorded: &recorded };
            theirs(remote, &ours).map(str::to_owned)
        });
        let latest = remote.as_ref().and_then(Remote::latest).map(|version| &version.id);
        let inheritable = ours.is_some() && latest == ours.as_ref();
        let ours = names_of_ours(&standing, target, bound);
        let held = remote.as_ref().map(|remote| held_beside(&ours, remote)).unwrap_or_default();
        let newest = remote.iter().flat_map(|remote| &remote.newest_bindings);
        let inherited: BTreeSet<&str> = newest.map(|binding| binding.name.as_str()).collect();
        let (held, lost): (Vec<_>, Vec<_>) = held.into_iter().partition(|held| inherited.contains(&held.name[..]));
        // What can't be inherited is dropped, and that is to be seen first.
        let seen_first = latest.filter(|_| !lost.is_empty()).cloned();
        let is_theirs = theirs.is_some();
        let drift = remote.as_ref().and_then(|remote| match theirs.or(seen_first) {
            Some(version) => Some(drift(version, remote)),
            None => is_rescheduled(&standing, target, remote).then(|| rescheduled(remote)),
        });
        let address = standing.script_on(target).and_then(|script| script.address.clone());
        // Its first deployment may have broken off before it had one.
        let is_begun = standing.script_on(target).is_some() && standing.live_on(target).is_none() && !is_theirs;
        let lacks_address = address.is_none() && (is_begun || standing.lacks(target, Piece::Address));
        let unpublished = remote.is_none() || lacks_address;
        let sighting = Sighting { target, script, remote, drift, is_theirs, address, unpublished, held, inheritable };
        Ok((api, standing, sighting))
    }

    /// A script that another function is here, or this one on another target, would be replaced by it.
    async fn refuse_shared(&self, id: FunctionId, row: &TargetRow, script: &str) -> Result<(), Failure> {
        let (target, asked) = (row.id, script.to_owned());
        let owner = self.0.store.read(move |db| targets::owner_of(db, target, &asked, Some(id))).await?;
        let Some((owner, there)) = owner else { return Ok(()) };
        let message = if owner == id {
            format!(
                "This function is the Worker “{script}” on {} already, and {} is the same account: one would replace the \
                 other. Remove one of these targets and add it anew with a suffix of its own.",
                there.name, row.name
            )
        } else {
            format!("Another function here is the Worker “{script}” on {}. Rename this one first.", there.name)
        };
        Err(Failure::new(Code::NameTaken, message))
    }

    /// Begins the tag of every version of the function that was sent from this data folder.
    pub(super) async fn mark(&self, id: FunctionId) -> Result<String, Failure> {
        let made = self.0.store.write(settings::installation).await;
        made.map(|folder| format!("postern-{folder}-{}", id.0)).map_err(|error: store::StoreError| error.into())
    }
}

/// What it became at its first deployment, or would become.
fn script_name(standing: &Standing, target: &TargetRow) -> String {
    let known = standing.script_on(target.id).map(|script| script.script.clone());
    known.unwrap_or_else(|| format!("{}{}", standing.row.name, target.suffix))
}

/// What is known here of the versions that were sent from here.
struct Ours<'a> {
    /// What was recorded last as live.
    live: Option<&'a str>,
    mark: &'a str,
    recorded: &'a [String],
}

/// Somebody else's version, live or waiting. Of ours too, one that somebody else made live: an older one, or one that was
/// replaced from here. A newer one that is recorded nowhere went live before the app was ended.
fn theirs<'r>(remote: &'r Remote, ours: &Ours<'_>) -> Option<&'r str> {
    let is_marked = |version: &str| remote.is_marked(version, ours.mark);
    let newest_known = ours.live.and_then(|version| remote.number(version));
    let was_made_live_here = |version: &str| {
        is_marked(version)
            && !ours.recorded.iter().any(|recorded| recorded == version)
            && remote.number(version) > newest_known
    };
    // The newest first: where both are theirs, it names the state better.
    let newest = remote.latest().map(|version| version.id.as_str());
    let waiting = newest.filter(|version| Some(*version) != ours.live && !is_marked(version));
    let mut live = remote.live.iter().map(|share| share.version_id.as_str());
    waiting.or_else(|| live.find(|version| Some(*version) != ours.live && !was_made_live_here(version)))
}

fn drift(version: String, remote: &Remote) -> Drift {
    let deployed = remote.deployed.as_ref();
    Drift {
        version,
        at: deployed.and_then(|deployed| moment(&deployed.created_on)),
        author: deployed.and_then(|deployed| deployed.author_email.clone()),
        source: deployed.map(|deployed| deployed.source.clone()).filter(|source| !source.is_empty()),
        schedules: false,
    }
}

/// What was deployed last from here is live, and runs at other times than it was told to.
fn is_rescheduled(standing: &Standing, target: TargetId, remote: &Remote) -> bool {
    let Some(live) = standing.live_on(target) else { return false };
    // One that is recorded nowhere had its schedules with it.
    let is_live = matches!(&remote.live[..], [share] if Some(&share.version_id) == live.version.as_ref());
    let ours: Vec<Cron> = live.schedules.iter().filter_map(|text| Cron::parse(text).ok()).collect();
    let theirs = &remote.schedules;
    let same = ours.iter().all(|cron| theirs.iter().any(|there| is_said_as(cron, there)))
        && theirs.iter().all(|there| ours.iter().any(|cron| is_said_as(cron, there)));
    is_live && !same && !standing.lacks(target, Piece::Schedules)
}

fn rescheduled(remote: &Remote) -> Drift {
    let version = format!("schedules: {}", remote.schedules.join(", "));
    Drift { version, at: None, author: None, source: None, schedules: true }
}

/// What our last deployment bound there (`bound`, and its variables), and what is named here now.
fn names_of_ours(standing: &Standing, target: TargetId, bound: Vec<String>) -> BTreeSet<String> {
    let sent = standing.live_on(target).into_iter().flat_map(|live| live.variables.clone());
    let variables = sent.chain(standing.variables_for(target)).map(|variable| variable.name);
    let secrets = standing.secrets_for(target).into_iter().map(|secret| secret.name.clone());
    bound.into_iter().chain(variables).chain(secrets).collect()
}

/// What is bound there under none of these names.
pub(super) fn held_beside(ours: &BTreeSet<String>, remote: &Remote) -> Vec<Held> {
    let others = remote.details.bindings.iter().filter(|binding| !ours.contains(&binding.name));
    others.map(|binding| Held { name: binding.name.clone(), kind: binding.kind.clone() }).collect()
}

/// Milliseconds since the Unix epoch of a time as the API writes it.
pub(super) fn moment(text: &str) -> Option<i64> {
    text.parse::<jiff::Timestamp>().ok().map(|time| time.as_millisecond())
}
