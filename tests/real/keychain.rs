//! The vault over the real gnome-keyring daemon, in each state that a desktop can be in.
//!
//! What the vault does with each answer is tested over `MemoryKeyStore`; here it is shown that the daemon gives those
//! answers, and that nothing needs a restart of the app.

#[path = "keychain/session.rs"]
mod session;

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use postern::{
    function::FunctionId,
    secret::{Owner, Place, Scope, SecretName, SecretValue},
    vault::{
        Error, Identity, Opened, State, Vault,
        key::{KeyStore, RootKey},
        keychain::Keychain,
    },
};
use session::{Session, in_a_session};

impl Session {
    fn unlocked(&mut self) {
        self.start_bus();
        self.start_unlocked_daemon();
    }

    fn open(&self, vault: &Vault, existing: Option<&Identity>, has_sealed: bool) -> Result<Opened, Error> {
        let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
        runtime.block_on(vault.open(existing.cloned(), has_sealed, &self.folder))
    }

    /// The first start, up to where the database knows the key.
    fn mint(&self) -> Identity {
        match self.open(&start(), None, false).expect("a first start") {
            Opened::Minted(identity) => identity,
            Opened::Ready => panic!("there was a key before the first start"),
        }
    }

    fn assert_ready(&self, vault: &Vault, identity: &Identity) {
        assert_eq!(self.open(vault, Some(identity), true).expect("the key is there"), Opened::Ready);
        assert_eq!(vault.state(), State::Ready);
    }
}

/// The app as it is after a start.
fn start() -> Vault {
    Vault::new(Arc::new(Keychain::new()))
}

fn account(identity: &Identity) -> String {
    format!("{}.{}", identity.vault_id, identity.key_id)
}

fn place() -> Place {
    Place {
        owner: Owner::Function(FunctionId(1)),
        scope: Scope::All,
        secret_id: 1,
        name: SecretName::parse("HUBSPOT_API_KEY").expect("a name"),
        revision: 1,
    }
}

#[test]
fn the_first_start_makes_one_item_and_the_second_reads_it() {
    in_a_session(|session| {
        session.unlocked();
        let identity = session.mint();
        let items = session.items();
        assert_eq!(items.len(), 1, "one key, and nothing of the probe");
        let attributes = items[0].get_attributes().unwrap();
        assert_eq!(attributes["username"], account(&identity));
        let text = items[0].get_password().unwrap();
        assert!(text.starts_with("v1.") && text.len() == 46 && !text.contains('\n'));

        let first = start();
        session.assert_ready(&first, &identity);
        let value = SecretValue::parse("made-up".to_owned().into()).unwrap();
        let sealed = first.seal(&value, &place(), 0).unwrap();
        let second = start();
        session.assert_ready(&second, &identity);
        assert_eq!(second.unseal(&sealed, &place()).unwrap().expose(), "made-up");
        assert_eq!(session.items().len(), 1);
    });
}

#[test]
fn a_locked_keychain_is_said_at_once_and_opens_on_retry() {
    in_a_session(|session| {
        session.unlocked();
        let identity = session.mint();
        session.lock();
        let vault = start();
        let began = Instant::now();
        assert!(matches!(session.open(&vault, Some(&identity), true), Err(Error::Locked)));
        assert!(began.elapsed() < Duration::from_secs(2), "{:?}", began.elapsed());
        assert_eq!(vault.state(), State::Locked);

        session.unlock();
        session.assert_ready(&vault, &identity);
    });
}

#[test]
fn a_first_start_with_a_locked_keychain_waits_for_it() {
    in_a_session(|session| {
        session.unlocked();
        session.lock();
        let vault = start();
        assert!(matches!(session.open(&vault, None, false), Err(Error::Locked)));
        session.unlock();
        assert!(session.items().is_empty());
        assert!(matches!(session.open(&vault, None, false), Ok(Opened::Minted(_))));
        assert_eq!(session.items().len(), 1);
    });
}

#[test]
fn a_prompt_that_nobody_answers_ends_at_the_time_limit() {
    in_a_session(|session| {
        session.prompts_hang();
        session.unlocked();
        let identity = session.mint();
        session.lock();
        let vault = Vault::new(Arc::new(Keychain::with_limit(Duration::from_millis(500))));
        let began = Instant::now();
        assert!(matches!(session.open(&vault, Some(&identity), true), Err(Error::Locked)));
        let waited = began.elapsed();
        assert!((500..2000).contains(&waited.as_millis()), "{waited:?}");

        // The call above still hangs, and stands in nobody's way.
        session.unlock();
        session.assert_ready(&vault, &identity);
    });
}

