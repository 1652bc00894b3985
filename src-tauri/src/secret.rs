//! A secret: its name, its value before sealing, and what a seal is bound to.
//!
//! `SecretValue` has no `Debug`, `Display`, `Clone`, `PartialEq` or `Serialize` on purpose: what cannot be printed
//! cannot leak through a log line that somebody adds later. `tests` below and the doctests hold that.

use serde::{Deserialize, Deserializer, Serialize};
use zeroize::Zeroizing;

use crate::{deployment::TargetId, function::FunctionId};

/// A value may be any text of 1 byte to 5 KiB: the limit of the Workers API.
pub const MAX_VALUE: usize = 5 * 1024;

/// At least 3 letters, digits and underscores, not starting with a digit: what stands after `env.` in code.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct SecretName(String);

#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidName {
    #[error("Type a name for the secret.")]
    Empty,
    #[error("A secret's name has at least 3 characters.")]
    TooShort,
    #[error("A secret's name has at most 64 characters; this one has {0}.")]
    TooLong(usize),
    #[error("A secret's name can't start with a digit: env.{0} is not valid code.")]
    StartsWithDigit(String),
    #[error("A secret's name is made of letters, digits and underscores; “{0}” is none of these.")]
    Character(char),
}

impl SecretName {
    pub fn parse(text: &str) -> Result<Self, InvalidName> {
        if text.is_empty() {
            return Err(InvalidName::Empty);
        }
        if let Some(other) = text.chars().find(|c| !c.is_ascii_alphanumeric() && *c != '_') {
            return Err(InvalidName::Character(other));
        }
        if text.starts_with(|c: char| c.is_ascii_digit()) {
            return Err(InvalidName::StartsWithDigit(text.to_owned()));
        }
        match text.len() {
            ..3 => Err(InvalidName::TooShort),
            3..=64 => Ok(Self(text.to_owned())),
            length => Err(InvalidName::TooLong(length)),
        }
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Display for SecretName {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

/// What was typed or pasted, before it is known to be a value. Wiped when dropped; prints as nothing.
pub struct TypedValue(Zeroizing<String>);

impl<'de> Deserialize<'de> for TypedValue {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        String::deserialize(from).map(|text| Self(Zeroizing::new(text)))
    }
}

impl From<String> for TypedValue {
    fn from(text: String) -> Self {
        Self(Zeroizing::new(text))
    }
}

/// A secret's value in the clear: 1 byte to 5 KiB without NUL, kept to the byte, wiped when dropped.
///
/// ```compile_fail
/// fn printable<T: std::fmt::Debug>() {}
/// printable::<postern::secret::SecretValue>();
/// ```
/// ```compile_fail
/// fn displayable<T: std::fmt::Display>() {}
/// displayable::<postern::secret::SecretValue>();
/// ```
/// ```compile_fail
/// fn copyable<T: Clone>() {}
/// copyable::<postern::secret::SecretValue>();
/// ```
/// ```compile_fail
/// fn sendable_to_the_window<T: serde::Serialize>() {}
/// sendable_to_the_window::<postern::secret::SecretValue>();
/// ```
/// The bounds above are what fails, not the spelling:
/// ```
/// fn wiped_when_dropped<T: Send>() {}
/// wiped_when_dropped::<postern::secret::SecretValue>();
/// ```
pub struct SecretValue(Zeroizing<String>);

#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidValue {
    #[error("Type or paste a value.")]
    Empty,
    #[error("A value has at most 5 KiB (5,120 bytes); this one has {0}.")]
    TooLong(usize),
    #[error("A value can't contain a NUL byte.")]
    Nul,
}

impl SecretValue {
    pub fn parse(typed: TypedValue) -> Result<Self, InvalidValue> {
        let text = typed.0;
        match text.len() {
            0 => Err(InvalidValue::Empty),
            length @ MAX_VALUE.. if length > MAX_VALUE => Err(InvalidValue::TooLong(length)),
            _ if text.contains('\0') => Err(InvalidValue::Nul),
            _ => Ok(Self(text)),
        }
    }

    /// The value itself, for the four uses that the contract allows: deploy, start, recognise, seal anew.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

/// Who a secret belongs to. The app itself follows with its own features.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Owner {
    Function(FunctionId),
    /// Its API token.
    Target(TargetId),
}

impl Owner {
    /// Kind and id as they stand in the database and in a seal's associated data.
    pub fn parts(self) -> (&'static str, i64) {
        match self {
            Self::Function(id) => ("function", id.0),
            Self::Target(id) => ("target", id.0),
        }
    }

    pub fn from_parts(kind: &str, id: i64) -> Option<Self> {
        match kind {
            "function" => Some(Self::Function(FunctionId(id))),
            "target" => Some(Self::Target(TargetId(id))),
            _ => None,
        }
    }
}

/// Which targets a value is for. One for a single target stands in front of the one for all.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub enum Scope {
    All,
    Target(TargetId),
}

impl Scope {
    /// As it stands in the database and in a seal's associated data.
    pub fn key(self) -> String {
        match self {
            Self::All => "all".to_owned(),
            Self::Target(id) => id.key(),
        }
    }

    pub fn from_key(key: &str) -> Option<Self> {
        if key == "all" { Some(Self::All) } else { TargetId::from_key(key).map(Self::Target) }
    }
}

/// Everything a seal is bound to: a ciphertext that is moved to another row, owner, scope, name or revision does not open.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    pub owner: Owner,
    pub scope: Scope,
    pub secret_id: i64,
    pub name: SecretName,
    pub revision: i64,
}

/// A sealed value: `version | key id | nonce | ciphertext and tag`. Safe to store and to print.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sealed(pub Vec<u8>);

/// Tells whether two values are the same without opening either: a keyed hash, so that it gives nothing away to whoever
/// reads the database. Fingerprints under different keys have nothing in common.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Fingerprint(pub [u8; 32]);
