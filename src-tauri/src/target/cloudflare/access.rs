//! What a token may do: which accounts it reaches and which permissions it lacks.

use std::fmt;

use serde::Deserialize;

/// An account as the API lists it.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Account {
    pub id: String,
    pub name: String,
}

/// A permission by the name that the page for making tokens gives it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Permission {
    WorkersScripts,
    AccountSettings,
}

impl fmt::Display for Permission {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::WorkersScripts => "Workers Scripts: Edit",
            Self::AccountSettings => "Account Settings: Read",
        })
    }
}

/// What is known of a token that is accepted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Access {
    /// Those that the token may list; without `AccountSettings` there may be none, and the others work all the same.
    pub accounts: Vec<Account>,
    /// The account that was probed: the one of this target, or the only one that is listed.
    pub probed: Option<String>,
    /// What the probed account does not grant. Reading is all that was tried: a token that may read Workers and not
    /// edit them is found out by the first upload.
    pub missing: Vec<Permission>,
    /// `NAME.workers.dev` of the probed account, where it has one.
    pub subdomain: Option<String>,
}
