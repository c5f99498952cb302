//! Scalar resolution: what a scalar without quotes means by the rules of Go's yaml.v3, which are
//! neither YAML 1.1 nor 1.2.

use crate::domain::compose::yaml::{go, node::Value};
use jiff::civil::{Date, Time};

/// Reads a plain scalar; whatever is nothing else is a text.
///
/// `yes`, `on` and the like are texts; `010`, `0o10` and `0x8` are all 8;
/// `1_000` is a number, and so is `09` (a float).
pub fn resolve(text: &str) -> Value {
    if let Some(word) = word(text) {
        return word;
    }
    match text.as_bytes().first() {
        Some(b'.') => go::without_underscores(text).and_then(|it| float(&it)),
        Some(b'0'..=b'9' | b'+' | b'-') => {
            let plain = text.replace('_', "");
            let number =
                || integer(&plain).or_else(|| float(&plain)).or_else(|| signed_inside(&plain));
            timestamp(text).or_else(number)
        }
        _ => None,
    }
    .unwrap_or_else(|| Value::Text(text.into()))
}

fn word(text: &str) -> Option<Value> {
    Some(match text {
        "" | "~" | "null" | "Null" | "NULL" => Value::Null,
        "true" | "True" | "TRUE" => Value::Bool(true),
        "false" | "False" | "FALSE" => Value::Bool(false),
        ".nan" | ".NaN" | ".NAN" => Value::Float(f64::NAN),
        ".inf" | ".Inf" | ".INF" | "+.inf" | "+.Inf" | "+.INF" => Value::Float(f64::INFINITY),
        "-.inf" | "-.Inf" | "-.INF" => Value::Float(f64::NEG_INFINITY),
        _ => return None,
    })
}

/// Reads decimal, `0x`, `0o`, `0b` and the octal of a leading zero.
fn integer(text: &str) -> Option<Value> {
    let digits = text.strip_prefix(['+', '-']).unwrap_or(text);
    if digits.starts_with(['+', '-']) {
        return None;
    }
    let lower = digits.to_ascii_lowercase();
    let radixes = [("0x", 16), ("0o", 8), ("0b", 2)];
    let (digits, radix) = radixes
        .iter()
        .find_map(|(prefix, radix)| Some((lower.strip_prefix(prefix)?, *radix)))
        .or_else(|| Some((lower.strip_prefix('0').filter(|it| !it.is_empty())?, 8)))
        .unwrap_or((&lower, 10));
    if digits.starts_with(['+', '-']) {
        return None;
    }
    let size = i128::from_str_radix(digits, radix).ok()?;
    let value = if text.starts_with('-') { -size } else { size };
    let range = i128::from(i64::MIN)..=i128::from(u64::MAX);
    range.contains(&value).then_some(Value::Int(value))
}

/// Reads `0o-6`, which Go takes for -6.
fn signed_inside(text: &str) -> Option<Value> {
    let (digits, radix) = match text.get(..2)? {
        "0o" => (&text[2..], 8),
        "0b" => (&text[2..], 2),
        _ => return None,
    };
    i64::from_str_radix(digits, radix).ok().map(|it| Value::Int(it.into()))
}

/// Reads digits with an optional fraction and exponent, if the result is finite.
fn float(text: &str) -> Option<Value> {
    let digits = |it: &str| it.bytes().all(|c| c.is_ascii_digit());
    let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
    let (mantissa, exponent) = unsigned.split_once(['e', 'E']).unwrap_or((unsigned, "0"));
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let exponent = exponent.strip_prefix(['+', '-']).unwrap_or(exponent);
    let well_formed = digits(whole)
        && digits(fraction)
        && !(whole.is_empty() && fraction.is_empty())
        && digits(exponent)
        && !exponent.is_empty();
    let value: f64 = text.parse().ok().filter(|_| well_formed)?;
    value.is_finite().then_some(Value::Float(value))
}

/// Reads a date, or a date and a time, and prints it as Go does.
fn timestamp(text: &str) -> Option<Value> {
    let (date, rest) = text.split_at_checked(text.find(['t', 'T', ' ']).unwrap_or(text.len()))?;
    let date = civil_date(date)?;
    let (clock, zone) = match rest.chars().next() {
        None => ("0:0:0", "Z"),
        Some(' ') => (&rest[1..], "Z"),
        Some(_) => rest[1..].split_at_checked(rest[1..].find(['Z', '+', '-'])?)?,
    };
    let (clock, fraction) = civil_time(clock)?;
    Some(Value::Time(format!("{date} {clock}{fraction} {}", printed_zone(zone)?).into()))
}

/// Reads `2001-1-2`: a year of four digits, month and day of one or two.
fn civil_date(text: &str) -> Option<Date> {
    let mut parts = text.split('-');
    let (year, month, day) = (parts.next()?, parts.next()?, parts.next()?);
    if year.len() != 4 || parts.next().is_some() {
        return None;
    }
    let year = year.bytes().all(|c| c.is_ascii_digit()).then_some(year)?;
    Date::new(year.parse().ok()?, number(month)?, number(day)?).ok()
}

