//! Control characters and escape sequences in foreign text (ECMA-48, as xterm
//! reads it): only colours and the like (SGR) pass.

use std::borrow::Cow;

/// A part of a text, told apart from what would drive a terminal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Token<'a> {
    /// Characters to show; tabs are among them.
    Text(&'a str),
    /// The parameters of a sequence that sets colours and effects, as `1;31`.
    Sgr(&'a str),
    /// A line break of some kind in the middle of a line.
    Break,
}

/// Splits a text; what is neither shown nor harmless is left out.
#[derive(Debug, Clone)]
pub struct Tokens<'a> {
    rest: &'a str,
}

/// Removes all that could drive a terminal, confuse the order of its text, or
/// break the line. What an unterminated sequence would swallow stays.
pub fn clean(text: &str) -> Cow<'_, str> {
    let text = text.trim_end_matches(['\r', '\n']);
    if text.bytes().all(|it| matches!(it, b' '..=b'~' | b'\t')) || !text.contains(is_special) {
        return Cow::Borrowed(text);
    }
    let mut cleaned = String::with_capacity(text.len());
    for token in Tokens::new(text) {
        match token {
            Token::Text(text) => cleaned.push_str(text),
            Token::Break => cleaned.push(' '),
            Token::Sgr(parameters) => cleaned.extend(["\x1b[", parameters, "m"]),
        }
    }
    Cow::Owned(cleaned)
}

/// Returns what is read of a clean text: no sequence is left, tabs are.
pub fn plain(text: &str) -> Cow<'_, str> {
    if !text.as_bytes().contains(&b'\x1b') {
        return Cow::Borrowed(text);
    }
    let shown = Tokens::new(text).map(|it| match it {
        Token::Text(text) => text,
        Token::Break => " ",
        Token::Sgr(_) => "",
    });
    Cow::Owned(shown.collect())
}

impl<'a> Tokens<'a> {
    pub fn new(text: &'a str) -> Self {
        Self { rest: text }
    }

    /// Takes bytes off the front; they are known to be ASCII.
    fn skip(&mut self, bytes: usize) {
        self.rest = self.rest.get(bytes..).unwrap_or_default();
    }

    fn escape(&mut self) -> Option<Token<'a>> {
        let first = *self.rest.as_bytes().first()?;
        match first {
            b'[' => {
                self.skip(1);
                self.control_sequence()
            }
            b']' | b'P' | b'X' | b'^' | b'_' => {
                self.skip(1);
                self.control_string();
                None
            }
            _ => {
                let between = leading(self.rest, 0x20..=0x2f);
                let last = leading(&self.rest[between..], 0x30..=0x7e).min(1);
                self.skip(between + last);
                None
            }
        }
    }

    /// What follows `ESC [`.
    fn control_sequence(&mut self) -> Option<Token<'a>> {
        let rest = self.rest;
        let length = leading(rest, 0x20..=0x3f);
        self.skip(length);
        if leading(self.rest, 0x40..=0x7e) == 0 {
            return None;
        }
        let is_sgr = self.rest.starts_with('m');
        self.skip(1);
        let parameters = &rest[..length];
        let is_plain = parameters.bytes().all(|it| matches!(it, b'0'..=b'9' | b';' | b':'));
        (is_sgr && is_plain).then_some(Token::Sgr(parameters))
    }

    /// What follows `ESC ]` and its kin, up to its end if it has one.
    fn control_string(&mut self) {
        let ends = |(at, c): (usize, char)| match c {
            '\x07' | '\x18' | '\x1a' | '\u{9c}' => Some(at + c.len_utf8()),
            '\x1b' if self.rest[at..].starts_with("\x1b\\") => Some(at + 2),
            _ => None,
        };
        if let Some(end) = self.rest.char_indices().find_map(ends) {
            self.skip(end);
        }
    }
}

impl<'a> Iterator for Tokens<'a> {
    type Item = Token<'a>;

