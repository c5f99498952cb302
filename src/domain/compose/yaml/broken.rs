//! Syntax errors: explains what is wrong with a text that is not valid YAML.

use crate::domain::compose::{
    codes,
    finding::Finding,
    place::Place,
    yaml::events::{Fatal, events},
};
use granit_parser::ScanError;

/// Says where reading stopped, and why; where a tab or a missing blank is the cause, says
/// that, at its own place.
pub fn explain(file: usize, text: &str, err: &ScanError) -> Fatal {
    let at = err.marker();
    let start = at.byte_offset().unwrap_or_default();
    let place = Place { file, line: at.line(), column: at.col() + 1, start, end: start };
    let found = tab(file, text, place.line).or_else(|| tight_key(file, text, place.line, err));
    Box::new(found.unwrap_or_else(|| Finding::new(&codes::YAML, place, err.info())))
}

/// A line of the text.
#[derive(Clone, Copy)]
struct Line<'a> {
    /// From 1.
    number: usize,
    /// Its first byte.
    start: usize,
    text: &'a str,
}

impl Line<'_> {
    /// Returns how long its indentation is, tabs and spaces.
    fn indent(self) -> usize {
        self.text.len() - self.text.trim_start_matches([' ', '\t']).len()
    }

    fn is_blank(self) -> bool {
        self.text.trim().is_empty()
    }

    fn is_tabbed(self) -> bool {
        !self.is_blank() && self.text[..self.indent()].contains('\t')
    }
}

fn lines(text: &str) -> impl Iterator<Item = Line<'_>> {
    let mut start = 0;
    text.split('\n').enumerate().map(move |(index, line)| {
        let at = start;
        start += line.len() + 1;
        Line { number: index + 1, start: at, text: line }
    })
}

/// Finds the tab that reading stopped at, in the indentation of its line or of one that
/// belongs to it.
fn tab(file: usize, text: &str, stopped: usize) -> Option<Finding> {
    let near = |it: &Line<'_>| it.number + 1 >= stopped && it.number <= stopped && it.is_tabbed();
    let line = lines(text).take(stopped).filter(near).last()?;
    let at = line.text.find('\t')?;
    let start = line.start + at;
    let place = Place { file, line: line.number, column: at + 1, start, end: start + 1 };
    let message = "a tab indents this line: YAML requires spaces";
    let finding = Finding::new(&codes::TAB, place, message).hint("replace tabs with spaces");
    Some(match untabbed(text) {
        Some((first, end, spaces)) => {
            let whole = Place { file, line: first.number, column: 1, start: first.start, end };
            finding.fix(whole, spaces)
        }
        None => finding,
    })
}

/// Writes the lines from the first to the last that a tab indents with spaces, as many
/// for each tab as make the text YAML; with where they end.
fn untabbed(text: &str) -> Option<(Line<'_>, usize, String)> {
    let tabbed = || lines(text).filter(|it| it.is_tabbed());
    let (first, last) = (tabbed().next()?, tabbed().last()?);
    let end = last.start + last.text.len();
    let part = text.get(first.start..end)?;
    [2, 4, 8].into_iter().find_map(|width| {
        let spaced = |it: Line<'_>| match it.is_tabbed() {
            true => {
                let (front, rest) = it.text.split_at(it.indent());
                format!("{}{rest}", front.replace('\t', &" ".repeat(width)))
            }
            false => it.text.to_owned(),
        };
        let spaces = lines(part).map(spaced).collect::<Vec<_>>().join("\n");
        let whole = format!("{}{spaces}{}", &text[..first.start], &text[end..]);
        reads(&whole).then_some((first, end, spaces))
    })
}

fn reads(text: &str) -> bool {
    events(text).all(|it| it.is_ok())
}

/// Finds a line that has no blank behind its colon, or no colon. Reading stops there, or at
/// the key on the next line, where both lines are one text to YAML.
fn tight_key(file: usize, text: &str, stopped: usize, err: &ScanError) -> Option<Finding> {
    let before = match err.info() {
        it if it.contains("simple key expected") => stopped,
        it if it.contains("mapping values are not allowed") => stopped.saturating_sub(1),
        _ => return None,
    };
    let said = |it: &Line<'_>| !it.is_blank() && !it.text.trim_start().starts_with('#');
    let line = lines(text).take(before).filter(said).last()?;
    let words = line.text.trim_end().trim_start_matches([' ', '-']);
    let at = line.text.find(words)?;
    let quoted = words.contains(['"', '\'', '#', '{', '[', '|', '>', '&', '*']);
    if quoted || words.is_empty() || words.contains(": ") || words.ends_with(':') {
        return None;
    }
    let start = line.start + at;
    let column = line.text[..at].chars().count() + 1;
    let place = Place { file, line: line.number, column, start, end: start + words.len() };
    let message = format!("`{words}` is not a key and value: there is no `: ` in it");
    let finding = Finding::new(&codes::YAML, place, message);
    let key = |it: &str| {
        !it.is_empty() && it.bytes().all(|it| it.is_ascii_alphanumeric() || b"_-.".contains(&it))
    };
    let blank = words.split_once(' ').filter(|it| key(it.0) && !it.1.starts_with(' '));
    let colon = words.split_once(':').filter(|it| key(it.0) && !it.1.is_empty());
    let mended = match (blank, colon) {
        (Some((name, value)), _) => format!("{name}: {value}"),
        (None, Some((name, value))) => format!("{name}: {value}"),
        (None, None) => return Some(finding.hint("write `key: value`")),
    };
    let whole = format!("{}{mended}{}", &text[..place.start], &text[place.end..]);
    let finding = finding.hint("write a colon and a space after the key");
    Some(if reads(&whole) { finding.fix(place, mended) } else { finding })
}
