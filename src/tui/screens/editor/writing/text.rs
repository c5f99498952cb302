//! Text storage: bytes, and an index of lines.

use std::ops::Range;

/// A text with an index of its lines. Line ends are part of it, each as it came, so
/// what nobody edits is saved as it was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Text {
    whole: String,
    /// First byte of each line; never empty.
    starts: Vec<usize>,
}

/// Text to put in the place of other text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    pub range: Range<usize>,
    pub text: String,
}

impl Change {
    pub fn new(range: Range<usize>, text: impl Into<String>) -> Self {
        Self { range, text: text.into() }
    }

    /// Returns the shortest change that makes one text of another; `None` where they are
    /// the same.
    pub fn between(old: &str, new: &str) -> Option<Self> {
        if old == new {
            return None;
        }
        let same = |a: char, b: char| a == b;
        let front = old.chars().zip(new.chars()).take_while(|it| same(it.0, it.1));
        let front: usize = front.map(|it| it.0.len_utf8()).sum();
        let (rest, fresh) = (&old[front..], &new[front..]);
        let back = rest.chars().rev().zip(fresh.chars().rev()).take_while(|it| same(it.0, it.1));
        let back: usize = back.map(|it| it.0.len_utf8()).sum();
        Some(Self::new(front..old.len() - back, &fresh[..fresh.len() - back]))
    }
}

impl Text {
    pub fn new(whole: String) -> Self {
        let starts = [0].into_iter().chain(whole.match_indices('\n').map(|it| it.0 + 1)).collect();
        Self { whole, starts }
    }

    pub fn as_str(&self) -> &str {
        &self.whole
    }

    pub fn len(&self) -> usize {
        self.whole.len()
    }

    /// Returns the number of lines, at least one; a text that ends with a line end has an
    /// empty one behind it.
    pub fn lines(&self) -> usize {
        self.starts.len()
    }

    /// Returns a line without its end; nothing beyond the last.
    pub fn line(&self, line: usize) -> &str {
        &self.whole[self.start(line)..self.end(line)]
    }

    /// Returns the first byte of a line.
    pub fn start(&self, line: usize) -> usize {
        self.starts.get(line).copied().unwrap_or(self.whole.len())
    }

    /// Returns the byte behind the last one of a line, in front of its end.
    pub fn end(&self, line: usize) -> usize {
        let Some(next) = self.starts.get(line + 1) else { return self.whole.len() };
        let end = next - 1;
        let start = self.start(line);
        if self.whole[start..end].ends_with('\r') { end - 1 } else { end }
    }

    /// Returns how a line ends; nothing at the end of the text.
    pub fn ending(&self, line: usize) -> &str {
        &self.whole[self.end(line)..self.start(line + 1)]
    }

    /// Returns how a line that is made of this one ends: as this one, or else as the first.
    pub fn fresh_ending(&self, line: usize) -> &'static str {
        let own = self.ending(line);
        let ending = if own.is_empty() { self.ending(0) } else { own };
        if ending == "\r\n" { "\r\n" } else { "\n" }
    }

    /// Returns the line that a byte is in.
    pub fn line_of(&self, at: usize) -> usize {
        self.starts.partition_point(|it| *it <= at).saturating_sub(1)
    }

    /// Returns the bytes of a line before a place in it.
    pub fn before(&self, at: usize) -> &str {
        let line = self.line_of(at);
        &self.whole[self.start(line)..at.min(self.end(line))]
    }

    /// Returns the nearest place at or before a byte that splits no character.
    pub fn floor(&self, at: usize) -> usize {
        let at = at.min(self.whole.len());
        let at = (0..=at).rev().find(|it| self.whole.is_char_boundary(*it)).unwrap_or(0);
        // A line end is one thing.
        let split =
            at > 0 && self.whole[..at].ends_with('\r') && self.whole[at..].starts_with('\n');
        if split { at - 1 } else { at }
    }

    /// Replaces a range and returns what was there.
    pub fn replace(&mut self, range: Range<usize>, with: &str) -> String {
        let gone = self.whole[range.clone()].to_owned();
        self.whole.replace_range(range.clone(), with);
        let first = self.starts.partition_point(|it| *it <= range.start);
        let last = self.starts.partition_point(|it| *it <= range.end);
        let fresh = with.match_indices('\n').map(|it| range.start + it.0 + 1);
        let behind = first + fresh.clone().count();
        self.starts.splice(first..last, fresh);
        for start in &mut self.starts[behind..] {
            *start = *start - range.len() + with.len();
        }
        gone
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_line_has_its_own_end() {
        let text = Text::new("a\r\nb\nc".to_owned());
        let lines: Vec<_> = (0..text.lines()).map(|it| (text.line(it), text.ending(it))).collect();
        assert_eq!(lines, [("a", "\r\n"), ("b", "\n"), ("c", "")]);
        assert_eq!(text.fresh_ending(2), "\r\n");
    }

    #[test]
    fn a_change_between_two_texts_leaves_what_they_share() {
        let change = Change::between("one two three", "one 2 three").unwrap();
        assert_eq!(change, Change::new(4..7, "2"));
        assert_eq!(Change::between("aa", "aaa").unwrap(), Change::new(2..2, "a"));
        assert_eq!(Change::between("same", "same"), None);
    }

    proptest! {
        #[test]
        fn the_index_of_lines_follows_every_change(
            text in "[a\\r\\nü]{0,30}", from in 0..40_usize, to in 0..40_usize, with in "[b\\r\\n]{0,8}",
        ) {
            let mut changed = Text::new(text);
            let [from, to] = [from.min(to), from.max(to)].map(|it| changed.floor(it));
            changed.replace(from..to, &with);
            prop_assert_eq!(&changed, &Text::new(changed.as_str().to_owned()));
        }

        #[test]
        fn a_change_between_two_texts_makes_one_of_the_other(old in "[ab\\nü]{0,12}", new in "[ab\\nü]{0,12}") {
            let mut text = Text::new(old.clone());
            if let Some(change) = Change::between(&old, &new) {
                text.replace(change.range, &change.text);
            }
            prop_assert_eq!(text.as_str(), new);
        }
    }
}