    fn next(&mut self) -> Option<Token<'a>> {
        loop {
            let length = self.rest.find(is_special).unwrap_or(self.rest.len());
            if length > 0 {
                let (text, rest) = self.rest.split_at(length);
                self.rest = rest;
                return Some(Token::Text(text));
            }
            let special = self.rest.chars().next()?;
            self.skip(special.len_utf8());
            let token = match special {
                '\x1b' => self.escape(),
                '\u{9b}' => self.control_sequence(),
                '\u{90}' | '\u{98}' | '\u{9d}'..='\u{9f}' => {
                    self.control_string();
                    None
                }
                '\n'..='\r' | '\u{85}' | '\u{2028}' | '\u{2029}' => Some(Token::Break),
                _ => None,
            };
            if token.is_some() {
                return token;
            }
        }
    }
}

/// Whether a character does something instead of being shown: controls, line
/// breaks, and those that turn the direction of text.
fn is_special(c: char) -> bool {
    match c {
        '\t' => false,
        '\u{200e}'
        | '\u{200f}'
        | '\u{061c}'
        | '\u{2028}'..='\u{202e}'
        | '\u{2066}'..='\u{2069}' => true,
        _ => c.is_control(),
    }
}

/// How many bytes at the front are in a range of ASCII.
fn leading(text: &str, range: std::ops::RangeInclusive<u8>) -> usize {
    text.bytes().take_while(|it| range.contains(it)).count()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn only_colours_pass() {
        for (text, cleaned) in [
            ("plain\ttext ünï", "plain\ttext ünï"),
            ("\x1b[1;31mred\x1b[0m", "\x1b[1;31mred\x1b[0m"),
            ("\x1b[38:2::1:2:3mx\x1b[m", "\x1b[38:2::1:2:3mx\x1b[m"),
            // Cursor, screen, modes, scrolling regions.
            ("a\x1b[2J\x1b[H\x1b[?1049h\x1b[1;5r\x1b[6nb", "ab"),
            ("a\x1b[>4;2mb\x1b[?25mc\x1b[1 md", "abcd"),
            // Titles, clipboard, links, device control, with either end.
            ("a\x1b]0;title\x07b\x1b]52;c;aGk=\x1b\\c", "abc"),
            ("\x1b]8;;http://x\x1b\\link\x1b]8;;\x1b\\", "link"),
            ("a\x1bPq#0\x1b\\b\x1b_G\x1b\\c\x1b^x\x1b\\d\x1bXy\u{9c}e", "abcde"),
            // Resets, charsets, keypad.
            ("a\x1bcb\x1b(0c\x1b#8d\x1b=e\x1b%Gf", "abcdef"),
            // The same as single characters (C1).
            ("a\u{9b}2Jb\u{9d}0;t\u{9c}c\u{90}x\x1b\\d\u{84}e", "abcde"),
            ("\u{9b}31mx", "\x1b[31mx"),
            // Broken ones hide nothing but themselves.
            ("a\x1b", "a"),
            ("a\x1b[", "a"),
            ("a\x1b[31", "a"),
            ("a\x1b]0;title", "a0;title"),
            ("a\x1b\x1b[31mb", "a\x1b[31mb"),
            ("a\x1b\0[31mb", "a[31mb"),
            ("a\x1b[3\u{9b}1mb", "a\x1b[1mb"),
            ("a\x1bé", "aé"),
            // Other controls and breaks.
            ("a\0b\x07c\x08d\x7fe", "abcde"),
            ("10%\r20%\r\n", "10% 20%"),
            ("a\nb\x0bc\x0cd\u{85}e\u{2028}f", "a b c d e f"),
            // What turns text around.
            ("user\u{202e}gnp.exe\u{2066}", "usergnp.exe"),
            ("\u{fffd}", "\u{fffd}"),
        ] {
            assert_eq!(clean(text), cleaned, "{text:?}");
        }
    }

    #[test]
    fn reading_leaves_colours_out() {
        assert_eq!(plain("\x1b[31mred\x1b[0m\tx"), "red\tx");
        assert!(matches!(plain("as it is"), Cow::Borrowed(_)));
    }

    proptest! {
        #[test]
        fn nothing_left_can_drive_a_terminal(text in r"([\x00-\x1f\[\]m;0-9P_\\?a-c \x7f\u{80}-\u{9f}é日]|\x1b\[|\x1b\]){0,40}") {
            let once = clean(&text);
            prop_assert_eq!(clean(&once), once.as_ref());
            let rest = regex::Regex::new(r"\x1b\[[0-9;:]*m|\t").unwrap().replace_all(&once, "");
            prop_assert!(!rest.chars().any(char::is_control), "{:?}", once);
        }
    }
}
