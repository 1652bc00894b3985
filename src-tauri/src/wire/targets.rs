//! What crosses about targets: the accounts, what a deployment would change there, what was deployed, what can be
//! imported.

use serde::{Deserialize, Serialize};

use super::{Failure, SecretInfo, VariableInfo};
use crate::{deployment::TargetId, function::Line};

/// A target that the user added.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct TargetInfo {
    pub id: TargetId,
    pub name: String,
    pub base_url: String,
    pub account_id: String,
    pub account_name: String,
    /// Stands after a function's name in the name of its script.
    pub suffix: String,
}

/// What a token turned out to be good for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct TokenCheck {
    pub accounts: Vec<AccountInfo>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct AccountInfo {
    pub id: String,
    pub name: String,
    /// Permissions that deploying needs and the token lacks, by the names they have where tokens are made.
    pub missing: Vec<String>,
}

/// What a deployment to a target would change there, before anything is sent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct Plan {
    pub target: TargetId,
    pub script: String,
    /// Nothing of it is there yet.
    pub first: bool,
    pub files: Vec<FileChange>,
    pub secrets: Vec<NameChange>,
    pub variables: Vec<NameChange>,
    /// What the target is given, in the user's cron.
    pub schedules: Vec<NameChange>,
    /// What is set there and what would be, where they differ.
    pub compatibility_date: Option<(String, String)>,
    /// Bindings there that Postern does not own, with their types. They are kept.
    pub foreign: Vec<(String, String)>,
    /// Names that the code uses and that the target will not have: bindings of another kind, which it does not keep.
    pub unbound: Vec<String>,
    pub drift: Option<Drift>,
    /// What stands in the way of sending it at all: limits, schedules that cannot be translated, missing secrets.
    pub refusals: Vec<Failure>,
}

/// What a deployment changed of the one before it on the same target; what it kept is left out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct Changed {
    pub files: Vec<FileChange>,
    /// Whether other packages went with the same imports.
    pub packages: bool,
    pub secrets: Vec<NameChange>,
    pub variables: Vec<NameChange>,
    pub schedules: Vec<NameChange>,
}

/// One file, as it is live and as it would be. Both empty strings where there is none.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct FileChange {
    pub path: String,
    pub before: String,
    pub after: String,
}

/// A name that is added, changed, removed, or kept as it is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct NameChange {
    pub name: String,
    pub kind: ChangeKind,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub enum ChangeKind {
    Added,
    Changed,
    Removed,
    Kept,
}

/// Somebody else changed what is there since Postern last deployed it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct Drift {
    /// Names the state that was looked at; a deployment that takes ours says it.
    pub version: String,
    /// Milliseconds since the Unix epoch, where the target says when.
    pub at: Option<i64>,
    pub author: Option<String>,
    /// The program that deployed it, such as `wrangler` or `dash`.
    pub source: Option<String>,
    /// What is live is ours, and its schedules were changed.
    pub schedules: bool,
}

/// A deployment in the history of a function.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct PastDeployment {
    pub id: i64,
    pub target: TargetId,
    pub number: i64,
    pub outcome: Outcome,
    /// Milliseconds since the Unix epoch.
    pub at: i64,
    pub message: String,
    pub failure: Option<Failure>,
    /// The secrets that it bound.
    pub secrets: Vec<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub enum Outcome {
    Live,
    /// It was live once.
    Past,
    Failed,
}

/// A Worker of an account, for import.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct RemoteScript {
    pub name: String,
    /// Milliseconds since the Unix epoch, where the target says when.
    pub changed_at: Option<i64>,
    /// A function here is this Worker already.
    pub known: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub enum SecretState {
    Sealed,
    /// Its row does not open: it was damaged, or moved.
    Damaged,
    /// Sealed under a key that is gone.
    NeedsReentry,
}

/// What a change of a secret or a variable answers: all that there are, and what the code says of their names.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct Names {
    pub secrets: Vec<SecretInfo>,
    pub variables: Vec<VariableInfo>,
    pub references: References,
}

/// What the code says of secrets.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct References {
    /// Names the code uses that no secret has, with their lines.
    pub missing: Vec<MissingSecret>,
    /// Names the code uses that nothing here can be bound to.
    pub foreign: Vec<ForeignName>,
    /// Where it cannot be told which names are used: one is computed at run time, or what has them all is handed on.
    pub dynamic: Vec<Line>,
    /// Secrets that a target has and that have no value here: imported, or set there by somebody else.
    pub held: Vec<HeldSecret>,
    /// The files that can't be read, as in mid-typing: what they use is not among all this.
    pub unread: Vec<String>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct HeldSecret {
    pub name: String,
    pub target: TargetId,
    pub lines: Vec<Line>,
}

/// A name that is no secret's or variable's: a binding of another kind, or one that neither can have.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct ForeignName {
    pub name: String,
    pub lines: Vec<Line>,
    /// What the code declares it as, such as `D1Database`.
    pub declared: Option<String>,
    /// Where it is bound. Everywhere else it is undefined.
    pub targets: Vec<TargetId>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct MissingSecret {
    pub name: String,
    pub lines: Vec<Line>,
}
