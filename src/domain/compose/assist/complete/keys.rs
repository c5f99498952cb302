//! Keys that a mapping may have and does not have yet.

use crate::domain::compose::{
    assist::{
        complete::{Candidate, Scene},
        form::{Form, version},
        outline::line_start,
        style::Style,
    },
    schema::rule::{Key, Keys, Kind, Known, Rule},
};
use std::ops::Range;

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

/// Returns the keys that may stand at the cursor in the mapping of an entry, and
/// the bytes that they replace.
pub fn offers(scene: &Scene<'_>, parent: Option<usize>) -> (Vec<Candidate>, Range<usize>) {
    let (replaces, has_colon) = scene.key_range();
    let column = replaces.start - line_start(scene.whole.text, replaces.start);
    let manner = Manner {
        style: Style::of(&scene.whole),
        column,
        flow: scene.before.end.flow,
        has_colon,
        has_value: scene.deeper_follows(replaces.end, column),
    };
    let Some(form) = Form::of(&scene.whole, parent) else { return (Vec::new(), replaces) };
    let Keys::Known(known) = &form.rule.keys else { return (Vec::new(), replaces) };
    let candidates = fitting(scene, parent, known, &form.path);
    (candidates.map(|it| manner.candidate(it)).collect(), replaces)
}

/// Returns the keys that are not there yet, those that matter first.
fn fitting<'a>(
    scene: &'a Scene<'_>,
    parent: Option<usize>,
    known: &'static Known,
    path: &str,
) -> impl Iterator<Item = &'static Key> + use<'a> {
    let version = version(&scene.whole);
    let wanted = |key: &Key| known.required.contains(&key.0) || WANTED.contains(&(path, key.0));
    let (first, rest): (Vec<&Key>, Vec<&Key>) = known.keys.iter().partition(|it| wanted(it));
    first.into_iter().chain(rest).filter(move |key| {
        let others = scene.whole.children(parent).filter(|(_, it)| !scene.is_typed(&it.key));
        key.1 <= version.0 && !others.into_iter().any(|(_, it)| it.step.is(key.0))
    })
}

impl Manner {
    fn candidate(&self, key: &Key) -> Candidate {
        let (before, after) = match self.has_colon {
            true => (String::new(), ""),
            false => self.opening(key.2),
        };
        let text = format!("{}{before}{after}", key.0);
        let cursor = text.len() - after.len();
        Candidate { label: key.0.to_owned(), detail: String::new(), text, cursor }
    }

    /// Returns what stands behind a key in front of the cursor, and behind it.
    fn opening(&self, rule: &Rule) -> (String, &'static str) {
        let scalar = |it: &Kind| !matches!(it, Kind::List | Kind::Map | Kind::Null);
        if rule.kinds.is_empty() || rule.kinds.iter().any(scalar) {
            return (": ".to_owned(), "");
        }
        let is_map = rule.kinds.contains(&Kind::Map);
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
