//! Numbers that look random and are the same for the same seed.

use std::time::Duration;

/// A stream of numbers (`SplitMix64`, public domain).
#[derive(Debug, Clone)]
pub struct Random(u64);

impl Random {
    pub fn new(seed: u64) -> Self {
        Self(mix(seed, 0))
    }

    pub fn number(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        scramble(self.0)
    }

    /// Returns a number from 0 to `end` - 1.
    pub fn below(&mut self, end: u64) -> u64 {
        self.number() % end.max(1)
    }

    /// Returns a time from `low` to `high`, both in milliseconds.
    pub fn millis(&mut self, low: u64, high: u64) -> Duration {
        Duration::from_millis(low + self.below(high.saturating_sub(low) + 1))
    }

    /// Returns an id as swarms make them: 25 characters of base 36.
    pub fn id(&mut self) -> String {
        self.text(b"0123456789abcdefghijklmnopqrstuvwxyz", 25)
    }

    /// Returns an id as containers have it: 64 hexadecimal digits.
    pub fn container_id(&mut self) -> String {
        self.text(b"0123456789abcdef", 64)
    }

    fn text(&mut self, alphabet: &[u8], length: usize) -> String {
        let size = alphabet.len() as u64;
        let pick = |_| {
            let at = usize::try_from(self.below(size)).unwrap_or(0);
            char::from(alphabet[at])
        };
        (0..length).map(pick).collect()
    }
}

/// Mixes two numbers into one; the same two give the same one.
pub fn mix(one: u64, other: u64) -> u64 {
    scramble(one ^ scramble(other.wrapping_add(0x9e37_79b9_7f4a_7c15)))
}

/// Turns a text into a number; the same text gives the same one.
pub fn digest(text: &str) -> u64 {
    text.bytes().fold(0xcbf2_9ce4_8422_2325, |sum, byte| mix(sum, u64::from(byte)))
}

fn scramble(number: u64) -> u64 {
    let mut z = number;
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}
