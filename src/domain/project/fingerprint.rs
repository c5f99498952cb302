//! Fingerprints of secrets: the engine never says what a secret holds, so it is known
//! again by what it held when skep sent it.

use base64::{Engine, engine::general_purpose::STANDARD};
use hmac::{Hmac, Mac};
use serde::{Deserialize, Serialize};
use sha2::Sha256;
use std::fmt;

/// What fingerprints are made with. Whoever sees no more than a fingerprint cannot find
/// out by trying likely values what it was made of. The key lies in the same state file
/// as the fingerprints: whoever can read that file can try.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct FingerprintKey([u8; 32]);

/// Tells whether a secret holds the same as another one, and no more (HMAC-SHA-256, RFC
/// 2104).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Fingerprint(String);

impl FingerprintKey {
    /// Makes a key of random bytes.
    pub fn new(random: [u8; 32]) -> Self {
        Self(random)
    }

    /// Returns the fingerprint of data, which is nothing where no key of this length can
    /// be used.
    pub fn fingerprint(&self, data: &str) -> Option<Fingerprint> {
        let mut mac = Hmac::<Sha256>::new_from_slice(&self.0).ok()?;
        mac.update(data.as_bytes());
        Some(Fingerprint(STANDARD.encode(mac.finalize().into_bytes())))
    }
}

impl fmt::Debug for FingerprintKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("FingerprintKey")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fingerprint_tells_values_and_keys_apart() {
        let [one, other] = [1, 2].map(|it| FingerprintKey::new([it; 32]));
        assert_eq!(one.fingerprint("a"), one.fingerprint("a"));
        assert_ne!(one.fingerprint("a"), one.fingerprint("b"));
        assert_ne!(one.fingerprint("a"), other.fingerprint("a"));
        assert_eq!(format!("{one:?}"), "FingerprintKey");
    }
}
