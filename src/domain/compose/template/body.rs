//! Template body: the lines of the stack file, the placeholders in them, and the escaping of
//! values.

use crate::domain::compose::template::parameter::is_name;
use std::collections::BTreeMap;

/// So deep choices may stand in each other: whoever reads them goes down as deep.
const DEPTH: usize = 64;

/// A text with places for values.
#[derive(Debug, Clone)]
pub struct Body(Vec<Part>);

/// A place that wants the value of a parameter.
#[derive(Debug, PartialEq, Eq)]
pub struct Hole<'a> {
    pub name: &'a str,
    /// In the file, from 1.
    pub line: usize,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Part {
    Text(String),
    Value { name: String, quotes: Quotes, line: usize },
    Choice { name: String, wanted: bool, then: Body, otherwise: Body, line: usize },
}

impl PartialEq for Body {
    fn eq(&self, other: &Self) -> bool {
        self.0 == other.0
    }
}

impl Eq for Body {}

/// What a place stands in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Quotes {
    None,
    Single,
    Double,
    Comment,
}

impl Body {
    /// Reads a text that `skipped` lines of its file precede.
    pub fn parse(text: &str, skipped: usize) -> Result<Self, String> {
        let lines = text.split_inclusive('\n').enumerate();
        let mut lines = lines.map(|(number, line)| (skipped + number + 1, line));
        let (body, end) = Self::block(&mut lines, None, 0)?;
        match end {
            None => Ok(body),
            Some((line, _)) => Err(format!("line {line}: there is no `((if …))` before this")),
        }
    }

    /// Returns all places, in their order.
    pub fn holes(&self) -> Vec<Hole<'_>> {
        self.0.iter().flat_map(Part::holes).collect()
    }

    /// Returns the text with all values, and the parameters whose values would have to
    /// stand in quotes; these stand there as they are.
    pub fn fill<'a>(&'a self, values: &BTreeMap<&str, &str>) -> (String, Vec<&'a str>) {
        let (mut text, mut unquoted) = (String::new(), Vec::new());
        self.fill_into(values, &mut text, &mut unquoted);
        unquoted.dedup();
        (text, unquoted)
    }

    fn fill_into<'a>(
        &'a self,
        values: &BTreeMap<&str, &str>,
        text: &mut String,
        unquoted: &mut Vec<&'a str>,
    ) {
        let value = |name: &str| values.get(name).copied().unwrap_or_default();
        for part in &self.0 {
            match part {
                Part::Text(it) => text.push_str(it),
                Part::Value { name, quotes, .. } => {
                    let value = value(name);
                    let quoted = quotes.escape(value);
                    if quoted.is_none() {
                        unquoted.push(name);
                    }
                    text.push_str(quoted.as_deref().unwrap_or(value));
                }
                Part::Choice { name, wanted, then, otherwise, .. } => {
                    let is_on = !matches!(value(name), "" | "false");
                    let chosen = if is_on == *wanted { then } else { otherwise };
                    chosen.fill_into(values, text, unquoted);
                }
            }
        }
    }

    /// Reads up to the line that ends a block, and returns that too.
    fn block<'a>(
        lines: &mut impl Iterator<Item = (usize, &'a str)>,
        opened: Option<usize>,
        depth: usize,
    ) -> Result<(Self, Option<(usize, Mark<'a>)>), String> {
        let mut parts = Vec::new();
        while let Some((number, line)) = lines.next() {
            match Mark::of(line) {
                None => pieces(line, number, &mut parts),
                Some(Mark::If { .. }) if depth == DEPTH => {
                    return Err(format!("line {number}: more than {DEPTH} `((if …))` are nested"));
                }
                Some(Mark::If { name, wanted }) => {
                    parts.push(Self::choice(lines, number, (name, wanted), depth + 1)?);
                }
                Some(end) => return Ok((Self(parts), Some((number, end)))),
            }
        }
        match opened {
            None => Ok((Self(parts), None)),
            Some(line) => Err(format!("line {line}: no `((end))` follows")),
        }
    }

    fn choice<'a>(
        lines: &mut impl Iterator<Item = (usize, &'a str)>,
        line: usize,
        (name, wanted): (&str, bool),
        depth: usize,
    ) -> Result<Part, String> {
        let (then, mut end) = Self::block(lines, Some(line), depth)?;
        let mut otherwise = Self(Vec::new());
        if matches!(end, Some((_, Mark::Else))) {
            (otherwise, end) = Self::block(lines, Some(line), depth)?;
        }
        match end {
            Some((at, Mark::Else)) => Err(format!("line {at}: a second `((else))`")),
            _ => Ok(Part::Choice { name: name.to_owned(), wanted, then, otherwise, line }),
        }
    }
}

