//! The log view as a value: what a screen shows of a buffer, without drawing.

use crate::domain::{
    logs::{
        buffer::{LogBuffer, LogEntry, Seq},
        layout::{Flow, Sheet},
        page::{LogPage, RowPosition, ScrollPosition},
        row::{Columns, LogRow, Press, Times},
        scan::{Choice, Scan},
    },
    text::{escape, filter::Filter},
};
use jiff::Timestamp;
use std::sync::Arc;

/// How a buffer is looked at. Any number of views may look at the same one.
///
/// Whenever the buffer has changed, and after every setter that takes the
/// buffer, [`catch_up`](Self::catch_up) brings the view up to date; drawing
/// needs no more than `&self`.
#[derive(Debug, Default)]
pub struct LogView {
    choice: Choice,
    scan: Scan,
    place: ScrollPosition,
    found: Option<Seq>,
    times: Option<Times>,
    sources: bool,
    flow: Flow,
}

/// Columns and rows at hand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Size {
    pub width: usize,
    pub height: usize,
}

/// A way through the lines.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    /// To newer ones.
    Forward,
    /// To older ones.
    Backward,
}

/// What came of looking for the next hit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Search {
    Found,
    /// Found from the other end on.
    Wrapped,
    Nothing,
}

/// Where a view stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Status {
    pub following: bool,
    /// Entries that pass, as far as known.
    pub shown: usize,
    /// The same without marks, which are shown whatever is filtered for.
    pub matching: usize,
    /// Whether every entry was looked at.
    pub complete: bool,
    /// Entries in the buffer.
    pub held: usize,
    /// Index of the topmost entry among those shown.
    pub top: usize,
    /// Entries that were searched for, as far as known.
    pub hits: usize,
    /// Which of them the search stands on, from 1.
    pub hit: Option<usize>,
}

impl LogView {
    /// Looks at new entries, then at old ones not known yet, `most` in all.
    /// Returns whether there is nothing left to look at; the newest are known
    /// first, so that a page at the end is right long before.
    pub fn catch_up(&mut self, buffer: &LogBuffer, most: usize) -> bool {
        self.scan.catch_up(&self.choice, buffer, most)
    }

    pub fn filter(&self) -> &Filter {
        &self.choice.filter
    }

    pub fn set_filter(&mut self, filter: Filter, buffer: &LogBuffer) {
        self.choice.filter = filter;
        self.scan.restart(buffer);
    }

    pub fn search(&self) -> &Filter {
        &self.choice.search
    }

    /// Looks for lines without hiding others; [`find`](Self::find) goes there.
    pub fn set_search(&mut self, search: Filter, buffer: &LogBuffer) {
        self.choice.search = search;
        self.found = None;
        self.scan.restart(buffer);
    }

    /// Shows or hides the lines of all sources of this label.
    pub fn set_hidden(&mut self, label: &str, hidden: bool, buffer: &LogBuffer) {
        if hidden {
            self.choice.hidden.insert(Arc::from(label));
        } else {
            self.choice.hidden.remove(label);
        }
        self.scan.restart(buffer);
    }

    pub fn is_hidden(&self, label: &str) -> bool {
        self.choice.hidden.contains(label)
    }

    pub fn times(&self) -> Option<&Times> {
        self.times.as_ref()
    }

    pub fn set_times(&mut self, times: Option<Times>) {
        self.times = times;
    }

    pub fn shows_sources(&self) -> bool {
        self.sources
    }

    pub fn show_sources(&mut self, shown: bool) {
        self.sources = shown;
    }

    pub fn wraps(&self) -> bool {
        self.flow == Flow::Wrap
    }

    /// Wraps long lines, or lets them go on to the right of the screen.
    pub fn set_wrap(&mut self, wrap: bool) {
        self.flow = if wrap { Flow::Wrap } else { Flow::Shift(0) };
    }

    /// Moves lines that do not wrap by so many columns; to the left is negative.
    pub fn shift(&mut self, columns: isize) {
        if let Flow::Shift(shift) = &mut self.flow {
            *shift = shift.saturating_add_signed(columns);
        }
    }

    pub fn is_following(&self) -> bool {
        self.place == ScrollPosition::Following
    }

    /// Goes to the end and stays there.
    pub fn follow(&mut self) {
        self.place = ScrollPosition::Following;
    }

    /// Stays where it is, whatever comes.
    pub fn pause(&mut self, buffer: &LogBuffer, size: Size) {
        let page = self.page(buffer, size);
        self.place = page.place(page.top(self.place));
    }

    /// Goes to the oldest line.
    pub fn to_start(&mut self, buffer: &LogBuffer, size: Size) {
        self.place = self.page(buffer, size).place(RowPosition::default());
    }

    /// Puts the first entry at or after a moment on top; returns whether there is one.
    pub fn go_to(&mut self, at: Timestamp, buffer: &LogBuffer) -> bool {
        let Some(seq) = buffer.seq_at(at) else { return false };
        self.place = ScrollPosition::At(seq, 0);
        true
    }

    /// Returns whether the first row of the first entry is on top.
    pub fn is_at_start(&self, buffer: &LogBuffer, size: Size) -> bool {
        let page = self.page(buffer, size);
        page.top(self.place) == RowPosition::default()
    }

