//! What is sent to a target, the steps of sending it, and how a function stands on a target afterwards.
//!
//! A `Bundle` carries opened values and therefore wipes itself when dropped; it has no `Debug` and is never stored.

use serde::{Deserialize, Serialize};

use crate::secret::{SecretName, SecretValue};

/// A place that functions are deployed to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct TargetId(pub i64);

impl TargetId {
    /// The workerd on this machine. Every other target was added by the user.
    pub const LOCAL: Self = Self(0);

    /// As it stands in the database and in a seal's associated data.
    pub fn key(self) -> String {
        if self == Self::LOCAL { "local".to_owned() } else { self.0.to_string() }
    }

    pub fn from_key(key: &str) -> Option<Self> {
        if key == "local" { Some(Self::LOCAL) } else { key.parse().ok().filter(|id| *id > 0).map(Self) }
    }
}

/// One module of a bundle; `name` is what other modules import it by, and what stacks call it.
#[derive(Clone, PartialEq, Eq)]
pub struct Module {
    pub name: String,
    pub content: Content,
    /// The source map (JSON, version 3), for a target that maps stacks by itself.
    pub map: Option<String>,
}

/// What a module is made of.
#[derive(Clone, PartialEq, Eq)]
pub enum Content {
    /// An ES module.
    Code(String),
    /// Imported as a compiled `WebAssembly.Module`.
    Wasm(Vec<u8>),
}

impl Content {
    pub fn bytes(&self) -> &[u8] {
        match self {
            Self::Code(code) => code.as_bytes(),
            Self::Wasm(bytes) => bytes,
        }
    }
}

/// What is bound as `env.NAME`.
pub struct Binding {
    pub name: SecretName,
    pub value: Value,
}

/// Where the text of a binding comes from.
pub enum Value {
    /// A secret, opened.
    Set(SecretValue),
    /// A variable: not secret, readable on the target.
    Plain(String),
    /// Whatever the target's latest version binds under this name. Its value is opened nowhere. A target that keeps
    /// no versions refuses it.
    Inherit,
}

impl Value {
    /// `None` for what is inherited.
    pub fn text(&self) -> Option<&str> {
        match self {
            Self::Set(value) => Some(value.expose()),
            Self::Plain(text) => Some(text),
            Self::Inherit => None,
        }
    }
}

/// Code and opened secrets, ready for a target. The first module is the entry.
pub struct Bundle {
    pub modules: Vec<Module>,
    /// `YYYY-MM-DD`
    pub compatibility_date: String,
    pub compatibility_flags: Vec<String>,
    pub bindings: Vec<Binding>,
}

/// The steps of a deployment, in their order; each is told once, when it has passed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "lowercase")]
pub enum Step {
    /// The code compiled to a module.
    Compiled,
    /// Every `env.NAME` in the code has a secret.
    Checked,
    /// The secrets it binds were opened.
    Opened,
    /// The new version is up and answering, on this machine.
    Started,
    /// The new version is with the target, and does not answer yet.
    Uploaded,
    /// The address answers with it.
    Switched,
    /// Address and schedules are in place on the target.
    Finished,
}

/// How a function stands on one target.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "lowercase")]
pub enum Status {
    Live,
    Draft,
    Outdated,
    Failed,
}

/// Why what is live is not what a deployment would make now.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "lowercase")]
pub enum Change {
    Code,
    /// Which versions of packages the code is bundled with.
    Packages,
    Schedule,
    Secrets,
    Variables,
    /// Compatibility date or flags.
    Settings,
}

/// What a target puts in place after the switch.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "lowercase")]
pub enum Piece {
    Address,
    Schedules,
}
