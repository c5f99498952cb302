//! Quantities: amounts of memory and processor time.

use crate::domain::compose::yaml::go;

/// The least that engines take for a reservation: billionths of a processor, bytes.
pub const LEAST_CPUS: i64 = 1_000_000;
pub const LEAST_MEMORY: i64 = 4 << 20;

/// The least that nodes take for a limit, which the swarm does not look at.
pub const LEAST_CPU_LIMIT: i64 = 10_000_000;
pub const LEAST_MEMORY_LIMIT: i64 = 6 << 20;

/// Reads an amount of memory in bytes: a number with up to one space and a
/// unit. Units are multiples of 1024, whatever they are called.
pub fn bytes(text: &str) -> Result<i64, String> {
    let invalid = || format!("invalid size: '{text}'");
    let end = text.rfind(|c: char| c.is_ascii_digit() || c == '.').ok_or_else(invalid)?;
    let (number, suffix) = text.split_at(end + 1);
    let suffix = suffix.strip_prefix(' ').unwrap_or(suffix);
    let value: f64 =
        go::without_underscores(number).ok_or_else(invalid)?.parse().map_err(|_| invalid())?;
    if value < 0.0 || !value.is_finite() {
        return Err(invalid());
    }
    let factor = factor(suffix).ok_or_else(|| format!("invalid suffix: '{suffix}'"))?;
    let bytes = value * factor;
    if bytes >= 9.2e18 {
        return Err(format!("size out of range: '{text}'"));
    }
    #[expect(clippy::cast_possible_truncation, reason = "a size is cut to whole bytes")]
    Ok(bytes as i64)
}

/// Writes bytes in the largest unit of which they are a whole number: `64M`.
pub fn print_bytes(bytes: i64) -> String {
    let units = [("T", 40), ("G", 30), ("M", 20), ("K", 10)];
    let whole = units.iter().find(|(_, bits)| bytes != 0 && bytes % (1_i64 << bits) == 0);
    whole.map_or_else(|| bytes.to_string(), |(name, bits)| format!("{}{name}", bytes >> bits))
}

fn factor(suffix: &str) -> Option<f64> {
    let lower = suffix.to_lowercase();
    let mut letters = lower.chars();
    let exponent = match letters.next() {
        None => return Some(1.0),
        Some('b') => return letters.as_str().is_empty().then_some(1.0),
        Some('k') => 1,
        Some('m') => 2,
        Some('g') => 3,
        Some('t') => 4,
        Some('p') => 5,
        Some(_) => return None,
    };
    matches!(letters.as_str(), "" | "b" | "ib").then(|| 1024_f64.powi(exponent))
}

/// Reads a number of processors, as `.5` or `1/2`, in billionths of one.
pub fn nano_cpus(text: &str) -> Result<i64, String> {
    let rational =
        rational(text).ok_or_else(|| format!("failed to parse {text} as a rational number"))?;
    let (numerator, denominator) = rational;
    let nano = numerator.checked_mul(1_000_000_000).ok_or("value is too precise")?;
    if nano % denominator != 0 {
        return Err("value is too precise".to_owned());
    }
    i64::try_from(nano / denominator).map_err(|_| format!("{text} is out of range"))
}

/// Reads `a/b` or a decimal number with an exponent as a fraction.
fn rational(text: &str) -> Option<(i128, i128)> {
    let negative = text.starts_with('-');
    let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
    let (numerator, denominator) = match unsigned.split_once('/') {
        Some((numerator, denominator)) => (integer(numerator)?, integer(denominator)?),
        None => decimal(unsigned)?,
    };
    (denominator != 0).then_some((if negative { -numerator } else { numerator }, denominator))
}

fn decimal(text: &str) -> Option<(i128, i128)> {
    if let Some(value) = integer(text).filter(|_| text.starts_with("0x") || text.starts_with("0X"))
    {
        return Some((value, 1));
    }
    let (mantissa, exponent) = text.split_once(['e', 'E']).unwrap_or((text, "0"));
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let digits = format!("{whole}{fraction}");
    if digits.is_empty() || !digits.bytes().all(|it| it.is_ascii_digit()) {
        return None;
    }
    let exponent: i32 = exponent.parse().ok()?;
    let exponent = exponent.checked_sub(i32::try_from(fraction.len()).ok()?)?;
    let scale = 10_i128.checked_pow(exponent.unsigned_abs())?;
    let digits: i128 = digits.parse().ok()?;
    if exponent < 0 { Some((digits, scale)) } else { Some((digits.checked_mul(scale)?, 1)) }
}

fn integer(text: &str) -> Option<i128> {
    let lower = text.to_ascii_lowercase();
    let (digits, radix) = lower.strip_prefix("0x").map_or((lower.as_str(), 10), |it| (it, 16));
    let plain = digits.starts_with(|c: char| c.is_ascii_hexdigit());
    plain.then(|| i128::from_str_radix(digits, radix).ok())?
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn memory_is_read_as_docker_reads_it() {
        for (text, expected) in [
            ("1024", Ok(1024)),
            ("50M", Ok(52_428_800)),
            ("50mb", Ok(52_428_800)),
            ("1.5 GiB", Ok(1_610_612_736)),
            ("1b", Ok(1)),
            ("1e3", Ok(1000)),
            (".5k", Ok(512)),
            ("", Err("invalid size: ''")),
            ("-1m", Err("invalid size: '-1m'")),
            ("1x", Err("invalid suffix: 'x'")),
            ("1  m", Err("invalid suffix: ' m'")),
            ("m", Err("invalid size: 'm'")),
        ] {
            assert_eq!(bytes(text), expected.map_err(str::to_owned), "{text}");
        }
    }

    #[test]
    fn memory_is_written_as_it_is_read() {
        for (size, expected) in [
            (0, "0"),
            (1000, "1000"),
            (512, "512"),
            (1536, "1536"),
            (64 << 20, "64M"),
            (1 << 30, "1G"),
            (1536 << 20, "1536M"),
            (3 << 50, "3072T"),
        ] {
            assert_eq!(print_bytes(size), expected);
            assert_eq!(bytes(expected), Ok(size));
        }
    }

    #[test]
    fn processors_are_fractions() {
        for (text, expected) in [
            ("0.25", Ok(250_000_000)),
            (".5", Ok(500_000_000)),
            ("1/2", Ok(500_000_000)),
            ("1e-3", Ok(1_000_000)),
            ("0x1", Ok(1_000_000_000)),
            ("-1", Ok(-1_000_000_000)),
            ("1/3", Err("value is too precise")),
            ("0.0000000001", Err("value is too precise")),
            ("x", Err("failed to parse x as a rational number")),
            ("1/0", Err("failed to parse 1/0 as a rational number")),
        ] {
            assert_eq!(nano_cpus(text), expected.map_err(str::to_owned), "{text}");
        }
    }
}
