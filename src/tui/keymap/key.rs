//! Key names: `ctrl-r`, `shift-n`, `f5`, `space`.

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use std::{fmt, str::FromStr};

/// A key with what is held down beside it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Key {
    pub code: KeyCode,
    pub modifiers: KeyModifiers,
}

const NAMED: &[(&str, KeyCode)] = &[
    ("space", KeyCode::Char(' ')),
    ("enter", KeyCode::Enter),
    ("esc", KeyCode::Esc),
    ("tab", KeyCode::Tab),
    ("backspace", KeyCode::Backspace),
    ("delete", KeyCode::Delete),
    ("insert", KeyCode::Insert),
    ("up", KeyCode::Up),
    ("down", KeyCode::Down),
    ("left", KeyCode::Left),
    ("right", KeyCode::Right),
    ("home", KeyCode::Home),
    ("end", KeyCode::End),
    ("pgup", KeyCode::PageUp),
    ("pgdn", KeyCode::PageDown),
];

impl Key {
    pub const fn plain(code: KeyCode) -> Self {
        Self { code, modifiers: KeyModifiers::NONE }
    }
}

impl From<KeyEvent> for Key {
    /// Brings the spellings of different terminals together: shift is in the
    /// letter, and shift-tab is a tab with shift.
    fn from(event: KeyEvent) -> Self {
        let mut modifiers =
            event.modifiers & (KeyModifiers::CONTROL | KeyModifiers::ALT | KeyModifiers::SHIFT);
        let code = match event.code {
            KeyCode::BackTab => {
                modifiers |= KeyModifiers::SHIFT;
                KeyCode::Tab
            }
            // Terminals send the byte 0x1c for both, and crossterm reads it as the digit.
            KeyCode::Char('4') if modifiers == KeyModifiers::CONTROL => KeyCode::Char('\\'),
            // And the byte 0x1f for this one.
            KeyCode::Char('7') if modifiers == KeyModifiers::CONTROL => KeyCode::Char('/'),
            KeyCode::Char(c) if modifiers.contains(KeyModifiers::CONTROL) => {
                KeyCode::Char(c.to_ascii_lowercase())
            }
            KeyCode::Char(c) => {
                if modifiers.contains(KeyModifiers::SHIFT) && c.is_ascii_lowercase() {
                    modifiers -= KeyModifiers::SHIFT;
                    KeyCode::Char(c.to_ascii_uppercase())
                } else {
                    modifiers -= KeyModifiers::SHIFT;
                    KeyCode::Char(c)
                }
            }
            other => other,
        };
        Self { code, modifiers }
    }
}

/// A text that names no key.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{0}` is not a key: write a character, or space, enter, esc, tab, up, f5 …, with ctrl-, alt- or shift- in front"
)]
pub struct BadKey(String);

impl FromStr for Key {
    type Err = BadKey;

    fn from_str(text: &str) -> Result<Self, BadKey> {
        let bad = || BadKey(text.to_owned());
        let mut modifiers = KeyModifiers::NONE;
        let mut rest = text;
        loop {
            let (held, tail) = match rest.split_once('-') {
                Some(("ctrl", tail)) => (KeyModifiers::CONTROL, tail),
                Some(("alt", tail)) => (KeyModifiers::ALT, tail),
                Some(("shift", tail)) => (KeyModifiers::SHIFT, tail),
                _ => break,
            };
            if tail.is_empty() {
                break;
            }
            modifiers |= held;
            rest = tail;
        }
        let code = code_named(rest).ok_or_else(bad)?;
        Ok(Self::from(KeyEvent::new(code, modifiers)))
    }
}

fn code_named(name: &str) -> Option<KeyCode> {
    if let Some(found) = NAMED.iter().find(|it| it.0 == name) {
        return Some(found.1);
    }
    let mut chars = name.chars();
    match (chars.next(), chars.next()) {
        (Some(c), None) => return Some(KeyCode::Char(c)),
        (None, _) => return None,
        _ => {}
    }
    let number: u8 = name.strip_prefix('f')?.parse().ok()?;
    (1..=12).contains(&number).then_some(KeyCode::F(number))
}

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.modifiers.contains(KeyModifiers::CONTROL) {
            f.write_str("ctrl-")?;
        }
        if self.modifiers.contains(KeyModifiers::ALT) {
            f.write_str("alt-")?;
        }
        if self.modifiers.contains(KeyModifiers::SHIFT) {
            f.write_str("shift-")?;
        }
        match self.code {
            KeyCode::F(number) => write!(f, "f{number}"),
            code => match (NAMED.iter().find(|it| it.1 == code), code) {
                (Some(named), _) => f.write_str(named.0),
                (None, KeyCode::Char(c)) if c.is_ascii_uppercase() && self.modifiers.is_empty() => {
                    write!(f, "shift-{}", c.to_ascii_lowercase())
                }
                (None, KeyCode::Char(c)) => write!(f, "{c}"),
                (None, _) => f.write_str("?"),
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_read_as_they_are_written() {
        for text in [
            "a",
            "shift-n",
            "ctrl-r",
            "alt-x",
            "f5",
            "space",
            "esc",
            "shift-tab",
            "-",
            "ctrl--",
            "/",
            "?",
        ] {
            assert_eq!(text.parse::<Key>().map(|it| it.to_string()), Ok(text.to_owned()));
        }
    }

    #[test]
    fn what_is_no_key_is_refused_by_name() {
        for text in ["", "f13", "hyper-x", "enterr"] {
            assert!(text.parse::<Key>().unwrap_err().to_string().contains(text), "{text}");
        }
    }

    #[test]
    fn terminals_that_spell_shift_differently_agree() {
        let upper = Key::from(KeyEvent::new(KeyCode::Char('N'), KeyModifiers::SHIFT));
        let bare = Key::from(KeyEvent::new(KeyCode::Char('N'), KeyModifiers::NONE));
        let lower = Key::from(KeyEvent::new(KeyCode::Char('n'), KeyModifiers::SHIFT));
        assert_eq!((upper, bare), (bare, lower));
    }
}
