//! From files to one stack: each is read, interpolated, checked and decoded, and then they
//! are merged.

use crate::domain::compose::{
    codes, decode, dotenv, environment,
    finding::{Finding, Findings},
    interpolate::{Interpolation, Variable},
    merge,
    model::Stack,
    notices,
    place::Place,
    ports::Room,
    schema::{self, FileVersion},
    source::{ComposeFile, Surroundings},
    yaml::{self, Value, YamlNode},
};
use std::{collections::BTreeSet, path::Path, sync::Arc};

/// What came of loading.
#[derive(Debug)]
pub struct Loaded {
    /// Only where no finding is an error.
    pub stack: Option<Stack>,
    /// What could be read where a finding is an error.
    pub draft: Option<Stack>,
    /// The tree of each stack file, variables replaced; null where there is none.
    pub roots: Vec<YamlNode>,
    /// By place, then code.
    pub findings: Vec<Finding>,
    /// By place; one that is mentioned often is there often.
    pub variables: Vec<Variable>,
    /// Names of the files that places point into: the stack files first, in
    /// their order, then files of variables.
    pub files: Vec<Arc<str>>,
}

/// Loads stack files and merges them from left to right.
pub fn load(sources: &[ComposeFile], surroundings: &Surroundings<'_>) -> Loaded {
    let mut loader = Loader {
        surroundings,
        files: sources.iter().map(|it| it.name.clone()).collect(),
        version: None,
        findings: Findings::default(),
        variables: Vec::new(),
        roots: Vec::new(),
        room: Room::default(),
    };
    let mut merged: Option<Stack> = None;
    if sources.is_empty() {
        let message = "specify a stack file (with --compose-file)";
        loader.findings.say(&codes::NO_FILE, Place::default(), message);
    }
    for (index, source) in sources.iter().enumerate() {
        let stack = loader.file(index, source);
        if loader.roots.len() == index {
            loader.roots.push(YamlNode { value: Value::Null, place: Place::whole(index) });
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

/// Says what a file is that is not a mapping.
fn no_mapping(root: &YamlNode) -> Finding {
    if root.is_null() {
        let finding = Finding::new(&codes::TOP_LEVEL, root.place, "the file is empty");
        return finding.hint("start with `services:`");
    }
    let message = "top-level object must be a mapping";
    let what = if root.text().is_some() { "a text" } else { "a list or a single value" };
    let hint = format!("it is {what}: start with `services:`");
    Finding::new(&codes::TOP_LEVEL, root.place, message).hint(hint)
}

struct Loader<'a> {
    surroundings: &'a Surroundings<'a>,
    files: Vec<Arc<str>>,
    /// That of the first file.
    version: Option<FileVersion>,
    findings: Findings,
    variables: Vec<Variable>,
    roots: Vec<YamlNode>,
    /// For the ports of all files.
    room: Room,
}

impl Loader<'_> {
    fn file(&mut self, index: usize, source: &ComposeFile) -> Option<Stack> {
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
        let mut stack = decode::stack(&root, version, &mut self.room, &mut self.findings);
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
                let message =
                    format!("{name} is set in .env beside the file, but that file is not read");
                let finding = Finding::new(&codes::DOTENV, it.place, message);
                self.findings.push(finding.hint("name it with `--env-file .env`"));
            }
        }
    }

    /// All files must be of one version.
    fn agree(&mut self, version: FileVersion, root: &YamlNode) {
        let first = *self.version.get_or_insert(version);
        if first != version {
            let place = root.get("version").map_or(root.place, |it| it.place);
            let message =
                format!("version mismatched between two composefiles : {first} and {version}");
            self.findings.say(&codes::VERSION_MISMATCH, place, message);
        }
    }
}
