//! Stack files, meaning exactly what they mean to `docker stack deploy`
//! (docker 28.2).
//!
//! ```text
//! bytes ─ yaml ─► tree ─ interpolate ─► tree ─ schema ─► decode ─► Stack ─ environment ─┐
//!                                                                                       │ of each file
//! Desired ◄─ convert ─ Stack ◄──────────────────────── merge ◄─────────────────────────┘
//!                        └─ render ─► one file that means the same
//! ```
//!
//! Nothing here reads files or the environment: the caller gives both. All
//! that is wrong is found at once, each finding with its place in the files.

pub mod place;
pub mod stretches;
pub mod finding;
pub mod codes;
pub mod quantity;
pub mod words;
pub mod ports;
pub mod paths;
pub mod yaml;
pub mod interpolate;
pub mod schema;
pub mod notices;
pub mod model;
pub mod decode;
pub mod env_file;
pub mod environment;
pub mod merge;
pub mod convert;
pub mod render;
pub mod edit;
pub mod fixes;
pub mod assist;
pub mod difference;
pub mod check;
pub mod import;

pub use check::{ClusterFacts, NetworkFact, check};
pub use codes::Severity;
pub use convert::{
    Desired, DesiredFile, DesiredNetwork, DesiredService, ExternalNetwork, Ids, bind, bind_spec,
    convert,
};
pub use finding::{Finding, Fix};
pub use interpolate::Variable;
pub use model::Stack;
pub use place::{At, Place};
pub use render::{Unwritable, render};

use crate::domain::{
    compose::{
        finding::Findings,
        interpolate::Interpolation,
        schema::Version,
        yaml::{Node, Value},
    },
    names::StackName,
    project::dotenv,
};
use std::{
    collections::{BTreeMap, BTreeSet},
    io,
    path::Path,
    sync::Arc,
};

/// A stack file as it was read.
#[derive(Debug, Clone)]
pub struct Source {
    /// What messages call it.
    pub name: Arc<str>,
    pub bytes: Vec<u8>,
}

/// What a stack may ask of the machine that deploys it.
pub struct Surroundings<'a> {
    /// The variables of the process; `HOME` among them expands `~`.
    pub environment: &'a BTreeMap<String, String>,
    /// Absolute path of the first file's directory: all paths start there.
    pub working_dir: &'a str,
    pub files: &'a dyn Files,
}

/// Reads files that a stack names.
pub trait Files {
    fn read(&self, path: &Path) -> io::Result<Vec<u8>>;

    /// Reads what a secret or config holds; what no engine would take need not be read.
    fn read_content(&self, path: &Path) -> io::Result<Vec<u8>> {
        self.read(path)
    }

    fn exists(&self, path: &Path) -> bool;
}

/// What came of loading.
#[derive(Debug)]
pub struct Loaded {
    /// Only where no finding is an error.
    pub stack: Option<Stack>,
    /// What could be read where a finding is an error.
    pub draft: Option<Stack>,
    /// The tree of each stack file, variables replaced; null where there is none.
    pub roots: Vec<Node>,
    /// By place, then code.
    pub findings: Vec<Finding>,
    /// By place; one that is mentioned often is there often.
    pub variables: Vec<Variable>,
    /// Names of the files that places point into: the stack files first, in
    /// their order, then files of variables.
    pub files: Vec<Arc<str>>,
}

/// Loads stack files and merges them from left to right.
pub fn load(sources: &[Source], surroundings: &Surroundings<'_>) -> Loaded {
    let mut loader = Loader {
        surroundings,
        files: sources.iter().map(|it| it.name.clone()).collect(),
        version: None,
        findings: Findings::default(),
        variables: Vec::new(),
        roots: Vec::new(),
    };
    let mut merged: Option<Stack> = None;
    if sources.is_empty() {
        let message = "specify a stack file (with --compose-file)";
        loader.findings.say(&codes::NO_FILE, Place::default(), message);
    }
    for (index, source) in sources.iter().enumerate() {
        let stack = loader.file(index, source);
        if loader.roots.len() == index {
            loader.roots.push(Node { value: Value::Null, place: Place::whole(index) });
        }
        let Some(stack) = stack else { continue };
        match &mut merged {
            None => merged = Some(stack),
            Some(base) => merge::merge(base, stack, &mut loader.findings),
        }
    }
    loader.dotenv();
    let broken = loader.findings.any_error();
    loader.variables.sort_by_key(|it| it.place);
    let (stack, draft) = if broken { (None, merged) } else { (merged, None) };
    Loaded {
        stack,
        draft,
        roots: loader.roots,
        findings: loader.findings.sorted(),
        variables: loader.variables,
        files: loader.files,
    }
}

