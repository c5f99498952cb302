//! The YAML reader: anchors, merge keys, duplicates, size limits.

use crate::domain::compose::{
    codes,
    finding::{Finding, Findings},
    place::{At, Place},
    yaml::{
        broken,
        events::{Fatal, events},
        go,
        node::{MapEntry, Value, YamlNode},
        tagged,
    },
};
use granit_parser::{Event, Parser, ScalarStyle, Span, StrInput};
use std::{
    collections::{HashMap, hash_map},
    iter::Peekable,
    sync::Arc,
};

/// How much aliases may add, in units of [`weight`]: 100 000 nodes, a quarter of
/// what docker takes before it refuses a file.
const ALIASED: usize = 2 << 20;

/// Reads the first document of a file; `None` after an error that leaves no tree.
///
/// An empty document is a null.
pub fn parse(file: usize, bytes: &[u8], findings: &mut Findings) -> Option<YamlNode> {
    let text = match str::from_utf8(bytes) {
        Ok(text) => text,
        Err(err) => {
            let place = place_of_byte(file, bytes, err.valid_up_to());
            findings.push(
                Finding::new(&codes::YAML, place, "this is not UTF-8")
                    .hint("save the file as UTF-8"),
            );
            return None;
        }
    };
    let events = events(text).peekable();
    let mut reader = Reader {
        file,
        text,
        events,
        anchors: HashMap::new(),
        last: Place::default(),
        aliased: 0,
        findings,
    };
    match reader.document() {
        Ok(node) => Some(node),
        Err(finding) => {
            findings.push(*finding);
            None
        }
    }
}

/// Finds line and column of a byte in a text that may be broken from there on.
fn place_of_byte(file: usize, bytes: &[u8], at: usize) -> Place {
    let before = String::from_utf8_lossy(&bytes[..at]);
    let line = before.matches('\n').count() + 1;
    let column = before.rsplit('\n').next().map_or(0, |it| it.chars().count()) + 1;
    Place { file, line, column, start: at, end: at + 1 }
}

/// An anchored node; `None` while it is being read.
type Anchor = Option<(YamlNode, usize)>;

struct Reader<'a, 'f> {
    file: usize,
    text: &'a str,
    events: Peekable<Parser<'a, StrInput<'a>>>,
    anchors: HashMap<usize, Anchor>,
    /// Where the event stood that was read last.
    last: Place,
    /// What aliases added so far.
    aliased: usize,
    findings: &'f mut Findings,
}

