//! Collects the files of a stack from disk: compose files and the files they refer to.

use crate::{
    domain::{
        compose::{self, ComposeFile, Files, Loaded, Surroundings},
        project::{Content, vault::Place},
        text::path::ShownPath,
    },
    projects::{
        Trouble,
        compose_sources::{Disk, environment},
    },
    store::{Store, StoreError},
};
use base64::{Engine, engine::general_purpose::STANDARD};
use std::{
    collections::{BTreeMap, BTreeSet},
    env,
    path::{Path, PathBuf},
};

/// The files of a stack, as they are found.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ImportedFiles {
    /// The directory in which relative paths start.
    pub dir: String,
    /// Relative to it, or absolute.
    pub compose: Vec<String>,
    pub env_files: Vec<String>,
    /// Compose files and what they name, by the same names.
    pub files: BTreeMap<String, ImportedFile>,
    /// What could not be read, and why: such a stack cannot be deployed yet.
    pub missing: Vec<String>,
}

/// A file, and whether it must be sealed where it is kept.
#[derive(Clone, PartialEq)]
pub struct ImportedFile {
    pub bytes: Vec<u8>,
    pub secret: bool,
}

impl std::fmt::Debug for ImportedFile {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Found({} bytes)", self.bytes.len())
    }
}

/// Reads compose files and what they name; relative paths start in the directory of the
/// first one.
pub fn import_files(compose: &[PathBuf], env_files: &[PathBuf]) -> Result<ImportedFiles, Trouble> {
    let full = |path: &Path| std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    let first = compose.first().ok_or_else(|| Trouble {
        why: "no compose file is given".to_owned(),
        hint: Some("give one with -c FILE".to_owned()),
    })?;
    let dir = full(first).parent().map_or_else(|| PathBuf::from("/"), Path::to_path_buf);
    let mut gathered = ImportedFiles { dir: dir.display().to_string(), ..ImportedFiles::default() };
    for (path, secret) in
        compose.iter().map(|it| (it, false)).chain(env_files.iter().map(|it| (it, true)))
    {
        let bytes = Disk.read(path).map_err(|err| {
            let here = env::current_dir().unwrap_or_default();
            let hint = format!("the path is relative to {}", here.shown());
            Trouble::new(format!("cannot read {}: {err}", path.shown()), hint)
        })?;
        let name = name_in(&dir, &full(path));
        let list = if secret { &mut gathered.env_files } else { &mut gathered.compose };
        list.push(name.clone());
        gathered.files.insert(name, ImportedFile { bytes, secret });
    }
    add_named(&mut gathered, &Disk);
    Ok(gathered)
}

/// Takes a text as the only file of a stack.
pub fn import_text(name: &str, text: String, dir: &Path) -> ImportedFiles {
    let found = ImportedFile { bytes: text.into_bytes(), secret: false };
    let mut gathered = ImportedFiles {
        dir: dir.display().to_string(),
        compose: vec![name.to_owned()],
        files: BTreeMap::from([(name.to_owned(), found)]),
        ..ImportedFiles::default()
    };
    add_named(&mut gathered, &Disk);
    gathered
}

/// Adds what compose files name: sources of secrets and configs, files of environments.
fn add_named(gathered: &mut ImportedFiles, disk: &dyn Files) {
    let sources: Vec<ComposeFile> = gathered
        .compose
        .iter()
        .filter_map(|name| {
            let bytes = gathered.files.get(name)?.bytes.clone();
            Some(ComposeFile { name: name.as_str().into(), bytes })
        })
        .collect();
    let environment = environment();
    let around =
        Surroundings { environment: &environment, working_dir: &gathered.dir, files: disk };
    let loaded = compose::load(&sources, &around);
    let dir = PathBuf::from(&gathered.dir);
    for (path, secret) in named(&loaded, &dir) {
        let name = name_in(&dir, &path);
        match disk.read(&path) {
            _ if gathered.files.contains_key(&name) => {}
            Ok(bytes) => _ = gathered.files.insert(name, ImportedFile { bytes, secret }),
            Err(err) => gathered.missing.push(format!("{}: {err}", path.shown())),
        }
    }
}

/// Returns the absolute paths of files that a stack names, and whether they may hold
/// secrets: environments often do.
fn named(loaded: &Loaded, dir: &Path) -> BTreeSet<(PathBuf, bool)> {
    let Some(stack) = loaded.stack.as_ref().or(loaded.draft.as_ref()) else {
        return BTreeSet::new();
    };
    let environments = stack.services.values().flat_map(|it| &it.env_files);
    let environments = environments.map(|it| (dir.join(it.as_str()), true));
    let objects = stack.secrets.values().map(|it| (it, true));
    let objects = objects.chain(stack.configs.values().map(|it| (it, false)));
    let objects = objects
        .filter(|(it, _)| !it.external && !it.file.is_empty())
        .map(|(it, secret)| (dir.join(it.file.as_str()), secret));
    environments.chain(objects).collect()
}

/// Returns the name under which a file is kept.
fn name_in(dir: &Path, path: &Path) -> String {
    path.strip_prefix(dir).unwrap_or(path).display().to_string()
}

impl ImportedFile {
    /// Makes what is kept of it.
    pub fn content(self, place: &Place, store: &Store) -> Result<Content, StoreError> {
        if self.secret {
            return store.seal_for(place, None, &self.bytes).map(Content::Sealed);
        }
        Ok(match String::from_utf8(self.bytes) {
            Ok(text) => Content::Text(text),
            Err(err) => Content::Bytes(STANDARD.encode(err.into_bytes())),
        })
    }
}
