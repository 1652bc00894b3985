//! The root key, its one line of text, and `KeyStore`: where that line is kept under the name of an account.
//!
//! A key store holds text and knows nothing of vaults. What is absent on purpose is "get or create": whoever asks for
//! a key that is not there is told so, and only `Vault` decides whether a new one may be made.

use std::{
    collections::BTreeMap,
    sync::{Mutex, MutexGuard, PoisonError},
};

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use zeroize::{Zeroize, Zeroizing};

const KEY: usize = 32;

/// Every key is one line of ASCII: a value of several lines has destroyed keyrings that have no password.
const PREFIX: &str = "v1.";

/// A page of the largest size in use (16 KiB on Apple silicon), so that locking it and letting go of it concerns no
/// other memory.
#[repr(align(16384))]
struct Page([u8; 16384]);

/// 32 random bytes from which every other key is derived. Held in one page of memory that is kept out of swap, wiped
/// when dropped, and without `Debug`, `Clone` or `Serialize`, as `SecretValue` is.
pub struct RootKey {
    /// `None` where the system allows no locked memory (RLIMIT_MEMLOCK is 0): the key is then as safe as swap is, which
    /// is no reason to refuse to work. Declared first: it is let go of before the page is freed.
    _lock: Option<region::LockGuard>,
    page: Box<Page>,
}

/// The text is not `v1.` and 32 bytes in base64url.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the keychain's entry is not a key")]
pub struct InvalidKey;

impl RootKey {
    /// A new key from the system's random numbers.
    pub fn generate() -> Result<Self, getrandom::Error> {
        let mut key = Self::blank();
        getrandom::fill(&mut key.page.0[..KEY])?;
        Ok(key)
    }

    /// Reads what `to_text` wrote. Space around the line is allowed: tools that edit keychains add a line break.
    pub fn parse(text: &str) -> Result<Self, InvalidKey> {
        let encoded = text.trim().strip_prefix(PREFIX).ok_or(InvalidKey)?;
        let mut key = Self::blank();
        match URL_SAFE_NO_PAD.decode_slice(encoded, &mut key.page.0[..KEY]) {
            Ok(KEY) => Ok(key),
            _ => Err(InvalidKey),
        }
    }

    /// `v1.` and 43 characters of base64url without padding: 46 characters, far below every keychain's limit.
    pub fn to_text(&self) -> Zeroizing<String> {
        let mut text = String::with_capacity(PREFIX.len() + KEY.div_ceil(3) * 4);
        text.push_str(PREFIX);
        URL_SAFE_NO_PAD.encode_string(self.bytes(), &mut text);
        Zeroizing::new(text)
    }

    pub(super) fn bytes(&self) -> &[u8] {
        &self.page.0[..KEY]
    }

    fn blank() -> Self {
        let page = Box::new(Page([0; 16384]));
        Self { _lock: region::lock(page.0.as_ptr(), page.0.len()).ok(), page }
    }
}

impl Drop for RootKey {
    fn drop(&mut self) {
        self.page.0[..KEY].zeroize();
    }
}

/// Why a key store did not do what it was asked. Nothing of what a keychain itself said is kept: its errors may print
/// the very bytes it holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum KeyStoreError {
    #[error("the keychain is locked, or nobody answered its prompt")]
    Locked,
    #[error("no keychain answers")]
    Absent,
    #[error("the keychain does not keep what is written to it")]
    Forgetful,
}

/// Text kept under the name of an account. Calls may block for seconds: make them on a thread of their own.
pub trait KeyStore: Send + Sync {
    /// Everything kept under the account: nothing, one text, or several where a keychain holds duplicates. An answer
    /// of "nothing" is no proof that the store works: see `probe`.
    fn read(&self, account: &str) -> Result<Vec<Zeroizing<String>>, KeyStoreError>;

    /// Keeps the text under the account, in place of what was there.
    fn write(&self, account: &str, text: &str) -> Result<(), KeyStoreError>;

    /// Removes everything under the account. That there was nothing is no error.
    fn delete(&self, account: &str) -> Result<(), KeyStoreError>;

    /// Writes a text of no meaning, reads it back and deletes it: what no real key is risked on.
    ///
    /// The text is always the same, so that a call which hung and ends late does no harm to the next one.
    fn probe(&self, account: &str) -> Result<(), KeyStoreError> {
        const TEXT: &str = "probe";
        self.write(account, TEXT)?;
        let kept = self.read(account)?.iter().any(|text| text.as_str() == TEXT);
        self.delete(account)?;
        if kept { Ok(()) } else { Err(KeyStoreError::Forgetful) }
    }
}

