//! The text buffer: content, cursor, selection and undo history.
//!
//! Every place is a byte, as it is for findings and completion; every change goes
//! through [`Writing::change`], so it can be taken back in one step and leaves all other
//! bytes as they are.

mod history;
mod lines;
mod motion;
mod shape;
mod text;

pub use motion::{Motion, indentation};
pub use shape::{Letter, byte_at, column_of, letters};
pub use text::{Change, Text};

use crate::tui::screens::editor::writing::history::{
    CursorState, EditKind, Swap, UndoHistory, UndoStep,
};
use std::ops::Range;
use unicode_segmentation::UnicodeSegmentation;

/// A text with a cursor.
#[derive(Debug)]
pub struct Writing {
    text: Text,
    spot: CursorState,
    /// The column that up and down try to keep.
    goal: Option<usize>,
    history: UndoHistory,
    /// Changes so far, also those that took others back.
    edits: u64,
}

impl Writing {
    pub fn new(text: String) -> Self {
        Self {
            text: Text::new(text),
            spot: CursorState::default(),
            goal: None,
            history: UndoHistory::default(),
            edits: 0,
        }
    }

    pub fn text(&self) -> &Text {
        &self.text
    }

    /// Returns how often the text was changed.
    pub fn edits(&self) -> u64 {
        self.edits
    }

    /// Returns how many steps are in force: those that were taken back are not.
    pub fn steps(&self) -> usize {
        self.history.steps()
    }

    /// Returns the byte behind the cursor.
    pub fn at(&self) -> usize {
        self.spot.at
    }

    /// Returns the line of the cursor.
    pub fn line(&self) -> usize {
        self.text.line_of(self.spot.at)
    }

    /// Returns the column of the cursor on the screen.
    pub fn column(&self) -> usize {
        let line = self.line();
        column_of(self.text.line(line), self.spot.at - self.text.start(line))
    }

    /// Returns where a selection that goes on begins.
    pub fn anchor(&self) -> Option<usize> {
        self.spot.anchor
    }

    /// Returns what is selected; nothing where that is no letter.
    pub fn selected(&self) -> Option<Range<usize>> {
        let anchor = self.spot.anchor.filter(|it| *it != self.spot.at)?;
        Some(anchor.min(self.spot.at)..anchor.max(self.spot.at))
    }

    /// Returns the text that is selected.
    pub fn selection(&self) -> Option<&str> {
        self.selected().map(|it| &self.text.as_str()[it])
    }

    pub fn select(&mut self, range: Range<usize>) {
        self.history.close();
        self.goal = None;
        self.spot = CursorState {
            at: self.text.floor(range.end),
            anchor: Some(self.text.floor(range.start)),
        };
    }

    /// Selects nothing; returns whether anything was selected.
    pub fn deselect(&mut self) -> bool {
        let was = self.selected().is_some();
        self.spot.anchor = None;
        was
    }

    /// Puts the cursor somewhere.
    pub fn jump(&mut self, at: usize) {
        self.history.close();
        self.goal = None;
        self.spot = CursorState { at: self.text.floor(at), anchor: None };
    }

    /// Moves the cursor; selects what it passes, or nothing any more.
    pub fn go(&mut self, motion: Motion, selecting: bool) {
        let towards = |range: Range<usize>| match motion {
            Motion::Left => Some(range.start),
            Motion::Right => Some(range.end),
            _ => None,
        };
        // A selection that is left is left at its edge.
        let edge = self.selected().filter(|_| !selecting).and_then(towards);
        let to = edge.unwrap_or_else(|| motion::go(&self.text, self.spot.at, motion));
        self.reach(to, selecting);
        self.goal = None;
    }

    /// Moves the cursor to another line, as near to its column as that allows.
    pub fn go_to_line(&mut self, line: usize, selecting: bool) {
        let goal = self.goal.unwrap_or_else(|| self.column());
        let to = self.text.start(line) + byte_at(self.text.line(line), goal);
        self.reach(to, selecting);
        self.goal = Some(goal);
    }

