//! `skep policy`: shows and changes policies of projects and environments.

use crate::{
    cli::{
        CommandOutput, Desk, Exit, Failure, Run,
        project::{amend, readable},
        table::Column,
    },
    domain::{
        compose::policy::{Policy as Rules, PolicyKey},
        project::{EnvironmentPath, Owner},
        text::path::ShownPath,
    },
    files,
    projects::{CatalogChange, Trouble},
};
use async_trait::async_trait;
use clap::{Args, Subcommand};
use serde::Serialize;
use serde_json::json;
use std::path::PathBuf;

/// Show and change policies: what a project or an environment adds to its stacks
#[derive(Debug, Args)]
pub struct Policy {
    #[command(subcommand)]
    wish: Wish,
}

#[derive(Debug, Subcommand)]
enum Wish {
    /// Show the policy; of an environment together with that of its project
    Show {
        /// A project or an environment of it
        #[arg(value_name = "PROJECT[/ENVIRONMENT]")]
        owner: Owner,
    },
    /// List all keys of policies
    Keys,
    /// Set one key
    Set {
        /// A project or an environment of it
        #[arg(value_name = "PROJECT[/ENVIRONMENT]")]
        owner: Owner,
        /// A key, as `skep policy keys` lists them
        key: String,
        /// Its value
        value: String,
    },
    /// Unset one key
    Unset {
        /// A project or an environment of it
        #[arg(value_name = "PROJECT[/ENVIRONMENT]")]
        owner: Owner,
        /// A key, as `skep policy keys` lists them
        key: String,
    },
    /// Set the recommended policy
    Recommended {
        /// A project or an environment of it
        #[arg(value_name = "PROJECT[/ENVIRONMENT]")]
        owner: Owner,
    },
    /// Print a policy as TOML
    Export {
        /// A project or an environment of it
        #[arg(value_name = "PROJECT[/ENVIRONMENT]")]
        owner: Owner,
    },
    /// Replace a policy with that of a TOML file
    Import {
        /// A project or an environment of it
        #[arg(value_name = "PROJECT[/ENVIRONMENT]")]
        owner: Owner,
        /// The file
        file: PathBuf,
    },
}

#[derive(Debug, Serialize)]
struct Row {
    key: String,
    value: String,
    policy: String,
}

#[derive(Debug, Serialize)]
struct Known {
    key: &'static str,
    about: &'static str,
}

const COLUMNS: &[Column<Row>] = &[
    Column::left("KEY", |it| it.key.as_str().into()),
    Column::left("VALUE", |it| it.value.as_str().into()),
    Column::left("POLICY", |it| it.policy.as_str().into()),
];

const KEYS: &[Column<Known>] =
    &[Column::left("KEY", |it| it.key.into()), Column::left("WHAT", |it| it.about.into())];

#[async_trait]
impl Run for Policy {
    async fn run(&self, desk: &Desk, page: &mut CommandOutput<'_>) -> Result<Exit, Failure> {
        let change = match &self.wish {
            Wish::Show { owner } => return show(desk, page, owner),
            Wish::Keys => {
                let known = |it: &PolicyKey| Known { key: it.name, about: it.help };
                page.rows(KEYS, &Rules::keys().iter().map(known).collect::<Vec<_>>())?;
                return Ok(Exit::Done);
            }
            Wish::Export { owner } => {
                let text = policy(desk, owner)?.to_toml();
                if page.json {
                    page.json(&json!({ "policy": owner.to_string(), "text": text }))?;
                } else {
                    page.exact(text.as_bytes())?;
                }
                return Ok(Exit::Done);
            }
            Wish::Set { owner, key, value } => {
                let (key, value) = (key.clone(), Some(value.clone()));
                CatalogChange::SetPolicy { owner: owner.clone(), key, value }
            }
            Wish::Unset { owner, key } => {
                CatalogChange::SetPolicy { owner: owner.clone(), key: key.clone(), value: None }
            }
            Wish::Recommended { owner } => CatalogChange::ReplacePolicy {
                owner: owner.clone(),
                policy: Box::new(Rules::recommended()),
            },
            Wish::Import { owner, file } => {
                let text = files::read_text(file, files::SETTINGS).map_err(|err| {
                    Failure::new(format!("cannot read {}: {err}", file.shown()), None)
                })?;
                let rules = Rules::from_toml(&text).map_err(|why| {
                    let hint = "`skep policy keys` lists all keys".to_owned();
                    Failure::new(format!("{}: {why}", file.shown()), Some(hint))
                })?;
                CatalogChange::ReplacePolicy { owner: owner.clone(), policy: Box::new(rules) }
            }
        };
        amend(desk, page, change)
    }
}

fn show(desk: &Desk, page: &mut CommandOutput<'_>, owner: &Owner) -> Result<Exit, Failure> {
    let mut owners = vec![owner.clone()];
    if let Owner::Environment(EnvironmentPath { project, .. }) = owner {
        owners.insert(0, Owner::Project(project.clone()));
    }
    let mut rows = Vec::new();
    for owner in owners {
        let entries = policy(desk, &owner)?.entries();
        let row = |(key, value)| Row { key, value, policy: owner.to_string() };
        rows.extend(entries.into_iter().map(row));
    }
    let none = format!("{owner} has no policy: `skep policy recommended {owner}` sets one");
    page.rows_or(COLUMNS, &rows, &none)?;
    Ok(Exit::Done)
}

fn policy(desk: &Desk, owner: &Owner) -> Result<Rules, Failure> {
    let mut catalog = readable(desk)?.catalog()?;
    catalog.settings(owner).map_err(Trouble::from)?;
    Ok(catalog.policy_mut(owner).map_err(Trouble::from)?.clone())
}
