//! What the account holds: scripts with their versions and deployments, and how each is shown.

use std::collections::BTreeMap;
use std::sync::Arc;

use postern::function::FunctionId;
use serde_json::{Map, Value, json};

use super::answers::Refusal;
use super::bindings::{self, Binding};
use super::upload::Code;
use super::{now, random_hex, random_uuid};

pub(super) const ID: &str = "0123456789abcdef0123456789abcdef";
pub(super) const NAME: &str = "An account for tests";
const EMAIL: &str = "dev@example.com";

pub(super) struct Account {
    pub(super) subdomain: Option<String>,
    pub(super) max_crons: usize,
    pub(super) scripts: BTreeMap<String, Script>,
}

pub(super) struct Script {
    /// What the runtime knows it by.
    pub(super) function: FunctionId,
    /// Of the script, not of a version: it stays for good.
    tag: String,
    created: String,
    modified: String,
    source: &'static str,
    /// The oldest first.
    pub(super) versions: Vec<Version>,
    /// The oldest first; the last one answers.
    deployments: Vec<Deployment>,
    pub(super) crons: Vec<String>,
    pub(super) enabled: bool,
    pub(super) previews_enabled: bool,
    /// Those that belong to no version: observability, tags, logpush, tail_consumers.
    pub(super) settings: Map<String, Value>,
}

#[derive(Clone)]
pub(super) struct Version {
    pub(super) id: String,
    number: usize,
    created: String,
    source: &'static str,
    annotations: Map<String, Value>,
    pub(super) bindings: Vec<Binding>,
    pub(super) code: Arc<Code>,
    handlers: Vec<&'static str>,
    startup_ms: u64,
}

/// A version that has no place in a script yet.
pub(super) struct Draft {
    pub(super) source: &'static str,
    pub(super) annotations: Map<String, Value>,
    pub(super) bindings: Vec<Binding>,
    pub(super) code: Arc<Code>,
    pub(super) handlers: Vec<&'static str>,
    pub(super) startup_ms: u64,
}

struct Deployment {
    id: String,
    created: String,
    source: &'static str,
    annotations: Map<String, Value>,
    /// Version ids, with the percentage of each.
    versions: Vec<(String, f64)>,
}

impl Account {
    pub(super) fn new() -> Self {
        Self { subdomain: Some("made-up".to_owned()), max_crons: 5, scripts: BTreeMap::new() }
    }

    pub(super) fn script(&self, name: &str) -> Result<&Script, Refusal> {
        self.scripts.get(name).ok_or_else(Refusal::no_script)
    }

    pub(super) fn script_mut(&mut self, name: &str) -> Result<&mut Script, Refusal> {
        self.scripts.get_mut(name).ok_or_else(Refusal::no_script)
    }
}

impl Script {
    pub(super) fn new(function: FunctionId, source: &'static str) -> Self {
        Self {
            function,
            tag: random_hex::<16>(),
            created: now(),
            modified: now(),
            source,
            versions: Vec::new(),
            deployments: Vec::new(),
            crons: Vec::new(),
            enabled: false,
            previews_enabled: false,
            settings: Map::new(),
        }
    }

    pub(super) fn add(&mut self, draft: Draft) -> &Version {
        self.modified = now();
        self.source = draft.source;
        self.versions.push(Version {
            id: random_uuid(),
            number: self.versions.len() + 1,
            created: now(),
            source: draft.source,
            annotations: draft.annotations,
            bindings: draft.bindings,
            code: draft.code,
            handlers: draft.handlers,
            startup_ms: draft.startup_ms,
        });
        self.versions.last().expect("it was just added")
    }

    pub(super) fn version(&self, id: &str) -> Option<&Version> {
        self.versions.iter().find(|version| version.id == id)
    }

    pub(super) fn latest(&self) -> Option<&Version> {
        self.versions.last()
    }

    /// The version that answers; of several, the one with the largest part.
    pub(super) fn live(&self) -> Option<&Version> {
        let parts = &self.deployments.last()?.versions;
        let (id, _) = parts.iter().max_by(|(_, one), (_, other)| one.total_cmp(other))?;
        self.version(id)
    }

    /// What has no version in its path changes the live one, which the API allows only while it is the latest.
    pub(super) fn live_and_latest(&self, code: u32) -> Result<&Version, Refusal> {
        match (self.live(), self.latest()) {
            (Some(live), Some(latest)) if live.id == latest.id => Ok(live),
            _ => Err(Refusal::new(400, code, "The latest version of this Worker isn't currently deployed.")),
        }
    }

    /// `force`: also an older version whose secrets have changed since.
    pub(super) fn deploy(
        &mut self,
        versions: Vec<(String, f64)>,
        annotations: Map<String, Value>,
        source: &'static str,
        force: bool,
    ) -> Result<Value, Refusal> {
        let sum: f64 = versions.iter().map(|(_, percentage)| percentage).sum();
        if !(1..=2).contains(&versions.len()) || (sum - 100.0).abs() > 0.01 {
            return Err(Refusal::validation(
                "a deployment has one or two versions, and their percentages add up to 100",
            ));
        }
        for (id, _) in &versions {
            let version =
                self.version(id).ok_or_else(|| Refusal::validation(format!("version {id} does not exist")))?;
            let live = self.live().filter(|live| live.number > version.number && !force);
            let changed = live.map(|live| bindings::changed_secrets(&version.bindings, &live.bindings));
            if let Some(names) = changed.filter(|names| !names.is_empty()) {
                let message = format!("The following secrets have changed: {}", names.join(", "));
                return Err(Refusal::new(400, 10220, message));
            }
        }
        self.modified = now();
        let deployment = Deployment { id: random_uuid(), created: now(), source, annotations, versions };
        let shown = deployment.shown();
        self.deployments.push(deployment);
        Ok(shown)
    }

