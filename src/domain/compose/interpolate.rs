//! Variables in stack files, with the grammar of `docker stack deploy` and its
//! oddities.
//!
//! Only the values of the tree are touched, never its keys. A text that
//! changed becomes a number or a boolean where one belongs ([`cast`]).

use crate::domain::compose::{
    cast, codes,
    finding::{Finding, Findings},
    place::Place,
    yaml::{Node, Value},
};
use std::{collections::BTreeMap, sync::Arc};

/// A variable that a file mentions.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Variable {
    pub name: String,
    pub place: Place,
    /// What stands in where it is not set (or, with `:-`, empty).
    pub default: Option<String>,
    /// Refused with this message where it is not set (or, with `:?`, empty).
    pub required: Option<String>,
    /// Whether the environment has it.
    pub set: bool,
}

/// What variables are replaced by, and what came of it.
pub struct Interpolation<'a> {
    pub environment: &'a BTreeMap<String, String>,
    /// The text of the file, for exact places.
    pub text: &'a str,
    pub findings: &'a mut Findings,
    pub variables: &'a mut Vec<Variable>,
}

impl Interpolation<'_> {
    /// Replaces the variables in all values of a tree.
    pub fn run(&mut self, root: &mut Node) {
        self.walk(root, &mut Vec::new());
    }

    fn walk(&mut self, node: &mut Node, path: &mut Vec<Arc<str>>) {
        match &mut node.value {
            Value::Text(text) if text.contains('$') => {
                let text = text.clone();
                if let Some(value) = self.replace(&text, node.place, path) {
                    node.value = value;
                }
            }
            Value::List(items) => {
                path.push("[]".into());
                for item in items {
                    self.walk(item, path);
                }
                path.pop();
            }
            Value::Map(entries) => {
                for entry in entries {
                    path.push(entry.key.value.clone());
                    self.walk(&mut entry.value, path);
                    path.pop();
                }
            }
            _ => {}
        }
    }

    /// Returns the new value; `None` where nothing changes or an error was found.
    fn replace(&mut self, template: &str, place: Place, path: &[Arc<str>]) -> Option<Value> {
        let replaced = self.substitute(template, place);
        let replaced = match replaced {
            Ok(it) => it,
            Err((mut finding, text)) => {
                finding.message = format!(
                    "invalid interpolation format for {}: \"{text}\"; you may need to escape any $ with another $",
                    path.join("."),
                );
                self.findings.push(finding);
                return None;
            }
        };
        if replaced == template {
            return None;
        }
        match cast::cast(path, &replaced) {
            Ok(value) => Some(value),
            Err(why) => {
                let message = format!(
                    "error while interpolating {}: failed to cast to expected type: {why}",
                    path.join("."),
                );
                self.findings.say(&codes::CAST, place, message);
                None
            }
        }
    }

    /// Replaces the variables of one text, or says what is wrong and what text
    /// docker shows for it.
    ///
    /// Docker keeps only what happened last: a good variable makes it forget a
    /// bad one before it.
    fn substitute(&mut self, template: &str, place: Place) -> Result<String, (Finding, String)> {
        let mut result = String::with_capacity(template.len());
        let mut trouble: Option<(Finding, String)> = None;
        let mut dollars = Dollars::new(self.text, place);
        let mut rest = template;
        while let Some(at) = rest.find('$') {
            let token = Token::at_start(&rest[at..]);
            let place = dollars.next(token.text);
            result.push_str(&rest[..at]);
            rest = &rest[at + token.text.len()..];
            match token.kind {
                TokenKind::Escape => {
                    dollars.skip();
                    result.push('$');
                }
                TokenKind::Invalid => {
                    let finding = Finding::new(&codes::INTERPOLATION, place, "");
                    trouble = Some((finding.hint("write `$$` for a dollar sign"), template.to_owned()));
                }
                TokenKind::Variable { inner, braced } => {
                    dollars.skip_all(token.text.matches('$').count() - 1);
                    let reading = Reading::of(inner);
                    self.remember(&reading, place);
                    self.warn(&reading, inner, braced, place);
                    match reading.value(self.environment) {
                        Ok(value) => {
                            if let Some((finding, _)) = trouble.take() {
                                self.lost(finding.place);
                            }
                            result.push_str(&value);
                        }
                        Err(missing) => {
                            trouble = Some((Finding::new(&codes::REQUIRED_VARIABLE, place, ""), missing));
                        }
                    }
                }
            }
        }
        result.push_str(rest);
        trouble.map_or(Ok(result), Err)
    }

    fn remember(&mut self, reading: &Reading<'_>, place: Place) {
        let (default, required) = match reading.otherwise {
            Otherwise::Empty => (None, None),
            Otherwise::Default { text, .. } => (Some(text.to_owned()), None),
            Otherwise::Refuse { message, .. } => (None, Some(message.to_owned())),
        };
        let name = reading.name.to_owned();
        let set = self.environment.contains_key(&name);
        self.variables.push(Variable { name, place, default, required, set });
    }

    fn warn(&mut self, reading: &Reading<'_>, inner: &str, braced: bool, place: Place) {
        let name = reading.name;
        let unset = !self.environment.contains_key(name);
        match reading.otherwise {
            Otherwise::Empty if unset => {
                let message = format!("variable {name} is not set and becomes the empty text");
                let hint = format!("set it, or write `${{{name}:-}}` if that is meant");
                self.findings.push(Finding::new(&codes::UNSET_VARIABLE, place, message).hint(hint));
            }
            Otherwise::Empty => {}
            _ if !braced => self.warn_unbraced(inner, place),
            Otherwise::Default { .. } if !is_name(name) => {
                let message = format!("docker reads the variable `{name}` here, with a default");
                let hint = "leave dashes out of the message";
                self.findings.push(Finding::new(&codes::MESSAGE_AS_DEFAULT, place, message).hint(hint));
            }
            Otherwise::Default { text, .. } if text.contains('$') => {
                let message = format!("the default `{text}` is taken as it stands");
                self.findings.say(&codes::LITERAL_DEFAULT, place, message);
            }
            _ => {}
        }
    }

    fn warn_unbraced(&mut self, inner: &str, place: Place) {
        let end = inner.find(|c: char| !is_name_char(c)).unwrap_or(inner.len());
        let (name, swallowed) = inner.split_at(end);
        let message = format!("`{swallowed}` belongs to the variable {name} and is not part of the value");
        let finding = Finding::new(&codes::UNBRACED_DEFAULT, place, message);
        let hint = format!("write `${{{name}}}{swallowed}` if it is");
        self.findings.push(finding.hint(hint).fix(place, format!("${{{name}}}{swallowed}")));
    }

    fn lost(&mut self, place: Place) {
        let message = "docker takes this for the empty text, because a good variable follows";
        let finding = Finding::new(&codes::LOST_ERROR, place, message);
        self.findings.push(finding.hint("write `$$` for a dollar sign"));
    }
}

