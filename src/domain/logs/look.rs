//! ANSI colours of log lines (SGR, ECMA-48 §8.3.117).

use crate::domain::text::escape::{self, Token, Tokens};
use std::{borrow::Cow, fmt::Write};

/// How a stretch of text should look.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct TextStyle {
    pub foreground: Option<Colour>,
    pub background: Option<Colour>,
    pub effects: Effects,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Colour {
    /// 0–15 are the terminal's own, the rest the fixed 256.
    Index(u8),
    Rgb(u8, u8, u8),
}

/// A set of effects. Blinking and hidden text are not among them.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Effects(u8);

impl Effects {
    pub const BOLD: Self = Self(1);
    pub const DIM: Self = Self(2);
    pub const ITALIC: Self = Self(4);
    pub const UNDERLINED: Self = Self(8);
    pub const REVERSED: Self = Self(16);
    pub const CROSSED_OUT: Self = Self(32);

    pub fn has(self, effect: Self) -> bool {
        self.0 & effect.0 != 0
    }

    fn add(&mut self, effect: Self) {
        self.0 |= effect.0;
    }

    fn remove(&mut self, effect: Self) {
        self.0 &= !effect.0;
    }
}

impl TextStyle {
    /// Applies the parameters of one sequence, as `1;31`; what is not known is
    /// passed over.
    pub fn apply(&mut self, parameters: &str) {
        let mut list = parameters.split(';');
        while let Some(parameter) = list.next() {
            let (code, sub) = parameter.split_once(':').unwrap_or((parameter, ""));
            let Some(code) = number(code) else { continue };
            match code {
                38 | 48 => {
                    let colour = if sub.is_empty() { separate(&mut list) } else { joined(sub) };
                    let ground =
                        if code == 38 { &mut self.foreground } else { &mut self.background };
                    *ground = colour.or(*ground);
                }
                4 if sub.starts_with('0') => self.effects.remove(Effects::UNDERLINED),
                _ => self.set(code),
            }
        }
    }

    /// Returns it so that its text is seen: not in the colour of its background.
    #[must_use]
    pub fn seen(self) -> Self {
        let hides = self.foreground.is_some_and(|it| self.background.is_some_and(|b| b.is(it)));
        Self { background: self.background.filter(|_| !hides), ..self }
    }

    /// Returns the sequence that gives it, whatever was before.
    fn sequence(self) -> String {
        let mut text = "\x1b[0".to_owned();
        for (effect, code) in [
            (Effects::BOLD, 1),
            (Effects::DIM, 2),
            (Effects::ITALIC, 3),
            (Effects::UNDERLINED, 4),
            (Effects::REVERSED, 7),
            (Effects::CROSSED_OUT, 9),
        ] {
            if self.effects.has(effect) {
                let _ = write!(text, ";{code}");
            }
        }
        for (colour, more) in [(self.foreground, 0), (self.background, 10)] {
            let _ = match colour {
                None => Ok(()),
                Some(Colour::Index(it @ 0..=7)) => write!(text, ";{}", 30 + more + it),
                Some(Colour::Index(it @ 8..=15)) => write!(text, ";{}", 82 + more + it),
                Some(Colour::Index(it)) => write!(text, ";{};5;{it}", 38 + more),
                Some(Colour::Rgb(r, g, b)) => write!(text, ";{};2;{r};{g};{b}", 38 + more),
            };
        }
        text.push('m');
        text
    }

    fn set(&mut self, code: u8) {
        match code {
            0 => *self = Self::default(),
            1 => self.effects.add(Effects::BOLD),
            2 => self.effects.add(Effects::DIM),
            3 => self.effects.add(Effects::ITALIC),
            4 | 21 => self.effects.add(Effects::UNDERLINED),
            7 => self.effects.add(Effects::REVERSED),
            9 => self.effects.add(Effects::CROSSED_OUT),
            22 => {
                self.effects.remove(Effects::BOLD);
                self.effects.remove(Effects::DIM);
            }
            23 => self.effects.remove(Effects::ITALIC),
            24 => self.effects.remove(Effects::UNDERLINED),
            27 => self.effects.remove(Effects::REVERSED),
            29 => self.effects.remove(Effects::CROSSED_OUT),
            30..=37 => self.foreground = Some(Colour::Index(code - 30)),
            39 => self.foreground = None,
            40..=47 => self.background = Some(Colour::Index(code - 40)),
            49 => self.background = None,
            90..=97 => self.foreground = Some(Colour::Index(code - 82)),
            100..=107 => self.background = Some(Colour::Index(code - 92)),
            _ => {}
        }
    }
}

impl Colour {
    /// Returns whether it looks like another one, as most terminals draw them.
    fn is(self, other: Self) -> bool {
        self.rgb() == other.rgb()
    }

