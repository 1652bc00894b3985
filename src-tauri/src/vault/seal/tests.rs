//! Known answers for each primitive as it is used here, and what a change to any byte or any part of a place does.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};

use super::*;
use crate::{
    function::FunctionId,
    secret::{Owner, Scope, SecretName},
};

const NONCE_OF_TESTS: [u8; NONCE] = [9; NONCE];

fn root(bytes: [u8; 32]) -> RootKey {
    RootKey::parse(&format!("v1.{}", URL_SAFE_NO_PAD.encode(bytes))).unwrap()
}

fn key() -> VaultKey {
    VaultKey { root: root([1; 32]), vault_id: "0123456789abcdef0123456789abcdef".into(), key_id: 1 }
}

fn place() -> Place {
    Place {
        owner: Owner::Function(FunctionId(1)),
        scope: Scope::All,
        secret_id: 2,
        name: SecretName::parse("HUBSPOT_API_KEY").unwrap(),
        revision: 3,
    }
}

fn hex(text: &str) -> Vec<u8> {
    (0..text.len()).step_by(2).map(|at| u8::from_str_radix(&text[at..at + 2], 16).unwrap()).collect()
}

#[test]
fn what_was_sealed_opens_to_the_byte() {
    let value = "-----BEGIN KEY-----\r\n🔑 \"quoted\" \\n\r\n";
    let sealed = key().seal(NONCE_OF_TESTS, &place(), value.as_bytes());
    assert_eq!(sealed.0.len(), 33 + value.len());
    assert_eq!(key().open(&sealed, &place()).unwrap().as_slice(), value.as_bytes());
}

/// Test case 16 of “The Galois/Counter Mode of Operation” (McGrew, Viega), which NIST SP 800-38D refers to: AES-256 with
/// associated data, through the same calls as above.
#[test]
fn aes_256_gcm_gives_the_published_answer() {
    let key = hex("feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308");
    let nonce = Nonce::<U12>::try_from(hex("cafebabefacedbaddecaf888").as_slice()).unwrap();
    let data = hex("feedfacedeadbeeffeedfacedeadbeefabaddad2");
    let mut text = hex(
        "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a721c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b39",
    );
    let cipher = Aes256Gcm::new(key.as_slice().try_into().unwrap());
    let tag = cipher.encrypt_inout_detached(&nonce, &data, text.as_mut_slice().into()).unwrap();
    assert_eq!(
        text,
        hex(
            "522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa8cb08e48590dbb3da7b08b1056828838c5f61e6393ba7a0abcc9f662"
        )
    );
    assert_eq!(tag.as_slice(), hex("76fc6ece0f4e1768cddf8853bb2d551b"));
}

/// RFC 5869, test case 1.
#[test]
fn hkdf_sha256_gives_the_published_answer() {
    let mut out = [0; 42];
    Hkdf::<Sha256>::new(Some(&hex("000102030405060708090a0b0c")), &[0x0b; 22])
        .expand(&hex("f0f1f2f3f4f5f6f7f8f9"), &mut out)
        .unwrap();
    let answer = "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865";
    assert_eq!(out.as_slice(), hex(answer));
}

/// RFC 4231, test case 2.
#[test]
fn hmac_sha256_gives_the_published_answer() {
    let mac = Hmac::<Sha256>::new_from_slice(b"Jefe").unwrap().chain_update(b"what do ya want for nothing?");
    let answer = "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843";
    assert_eq!(mac.finalize().into_bytes().as_slice(), hex(answer));
}

/// Made by an implementation of its own (Python's `cryptography`) from the description of the format: if this fails, the
/// values that people have sealed do not open any more.
#[test]
fn the_format_is_what_it_was() {
    let sealed = key().seal(NONCE_OF_TESTS, &place(), b"made-up value");
    assert_eq!(
        sealed.0,
        hex("0100000001090909090909090909090909551f12a4dc74ed6dfb50272d579fd11cd4c74aaa79698b299a15cb7264")
    );
    assert_eq!(key().check_value().as_slice(), hex("c0df636cdbede3e9b434e9319fcb25f848a8962660a3937831bf9e8025cd30c0"));
    assert_eq!(
        key().fingerprint(b"made-up value").0.as_slice(),
        hex("fdb6b1051156cc07454ec72c0cf1040a8ee1c5ec9ab1055c19e7dab7d7b27d80")
    );
}

#[test]
fn no_flipped_bit_opens() {
    let sealed = key().seal(NONCE_OF_TESTS, &place(), b"made-up value");
    for bit in 0..sealed.0.len() * 8 {
        let mut changed = sealed.clone();
        changed.0[bit / 8] ^= 1 << (bit % 8);
        let why = key().open(&changed, &place()).err();
        let expected = match bit / 8 {
            0 => Unopened::Version,
            1..5 => Unopened::OtherKey,
            _ => Unopened::Damaged,
        };
        assert_eq!(why, Some(expected), "bit {bit}");
    }
}

