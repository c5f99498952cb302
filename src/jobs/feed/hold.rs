//! Lines that were just written, held for a moment: those of another node that are
//! older may still be on their way.

use crate::domain::logs::LogLine;
use jiff::Timestamp;
use std::{
    collections::{BTreeMap, VecDeque},
    mem,
    time::Duration,
};
use tokio::time::Instant;

/// So long a line is held.
const HELD: Duration = Duration::from_millis(300);
/// So many bytes are; more of them and the oldest go on.
const MOST: usize = 8 << 20;

/// Gives lines out in the order of time, each some moments after it came.
#[derive(Debug, Default)]
pub struct Hold {
    lines: BTreeMap<(Timestamp, u64), LogLine>,
    /// When what came by then goes on, up to which moment.
    due: VecDeque<(Instant, Timestamp)>,
    taken: u64,
    bytes: usize,
}

impl Hold {
    pub fn put(&mut self, lines: Vec<LogLine>, now: Instant) {
        let Some(newest) = lines.iter().map(|it| it.at).max() else { return };
        for line in lines {
            self.bytes += weight(&line);
            self.lines.insert((line.at, self.taken), line);
            self.taken += 1;
        }
        self.due.push_back((now + HELD, newest));
    }

    /// Returns when the next lines go on.
    pub fn next_due(&self) -> Option<Instant> {
        self.due.front().map(|it| it.0)
    }

    /// Gives out what was held long enough.
    pub fn release(&mut self, now: Instant) -> Vec<LogLine> {
        let mut until = None;
        while self.due.front().is_some_and(|it| it.0 <= now)
            && let Some((_, newest)) = self.due.pop_front()
        {
            until = until.max(Some(newest));
        }
        let mut out: Vec<LogLine> = match until {
            Some(until) => {
                let rest = self.lines.split_off(&(until, u64::MAX));
                mem::replace(&mut self.lines, rest).into_values().collect()
            }
            None => Vec::new(),
        };
        self.bytes -= out.iter().map(weight).sum::<usize>();
        while self.bytes > MOST
            && let Some((_, line)) = self.lines.pop_first()
        {
            self.bytes -= weight(&line);
            out.push(line);
        }
        out
    }
}

impl Hold {
    /// Gives out all of it: nothing more comes.
    pub fn rest(&mut self) -> Vec<LogLine> {
        mem::take(self).lines.into_values().collect()
    }
}

/// What a line takes in memory, about.
pub fn weight(line: &LogLine) -> usize {
    line.text.len() + 128
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::logs::Stream;

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

    fn times(lines: &[LogLine]) -> Vec<i64> {
        lines.iter().map(|it| it.at.as_millisecond()).collect()
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
}
