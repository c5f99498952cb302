//! Control characters and escape sequences in foreign text (ECMA-48, as xterm
//! reads it): only colours and the like (SGR) pass, and what cannot be seen does not.

use std::borrow::Cow;
use unicode_width::UnicodeWidthChar;

/// Marks that one letter may wear; more are drawn over the lines around.
const MARKS: usize = 8;

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
    if text.bytes().all(|it| matches!(it, b' '..=b'~' | b'\t')) {
        return Cow::Borrowed(text);
    }
    if !text.contains(is_special) {
        return bare(text);
    }
    let mut cleaned = String::with_capacity(text.len());
    for token in Tokens::new(text) {
        match token {
            Token::Text(text) => cleaned.push_str(text),
            Token::Break => cleaned.push(' '),
            Token::Sgr(parameters) => cleaned.extend(["\x1b[", parameters, "m"]),
        }
    }
    Cow::Owned(bare(&cleaned).into_owned())
}

/// Returns a text as it may be shown on one line, whoever wrote it: no sequence is
/// left, nor what hides, turns or breaks its letters.
pub fn shown(text: &str) -> Cow<'_, str> {
    match clean(text) {
        Cow::Borrowed(clean) => plain(clean),
        Cow::Owned(clean) => Cow::Owned(bare(&plain(&clean)).into_owned()),
    }
}

/// Does the same for each line of a text.
pub fn shown_lines(text: &str) -> Cow<'_, str> {
    if text.bytes().all(|it| matches!(it, b' '..=b'~' | b'\t' | b'\n')) {
        return Cow::Borrowed(text);
    }
    Cow::Owned(text.split('\n').map(shown).collect::<Vec<_>>().join("\n"))
}

/// Whether a character must not be printed as it is: it drives a terminal, or is not
/// seen and changes what is.
pub fn deceives(c: char) -> bool {
    is_special(c)
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

/// Whether a character does something instead of being shown: controls, line breaks,
/// those that turn the direction of text, and those that nobody sees (Unicode's Cf, and
/// the letters that are drawn as nothing). What joins letters of some scripts is not
/// among them.
fn is_special(c: char) -> bool {
    match c {
        '\t' => false,
        ' '..='~' => false,
        '\u{ad}'
        | '\u{061c}'
        | '\u{115f}'
        | '\u{1160}'
        | '\u{17b4}'
        | '\u{17b5}'
        | '\u{180b}'..='\u{180f}'
        | '\u{200b}'
        | '\u{200e}'
        | '\u{200f}'
        | '\u{2028}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}'
        | '\u{3164}'
        | '\u{feff}'
        | '\u{ffa0}'
        | '\u{fff0}'..='\u{fffb}'
        | '\u{110bd}'
        | '\u{110cd}'
        | '\u{13430}'..='\u{1343f}'
        | '\u{1bca0}'..='\u{1bca3}'
        | '\u{1d173}'..='\u{1d17a}'
        | '\u{e0000}'..='\u{e0fff}' => true,
        _ => c.is_control(),
    }
}

/// Leaves out marks beyond those that a letter may wear, and joiners and variants where
/// there is nothing they could change: `a` with one looks like `a`, and is not.
fn bare(text: &str) -> Cow<'_, str> {
    let (mut base, mut marks) = (' ', 0);
    let mut keeps = |c: char| {
        if c < '\u{300}' || c.width() != Some(0) {
            (base, marks) = (c, 0);
            return true;
        }
        let is_unseen = matches!(c, '\u{200c}' | '\u{200d}' | '\u{fe00}'..='\u{fe0f}' | '\u{34f}');
        let takes_it =
            !base.is_ascii() || (c == '\u{fe0f}' && matches!(base, '0'..='9' | '#' | '*'));
        let kept = marks < MARKS && (!is_unseen || takes_it);
        marks += usize::from(kept);
        kept
    };
    let Some(first) = text.char_indices().find(|it| !keeps(it.1)).map(|it| it.0) else {
        return Cow::Borrowed(text);
    };
    let mut kept = text[..first].to_owned();
    kept.extend(text[first..].chars().filter(|it| keeps(*it)));
    Cow::Owned(kept)
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
            // What nobody sees, and what joins letters that nothing joins.
            ("pay\u{200b}pal\u{ad}\u{feff}\u{2060}\u{e0041}\u{3164}", "paypal"),
            ("ad\u{200d}min\u{fe0f} \u{34f}x", "admin x"),
            (
                "👩\u{200d}💻 1\u{fe0f}\u{20e3} می\u{200c}خواهم é e\u{301}",
                "👩\u{200d}💻 1\u{fe0f}\u{20e3} می\u{200c}خواهم é e\u{301}",
            ),
            // What turns text around.
            ("user\u{202e}gnp.exe\u{2066}", "usergnp.exe"),
            ("\u{fffd}", "\u{fffd}"),
        ] {
            assert_eq!(clean(text), cleaned, "{text:?}");
        }
    }

    #[test]
    fn a_letter_wears_some_marks_and_no_more() {
        let text = format!("a{}b", "\u{301}".repeat(400));
        assert_eq!(clean(&text), format!("a{}b", "\u{301}".repeat(MARKS)));
        let parted = format!("a{}\x1b[31m{}", "\u{301}".repeat(8), "\u{301}".repeat(8));
        assert_eq!(shown(&parted), format!("a{}", "\u{301}".repeat(MARKS)));
    }

    #[test]
    fn lines_stay_lines_and_nothing_else() {
        assert_eq!(shown_lines("a\x1b[2J\n b\x1b[31m\r\nc\u{2028}d\n"), "a\n b\nc d\n");
        assert!(matches!(shown_lines("a\nb"), Cow::Borrowed(_)));
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
            let shown = shown(&text).into_owned();
            prop_assert!(!shown.chars().any(deceives), "{:?}", shown);
        }
    }
}
