//! Project export: a TOML file and the files of the stacks, for a repository.
//!
//! Secret values go along sealed, each for its place: without the key of this state they
//! are of no use to anybody, and with it they are what they were, where they were.

use crate::{
    domain::{
        compose::policy::Policy,
        project::{
            Content, ManagedStack, Setting, SettingName, Settings, Slug, SourcePlace, StackPath,
            vault::{Place, Sealed},
        },
        swarm::names::StackName,
        text::path::ShownPath,
    },
    files,
    projects::{Trouble, load::bytes},
    store::Store,
};
use serde::{Deserialize, Serialize};
use std::{
    collections::{BTreeMap, BTreeSet},
    fs::{self, DirBuilder},
    os::unix::fs::DirBuilderExt,
    path::{Component, Path},
};

/// The file that says what is in the folder.
pub(super) const FILE: &str = "project.toml";

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct ProjectFile {
    pub(super) project: Slug,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub(super) about: String,
    #[serde(default, skip_serializing_if = "SetHere::is_empty")]
    pub(super) set: SetHere,
    #[serde(default)]
    pub(super) policy: Policy,
    #[serde(default)]
    pub(super) environments: BTreeMap<Slug, EnvironmentFile>,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct EnvironmentFile {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) context: Option<String>,
    #[serde(default, skip_serializing_if = "SetHere::is_empty")]
    pub(super) set: SetHere,
    #[serde(default)]
    pub(super) policy: Policy,
    #[serde(default)]
    pub(super) stacks: BTreeMap<Slug, StackFile>,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct StackFile {
    pub(super) swarm: StackName,
    pub(super) source: SourcePlace,
    pub(super) dir: String,
    pub(super) compose: Vec<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) env_files: Vec<String>,
    /// Where in the folder each file is.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub(super) files: BTreeMap<String, String>,
    /// Files that hold secrets.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub(super) sealed_files: BTreeMap<String, Sealed>,
    #[serde(default, skip_serializing_if = "SetHere::is_empty")]
    pub(super) set: SetHere,
}

/// What somebody sets, as it reads best.
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default, rename_all = "kebab-case")]
pub(super) struct SetHere {
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub(super) variables: BTreeMap<String, Exchanged>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub(super) services: BTreeMap<String, BTreeMap<String, Exchanged>>,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(untagged)]
pub(super) enum Exchanged {
    Plain(String),
    Sealed { sealed: Sealed },
}

/// Writes a project into a folder; returns what was written. Blocks.
pub fn export(store: &Store, project: &Slug, folder: &Path) -> Result<Vec<String>, Trouble> {
    if folder.exists() && !folder.is_dir() {
        let why = format!("cannot write {}: it is not a folder", folder.shown());
        return Err(Trouble::new(why, "name a folder that is not there yet"));
    }
    if folder.exists() && !folder.join(FILE).exists() && !is_empty(folder) {
        let why = format!("{} is not empty, and no export", folder.shown());
        return Err(Trouble::new(why, "name another folder"));
    }
    let catalog = store.catalog()?;
    let found = catalog.project(project)?;
    DirBuilder::new().recursive(true).mode(0o700).create(folder).map_err(|err| Trouble {
        why: format!("cannot make {}: {err}", folder.shown()),
        hint: None,
    })?;
    let mut names = vec![FILE.to_owned()];
    let mut environments = BTreeMap::new();
    for path in catalog.environments_of(project) {
        let Ok(environment) = catalog.environment(&path) else { continue };
        let mut stacks = BTreeMap::new();
        for stack in catalog.stacks_of(&path) {
            let written = export_stack(store, stack, folder)?;
            names.extend(written.files.values().cloned());
            stacks.insert(stack.path.stack.clone(), written);
        }
        let file = EnvironmentFile {
            context: environment.context.clone(),
            set: SetHere::of(store, &path.to_string(), &environment.settings),
            policy: environment.policy.clone(),
            stacks,
        };
        environments.insert(path.environment, file);
    }
    let file = ProjectFile {
        project: project.clone(),
        about: found.about.clone(),
        set: SetHere::of(store, project.as_str(), &found.settings),
        policy: found.policy.clone(),
        environments,
    };
    let text =
        toml::to_string(&file).map_err(|err| Trouble { why: format!("bug: {err}"), hint: None })?;
    put(folder, FILE, text.as_bytes())?;
    Ok(names)
}

