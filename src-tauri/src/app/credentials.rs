//! Credentials in code: what `source` finds, beside what the vault knows; deploying stops on them, one at a time may be let
//! pass, and each can be moved to a secret.
//!
//! Nothing is opened here: values are compared by their fingerprints. No answer and no message says what was found.

use std::collections::HashSet;

use super::{
    App,
    deploy::Hear,
    lock, now,
    recogniser::{Found, Move, Recogniser},
    standing::Standing,
    words::listed,
};
use crate::{
    function::{FunctionId, Position, SourceFile},
    secret::{Owner, Scope},
    source::credentials::Said,
    store::{
        allowances, functions,
        moved::{self, MovedRow},
    },
    wire::{Allowed, Code, CredentialInCode, Failure, MovedToSecret, Progress, VaultState},
};

/// How many are named where a deployment stops: each takes half a line, and what to do about them comes after them.
const NAMED: usize = 3;

impl App {
    /// What in the code looks like a credential, or is a value that is known. A value that is in it no longer leaves the
    /// database files.
    pub(super) async fn credentials_of(&self, standing: &Standing) -> Result<Vec<CredentialInCode>, Failure> {
        let recogniser = self.recogniser(standing.row.id).await?;
        self.credentials_by(recogniser, standing).await
    }

    async fn credentials_by(
        &self,
        recogniser: Recogniser,
        standing: &Standing,
    ) -> Result<Vec<CredentialInCode>, Failure> {
        let found = self.find_credentials(recogniser, standing.row.id, standing.files.clone()).await?;
        let hashes: HashSet<_> = found.iter().map(Found::hash).collect();
        let before = lock(&self.0.credentials_seen).insert(standing.row.id, hashes.clone());
        if before.is_some_and(|before| !before.is_subset(&hashes)) {
            self.scrub_soon();
        }
        Ok(found.into_iter().map(|found| found.info).collect())
    }

    pub async fn credentials(&self, id: FunctionId) -> Result<Vec<CredentialInCode>, Failure> {
        self.credentials_of(&self.standing(id).await?).await
    }

    /// What was just pasted, where it is a credential: the text as it is now, and between which places it was pasted.
    pub async fn credential_pasted(
        &self,
        id: FunctionId,
        text: String,
        from: Position,
        to: Position,
    ) -> Result<Option<CredentialInCode>, Failure> {
        let files = vec![SourceFile { path: from.file.clone(), text }];
        let recogniser = self.recogniser(id).await?;
        on_a_thread(move || Ok(recogniser.pasted(&files, &from, &to))).await
    }

    /// Stops a deployment at a credential that nobody has let pass, and where the code could not be looked through. While the
    /// vault is closed, what it holds is not known from other text, and what was let pass not from what was not.
    pub(super) async fn refuse_credentials(&self, standing: &Standing, progress: Hear<'_>) -> Result<(), Failure> {
        self.vault_answered().await;
        let closed = self.vault_state() != VaultState::Ready;
        let recogniser = self.recogniser(standing.row.id).await?;
        let (knows_any, allows_any) = (recogniser.knows_any(), recogniser.allows_any());
        let found = self.credentials_by(recogniser, standing).await?;
        let stopping: Vec<&CredentialInCode> = found.iter().filter(|found| found.allowed.is_none()).collect();
        let Some(first) = stopping.first() else {
            if closed && knows_any {
                progress(Progress::Unchecked);
            }
            return Ok(());
        };
        let several_files = standing.files.len() > 1;
        let place = |found: &CredentialInCode| match several_files {
            true => format!("line {} of {}", found.from.line, found.from.file),
            false => format!("line {}", found.from.line),
        };
        let mut named: Vec<String> =
            stopping.iter().take(NAMED).map(|found| format!("{} at {}", found.what, place(found))).collect();
        if let more @ 1.. = stopping.len() - named.len() {
            named.push(format!("{more} more"));
        }
        let unknown = match closed && allows_any {
            true => " The vault is closed: whether it was let pass before is known once that is open.",
            false => "",
        };
        let message = format!(
            "The code holds {}. Move {} to a secret, or deploy anyway.{unknown}",
            listed(&named),
            if stopping.len() == 1 { "it" } else { "each" }
        );
        Err(Failure::new(Code::CredentialsInCode, message).at(Some(first.from.clone())))
    }

    /// Lets a credential of the saved code pass at deployments, for a reason that is kept: with the vault closed, once it opens,
    /// and lost if the app ends before.
    pub async fn allow_credential(
        &self,
        id: FunctionId,
        at: Position,
        reason: String,
    ) -> Result<Vec<CredentialInCode>, Failure> {
        let reason = reason.trim().to_owned();
        if reason.is_empty() || reason.len() > 500 {
            return Err(Failure::new(Code::InvalidValue, "Say why it may be deployed, in at most 500 characters."));
        }
        let found = self.find_at(id, at).await?;
        if reason.contains(found.spot.value.as_str()) {
            return Err(Failure::new(Code::InvalidValue, "The reason holds the credential itself. Say it without."));
        }
        let at = now();
        match found.fingerprint {
            Some(fingerprint) => {
                self.0.store.write(move |db| allowances::allow(db, id, &fingerprint.0, &reason, at)).await?;
                self.forget_allowed(id, found.hash());
            }
            None => {
                lock(&self.0.allowed).entry(id).or_default().insert(found.hash(), Allowed { reason, at });
            }
        }
        self.credentials(id).await
    }

