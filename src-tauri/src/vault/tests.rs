//! The vault over a key store in memory: which state follows from which keychain, and that no key is made or lost where
//! it must not be.

use std::{collections::HashSet, sync::Barrier};

use tempfile::TempDir;

use super::{
    key::{MemoryKeyStore, RootKey},
    *,
};
use crate::{
    function::FunctionId,
    secret::{Owner, Scope, SecretName},
};

/// A data folder and a keychain, which outlive every start of the app.
struct World {
    keys: Arc<MemoryKeyStore>,
    folder: TempDir,
}

impl World {
    fn new() -> Self {
        Self { keys: Arc::new(MemoryKeyStore::new()), folder: TempDir::new().unwrap() }
    }

    /// A vault as a new process has it.
    fn start(&self) -> Vault {
        Vault::new(self.keys.clone())
    }

    async fn open(&self, vault: &Vault, existing: Option<&Identity>, has_sealed: bool) -> Result<Opened, Error> {
        vault.open(existing.cloned(), has_sealed, self.folder.path()).await
    }

    /// The first start up to the moment where the database knows the key.
    async fn mint(&self) -> Identity {
        minted(self.open(&self.start(), None, false).await)
    }

    async fn ready(&self, identity: &Identity) -> Vault {
        let vault = self.start();
        assert_eq!(self.open(&vault, Some(identity), true).await.unwrap(), Opened::Ready);
        vault
    }
}

fn minted(opened: Result<Opened, Error>) -> Identity {
    match opened.unwrap() {
        Opened::Minted(identity) => identity,
        Opened::Ready => panic!("opened an old key where a new one was due"),
    }
}

fn value(text: &str) -> SecretValue {
    SecretValue::parse(text.to_owned().into()).unwrap()
}

fn place() -> Place {
    Place {
        owner: Owner::Function(FunctionId(1)),
        scope: Scope::All,
        secret_id: 1,
        name: SecretName::parse("HUBSPOT_API_KEY").unwrap(),
        revision: 1,
    }
}

#[tokio::test]
async fn the_first_start_mints_one_key_and_the_next_reads_it() {
    let world = World::new();
    let vault = world.start();
    assert_eq!(vault.state(), State::Opening);
    let identity = minted(world.open(&vault, None, false).await);
    assert_eq!(world.open(&vault, Some(&identity), false).await.unwrap(), Opened::Ready);
    assert_eq!(vault.state(), State::Ready);
    let sealed = vault.seal(&value("made-up"), &place(), 0).unwrap();

    let later = world.ready(&identity).await;
    assert_eq!(later.unseal(&sealed, &place()).unwrap().expose(), "made-up");
    assert_eq!(world.keys.accounts(), [format!("{}.1", identity.vault_id)]);
}

#[tokio::test]
async fn nothing_is_sealed_under_a_key_that_the_database_does_not_know() {
    let world = World::new();
    let vault = world.start();
    let _ = minted(world.open(&vault, None, false).await);
    assert_eq!(vault.state(), State::Opening);
    assert!(matches!(vault.seal(&value("made-up"), &place(), 0), Err(Error::Opening)));
}

#[tokio::test]
async fn a_start_that_was_killed_before_the_database_knew_leaves_its_key_to_the_next() {
    let world = World::new();
    let killed = world.mint().await;
    assert_eq!(world.mint().await, killed);
    assert_eq!(world.keys.accounts().len(), 1);
}

#[tokio::test]
async fn a_note_that_a_crash_cut_short_is_no_obstacle() {
    let world = World::new();
    std::fs::write(world.folder.path().join("vault.lock"), "0123456789ab").unwrap();
    let identity = world.mint().await;
    world.ready(&identity).await;
}

#[tokio::test]
async fn a_locked_keychain_opens_on_retry_once_it_is_unlocked() {
    let world = World::new();
    let identity = world.mint().await;
    let vault = world.start();
    world.keys.fail(KeyStoreError::Locked);
    assert!(matches!(world.open(&vault, Some(&identity), true).await, Err(Error::Locked)));
    assert_eq!(vault.state(), State::Locked);
    assert!(matches!(vault.seal(&value("made-up"), &place(), 0), Err(Error::Locked)));

    world.keys.fail(None);
    assert_eq!(world.open(&vault, Some(&identity), true).await.unwrap(), Opened::Ready);
    assert_eq!(vault.state(), State::Ready);
}

