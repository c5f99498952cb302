//! Placeholders that the engine fills in for each task, as `{{.Node.Hostname}}`.

use crate::domain::{
    compose::{
        check::scene::Subject,
        codes,
        finding::{Finding, Findings},
        place::Place,
    },
    text::nearest::nearest,
};

/// What placeholders can name (swarmkit; seen with engine 20.10).
const FIELDS: &[&str] = &[
    "Service",
    "Service.ID",
    "Service.Name",
    "Service.Labels",
    "Node",
    "Node.ID",
    "Node.Hostname",
    "Node.Platform",
    "Node.Platform.Architecture",
    "Node.Platform.OS",
    "Task",
    "Task.ID",
    "Task.Name",
    "Task.Slot",
];

/// Words of Go's templates.
const WORDS: &[&str] = &[
    "and", "block", "break", "call", "continue", "define", "else", "end", "eq", "false", "ge",
    "gt", "html", "if", "index", "js", "le", "len", "lt", "ne", "nil", "not", "or", "print",
    "printf", "println", "range", "slice", "template", "true", "urlquery", "with",
];

/// Looks at the texts in which the engine replaces placeholders: names of hosts,
/// variables, mounts. In all others they stay as they are.
pub fn placeholders(subject: &Subject<'_>, findings: &mut Findings) {
    let service = subject.service;
    let hostname = [(service.hostname.as_str(), service.hostname.place)];
    let environment = service.environment.values();
    let environment = environment.filter_map(|it| Some((it.as_deref()?, it.place)));
    let mounts = subject.mounts().iter();
    let mounts = mounts.flat_map(|it| [(&*it.source, it.place), (&*it.target, it.place)]);
    for (text, place) in hostname.into_iter().chain(environment).chain(mounts) {
        findings.extend(check(text, place));
    }
}

fn check(text: &str, place: Place) -> Option<Finding> {
    let mut rest = text;
    while let Some((_, after)) = rest.split_once("{{") {
        let why = match after.split_once("}}") {
            None => Some(Wrong::new("`{{` is not closed")),
            Some((action, next)) => {
                rest = next;
                // These change what the dot means.
                let shifted = text.contains("range") || text.contains("with");
                wrong(action, shifted)
            }
        };
        if let Some(why) = why {
            let finding = Finding::new(&codes::TEMPLATE, place, why.said);
            return Some(match why.meant {
                Some((field, meant)) => {
                    let hint = format!("did you mean `{meant}`?");
                    finding.hint(hint).instead(field, meant)
                }
                None => finding,
            });
        }
    }
    None
}

/// What is wrong with a placeholder.
struct Wrong {
    said: String,
    /// What was written, and what was meant.
    meant: Option<(String, String)>,
}

impl Wrong {
    fn new(said: impl Into<String>) -> Self {
        Self { said: said.into(), meant: None }
    }
}

/// Returns a field that there is and that is almost this one.
fn meant(field: &str) -> Option<(String, String)> {
    let (front, last) = field.rsplit_once('.').unwrap_or(("", field));
    let beside = FIELDS.iter().map(|it| it.rsplit_once('.').unwrap_or(("", it)));
    let beside = beside.filter(|it| it.0.eq_ignore_ascii_case(front));
    let (front, same): (Vec<&str>, Vec<&str>) = beside.unzip();
    let last = nearest(last, same)?;
    let found = match front.first() {
        None | Some(&"") => last.to_owned(),
        Some(front) => format!("{front}.{last}"),
    };
    Some((format!(".{field}"), format!(".{found}")))
}

/// Says what is wrong with the inside of one pair of braces; what is quoted is
/// not looked at.
fn wrong(action: &str, shifted: bool) -> Option<Wrong> {
    let action = action.trim().trim_matches('-').trim();
    if action.is_empty() {
        return Some(Wrong::new("a placeholder is empty"));
    }
    let plain = action.split(['"', '`', '\'']).next().unwrap_or_default();
    let mut words = plain.split([' ', '\t', '|', '(', ')', ',']).filter(|it| !it.is_empty());
    words.find_map(|word| match word.strip_prefix('.') {
        Some("") => None,
        Some(_) if shifted => None,
        Some(field) => {
            let known = FIELDS.contains(&field) || field.starts_with("Service.Labels.");
            let said = format!("there is no `.{field}` to fill in");
            (!known).then(|| Wrong { meant: meant(field), ..Wrong::new(said) })
        }
        None => {
            let name = word.starts_with(|it: char| it.is_ascii_alphabetic());
            let said = format!("templates know no `{word}`");
            (name && !WORDS.contains(&word)).then(|| Wrong::new(said))
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn placeholders_are_those_of_the_engine() {
        for (text, expected) in [
            ("{{.Task.Slot}}{{ .Node.Platform.OS }}", None),
            ("{{index .Service.Labels \"a b\"}}", None),
            ("{{.Service.Labels.x}} {{.}} {{- .Task -}}", None),
            ("{{range $k, $v := .Service.Labels}}{{.X}}{{end}}", None),
            ("a }} b {", None),
            ("{{.Service.Foo}}", Some("there is no `.Service.Foo` to fill in")),
            ("{{.Service.Name.X}}", Some("there is no `.Service.Name.X` to fill in")),
            ("{{.Names}}\t{{.ID}}", Some("there is no `.Names` to fill in")),
            ("{{json .Node}}", Some("templates know no `json`")),
            ("{{}}", Some("a placeholder is empty")),
            ("a {{.Node.Hostname", Some("`{{` is not closed")),
        ] {
            let found = check(text, Place::default()).map(|it| it.message);
            assert_eq!(found.as_deref(), expected, "{text}");
        }
    }
}
