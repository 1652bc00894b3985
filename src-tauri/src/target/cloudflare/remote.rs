//! A script as it is on Cloudflare: what is live, what is newest, what is bound. Read from answers; nothing is sent.

use serde::Deserialize;
use std::collections::BTreeMap;

/// What the plan and the search for drift compare with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Remote {
    /// The newest ones, live or not.
    pub versions: Vec<Version>,
    /// What answers now: one version, or several that share the calls. Empty where nothing was ever deployed.
    pub live: Vec<Share>,
    /// The deployment that made it live.
    pub deployed: Option<DeploymentInfo>,
    /// Of the version with the largest share, or of the newest where none is live.
    pub details: Details,
    /// Of the newest version: what can be inherited.
    pub newest_bindings: Vec<RemoteBinding>,
    /// As Cloudflare writes them: weekdays from 1 = Sunday.
    pub schedules: Vec<String>,
}

impl Remote {
    /// Inherited bindings come from this one.
    pub fn latest(&self) -> Option<&Version> {
        latest(&self.versions)
    }

    /// The place of a version in the order in which they were made, where it is one of the newest.
    pub fn number(&self, version: &str) -> Option<u64> {
        self.versions.iter().find(|known| known.id == version).map(|version| version.number)
    }

    /// Whether a version was sent by whoever marks theirs so (see `Order::mark`).
    pub fn is_marked(&self, version: &str, mark: &str) -> bool {
        let version = self.versions.iter().find(|known| known.id == version);
        let tag = version.and_then(|version| version.annotations.get("workers/tag"));
        tag.and_then(|tag| tag.strip_prefix(mark)).is_some_and(|rest| rest.starts_with('-'))
    }
}

fn latest(versions: &[Version]) -> Option<&Version> {
    versions.iter().max_by_key(|version| version.number)
}

#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Version {
    pub id: String,
    #[serde(default)]
    pub number: u64,
    /// `workers/tag`, `workers/message`, `workers/triggered_by` and others.
    #[serde(default)]
    pub annotations: BTreeMap<String, String>,
}

#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct Share {
    pub version_id: String,
    pub percentage: f64,
}

// A percentage is never NaN in JSON.
impl Eq for Share {}

#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct DeploymentInfo {
    #[serde(default)]
    pub id: String,
    /// RFC 3339
    #[serde(default)]
    pub created_on: String,
    /// `wrangler`, `api`, `dash` and others.
    #[serde(default)]
    pub source: String,
    #[serde(default)]
    pub author_email: Option<String>,
    #[serde(default)]
    pub annotations: BTreeMap<String, String>,
    #[serde(default)]
    pub(super) versions: Vec<Share>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Details {
    pub version: String,
    pub number: u64,
    /// Changes with the code.
    pub etag: String,
    pub bindings: Vec<RemoteBinding>,
    pub compatibility_date: String,
    pub compatibility_flags: Vec<String>,
}

#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct RemoteBinding {
    pub name: String,
    /// `secret_text`, `plain_text`, `kv_namespace` and others.
    #[serde(rename = "type")]
    pub kind: String,
    /// Of a `plain_text`. A secret's is never told.
    #[serde(default)]
    pub text: Option<String>,
}

/// A line of the account's list.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Listed {
    #[serde(rename = "id")]
    pub name: String,
    #[serde(default)]
    pub modified_on: String,
    #[serde(default)]
    pub last_deployed_from: Option<String>,
}

#[derive(Deserialize)]
pub(super) struct Deployments {
    /// Newest first.
    pub(super) deployments: Vec<DeploymentInfo>,
}

#[derive(Deserialize)]
pub(super) struct Versions {
    pub(super) items: Vec<Version>,
}

#[derive(Deserialize)]
pub(super) struct Schedules {
    pub(super) schedules: Vec<Schedule>,
}

#[derive(Deserialize)]
pub(super) struct Schedule {
    pub(super) cron: String,
}

#[derive(Deserialize)]
pub(super) struct FullVersion {
    id: String,
    #[serde(default)]
    number: u64,
    resources: Resources,
}

#[derive(Deserialize)]
struct Resources {
    #[serde(default)]
    bindings: Vec<RemoteBinding>,
    #[serde(default)]
    script: Script,
    #[serde(default)]
    script_runtime: Runtime,
}

#[derive(Default, Deserialize)]
struct Script {
    #[serde(default)]
    etag: Option<String>,
}

#[derive(Default, Deserialize)]
struct Runtime {
    #[serde(default)]
    compatibility_date: Option<String>,
    #[serde(default)]
    compatibility_flags: Option<Vec<String>>,
}

impl Versions {
    pub(super) fn latest(&self) -> Option<&Version> {
        latest(&self.items)
    }

    pub(super) fn tagged(&self, tag: &str) -> Option<&Version> {
        self.items.iter().find(|version| version.annotations.get("workers/tag").is_some_and(|own| own == tag))
    }
}

impl Deployments {
    /// Whether all calls go to this version.
    pub(super) fn lets_answer(&self, version: &str) -> bool {
        let live = self.deployments.first().map_or(&[][..], |deployment| &deployment.versions);
        matches!(live, [share] if share.version_id == version)
    }

    /// The version that most calls go to.
    pub(super) fn main(&self) -> Option<&str> {
        let live = &self.deployments.first()?.versions;
        live.iter().max_by(|a, b| a.percentage.total_cmp(&b.percentage)).map(|share| share.version_id.as_str())
    }
}

impl From<FullVersion> for Details {
    fn from(full: FullVersion) -> Self {
        Self {
            version: full.id,
            number: full.number,
            etag: full.resources.script.etag.unwrap_or_default(),
            bindings: full.resources.bindings,
            compatibility_date: full.resources.script_runtime.compatibility_date.unwrap_or_default(),
            compatibility_flags: full.resources.script_runtime.compatibility_flags.unwrap_or_default(),
        }
    }
}