fn export_stack(store: &Store, stack: &ManagedStack, folder: &Path) -> Result<StackFile, Trouble> {
    let mut file = StackFile {
        swarm: stack.swarm.clone(),
        source: stack.source.place,
        dir: stack.source.dir.clone(),
        compose: stack.source.compose.clone(),
        env_files: stack.source.env_files.clone(),
        files: BTreeMap::new(),
        sealed_files: BTreeMap::new(),
        set: SetHere::of(store, &stack.path.to_string(), &stack.settings),
    };
    let mut taken = BTreeSet::new();
    for (name, content) in store.texts(stack.id)? {
        if let Content::Sealed(sealed) = content {
            let sealed = sealed_for(store, &stack.path.place(&name), &name, &sealed);
            file.sealed_files.insert(name, sealed);
            continue;
        }
        let place = place_of(&stack.path, &name, &mut taken);
        put(folder, &place, &bytes(store, &stack.path, &name, &content)?.0)?;
        file.files.insert(name, place);
    }
    Ok(file)
}

/// Seals a value for its place. What cannot be read here goes as it came.
fn sealed_for(store: &Store, place: &Place, name: &str, kept: &Sealed) -> Sealed {
    let opened = store.unseal_at(place, name, kept).ok().filter(|_| kept.place().is_none());
    let sealed = opened.and_then(|it| store.seal_at(place, kept, &it.0).ok());
    sealed.unwrap_or_else(|| kept.clone())
}

/// Returns where a file goes: inside of the folder, whatever its name is.
fn place_of(path: &StackPath, name: &str, taken: &mut BTreeSet<String>) -> String {
    let plain = Path::new(name).components().all(|it| matches!(it, Component::Normal(_)));
    let last = Path::new(name).file_name().map(|it| it.to_string_lossy().into_owned());
    let inside = if plain { name.to_owned() } else { last.unwrap_or_else(|| "file".to_owned()) };
    let mut place = format!("{}/{}/{inside}", path.environment, path.stack);
    while !taken.insert(place.clone()) {
        place = format!("{}/{}/{}-{inside}", path.environment, path.stack, taken.len());
    }
    place
}

impl SetHere {
    fn of(store: &Store, owner: &str, settings: &Settings) -> Self {
        let mut here = Self::default();
        for (name, setting) in settings.all() {
            let exchanged = match setting {
                Setting::Plain(text) => Exchanged::Plain(text.clone()),
                Setting::Secret(kept) => Exchanged::Sealed {
                    sealed: sealed_for(store, &name.place(owner), &name.seal(), kept),
                },
            };
            let SettingName { service, name } = name;
            let values = match service {
                None => &mut here.variables,
                Some(service) => here.services.entry(service).or_default(),
            };
            values.insert(name, exchanged);
        }
        here
    }

    fn is_empty(&self) -> bool {
        self.variables.is_empty() && self.services.is_empty()
    }
}

/// Whoever shares the folder must neither read along nor lead a write elsewhere.
fn put(folder: &Path, place: &str, content: &[u8]) -> Result<(), Trouble> {
    files::write_inside(folder, place.as_ref(), content).map_err(|err| {
        let hint = "name another folder, or remove it there";
        Trouble::new(format!("cannot write {}: {err}", folder.join(place).shown()), hint)
    })
}

fn is_empty(folder: &Path) -> bool {
    fs::read_dir(folder).is_ok_and(|mut it| it.next().is_none())
}
