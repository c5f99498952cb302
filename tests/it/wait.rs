//! Waiting for a state instead of for time to pass.

use std::{
    fmt::Debug,
    thread::sleep,
    time::{Duration, Instant},
};

const STEP: Duration = Duration::from_millis(50);

/// Waits until the condition holds; panics with `what` when `limit` has passed.
#[track_caller]
pub fn wait_until(what: &str, limit: Duration, mut holds: impl FnMut() -> bool) {
    wait_for(what, limit, || holds().then_some(()));
}

/// Waits until a look gives what is wanted; panics with what it gave last when
/// `limit` has passed.
#[track_caller]
pub fn wait_until_is<T: PartialEq + Debug>(
    wanted: &T,
    limit: Duration,
    mut look: impl FnMut() -> T,
) {
    let since = Instant::now();
    let mut seen = look();
    while seen != *wanted {
        assert!(since.elapsed() < limit, "not within {limit:?}: {wanted:?}\nseen last: {seen:?}");
        sleep(STEP);
        seen = look();
    }
}

/// Waits for a value to be there; panics with `what` when `limit` has passed.
#[track_caller]
pub fn wait_for<T>(what: &str, limit: Duration, mut look: impl FnMut() -> Option<T>) -> T {
    let since = Instant::now();
    loop {
        if let Some(found) = look() {
            return found;
        }
        assert!(since.elapsed() < limit, "not within {limit:?}: {what}");
        sleep(STEP);
    }
}
