//! Exit codes of commands, and failures that lead to them.

use crate::{
    config::ConfigError,
    domain::{deployment::verdict::Verdict, text::escape},
    engine::EngineError,
    jobs::release_reader::HistoryError,
    projects::Trouble,
    store::StoreError,
};
use serde_json::{Value, json};
use std::{
    fmt,
    io::{self, ErrorKind},
    process::ExitCode,
};

/// What a closed terminal answers (POSIX, the same number on every unix).
const EIO: i32 = 5;

/// The name of a failure that is the wish of who was asked.
const DECLINED: &str = "declined";

/// The codes that scripts can rely on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exit {
    Done = 0,
    /// Refused, or failed and left as it is.
    Failed = 1,
    /// Not what the command takes.
    Usage = 2,
    /// It failed, and all is as it was before.
    RolledBack = 3,
    /// Somebody has to look: the rollback failed too, or nobody knows.
    NeedsHelp = 4,
    /// What was printed is right, and some of what was asked for is missing.
    Incomplete = 5,
}

/// Why a command did not do what was asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    pub what: String,
    /// What the operator can do now.
    pub hint: Option<String>,
    pub exit: Exit,
    /// Its name, for programs.
    pub code: &'static str,
    /// What is wrong with files, as `skep check --json` has it.
    pub findings: Vec<Value>,
}

impl Exit {
    /// Returns the one that scripts must hear of.
    #[must_use]
    pub fn or_worse(self, other: Self) -> Self {
        if other as u8 > self as u8 { other } else { self }
    }
}

impl Failure {
    pub fn new(what: impl Into<String>, hint: Option<String>) -> Self {
        Self { what: what.into(), hint, exit: Exit::Failed, code: "failed", findings: Vec::new() }
    }

    /// Gives it the name by which programs know it.
    #[must_use]
    pub fn named(self, code: &'static str) -> Self {
        Self { code, ..self }
    }

    /// Writes it for programs.
    pub fn json(&self) -> Value {
        let Self { what, hint, exit, code, findings } = self;
        let exit = *exit as u8;
        json!({ "code": code, "why": what, "hint": hint, "exit_code": exit, "findings": findings })
    }

    /// Returns what a no to a question leads to, which is no error.
    pub fn declined(hint: Option<String>) -> Self {
        Self::new("nothing was changed", hint).named(DECLINED)
    }

    /// Says why something that skep was told makes no sense.
    pub fn usage(what: impl Into<String>, hint: Option<String>) -> Self {
        Self { exit: Exit::Usage, ..Self::new(what, hint).named("usage") }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // What others wrote may have lines that look like ours: only those begin a line.
        let set_in = |text: &str| {
            let shown = escape::shown_lines(text);
            let further =
                |it: &str| if it.starts_with(' ') { it.to_owned() } else { format!("  {it}") };
            let mut lines = shown.split('\n').map(str::to_owned).enumerate();
            let lines: Vec<String> =
                lines.by_ref().map(|(at, it)| if at == 0 { it } else { further(&it) }).collect();
            lines.join("\n")
        };
        let label = if self.code == DECLINED { "" } else { "error: " };
        write!(f, "{label}{}", set_in(&self.what))?;
        match &self.hint {
            Some(hint) => write!(f, "\nhint: {}", set_in(hint)),
            None => Ok(()),
        }
    }
}

impl From<EngineError> for Failure {
    fn from(err: EngineError) -> Self {
        Self::new(err.to_string(), err.hint()).named(err.code())
    }
}

impl From<StoreError> for Failure {
    fn from(err: StoreError) -> Self {
        Self::new(err.to_string(), Some(err.hint())).named("state")
    }
}

impl From<HistoryError> for Failure {
    fn from(err: HistoryError) -> Self {
        match err {
            HistoryError::Engine(err) => err.into(),
            HistoryError::Store(err) => err.into(),
        }
    }
}

impl From<ConfigError> for Failure {
    fn from(err: ConfigError) -> Self {
        Self::usage(err.to_string(), err.hint).named("settings")
    }
}

impl From<&Verdict> for Failure {
    /// Returns the failure that an end is which is not a good one.
    fn from(verdict: &Verdict) -> Self {
        let (what, exit) = match verdict {
            Verdict::Failed { why, .. } => (why.clone(), Exit::Failed),
            Verdict::Succeeded(_) | Verdict::Stopped(_) => (verdict.to_string(), Exit::Failed),
            Verdict::RolledBack(_) => (verdict.to_string(), Exit::RolledBack),
            Verdict::NeedsPerson { .. } => (verdict.to_string(), Exit::NeedsHelp),
        };
        Self { exit, ..Self::new(what, verdict.hint()).named(verdict.code()) }
    }
}

impl From<io::Error> for Failure {
    fn from(err: io::Error) -> Self {
        // `skep ps web | head` has all it wants, and so has a terminal that is closed.
        let gone = err.kind() == ErrorKind::BrokenPipe || err.raw_os_error() == Some(EIO);
        let exit = if gone { Exit::Done } else { Exit::Failed };
        Self { exit, ..Self::new(format!("cannot print: {err}"), None).named("output") }
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit as u8)
    }
}

impl From<Trouble> for Failure {
    fn from(trouble: Trouble) -> Self {
        Self::new(trouble.why, trouble.hint)
    }
}
