//! Encryption of secret values at rest: with a key, which may itself be encrypted with a
//! passphrase.

use crate::domain::swarm::change::Confidential;
use argon2::Argon2;
use base64::{Engine, engine::general_purpose::STANDARD};
use chacha20poly1305::{
    KeyInit, XChaCha20Poly1305, XNonce,
    aead::{Aead, Payload},
};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::fmt;

/// Bytes of a key.
pub const KEY: usize = 32;
/// Bytes of the random part of what is sealed.
pub const NONCE: usize = 24;
/// Bytes of the random part of a key that comes of a passphrase.
pub const SALT: usize = 16;

/// What values are sealed with.
#[derive(Clone, PartialEq, Eq)]
pub struct SealingKey([u8; KEY]);

/// A value that nobody can read without the key (XChaCha20-Poly1305).
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Sealed(String);

/// What the text of a value begins with that is sealed for one place.
const AT: &str = "at:";

/// What stands between such a value and the number that it keeps wherever it goes.
const NUMBERED: char = '.';

/// Where a value belongs: it is sealed for its place, and of no use at any other one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place(String);

/// A key that is kept sealed with a passphrase.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Wrapped {
    salt: String,
    key: Sealed,
}

/// Why a sealed value cannot be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Unreadable {
    #[error("it was encrypted with another key, or is damaged")]
    Key,
    #[error("the passphrase is not the right one")]
    Passphrase,
}

impl SealingKey {
    /// Makes a key of random bytes.
    pub fn new(random: [u8; KEY]) -> Self {
        Self(random)
    }

    pub fn bytes(&self) -> &[u8; KEY] {
        &self.0
    }

    /// Seals a value; `random` must never be used twice, and `name` must be told again to
    /// read it.
    pub fn seal(&self, random: [u8; NONCE], name: &str, value: &[u8]) -> Option<Sealed> {
        let payload = Payload { msg: value, aad: name.as_bytes() };
        let sealed = self.cipher().encrypt(XNonce::from_slice(&random), payload).ok()?;
        Some(Sealed(STANDARD.encode([&random[..], &sealed].concat())))
    }

    /// Reads what was sealed under a name.
    pub fn open(&self, name: &str, sealed: &Sealed) -> Result<Confidential<Vec<u8>>, Unreadable> {
        let bytes = STANDARD.decode(&sealed.0).map_err(|_| Unreadable::Key)?;
        let (random, rest) = bytes.split_at_checked(NONCE).ok_or(Unreadable::Key)?;
        let payload = Payload { msg: rest, aad: name.as_bytes() };
        let opened = self.cipher().decrypt(XNonce::from_slice(random), payload);
        opened.map(Confidential).map_err(|_| Unreadable::Key)
    }

    /// Seals a value for its place. It comes out the same while what the state holds,
    /// `kept`, is the same: no export differs for nothing.
    pub fn seal_at(&self, place: &Place, kept: &Sealed, value: &[u8]) -> Option<Sealed> {
        // One place and one sealed text have one value, so nothing else has this number.
        let digest = Sha256::digest(["skep export", place.0.as_str(), kept.0.as_str()].join("\0"));
        let random = digest[..NONCE].try_into().ok()?;
        let sealed = self.seal(random, &place.bound(), value)?;
        Some(Sealed(format!("{AT}{}:{}", place.0, sealed.0)))
    }

    /// Seals a value for its place. It gets the number of what it was sealed as `before`,
    /// where it is the same value: under another name, or as older states have it.
    pub fn seal_for(
        &self,
        random: [u8; NONCE],
        place: &Place,
        before: Option<&Sealed>,
        value: &[u8],
    ) -> Option<Sealed> {
        let number = before.map(Sealed::number);
        let sealed = self.seal(random, &place.numbered(number.as_deref()), value)?;
        let number = number.map(|it| format!("{NUMBERED}{it}")).unwrap_or_default();
        Some(Sealed(format!("{AT}{}:{}{number}", place.0, sealed.0)))
    }

    /// Reads what was sealed for a place, or under a name as older states have it.
    pub fn open_here(
        &self,
        place: &Place,
        name: &str,
        sealed: &Sealed,
    ) -> Result<Confidential<Vec<u8>>, Unreadable> {
        match sealed.place() {
            Some(_) => self.open_at(place, sealed),
            None => self.open(name, sealed),
        }
    }

