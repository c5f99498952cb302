//! Completion of keys: those that a mapping may have and does not have yet.

use crate::domain::compose::{
    assist::{
        complete::{candidate::Candidate, scene::Scene},
        form::{Form, join, version},
        help,
        outline::line_start,
        style::Style,
    },
    schema::rule::{AllowedKeys, MappingRule, Rule, SchemaKey, ValueType},
};
use std::collections::BTreeSet;

/// What mappings are of little use without, beside what the schema requires.
const WANTED: &[(&str, &str)] = &[
    ("", "services"),
    ("services.*", "image"),
    ("services.*.ports", "target"),
    ("services.*.secrets", "source"),
    ("services.*.configs", "source"),
    ("services.*.volumes", "target"),
];

/// How a key is put into the text.
struct Manner {
    style: Style,
    /// Of the key.
    column: usize,
    flow: bool,
    /// A colon is there already.
    has_colon: bool,
    /// Something that is deeper follows already.
    has_value: bool,
}

/// Returns the keys that an item may begin with, if it is a mapping.
pub fn of_item(scene: &Scene<'_>, item: usize, form: &Form) -> Vec<Candidate> {
    of_known(scene, form, &scene.there(Some(item)), scene.column())
}

/// Returns the keys of a mapping that are not there yet, those that matter first and
/// those without effect last; `column` is where they will stand.
pub fn of_known(
    scene: &Scene<'_>,
    form: &Form,
    there: &BTreeSet<String>,
    column: usize,
) -> Vec<Candidate> {
    let AllowedKeys::Known(known) = &form.rule.keys else { return Vec::new() };
    let version = version(&scene.whole);
    let fit = known.keys.iter().filter(|it| it.1 <= version.0);
    let mut fit: Vec<&SchemaKey> = fit.filter(|it| !there.contains(it.0)).collect();
    fit.sort_by_key(|it| weight(it, known, &form.path));
    let manner = Manner::of(scene, column);
    fit.into_iter().map(|it| manner.candidate(it, &form.path)).collect()
}

/// Small for what matters.
fn weight(key: &SchemaKey, known: &MappingRule, path: &str) -> usize {
    let ignored = help::of(&join(path, key.0)).is_some_and(|it| it.ignored);
    let wanted = WANTED.contains(&(path, key.0));
    match (known.required.contains(&key.0), wanted, ignored) {
        (true, ..) => 0,
        (_, true, _) => 1,
        (.., false) => 2,
        (.., true) => 3,
    }
}

impl Manner {
    fn of(scene: &Scene<'_>, column: usize) -> Self {
        let text = scene.whole.text;
        let below = text[scene.at..].lines().skip(1);
        let next = below.into_iter().find(|it| !it.trim().is_empty());
        let indent = next.map_or(0, |it| it.len() - it.trim_start().len());
        Self {
            style: Style::of(&scene.whole),
            column,
            flow: scene.before.end.flow,
            has_colon: scene.has_colon(),
            has_value: indent > column,
        }
    }

    fn candidate(&self, key: &SchemaKey, path: &str) -> Candidate {
        let (before, after) = match self.has_colon {
            true => (String::new(), ""),
            false => self.opening(key.2),
        };
        let help = help::of(&join(path, key.0));
        let summary = help.map(help::Help::summary).unwrap_or_default();
        let detail = match help.is_some_and(|it| it.ignored) {
            true => format!("ignored by Swarm: {summary}"),
            false => summary.to_owned(),
        };
        Candidate {
            label: key.0.to_owned(),
            detail,
            text: format!("{}{before}{after}", key.0),
            fixed: 0,
            behind: after.len(),
            goes_on: false,
            is_key: true,
        }
    }

    /// Returns what stands behind a key in front of the cursor, and behind it.
    fn opening(&self, rule: &Rule) -> (String, &'static str) {
        let scalar =
            |it: &ValueType| !matches!(it, ValueType::List | ValueType::Map | ValueType::Null);
        if rule.kinds.is_empty() || rule.kinds.iter().any(scalar) {
            return (": ".to_owned(), "");
        }
        let is_map = rule.kinds.contains(&ValueType::Map);
        match (self.flow, is_map) {
            (true, true) => return (": {".to_owned(), "}"),
            (true, false) => return (": [".to_owned(), "]"),
            (false, _) if self.has_value => return (":".to_owned(), ""),
            (false, _) => {}
        }
        let (deeper, dash) = if is_map { (self.style.step, "") } else { (self.style.dash, "- ") };
        let indent = " ".repeat(self.column + deeper);
        (format!(":{}{indent}{dash}", self.style.newline), "")
    }
}

impl Scene<'_> {
    /// Returns the keys of a mapping without the one at the cursor.
    pub fn there(&self, parent: Option<usize>) -> BTreeSet<String> {
        self.others(parent).map(|it| it.step.word()).collect()
    }

    /// Returns the column of what is being typed.
    pub fn column(&self) -> usize {
        let start = self.before.end.word.min(self.at);
        start - line_start(self.whole.text, start)
    }
}
