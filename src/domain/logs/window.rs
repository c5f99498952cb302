//! Log windows: which lines to show (keys `0` to `9`, as in k9s).

use crate::domain::logs::moment::{self, moment};
use jiff::{SignedDuration, Timestamp, tz::TimeZone};

/// A stretch of a log.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub enum Window {
    /// The newest lines of each task, then what comes.
    #[default]
    Tail,
    /// From the oldest line on.
    Head,
    /// The last so many minutes, then what comes.
    Back(u32),
    /// Everything there is, then what comes.
    All,
    /// From a moment on.
    From(Timestamp),
}

const HOUR: u32 = 60;
const DAY: u32 = 24 * HOUR;

impl Window {
    /// The windows of the keys, in their order.
    pub const ALL: &[Self] = &[
        Self::Tail,
        Self::Head,
        Self::Back(1),
        Self::Back(5),
        Self::Back(15),
        Self::Back(30),
        Self::Back(HOUR),
        Self::Back(3 * HOUR),
        Self::Back(DAY),
        Self::All,
    ];

    /// Returns the window of a key, `0` to `9`.
    pub fn of_key(key: char) -> Option<Self> {
        Self::ALL.get(key.to_digit(10)? as usize).copied()
    }

    /// Returns its name, as `15m`.
    pub fn label(self) -> String {
        match self {
            Self::Tail => "tail".to_owned(),
            Self::Head => "head".to_owned(),
            Self::All => "all".to_owned(),
            Self::Back(minutes) if minutes % DAY == 0 => format!("{}d", minutes / DAY),
            Self::Back(minutes) if minutes % HOUR == 0 => format!("{}h", minutes / HOUR),
            Self::Back(minutes) => format!("{minutes}m"),
            Self::From(at) => format!("since {at:.0}"),
        }
    }

    /// Says what it holds, for people. `tail` lines of each task are the newest.
    pub fn describe(self, tail: u32, zone: &TimeZone) -> String {
        match self {
            Self::Tail => format!("the newest {tail} lines of each task"),
            Self::Head => "from the first line".to_owned(),
            Self::All => "all lines".to_owned(),
            Self::Back(_) => format!("the last {}", self.label()),
            Self::From(at) => {
                format!("since {}", at.to_zoned(zone.clone()).strftime("%b %-d %H:%M:%S"))
            }
        }
    }

    /// Understands what is typed: `3h` back, `14:02`, `2026-11-30 14:02`, or the name of
    /// a window.
    pub fn parse(text: &str, now: Timestamp, zone: &TimeZone) -> Result<Self, String> {
        if let Some(named) = Self::ALL.iter().find(|it| it.label() == text.trim()) {
            return Ok(*named);
        }
        let at = moment(text, now, zone)?;
        if moment::ago(text, now).is_none() {
            return Ok(Self::From(at));
        }
        let seconds = now.duration_since(at).as_secs().max(1);
        Ok(Self::Back(u32::try_from(seconds.unsigned_abs().div_ceil(60)).unwrap_or(u32::MAX)))
    }

    /// Returns from when on its lines are.
    pub fn since(self, now: Timestamp) -> Option<Timestamp> {
        match self {
            Self::Tail | Self::Head | Self::All => None,
            Self::Back(minutes) => {
                let back = SignedDuration::from_mins(i64::from(minutes));
                Some(now.saturating_sub(back).unwrap_or(now))
            }
            Self::From(at) => Some(at),
        }
    }

    /// Returns the next one that reaches further back, if there is more to be had so.
    pub fn wider(self) -> Option<Self> {
        let Self::Back(minutes) = self else { return None };
        let next = Self::ALL.iter().find(|it| matches!(it, Self::Back(more) if *more > minutes));
        Some(next.copied().unwrap_or(Self::All))
    }

    /// Returns whether it is read from its beginning, a portion at a time.
    pub fn reads_on(self) -> bool {
        matches!(self, Self::Head | Self::From(_))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_choose_what_is_asked_for() {
        let now: Timestamp = "2026-11-20T12:00:00Z".parse().unwrap();
        for (key, label, since) in [
            ('0', "tail", None),
            ('1', "head", None),
            ('2', "1m", Some("2026-11-20T11:59:00Z")),
            ('3', "5m", Some("2026-11-20T11:55:00Z")),
            ('4', "15m", Some("2026-11-20T11:45:00Z")),
            ('5', "30m", Some("2026-11-20T11:30:00Z")),
            ('6', "1h", Some("2026-11-20T11:00:00Z")),
            ('7', "3h", Some("2026-11-20T09:00:00Z")),
            ('8', "1d", Some("2026-11-19T12:00:00Z")),
            ('9', "all", None),
        ] {
            let window = Window::of_key(key).unwrap();
            assert_eq!(window.label(), label);
            assert_eq!(window.since(now), since.map(|it| it.parse().unwrap()), "key {key}");
        }
        assert_eq!(Window::of_key('x'), None);
    }

    #[test]
    fn windows_are_typed_as_moments() {
        let now: Timestamp = "2026-11-20T12:00:00Z".parse().unwrap();
        for (text, expected) in [
            ("3h", Ok(Window::Back(180))),
            ("90s", Ok(Window::Back(2))),
            ("all", Ok(Window::All)),
            ("tail", Ok(Window::Tail)),
            ("11:58", Ok(Window::From("2026-11-20T11:58:00Z".parse().unwrap()))),
        ] {
            assert_eq!(Window::parse(text, now, &TimeZone::UTC), expected, "{text}");
        }
        assert!(Window::parse("soon", now, &TimeZone::UTC).is_err());
    }

    #[test]
    fn a_window_can_be_widened_until_it_holds_all() {
        let mut window = Window::Back(5);
        let mut labels = Vec::new();
        while let Some(wider) = window.wider() {
            labels.push(wider.label());
            window = wider;
        }
        assert_eq!(labels, ["15m", "30m", "1h", "3h", "1d", "all"]);
        assert_eq!(Window::Back(7).wider(), Some(Window::Back(15)));
        assert_eq!(Window::Tail.wider(), None);
    }
}