/// What a variable's braces say.
struct Reading<'a> {
    name: &'a str,
    otherwise: Otherwise<'a>,
}

enum Otherwise<'a> {
    Empty,
    Default { text: &'a str, when_empty: bool },
    Refuse { message: &'a str, when_empty: bool },
}

impl<'a> Reading<'a> {
    /// Looks for `:-`, `-`, `:?` and `?` in that order, anywhere in the text.
    fn of(inner: &'a str) -> Self {
        for (operator, when_empty) in [(":-", true), ("-", false)] {
            if let Some((name, text)) = inner.split_once(operator) {
                return Self { name, otherwise: Otherwise::Default { text, when_empty } };
            }
        }
        for (operator, when_empty) in [(":?", true), ("?", false)] {
            if let Some((name, message)) = inner.split_once(operator) {
                return Self { name, otherwise: Otherwise::Refuse { message, when_empty } };
            }
        }
        Self { name: inner, otherwise: Otherwise::Empty }
    }

    fn value(&self, environment: &BTreeMap<String, String>) -> Result<String, String> {
        let value = environment.get(self.name);
        let or_set = |when_empty: bool| value.filter(|it| !(when_empty && it.is_empty()));
        match self.otherwise {
            Otherwise::Empty => Ok(value.cloned().unwrap_or_default()),
            Otherwise::Default { text, when_empty } => {
                Ok(or_set(when_empty).cloned().unwrap_or_else(|| text.to_owned()))
            }
            Otherwise::Refuse { message, when_empty } => or_set(when_empty).cloned().ok_or_else(|| {
                format!("required variable {} is missing a value: {message}", self.name)
            }),
        }
    }
}

/// What stands at a dollar sign.
struct Token<'a> {
    text: &'a str,
    kind: TokenKind<'a>,
}

