//! The order in which people look for names: `web.2` before `web.10`.

use std::{cmp::Ordering, iter::Peekable, str::Chars};

/// Compares by letters regardless of case and by whole numbers; texts that are
/// alike but for case or leading zeros fall back to plain order, so that equal
/// means equal.
pub fn natural(left: &str, right: &str) -> Ordering {
    let (mut a, mut b) = (left.chars().peekable(), right.chars().peekable());
    loop {
        let order = match (a.peek().copied(), b.peek().copied()) {
            (None, None) => return left.cmp(right),
            (None, Some(_)) => return Ordering::Less,
            (Some(_), None) => return Ordering::Greater,
            (Some(x), Some(y)) if x.is_ascii_digit() && y.is_ascii_digit() => {
                number(&mut a).cmp(&number(&mut b))
            }
            (Some(x), Some(y)) => {
                a.next();
                b.next();
                x.to_lowercase().cmp(y.to_lowercase())
            }
        };
        if order.is_ne() {
            return order;
        }
    }
}

/// Takes the digits ahead. Their count goes first, so that numbers of any
/// length compare without being computed.
fn number(chars: &mut Peekable<Chars<'_>>) -> (usize, String) {
    let mut digits = String::new();
    while let Some(digit) = chars.next_if(char::is_ascii_digit) {
        if digit != '0' || !digits.is_empty() {
            digits.push(digit);
        }
    }
    (digits.len(), digits)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_count_as_numbers() {
        let mut names = [
            "web.10",
            "web.2",
            "Api.1",
            "web",
            "api.1",
            "web.02",
            "n99999999999999999999999",
            "n1",
        ];
        names.sort_by(|a, b| natural(a, b));
        let expected = [
            "Api.1",
            "api.1",
            "n1",
            "n99999999999999999999999",
            "web",
            "web.02",
            "web.2",
            "web.10",
        ];
        assert_eq!(names, expected);
    }

    #[test]
    fn only_equal_texts_are_equal() {
        assert_eq!(natural("a1", "a01"), Ordering::Greater);
        assert_eq!(natural("a", "A"), Ordering::Greater);
        assert_eq!(natural("a", "a"), Ordering::Equal);
    }
}
