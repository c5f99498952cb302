//! `skep drafts`: lists unsaved and discarded texts of the editor.

use crate::{
    cli::{
        CommandOutput, Desk, Exit, Failure, Run, number,
        table::{Cell, CellTone, Column},
    },
    domain::{
        project::draft::Draft,
        text::{age::age, count::counted},
    },
};
use async_trait::async_trait;
use clap::Args;
use serde::Serialize;

/// List unsaved texts of the editor, and those discarded in the last week
#[derive(Debug, Args)]
pub struct Drafts {
    /// Print the text with this number of the list
    #[arg(value_name = "NUMBER", value_parser = number::listed)]
    number: Option<usize>,
}

#[derive(Debug, Serialize)]
struct Row {
    number: usize,
    document: String,
    #[serde(flatten)]
    draft: Draft,
    #[serde(skip)]
    age: String,
}

const COLUMNS: &[Column<Row>] = &[
    Column::right("NUMBER", |it| it.number.to_string().into()),
    Column::left("STATE", |it| match it.draft.discarded {
        true => "discarded".into(),
        false => Cell::toned("not saved", CellTone::Danger),
    }),
    Column::left("AGO", |it| it.age.as_str().into()),
    Column::left("SIZE", |it| {
        counted(it.draft.text.lines().count() as u64, "line", "lines").into()
    }),
    Column::left("OF", |it| it.document.as_str().into()),
];

#[async_trait]
impl Run for Drafts {
    async fn run(&self, desk: &Desk, page: &mut CommandOutput<'_>) -> Result<Exit, Failure> {
        let drafts = desk.store()?.drafts(desk.now)?;
        let row = |(index, (document, draft)): (usize, (String, Draft))| Row {
            number: index + 1,
            document,
            age: age(draft.at, desk.now),
            draft,
        };
        let rows: Vec<Row> = drafts.into_iter().enumerate().map(row).collect();
        let Some(number) = self.number else {
            page.rows_or(
                COLUMNS,
                &rows,
                "there is no unsaved text, and nothing was discarded in the last week",
            )?;
            return Ok(Exit::Done);
        };
        let found = rows.iter().find(|it| it.number == number);
        let found = found.ok_or_else(|| {
            let what = format!("there is no text {number}");
            Failure::new(what, Some("`skep drafts` lists them".to_owned()))
        })?;
        page.exact(found.draft.text.as_bytes())?;
        Ok(Exit::Done)
    }
}
