//! Release inputs: what a release was made from, besides its files.

use crate::domain::project::{Owner, Setting, SettingName, Settings, StackPath};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The stack as its project had it when it was deployed. Secret values are sealed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Inputs {
    /// That of the stack, whatever it is called.
    #[serde(default)]
    pub id: u64,
    pub path: StackPath,
    /// What each owner set; those that set nothing are not here.
    pub settings: BTreeMap<Owner, Settings>,
}

/// A setting that is not as it was.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SettingChange {
    pub owner: Owner,
    pub name: SettingName,
    pub old: Option<Setting>,
    pub new: Option<Setting>,
}

impl Inputs {
    /// Returns what is set differently now, from the outside in.
    pub fn changes(&self, now: &Self) -> Vec<SettingChange> {
        let none = Settings::default();
        let before = self.as_of(&now.path);
        let owners = before.keys().chain(now.settings.keys());
        let mut owners: Vec<&Owner> = owners.collect();
        owners.sort();
        owners.dedup();
        let mut changes = Vec::new();
        for owner in owners {
            let old = before.get(owner).unwrap_or(&none);
            let new = now.settings.get(owner).unwrap_or(&none);
            let mut names: Vec<SettingName> = old.all().chain(new.all()).map(|it| it.0).collect();
            names.sort();
            names.dedup();
            changes.extend(names.into_iter().filter_map(|name| {
                let (old, new) = (old.get(&name).cloned(), new.get(&name).cloned());
                let same = match (&old, &new) {
                    (Some(old), Some(new)) => old.is_same(new),
                    _ => old == new,
                };
                (!same).then(|| SettingChange { owner: owner.clone(), name, old, new })
            }));
        }
        changes
    }

    /// Returns what was set by the owners as they are called now.
    fn as_of(&self, now: &StackPath) -> BTreeMap<Owner, Settings> {
        let names = self.path.owners().into_iter().zip(now.owners());
        let names: BTreeMap<Owner, Owner> = names.collect();
        let renamed = |owner: &Owner| names.get(owner).unwrap_or(owner).clone();
        self.settings.iter().map(|(owner, it)| (renamed(owner), it.clone())).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn inputs(settings: &[(&str, &str, &str)]) -> Inputs {
        let mut found: BTreeMap<Owner, Settings> = BTreeMap::new();
        for (owner, name, value) in settings {
            let settings = found.entry(owner.parse().unwrap()).or_default();
            let name = SettingName::new(None, name).unwrap();
            settings.set(&name, Some(Setting::Plain((*value).to_owned())));
        }
        Inputs { id: 1, path: "shop/production/web".parse().unwrap(), settings: found }
    }

    #[test]
    fn what_was_set_is_held_against_what_is_set() {
        let before =
            inputs(&[("shop", "A", "1"), ("shop", "B", "1"), ("shop/production", "C", "1")]);
        let after =
            inputs(&[("shop", "A", "1"), ("shop", "B", "2"), ("shop/production/web", "D", "1")]);
        let changes: Vec<String> = before
            .changes(&after)
            .iter()
            .map(|it| {
                format!("{} {} {:?} {:?}", it.owner, it.name, it.old.is_some(), it.new.is_some())
            })
            .collect();
        assert_eq!(
            changes,
            [
                "shop B true true",
                "shop/production C true false",
                "shop/production/web D false true"
            ]
        );
        assert!(before.changes(&before).is_empty());
    }

    #[test]
    fn a_new_name_is_no_change() {
        let before = inputs(&[("shop", "A", "1"), ("shop/production/web", "B", "1")]);
        let mut after = inputs(&[("store", "A", "1"), ("store/live/front", "B", "1")]);
        after.path = "store/live/front".parse().unwrap();
        assert!(before.changes(&after).is_empty());
    }
}
