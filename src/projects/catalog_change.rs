//! Changes of the project catalog, as values, for cockpit and commands.

use crate::{
    domain::{
        compose::policy::{Policy, stack_name},
        deployment::{
            audit::{AuditLine, Operator},
            verdict::Verdict,
        },
        project::{
            Catalog, Content, EnvironmentPath, Owner, Setting, SettingName, Slug, SourcePlace,
            StackPath, StackSource,
        },
        swarm::{change::Confidential, names::StackName},
    },
    projects::{
        ImportedFiles, Trouble, became_secret::BecameSecret, import_files::ImportedFile,
        moved::Moved,
    },
    store::{Shelf, Store},
};
use jiff::Timestamp;

/// One change of projects, complete.
#[derive(Debug, Clone)]
pub enum CatalogChange {
    CreateProject {
        slug: Slug,
        about: String,
    },
    CreateEnvironment {
        path: EnvironmentPath,
        context: Option<String>,
    },
    CreateStack(Box<NewStack>),
    Rename {
        owner: Owner,
        to: Slug,
    },
    /// Out of the catalog; what runs in the swarm is not concerned.
    Delete(Owner),
    Describe {
        project: Slug,
        about: String,
    },
    /// The docker context that an environment lives in; any where there is none.
    Settle {
        environment: EnvironmentPath,
        context: Option<String>,
    },
    /// Gives a value to a setting, or takes it away.
    Set {
        owner: Owner,
        name: SettingName,
        value: Option<Given>,
    },
    SetPolicy {
        owner: Owner,
        key: String,
        /// `None` takes the key away.
        value: Option<String>,
    },
    ReplacePolicy {
        owner: Owner,
        policy: Box<Policy>,
    },
    /// Other files for a stack.
    Source {
        path: StackPath,
        place: SourcePlace,
        gathered: ImportedFiles,
    },
}

/// A stack to add.
#[derive(Debug, Clone)]
pub struct NewStack {
    pub path: StackPath,
    /// Its name in the swarm; that of the policy where it is not given.
    pub swarm: Option<StackName>,
    pub place: SourcePlace,
    pub gathered: ImportedFiles,
}

/// A value as somebody gives it.
#[derive(Debug, Clone, PartialEq)]
pub struct Given {
    pub text: Confidential<String>,
    pub secret: bool,
}

/// A change, and in whose name it is made.
#[derive(Debug, Clone)]
pub struct AuditedChange {
    pub change: CatalogChange,
    pub who: Operator,
}

impl CatalogChange {
    /// Returns whether something is lost by it that no other operation brings back.
    pub fn destroys(&self) -> bool {
        match self {
            Self::Delete(_) | Self::ReplacePolicy { .. } | Self::Source { .. } => true,
            Self::Set { value, .. } => value.is_none(),
            Self::SetPolicy { value, .. } => value.is_none(),
            Self::CreateProject { .. }
            | Self::CreateEnvironment { .. }
            | Self::CreateStack(_)
            | Self::Rename { .. }
            | Self::Describe { .. }
            | Self::Settle { .. } => false,
        }
    }
}

impl AuditedChange {
    /// Makes the change, leaves an audit line, and says what was done. Blocks.
    pub fn run(&self, store: &Store) -> Result<String, Trouble> {
        let at = Timestamp::now();
        let done = self.change.run(store, at)?;
        let line = AuditLine {
            at,
            who: self.who.clone(),
            context: None,
            address: self.who.host.clone(),
            action: self.change.action(),
            object: self.change.object(),
            command: None,
            outcome: Verdict::Succeeded(done.clone()),
        };
        if let Err(err) = store.record(&line) {
            tracing::warn!(%err, "the audit line could not be written");
        }
        Ok(done)
    }
}

impl CatalogChange {
    /// Returns what is done, without to what, as `set TAG`; never a value.
    pub fn action(&self) -> String {
        match self {
            Self::CreateProject { .. } | Self::CreateEnvironment { .. } | Self::CreateStack(_) => {
                "create".to_owned()
            }
            Self::Rename { to, .. } => format!("rename to {to}"),
            Self::Delete(_) => "delete".to_owned(),
            Self::Describe { .. } => "describe".to_owned(),
            Self::Settle { context: Some(context), .. } => format!("set context {context}"),
            Self::Settle { context: None, .. } => "unset context".to_owned(),
            Self::Set { name, value: Some(_), .. } => format!("set {name}"),
            Self::Set { name, value: None, .. } => format!("unset {name}"),
            Self::SetPolicy { key, value: Some(_), .. } => format!("set policy {key}"),
            Self::SetPolicy { key, value: None, .. } => format!("unset policy {key}"),
            Self::ReplacePolicy { .. } => "replace policy".to_owned(),
            Self::Source { place: SourcePlace::Kept, .. } => "keep source".to_owned(),
            Self::Source { place: SourcePlace::Linked, .. } => "link source".to_owned(),
        }
    }

