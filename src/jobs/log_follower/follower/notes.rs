//! Pending task events of a log, until their time is reached.

use crate::domain::logs::Note;
use jiff::Timestamp;
use std::{collections::BTreeMap, mem};

/// Notes in the order of time, whenever they were found.
#[derive(Debug, Default)]
pub struct Notes {
    waiting: BTreeMap<(Timestamp, u64), Note>,
    taken: u64,
}

impl Notes {
    pub fn put(&mut self, notes: Vec<Note>) {
        for note in notes {
            self.waiting.insert((note.at, self.taken), note);
            self.taken += 1;
        }
    }

    /// Returns the next that happened by a moment.
    pub fn next_until(&mut self, at: Timestamp) -> Option<Note> {
        let is_next = self.waiting.keys().next().is_some_and(|it| it.0 <= at);
        is_next.then(|| self.waiting.pop_first())?.map(|it| it.1)
    }

    /// Returns all that are left.
    pub fn take(&mut self) -> impl Iterator<Item = Note> + use<> {
        mem::take(&mut self.waiting).into_values()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::logs::NoteKind;

    #[test]
    fn what_is_found_later_and_was_earlier_comes_first() {
        let at = |second| Timestamp::from_second(second).unwrap();
        let note = |second| Note::new(at(second), NoteKind::Life, second.to_string());
        let mut notes = Notes::default();
        notes.put(vec![note(1), note(9)]);
        notes.put(vec![note(4), note(9)]);
        let until = |notes: &mut Notes, to| {
            std::iter::from_fn(|| notes.next_until(at(to))).map(|it| it.text).collect::<Vec<_>>()
        };
        assert_eq!(until(&mut notes, 8), ["1", "4"]);
        assert_eq!(until(&mut notes, 8), [""; 0]);
        assert_eq!(notes.take().count(), 2);
    }
}
