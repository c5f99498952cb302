//! All projects, environments and stacks, and the rules they keep.

use crate::domain::{
    compose::policy::{Layer, Policy},
    project::{EnvironmentPath, Owner, Settings, Slug, StackPath, vault::Sealed},
    swarm::names::StackName,
};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// A group of environments.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Project {
    pub slug: Slug,
    /// A description, for people; may be empty.
    #[serde(default)]
    pub about: String,
    #[serde(default)]
    pub settings: Settings,
    #[serde(default)]
    pub policy: Policy,
    pub created: Timestamp,
}

/// A group of stacks that live in one place.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Environment {
    pub path: EnvironmentPath,
    /// The docker context of its cluster; any where there is none.
    #[serde(default)]
    pub context: Option<String>,
    #[serde(default)]
    pub settings: Settings,
    #[serde(default)]
    pub policy: Policy,
    pub created: Timestamp,
}

/// A stack whose source skep knows.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ManagedStack {
    /// Never changes, whatever it is called.
    pub id: u64,
    pub path: StackPath,
    /// What it is called in the swarm.
    pub swarm: StackName,
    pub source: StackSource,
    #[serde(default)]
    pub settings: Settings,
    pub created: Timestamp,
}

/// Where the compose files of a stack are.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StackSource {
    pub place: SourcePlace,
    /// The directory in which relative paths start.
    pub dir: String,
    /// Names of the compose files, from left to right, relative to `dir` or absolute.
    pub compose: Vec<String>,
    /// Files of variables for `${NAME}`, the later ones win.
    #[serde(default)]
    pub env_files: Vec<String>,
}

/// Who holds the files.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SourcePlace {
    /// The state file.
    Kept,
    /// The disk; what is kept is how they were seen last.
    Linked,
}

/// A file as it is kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Content {
    Text(String),
    /// Base64 of what is not UTF-8.
    Bytes(String),
    /// What a secret is made of, sealed for its place ([`StackPath::place`]); in older states
    /// under the name of the file.
    Sealed(Sealed),
}

/// Everything there is.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Catalog {
    pub projects: BTreeMap<Slug, Project>,
    pub environments: BTreeMap<EnvironmentPath, Environment>,
    pub stacks: BTreeMap<StackPath, ManagedStack>,
}

/// Why something cannot be done.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    #[error("{kind} `{0}` exists already", kind = .0.kind())]
    Exists(Owner),
    #[error("there is no {kind} `{0}`", kind = .0.kind())]
    Missing(Owner),
    #[error("{kind} `{owner}` still has {rest}", kind = .owner.kind())]
    NotEmpty { owner: Owner, rest: String },
    #[error("the swarm name `{swarm}` belongs to {by}")]
    NameTaken { swarm: StackName, by: StackPath },
    #[error("{path} is deployed only to context {home}, and this is {here}")]
    Elsewhere { path: StackPath, home: String, here: String },
    #[error("stack `{0}` has no policy of its own")]
    NoPolicy(StackPath),
}

impl Refused {
    /// Returns what the operator can do now.
    pub fn hint(&self) -> String {
        match self {
            Self::Exists(Owner::Project(_)) => "`skep project list` shows them".to_owned(),
            Self::Exists(Owner::Environment(_)) => "`skep env list` shows them".to_owned(),
            Self::Exists(Owner::Stack(_)) => "`skep stack list` shows them".to_owned(),
            Self::Missing(Owner::Stack(_)) => {
                "`skep stack list` shows them; `skep stack create` makes one".to_owned()
            }
            Self::Elsewhere { home, .. } => format!("repeat it with --context {home}"),
            Self::Missing(owner @ Owner::Project(_)) => {
                format!("create it with `skep project create {owner}`")
            }
            Self::Missing(owner @ Owner::Environment(_)) => {
                format!("create it with `skep env create {owner}`")
            }
            Self::NotEmpty { .. } => "delete those first".to_owned(),
            Self::NoPolicy(path) => {
                format!("set it for the environment `{}` or its project", path.environment())
            }
            Self::NameTaken { .. } => "give another one with --name".to_owned(),
        }
    }
}

impl Catalog {
    pub fn create_project(
        &mut self,
        slug: &Slug,
        about: &str,
        now: Timestamp,
    ) -> Result<(), Refused> {
        if self.projects.contains_key(slug) {
            return Err(Refused::Exists(Owner::Project(slug.clone())));
        }
        let (about, slug) = (about.to_owned(), slug.clone());
        let (settings, policy) = (Settings::default(), Policy::default());
        let project = Project { slug: slug.clone(), about, settings, policy, created: now };
        self.projects.insert(slug, project);
        Ok(())
    }

    pub fn create_environment(
        &mut self,
        path: &EnvironmentPath,
        context: Option<String>,
        now: Timestamp,
    ) -> Result<(), Refused> {
        self.project(&path.project)?;
        if self.environments.contains_key(path) {
            return Err(Refused::Exists(Owner::Environment(path.clone())));
        }
        let (settings, policy, home) = (Settings::default(), Policy::default(), path.clone());
        let environment = Environment { path: home, context, settings, policy, created: now };
        self.environments.insert(path.clone(), environment);
        Ok(())
    }

