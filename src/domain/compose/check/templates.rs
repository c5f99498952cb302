//! Checks of placeholders that the engine fills in for each task, such as `{{.Node.Hostname}}`.

use crate::domain::{
    compose::{
        check::{actions::misuse, subject::Subject},
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

/// Those that cannot stand alone.
const HUNGRY: &[&str] = &[
    "and", "block", "call", "define", "eq", "ge", "gt", "if", "index", "le", "len", "lt", "ne",
    "nil", "not", "or", "printf", "range", "slice", "template", "with",
];

/// Words that docker adds for tags of logs.
const OF_DOCKER: &[&str] = &["json", "split", "join", "title", "lower", "upper", "pad", "truncate"];

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
        findings.extend(check(text, place, FIELDS));
        if let Some(label) = fields(text).find_map(|it| it.strip_prefix("Service.Labels.")) {
            // It looks at a service without labels, whatever they are (swarmkit).
            let message = format!("the engine refuses `.Service.Labels.{label}`, labels or not");
            let finding = Finding::new(&codes::TEMPLATE, place, message);
            findings.push(finding.hint(format!("write `index .Service.Labels \"{label}\"`")));
        }
    }
}

/// What the tags of logs can name (moby, daemon/logger: `Info` and its methods).
const OF_TAGS: &[&str] = &[
    "Command",
    "Config",
    "ContainerArgs",
    "ContainerCreated",
    "ContainerEntrypoint",
    "ContainerEnv",
    "ContainerID",
    "ContainerImageID",
    "ContainerImageName",
    "ContainerLabels",
    "ContainerName",
    "DaemonName",
    "ExtraAttributes",
    "FullID",
    "Hostname",
    "ID",
    "ImageFullID",
    "ImageID",
    "ImageName",
    "LogPath",
    "Name",
];

/// Says what a log driver cannot fill in of a tag.
pub fn tag(text: &str, place: Place) -> Option<Finding> {
    check(text, place, OF_TAGS)
}

/// Returns the fields that a text names, each without the dot in front.
fn fields(text: &str) -> impl Iterator<Item = &str> {
    let shifted = text.contains("range") || text.contains("with");
    let actions = text.split("{{").skip(1).filter_map(|it| Some(it.split_once("}}")?.0));
    let plain = actions.map(|it| it.split(['"', '`', '\'']).next().unwrap_or_default());
    let words = plain.flat_map(|it| it.split([' ', '\t', '|', '(', ')', ',', '-']));
    words.filter_map(|it| it.strip_prefix('.')).filter(move |it| !it.is_empty() && !shifted)
}

fn check(text: &str, place: Place, fields: &[&str]) -> Option<Finding> {
    let mut rest = text;
    let mut open = 0_u32;
    while let Some((_, after)) = rest.split_once("{{") {
        let why = match after.split_once("}}") {
            None => Some(Wrong::new("`{{` is not closed")),
            Some((action, next)) => {
                rest = next;
                // These change what the dot means.
                let shifted = text.contains("range") || text.contains("with");
                wrong(action, shifted, fields).or_else(|| block(action, rest, &mut open))
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
    let message = "a placeholder begins a block that no `{{end}}` ends";
    if open > 0 {
        return Some(Finding::new(&codes::TEMPLATE, place, message));
    }
    // Of the tags of logs it is not known what they name.
    let own = Some(fields).filter(|it| it.contains(&"Task.Slot"));
    let (said, hint) = misuse(text, own)?;
    let finding = Finding::new(&codes::TEMPLATE, place, said);
    Some(match hint {
        Some(hint) => finding.hint(hint),
        None => finding,
    })
}

/// Counts the blocks that are open, and says what is wrong with a word of them.
fn block(action: &str, rest: &str, open: &mut u32) -> Option<Wrong> {
    let mut words = action.trim().trim_matches('-').split_whitespace();
    let (word, more) = (words.next()?, words.next());
    match word {
        "if" | "with" | "range" | "define" | "block" => *open += 1,
        "end" if *open > 0 => *open -= 1,
        "else" if *open > 0 => {}
        "end" | "else" => return Some(Wrong::new(format!("`{word}` is used outside of a block"))),
        _ => {}
    }
    if more.is_none() && HUNGRY.contains(&word) {
        return Some(Wrong::new(format!("`{word}` needs something after it")));
    }
    let quotes = action.matches('"').count() - action.matches("\\\"").count();
    let others = rest.matches('"').count().is_multiple_of(2);
    let open = !quotes.is_multiple_of(2) && others && !action.contains('`');
    open.then(|| Wrong::new("a quote in a placeholder is not closed"))
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
fn meant(field: &str, fields: &[&str]) -> Option<(String, String)> {
    let (front, last) = field.rsplit_once('.').unwrap_or(("", field));
    let beside = fields.iter().map(|it| it.rsplit_once('.').unwrap_or(("", it)));
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
fn wrong(action: &str, shifted: bool, fields: &[&str]) -> Option<Wrong> {
    let action = action.trim().trim_matches('-').trim();
    if action.is_empty() {
        return Some(Wrong::new("a placeholder is empty"));
    }
    if action.starts_with("/*") {
        return None;
    }
    let plain = action.split(['"', '`', '\'']).next().unwrap_or_default();
    let mut words = plain.split([' ', '\t', '|', '(', ')', ',']).filter(|it| !it.is_empty());
    words.find_map(|word| match word.strip_prefix('.') {
        Some("") => None,
        Some(_) if shifted => None,
        Some(field) => {
            let first = field.split('.').next().unwrap_or_default();
            let open = ["ContainerLabels", "Config"].contains(&first) && fields.contains(&first);
            let labels = fields.contains(&"Service.Labels") && field.starts_with("Service.Labels.");
            let known = fields.contains(&field) || labels || open;
            let said = format!("there is no `.{field}` to fill in");
            (!known).then(|| Wrong { meant: meant(field, fields), ..Wrong::new(said) })
        }
        None => {
            let name = word.starts_with(|it: char| it.is_ascii_alphabetic());
            let said = format!("templates know no `{word}`");
            let more = fields.contains(&"ContainerID") && OF_DOCKER.contains(&word);
            (name && !more && !WORDS.contains(&word)).then(|| Wrong::new(said))
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
            ("{{if .Task.Slot}}a{{else}}b{{end}}", None),
            ("{{if .Task.Slot}}a", Some("a placeholder begins a block that no `{{end}}` ends")),
            ("{{end}}", Some("`end` is used outside of a block")),
            ("{{ range }}", Some("`range` needs something after it")),
            ("{{len}}", Some("`len` needs something after it")),
            ("{{\"x}}", Some("a quote in a placeholder is not closed")),
            ("{{\"}}\"}}", None),
            ("{{`}}`}}{{ \"{{\" }}", None),
            ("{{define \"x\"}}y{{end}}{{/* c */}}", None),
        ] {
            let found = check(text, Place::default(), FIELDS).map(|it| it.message);
            assert_eq!(found.as_deref(), expected, "{text}");
        }
    }
}
