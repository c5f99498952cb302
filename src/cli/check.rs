//! `skep check`: everything that is wrong with a stack file, without an engine.

use crate::{
    cli::{Desk, Exit, Failure, Page, Run, compose::ComposeFiles},
    domain::{
        compose::{Finding, Severity},
        names::StackName,
        text::count::plural,
    },
    jobs::source::Understood,
};
use async_trait::async_trait;
use clap::Args;
use serde::Serialize;

/// Say everything that is wrong with compose files
#[derive(Debug, Args)]
pub struct Check {
    #[command(flatten)]
    files: ComposeFiles,
}

#[derive(Debug, Serialize)]
struct Row {
    code: &'static str,
    severity: &'static str,
    file: String,
    line: usize,
    column: usize,
    message: String,
    hint: Option<String>,
}

#[async_trait]
impl Run for Check {
    async fn run(&self, _: &Desk, page: &mut Page<'_>) -> Result<Exit, Failure> {
        let sources = self.files.read()?;
        let stack: StackName = "stack".parse().map_err(|_| Failure::new("bug: bad name", None))?;
        let understood = sources.understand(&stack);
        let errors = understood.errors().count();
        if page.json {
            let rows: Vec<Row> =
                understood.findings.iter().map(|it| row(it, &understood)).collect();
            page.json(&rows)?;
        } else {
            for finding in &understood.findings {
                writeln!(page.out, "{}: {}", word(finding.severity()), understood.line(finding))?;
            }
            let rest = understood.findings.len() - errors;
            let end = format!(
                "{}, {}",
                plural(errors as u64, "error"),
                plural(rest as u64, "other finding")
            );
            writeln!(page.remarks, "{end}")?;
        }
        Ok(if errors > 0 { Exit::Failed } else { Exit::Done })
    }
}

fn row(finding: &Finding, understood: &Understood) -> Row {
    Row {
        code: finding.code.name,
        severity: word(finding.severity()),
        file: understood.names.get(finding.place.file).map(ToString::to_string).unwrap_or_default(),
        line: finding.place.line,
        column: finding.place.column,
        message: finding.message.clone(),
        hint: finding.hint.clone(),
    }
}

fn word(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Advice => "advice",
    }
}
