//! Finding codes: the table of everything that a check can find, and its only documentation:
//! `skep check --explain CODE` prints it.

mod code;
mod reading;
mod running;
mod storing;
mod refusing;
mod reaching;
mod landing;
mod governing;

pub use code::{Code, Severity};
pub use governing::*;
pub use landing::*;
pub use reaching::*;
pub use reading::*;
pub use refusing::*;
pub use running::*;
pub use storing::*;

/// Returns every code, in the order of the steps that find them.
pub fn all() -> impl Iterator<Item = &'static Code> {
    of_files().chain(landing::TABLE.iter().chain(governing::TABLE).copied())
}

/// Returns the codes of what is found in files; the others are found by
/// [`crate::domain::deployment::preflight`] and [`crate::domain::compose::policy`].
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
