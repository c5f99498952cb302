//! Projects as folders: a TOML file and the files of the stacks, for a repository.
//!
//! Secret values go along as they are sealed: without the key of this state they are of
//! no use to anybody, and with it they are what they were.

use crate::{
    domain::{
        audit::{AuditLine, Operator},
        names::StackName,
        policy::Policy,
        project::{
            Catalog, Content, Environment, EnvironmentPath, ManagedStack, Owner, Project, Setting,
            SettingName, Settings, Slug, Source, SourcePlace, StackPath,
        },
        vault::Sealed,
        verdict::Verdict,
    },
    jobs::{
        projects::{Trouble, load::bytes},
        source,
    },
    store::{Shelf, Store},
};
use base64::{Engine, engine::general_purpose::STANDARD};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Component, Path, PathBuf},
};

/// The file that says what is in the folder.
const FILE: &str = "project.toml";

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct ProjectFile {
    project: Slug,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    about: String,
    #[serde(default, skip_serializing_if = "SetHere::is_empty")]
    set: SetHere,
    #[serde(default)]
    policy: Policy,
    #[serde(default)]
    environments: BTreeMap<Slug, EnvironmentFile>,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct EnvironmentFile {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    context: Option<String>,
    #[serde(default, skip_serializing_if = "SetHere::is_empty")]
    set: SetHere,
    #[serde(default)]
    policy: Policy,
    #[serde(default)]
    stacks: BTreeMap<Slug, StackFile>,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct StackFile {
    swarm: StackName,
    source: SourcePlace,
    dir: String,
    compose: Vec<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    env_files: Vec<String>,
    /// Where in the folder each file is.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    files: BTreeMap<String, String>,
    /// Files that hold secrets.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    sealed_files: BTreeMap<String, Sealed>,
    #[serde(default, skip_serializing_if = "SetHere::is_empty")]
    set: SetHere,
}

/// What somebody sets, as it reads best.
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default, rename_all = "kebab-case")]
struct SetHere {
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    variables: BTreeMap<String, Exchanged>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    services: BTreeMap<String, BTreeMap<String, Exchanged>>,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(untagged)]
enum Exchanged {
    Plain(String),
    Sealed { sealed: Sealed },
}

/// Writes a project into a folder; returns what was written. Blocks.
pub fn export(store: &Store, project: &Slug, folder: &Path) -> Result<Vec<String>, Trouble> {
    if folder.exists() && !folder.join(FILE).exists() && !is_empty(folder) {
        let why = format!("{} is not empty, and no export", folder.display());
        return Err(Trouble::new(why, "name another folder"));
    }
    let catalog = store.catalog()?;
    let found = catalog.project(project)?;
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
            set: SetHere::of(&environment.settings),
            policy: environment.policy.clone(),
            stacks,
        };
        environments.insert(path.environment, file);
    }
    let file = ProjectFile {
        project: project.clone(),
        about: found.about.clone(),
        set: SetHere::of(&found.settings),
        policy: found.policy.clone(),
        environments,
    };
    let text =
        toml::to_string(&file).map_err(|err| Trouble { why: format!("bug: {err}"), hint: None })?;
    put(&folder.join(FILE), text.as_bytes())?;
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
        set: SetHere::of(&stack.settings),
    };
    let mut taken = BTreeSet::new();
    for (name, content) in store.texts(stack.id)? {
        if let Content::Sealed(sealed) = content {
            file.sealed_files.insert(name, sealed);
            continue;
        }
        let place = place_of(&stack.path, &name, &mut taken);
        put(&folder.join(&place), &bytes(store, &name, &content)?.0)?;
        file.files.insert(name, place);
    }
    Ok(file)
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