    /// Where it was let pass while there was no fingerprint to remember it by. Once there is one, it is remembered; where that
    /// fails, at the next look.
    async fn allowed_meanwhile(&self, id: FunctionId, found: &Found) -> Option<Allowed> {
        let hash = found.hash();
        let allowed = self.let_pass(id, hash)?;
        if let Some(fingerprint) = found.fingerprint {
            let app = self.clone();
            let keep = self.0.store.write(move |db| match app.let_pass(id, hash) {
                Some(Allowed { reason, at }) => allowances::allow(db, id, &fingerprint.0, &reason, at),
                // Another look was quicker, or it was taken back.
                None => Ok(()),
            });
            match keep.await {
                Ok(()) => _ = self.forget_allowed(id, hash),
                Err(error) => tracing::warn!(%error, "what was let pass is not kept yet"),
            }
        }
        Some(allowed)
    }

    fn let_pass(&self, id: FunctionId, hash: [u8; 32]) -> Option<Allowed> {
        lock(&self.0.allowed).get(&id)?.get(&hash).cloned()
    }

    /// Answers whether there was anything to forget.
    fn forget_allowed(&self, id: FunctionId, hash: [u8; 32]) -> bool {
        lock(&self.0.allowed).get_mut(&id).is_some_and(|allowed| allowed.remove(&hash).is_some())
    }

    /// Deployments stop at it again.
    pub async fn withdraw_allowance(&self, id: FunctionId, at: Position) -> Result<Vec<CredentialInCode>, Failure> {
        let found = self.find_at(id, at).await?;
        // First, so that no look keeps it meanwhile.
        let forgotten = self.forget_allowed(id, found.hash());
        match found.fingerprint {
            Some(fingerprint) => self.0.store.write(move |db| allowances::withdraw(db, id, &fingerprint.0)).await?,
            // It may be one of those that were let pass before.
            None if !forgotten && self.recogniser(id).await?.allows_any() => return Err(self.closed()),
            None => {}
        }
        self.credentials(id).await
    }

    /// Seals what stands at a place of the text, puts `env.NAME` there, and keeps both in one change.
    pub async fn move_to_secret(
        &self,
        id: FunctionId,
        text: String,
        at: Position,
        to: Position,
        name: String,
    ) -> Result<MovedToSecret, Failure> {
        let path = at.file.clone();
        let mut files = self.standing(id).await?.files;
        match files.iter_mut().find(|file| file.path == path) {
            Some(file) => file.text = text,
            None => files.push(SourceFile { path: path.clone(), text }),
        }
        let recogniser = self.recogniser(id).await?;
        let found = move || recogniser.moved(&files, &at, &to, &name);
        let Move { name, value, fingerprint, length, text, edits } = on_a_thread(found).await?;
        let (app, secret) = (self.clone(), name.clone());
        let standing = self
            .0
            .store
            .write(move |db| -> Result<_, Failure> {
                if let Some(value) = value {
                    let place = app.seal_into(db, Owner::Function(id), &secret, Scope::All, &value)?;
                    if place.revision > 1 {
                        let message = format!("{secret} exists already. Choose another name.");
                        return Err(Failure::new(Code::SecretExists, message));
                    }
                }
                // Without a fingerprint nothing was sealed, and there is none that the function has already.
                if let Some(fingerprint) = fingerprint {
                    let name = secret.to_string();
                    moved::remember(db, id, &MovedRow { fingerprint: fingerprint.0.to_vec(), length, name })?;
                }
                functions::save_file(db, id, &path, &text)?;
                Ok(app.load(db, id)?)
            })
            .await?;
        self.scrub_soon();
        let saved = self.saved(standing).await?;
        // It is done: the page is not to hear that it failed.
        let leaked = self.leaked_values(id).await.unwrap_or_else(|failure| {
            tracing::warn!(code = ?failure.code, "what is kept was not looked through after a value was moved");
            Vec::new()
        });
        Ok(MovedToSecret { name: name.to_string(), edits, saved, leaked })
    }

    async fn recogniser(&self, id: FunctionId) -> Result<Recogniser, Failure> {
        let vault = self.0.vault.clone();
        Ok(self.0.store.read(move |db| Recogniser::load(db, vault, id)).await?)
    }

    async fn find_credentials(
        &self,
        recogniser: Recogniser,
        id: FunctionId,
        files: Vec<SourceFile>,
    ) -> Result<Vec<Found>, Failure> {
        let mut found = on_a_thread(move || Ok(recogniser.look(&Said::read(&files)))).await?;
        for found in &mut found {
            if let Some(allowed) = self.allowed_meanwhile(id, found).await {
                found.info.allowed = Some(allowed);
            }
        }
        Ok(found)
    }

    async fn find_at(&self, id: FunctionId, at: Position) -> Result<Found, Failure> {
        let files = self.standing(id).await?.files;
        let recogniser = self.recogniser(id).await?;
        let found = self.find_credentials(recogniser, id, files).await?;
        found.into_iter().find(|found| found.info.from == at).ok_or_else(|| {
            Failure::new(Code::NotFound, "There is no credential at this place any more. Nothing was changed.")
        })
    }

    fn closed(&self) -> Failure {
        Failure::new(
            Code::VaultLocked,
            "The vault is closed, so this can't be told from what was let pass before. Unlock your keychain first.",
        )
    }
}

/// Reading code takes about a millisecond for a thousand lines, which is not spent on a thread that serves requests.
pub(super) async fn on_a_thread<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, Failure> + Send + 'static,
) -> Result<T, Failure> {
    let broke_off = |_| Failure::new(Code::Internal, "Looking through the code broke off. Nothing was changed.");
    tokio::task::spawn_blocking(work).await.map_err(broke_off)?
}
