//! Completion of variable names after `${`.

use crate::domain::compose::assist::{
    complete::{candidate::Candidate, scene::Scene},
    outline::line_start,
};
use std::{collections::BTreeMap, ops::Range};

/// Returns variables and the bytes that they replace, if one is being typed.
pub fn offers(scene: &Scene<'_>) -> Option<(Vec<Candidate>, Range<usize>)> {
    let text = scene.whole.text;
    let line = &text[line_start(text, scene.at)..scene.at];
    let opened = line.rfind("${")?;
    let dollars = line[..=opened].len() - line[..=opened].trim_end_matches('$').len();
    let typed = &line[opened + 2..];
    if dollars.is_multiple_of(2) || !typed.bytes().all(is_letter) {
        return None;
    }
    let start = scene.at - typed.len();
    let rest = &text[scene.at..];
    let end = scene.at + rest.bytes().take_while(|it| is_letter(*it)).count();
    let closed = text[end..].starts_with(['}', ':', '-', '?']);
    let named = |(name, detail): (&str, String)| {
        let close = if closed { "" } else { "}" };
        let text = format!("{name}{close}");
        Candidate { text, is_key: true, ..Candidate::of(name, detail) }
    };
    let known = scene.known.variables.iter();
    let known = known.map(|it| (it.as_str(), "has a value".to_owned()));
    let used = used(text, start)
        .into_iter()
        .filter(|it| !scene.known.variables.contains(&it.0.to_owned()));
    let used = used.map(|(name, line)| (name, format!("in line {}", line + 1)));
    Some((known.chain(used).map(named).collect(), start..end))
}

/// Returns the variables of a text in braces with the line where each is first,
/// without the one that begins at a byte.
fn used(text: &str, but: usize) -> BTreeMap<&str, usize> {
    let mut used = BTreeMap::new();
    let mut start = 0;
    for (number, line) in text.split('\n').enumerate() {
        for (at, _) in line.match_indices("${") {
            let rest = &line[at + 2..];
            let name = &rest[..rest.bytes().take_while(|it| is_letter(*it)).count()];
            if !name.is_empty() && start + at + 2 != but {
                used.entry(name).or_insert(number);
            }
        }
        start += line.len() + 1;
    }
    used
}

fn is_letter(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_'
}
