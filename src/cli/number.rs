//! Numbers among arguments, and what to write where one is none.

use std::str::FromStr;

/// Reads how many entries of a list are wanted: one at least.
pub fn entries(text: &str) -> Result<usize, String> {
    match read(text, "a number of entries")? {
        0 => Err("`0` shows no entry: write 1 or more".to_owned()),
        count => Ok(count),
    }
}

/// Reads how many lines are wanted.
pub fn lines(text: &str) -> Result<u32, String> {
    read(text, "a number of lines")
}

/// Reads the number of a release.
pub fn release(text: &str) -> Result<u32, String> {
    read(text, "the number of a release")
}

/// Reads the number that a list gives to one of its entries.
pub fn listed(text: &str) -> Result<usize, String> {
    read(text, "a number of the list")
}

fn read<T: FromStr>(text: &str, what: &str) -> Result<T, String> {
    text.parse().map_err(|_| format!("`{text}` is not {what}"))
}
