//! What a target says, without the values that it may quote: it has some that were never opened for this deployment.

use super::App;
use crate::{
    function::FunctionId,
    logs::Redactor,
    secret::Owner,
    store::secrets,
    target::cloudflare::{Error, Stopped},
    wire::Failure,
};

/// Every value of a function, to be recognised. Where one does not open, nothing that was said is let through.
pub(super) struct Known(Option<Redactor>);

impl Known {
    fn take_out(&self, said: &str) -> String {
        self.0.as_ref().map(|known| known.redact(said)).unwrap_or_default()
    }

    pub(super) fn stopped(&self, stopped: Stopped) -> Stopped {
        stopped.redacted(&|said| self.take_out(said))
    }

    pub(super) fn failure(&self, error: Error) -> Failure {
        error.redacted(&|said| self.take_out(said)).into()
    }
}

impl App {
    /// Opens every value of the function that is kept. Only for what went wrong.
    pub(super) async fn known_values(&self, id: FunctionId) -> Known {
        let sealed = self.0.store.read(move |db| secrets::revisions(db, Owner::Function(id))).await;
        let opened = sealed.ok().and_then(|sealed| self.open_values(sealed).ok());
        Known(
            opened
                .map(|opened| Redactor::new(opened.iter().map(|(place, value)| (place.name.as_str(), value.expose())))),
        )
    }

    /// What a target answered about the function, or why it did not.
    pub(super) async fn without_values<T>(&self, id: FunctionId, answer: Result<T, Error>) -> Result<T, Failure> {
        match answer {
            Ok(answer) => Ok(answer),
            Err(error) => Err(self.known_values(id).await.failure(error)),
        }
    }
}

/// What a target says where no function is at hand, whose values could be told from it: nothing of it is let through.
pub(super) fn silenced(error: Error) -> Failure {
    Known(None).failure(error)
}
