//! JSON output: control and invisible characters are escaped, so that a terminal can show it.

use crate::domain::text::escape;
use serde::Serialize;
use serde_json::ser::{CompactFormatter, Formatter, PrettyFormatter, Serializer};
use std::io::{self, Write};

/// Returns a value over several lines, or in one.
pub fn text<T: Serialize + ?Sized>(value: &T, pretty: bool) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    if pretty {
        value.serialize(&mut Serializer::with_formatter(
            &mut bytes,
            Escaping(PrettyFormatter::new()),
        ))?;
    } else {
        value.serialize(&mut Serializer::with_formatter(&mut bytes, Escaping(CompactFormatter)))?;
    }
    Ok(bytes)
}

/// A formatter that leaves all to another, but for pieces of strings.
struct Escaping<F>(F);

/// Hands calls on as they are.
macro_rules! as_usual {
    ($($name:ident($($argument:ident: $kind:ty),*);)*) => { $(
        fn $name<W: ?Sized + Write>(&mut self, writer: &mut W $(, $argument: $kind)*) -> io::Result<()> {
            self.0.$name(writer $(, $argument)*)
        }
    )* };
}

impl<F: Formatter> Formatter for Escaping<F> {
    fn write_string_fragment<W: ?Sized + Write>(
        &mut self,
        writer: &mut W,
        fragment: &str,
    ) -> io::Result<()> {
        let mut rest = fragment;
        while let Some(at) = rest.find(escape::deceives) {
            let (before, after) = rest.split_at(at);
            self.0.write_string_fragment(writer, before)?;
            let mut units = [0; 2];
            for c in after.chars().take(1) {
                for unit in c.encode_utf16(&mut units) {
                    write!(writer, "\\u{unit:04x}")?;
                }
                rest = &after[c.len_utf8()..];
            }
        }
        self.0.write_string_fragment(writer, rest)
    }

    as_usual! {
        begin_array();
        end_array();
        begin_array_value(first: bool);
        end_array_value();
        begin_object();
        end_object();
        begin_object_key(first: bool);
        end_object_key();
        begin_object_value();
        end_object_value();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    #[test]
    fn what_drives_or_deceives_is_escaped_and_means_the_same() {
        let value = json!({ "a\u{202e}b\x1b": ["\u{9b}2J\u{7f}\t\r\n", 1.5, null, "é\u{e0041}\u{200d}"], "c": {} });
        for pretty in [false, true] {
            let written = String::from_utf8(text(&value, pretty).unwrap()).unwrap();
            assert!(!written.chars().any(|it| it != '\n' && escape::deceives(it)), "{written:?}");
            assert_eq!(serde_json::from_str::<Value>(&written).unwrap(), value);
        }
        assert_eq!(
            text("\u{9b}é\u{e0041}", false).unwrap(),
            "\"\\u009bé\\udb40\\udc41\"".as_bytes()
        );
        let plain = json!([{ "a": 1, "b": [] }, "x"]);
        assert_eq!(text(&plain, true).unwrap(), serde_json::to_vec_pretty(&plain).unwrap());
    }
}
