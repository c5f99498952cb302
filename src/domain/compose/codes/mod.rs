//! The table of everything that can be found in a stack file, and its only
//! documentation: `skep check --explain CODE` prints it.

mod reading;
mod running;
mod storing;
mod refusing;
mod reaching;
mod landing;
mod governing;

pub use governing::*;
pub use landing::*;
pub use reaching::*;
pub use reading::*;
pub use refusing::*;
pub use running::*;
pub use storing::*;

use crate::domain::compose::finding::Severity;

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

/// Returns every code, in the order of the steps that find them.
pub fn all() -> impl Iterator<Item = &'static Code> {
    of_files().chain(landing::TABLE.iter().chain(governing::TABLE).copied())
}

/// Returns the codes of what is found in files; the others are found by
/// [`crate::domain::preflight`] and [`crate::domain::policy`].
pub fn of_files() -> impl Iterator<Item = &'static Code> {
    [reading::TABLE, running::TABLE, storing::TABLE, refusing::TABLE, reaching::TABLE]
        .into_iter()
        .flatten()
        .copied()
}

/// Returns the code of that name.
pub fn find(name: &str) -> Option<&'static Code> {
    all().find(|it| it.name == name)
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

        pub(super) static TABLE: &[&Code] = &[$(&$id),*];
    };
}
use codes;
