//! Line operations: move, duplicate, delete, comment.

use crate::tui::screens::editor::writing::{
    Change, Motion, Writing, history::EditKind, indentation,
};
use std::ops::RangeInclusive;

/// What one step of indentation is in stack files.
pub const INDENT: &str = "  ";

impl Writing {
    /// Returns the lines that are selected, or that of the cursor. A line whose first
    /// letter is not selected is not among them.
    pub fn own_lines(&self) -> RangeInclusive<usize> {
        let Some(range) = self.selected() else { return self.line()..=self.line() };
        let first = self.text.line_of(range.start);
        let last = self.text.line_of(range.end);
        let reached = last == first || self.text.start(last) < range.end;
        first..=if reached { last } else { last - 1 }
    }

    /// Begins a new line, indented as what it stands in.
    pub fn break_line(&mut self) {
        let line = self.line();
        let before = self.text.before(self.spot.at);
        let blank = before.trim().is_empty() && self.text.line(line).trim().is_empty();
        let indent = if blank { before.to_owned() } else { deeper(before) };
        let text = format!("{}{indent}", self.text.fresh_ending(line));
        let range = match self.selected() {
            Some(range) => range,
            // Blanks that nobody sees are not left behind.
            None if blank => self.text.start(line)..self.text.end(line),
            None => self.spot.at..self.spot.at,
        };
        self.make(vec![Change::new(range, text)], EditKind::Whole);
    }

    /// Removes a letter, or a step of indentation.
    pub fn erase_back(&mut self) -> bool {
        let before = self.text.before(self.spot.at);
        let indented = !before.is_empty() && before.bytes().all(|it| it == b' ');
        if self.selected().is_some() || !indented || !before.len().is_multiple_of(INDENT.len()) {
            return self.erase(Motion::Left);
        }
        let range = self.spot.at - INDENT.len()..self.spot.at;
        self.make(vec![Change::new(range, "")], EditKind::Erasing);
        true
    }

    /// Puts lines a step to the right.
    pub fn indent(&mut self) {
        let lines = self.own_lines().filter(|it| !self.text.line(*it).trim().is_empty());
        let starts = lines.map(|it| self.text.start(it));
        let changes = starts.map(|it| Change::new(it..it, INDENT)).collect();
        self.change_lines(changes);
    }

    /// Puts lines a step to the left, as far as they can go.
    pub fn outdent(&mut self) -> bool {
        let changes: Vec<Change> = self.own_lines().filter_map(|it| self.outdented(it)).collect();
        let any = !changes.is_empty();
        self.change_lines(changes);
        any
    }

    /// Makes comments of lines; where all are comments already, makes text of them.
    pub fn comment(&mut self) {
        let lines = || self.own_lines().filter(|it| !self.text.line(*it).trim().is_empty());
        let all = lines().all(|it| self.text.line(it).trim_start().starts_with('#'));
        let depth = lines().map(|it| indentation(self.text.line(it)).len()).min().unwrap_or(0);
        let changes = lines().map(|line| {
            let start = self.text.start(line);
            if !all {
                return Change::new(start + depth..start + depth, "# ");
            }
            let mark = start + indentation(self.text.line(line)).len();
            let blank = self.text.as_str()[mark + 1..].starts_with(' ');
            Change::new(mark..mark + 1 + usize::from(blank), "")
        });
        let changes = changes.collect();
        self.change_lines(changes);
    }

    /// Repeats lines below themselves.
    pub fn duplicate(&mut self) {
        let lines = self.own_lines();
        let (first, last) = (*lines.start(), *lines.end());
        let copied = &self.text.as_str()[self.text.start(first)..self.text.end(last)];
        let text = format!("{}{copied}", self.text.fresh_ending(last));
        let end = self.text.end(last);
        let to = self.spot.at + text.len();
        self.change_and_jump(vec![Change::new(end..end, text)], to);
    }

    /// Swaps lines with the one above or below; returns whether there is one.
    pub fn move_lines(&mut self, down: bool) -> bool {
        let lines = self.own_lines();
        let (first, last) = (*lines.start(), *lines.end());
        if (down && last + 1 >= self.text.lines()) || (!down && first == 0) {
            return false;
        }
        let (top, middle, bottom) =
            if down { (first, last, last + 1) } else { (first - 1, first - 1, last) };
        let (text, whole) = (&self.text, self.text.as_str());
        let upper = &whole[text.start(top)..text.end(middle)];
        let lower = &whole[text.start(middle + 1)..text.end(bottom)];
        // Line ends stay where they are: the last line of a text may have none.
        let swapped = format!("{lower}{}{upper}", text.ending(middle));
        let range = text.start(top)..text.end(bottom);
        let step = if down { lower.len() } else { upper.len() } + text.ending(middle).len();
        let shift = |at: usize| if down { at + step } else { at.saturating_sub(step) };
        let (at, anchor) = (shift(self.spot.at), self.spot.anchor.map(shift));
        self.change_and_jump(vec![Change::new(range, swapped)], at);
        self.spot.anchor = anchor.map(|it| self.text.floor(it));
        true
    }

    /// Returns what is selected, or else the line of the cursor with its end.
    pub fn taken(&self) -> &str {
        let line = self.line();
        let own = self.text.start(line)..self.text.start(line + 1);
        &self.text.as_str()[self.selected().unwrap_or(own)]
    }

    /// Removes what is selected, or else the line of the cursor.
    pub fn cut(&mut self) {
        if self.selected().is_some() {
            self.erase(Motion::Left);
        } else {
            self.erase_lines();
        }
    }

