//! How people group stacks: projects hold environments, environments hold stacks.

mod slug;
mod path;

pub use path::{BadPath, EnvironmentPath, Owner, StackPath};
pub use slug::{BadSlug, LONGEST, Slug};