/// A key store that lasts as long as the process, and fails in every way that a keychain does when told to. For the
/// tests of the use cases; the app itself never runs on it.
#[derive(Default)]
pub struct MemoryKeyStore {
    held: Mutex<Held>,
}

#[derive(Default)]
struct Held {
    items: BTreeMap<String, Vec<Zeroizing<String>>>,
    failure: Option<KeyStoreError>,
}

impl MemoryKeyStore {
    pub fn new() -> Self {
        Self::default()
    }

    /// From now on every call fails in this way (`Forgetful` takes what is written and forgets it), or none does.
    pub fn fail(&self, failure: impl Into<Option<KeyStoreError>>) {
        self.held().failure = failure.into();
    }

    /// The accounts that hold something.
    pub fn accounts(&self) -> Vec<String> {
        self.held().items.keys().cloned().collect()
    }

    /// Everything is lost, as when a user resets the keychain.
    pub fn lose(&self) {
        self.held().items.clear();
    }

    /// Puts another text beside what is under the account, so that two items match, or one that is no key.
    pub fn plant(&self, account: &str, text: &str) {
        let text = Zeroizing::new(text.to_owned());
        // In front, so that whoever takes the first one without looking takes the wrong one.
        self.held().items.entry(account.to_owned()).or_default().insert(0, text);
    }

    fn held(&self) -> MutexGuard<'_, Held> {
        // Each change is one call on a collection: a panic elsewhere leaves nothing half done.
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn answering(&self) -> Result<MutexGuard<'_, Held>, KeyStoreError> {
        let held = self.held();
        match held.failure {
            Some(failure @ (KeyStoreError::Locked | KeyStoreError::Absent)) => Err(failure),
            Some(KeyStoreError::Forgetful) | None => Ok(held),
        }
    }
}

impl KeyStore for MemoryKeyStore {
    fn read(&self, account: &str) -> Result<Vec<Zeroizing<String>>, KeyStoreError> {
        Ok(self.answering()?.items.get(account).cloned().unwrap_or_default())
    }

    fn write(&self, account: &str, text: &str) -> Result<(), KeyStoreError> {
        let mut held = self.answering()?;
        if held.failure.is_none() {
            held.items.insert(account.to_owned(), vec![Zeroizing::new(text.to_owned())]);
        }
        Ok(())
    }

    fn delete(&self, account: &str) -> Result<(), KeyStoreError> {
        self.answering()?.items.remove(account);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_survives_its_text_form() {
        let key = RootKey::generate().unwrap();
        let text = key.to_text();
        assert_eq!(text.len(), 46);
        assert!(text.is_ascii() && !text.contains(char::is_whitespace));
        assert!(RootKey::parse(&text).is_ok_and(|again| again.bytes() == key.bytes()));
        assert!(RootKey::parse(&format!("{}\n", *text)).is_ok_and(|again| again.bytes() == key.bytes()));
    }

    #[test]
    fn two_keys_differ() {
        assert!(RootKey::generate().unwrap().bytes() != RootKey::generate().unwrap().bytes());
    }

    #[test]
    fn what_is_no_key_is_refused() {
        let encoded = URL_SAFE_NO_PAD.encode([7; 32]);
        assert!(RootKey::parse(&format!("v1.{encoded}")).is_ok());
        for text in [
            String::new(),
            "v1.".into(),
            encoded.clone(),
            format!("v2.{encoded}"),
            format!("v1.{encoded}="),
            format!("v1.{}", &encoded[1..]),
            format!("v1.{}", URL_SAFE_NO_PAD.encode([7; 31])),
            format!("v1.{}", URL_SAFE_NO_PAD.encode([7; 33])),
            format!("v1.{}", encoded.replace('B', "+")),
        ] {
            assert_eq!(RootKey::parse(&text).err(), Some(InvalidKey), "{text}");
        }
    }

    #[test]
    fn a_probe_leaves_nothing_behind() {
        let keys = MemoryKeyStore::new();
        assert_eq!(keys.probe("a"), Ok(()));
        assert!(keys.accounts().is_empty());
    }

    #[test]
    fn a_probe_finds_out_a_store_that_forgets() {
        let keys = MemoryKeyStore::new();
        keys.fail(KeyStoreError::Forgetful);
        assert_eq!(keys.probe("a"), Err(KeyStoreError::Forgetful));
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn a_key_lies_in_locked_memory() {
        let locked = || {
            let status = std::fs::read_to_string("/proc/self/status").unwrap();
            let line = status.lines().find(|line| line.starts_with("VmLck:")).unwrap().to_owned();
            line.split_whitespace().nth(1).unwrap().parse::<u64>().unwrap()
        };
        let before = locked();
        let key = RootKey::generate().unwrap();
        if key._lock.is_some() {
            assert!(locked() >= before.max(16));
        }
    }
}
