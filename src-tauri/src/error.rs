//! The one table from what can go wrong inside to what the window is told.
//!
//! Messages are made where the error is; here they only get the code that the window branches on.

use crate::{
    function::{self, Position},
    packages,
    schedule::InvalidCron,
    secret::{self, InvalidValue},
    source::Problem,
    store::StoreError,
    target::{
        AddressError, RunError, StartError,
        cloudflare::{self, Stopped},
    },
    vault,
    wire::{Code, Failure},
};

impl Failure {
    pub fn new(code: Code, message: impl Into<String>) -> Self {
        Self { code, message: message.into(), position: None }
    }

    pub fn at(mut self, position: Option<Position>) -> Self {
        self.position = position;
        self
    }
}

impl From<function::InvalidName> for Failure {
    fn from(error: function::InvalidName) -> Self {
        Self::new(Code::InvalidName, error.to_string())
    }
}

impl From<function::InvalidPath> for Failure {
    fn from(error: function::InvalidPath) -> Self {
        Self::new(Code::InvalidName, error.to_string())
    }
}

impl From<function::Clash> for Failure {
    fn from(clash: function::Clash) -> Self {
        Self::new(Code::NameTaken, clash.to_string())
    }
}

impl From<secret::InvalidName> for Failure {
    fn from(error: secret::InvalidName) -> Self {
        Self::new(Code::InvalidName, error.to_string())
    }
}

impl From<InvalidValue> for Failure {
    fn from(error: InvalidValue) -> Self {
        Self::new(Code::InvalidValue, error.to_string())
    }
}

impl From<InvalidCron> for Failure {
    fn from(error: InvalidCron) -> Self {
        Self::new(Code::InvalidSchedule, error.to_string())
    }
}

impl From<Problem> for Failure {
    fn from(problem: Problem) -> Self {
        Self::new(Code::Compile, problem.message).at(Some(problem.position))
    }
}

impl From<packages::Error> for Failure {
    fn from(error: packages::Error) -> Self {
        Self::new(Code::Packages, error.to_string())
    }
}

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Self {
        let code = match error {
            StoreError::NotFound(_) => Code::NotFound,
            StoreError::Taken => Code::NameTaken,
            _ => Code::Storage,
        };
        Self::new(code, error.to_string())
    }
}

impl From<vault::Error> for Failure {
    fn from(error: vault::Error) -> Self {
        use vault::Error;
        let code = match error {
            Error::Opening | Error::Locked => Code::VaultLocked,
            Error::Absent | Error::Forgetful | Error::BrokeOff => Code::VaultAbsent,
            Error::KeyMissing => Code::KeyMissing,
            Error::WrongKey => Code::WrongKey,
            Error::Damaged | Error::OtherKey | Error::Version => Code::SecretDamaged,
            Error::Folder(_) => Code::Storage,
            Error::WornOut | Error::NoRandomNumbers => Code::Internal,
        };
        Self::new(code, error.to_string())
    }
}

impl From<StartError> for Failure {
    fn from(error: StartError) -> Self {
        let code = match error {
            StartError::RuntimeMissing(_) => Code::RuntimeMissing,
            StartError::Refused { .. } => Code::Start,
            StartError::TimedOut(_) => Code::StartTimeout,
            StartError::Inherited(_) | StartError::Io(_) => Code::Internal,
        };
        Self::new(code, error.to_string())
    }
}

impl From<AddressError> for Failure {
    fn from(error: AddressError) -> Self {
        Self::new(Code::PortTaken, error.to_string())
    }
}

impl From<RunError> for Failure {
    fn from(error: RunError) -> Self {
        Self::new(Code::Start, error.to_string())
    }
}

impl From<cloudflare::Error> for Failure {
    fn from(error: cloudflare::Error) -> Self {
        use cloudflare::Error;
        let code = match &error {
            Error::BadToken { .. } | Error::MissingPermission(..) | Error::AccountNotThere(_) | Error::TokenForm => {
                Code::Access
            }
            Error::NameTaken(_) => Code::NameTaken,
            Error::NotThere(_) => Code::NotFound,
            Error::Validation { .. } => Code::Start,
            Error::Limit(_) | Error::TooLarge(_) => Code::Limit,
            Error::Schedule(_) => Code::InvalidSchedule,
            Error::Changed(_) => Code::Drift,
            Error::Unknown { .. } => Code::Unknown,
            Error::Cancelled => Code::Cancelled,
            Error::NoRandomNumbers => Code::Internal,
            _ => Code::Remote,
        };
        Self::new(code, error.to_string())
    }
}

impl From<Stopped> for Failure {
    fn from(stopped: Stopped) -> Self {
        let message = stopped.to_string();
        let (Stopped::Untouched(error) | Stopped::NotSeen(error) | Stopped::Unknown(error)) = stopped;
        Self::new(Self::from(error).code, message)
    }
}