    /// Moves by rows; up is negative, and pauses. Down to the end follows again.
    pub fn scroll(&mut self, rows: isize, buffer: &LogBuffer, size: Size) {
        let page = self.page(buffer, size);
        let top = page.top(self.place);
        self.place = if rows < 0 {
            page.place(page.up(top, rows.unsigned_abs()))
        } else {
            match page.down(top, rows.unsigned_abs()) {
                spot if spot == page.bottom() => ScrollPosition::Following,
                spot => page.place(spot),
            }
        };
    }

    /// Goes to the next line that was searched for, seen from the last one found
    /// or else from the page, and on from the other end when there is none.
    pub fn find(&mut self, direction: Direction, buffer: &LogBuffer, size: Size) -> Search {
        let hits = self.scan.hits();
        let page = self.page(buffer, size);
        let entries = page.entries(page.top(self.place));
        let (next, last) = match direction {
            Direction::Forward => {
                let from = entries.first().map_or(buffer.end(), |it| it.0);
                let next =
                    self.found.map_or(hits.index_of(from), |it| hits.index_of(Seq(it.0 + 1)));
                (Some(next), 0)
            }
            Direction::Backward => {
                let from = entries.last().map_or(buffer.first(), |it| Seq(it.0.0 + 1));
                let next = hits.index_of(self.found.unwrap_or(from)).checked_sub(1);
                (next, hits.len().saturating_sub(1))
            }
        };
        let ahead = next.and_then(|it| hits.get(it));
        let Some(found) = ahead.or_else(|| hits.get(last)) else { return Search::Nothing };
        let is_on_page = entries.iter().any(|it| it.0 == found);
        let spot = RowPosition { index: page.shown.index_of(found), row: 0 };
        // Some lines before it tell what led there.
        let aim = if is_on_page { page.top(self.place) } else { page.up(spot, size.height / 3) };
        self.place = page.place(aim.min(page.bottom()));
        self.found = Some(found);
        if ahead.is_some() { Search::Found } else { Search::Wrapped }
    }

    /// Returns where the view stands.
    pub fn status(&self, buffer: &LogBuffer, size: Size) -> Status {
        let page = self.page(buffer, size);
        let hits = self.scan.hits();
        let hit = self.found.map(|it| (hits.index_of(it), it));
        Status {
            following: self.is_following(),
            shown: page.shown.len(),
            matching: self.scan.lines(),
            complete: self.scan.is_complete(&self.choice, buffer),
            held: buffer.len(),
            top: page.top(self.place).index,
            hits: hits.len(),
            hit: hit.filter(|it| hits.get(it.0) == Some(it.1)).map(|it| it.0 + 1),
        }
    }

    /// Returns the rows on screen, `height` of them at most.
    pub fn visible(&self, buffer: &LogBuffer, size: Size) -> Vec<LogRow> {
        let page = self.page(buffer, size);
        let wanted = [&self.choice.search, &self.choice.filter];
        let wanted = wanted.into_iter().find(|it| !it.is_empty()).unwrap_or(&self.choice.search);
        let mut press = Press {
            times: self.times.as_ref(),
            columns: self.columns(buffer, size),
            sheet: page.sheet,
            wanted: wanted.matching(),
            found: self.found,
        };
        let mut rows = Vec::with_capacity(size.height);
        for (seq, entry, range) in page.entries(page.top(self.place)) {
            press.print(&mut rows, seq, &entry, range);
        }
        rows
    }

    /// Returns the line that was found, or else the topmost one of a page that stands
    /// still, as plain text.
    pub fn pointed(&self, buffer: &LogBuffer, size: Size) -> Option<String> {
        let hits = self.scan.hits();
        let found = self.found.filter(|it| hits.get(hits.index_of(*it)) == Some(*it));
        let page = self.page(buffer, size);
        let top = || {
            let still = !self.is_following();
            still.then(|| page.entries(page.top(self.place)).first().map(|it| it.0)).flatten()
        };
        let seq = found.or_else(top)?;
        buffer.get(seq).map(|it| self.plain(&it))
    }

    /// Returns all that passes as plain text, to be saved: time, source, text.
    pub fn plain_lines<'a>(&'a self, buffer: &'a LogBuffer) -> impl Iterator<Item = String> + 'a {
        let mut matching = self.choice.filter.matching();
        let entries = buffer.iter().map(|it| it.1);
        entries.filter(move |it| self.choice.shows(&mut matching, it)).map(|it| self.plain(&it))
    }

    fn plain(&self, entry: &LogEntry<'_>) -> String {
        let at = self.stamp(entry.at());
        let text = escape::shown(entry.text());
        match entry {
            LogEntry::Line(line) => format!("{at} {} {text}", line.source.label()),
            LogEntry::Mark(_) => format!("{at} --- {text} ---"),
        }
    }

    /// A saved line says its date and zone, whatever the screen shows.
    fn stamp(&self, at: Timestamp) -> String {
        match &self.times {
            Some(times) => {
                at.to_zoned(times.zone.clone()).strftime("%Y-%m-%dT%H:%M:%S.%3f%:z").to_string()
            }
            None => format!("{at:.3}"),
        }
    }

    fn columns(&self, buffer: &LogBuffer, size: Size) -> Columns {
        Columns::new(self.times.as_ref(), self.sources, buffer, size.width)
    }

    fn page<'a>(&'a self, buffer: &'a LogBuffer, size: Size) -> LogPage<'a> {
        let width = size.width.saturating_sub(self.columns(buffer, size).width());
        LogPage {
            buffer,
            shown: self.scan.shown(&self.choice, buffer),
            sheet: Sheet::new(width, self.flow),
            height: size.height,
        }
    }
}
