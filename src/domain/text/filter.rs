//! Filters: the text after `/`, and what it matches.
//!
//! | typed | keeps what |
//! |---|---|
//! | `text` | matches the regular expression; case counts once a capital is typed |
//! | `!text` | does not |
//! | `text !other !more` | has the one and none of the others |
//! | `-f text` | has these letters in this order |
//! | `-l key=value,key2!=x,key3,!key4` | has such labels |

use nucleo_matcher::{
    Config, Matcher, Utf32Str,
    pattern::{AtomKind, CaseMatching, Normalization, Pattern},
};
use regex::{Regex, RegexBuilder};
use std::{collections::BTreeMap, ops::Range};

/// A filter as typed, understood. Any text is a filter; the empty one keeps all.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    typed: String,
    rule: Rule,
    notice: Option<String>,
}

/// A filter at work. Holds scratch space: make one for many texts.
#[derive(Debug)]
pub struct Matching<'a> {
    rule: &'a Rule,
    fuzzy: Option<Matcher>,
    buffer: Vec<char>,
}

#[derive(Debug, Clone, Default)]
enum Rule {
    #[default]
    All,
    Has(Regex),
    HasNot(Regex),
    /// All of them.
    Each(Vec<Rule>),
    Fuzzy(Pattern),
    Labels(Vec<Requirement>),
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Requirement {
    Is(String, String),
    IsNot(String, String),
    Exists(String),
    Absent(String),
}

impl Filter {
    /// Understands what was typed, as far as it goes.
    pub fn parse(typed: &str) -> Self {
        let text = typed.trim();
        let (rule, notice) = if let Some(letters) = flag(text, "-f") {
            (fuzzy(letters), None)
        } else if let Some(selector) = flag(text, "-l") {
            (labels(selector), None)
        } else {
            each(text)
        };
        Self { typed: typed.to_owned(), rule, notice }
    }

    /// Returns what was typed.
    pub fn typed(&self) -> &str {
        &self.typed
    }

    /// Returns whether everything passes.
    pub fn is_empty(&self) -> bool {
        matches!(self.rule, Rule::All)
    }

    /// Returns whether the filter asks for labels, which not every list has.
    pub fn asks_labels(&self) -> bool {
        matches!(self.rule, Rule::Labels(_))
    }

    /// Returns what the operator should know about how the text was understood.
    pub fn notice(&self) -> Option<&str> {
        self.notice.as_deref()
    }

    pub fn matching(&self) -> Matching<'_> {
        let fuzzy = matches!(self.rule, Rule::Fuzzy(_)).then(|| Matcher::new(Config::DEFAULT));
        Matching { rule: &self.rule, fuzzy, buffer: Vec::new() }
    }
}

impl PartialEq for Filter {
    fn eq(&self, other: &Self) -> bool {
        self.typed == other.typed
    }
}

impl Matching<'_> {
    /// Returns whether a text passes; a filter for labels lets none through.
    pub fn keeps(&mut self, text: &str) -> bool {
        match self.rule {
            Rule::All | Rule::Has(_) | Rule::HasNot(_) | Rule::Each(_) => self.rule.lets(text),
            Rule::Fuzzy(_) => self.score(text).is_some(),
            Rule::Labels(_) => false,
        }
    }

    /// Returns whether an object passes: any of its fields matches (none does,
    /// for the inverse filter), or its labels do.
    pub fn keeps_any(&mut self, fields: &[&str], labels: &BTreeMap<String, String>) -> bool {
        match self.rule {
            Rule::Labels(wanted) => wanted.iter().all(|it| it.met_by(labels)),
            Rule::HasNot(_) => fields.iter().all(|it| self.keeps(it)),
            Rule::Each(rules) => rules.iter().all(|rule| match rule {
                Rule::HasNot(_) => fields.iter().all(|it| rule.lets(it)),
                _ => fields.iter().any(|it| rule.lets(it)),
            }),
            _ => fields.iter().any(|it| self.keeps(it)),
        }
    }

    /// Returns how well a text fits a fuzzy filter (more is better), to put the
    /// best first; filters of other kinds do not rank.
    pub fn score(&mut self, text: &str) -> Option<u32> {
        let (Rule::Fuzzy(pattern), Some(matcher)) = (self.rule, &mut self.fuzzy) else {
            return None;
        };
        pattern.score(haystack(text, &mut self.buffer), matcher)
    }

    /// Returns what matched, as byte ranges in order; nothing for inverse
    /// filters and for labels.
    pub fn ranges(&mut self, text: &str) -> Vec<Range<usize>> {
        match self.rule {
            Rule::Has(_) => self.rule.ranges(text),
            Rule::Each(rules) => rules.iter().flat_map(|it| it.ranges(text)).collect(),
            Rule::Fuzzy(pattern) => self.letters(pattern, text),
            Rule::All | Rule::HasNot(_) | Rule::Labels(_) => Vec::new(),
        }
    }

    fn letters(&mut self, pattern: &Pattern, text: &str) -> Vec<Range<usize>> {
        let Some(matcher) = &mut self.fuzzy else { return Vec::new() };
        let mut found = Vec::new();
        pattern.indices(haystack(text, &mut self.buffer), matcher, &mut found);
        found.sort_unstable();
        found.dedup();
        let mut found = found.into_iter().peekable();
        let mut ranges: Vec<Range<usize>> = Vec::new();
        for (index, (at, letter)) in (0_u32..).zip(text.char_indices()) {
            if found.next_if_eq(&index).is_none() {
                continue;
            }
            let end = at + letter.len_utf8();
            match ranges.last_mut().filter(|it| it.end == at) {
                Some(last) => last.end = end,
                None => ranges.push(at..end),
            }
        }
        ranges
    }
}

