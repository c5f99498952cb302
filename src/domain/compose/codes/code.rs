//! A kind of finding, and how kinds are declared.

/// How much a finding matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// It will bite some day.
    Suggestion,
    /// The file means something else, or does less, than it seems to.
    Warning,
    /// Docker or the engine would refuse it.
    Error,
}

impl Severity {
    pub fn word(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Warning => "warning",
            Self::Suggestion => "suggestion",
        }
    }
}

/// A kind of finding. Names are stable: scripts and comments mention them.
#[derive(Debug, PartialEq, Eq)]
pub struct Code {
    pub name: &'static str,
    pub severity: Severity,
    /// What is wrong, in a line.
    pub title: &'static str,
    /// Why it matters.
    pub why: &'static str,
    /// What to do about it.
    pub remedy: &'static str,
    /// Where this is known from, as `docker/cli#6752`; often empty.
    pub source: &'static str,
}

/// Declares codes: severity, name and title, then why, what to do and where from.
macro_rules! codes {
    ($($id:ident $severity:ident $name:literal $title:literal
        why $why:literal
        do $remedy:literal
        $(from $source:literal)?
    ;)*) => {
        $(pub static $id: Code = Code {
            name: $name,
            severity: Severity::$severity,
            title: $title,
            why: $why,
            remedy: $remedy,
            source: concat!($($source)?),
        };)*

        pub(in crate::domain::compose::codes) static TABLE: &[&Code] = &[$(&$id),*];
    };
}
pub(in crate::domain::compose::codes) use codes;
