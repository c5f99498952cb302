//! One line of text being typed.

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use ratatui_textarea::{CursorMove, DataCursor, TextArea};
use std::mem;
use unicode_segmentation::UnicodeSegmentation;

/// A line with its cursor, with the keys of a shell: words, undo, what was cut.
#[derive(Debug, Clone, Default)]
pub struct Input {
    /// On the heap: there is a lot to it.
    area: Box<TextArea<'static>>,
    /// All of it is selected: what is typed replaces it.
    selected: bool,
}

impl Input {
    pub fn with(text: impl Into<String>) -> Self {
        let mut area = TextArea::new(vec![text.into()]);
        area.move_cursor(CursorMove::End);
        Self { area: Box::new(area), selected: false }
    }

    /// Proposes a text: what is typed replaces it, moving the cursor keeps it.
    pub fn selected(text: impl Into<String>) -> Self {
        let input = Self::with(text);
        let selected = !input.text().is_empty();
        Self { selected, ..input }
    }

    pub fn is_selected(&self) -> bool {
        self.selected
    }

    pub fn text(&self) -> &str {
        self.area.lines().first().map(String::as_str).unwrap_or_default()
    }

    pub fn before_cursor(&self) -> &str {
        let DataCursor(_, column) = self.area.cursor();
        let text = self.text();
        let end = text.char_indices().nth(column).map_or(text.len(), |it| it.0);
        text.get(..end).unwrap_or(text)
    }

    pub fn insert(&mut self, text: &str) {
        if self.selected {
            *self = Self::default();
        }
        let clean: String = text.chars().filter(|it| !it.is_control()).collect();
        self.area.insert_str(clean);
    }

    /// Takes a key; returns whether the text changed.
    pub fn press(&mut self, key: KeyEvent) -> bool {
        let before = self.text().to_owned();
        if mem::take(&mut self.selected) && replaces(key) {
            *self = Self::default();
            if !matches!(key.code, KeyCode::Char(_)) {
                return true;
            }
        }
        let ctrl = key.modifiers.contains(KeyModifiers::CONTROL);
        match key.code {
            // A line stays a line.
            KeyCode::Enter | KeyCode::Tab | KeyCode::Up | KeyCode::Down => {}
            KeyCode::Char('m' | 'j' | 'n' | 'p') if ctrl => {}
            KeyCode::Char('u') if ctrl => _ = self.area.delete_line_by_head(),
            KeyCode::Char('z') if ctrl => _ = self.area.undo(),
            KeyCode::Char('w') if ctrl => self.cut_word(),
            // A letter may be of several characters, and goes as one.
            KeyCode::Backspace if key.modifiers.is_empty() => {
                let back = last_letter(self.before_cursor());
                self.repeat(back, TextArea::delete_char);
            }
            KeyCode::Delete if key.modifiers.is_empty() => {
                self.repeat(self.next_letter(), TextArea::delete_next_char);
            }
            KeyCode::Left if key.modifiers.is_empty() => {
                let back = last_letter(self.before_cursor());
                (0..back).for_each(|_| self.area.move_cursor(CursorMove::Back));
            }
            KeyCode::Right if key.modifiers.is_empty() => {
                let next = self.next_letter();
                (0..next).for_each(|_| self.area.move_cursor(CursorMove::Forward));
            }
            _ => _ = self.area.input(key),
        }
        self.text() != before
    }

    fn repeat(&mut self, times: usize, deed: fn(&mut TextArea<'static>) -> bool) {
        for _ in 0..times {
            deed(&mut self.area);
        }
    }

    /// Removes the word before the cursor with the blanks behind it.
    fn cut_word(&mut self) {
        let before = self.before_cursor();
        let start = before.trim_end().rfind(char::is_whitespace).map_or(0, |it| it + 1);
        let letters = before[start..].chars().count();
        self.repeat(letters, TextArea::delete_char);
    }

    /// Returns the characters of the letter behind the cursor.
    fn next_letter(&self) -> usize {
        let rest = self.text().get(self.before_cursor().len()..).unwrap_or_default();
        rest.graphemes(true).next().map_or(0, |it| it.chars().count())
    }
}

/// Says whether a key takes the place of a selected text.
fn replaces(key: KeyEvent) -> bool {
    let typed = key.modifiers.difference(KeyModifiers::SHIFT).is_empty();
    match key.code {
        KeyCode::Char(_) => typed,
        KeyCode::Backspace | KeyCode::Delete => true,
        _ => false,
    }
}

/// Returns the characters of the last letter.
fn last_letter(text: &str) -> usize {
    text.graphemes(true).next_back().map_or(0, |it| it.chars().count())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, keys: &[KeyCode], expected: &str) {
        let mut input = Input::with(text);
        for key in keys {
            input.press(KeyEvent::from(*key));
        }
        assert_eq!(input.text(), expected);
    }

    #[test]
    fn letters_of_several_code_points_go_as_one() {
        check("e\u{301}x", &[KeyCode::Left, KeyCode::Backspace], "x");
        check("añb", &[KeyCode::Home, KeyCode::Right, KeyCode::Delete], "ab");
    }

    #[test]
    fn pasted_control_characters_are_left_out() {
        let mut input = Input::default();
        input.insert("a\u{1b}[31mb\n");
        assert_eq!(input.text(), "a[31mb");
    }

    #[test]
    fn what_is_proposed_is_replaced_by_what_is_typed_and_kept_by_the_cursor() {
        let typed = |keys: &[KeyCode]| {
            let mut input = Input::selected("1");
            for key in keys {
                input.press(KeyEvent::from(*key));
            }
            input.text().to_owned()
        };
        assert_eq!(typed(&[]), "1");
        assert_eq!(typed(&[KeyCode::Char('1'), KeyCode::Char('2')]), "12");
        assert_eq!(typed(&[KeyCode::Char('5')]), "5");
        assert_eq!(typed(&[KeyCode::Backspace]), "");
        assert_eq!(typed(&[KeyCode::End, KeyCode::Char('2')]), "12");
        assert_eq!(typed(&[KeyCode::Left, KeyCode::Char('2')]), "21");
        let mut input = Input::selected("1");
        input.insert("34");
        assert_eq!(input.text(), "34");
    }

    #[test]
    fn ctrl_w_removes_a_word() {
        let mut input = Input::with("scale web 3");
        input.press(KeyEvent::new(KeyCode::Char('w'), KeyModifiers::CONTROL));
        assert_eq!(input.text(), "scale web ");
    }

    #[test]
    fn what_was_typed_can_be_taken_back() {
        let mut input = Input::with("web");
        input.press(KeyEvent::from(KeyCode::Char('2')));
        input.press(KeyEvent::new(KeyCode::Char('u'), KeyModifiers::CONTROL));
        assert_eq!(input.text(), "");
        input.press(KeyEvent::new(KeyCode::Char('z'), KeyModifiers::CONTROL));
        assert_eq!(input.text(), "web2");
        assert!(!input.press(KeyEvent::from(KeyCode::Enter)));
        assert_eq!(input.text(), "web2");
    }
}
