//! What crosses about credentials in code. Where they stand, what they are and what may be done: never what they say.

use serde::{Deserialize, Serialize};

use super::Saved;
use crate::{
    deployment::TargetId,
    function::{Edit, Position},
};

/// Something in the code that looks like a credential, or is a value that the vault holds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct CredentialInCode {
    pub from: Position,
    pub to: Position,
    /// “a Stripe secret key”, “the value of API_KEY”.
    pub what: String,
    /// The secret of this function that has the value already, or a name for the one that it would become.
    pub name: String,
    /// Whether that secret is there: its name gives the value everywhere.
    pub held: bool,
    /// Where it may be deployed all the same.
    pub allowed: Option<Allowed>,
}

/// Why a credential may be deployed, and since when, in milliseconds since the Unix epoch.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct Allowed {
    pub reason: String,
    pub at: i64,
}

/// What became of a credential that was moved to a secret. The edits are those that lead to the text that is saved.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct MovedToSecret {
    pub name: String,
    pub edits: Vec<Edit>,
    pub saved: Saved,
    /// What of the function stands in deployments that are kept, this one among it.
    pub leaked: Vec<LeakedValue>,
}

/// A value that was moved to a secret, and stands in the code of deployments that are kept.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct LeakedValue {
    /// Of the secret, which may have another value by now.
    pub name: String,
    /// The newest first.
    pub versions: Vec<VersionWithValue>,
}

/// A deployment whose kept code holds a value.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct VersionWithValue {
    pub id: i64,
    pub target: TargetId,
    pub number: i64,
    /// It is what answers now: it can go once something else is deployed.
    pub live: bool,
}
