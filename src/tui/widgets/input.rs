//! One line of text being typed.

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use unicode_segmentation::UnicodeSegmentation;

/// A line with its cursor.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Input {
    text: String,
    /// Bytes before the cursor; always at a letter's edge.
    cursor: usize,
}

impl Input {
    pub fn with(text: impl Into<String>) -> Self {
        let text = text.into();
        Self { cursor: text.len(), text }
    }

    pub fn text(&self) -> &str {
        &self.text
    }

    pub fn before_cursor(&self) -> &str {
        self.text.get(..self.cursor).unwrap_or(&self.text)
    }

    pub fn insert(&mut self, text: &str) {
        let clean: String = text.chars().filter(|it| !it.is_control()).collect();
        self.text.insert_str(self.cursor, &clean);
        self.cursor += clean.len();
    }

    /// Takes a key; returns whether the text changed.
    pub fn press(&mut self, key: KeyEvent) -> bool {
        let ctrl = key.modifiers.contains(KeyModifiers::CONTROL);
        let before = self.text.len();
        match key.code {
            KeyCode::Char('u') if ctrl => self.cut(0),
            KeyCode::Char('w') if ctrl => self.cut(self.word_start()),
            KeyCode::Char('a') if ctrl => self.cursor = 0,
            KeyCode::Char('e') if ctrl => self.cursor = self.text.len(),
            KeyCode::Char(c) if !ctrl && !key.modifiers.contains(KeyModifiers::ALT) => {
                self.insert(&c.to_string());
            }
            KeyCode::Backspace => self.cut(self.previous()),
            KeyCode::Delete => {
                let next = self.next();
                self.text.replace_range(self.cursor..next, "");
            }
            KeyCode::Left => self.cursor = self.previous(),
            KeyCode::Right => self.cursor = self.next(),
            KeyCode::Home => self.cursor = 0,
            KeyCode::End => self.cursor = self.text.len(),
            _ => {}
        }
        self.text.len() != before
    }

    /// Removes what is between `from` and the cursor.
    fn cut(&mut self, from: usize) {
        self.text.replace_range(from..self.cursor, "");
        self.cursor = from;
    }

    fn previous(&self) -> usize {
        self.before_cursor().grapheme_indices(true).next_back().map_or(0, |it| it.0)
    }

    fn next(&self) -> usize {
        let rest = self.text.get(self.cursor..).unwrap_or_default();
        self.cursor + rest.graphemes(true).next().map_or(0, str::len)
    }

    fn word_start(&self) -> usize {
        let trimmed = self.before_cursor().trim_end();
        trimmed.rfind(char::is_whitespace).map_or(0, |it| it + 1)
    }
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
    fn ctrl_w_removes_a_word() {
        let mut input = Input::with("scale web 3");
        input.press(KeyEvent::new(KeyCode::Char('w'), KeyModifiers::CONTROL));
        assert_eq!(input.text(), "scale web ");
    }
}
