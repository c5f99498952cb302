//! `skep env`: lists and changes environments, which are groups of stacks.

use crate::{
    cli::{
        CommandOutput, Desk, Exit, Failure, Run,
        project::{amend, confirm, readable},
        table::Column,
    },
    domain::{
        project::{Environment, EnvironmentPath, Owner, Slug},
        text::nearest::nearest,
    },
    projects::{CatalogChange, Trouble},
};
use async_trait::async_trait;
use clap::{Args, Subcommand};
use serde::Serialize;

/// List, create and change environments
#[derive(Debug, Args)]
pub struct Env {
    #[command(subcommand)]
    wish: Wish,
}

#[derive(Debug, Subcommand)]
enum Wish {
    /// List environments, of one project or of all
    #[command(visible_alias = "ls")]
    List {
        /// The project, for example `shop`
        project: Option<Slug>,
    },
    /// Create an environment
    Create {
        /// The environment, for example `shop/production`
        #[arg(value_name = "PROJECT/ENVIRONMENT")]
        path: EnvironmentPath,
        /// Deploy its stacks only to this docker context; without it, every context is allowed
        #[arg(long = "in", value_name = "CONTEXT")]
        context: Option<String>,
    },
    /// Show an environment and its stacks
    Show {
        /// The environment, for example `shop/production`
        #[arg(value_name = "PROJECT/ENVIRONMENT")]
        path: EnvironmentPath,
    },
    /// Rename an environment
    Rename {
        /// The environment, for example `shop/production`
        #[arg(value_name = "PROJECT/ENVIRONMENT")]
        path: EnvironmentPath,
        /// Its new name
        to: Slug,
    },
    /// Deploy the stacks of an environment only to one docker context; without CONTEXT to any
    Settle {
        /// The environment, for example `shop/production`
        #[arg(value_name = "PROJECT/ENVIRONMENT")]
        path: EnvironmentPath,
        /// The docker context; without it, every context is allowed
        context: Option<String>,
    },
    /// Delete an environment that has no stacks
    #[command(visible_alias = "rm")]
    Delete {
        /// The environment, for example `shop/production`
        #[arg(value_name = "PROJECT/ENVIRONMENT")]
        path: EnvironmentPath,
    },
}

#[derive(Debug, Serialize)]
struct Row {
    environment: String,
    context: Option<String>,
    stacks: usize,
    created: jiff::Timestamp,
}

const COLUMNS: &[Column<Row>] = &[
    Column::left("ENVIRONMENT", |it| it.environment.as_str().into()),
    Column::left("CONTEXT", |it| it.context.as_deref().unwrap_or("any").into()),
    Column::right("STACKS", |it| it.stacks.to_string().into()),
];

#[async_trait]
impl Run for Env {
    async fn run(&self, desk: &Desk, page: &mut CommandOutput<'_>) -> Result<Exit, Failure> {
        let change = match &self.wish {
            Wish::List { project } => return list(desk, page, project.as_ref(), None),
            Wish::Show { path } => return list(desk, page, None, Some(path)),
            Wish::Create { path, context } => {
                known_context(desk, context.as_deref())?;
                CatalogChange::CreateEnvironment { path: path.clone(), context: context.clone() }
            }
            Wish::Rename { path, to } => {
                CatalogChange::Rename { owner: Owner::Environment(path.clone()), to: to.clone() }
            }
            Wish::Settle { path, context } => {
                known_context(desk, context.as_deref())?;
                CatalogChange::Settle { environment: path.clone(), context: context.clone() }
            }
            Wish::Delete { path } => {
                confirm(
                    desk,
                    page,
                    &format!("delete environment {path} with its variables and its policy"),
                )?;
                CatalogChange::Delete(Owner::Environment(path.clone()))
            }
        };
        amend(desk, page, change)
    }
}

/// Refuses a docker context that is not there: no stack could ever be deployed to it.
fn known_context(desk: &Desk, wanted: Option<&str>) -> Result<(), Failure> {
    let Some(wanted) = wanted.filter(|it| !desk.knows_context(it)) else { return Ok(()) };
    let known = desk.contexts.iter().map(|it| it.name.as_str());
    let hint = nearest(wanted, known)
        .map_or("`skep contexts` lists them".to_owned(), |it| format!("did you mean `{it}`?"));
    Err(Failure::usage(format!("there is no docker context `{wanted}`"), Some(hint)))
}

/// Lists environments; one that is named has its stacks below.
fn list(
    desk: &Desk,
    page: &mut CommandOutput<'_>,
    project: Option<&Slug>,
    one: Option<&EnvironmentPath>,
) -> Result<Exit, Failure> {
    let catalog = readable(desk)?.catalog()?;
    if let Some(project) = project {
        catalog.project(project).map_err(Trouble::from)?;
    }
    if let Some(path) = one {
        catalog.environment(path).map_err(Trouble::from)?;
    }
    let wanted = catalog.environments.values().filter(|it| {
        project.is_none_or(|project| it.path.project == *project)
            && one.is_none_or(|path| it.path == *path)
    });
    let row = |it: &Environment| Row {
        environment: it.path.to_string(),
        context: it.context.clone(),
        stacks: catalog.stacks_of(&it.path).count(),
        created: it.created,
    };
    let rows: Vec<Row> = wanted.map(row).collect();
    page.rows_or(COLUMNS, &rows, "no environments: `skep env create PROJECT/NAME` creates one")?;
    if let Some(path) = one.filter(|_| !page.json) {
        for stack in catalog.stacks_of(path) {
            writeln!(page.out, "  {} ({} in the swarm)", stack.path.stack, stack.swarm)?;
        }
    }
    Ok(Exit::Done)
}