#[test]
fn a_session_without_a_bus_has_no_keychain_until_there_is_one() {
    in_a_session(|session| {
        let vault = start();
        assert!(matches!(session.open(&vault, None, false), Err(Error::Absent)));
        assert_eq!(vault.state(), State::Absent);

        session.unlocked();
        assert!(matches!(session.open(&vault, None, false), Ok(Opened::Minted(_))));
    });
}

#[test]
fn a_bus_without_a_keychain_has_none_until_it_comes_up() {
    in_a_session(|session| {
        session.start_bus();
        let vault = start();
        assert!(matches!(session.open(&vault, None, false), Err(Error::Absent)));

        session.start_unlocked_daemon();
        assert!(matches!(session.open(&vault, None, false), Ok(Opened::Minted(_))));
    });
}

#[test]
fn a_daemon_without_a_keyring_is_no_keychain_and_no_lost_key() {
    in_a_session(|session| {
        session.start_bus();
        session.start_daemon(&[]);
        assert!(matches!(session.open(&start(), None, false), Err(Error::Absent)));
        let elsewhere = Identity { vault_id: "0".repeat(32), key_id: 1, check: vec![0; 32] };
        assert!(matches!(session.open(&start(), Some(&elsewhere), true), Err(Error::Absent)));
    });
}

#[test]
fn a_missing_entry_is_said_and_nothing_is_made_in_its_place() {
    in_a_session(|session| {
        session.unlocked();
        let identity = session.mint();
        session.items()[0].delete_credential().unwrap();
        let vault = start();
        assert!(matches!(session.open(&vault, Some(&identity), true), Err(Error::KeyMissing)));
        assert_eq!(vault.state(), State::KeyMissing);
        assert!(session.items().is_empty());
    });
}

#[test]
fn a_daemon_that_was_restarted_is_found_again() {
    in_a_session(|session| {
        session.unlocked();
        let identity = session.mint();
        let vault = start();
        session.stop_daemon();
        assert!(matches!(session.open(&vault, Some(&identity), true), Err(Error::Absent)));

        session.start_daemon(&[]);
        assert!(matches!(session.open(&vault, Some(&identity), true), Err(Error::Locked)));
        session.unlock();
        session.assert_ready(&vault, &identity);
    });
}

#[test]
fn of_two_items_that_match_the_one_that_fits_is_taken_and_both_stay() {
    in_a_session(|session| {
        session.unlocked();
        let identity = session.mint();
        let account = account(&identity);
        let first = start();
        session.assert_ready(&first, &identity);
        let value = SecretValue::parse("made-up".to_owned().into()).unwrap();
        let sealed = first.seal(&value, &place(), 0).unwrap();

        let right = session.items()[0].get_secret().unwrap();
        let foreign = RootKey::generate().unwrap().to_text();
        session.duplicate(&account, foreign.as_bytes());
        // In either order: which item comes first is the daemon's business.
        for texts in [[&right, foreign.as_bytes()], [foreign.as_bytes(), &right]] {
            for (item, text) in session.items().iter().zip(texts) {
                item.set_secret(text).unwrap();
            }
            let second = start();
            session.assert_ready(&second, &identity);
            assert_eq!(second.unseal(&sealed, &place()).unwrap().expose(), "made-up");
            assert_eq!(Keychain::new().read(&account).unwrap().len(), 2);
        }
    });
}

#[test]
fn an_item_that_is_no_text_is_no_key_and_is_not_printed() {
    in_a_session(|session| {
        session.unlocked();
        let identity = session.mint();
        session.items()[0].set_secret(&[0xff; 32]).unwrap();
        let error = session.open(&start(), Some(&identity), true).unwrap_err();
        assert!(matches!(error, Error::WrongKey));
        assert!(!format!("{error:?} {error}").contains("255"));
        assert_eq!(session.items()[0].get_secret().unwrap(), [0xff; 32]);
    });
}

#[test]
fn two_first_starts_at_once_make_one_key() {
    in_a_session(|session| {
        session.unlocked();
        let session = &*session;
        let (one, other) = std::thread::scope(|scope| {
            let one = scope.spawn(|| session.mint());
            (session.mint(), one.join().unwrap())
        });
        assert_eq!(one, other);
        assert_eq!(session.items().len(), 1);
        session.assert_ready(&start(), &one);
    });
}
