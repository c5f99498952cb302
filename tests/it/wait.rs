//! Waiting for a state instead of for time to pass.

use std::{
    fmt::Debug,
    iter,
    thread::sleep,
    time::{Duration, Instant},
};

const FIRST_STEP: Duration = Duration::from_millis(20);
/// A look is often a run of the docker client, which costs as much as it waits.
const LONGEST_STEP: Duration = Duration::from_millis(400);

/// Pauses between looks, short at first.
fn steps() -> impl Iterator<Item = Duration> {
    iter::successors(Some(FIRST_STEP), |it| Some((*it * 3 / 2).min(LONGEST_STEP)))
}

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
    for step in steps() {
        if seen == *wanted {
            return;
        }
        assert!(since.elapsed() < limit, "not within {limit:?}: {wanted:?}\nseen last: {seen:?}");
        sleep(step);
        seen = look();
    }
}

/// Waits for a value to be there; panics with `what` when `limit` has passed.
#[track_caller]
pub fn wait_for<T>(what: &str, limit: Duration, mut look: impl FnMut() -> Option<T>) -> T {
    let (since, mut steps) = (Instant::now(), steps());
    loop {
        if let Some(found) = look() {
            return found;
        }
        assert!(since.elapsed() < limit, "not within {limit:?}: {what}");
        sleep(steps.next().unwrap_or(LONGEST_STEP));
    }
}
