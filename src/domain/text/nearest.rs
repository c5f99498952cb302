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
    candidates
        .into_iter()
        .map(|it| (distance(word, it), it))
        .filter(|(distance, it)| *distance <= bound && *distance < it.chars().count())
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, it)| it)
}

/// Counts the letters to add, drop, change or swap with their neighbour.
fn distance(from: &str, to: &str) -> usize {
    let letters = |word: &str| word.chars().take(LETTERS).collect::<Vec<char>>();
    let (from, to) = (letters(from), letters(to));
    let mut before_last: Vec<usize> = Vec::new();
    let mut last: Vec<usize> = (0..=to.len()).collect();
    for (i, a) in from.iter().enumerate() {
        let mut row = vec![i + 1];
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
    }
    last.last().copied().unwrap_or_default()
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
    fn a_word_of_its_own_finds_nothing() {
        check("colour", &["mouse", "ascii"], None);
        check("x", &["on"], None);
        check("", &["a"], None);
    }
}