impl Part {
    fn holes(&self) -> Vec<Hole<'_>> {
        match self {
            Self::Text(_) => Vec::new(),
            Self::Value { name, line, .. } => vec![Hole { name, line: *line }],
            Self::Choice { name, line, then, otherwise, .. } => {
                let mut holes = vec![Hole { name, line: *line }];
                holes.extend(then.holes());
                holes.extend(otherwise.holes());
                holes
            }
        }
    }
}

/// A comment that chooses between lines.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Mark<'a> {
    If { name: &'a str, wanted: bool },
    Else,
    End,
}

impl<'a> Mark<'a> {
    fn of(line: &'a str) -> Option<Self> {
        let inner = line.trim().strip_prefix('#')?.trim_start();
        let words = inner.strip_prefix("((")?.strip_suffix("))")?;
        let words: Vec<&str> = words.split_whitespace().collect();
        match words.as_slice() {
            ["if", "not", name] => Some(Self::If { name, wanted: false }),
            ["if", name] => Some(Self::If { name, wanted: true }),
            ["else"] => Some(Self::Else),
            ["end"] => Some(Self::End),
            _ => None,
        }
    }
}

/// Cuts a line at its places.
fn pieces(line: &str, number: usize, parts: &mut Vec<Part>) {
    let (mut rest, mut reader) = (0, QuoteReader::default());
    for (at, _) in line.match_indices("((") {
        // No name has a bracket in it, so no part of a line is read twice.
        let inner = &line[at + 2..];
        let Some(end) = inner.find(['(', ')']) else { break };
        let name = &inner[..end];
        if at < rest || !inner[end..].starts_with("))") || !is_name(name) {
            continue;
        }
        push_text(&line[rest..at], parts);
        let quotes = reader.read(&line[rest..at]);
        parts.push(Part::Value { name: name.to_owned(), quotes, line: number });
        rest = at + name.len() + 4;
    }
    push_text(&line[rest..], parts);
}

fn push_text(text: &str, parts: &mut Vec<Part>) {
    if let Some(Part::Text(last)) = parts.last_mut() {
        last.push_str(text);
    } else if !text.is_empty() {
        parts.push(Part::Text(text.to_owned()));
    }
}

/// Tells what each place of a line stands in.
struct QuoteReader {
    state: Quotes,
    previous: char,
    escaped: bool,
}

impl Default for QuoteReader {
    fn default() -> Self {
        Self { state: Quotes::None, previous: ' ', escaped: false }
    }
}

impl QuoteReader {
    /// Reads on up to a place, from the end of the one before.
    fn read(&mut self, between: &str) -> Quotes {
        for c in between.chars() {
            let starts = matches!(self.previous, ' ' | '[' | '{' | ',');
            self.state = match (self.state, c) {
                (Quotes::None, '\'') if starts => Quotes::Single,
                (Quotes::None, '"') if starts => Quotes::Double,
                (Quotes::None, '#') if self.previous == ' ' => Quotes::Comment,
                (Quotes::Single, '\'') => Quotes::None,
                (Quotes::Double, '"') if !self.escaped => Quotes::None,
                (state, _) => state,
            };
            self.escaped = c == '\\' && !self.escaped;
            self.previous = c;
        }
        let state = self.state;
        // What stands in the place ends with a bracket.
        (self.previous, self.escaped) = (')', false);
        state
    }
}

impl Quotes {
    /// Writes a value so that it is read as it is; `None` where it needs quotes.
    fn escape(self, value: &str) -> Option<String> {
        // A dollar sign would begin a variable.
        let value = if self == Self::Comment { value.to_owned() } else { value.replace('$', "$$") };
        match self {
            Self::Comment => Some(value),
            Self::Single => Some(value.replace('\'', "''")),
            Self::Double => Some(value.replace('\\', "\\\\").replace('"', "\\\"")),
            Self::None => {
                let plain = |it: char| it.is_ascii_alphanumeric() || "._/:@+-".contains(it);
                let starts = !value.starts_with(['-', ':', '@']) || value.parse::<i64>().is_ok();
                let sound = starts && !value.ends_with(':') && value.chars().all(plain);
                sound.then_some(value)
            }
        }
    }
}
