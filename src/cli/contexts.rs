//! `skep contexts`: lists docker contexts.

use crate::{
    cli::{
        CommandOutput, Desk, Exit, Failure, Run,
        table::{Cell, CellTone, Column},
    },
    domain::swarm::context::KnownContext,
};
use async_trait::async_trait;
use clap::Args;
use serde::Serialize;

/// List the docker contexts
#[derive(Debug, Args)]
pub struct Contexts {}

const COLUMNS: &[Column<KnownContext>] = &[
    Column::left("NAME", |it| format!("{}{}", it.name, if it.current { " *" } else { "" }).into()),
    Column::left("ADDRESS", |it| match &it.address {
        Ok(address) => address.into(),
        Err(why) => Cell::toned(why, CellTone::Danger),
    }),
    Column::left("DESCRIPTION", |it| it.description.as_str().into()),
];

#[derive(Debug, Serialize)]
struct Row<'a> {
    name: &'a str,
    description: &'a str,
    /// Where its engine is; nothing where that cannot be said.
    address: Option<&'a str>,
    /// What is wrong with its address.
    error: Option<&'a str>,
    current: bool,
}

#[async_trait]
impl Run for Contexts {
    async fn run(&self, desk: &Desk, page: &mut CommandOutput<'_>) -> Result<Exit, Failure> {
        if page.json {
            page.json(&desk.contexts.iter().map(row).collect::<Vec<_>>())?;
            return Ok(Exit::Done);
        }
        page.rows_or(COLUMNS, &desk.contexts, "docker has no contexts here")?;
        Ok(Exit::Done)
    }
}

fn row(context: &KnownContext) -> Row<'_> {
    Row {
        name: &context.name,
        description: &context.description,
        address: context.address.as_deref().ok(),
        error: context.address.as_ref().err().map(String::as_str),
        current: context.current,
    }
}