    /// Reads what was sealed for a place.
    pub fn open_at(
        &self,
        place: &Place,
        sealed: &Sealed,
    ) -> Result<Confidential<Vec<u8>>, Unreadable> {
        let (found, text) = sealed.parts().ok_or(Unreadable::Key)?;
        if found != place.0 {
            return Err(Unreadable::Key);
        }
        let (text, number) = match text.split_once(NUMBERED) {
            Some((text, number)) => (text, Some(number)),
            None => (text, None),
        };
        self.open(&place.numbered(number), &Sealed(text.to_owned()))
    }

    /// Returns whether it was sealed with this key, wherever it belongs.
    pub fn opens(&self, name: &str, sealed: &Sealed) -> bool {
        match sealed.place() {
            Some(place) => self.open_at(&Place(place.to_owned()), sealed).is_ok(),
            None => self.open(name, sealed).is_ok(),
        }
    }

    fn cipher(&self) -> XChaCha20Poly1305 {
        XChaCha20Poly1305::new((&self.0).into())
    }

    /// Makes the key that a passphrase stands for (Argon2id, 19 MiB, two passes: what
    /// RFC 9106 and OWASP call enough for logins).
    fn of_passphrase(passphrase: &str, salt: &[u8]) -> Option<Self> {
        let mut key = [0; KEY];
        Argon2::default().hash_password_into(passphrase.as_bytes(), salt, &mut key).ok()?;
        Some(Self(key))
    }
}

impl Place {
    /// Makes the place of a thing, as `variable TAG` or `file web.env`, of a project, an
    /// environment or a stack.
    pub fn new(thing: &str, owner: &str) -> Self {
        Self(format!("{thing} of {owner}"))
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// No name of a setting or file begins like this.
    fn bound(&self) -> String {
        format!("\0{}", self.0)
    }

    fn numbered(&self, number: Option<&str>) -> String {
        let number = number.map(|it| format!("\0{it}")).unwrap_or_default();
        self.bound() + &number
    }
}

impl Sealed {
    /// Returns the place that it says it is for; nothing where it is for any.
    pub fn place(&self) -> Option<&str> {
        self.parts().map(|it| it.0)
    }

    /// Returns whether it is the same value for all that can be told without a key: as it
    /// is, or sealed anew for another name of its place.
    pub fn is_same(&self, other: &Self) -> bool {
        self == other || self.number() == other.number()
    }

    /// Returns the number that it was given, or that it gives to what it becomes.
    fn number(&self) -> String {
        let given = self.parts().and_then(|it| it.1.split_once(NUMBERED));
        let digest = || Sha256::digest(["skep value", self.0.as_str()].join("\0"));
        given.map_or_else(|| STANDARD.encode(&digest()[..NONCE]), |it| it.1.to_owned())
    }

    fn parts(&self) -> Option<(&str, &str)> {
        self.0.strip_prefix(AT)?.rsplit_once(':')
    }
}

impl Wrapped {
    /// Seals a key with a passphrase.
    pub fn new(
        key: &SealingKey,
        passphrase: &str,
        salt: [u8; SALT],
        random: [u8; NONCE],
    ) -> Option<Self> {
        let outer = SealingKey::of_passphrase(passphrase, &salt)?;
        let key = outer.seal(random, "key", &key.0)?;
        Some(Self { salt: STANDARD.encode(salt), key })
    }

    /// Returns the key; takes some tens of milliseconds on purpose.
    pub fn open(&self, passphrase: &str) -> Result<SealingKey, Unreadable> {
        let salt = STANDARD.decode(&self.salt).map_err(|_| Unreadable::Key)?;
        let outer = SealingKey::of_passphrase(passphrase, &salt).ok_or(Unreadable::Key)?;
        let inner = outer.open("key", &self.key).map_err(|_| Unreadable::Passphrase)?;
        inner.0.try_into().map(SealingKey).map_err(|_| Unreadable::Key)
    }
}

impl fmt::Debug for SealingKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Key")
    }
}

