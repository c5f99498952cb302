//! Parameters of templates, and which values they take.

use crate::domain::{compose::quantity, swarm::image::ImageRef};
use regex::Regex;
use serde::{Deserialize, Deserializer, Serialize, de::Error};
use std::collections::BTreeMap;

/// The longest name of a domain, and of one of its parts (RFC 1035).
const DOMAIN: usize = 253;
const LABEL: usize = 63;
/// The longest name of a secret (engine 20.10).
const SECRET: usize = 64;

/// What a template asks for.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Parameter {
    pub name: String,
    #[serde(rename = "type")]
    pub kind: ParameterType,
    /// What it is for, in a sentence.
    pub description: String,
    #[serde(default, deserialize_with = "scalar", skip_serializing_if = "Option::is_none")]
    pub default: Option<String>,
    /// Whether it must have a value; without one it is empty.
    #[serde(default)]
    pub required: bool,
    /// What a choice is made of.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub choices: Vec<String>,
    /// The least number or port, or the shortest text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub min: Option<i64>,
    /// The greatest number or port, or the longest text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max: Option<i64>,
    /// A regular expression that a whole text matches.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pattern: Option<String>,
}

/// What values are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ParameterType {
    /// A line of anything.
    Text,
    /// A whole number.
    Number,
    /// `true` or `false`.
    Bool,
    Choice,
    Port,
    /// A name that DNS could know.
    Domain,
    Image,
    /// Memory, as `512M`.
    Size,
    /// The name of a secret, in the swarm.
    SecretName,
}

impl ParameterType {
    pub fn word(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Number => "number",
            Self::Bool => "bool",
            Self::Choice => "choice",
            Self::Port => "port",
            Self::Domain => "domain",
            Self::Image => "image",
            Self::Size => "size",
            Self::SecretName => "secret-name",
        }
    }
}

impl Parameter {
    /// Returns the value among those given, or else the default; empty where there is none.
    pub fn value<'a>(&'a self, given: &'a BTreeMap<String, String>) -> &'a str {
        given.get(&self.name).or(self.default.as_ref()).map_or("", |it| it)
    }

    /// Returns all values there can be, where these are few.
    pub fn values(&self) -> Vec<String> {
        match self.kind {
            ParameterType::Bool => ["true", "false"].map(str::to_owned).into(),
            _ => self.choices.clone(),
        }
    }

    /// Says why a value cannot be taken; the empty one stands for none.
    pub fn check(&self, value: &str) -> Result<(), String> {
        if value.is_empty() {
            return if self.required { Err("a value is needed".to_owned()) } else { Ok(()) };
        }
        if value.contains(char::is_control) {
            return Err("a value is one line of text".to_owned());
        }
        match self.kind {
            ParameterType::Text => self.text(value),
            ParameterType::Number => self.number(value, i64::MIN, i64::MAX),
            ParameterType::Port => self.number(value, 1, 65535),
            ParameterType::Bool if matches!(value, "true" | "false") => Ok(()),
            ParameterType::Bool => Err(format!("`{value}` is neither true nor false")),
            ParameterType::Choice if self.choices.iter().any(|it| it == value) => Ok(()),
            ParameterType::Choice => {
                Err(format!("`{value}` is not one of {}", self.choices.join(", ")))
            }
            ParameterType::Domain if is_domain(value) => Ok(()),
            ParameterType::Domain => {
                Err(format!("`{value}` is not a domain: write it as app.example.com"))
            }
            ParameterType::Image => {
                ImageRef::check(value).map_err(|why| format!("`{value}`: {why}"))
            }
            ParameterType::Size => match quantity::bytes(value) {
                Ok(bytes) if bytes > 0 => Ok(()),
                _ => Err(format!("`{value}` is not an amount of memory: write it as 512M or 2G")),
            },
            ParameterType::SecretName if is_secret(value) => Ok(()),
            ParameterType::SecretName => Err(format!(
                "`{value}` cannot name a secret: {SECRET} letters, digits, `-`, `_` and `.` at most"
            )),
        }
    }

