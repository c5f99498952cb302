//! The files that a stack is made of, as the commands take them.

use crate::{
    cli::{CommandOutput, Desk, Failure, project::managed},
    domain::project::SourcePlace,
    projects::{CatalogChange, ImportedFiles, import_files},
};
use clap::Args;
use std::path::PathBuf;

/// What a stack is made of.
#[derive(Debug, Args)]
pub struct Files {
    /// A compose file; repeatable, or separated by commas
    #[arg(
        short = 'c',
        long = "compose-file",
        value_name = "FILE",
        value_delimiter = ',',
        required = true
    )]
    compose: Vec<PathBuf>,
    /// An env file with variables for the compose files, such as `.env`; repeatable
    #[arg(long = "env-file", value_name = "FILE")]
    env_files: Vec<PathBuf>,
}

impl Files {
    fn gather(&self, page: &mut CommandOutput<'_>) -> Result<ImportedFiles, Failure> {
        complete(import_files(&self.compose, &self.env_files)?, page)
    }

    /// Returns what makes a stack consist of these files.
    pub fn take(
        &self,
        desk: &Desk,
        page: &mut CommandOutput<'_>,
        stack: &str,
        place: SourcePlace,
    ) -> Result<CatalogChange, Failure> {
        let path = managed(desk, stack)?;
        Ok(CatalogChange::Source { path, place, gathered: self.gather(page)? })
    }
}

/// Says what a stack lacks that its files name.
pub fn complete(
    gathered: ImportedFiles,
    page: &mut CommandOutput<'_>,
) -> Result<ImportedFiles, Failure> {
    for missing in &gathered.missing {
        writeln!(page.remarks, "note: {missing}: the stack cannot be deployed without it")?;
    }
    Ok(gathered)
}
