//! Rows of the screen, made of the entries on a page.

use crate::domain::{
    logs::{
        Stream,
        buffer::{LogBuffer, LogEntry, Seq},
        layout::{Piece, Sheet},
        sources::LineSource,
    },
    text::{elide, escape, filter::Matching},
};
use jiff::{Timestamp, tz::TimeZone};
use std::{ops::Range, sync::Arc};

/// Columns between the source and the text, for ` │ `; between the time and what
/// follows it is one.
pub const SEPARATOR_WIDTH: usize = 3;

/// One row of the screen: time, source, text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogRow {
    pub seq: Seq,
    pub kind: RowKind,
    /// Padded to its column; empty where times are off.
    pub time: String,
    /// Padded to its column; empty where sources are off.
    pub source: String,
    pub text: Vec<Piece>,
    /// Part of the entry that the search stands on.
    pub found: bool,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RowKind {
    /// The first row of a line, with the label of its source.
    Line { stream: Stream, label: Arc<str> },
    /// A further row of the line above; time and source are blank.
    Continued { stream: Stream },
    /// A mark; its source is blank.
    Mark,
}

/// How the time of a line is written.
#[derive(Debug, Clone, PartialEq)]
pub struct Times {
    pub zone: TimeZone,
    pub date: bool,
    pub millis: bool,
}

/// The columns left of the text; 0 for one that is off.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Columns {
    pub time: usize,
    pub source: usize,
}

/// Turns entries into rows.
#[derive(Debug)]
pub struct Press<'a> {
    pub times: Option<&'a Times>,
    pub columns: Columns,
    pub sheet: Sheet,
    /// What is marked as a hit.
    pub wanted: Matching<'a>,
    pub found: Option<Seq>,
}

impl Times {
    /// Writes a moment; every one takes the same columns.
    pub fn write(&self, at: Timestamp) -> String {
        let format = match (self.date, self.millis) {
            (false, false) => "%H:%M:%S",
            (false, true) => "%H:%M:%S.%3f",
            (true, false) => "%Y-%m-%d %H:%M:%S",
            (true, true) => "%Y-%m-%d %H:%M:%S.%3f",
        };
        at.to_zoned(self.zone.clone()).strftime(format).to_string()
    }

    fn width(&self) -> usize {
        let date = if self.date { 11 } else { 0 };
        let millis = if self.millis { 4 } else { 0 };
        date + 8 + millis
    }
}

impl Columns {
    /// Returns the columns for a screen of this width. The widest label decides,
    /// up to a third of the screen.
    pub fn new(times: Option<&Times>, sources: bool, buffer: &LogBuffer, width: usize) -> Self {
        let widest = buffer.sources().map(LineSource::width).max().unwrap_or(0);
        Self {
            time: times.map_or(0, Times::width),
            source: if sources { widest.min(width / 3) } else { 0 },
        }
    }

    /// Returns how far right the text begins.
    pub fn width(self) -> usize {
        let time = if self.time > 0 { self.time + 1 } else { 0 };
        let source = if self.source > 0 { self.source + SEPARATOR_WIDTH } else { 0 };
        time + source
    }
}

impl Press<'_> {
    /// Appends some rows of an entry.
    pub fn print(
        &mut self,
        to: &mut Vec<LogRow>,
        seq: Seq,
        entry: &LogEntry<'_>,
        rows: Range<usize>,
    ) {
        let hits = match entry {
            LogEntry::Line(line) => self.wanted.ranges(&escape::plain(line.text)),
            LogEntry::Mark(_) => Vec::new(),
        };
        let start = rows.start;
        for (index, text) in (start..).zip(self.sheet.lay(entry.text(), rows, &hits)) {
            let (time, source) = if index == 0 { self.head(entry) } else { Default::default() };
            let kind = match entry {
                LogEntry::Mark(_) => RowKind::Mark,
                LogEntry::Line(line) if index == 0 => {
                    RowKind::Line { stream: line.stream, label: Arc::clone(line.source.label()) }
                }
                LogEntry::Line(line) => RowKind::Continued { stream: line.stream },
            };
            let time = pad(time, self.columns.time);
            let source = pad(source, self.columns.source);
            to.push(LogRow { seq, kind, time, source, text, found: self.found == Some(seq) });
        }
    }

    fn head(&self, entry: &LogEntry<'_>) -> (String, String) {
        let time = self.times.map(|it| it.write(entry.at())).unwrap_or_default();
        let source = match entry {
            LogEntry::Line(line) => {
                elide::middle(line.source.label(), self.columns.source).into_owned()
            }
            LogEntry::Mark(_) => String::new(),
        };
        (time, source)
    }
}

fn pad(mut text: String, width: usize) -> String {
    let missing = width.saturating_sub(elide::width(&text));
    text.extend(std::iter::repeat_n(' ', missing));
    text
}
