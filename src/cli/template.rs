//! `skep template`: lists templates, and makes stack files from them.

use crate::{
    cli::{CommandOutput, Desk, Exit, Failure, Run, file, table::Column},
    domain::{
        compose::template::{Parameter, Problem, Template as Of},
        text::{nearest::nearest, path::ShownPath},
    },
    projects::templates::{TemplateFile, Templates},
};
use async_trait::async_trait;
use clap::{Args, Subcommand};
use serde::Serialize;
use serde_json::json;
use std::{collections::BTreeMap, path::PathBuf};

/// Make compose files from templates
///
/// Your own templates are files in the folder `templates` beside your settings: two YAML
/// documents, the first with name, description and parameters, the second the compose
/// file with `((parameter))` where a value belongs.
#[derive(Debug, Args)]
pub struct Template {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// List the templates there are
    List,
    /// Show a template and its parameters
    Show {
        /// The template, as `skep template list` names it
        #[arg(value_name = "TEMPLATE")]
        name: String,
    },
    /// Fill in a template
    Render(Render),
}

#[derive(Debug, Args)]
struct Render {
    /// The template, as `skep template list` names it
    #[arg(value_name = "TEMPLATE")]
    name: String,
    /// Give a parameter its value; repeatable
    #[arg(long, value_name = "PARAMETER=VALUE", value_parser = assignment)]
    set: Vec<(String, String)>,
    /// Write the compose file here
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
    /// Overwrite an existing file
    #[arg(long, requires = "output")]
    force: bool,
}

/// Understands `PARAMETER=VALUE`.
pub fn assignment(text: &str) -> Result<(String, String), String> {
    let parts = text.split_once('=').filter(|it| !it.0.is_empty());
    let (name, value) = parts.ok_or("write it as PARAMETER=VALUE")?;
    Ok((name.to_owned(), value.to_owned()))
}

#[async_trait]
impl Run for Template {
    async fn run(&self, desk: &Desk, page: &mut CommandOutput<'_>) -> Result<Exit, Failure> {
        let templates = known(desk, page)?;
        match &self.command {
            Command::List => {
                let rows: Vec<Row> = templates.all.iter().map(row).collect();
                page.rows(COLUMNS, &rows)?;
            }
            Command::Show { name } => show(find(&templates, name)?, page)?,
            Command::Render(it) => it.run(find(&templates, &it.name)?, page)?,
        }
        Ok(Exit::Done)
    }
}

#[derive(Serialize)]
struct Row {
    name: String,
    description: String,
    /// `built-in`, or its file.
    from: String,
}

const COLUMNS: &[Column<Row>] = &[
    Column::left("NAME", |it| it.name.as_str().into()),
    Column::left("DESCRIPTION", |it| it.description.as_str().into()),
    Column::left("FROM", |it| it.from.as_str().into()),
];

fn row(known: &TemplateFile) -> Row {
    let path = known.path.as_ref().map(|it| it.display().to_string());
    Row {
        name: known.template.name.clone(),
        description: known.template.description.clone(),
        from: path.unwrap_or_else(|| "built-in".to_owned()),
    }
}

/// Reads the templates there are, and says which files are none.
pub fn known(desk: &Desk, page: &mut CommandOutput<'_>) -> Result<Templates, Failure> {
    let templates = Templates::read(desk.places.templates().as_deref());
    for (path, why) in &templates.broken {
        writeln!(page.remarks, "note: {} is not a template: {why}", path.shown())?;
    }
    Ok(templates)
}

/// Finds a template by its name.
pub fn find<'a>(templates: &'a Templates, name: &str) -> Result<&'a Of, Failure> {
    templates.find(name).map(|it| &it.template).ok_or_else(|| {
        let meant = nearest(name, templates.all.iter().map(|it| it.template.name.as_str()));
        let hint = meant.map_or_else(
            || "`skep template list` lists all".to_owned(),
            |it| format!("did you mean `{it}`?"),
        );
        Failure::new(format!("there is no template `{name}`"), Some(hint))
    })
}

const PARAMETERS: &[Column<Parameter>] = &[
    Column::left("PARAMETER", |it| it.name.as_str().into()),
    Column::left("TYPE", |it| match it.choices.as_slice() {
        [] => it.kind.word().into(),
        choices => choices.join("|").into(),
    }),
    Column::left("DEFAULT", |it| {
        let none = if it.required { "(needed)" } else { "" };
        it.default.as_deref().unwrap_or(none).into()
    }),
    Column::left("WHAT IT IS", |it| it.description.as_str().into()),
];

fn show(template: &Of, page: &mut CommandOutput<'_>) -> Result<(), Failure> {
    if page.json {
        page.json(&json!({
            "name": template.name,
            "description": template.description,
            "parameters": template.parameters,
        }))?;
        return Ok(());
    }
    writeln!(page.out, "{}: {}\n", template.name, template.description)?;
    page.rows(PARAMETERS, &template.parameters)?;
    Ok(())
}

impl Render {
    fn run(&self, template: &Of, page: &mut CommandOutput<'_>) -> Result<(), Failure> {
        let text = filled(template, &self.set)?;
        if let Some(path) = &self.output {
            file::write(path, &text, self.force)?;
            writeln!(page.remarks, "{} is written", path.shown())?;
        }
        if page.json {
            page.json(&json!({ "template": template.name, "text": text, "file": self.output }))?;
        } else if self.output.is_some() {
            return Ok(());
        } else {
            page.exact(text.as_bytes())?;
        }
        Ok(())
    }
}

/// Fills in a template, or says everything that is wrong with the values.
pub fn filled(template: &Of, set: &[(String, String)]) -> Result<String, Failure> {
    let given: BTreeMap<String, String> = set.iter().cloned().collect();
    template.render(&given).map_err(|it| refused(template, &it))
}

fn refused(template: &Of, problems: &[Problem]) -> Failure {
    let said: Vec<String> = problems.iter().map(ToString::to_string).collect();
    let hint = format!("`skep template show {}` lists its parameters", template.name);
    Failure::usage(said.join("\n       "), Some(hint))
}
