//! Arguments that name compose files.

use crate::{
    cli::{
        Desk, Failure,
        project::{in_swarm, managed_or_files, readable, swarm_name},
    },
    domain::{
        compose::{ComposeFile, dotenv},
        deployment::{release::Provenance, resolve::Resolve},
        swarm::names::StackName,
        text::path::ShownPath,
    },
    files,
    jobs::deploy::DeployOrder,
    projects::{Sources, compose_sources::environment, load},
};
use clap::{Args, ValueEnum};
use std::{
    collections::BTreeMap,
    env,
    io::{self, ErrorKind},
    path::{Path, PathBuf},
    sync::Arc,
};

/// The files of a stack, from left to right.
#[derive(Debug, Args)]
pub struct ComposeFiles {
    /// A compose file, `-` for standard input; repeatable, or separated by commas
    #[arg(short = 'c', long = "compose-file", value_name = "FILE", value_delimiter = ',')]
    files: Vec<PathBuf>,
    /// Read variables for the files from this env file; variables of the shell win; repeatable
    #[arg(long = "env-file", value_name = "FILE", requires = "files")]
    env_files: Vec<PathBuf>,
}

impl ComposeFiles {
    /// Returns whether files are named, and the stack is none of a project by that.
    pub fn are_named(&self) -> bool {
        !self.files.is_empty()
    }

    /// Reads them; where none is named, those of the stack that a project has under this
    /// word. Returns what the stack is called in the swarm too.
    pub fn of(&self, desk: &Desk, word: &str) -> Result<(StackName, Sources), Failure> {
        if self.are_named() {
            return Ok((swarm_name(desk, word)?, self.read()?));
        }
        let path = managed_or_files(desk, word)?;
        let sources = load(readable(desk)?, &path, &environment())?;
        let bug = || Failure::new("bug: a managed stack without its project", None);
        let project = sources.managed.clone().ok_or_else(bug)?;
        in_swarm(desk, &path)?;
        Ok((project.swarm.clone(), sources))
    }

    /// Reads them. Relative paths in all files start in the folder of the first.
    fn read(&self) -> Result<Sources, Failure> {
        if self.files.is_empty() {
            let hint = Some("give one with -c FILE".to_owned());
            return Err(Failure::usage("no compose file is given", hint));
        }
        let files = self.files.iter().map(|it| read(it)).collect::<Result<_, _>>()?;
        let first = self.files.first().filter(|it| !is_stdin(it));
        let full = first.and_then(|it| std::path::absolute(it).ok());
        let here = || env::current_dir().unwrap_or_else(|_| PathBuf::from("/"));
        let working_dir =
            full.and_then(|it| it.parent().map(Path::to_path_buf)).unwrap_or_else(here);
        Ok(Sources {
            files,
            working_dir,
            environment: Arc::new(self.environment()?),
            managed: None,
            provenance: Provenance::default(),
        })
    }
}

impl ComposeFiles {
    /// Returns the variables of this process, laid over those of files, of which the last
    /// wins: as `docker compose` has it.
    fn environment(&self) -> Result<BTreeMap<String, String>, Failure> {
        let mut all = BTreeMap::new();
        for path in &self.env_files {
            let source = read(path)?;
            let (values, wrong) = dotenv::parse(&String::from_utf8_lossy(&source.bytes));
            if let Some(line) = wrong.first() {
                let why = format!("{}:{line}: not NAME=value", path.shown());
                return Err(Failure::new(why, Some("write one variable per line".to_owned())));
            }
            all.extend(values);
        }
        all.extend(environment());
        Ok(all)
    }
}

/// Reads one file, or standard input.
pub fn read(path: &Path) -> Result<ComposeFile, Failure> {
    let read = if is_stdin(path) {
        files::read_stream(io::stdin().lock(), files::STACK)
    } else {
        files::read_named(path, files::STACK)
    };
    let bytes = read.map_err(|err| {
        let hint = match err.kind() {
            ErrorKind::NotFound => env::current_dir().ok().map(|it| {
                format!("the path is relative to {}; `-c -` reads standard input", it.shown())
            }),
            ErrorKind::IsADirectory => Some("name the compose file in it".to_owned()),
            _ => None,
        };
        Failure::new(format!("cannot read {}: {err}", path.shown()), hint)
    })?;
    Ok(ComposeFile { name: path.to_string_lossy().into(), bytes })
}

/// Tells the name that stands for standard input.
pub fn is_stdin(path: &Path) -> bool {
    path.as_os_str() == "-"
}

/// A stack made of files, with what decides how they become one.
#[derive(Debug, Args)]
pub struct StackFiles {
    #[command(flatten)]
    files: ComposeFiles,
    /// When to ask registries for the digests of images
    #[arg(long, value_name = "WHEN", default_value = "always")]
    resolve_image: When,
    /// Send your registry credentials along, so that nodes can pull with them
    #[arg(long)]
    with_registry_auth: bool,
    /// Remove services that are no longer in the files, once the others run
    #[arg(long)]
    prune: bool,
    /// Run unchanged jobs again too, as `docker stack deploy` does
    #[arg(long)]
    rerun_jobs: bool,
    /// The name of the stack in the swarm; without files, a stack of a project
    stack: String,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum When {
    Always,
    Changed,
    Never,
}

impl StackFiles {
    /// Returns whether files are named, and the stack is none of a project by that.
    pub fn are_named(&self) -> bool {
        self.files.are_named()
    }

    /// Reads the files and makes an order of them.
    pub fn order(&self, desk: &Desk) -> Result<DeployOrder, Failure> {
        let (stack, sources) = self.files.of(desk, &self.stack)?;
        Ok(DeployOrder {
            resolve: match self.resolve_image {
                When::Always => Resolve::Always,
                When::Changed => Resolve::Changed,
                When::Never => Resolve::Never,
            },
            with_registry_auth: self.with_registry_auth,
            prune: self.prune,
            rerun_jobs: self.rerun_jobs,
            ..DeployOrder::of(stack, sources)
        })
    }
}
