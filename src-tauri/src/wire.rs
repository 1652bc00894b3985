//! The types that cross to the window, and nothing else that does. `ui/src/bindings` is made from them.
//!
//! No type here can hold a secret's value: names, times and states only.

use serde::{Deserialize, Serialize};

pub use crate::logs::LogLine;
use crate::{
    deployment::{Change, Piece, Status, TargetId},
    function::{FunctionId, Line, Position, SourceFile, Trigger},
    secret::Scope,
};
pub use credentials::{Allowed, CredentialInCode, LeakedValue, MovedToSecret, VersionWithValue};
pub use deploying::{Deployed, Order, Progress};
pub use targets::{
    AccountInfo, ChangeKind, Changed, Drift, FileChange, ForeignName, HeldSecret, MissingSecret, NameChange, Names,
    Outcome, PastDeployment, Plan, References, RemoteScript, SecretState, TargetInfo, TokenCheck,
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
    /// The worst of how it stands on its targets.
    pub status: Status,
    pub local: TargetState,
    /// How it stands on the other targets that it was deployed to, or that Deploy deploys it to.
    pub remote: Vec<TargetState>,
    /// Where Deploy deploys it to.
    pub chosen: Vec<TargetId>,
}

/// How a function stands on one target, and where it answers there.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct TargetState {
    pub target: TargetId,
    pub status: Status,
    /// Why it is outdated; empty otherwise.
    pub changes: Vec<Change>,
    /// `http://localhost:PORT/` or the address on the target, from the first deployment on.
    pub address: Option<String>,
    /// The name of its script on the target, from the first deployment on. The local target has none.
    pub script: Option<String>,
    /// What stands in the way of the address, such as another program on the port.
    pub address_problem: Option<Failure>,
    /// Why the last deployment failed; the version before it still answers.
    pub failure: Option<Failure>,
    /// The number of the deployment that is live.
    pub live: Option<i64>,
    /// What of the live deployment failed after the switch, and can be tried again.
    pub unfinished: Vec<Unfinished>,
    /// Whether a process of it is up now on this machine. What is not running starts when it is called.
    pub running: bool,
}

/// Something that belongs to a live deployment and is not in place.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct Unfinished {
    pub piece: Piece,
    pub failure: Failure,
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
    pub variables: Vec<VariableInfo>,
    pub references: References,
    pub credentials: Vec<CredentialInCode>,
    pub packages: Vec<PackageInfo>,
    /// Where the code does not parse, if it does not.
    pub problem: Option<Failure>,
    /// The code has no handler for schedules: they run nothing.
    pub unscheduled: bool,
}

/// A package that the code imports or that is installed, by name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct PackageInfo {
    pub name: String,
    /// `null`: it is not installed.
    pub version: Option<String>,
    /// Lines of the code that import it.
    pub lines: Vec<Line>,
}

/// What is to become of the packages of a function.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(tag = "type", rename_all = "camelCase")]
pub enum PackageWish {
    /// All that the code imports are installed.
    Install,
    Remove {
        name: String,
    },
    /// Each is renewed as far as its version may change.
    Update,
}

/// A secret without its value.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct SecretInfo {
    pub name: String,
    pub scope: Scope,
    /// Milliseconds since the Unix epoch.
    pub changed_at: i64,
    /// Lines of the code that use it.
    pub lines: Vec<Line>,
    pub state: SecretState,
    /// The targets where what is live was deployed with another value of it, or without it.
    pub stale: Vec<Stale>,
}

/// What a live deployment lacks of a secret or a variable.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct Stale {
    pub target: TargetId,
    /// “Changed since production”; otherwise “not on production”.
    pub bound: bool,
}

/// A variable: readable, and bound as plain text.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct VariableInfo {
    pub name: String,
    pub scope: Scope,
    pub value: String,
    /// Lines of the code that use it.
    pub lines: Vec<Line>,
    pub stale: Vec<Stale>,
}

/// What a save answers: everything that follows from the new text.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct Saved {
    pub summary: FunctionSummary,
    pub secrets: Vec<SecretInfo>,
    pub variables: Vec<VariableInfo>,
    pub references: References,
    pub credentials: Vec<CredentialInCode>,
    pub packages: Vec<PackageInfo>,
    /// Where the code does not parse, if it does not.
    pub problem: Option<Failure>,
    /// The code has no handler for schedules: they run nothing.
    pub unscheduled: bool,
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

/// How the language server is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(tag = "type", rename_all = "camelCase")]
pub enum LanguageState {
    /// It starts when the editor wants it.
    Off,
    Starting,
    /// Documents are opened anew in each session. `restarted`: the process before ended by itself.
    Ready {
        session: u64,
        restarted: bool,
    },
    Restarting,
    /// It is started again when the user says so.
    Failed {
        message: String,
    },
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
    pub targets: Vec<TargetInfo>,
    pub vault: VaultState,
    pub runtime: RuntimeState,
}

/// How the size in which the window draws everything is changed: by a step, or back to the usual one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub enum Zoom {
    In,
    Out,
    Reset,
}

/// What happens without having been asked for. Everything else is an answer to a command.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(tag = "type", rename_all = "camelCase")]
#[expect(clippy::large_enum_variant, reason = "most events are of a function, and each is told and gone")]
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
    Language {
        state: LanguageState,
    },
    /// The names in a function's `Env` are others, or its packages: what the language server said of its code is to be asked again.
    Env {
        function: FunctionId,
    },
    /// An item of the native menu was chosen.
    Menu {
        command: String,
    },
    /// The window is to be closed, which the page does once it has saved.
    Closing,
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
    /// The remote was changed by someone else: it is to be reviewed first.
    Drift,
    /// The target refuses the token, or the token lacks a permission.
    Access,
    /// The target could not be reached, or did not answer as it should.
    Remote,
    /// Whether the target acted on what was sent is not known.
    Unknown,
    /// A limit of the target would be passed.
    Limit,
    TooLarge,
    /// The code does not compile; `position` says where.
    Compile,
    /// The code names secrets that do not exist.
    MissingSecrets,
    /// The code holds credentials; `position` is that of the first.
    CredentialsInCode,
    /// The code imports packages that are not installed.
    MissingPackages,
    /// npm is not there, or failed.
    Packages,
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
    /// The language server was started anew since.
    LanguageGone,
    RuntimeMissing,
    PortTaken,
    Storage,
    Internal,
}

mod credentials;
mod deploying;
mod targets;

#[cfg(test)]
mod bindings;
