//! `skep var`: lists and sets variables for compose files and services.

use crate::{
    cli::{
        CommandOutput, Desk, Exit, Failure, Run,
        project::{amend, readable},
        table::{Cell, CellTone, Column},
    },
    domain::{
        project::{Owner, Setting, SettingName},
        swarm::change::Confidential,
        text::mask::HIDDEN,
    },
    files,
    projects::{
        CatalogChange, Given, Trouble, VariableRow, Variables, compose_sources::environment,
        variables,
    },
    store::StoreError,
};
use async_trait::async_trait;
use clap::{Args, Subcommand};
use serde::Serialize;
use std::io::{self, IsTerminal};

/// List and set variables of compose files, and environment variables of services
#[derive(Debug, Args)]
pub struct Var {
    #[command(subcommand)]
    wish: Wish,
}

#[derive(Debug, Subcommand)]
enum Wish {
    /// List the variables of a project, an environment or a stack, and where each value comes from
    #[command(visible_alias = "ls")]
    List {
        /// A project, an environment of it, or a stack of that
        #[arg(value_name = "PROJECT[/ENVIRONMENT[/STACK]]")]
        owner: Owner,
    },
    /// Set a variable
    Set {
        /// A project, an environment of it, or a stack of that
        #[arg(value_name = "PROJECT[/ENVIRONMENT[/STACK]]")]
        owner: Owner,
        /// NAME=VALUE; with NAME alone the value is read from standard input
        #[arg(value_name = "NAME[=VALUE]")]
        pair: String,
        /// Keep the value encrypted, and never show it
        #[arg(long)]
        secret: bool,
        /// Set it in the environment of this service instead; it overrides the file
        #[arg(long, value_name = "SERVICE")]
        service: Option<String>,
    },
    /// Unset a variable
    #[command(visible_alias = "rm")]
    Unset {
        /// A project, an environment of it, or a stack of that
        #[arg(value_name = "PROJECT[/ENVIRONMENT[/STACK]]")]
        owner: Owner,
        /// The variable
        name: String,
        /// Unset it in the environment of this service
        #[arg(long, value_name = "SERVICE")]
        service: Option<String>,
    },
}

#[derive(Debug, Serialize)]
struct Row {
    name: String,
    service: Option<String>,
    /// `None` where it is secret.
    value: Option<String>,
    secret: bool,
    /// It was sealed with another key, and must be set again.
    sealed_elsewhere: bool,
}

const COLUMNS: &[Column<Row>] = &[
    Column::left("NAME", |it| it.name.as_str().into()),
    Column::left("SERVICE", |it| it.service.as_deref().unwrap_or_default().into()),
    Column::left("VALUE", |it| match it.value.as_deref() {
        Some(value) => value.into(),
        None if it.sealed_elsewhere => Cell::toned(
            &format!("{HIDDEN} encrypted with another key: set it again"),
            CellTone::Danger,
        ),
        None => HIDDEN.into(),
    }),
];

const USED: &[Column<VariableRow>] = &[
    Column::left("NAME", |it| it.name.as_str().into()),
    Column::left("SERVICE", |it| it.service.as_deref().unwrap_or_default().into()),
    Column::left("VALUE", |it| match it.shown() {
        Some(value) => value.into(),
        None => Cell::toned("missing", CellTone::Danger),
    }),
    Column::left("FROM", |it| it.origin.as_str().into()),
    Column::left("OVERRIDES", |it| Cell::toned(&it.beats.join(", "), CellTone::Muted)),
];

#[async_trait]
impl Run for Var {
    async fn run(&self, desk: &Desk, page: &mut CommandOutput<'_>) -> Result<Exit, Failure> {
        let change = match &self.wish {
            Wish::List { owner: Owner::Stack(path) } => {
                let Variables { rows, .. } = variables(readable(desk)?, path, &environment())?;
                page.rows_or(USED, &rows, "the stack uses no variables and sets none")?;
                return Ok(Exit::Done);
            }
            Wish::List { owner } => return list(desk, page, owner),
            Wish::Set { owner, pair, secret, service } => {
                let (name, value) = match pair.split_once('=') {
                    Some((name, value)) => (name, value.to_owned()),
                    None => (pair.as_str(), from_stdin(page, pair)?),
                };
                let name = SettingName::new(service.as_deref(), name).map_err(Trouble::from)?;
                let value = Some(Given { text: Confidential(value), secret: *secret });
                CatalogChange::Set { owner: owner.clone(), name, value }
            }
            Wish::Unset { owner, name, service } => {
                let name = SettingName::new(service.as_deref(), name).map_err(Trouble::from)?;
                CatalogChange::Set { owner: owner.clone(), name, value: None }
            }
        };
        amend(desk, page, change)
    }
}

fn list(desk: &Desk, page: &mut CommandOutput<'_>, owner: &Owner) -> Result<Exit, Failure> {
    let store = readable(desk)?;
    let catalog = store.catalog()?;
    let settings = catalog.settings(owner).map_err(Trouble::from)?;
    let row = |(name, setting): (SettingName, &Setting)| Row {
        sealed_elsewhere: match setting {
            Setting::Secret(sealed) => {
                let place = name.place(&owner.to_string());
                let opened = store.unseal_at(&place, &name.seal(), sealed);
                matches!(opened, Err(StoreError::OtherKey { .. }))
            }
            Setting::Plain(_) => false,
        },
        name: name.name,
        service: name.service,
        value: match setting {
            Setting::Plain(text) => Some(text.clone()),
            Setting::Secret(_) => None,
        },
        secret: matches!(setting, Setting::Secret(_)),
    };
    let rows: Vec<Row> = settings.all().map(row).collect();
    let none = format!("{} {owner} sets no variables", owner.kind());
    page.rows_or(COLUMNS, &rows, &none)?;
    Ok(Exit::Done)
}

/// Reads a value that should not stand in the history of a shell; without the newline
/// that `echo` adds.
fn from_stdin(page: &mut CommandOutput<'_>, name: &str) -> Result<String, Failure> {
    if io::stdin().is_terminal() {
        writeln!(page.remarks, "value of {name}, then enter and ctrl-d:")?;
    }
    let read = files::read_stream(io::stdin().lock(), files::CONTENT);
    let told = |why: String| Failure::new(format!("cannot read the value: {why}"), None);
    let bytes = read.map_err(|err| told(err.to_string()))?;
    let text = String::from_utf8(bytes).map_err(|_| told("it is not UTF-8 text".to_owned()))?;
    Ok(text.strip_suffix('\n').map(str::to_owned).unwrap_or(text))
}
