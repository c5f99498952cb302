//! Projects: they hold environments, which hold stacks.

pub mod vault;
mod slug;
mod path;
mod setting;
mod catalog;
mod values;
mod inputs;
pub mod pending;
mod spelling;
mod secrets;
mod traces;
pub mod fingerprint;
pub mod draft;

pub use catalog::{
    Catalog, Content, Environment, ManagedStack, Project, Refused, SourcePlace, StackSource,
};
pub use inputs::{Inputs, SettingChange};
pub use path::{BadPath, EnvironmentPath, Owner, StackPath};
pub use secrets::Secrets;
pub use setting::{BadName, Setting, SettingName, Settings};
pub use slug::{BadSlug, LONGEST, Slug};
pub use traces::Traces;
pub use values::{Value, Values, VariableOrigin};
