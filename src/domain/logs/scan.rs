//! Filter index: which entries of a buffer a view shows, cached.

use crate::domain::{
    logs::buffer::{LogBuffer, LogEntry, Seq},
    text::{
        escape,
        filter::{Filter, Matching},
    },
};
use std::{
    collections::{BTreeSet, VecDeque},
    ops::Range,
    sync::Arc,
};

/// What a view lets through and looks for.
#[derive(Debug, Default)]
pub struct Choice {
    pub filter: Filter,
    pub search: Filter,
    /// Labels of sources that are not shown.
    pub hidden: BTreeSet<Arc<str>>,
}

/// The entries that pass, as far as they are known: new ones are looked at
/// first, old ones from the newest backwards.
///
/// Invariant: `shown` and `hits` hold exactly the entries of `known` that pass,
/// in order, `marks` those of `shown` that are marks; but with nothing to choose by,
/// `shown` stays empty and all pass.
#[derive(Debug, Default)]
pub struct Scan {
    shown: VecDeque<u64>,
    hits: VecDeque<u64>,
    marks: VecDeque<u64>,
    known: Range<u64>,
    /// The buffer's state when it was read last.
    sealed: u64,
    late: u64,
    renamed: u64,
}

/// A choice at work.
struct Sieve<'a> {
    filter: Matching<'a>,
    search: Option<Matching<'a>>,
    hidden: &'a BTreeSet<Arc<str>>,
}

impl Choice {
    /// Returns whether an entry is shown. Marks always are.
    pub fn shows(&self, matching: &mut Matching<'_>, entry: &LogEntry<'_>) -> bool {
        passes(matching, &self.hidden, entry)
    }

    fn shows_all(&self) -> bool {
        self.filter.is_empty() && self.hidden.is_empty()
    }

    fn sieve(&self) -> Sieve<'_> {
        Sieve {
            filter: self.filter.matching(),
            search: (!self.search.is_empty()).then(|| self.search.matching()),
            hidden: &self.hidden,
        }
    }
}

impl Scan {
    /// Looks at entries that are new, and then at older ones that are not known
    /// yet, `most` in all. Returns whether everything is known.
    pub fn catch_up(&mut self, choice: &Choice, buffer: &LogBuffer, most: usize) -> bool {
        self.forget(choice, buffer);
        if choice.shows_all() && choice.search.is_empty() {
            return true;
        }
        let (first, end) = (buffer.first().0, buffer.end().0);
        let mut sieve = choice.sieve();
        let most = most as u64;
        let newer = self.known.end..end.min(self.known.end.saturating_add(most));
        let left = most - (newer.end - newer.start);
        for seq in newer {
            self.known.end = seq + 1;
            let (shown, hit) = sieve.try_on(buffer, seq);
            if shown {
                self.shown.push_back(seq);
                if is_mark(buffer, seq) {
                    self.marks.push_back(seq);
                }
            }
            if hit {
                self.hits.push_back(seq);
            }
        }
        for seq in (first.max(self.known.start.saturating_sub(left))..self.known.start).rev() {
            self.known.start = seq;
            let (shown, hit) = sieve.try_on(buffer, seq);
            if shown {
                self.shown.push_front(seq);
                if is_mark(buffer, seq) {
                    self.marks.push_front(seq);
                }
            }
            if hit {
                self.hits.push_front(seq);
            }
        }
        self.known == (first..end)
    }

    /// Returns whether every entry was looked at.
    pub fn is_complete(&self, choice: &Choice, buffer: &LogBuffer) -> bool {
        (choice.shows_all() && choice.search.is_empty())
            || self.known == (buffer.first().0..buffer.end().0)
    }

    /// Forgets all that is known, because the choice changed.
    pub fn restart(&mut self, buffer: &LogBuffer) {
        self.shown.clear();
        self.hits.clear();
        self.marks.clear();
        self.known = buffer.end().0..buffer.end().0;
        self.sealed = buffer.sealed().0;
        self.late = buffer.late();
        self.renamed = buffer.renamed();
    }

