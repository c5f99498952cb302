//! How far logs were read, so that reading goes on where it stopped.

use crate::domain::{
    logs::{LogLine, LogRequest},
    names::TaskId,
};
use jiff::Timestamp;
use std::{cmp::Ordering, collections::BTreeMap};

/// The last line that was read of each task.
///
/// Tasks are read at different paces: one moment for all of them would skip lines
/// of the slow ones, or repeat those of the fast.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Progress(BTreeMap<TaskId, Reached>);

/// Where the reading of a task is. Lines of one task come in their order, but not
/// each has a moment of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Reached {
    /// The newest moment.
    pub at: Timestamp,
    /// How many lines had it.
    pub lines: usize,
}

impl Progress {
    /// Notes lines that were read.
    pub fn note<'a>(&mut self, lines: impl IntoIterator<Item = &'a LogLine>) {
        for line in lines {
            self.note_one(line);
        }
    }

    fn note_one(&mut self, line: &LogLine) {
        let Some(task) = &line.task else { return };
        let first = Reached { at: line.at, lines: 1 };
        match self.0.get_mut(task) {
            None => _ = self.0.insert(task.clone(), first),
            Some(reached) => match line.at.cmp(&reached.at) {
                Ordering::Greater => *reached = first,
                Ordering::Equal => reached.lines += 1,
                Ordering::Less => {}
            },
        }
    }

    /// Returns whether a line was read before. Each may be asked about once, in
    /// the order of its task.
    pub fn forget(&mut self, line: &LogLine) -> bool {
        let Some(reached) = line.task.as_ref().and_then(|it| self.0.get_mut(it)) else {
            return false;
        };
        match line.at.cmp(&reached.at) {
            Ordering::Less => true,
            Ordering::Equal if reached.lines > 0 => {
                reached.lines -= 1;
                true
            }
            Ordering::Equal | Ordering::Greater => false,
        }
    }

    /// Returns where the reading of a task is, if it began.
    pub fn of(&self, task: &TaskId) -> Option<Reached> {
        self.0.get(task).copied()
    }

    /// Returns what it knows of one task.
    #[must_use]
    pub fn only(&self, task: &TaskId) -> Self {
        Self(self.0.get_key_value(task).map(|(id, it)| (id.clone(), *it)).into_iter().collect())
    }

    /// Returns the moment from which on lines of some of these tasks are missing.
    pub fn oldest(&self, of: impl Fn(&TaskId) -> bool) -> Option<Timestamp> {
        self.0.iter().filter(|it| of(it.0)).map(|it| it.1.at).min()
    }
}

impl LogRequest {
    /// Returns how to go on behind what was read. Tasks of which nothing was read
    /// are new, and all of their lines are asked for.
    #[must_use]
    pub fn behind(&self, read: Progress) -> Self {
        let tail = self.tail.filter(|_| read == Progress::default());
        Self { tail, read, ..self.clone() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::logs::Stream;

    fn line(task: &str, second: i64) -> LogLine {
        LogLine {
            at: Timestamp::from_second(second).unwrap(),
            stream: Stream::Stdout,
            task: Some(task.into()),
            node: None,
            service: None,
            text: String::new(),
        }
    }

    #[test]
    fn what_was_read_is_known_once_and_no_more() {
        let mut progress = Progress::default();
        for (task, second) in [("a", 1), ("a", 2), ("a", 2), ("b", 9), ("a", 1)] {
            progress.note([&line(task, second)]);
        }
        let known = [
            ("a", 1, true),
            ("a", 2, true),
            ("a", 2, true),
            ("a", 2, false),
            ("a", 3, false),
            ("b", 8, true),
            ("b", 9, true),
            ("b", 9, false),
            ("c", 1, false),
        ];
        for (task, second, expected) in known {
            assert_eq!(progress.forget(&line(task, second)), expected, "{task} {second}");
        }
    }

    #[test]
    fn reading_goes_on_at_the_oldest_last_line() {
        let mut progress = Progress::default();
        for (task, second) in [("a", 1), ("a", 5), ("b", 3)] {
            progress.note([&line(task, second)]);
        }
        let at = |second| Timestamp::from_second(second).ok();
        assert_eq!(progress.oldest(|it| it.as_str() == "a"), at(5));
        assert_eq!(progress.oldest(|_| true), at(3));
        assert_eq!(progress.oldest(|_| false), None);
    }
}
