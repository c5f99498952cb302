//! Cursor motion.

use crate::tui::screens::editor::writing::text::Text;
use unicode_segmentation::UnicodeSegmentation;

/// A way within a line, or to its neighbours.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Motion {
    Left,
    Right,
    WordLeft,
    WordRight,
    /// To the first letter of the line, or in front of its indentation from there.
    Head,
    End,
    Top,
    Bottom,
}

/// Returns where a motion leads from a place.
pub fn go(text: &Text, at: usize, motion: Motion) -> usize {
    let whole = text.as_str();
    let line = text.line_of(at);
    match motion {
        Motion::Left => whole[..at].grapheme_indices(true).next_back().map_or(0, |it| it.0),
        Motion::Right => at + whole[at..].graphemes(true).next().map_or(0, str::len),
        Motion::WordLeft => word_before(text, at),
        Motion::WordRight => word_behind(text, at),
        Motion::Head => {
            let head = text.start(line) + indentation(text.line(line)).len();
            if at == head { text.start(line) } else { head }
        }
        Motion::End => text.end(line),
        Motion::Top => 0,
        Motion::Bottom => text.len(),
    }
}

/// Returns the blanks that a line begins with.
pub fn indentation(line: &str) -> &str {
    &line[..line.len() - line.trim_start_matches([' ', '\t']).len()]
}

fn word_before(text: &Text, at: usize) -> usize {
    let line = text.line_of(at);
    let start = text.start(line);
    if at == start {
        return go(text, at, Motion::Left);
    }
    let before = text.before(at);
    let words = before.split_word_bound_indices();
    words.rev().find(|it| !it.1.trim().is_empty()).map_or(start, |it| start + it.0)
}

fn word_behind(text: &Text, at: usize) -> usize {
    let line = text.line_of(at);
    let end = text.end(line);
    if at >= end {
        return go(text, at, Motion::Right);
    }
    let words = text.as_str()[at..end].split_word_bound_indices();
    let mut words = words.skip_while(|it| it.1.trim().is_empty());
    words.next().map_or(end, |it| at + it.0 + it.1.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, at: usize, motion: Motion, expected: usize) {
        assert_eq!(go(&Text::new(text.to_owned()), at, motion), expected, "{text:?} {motion:?}");
    }

    #[test]
    fn letters_and_line_ends_are_passed_as_one() {
        check("e\u{301}x", 0, Motion::Right, 3);
        check("e\u{301}x", 3, Motion::Left, 0);
        check("a\r\nb", 1, Motion::Right, 3);
        check("a\r\nb", 3, Motion::Left, 1);
        check("日", 3, Motion::Left, 0);
        check("a", 1, Motion::Right, 1);
    }

    #[test]
    fn words_are_passed_with_the_blanks_before_them() {
        check("  image: nginx", 14, Motion::WordLeft, 9);
        check("  image: nginx", 2, Motion::WordRight, 7);
        check("a  b", 1, Motion::WordRight, 4);
        check("a\nb", 1, Motion::WordRight, 2);
        check("a\nb", 2, Motion::WordLeft, 1);
    }

    #[test]
    fn the_head_of_a_line_is_its_first_letter_and_then_its_start() {
        check("  ab", 4, Motion::Head, 2);
        check("  ab", 2, Motion::Head, 0);
        check("  ab", 0, Motion::Head, 2);
    }
}