    /// Types a text over what is selected.
    pub fn insert(&mut self, text: &str) {
        let range = self.selected().unwrap_or(self.spot.at..self.spot.at);
        let letter = text.graphemes(true).count() == 1 && !text.contains('\n');
        let kind = if letter && range.is_empty() { EditKind::Typing } else { EditKind::Whole };
        self.make(vec![Change::new(range, text)], kind);
    }

    /// Inserts what was copied elsewhere, with the line ends of this text.
    pub fn paste(&mut self, text: &str) {
        let ending = self.text.fresh_ending(self.line());
        let text = text.replace("\r\n", "\n").replace('\r', "\n").replace('\n', ending);
        let range = self.selected().unwrap_or(self.spot.at..self.spot.at);
        self.make(vec![Change::new(range, text)], EditKind::Whole);
    }

    /// Removes what is selected, or what a motion passes; returns whether anything was.
    pub fn erase(&mut self, motion: Motion) -> bool {
        let to = motion::go(&self.text, self.spot.at, motion);
        let passed = self.spot.at.min(to)..self.spot.at.max(to);
        let letter = matches!(motion, Motion::Left | Motion::Right);
        let (range, kind) = match self.selected() {
            Some(range) => (range, EditKind::Whole),
            None if letter => (passed, EditKind::Erasing),
            None => (passed, EditKind::Whole),
        };
        if range.is_empty() {
            return false;
        }
        self.make(vec![Change::new(range, "")], kind);
        true
    }

    /// Makes changes that are in order and do not touch each other, as one step. The
    /// cursor and what is selected stay with their letters.
    pub fn change(&mut self, changes: Vec<Change>) {
        self.make(changes, EditKind::Whole);
    }

    /// Makes changes and puts the cursor to a place in what comes of them.
    pub fn change_and_jump(&mut self, changes: Vec<Change>, to: usize) {
        self.change(changes);
        self.jump(to);
        self.history.arrive(self.spot);
    }

    /// Takes the last step back; returns whether there was one.
    pub fn undo(&mut self) -> bool {
        let Some(step) = self.history.back() else { return false };
        for Swap { at, gone, come } in step.swaps.iter().rev() {
            self.text.replace(*at..at + come.len(), gone);
        }
        self.spot = step.before;
        self.goal = None;
        self.edits += 1;
        true
    }

    /// Makes it again.
    pub fn redo(&mut self) -> bool {
        let Some(step) = self.history.forth() else { return false };
        for Swap { at, gone, come } in &step.swaps {
            self.text.replace(*at..at + gone.len(), come);
        }
        self.spot = step.after;
        self.goal = None;
        self.edits += 1;
        true
    }

    fn reach(&mut self, to: usize, selecting: bool) {
        self.history.close();
        let anchor = self.spot.anchor.unwrap_or(self.spot.at);
        self.spot = CursorState { at: to, anchor: selecting.then_some(anchor) };
    }

    fn make(&mut self, changes: Vec<Change>, kind: EditKind) {
        let before = self.spot;
        self.goal = None;
        self.spot = CursorState {
            at: moved(before.at, &changes),
            anchor: before.anchor.filter(|_| changes.len() > 1).map(|it| moved(it, &changes)),
        };
        // From the last to the first, so that places stay true.
        let swap = |Change { range, text: come }: Change| {
            let at = range.start;
            Swap { at, gone: self.text.replace(range, &come), come }
        };
        let swaps: Vec<Swap> = changes.into_iter().rev().map(swap).collect();
        if !swaps.is_empty() {
            self.edits += 1;
            self.history.push(UndoStep { kind, swaps, before, after: self.spot });
        }
    }
}

