//! Stream merge: puts the lines of many sources into the order of time as they come in.

use crate::domain::logs::LogLine;
use jiff::Timestamp;
use std::{
    cmp::Reverse,
    collections::{BTreeMap, BinaryHeap, VecDeque},
    vec,
};

/// Merges sources that are in order themselves, as a log file is.
///
/// A line is given out once every source that is waited for has shown its next one, so
/// that no more is held than a batch or two of each. `T` goes with a batch and is dropped
/// once its last line is given out: whoever fills the batches waits for that.
#[derive(Debug)]
pub struct Merge<T> {
    sources: BTreeMap<u32, LineSource<T>>,
    /// The next line of each source that has one.
    heads: BinaryHeap<Reverse<(Timestamp, u32)>>,
    /// Sources that are waited for and have no line at hand.
    missing: usize,
}

#[derive(Debug)]
struct LineSource<T> {
    batches: VecDeque<(vec::IntoIter<LogLine>, T)>,
    awaited: bool,
}

impl<T> Default for Merge<T> {
    fn default() -> Self {
        Self { sources: BTreeMap::new(), heads: BinaryHeap::new(), missing: 0 }
    }
}

impl<T> Merge<T> {
    /// Waits for a source from now on.
    pub fn expect(&mut self, key: u32) {
        let new = LineSource { batches: VecDeque::new(), awaited: false };
        let source = self.sources.entry(key).or_insert(new);
        if !source.awaited {
            source.awaited = true;
            self.missing += usize::from(source.batches.is_empty());
        }
    }

    /// Waits for a source no more: it ended, or nobody knows when it goes on. Lines of it
    /// that are there, or still come, are given out in their turn.
    pub fn waive(&mut self, key: u32) {
        let Some(source) = self.sources.get_mut(&key) else { return };
        if source.awaited {
            source.awaited = false;
            self.missing -= usize::from(source.batches.is_empty());
        }
        if source.batches.is_empty() {
            self.sources.remove(&key);
        }
    }

    /// Takes the next lines of a source.
    pub fn push(&mut self, key: u32, lines: Vec<LogLine>, token: T) {
        let Some(first) = lines.first().map(|it| it.at) else { return };
        let new = LineSource { batches: VecDeque::new(), awaited: false };
        let source = self.sources.entry(key).or_insert(new);
        if source.batches.is_empty() {
            self.heads.push(Reverse((first, key)));
            self.missing -= usize::from(source.awaited);
        }
        source.batches.push_back((lines.into_iter(), token));
    }

    /// Returns the next line, if it is certain that none comes before it.
    pub fn next_line(&mut self) -> Option<LogLine> {
        if self.missing > 0 {
            return None;
        }
        let Reverse((_, key)) = self.heads.pop()?;
        let source = self.sources.get_mut(&key)?;
        let (batch, _) = source.batches.front_mut()?;
        let line = batch.next();
        if batch.as_slice().is_empty() {
            source.batches.pop_front();
        }
        match source.batches.front().and_then(|it| it.0.as_slice().first()) {
            Some(next) => self.heads.push(Reverse((next.at, key))),
            None if source.awaited => self.missing += 1,
            None => _ = self.sources.remove(&key),
        }
        line
    }

    /// Returns whether no line is held and none is waited for.
    pub fn is_done(&self) -> bool {
        self.missing == 0 && self.heads.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::logs::Stream;
    use proptest::prelude::*;
    use std::sync::Arc;

    fn line(millis: i64, text: &str) -> LogLine {
        LogLine {
            at: Timestamp::from_millisecond(millis).unwrap(),
            stream: Stream::Stdout,
            task: None,
            node: None,
            service: None,
            text: text.to_owned(),
        }
    }

    fn lines(times: &[i64]) -> Vec<LogLine> {
        times.iter().map(|it| line(*it, &it.to_string())).collect()
    }

    fn drained(merge: &mut Merge<()>) -> Vec<i64> {
        std::iter::from_fn(|| merge.next_line()).map(|it| it.at.as_millisecond()).collect()
    }

    #[test]
    fn a_line_waits_until_every_source_has_shown_its_next() {
        let mut merge = Merge::default();
        merge.expect(1);
        merge.expect(2);
        merge.push(1, lines(&[1, 4]), ());
        assert_eq!(drained(&mut merge), [0_i64; 0]);
        merge.push(2, lines(&[2, 3]), ());
        assert_eq!(drained(&mut merge), [1, 2, 3]);
        merge.waive(2);
        assert_eq!(drained(&mut merge), [4]);
        assert!(!merge.is_done());
        merge.waive(1);
        assert!(merge.is_done());
    }

    #[test]
    fn who_is_waived_holds_nobody_up_and_is_not_lost() {
        let mut merge = Merge::default();
        merge.expect(1);
        merge.expect(2);
        merge.push(1, lines(&[5, 9]), ());
        merge.waive(2);
        assert_eq!(drained(&mut merge), [5, 9]);
        merge.push(2, lines(&[1]), ());
        assert_eq!(drained(&mut merge), [0_i64; 0]);
        merge.push(1, lines(&[10]), ());
        assert_eq!(drained(&mut merge), [1, 10]);
    }

    #[test]
    fn a_batch_frees_its_room_with_its_last_line() {
        let mut merge = Merge::default();
        let room = Arc::new(());
        merge.push(1, lines(&[1, 2]), Arc::clone(&room));
        merge.next_line();
        assert_eq!(Arc::strong_count(&room), 2);
        merge.next_line();
        assert_eq!(Arc::strong_count(&room), 1);
    }

    proptest! {
        #[test]
        fn all_lines_come_once_and_in_order(
            mut sources in proptest::collection::vec(proptest::collection::vec(0_i64..50, 0..30), 1..6),
            size in 1_usize..7,
        ) {
            let mut merge = Merge::default();
            let mut queues = Vec::new();
            for (key, times) in (0..).zip(&mut sources) {
                times.sort_unstable();
                merge.expect(key);
                queues.push(times.chunks(size).map(lines).collect::<VecDeque<_>>());
            }
            let mut told = Vec::new();
            while queues.iter().any(|it| !it.is_empty()) {
                for (key, queue) in (0..).zip(&mut queues) {
                    match queue.pop_front() {
                        Some(batch) => merge.push(key, batch, ()),
                        None => merge.waive(key),
                    }
                    told.extend(drained(&mut merge));
                }
            }
            (0..).zip(&queues).for_each(|it| merge.waive(it.0));
            told.extend(drained(&mut merge));
            let mut all = sources.concat();
            all.sort_unstable();
            prop_assert_eq!(told, all);
            prop_assert!(merge.is_done());
        }
    }
}
