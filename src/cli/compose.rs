//! Compose files as the command line names them.

use crate::{
    cli::Failure,
    domain::compose::Source,
    jobs::source::{Sources, environment},
};
use clap::Args;
use std::{
    env, fs,
    io::{self, Read},
    path::{Path, PathBuf},
    sync::Arc,
};

/// The files of a stack, from left to right.
#[derive(Debug, Args)]
pub struct ComposeFiles {
    /// A compose file, `-` for standard input; repeatable, or separated by commas
    #[arg(short = 'c', long = "compose-file", value_name = "FILE", value_delimiter = ',')]
    files: Vec<PathBuf>,
}

impl ComposeFiles {
    /// Reads them. Relative paths in all files start in the folder of the first.
    pub fn read(&self) -> Result<Sources, Failure> {
        if self.files.is_empty() {
            let hint = Some("name one with -c FILE".to_owned());
            return Err(Failure::usage("no compose file is named", hint));
        }
        let files = self.files.iter().map(|it| read(it)).collect::<Result<_, _>>()?;
        let first = self.files.first().filter(|it| !is_stdin(it));
        let full = first.and_then(|it| std::path::absolute(it).ok());
        let here = || env::current_dir().unwrap_or_else(|_| PathBuf::from("/"));
        let working_dir =
            full.and_then(|it| it.parent().map(Path::to_path_buf)).unwrap_or_else(here);
        Ok(Sources { files, working_dir, environment: Arc::new(environment()) })
    }
}

fn read(path: &Path) -> Result<Source, Failure> {
    let mut bytes = Vec::new();
    let read = if is_stdin(path) {
        io::stdin().lock().read_to_end(&mut bytes).map(drop)
    } else {
        fs::read(path).map(|it| bytes = it)
    };
    read.map_err(|err| Failure::new(format!("cannot read {}: {err}", path.display()), None))?;
    Ok(Source { name: path.to_string_lossy().into(), bytes })
}

fn is_stdin(path: &Path) -> bool {
    path.as_os_str() == "-"
}
