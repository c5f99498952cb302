//! Compose sources: reads compose files and the files they refer to, and parses them.

use crate::{
    domain::{
        compose::{
            self, ClusterFacts, ComposeFile, Desired, Files, Finding, Severity, Stack,
            Surroundings, Unwritable, Variable, codes,
            policy::{Added, Outcome},
        },
        deployment::release::Provenance,
        project::Secrets,
        swarm::names::StackName,
        text::count::counted,
    },
    files,
    projects::project_stack::{ProjectStack, share},
};
use serde_json::Value;
use std::{
    collections::BTreeMap,
    env, fmt, io, mem,
    path::{Path, PathBuf},
    sync::Arc,
};

/// Compose files with the surroundings they mean something in. Values of variables are
/// not printed: they may be secret.
#[derive(Clone)]
pub struct Sources {
    pub files: Vec<ComposeFile>,
    /// All relative paths in the files start here.
    pub working_dir: PathBuf,
    pub environment: Arc<BTreeMap<String, String>>,
    /// What their project adds, where they belong to one.
    pub managed: Option<Arc<ProjectStack>>,
    /// What a release remembers of where it comes from.
    pub provenance: Provenance,
}

/// What files come to.
#[derive(Debug)]
pub struct Understood {
    /// `None` where a finding is an error.
    pub desired: Option<Desired>,
    /// What the files say together; `None` where they cannot be read.
    pub stack: Option<Stack>,
    pub findings: Vec<Finding>,
    /// What the places in findings call the files.
    pub names: Vec<Arc<str>>,
    /// Those that the files mention, by place.
    pub variables: Vec<Variable>,
    /// What policies added.
    pub added: Vec<Added>,
    /// What must not be shown.
    pub secrets: Secrets,
}

/// The disk of this machine.
pub struct Disk;

impl Files for Disk {
    fn read(&self, path: &Path) -> io::Result<Vec<u8>> {
        files::read(path, files::STACK)
    }

    fn read_content(&self, path: &Path) -> io::Result<Vec<u8>> {
        files::read(path, files::CONTENT)
    }

    fn exists(&self, path: &Path) -> bool {
        path.exists()
    }
}

impl fmt::Debug for Sources {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names = self.files.iter().map(|it| &it.name);
        f.debug_struct("Sources").field("files", &names.collect::<Vec<_>>()).finish_non_exhaustive()
    }
}

impl Sources {
    /// Returns the same with another text for one of the files.
    #[must_use]
    pub fn with_text(&self, name: &str, text: String) -> Self {
        let mut sources = self.clone();
        if let Some(file) = sources.files.iter_mut().find(|it| &*it.name == name) {
            file.bytes = text.into_bytes();
        }
        sources
    }

    /// Takes one file whose text is at hand, as the editor has it.
    pub fn one(path: &Path, text: String) -> Self {
        let name = path.to_string_lossy().into();
        let full = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
        Self {
            files: vec![ComposeFile { name, bytes: text.into_bytes() }],
            working_dir: full.parent().map_or_else(|| PathBuf::from("/"), Path::to_path_buf),
            environment: Arc::new(environment()),
            managed: None,
            provenance: Provenance::default(),
        }
    }

    /// Loads, merges, converts and checks. Reads the files of secrets, configs
    /// and variables: blocks.
    pub fn understand(&self, stack: &StackName) -> Understood {
        self.understand_in(stack, None)
    }

    /// Does the same, and holds it against a cluster.
    pub fn understand_in(&self, stack: &StackName, facts: Option<&ClusterFacts>) -> Understood {
        let working_dir = self.working_dir.to_string_lossy();
        let around = Surroundings {
            environment: &self.environment,
            working_dir: &working_dir,
            files: self.disk(),
        };
        let mut outcome = Outcome::default();
        let (mut desired, loaded) = compose::examine(&self.files, &around, stack, facts, |stack| {
            outcome = self.managed.as_ref().map(|it| it.adjust(stack)).unwrap_or_default();
            mem::take(&mut outcome.findings)
        });
        if let Some(desired) = &mut desired {
            share(desired, &outcome.networks);
        }
        let secrets = self.secrets();
        let mut findings = loaded.findings;
        if let Some(managed) = &self.managed {
            managed.refuse(&mut findings);
            desired =
                desired.filter(|_| findings.iter().all(|it| it.severity() != Severity::Error));
        }
        for finding in &mut findings {
            secrets.clean(&mut finding.message);
            finding.hint.iter_mut().for_each(|it| secrets.clean(it));
        }
        Understood {
            desired,
            stack: loaded.stack,
            findings,
            names: loaded.files,
            variables: loaded.variables,
            added: outcome.added,
            secrets,
        }
    }

    /// Returns what must not be shown of what they come to.
    pub fn secrets(&self) -> Secrets {
        self.managed.as_ref().map(|it| it.secrets.clone()).unwrap_or_default()
    }

    /// Returns where the files are that the stack files name.
    fn disk(&self) -> &dyn Files {
        match self.managed.as_ref().and_then(|it| it.kept.as_ref()) {
            Some(shelf) => shelf,
            None => &Disk,
        }
    }

    /// Writes what files say together as the tree of one file.
    pub fn render(&self, stack: &Stack, name: &StackName) -> Result<Value, Unwritable> {
        compose::render(stack, name, self.disk())
    }
}

impl Understood {
    pub fn errors(&self) -> impl Iterator<Item = &Finding> {
        self.findings.iter().filter(|it| it.severity() == Severity::Error)
    }

    /// Says why the files cannot be deployed: the first error, and how many more
    /// there are.
    pub fn refusal(&self) -> Option<String> {
        let first = self.line(self.errors().next()?);
        let more = self.errors().count() - 1;
        let first = if more > 0 { format!("{first} (and {more} more)") } else { first };
        let unread = self.findings.iter().find(|it| *it.code == codes::DOTENV);
        Some(match unread {
            Some(unread) => format!("{first}; {}", self.line(unread)),
            None => first,
        })
    }

    /// Says what is not as it seems. Suggestions are for those who ask for them.
    pub fn notes(&self) -> Vec<String> {
        let (warnings, suggestions): (Vec<_>, Vec<_>) =
            self.findings.iter().partition(|it| it.severity() >= Severity::Warning);
        let mut notes: Vec<String> = warnings.into_iter().map(|it| self.line(it)).collect();
        if !suggestions.is_empty() {
            let count = counted(suggestions.len() as u64, "suggestion", "suggestions");
            notes.push(format!("{count}: {LISTED_BY}"));
        }
        notes
    }

    /// Says where a finding is and what it says, as `web.yml:3:5: …`.
    pub fn line(&self, finding: &Finding) -> String {
        finding.line(&self.names)
    }
}

/// What lists suggestions; in the cockpit a key does.
pub const LISTED_BY: &str = "`skep check` lists them";

/// Returns the variables of this process.
pub fn environment() -> BTreeMap<String, String> {
    let text = |it: std::ffi::OsString| it.into_string().ok();
    env::vars_os().filter_map(|(name, value)| Some((text(name)?, text(value)?))).collect()
}