/// Returns where a place is after changes: behind what came where it was.
fn moved(at: usize, changes: &[Change]) -> usize {
    let mut moved = at;
    for Change { range, text } in changes.iter().filter(|it| it.range.start <= at) {
        let gone = range.end.min(at) - range.start;
        moved = moved - gone + text.len();
    }
    moved
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn writing(text: &str) -> Writing {
        Writing::new(text.to_owned())
    }

    fn typed(writing: &mut Writing, text: &str) {
        text.graphemes(true).for_each(|it| writing.insert(it));
    }

    #[test]
    fn undo_takes_back_word_by_word_and_redo_makes_again() {
        let mut writing = writing("");
        typed(&mut writing, "one two");
        assert!(writing.undo());
        assert_eq!(writing.text().as_str(), "one ");
        assert!(writing.redo() && !writing.redo());
        assert_eq!((writing.text().as_str(), writing.at()), ("one two", 7));
        assert!(writing.undo() && writing.undo() && !writing.undo());
        assert_eq!(writing.text().as_str(), "");
    }

    #[test]
    fn what_is_typed_elsewhere_is_a_step_of_its_own() {
        let mut writing = writing("");
        typed(&mut writing, "ab");
        writing.go(Motion::Left, false);
        writing.go(Motion::Right, false);
        typed(&mut writing, "c");
        writing.undo();
        assert_eq!(writing.text().as_str(), "ab");
    }

    #[test]
    fn what_is_selected_is_replaced_in_one_step() {
        let mut writing = writing("a: old");
        writing.select(3..6);
        writing.insert("n");
        assert_eq!(writing.text().as_str(), "a: n");
        assert!(writing.undo());
        assert_eq!((writing.text().as_str(), writing.selection()), ("a: old", Some("old")));
    }

    #[test]
    fn many_changes_are_one_step_and_the_cursor_stays_with_its_letter() {
        let mut writing = writing("x1 x2 x3");
        writing.jump(4);
        let all = [0..1, 3..4, 6..7].map(|it| Change::new(it, "long"));
        writing.change(all.to_vec());
        assert_eq!((writing.text().as_str(), writing.at()), ("long1 long2 long3", 10));
        assert!(writing.undo());
        assert_eq!((writing.text().as_str(), writing.at()), ("x1 x2 x3", 4));
    }

    #[test]
    fn up_and_down_keep_the_column_where_a_line_has_it() {
        let mut writing = writing("long line\nab\n日本語日本語");
        writing.jump(7);
        writing.go_to_line(1, false);
        assert_eq!(writing.at(), 12);
        writing.go_to_line(2, false);
        assert_eq!(writing.column(), 6);
    }

    #[test]
    fn a_paste_takes_the_line_ends_of_the_text() {
        let mut writing = writing("a\r\nb");
        writing.paste("1\n2\r3\r\n");
        assert_eq!(writing.text().as_str(), "1\r\n2\r\n3\r\na\r\nb");
    }

    #[derive(Debug, Clone)]
    enum Deed {
        Insert(String),
        Paste(String),
        Erase(bool),
        Go(usize),
        Select(usize, usize),
    }

    fn deed() -> impl Strategy<Value = Deed> {
        prop_oneof![
            "[aü \\n日]{1,3}".prop_map(Deed::Insert),
            "[b\\r\\n]{0,4}".prop_map(Deed::Paste),
            any::<bool>().prop_map(Deed::Erase),
            (0..40_usize).prop_map(Deed::Go),
            (0..40_usize, 0..40_usize).prop_map(|it| Deed::Select(it.0, it.1)),
        ]
    }

    proptest! {
        #[test]
        fn everything_can_be_taken_back_and_made_again(
            text in "[a\\r\\n\\tü]{0,20}", deeds in prop::collection::vec(deed(), 0..20),
        ) {
            let mut writing = Writing::new(text.clone());
            for deed in deeds {
                match deed {
                    Deed::Insert(text) => writing.insert(&text),
                    Deed::Paste(text) => writing.paste(&text),
                    Deed::Erase(left) => {
                        writing.erase(if left { Motion::Left } else { Motion::Right });
                    }
                    Deed::Go(at) => writing.jump(at),
                    Deed::Select(from, to) => writing.select(from..to),
                }
            }
            let end = writing.text().as_str().to_owned();
            let mut steps = 0;
            while writing.undo() {
                steps += 1;
            }
            prop_assert_eq!(writing.text().as_str(), text);
            for _ in 0..steps {
                prop_assert!(writing.redo());
            }
            prop_assert_eq!(writing.text().as_str(), end);
        }
    }
}
