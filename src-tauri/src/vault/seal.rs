//! Sealing, opening and recognising a value with one key. Pure: no file, no clock, no random numbers.
//!
//! A seal is `version (1) | key id (4, big-endian) | nonce (12) | ciphertext | tag (16)`, by AES-256-GCM
//! (NIST SP 800-38D). The keys come from the root key by HKDF-SHA256 (RFC 5869) with the vault's id as salt, are derived
//! when they are needed (two microseconds) and are gone afterwards: what stays is the root key, in locked memory.

use aes_gcm::{AeadInOut, Aes256Gcm, KeyInit, Nonce, Tag, aead::consts::U12};
use hkdf::Hkdf;
use hmac::{Hmac, Mac};
use sha2::Sha256;
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

use super::key::RootKey;
use crate::secret::{Fingerprint, Place, Sealed};

const VERSION: u8 = 1;
const ALGORITHM: &str = "AES-256-GCM";
const HEADER: usize = 1 + 4 + NONCE;
const TAG: usize = 16;

/// Nonce: 96 random bits. NIST SP 800-38D §8.3 allows 2^32 of them for a key; see `MAX_SEALS`.
pub(super) const NONCE: usize = 12;

/// After 2^20 seals a key is replaced: a factor of 4,096 below what the standard allows with random nonces.
pub(super) const MAX_SEALS: u64 = 1 << 20;

/// A root key in its place: the vault whose key it is, and which of the vault's keys.
pub(super) struct VaultKey {
    pub(super) root: RootKey,
    pub(super) vault_id: String,
    pub(super) key_id: u32,
}

/// Why a seal does not open.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Unopened {
    /// Made by a version of the app that this one does not know.
    Version,
    /// Made under another key of the vault.
    OtherKey,
    /// Changed, cut short, or moved to another place.
    Damaged,
}

/// What stands around a value is always as long.
pub(super) fn value_length(sealed: usize) -> usize {
    sealed.saturating_sub(HEADER + TAG)
}

impl VaultKey {
    /// Seals the value for its place. The nonce must never have been used with this key.
    pub(super) fn seal(&self, nonce: [u8; NONCE], place: &Place, value: &[u8]) -> Sealed {
        // At its full size from the start: a buffer that grows leaves a copy of the value behind.
        let mut bytes = Vec::with_capacity(HEADER + value.len() + TAG);
        bytes.push(VERSION);
        bytes.extend(self.key_id.to_be_bytes());
        bytes.extend(nonce);
        bytes.extend(value);
        let tag = self
            .cipher()
            .encrypt_inout_detached(&nonce.into(), &self.associated_data(place), (&mut bytes[HEADER..]).into())
            .expect("GCM takes 64 GiB, and a value has at most 5 KiB");
        bytes.extend(tag);
        Sealed(bytes)
    }

    /// The value, if this key sealed it for this very place.
    pub(super) fn open(&self, sealed: &Sealed, place: &Place) -> Result<Zeroizing<Vec<u8>>, Unopened> {
        // The version decides what the rest means, so it is looked at before anything else.
        match sealed.0.first() {
            Some(&VERSION) => {}
            Some(_) => return Err(Unopened::Version),
            None => return Err(Unopened::Damaged),
        }
        let (header, body) = sealed.0.split_at_checked(HEADER).ok_or(Unopened::Damaged)?;
        if header[1..5] != self.key_id.to_be_bytes() {
            return Err(Unopened::OtherKey);
        }
        let nonce = Nonce::<U12>::try_from(&header[5..]).expect("the header ends with a nonce");
        let (ciphertext, tag) = body.split_last_chunk::<TAG>().ok_or(Unopened::Damaged)?;
        let mut value = Zeroizing::new(ciphertext.to_vec());
        self.cipher()
            .decrypt_inout_detached(&nonce, &self.associated_data(place), value.as_mut_slice().into(), &Tag::from(*tag))
            .map_err(|_| Unopened::Damaged)?;
        Ok(value)
    }

    /// HMAC-SHA256 (RFC 2104) of the vault's id. GCM does not commit to its key, so this is what tells a wrong key
    /// from a damaged row.
    pub(super) fn check_value(&self) -> [u8; 32] {
        self.mac("check/v1", self.vault_id.as_bytes())
    }

    /// Whether this is the key that made the check value. In constant time.
    pub(super) fn matches(&self, check: &[u8]) -> bool {
        self.check_value().ct_eq(check).into()
    }

    /// Equal for equal values under the same key, and says nothing of the value to whoever lacks the key.
    pub(super) fn fingerprint(&self, value: &[u8]) -> Fingerprint {
        Fingerprint(self.mac("fingerprint/v1", value))
    }

    fn cipher(&self) -> Aes256Gcm {
        Aes256Gcm::new((&*self.derive("secret/v1")).into())
    }

    fn mac(&self, purpose: &str, message: &[u8]) -> [u8; 32] {
        let key = self.derive(purpose);
        let mac = Hmac::<Sha256>::new_from_slice(key.as_slice()).expect("HMAC takes a key of any length");
        mac.chain_update(message).finalize().into_bytes().into()
    }

    fn derive(&self, purpose: &str) -> Zeroizing<[u8; 32]> {
        let mut key = Zeroizing::new([0; 32]);
        Hkdf::<Sha256>::new(Some(self.vault_id.as_bytes()), self.root.bytes())
            .expand(purpose.as_bytes(), key.as_mut_slice())
            .expect("HKDF gives up to 255 blocks of 32 bytes, and this is one");
        key
    }

    /// What a seal is bound to beside its key. Each part carries its length in front, so that no two lists of parts
    /// make the same bytes.
    fn associated_data(&self, place: &Place) -> Vec<u8> {
        let (owner_kind, owner_id) = place.owner.parts();
        let scope = place.scope.key();
        let parts: [&[u8]; 10] = [
            &[VERSION],
            ALGORITHM.as_bytes(),
            &self.key_id.to_be_bytes(),
            self.vault_id.as_bytes(),
            owner_kind.as_bytes(),
            &owner_id.to_be_bytes(),
            scope.as_bytes(),
            &place.secret_id.to_be_bytes(),
            place.name.as_str().as_bytes(),
            &place.revision.to_be_bytes(),
        ];
        let mut data = Vec::new();
        for part in parts {
            data.extend((part.len() as u64).to_be_bytes());
            data.extend(part);
        }
        data
    }
}

#[cfg(test)]
mod tests;