/// Reads a project from a folder; returns what came in, and what has to be set again.
/// Blocks.
pub fn import(
    store: &Store,
    folder: &Path,
    replace: bool,
    who: &Operator,
) -> Result<Vec<String>, Trouble> {
    let path = folder.join(FILE);
    let text = fs::read_to_string(&path).map_err(|err| {
        let hint = "name a folder that `skep project export` wrote";
        Trouble::new(format!("cannot read {}: {err}", path.display()), hint)
    })?;
    let file: ProjectFile = toml::from_str(&text).map_err(|err| {
        let place = err.span().map(|it| text[..it.start].matches('\n').count() + 1);
        let line = place.map(|it| format!(":{it}")).unwrap_or_default();
        Trouble::new(
            format!("{}{line}: {}", path.display(), err.message()),
            "correct it, or export the project again",
        )
    })?;
    let mut reader = Reader { store, folder, names: Vec::new(), lost: Vec::new() };
    let incoming = reader.read(file)?;
    let (names, lost) = (reader.names, reader.lost);
    let object = format!("project {}", incoming.project.slug);
    store.change_catalog(|catalog, shelf| incoming.put(catalog, shelf, replace))??;
    let line = AuditLine {
        at: Timestamp::now(),
        who: who.clone(),
        context: None,
        address: who.host.clone(),
        action: "import".to_owned(),
        object,
        command: None,
        outcome: Verdict::Succeeded(format!("from {}", folder.display())),
    };
    if let Err(err) = store.record(&line) {
        tracing::warn!(%err, "the audit line could not be written");
    }
    let lost =
        lost.into_iter().map(|it| format!("without {it}: sealed with another key, set it again"));
    Ok(names.into_iter().chain(lost).collect())
}

struct Reader<'a> {
    store: &'a Store,
    folder: &'a Path,
    names: Vec<String>,
    lost: Vec<String>,
}

struct Incoming {
    project: Project,
    environments: Vec<Environment>,
    stacks: Vec<(ManagedStack, Vec<(String, Content)>)>,
}

impl Reader<'_> {
    fn read(&mut self, file: ProjectFile) -> Result<Incoming, Trouble> {
        let now = Timestamp::now();
        let owner = file.project.to_string();
        let settings = self.settings(&owner, file.set)?;
        let project = Project {
            slug: file.project.clone(),
            about: file.about,
            settings,
            policy: checked(file.policy, &owner)?,
            created: now,
        };
        self.names.push(format!("project {owner}"));
        let (mut environments, mut stacks) = (Vec::new(), Vec::new());
        for (slug, it) in file.environments {
            let path = EnvironmentPath { project: file.project.clone(), environment: slug };
            let owner = path.to_string();
            let settings = self.settings(&owner, it.set)?;
            let policy = checked(it.policy, &owner)?;
            self.names.push(format!("environment {owner}"));
            for (slug, stack) in it.stacks {
                stacks.push(self.stack(path.stack(slug), stack, now)?);
            }
            let context = it.context;
            environments.push(Environment { path, context, settings, policy, created: now });
        }
        Ok(Incoming { project, environments, stacks })
    }

    fn stack(
        &mut self,
        path: StackPath,
        file: StackFile,
        now: Timestamp,
    ) -> Result<(ManagedStack, Vec<(String, Content)>), Trouble> {
        let mut files = Vec::new();
        for (name, place) in file.files {
            let from = self.inside(&place)?;
            let bytes = fs::read(&from).map_err(|err| {
                let hint = "put it back, or export the project again";
                Trouble::new(format!("cannot read {}: {err}", from.display()), hint)
            })?;
            let content = String::from_utf8(bytes)
                .map_or_else(|err| Content::Bytes(STANDARD.encode(err.as_bytes())), Content::Text);
            files.push((name, content));
        }
        for (name, sealed) in file.sealed_files {
            if self.store.unseal(&name, &sealed).is_err() {
                self.lost.push(format!("{path}: file {name}"));
                continue;
            }
            files.push((name, Content::Sealed(sealed)));
        }
        self.names.push(format!("stack {path}"));
        let settings = self.settings(&path.to_string(), file.set)?;
        let (place, dir, compose) = (file.source, file.dir, file.compose);
        let source = Source { place, dir, compose, env_files: file.env_files };
        let stack = ManagedStack { id: 0, path, swarm: file.swarm, source, settings, created: now };
        Ok((stack, files))
    }

    /// A folder from elsewhere must not name files outside of itself.
    fn inside(&self, place: &str) -> Result<PathBuf, Trouble> {
        let plain = Path::new(place).components().all(|it| matches!(it, Component::Normal(_)));
        if plain {
            return Ok(self.folder.join(place));
        }
        let hint = "a file of a project lies in its folder";
        Err(Trouble::new(format!("{FILE} names `{place}`, which is outside"), hint))
    }

    fn settings(&mut self, owner: &str, set: SetHere) -> Result<Settings, Trouble> {
        let mut settings = Settings::default();
        let variables = set.variables.into_iter().map(|(name, it)| (None, name, it));
        let services = set.services.into_iter().flat_map(|(service, values)| {
            values.into_iter().map(move |(name, it)| (Some(service.clone()), name, it))
        });
        for (service, name, value) in variables.chain(services).collect::<Vec<_>>() {
            let name = SettingName::new(service.as_deref(), &name)?;
            match value {
                Exchanged::Plain(text) => _ = settings.set(&name, Some(Setting::Plain(text))),
                Exchanged::Sealed { sealed } => {
                    if self.store.unseal(&name.seal(), &sealed).is_ok() {
                        settings.set(&name, Some(Setting::Secret(sealed)));
                    } else {
                        self.lost.push(format!("{owner}: {name}"));
                    }
                }
            }
        }
        Ok(settings)
    }
}

