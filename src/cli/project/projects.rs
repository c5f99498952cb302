//! `skep project`: lists and changes projects, which are groups of environments.

use crate::{
    cli::{
        CommandOutput, Desk, Exit, Failure, Run,
        project::{amend, confirm, readable, writable},
        table::Column,
    },
    domain::{
        project::{Catalog, Owner, Project as Found, Slug},
        text::age,
    },
    projects::{CatalogChange, Trouble, project_export, project_import},
};
use async_trait::async_trait;
use clap::{Args, Subcommand};
use serde::Serialize;
use serde_json::json;
use std::path::PathBuf;

/// List, create and change projects
#[derive(Debug, Args)]
pub struct Project {
    #[command(subcommand)]
    wish: Wish,
}

#[derive(Debug, Subcommand)]
enum Wish {
    /// List the projects
    #[command(visible_alias = "ls")]
    List,
    /// Create a project
    Create {
        /// The project, for example `shop`
        project: Slug,
        /// A description, for people
        #[arg(long, default_value = "", hide_default_value = true)]
        about: String,
    },
    /// Show a project: its environments, stacks, variables and policy
    Show {
        /// The project, for example `shop`
        project: Slug,
    },
    /// Rename a project
    Rename {
        /// The project, for example `shop`
        project: Slug,
        /// Its new name
        to: Slug,
    },
    /// Describe a project
    Describe {
        /// The project, for example `shop`
        project: Slug,
        /// A description, for people
        about: String,
    },
    /// Delete a project that has no environments
    #[command(visible_alias = "rm")]
    Delete {
        /// The project, for example `shop`
        project: Slug,
    },
    /// Export a project into a folder: TOML, and the files of its stacks
    Export {
        /// The project, for example `shop`
        project: Slug,
        /// A new folder, or one that holds an earlier export
        folder: PathBuf,
    },
    /// Import a project from a folder that `export` wrote
    Import {
        /// The folder
        folder: PathBuf,
        /// Replace a project that exists already
        #[arg(long)]
        replace: bool,
    },
}

#[derive(Debug, Serialize)]
struct Row {
    project: String,
    about: String,
    environments: usize,
    stacks: usize,
    #[serde(skip)]
    age: String,
    created: jiff::Timestamp,
}

const COLUMNS: &[Column<Row>] = &[
    Column::left("PROJECT", |it| it.project.as_str().into()),
    Column::right("ENVIRONMENTS", |it| it.environments.to_string().into()),
    Column::right("STACKS", |it| it.stacks.to_string().into()),
    Column::right("AGE", |it| it.age.as_str().into()),
    Column::left("ABOUT", |it| it.about.as_str().into()),
];

#[async_trait]
impl Run for Project {
    async fn run(&self, desk: &Desk, page: &mut CommandOutput<'_>) -> Result<Exit, Failure> {
        let change = match &self.wish {
            Wish::List => return list(desk, page),
            Wish::Show { project } => return show(desk, page, project),
            Wish::Export { project, folder } => {
                let written = project_export::export(readable(desk)?, project, folder)?;
                return told(page, "exported", &written);
            }
            Wish::Import { folder, replace } => {
                let store = writable(desk)?;
                let incoming = project_import::read(store, folder)?;
                if !incoming.linked.is_empty() {
                    let linked = incoming.linked.join("\n  ");
                    let what = "its files are read, deployed and written where they are";
                    confirm(desk, page, &format!("import this?\n  {linked}: {what}"))?;
                }
                if !incoming.unbound.is_empty() {
                    let unbound = incoming.unbound.join("\n  ");
                    let what = "whoever wrote the folder may have them from another project";
                    let what = format!(
                        "import these encrypted values, which do not say where they are from?\n  {unbound}\n{what}"
                    );
                    confirm(desk, page, &what)?;
                }
                let read = project_import::keep(store, incoming, folder, *replace, &desk.who)?;
                return told(page, "imported", &read);
            }
            Wish::Create { project, about } => {
                CatalogChange::CreateProject { slug: project.clone(), about: about.clone() }
            }
            Wish::Rename { project, to } => {
                CatalogChange::Rename { owner: Owner::Project(project.clone()), to: to.clone() }
            }
            Wish::Describe { project, about } => {
                CatalogChange::Describe { project: project.clone(), about: about.clone() }
            }
            Wish::Delete { project } => {
                confirm(
                    desk,
                    page,
                    &format!("delete project {project} with its variables and its policy"),
                )?;
                CatalogChange::Delete(Owner::Project(project.clone()))
            }
        };
        amend(desk, page, change)
    }
}

fn list(desk: &Desk, page: &mut CommandOutput<'_>) -> Result<Exit, Failure> {
    let catalog = readable(desk)?.catalog()?;
    let row = |it: &Found| Row {
        project: it.slug.to_string(),
        about: it.about.clone(),
        environments: catalog.environments_of(&it.slug).len(),
        stacks: catalog.stacks.keys().filter(|path| path.project == it.slug).count(),
        age: age::age(it.created, desk.now),
        created: it.created,
    };
    let rows: Vec<Row> = catalog.projects.values().map(row).collect();
    page.rows_or(COLUMNS, &rows, "no projects yet: `skep project create NAME` creates one")?;
    Ok(Exit::Done)
}

fn show(desk: &Desk, page: &mut CommandOutput<'_>, slug: &Slug) -> Result<Exit, Failure> {
    let catalog = readable(desk)?.catalog()?;
    let project = catalog.project(slug).map_err(Trouble::from)?;
    if page.json {
        page.json(&all(&catalog, slug))?;
        return Ok(Exit::Done);
    }
    let about = if project.about.is_empty() { "" } else { ": " };
    writeln!(page.out, "project {slug}{about}{}", project.about)?;
    for path in catalog.environments_of(slug) {
        let Ok(environment) = catalog.environment(&path) else { continue };
        let context = environment.context.as_deref().map(|it| format!(" in context {it}"));
        writeln!(page.out, "  {}{}", path.environment, context.unwrap_or_default())?;
        for stack in catalog.stacks_of(&path) {
            writeln!(page.out, "    {} ({} in the swarm)", stack.path.stack, stack.swarm)?;
        }
    }
    let (set, rules) = (project.settings.all().count(), project.policy.entries().len());
    writeln!(page.out, "  {set} variables set (`skep var list {slug}`)")?;
    writeln!(page.out, "  {rules} keys of policy (`skep policy show {slug}`)")?;
    Ok(Exit::Done)
}

/// Returns a project with all it holds; sealed values stay out.
fn all(catalog: &Catalog, slug: &Slug) -> serde_json::Value {
    let project = catalog.projects.get(slug);
    let environments = catalog.environments_of(slug).into_iter().filter_map(|path| {
        let environment = catalog.environments.get(&path)?;
        let stacks = catalog.stacks_of(&path).map(|it| {
            json!({ "stack": it.path, "swarm": it.swarm, "source": it.source, "created": it.created })
        });
        Some(json!({
            "environment": path,
            "context": environment.context,
            "policy": environment.policy,
            "stacks": stacks.collect::<Vec<_>>(),
        }))
    });
    json!({
        "project": slug,
        "about": project.map(|it| &it.about),
        "policy": project.map(|it| &it.policy),
        "environments": environments.collect::<Vec<_>>(),
    })
}

fn told(page: &mut CommandOutput<'_>, word: &str, names: &[String]) -> Result<Exit, Failure> {
    if page.json {
        page.json(&json!({ word: names }))?;
        return Ok(Exit::Done);
    }
    for name in names {
        writeln!(page.out, "{word} {name}")?;
    }
    Ok(Exit::Done)
}
