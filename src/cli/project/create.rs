//! `skep stack create`: creates a stack from files or from a template.

use crate::{
    cli::{CommandOutput, Desk, Failure, project::files::complete, template},
    domain::{
        project::{SourcePlace, StackPath},
        swarm::names::StackName,
    },
    projects::{CatalogChange, ImportedFiles, NewStack, import_files, import_text},
};
use clap::Args;
use std::{env, path::PathBuf};

/// What the file of a stack is called that was no file before.
const FILE: &str = "stack.yml";

#[derive(Debug, Args)]
pub struct Create {
    /// Its path, for example `shop/production/web`
    #[arg(value_name = "PROJECT/ENVIRONMENT/STACK")]
    path: StackPath,
    /// A compose file; repeatable, or separated by commas
    #[arg(short = 'c', long = "compose-file", value_name = "FILE", value_delimiter = ',')]
    compose: Vec<PathBuf>,
    /// An env file with variables for the compose files, such as `.env`; repeatable
    #[arg(long = "env-file", value_name = "FILE", requires = "compose")]
    env_files: Vec<PathBuf>,
    /// Fill in this template instead; `skep template list` lists them
    #[arg(long, value_name = "NAME", conflicts_with_all = ["compose", "link"])]
    template: Option<String>,
    /// Give a parameter of the template its value; repeatable
    #[arg(long, value_name = "PARAMETER=VALUE", requires = "template", value_parser = template::assignment)]
    set: Vec<(String, String)>,
    /// Leave the files where they are, and link to them
    #[arg(long)]
    link: bool,
    /// Its name in the swarm; by default the one that the policy gives
    #[arg(long, value_name = "NAME")]
    name: Option<StackName>,
}

impl Create {
    /// Returns what makes the stack, and says what it lacks.
    pub fn change(
        &self,
        desk: &Desk,
        page: &mut CommandOutput<'_>,
    ) -> Result<CatalogChange, Failure> {
        let place = if self.link { SourcePlace::Linked } else { SourcePlace::Kept };
        let gathered = self.gather(desk, page)?;
        let gathered = complete(gathered, page)?;
        let (path, swarm) = (self.path.clone(), self.name.clone());
        Ok(CatalogChange::CreateStack(Box::new(NewStack { path, swarm, place, gathered })))
    }

    fn gather(&self, desk: &Desk, page: &mut CommandOutput<'_>) -> Result<ImportedFiles, Failure> {
        if self.compose.is_empty() && self.template.is_none() {
            let hint = "name a file with -c FILE, or a template with --template NAME".to_owned();
            return Err(Failure::usage("the stack has neither a file nor a template", Some(hint)));
        }
        let Some(name) = &self.template else {
            return Ok(import_files(&self.compose, &self.env_files)?);
        };
        let templates = template::known(desk, page)?;
        let text = template::filled(template::find(&templates, name)?, &self.set)?;
        Ok(import_text(FILE, text, &env::current_dir().unwrap_or_default()))
    }
}