    /// Returns what it is done to, as `stack shop/production/web`.
    pub fn object(&self) -> String {
        match self {
            Self::CreateProject { slug, .. } | Self::Describe { project: slug, .. } => {
                format!("project {slug}")
            }
            Self::CreateEnvironment { path, .. } | Self::Settle { environment: path, .. } => {
                format!("environment {path}")
            }
            Self::CreateStack(new) => format!("stack {}", new.path),
            Self::Source { path, .. } => format!("stack {path}"),
            Self::Rename { owner, .. }
            | Self::Delete(owner)
            | Self::Set { owner, .. }
            | Self::SetPolicy { owner, .. }
            | Self::ReplacePolicy { owner, .. } => format!("{} {owner}", owner.kind()),
        }
    }

    fn run(&self, store: &Store, now: Timestamp) -> Result<String, Trouble> {
        // What is sealed is sealed before the state is locked.
        let files = match self {
            Self::CreateStack(new) => contents(store, &new.path, &new.gathered)?,
            Self::Source { path, gathered, .. } => contents(store, path, gathered)?,
            _ => Vec::new(),
        };
        let setting = match self {
            Self::Set { owner, name, value: Some(given) } => {
                Some(sealed(store, owner, name, given)?)
            }
            _ => None,
        };
        let before = match self {
            Self::Set { owner, name, .. } => {
                store.catalog()?.settings(owner).ok().and_then(|it| it.get(name).cloned())
            }
            _ => None,
        };
        let moved = match self {
            Self::Rename { owner, to } => Moved::by(store, owner, to)?,
            _ => Moved::default(),
        };
        let given = setting.clone();
        let done = store.change_catalog(|catalog, shelf| -> Result<String, Trouble> {
            let done = self.change(catalog, shelf, files, given, now)?;
            moved.put(catalog, shelf)?;
            Ok(done)
        })??;
        match (self, setting) {
            (Self::Set { owner, name, value: Some(given) }, Some(Setting::Secret(sealed))) => {
                let change = BecameSecret { owner, name, before, value: &given.text.0, sealed };
                Ok(done + &change.seal_past(store)?)
            }
            _ => Ok(done),
        }
    }

    /// Changes the catalog and what is kept; returns what was done.
    fn change(
        &self,
        catalog: &mut Catalog,
        shelf: &mut Shelf,
        files: Files,
        setting: Option<Setting>,
        now: Timestamp,
    ) -> Result<String, Trouble> {
        match self {
            Self::CreateProject { slug, about } => catalog.create_project(slug, about, now)?,
            Self::CreateEnvironment { path, context } => {
                catalog.create_environment(path, context.clone(), now)?;
            }
            Self::CreateStack(new) => return create(catalog, shelf, new, files, now),
            Self::Rename { owner, to } => catalog.rename(owner, to)?,
            Self::Delete(owner) => {
                if let Owner::Stack(path) = owner {
                    shelf.clear(catalog.stack(path)?.id);
                }
                catalog.delete(owner)?;
            }
            Self::Describe { project, about } => catalog.describe(project, about)?,
            Self::Settle { environment, context } => {
                settle(catalog, environment, context.as_ref())?;
            }
            Self::Set { owner, name, .. } => set(catalog, owner, name, setting)?,
            Self::SetPolicy { owner, key, value } => {
                set_policy(catalog, owner, key, value.as_deref())?;
            }
            Self::ReplacePolicy { owner, policy } => {
                policy.check().map_err(policy_trouble)?;
                *catalog.policy_mut(owner)? = (**policy).clone();
            }
            Self::Source { path, place, gathered } => {
                let stack = catalog.stack_mut(path)?;
                stack.source = source(gathered, *place);
                put(shelf, stack.id, files);
            }
        }
        Ok(format!("{}: {}", self.object(), self.done()))
    }

    fn done(&self) -> String {
        match self {
            Self::CreateProject { .. } | Self::CreateEnvironment { .. } | Self::CreateStack(_) => {
                "created".to_owned()
            }
            Self::Rename { owner, to } => format!("renamed to {}", owner.renamed(to)),
            Self::Delete(Owner::Stack(_)) => {
                "deleted; what runs in the swarm stays, `skep rm` removes it".to_owned()
            }
            Self::Delete(_) => "deleted".to_owned(),
            Self::Describe { .. } => "described".to_owned(),
            Self::Settle { context: Some(context), .. } => {
                format!("its stacks are deployed only to context {context} now")
            }
            Self::Settle { context: None, .. } => {
                "its stacks can be deployed to every context now".to_owned()
            }
            Self::Set { name, value: Some(_), .. } => format!("{name} is set"),
            Self::Set { name, value: None, .. } => format!("{name} is not set any more"),
            Self::SetPolicy { key, value: Some(value), .. } => format!("{key} is {value}"),
            Self::SetPolicy { key, value: None, .. } => format!("{key} is unset"),
            Self::ReplacePolicy { .. } => "the policy has changed".to_owned(),
            Self::Source { place: SourcePlace::Kept, .. } => {
                "skep keeps copies of its files".to_owned()
            }
            Self::Source { place: SourcePlace::Linked, .. } => {
                "it is linked to its files".to_owned()
            }
        }
    }
}

