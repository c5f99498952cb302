//! `skep changes`: lists changes of a stack that are not deployed yet.

use crate::{
    cli::{
        CommandOutput, Desk, Exit, Failure, Run, number,
        project::{managed, readable, writable},
        table::Column,
    },
    domain::project::pending::Pending,
    jobs::release_reader::cluster_id,
    projects::{PendingChanges, discard, pending_changes, see},
};
use async_trait::async_trait;
use clap::Args;
use serde::Serialize;
use serde_json::json;

/// List the changes of a stack that are not deployed yet, or discard one
#[derive(Debug, Args)]
pub struct Changes {
    /// A stack of a project, by its path or its name in the swarm
    stack: String,
    /// Discard the change with this number: restore what is deployed
    #[arg(long, value_name = "NUMBER", value_parser = number::listed)]
    discard: Option<usize>,
    /// Accept linked files as they are now: they were changed outside of skep
    #[arg(long, conflicts_with = "discard")]
    accept: bool,
}

#[derive(Debug, Serialize)]
struct Row {
    number: usize,
    field: &'static str,
    kind: &'static str,
    what: String,
    old: Option<String>,
    new: Option<String>,
}

const COLUMNS: &[Column<Row>] = &[
    Column::right("#", |it| it.number.to_string().into()),
    Column::left("KIND", |it| it.kind.into()),
    Column::left("WHAT", |it| it.what.as_str().into()),
    Column::left("OLD", |it| first_line(it.old.as_deref()).into()),
    Column::left("NEW", |it| first_line(it.new.as_deref()).into()),
];

#[async_trait]
impl Run for Changes {
    async fn run(&self, desk: &Desk, page: &mut CommandOutput<'_>) -> Result<Exit, Failure> {
        let path = managed(desk, &self.stack)?;
        let cluster = cluster_id(desk.engine()?).await?;
        let store = readable(desk)?;
        if self.accept {
            see(writable(desk)?, &path)?;
        }
        let standing = pending_changes(store, &cluster, &path)?;
        if let Some(number) = self.discard {
            let change = number.checked_sub(1).and_then(|it| standing.pending.get(it));
            let change = change.ok_or_else(|| {
                let hint = format!("`skep changes {path}` lists them with their numbers");
                Failure::new(format!("{path} has no change {number}"), Some(hint))
            })?;
            discard(writable(desk)?, &path, standing.undo(change))?;
            let done = format!("discarded {}", change.title());
            if page.json {
                page.json(&json!({ "done": done }))?;
            } else {
                writeln!(page.out, "{done}")?;
            }
            return Ok(Exit::Done);
        }
        show(page, &standing)?;
        Ok(Exit::Done)
    }
}

fn show(page: &mut CommandOutput<'_>, standing: &PendingChanges) -> Result<(), Failure> {
    let rows: Vec<Row> = (1..).zip(&standing.pending).map(row).collect();
    if page.json {
        let foreign: Vec<&str> = standing.foreign.iter().map(|it| it.file.as_str()).collect();
        page.json(&json!({
            "release": standing.release,
            "changes": rows,
            "changed_outside": foreign,
        }))?;
        return Ok(());
    }
    for foreign in &standing.foreign {
        writeln!(page.remarks, "note: {} was changed outside of skep", foreign.file)?;
    }
    match standing.release {
        None => writeln!(page.remarks, "it was never deployed")?,
        Some(release) => {
            let none = format!("no changes: everything is deployed, with release {release}");
            page.rows_or(COLUMNS, &rows, &none)?;
        }
    }
    Ok(())
}

fn row((number, change): (usize, &Pending)) -> Row {
    Row {
        number,
        field: change.field.word(),
        kind: change.kind.word(),
        what: change.title(),
        old: change.old.clone(),
        new: change.new.clone(),
    }
}

fn first_line(text: Option<&str>) -> String {
    let text = text.unwrap_or_default();
    let mut lines = text.lines();
    let first = lines.next().unwrap_or_default().trim().to_owned();
    if lines.next().is_some() { format!("{first} …") } else { first }
}
