//! Search patterns and replacements.

use crate::tui::screens::editor::writing::{Change, Text};
use regex::{Regex, RegexBuilder};
use std::ops::Range;

/// Something that is sought.
#[derive(Debug, Clone)]
pub struct Sought {
    /// As it was typed.
    pub typed: String,
    expression: Regex,
    /// The replacement may name groups, as `$1`.
    grouped: bool,
}

impl Sought {
    /// Understands what was typed: a text, which minds capitals only where it has any, or
    /// an expression between slashes.
    pub fn new(typed: &str) -> Result<Self, String> {
        let inner = typed.strip_prefix('/').and_then(|it| it.strip_suffix('/'));
        let inner = inner.filter(|it| !it.is_empty());
        let pattern = inner.map_or_else(|| regex::escape(typed), str::to_owned);
        let mut builder = RegexBuilder::new(&pattern);
        builder.multi_line(true).crlf(true);
        builder.case_insensitive(inner.is_none() && !typed.chars().any(char::is_uppercase));
        let expression = builder.build().map_err(|err| {
            let why = err.to_string();
            let why = why.lines().last().unwrap_or_default().trim_start_matches("error: ");
            format!("`{typed}` is not an expression: {why}")
        })?;
        Ok(Self { typed: typed.to_owned(), expression, grouped: inner.is_some() })
    }

    /// Returns the first place from a byte on, or else the first of all.
    pub fn next(&self, text: &Text, from: usize) -> Option<Range<usize>> {
        let whole = text.as_str();
        let found = self.all(whole).find(|it| it.start >= from);
        found.or_else(|| self.all(whole).next())
    }

    /// Returns the last place before a byte, or else the last of all.
    pub fn previous(&self, text: &Text, before: usize) -> Option<Range<usize>> {
        let whole = text.as_str();
        let found = self.all(whole).take_while(|it| it.start < before).last();
        found.or_else(|| self.all(whole).last())
    }

    /// Returns all places in a text, or in a line of it.
    pub fn all<'a>(&'a self, text: &'a str) -> impl Iterator<Item = Range<usize>> + 'a {
        self.expression.find_iter(text).map(|it| it.range()).filter(|it| !it.is_empty())
    }

    /// Returns how many places there are, and which of them this is.
    pub fn count(&self, text: &Text, at: usize) -> (usize, Option<usize>) {
        let (mut count, mut nth) = (0, None);
        for range in self.all(text.as_str()) {
            count += 1;
            if range.start == at {
                nth = Some(count);
            }
        }
        (count, nth)
    }

    /// Returns the changes that put another text in all places, or in the one at a byte.
    pub fn replaced(&self, text: &Text, with: &str, only: Option<usize>) -> Vec<Change> {
        let captures = self.expression.captures_iter(text.as_str());
        let changes = captures.filter_map(|it| {
            let range = it.get(0)?.range();
            let mut fresh = String::new();
            if self.grouped {
                it.expand(with, &mut fresh);
            } else {
                fresh.push_str(with);
            }
            (!range.is_empty()).then(|| Change::new(range, fresh))
        });
        changes.filter(|it| only.is_none_or(|at| it.range.start == at)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(typed: &str, text: &str, expected: &[&str]) {
        let sought = Sought::new(typed).unwrap();
        let found: Vec<&str> = sought.all(text).map(|it| &text[it]).collect();
        assert_eq!(found, expected, "{typed}");
    }

    #[test]
    fn capitals_count_where_there_are_any() {
        check("web", "web Web", &["web", "Web"]);
        check("Web", "web Web", &["Web"]);
    }

    #[test]
    fn a_text_is_sought_as_it_stands_and_an_expression_between_slashes() {
        check("a.c", "abc a.c", &["a.c"]);
        check("/a.c/", "abc a.c", &["abc", "a.c"]);
        check("/^b$/", "a\r\nb\r\n", &["b"]);
        check("/x*/", "abc", &[]);
        assert!(Sought::new("/(/").unwrap_err().contains("`/(/` is not an expression"));
    }

    #[test]
    fn places_are_walked_around_the_end() {
        let (sought, text) = (Sought::new("a").unwrap(), Text::new("a b a".to_owned()));
        assert_eq!(sought.next(&text, 1), Some(4..5));
        assert_eq!(sought.next(&text, 5), Some(0..1));
        assert_eq!(sought.previous(&text, 4), Some(0..1));
        assert_eq!(sought.previous(&text, 0), Some(4..5));
        assert_eq!(sought.count(&text, 4), (2, Some(2)));
    }

    #[test]
    fn replacements_name_groups_of_expressions_only() {
        let text = Text::new("a1 a2".to_owned());
        let with = |typed: &str, with: &str| -> Vec<String> {
            let sought = Sought::new(typed).unwrap();
            sought.replaced(&text, with, None).into_iter().map(|it| it.text).collect()
        };
        assert_eq!(with("/a(.)/", "b$1"), ["b1", "b2"]);
        assert_eq!(with("a", "$1"), ["$1", "$1"]);
        assert_eq!(Sought::new("a").unwrap().replaced(&text, "b", Some(3)).len(), 1);
    }
}