    /// Adds a stack and returns its id.
    pub fn create_stack(
        &mut self,
        path: &StackPath,
        swarm: StackName,
        source: StackSource,
        now: Timestamp,
    ) -> Result<u64, Refused> {
        self.environment(&path.environment())?;
        if self.stacks.contains_key(path) {
            return Err(Refused::Exists(Owner::Stack(path.clone())));
        }
        self.free(&swarm, path)?;
        let id = self.stacks.values().map(|it| it.id).max().unwrap_or_default() + 1;
        let (settings, path) = (Settings::default(), path.clone());
        let stack = ManagedStack { id, path: path.clone(), swarm, source, settings, created: now };
        self.stacks.insert(path, stack);
        Ok(id)
    }

    /// Says what a project is, for people.
    pub fn describe(&mut self, slug: &Slug, about: &str) -> Result<(), Refused> {
        let missing = || Refused::Missing(Owner::Project(slug.clone()));
        about.clone_into(&mut self.projects.get_mut(slug).ok_or_else(missing)?.about);
        Ok(())
    }

    /// Gives an owner another slug, and all that it holds another path.
    pub fn rename(&mut self, owner: &Owner, to: &Slug) -> Result<(), Refused> {
        match owner {
            Owner::Project(slug) => self.rename_project(slug, to),
            Owner::Environment(path) => self.rename_environment(path, to),
            Owner::Stack(path) => self.rename_stack(path, to),
        }
    }

    pub fn rename_project(&mut self, old: &Slug, new: &Slug) -> Result<(), Refused> {
        self.project(old)?;
        if self.projects.contains_key(new) {
            return Err(Refused::Exists(Owner::Project(new.clone())));
        }
        if let Some(mut project) = self.projects.remove(old) {
            project.slug = new.clone();
            self.projects.insert(new.clone(), project);
        }
        for environment in self.environments_of(old) {
            let moved = EnvironmentPath { project: new.clone(), ..environment.clone() };
            self.move_environment(&environment, &moved);
        }
        Ok(())
    }

    pub fn rename_environment(&mut self, old: &EnvironmentPath, new: &Slug) -> Result<(), Refused> {
        self.environment(old)?;
        let moved = EnvironmentPath { environment: new.clone(), ..old.clone() };
        if self.environments.contains_key(&moved) {
            return Err(Refused::Exists(Owner::Environment(moved)));
        }
        self.move_environment(old, &moved);
        Ok(())
    }

    /// Gives a stack another slug; in the swarm it keeps its name.
    pub fn rename_stack(&mut self, old: &StackPath, new: &Slug) -> Result<(), Refused> {
        self.stack(old)?;
        let moved = StackPath { stack: new.clone(), ..old.clone() };
        if self.stacks.contains_key(&moved) {
            return Err(Refused::Exists(Owner::Stack(moved)));
        }
        self.move_stack(old, moved);
        Ok(())
    }

    /// Takes something out that holds nothing any more. What runs in the swarm is not
    /// concerned.
    pub fn delete(&mut self, owner: &Owner) -> Result<(), Refused> {
        self.settings(owner)?;
        let rest: Vec<String> = match owner {
            Owner::Project(slug) => {
                self.environments_of(slug).iter().map(ToString::to_string).collect()
            }
            Owner::Environment(path) => {
                self.stacks_of(path).map(|it| it.path.to_string()).collect()
            }
            Owner::Stack(_) => Vec::new(),
        };
        if !rest.is_empty() {
            let rest = rest.join(", ");
            return Err(Refused::NotEmpty { owner: owner.clone(), rest });
        }
        match owner {
            Owner::Project(slug) => _ = self.projects.remove(slug),
            Owner::Environment(path) => _ = self.environments.remove(path),
            Owner::Stack(path) => _ = self.stacks.remove(path),
        }
        Ok(())
    }

    pub fn project(&self, slug: &Slug) -> Result<&Project, Refused> {
        let missing = || Refused::Missing(Owner::Project(slug.clone()));
        self.projects.get(slug).ok_or_else(missing)
    }

    pub fn environment(&self, path: &EnvironmentPath) -> Result<&Environment, Refused> {
        self.project(&path.project)?;
        let missing = || Refused::Missing(Owner::Environment(path.clone()));
        self.environments.get(path).ok_or_else(missing)
    }

    pub fn stack(&self, path: &StackPath) -> Result<&ManagedStack, Refused> {
        self.environment(&path.environment())?;
        let missing = || Refused::Missing(Owner::Stack(path.clone()));
        self.stacks.get(path).ok_or_else(missing)
    }

    pub fn stack_mut(&mut self, path: &StackPath) -> Result<&mut ManagedStack, Refused> {
        let missing = || Refused::Missing(Owner::Stack(path.clone()));
        self.stacks.get_mut(path).ok_or_else(missing)
    }

    pub fn settings(&self, owner: &Owner) -> Result<&Settings, Refused> {
        Ok(match owner {
            Owner::Project(slug) => &self.project(slug)?.settings,
            Owner::Environment(path) => &self.environment(path)?.settings,
            Owner::Stack(path) => &self.stack(path)?.settings,
        })
    }