impl<'a> Reader<'a, '_> {
    fn document(&mut self) -> Result<YamlNode, Fatal> {
        loop {
            match self.peek()? {
                (Event::StreamStart | Event::DocumentStart(..), _) => self.next()?,
                (Event::StreamEnd | Event::DocumentEnd, place) => {
                    return Ok(YamlNode { value: Value::Null, place });
                }
                _ => return self.node(),
            };
        }
    }

    fn node(&mut self) -> Result<YamlNode, Fatal> {
        let (event, mut place) = self.next()?;
        let (anchor, value) = match event {
            Event::Scalar(text, style, anchor, tag) => {
                (anchor, tagged::scalar(&text, style, tag.as_deref(), place, self.findings)?)
            }
            Event::SequenceStart(_, anchor, _) => {
                self.open(anchor);
                let value = self.list()?;
                self.close(&mut place);
                (anchor, value)
            }
            Event::MappingStart(_, anchor, _) => {
                self.open(anchor);
                let value = self.map()?;
                self.close(&mut place);
                (anchor, value)
            }
            Event::Alias(id) => return self.alias(id, place),
            Event::UnresolvedAlias(name) => {
                return Err(fatal(
                    &codes::YAML,
                    place,
                    format!("unknown anchor '{name}' referenced"),
                ));
            }
            other => return Err(fatal(&codes::YAML, place, format!("unexpected {other:?}"))),
        };
        let node = YamlNode { value, place };
        if anchor != 0 {
            let size = weight(&node);
            self.anchors.insert(anchor, Some((node.clone(), size)));
        }
        Ok(node)
    }

    fn open(&mut self, anchor: usize) {
        if anchor != 0 {
            self.anchors.insert(anchor, None);
        }
    }

    /// Lets a collection in brackets or braces end with them.
    fn close(&self, place: &mut Place) {
        let closes = |it: &str| it.starts_with([']', '}']);
        let opens = self.text.get(place.start..).is_some_and(|it| it.starts_with(['[', '{']));
        if opens && self.text.get(self.last.start..self.last.end).is_some_and(closes) {
            place.end = self.last.end;
        }
    }

    fn alias(&mut self, id: usize, place: Place) -> Result<YamlNode, Fatal> {
        let Some(Some((node, size))) = self.anchors.get(&id) else {
            return Err(fatal(&codes::YAML, place, "an anchor's value contains itself"));
        };
        self.aliased += size;
        if self.aliased > ALIASED {
            return Err(fatal(&codes::ALIASES, place, "document contains excessive aliasing"));
        }
        Ok(node.clone())
    }

    fn list(&mut self) -> Result<Value, Fatal> {
        let mut items = Vec::new();
        while !matches!(self.peek()?, (Event::SequenceEnd, _)) {
            items.push(self.node()?);
        }
        self.next()?;
        Ok(Value::List(items))
    }

    fn map(&mut self) -> Result<Value, Fatal> {
        let mut entries = Vec::new();
        let mut seen: HashMap<Arc<str>, Place> = HashMap::new();
        let mut merged = Vec::new();
        while !matches!(self.peek()?, (Event::MappingEnd, _)) {
            let is_merge = self.at_merge_key()?;
            self.refuse_tight_colon()?;
            let key = self.node()?;
            let value = self.node()?;
            let key = self.key(key, is_merge);
            match seen.entry(key.value.clone()) {
                hash_map::Entry::Occupied(first) => self.duplicate(&key, *first.get()),
                hash_map::Entry::Vacant(free) => {
                    free.insert(key.place);
                    if is_merge {
                        merged.push(value);
                    } else {
                        entries.push(MapEntry { key, value });
                    }
                }
            }
        }
        self.next()?;
        for source in merged {
            self.merge(source, &mut entries, &mut seen);
        }
        Ok(Value::Map(entries))
    }

    /// Docker takes the colon of `{a:}` and `{a:, b: c}` for a part of the word.
    fn refuse_tight_colon(&mut self) -> Result<(), Fatal> {
        let (Event::Scalar(word, ScalarStyle::Plain, ..), place) = self.peek()? else {
            return Ok(());
        };
        let message = format!("docker reads `{word}:` as a word here, not as a key");
        let column = place.column + word.chars().count() + 1;
        let after = self.text.get(place.end..).unwrap_or_default().trim_start();
        match after.strip_prefix(':') {
            Some(rest) if rest.starts_with([',', '[', ']', '{', '}']) => {
                let finding = Finding::new(&codes::TIGHT_COLON, place, message);
                let behind = self.text.len() - rest.len();
                let gap = Place { start: behind, end: behind, column, ..place };
                let finding = finding.hint("put a space after the colon");
                Err(Box::new(if behind == place.end + 1 { finding.fix(gap, " ") } else { finding }))
            }
            _ => Ok(()),
        }
    }

    fn at_merge_key(&mut self) -> Result<bool, Fatal> {
        let (event, _) = self.peek()?;
        Ok(matches!(event, Event::Scalar(text, ScalarStyle::Plain, _, None) if text == "<<"))
    }

    /// Takes a key as a text, and says so where it is none.
    fn key(&mut self, key: YamlNode, is_merge: bool) -> At<Arc<str>> {
        if is_merge {
            return At::new("<<".into(), key.place);
        }
        if let Value::Text(text) = key.value {
            return At::new(text, key.place);
        }
        let shown = go::print(&key.value).unwrap_or_else(|| "null".to_owned());
        let message = format!("{shown} is used as a key, but is not a string");
        let finding = Finding::new(&codes::NON_STRING_KEY, key.place, message);
        let finding = finding.hint("put it in quotes");
        let raw = self.text.get(key.place.bytes()).unwrap_or_default();
        let plain = |it: char| it.is_alphanumeric() || "._-+:".contains(it);
        self.findings.push(match !raw.is_empty() && raw.chars().all(plain) {
            true => finding.fix(key.place, format!("\"{raw}\"")),
            false => finding,
        });
        At::new(shown.into(), key.place)
    }

    fn duplicate(&mut self, key: &At<Arc<str>>, first: Place) {
        let message =
            format!("mapping key \"{}\" already defined at line {}", key.value, first.line);
        let finding = Finding::new(&codes::DUPLICATE_KEY, key.place, message);
        self.findings.push(finding.also(first, "first defined here"));
    }

    /// Adds what `<<` names: keys that stand in the mapping win, then the first
    /// that is listed.
    fn merge(
        &mut self,
        source: YamlNode,
        entries: &mut Vec<MapEntry>,
        seen: &mut HashMap<Arc<str>, Place>,
    ) {
        let sources = match source.value {
            Value::List(items) => items,
            _ => vec![source],
        };
        for source in sources {
            let Value::Map(more) = source.value else {
                let message = "map merge requires map or sequence of maps as the value";
                self.findings.say(&codes::YAML, source.place, message);
                continue;
            };
            for entry in more {
                if let hash_map::Entry::Vacant(free) = seen.entry(entry.key.value.clone()) {
                    free.insert(entry.key.place);
                    entries.push(entry);
                }
            }
        }
    }

    fn next(&mut self) -> Result<(Event<'a>, Place), Fatal> {
        match self.events.next() {
            Some(Ok((event, span))) => {
                self.last = place(self.file, span);
                Ok((event, self.last))
            }
            Some(Err(err)) => Err(broken::explain(self.file, self.text, &err)),
            None => Err(fatal(&codes::YAML, Place::whole(self.file), "unexpected end of the file")),
        }
    }

    fn peek(&mut self) -> Result<(&Event<'a>, Place), Fatal> {
        match self.events.peek() {
            Some(Ok((event, span))) => Ok((event, place(self.file, *span))),
            Some(Err(err)) => Err(broken::explain(self.file, self.text, err)),
            None => Err(fatal(&codes::YAML, Place::whole(self.file), "unexpected end of the file")),
        }
    }
}

fn fatal(code: &'static codes::Code, place: Place, message: impl Into<String>) -> Fatal {
    Box::new(Finding::new(code, place, message))
}

fn place(file: usize, span: Span) -> Place {
    let bytes = span.byte_range().unwrap_or_default();
    Place {
        file,
        line: span.start.line(),
        column: span.start.col() + 1,
        start: bytes.start,
        end: bytes.end,
    }
}

/// Returns what a node costs when an alias repeats it.
fn weight(node: &YamlNode) -> usize {
    20 + match &node.value {
        Value::Text(text) | Value::Time(text) => text.len(),
        Value::List(items) => items.iter().map(weight).sum(),
        Value::Map(entries) => entries.iter().map(|it| weight(&it.value) + it.key.len()).sum(),
        _ => 0,
    }
}
