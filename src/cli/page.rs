//! The output streams of a command: answers to standard output, remarks to standard error.

use crate::{
    cli::{
        exit::{Exit, Failure},
        json,
        out::Sink,
        table::{self, Column},
    },
    domain::columns::{self, ListFacts},
};
use serde::Serialize;
use std::io;

/// The output of a command.
pub struct CommandOutput<'a> {
    /// Answers.
    pub out: &'a mut dyn Sink,
    /// Remarks and progress, which scripts need not read.
    pub remarks: &'a mut dyn Sink,
    pub colors: bool,
    pub json: bool,
    /// Where remarks can be drawn over.
    pub live: Option<Live>,
}

/// A terminal for remarks.
#[derive(Debug, Clone, Copy)]
pub struct Live {
    /// Returns its columns and rows.
    pub size: fn() -> (u16, u16),
    pub unicode: bool,
    pub colors: bool,
}

impl CommandOutput<'_> {
    /// Prints rows: as a table, or as a JSON array.
    pub fn rows<T: Serialize>(&mut self, columns: &[Column<T>], rows: &[T]) -> io::Result<()> {
        if self.json {
            return self.json(&rows);
        }
        self.out.drawn(table::text(columns, rows, self.colors).as_bytes())
    }

    /// Prints objects: as a table by the columns of their kind, or as a JSON array.
    pub fn objects<'r, R, J: Serialize>(
        &mut self,
        columns: &[columns::Column<R>],
        rows: &[&'r R],
        facts: &dyn ListFacts,
        json: impl Fn(&'r R) -> J,
    ) -> io::Result<()> {
        if self.json {
            return self.json(&rows.iter().map(|it| json(it)).collect::<Vec<_>>());
        }
        self.out.drawn(table::of_objects(columns, rows, facts, self.colors).as_bytes())
    }

    /// Prints rows, or says why there are none.
    pub fn rows_or<T: Serialize>(
        &mut self,
        columns: &[Column<T>],
        rows: &[T],
        none: &str,
    ) -> io::Result<()> {
        if rows.is_empty() && !self.json {
            return writeln!(self.remarks, "{none}");
        }
        self.rows(columns, rows)
    }

    /// Says why a command failed and returns the code for it.
    pub fn fail(&mut self, failure: &Failure) -> Exit {
        if failure.exit != Exit::Done {
            if self.json {
                let _ = self.event(&serde_json::json!({ "error": failure.json() }));
            }
            // There is no other place left to say it.
            let _ = writeln!(self.remarks, "{failure}");
        }
        failure.exit
    }

    /// Prints one event of a running job as a line of JSON.
    pub fn event(&mut self, event: &serde_json::Value) -> io::Result<()> {
        self.out.drawn(&json::text(event, false)?)?;
        writeln!(self.out)?;
        self.out.flush()
    }

    pub fn json<T: Serialize>(&mut self, value: &T) -> io::Result<()> {
        self.out.drawn(&json::text(value, true)?)?;
        writeln!(self.out)
    }

    /// Prints the contents of a file, byte for byte where no terminal reads them.
    pub fn exact(&mut self, bytes: &[u8]) -> io::Result<()> {
        if self.out.exact(bytes)? {
            self.out.flush()?;
            writeln!(self.remarks, "note: {LEFT_OUT}")?;
        }
        Ok(())
    }
}

const LEFT_OUT: &str = "control characters and invisible characters are left out on a terminal; a file or a pipe gets them";

/// Decides about colours: only on a terminal that knows them, and never where
/// `NO_COLOR` is set to anything (no-color.org).
pub fn paints(refused: bool, terminal: bool, variable: impl Fn(&str) -> Option<String>) -> bool {
    let no_color = variable("NO_COLOR").is_some_and(|it| !it.is_empty());
    let dumb = variable("TERM").is_some_and(|it| it == "dumb");
    terminal && !refused && !no_color && !dumb
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(refused: bool, terminal: bool, set: (&str, &str), expected: bool) {
        let variable = |name: &str| (name == set.0).then(|| set.1.to_owned());
        assert_eq!(paints(refused, terminal, variable), expected, "{set:?}");
    }

    #[test]
    fn colours_need_a_terminal_that_knows_them_and_nobody_who_objects() {
        check(false, true, ("TERM", "xterm"), true);
        check(false, false, ("TERM", "xterm"), false);
        check(true, true, ("TERM", "xterm"), false);
        check(false, true, ("TERM", "dumb"), false);
        check(false, true, ("NO_COLOR", "1"), false);
        check(false, true, ("NO_COLOR", ""), true);
    }
}
