//! Leases in the cluster: who changes a stack, visible to every skep on every machine.

mod local_owner;
mod keeper;
mod guard;
mod watch;

pub use guard::{LeaseGuard, hold, holder, is_free, take};
pub use local_owner::LocalOwner;
pub use watch::LeaseWatch;
