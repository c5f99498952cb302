//! Project import from a folder, which is not trusted.
//!
//! Nothing outside of the folder is read, no name is taken that the commands would
//! refuse, and what was sealed with another key is kept as it is sealed.

use crate::{
    domain::{
        compose::policy::Policy,
        deployment::{
            audit::{AuditLine, Operator},
            verdict::Verdict,
        },
        project::{
            Catalog, Content, Environment, EnvironmentPath, ManagedStack, Owner, Project, Setting,
            SettingName, Settings, SourcePlace, StackPath, StackSource,
            vault::{Place, Sealed},
        },
        swarm::names::StackName,
        text::{escape, path::ShownPath},
    },
    files,
    projects::{
        Trouble,
        project_export::{Exchanged, FILE, ProjectFile, SetHere, StackFile},
    },
    store::{Shelf, Store},
};
use base64::{Engine, engine::general_purpose::STANDARD};
use jiff::Timestamp;
use std::{
    collections::BTreeSet,
    io::{self, ErrorKind},
    path::{Component, Path},
};

/// Bytes of all files that come in together.
const ALL: usize = 64 << 20;

/// Reads a project from a folder; nothing of it is kept yet. Blocks.
///
/// The folder may come from anybody: nothing outside of it is read, and no name is taken
/// that the commands would refuse.
pub fn read(store: &Store, folder: &Path) -> Result<Incoming, Trouble> {
    files::open_folder(folder).map_err(|err| {
        let hint = "name a folder that `skep project export` wrote";
        Trouble::new(format!("cannot read {}: {err}", folder.shown()), hint)
    })?;
    let path = folder.join(FILE);
    let told = |err: &io::Error| {
        let hint = "name a folder that `skep project export` wrote";
        Trouble::new(format!("cannot read {}: {err}", path.shown()), hint)
    };
    let bytes = files::read_inside(folder, FILE.as_ref(), files::STACK).map_err(|it| told(&it))?;
    let text = String::from_utf8(bytes)
        .map_err(|_| told(&io::Error::new(ErrorKind::InvalidData, "it is not UTF-8 text")))?;
    let file: ProjectFile = toml::from_str(&text).map_err(|err| {
        let place = err.span().map(|it| text[..it.start].matches('\n').count() + 1);
        let line = place.map(|it| format!(":{it}")).unwrap_or_default();
        Trouble::new(
            format!("{}{line}: {}", path.shown(), err.message()),
            "correct it, or export the project again",
        )
    })?;
    let (names, lost, linked, unbound) = Default::default();
    let here = store.catalog()?;
    let mut reader = Reader { store, here, folder, names, lost, linked, unbound, room: ALL };
    let mut incoming = reader.read(file)?;
    incoming.linked = reader.linked;
    incoming.unbound = reader.unbound;
    incoming.foreign = Foreign(reader.lost.iter().map(|it| it.0.clone()).collect());
    let lost = reader.lost.into_iter().map(|it| {
        let set = it.1.map(|it| format!(" with `{it}`")).unwrap_or_default();
        format!("{} was encrypted with another key: set it again{set}", it.0)
    });
    incoming.names = reader.names.into_iter().chain(lost).collect();
    Ok(incoming)
}

/// Keeps what was read; returns what came in, and what has to be set again. Blocks.
pub fn keep(
    store: &Store,
    mut incoming: Incoming,
    folder: &Path,
    replace: bool,
    who: &Operator,
) -> Result<Vec<String>, Trouble> {
    let object = format!("project {}", incoming.project.slug);
    let names = std::mem::take(&mut incoming.names);
    store.change_catalog(|catalog, shelf| incoming.put(catalog, shelf, replace))??;
    let line = AuditLine {
        at: Timestamp::now(),
        who: who.clone(),
        context: None,
        address: who.host.clone(),
        action: "import".to_owned(),
        object,
        command: None,
        outcome: Verdict::Succeeded(format!("from {}", folder.shown())),
    };
    if let Err(err) = store.record(&line) {
        tracing::warn!(%err, "the audit line could not be written");
    }
    Ok(names)
}

struct Reader<'a> {
    store: &'a Store,
    here: Catalog,
    folder: &'a Path,
    names: Vec<String>,
    /// What cannot be decrypted here, and the command that sets it again.
    lost: Vec<(String, Option<String>)>,
    linked: Vec<String>,
    unbound: Vec<String>,
    /// Bytes that may still come.
    room: usize,
}

/// Something sealed that comes in: what it is called, and what is here in its place.
struct Unsealing<'a> {
    label: String,
    place: Place,
    name: &'a str,
    /// The command that sets it again.
    again: String,
    kept: Option<Sealed>,
}

/// What was sealed with another key, as it is told.
#[derive(Debug, Default)]
struct Foreign(BTreeSet<String>);

