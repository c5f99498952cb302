//! Reorder buffer: holds new lines for a moment, because earlier ones of other nodes may still
//! arrive.
//!
//! The rule: nothing is held for longer than [`HELD`], and what is given out goes before
//! all that is held and has a later moment. What comes later than that is given out at
//! once, with the moment it has.

use crate::domain::logs::{LogLine, Note};
use jiff::Timestamp;
use std::{
    collections::{BTreeMap, VecDeque},
    mem,
    time::Duration,
};
use tokio::time::Instant;

/// How long something is held.
const HELD: Duration = Duration::from_millis(300);
/// So many bytes are; more of them and the oldest go on.
const MOST: usize = 8 << 20;

/// A line, or what happened to those who write them.
#[derive(Debug, Clone)]
pub enum Item {
    Line(LogLine),
    Note(Note),
}

/// Gives out lines and notes in the order of time, each some moments after it came.
#[derive(Debug, Default)]
pub struct Hold {
    items: BTreeMap<(Timestamp, u64), Item>,
    /// When what came by then goes on, up to which moment.
    due: VecDeque<(Instant, Timestamp)>,
    taken: u64,
    bytes: usize,
}

impl Hold {
    pub fn put(&mut self, lines: Vec<LogLine>, now: Instant) {
        self.take(lines.into_iter().map(Item::Line), now);
    }

    pub fn put_notes(&mut self, notes: impl IntoIterator<Item = Note>, now: Instant) {
        self.take(notes.into_iter().map(Item::Note), now);
    }

    fn take(&mut self, items: impl Iterator<Item = Item>, now: Instant) {
        let mut newest = None;
        for item in items {
            self.bytes += item.weight();
            newest = newest.max(Some(item.at()));
            self.items.insert((item.at(), self.taken), item);
            self.taken += 1;
        }
        self.due.extend(newest.map(|it| (now + HELD, it)));
    }

    /// Returns when the next goes on.
    pub fn next_due(&self) -> Option<Instant> {
        self.due.front().map(|it| it.0)
    }

    /// Gives out what was held long enough.
    pub fn release(&mut self, now: Instant) -> Vec<Item> {
        let mut until = None;
        while self.due.front().is_some_and(|it| it.0 <= now)
            && let Some((_, newest)) = self.due.pop_front()
        {
            until = until.max(Some(newest));
        }
        let mut out: Vec<Item> = match until {
            Some(until) => {
                let rest = self.items.split_off(&(until, u64::MAX));
                mem::replace(&mut self.items, rest).into_values().collect()
            }
            None => Vec::new(),
        };
        self.bytes -= out.iter().map(Item::weight).sum::<usize>();
        while self.bytes > MOST
            && let Some((_, item)) = self.items.pop_first()
        {
            self.bytes -= item.weight();
            out.push(item);
        }
        out
    }

    /// Gives out all of it: nothing more comes.
    pub fn rest(&mut self) -> Vec<Item> {
        mem::take(self).items.into_values().collect()
    }
}

impl Item {
    fn at(&self) -> Timestamp {
        match self {
            Self::Line(line) => line.at,
            Self::Note(note) => note.at,
        }
    }

    fn weight(&self) -> usize {
        match self {
            Self::Line(line) => weight(line),
            Self::Note(note) => note.text.len() + 128,
        }
    }
}

/// What a line takes in memory, about.
pub fn weight(line: &LogLine) -> usize {
    line.text.len() + 128
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::logs::{NoteKind, Stream};
    use proptest::prelude::*;

    fn line(millis: i64, length: usize) -> LogLine {
        LogLine {
            at: Timestamp::from_millisecond(millis).unwrap(),
            stream: Stream::Stdout,
            task: None,
            node: None,
            service: None,
            text: "x".repeat(length),
        }
    }

    fn note(millis: i64) -> Note {
        Note::new(Timestamp::from_millisecond(millis).unwrap(), NoteKind::Life, "ended")
    }

    fn times(items: &[Item]) -> Vec<i64> {
        items.iter().map(|it| it.at().as_millisecond()).collect()
    }

    #[test]
    fn what_comes_in_time_is_put_before_what_is_held() {
        let (mut hold, start) = (Hold::default(), Instant::now());
        hold.put(vec![line(10, 1), line(20, 1)], start);
        assert_eq!(hold.next_due(), Some(start + HELD));
        assert_eq!(times(&hold.release(start + HELD / 2)), [0_i64; 0]);
        hold.put(vec![line(5, 1), line(30, 1)], start + HELD / 2);
        assert_eq!(times(&hold.release(start + HELD)), [5, 10, 20]);
        assert_eq!(times(&hold.release(start + HELD * 2)), [30]);
        assert_eq!((hold.next_due(), hold.bytes), (None, 0));
    }

    #[test]
    fn no_more_is_held_than_there_is_room_for() {
        let (mut hold, start) = (Hold::default(), Instant::now());
        hold.put((0..20).map(|it| line(it, 1 << 20)).collect(), start);
        assert_eq!(times(&hold.release(start)).len(), 13);
        assert_eq!(times(&hold.release(start + HELD)).len(), 7);
    }

    proptest! {
        #[test]
        fn nothing_goes_on_before_what_is_held_and_older_and_nothing_is_held_longer(
            comes in proptest::collection::vec((0_u64..200, -500_i64..500, any::<bool>()), 1..60),
        ) {
            let (mut hold, start) = (Hold::default(), Instant::now());
            let mut elapsed = 0;
            // When it came, and its moment.
            let mut held: Vec<(u64, i64)> = Vec::new();
            for (later, off, is_note) in comes {
                elapsed += later;
                let now = start + Duration::from_millis(elapsed);
                let moment = i64::try_from(elapsed).unwrap() + off;
                held.push((elapsed, moment));
                match is_note {
                    true => hold.put_notes([note(moment)], now),
                    false => hold.put(vec![line(moment, 1)], now),
                }
                let given = times(&hold.release(now));
                prop_assert!(given.is_sorted());
                for it in &given {
                    held.remove(held.iter().position(|held| held.1 == *it).unwrap());
                }
                let (last, oldest) = (given.last(), held.iter().map(|it| it.1).min());
                prop_assert!(last.zip(oldest.as_ref()).is_none_or(|it| it.0 <= it.1));
                prop_assert!(held.iter().all(|it| elapsed - it.0 < 300));
            }
            held.sort_by_key(|it| it.1);
            prop_assert_eq!(times(&hold.rest()), held.iter().map(|it| it.1).collect::<Vec<_>>());
        }
    }
}
