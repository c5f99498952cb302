//! Log positions: how far a log was read, so that reading resumes there.

use crate::domain::{logs::LogLine, swarm::names::TaskId};
use jiff::Timestamp;
use std::collections::BTreeMap;

/// The last line that was read of each task.
///
/// Tasks are read at different paces: one moment for all of them would skip lines
/// of the slow ones, or repeat those of the fast.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ReadProgress(BTreeMap<TaskId, Reached>);

/// Where the reading of a task is: its last line, in the order in which its container
/// wrote. That order is not quite that of time, since both outputs take their time
/// by themselves, and a clock may be set back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Reached {
    /// The moment of the last line.
    pub at: Timestamp,
    /// How many lines in a row had it.
    pub lines: usize,
    /// The latest moment of all lines.
    pub newest: Timestamp,
}

/// Leaves out lines that were read before, of a stream that starts further back.
#[derive(Debug, Default)]
pub struct AlreadyRead(BTreeMap<TaskId, Reached>);

impl ReadProgress {
    /// Notes lines that were read.
    pub fn note<'a>(&mut self, lines: impl IntoIterator<Item = &'a LogLine>) {
        for line in lines {
            self.note_one(line);
        }
    }

    fn note_one(&mut self, line: &LogLine) {
        let Some(task) = &line.task else { return };
        let first = Reached { at: line.at, lines: 1, newest: line.at };
        match self.0.get_mut(task) {
            None => _ = self.0.insert(task.clone(), first),
            Some(reached) if reached.at == line.at => reached.lines += 1,
            Some(reached) => *reached = Reached { newest: reached.newest.max(line.at), ..first },
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

    /// Returns what it knows of some tasks.
    #[must_use]
    pub fn those<'a>(&self, tasks: impl Iterator<Item = &'a TaskId>) -> Self {
        let known = |id: &'a TaskId| Some((id.clone(), *self.0.get(id)?));
        Self(tasks.filter_map(known).collect())
    }

    /// Returns the moment from which on lines are missing, of whichever task.
    pub fn oldest(&self) -> Option<Timestamp> {
        self.0.values().map(|it| it.at).min()
    }

    /// Returns what tells lines apart that were read.
    pub fn known(&self) -> AlreadyRead {
        AlreadyRead(self.0.clone())
    }
}

impl AlreadyRead {
    /// Returns whether a line was read before. Each may be asked about once, in the
    /// order of its task: behind the last line that was read, all are new.
    pub fn leaves_out(&mut self, line: &LogLine) -> bool {
        let Some(task) = &line.task else { return false };
        let Some(reached) = self.0.get_mut(task) else { return false };
        if line.at > reached.newest {
            self.0.remove(task);
            return false;
        }
        if line.at == reached.at {
            reached.lines -= 1;
            if reached.lines == 0 {
                self.0.remove(task);
            }
        }
        true
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

    fn check(read: &[(&str, i64)], again: &[(&str, i64, bool)]) {
        let mut progress = ReadProgress::default();
        for (task, second) in read {
            progress.note([&line(task, *second)]);
        }
        let mut known = progress.known();
        for (task, second, expected) in again {
            assert_eq!(known.leaves_out(&line(task, *second)), *expected, "{task} {second}");
        }
    }

    #[test]
    fn what_was_read_is_known_once_and_no_more() {
        check(
            &[("a", 1), ("a", 2), ("a", 2), ("b", 9)],
            &[
                ("a", 1, true),
                ("a", 2, true),
                ("a", 2, true),
                ("a", 2, false),
                ("a", 3, false),
                ("b", 8, true),
                ("b", 9, true),
                ("b", 9, false),
                ("c", 1, false),
            ],
        );
    }

    #[test]
    fn behind_the_last_line_all_are_new_whatever_the_clock_says() {
        check(
            &[("a", 5), ("a", 6)],
            &[("a", 5, true), ("a", 6, true), ("a", 2, false), ("a", 6, false)],
        );
        check(&[("a", 6), ("a", 2)], &[("a", 6, true), ("a", 2, true), ("a", 3, false)]);
    }

    #[test]
    fn a_line_that_is_gone_from_the_log_leaves_out_no_later_one() {
        check(&[("a", 5)], &[("a", 4, true), ("a", 6, false), ("a", 5, false)]);
    }

    #[test]
    fn reading_goes_on_at_the_oldest_last_line() {
        let mut progress = ReadProgress::default();
        assert_eq!(progress.oldest(), None);
        progress.note([&line("a", 1), &line("a", 5), &line("b", 3)]);
        assert_eq!(progress.oldest(), Timestamp::from_second(3).ok());
    }
}
