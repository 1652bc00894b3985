//! Finding the vault's key, and the one place where a new key is made.
//!
//! No kill loses a key or leaves two. A vault's id is noted in `vault.lock` before its key goes to the keychain, and
//! the key goes to the keychain before the database hears of it. Whoever starts next, or waited for the lock meanwhile,
//! finds the key under the noted id and takes it up.

use std::{
    fs::{File, OpenOptions},
    io::{Read, Seek, Write},
    path::Path,
};

use subtle::ConstantTimeEq;

use super::{
    Error, Identity,
    key::{KeyStore, KeyStoreError, RootKey},
    seal::VaultKey,
};

pub(super) enum Opening {
    Found(VaultKey),
    Minted(Identity),
}

/// Finds the key of `existing`, or makes one where nothing is sealed.
pub(super) fn open(
    keys: &dyn KeyStore,
    existing: Option<&Identity>,
    has_sealed: bool,
    folder: &Path,
) -> Result<Opening, Error> {
    match existing.map_or(Err(Error::KeyMissing), |identity| find(keys, identity)) {
        Ok(key) => Ok(Opening::Found(key)),
        // Nothing is sealed under the key that is gone, so nothing is lost by making another.
        Err(Error::KeyMissing | Error::WrongKey) if !has_sealed => mint(keys, existing, folder).map(Opening::Minted),
        Err(error) => Err(error),
    }
}

fn find(keys: &dyn KeyStore, identity: &Identity) -> Result<VaultKey, Error> {
    let Identity { vault_id, key_id, check } = identity;
    let texts = keys.read(&account(vault_id, *key_id))?;
    if texts.is_empty() {
        // A keychain that has no collection yet also answers "nothing". To say "your key is gone" of one that only has
        // to be set up or unlocked would send people the wrong way.
        keys.probe(&probe_account(vault_id))?;
        return Err(Error::KeyMissing);
    }
    // Two items may match, after a restored backup for instance: the right one is the one that fits.
    texts
        .iter()
        .filter_map(|text| RootKey::parse(text).ok())
        .map(|root| VaultKey { root, vault_id: vault_id.clone(), key_id: *key_id })
        .find(|key| key.matches(check))
        .ok_or(Error::WrongKey)
}

/// Makes a key under an account of its own, or takes up the one that a killed or concurrent start has made.
pub(super) fn mint(keys: &dyn KeyStore, previous: Option<&Identity>, folder: &Path) -> Result<Identity, Error> {
    let mut note = Note::lock(folder).map_err(Error::Folder)?;
    let key_id = previous.map_or(1, |identity| identity.key_id + 1);
    let mut noted = note.read().map_err(Error::Folder)?;
    noted = noted.filter(|id| previous.is_none_or(|identity| identity.vault_id != *id));

    if let Some(vault_id) = &noted {
        let texts = keys.read(&account(vault_id, key_id))?;
        if let Some(root) = texts.iter().find_map(|text| RootKey::parse(text).ok()) {
            return Ok(Identity::of(&VaultKey { root, vault_id: vault_id.clone(), key_id }));
        }
        if !texts.is_empty() {
            // Whatever that is, it is not written over.
            noted = None;
        }
    }

    let vault_id = match noted {
        Some(noted) => noted,
        None => {
            let fresh = fresh_vault_id()?;
            note.write(&fresh).map_err(Error::Folder)?;
            fresh
        }
    };
    keys.probe(&probe_account(&vault_id))?;
    let root = RootKey::generate().map_err(|_| Error::NoRandomNumbers)?;
    if let Err(error) = keep(keys, &account(&vault_id, key_id), &root) {
        // The write may still end after its time limit. Another key never goes to the same account, where the two would
        // meet: the next attempt has an account of its own.
        note.write("").map_err(Error::Folder)?;
        return Err(error.into());
    }
    Ok(Identity::of(&VaultKey { root, vault_id, key_id }))
}

fn keep(keys: &dyn KeyStore, account: &str, root: &RootKey) -> Result<(), KeyStoreError> {
    let text = root.to_text();
    keys.write(account, &text)?;
    match keys.read(account)?.as_slice() {
        [kept] if kept.trim().as_bytes().ct_eq(text.as_bytes()).into() => Ok(()),
        _ => Err(KeyStoreError::Forgetful),
    }
}

/// Each key of each vault has an account of its own, so that no two data folders, and no two keys, ever meet.
fn account(vault_id: &str, key_id: u32) -> String {
    format!("{vault_id}.{key_id}")
}

fn probe_account(vault_id: &str) -> String {
    format!("{vault_id}.probe")
}

fn fresh_vault_id() -> Result<String, Error> {
    let mut bytes = [0; 16];
    getrandom::fill(&mut bytes).map_err(|_| Error::NoRandomNumbers)?;
    Ok(format!("{:032x}", u128::from_be_bytes(bytes)))
}

/// `vault.lock`: held by whoever is making a key, and holding the id of the vault that the key is for. It ends with the
/// process, however that ends.
struct Note(File);

impl Note {
    /// Waits for another start that is making a key. That one has time limits of its own.
    fn lock(folder: &Path) -> std::io::Result<Self> {
        let path = folder.join("vault.lock");
        let file = OpenOptions::new().read(true).write(true).create(true).truncate(false).open(path)?;
        file.lock()?;
        Ok(Self(file))
    }

    /// The noted id; nothing where the file is new, cleared, or was cut short by a crash.
    fn read(&mut self) -> std::io::Result<Option<String>> {
        let mut bytes = Vec::new();
        self.0.rewind()?;
        Read::by_ref(&mut self.0).take(64).read_to_end(&mut bytes)?;
        let id = String::from_utf8(bytes).ok();
        Ok(id.filter(|id| id.len() == 32 && id.bytes().all(|byte| byte.is_ascii_hexdigit())))
    }

    fn write(&mut self, id: &str) -> std::io::Result<()> {
        self.0.set_len(0)?;
        self.0.rewind()?;
        self.0.write_all(id.as_bytes())?;
        self.0.sync_all()
    }
}
