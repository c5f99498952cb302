//! Checks of env files: what docker takes literally, and what to write instead.

use crate::domain::{
    compose::{
        check::{environment::unquoted, subject::Subject},
        codes::{self, Code},
        edit,
        finding::{Finding, Findings, Fix},
        place::Place,
    },
    text::mask::{Secrecy, is_secret_name},
};

/// Looks at values that are not what somebody seems to have meant.
pub fn literals(subject: &Subject<'_>, findings: &mut Findings) {
    for (key, value) in &subject.service.environment {
        let Some(text) = value.as_deref().filter(|_| subject.scene.is_env_file(value.place)) else {
            continue;
        };
        // A name alone has the value of whoever deploys; it is not in the file.
        if value.place.bytes().len() > key.len() + text.len() {
            let line = Line { subject, key, text, place: value.place };
            findings.extend(line.look());
        }
    }
}

/// A variable of a file.
struct Line<'s, 'a> {
    subject: &'s Subject<'a>,
    key: &'s str,
    text: &'s str,
    place: Place,
}

impl Line<'_, '_> {
    fn look(&self) -> Option<Finding> {
        // A program may take quotes away: what stands in them is not looked at.
        if let Some(inner) = unquoted(self.text) {
            return Some(self.quoted(inner));
        }
        let said = self.open_quote().or_else(|| self.comment());
        said.or_else(|| self.variable()).or_else(|| self.command()).or_else(|| self.blanks())
    }

    fn quoted(&self, inner: &str) -> Finding {
        let message = format!("the quotes are part of the value of {}", self.key);
        let finding = Finding::new(&codes::QUOTED_VALUE, self.place, message);
        let finding = finding.fix(self.part(0, self.text.len()), inner);
        self.write(finding, inner, "remove the quotes")
    }

    fn open_quote(&self) -> Option<Finding> {
        let quote = self.text.chars().next().filter(|it| matches!(it, '"' | '\''))?;
        let closed = self.text[1..].contains(quote);
        let message = format!(
            "the value of {} starts with a quote, and ends at the end of its line",
            self.key
        );
        let hint = "an env file has no values of several lines: use a config or a secret";
        (!closed).then(|| self.say(&codes::QUOTED_VALUE, 0, message).hint(hint))
    }

    fn comment(&self) -> Option<Finding> {
        let at = comment(self.text)?;
        let value = self.text[..at].trim_end();
        let message = format!("the comment is part of the value of {}", self.key);
        let finding = self.say(&codes::ENV_LITERAL, at, message);
        let finding = finding.fix(self.part(value.len(), self.text.len()), "");
        Some(self.write(finding, value, "put the comment on a line of its own"))
    }

    fn variable(&self) -> Option<Finding> {
        let at = variable(self.text)?;
        let message = format!("the variable in {} is not replaced", self.key);
        let finding = self.say(&codes::ENV_LITERAL, at, message);
        let hint = "write the value, or set it under `environment`, where variables are replaced";
        Some(match self.under_environment() {
            Some(fix) => {
                let entry =
                    format!("under `environment` of {}: {}", self.subject.key, self.entry());
                Finding { fix: Some(fix), ..finding.hint(format!("write {entry}")) }
            }
            None => finding.hint(hint),
        })
    }

    fn command(&self) -> Option<Finding> {
        let text = self.text;
        let command = text.starts_with("$(") || (text.starts_with('`') && text.ends_with('`'));
        let message = format!("the command in {} is not run", self.key);
        command.then(|| self.say(&codes::ENV_LITERAL, 0, message).hint("write what it would print"))
    }

    fn blanks(&self) -> Option<Finding> {
        let (text, value) = (self.text, self.text.trim());
        if value.is_empty() || value == text {
            return None;
        }
        let at = if text.starts_with(value) { value.len() } else { 0 };
        let message = format!("a space is part of the value of {}", self.key);
        let finding = self.say(&codes::ENV_LITERAL, at, message);
        let finding = finding.fix(self.part(0, text.len()), value);
        Some(self.write(finding, value, "remove the space"))
    }

    fn say(&self, code: &'static Code, at: usize, message: String) -> Finding {
        Finding::new(code, self.part(at, self.text.len()), message)
    }

    /// Returns where a part of the value stands.
    fn part(&self, from: usize, to: usize) -> Place {
        let front = self.key.chars().count() + 1 + self.text[..from].chars().count();
        let start = self.place.end.saturating_sub(self.text.len());
        let column = self.place.column + front;
        Place { column, start: start + from, end: start + to, ..self.place }
    }

    /// Says which line to write, unless that would show a secret.
    fn write(&self, finding: Finding, value: &str, otherwise: &str) -> Finding {
        match self.is_open() {
            true => finding.hint(format!("write `{}={value}`", self.key)),
            false => finding.hint(otherwise),
        }
    }

    fn is_open(&self) -> bool {
        !is_secret_name(self.key) && Secrecy::Mask.text(self.text) == self.text
    }

    /// What stands under `environment` where the file of the stack gives the value.
    fn entry(&self) -> String {
        format!("{}: '{}'", self.key, self.text.replace('\'', "''"))
    }

    /// Sets the value in the file of the stack, where docker puts variables in.
    fn under_environment(&self) -> Option<Fix> {
        let word = |it: char| it.is_ascii_alphanumeric() || it == '_';
        let plain = !self.key.is_empty() && self.key.chars().all(word);
        if !self.is_open() || !plain || !only_variables(self.text) {
            return None;
        }
        let service = self.subject.nodes.last()?;
        let file = self.subject.scene.file(service.place);
        let Some(environment) = service.get("environment") else {
            let entry = format!("environment: {{ {} }}", self.entry());
            return edit::insert(file, service, &entry);
        };
        if environment.is_map() {
            return edit::insert(file, environment, &self.entry());
        }
        let item = format!("{}={}", self.key, self.text).replace('\'', "''");
        edit::insert_item(file, environment, &format!("'{item}'"))
    }
}

/// Returns whether all dollar signs of a text begin variables, as docker reads them.
fn only_variables(text: &str) -> bool {
    text.split('$').skip(1).all(|it| {
        let (name, braced) = match it.strip_prefix('{') {
            Some(it) => (it.split('}').next().unwrap_or_default(), it.contains('}')),
            None => (it, true),
        };
        braced && name.starts_with(|it: char| it.is_ascii_alphabetic() || it == '_')
    })
}

/// Returns where a variable begins: one in braces, or one that is the whole value.
fn variable(text: &str) -> Option<usize> {
    let name = |it: char| it.is_ascii_uppercase() || it.is_ascii_digit() || it == '_';
    let bare = text.strip_prefix('$').filter(|it| it.len() > 1 && it.chars().all(name));
    text.find("${").or(bare.map(|_| 0))
}

/// Returns where a comment begins behind a value.
fn comment(text: &str) -> Option<usize> {
    let mut blank = true;
    for (at, c) in text.char_indices() {
        if c == '#' && blank && at > 0 {
            return Some(at);
        }
        blank = matches!(c, ' ' | '\t');
    }
    None
}