impl fmt::Debug for Sealed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Sealed")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_is_read_with_its_key_and_name_only() {
        let [one, other] = [1, 2].map(|it| SealingKey::new([it; KEY]));
        let sealed = one.seal([7; NONCE], "PASSWORD", b"hunter2").unwrap();
        assert_eq!(one.open("PASSWORD", &sealed).unwrap().0, b"hunter2");
        assert_eq!(other.open("PASSWORD", &sealed).unwrap_err(), Unreadable::Key);
        assert_eq!(one.open("USER", &sealed).unwrap_err(), Unreadable::Key);
        assert_eq!(one.open("PASSWORD", &Sealed("x".to_owned())).unwrap_err(), Unreadable::Key);
        let written = serde_json::to_string(&sealed).unwrap();
        assert!(!written.contains("hunter2") && !written.contains(&STANDARD.encode("hunter2")));
    }

    #[test]
    fn what_is_sealed_for_a_place_is_read_there_only() {
        let key = SealingKey::new([1; KEY]);
        let [here, there] = ["shop", "other"].map(|it| Place::new("variable PASSWORD", it));
        let kept = key.seal([7; NONCE], "PASSWORD", b"hunter2").unwrap();
        let sealed = key.seal_at(&here, &kept, b"hunter2").unwrap();
        assert_eq!(sealed, key.seal_at(&here, &kept, b"hunter2").unwrap());
        assert_eq!(sealed.place(), Some("variable PASSWORD of shop"));
        assert_eq!(key.open_at(&here, &sealed).unwrap().0, b"hunter2");
        // Neither elsewhere, nor under another heading, nor as what any place may have.
        let forged = Sealed(sealed.0.replace("of shop", "of other"));
        let bare = Sealed(sealed.0.rsplit_once(':').unwrap().1.to_owned());
        assert!(key.open_at(&there, &sealed).is_err() && key.open_at(&there, &forged).is_err());
        assert!(key.open("PASSWORD", &sealed).is_err() && key.open("PASSWORD", &bare).is_err());
        assert!(key.open_at(&here, &kept).is_err() && kept.place().is_none());
        let dressed = Sealed(format!("{AT}{}:{}", here.0, kept.0));
        assert!(key.open_at(&here, &dressed).is_err());
        assert!(key.opens("", &sealed) && key.opens("PASSWORD", &kept) && !key.opens("", &forged));
    }

    #[test]
    fn a_value_keeps_its_number_wherever_it_is_sealed_anew() {
        let key = SealingKey::new([1; KEY]);
        let [here, there] = ["shop", "other"].map(|it| Place::new("variable PASSWORD", it));
        let old = key.seal([7; NONCE], "PASSWORD", b"hunter2").unwrap();
        let bound = key.seal_for([8; NONCE], &here, Some(&old), b"hunter2").unwrap();
        let moved = key.seal_for([9; NONCE], &there, Some(&bound), b"hunter2").unwrap();
        let other = key.seal_for([10; NONCE], &there, None, b"hunter2").unwrap();
        assert!(old.is_same(&bound) && bound.is_same(&moved) && old.is_same(&moved));
        assert!(!moved.is_same(&other) && !other.is_same(&old));
        assert_eq!(key.open_here(&there, "PASSWORD", &moved).unwrap().0, b"hunter2");
        assert_eq!(key.open_here(&here, "PASSWORD", &old).unwrap().0, b"hunter2");
        assert!(key.open_here(&here, "PASSWORD", &moved).is_err());
        assert!(key.open_here(&there, "PASSWORD", &bound).is_err());
        // Nobody gives it another number, and no value that of another.
        let forged = Sealed(moved.0.split_once(NUMBERED).unwrap().0.to_owned());
        let dressed = Sealed(format!("{}{NUMBERED}{}", other.0, old.number()));
        assert!(key.open_at(&there, &forged).is_err() && key.open_at(&there, &dressed).is_err());
    }

    #[test]
    fn a_passphrase_gives_the_key_back() {
        let key = SealingKey::new([1; KEY]);
        let wrapped = Wrapped::new(&key, "correct horse", [2; SALT], [3; NONCE]).unwrap();
        assert_eq!(wrapped.open("correct horse"), Ok(key));
        assert_eq!(wrapped.open("wrong horse"), Err(Unreadable::Passphrase));
    }

    #[test]
    fn neither_keys_nor_values_are_printed() {
        let key = SealingKey::new([1; KEY]);
        let sealed = key.seal([7; NONCE], "A", b"hunter2").unwrap();
        assert_eq!(format!("{key:?} {sealed:?}"), "Key Sealed");
    }
}
