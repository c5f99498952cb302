//! The log buffer: lines in the order of time, with a limit of memory.

use crate::domain::{
    logs::{
        LogLine, Stream,
        arena::{self, Arena, TextRef},
        sources::{LineOrigin, LineSource, Sources},
    },
    text::escape,
};
use jiff::Timestamp;
use std::collections::VecDeque;

/// The place of an entry. Goes up by one from entry to entry and is never used
/// again: a view keeps its position while old lines go and new ones come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Seq(pub u64);

/// How much a buffer keeps.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BufferLimits {
    pub lines: usize,
    /// Bytes of text, 1 GiB at most.
    pub bytes: usize,
}

/// One row of the record.
#[derive(Debug, Clone, Copy)]
pub enum LogEntry<'a> {
    Line(Line<'a>),
    Mark(Mark<'a>),
}

/// A line as it is kept: the text is clean ([`escape::clean`]).
#[derive(Debug, Clone, Copy)]
pub struct Line<'a> {
    pub at: Timestamp,
    pub stream: Stream,
    pub source: &'a LineSource,
    pub text: &'a str,
}

/// Something that no container wrote: `api.1 restarted`, a gap, a line drawn by
/// the operator.
#[derive(Debug, Clone, Copy)]
pub struct Mark<'a> {
    pub at: Timestamp,
    pub text: &'a str,
}

/// Keeps the newest lines, ordered by time.
///
/// A line that comes late is put where it belongs among the last ones: those of
/// the last 5 s, 4 096 at most. What is older is *sealed*: nothing is ever
/// put before it, and its [`Seq`] is final.
#[derive(Debug)]
pub struct LogBuffer {
    limits: BufferLimits,
    slots: VecDeque<Slot>,
    texts: Arena,
    sources: Sources,
    /// Place of the first slot.
    first: u64,
    /// Places before this one are final.
    sealed: u64,
    /// Entries that were put before others.
    late: u64,
}

/// An entry in 24 bytes.
#[derive(Debug, Clone, Copy)]
struct Slot {
    /// Nanoseconds since 1970.
    at: i64,
    text: TextRef,
    /// [`MARK`] for marks.
    source: u32,
    stream: Stream,
}

const MARK: u32 = u32::MAX;
const LATE_NANOS: i64 = 5_000_000_000;
const LATE_ENTRIES: u64 = 4_096;

impl Default for BufferLimits {
    /// A hundred thousand lines, 16 MiB of text.
    fn default() -> Self {
        Self { lines: 100_000, bytes: 16 << 20 }
    }
}

impl LogBuffer {
    pub fn new(limits: BufferLimits) -> Self {
        let limits =
            BufferLimits { lines: limits.lines.max(1), bytes: limits.bytes.min(arena::MOST) };
        Self {
            limits,
            slots: VecDeque::new(),
            texts: Arena::default(),
            sources: Sources::default(),
            first: 0,
            sealed: 0,
            late: 0,
        }
    }

    /// Takes a line; the oldest ones go where it needs their room.
    pub fn push(&mut self, line: &LogLine) {
        let source = self.sources.hold(line);
        self.insert(line.at, source, line.stream, &escape::clean(&line.text));
    }

    /// Takes a mark.
    pub fn mark(&mut self, at: Timestamp, text: &str) {
        self.insert(at, MARK, Stream::Stdout, &escape::clean(text));
    }

    /// Forgets everything. Places already given are not used again.
    pub fn clear(&mut self) {
        while self.evict() {}
        self.sealed = self.first;
    }

    /// Asks for the label of every source; `None` leaves it as it is.
    pub fn name_sources(&mut self, label: impl FnMut(&LineOrigin) -> Option<String>) {
        self.sources.name(label);
    }

    /// Returns whether a source goes by its id because nobody has named it yet.
    pub fn has_unnamed_sources(&self) -> bool {
        self.sources.has_unnamed()
    }

    /// Returns where the lines held come from, in no order.
    pub fn sources(&self) -> impl Iterator<Item = &LineSource> {
        self.sources.iter()
    }

    pub fn len(&self) -> usize {
        self.slots.len()
    }

    pub fn is_empty(&self) -> bool {
        self.slots.is_empty()
    }

    /// Returns the bytes of text held.
    pub fn bytes(&self) -> usize {
        self.texts.bytes()
    }

    /// Returns the place of the oldest entry held.
    pub fn first(&self) -> Seq {
        Seq(self.first)
    }

    /// Returns the place after the newest entry.
    pub fn end(&self) -> Seq {
        Seq(self.first + self.slots.len() as u64)
    }

