//! Loads a stack of a project: its files and variables, ready to be planned.

use crate::{
    domain::{
        compose::{ComposeFile, Finding, Place, codes, dotenv, policy::Policy},
        deployment::release::Provenance,
        project::{
            Catalog, Content, EnvironmentPath, Inputs, ManagedStack, Owner, Secrets, Setting,
            SettingName, Settings, SourcePlace, StackPath, Value, Values, VariableOrigin,
            vault::Sealed,
        },
        swarm::{change::Confidential, names::StackName},
        text::{mask::is_secret_name, path::ShownPath},
    },
    files,
    projects::{
        Sources, Trouble,
        project_stack::{KeptFiles, ProjectStack},
    },
    store::{Store, StoreError, Texts},
};
use base64::{Engine, engine::general_purpose::STANDARD};
use std::{
    cell::RefCell,
    collections::{BTreeMap, BTreeSet},
    path::{Path, PathBuf},
    sync::Arc,
};

/// Finds a stack by its path, or by its name in the swarm.
pub fn find(catalog: &Catalog, name: &str, context: Option<&str>) -> Option<StackPath> {
    if let Ok(path) = name.parse::<StackPath>() {
        return catalog.stacks.contains_key(&path).then_some(path);
    }
    let swarm: StackName = name.parse().ok()?;
    catalog.of_swarm(&swarm, context).map(|it| it.path.clone())
}

/// Reads a stack with everything that goes into a deployment of it. Blocks.
///
/// A secret value that cannot be decrypted here is refused: without it, the deployment
/// would take the value away from what runs.
pub fn load(
    store: &Store,
    path: &StackPath,
    process: &BTreeMap<String, String>,
) -> Result<Sources, Trouble> {
    read(store, path, process, None)
}

/// Reads a stack to look at: what cannot be decrypted here is named in `foreign`, as
/// its settings name it, and empty.
pub fn look(
    store: &Store,
    path: &StackPath,
    process: &BTreeMap<String, String>,
) -> Result<(Sources, BTreeSet<SettingName>), Trouble> {
    let foreign = RefCell::default();
    let sources = read(store, path, process, Some(&foreign))?;
    Ok((sources, foreign.into_inner()))
}

fn read(
    store: &Store,
    path: &StackPath,
    process: &BTreeMap<String, String>,
    foreign: Option<&RefCell<BTreeSet<SettingName>>>,
) -> Result<Sources, Trouble> {
    let catalog = store.catalog()?;
    let stack = catalog.stack(path)?;
    let texts = store.texts(stack.id)?;
    let loader = Loader { store, catalog: &catalog, stack, texts: &texts, foreign };
    let mut findings = Vec::new();
    let values = loader.values(process, &mut findings)?;
    let environment = loader.environment()?;
    let secret = environment.values().flat_map(BTreeMap::values).filter(|it| it.secret);
    let mut secrets: BTreeSet<String> = secret.map(|it| it.text.0.clone()).collect();
    secrets.extend(values.secrets());
    let home = path.environment();
    let managed = ProjectStack {
        path: path.clone(),
        swarm: stack.swarm.clone(),
        context: catalog.environment(&home)?.context.clone(),
        environment,
        policies: loader.policies(&home),
        inputs: loader.inputs(),
        secrets: Secrets::new(secrets),
        kept: loader.shelf()?,
        findings,
        values,
    };
    Ok(Sources {
        files: loader.files()?,
        working_dir: PathBuf::from(&stack.source.dir),
        environment: Arc::new(managed.values.environment()),
        provenance: Provenance {
            inputs: Some(managed.inputs.clone()),
            private: !managed.secrets.is_empty() || loader.holds_sealed(),
            hidden: store.seal_hidden(&managed.secrets)?,
        },
        managed: Some(Arc::new(managed)),
    })
}

struct Loader<'a> {
    store: &'a Store,
    catalog: &'a Catalog,
    stack: &'a ManagedStack,
    texts: &'a Texts,
    /// Takes what cannot be unsealed, where that is no reason to stop.
    foreign: Option<&'a RefCell<BTreeSet<SettingName>>>,
}

