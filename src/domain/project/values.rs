//! Variable resolution: where the value of a variable comes from, and which one wins.

use crate::domain::{project::Owner, swarm::change::Confidential};
use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
};

/// Who gives a value; the later ones win.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum VariableOrigin {
    /// The environment of the process that deploys.
    Process,
    /// A file of variables.
    EnvFile(String),
    Owner(Owner),
}

/// A value that a variable has, or would have if nothing beat it.
#[derive(Debug, Clone, PartialEq)]
pub struct Value {
    pub origin: VariableOrigin,
    pub text: Confidential<String>,
    /// It is never shown.
    pub secret: bool,
}

/// The values of all variables: of each all candidates, the one that wins last.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Values(BTreeMap<String, Vec<Value>>);

impl Values {
    /// Adds what somebody gives; it beats all that was added before.
    pub fn add(
        &mut self,
        origin: &VariableOrigin,
        values: impl IntoIterator<Item = (String, String, bool)>,
    ) {
        for (name, text, secret) in values {
            let value = Value { origin: origin.clone(), text: Confidential(text), secret };
            let candidates = self.0.entry(name).or_default();
            candidates.retain(|it| it.origin != *origin);
            candidates.push(value);
        }
    }

    /// Returns the value that counts.
    pub fn get(&self, name: &str) -> Option<&Value> {
        self.0.get(name)?.last()
    }

    /// Returns those that are beaten, the strongest first.
    pub fn beaten(&self, name: &str) -> impl Iterator<Item = &Value> {
        let candidates = self.0.get(name).map(Vec::as_slice).unwrap_or_default();
        candidates.iter().rev().skip(1)
    }

    /// Returns the names that somebody gave on purpose: all but those of the process.
    pub fn given(&self) -> impl Iterator<Item = &str> {
        let given = |it: &&Value| it.origin != VariableOrigin::Process;
        self.0
            .iter()
            .filter(move |(_, values)| values.iter().any(|it| given(&it)))
            .map(|(name, _)| name.as_str())
    }

    /// Returns what compose files are interpolated with.
    pub fn environment(&self) -> BTreeMap<String, String> {
        let winner = |(name, values): (&String, &Vec<Value>)| {
            Some((name.clone(), values.last()?.text.0.clone()))
        };
        self.0.iter().filter_map(winner).collect()
    }

    /// Returns the values that must not be shown.
    pub fn secrets(&self) -> BTreeSet<String> {
        let secret = self.0.values().flatten().filter(|it| it.secret);
        secret.map(|it| it.text.0.clone()).filter(|it| !it.is_empty()).collect()
    }
}

impl fmt::Display for VariableOrigin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Process => f.write_str("environment of skep"),
            Self::EnvFile(name) => f.write_str(name),
            Self::Owner(owner) => write!(f, "{} {owner}", owner.kind()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_value_wins_and_the_others_are_known() {
        let owner = |text: &str| VariableOrigin::Owner(text.parse().unwrap());
        let given = |name: &str, value: &str, secret| [(name.to_owned(), value.to_owned(), secret)];
        let mut values = Values::default();
        values.add(&VariableOrigin::Process, given("TAG", "1", false));
        values.add(&VariableOrigin::Process, given("HOME", "/root", false));
        values.add(&VariableOrigin::EnvFile(".env".to_owned()), given("TAG", "2", false));
        values.add(&owner("shop"), given("TAG", "3", true));
        values.add(&owner("shop/production/web"), given("TAG", "4", false));
        assert_eq!(values.environment()["TAG"], "4");
        let origin = values.get("TAG").map(|it| it.origin.to_string());
        assert_eq!(origin.as_deref(), Some("stack shop/production/web"));
        let beaten: Vec<_> = values.beaten("TAG").map(|it| it.origin.to_string()).collect();
        assert_eq!(beaten, ["project shop", ".env", "environment of skep"]);
        assert_eq!(values.secrets().into_iter().collect::<Vec<_>>(), ["3"]);
        assert_eq!(values.given().collect::<Vec<_>>(), ["TAG"]);
        assert!(!format!("{values:?}").contains('4'));
    }
}