    pub(super) fn deployments_shown(&self) -> Value {
        self.deployments.iter().rev().map(Deployment::shown).collect()
    }

    /// In the list of scripts, and as the answer to an upload that is live at once.
    pub(super) fn shown(&self, name: &str) -> Value {
        let latest = self.latest();
        // Whatever its name says: wrangler tells it as the id of the version.
        let deployment = self.live().map(|version| version.id.replace('-', ""));
        json!({
            "id": name,
            "tag": self.tag,
            "tags": [],
            "etag": latest.map(|version| &version.code.etag),
            "deployment_id": deployment,
            "pipeline_hash": "00000000",
            "mutable_pipeline_id": null,
            "has_assets": false,
            "has_modules": true,
            "handlers": latest.map(|version| &version.handlers),
            "created_on": self.created,
            "modified_on": self.modified,
            "usage_model": "standard",
            "startup_time_ms": latest.map(|version| version.startup_ms),
            "compatibility_date": latest.map(|version| &version.code.compatibility_date),
            "entry_point": latest.map(|version| &version.code.entry),
            "last_deployed_from": self.source,
            "named_handlers": [],
            "available_on_subdomain": self.enabled,
        })
    }

    pub(super) fn service_shown(&self, name: &str) -> Value {
        json!({
            "id": name,
            "default_environment": {
                "environment": "production",
                "created_on": self.created,
                "modified_on": self.modified,
                "script": {
                    "id": name,
                    "tag": self.tag,
                    "last_deployed_from": self.source,
                    "created_on": self.created,
                    "modified_on": self.modified,
                },
            },
            "created_on": self.created,
            "modified_on": self.modified,
            "environments": [{ "environment": "production" }],
        })
    }

    pub(super) fn worker_shown(&self, name: &str) -> Value {
        let setting = |name: &str, otherwise: Value| self.settings.get(name).cloned().unwrap_or(otherwise);
        json!({
            "id": self.tag,
            "name": name,
            "created_on": self.created,
            "updated_on": self.modified,
            "logpush": setting("logpush", false.into()),
            "observability": setting("observability", json!({ "enabled": false })),
            "subdomain": self.subdomain_shown(),
            "tags": setting("tags", json!([])),
            "tail_consumers": setting("tail_consumers", json!([])),
        })
    }

    pub(super) fn settings_shown(&self) -> Value {
        let live = self.live().or(self.latest());
        let mut shown = json!({
            "bindings": live.map(Version::bindings_shown),
            "compatibility_date": live.map(|version| &version.code.compatibility_date),
            "compatibility_flags": live.map(|version| &version.code.compatibility_flags),
            "usage_model": "standard",
            "tags": [],
            "logpush": false,
            "tail_consumers": null,
        });
        for (name, value) in &self.settings {
            shown[name] = value.clone();
        }
        shown
    }

    pub(super) fn subdomain_shown(&self) -> Value {
        json!({ "enabled": self.enabled, "previews_enabled": self.previews_enabled })
    }

    pub(super) fn secrets_shown(&self) -> Value {
        let latest = self.latest().into_iter().flat_map(|version| &version.bindings);
        latest.filter(|binding| binding.is_secret()).map(Binding::shown).collect()
    }
}

impl Version {
    /// The same code with other bindings.
    pub(super) fn with(&self, bindings: Vec<Binding>, annotations: Map<String, Value>, source: &'static str) -> Draft {
        Draft {
            source,
            annotations,
            bindings,
            code: Arc::clone(&self.code),
            handlers: self.handlers.clone(),
            startup_ms: self.startup_ms,
        }
    }

    pub(super) fn shown(&self) -> Value {
        json!({
            "id": self.id,
            "number": self.number,
            "metadata": {
                "created_on": self.created,
                "modified_on": self.created,
                "source": self.source,
                "author_email": EMAIL,
                "hasPreview": false,
            },
            "annotations": self.annotations,
            "resources": {
                "bindings": self.bindings_shown(),
                "script": {
                    "etag": self.code.etag,
                    "handlers": self.handlers,
                    "last_deployed_from": self.source,
                },
                "script_runtime": {
                    "compatibility_date": self.code.compatibility_date,
                    "compatibility_flags": self.code.compatibility_flags,
                    "usage_model": "standard",
                },
            },
            "startup_time_ms": self.startup_ms,
        })
    }

    fn bindings_shown(&self) -> Value {
        self.bindings.iter().map(Binding::shown).collect()
    }
}

impl Deployment {
    fn shown(&self) -> Value {
        // Written as the API does: 100, and 12.5.
        let number = |percentage: f64| match percentage {
            whole if whole.fract() == 0.0 => json!(whole as u8),
            part => json!(part),
        };
        let version = |(id, percentage): &(String, f64)| json!({ "version_id": id, "percentage": number(*percentage) });
        json!({
            "id": self.id,
            "source": self.source,
            "strategy": "percentage",
            "author_email": EMAIL,
            "created_on": self.created,
            "annotations": self.annotations,
            "versions": self.versions.iter().map(version).collect::<Value>(),
        })
    }
}
