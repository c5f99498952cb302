//! Ranking of completions: which candidates match the typed text, and in which order.

use crate::domain::compose::assist::{complete::candidate::Candidate, outline::unquoted};
use nucleo_matcher::{
    Config, Matcher, Utf32Str,
    pattern::{AtomKind, CaseMatching, Normalization, Pattern},
};
use std::cmp::Reverse;

/// Returns those that begin with what is typed, in their order, then those that have
/// its letters, the best first.
pub fn ranked(candidates: Vec<Candidate>, typed: &str) -> Vec<Candidate> {
    let typed = unquoted(typed).to_lowercase();
    if typed.is_empty() {
        return candidates;
    }
    let (mut fit, rest): (Vec<_>, Vec<_>) =
        candidates.into_iter().partition(|it| it.label.to_lowercase().starts_with(&typed));
    let case = CaseMatching::Ignore;
    let mut matcher = Matcher::new(Config::DEFAULT);
    let mut letters = Vec::new();
    let scored = rest.into_iter().filter_map(|it| {
        let (typed, label) = (typed.get(it.fixed..)?, it.label.get(it.fixed..)?);
        if !begins_a_word(label, typed) {
            return None;
        }
        let pattern = Pattern::new(typed, case, Normalization::Smart, AtomKind::Fuzzy);
        let score = pattern.score(Utf32Str::new(label, &mut letters), &mut matcher)?;
        Some((score, it))
    });
    let mut scored: Vec<_> = scored.collect();
    scored.sort_by_key(|it| Reverse(it.0));
    fit.extend(scored.into_iter().map(|it| it.1));
    fit
}

/// Says whether a word of an offer begins as what is typed: letters from the middle of
/// words are meant by nobody.
fn begins_a_word(label: &str, typed: &str) -> bool {
    let Some(first) = typed.chars().next() else { return true };
    let mut words =
        label.split(|it: char| !it.is_alphanumeric()).filter_map(|it| it.chars().next());
    !first.is_alphanumeric() || words.any(|it| it.to_lowercase().eq(first.to_lowercase()))
}