#[tokio::test]
async fn a_keychain_that_is_absent_or_forgets_is_told_apart_from_a_lost_key() {
    let world = World::new();
    let identity = world.mint().await;
    world.keys.lose();
    for (failure, state) in [
        (KeyStoreError::Locked, State::Locked),
        (KeyStoreError::Absent, State::Absent),
        (KeyStoreError::Forgetful, State::Absent),
    ] {
        world.keys.fail(failure);
        for (existing, has_sealed) in [(Some(&identity), true), (Some(&identity), false), (None, false)] {
            let vault = world.start();
            let error = world.open(&vault, existing, has_sealed).await.unwrap_err();
            assert_eq!(error.to_string(), Error::from(failure).to_string());
            assert_eq!(vault.state(), state);
        }
    }
}

#[tokio::test]
async fn a_lost_key_is_never_replaced_while_sealed_values_exist() {
    let world = World::new();
    let identity = world.mint().await;
    world.keys.lose();
    let vault = world.start();
    assert!(matches!(world.open(&vault, Some(&identity), true).await, Err(Error::KeyMissing)));
    assert_eq!(vault.state(), State::KeyMissing);
    assert!(matches!(world.open(&vault, None, true).await, Err(Error::KeyMissing)));
    assert!(world.keys.accounts().is_empty());
}

#[tokio::test]
async fn a_foreign_key_is_never_used_or_written_over() {
    let world = World::new();
    let identity = world.mint().await;
    let account = world.keys.accounts().remove(0);
    for foreign in [RootKey::generate().unwrap().to_text().as_str(), "not a key", ""] {
        world.keys.lose();
        world.keys.plant(&account, foreign);
        let vault = world.start();
        assert!(matches!(world.open(&vault, Some(&identity), true).await, Err(Error::WrongKey)));
        assert_eq!(vault.state(), State::WrongKey);
        assert_eq!(world.keys.read(&account).unwrap()[0].as_str(), foreign);

        // Where nothing is sealed, a key of its own is made beside it.
        let anew = minted(world.open(&vault, Some(&identity), false).await);
        assert_ne!(anew.vault_id, identity.vault_id);
        assert_eq!(world.keys.read(&account).unwrap()[0].as_str(), foreign);
    }
}

#[tokio::test]
async fn of_two_items_that_match_the_one_that_fits_is_taken() {
    let world = World::new();
    let identity = world.mint().await;
    let first = world.ready(&identity).await;
    let sealed = first.seal(&value("made-up"), &place(), 0).unwrap();
    let account = world.keys.accounts().remove(0);
    let foreign = RootKey::generate().unwrap().to_text();
    world.keys.plant(&account, &foreign);
    world.keys.plant(&account, "not a key");
    let second = world.ready(&identity).await;
    assert_eq!(second.unseal(&sealed, &place()).unwrap().expose(), "made-up");
    assert_eq!(world.keys.read(&account).unwrap().len(), 3);
}

#[tokio::test]
async fn a_new_vault_begins_beside_the_old_one() {
    let world = World::new();
    let old = world.mint().await;
    let sealed = world.ready(&old).await.seal(&value("made-up"), &place(), 0).unwrap();
    world.keys.lose();

    let vault = world.start();
    assert!(world.open(&vault, Some(&old), true).await.is_err());
    let new = vault.begin_anew(Some(old.clone()), world.folder.path()).await.unwrap();
    assert_eq!(vault.state(), State::KeyMissing, "until the database has archived the old seals");
    assert_eq!(new.key_id, 2);
    // Killed before that: the same key is offered again.
    assert_eq!(world.start().begin_anew(Some(old), world.folder.path()).await.unwrap(), new);

    assert_eq!(world.open(&vault, Some(&new), false).await.unwrap(), Opened::Ready);
    assert!(matches!(vault.unseal(&sealed, &place()), Err(Error::OtherKey)));
}

