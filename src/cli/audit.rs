//! `skep audit`: who changed what, as this machine remembers it.

use crate::{
    cli::{
        CommandOutput, Desk, Exit, Failure, Run, number,
        table::{Cell, CellTone, Column},
    },
    domain::deployment::{audit::AuditLine, verdict::Verdict},
};
use async_trait::async_trait;
use clap::Args;
use jiff::tz::TimeZone;
use serde::Serialize;

/// List what was changed with skep on this machine, and by whom
#[derive(Debug, Args)]
pub struct Audit {
    /// How many entries to show, the newest first
    #[arg(short = 'n', long, value_name = "COUNT", default_value_t = 50, value_parser = number::entries)]
    limit: usize,
}

#[derive(Debug, Serialize)]
struct Row {
    #[serde(flatten)]
    line: AuditLine,
    #[serde(skip)]
    when: String,
}

const COLUMNS: &[Column<Row>] = &[
    Column::left("WHEN", |it| it.when.as_str().into()),
    Column::left("WHO", |it| it.line.who.to_string().into()),
    Column::left("WHERE", |it| it.line.context.as_ref().unwrap_or(&it.line.address).into()),
    Column::left("OBJECT", |it| it.line.object.as_str().into()),
    Column::left("ACTION", |it| it.line.action.as_str().into()),
    Column::left("OUTCOME", |it| match &it.line.outcome {
        Verdict::Succeeded(_) => "done".into(),
        other => Cell::toned(&other.to_string(), CellTone::Danger),
    }),
];

#[async_trait]
impl Run for Audit {
    async fn run(&self, desk: &Desk, page: &mut CommandOutput<'_>) -> Result<Exit, Failure> {
        let lines = desk.store()?.audit(self.limit)?;
        let rows: Vec<Row> = lines.into_iter().map(|it| row(it, &desk.zone)).collect();
        page.rows_or(COLUMNS, &rows, "nothing was changed with skep on this machine")?;
        Ok(Exit::Done)
    }
}

fn row(line: AuditLine, zone: &TimeZone) -> Row {
    let when = line.at.to_zoned(zone.clone()).strftime("%Y-%m-%d %H:%M:%S").to_string();
    Row { line, when }
}
