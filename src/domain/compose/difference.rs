//! Line diffs of two texts, and how to revert one difference.

use crate::domain::compose::assist::paths_at;
use similar::{Algorithm, DiffOp, capture_diff_slices};
use std::ops::Range;

/// A stretch of lines that differs, as large as it is between two lines that do not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hunk {
    /// Lines from 0; empty where lines were added.
    pub old: Range<usize>,
    /// Lines from 0; empty where lines were removed.
    pub new: Range<usize>,
    /// Path to the first line: that of the new text, or of the old where it has none.
    pub path: Vec<String>,
}

/// Bytes of a hunk that differ, counted from the beginning of each text.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Marks {
    pub old: Vec<Range<usize>>,
    pub new: Vec<Range<usize>>,
}

/// Returns what differs, from top to bottom. A line ends behind its `\n`, so that
/// the last ones differ where only one has it.
pub fn hunks(old: &str, new: &str) -> Vec<Hunk> {
    let (before, after) = (lines(old), lines(new));
    let found = stretches(&before, &after);
    let old_places = found.iter().map(|it| length(&before[..it.0.start]));
    let new_places = found.iter().map(|it| length(&after[..it.1.start]));
    let paths = paths_at(old, old_places).into_iter().zip(paths_at(new, new_places));
    let hunk = |((old, new), (was, is)): ((Range<usize>, Range<usize>), _)| {
        let path = if new.is_empty() { was } else { is };
        Hunk { old, new, path }
    };
    found.into_iter().zip(paths).map(hunk).collect()
}

/// Returns the new text with a hunk put back to what it was; as it is, where the
/// hunk is of other texts.
pub fn revert(old: &str, new: &str, hunk: &Hunk) -> String {
    let (was, is) = (bytes(old, &hunk.old), bytes(new, &hunk.new));
    let (Some(was), Some(is)) = (was, is) else { return new.to_owned() };
    format!("{}{}{}", &new[..is.start], &old[was], &new[is.end..])
}

/// Returns which words of a hunk differ; all of it where lines have no counterpart.
pub fn marks(old: &str, new: &str, hunk: &Hunk) -> Marks {
    let (was, is) = (bytes(old, &hunk.old), bytes(new, &hunk.new));
    let (Some(was), Some(is)) = (was, is) else { return Marks::default() };
    let (before, after) = (words(&old[was.clone()]), words(&new[is.clone()]));
    let mut marks = Marks::default();
    for (in_old, in_new) in stretches(&before, &after) {
        marks.old.extend(shown(&before, in_old, was.start));
        marks.new.extend(shown(&after, in_new, is.start));
    }
    marks
}

/// Returns what differs between two lists, as ranges of indexes of both.
fn stretches(old: &[&str], new: &[&str]) -> Vec<(Range<usize>, Range<usize>)> {
    let mut found: Vec<(Range<usize>, Range<usize>)> = Vec::new();
    // Blocks of a stack file have unique lines at their tops, which patience holds on to.
    for op in capture_diff_slices(Algorithm::Patience, old, new) {
        if matches!(op, DiffOp::Equal { .. }) {
            continue;
        }
        let (in_old, in_new) = (op.old_range(), op.new_range());
        match found.last_mut().filter(|it| it.0.end == in_old.start && it.1.end == in_new.start) {
            Some(last) => (last.0.end, last.1.end) = (in_old.end, in_new.end),
            None => found.push((in_old, in_new)),
        }
    }
    found
}

/// Returns the bytes of some parts of a text that begins at `start`, without a
/// newline at their end.
fn shown(parts: &[&str], range: Range<usize>, start: usize) -> Option<Range<usize>> {
    let from = start + length(&parts[..range.start]);
    let text = parts[range].concat();
    let text = text.trim_end_matches(['\r', '\n']);
    (!text.is_empty()).then(|| from..from + text.len())
}

/// Returns the bytes of some lines, if there are so many.
fn bytes(text: &str, range: &Range<usize>) -> Option<Range<usize>> {
    let lines = lines(text);
    let start = length(lines.get(..range.start)?);
    Some(start..start + length(lines.get(range.clone())?))
}

fn length(parts: &[&str]) -> usize {
    parts.iter().map(|it| it.len()).sum()
}

fn lines(text: &str) -> Vec<&str> {
    text.split_inclusive('\n').collect()
}