    /// Returns the place from which on entries may still be put between.
    pub fn sealed(&self) -> Seq {
        Seq(self.sealed)
    }

    /// Returns how many entries were put before others so far.
    pub fn late(&self) -> u64 {
        self.late
    }

    /// Returns a number that changes whenever a label does.
    pub fn renamed(&self) -> u64 {
        self.sources.renamed()
    }

    /// Returns the place of the first entry at or after a moment.
    pub fn seq_at(&self, at: Timestamp) -> Option<Seq> {
        let at = i64::try_from(at.as_nanosecond()).unwrap_or(i64::MIN);
        let index = self.slots.partition_point(|it| it.at < at);
        (index < self.slots.len()).then_some(Seq(self.first + index as u64))
    }

    /// Returns an entry while it is held.
    pub fn get(&self, seq: Seq) -> Option<LogEntry<'_>> {
        self.slot(seq).map(|it| self.entry(it))
    }

    /// Returns all entries with their places, oldest first.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = (Seq, LogEntry<'_>)> {
        self.slots
            .iter()
            .enumerate()
            .map(|(index, slot)| (Seq(self.first + index as u64), self.entry(slot)))
    }

    fn slot(&self, seq: Seq) -> Option<&Slot> {
        let index = usize::try_from(seq.0.checked_sub(self.first)?).ok()?;
        self.slots.get(index)
    }

    fn entry(&self, slot: &Slot) -> LogEntry<'_> {
        let at = Timestamp::from_nanosecond(i128::from(slot.at)).unwrap_or(Timestamp::UNIX_EPOCH);
        let text = self.texts.get(slot.text);
        match self.sources.get(slot.source) {
            Some(source) => LogEntry::Line(Line { at, stream: slot.stream, source, text }),
            None => LogEntry::Mark(Mark { at, text }),
        }
    }

    fn insert(&mut self, at: Timestamp, source: u32, stream: Stream, text: &str) {
        let at = i64::try_from(at.as_nanosecond()).unwrap_or(0);
        let slot = Slot { at, text: self.texts.add(text), source, stream };
        let movable = usize::try_from(self.end().0 - self.sealed).unwrap_or(0);
        let later = self.slots.iter().rev().take(movable).take_while(|it| it.at > at).count();
        if later == 0 {
            self.slots.push_back(slot);
        } else {
            self.slots.insert(self.slots.len() - later, slot);
            self.late += 1;
        }
        while self.slots.len() > self.limits.lines
            || (self.texts.bytes() > self.limits.bytes && self.slots.len() > 1)
        {
            self.evict();
        }
        self.seal();
    }

    /// Drops the oldest entry; returns whether there was one.
    fn evict(&mut self) -> bool {
        let Some(slot) = self.slots.pop_front() else { return false };
        self.texts.forget(slot.text);
        if slot.source != MARK {
            self.sources.release(slot.source);
        }
        self.first += 1;
        true
    }

    fn seal(&mut self) {
        self.sealed = self.sealed.max(self.first);
        let Some(newest) = self.slots.back().map(|it| it.at) else { return };
        let is_old = |it: &Slot| it.at < newest.saturating_sub(LATE_NANOS);
        while self.end().0 - self.sealed > LATE_ENTRIES
            || self.slot(Seq(self.sealed)).is_some_and(is_old)
        {
            self.sealed += 1;
        }
    }
}

impl<'a> LogEntry<'a> {
    pub fn at(&self) -> Timestamp {
        match self {
            Self::Line(line) => line.at,
            Self::Mark(mark) => mark.at,
        }
    }

