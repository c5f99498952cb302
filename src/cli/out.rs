//! The one way to a terminal for commands: whoever wrote a text, nothing of it drives
//! the terminal, hides, or turns what stands around it.

use crate::domain::text::escape;
use std::{
    borrow::Cow,
    io::{self, Write},
};

/// A stream that commands print to.
///
/// What is written as text is cleaned line by line ([`escape`]); only the colours that
/// skep itself uses pass, and only where they are wanted.
pub trait Sink: Write + Send {
    /// Writes the contents of a file: byte for byte, but cleaned where a terminal would
    /// read them. Returns whether something was left out.
    fn exact(&mut self, bytes: &[u8]) -> io::Result<bool>;

    /// Writes what skep made of clean text, and drives the terminal with.
    fn drawn(&mut self, bytes: &[u8]) -> io::Result<()>;

    /// Lets the colours of others pass too, as those of log lines.
    fn let_colors_pass(&mut self);
}

/// A [`Sink`] over any stream. Dropping it writes what is left.
#[derive(Debug)]
pub struct Out<W: Write> {
    inner: W,
    /// What was written of a line that has no end yet.
    line: Vec<u8>,
    terminal: bool,
    colors: Colors,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Colors {
    None,
    Own,
    All,
}

/// A line that has no end is printed in pieces of that many bytes.
const LONGEST: usize = 1 << 16;
/// The parameters of the colours that skep uses.
const OWN: [&str; 7] = ["", "0", "1;31", "2", "31", "32", "33"];

impl<W: Write> Out<W> {
    /// `terminal` says whether a terminal reads it, `colors` whether colours are wanted.
    pub fn new(inner: W, terminal: bool, colors: bool) -> Self {
        let colors = if colors { Colors::Own } else { Colors::None };
        Self { inner, line: Vec::new(), terminal, colors }
    }

    fn end_line(&mut self) -> io::Result<()> {
        let line = std::mem::take(&mut self.line);
        if line.is_empty() {
            return Ok(());
        }
        let text = String::from_utf8_lossy(&line);
        let (text, end) = match text.strip_suffix('\n') {
            Some(text) => (text, "\n"),
            None => (&*text, ""),
        };
        self.inner.write_all(self.colors.of(text).as_bytes())?;
        self.inner.write_all(end.as_bytes())
    }
}

impl Colors {
    fn of(self, text: &str) -> Cow<'_, str> {
        match self {
            Self::None => escape::shown(text),
            Self::All => escape::clean(text),
            Self::Own => only(&OWN, text),
        }
    }
}

/// Cleans a text of all but some colours.
fn only<'a>(allowed: &[&str], text: &'a str) -> Cow<'a, str> {
    let clean = escape::clean(text);
    if !clean.contains('\x1b') {
        return clean;
    }
    let kept = escape::Tokens::new(&clean).map(|token| match token {
        escape::Token::Text(text) => Cow::Borrowed(text),
        escape::Token::Break => Cow::Borrowed(" "),
        escape::Token::Sgr(it) if allowed.contains(&it) => Cow::Owned(format!("\x1b[{it}m")),
        escape::Token::Sgr(_) => Cow::Borrowed(""),
    });
    Cow::Owned(kept.collect())
}

impl<W: Write> Write for Out<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        for part in bytes.split_inclusive(|it| *it == b'\n') {
            self.line.extend_from_slice(part);
            if part.ends_with(b"\n") || self.line.len() > LONGEST {
                self.end_line()?;
            }
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.end_line()?;
        self.inner.flush()
    }
}

impl<W: Write + Send> Sink for Out<W> {
    fn exact(&mut self, bytes: &[u8]) -> io::Result<bool> {
        self.end_line()?;
        if !self.terminal {
            return self.inner.write_all(bytes).map(|()| false);
        }
        let text = String::from_utf8_lossy(bytes);
        let shown = escape::shown_lines(&text);
        self.inner.write_all(shown.as_bytes())?;
        Ok(shown.as_bytes() != bytes)
    }

    fn drawn(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.end_line()?;
        self.inner.write_all(bytes)
    }

    fn let_colors_pass(&mut self) {
        if self.colors == Colors::Own {
            self.colors = Colors::All;
        }
    }
}

impl<W: Write> Drop for Out<W> {
    fn drop(&mut self) {
        // There is no other place left to say that it failed.
        let _ = self.flush();
    }
}

/// Prints a remark of a program that has no page (any more).
pub fn remark(words: &str) {
    // A terminal that is gone takes no words, and that is fine.
    let _ = writeln!(Out::new(io::stderr(), false, false), "{words}");
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(terminal: bool, colors: bool, write: impl FnOnce(&mut dyn Sink)) -> String {
        let mut bytes = Vec::new();
        write(&mut Out::new(&mut bytes, terminal, colors));
        String::from_utf8(bytes).unwrap()
    }

    #[test]
    fn text_of_others_drives_no_terminal_however_it_is_cut() {
        let foreign = "a\x1b]52;c;RVZJTA==\x07b\u{9b}2J\u{202e}c\rd\x1b[8me";
        for colors in [false, true] {
            let whole = written(true, colors, |it| writeln!(it, "error: {foreign}").unwrap());
            assert_eq!(whole, "error: abc de\n");
            let cut = written(true, colors, |it| {
                foreign.bytes().for_each(|byte| it.write_all(&[byte]).unwrap());
            });
            assert_eq!(cut, "abc de");
        }
    }

    #[test]
    fn colours_of_skep_pass_where_they_are_wanted() {
        let line = "\x1b[1;31mx\x1b[0m\x1b[38;5;9my\n";
        assert_eq!(
            written(true, true, |it| write!(it, "{line}").unwrap()),
            "\x1b[1;31mx\x1b[0my\n"
        );
        assert_eq!(written(true, false, |it| write!(it, "{line}").unwrap()), "xy\n");
        let all = written(true, true, |it| {
            it.let_colors_pass();
            write!(it, "{line}").unwrap();
        });
        assert_eq!(all, line);
    }

    #[test]
    fn files_are_exact_but_for_terminals() {
        let bytes = "a: \"\x1b[2J\"\r\n\u{202e}";
        assert_eq!(
            written(false, false, |it| assert!(!it.exact(bytes.as_bytes()).unwrap())),
            bytes
        );
        let shown = written(true, true, |it| assert!(it.exact(bytes.as_bytes()).unwrap()));
        assert_eq!(shown, "a: \"\"\n");
    }

    #[test]
    fn a_line_without_an_end_is_not_held() {
        let mut bytes = Vec::new();
        let mut out = Out::new(&mut bytes, false, false);
        out.write_all(&vec![b'a'; 3 * LONGEST]).unwrap();
        assert!(out.line.len() <= LONGEST);
        drop(out);
        assert_eq!(bytes.len(), 3 * LONGEST);
    }
}