impl Rule {
    /// Whether a text passes, as far as expressions go.
    fn lets(&self, text: &str) -> bool {
        match self {
            Self::All => true,
            Self::Has(regex) => regex.is_match(text),
            Self::HasNot(regex) => !regex.is_match(text),
            Self::Each(rules) => rules.iter().all(|it| it.lets(text)),
            Self::Fuzzy(_) | Self::Labels(_) => false,
        }
    }

    fn ranges(&self, text: &str) -> Vec<Range<usize>> {
        let Self::Has(regex) = self else { return Vec::new() };
        regex.find_iter(text).map(|it| it.range()).filter(|it| !it.is_empty()).collect()
    }
}

impl Requirement {
    fn met_by(&self, labels: &BTreeMap<String, String>) -> bool {
        match self {
            Self::Is(key, value) => labels.get(key) == Some(value),
            Self::IsNot(key, value) => labels.get(key) != Some(value),
            Self::Exists(key) => labels.contains_key(key),
            Self::Absent(key) => !labels.contains_key(key),
        }
    }
}

/// The text as the matcher takes it, each char one place. Its own conversion
/// (0.3.1) counts bytes instead where letters are ASCII but for combining marks.
fn haystack<'a>(text: &'a str, buffer: &'a mut Vec<char>) -> Utf32Str<'a> {
    if text.is_ascii() {
        return Utf32Str::Ascii(text.as_bytes());
    }
    buffer.clear();
    buffer.extend(text.chars());
    Utf32Str::Unicode(buffer)
}

/// What follows a flag, if the text starts with it.
fn flag<'a>(text: &'a str, flag: &str) -> Option<&'a str> {
    let rest = text.strip_prefix(flag)?;
    (rest.is_empty() || rest.starts_with(' ')).then(|| rest.trim())
}

fn fuzzy(letters: &str) -> Rule {
    if letters.is_empty() {
        return Rule::All;
    }
    let (case, form) = (CaseMatching::Smart, Normalization::Smart);
    Rule::Fuzzy(Pattern::new(letters, case, form, AtomKind::Fuzzy))
}

/// An expression, and others behind ` !` that must not match.
fn each(text: &str) -> (Rule, Option<String>) {
    let mut terms = Vec::new();
    let mut rest = text;
    while let Some(at) = rest.match_indices(" !").find(|it| names_something(&rest[it.0 + 2..])) {
        terms.push(rest[..at.0].trim());
        rest = &rest[at.0 + 1..];
    }
    terms.push(rest.trim());
    let parsed = terms.iter().map(|term| match term.strip_prefix('!') {
        Some(unwanted) => expression(unwanted.trim_start(), Rule::HasNot),
        None => expression(term, Rule::Has),
    });
    let (mut rules, notices): (Vec<Rule>, Vec<Option<String>>) = parsed.unzip();
    let notice = notices.into_iter().flatten().next();
    match rules.pop() {
        Some(only) if rules.is_empty() => (only, notice),
        Some(last) => (Rule::Each(rules.into_iter().chain([last]).collect()), notice),
        None => (Rule::All, notice),
    }
}

fn names_something(rest: &str) -> bool {
    rest.starts_with(|it: char| !it.is_whitespace() && it != '=')
}

fn labels(selector: &str) -> Rule {
    let wanted: Vec<_> =
        selector.split(',').map(str::trim).filter(|it| !it.is_empty()).map(requirement).collect();
    if wanted.is_empty() { Rule::All } else { Rule::Labels(wanted) }
}

fn requirement(text: &str) -> Requirement {
    let own = |(key, value): (&str, &str)| (key.trim().to_owned(), value.trim().to_owned());
    if let Some((key, value)) = text.split_once("!=").map(own) {
        return Requirement::IsNot(key, value);
    }
    if let Some((key, value)) = text.split_once("==").or_else(|| text.split_once('=')).map(own) {
        return Requirement::Is(key, value);
    }
    match text.strip_prefix('!') {
        Some(key) => Requirement::Absent(key.trim().to_owned()),
        None => Requirement::Exists(text.to_owned()),
    }
}