/// What a folder holds.
pub struct Incoming {
    project: Project,
    environments: Vec<Environment>,
    stacks: Vec<(ManagedStack, Vec<(String, Content)>)>,
    names: Vec<String>,
    foreign: Foreign,
    /// Stacks whose files are elsewhere on this machine, and where: whoever keeps them
    /// has those files read, shown, deployed and written.
    pub linked: Vec<String>,
    /// Values that do not say what they were sealed for, as those of older exports:
    /// whoever wrote the folder may have them from anywhere.
    pub unbound: Vec<String>,
}

impl Reader<'_> {
    fn read(&mut self, file: ProjectFile) -> Result<Incoming, Trouble> {
        let now = Timestamp::now();
        let owner = file.project.to_string();
        legible(&owner, "about", &file.about)?;
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
            legible(&owner, "context", it.context.as_deref().unwrap_or_default())?;
            let settings = self.settings(&owner, it.set)?;
            let policy = checked(it.policy, &owner)?;
            self.names.push(format!("environment {owner}"));
            for (slug, stack) in it.stacks {
                stacks.push(self.stack(path.stack(slug), stack, now)?);
            }
            let context = it.context;
            environments.push(Environment { path, context, settings, policy, created: now });
        }
        Ok(Incoming {
            project,
            environments,
            stacks,
            names: Vec::new(),
            foreign: Foreign::default(),
            linked: Vec::new(),
            unbound: Vec::new(),
        })
    }

    fn stack(
        &mut self,
        path: StackPath,
        file: StackFile,
        now: Timestamp,
    ) -> Result<(ManagedStack, Vec<(String, Content)>), Trouble> {
        let owner = path.to_string();
        let swarm: StackName = file.swarm.as_str().parse().map_err(|why| {
            Trouble::new(format!("the name of {owner} in the swarm: {why}"), "correct it there")
        })?;
        for name in file.compose.iter().chain(&file.env_files).chain([&file.dir]) {
            legible(&owner, "a file name", name)?;
        }
        let mut files = Vec::new();
        for (name, place) in file.files {
            kept_name(&path, &file.dir, &name)?;
            let content = String::from_utf8(self.file(&place)?)
                .map_or_else(|err| Content::Bytes(STANDARD.encode(err.as_bytes())), Content::Text);
            files.push((name, content));
        }
        for (name, sealed) in file.sealed_files {
            kept_name(&path, &file.dir, &name)?;
            let again = format!("skep stack keep {path} -c {}", file.compose.join(" -c "));
            let label = format!("{path}: file {name}");
            let kept = match self.here.stacks.get(&path) {
                Some(stack) => self.store.texts(stack.id)?.remove(&name),
                None => None,
            };
            let kept = kept.and_then(|it| match it {
                Content::Sealed(kept) => Some(kept),
                _ => None,
            });
            let place = path.place(&name);
            let incoming = Unsealing { label, place, name: &name, again, kept };
            let sealed = self.sealed(incoming, sealed)?;
            files.push((name, Content::Sealed(sealed)));
        }
        let (place, dir, compose) = (file.source, file.dir, file.compose);
        if place == SourcePlace::Linked {
            let at = format!("{path} is linked to {} in {dir}", compose.join(", "));
            self.names.push(format!("stack {at}"));
            self.linked.push(at);
        } else {
            self.names.push(format!("stack {path}"));
        }
        let settings = self.settings(&owner, file.set)?;
        let source = StackSource { place, dir, compose, env_files: file.env_files };
        let stack = ManagedStack { id: 0, path, swarm, source, settings, created: now };
        Ok((stack, files))
    }

    /// A folder from elsewhere must not name files outside of itself.
    fn file(&mut self, place: &str) -> Result<Vec<u8>, Trouble> {
        let plain = Path::new(place).components().all(|it| matches!(it, Component::Normal(_)));
        if !plain {
            let hint = "the files of a project are in its folder";
            return Err(Trouble::new(format!("{FILE} names `{place}`, which is outside"), hint));
        }
        let read = files::read_inside(self.folder, place.as_ref(), files::STACK.min(self.room));
        let bytes = read.map_err(|err| {
            let hint = "put it back, or export the project again";
            Trouble::new(format!("cannot read {}: {err}", self.folder.join(place).shown()), hint)
        })?;
        self.room -= bytes.len();
        Ok(bytes)
    }

    /// Takes what was sealed into this state, if it belongs where it stands.
    fn sealed(&mut self, it: Unsealing<'_>, sealed: Sealed) -> Result<Sealed, Trouble> {
        match sealed.place() {
            None if it.kept.as_ref() == Some(&sealed) => {}
            None => self.unbound.push(it.label.clone()),
            Some(place) if place == it.place.as_str() => {}
            Some(place) => {
                let (label, place) = (&it.label, escape::shown(place));
                let why = format!("{label} was encrypted for another place: {place}");
                let hint = "an encrypted value works only where it was exported from: remove it from project.toml, and set it after the import";
                return Err(Trouble::new(why, hint));
            }
        }
        let Ok(value) = self.store.unseal_at(&it.place, it.name, &sealed) else {
            self.lost.push((it.label, Some(it.again)));
            return Ok(sealed);
        };
        // What is the same stays as it is: a release knows it by that.
        let kept = it.kept.filter(|kept| {
            self.store.unseal_at(&it.place, it.name, kept).is_ok_and(|it| it.0 == value.0)
        });
        match kept {
            Some(kept) => Ok(kept),
            // From now on it is bound to where it is; it stays the same value.
            None => Ok(self.store.seal_for(&it.place, Some(&sealed), &value.0)?),
        }
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
                    let again = format!("skep var set --secret {owner} {}", name.arguments());
                    let label = format!("{owner}: {name}");
                    let kept = owner.parse::<Owner>().ok();
                    let kept =
                        kept.and_then(|it| self.here.settings(&it).ok()?.get(&name).cloned());
                    let kept = match kept {
                        Some(Setting::Secret(kept)) => Some(kept),
                        _ => None,
                    };
                    let (place, sealed_as) = (name.place(owner), name.seal());
                    let incoming = Unsealing { label, place, name: &sealed_as, again, kept };
                    let sealed = self.sealed(incoming, sealed)?;
                    // Without it, a deployment would take the value away from what runs.
                    settings.set(&name, Some(Setting::Secret(sealed)));
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
            let why = format!("project `{slug}` exists already");
            return Err(Trouble::new(why, "repeat it with --replace, or rename the one you have"));
        }
        let (foreign, mut project) = (self.foreign, self.project);
        if let Some(found) = catalog.projects.get(&project.slug) {
            foreign.keep(project.slug.as_str(), &found.settings, &mut project.settings);
        }
        catalog.projects.insert(project.slug.clone(), project);
        let homes: Vec<EnvironmentPath> =
            self.environments.iter().map(|it| it.path.clone()).collect();
        for mut it in self.environments {
            if let Some(found) = catalog.environments.get(&it.path) {
                foreign.keep(&it.path.to_string(), &found.settings, &mut it.settings);
            }
            catalog.environments.insert(it.path.clone(), it);
        }
        for (stack, files) in self.stacks {
            let (path, known) = (stack.path.clone(), catalog.stacks.contains_key(&stack.path));
            let id = if let Some(found) = catalog.stacks.get_mut(&stack.path) {
                let mut settings = stack.settings;
                foreign.keep(&path.to_string(), &found.settings, &mut settings);
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
                if !(known && foreign.keeps_file(&path, &name)) {
                    shelf.put(id, &name, content);
                }
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

impl Foreign {
    /// Secret values that the folder does not have, or that were sealed with another key,
    /// stay what they are here.
    fn keep(&self, owner: &str, found: &Settings, incoming: &mut Settings) {
        for (name, setting) in found.all().filter(|it| matches!(it.1, Setting::Secret(_))) {
            let foreign = self.0.contains(&format!("{owner}: {name}"));
            if foreign || incoming.get(&name).is_none() {
                incoming.set(&name, Some(setting.clone()));
            }
        }
    }

    fn keeps_file(&self, stack: &StackPath, name: &str) -> bool {
        self.0.contains(&format!("{stack}: file {name}"))
    }
}

/// Refuses a name under which no file of a stack is kept. What a stack names outside of
/// its folder is kept as it names it, with `..` or absolute; all of them are places in
/// the state, and nothing on this machine is written there.
fn kept_name(stack: &StackPath, dir: &str, name: &str) -> Result<(), Trouble> {
    legible(&stack.to_string(), "a file name", name)?;
    let path = Path::new(name);
    let no_file = path.file_name().is_none() || name.ends_with(['/', '\0']) || name.ends_with("/.");
    // It would hide the file that has its name in the folder.
    let double = name.starts_with("./")
        || (path.is_absolute() && Path::new(dir) != Path::new("/") && path.starts_with(dir));
    if no_file || double {
        let why = format!("stack {stack} has a file by the name `{name}`, which no file has");
        return Err(Trouble::new(why, "correct it there, or export the project again"));
    }
    Ok(())
}

/// Refuses what would not be shown as it is.
fn legible(owner: &str, what: &str, text: &str) -> Result<(), Trouble> {
    if text.contains(escape::deceives) {
        let shown = escape::shown(text);
        let why = format!("{what} of {owner} (`{shown}`) has invisible characters");
        return Err(Trouble::new(why, "do not trust this folder; look at its project.toml"));
    }
    Ok(())
}

fn checked(policy: Policy, owner: &str) -> Result<Policy, Trouble> {
    policy.check().map_err(|why| {
        let hint = "`skep policy keys` lists all keys";
        Trouble::new(format!("the policy of {owner}: {why}"), hint)
    })?;
    Ok(policy)
}