/// Loads, checks and converts: everything there is to say about stack files, at
/// once. `Desired` is `None` where a finding is an error. What the files say is adjusted
/// before it is checked: by what projects set, and by their policies.
pub fn examine(
    sources: &[Source],
    surroundings: &Surroundings<'_>,
    name: &StackName,
    facts: Option<&ClusterFacts>,
    adjust: impl FnOnce(&mut Stack) -> Vec<Finding>,
) -> (Option<Desired>, Loaded) {
    let mut loaded = load(sources, surroundings);
    let adjusted = loaded.stack.as_mut().or(loaded.draft.as_mut()).map(adjust);
    loaded.findings.extend(adjusted.unwrap_or_default());
    let mut more = check(&loaded, sources, name, surroundings.files, facts);
    let mut desired = None;
    if let Some(stack) = loaded.stack.as_ref().or(loaded.draft.as_ref()) {
        let (converted, found) = convert(stack, name, surroundings.files);
        desired = converted;
        let broken = check::broken(&loaded);
        let told = |it: &Finding| broken.overlap(it.place);
        more.extend(found.into_iter().filter(|it| !told(it)));
    }
    let mut all = Findings::default();
    all.extend(loaded.findings.drain(..).chain(more));
    // What the engine would refuse later is refused now.
    desired = desired.filter(|_| !all.any_error());
    loaded.findings = all.sorted();
    let texts: Vec<&str> =
        sources.iter().map(|it| str::from_utf8(&it.bytes).unwrap_or_default()).collect();
    fixes::suggest(&mut loaded.findings, &loaded.roots, &texts);
    (desired, loaded)
}

/// Says what a file is that is no mapping.
fn no_mapping(root: &Node) -> Finding {
    if root.is_null() {
        let finding = Finding::new(&codes::TOP_LEVEL, root.place, "the file is empty");
        return finding.hint("start with `services:`");
    }
    let message = "top-level object must be a mapping";
    let what = if root.text().is_some() { "a text" } else { "a list or a single value" };
    let hint = format!("it is {what}: start with `services:`");
    Finding::new(&codes::TOP_LEVEL, root.place, message).hint(hint)
}

/// Says why a file could not be read, as docker does.
fn why(err: &io::Error) -> String {
    match err.kind() {
        io::ErrorKind::NotFound => "no such file or directory".to_owned(),
        io::ErrorKind::IsADirectory => "is a directory".to_owned(),
        io::ErrorKind::PermissionDenied => "permission denied".to_owned(),
        _ => err.to_string(),
    }
}

struct Loader<'a> {
    surroundings: &'a Surroundings<'a>,
    files: Vec<Arc<str>>,
    /// That of the first file.
    version: Option<Version>,
    findings: Findings,
    variables: Vec<Variable>,
    roots: Vec<Node>,
}

impl Loader<'_> {
    fn file(&mut self, index: usize, source: &Source) -> Option<Stack> {
        let mut root = yaml::parse(index, &source.bytes, &mut self.findings)?;
        if !matches!(root.value, Value::Map(_)) {
            self.findings.push(no_mapping(&root));
            return None;
        }
        let version = schema::version_of(&root, &mut self.findings)?;
        self.agree(version, &root);
        notices::forbidden(&root, &mut self.findings);
        let text = str::from_utf8(&source.bytes).unwrap_or_default();
        let mut interpolation = Interpolation {
            environment: self.surroundings.environment,
            text,
            findings: &mut self.findings,
            variables: &mut self.variables,
            spent: 0,
        };
        interpolation.run(&mut root);
        schema::check(&root, version, text, &mut self.findings);
        notices::ignored(&root, text, &mut self.findings);
        let mut stack = decode::stack(&root, version, &mut self.findings);
        environment::resolve(&mut stack, self.surroundings, &mut self.files, &mut self.findings);
        self.roots.push(root);
        Some(stack)
    }

    /// Names the file beside the first one that has values for variables without one: as
    /// docker, skep does not read it by itself.
    fn dotenv(&mut self) {
        let files = self.surroundings.files;
        let path = Path::new(self.surroundings.working_dir).join(".env");
        let lacks = |it: &&Variable| !it.set && it.default.is_none();
        if !self.variables.iter().any(|it| lacks(&it)) || !files.exists(&path) {
            return;
        }
        let Ok(bytes) = files.read(&path) else { return };
        let (values, _) = dotenv::parse(&String::from_utf8_lossy(&bytes));
        let known: BTreeSet<&str> = values.iter().map(|it| it.0.as_str()).collect();
        let mut told = BTreeSet::new();
        for it in self.variables.iter().filter(lacks) {
            let name = it.name.as_str();
            if known.contains(name) && told.insert(name) {
                let message = format!("{name} stands in .env beside the file, which is not read");
                let finding = Finding::new(&codes::DOTENV, it.place, message);
                self.findings.push(finding.hint("name it with `--env-file .env`"));
            }
        }
    }

    /// All files must be of one version.
    fn agree(&mut self, version: Version, root: &Node) {
        let first = *self.version.get_or_insert(version);
        if first != version {
            let place = root.get("version").map_or(root.place, |it| it.place);
            let message =
                format!("version mismatched between two composefiles : {first} and {version}");
            self.findings.say(&codes::VERSION_MISMATCH, place, message);
        }
    }
}