#[test]
fn nothing_that_is_cut_short_or_continued_opens() {
    let sealed = key().seal(NONCE_OF_TESTS, &place(), b"made-up value");
    for length in 0..sealed.0.len() {
        let why = key().open(&Sealed(sealed.0[..length].to_vec()), &place()).err();
        assert_eq!(why, Some(Unopened::Damaged), "{length} bytes");
    }
    let mut longer = sealed;
    longer.0.push(0);
    assert_eq!(key().open(&longer, &place()).err(), Some(Unopened::Damaged));
}

#[test]
fn an_unknown_version_is_an_error_and_never_a_guess() {
    let mut sealed = key().seal(NONCE_OF_TESTS, &place(), b"made-up value");
    for version in (0..=u8::MAX).filter(|version| *version != VERSION) {
        sealed.0[0] = version;
        assert_eq!(key().open(&sealed, &place()).err(), Some(Unopened::Version));
    }
}

#[test]
fn a_seal_that_is_moved_does_not_open() {
    let sealed = key().seal(NONCE_OF_TESTS, &place(), b"made-up value");
    let elsewhere = [
        Place { owner: Owner::Function(FunctionId(2)), ..place() },
        Place { secret_id: 3, ..place() },
        Place { name: SecretName::parse("HUBSPOT_API_KEZ").unwrap(), ..place() },
        Place { revision: 4, ..place() },
        // The same bytes in a row, cut elsewhere.
        Place { secret_id: 3, revision: 2, ..place() },
    ];
    for place in elsewhere {
        assert_eq!(key().open(&sealed, &place).err(), Some(Unopened::Damaged), "{place:?}");
    }
}

#[test]
fn a_seal_of_another_vault_or_key_does_not_open() {
    let sealed = key().seal(NONCE_OF_TESTS, &place(), b"made-up value");
    let other_root = VaultKey { root: root([2; 32]), ..key() };
    let other_vault = VaultKey { vault_id: "fedcba9876543210fedcba9876543210".into(), ..key() };
    let other_key = VaultKey { key_id: 2, ..key() };
    assert_eq!(other_root.open(&sealed, &place()).err(), Some(Unopened::Damaged));
    assert_eq!(other_vault.open(&sealed, &place()).err(), Some(Unopened::Damaged));
    assert_eq!(other_key.open(&sealed, &place()).err(), Some(Unopened::OtherKey));

    // Nor when the header is made to say what this key wants to read.
    let mut relabelled = sealed;
    relabelled.0[1..5].copy_from_slice(&2u32.to_be_bytes());
    assert_eq!(other_key.open(&relabelled, &place()).err(), Some(Unopened::Damaged));
}

/// Every part that a seal is bound to, in its order, each with its length in front.
#[test]
fn the_associated_data_names_every_part() {
    let mut expected = Vec::new();
    for part in [
        [1].as_slice(),
        b"AES-256-GCM",
        &[0, 0, 0, 1],
        b"0123456789abcdef0123456789abcdef",
        b"function",
        &[0, 0, 0, 0, 0, 0, 0, 1],
        b"all",
        &[0, 0, 0, 0, 0, 0, 0, 2],
        b"HUBSPOT_API_KEY",
        &[0, 0, 0, 0, 0, 0, 0, 3],
    ] {
        expected.extend([0, 0, 0, 0, 0, 0, 0, part.len() as u8]);
        expected.extend(part);
    }
    assert_eq!(key().associated_data(&place()), expected);
}

#[test]
fn a_check_value_fits_its_own_key_only() {
    let check = key().check_value();
    assert!(key().matches(&check));
    assert!(!VaultKey { root: root([2; 32]), ..key() }.matches(&check));
    assert!(!VaultKey { vault_id: "fedcba9876543210fedcba9876543210".into(), ..key() }.matches(&check));
    assert!(!key().matches(&check[..31]));
    assert!(!key().matches(&[]));
}

#[test]
fn equal_values_have_equal_fingerprints_under_one_key_only() {
    assert_eq!(key().fingerprint(b"same"), key().fingerprint(b"same"));
    assert_ne!(key().fingerprint(b"same"), key().fingerprint(b"Same"));
    let other = VaultKey { root: root([2; 32]), ..key() };
    assert_ne!(key().fingerprint(b"same"), other.fingerprint(b"same"));
}

#[test]
fn each_purpose_has_a_key_of_its_own() {
    let keys: Vec<_> = ["secret/v1", "check/v1", "fingerprint/v1"].map(|purpose| key().derive(purpose)).into();
    assert!(*keys[0] != *keys[1] && *keys[1] != *keys[2] && *keys[0] != *keys[2]);
}
