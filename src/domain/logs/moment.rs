//! Time parsing: `10m` ago, `14:02`, `2026-11-30 14:02`.

use jiff::{Span, SpanRelativeTo, Timestamp, ToSpan, Zoned, civil, tz::TimeZone};

/// Returns which moment a text means; a time without a date is the last one that was.
pub fn moment(text: &str, now: Timestamp, zone: &TimeZone) -> Result<Timestamp, String> {
    let text = text.trim();
    let found = ago(text, now)
        .or_else(|| text.parse::<Timestamp>().ok())
        .or_else(|| text.parse::<Zoned>().ok().map(|it| it.timestamp()))
        .or_else(|| seconds(text))
        .or_else(|| dated(text, zone))
        .or_else(|| time_of_day(text, now, zone));
    found.ok_or_else(|| {
        format!("`{text}` is not a moment; write 10m, 3h, 1d, 14:02, 14:02:30 or 2026-11-30 14:02")
    })
}

/// Returns the moment that lies so far back, as `3h` does.
pub fn ago(text: &str, now: Timestamp) -> Option<Timestamp> {
    // `12:30:05` would be a span to the library, and a time to everybody else.
    let back: Span = (!text.contains(':')).then(|| text.parse().ok())??;
    let back = back.abs().to_duration(SpanRelativeTo::days_are_24_hours()).ok()?;
    now.checked_sub(back).ok()
}

/// Seconds since 1970, as docker takes them.
fn seconds(text: &str) -> Option<Timestamp> {
    let (whole, part) = text.split_once('.').unwrap_or((text, ""));
    let is_number = |it: &str| it.bytes().all(|it| it.is_ascii_digit());
    if whole.len() < 9 || !is_number(whole) || !is_number(part) || part.len() > 9 {
        return None;
    }
    let nanos = format!("{part:0<9}").parse().ok()?;
    Timestamp::new(whole.parse().ok()?, nanos).ok()
}

fn dated(text: &str, zone: &TimeZone) -> Option<Timestamp> {
    let at: civil::DateTime = text.parse().ok()?;
    at.to_zoned(zone.clone()).ok().map(|it| it.timestamp())
}

fn time_of_day(text: &str, now: Timestamp, zone: &TimeZone) -> Option<Timestamp> {
    // An hour alone would be a time to the library, and a number to everybody else.
    let time: civil::Time = text.contains(':').then(|| text.parse().ok())??;
    let today = now.to_zoned(zone.clone()).date();
    let on = |date: civil::Date| date.to_datetime(time).to_zoned(zone.clone()).ok();
    let at = on(today)?.timestamp();
    if at <= now {
        return Some(at);
    }
    on(today.checked_sub(1.day()).ok()?).map(|it| it.timestamp())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_are_read_as_people_write_them() {
        let now: Timestamp = "2026-11-20T12:00:00Z".parse().unwrap();
        let zone = TimeZone::fixed(jiff::tz::offset(1));
        for (text, expected) in [
            ("10m", "2026-11-20T11:50:00Z"),
            ("1h30m", "2026-11-20T10:30:00Z"),
            ("1d", "2026-11-19T12:00:00Z"),
            ("12:30", "2026-11-20T11:30:00Z"),
            ("12:30:05", "2026-11-20T11:30:05Z"),
            ("14:02", "2026-11-19T13:02:00Z"),
            ("2026-11-01", "2026-10-31T23:00:00Z"),
            ("2026-11-01 14:02", "2026-11-01T13:02:00Z"),
            ("2026-11-01T14:02:03Z", "2026-11-01T14:02:03Z"),
            ("1700000000", "2023-11-14T22:13:20Z"),
            ("1700000000.5", "2023-11-14T22:13:20.5Z"),
        ] {
            let expected: Timestamp = expected.parse().unwrap();
            assert_eq!(moment(text, now, &zone), Ok(expected), "{text}");
        }
        for text in ["", "soon", "25:00", "12", "-"] {
            assert!(moment(text, now, &zone).is_err(), "{text}");
        }
    }
}
