//! `skep stack`: lists and changes the stacks of projects.

use crate::{
    cli::{
        CommandOutput, Desk, Exit, Failure, Run,
        project::{amend, confirm, create::Create, files::Files, managed, readable},
        table::{Cell, CellTone, Column},
    },
    domain::{
        project::{Catalog, EnvironmentPath, ManagedStack, Owner, Slug, SourcePlace, StackPath},
        swarm::names::StackName,
    },
    jobs::release_reader::cluster_id,
    projects::{CatalogChange, Trouble, all_pending_changes, look},
};
use async_trait::async_trait;
use clap::{Args, Subcommand};
use serde::Serialize;
use serde_json::json;
use std::collections::BTreeMap;

/// List, create and change the stacks of projects
#[derive(Debug, Args)]
pub struct Stack {
    #[command(subcommand)]
    wish: Wish,
}

#[derive(Debug, Subcommand)]
enum Wish {
    /// List stacks, of one environment or of all, and their changes that are not deployed yet
    #[command(visible_alias = "ls")]
    List {
        /// Only those of this environment, for example `shop/production`
        environment: Option<EnvironmentPath>,
    },
    /// Create a stack from files or from a template; one that runs already under its name is
    /// adopted
    Create(Create),
    /// Show a stack: where its files are, and its changes that are not deployed yet
    Show {
        /// The stack, by its path or its name in the swarm
        stack: String,
    },
    /// Rename a stack in its environment; its name in the swarm stays
    Rename {
        /// The stack, by its path or its name in the swarm
        stack: String,
        /// Its new name
        to: Slug,
    },
    /// Take a stack out of its project; what runs in the swarm stays
    #[command(visible_alias = "rm")]
    Delete {
        /// The stack, by its path or its name in the swarm
        stack: String,
    },
    /// Print a compose file of a stack, byte for byte
    Source {
        /// The stack, by its path or its name in the swarm
        stack: String,
        /// Which one, if there are several
        file: Option<String>,
    },
    /// Use these files for a stack, and keep copies of them in skep's state
    Keep {
        /// The stack, by its path or its name in the swarm
        stack: String,
        #[command(flatten)]
        files: Files,
    },
    /// Use these files for a stack, where they are: link to them
    Link {
        /// The stack, by its path or its name in the swarm
        stack: String,
        #[command(flatten)]
        files: Files,
    },
}

#[derive(Debug, Serialize)]
struct Row {
    stack: String,
    swarm: StackName,
    source: SourcePlace,
    files: Vec<String>,
    release: Option<u32>,
    /// `None` where nobody can say: no engine, or a file that is gone.
    pending: Option<usize>,
    changed_outside: usize,
}

const COLUMNS: &[Column<Row>] = &[
    Column::left("STACK", |it| it.stack.as_str().into()),
    Column::left("IN THE SWARM", |it| it.swarm.as_str().into()),
    Column::right("RELEASE", |it| it.release.map(|it| it.to_string()).unwrap_or_default().into()),
    Column::left("PENDING", |it| match (it.release, it.pending) {
        (_, None) => Cell::toned("?", CellTone::Muted),
        (None, Some(_)) => Cell::toned("never deployed", CellTone::Warn),
        (_, Some(0)) => Cell::toned("-", CellTone::Muted),
        (_, Some(some)) => Cell::toned(&some.to_string(), CellTone::Warn),
    }),
    Column::left("SOURCE", |it| match (it.source, it.changed_outside) {
        (SourcePlace::Kept, _) => "kept".into(),
        (SourcePlace::Linked, 0) => "linked".into(),
        (SourcePlace::Linked, _) => Cell::toned("linked, changed outside", CellTone::Warn),
    }),
    Column::left("FILES", |it| it.files.join(", ").into()),
];

