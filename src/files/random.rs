//! Chance.

use std::{
    fs::File,
    io::{self, Read},
};

/// Returns random bytes that are good enough for keys.
pub fn random<const N: usize>() -> io::Result<[u8; N]> {
    let mut bytes = [0; N];
    File::open("/dev/urandom")?.read_exact(&mut bytes)?;
    Ok(bytes)
}
