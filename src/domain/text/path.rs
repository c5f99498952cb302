//! Paths in messages: on one line, whatever is in them.

use std::{borrow::Cow, path::Path};

/// Writes what would end a line, and forge the next, as source code has it. The rest is
/// for whoever cleans text for a terminal.
pub fn name(text: &str) -> Cow<'_, str> {
    if !text.contains(breaks) {
        return Cow::Borrowed(text);
    }
    let written = |c: char| if breaks(c) { c.escape_default().to_string() } else { c.to_string() };
    Cow::Owned(text.chars().map(written).collect())
}

/// A path that messages name.
pub trait ShownPath {
    fn shown(&self) -> String;
}

impl ShownPath for Path {
    fn shown(&self) -> String {
        name(&self.to_string_lossy()).into_owned()
    }
}

fn breaks(c: char) -> bool {
    matches!(c, '\n' | '\r' | '\t' | '\u{b}' | '\u{c}' | '\u{85}' | '\u{2028}' | '\u{2029}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_stays_on_its_line() {
        for (given, shown) in [
            ("a b.yml", "a b.yml"),
            ("x\nerror: ok.yml", "x\\nerror: ok.yml"),
            ("a\r\tb", "a\\r\\tb"),
            ("a\u{2028}b", "a\\u{2028}b"),
        ] {
            assert_eq!(Path::new(given).shown(), shown);
        }
    }
}