impl Loader<'_> {
    /// Returns whether a file may hold secrets: what it says may come to stand in specs.
    fn holds_sealed(&self) -> bool {
        let linked = self.stack.source.place == SourcePlace::Linked;
        let sealed = self.texts.values().any(|it| matches!(it, Content::Sealed(_)));
        sealed || (linked && !self.stack.source.env_files.is_empty())
    }

    fn files(&self) -> Result<Vec<ComposeFile>, Trouble> {
        let source = |name: &String| {
            let bytes = self.bytes(name)?.0;
            let name = match self.stack.source.place {
                SourcePlace::Kept => name.as_str().into(),
                SourcePlace::Linked => self.full(name).to_string_lossy().into(),
            };
            Ok(ComposeFile { name, bytes })
        };
        self.stack.source.compose.iter().map(source).collect()
    }

    /// Returns the kept files by absolute path; nothing where they are on disk.
    fn shelf(&self) -> Result<Option<KeptFiles>, Trouble> {
        if self.stack.source.place == SourcePlace::Linked {
            return Ok(None);
        }
        let file = |name: &String| Ok::<_, Trouble>((self.full(name), self.bytes(name)?));
        Ok(Some(KeptFiles(self.texts.keys().map(file).collect::<Result<_, _>>()?)))
    }

    fn bytes(&self, name: &str) -> Result<Confidential<Vec<u8>>, Trouble> {
        if self.stack.source.place == SourcePlace::Linked {
            let path = self.full(name);
            return files::read(&path, files::STACK).map(Confidential).map_err(|err| {
                let hint = format!(
                    "stack {} is linked to it: put the file back, or link another one with `skep stack link`",
                    self.stack.path
                );
                Trouble::new(format!("cannot read {}: {err}", path.shown()), hint)
            });
        }
        let missing = || {
            let hint = "`skep stack source` shows its files".to_owned();
            Trouble::new(format!("stack {} has no file `{name}`", self.stack.path), hint)
        };
        let content = self.texts.get(name).ok_or_else(missing)?;
        let read = bytes(self.store, &self.stack.path, name, content);
        match (read, self.foreign) {
            (Err(Unread::Store(StoreError::OtherKey { .. })), Some(_)) => {
                Ok(Confidential(Vec::new()))
            }
            (Err(Unread::Store(err @ StoreError::OtherKey { .. })), None) => {
                let hint = format!(
                    "set it again: `skep stack keep {} -c {}`; or put back the key that it was encrypted with",
                    self.stack.path,
                    self.stack.source.compose.join(" -c ")
                );
                let what =
                    format!("the file `{name}` of {} cannot be decrypted here", self.stack.path);
                Err(Trouble::new(format!("{what} ({}): {err}", codes::SEALED_ELSEWHERE.name), hint))
            }
            (read, _) => Ok(read?),
        }
    }

    fn full(&self, name: &str) -> PathBuf {
        Path::new(&self.stack.source.dir).join(name)
    }

    /// Collects the values of variables, the strongest last.
    fn values(
        &self,
        process: &BTreeMap<String, String>,
        findings: &mut Vec<Finding>,
    ) -> Result<Values, Trouble> {
        let mut values = Values::default();
        let of_process = process.iter().map(|(name, it)| (name.clone(), it.clone(), false));
        values.add(&VariableOrigin::Process, of_process);
        for name in &self.stack.source.env_files {
            let bytes = self.bytes(name)?.0;
            let text = String::from_utf8_lossy(&bytes);
            let (found, wrong) = dotenv::parse(&text);
            for line in wrong {
                let message = format!("{name}: line {line} is not NAME=value");
                findings.push(Finding::new(&codes::ENV_FILE, Place::whole(0), message));
            }
            // Nobody can say which of them are secret, so names decide.
            let found = found.into_iter().map(|(name, value)| {
                let secret = is_secret_name(&name);
                (name, value, secret)
            });
            values.add(&VariableOrigin::EnvFile(name.clone()), found);
        }
        for owner in self.stack.path.owners() {
            let settings = self.catalog.settings(&owner)?;
            let mut opened = Vec::new();
            for (name, setting) in &settings.variables {
                let of = SettingName { service: None, name: name.clone() };
                let (text, secret) = self.open(&owner, &of, setting)?;
                opened.push((name.clone(), text.0, secret));
            }
            values.add(&VariableOrigin::Owner(owner), opened);
        }
        Ok(values)
    }

    /// Returns what is set for services, the strongest only.
    fn environment(&self) -> Result<BTreeMap<String, BTreeMap<String, Value>>, Trouble> {
        let mut all: BTreeMap<String, BTreeMap<String, Value>> = BTreeMap::new();
        for owner in self.stack.path.owners() {
            for (name, setting) in self.catalog.settings(&owner)?.all() {
                let Some(service) = name.service.clone() else { continue };
                let (text, secret) = self.open(&owner, &name, setting)?;
                let value = Value { origin: VariableOrigin::Owner(owner.clone()), text, secret };
                all.entry(service).or_default().insert(name.name, value);
            }
        }
        Ok(all)
    }

    fn unseal(
        &self,
        owner: &Owner,
        name: &SettingName,
        sealed: &Sealed,
    ) -> Result<Confidential<Vec<u8>>, StoreError> {
        self.store.unseal_at(&name.place(&owner.to_string()), &name.seal(), sealed)
    }

    fn open(
        &self,
        owner: &Owner,
        name: &SettingName,
        setting: &Setting,
    ) -> Result<(Confidential<String>, bool), Trouble> {
        Ok(match setting {
            Setting::Plain(text) => (Confidential(text.clone()), false),
            Setting::Secret(sealed) => {
                let bytes = match (self.unseal(owner, name, sealed), self.foreign) {
                    (Ok(bytes), _) => bytes.0,
                    (Err(StoreError::OtherKey { .. }), Some(foreign)) => {
                        foreign.borrow_mut().insert(name.clone());
                        Vec::new()
                    }
                    (Err(err @ StoreError::OtherKey { .. }), None) => {
                        return Err(sealed_elsewhere(owner, name, &err));
                    }
                    (Err(err), _) => return Err(err.into()),
                };
                (Confidential(String::from_utf8_lossy(&bytes).into_owned()), true)
            }
        })
    }

    fn policies(&self, home: &EnvironmentPath) -> Vec<(String, Policy)> {
        let layers = self.catalog.layers(home);
        layers.into_iter().map(|it| (it.by, it.policy.clone())).collect()
    }

    fn inputs(&self) -> Inputs {
        let settings = |owner: Owner| {
            let found = self.catalog.settings(&owner).ok()?.clone();
            (!Settings::is_empty(&found)).then_some((owner, found))
        };
        let settings = self.stack.path.owners().into_iter().filter_map(settings).collect();
        Inputs { id: self.stack.id, path: self.stack.path.clone(), settings }
    }
}

