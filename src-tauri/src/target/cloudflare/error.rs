//! What can go wrong with Cloudflare: what happened and what to do, in words for the user.
//!
//! Whether anything live changed depends on when it went wrong: `Stopped` adds that. The API's own words stand in
//! `Said` only, which never holds the token. They may quote what was sent: `deploy` takes the bundle's values out, and
//! whoever shows an error passes it through a redactor that knows every form of a value.

use super::access::Permission;
use super::cron::Untranslatable;
use super::limits::Exceeded;

/// The most that is printed of what the API says.
const MAX_SAID: usize = 1000;

const TOKENS: &str = "https://dash.cloudflare.com/profile/api-tokens";

#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("“{0}” can't be the address of an API: it has to begin with https://, or with http:// on this computer.")]
    BaseUrl(String),
    #[error("This can't be an API token: a token is one line of visible characters. Copy it once more.")]
    TokenForm,
    #[error("This target has no account yet. Choose one in Settings.")]
    NoAccount,
    #[error("{host} does not accept the API token{said}. Make a new one at {TOKENS} and replace it.")]
    BadToken { host: String, said: Said },
    #[error("The API token lacks the permission “{0}” for this account{1}. Add it at {TOKENS}, then try again.")]
    MissingPermission(Permission, Said),
    #[error("The account is not there, or the token does not reach it{0}. Check the account in Settings.")]
    AccountNotThere(Said),
    #[error("The account has a Worker named “{0}” already. Choose another name, or import that one.")]
    NameTaken(String),
    #[error("There is no Worker named “{0}” in the account. It may have been deleted there: deploy it as a new one.")]
    NotThere(String),
    #[error(
        "The account has no workers.dev subdomain yet. Open Workers & Pages in Cloudflare's dashboard once, then retry."
    )]
    NoSubdomain,
    #[error("Cloudflare's runtime refuses the code{said}. Correct it, then deploy again.")]
    Validation { said: Said, place: Option<Place> },
    #[error("Cloudflare finds it too large{0}. Remove what is not needed, then deploy again.")]
    TooLarge(Said),
    #[error("The Worker was changed elsewhere in the meantime{0}. Review what is there, then deploy again.")]
    Changed(Said),
    #[error(transparent)]
    Limit(#[from] Exceeded),
    #[error(transparent)]
    Schedule(#[from] Untranslatable),
    #[error("Cloudflare allows no more requests for now. Try again in {0} s.")]
    RateLimited(u64),
    #[error("{host} has a problem of its own (status {status}){said}. Try again in a while.")]
    Unavailable { host: String, status: u16, said: Said },
    #[error("Cloudflare refuses the request (status {status}, code {code}){said}.")]
    Refused { status: u16, code: u64, said: Said },
    #[error("{0} can't be reached. Check the network, then try again.")]
    Unreachable(String),
    #[error("The certificate of {0} is not valid for it, so nothing was sent. Somebody may be listening in between.")]
    Certificate(String),
    #[error("This computer has no root certificates to know {0} by. Install those of the system, then try again.")]
    NothingToTrust(String),
    #[error("{host} sends the request elsewhere (status {status}), which is not followed. Check the base URL.")]
    Redirected { host: String, status: u16 },
    #[error("The answer of {host} is not understood (status {status}): {why}. Check the base URL, or try again.")]
    NotUnderstood { host: String, status: u16, why: Why },
    /// `whole`: everything had been handed to the network, so the request may have been acted on.
    #[error("{host} did not answer within {seconds} s. Check the network, then try again.")]
    TimedOut { host: String, seconds: u64, whole: bool },
    #[error("The connection to {host} broke off. Check the network, then try again.")]
    BrokenOff { host: String, whole: bool },
    /// What was sent may have been acted on, and asking did not tell.
    #[error("{of} is unknown: {why} Asking afterwards did not tell. Look at what is live before you deploy again.")]
    Unknown { of: &'static str, why: Box<Error> },
    #[error("Cancelled.")]
    Cancelled,
    #[error("The system gave no random numbers. Try again.")]
    NoRandomNumbers,
}

/// Why a deployment ended early.
#[derive(Debug, thiserror::Error)]
pub enum Stopped {
    /// Nothing that is live has changed.
    #[error("{0} What is live is untouched.")]
    Untouched(Error),
    /// An answer was lost, and Cloudflare was asked: it was not live then. What was sent may still arrive.
    #[error("{0} A moment later, what is live was untouched.")]
    NotSeen(Error),
    /// It may be live.
    #[error("{0}")]
    Unknown(Error),
}

/// The API's own words, empty where it said nothing. Printed after a colon, on one line, and cut: only then, since half
/// a value would not be recognised by whoever takes values out.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Said(pub(super) String);

/// Where in a module of the bundle, as sent: counted from 1, to be mapped back through the module's source map.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    pub module: String,
    pub line: u32,
    pub column: u32,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Why {
    #[error("it is not JSON")]
    NotJson,
    #[error("it does not have what was asked for")]
    Shape,
    #[error("it ends too early")]
    Truncated,
    #[error("it is too large")]
    TooLarge,
}

impl Error {
    /// Whether a request that changes something may have been acted on all the same.
    pub(super) fn leaves_unknown(&self) -> bool {
        match self {
            Self::TimedOut { whole, .. } | Self::BrokenOff { whole, .. } => *whole,
            Self::Unavailable { .. } => true,
            Self::NotUnderstood { status, .. } => (200..300).contains(status),
            _ => false,
        }
    }

    /// Whether the same question may well be answered a moment later.
    pub(super) fn may_pass(&self) -> bool {
        matches!(self, Self::Unavailable { .. } | Self::BrokenOff { .. })
    }

    /// The same error with the API's words put through `redact`.
    pub fn redacted(mut self, redact: &dyn Fn(&str) -> String) -> Self {
        match &mut self {
            Self::BadToken { said, .. }
            | Self::MissingPermission(_, said)
            | Self::AccountNotThere(said)
            | Self::Validation { said, .. }
            | Self::TooLarge(said)
            | Self::Changed(said)
            | Self::Unavailable { said, .. }
            | Self::Refused { said, .. } => said.0 = redact(&said.0),
            Self::Unknown { of, why } => {
                let why = std::mem::replace(why.as_mut(), Self::Cancelled).redacted(redact);
                return Self::Unknown { of, why: Box::new(why) };
            }
            _ => {}
        }
        self
    }
}

impl Stopped {
    /// Where in a module the code was refused, if that is what it is about.
    pub fn place(&self) -> Option<&Place> {
        match self {
            Self::Untouched(Error::Validation { place, .. }) => place.as_ref(),
            _ => None,
        }
    }

    /// The same with the API's words put through `redact`.
    pub fn redacted(self, redact: &dyn Fn(&str) -> String) -> Self {
        match self {
            Self::Untouched(error) => Self::Untouched(error.redacted(redact)),
            Self::NotSeen(error) => Self::NotSeen(error.redacted(redact)),
            Self::Unknown(error) => Self::Unknown(error.redacted(redact)),
        }
    }
}

impl Said {
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Display for Said {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let words: Vec<&str> = self.0.split_whitespace().collect();
        let line = words.join(" ");
        let line = line.trim_end_matches('.');
        match line.char_indices().nth(MAX_SAID) {
            _ if line.is_empty() => Ok(()),
            Some((end, _)) => write!(f, ": {}…", &line[..end]),
            None => write!(f, ": {line}"),
        }
    }
}
