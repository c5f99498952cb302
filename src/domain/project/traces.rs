//! Secret scanning: a secret value in all encodings in which it may be written.

use crate::domain::project::{
    Secrets,
    spelling::{in_address, in_quotes},
};
use base64::{Engine, engine::general_purpose::STANDARD};
use serde_json::Value;
use std::{
    fmt,
    io::{self, Read},
};

/// Shorter values are in every other text; they count where they are all of it, or all
/// that stands behind a `=`.
const TELLING: usize = 4;

/// Looks for values in texts: as they are, in base64 wherever they stand in it, in
/// hexadecimal, in the escapes of JSON and of addresses.
#[derive(Clone, Default)]
pub struct Traces {
    short: Vec<String>,
    parts: Vec<String>,
}

impl Traces {
    pub fn of(secrets: &Secrets) -> Self {
        let mut traces = Self::default();
        for value in secrets.values() {
            if value.len() < TELLING {
                traces.short.push(value.to_owned());
                continue;
            }
            traces.parts.push(value.to_owned());
            traces.parts.extend((0..3).flat_map(|it| base64(value, it)));
            let hex = in_hex(value);
            traces.parts.extend([hex.to_uppercase(), hex]);
            traces.parts.extend([in_quotes(value), in_address(value)]);
        }
        traces.parts.sort();
        traces.parts.dedup();
        traces
    }

    pub fn is_empty(&self) -> bool {
        self.short.is_empty() && self.parts.is_empty()
    }

    /// Returns whether a text gives a value away.
    pub fn are_in(&self, text: &str) -> bool {
        let short = |it: &String| {
            text == it || text.strip_suffix(it.as_str()).is_some_and(|it| it.ends_with('='))
        };
        self.short.iter().any(short) || self.parts.iter().any(|it| text.contains(it.as_str()))
    }

    /// Returns whether any text in JSON does.
    pub fn are_in_json(&self, value: &Value) -> bool {
        match value {
            Value::String(text) => self.are_in(text),
            Value::Array(items) => items.iter().any(|it| self.are_in_json(it)),
            Value::Object(members) => {
                members.iter().any(|(key, it)| self.are_in(key) || self.are_in_json(it))
            }
            Value::Null | Value::Bool(_) | Value::Number(_) => false,
        }
    }

    /// Returns whether any bytes of a stream do; short values cannot be told from others.
    pub fn are_in_stream(&self, mut stream: impl Read) -> io::Result<bool> {
        let longest = self.parts.iter().map(String::len).max().unwrap_or(0);
        let (mut window, mut piece) = (Vec::new(), vec![0; 1 << 20]);
        loop {
            let count = stream.read(&mut piece)?;
            window.extend_from_slice(&piece[..count]);
            if self.are_in_bytes(&window) {
                return Ok(true);
            }
            if count == 0 {
                return Ok(false);
            }
            // A value may go on in the next piece.
            window.drain(..window.len().saturating_sub(longest));
        }
    }

    fn are_in_bytes(&self, bytes: &[u8]) -> bool {
        let mut starts = [false; 256];
        for first in self.parts.iter().filter_map(|it| it.as_bytes().first()) {
            starts[usize::from(*first)] = true;
        }
        let places = bytes.iter().enumerate().filter(|it| starts[usize::from(*it.1)]);
        let at = |at: usize| self.parts.iter().any(|it| bytes[at..].starts_with(it.as_bytes()));
        places.into_iter().any(|it| at(it.0))
    }
}

impl fmt::Debug for Traces {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Traces({})", self.short.len() + self.parts.len())
    }
}

/// Returns what of base64 only this value writes where so many bytes stand in front of
/// it, in both alphabets.
fn base64(value: &str, before: usize) -> [String; 2] {
    let bytes = [vec![0; before], value.as_bytes().to_vec()].concat();
    let written = STANDARD.encode(&bytes);
    let own = (before * 8).div_ceil(6)..bytes.len() * 8 / 6;
    let own = written.get(own).unwrap_or_default().to_owned();
    [own.replace('+', "-").replace('/', "_"), own]
}

fn in_hex(value: &str) -> String {
    value.bytes().map(|it| format!("{it:02x}")).collect::<Vec<_>>().concat()
}

#[cfg(test)]
mod tests {
    use super::*;
    use base64::engine::general_purpose::URL_SAFE_NO_PAD;
    use serde_json::json;

    fn traces() -> Traces {
        let values = ["hunter2!\"", "x1"].map(str::to_owned);
        Traces::of(&Secrets::new(values.into_iter().collect()))
    }

    #[test]
    fn a_value_is_found_however_it_is_written() {
        for before in ["", "a", "ab", "abc", "PASSWORD="] {
            let text = format!("{before}hunter2!\"more");
            for text in [
                text.clone(),
                STANDARD.encode(&text),
                URL_SAFE_NO_PAD.encode(&text),
                in_hex(&text),
                in_hex(&text).to_uppercase(),
                json!({ "a": text }).to_string(),
                format!("postgres://u:{}@db", in_address(&text)),
            ] {
                assert!(traces().are_in(&text), "{text}");
                assert!(traces().are_in_json(&json!([{ "a": [text] }])), "{text}");
                assert!(traces().are_in_bytes(&[b"\xff\0", text.as_bytes()].concat()), "{text}");
            }
        }
        for text in ["hunter2", "x1y", "max1", ""] {
            assert!(!traces().are_in(text), "{text}");
        }
        for text in ["x1", "A=x1"] {
            assert!(traces().are_in(text), "{text}");
        }
    }

    #[test]
    fn a_value_is_found_where_two_pieces_of_a_stream_meet() {
        for at in [0, (1 << 20) - 5, (1 << 20) - 1, 1 << 20, (2 << 20) - 3] {
            let mut bytes = vec![b'z'; at];
            bytes.extend_from_slice(b"hunter2!\"");
            assert!(traces().are_in_stream(&bytes[..]).unwrap(), "{at}");
            bytes.pop();
            assert!(!traces().are_in_stream(&bytes[..]).unwrap(), "{at}");
        }
    }

    #[test]
    fn nothing_of_a_value_is_printed() {
        assert!(!format!("{:?}", traces()).contains("hunter"));
    }
}