/// Refuses a value that only another machine can read, and says how to have it again.
fn sealed_elsewhere(owner: &Owner, name: &SettingName, why: &StoreError) -> Trouble {
    let hint = format!(
        "set it again: `skep var set --secret {owner} {}`, or key i in the cockpit; or put back the key that it was encrypted with",
        name.arguments()
    );
    let what = format!("{name} of {} {owner} cannot be decrypted here", owner.kind());
    Trouble::new(format!("{what} ({}): {why}", codes::SEALED_ELSEWHERE.name), hint)
}

/// Returns the secret values that went into a release.
pub fn secrets_of(store: &Store, provenance: &Provenance) -> Result<Secrets, StoreError> {
    store.hidden(provenance.hidden.as_ref())
}

/// Returns what is secret of a stack that was deployed by others, as its project says:
/// a release of it must be sealed like one that skep made.
pub fn secrecy(store: &Store, stack: &StackName, context: &str) -> Result<Provenance, StoreError> {
    let catalog = store.catalog()?;
    let Some(found) = catalog.of_swarm(stack, Some(context)) else {
        return Ok(Provenance::default());
    };
    let provenance = match look(store, &found.path, &BTreeMap::new()) {
        Ok((sources, _)) => sources.provenance,
        // Files that cannot be read say nothing about what runs.
        Err(_) => Provenance { private: true, ..Provenance::default() },
    };
    Ok(Provenance { inputs: None, ..provenance })
}

/// Reads what is kept of a file.
pub fn bytes(
    store: &Store,
    stack: &StackPath,
    name: &str,
    content: &Content,
) -> Result<Confidential<Vec<u8>>, Unread> {
    match content {
        Content::Text(text) => Ok(Confidential(text.clone().into_bytes())),
        Content::Sealed(sealed) => Ok(store.unseal_at(&stack.place(name), name, sealed)?),
        Content::Bytes(text) => STANDARD
            .decode(text)
            .map(Confidential)
            .map_err(|err| Unread::Damaged(format!("the kept file `{name}` is damaged: {err}"))),
    }
}

/// Why a kept file cannot be read.
#[derive(Debug)]
pub enum Unread {
    Store(StoreError),
    Damaged(String),
}

impl From<StoreError> for Unread {
    fn from(err: StoreError) -> Self {
        Self::Store(err)
    }
}

impl From<Unread> for Trouble {
    fn from(err: Unread) -> Self {
        match err {
            Unread::Store(err) => err.into(),
            Unread::Damaged(why) => Self { why, hint: None },
        }
    }
}
