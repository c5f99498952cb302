//! How far back to look: the keys `0` to `6`, as k9s has them.

use crate::domain::logs::{LogRequest, LogSource, Progress};
use jiff::{SignedDuration, Timestamp};

/// A stretch of time to read.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub enum Window {
    /// The newest lines, then what comes.
    #[default]
    Tail,
    /// The oldest lines there are; nothing follows.
    Head,
    Minute,
    FiveMinutes,
    QuarterHour,
    HalfHour,
    Hour,
}

impl Window {
    /// All windows, in the order of their keys.
    pub const ALL: &[Self] = &[
        Self::Tail,
        Self::Head,
        Self::Minute,
        Self::FiveMinutes,
        Self::QuarterHour,
        Self::HalfHour,
        Self::Hour,
    ];

    /// Returns the window of a key, `0` to `6`.
    pub fn of_key(key: char) -> Option<Self> {
        Self::ALL.get(key.to_digit(10)? as usize).copied()
    }

    /// Returns its name, as `15m`.
    pub fn label(self) -> &'static str {
        match self {
            Self::Tail => "tail",
            Self::Head => "head",
            Self::Minute => "1m",
            Self::FiveMinutes => "5m",
            Self::QuarterHour => "15m",
            Self::HalfHour => "30m",
            Self::Hour => "1h",
        }
    }

    /// Returns what to ask the engine for. It counts `lines` per container; and
    /// it knows no head, so whoever reads one stops after that many lines.
    pub fn request(self, source: LogSource, now: Timestamp, lines: u32) -> LogRequest {
        let minutes = match self {
            Self::Tail | Self::Head => None,
            Self::Minute => Some(1),
            Self::FiveMinutes => Some(5),
            Self::QuarterHour => Some(15),
            Self::HalfHour => Some(30),
            Self::Hour => Some(60),
        };
        let before = |it| now.saturating_sub(SignedDuration::from_mins(it)).unwrap_or(now);
        LogRequest {
            source,
            since: minutes.map(before),
            tail: (self == Self::Tail).then_some(lines),
            follow: self != Self::Head,
            read: Progress::default(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::names::ServiceId;

    #[test]
    fn keys_choose_what_is_asked_for() {
        let now: Timestamp = "2026-11-20T12:00:00Z".parse().unwrap();
        for (key, label, since, tail, follow) in [
            ('0', "tail", None, Some(500), true),
            ('1', "head", None, None, false),
            ('2', "1m", Some("2026-11-20T11:59:00Z"), None, true),
            ('3', "5m", Some("2026-11-20T11:55:00Z"), None, true),
            ('4', "15m", Some("2026-11-20T11:45:00Z"), None, true),
            ('5', "30m", Some("2026-11-20T11:30:00Z"), None, true),
            ('6', "1h", Some("2026-11-20T11:00:00Z"), None, true),
        ] {
            let window = Window::of_key(key).unwrap();
            let source = LogSource::Service(ServiceId::from("x"));
            let since = since.map(|it| it.parse().unwrap());
            assert_eq!(window.label(), label);
            let read = Progress::default();
            let expected = LogRequest { source: source.clone(), since, tail, follow, read };
            assert_eq!(window.request(source, now, 500), expected, "key {key}");
        }
        assert_eq!(Window::of_key('7'), None);
        assert_eq!(Window::of_key('x'), None);
    }
}
