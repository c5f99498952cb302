//! Text layout: where the parts of a file begin and end, with aliases not expanded.

use crate::domain::compose::{
    edit,
    yaml::{MapEntry, Value, YamlNode},
};
use std::mem;

/// The lines of a file.
#[derive(Clone, Copy)]
pub struct Layout<'a> {
    pub text: &'a str,
}

impl Layout<'_> {
    /// Returns where the first entry, or the dash of the first item, stands.
    pub fn first_of(&self, node: &YamlNode) -> Option<usize> {
        if let Value::List(items) = &node.value {
            let first = items.iter().map(|it| it.place.start).find(|it| *it >= node.place.start);
            let first = first.unwrap_or(node.place.start);
            let line = line_start(self.text, first);
            let dash = self.text.get(line..)?.find('-')? + line;
            return self.text.get(line..dash)?.trim().is_empty().then_some(dash);
        }
        let first = own_entries(node).iter().map(|it| it.key.place.start).min();
        let first = first.unwrap_or(node.place.start);
        let line = line_start(self.text, first);
        // A mapping may begin with what it merges.
        let merge = self.text.get(node.place.start..)?.starts_with("<<");
        let first = if merge { first.min(node.place.start) } else { first };
        let line = line.min(line_start(self.text, first));
        self.text.get(line..first)?.trim().is_empty().then_some(first)
    }

    /// Returns the lines of an entry: its first byte, and the first behind it.
    pub fn lines(&self, entry: &MapEntry) -> (usize, usize) {
        let key = entry.key.place.start;
        let start = line_start(self.text, key);
        let mut end = self.entry_end(key, key - start);
        if entry.value.place.start > key {
            let last = edit::last_byte(&entry.value).min(self.text.len());
            // Behind a block of text, the reader is in the indentation of the next line.
            let line = line_start(self.text, last);
            let blank = self.text.get(line..last).is_some_and(|it| it.trim().is_empty());
            let last = if blank && line > key { line } else { line_end(self.text, last) };
            end = end.max(last);
        }
        (start, end)
    }

    /// Returns where the lines of a block end that stands at an indent.
    pub fn block_end(&self, first: usize, indent: usize) -> usize {
        let dashed = self.text.get(first..).is_some_and(|it| it.starts_with('-'));
        self.while_lines(first, indent, |it, depth| {
            depth > indent || (depth == indent && (!dashed || it.starts_with('-')))
        })
    }

    /// Returns where an entry in braces ends, in front of the comma or brace.
    pub fn flow_end(&self, entry: &MapEntry) -> usize {
        let from = entry.key.place.end;
        let rest = self.text.get(from..).unwrap_or_default();
        let (mut depth, mut quote, mut end) = (0_usize, None, rest.len());
        let mut starts = false;
        for (at, c) in rest.char_indices() {
            let begins = mem::replace(&mut starts, matches!(c, ' ' | ':' | ',' | '{' | '['));
            match (quote, c) {
                (Some(open), _) if c == open => quote = None,
                (Some(_), _) => {}
                (None, '"' | '\'') if begins => quote = Some(c),
                (None, '{' | '[') => depth += 1,
                (None, '}' | ']' | ',') if depth == 0 => {
                    end = at;
                    break;
                }
                (None, '}' | ']') => depth -= 1,
                _ => {}
            }
        }
        from + rest[..end].trim_end().len()
    }

    pub fn without_newline(&self, end: usize) -> usize {
        let before = self.text.get(..end).unwrap_or_default();
        let line = before.strip_suffix('\n').unwrap_or(before);
        line.strip_suffix('\r').unwrap_or(line).len()
    }

    /// Returns where the lines of an entry end whose key stands at an indent.
    fn entry_end(&self, key: usize, indent: usize) -> usize {
        let deeper = |it: &str, depth: usize| {
            depth > indent || (depth == indent && (it.starts_with("- ") || it == "-"))
        };
        self.while_lines(key, indent, deeper)
    }

    /// Goes over lines behind that of `from` as long as they belong to it. Comments and
    /// empty lines do where more follows, and deeper comments anyway.
    fn while_lines(
        &self,
        from: usize,
        indent: usize,
        belongs: impl Fn(&str, usize) -> bool,
    ) -> usize {
        let mut end = line_end(self.text, from);
        let mut at = end;
        while at < self.text.len() {
            let next = line_end(self.text, at);
            let line = &self.text[at..next];
            let depth = line.len() - line.trim_start_matches(' ').len();
            let line = line.trim();
            at = next;
            if depth == 0 && matches!(line, "---" | "...") {
                break; // another document
            }
            if line.starts_with('#') {
                end = if depth > indent { next } else { end };
            } else if !line.is_empty() {
                if !belongs(line, depth) {
                    break;
                }
                end = next;
            }
        }
        end
    }
}

/// Returns the entries that stand in the mapping, not in one that `<<` names.
pub fn own_entries(mapping: &YamlNode) -> Vec<&MapEntry> {
    let mut own: Vec<&MapEntry> =
        mapping.entries().iter().filter(|it| it.key.place.start >= mapping.place.start).collect();
    own.sort_by_key(|it| it.key.place.start);
    own
}

pub fn line_start(text: &str, at: usize) -> usize {
    text.get(..at).and_then(|it| it.rfind('\n')).map_or(0, |it| it + 1)
}

/// Returns where the line behind the one of a byte begins.
fn line_end(text: &str, at: usize) -> usize {
    text.get(at..).and_then(|it| it.find('\n')).map_or(text.len(), |it| at + it + 1)
}
