//! Import of variables that Compose supports and stack files do not.

use crate::domain::compose::{
    finding::Findings,
    import::report::ImportReport,
    interpolate::Interpolation,
    yaml::{self, Value, YamlNode},
};
use std::collections::{BTreeMap, BTreeSet};

/// Returns the variables of a stack file for which nothing stands in.
pub fn wanted(text: &str) -> BTreeSet<String> {
    let (mut findings, mut variables) = (Findings::default(), Vec::new());
    if let Some(mut root) = yaml::parse(0, text.as_bytes(), &mut findings) {
        let environment = &BTreeMap::new();
        let (findings, variables) = (&mut findings, &mut variables);
        Interpolation { environment, text, findings, variables, spent: 0 }.run(&mut root);
    }
    variables.into_iter().filter(|it| it.default.is_none()).map(|it| it.name).collect()
}

/// Finds forms that only Compose knows.
pub fn check(node: &YamlNode, report: &mut ImportReport) {
    match &node.value {
        Value::List(items) => items.iter().for_each(|it| check(it, report)),
        Value::Map(entries) => entries.iter().for_each(|it| check(&it.value, report)),
        Value::Text(value) => {
            for form in forms(value) {
                let why = "stack files know neither `+` nor variables within variables";
                let instead = "set the variable where you deploy, and write `${NAME}`";
                report.cannot(node.place, "", form, why, instead);
            }
        }
        _ => {}
    }
}

/// Returns the variables of a text that use `+`, or another variable as default.
fn forms(text: &str) -> Vec<&str> {
    let mut found = Vec::new();
    let mut from = 0;
    while let Some(at) = text[from..].find("${").map(|it| it + from) {
        let escaped = text[..at].bytes().rev().take_while(|it| *it == b'$').count() % 2 == 1;
        let inner = &text[at + 2..];
        let name = inner.find(|it: char| !it.is_ascii_alphanumeric() && it != '_');
        let operator = name.map(|it| &inner[it..]).unwrap_or_default();
        let end = close(inner).map_or(text.len(), |it| at + 2 + it + 1);
        let nested = text.get(at + 2..end).is_some_and(|it| it.contains("${"));
        if !escaped && (operator.starts_with('+') || operator.starts_with(":+") || nested) {
            found.push(&text[at..end]);
        }
        from = end;
    }
    found
}

/// Finds the brace that closes what was opened.
fn close(text: &str) -> Option<usize> {
    let mut depth = 0;
    for (at, c) in text.char_indices() {
        match c {
            '{' => depth += 1,
            '}' if depth == 0 => return Some(at),
            '}' => depth -= 1,
            _ => {}
        }
    }
    None
}
