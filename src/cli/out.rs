//! Sanitized output of commands: escape sequences and invisible characters of foreign text
//! never reach the terminal.

use crate::domain::{logs::look, text::escape};
use std::io::{self, Write};

/// A stream that commands print to.
///
/// What is written as text has no colours, whoever wrote it: it is cleaned line by line
/// ([`escape`]). Colours come by the ways that say whose they are.
pub trait Sink: Write + Send {
    /// Writes the contents of a file: byte for byte, but cleaned where a terminal would
    /// read them. Returns whether something was left out.
    fn exact(&mut self, bytes: &[u8]) -> io::Result<bool>;

    /// Writes what skep made of clean text, and drives the terminal with.
    fn drawn(&mut self, bytes: &[u8]) -> io::Result<()>;

    /// Writes text of others, in its own colours where colours are wanted. They hide
    /// nothing, and what follows has none of them.
    fn colored(&mut self, text: &str) -> io::Result<()>;
}

/// A [`Sink`] over any stream. Dropping it writes what is left.
#[derive(Debug)]
pub struct Out<W: Write> {
    inner: W,
    /// What was written of a line that has no end yet.
    line: Vec<u8>,
    terminal: bool,
    colors: bool,
}

/// A line that has no end is printed in pieces of that many bytes.
const LONGEST: usize = 1 << 16;

impl<W: Write> Out<W> {
    /// `terminal` says whether a terminal reads it, `colors` whether colours are wanted.
    pub fn new(inner: W, terminal: bool, colors: bool) -> Self {
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
        self.inner.write_all(escape::shown(text).as_bytes())?;
        self.inner.write_all(end.as_bytes())
    }
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

    fn colored(&mut self, text: &str) -> io::Result<()> {
        self.end_line()?;
        let shown = if self.colors { look::colored(text) } else { escape::shown(text) };
        self.inner.write_all(shown.as_bytes())
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
    fn text_has_no_colours_but_those_that_skep_drew() {
        let foreign = "x\x1b[31my\x1b[2mz\n";
        assert_eq!(written(true, true, |it| write!(it, "{foreign}").unwrap()), "xyz\n");
        let own = written(true, true, |it| {
            write!(it, "a ").and_then(|()| it.drawn(b"\x1b[33mb\x1b[0m")).unwrap();
            writeln!(it, ": \x1b[31mc").unwrap();
        });
        assert_eq!(own, "a \x1b[33mb\x1b[0m: c\n");
    }

    #[test]
    fn a_line_of_others_colours_itself_and_hides_nothing() {
        let line = |text: &str, colors: bool| {
            written(true, colors, |it| {
                write!(it, "web | ").and_then(|()| it.colored(text)).unwrap();
                writeln!(it).unwrap();
                writeln!(it, "api | y").unwrap();
            })
        };
        for (text, shown) in [
            ("plain", "plain"),
            ("\x1b[1;31mx", "\x1b[0;1;31mx\x1b[0m"),
            ("\x1b[38;5;9mx\x1b[0my", "\x1b[0;91mx\x1b[0my"),
            ("\x1b[8mx", "x"),
            ("\x1b[8;5;2mx", "\x1b[0;2mx\x1b[0m"),
            ("\x1b[30;40mx", "\x1b[0;30mx\x1b[0m"),
            ("\x1b[38;2;9;9;9;48;2;9;9;9mx", "\x1b[0;38;2;9;9;9mx\x1b[0m"),
            ("\x1b[31m", ""),
        ] {
            assert_eq!(line(text, true), format!("web | {shown}\napi | y\n"), "{text:?}");
            let plain = escape::shown(text);
            assert_eq!(line(text, false), format!("web | {plain}\napi | y\n"), "{text:?}");
        }
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