    pub fn text(&self) -> &'a str {
        match self {
            Self::Line(line) => line.text,
            Self::Mark(mark) => mark.text,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::swarm::names::TaskId;

    fn buffer(lines: usize, bytes: usize) -> LogBuffer {
        LogBuffer::new(BufferLimits { lines, bytes })
    }

    fn line(millis: i64, task: &str, text: &str) -> LogLine {
        LogLine {
            at: Timestamp::from_millisecond(millis).unwrap(),
            stream: Stream::Stdout,
            task: Some(TaskId::from(task)),
            node: None,
            service: None,
            text: text.to_owned(),
        }
    }

    fn texts(buffer: &LogBuffer) -> Vec<&str> {
        buffer.iter().map(|it| it.1.text()).collect()
    }

    #[test]
    fn the_oldest_lines_go_first_and_places_stay() {
        let mut buffer = buffer(3, 1_000);
        for number in 0..5 {
            buffer.push(&line(number, "a", &number.to_string()));
        }
        assert_eq!(texts(&buffer), ["2", "3", "4"]);
        assert_eq!((buffer.first(), buffer.end()), (Seq(2), Seq(5)));
        assert_eq!(buffer.get(Seq(3)).unwrap().text(), "3");
        assert!(buffer.get(Seq(1)).is_none());
        assert!(buffer.get(Seq(5)).is_none());
    }

    #[test]
    fn text_has_its_own_limit_and_the_newest_line_always_stays() {
        let mut buffer = buffer(100, 10);
        for text in ["1234", "5678", "90"] {
            buffer.push(&line(0, "a", text));
        }
        assert_eq!(buffer.bytes(), 10);
        buffer.push(&line(0, "a", "x"));
        assert_eq!(texts(&buffer), ["5678", "90", "x"]);
        buffer.push(&line(0, "a", "longer than all"));
        assert_eq!(texts(&buffer), ["longer than all"]);
    }

    #[test]
    fn late_lines_find_their_place_and_equal_times_keep_theirs() {
        let mut buffer = buffer(100, 1_000);
        for (millis, text) in [(0, "a"), (100, "c"), (50, "b"), (100, "d"), (0, "a2")] {
            buffer.push(&line(millis, "x", text));
        }
        assert_eq!(texts(&buffer), ["a", "a2", "b", "c", "d"]);
        assert_eq!(buffer.late(), 2);
    }

    #[test]
    fn nothing_is_put_before_what_is_sealed() {
        let mut buffer = buffer(100, 1_000);
        for (millis, text) in [(0, "a"), (2_500, "b"), (6_250, "c"), (7_501, "d")] {
            buffer.push(&line(millis, "x", text));
        }
        assert_eq!(buffer.sealed(), Seq(2));
        buffer.push(&line(1, "x", "very late"));
        assert_eq!(texts(&buffer), ["a", "b", "very late", "c", "d"]);
    }

    #[test]
    fn only_so_many_lines_can_be_overtaken() {
        let mut buffer = buffer(10_000, 1_000_000);
        for _ in 0..5_000 {
            buffer.push(&line(100, "x", "now"));
        }
        buffer.push(&line(50, "x", "late"));
        assert_eq!(buffer.sealed(), Seq(5_001 - 4_096));
        assert_eq!(buffer.get(Seq(5_000 - 4_096)).unwrap().text(), "late");
    }

    #[test]
    fn marks_stand_among_the_lines() {
        let mut buffer = buffer(100, 1_000);
        buffer.push(&line(0, "x", "a"));
        buffer.push(&line(20, "x", "b"));
        buffer.mark(Timestamp::from_millisecond(10).unwrap(), "restarted\x1b[2J");
        assert_eq!(texts(&buffer), ["a", "restarted", "b"]);
        assert!(matches!(buffer.get(Seq(1)), Some(LogEntry::Mark(_))));
    }

    #[test]
    fn a_source_lives_as_long_as_its_lines() {
        let mut buffer = buffer(2, 1_000);
        for task in ["a", "b", "a", "c", "d"] {
            buffer.push(&line(0, task, task));
        }
        let labels: Vec<_> = buffer.sources().map(|it| it.label().to_string()).collect();
        assert_eq!(labels.len(), 2, "{labels:?}");
        for (_, entry) in buffer.iter() {
            let LogEntry::Line(line) = entry else { panic!("{entry:?}") };
            assert_eq!(**line.source.label(), *line.text);
        }
    }

    #[test]
    fn sources_get_names_when_they_are_known() {
        let mut buffer = buffer(10, 1_000);
        buffer.push(&line(0, "abcdefghijklmnop", "x"));
        assert_eq!(**buffer.sources().next().unwrap().label(), *"abcdefghijkl");
        assert!(buffer.has_unnamed_sources());
        buffer.name_sources(|origin| origin.task.as_ref().map(|_| "api.1@node2".to_owned()));
        let source = buffer.sources().next().unwrap();
        assert_eq!((&**source.label(), source.width()), ("api.1@node2", 11));
        assert!(!buffer.has_unnamed_sources());
        assert_eq!(buffer.renamed(), 1);
    }

    #[test]
    fn clearing_uses_no_place_twice() {
        let mut buffer = buffer(10, 1_000);
        buffer.push(&line(0, "a", "x"));
        buffer.clear();
        assert!(buffer.is_empty());
        buffer.push(&line(0, "a", "y"));
        assert_eq!((buffer.first(), buffer.end()), (Seq(1), Seq(2)));
        assert_eq!(texts(&buffer), ["y"]);
    }

    #[test]
    fn an_entry_takes_24_bytes() {
        assert_eq!(size_of::<Slot>(), 24);
    }
}
