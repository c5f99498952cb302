//! Colours of YAML, line by line: exact enough for eyes, and right for text that
//! does not parse at the moment.

use crate::tui::widgets::text_page::{Tone, toned};
use std::ops::Range;

/// Returns the pieces of a line, in characters.
pub fn pieces(line: &str) -> Vec<(Range<usize>, Tone)> {
    let (code, comment) = split_comment(line);
    let mut pieces = Vec::new();
    let mut at = 0;
    let toned = toned(code)
        .into_iter()
        .chain((!comment.is_empty()).then(|| (Tone::Muted, comment.to_owned())));
    for (tone, text) in toned {
        let length = text.chars().count();
        pieces.push((at..at + length, tone));
        at += length;
    }
    pieces
}

/// A `#` at the start or after a space, outside quotes, begins a comment.
fn split_comment(line: &str) -> (&str, &str) {
    let mut quote = None;
    let mut before = ' ';
    for (at, c) in line.char_indices() {
        match (quote, c) {
            (None, '#') if before.is_whitespace() => return line.split_at(at),
            (None, '"' | '\'') if before.is_whitespace() || "[{,:".contains(before) => {
                quote = Some(c);
            }
            (Some(open), _) if open == c => quote = None,
            _ => {}
        }
        before = c;
    }
    (line, "")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(line: &str, expected: &str) {
        assert_eq!(split_comment(line).1, expected, "{line}");
    }

    #[test]
    fn comments_begin_outside_quotes() {
        check("a: b # c", "# c");
        check("a: 'b # c'", "");
        check("a: b#c", "");
        check("# all", "# all");
        check("a: don't # c", "# c");
    }

    #[test]
    fn pieces_cover_the_line() {
        let pieces = pieces("  image: nginx # the web");
        assert_eq!(
            pieces.last().map(|it| it.0.end),
            Some("  image: nginx # the web".chars().count())
        );
        assert!(
            pieces.iter().any(|it| it.1 == Tone::Key)
                && pieces.iter().any(|it| it.1 == Tone::Quoted)
        );
    }
}