    /// Returns the places of entries shown, as a list.
    pub fn shown<'a>(&'a self, choice: &Choice, buffer: &LogBuffer) -> ShownEntries<'a> {
        if choice.shows_all() {
            return ShownEntries::All(buffer.first().0..buffer.end().0);
        }
        ShownEntries::Some(&self.shown)
    }

    /// Returns how many lines pass; marks always do, and are no lines.
    pub fn lines(&self) -> usize {
        self.shown.len() - self.marks.len()
    }

    /// Returns the places of entries that were searched for.
    pub fn hits(&self) -> ShownEntries<'_> {
        ShownEntries::Some(&self.hits)
    }

    /// Forgets what the buffer dropped, and what may have moved since.
    fn forget(&mut self, choice: &Choice, buffer: &LogBuffer) {
        let first = buffer.first().0;
        let is_stale = !choice.hidden.is_empty() && self.renamed != buffer.renamed();
        if self.known.end <= first || is_stale {
            self.restart(buffer);
        }
        if self.late != buffer.late() {
            self.known.end = self.known.end.min(self.sealed.max(self.known.start));
            for list in [&mut self.shown, &mut self.hits, &mut self.marks] {
                list.truncate(list.partition_point(|it| *it < self.known.end));
            }
        }
        self.known.start = self.known.start.max(first);
        for list in [&mut self.shown, &mut self.hits, &mut self.marks] {
            list.drain(..list.partition_point(|it| *it < first));
        }
        self.sealed = buffer.sealed().0;
        self.late = buffer.late();
        self.renamed = buffer.renamed();
    }
}

/// Places in order.
#[derive(Debug, Clone)]
pub enum ShownEntries<'a> {
    All(Range<u64>),
    Some(&'a VecDeque<u64>),
}

impl ShownEntries<'_> {
    pub fn len(&self) -> usize {
        match self {
            Self::All(range) => usize::try_from(range.end - range.start).unwrap_or(usize::MAX),
            Self::Some(list) => list.len(),
        }
    }

    /// Returns the place at an index.
    pub fn get(&self, index: usize) -> Option<Seq> {
        match self {
            Self::All(range) => {
                let seq = range.start.checked_add(index as u64)?;
                (seq < range.end).then_some(Seq(seq))
            }
            Self::Some(list) => list.get(index).copied().map(Seq),
        }
    }

    /// Returns the index of the first place at or after `seq`.
    pub fn index_of(&self, seq: Seq) -> usize {
        match self {
            Self::All(range) => {
                let index = seq.0.clamp(range.start, range.end) - range.start;
                usize::try_from(index).unwrap_or(usize::MAX)
            }
            Self::Some(list) => list.partition_point(|it| *it < seq.0),
        }
    }
}

impl Sieve<'_> {
    /// Whether an entry is shown, and whether it is a hit as well.
    fn try_on(&mut self, buffer: &LogBuffer, seq: u64) -> (bool, bool) {
        let Some(entry) = buffer.get(Seq(seq)) else { return (false, false) };
        if !passes(&mut self.filter, self.hidden, &entry) {
            return (false, false);
        }
        let is_hit = |it: &mut Matching<'_>| it.keeps(&escape::plain(entry.text()));
        (true, self.search.as_mut().is_some_and(is_hit))
    }
}

fn is_mark(buffer: &LogBuffer, seq: u64) -> bool {
    matches!(buffer.get(Seq(seq)), Some(LogEntry::Mark(_)))
}

fn passes(filter: &mut Matching<'_>, hidden: &BTreeSet<Arc<str>>, entry: &LogEntry<'_>) -> bool {
    let LogEntry::Line(line) = entry else { return true };
    if !hidden.is_empty() && hidden.contains(line.source.label()) {
        return false;
    }
    filter.keeps(&escape::plain(line.text))
}
