//! `skep check`: lists errors and risks of stack files.

use crate::{
    cli::{
        CommandOutput, Desk, Exit, Failure, Run,
        compose::ComposeFiles,
        findings::{self, FindingsReport},
        table::{Cell, CellTone, Column},
    },
    domain::{
        compose::{
            Finding, Severity,
            codes::{self, Code},
        },
        text::nearest::nearest,
    },
    jobs::{cluster_facts::facts, deploy::look_around},
};
use async_trait::async_trait;
use clap::{Args, ValueEnum};
use serde::Serialize;

/// Check compose files: list every error and every risk
#[derive(Debug, Args)]
pub struct Check {
    #[command(flatten)]
    files: ComposeFiles,
    /// How to print findings; `github` prints annotations for GitHub Actions
    #[arg(long, value_name = "FORMAT", default_value = "human")]
    format: Format,
    /// Fail on warnings too
    #[arg(long)]
    strict: bool,
    /// Check against the cluster too: nodes, ports, networks, secrets, configs
    #[arg(long)]
    cluster: bool,
    /// Explain a code, or list all of them
    #[arg(long, value_name = "CODE", num_args = 0..=1, default_missing_value = "")]
    explain: Option<String>,
    /// The stack of a project to check; with files, the name that they would have in the swarm
    stack: Option<String>,
}

/// What files are called in the swarm of which nobody says it.
const NAMELESS: &str = "stack";

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    Human,
    Json,
    Github,
}

#[async_trait]
impl Run for Check {
    async fn run(&self, desk: &Desk, page: &mut CommandOutput<'_>) -> Result<Exit, Failure> {
        if let Some(code) = &self.explain {
            return explain(code, page);
        }
        let word = match &self.stack {
            Some(stack) => stack.as_str(),
            None if self.files.are_named() => NAMELESS,
            None => {
                let hint = "write `-c FILE`, or name a stack of a project".to_owned();
                return Err(Failure::usage("no file is named", Some(hint)));
            }
        };
        let (stack, sources) = self.files.of(desk, word)?;
        let facts = if self.cluster { Some(facts(desk.engine()?).await?) } else { None };
        let mut understood = sources.understand_in(&stack, facts.as_ref());
        if let Some(desired) = understood.desired.as_ref().filter(|_| self.cluster) {
            let found = look_around(desk.engine()?, &stack, desired).await?;
            // Some of it the checks of the files have told, and at a better place.
            let told = |it: &Finding, all: &[Finding]| {
                all.iter().any(|told| told.code == it.code && told.message == it.message)
            };
            let new: Vec<Finding> =
                found.into_iter().filter(|it| !told(it, &understood.findings)).collect();
            understood.findings.extend(new);
        }
        let report = FindingsReport {
            findings: &understood.findings,
            names: &understood.names,
            files: &sources.files,
        };
        match self.format {
            Format::Human if !page.json => report.human(page)?,
            Format::Github => report.github(page)?,
            Format::Human | Format::Json => report.json(page)?,
        }
        let bound = if self.strict { Severity::Warning } else { Severity::Error };
        let bad = understood.findings.iter().any(|it| it.severity() >= bound);
        Ok(if bad { Exit::Failed } else { Exit::Done })
    }
}

#[derive(Serialize)]
struct Explained {
    code: &'static str,
    severity: &'static str,
    title: &'static str,
    why: &'static str,
    remedy: &'static str,
    source: &'static str,
}

const COLUMNS: &[Column<Explained>] = &[
    Column::left("CODE", |it| it.code.into()),
    Column::left("SEVERITY", |it| Cell::toned(it.severity, tone_of(it.severity))),
    Column::left("WHAT", |it| it.title.into()),
];

fn tone_of(word: &str) -> CellTone {
    match word {
        "error" => CellTone::Danger,
        "warning" => CellTone::Warn,
        _ => CellTone::Muted,
    }
}

fn explain(name: &str, page: &mut CommandOutput<'_>) -> Result<Exit, Failure> {
    if name.is_empty() {
        let rows: Vec<Explained> = codes::all().map(explained).collect();
        page.rows(COLUMNS, &rows)?;
        return Ok(Exit::Done);
    }
    let Some(code) = codes::find(name) else {
        let meant = nearest(name, codes::all().map(|it| it.name));
        let hint = meant.map_or_else(
            || "`skep check --explain` lists all codes".to_owned(),
            |it| format!("did you mean `{it}`?"),
        );
        return Err(Failure::usage(format!("there is no code `{name}`"), Some(hint)));
    };
    let told = explained(code);
    if page.json {
        page.json(&told)?;
        return Ok(Exit::Done);
    }
    page.out.drawn(findings::head(code, page.colors).as_bytes())?;
    writeln!(page.out, ": {}\n", told.title)?;
    writeln!(page.out, "{}\n\n{}", told.why, told.remedy)?;
    if !told.source.is_empty() {
        writeln!(page.out, "\nBased on: {}", told.source)?;
    }
    Ok(Exit::Done)
}

fn explained(code: &'static Code) -> Explained {
    Explained {
        code: code.name,
        severity: code.severity.word(),
        title: code.title,
        why: code.why,
        remedy: code.remedy,
        source: code.source,
    }
}
