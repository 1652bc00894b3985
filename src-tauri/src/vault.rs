//! The vault: seals a value, opens it again, and recognises it. Its root key lives in the keychain and, while the app
//! runs, in one locked page of memory.
//!
//! `Vault` never makes a key where sealed values exist, and never deletes one. It knows no table and no target: what is
//! sealed comes and goes as `Sealed`, and what the database has to remember of the key is `Identity`.

use std::{
    path::PathBuf,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use crate::secret::{Fingerprint, Place, Sealed, SecretValue, TypedValue};

pub mod key;
pub mod keychain;
mod opening;
mod seal;

use key::{KeyStore, KeyStoreError};
use seal::{Unopened, VaultKey};

/// A handle to the one vault of a data folder; clones share it.
#[derive(Clone)]
pub struct Vault {
    keys: Arc<dyn KeyStore>,
    door: Arc<Mutex<Door>>,
}

enum Door {
    Open(Arc<VaultKey>),
    Closed(State),
}

/// What the database keeps beside the sealed values. None of it is secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Identity {
    /// 32 hexadecimal digits, chosen at random. Names the keychain's account and salts every derived key.
    pub vault_id: String,
    /// Grows by one with each key that the data folder has had, so that a seal says which key it needs.
    pub key_id: u32,
    /// Tells whether a key is the right one before anything is opened with it.
    pub check: Vec<u8>,
}

/// Whether secrets can be sealed and opened now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// The keychain has not answered yet, or a new key has not been opened yet.
    Opening,
    Ready,
    Locked,
    /// No keychain answers, or none that keeps what is written.
    Absent,
    KeyMissing,
    WrongKey,
}

/// What came of opening.
#[must_use = "a new key is lost unless its identity is stored"]
#[derive(Debug, PartialEq, Eq)]
pub enum Opened {
    Ready,
    /// A key was made, and the keychain keeps it. Store this, then open again with it: a vault never seals under a key
    /// that the database does not know yet.
    Minted(Identity),
}

#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("The keychain has not answered yet. Nothing was changed. Try again in a moment.")]
    Opening,
    #[error("Your keychain is locked. Code and sealed secrets are untouched. Unlock your keychain, then Retry.")]
    Locked,
    #[error(
        "No keychain answers. Sealed secrets are untouched, and code that needs no secret can be deployed. Install or \
         unlock a keychain, then Retry."
    )]
    Absent,
    #[error(
        "Your keychain does not keep what is written to it, so no key was entrusted to it. Nothing was changed. Use \
         another keychain, then Retry."
    )]
    Forgetful,
    #[error(
        "Your keychain no longer has the key of your sealed secrets. Nothing was deleted. Bring the entry back, then \
         Retry; or start a new vault and enter the secrets again."
    )]
    KeyMissing,
    #[error(
        "The key in your keychain is not the one that sealed your secrets. Nothing was deleted. Bring the right entry \
         back, then Retry; or start a new vault and enter the secrets again."
    )]
    WrongKey,
    #[error("This secret does not open: it was damaged or moved. The others are untouched. Replace or delete it.")]
    Damaged,
    #[error("This secret was sealed under a key that is gone. The others are untouched. Enter its value again.")]
    OtherKey,
    #[error("This secret was sealed by a newer version of Postern. It is untouched. Update Postern to use it.")]
    Version,
    #[error(
        "The vault's key has sealed as many values as one key may. Sealed secrets still open. Start a new vault to \
         seal more."
    )]
    WornOut,
    #[error("Postern can't write to its data folder, so no key was made: {0}. Make room or give access, then Retry.")]
    Folder(#[source] std::io::Error),
    #[error("The system gave no random numbers. Nothing was changed. Retry; if it happens again, restart the system.")]
    NoRandomNumbers,
    #[error("Asking the keychain broke off. Sealed secrets are untouched. Retry.")]
    BrokeOff,
}

impl Vault {
    pub fn new(keys: Arc<dyn KeyStore>) -> Self {
        Self { keys, door: Arc::new(Mutex::new(Door::Closed(State::Opening))) }
    }

    /// Reads the key and makes the vault Ready. `existing` is what the database remembers (nothing on the first
    /// start), `has_sealed` whether it holds sealed values, `folder` where two first starts at once find each other.
    ///
    /// Where nothing is sealed and no key fits, a new one is made: see `Opened::Minted`. Where values are sealed this
    /// refuses instead, with `KeyMissing` or `WrongKey`. May be called again at any time: that is what Retry does.
    pub async fn open(
        &self,
        existing: Option<Identity>,
        has_sealed: bool,
        folder: impl Into<PathBuf>,
    ) -> Result<Opened, Error> {
        {
            let mut door = self.door();
            match (&*door, &existing) {
                (Door::Open(key), Some(identity)) if identity.is_of(key) => {
                    return Ok(Opened::Ready);
                }
                _ => *door = Door::Closed(State::Opening),
            }
        }
        let (vault, folder) = (self.clone(), folder.into());
        let opened = on_a_thread(move || {
            let opened = opening::open(&*vault.keys, existing.as_ref(), has_sealed, &folder);
            let (door, answer) = match opened {
                Ok(opening::Opening::Found(key)) => (Door::Open(Arc::new(key)), Ok(Opened::Ready)),
                Ok(opening::Opening::Minted(new)) => (Door::Closed(State::Opening), Ok(Opened::Minted(new))),
                Err(error) => (Door::Closed(error.state()), Err(error)),
            };
            vault.turn(door);
            answer
        })
        .await;
        if let Err(Error::BrokeOff) = opened {
            self.turn(Door::Closed(Error::BrokeOff.state()));
        }
        opened
    }