enum TokenKind<'a> {
    Escape,
    Variable { inner: &'a str, braced: bool },
    Invalid,
}

impl<'a> Token<'a> {
    fn at_start(text: &'a str) -> Self {
        let rest = &text[1..];
        if rest.starts_with('$') {
            return Self { text: &text[..2], kind: TokenKind::Escape };
        }
        if let Some(length) = substitution(rest) {
            let kind = TokenKind::Variable { inner: &rest[..length], braced: false };
            return Self { text: &text[..=length], kind };
        }
        if let Some(rest) = rest.strip_prefix('{')
            && let Some(length) = substitution(rest)
            && rest[length..].starts_with('}')
        {
            let kind = TokenKind::Variable { inner: &rest[..length], braced: true };
            return Self { text: &text[..length + 3], kind };
        }
        Self { text: &text[..1], kind: TokenKind::Invalid }
    }
}

/// Measures a name with an optional operator and all behind it up to a `}`.
fn substitution(text: &str) -> Option<usize> {
    let name = text.find(|c| !is_name_char(c)).unwrap_or(text.len());
    if name == 0 || text.starts_with(|c: char| c.is_ascii_digit()) {
        return None;
    }
    let rest = &text[name..];
    if !rest.strip_prefix(':').unwrap_or(rest).starts_with(['-', '?']) {
        return Some(name);
    }
    Some(name + rest.find('}').unwrap_or(rest.len()))
}

fn is_name(text: &str) -> bool {
    text.chars().all(is_name_char)
}

/// Docker matches names without regard to case, the way Unicode folds it: the
/// long s and the Kelvin sign are letters too.
fn is_name_char(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '_' | '\u{17f}' | '\u{212a}')
}

/// Finds the dollar signs of a scalar in the file, where quotes, escapes and
/// folding may have moved them.
struct Dollars<'a> {
    raw: &'a str,
    from: usize,
    place: Place,
}

impl<'a> Dollars<'a> {
    fn new(file: &'a str, place: Place) -> Self {
        Self { raw: file.get(place.bytes()).unwrap_or_default(), from: 0, place }
    }

    /// Returns where the next dollar sign and the token it starts stand.
    fn next(&mut self, token: &str) -> Place {
        let Some(found) = self.raw[self.from..].find('$') else { return self.place };
        let at = self.from + found;
        self.from = at + 1;
        let before = &self.raw[..at];
        let length = if self.raw[at..].starts_with(token) { token.len() } else { 1 };
        let start = self.place.start + at;
        let (line, column) = match before.rfind('\n') {
            Some(last) => (before.matches('\n').count(), before[last + 1..].chars().count() + 1),
            None => (0, self.place.column + before.chars().count()),
        };
        Place { line: self.place.line + line, column, start, end: start + length, ..self.place }
    }

    fn skip(&mut self) {
        self.skip_all(1);
    }

    fn skip_all(&mut self, count: usize) {
        for _ in 0..count {
            self.next("$");
        }
    }
}
