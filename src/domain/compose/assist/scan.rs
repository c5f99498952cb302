//! The outline scanner: reads a text line by line, by indentation, and tolerates any error.

use crate::domain::compose::assist::{
    line::{blanks, clean, has_comment, is_dash, key, plain, properties},
    outline::{CursorContext, End, OutlineEntry, PathStep, Shape, YamlOutline, line_start},
};
use std::{collections::HashMap, ops::Range};

const BYTE_ORDER_MARK: char = '\u{feff}';

impl<'a> YamlOutline<'a> {
    /// Reads the shape of a text, however broken it is.
    pub fn of(text: &'a str) -> Self {
        Scanner::new(text).run()
    }
}

/// Reads one text.
pub struct Scanner<'a> {
    pub text: &'a str,
    pub entries: Vec<OutlineEntry<'a>>,
    pub end: End,
    /// Where each line begins.
    starts: Vec<usize>,
    /// Entries in block style that may hold what comes, from the outside.
    open: Vec<usize>,
    /// Items there are already, by the entry that holds them.
    counts: HashMap<Option<usize>, usize>,
}

impl<'a> Scanner<'a> {
    pub fn new(text: &'a str) -> Self {
        let newlines = text.bytes().enumerate().filter(|it| it.1 == b'\n');
        Self {
            text,
            entries: Vec::new(),
            end: End { spot: CursorContext::Key(None), word: text.len(), flow: false },
            starts: [0].into_iter().chain(newlines.map(|it| it.0 + 1)).collect(),
            open: Vec::new(),
            counts: HashMap::new(),
        }
    }

