//! Ages, coarse on purpose: a list of old things hardly ever needs a repaint.

use crate::domain::text::duration;
use jiff::{SignedDuration, Timestamp};
use std::time::Duration;

/// What stands for a moment that is not known.
pub const UNKNOWN: &str = "–";

const UNITS: &[(i64, char)] = &[(86_400, 'd'), (3_600, 'h'), (60, 'm'), (1, 's')];

/// Writes how long ago `then` was, in its largest unit only: `12s`, `3m`, `4h`, `9d`.
///
/// A moment ahead of `now` (clocks differ) is `0s`; the engine's "never", which
/// is any moment before 1970, is [`UNKNOWN`].
pub fn age(then: Timestamp, now: Timestamp) -> String {
    if then < Timestamp::UNIX_EPOCH {
        return UNKNOWN.to_owned();
    }
    coarse(now.duration_since(then))
}

/// Writes a length of time in its largest unit only.
pub fn coarse(length: SignedDuration) -> String {
    let seconds = length.as_secs().max(0);
    let (unit, letter) = unit_of(seconds);
    format!("{}{letter}", seconds / unit)
}

/// Writes how long it is from one moment to a later one, to the second: `41s`, `9m48s`.
pub fn exact(from: Timestamp, to: Timestamp) -> String {
    let seconds = to.duration_since(from).as_secs().max(0);
    duration::format(seconds.saturating_mul(1_000_000_000))
}

/// Returns how long the text of [`age`] stays true, or `None` if for ever.
pub fn age_holds(then: Timestamp, now: Timestamp) -> Option<Duration> {
    if then < Timestamp::UNIX_EPOCH {
        return None;
    }
    let passed = now.duration_since(then).max(SignedDuration::ZERO);
    let (unit, _) = unit_of(passed.as_secs());
    let next = SignedDuration::from_secs((passed.as_secs() / unit + 1) * unit);
    (next - passed).try_into().ok()
}

/// Returns whether the [`age`] of one of these moments reads otherwise now than it
/// did before.
pub fn any_turned(
    mut moments: impl Iterator<Item = Timestamp>,
    before: Timestamp,
    now: Timestamp,
) -> bool {
    let passed = now.duration_since(before).unsigned_abs();
    moments.any(|it| age_holds(it, before).is_some_and(|holds| passed >= holds))
}

fn unit_of(seconds: i64) -> (i64, char) {
    UNITS.iter().copied().find(|it| it.0 <= seconds).unwrap_or((1, 's'))
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: i64 = 1_700_000_000;

    fn moment(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    #[test]
    fn an_age_has_one_unit() {
        for (seconds, written) in [
            (0, "0s"),
            (12, "12s"),
            (59, "59s"),
            (60, "1m"),
            (239, "3m"),
            (3_599, "59m"),
            (3_600, "1h"),
            (86_399, "23h"),
            (86_400, "1d"),
            (86_400 * 400, "400d"),
            (-5, "0s"),
        ] {
            assert_eq!(age(moment(NOW - seconds), moment(NOW)), written, "{seconds} s");
        }
    }

    #[test]
    fn an_exact_length_has_seconds() {
        for (seconds, written) in
            [(0, "0s"), (41, "41s"), (588, "9m48s"), (3_600, "1h"), (-3, "0s")]
        {
            assert_eq!(exact(moment(NOW), moment(NOW + seconds)), written);
        }
    }

    #[test]
    fn the_engines_never_is_no_age() {
        let never: Timestamp = "0001-01-01T00:00:00Z".parse().unwrap();
        assert_eq!(age(never, moment(NOW)), UNKNOWN);
        assert_eq!(age_holds(never, moment(NOW)), None);
    }

    #[test]
    fn ages_turn_one_by_one() {
        let check = |ages: &[i64], passed, turned| {
            let moments = ages.iter().map(|it| moment(NOW - it));
            let turns = any_turned(moments, moment(NOW), moment(NOW + passed));
            assert_eq!(turns, turned, "{ages:?} after {passed} s");
        };
        check(&[], 100, false);
        check(&[12], 1, true);
        check(&[61, 3_600], 58, false);
        check(&[61, 3_600], 59, true);
    }

    #[test]
    fn an_age_says_when_it_must_be_written_anew() {
        for (seconds, holds) in [(0, 1), (12, 1), (61, 59), (3_600, 3_600), (90_000, 82_800)] {
            let holds = Some(Duration::from_secs(holds));
            assert_eq!(age_holds(moment(NOW - seconds), moment(NOW)), holds, "{seconds} s");
        }
    }
}
