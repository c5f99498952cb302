//! Suggestions for misspelled words (nearest match).

/// Longer words are compared by their beginnings.
const LETTERS: usize = 40;

/// Returns the candidate that is most like `word`, if any is like it at all:
/// one letter in three may differ, and two in any word.
pub fn nearest<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let bound = (word.chars().take(LETTERS).count() / 3).max(2);
    within(word, candidates, bound)
}

/// Returns the candidate that is most like `word`, where so many letters differ at most.
pub fn within<'a>(
    word: &str,
    candidates: impl IntoIterator<Item = &'a str>,
    bound: usize,
) -> Option<&'a str> {
    let letters: Vec<char> = word.chars().take(LETTERS).collect();
    // Files may have thousands of words that are like none.
    let near = |it: &&str| {
        let length = it.chars().take(LETTERS).count();
        length.abs_diff(letters.len()) <= bound
    };
    candidates
        .into_iter()
        .filter(near)
        .filter_map(|it| Some((distance(&letters, it, bound)?, it)))
        .filter(|(distance, it)| *distance < it.chars().count())
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, it)| it)
}

/// Counts the letters to add, drop, change or swap with their neighbour; nothing where there
/// are more of them than `bound`.
fn distance(from: &[char], to: &str, bound: usize) -> Option<usize> {
    let to: Vec<char> = to.chars().take(LETTERS).collect();
    let mut before_last: Vec<usize> = Vec::new();
    let mut last: Vec<usize> = (0..=to.len()).collect();
    for (i, a) in from.iter().enumerate() {
        let mut row = Vec::with_capacity(to.len() + 1);
        row.push(i + 1);
        for (j, b) in to.iter().enumerate() {
            let change = last[j] + usize::from(a != b);
            let mut cheapest = change.min(row[j] + 1).min(last[j + 1] + 1);
            if i > 0 && j > 0 && *a == to[j - 1] && from[i - 1] == *b {
                cheapest = cheapest.min(before_last[j - 1] + 1);
            }
            row.push(cheapest);
        }
        before_last = last;
        last = row;
        // It only grows from here.
        if before_last.iter().chain(&last).all(|it| *it > bound) {
            return None;
        }
    }
    last.last().copied().filter(|it| *it <= bound)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(word: &str, candidates: &[&'static str], expected: Option<&str>) {
        assert_eq!(nearest(word, candidates.iter().copied()), expected, "{word}");
    }

    #[test]
    fn a_slip_finds_the_word() {
        check("them", &["mouse", "theme"], Some("theme"));
        check("tiemout", &["host", "timeout"], Some("timeout"));
        check("read-only", &["read_only"], Some("read_only"));
    }

    #[test]
    fn what_is_left_out_early_is_never_within_the_bound() {
        let words = ["", "a", "ab", "ba", "timeout", "tiemout", "time", "x-timeouts", "emitout"];
        let chars = |it: &str| it.chars().collect::<Vec<char>>();
        for one in words {
            for other in words {
                let whole = distance(&chars(one), other, usize::MAX).unwrap();
                for bound in 0..8 {
                    let found = distance(&chars(one), other, bound);
                    assert_eq!(found, Some(whole).filter(|it| *it <= bound), "{one} {other}");
                }
                assert!(one.len().abs_diff(other.len()) <= whole, "{one} {other}");
            }
        }
    }

    #[test]
    fn a_word_of_its_own_finds_nothing() {
        check("colour", &["mouse", "ascii"], None);
        check("x", &["on"], None);
        check("", &["a"], None);
    }
}
