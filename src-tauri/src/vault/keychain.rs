//! `KeyStore` over the keychain of the operating system: the Secret Service, the macOS keychain, Windows credentials.
//!
//! A keychain may hang for as long as it shows a prompt, may come and go while the app runs, and its errors may print
//! the bytes they are about. So each call has a thread, a time limit and a connection of its own, and an error becomes
//! one of three codes right here.

use std::{collections::HashMap, sync::mpsc, time::Duration};

use keyring::{CredentialStore, Entry, Error};
use zeroize::{Zeroize, Zeroizing};

use super::key::{KeyStore, KeyStoreError};

/// What every entry of Postern's stands under, beside its account.
pub const SERVICE: &str = "dev.postern.Postern";

/// Long enough for a keychain that has to start; short enough that the window does not look dead. A prompt that is
/// answered later still unlocks the keychain, and Retry finds it so.
const LIMIT: Duration = Duration::from_secs(10);

pub struct Keychain {
    limit: Duration,
}

impl Keychain {
    pub fn new() -> Self {
        Self::with_limit(LIMIT)
    }

    /// With another time limit for each call.
    pub fn with_limit(limit: Duration) -> Self {
        Self { limit }
    }

    /// Runs the call on a thread of its own. One that hangs is left to itself: every call is harmless when it ends late
    /// (see `opening` for the one that writes a key), and what it read is wiped with the thread's answer.
    fn call<T: Send + 'static>(
        &self,
        account: &str,
        call: impl FnOnce(&Entry) -> Result<T, Error> + Send + 'static,
    ) -> Result<T, KeyStoreError> {
        let account = account.to_owned();
        let (answer, answered) = mpsc::sync_channel(1);
        std::thread::Builder::new()
            .name("keychain".into())
            .spawn(move || drop(answer.send(entry(&account).and_then(|entry| call(&entry)).map_err(code))))
            .map_err(|_| KeyStoreError::Absent)?;
        match answered.recv_timeout(self.limit) {
            Ok(answer) => answer,
            // It hangs where a prompt waits for somebody.
            Err(mpsc::RecvTimeoutError::Timeout) => Err(KeyStoreError::Locked),
            Err(mpsc::RecvTimeoutError::Disconnected) => Err(KeyStoreError::Absent),
        }
    }
}

impl Default for Keychain {
    fn default() -> Self {
        Self::new()
    }
}

impl KeyStore for Keychain {
    fn read(&self, account: &str) -> Result<Vec<Zeroizing<String>>, KeyStoreError> {
        self.call(account, |entry| each(entry, text))
    }

    fn write(&self, account: &str, text: &str) -> Result<(), KeyStoreError> {
        let text = Zeroizing::new(text.to_owned());
        self.call(account, move |entry| entry.set_password(&text))
    }

    fn delete(&self, account: &str) -> Result<(), KeyStoreError> {
        self.call(account, |entry| each(entry, Entry::delete_credential).map(drop))
    }
}

/// Does the same to every item that matches: none, one, or each of several.
fn each<T>(entry: &Entry, act: impl Fn(&Entry) -> Result<T, Error>) -> Result<Vec<T>, Error> {
    match act(entry) {
        Ok(one) => Ok(vec![one]),
        Err(Error::NoEntry) => Ok(Vec::new()),
        Err(Error::Ambiguous(entries)) => entries.iter().map(act).collect(),
        Err(error) => Err(error),
    }
}

/// An item that is no text is read as empty: nobody's key, and no reason to print it.
fn text(entry: &Entry) -> Result<Zeroizing<String>, Error> {
    match entry.get_password() {
        Ok(text) => Ok(Zeroizing::new(text)),
        Err(Error::BadEncoding(mut bytes) | Error::BadDataFormat(mut bytes, _)) => {
            bytes.zeroize();
            Ok(Zeroizing::default())
        }
        Err(error) => Err(error),
    }
}

/// The keychain as it is now: a store that has outlived its daemon answers "no session" for ever.
fn entry(account: &str) -> Result<Entry, Error> {
    // The label is what a person sees who looks through the keychain; only the Secret Service has one.
    let label = HashMap::from([("label", "Postern: key of sealed secrets")]);
    let label = cfg!(target_os = "linux").then_some(&label);
    platform_store()?.build(SERVICE, account, label)
}

#[cfg(target_os = "linux")]
fn platform_store() -> Result<std::sync::Arc<CredentialStore>, Error> {
    Ok(zbus_secret_service_keyring_store::Store::new()?)
}

#[cfg(target_os = "macos")]
fn platform_store() -> Result<std::sync::Arc<CredentialStore>, Error> {
    Ok(apple_native_keyring_store::keychain::Store::new()?)
}

#[cfg(windows)]
fn platform_store() -> Result<std::sync::Arc<CredentialStore>, Error> {
    Ok(windows_native_keyring_store::Store::new()?)
}

#[cfg(not(any(target_os = "linux", target_os = "macos", windows)))]
fn platform_store() -> Result<std::sync::Arc<CredentialStore>, Error> {
    Err(Error::NoDefaultStore)
}

/// What to say of an error. The error itself goes no further.
fn code(error: Error) -> KeyStoreError {
    match error {
        // A Secret Service with no collection yet has nothing that could be unlocked.
        Error::NoStorageAccess(why) if why.to_string().contains("result not returned") => KeyStoreError::Absent,
        Error::NoStorageAccess(_) => KeyStoreError::Locked,
        // On macOS and Windows the keychain is part of the system: a failure there is a refusal (a prompt that was
        // cancelled, a session that may not show one).
        Error::PlatformFailure(_) if cfg!(any(target_os = "macos", windows)) => KeyStoreError::Locked,
        _ => KeyStoreError::Absent,
    }
}
