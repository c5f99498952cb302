//! Projects on this machine: their catalog, files and variables.
//! Nothing here touches a cluster.

mod trouble;
pub mod templates;
pub mod project_stack;
pub mod compose_sources;
mod import_files;
mod load;
mod known_secrets;
mod became_secret;
mod moved;
mod catalog_change;
mod variables;
pub mod project_export;
pub mod project_import;
mod pending_changes;

pub use catalog_change::{AuditedChange, CatalogChange, Given, NewStack};
pub use compose_sources::Sources;
pub use import_files::{ImportedFiles, import_files, import_text};
pub use known_secrets::{known_secrets, live_secrets};
pub use load::{bytes, find, load, look, secrecy, secrets_of};
pub use pending_changes::{
    Foreign, PendingChanges, all_pending_changes, discard, pending_changes, replace, see,
};
pub use trouble::Trouble;
pub use variables::{VariableRow, Variables, variables};
