//! Settings of stacks: variables and environment overrides.

use crate::domain::project::vault::{Place, Sealed};
use serde::{Deserialize, Serialize};
use std::{collections::BTreeMap, fmt};

/// A value as it is kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Setting {
    Plain(String),
    /// Sealed for its place ([`SettingName::place`]); in older states under the name of the
    /// setting ([`SettingName::seal`]).
    Secret(Sealed),
}

/// What a project, an environment or a stack sets.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Settings {
    /// What `${NAME}` in compose files becomes.
    pub variables: BTreeMap<String, Setting>,
    /// What stands in the `environment` of a service, by its key in the file. It beats
    /// the file.
    pub environment: BTreeMap<String, BTreeMap<String, Setting>>,
}

/// Which setting: a variable, or a value in the environment of a service.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct SettingName {
    pub service: Option<String>,
    pub name: String,
}

/// Why a text cannot name a setting.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BadName {
    #[error("a variable needs a name")]
    Empty,
    #[error(
        "`{0}` cannot name a variable of compose files: use letters, digits and `_`, no digit first"
    )]
    Variable(String),
    #[error("`{0}` cannot name an environment variable: it has `=` or a space")]
    Environment(String),
}

impl Setting {
    /// Returns whether it is the same value, as far as that can be told without a key.
    pub fn is_same(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Secret(one), Self::Secret(other)) => one.is_same(other),
            _ => self == other,
        }
    }
}

impl SettingName {
    /// Makes the name of a variable, or of a value of a service.
    pub fn new(service: Option<&str>, name: &str) -> Result<Self, BadName> {
        let is_word = |it: char| it.is_ascii_alphanumeric() || it == '_';
        match service {
            _ if name.is_empty() => Err(BadName::Empty),
            None if !name.chars().all(is_word)
                || name.starts_with(|c: char| c.is_ascii_digit()) =>
            {
                Err(BadName::Variable(name.to_owned()))
            }
            Some(_) if name.contains(|c: char| c == '=' || c.is_whitespace() || c == '\0') => {
                Err(BadName::Environment(name.to_owned()))
            }
            _ => Ok(Self { service: service.map(str::to_owned), name: name.to_owned() }),
        }
    }

    /// Writes it as `skep var` takes it: `NAME`, `NAME --service web`.
    pub fn arguments(&self) -> String {
        let service = self.service.as_ref().map(|it| format!(" --service {it}"));
        format!("{}{}", self.name, service.unwrap_or_default())
    }

    /// Writes it as the command line of the cockpit takes it: `NAME`, `web:NAME`.
    pub fn word(&self) -> String {
        let service = self.service.as_ref().map(|it| format!("{it}:"));
        format!("{}{}", service.unwrap_or_default(), self.name)
    }

    /// Returns the name that its value is sealed under in older states.
    pub fn seal(&self) -> String {
        self.to_string()
    }

    /// Returns the place that its value is sealed for.
    pub fn place(&self, owner: &str) -> Place {
        let kind = if self.service.is_some() { "environment value" } else { "variable" };
        Place::new(&format!("{kind} {self}"), owner)
    }
}

impl fmt::Display for SettingName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.service {
            None => f.write_str(&self.name),
            Some(service) => write!(f, "{service}: {}", self.name),
        }
    }
}

impl Settings {
    pub fn is_empty(&self) -> bool {
        self.variables.is_empty() && self.environment.is_empty()
    }

    pub fn get(&self, name: &SettingName) -> Option<&Setting> {
        match &name.service {
            None => self.variables.get(&name.name),
            Some(service) => self.environment.get(service)?.get(&name.name),
        }
    }

    /// Sets a value, or takes it away; returns what it was before.
    pub fn set(&mut self, name: &SettingName, value: Option<Setting>) -> Option<Setting> {
        let Some(service) = &name.service else {
            return put(&mut self.variables, &name.name, value);
        };
        let of_service = self.environment.entry(service.clone()).or_default();
        let before = put(of_service, &name.name, value);
        self.environment.retain(|_, it| !it.is_empty());
        before
    }

    /// Returns all, variables first.
    pub fn all(&self) -> impl Iterator<Item = (SettingName, &Setting)> {
        let variables = self.variables.iter().map(|(name, value)| (None, name, value));
        let environment = self.environment.iter().flat_map(|(service, values)| {
            values.iter().map(move |(name, value)| (Some(service.clone()), name, value))
        });
        variables
            .chain(environment)
            .map(|(service, name, value)| (SettingName { service, name: name.clone() }, value))
    }
}

fn put(
    settings: &mut BTreeMap<String, Setting>,
    name: &str,
    value: Option<Setting>,
) -> Option<Setting> {
    match value {
        Some(value) => settings.insert(name.to_owned(), value),
        None => settings.remove(name),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(service: Option<&str>, name: &str, fits: bool) {
        assert_eq!(SettingName::new(service, name).is_ok(), fits, "{service:?} {name}");
    }

    #[test]
    fn a_name_fits_where_it_is_used() {
        check(None, "TAG", true);
        check(None, "_TAG2", true);
        check(None, "2TAG", false);
        check(None, "TAG.X", false);
        check(None, "", false);
        check(Some("web"), "spring.datasource.url", true);
        check(Some("web"), "A=B", false);
        check(Some("web"), "A B", false);
    }

    #[test]
    fn what_is_set_can_be_taken_away() {
        let mut settings = Settings::default();
        let name = SettingName::new(Some("web"), "LEVEL").unwrap();
        let plain = |text: &str| Some(Setting::Plain(text.to_owned()));
        assert_eq!(settings.set(&name, plain("info")), None);
        assert_eq!(settings.set(&name, plain("debug")), plain("info"));
        assert_eq!(settings.get(&name), plain("debug").as_ref());
        assert_eq!(settings.all().map(|it| it.0.to_string()).collect::<Vec<_>>(), ["web: LEVEL"]);
        settings.set(&name, None);
        assert!(settings.is_empty());
    }
}
