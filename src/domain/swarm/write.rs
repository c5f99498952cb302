//! One write to a cluster: what is done to which object.

use crate::domain::swarm::cluster::ObjectKind;
use serde::{Deserialize, Serialize};
use std::fmt;

const KINDS: [ObjectKind; 4] =
    [ObjectKind::Services, ObjectKind::Networks, ObjectKind::Secrets, ObjectKind::Configs];

/// An object by kind and full name.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct ObjectName {
    pub kind: ObjectKind,
    pub name: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Act {
    Create,
    Update,
    Remove,
}

/// One thing to write. Journals keep it as it is here.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Write {
    #[serde(flatten)]
    pub object: ObjectName,
    pub act: Act,
}

impl Act {
    /// Returns what takes it back.
    #[must_use]
    pub fn inverse(self) -> Self {
        match self {
            Self::Create => Self::Remove,
            Self::Update => Self::Update,
            Self::Remove => Self::Create,
        }
    }

    const ALL: [Self; 3] = [Self::Create, Self::Update, Self::Remove];

    pub fn word(self) -> &'static str {
        match self {
            Self::Create => "create",
            Self::Update => "update",
            Self::Remove => "remove",
        }
    }
}

impl fmt::Display for ObjectName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.kind.word(), self.name)
    }
}

impl fmt::Display for Write {
    /// As `update service shop_web`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.act.word(), self.object)
    }
}

impl Write {
    /// Reads what [`Display`](fmt::Display) wrote: journals of older versions kept that.
    pub fn parse(text: &str) -> Option<Self> {
        let mut words = text.splitn(3, ' ');
        let (act, of, name) = (words.next()?, words.next()?, words.next()?);
        let act = Act::ALL.into_iter().find(|it| it.word() == act)?;
        let kind = KINDS.into_iter().find(|it| it.word() == of)?;
        Some(Self { object: ObjectName { kind, name: name.to_owned() }, act })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_read_as_they_were_written() {
        for kind in KINDS {
            for act in Act::ALL {
                let object = ObjectName { kind, name: "shop web".to_owned() };
                let write = Write { object, act };
                assert_eq!(Write::parse(&write.to_string()), Some(write));
            }
        }
        assert_eq!(Write::parse("scale shop_web to 3"), None);
    }
}
