//! Interpolation: variables in stack files, with the grammar of `docker stack deploy` and its
//! oddities.
//!
//! Only the values of the tree are touched, never its keys. A text that
//! changed becomes a number or a boolean where one belongs.

mod cast;
mod dollars;
mod template;

use crate::domain::compose::{
    codes,
    finding::{Finding, Findings},
    place::Place,
    yaml::{Value, YamlNode},
};
use dollars::Dollars;
use std::{collections::BTreeMap, sync::Arc};
use template::{Otherwise, Reading, Token, TokenKind, is_name, is_name_char};

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
    /// How many bytes variables gave so far.
    pub spent: usize,
}

/// How many bytes variables may put into one file: far more than any engine takes, and
/// far less than a small file that says `${A}` all over can ask for.
const MOST: usize = 16 << 20;

impl Interpolation<'_> {
    /// Replaces the variables in all values of a tree.
    pub fn run(&mut self, root: &mut YamlNode) {
        self.walk(root, &mut Vec::new());
    }

    fn walk(&mut self, node: &mut YamlNode, path: &mut Vec<Arc<str>>) {
        match &mut node.value {
            // What has no end was said.
            _ if self.spent > MOST => {}
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
        let replaced = match self.substitute(template, place) {
            Ok(it) => it,
            Err(trouble) => {
                self.findings.push(trouble.finding(&path.join("."), template));
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

    /// Replaces the variables of one text, or says what is wrong with it.
    ///
    /// Docker keeps only what happened last: a good variable makes it forget a
    /// bad one before it.
    fn substitute(&mut self, template: &str, place: Place) -> Result<String, Trouble> {
        let mut result = String::with_capacity(template.len());
        let mut trouble: Option<Trouble> = None;
        let mut dollars = Dollars::new(self.text, place);
        let mut rest = template;
        while let Some(at) = rest.find('$') {
            let token = Token::at_start(&rest[at..]);
            let place = dollars.next(token.text);
            dollars.skip(token.text.matches('$').count() - 1);
            result.push_str(&rest[..at]);
            rest = &rest[at + token.text.len()..];
            match token.kind {
                TokenKind::Escape => result.push('$'),
                TokenKind::Invalid => {
                    // A brace was meant to be a variable.
                    let literal =
                        !rest.starts_with('{') && self.text.get(place.bytes()) == Some("$");
                    trouble = Some(Trouble { place, what: What::NoVariable { literal } });
                }
                TokenKind::Variable { inner, braced } => {
                    match self.variable(inner, braced, place) {
                        Ok(value) => {
                            if let Some(forgotten) = trouble.take() {
                                self.findings.push(forgotten.forgotten());
                            }
                            self.spent += value.len();
                            if self.spent > MOST {
                                return Err(Trouble { place, what: What::TooMuch });
                            }
                            result.push_str(&value);
                        }
                        Err(missing) => {
                            let name = Reading::of(inner).name.to_owned();
                            trouble = Some(Trouble {
                                place,
                                what: What::Missing { name, words: missing },
                            });
                        }
                    }
                }
            }
        }
        result.push_str(rest);
        trouble.map_or(Ok(result), Err)
    }

    fn variable(&mut self, inner: &str, braced: bool, place: Place) -> Result<String, String> {
        let reading = Reading::of(inner);
        self.remember(&reading, place);
        self.warn(&reading, inner, braced, place);
        reading.value(self.environment)
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
                let message = format!("variable {name} is not set and becomes an empty string");
                let hint = format!("set it, or give it a default: `${{{name}:-VALUE}}`");
                self.findings.push(Finding::new(&codes::UNSET_VARIABLE, place, message).hint(hint));
            }
            Otherwise::Empty => {}
            _ if !braced => self.warn_unbraced(inner, place),
            Otherwise::Default { .. } if !is_name(name) => {
                let message = format!("docker reads the variable `{name}` here, with a default");
                let hint = "write the message without dashes";
                self.findings
                    .push(Finding::new(&codes::MESSAGE_AS_DEFAULT, place, message).hint(hint));
            }
            Otherwise::Default { text, .. } if text.contains('$') => {
                let message = format!("the default `{text}` is taken literally");
                self.findings.say(&codes::LITERAL_DEFAULT, place, message);
            }
            _ => {}
        }
    }

    fn warn_unbraced(&mut self, inner: &str, place: Place) {
        let end = inner.find(|c: char| !is_name_char(c)).unwrap_or(inner.len());
        let (name, swallowed) = inner.split_at(end);
        let message =
            format!("`{swallowed}` belongs to the variable {name} and is not part of the value");
        let finding = Finding::new(&codes::UNBRACED_DEFAULT, place, message);
        let hint = format!("write `${{{name}}}{swallowed}` if it is");
        self.findings.push(finding.hint(hint).fix(place, format!("${{{name}}}{swallowed}")));
    }
}

/// What is wrong with one variable.
struct Trouble {
    place: Place,
    what: What,
}

enum What {
    /// A variable that must be there, and docker's words for that.
    Missing { name: String, words: String },
    /// The text is no variable at all, and may be a dollar sign that means nothing but
    /// itself.
    NoVariable { literal: bool },
    /// All values together are too long.
    TooMuch,
}

impl Trouble {
    fn finding(self, path: &str, template: &str) -> Finding {
        let message = |shown: &str| {
            format!(
                "invalid interpolation format for {path}: \"{shown}\"; you may need to escape any $ with another $"
            )
        };
        match &self.what {
            What::Missing { name, words } => {
                let hint = format!(
                    "set the variable {name} (no `$` has to be escaped); files named `.env` are not read, and sudo drops variables"
                );
                Finding::new(&codes::REQUIRED_VARIABLE, self.place, message(words)).hint(hint)
            }
            What::NoVariable { literal } => {
                let finding = Finding::new(&codes::INTERPOLATION, self.place, message(template));
                Self::doubled(finding.hint("write `$$` for a dollar sign"), *literal)
            }
            What::TooMuch => {
                let words = format!("what variables put into this file passes {} MiB", MOST >> 20);
                Finding::new(&codes::EXCESSIVE_VARIABLES, self.place, words)
            }
        }
    }

    fn doubled(finding: Finding, literal: bool) -> Finding {
        let place = finding.place;
        if literal { finding.fix(place, "$$") } else { finding }
    }

    fn forgotten(self) -> Finding {
        let message = "docker takes this as an empty string, because a valid variable follows";
        let finding = Finding::new(&codes::LOST_ERROR, self.place, message);
        let literal = matches!(self.what, What::NoVariable { literal: true });
        Self::doubled(finding.hint("write `$$` for a dollar sign"), literal)
    }
}
