//! Project paths: `shop/production/web`.

use crate::domain::project::{
    slug::{BadSlug, Slug},
    vault::Place,
};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error};
use std::{fmt, str::FromStr};

/// An environment of a project, as `shop/production`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct EnvironmentPath {
    pub project: Slug,
    pub environment: Slug,
}

/// A stack in an environment, as `shop/production/web`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct StackPath {
    pub project: Slug,
    pub environment: Slug,
    pub stack: Slug,
}

/// Whom variables and policies belong to.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Owner {
    Project(Slug),
    Environment(EnvironmentPath),
    Stack(StackPath),
}

/// Why a text does not say where something belongs.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BadPath {
    #[error("`{0}` is not the path of {1}: write {2}")]
    Parts(String, &'static str, &'static str),
    #[error(transparent)]
    Slug(#[from] BadSlug),
}

impl EnvironmentPath {
    pub fn stack(&self, stack: Slug) -> StackPath {
        StackPath { project: self.project.clone(), environment: self.environment.clone(), stack }
    }
}

impl StackPath {
    pub fn environment(&self) -> EnvironmentPath {
        EnvironmentPath { project: self.project.clone(), environment: self.environment.clone() }
    }

    /// Returns the place that a kept file of it is sealed for.
    pub fn place(&self, file: &str) -> Place {
        Place::new(&format!("file {file}"), &self.to_string())
    }

    /// Returns all that the stack takes settings from; later ones win.
    pub fn owners(&self) -> [Owner; 3] {
        [
            Owner::Project(self.project.clone()),
            Owner::Environment(self.environment()),
            Owner::Stack(self.clone()),
        ]
    }
}

impl Owner {
    /// Returns its path with another last part.
    #[must_use]
    pub fn renamed(&self, to: &Slug) -> Self {
        match self.clone() {
            Self::Project(_) => Self::Project(to.clone()),
            Self::Environment(path) => {
                Self::Environment(EnvironmentPath { environment: to.clone(), ..path })
            }
            Self::Stack(path) => Self::Stack(StackPath { stack: to.clone(), ..path }),
        }
    }

    /// Returns what it is, as `environment`.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Project(_) => "project",
            Self::Environment(_) => "environment",
            Self::Stack(_) => "stack",
        }
    }
}

impl FromStr for EnvironmentPath {
    type Err = BadPath;

    fn from_str(text: &str) -> Result<Self, BadPath> {
        let parts: Vec<&str> = text.split('/').collect();
        let &[project, environment] = &parts[..] else {
            return Err(BadPath::Parts(text.to_owned(), "an environment", "PROJECT/ENVIRONMENT"));
        };
        Ok(Self { project: project.parse()?, environment: environment.parse()? })
    }
}

impl FromStr for StackPath {
    type Err = BadPath;

    fn from_str(text: &str) -> Result<Self, BadPath> {
        let parts: Vec<&str> = text.split('/').collect();
        let &[project, environment, stack] = &parts[..] else {
            let form = "PROJECT/ENVIRONMENT/STACK";
            return Err(BadPath::Parts(text.to_owned(), "a stack", form));
        };
        let (project, environment) = (project.parse()?, environment.parse()?);
        Ok(Self { project, environment, stack: stack.parse()? })
    }
}

impl FromStr for Owner {
    type Err = BadPath;

    fn from_str(text: &str) -> Result<Self, BadPath> {
        Ok(match text.matches('/').count() {
            0 => Self::Project(text.parse()?),
            1 => Self::Environment(text.parse()?),
            2 => Self::Stack(text.parse()?),
            _ => {
                let form = "PROJECT, PROJECT/ENVIRONMENT or PROJECT/ENVIRONMENT/STACK";
                return Err(BadPath::Parts(
                    text.to_owned(),
                    "a project, an environment or a stack",
                    form,
                ));
            }
        })
    }
}

impl fmt::Display for EnvironmentPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.project, self.environment)
    }
}

impl fmt::Display for StackPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}/{}", self.project, self.environment, self.stack)
    }
}

impl fmt::Display for Owner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Project(it) => it.fmt(f),
            Self::Environment(it) => it.fmt(f),
            Self::Stack(it) => it.fmt(f),
        }
    }
}

/// Keeps a path as its text.
macro_rules! as_text {
    ($($name:ident)*) => {$(
        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                String::deserialize(deserializer)?.parse().map_err(D::Error::custom)
            }
        }
    )*};
}

as_text! { EnvironmentPath StackPath Owner }

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: Result<&str, &str>) {
        match (text.parse::<Owner>(), expected) {
            (Ok(found), Ok(kind)) => {
                assert_eq!(found.kind(), kind, "{text}");
                assert_eq!(found.to_string(), text);
            }
            (Err(found), Err(part)) => assert!(found.to_string().contains(part), "{found}"),
            (found, _) => panic!("{text}: {found:?}"),
        }
    }

    #[test]
    fn slashes_say_what_a_path_names() {
        check("shop", Ok("project"));
        check("shop/production", Ok("environment"));
        check("shop/production/web", Ok("stack"));
        check("shop/production/web/api", Err("PROJECT/ENVIRONMENT/STACK"));
        check("shop//web", Err("missing"));
        check("shop/Production", Err("`Production`"));
        assert!("shop".parse::<StackPath>().is_err() && "shop".parse::<EnvironmentPath>().is_err());
    }

    #[test]
    fn a_stack_takes_settings_from_the_outside_in() {
        let path: StackPath = "shop/production/web".parse().unwrap();
        let owners = path.owners().map(|it| it.to_string());
        assert_eq!(owners, ["shop", "shop/production", "shop/production/web"]);
    }
}
