//! Of a deployment while it runs: what is asked for, how far it is, and what it answers.

use serde::{Deserialize, Serialize};

use super::{FunctionSummary, References, SecretInfo, VariableInfo};
use crate::deployment::Step;

/// A finished deployment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct Deployed {
    pub number: i64,
    pub summary: FunctionSummary,
    pub secrets: Vec<SecretInfo>,
    pub variables: Vec<VariableInfo>,
    pub references: References,
}

/// What is asked for with a deployment, beside the function and the target.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct Order {
    /// Stands in the history.
    pub message: String,
    /// The version on the target that was reviewed and may be replaced, where somebody else deployed it.
    pub over: Option<String>,
}

/// How far a running deployment is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(tag = "type", rename_all = "camelCase")]
pub enum Progress {
    /// A step has passed.
    Passed { step: Step },
    /// Nobody could tell whether the code holds a value that is sealed: the vault is closed.
    Unchecked,
    /// The code uses these names, and the target has no binding of any of them.
    Unbound { names: Vec<String> },
    /// So many bytes of the upload are sent.
    Sent { bytes: u64, total: u64 },
    /// The target asks to wait for so long.
    Waiting { seconds: u64 },
    /// An answer was lost: the target is asked what became of the request.
    Asking,
}