/// Reads `3:4:5.60` as a time and `.6`.
fn civil_time(text: &str) -> Option<(Time, String)> {
    let (clock, fraction) = text.split_once(['.', ',']).unwrap_or((text, "0"));
    let mut parts = clock.split(':');
    let (hour, minute, second) = (parts.next()?, parts.next()?, parts.next()?);
    if parts.next().is_some()
        || fraction.is_empty()
        || !fraction.bytes().all(|c| c.is_ascii_digit())
    {
        return None;
    }
    let time = Time::new(number(hour)?, number(minute)?, number(second)?, 0).ok()?;
    let fraction = fraction.get(..9).unwrap_or(fraction).trim_end_matches('0');
    let dot = if fraction.is_empty() { "" } else { "." };
    Some((time, format!("{dot}{fraction}")))
}

fn number(text: &str) -> Option<i8> {
    let fits = matches!(text.len(), 1 | 2) && text.bytes().all(|c| c.is_ascii_digit());
    text.parse().ok().filter(|_| fits)
}

/// Prints `Z` and `+02:00` as the name of a zone.
fn printed_zone(zone: &str) -> Option<String> {
    if matches!(zone, "Z" | "+00:00" | "-00:00") {
        return Some("+0000 UTC".to_owned());
    }
    let (hour, minute) = zone.get(1..)?.split_once(':')?;
    if hour.len() != 2 || minute.len() != 2 || number(hour)? > 24 || number(minute)? > 60 {
        return None;
    }
    let offset = format!("{}{hour}{minute}", &zone[..1]);
    Some(format!("{offset} {offset}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `expected` as docker 28.2.2 prints the value of an environment variable,
    /// with the kind in front.
    fn check(text: &str, expected: &str) {
        let value = resolve(text);
        let kind = match value {
            Value::Int(_) => "int",
            Value::Float(_) => "float",
            Value::Time(_) => "time",
            Value::Text(_) => "text",
            _ => "word",
        };
        let printed = go::print(&value).unwrap_or_else(|| "null".to_owned());
        assert_eq!(format!("{kind} {printed}"), expected, "{text}");
    }

    #[test]
    fn words_are_those_of_yaml_1_2() {
        for text in ["", "~", "null"] {
            check(text, "word null");
        }
        check("True", "word true");
        for text in ["yes", "No", "on", "y", "nUll", "<<"] {
            check(text, &format!("text {text}"));
        }
    }

    #[test]
    fn numbers_are_those_of_go() {
        for (text, expected) in [
            ("010", "int 8"),
            ("0o17", "int 15"),
            ("0x1F", "int 31"),
            ("-0x1F", "int -31"),
            ("0b11", "int 3"),
            ("1_000", "int 1000"),
            ("-0", "int 0"),
            ("18446744073709551615", "int 18446744073709551615"),
            ("18446744073709551616", "float 1.8446744073709552e+19"),
            ("-9223372036854775809", "float -9.223372036854776e+18"),
            ("09", "float 9"),
            ("1.0", "float 1"),
            ("1.", "float 1"),
            (".5_0", "float 0.5"),
            (".5_", "text .5_"),
            ("._5", "text ._5"),
            ("0o-6", "int -6"),
            ("0b+1", "int 1"),
            ("-0o-6", "text -0o-6"),
            ("+.5", "float 0.5"),
            ("-0.0", "float -0"),
            ("1e5", "float 100000"),
            ("1e6", "float 1e+06"),
            ("1234567.0", "float 1.234567e+06"),
            ("123456.7", "float 123456.7"),
            ("0.0001", "float 0.0001"),
            ("0.00001", "float 1e-05"),
            ("1e400", "text 1e400"),
            ("1e", "text 1e"),
            ("+", "text +"),
            ("0b102", "text 0b102"),
            ("0o8", "text 0o8"),
            ("0x1.8p1", "text 0x1.8p1"),
            ("22:22", "text 22:22"),
            ("1.2.3", "text 1.2.3"),
            ("+-1", "text +-1"),
        ] {
            check(text, expected);
        }
    }

    #[test]
    fn dates_become_moments() {
        for (text, expected) in [
            ("2001-01-01", "time 2001-01-01 00:00:00 +0000 UTC"),
            ("2001-1-2 3:4:5.50", "time 2001-01-02 03:04:05.5 +0000 UTC"),
            ("2001-01-02T03:04:05+02:00", "time 2001-01-02 03:04:05 +0200 +0200"),
            ("2001-01-01T10:00:00-00:30", "time 2001-01-01 10:00:00 -0030 -0030"),
            ("2001-01-01T10:00:00.123456789123Z", "time 2001-01-01 10:00:00.123456789 +0000 UTC"),
            ("2001-13-02", "text 2001-13-02"),
            ("2001-02-30", "text 2001-02-30"),
            ("2001-01-01 10:00", "text 2001-01-01 10:00"),
            ("2001-01-01T10:00:00", "text 2001-01-01T10:00:00"),
            ("2001-01-01 10:00:00 +1", "text 2001-01-01 10:00:00 +1"),
        ] {
            check(text, expected);
        }
    }
}