    pub fn run(mut self) -> YamlOutline<'a> {
        let mark =
            if self.text.starts_with(BYTE_ORDER_MARK) { BYTE_ORDER_MARK.len_utf8() } else { 0 };
        let mut next = Some(mark);
        while let Some(start) = next {
            let end = self.line(start, self.line_end(start));
            next = self.starts.get(self.line_of(end) + 1).copied();
        }
        YamlOutline { text: self.text, entries: self.entries, end: self.end }
    }

    /// Reads a line from `start` to `end`, and what it opens; returns where that ends.
    fn line(&mut self, start: usize, end: usize) -> usize {
        let content = self.text[start..end].trim_start();
        let mut at = end - content.len();
        let column = at - start;
        let is_last = end == self.text.len();
        let apart = column == 0 && ["---", "...", "%"].iter().any(|it| content.starts_with(it));
        if content.trim_end().is_empty() || content.starts_with('#') || apart {
            self.unheld(column, at, content, is_last);
            return end;
        }
        let mut item = None;
        while is_dash(&self.text[at..end]) {
            item = Some(self.item(at, at - start));
            at += 1;
            at += blanks(&self.text[at..end]);
        }
        if let Some((key, value)) = key(&self.text[at..end]) {
            let owner = self.key(at..at + key, at - start);
            return self.value(owner, at + value, end);
        }
        if let Some(item) = item {
            return self.value(item, at, end);
        }
        let parent = self.close(column);
        self.touch(at);
        if let Some(owner) = parent.filter(|_| content.starts_with(['[', '{', '"', '\''])) {
            return self.value(owner, at, end);
        }
        if parent.is_none() && self.entries.is_empty() && content.starts_with(['[', '{']) {
            return self.flow(at, None);
        }
        if is_last {
            self.end = End { spot: CursorContext::Key(parent), word: at, flow: false };
            let holder = parent.map(|it| &self.entries[it]);
            if holder.is_some_and(|it| it.shape != Shape::Below) || has_comment(content) {
                self.end.spot = CursorContext::Nowhere;
            }
        }
        end
    }

    /// Notes an empty line or a comment.
    fn unheld(&mut self, column: usize, at: usize, content: &str, is_last: bool) {
        let line = self.line_of(at);
        if !content.trim().is_empty() {
            for index in self.open.clone() {
                let entry = &mut self.entries[index];
                if entry.column < column {
                    entry.last = entry.last.max(line);
                }
            }
        }
        if is_last {
            let held = self.open.iter().rev().find(|it| self.entries[**it].column < column);
            let held = held.copied();
            let free =
                content.is_empty() && held.is_none_or(|it| self.entries[it].shape == Shape::Below);
            let spot = if free { CursorContext::Key(held) } else { CursorContext::Nowhere };
            self.end = End { spot, word: self.text.len(), flow: false };
        }
    }

    fn item(&mut self, at: usize, column: usize) -> usize {
        while let Some(index) = self.open.last() {
            let entry = &self.entries[*index];
            let list = matches!(entry.step, PathStep::Key(_)) && entry.column == column;
            if entry.column < column || list {
                break;
            }
            self.open.pop();
        }
        let parent = self.open.last().copied();
        let index = self.count(parent);
        let step = PathStep::Item(index);
        self.open_entry(parent, step, at..at + 1, column)
    }

    fn key(&mut self, key: Range<usize>, column: usize) -> usize {
        let parent = self.close(column);
        let step = PathStep::Key(clean(&self.text[key.clone()]));
        self.open_entry(parent, step, key, column)
    }

    /// Closes what cannot hold anything at a column; returns what can.
    fn close(&mut self, column: usize) -> Option<usize> {
        while self.open.last().is_some_and(|it| self.entries[*it].column >= column) {
            self.open.pop();
        }
        self.open.last().copied()
    }

    fn open_entry(
        &mut self,
        parent: Option<usize>,
        step: PathStep<'a>,
        key: Range<usize>,
        column: usize,
    ) -> usize {
        let index = self.push(parent, step, key, column, false);
        self.open.push(index);
        self.touch(self.entries[index].key.start);
        index
    }

    /// Reads the value of an entry, which may go on over lines.
    fn value(&mut self, owner: usize, from: usize, line_end: usize) -> usize {
        let at = from + blanks(&self.text[from..line_end]);
        let at = at + properties(&self.text[at..line_end]);
        let rest = &self.text[at..line_end];
        let column = self.entries[owner].column;
        let is_comment = rest.starts_with('#') && at > from;
        let (shape, end) = match rest.chars().next() {
            None => (Shape::Below, at),
            Some('#') if is_comment => (Shape::Below, from),
            Some('|' | '>') => (Shape::Block, self.block_end(line_end, column)),
            Some('"' | '\'') => (Shape::Quoted, self.quoted_end(at, Some(column)).0),
            Some('[' | '{') => (Shape::Flow, self.flow(at, Some(owner))),
            Some(_) => (Shape::Plain, at + plain(rest).trim_end().len()),
        };
        let entry = &mut self.entries[owner];
        (entry.shape, entry.value) = (shape, at.min(end)..end);
        self.touch(end);
        if self.line_end(end) == self.text.len() && shape != Shape::Flow {
            self.end = self.end_of_value(owner, shape, at, rest);
        }
        end
    }

    fn end_of_value(&self, owner: usize, shape: Shape, at: usize, rest: &str) -> End {
        let ended = self.entries[owner].value.end;
        let spot = match shape {
            Shape::Below if rest.starts_with('#') => CursorContext::Nowhere,
            Shape::Block => CursorContext::Block(owner),
            Shape::Quoted if self.quoted_end(at, Some(self.entries[owner].column)).1 => {
                CursorContext::Nowhere
            }
            Shape::Plain if has_comment(rest) => CursorContext::Nowhere,
            Shape::Quoted if ended < self.text.len() => CursorContext::Nowhere,
            _ => CursorContext::Value(owner),
        };
        End { spot, word: at, flow: false }
    }

    /// Adds an entry; it ends where its key does.
    pub fn push(
        &mut self,
        parent: Option<usize>,
        step: PathStep<'a>,
        key: Range<usize>,
        column: usize,
        flow: bool,
    ) -> usize {
        let line = self.line_of(key.start);
        let value = key.end..key.end;
        let shape = Shape::Below;
        self.entries.push(OutlineEntry {
            parent,
            step,
            key,
            value,
            shape,
            column,
            line,
            last: line,
            flow,
        });
        self.entries.len() - 1
    }

    /// Returns the number of the next item of a list.
    pub fn count(&mut self, list: Option<usize>) -> usize {
        let count = self.counts.entry(list).or_default();
        *count += 1;
        *count - 1
    }

    /// Makes all that is open reach to a byte.
    fn touch(&mut self, at: usize) {
        let line = self.line_of(at);
        for index in &self.open {
            let last = &mut self.entries[*index].last;
            *last = line.max(*last);
        }
    }

    /// Returns where the text ends that is indented deeper than a column.
    fn block_end(&self, line_end: usize, column: usize) -> usize {
        let mut end = line_end;
        for start in &self.starts[self.line_of(line_end) + 1..] {
            let stop = self.line_end(*start);
            let line = &self.text[*start..stop];
            let indent = line.len() - line.trim_start().len();
            let (is_blank, is_last) = (line.trim().is_empty(), stop == self.text.len());
            if indent <= column && (is_last || !is_blank) {
                break;
            }
            if is_last || !is_blank {
                end = stop;
            }
        }
        end
    }

    /// Returns where a quoted text ends, and whether its quote does.
    pub fn quoted_end(&self, from: usize, column: Option<usize>) -> (usize, bool) {
        let bytes = self.text.as_bytes();
        let quote = bytes[from];
        let mut at = from + 1;
        while let Some(byte) = bytes.get(at) {
            match byte {
                b'\\' if quote == b'"' => at += 1,
                b'\'' if quote == b'\'' && bytes.get(at + 1) == Some(&b'\'') => at += 1,
                byte if *byte == quote => return (at + 1, true),
                b'\n' if self.leaves(at, column, &[]) => return (self.before_newline(at), false),
                _ => {}
            }
            at += 1;
        }
        (self.text.len(), false)
    }

    /// Tells whether the next line with anything in it, behind a newline, belongs to
    /// something outside: who forgets a bracket or a quote does not lose the rest.
    pub fn leaves(&self, newline: usize, column: Option<usize>, but: &[char]) -> bool {
        let rest = &self.text[newline..];
        let next = rest.trim_start();
        let indent = self.text.len() - next.len();
        let indent = indent - line_start(self.text, indent);
        column.is_some_and(|it| indent <= it) && !next.starts_with(but)
    }

    pub fn before_newline(&self, newline: usize) -> usize {
        newline - usize::from(self.text[..newline].ends_with('\r'))
    }

    pub fn line_of(&self, at: usize) -> usize {
        self.starts.partition_point(|it| *it <= at).saturating_sub(1)
    }

    /// Returns the end of a byte's line, before its newline.
    pub fn line_end(&self, at: usize) -> usize {
        match self.starts.get(self.line_of(at) + 1) {
            Some(next) => self.before_newline(next - 1),
            None => self.text.len(),
        }
    }
}