    pub fn settings_mut(&mut self, owner: &Owner) -> Result<&mut Settings, Refused> {
        let missing = || Refused::Missing(owner.clone());
        Ok(match owner {
            Owner::Project(it) => &mut self.projects.get_mut(it).ok_or_else(missing)?.settings,
            Owner::Environment(it) => {
                &mut self.environments.get_mut(it).ok_or_else(missing)?.settings
            }
            Owner::Stack(it) => &mut self.stacks.get_mut(it).ok_or_else(missing)?.settings,
        })
    }

    /// Returns the policy of a project or environment; stacks have none of their own.
    pub fn policy_mut(&mut self, owner: &Owner) -> Result<&mut Policy, Refused> {
        let missing = || Refused::Missing(owner.clone());
        match owner {
            Owner::Project(it) => Ok(&mut self.projects.get_mut(it).ok_or_else(missing)?.policy),
            Owner::Environment(it) => {
                Ok(&mut self.environments.get_mut(it).ok_or_else(missing)?.policy)
            }
            Owner::Stack(path) => Err(Refused::NoPolicy(path.clone())),
        }
    }

    /// Returns the policies that hold in an environment; later ones win.
    pub fn layers(&self, path: &EnvironmentPath) -> Vec<Layer<'_>> {
        let project = self.projects.get(&path.project);
        let project = project.map(|it| Layer { by: it.slug.to_string(), policy: &it.policy });
        let environment = self.environments.get(path);
        let environment =
            environment.map(|it| Layer { by: it.path.to_string(), policy: &it.policy });
        project.into_iter().chain(environment).collect()
    }

    /// Finds the stack that has a name in the swarm; `context` is that of the cluster.
    pub fn of_swarm(&self, name: &StackName, context: Option<&str>) -> Option<&ManagedStack> {
        self.stacks.values().find(|it| {
            let home = self.environments.get(&it.path.environment());
            let home = home.and_then(|it| it.context.as_deref());
            it.swarm == *name && (home.is_none() || context.is_none() || home == context)
        })
    }

    /// Finds the stack that has a name in another cluster, where none has it in the one that
    /// `here` leads to; and says where that is.
    pub fn elsewhere(&self, name: &StackName, here: &str) -> Option<(&StackPath, &str)> {
        if self.of_swarm(name, Some(here)).is_some() {
            return None;
        }
        self.stacks.values().filter(|it| it.swarm == *name).find_map(|it| {
            let home = self.environments.get(&it.path.environment())?;
            Some((&it.path, home.context.as_deref()?))
        })
    }

    /// Returns the name in the swarm of the stack at a path, as long as it lives in the
    /// cluster that `here` leads to.
    pub fn in_swarm(&self, path: &StackPath, here: Option<&str>) -> Result<&StackName, Refused> {
        let stack = self.stack(path)?;
        let home = self.environments.get(&path.environment()).and_then(|it| it.context.as_deref());
        match (home, here) {
            (Some(home), Some(here)) if home != here => {
                let [home, here] = [home, here].map(str::to_owned);
                Err(Refused::Elsewhere { path: path.clone(), home, here })
            }
            _ => Ok(&stack.swarm),
        }
    }

    pub fn environments_of(&self, project: &Slug) -> Vec<EnvironmentPath> {
        self.environments.keys().filter(|it| it.project == *project).cloned().collect()
    }

    pub fn stacks_of(&self, path: &EnvironmentPath) -> impl Iterator<Item = &ManagedStack> {
        self.stacks.values().filter(move |it| it.path.environment() == *path)
    }

    /// Checks that no other stack of the same cluster has a name in the swarm.
    pub fn free(&self, swarm: &StackName, path: &StackPath) -> Result<(), Refused> {
        let home = |it: &StackPath| {
            self.environments.get(&it.environment()).and_then(|it| it.context.clone())
        };
        let here = home(path);
        let taken = self.stacks.values().find(|it| {
            let there = home(&it.path);
            it.swarm == *swarm
                && it.path != *path
                && (here.is_none() || there.is_none() || here == there)
        });
        match taken {
            Some(by) => Err(Refused::NameTaken { swarm: swarm.clone(), by: by.path.clone() }),
            None => Ok(()),
        }
    }

    fn move_environment(&mut self, old: &EnvironmentPath, new: &EnvironmentPath) {
        let stacks: Vec<StackPath> = self.stacks_of(old).map(|it| it.path.clone()).collect();
        if let Some(mut environment) = self.environments.remove(old) {
            environment.path = new.clone();
            self.environments.insert(new.clone(), environment);
        }
        for path in stacks {
            let moved = new.stack(path.stack.clone());
            self.move_stack(&path, moved);
        }
    }

    fn move_stack(&mut self, old: &StackPath, new: StackPath) {
        if let Some(mut stack) = self.stacks.remove(old) {
            stack.path = new.clone();
            self.stacks.insert(new, stack);
        }
    }
}

#[cfg(test)]
mod tests;