    /// Makes a key under a new account, for a vault that begins empty: the way on after `KeyMissing` or `WrongKey`.
    /// The old key, if it is anywhere, stays where it is.
    ///
    /// Archive the old seals and store the identity in one transaction, then `open` with it. Until then, and if that
    /// never comes to pass, everything is as it was.
    pub async fn begin_anew(&self, previous: Option<Identity>, folder: impl Into<PathBuf>) -> Result<Identity, Error> {
        let (keys, folder) = (self.keys.clone(), folder.into());
        on_a_thread(move || opening::mint(&*keys, previous.as_ref(), &folder)).await
    }

    /// Seals the value for its place under a fresh nonce. `seals` is how many seals this key has made, as the database
    /// counts them (purged ones too): from 2^20 on this refuses with `WornOut`.
    pub fn seal(&self, value: &SecretValue, place: &Place, seals: u64) -> Result<Sealed, Error> {
        let key = self.key()?;
        if seals >= seal::MAX_SEALS {
            return Err(Error::WornOut);
        }
        let mut nonce = [0; seal::NONCE];
        getrandom::fill(&mut nonce).map_err(|_| Error::NoRandomNumbers)?;
        Ok(key.seal(nonce, place, value.expose().as_bytes()))
    }

    /// Opens what was sealed for this place. Refuses with `Damaged`, `OtherKey` or `Version`, each of them about this
    /// one seal.
    pub fn unseal(&self, sealed: &Sealed, place: &Place) -> Result<SecretValue, Error> {
        let mut bytes = self.key()?.open(sealed, place).map_err(|why| match why {
            Unopened::Version => Error::Version,
            Unopened::OtherKey => Error::OtherKey,
            Unopened::Damaged => Error::Damaged,
        })?;
        // Checked first: `String::from_utf8` would put the bytes into its error, and they would not be wiped.
        if std::str::from_utf8(&bytes).is_err() {
            return Err(Error::Damaged);
        }
        let text = String::from_utf8(std::mem::take(&mut *bytes)).expect("checked above");
        SecretValue::parse(TypedValue::from(text)).map_err(|_| Error::Damaged)
    }

    /// Refuses with `WrongKey` unless the open key is of the vault that the database records.
    pub fn must_be(&self, vault_id: &str) -> Result<(), Error> {
        if self.key()?.vault_id == vault_id { Ok(()) } else { Err(Error::WrongKey) }
    }

    /// Recognises a value without opening another: equal for equal values as long as the key stays the same.
    pub fn fingerprint(&self, value: &SecretValue) -> Result<Fingerprint, Error> {
        Ok(self.key()?.fingerprint(value.expose().as_bytes()))
    }

    /// How long the value is that a seal of so many bytes holds: what a value can be told by without opening it.
    pub fn length_within(sealed: usize) -> usize {
        seal::value_length(sealed)
    }

    /// Opening broke off before the keychain was asked: nobody is to wait for an answer.
    pub fn give_up(&self) {
        let mut door = self.door();
        if matches!(*door, Door::Closed(State::Opening)) {
            *door = Door::Closed(State::Absent);
        }
    }

    pub fn state(&self) -> State {
        match *self.door() {
            Door::Open(_) => State::Ready,
            Door::Closed(state) => state,
        }
    }

    fn key(&self) -> Result<Arc<VaultKey>, Error> {
        match &*self.door() {
            Door::Open(key) => Ok(key.clone()),
            Door::Closed(State::Locked) => Err(Error::Locked),
            Door::Closed(State::Absent) => Err(Error::Absent),
            Door::Closed(State::KeyMissing) => Err(Error::KeyMissing),
            Door::Closed(State::WrongKey) => Err(Error::WrongKey),
            Door::Closed(State::Opening | State::Ready) => Err(Error::Opening),
        }
    }

    /// Where two calls of `open` overlap, the one that found the key wins: a failure never closes an open door.
    fn turn(&self, to: Door) {
        let mut door = self.door();
        match (&*door, &to) {
            (Door::Open(_), Door::Closed(_)) => {}
            _ => *door = to,
        }
    }

    fn door(&self) -> MutexGuard<'_, Door> {
        // The door is only ever replaced as a whole: a panic elsewhere leaves nothing half done.
        self.door.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Identity {
    fn of(key: &VaultKey) -> Self {
        Self { vault_id: key.vault_id.clone(), key_id: key.key_id, check: key.check_value().to_vec() }
    }

    fn is_of(&self, key: &VaultKey) -> bool {
        self.vault_id == key.vault_id && self.key_id == key.key_id
    }
}

impl Error {
    /// The state that this error of opening leaves the vault in.
    fn state(&self) -> State {
        match self {
            Self::Locked => State::Locked,
            Self::KeyMissing => State::KeyMissing,
            Self::WrongKey => State::WrongKey,
            _ => State::Absent,
        }
    }
}

impl From<KeyStoreError> for Error {
    fn from(error: KeyStoreError) -> Self {
        match error {
            KeyStoreError::Locked => Self::Locked,
            KeyStoreError::Absent => Self::Absent,
            KeyStoreError::Forgetful => Self::Forgetful,
        }
    }
}

/// Key stores block, for seconds where a prompt is shown: never on a thread that serves the window.
async fn on_a_thread<T: Send + 'static>(work: impl FnOnce() -> Result<T, Error> + Send + 'static) -> Result<T, Error> {
    let (answer, answered) = tokio::sync::oneshot::channel();
    std::thread::Builder::new()
        .name("vault".into())
        // Nobody waits any more if the caller was cancelled; the work has had its effect on the vault by then.
        .spawn(move || drop(answer.send(work())))
        .map_err(|_| Error::BrokeOff)?;
    answered.await.map_err(|_| Error::BrokeOff)?
}

#[cfg(test)]
mod tests;