    /// Says what is wrong with the parameter.
    pub(in crate::domain::compose::template) fn check_itself(&self) -> Result<(), String> {
        let name = &self.name;
        if !is_name(name) {
            return Err(format!(
                "`{name}` is not a valid parameter name: use lowercase letters, digits and `-`"
            ));
        }
        if (self.kind == ParameterType::Choice) == self.choices.is_empty() {
            return Err(format!(
                "parameter {name}: the type choice, and only this type, has `choices`"
            ));
        }
        if let Some(pattern) = &self.pattern {
            Regex::new(pattern).map_err(|_| {
                format!("parameter {name}: `{pattern}` is not a regular expression")
            })?;
        }
        let default = self.default.as_deref().filter(|it| !it.is_empty());
        let checked = default.map_or(Ok(()), |it| self.check(it));
        checked.map_err(|why| format!("the default of parameter {name}: {why}"))
    }

    fn text(&self, value: &str) -> Result<(), String> {
        let length = i64::try_from(value.chars().count()).unwrap_or(i64::MAX);
        if self.min.is_some_and(|it| length < it) || self.max.is_some_and(|it| length > it) {
            let (least, most) = (self.min.unwrap_or(0), self.max);
            let most = most.map(|it| format!(" to {it}")).unwrap_or_default();
            return Err(format!("it has {length} characters, and may have {least}{most}"));
        }
        let Some(pattern) = &self.pattern else { return Ok(()) };
        let whole = Regex::new(&format!("^(?:{pattern})$")).map_err(|err| err.to_string())?;
        if whole.is_match(value) {
            Ok(())
        } else {
            Err(format!("`{value}` does not match {pattern}"))
        }
    }

    fn number(&self, value: &str, least: i64, most: i64) -> Result<(), String> {
        let number: i64 = value.parse().map_err(|_| format!("`{value}` is not a whole number"))?;
        let (least, most) = (self.min.unwrap_or(least), self.max.unwrap_or(most));
        if (least..=most).contains(&number) {
            return Ok(());
        }
        Err(match (least, most) {
            (i64::MIN, _) => format!("{number} is more than {most}"),
            (_, i64::MAX) => format!("{number} is less than {least}"),
            _ => format!("{number} is not between {least} and {most}"),
        })
    }
}

/// Tells names of parameters from what else may stand between brackets.
pub fn is_name(text: &str) -> bool {
    let plain = |it: char| it.is_ascii_lowercase() || it.is_ascii_digit() || it == '-';
    text.starts_with(|it: char| it.is_ascii_lowercase()) && text.chars().all(plain)
}

fn is_domain(text: &str) -> bool {
    let label = |it: &str| {
        let letters = |it: char| it.is_ascii_alphanumeric() || it == '-';
        !it.is_empty()
            && it.len() <= LABEL
            && it.chars().all(letters)
            && !it.starts_with('-')
            && !it.ends_with('-')
    };
    text.len() <= DOMAIN && text.split('.').all(label)
}

fn is_secret(text: &str) -> bool {
    let letters = |it: char| it.is_ascii_alphanumeric() || matches!(it, '-' | '_' | '.');
    let ends = |it: char| it.is_ascii_alphanumeric();
    text.len() <= SECRET
        && text.chars().all(letters)
        && text.starts_with(ends)
        && text.ends_with(ends)
}

/// Takes numbers and booleans for their texts.
fn scalar<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Scalar {
        Bool(bool),
        Number(i64),
        Text(String),
    }
    let value = Option::<Scalar>::deserialize(deserializer);
    let value =
        value.map_err(|_| D::Error::custom("a default is a text, a number or a boolean"))?;
    Ok(value.map(|it| match it {
        Scalar::Bool(it) => it.to_string(),
        Scalar::Number(it) => it.to_string(),
        Scalar::Text(it) => it,
    }))
}
