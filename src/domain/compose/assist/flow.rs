//! Flow style: reads what is in braces and brackets.

use crate::domain::compose::assist::{
    line::clean,
    outline::{CursorContext, End, PathStep, Shape},
    scan::Scanner,
};

/// A brace or bracket that is open.
#[derive(Clone, Copy)]
struct Open {
    list: bool,
    /// The entry whose value it is; `None` for that of the whole file.
    owner: Option<usize>,
    /// The key or item whose value is being read.
    current: Option<usize>,
}

impl Scanner<'_> {
    /// Reads a collection in braces or brackets that is the value of an entry;
    /// returns where it ends. Without its bracket it ends at a line of its surroundings.
    pub fn flow(&mut self, from: usize, owner: Option<usize>) -> usize {
        let column = owner.map(|it| self.entries[it].column);
        let mut open = vec![Open { list: self.is_list(from), owner, current: None }];
        let mut at = from + 1;
        while at < self.text.len() {
            let rest = &self.text[at..];
            match rest.as_bytes()[0] {
                b'[' | b'{' => {
                    let owner = self.holder(&mut open, at, column);
                    self.entries[owner].shape = Shape::Flow;
                    self.entries[owner].value = at..at;
                    open.push(Open { list: self.is_list(at), owner: Some(owner), current: None });
                    at += 1;
                }
                b']' | b'}' => {
                    at += 1;
                    self.end = End { spot: CursorContext::Nowhere, word: at, flow: true };
                    if let Some(owner) = open.pop().and_then(|it| it.owner) {
                        self.extend(owner, at);
                    }
                    if open.is_empty() {
                        return at;
                    }
                }
                b',' => {
                    if let Some(it) = open.last_mut() {
                        it.current = None;
                    }
                    at += 1;
                }
                b'\n' if self.leaves(at, column, &[']', '}']) => {
                    at = self.before_newline(at);
                    self.extend_all(&open, at);
                    return at;
                }
                b'#' if self.text[..at].ends_with([' ', '\t', '\n']) => {
                    at = self.line_end(at);
                    if at == self.text.len() {
                        self.end = End { spot: CursorContext::Nowhere, word: at, flow: true };
                        return at;
                    }
                }
                b' ' | b'\t' | b'\r' | b'\n' => at += 1,
                _ => at = self.flow_word(&mut open, at, column),
            }
        }
        self.unfinished(&mut open, column);
        self.extend_all(&open, at);
        at
    }

    /// Reads a word, which may be a key.
    fn flow_word(&mut self, open: &mut [Open], at: usize, column: Option<usize>) -> usize {
        let (end, whole) = match self.text.as_bytes()[at] {
            b'"' | b'\'' => self.quoted_end(at, column),
            _ => (at + word(&self.text[at..]), false),
        };
        let end = end.max(at + 1);
        let Some(Open { list, owner, current }) = open.last().copied() else { return end };
        let colon = end + self.text[end..].find(|it| it != ' ').unwrap_or_default();
        let is_key = current.is_none_or(|it| matches!(self.entries[it].step, PathStep::Item(_)))
            && self.text[colon..].strip_prefix(':').is_some_and(|it| whole || ends_key(it));
        if is_key {
            let parent = if list { Some(self.holder(open, at, column)) } else { owner };
            let step = PathStep::Key(clean(&self.text[at..end]));
            let key = self.push(parent, step, at..end, column.unwrap_or_default(), true);
            if let Some(top) = open.last_mut() {
                top.current = Some(key);
            }
            self.extend(key, colon + 1);
            return colon + 1;
        }
        if !list && current.is_none() {
            self.end = End { spot: CursorContext::Key(owner), word: at, flow: true };
        } else {
            let holder = self.holder(open, at, column);
            let entry = &mut self.entries[holder];
            entry.shape =
                if self.text[at..].starts_with(['"', '\'']) { Shape::Quoted } else { Shape::Plain };
            entry.value = at..end;
            self.end = End { spot: CursorContext::Value(holder), word: at, flow: true };
        }
        if end < self.text.len() || whole {
            self.end = End { spot: CursorContext::Nowhere, word: end, flow: true };
        }
        end
    }

    /// Says what may come where the text ends within brackets.
    fn unfinished(&mut self, open: &mut [Open], column: Option<usize>) {
        let at = self.text.len();
        let ended = self.text.ends_with([' ', '\t', '\n', ',', '[', '{', ':']);
        if !ended {
            return; // in a word, or right behind one
        }
        let Some(top) = open.last() else { return };
        let spot = match top.current {
            Some(entry) if self.entries[entry].shape != Shape::Below => CursorContext::Nowhere,
            Some(entry) => CursorContext::Value(entry),
            None if top.list => CursorContext::Value(self.holder(open, at, column)),
            None => CursorContext::Key(top.owner),
        };
        self.end = End { spot, word: at, flow: true };
    }

    /// Returns the entry whose value begins at a byte: a key, or a new item.
    fn holder(&mut self, open: &mut [Open], at: usize, column: Option<usize>) -> usize {
        let Some(top) = open.last_mut() else { return 0 };
        if let Some(current) = top.current {
            return current;
        }
        let owner = top.owner;
        let index = self.count(owner);
        let entry =
            self.push(owner, PathStep::Item(index), at..at, column.unwrap_or_default(), true);
        top.current = Some(entry);
        entry
    }

    /// Makes what is open reach to a byte.
    fn extend_all(&mut self, open: &[Open], to: usize) {
        for entry in open.iter().flat_map(|it| [it.owner, it.current]).flatten() {
            let below = self.entries[entry].shape == Shape::Below;
            if !below || open.iter().any(|it| it.owner == Some(entry)) {
                self.extend(entry, to);
            }
        }
    }

    /// Makes an entry reach to a byte.
    fn extend(&mut self, entry: usize, to: usize) {
        let line = self.line_of(to);
        let entry = &mut self.entries[entry];
        entry.value.end = entry.value.end.max(to);
        entry.value.start = entry.value.start.min(to);
        entry.last = entry.last.max(line);
    }

    fn is_list(&self, at: usize) -> bool {
        self.text[at..].starts_with('[')
    }
}

/// Returns the length of an unquoted word in brackets; `${…}` is a part of one.
fn word(text: &str) -> usize {
    let bytes = text.as_bytes();
    let mut at = 0;
    while let Some(byte) = bytes.get(at) {
        let rest = text.get(at + 1..).unwrap_or_default();
        match byte {
            b'{' if at > 0 && bytes[at - 1] == b'$' => {
                let line = rest.split('\n').next().unwrap_or_default();
                at += line.find('}').map_or(0, |it| it + 1);
            }
            b',' | b'[' | b']' | b'{' | b'}' | b'\n' => break,
            b':' if ends_key(rest) => break,
            b' ' if rest.starts_with('#') => break,
            _ => {}
        }
        at += text[at..].chars().next().map_or(1, char::len_utf8);
    }
    text[..at].trim_end().len()
}

fn ends_key(rest: &str) -> bool {
    rest.is_empty() || rest.starts_with([' ', '\t', '\r', '\n', ',', ']', '}'])
}
