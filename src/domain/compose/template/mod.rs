//! Templates: stack files with typed parameters.
//!
//! A template is a YAML file of two documents: what it is and which parameters it has,
//! then the stack file with `((name))` where a value belongs. Lines between comments
//! `# ((if name))` and `# ((end))` are kept where the parameter has a value, other than
//! `false`; also: `# ((if not name))`, `# ((else))`. All else stays as it is, comments
//! too.

mod parameter;
mod body;

pub use parameter::{Parameter, ParameterType};

use crate::domain::{
    compose::template::body::{Body, Hole},
    text::nearest::nearest,
};
use serde::Deserialize;
use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
};

/// The templates that come along, in the order in which they are offered.
const BUILTIN: &[&str] = &[
    include_str!("../../../../assets/templates/web-database.yml"),
    include_str!("../../../../assets/templates/traefik.yml"),
    include_str!("../../../../assets/templates/caddy.yml"),
    include_str!("../../../../assets/templates/registry.yml"),
    include_str!("../../../../assets/templates/monitoring.yml"),
];

/// A stack file to fill in.
#[derive(Debug, Clone)]
pub struct Template {
    pub name: String,
    /// One sentence.
    pub description: String,
    /// In the order in which a form asks for them.
    pub parameters: Vec<Parameter>,
    body: Body,
}

/// Why a template cannot be filled in with what was given.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// The parameter that is wrong, missing or unknown.
    pub parameter: String,
    pub why: String,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.parameter, self.why)
    }
}

/// Returns the templates that come along.
pub fn builtin() -> Vec<Template> {
    // A test reads each of them.
    BUILTIN.iter().filter_map(|it| Template::parse(it).ok()).collect()
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Front {
    name: String,
    description: String,
    #[serde(default)]
    parameters: Vec<Parameter>,
}

impl Template {
    /// Reads a template, or says what is wrong with it.
    pub fn parse(text: &str) -> Result<Self, String> {
        let (front, skipped, body) = split(text).ok_or(
            "a template has two parts: its name and parameters, a line `---`, and the stack file",
        )?;
        let front: Front = serde_yaml::from_str(front).map_err(|err| err.to_string())?;
        let body = Body::parse(body, skipped)?;
        let template = Self {
            name: front.name,
            description: front.description,
            parameters: front.parameters,
            body,
        };
        template.check()?;
        Ok(template)
    }

    pub fn parameter(&self, name: &str) -> Option<&Parameter> {
        self.parameters.iter().find(|it| it.name == name)
    }

    /// Fills in values; where one is missing, the default of its parameter. Says
    /// everything that is wrong with them at once.
    pub fn render(&self, given: &BTreeMap<String, String>) -> Result<String, Vec<Problem>> {
        let mut problems: Vec<Problem> =
            given.keys().filter_map(|it| self.unknown(it, "is not a parameter")).collect();
        let mut values = BTreeMap::new();
        for parameter in &self.parameters {
            let name = parameter.name.as_str();
            let value = parameter.value(given);
            if let Err(why) = parameter.check(value) {
                problems.push(Problem { parameter: name.to_owned(), why });
            }
            values.insert(name, value);
        }
        if problems.is_empty() {
            let (text, unquoted) = self.body.fill(&values);
            if unquoted.is_empty() {
                return Ok(text);
            }
            let problem = |it: &str| Problem {
                parameter: it.to_owned(),
                why: "may have only letters, digits and `._/:@+-`, because it is not in quotes"
                    .to_owned(),
            };
            problems.extend(unquoted.into_iter().map(problem));
        }
        Err(problems)
    }

    /// Fills in what can be filled in; where a value is missing or wrong, the text says
    /// `((name))` in its place.
    pub fn draft(&self, given: &BTreeMap<String, String>) -> String {
        let filled = |it: &'_ Parameter| {
            let value = it.value(given);
            if it.check(value).is_ok() { value.to_owned() } else { format!("(({}))", it.name) }
        };
        let texts: Vec<String> = self.parameters.iter().map(filled).collect();
        let names = self.parameters.iter().map(|it| it.name.as_str());
        self.body.fill(&names.zip(texts.iter().map(String::as_str)).collect()).0
    }

    /// Says why a name stands for no parameter.
    fn unknown(&self, name: &str, what: &str) -> Option<Problem> {
        if self.parameter(name).is_some() {
            return None;
        }
        let meant = nearest(name, self.parameters.iter().map(|it| it.name.as_str()));
        let meant = meant.map(|it| format!("; did you mean `{it}`?")).unwrap_or_default();
        Some(Problem { parameter: name.to_owned(), why: format!("{what}{meant}") })
    }

    /// Says what does not fit together.
    fn check(&self) -> Result<(), String> {
        let mut names = BTreeSet::new();
        for parameter in &self.parameters {
            parameter.check_itself()?;
            if !names.insert(parameter.name.as_str()) {
                return Err(format!("parameter {} is defined twice", parameter.name));
            }
        }
        for Hole { name, line } in self.body.holes() {
            if let Some(problem) = self.unknown(name, "is not a parameter") {
                return Err(format!("line {line}: (({name})) {}", problem.why));
            }
            names.remove(name);
        }
        names.first().map_or(Ok(()), |it| Err(format!("parameter {it} is not used")))
    }
}

/// Splits a file at the line `---` that ends its first document; also returns how many
/// lines that took.
fn split(text: &str) -> Option<(&str, usize, &str)> {
    let start = text.strip_prefix("---\n").map_or(0, |it| text.len() - it.len());
    let at = text.get(start..)?.find("\n---\n")? + start;
    let (front, rest) = text.split_at(at);
    let body = rest.strip_prefix("\n---\n")?;
    Some((front, front.matches('\n').count() + 2, body))
}

#[cfg(test)]
mod tests;