fn create(
    catalog: &mut Catalog,
    shelf: &mut Shelf,
    new: &NewStack,
    files: Files,
    now: Timestamp,
) -> Result<String, Trouble> {
    let home = new.path.environment();
    catalog.environment(&home)?;
    let swarm = match &new.swarm {
        Some(given) => given.clone(),
        None => name_of(catalog, &new.path)?,
    };
    let source = source(&new.gathered, new.place);
    let id = catalog.create_stack(&new.path, swarm.clone(), source, now)?;
    put(shelf, id, files);
    let path = &new.path;
    Ok(format!(
        "stack {path}: created, not deployed yet: `skep deploy {path}` deploys it as {swarm}"
    ))
}

/// Has a stack made of these files and no others.
fn put(shelf: &mut Shelf, stack: u64, files: Files) {
    shelf.clear(stack);
    for (name, content) in files {
        shelf.put(stack, &name, content);
    }
}

fn set(
    catalog: &mut Catalog,
    owner: &Owner,
    name: &SettingName,
    value: Option<Setting>,
) -> Result<(), Trouble> {
    let takes = value.is_none();
    let before = catalog.settings_mut(owner)?.set(name, value);
    if takes && before.is_none() {
        let hint = format!("`skep var list {owner}` lists its variables");
        return Err(Trouble::new(format!("{owner} does not set {name}"), hint));
    }
    Ok(())
}

fn set_policy(
    catalog: &mut Catalog,
    owner: &Owner,
    key: &str,
    value: Option<&str>,
) -> Result<(), Trouble> {
    let policy = catalog.policy_mut(owner)?;
    let changed = match value {
        Some(value) => policy.set(key, value).map(|()| true),
        None => policy.unset(key),
    };
    if !changed.map_err(policy_trouble)? {
        return Err(policy_trouble(format!("the policy of {owner} has no {key}")));
    }
    policy.check().map_err(policy_trouble)
}

/// Returns the name that the policy gives to a stack.
fn name_of(catalog: &Catalog, path: &StackPath) -> Result<StackName, Trouble> {
    let layers = catalog.layers(&path.environment());
    let [project, environment, stack] =
        [&path.project, &path.environment, &path.stack].map(Slug::as_str);
    stack_name(&layers, project, environment, stack)
        .map_err(|why| Trouble::new(why, "give it another name with --name"))
}

/// Moves an environment into a context, if its stacks are free to go there.
fn settle(
    catalog: &mut Catalog,
    path: &EnvironmentPath,
    context: Option<&String>,
) -> Result<(), Trouble> {
    catalog.environment(path)?;
    if let Some(environment) = catalog.environments.get_mut(path) {
        environment.context = context.cloned();
    }
    for stack in catalog.stacks_of(path) {
        catalog.free(&stack.swarm, &stack.path)?;
    }
    Ok(())
}

fn source(gathered: &ImportedFiles, place: SourcePlace) -> StackSource {
    let ImportedFiles { dir, compose, env_files, .. } = gathered.clone();
    StackSource { place, dir, compose, env_files }
}

type Files = Vec<(String, Content)>;

fn contents(store: &Store, stack: &StackPath, gathered: &ImportedFiles) -> Result<Files, Trouble> {
    let files = gathered.files.clone().into_iter();
    let content = |(name, found): (String, ImportedFile)| {
        let content = found.content(&stack.place(&name), store)?;
        Ok::<_, Trouble>((name, content))
    };
    files.map(content).collect()
}

/// Seals a secret value; one that is what it was stays as it is sealed, so that nothing
/// seems to have changed.
fn sealed(
    store: &Store,
    owner: &Owner,
    name: &SettingName,
    given: &Given,
) -> Result<Setting, Trouble> {
    if !given.secret {
        return Ok(Setting::Plain(given.text.0.clone()));
    }
    let (catalog, value) = (store.catalog()?, given.text.0.as_bytes());
    let place = name.place(&owner.to_string());
    let before = match catalog.settings(owner)?.get(name) {
        Some(Setting::Secret(before)) => Some(before),
        _ => None,
    };
    let same =
        before.filter(|it| store.unseal_at(&place, &name.seal(), it).is_ok_and(|it| it.0 == value));
    Ok(Setting::Secret(match same {
        Some(before) if before.place().is_some() => before.clone(),
        same => store.seal_for(&place, same, value)?,
    }))
}

fn policy_trouble(why: String) -> Trouble {
    Trouble::new(why, "`skep policy keys` lists all keys")
}