    /// Removes lines with their ends.
    pub fn erase_lines(&mut self) {
        let lines = self.own_lines();
        let (first, last) = (*lines.start(), *lines.end());
        let (mut from, to) = (self.text.start(first), self.text.start(last + 1));
        // The last line takes the end of the one before with it.
        if last + 1 == self.text.lines() && first > 0 {
            from = self.text.end(first - 1);
        }
        self.make(vec![Change::new(from..to, "")], EditKind::Whole);
    }

    /// Changes lines and keeps them selected, where they are several.
    fn change_lines(&mut self, changes: Vec<Change>) {
        let lines = self.own_lines();
        let several = self.selected().is_some();
        self.change(changes);
        if several {
            let (first, last) = (*lines.start(), *lines.end());
            self.select(self.text.start(first)..self.text.end(last));
        }
    }

    fn outdented(&self, line: usize) -> Option<Change> {
        let blanks = indentation(self.text.line(line));
        let gone = match blanks.strip_prefix('\t') {
            Some(_) => 1,
            None => blanks.bytes().take(INDENT.len()).take_while(|it| *it == b' ').count(),
        };
        let start = self.text.start(line);
        (gone > 0).then(|| Change::new(start..start + gone, ""))
    }
}

/// Returns the indentation of a line that follows this one.
fn deeper(before: &str) -> String {
    let mut indent = indentation(before).to_owned();
    let mut rest = before[indent.len()..].trim_end();
    let key = |it: &str| it.ends_with(':') || it.contains(": ");
    // What belongs to an item stands below its first letter.
    while let Some(item) = rest.strip_prefix("- ").filter(|it| key(it)) {
        indent.push_str(INDENT);
        rest = item.trim_start();
    }
    let code = rest.split_once(" #").map_or(rest, |it| it.0.trim_end());
    let opens = code.ends_with(':') || block_begins(code);
    if opens && !rest.starts_with('#') {
        indent.push_str(INDENT);
    }
    indent
}

/// Tells whether a block of text follows, as after `command: |`.
fn block_begins(code: &str) -> bool {
    let value = code.rsplit(' ').next().unwrap_or_default();
    let mark = value.trim_end_matches(|it: char| it == '-' || it == '+' || it.is_ascii_digit());
    matches!(mark, "|" | ">")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Does something to a text whose `|` is the cursor and whose `[` is the anchor.
    fn done(text: &str, deed: impl FnOnce(&mut Writing)) -> Writing {
        let anchor = text.find('[');
        let bare = text.replace('[', "");
        let at = bare.find('|').unwrap();
        let mut writing = Writing::new(bare.replace('|', ""));
        match anchor {
            Some(anchor) => writing.select(anchor..at),
            None => writing.jump(at),
        }
        deed(&mut writing);
        writing
    }

    #[track_caller]
    fn check(text: &str, deed: impl FnOnce(&mut Writing), expected: &str) {
        let mut writing = done(text, deed);
        let mut shown = writing.text().as_str().to_owned();
        shown.insert(writing.at(), '|');
        assert_eq!(shown, expected);
        let before = text.replace(['[', '|'], "");
        while writing.undo() {}
        assert_eq!(writing.text().as_str(), before);
    }

    #[test]
    fn a_new_line_is_indented_as_what_it_stands_in() {
        let enter = Writing::break_line;
        check("web:|", enter, "web:\n  |");
        check("  web: # c|", enter, "  web: # c\n    |");
        check("  image: x|", enter, "  image: x\n  |");
        check("  - name: x|", enter, "  - name: x\n    |");
        check("  - name:|", enter, "  - name:\n      |");
        check("  - 80:80|", enter, "  - 80:80\n  |");
        check("cmd: >-|", enter, "cmd: >-\n  |");
        check("  a: 1| b", enter, "  a: 1\n  | b");
        check("a:\r\n  b:|\r\n", enter, "a:\r\n  b:\r\n    |\r\n");
    }

    #[test]
    fn a_line_of_blanks_is_left_without_them() {
        check("a:\n    |\nb", Writing::break_line, "a:\n\n    |\nb");
    }

    #[test]
    fn backspace_takes_a_step_of_indentation() {
        let back = |it: &mut Writing| _ = it.erase_back();
        check("    |a", back, "  |a");
        check("   |a", back, "  |a");
        check("a  |", back, "a |");
        check("a\n|b", back, "a|b");
    }

    #[test]
    fn selected_lines_move_sideways_together() {
        check("[a:\n  b\n\nc|", Writing::indent, "  a:\n    b\n\n  c|");
        check("[  a:\n    b\n|c", |it| _ = it.outdent(), "a:\n  b|\nc");
        check(" |a", |it| _ = it.outdent(), "|a");
        check("\t|a", |it| _ = it.outdent(), "|a");
    }

    #[test]
    fn comments_come_and_go() {
        check("[  a:\n    b|", Writing::comment, "  # a:\n  #   b|");
        check("[  # a:\n  #   b|", Writing::comment, "  a:\n    b|");
        check("a|", Writing::comment, "# a|");
        check("#a|", Writing::comment, "a|");
    }

    #[test]
    fn lines_are_repeated_moved_and_removed() {
        check("a\nb|", Writing::duplicate, "a\nb\nb|");
        check("a|\r\nb\r\n", Writing::duplicate, "a\r\na|\r\nb\r\n");
        check("a|\nb", |it| assert!(it.move_lines(true)), "b\na|");
        check("a\nb|", |it| assert!(it.move_lines(false)), "b|\na");
        check("a|\n", |it| assert!(!it.move_lines(false)), "a|\n");
        check("[a\nb\n|c\n", |it| assert!(it.move_lines(true)), "c\na\nb\n|");
        check("a\nb|\nc", Writing::erase_lines, "a\n|c");
        check("a\nb|", Writing::erase_lines, "a|");
        check("a|", Writing::erase_lines, "|");
    }
}