    fn rgb(self) -> (u8, u8, u8) {
        match self {
            Self::Rgb(r, g, b) => (r, g, b),
            Self::Index(7) => (229, 229, 229),
            Self::Index(8) => (127, 127, 127),
            Self::Index(it @ 0..=15) => {
                let on = if it < 8 { 205 } else { 255 };
                let part = |bit: u8| if it & bit == 0 { 0 } else { on };
                (part(1), part(2), part(4))
            }
            Self::Index(it @ 16..=231) => {
                let part = |it: u8| if it == 0 { 0 } else { 55 + 40 * it };
                (part((it - 16) / 36), part((it - 16) / 6 % 6), part((it - 16) % 6))
            }
            Self::Index(it) => (8 + 10 * (it - 232), 8 + 10 * (it - 232), 8 + 10 * (it - 232)),
        }
    }
}

/// Returns a line in its own colours, for a terminal: it hides nothing of itself, and
/// what is printed behind it has none of them.
pub fn colored(text: &str) -> Cow<'_, str> {
    let clean = escape::clean(text);
    if !clean.contains('\x1b') {
        return clean;
    }
    let (mut wanted, mut given) = (TextStyle::default(), TextStyle::default());
    let mut line = String::with_capacity(clean.len());
    for token in Tokens::new(&clean) {
        let text = match token {
            Token::Sgr(parameters) => {
                wanted.apply(parameters);
                continue;
            }
            Token::Text(text) => text,
            Token::Break => " ",
        };
        if wanted.seen() != given {
            given = wanted.seen();
            line.push_str(&given.sequence());
        }
        line.push_str(text);
    }
    if given != TextStyle::default() {
        line.push_str("\x1b[0m");
    }
    Cow::Owned(line)
}

/// An empty parameter means zero.
fn number(text: &str) -> Option<u8> {
    if text.is_empty() { Some(0) } else { text.parse().ok() }
}

/// `5;n` or `2;r;g;b`, the way most programs write it.
fn separate<'a>(list: &mut impl Iterator<Item = &'a str>) -> Option<Colour> {
    let mut next = || list.next().and_then(number);
    match next()? {
        5 => Some(Colour::Index(next()?)),
        2 => Some(Colour::Rgb(next()?, next()?, next()?)),
        _ => None,
    }
}

/// `5:n`, `2:r:g:b` or, with the colour space, `2::r:g:b`.
fn joined(sub: &str) -> Option<Colour> {
    let parts: Vec<&str> = sub.split(':').collect();
    match parts.as_slice() {
        ["5", index] => Some(Colour::Index(number(index)?)),
        ["2", r, g, b] | ["2", _, r, g, b, ..] => {
            Some(Colour::Rgb(number(r)?, number(g)?, number(b)?))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn look(parameters: &[&str]) -> TextStyle {
        let mut look = TextStyle::default();
        for it in parameters {
            look.apply(it);
        }
        look
    }

    #[test]
    fn colours_come_in_many_spellings() {
        for (parameters, expected) in [
            ("31", Colour::Index(1)),
            ("97", Colour::Index(15)),
            ("38;5;208", Colour::Index(208)),
            ("38:5:208", Colour::Index(208)),
            ("38;2;1;2;3", Colour::Rgb(1, 2, 3)),
            ("38:2:1:2:3", Colour::Rgb(1, 2, 3)),
            ("38:2::1:2:3", Colour::Rgb(1, 2, 3)),
        ] {
            assert_eq!(look(&[parameters]).foreground, Some(expected), "{parameters}");
        }
        assert_eq!(look(&["44"]).background, Some(Colour::Index(4)));
        assert_eq!(look(&["105"]).background, Some(Colour::Index(13)));
    }

    #[test]
    fn effects_go_on_and_off() {
        assert!(look(&["1;4"]).effects.has(Effects::BOLD));
        assert!(look(&["1;4"]).effects.has(Effects::UNDERLINED));
        for parameters in
            [&["1;31", ""][..], &["1;31", "0"], &["1", "22"], &["4:3", "4:0"], &["31", "39"]]
        {
            assert_eq!(look(parameters), TextStyle::default(), "{parameters:?}");
        }
    }

    #[test]
    fn text_in_the_colour_of_its_background_is_seen() {
        for hiding in ["30;40", "38;5;16;40", "38;2;0;0;0;48;5;0", "97;48;5;231", "92;102"] {
            assert_eq!(look(&[hiding]).seen().background, None, "{hiding}");
        }
        assert!(look(&["31;40"]).seen().background.is_some());
    }

    #[test]
    fn a_sequence_gives_the_look_it_was_made_of() {
        for parameters in ["1;31", "2;3;4;7;9;97;100", "38;5;208;48;5;9", "38;2;1;2;3;48:2:4:5:6"] {
            let made = look(&[parameters]);
            let sequence = made.sequence();
            let again = sequence.trim_start_matches("\x1b[").trim_end_matches('m');
            assert_eq!(look(&["5;35", again]), made, "{parameters}");
        }
    }

    #[test]
    fn odd_parameters_do_no_harm() {
        for parameters in ["999", "38", "38;5", "38;2;1", "38:2", "5;8", ";;;", "1x"] {
            assert_eq!(look(&[parameters]), TextStyle::default(), "{parameters}");
        }
    }
}
