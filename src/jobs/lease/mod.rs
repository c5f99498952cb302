//! Leases: who changes a stack, told to every skep and every machine.

mod local_owner;
mod keeper;
mod guard;
mod watch;

pub use guard::{LeaseGuard, hold, holder, is_free, take};
pub use local_owner::LocalOwner;
pub use watch::LeaseWatch;