/// A regular expression, or the plain text where it is none.
fn expression(text: &str, rule: fn(Regex) -> Rule) -> (Rule, Option<String>) {
    if text.is_empty() {
        return (Rule::All, None);
    }
    let ignore_case = !has_capital(text);
    let build = |source: &str| RegexBuilder::new(source).case_insensitive(ignore_case).build();
    if let Ok(regex) = build(text) {
        return (rule(regex), None);
    }
    match build(&regex::escape(text)) {
        Ok(regex) => (
            rule(regex),
            Some(format!("`{text}` is not a regular expression: taken as plain text")),
        ),
        Err(why) => (Rule::All, Some(format!("`{text}` cannot be searched for: {why}"))),
    }
}

/// Whether the operator typed a capital; `\W` and its like are none.
fn has_capital(text: &str) -> bool {
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        if c == '\\' {
            chars.next();
        } else if c.is_uppercase() {
            return true;
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kept<'a>(typed: &str, texts: &[&'a str]) -> Vec<&'a str> {
        let filter = Filter::parse(typed);
        let mut matching = filter.matching();
        texts.iter().copied().filter(|it| matching.keeps(it)).collect()
    }

    #[test]
    fn the_grammar_is_that_of_k9s() {
        let texts = ["web started", "WEB failed", "api failed", "(odd"];
        for (typed, expected) in [
            ("", vec!["web started", "WEB failed", "api failed", "(odd"]),
            ("web", vec!["web started", "WEB failed"]),
            ("WEB", vec!["WEB failed"]),
            ("web|api", vec!["web started", "WEB failed", "api failed"]),
            (r"\Aweb\W", vec!["web started", "WEB failed"]),
            ("!web", vec!["api failed", "(odd"]),
            ("! failed", vec!["web started", "(odd"]),
            ("!", vec!["web started", "WEB failed", "api failed", "(odd"]),
            ("!web !(odd", vec!["api failed"]),
            ("failed !api", vec!["WEB failed"]),
            ("!started !WEB !odd", vec!["api failed"]),
            ("-f wst", vec!["web started"]),
            ("-f", vec!["web started", "WEB failed", "api failed", "(odd"]),
            ("(", vec!["(odd"]),
            ("!(", vec!["web started", "WEB failed", "api failed"]),
            ("-l a=b", vec![]),
        ] {
            assert_eq!(kept(typed, &texts), expected, "/{typed}");
        }
    }

    #[test]
    fn what_is_no_expression_is_plain_text_and_says_so() {
        let notice = "`(` is not a regular expression: taken as plain text";
        assert_eq!(Filter::parse("(").notice(), Some(notice));
        assert_eq!(Filter::parse("(a)").notice(), None);
        let huge = "(a{999}){999}";
        assert!(Filter::parse(huge).matching().keeps(&format!("x {huge}")));
    }

    #[test]
    fn any_field_is_enough_and_one_is_too_many_for_the_inverse() {
        for (typed, expected) in [
            ("api", true),
            ("node2", true),
            ("x", false),
            ("!api", false),
            ("!x", true),
            ("api !node3", true),
            ("api !node2", false),
        ] {
            let filter = Filter::parse(typed);
            let kept = filter.matching().keeps_any(&["api.1", "node2"], &BTreeMap::new());
            assert_eq!(kept, expected, "/{typed}");
        }
    }

    #[test]
    fn labels_are_asked_as_a_selector() {
        let labels = BTreeMap::from([("tier".to_owned(), "front".to_owned())]);
        for (typed, expected) in [
            ("-l tier=front", true),
            ("-l tier == front", true),
            ("-l tier=back", false),
            ("-l tier!=back", true),
            ("-l tier", true),
            ("-l !tier", false),
            ("-l tier,zone", false),
            ("-l tier=front,!zone", true),
            ("-l ", true),
        ] {
            let filter = Filter::parse(typed);
            assert_eq!(filter.matching().keeps_any(&["x"], &labels), expected, "/{typed}");
        }
    }

    #[test]
    fn what_matched_is_known_to_the_byte() {
        for (typed, text, expected) in [
            ("o+", "foo boo", vec!["oo", "oo"]),
            ("é", "café É", vec!["é", "É"]),
            ("x*", "abc", vec![]),
            ("!foo", "bar", vec![]),
            ("-f fb", "foo bar", vec!["f", "b"]),
            ("-f bar", "ünï bar", vec!["bar"]),
            ("-f n", "u\u{308}n", vec!["n"]),
        ] {
            let filter = Filter::parse(typed);
            let ranges = filter.matching().ranges(text);
            let found: Vec<_> = ranges.into_iter().map(|it| &text[it]).collect();
            assert_eq!(found, expected, "/{typed} in {text}");
        }
    }

    #[test]
    fn a_closer_match_ranks_higher() {
        let filter = Filter::parse("-f web");
        let mut matching = filter.matching();
        assert!(matching.score("web") > matching.score("w e b"));
        assert_eq!(matching.score("nothing"), None);
    }
}
