//! `skep contexts`: the engines that have a name.

use crate::{
    cli::{
        Desk, Exit, Failure, Page, Run,
        table::{Cell, Column, Tone},
    },
    domain::context::KnownContext,
};
use async_trait::async_trait;
use clap::Args;

/// List the docker contexts
#[derive(Debug, Args)]
pub struct Contexts {}

const COLUMNS: &[Column<KnownContext>] = &[
    Column::left("NAME", |it| format!("{}{}", it.name, if it.current { " *" } else { "" }).into()),
    Column::left("ADDRESS", |it| match &it.address {
        Ok(address) => address.into(),
        Err(why) => Cell::toned(why, Tone::Danger),
    }),
    Column::left("DESCRIPTION", |it| it.description.as_str().into()),
];

#[async_trait]
impl Run for Contexts {
    async fn run(&self, desk: &Desk, page: &mut Page<'_>) -> Result<Exit, Failure> {
        page.rows_or(COLUMNS, &desk.contexts, "docker knows no contexts here")?;
        Ok(Exit::Done)
    }
}
