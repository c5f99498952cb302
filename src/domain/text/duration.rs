//! Durations in the syntax of Go, which compose files and the docker CLI use.

use std::fmt::Write;

const UNITS: &[(&str, i64)] = &[
    ("ns", 1),
    ("us", 1_000),
    ("µs", 1_000),
    ("μs", 1_000),
    ("ms", 1_000_000),
    ("s", 1_000_000_000),
    ("m", 60_000_000_000),
    ("h", 3_600_000_000_000),
];

/// Reads a duration as Go's `time.ParseDuration` does: `1h30m`, `.5s`, `-2ms`,
/// `0`. Returns nanoseconds; `None` if it is none, or longer than 292 years.
pub fn parse(text: &str) -> Option<i64> {
    let (sign, mut rest) = match text.as_bytes().first()? {
        b'-' => (-1, &text[1..]),
        b'+' => (1, &text[1..]),
        _ => (1, text),
    };
    if rest == "0" {
        return Some(0);
    }
    if rest.is_empty() {
        return None;
    }
    let mut total: i128 = 0;
    while !rest.is_empty() {
        let (nanos, after) = component(rest)?;
        total = total.checked_add(nanos)?;
        rest = after;
    }
    i64::try_from(sign * total).ok()
}

/// Writes nanoseconds so that Go reads them, without parts that are zero:
/// `1h30m`, `10s`, `1.5s`, `200ms`.
pub fn format(nanos: i64) -> String {
    let mut text = String::new();
    if nanos < 0 {
        text.push('-');
    }
    let mut rest = nanos.unsigned_abs();
    for (unit, size) in [("h", 3_600_000_000_000), ("m", 60_000_000_000)] {
        if rest >= size {
            // Writing to a String cannot fail.
            let _ = write!(text, "{}{unit}", rest / size);
            rest %= size;
        }
    }
    if rest == 0 {
        return if nanos == 0 { "0s".to_owned() } else { text };
    }
    let (unit, size) = [("s", 1_000_000_000), ("ms", 1_000_000), ("µs", 1_000), ("ns", 1)]
        .into_iter()
        .find(|it| it.1 <= rest)
        .unwrap_or(("ns", 1));
    let digits = size.ilog10() as usize;
    let part = format!("{}.{:0digits$}", rest / size, rest % size);
    let part = part.trim_end_matches('0').trim_end_matches('.');
    text.push_str(part);
    text + unit
}

/// Takes one number with its unit.
fn component(text: &str) -> Option<(i128, &str)> {
    let (whole, rest) = digits(text);
    let (fraction, rest) = rest.strip_prefix('.').map_or(("", rest), digits);
    if whole.is_empty() && fraction.is_empty() {
        return None;
    }
    let end = rest.find(|c: char| c == '.' || c.is_ascii_digit()).unwrap_or(rest.len());
    let size = i128::from(UNITS.iter().find(|it| it.0 == &rest[..end])?.1);
    let nanos = if whole.is_empty() { 0 } else { whole.parse::<i128>().ok()?.checked_mul(size)? };
    Some((nanos + part(fraction, size)?, &rest[end..]))
}

/// Reads digits behind the point; what makes no nanosecond is dropped.
fn part(fraction: &str, size: i128) -> Option<i128> {
    let fraction = fraction.get(..18).unwrap_or(fraction);
    if fraction.is_empty() {
        return Some(0);
    }
    let scale = 10_i128.pow(u32::try_from(fraction.len()).ok()?);
    Some(fraction.parse::<i128>().ok()? * size / scale)
}

fn digits(text: &str) -> (&str, &str) {
    text.split_at(text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_go_reads_is_read() {
        for (text, nanos) in [
            ("0", Some(0)),
            ("5s", Some(5_000_000_000)),
            (".5s", Some(500_000_000)),
            ("1.5h", Some(5_400_000_000_000)),
            ("1h1h", Some(7_200_000_000_000)),
            ("-2ms", Some(-2_000_000)),
            ("+1µs", Some(1_000)),
            ("1m30s", Some(90_000_000_000)),
            ("-0", Some(0)),
            ("+1.5m.5s1us", Some(90_500_001_000)),
            ("0.3333333333333333333h", Some(1_199_999_999_999)),
            ("9223372036854775807ns", Some(i64::MAX)),
            ("-9223372036854775808ns", Some(i64::MIN)),
            ("9223372036854775808ns", None),
            ("", None),
            ("5", None),
            ("-", None),
            ("s", None),
            (".s", None),
            ("1d", None),
            ("1 s", None),
            ("9999999999h", None),
        ] {
            assert_eq!(parse(text), nanos, "{text}");
        }
    }

    #[test]
    fn what_is_written_is_short_and_reads_back() {
        for (nanos, written) in [
            (0, "0s"),
            (10_000_000_000, "10s"),
            (90_000_000_000, "1m30s"),
            (3_600_000_000_000, "1h"),
            (1_500_000_000, "1.5s"),
            (200_000_000, "200ms"),
            (1_500, "1.5µs"),
            (7, "7ns"),
            (-90_000_000_000, "-1m30s"),
            (60_000_000_001, "1m1ns"),
        ] {
            assert_eq!(format(nanos), written, "{nanos}");
            assert_eq!(parse(written), Some(nanos), "{written}");
        }
    }
}
