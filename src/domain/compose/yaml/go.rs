//! Values as Go's `fmt` prints them.

use crate::domain::compose::yaml::node::Value;

/// Prints a scalar as `%v` does; `None` for null and collections.
pub fn print(value: &Value) -> Option<String> {
    match value {
        Value::Bool(it) => Some(it.to_string()),
        Value::Int(it) => Some(it.to_string()),
        Value::Float(it) => Some(float(*it)),
        Value::Time(it) | Value::Text(it) => Some(it.to_string()),
        Value::Null | Value::List(_) | Value::Map(_) => None,
    }
}

/// Takes away the underscores of a number; they may only separate digits.
pub fn without_underscores(number: &str) -> Option<String> {
    let bytes = number.as_bytes();
    let is_digit =
        |at: Option<usize>| at.and_then(|it| bytes.get(it)).is_some_and(u8::is_ascii_digit);
    let separates = |at: usize| is_digit(at.checked_sub(1)) && is_digit(Some(at + 1));
    let placed = number.match_indices('_').all(|(at, _)| separates(at));
    placed.then(|| number.replace('_', ""))
}

/// Prints the shortest digits that read back the same, with an exponent of at
/// least two digits where it is below -4 or above 5.
pub fn float(value: f64) -> String {
    if value == 0.0 {
        return if value.is_sign_negative() { "-0".to_owned() } else { "0".to_owned() };
    }
    let scientific = format!("{value:e}");
    let Some((digits, exponent)) = scientific.split_once('e') else { return scientific };
    match exponent.parse::<i32>() {
        Ok(exponent) if (-4..6).contains(&exponent) => value.to_string(),
        Ok(exponent) => {
            let sign = if exponent < 0 { '-' } else { '+' };
            format!("{digits}e{sign}{:02}", exponent.abs())
        }
        Err(_) => scientific,
    }
}