impl Incoming {
    fn put(self, catalog: &mut Catalog, shelf: &mut Shelf, replace: bool) -> Result<(), Trouble> {
        let slug = &self.project.slug;
        if catalog.projects.contains_key(slug) && !replace {
            let why = format!("project `{slug}` is there already");
            return Err(Trouble::new(why, "repeat it with --replace, or rename the one you have"));
        }
        let mut project = self.project;
        if let Some(found) = catalog.projects.get(&project.slug) {
            keep_secrets(&found.settings, &mut project.settings);
        }
        catalog.projects.insert(project.slug.clone(), project);
        let homes: Vec<EnvironmentPath> =
            self.environments.iter().map(|it| it.path.clone()).collect();
        for mut it in self.environments {
            if let Some(found) = catalog.environments.get(&it.path) {
                keep_secrets(&found.settings, &mut it.settings);
            }
            catalog.environments.insert(it.path.clone(), it);
        }
        for (stack, files) in self.stacks {
            let id = if let Some(found) = catalog.stacks.get_mut(&stack.path) {
                let mut settings = stack.settings;
                keep_secrets(&found.settings, &mut settings);
                found.source = stack.source;
                found.settings = settings;
                // Sealed files that could not be read stay what they are here.
                found.id
            } else {
                let (path, swarm, now) = (&stack.path, stack.swarm, stack.created);
                let id = catalog.create_stack(path, swarm, stack.source, now)?;
                *catalog.settings_mut(&Owner::Stack(path.clone()))? = stack.settings;
                id
            };
            for (name, content) in files {
                shelf.put(id, &name, content);
            }
        }
        for home in homes {
            for stack in catalog.stacks_of(&home) {
                catalog.free(&stack.swarm, &stack.path)?;
            }
        }
        Ok(())
    }
}

/// Secret values that the folder does not have, or that were sealed with another key,
/// stay what they are here.
fn keep_secrets(found: &Settings, incoming: &mut Settings) {
    for (name, setting) in found.all() {
        if matches!(setting, Setting::Secret(_)) && incoming.get(&name).is_none() {
            incoming.set(&name, Some(setting.clone()));
        }
    }
}

impl SetHere {
    fn of(settings: &Settings) -> Self {
        let exchanged = |it: &Setting| match it {
            Setting::Plain(text) => Exchanged::Plain(text.clone()),
            Setting::Secret(sealed) => Exchanged::Sealed { sealed: sealed.clone() },
        };
        let all = |values: &BTreeMap<String, Setting>| {
            values.iter().map(|(name, it)| (name.clone(), exchanged(it))).collect()
        };
        Self {
            variables: all(&settings.variables),
            services: settings
                .environment
                .iter()
                .map(|(it, all_of)| (it.clone(), all(all_of)))
                .collect(),
        }
    }

    fn is_empty(&self) -> bool {
        self.variables.is_empty() && self.services.is_empty()
    }
}

fn checked(policy: Policy, owner: &str) -> Result<Policy, Trouble> {
    policy.check().map_err(|why| {
        let hint = "`skep policy keys` shows what a policy can say";
        Trouble::new(format!("the policy of {owner}: {why}"), hint)
    })?;
    Ok(policy)
}

fn put(path: &Path, content: &[u8]) -> Result<(), Trouble> {
    let folder = path.parent().unwrap_or(Path::new("."));
    let written = fs::create_dir_all(folder).and_then(|()| source::write_bytes(path, content));
    written.map_err(|err| Trouble {
        why: format!("cannot write {}: {err}", path.display()),
        hint: None,
    })
}

fn is_empty(folder: &Path) -> bool {
    fs::read_dir(folder).is_ok_and(|mut it| it.next().is_none())
}