/// Splits a text into runs of letters and digits, runs of spaces, and single marks.
fn words(text: &str) -> Vec<&str> {
    let kind = |it: char| match it {
        ' ' => 1,
        _ if it.is_alphanumeric() || it == '_' => 2,
        _ => 0,
    };
    let mut words = Vec::new();
    let mut start = 0;
    let mut last = None;
    for (at, letter) in text.char_indices() {
        let new = last.is_some_and(|last| last == 0 || last != kind(letter));
        if new {
            words.push(&text[start..at]);
            start = at;
        }
        last = Some(kind(letter));
    }
    if start < text.len() {
        words.push(&text[start..]);
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const OLD: &str = "services:\n  web:\n    image: nginx:1.26\n    deploy:\n      replicas: 2\n  db:\n    image: pg:16\n";

    fn check(new: &str, expected: &[(Range<usize>, Range<usize>, &str)]) {
        let found = hunks(OLD, new);
        let found: Vec<_> =
            found.into_iter().map(|it| (it.old, it.new, it.path.join("."))).collect();
        let expected: Vec<_> =
            expected.iter().map(|it| (it.0.clone(), it.1.clone(), it.2.to_owned())).collect();
        assert_eq!(found, expected, "{new}");
    }

    #[test]
    fn a_hunk_names_what_it_changes() {
        check(OLD, &[]);
        check(&OLD.replace("1.26", "1.27"), &[(2..3, 2..3, "services.web.image")]);
        check(
            &OLD.replace("  db:\n", "    tty: true\n  db:\n"),
            &[(5..5, 5..6, "services.web.tty")],
        );
        check(
            &OLD.replace("      replicas: 2\n", ""),
            &[(4..5, 4..4, "services.web.deploy.replicas")],
        );
        check(
            &OLD.replace("1.26", "1.27").replace("pg:16", "pg:17"),
            &[(2..3, 2..3, "services.web.image"), (6..7, 6..7, "services.db.image")],
        );
        check("", &[(0..7, 0..0, "services")]);
        check(OLD.trim_end(), &[(6..7, 6..7, "services.db.image")]);
    }

    #[test]
    fn one_hunk_goes_back_and_the_others_stay() {
        let new = OLD.replace("1.26", "1.27").replace("pg:16", "pg:17");
        let both = hunks(OLD, &new);
        assert_eq!(revert(OLD, &new, &both[0]), OLD.replace("pg:16", "pg:17"));
        assert_eq!(revert(OLD, &new, &both[1]), OLD.replace("1.26", "1.27"));
    }

    #[test]
    fn a_hunk_of_another_text_changes_nothing() {
        let hunk = Hunk { old: 0..90, new: 0..1, path: Vec::new() };
        assert_eq!(revert(OLD, "a\n", &hunk), "a\n");
        assert_eq!(marks(OLD, "a\n", &hunk), Marks::default());
    }

    #[test]
    fn words_that_differ_are_marked() {
        let new = OLD.replace("1.26", "1.27").replace("replicas: 2", "replicas: 12 # many");
        let marked: Vec<(Vec<&str>, Vec<&str>)> = hunks(OLD, &new)
            .iter()
            .map(|it| marks(OLD, &new, it))
            .map(|it| {
                let of = |text, ranges: Vec<Range<usize>>| -> Vec<&str> {
                    let text: &str = text;
                    ranges.into_iter().map(|it| &text[it]).collect()
                };
                (of(OLD, it.old), of(&new, it.new))
            })
            .collect();
        assert_eq!(marked, [(vec!["26"], vec!["27"]), (vec!["2"], vec!["12 # many"])]);
    }

    /// Texts of few different lines, with line ends of both kinds or none at the end.
    fn texts() -> impl Strategy<Value = String> {
        let line = prop::sample::select(vec!["a:", "  b: 1", "  c: ü", "", "- d"]);
        let end = prop::sample::select(vec!["\n", "\n", "\r\n"]);
        (prop::collection::vec((line, end), 0..14), any::<bool>()).prop_map(|(lines, whole)| {
            let text: String = lines.iter().flat_map(|it| [it.0, it.1]).collect();
            if whole { text } else { text.trim_end_matches(['\r', '\n']).to_owned() }
        })
    }

    proptest! {
        // From the last to the first: those above stay where they are. A diff that is made anew
        // after each of them holds on to other lines, and may go round in texts that repeat a
        // few lines.
        #[test]
        fn all_hunks_put_back_give_the_old_text((old, new) in (texts(), texts())) {
            let mut text = new.clone();
            for hunk in hunks(&old, &new).iter().rev() {
                marks(&old, &new, hunk);
                text = revert(&old, &text, hunk);
            }
            prop_assert_eq!(text, old);
        }
    }
}
