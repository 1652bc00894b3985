//! The types that cross to the window, and nothing else that does. `ui/src/bindings` is made from them.
//!
//! No type here can hold a secret's value: names, times and states only.

use serde::{Deserialize, Serialize};

pub use crate::logs::LogLine;
use crate::{
    deployment::{Change, Status, Step},
    function::{FunctionId, Position, SourceFile, Trigger},
};

/// A function as the list shows it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct FunctionSummary {
    pub id: FunctionId,
    pub name: String,
    pub trigger: Trigger,
    /// Cron expressions as the user wrote them.
    pub schedules: Vec<String>,
    pub local: TargetState,
}

/// How a function stands on one target, and where it answers there.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct TargetState {
    pub status: Status,
    /// Why it is outdated; empty otherwise.
    pub changes: Vec<Change>,
    /// `http://localhost:PORT/`, from the first deployment on.
    pub address: Option<String>,
    /// What stands in the way of the address, such as another program on the port.
    pub address_problem: Option<Failure>,
    /// Why the last deployment failed; the version before it still answers.
    pub failure: Option<Failure>,
    /// The number of the deployment that is live.
    pub live: Option<i64>,
    /// Whether a process of it is up now. What is not running starts when it is called.
    pub running: bool,
}

/// A function that is open in the editor.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct FunctionDetail {
    pub summary: FunctionSummary,
    pub files: Vec<SourceFile>,
    pub compatibility_date: String,
    pub secrets: Vec<SecretInfo>,
    pub references: References,
    /// Where the code does not parse, if it does not.
    pub problem: Option<Failure>,
}

/// A secret without its value.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct SecretInfo {
    pub name: String,
    /// Milliseconds since the Unix epoch.
    pub changed_at: i64,
    /// Lines of `index.ts` that use it.
    pub lines: Vec<u32>,
    pub state: SecretState,
    /// Whether what is live was deployed with another revision of it, or without it.
    pub redeploy: bool,
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

/// What the code says of secrets.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct References {
    /// Names the code uses that no secret has, with their lines.
    pub missing: Vec<MissingSecret>,
    /// Lines where a name is computed at run time: what is used there cannot be told.
    pub dynamic: Vec<u32>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct MissingSecret {
    pub name: String,
    pub lines: Vec<u32>,
}

/// What a save answers: everything that follows from the new text.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct Saved {
    pub summary: FunctionSummary,
    pub secrets: Vec<SecretInfo>,
    pub references: References,
    /// Where the code does not parse, if it does not.
    pub problem: Option<Failure>,
}

/// What a cron expression means.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct ScheduleReading {
    /// “At 02:00, on weekdays.”
    pub words: String,
    /// The next five runs, in milliseconds since the Unix epoch.
    pub next: Vec<i64>,
}

/// How a run by hand, or one on time, ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct RunOutcome {
    pub ok: bool,
    /// “Ran in 12 ms.”, “Threw: …”, “Still running: …”
    pub message: String,
}

/// A finished deployment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct Deployed {
    pub number: i64,
    pub summary: FunctionSummary,
    pub secrets: Vec<SecretInfo>,
}

/// A first function to start from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct Template {
    pub id: String,
    pub title: String,
    pub sentence: String,
}

/// Whether secrets can be sealed and opened now.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub enum VaultState {
    /// The keychain has not answered yet.
    Opening,
    Ready,
    /// The keychain is locked and nobody unlocked it.
    Locked,
    /// No keychain answers, or it does not keep what is written.
    Absent,
    /// Sealed values exist and their key does not. Nothing is minted or deleted.
    KeyMissing,
    /// The key in the keychain is not the one that sealed the values.
    WrongKey,
}

/// What the status bar says of the local runtime.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct RuntimeState {
    pub ready: bool,
    /// Why not, and what to do.
    pub problem: Option<Failure>,
}

/// Everything the window needs to draw its first frame.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct Overview {
    pub functions: Vec<FunctionSummary>,
    /// The function that the window opens with, if there is one.
    pub open: Option<FunctionDetail>,
    pub templates: Vec<Template>,
    pub vault: VaultState,
    pub runtime: RuntimeState,
}

/// What happens without having been asked for. Everything else is an answer to a command.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(tag = "type", rename_all = "camelCase")]
pub enum Event {
    Vault {
        state: VaultState,
    },
    Function {
        summary: FunctionSummary,
    },
    Log {
        function: FunctionId,
        line: LogLine,
    },
    /// More was said than could be told: the logs are to be read again.
    LogsLost,
}

/// A step that a running deployment has passed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct Progress {
    pub step: Step,
}

/// What every command answers when it does not succeed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct Failure {
    pub code: Code,
    /// What happened, what is untouched, and what to do next.
    pub message: String,
    /// Where in the function's TypeScript, if it has a place there.
    pub position: Option<Position>,
}

/// A code exists only where the window branches on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub enum Code {
    InvalidName,
    InvalidValue,
    InvalidSchedule,
    NameTaken,
    SecretExists,
    /// A deployment of this function is under way.
    Busy,
    NotDeployed,
    NotFound,
    TooLarge,
    /// The code does not compile; `position` says where.
    Compile,
    /// The code names secrets that do not exist.
    MissingSecrets,
    /// The code compiled and the runtime refused it, or it threw at start.
    Start,
    /// The start took longer than it may.
    StartTimeout,
    Cancelled,
    VaultLocked,
    VaultAbsent,
    KeyMissing,
    WrongKey,
    /// One secret does not open: replace or delete it.
    SecretDamaged,
    RuntimeMissing,
    PortTaken,
    Storage,
    Internal,
}

#[cfg(test)]
mod bindings;