#[tokio::test]
async fn a_key_that_the_keychain_took_late_never_meets_another_key() {
    /// Takes the key, and answers as if it had not: as a keychain does whose prompt is answered after the time limit.
    struct Late(MemoryKeyStore);
    impl KeyStore for Late {
        fn read(&self, account: &str) -> Result<Vec<zeroize::Zeroizing<String>>, KeyStoreError> {
            self.0.read(account)
        }
        fn write(&self, account: &str, text: &str) -> Result<(), KeyStoreError> {
            self.0.write(account, text)?;
            if text.starts_with("v1.") { Err(KeyStoreError::Locked) } else { Ok(()) }
        }
        fn delete(&self, account: &str) -> Result<(), KeyStoreError> {
            self.0.delete(account)
        }
    }
    let folder = TempDir::new().unwrap();
    let keys = Arc::new(Late(MemoryKeyStore::new()));
    let vault = Vault::new(keys.clone());
    for attempt in 1..=2 {
        assert!(matches!(vault.open(None, false, folder.path()).await, Err(Error::Locked)));
        assert_eq!(keys.0.accounts().len(), attempt);
    }
}

#[test]
fn two_first_starts_at_once_make_one_key() {
    for _ in 0..50 {
        let world = World::new();
        let barrier = Barrier::new(2);
        let start = || {
            barrier.wait();
            tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(world.mint())
        };
        let (one, other) = std::thread::scope(|scope| {
            let one = scope.spawn(start);
            (start(), one.join().unwrap())
        });
        assert_eq!(one, other);
        assert_eq!(world.keys.accounts().len(), 1);
    }
}

#[tokio::test]
async fn a_failing_retry_does_not_close_an_open_vault() {
    let world = World::new();
    let identity = world.mint().await;
    let vault = world.ready(&identity).await;
    vault.turn(Door::Closed(State::Locked));
    assert_eq!(vault.state(), State::Ready, "an attempt that began earlier");
    world.keys.fail(KeyStoreError::Locked);
    assert_eq!(world.open(&vault, Some(&identity), true).await.unwrap(), Opened::Ready);
}

#[tokio::test]
async fn a_data_folder_that_cannot_be_written_is_named() {
    let world = World::new();
    let vault = world.start();
    let nowhere = world.folder.path().join("nowhere");
    assert!(matches!(vault.open(None, false, nowhere).await, Err(Error::Folder(_))));
    assert!(world.keys.accounts().is_empty());
}

#[tokio::test]
async fn no_two_seals_have_the_same_nonce() {
    let world = World::new();
    let vault = world.ready(&world.mint().await).await;
    let nonces: HashSet<_> =
        (0..10_000).map(|seals| vault.seal(&value("made-up"), &place(), seals).unwrap().0[5..17].to_vec()).collect();
    assert_eq!(nonces.len(), 10_000);
}

#[tokio::test]
async fn a_key_that_has_sealed_a_million_values_seals_no_more_and_still_opens() {
    let world = World::new();
    let vault = world.ready(&world.mint().await).await;
    let sealed = vault.seal(&value("made-up"), &place(), (1 << 20) - 1).unwrap();
    assert!(matches!(vault.seal(&value("made-up"), &place(), 1 << 20), Err(Error::WornOut)));
    assert_eq!(vault.unseal(&sealed, &place()).unwrap().expose(), "made-up");
}

#[tokio::test]
async fn a_damaged_seal_fails_alone() {
    let world = World::new();
    let vault = world.ready(&world.mint().await).await;
    let whole = vault.seal(&value("made-up"), &place(), 0).unwrap();
    let mut damaged = whole.clone();
    *damaged.0.last_mut().unwrap() ^= 1;
    assert!(matches!(vault.unseal(&damaged, &place()), Err(Error::Damaged)));
    assert_eq!(vault.state(), State::Ready);
    assert_eq!(vault.unseal(&whole, &place()).unwrap().expose(), "made-up");
}

#[tokio::test]
async fn a_value_is_recognised_without_being_opened() {
    let world = World::new();
    let vault = world.ready(&world.mint().await).await;
    assert_eq!(vault.fingerprint(&value("made-up")).unwrap(), vault.fingerprint(&value("made-up")).unwrap());
    assert_ne!(vault.fingerprint(&value("made-up")).unwrap(), vault.fingerprint(&value("made up")).unwrap());
}
