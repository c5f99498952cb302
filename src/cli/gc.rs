//! `skep gc`: garbage collection of unused objects and old releases.

use crate::{
    cli::{CommandOutput, Desk, Exit, Failure, Run, act::act, plan::failure, table::Column},
    domain::deployment::gc::{Bounds, Waste},
    jobs::{gc::Sweep, operations::Operation},
};
use async_trait::async_trait;
use clap::Args;
use serde::Serialize;

/// Remove secrets, configs, networks and old releases that nothing needs any more
///
/// Removes secrets, configs and networks of stacks if no service uses them (or used them before
/// its last update) and no kept release needs them; expired leases of skep; and releases older
/// than the healthy ones that are kept (`releases.keep`). Only releases of this machine are
/// known.
#[derive(Debug, Args)]
pub struct Gc {
    /// Only list what would be removed
    #[arg(long)]
    dry_run: bool,
    /// Also remove secrets and configs that belong to no stack
    #[arg(long)]
    all: bool,
}

#[derive(Serialize)]
struct Row {
    kind: &'static str,
    name: String,
    stack: Option<String>,
    why: &'static str,
}

const COLUMNS: &[Column<Row>] = &[
    Column::left("KIND", |it| it.kind.into()),
    Column::left("NAME", |it| it.name.as_str().into()),
    Column::left("STACK", |it| it.stack.as_deref().unwrap_or_default().into()),
    Column::left("WHY", |it| it.why.into()),
];

#[async_trait]
impl Run for Gc {
    async fn run(&self, desk: &Desk, page: &mut CommandOutput<'_>) -> Result<Exit, Failure> {
        let keep = desk.settings.config.releases.keep.get();
        let bounds = Bounds { keep, all: self.all };
        let sweep = Sweep::of(desk.engine()?, &desk.store, bounds).await.map_err(failure)?;
        if self.dry_run || sweep.waste.is_empty() {
            let rows: Vec<Row> = sweep.waste.iter().map(row).collect();
            page.rows_or(COLUMNS, &rows, "nothing to clean up")?;
            return Ok(Exit::Done);
        }
        let operations = vec![Operation::CleanUp(sweep)];
        act(desk, page, operations).await
    }
}

fn row(waste: &Waste) -> Row {
    let stack = waste.stack().map(ToString::to_string);
    Row { kind: waste.noun(), name: waste.name(), stack, why: waste.why() }
}
