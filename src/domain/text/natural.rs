//! Natural sort order: `web.2` before `web.10`.

use std::cmp::Ordering;

/// Compares by letters regardless of case and by whole numbers; texts that are
/// alike but for case or leading zeros fall back to plain order, so that equal
/// means equal.
pub fn natural(left: &str, right: &str) -> Ordering {
    let (mut a, mut b) = (left, right);
    loop {
        let order = match (a.chars().next(), b.chars().next()) {
            (None, None) => return left.cmp(right),
            (None, Some(_)) => return Ordering::Less,
            (Some(_), None) => return Ordering::Greater,
            (Some(x), Some(y)) if x.is_ascii_digit() && y.is_ascii_digit() => {
                number(&mut a).cmp(&number(&mut b))
            }
            (Some(x), Some(y)) => {
                (a, b) = (&a[x.len_utf8()..], &b[y.len_utf8()..]);
                if x == y { Ordering::Equal } else { x.to_lowercase().cmp(y.to_lowercase()) }
            }
        };
        if order.is_ne() {
            return order;
        }
    }
}

/// Takes the digits ahead. Their count goes first, so that numbers of any
/// length compare without being computed.
fn number<'t>(text: &mut &'t str) -> (usize, &'t str) {
    let end = text.find(|it: char| !it.is_ascii_digit()).unwrap_or(text.len());
    let (digits, rest) = text.split_at(end);
    *text = rest;
    let digits = digits.trim_start_matches('0');
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
