//! Opening the vault, and trying again: in the background at the start, when asked later.

use tokio::sync::broadcast::error::RecvError;

use super::App;
use crate::{
    store::{
        self,
        identity::{self, IdentityRow},
    },
    vault::{self, Identity, Opened},
    wire::{Event, Failure, VaultState},
};

impl App {
    pub fn vault_state(&self) -> VaultState {
        self.0.vault.state().into()
    }

    pub(super) fn open_vault_in_background(&self) {
        let app = self.clone();
        tokio::spawn(async move {
            app.retry_vault().await;
        });
    }

    /// Resolves when the keychain has answered for the first time: at once, but in the first moments of the app, in
    /// which a function may already be called.
    pub(super) async fn vault_answered(&self) {
        let mut events = self.events();
        while self.vault_state() == VaultState::Opening {
            // A missed event is as good as one that was heard: the state is looked at either way.
            if let Err(RecvError::Closed) = events.recv().await {
                return;
            }
        }
    }

    /// Asks the keychain, again where it was asked before, and answers how the vault stands then.
    pub async fn retry_vault(&self) -> VaultState {
        if let Err(failure) = self.open_vault().await {
            tracing::warn!(code = ?failure.code, "the vault did not open");
        }
        let state = self.vault_state();
        self.tell(Event::Vault { state });
        state
    }

    async fn open_vault(&self) -> Result<(), Failure> {
        let (identity, has_sealed) = self.identity().await?;
        match self.0.vault.open(identity, has_sealed, &self.0.data).await? {
            Opened::Ready => Ok(()),
            Opened::Minted(identity) => self.take_up(identity).await,
        }
    }

    /// Gives up on values whose key is gone. They stay in the database, and their secrets say "needs re-entry".
    pub async fn start_new_vault(&self) -> Result<VaultState, Failure> {
        let (identity, _) = self.identity().await?;
        let new = self.0.vault.begin_anew(identity, &self.0.data).await?;
        self.take_up(new).await?;
        let state = self.vault_state();
        self.tell(Event::Vault { state });
        Ok(state)
    }

    /// The database first, then the vault: nothing is ever sealed under a key that the database does not know.
    async fn take_up(&self, new: Identity) -> Result<(), Failure> {
        let row = IdentityRow { vault_id: new.vault_id.clone(), key_id: new.key_id, check: new.check.clone() };
        self.0.store.write(move |db| identity::set(db, &row)).await?;
        match self.0.vault.open(Some(new), false, &self.0.data).await? {
            Opened::Ready => Ok(()),
            Opened::Minted(_) => Err(vault::Error::KeyMissing.into()),
        }
    }

    async fn identity(&self) -> Result<(Option<Identity>, bool), Failure> {
        let (row, has_sealed) = self
            .0
            .store
            .read(|db| -> store::Result<_> {
                let row = identity::get(db)?;
                let has_sealed = identity::has_sealed(db, row.as_ref())?;
                Ok((row, has_sealed))
            })
            .await?;
        let identity = row.map(|row| Identity { vault_id: row.vault_id, key_id: row.key_id, check: row.check });
        Ok((identity, has_sealed))
    }
}
