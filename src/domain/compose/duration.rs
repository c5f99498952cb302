//! Durations as Go writes them: `1m30s`, `.5h`, `0`.

/// Reads a duration; the result is in nanoseconds.
pub fn parse(text: &str) -> Option<i64> {
    let (negative, unsigned) = match text.strip_prefix(['+', '-']) {
        Some(rest) => (text.starts_with('-'), rest),
        None => (false, text),
    };
    if unsigned == "0" {
        return Some(0);
    }
    let total = (!unsigned.is_empty()).then(|| sum(unsigned))??;
    let total = i128::try_from(total).ok()?;
    i64::try_from(if negative { -total } else { total }).ok()
}

/// Writes nanoseconds as a duration without fractions and without parts that
/// are zero: `1m30s`.
pub fn print(nanoseconds: i64) -> String {
    let mut text = if nanoseconds < 0 { "-".to_owned() } else { String::new() };
    let mut rest = u128::from(nanoseconds.unsigned_abs());
    for name in ["h", "m", "s", "ms", "us", "ns"] {
        let unit = unit(name).unwrap_or(1);
        if rest >= unit {
            text += &format!("{}{name}", rest / unit);
            rest %= unit;
        }
    }
    if text.is_empty() { "0s".to_owned() } else { text }
}

/// Adds up numbers with their units.
fn sum(mut rest: &str) -> Option<u128> {
    let mut total: u128 = 0;
    while !rest.is_empty() {
        let (whole, after) = digits(rest);
        let (fraction, after) = after.strip_prefix('.').map_or(("", after), digits);
        if whole.is_empty() && fraction.is_empty() {
            return None;
        }
        let end = after.find(|c: char| c == '.' || c.is_ascii_digit()).unwrap_or(after.len());
        let unit = unit(&after[..end])?;
        total = total.checked_add(amount(whole, unit)?)?.checked_add(part(fraction, unit)?)?;
        if total > 1 << 63 {
            return None;
        }
        rest = &after[end..];
    }
    Some(total)
}

fn digits(text: &str) -> (&str, &str) {
    text.split_at(text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len()))
}

fn amount(whole: &str, unit: u128) -> Option<u128> {
    if whole.is_empty() {
        return Some(0);
    }
    whole.parse::<u128>().ok()?.checked_mul(unit)
}

/// Reads the digits behind the dot; those that make no nanosecond are dropped.
fn part(fraction: &str, unit: u128) -> Option<u128> {
    let fraction = fraction.get(..18).unwrap_or(fraction);
    if fraction.is_empty() {
        return Some(0);
    }
    let scale = 10_u128.pow(u32::try_from(fraction.len()).ok()?);
    Some(fraction.parse::<u128>().ok()? * unit / scale)
}

fn unit(name: &str) -> Option<u128> {
    Some(match name {
        "ns" => 1,
        "us" | "µs" | "μs" => 1_000,
        "ms" => 1_000_000,
        "s" => 1_000_000_000,
        "m" => 60_000_000_000,
        "h" => 3_600_000_000_000,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_those_of_go() {
        for (text, expected) in [
            ("1m30s", Some(90_000_000_000)),
            ("0", Some(0)),
            ("-0", Some(0)),
            ("+1.5m.5s1us", Some(90_500_001_000)),
            ("1µs", Some(1_000)),
            ("-1s", Some(-1_000_000_000)),
            ("0.3333333333333333333h", Some(1_199_999_999_999)),
            ("9223372036854775807ns", Some(i64::MAX)),
            ("-9223372036854775808ns", Some(i64::MIN)),
            ("9223372036854775808ns", None),
            ("3000000h", None),
            ("5", None),
            ("1d", None),
            ("", None),
            ("-", None),
            (".s", None),
            ("1 s", None),
        ] {
            assert_eq!(parse(text), expected, "{text}");
        }
    }

    #[test]
    fn durations_are_written_as_they_are_read() {
        for (nanoseconds, expected) in [
            (0, "0s"),
            (90_000_000_000, "1m30s"),
            (3_600_000_000_000, "1h"),
            (-1_500_000, "-1ms500us"),
            (1, "1ns"),
            (i64::MIN, "-2562047h47m16s854ms775us808ns"),
        ] {
            assert_eq!(print(nanoseconds), expected);
            assert_eq!(parse(expected), Some(nanoseconds));
        }
    }
}
