//! Timestamps of states: exact, or a lower bound.

use crate::domain::text::age::{UNKNOWN, age};
use jiff::Timestamp;

/// A moment from which on something is so.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Since {
    pub at: Timestamp,
    /// It may be so for longer: what was before is not known.
    pub at_least: bool,
}

impl Since {
    pub fn exactly(at: Timestamp) -> Self {
        Self { at, at_least: false }
    }

    pub fn at_least(at: Timestamp) -> Self {
        Self { at, at_least: true }
    }

    /// Writes for how long: `for 3m`, `for at least 3m`; nothing where the moment is none.
    pub fn lasting(self, now: Timestamp) -> Option<String> {
        let age = Some(age(self.at, now)).filter(|it| it != UNKNOWN)?;
        Some(format!("for {}{age}", if self.at_least { "at least " } else { "" }))
    }

    /// The same for a narrow column: `3m`, `3m+`.
    pub fn short(self, now: Timestamp) -> String {
        let more = if self.at_least { "+" } else { "" };
        let age = Some(age(self.at, now)).filter(|it| it != UNKNOWN);
        age.map(|it| it + more).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ago(seconds: i64) -> Timestamp {
        Timestamp::from_second(1_800_000_000 - seconds).unwrap()
    }

    #[test]
    fn what_may_be_so_for_longer_says_so() {
        let (exact, least) = (Since::exactly(ago(40)), Since::at_least(ago(30)));
        assert_eq!(exact.lasting(ago(0)).unwrap(), "for 40s");
        assert_eq!(least.lasting(ago(0)).unwrap(), "for at least 30s");
        assert_eq!((exact.short(ago(0)), least.short(ago(0))), ("40s".into(), "30s+".into()));
    }

    #[test]
    fn of_no_moment_nothing_is_claimed() {
        let never = Since::exactly(Timestamp::MIN);
        assert_eq!((never.lasting(ago(0)), never.short(ago(0))), (None, String::new()));
    }
}