#[async_trait]
impl Run for Stack {
    async fn run(&self, desk: &Desk, page: &mut CommandOutput<'_>) -> Result<Exit, Failure> {
        let change = match &self.wish {
            Wish::List { environment } => return list(desk, page, environment.as_ref()).await,
            Wish::Show { stack } => {
                let path = managed(desk, stack)?;
                let catalog = readable(desk)?.catalog()?;
                let rows: Vec<Row> =
                    rows(desk, &catalog).await?.remove(&path).into_iter().collect();
                page.rows(COLUMNS, &rows)?;
                return Ok(Exit::Done);
            }
            Wish::Source { stack, file } => return source(desk, page, stack, file.as_deref()),
            Wish::Create(it) => it.change(desk, page)?,
            Wish::Rename { stack, to } => {
                CatalogChange::Rename { owner: Owner::Stack(managed(desk, stack)?), to: to.clone() }
            }
            Wish::Delete { stack } => {
                let path = managed(desk, stack)?;
                confirm(desk, page, &format!("delete stack {path} with its files and settings"))?;
                CatalogChange::Delete(Owner::Stack(path))
            }
            Wish::Keep { stack, files } => files.take(desk, page, stack, SourcePlace::Kept)?,
            Wish::Link { stack, files } => files.take(desk, page, stack, SourcePlace::Linked)?,
        };
        amend(desk, page, change)
    }
}

async fn list(
    desk: &Desk,
    page: &mut CommandOutput<'_>,
    environment: Option<&EnvironmentPath>,
) -> Result<Exit, Failure> {
    let catalog = readable(desk)?.catalog()?;
    if let Some(path) = environment {
        catalog.environment(path).map_err(Trouble::from)?;
    }
    let rows = rows(desk, &catalog).await?.into_iter();
    let rows = rows.filter(|(path, _)| environment.is_none_or(|it| path.environment() == *it));
    let rows: Vec<Row> = rows.map(|it| it.1).collect();
    page.rows_or(
        COLUMNS,
        &rows,
        "no stacks: `skep stack create PROJECT/ENVIRONMENT/NAME -c FILE`",
    )?;
    Ok(Exit::Done)
}

/// Says how all stacks stand; without an engine nobody knows what is deployed.
async fn rows(desk: &Desk, catalog: &Catalog) -> Result<BTreeMap<StackPath, Row>, Failure> {
    let mut standing = BTreeMap::new();
    if let Ok(engine) = desk.engine()
        && let Ok(cluster) = cluster_id(engine).await
    {
        standing = all_pending_changes(desk.store()?, &cluster, catalog)?;
    }
    let row = |stack: &ManagedStack| {
        let standing = standing.get(&stack.path).and_then(|it| it.as_ref().ok());
        let row = Row {
            stack: stack.path.to_string(),
            swarm: stack.swarm.clone(),
            source: stack.source.place,
            files: stack.source.compose.clone(),
            release: standing.and_then(|it| it.release),
            pending: standing.map(|it| it.pending.len()),
            changed_outside: standing.map_or(0, |it| it.foreign.len()),
        };
        (stack.path.clone(), row)
    };
    Ok(catalog.stacks.values().map(row).collect())
}

fn source(
    desk: &Desk,
    page: &mut CommandOutput<'_>,
    stack: &str,
    file: Option<&str>,
) -> Result<Exit, Failure> {
    let path = managed(desk, stack)?;
    let (sources, _) = look(readable(desk)?, &path, &[].into())?;
    let names: Vec<&str> = sources.files.iter().map(|it| &*it.name).collect();
    let wanted = match (file, names.as_slice()) {
        (Some(file), _) => file,
        (None, [one]) => one,
        (None, []) => {
            let hint = format!("`skep stack keep {path} -c FILE` gives it one");
            return Err(Failure::new(format!("{path} has no compose file"), Some(hint)));
        }
        (None, _) => {
            let hint = format!("name one of {}", names.join(", "));
            return Err(Failure::usage(format!("{path} has several files"), Some(hint)));
        }
    };
    let found = sources.files.iter().find(|it| &*it.name == wanted).ok_or_else(|| {
        let hint = format!("it has {}", names.join(", "));
        Failure::new(format!("{path} has no compose file `{wanted}`"), Some(hint))
    })?;
    if page.json {
        page.json(&json!({ "file": wanted, "text": String::from_utf8_lossy(&found.bytes) }))?;
    } else {
        page.exact(&found.bytes)?;
    }
    Ok(Exit::Done)
}
