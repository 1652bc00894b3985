//! A function: its name, its files, what it answers to, and what it says while it runs.
//!
//! Names are parsed here once; past this door the type carries the promise. What a function *is worth deploying with*
//! (secrets, targets, status) is not here: see `secret` and `deployment`.

mod file;

use std::fmt;

use serde::{Deserialize, Serialize};

pub use file::{
    Clash, ENTRY, Edit, FileKind, FilePath, IMPORTED_ENTRY, InvalidPath, Line, MAX_FILES, MAX_SOURCE, Position,
    SourceFile, entry, webassembly,
};

/// The row id of a function. Never used again after the function is deleted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct FunctionId(pub i64);

/// A name as the Workers API takes it: 1 to 63 lowercase letters, digits and dashes, no dash at an edge.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct FunctionName(String);

#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidName {
    #[error("Type a name for the function.")]
    Empty,
    #[error("A function's name has at most 63 characters; this one has {0}.")]
    TooLong(usize),
    #[error("A function's name is made of lowercase letters, digits and dashes; “{0}” is none of these.")]
    Character(char),
    #[error("A function's name neither starts nor ends with a dash.")]
    EdgeDash,
}

impl FunctionName {
    pub fn parse(text: &str) -> Result<Self, InvalidName> {
        if text.is_empty() {
            return Err(InvalidName::Empty);
        }
        if let Some(other) = text.chars().find(|c| !matches!(c, 'a'..='z' | '0'..='9' | '-')) {
            return Err(InvalidName::Character(other));
        }
        if text.len() > 63 {
            return Err(InvalidName::TooLong(text.len()));
        }
        if text.starts_with('-') || text.ends_with('-') {
            return Err(InvalidName::EdgeDash);
        }
        Ok(Self(text.to_owned()))
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The same name with `-N` at its end, shortened so that it stays a name: for copies and first names.
    pub fn numbered(&self, number: u32) -> Self {
        let suffix = format!("-{number}");
        let stem = &self.0[..self.0.len().min(63 - suffix.len())];
        Self(format!("{}{suffix}", stem.trim_end_matches('-')))
    }
}

impl fmt::Display for FunctionName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// What the code's default export answers to, read from the code and never set by hand.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct Trigger {
    pub http: bool,
    pub scheduled: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "lowercase")]
pub enum Level {
    Debug,
    Info,
    Warn,
    Error,
    /// Said by Postern about the function: started, stopped, a run that was skipped.
    System,
}

/// One thing a running function said, as the runtime reported it: unmapped and not yet redacted, so it has no `Debug`.
pub struct Output {
    /// Milliseconds since the Unix epoch.
    pub at: i64,
    pub level: Level,
    pub text: String,
    /// A stack as V8 prints it, frames at `file:///bundle/…` still naming the compiled module.
    pub stack: Option<String>,
}
