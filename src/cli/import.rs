//! `skep import`: a Docker Compose project as a stack file.

use crate::{
    cli::{
        Desk, Exit, Failure, Page, Run,
        compose::{is_stdin, read},
        file,
        findings::Report,
    },
    domain::{
        compose::import::{Imported, Kind, Note, Options, import},
        text::{count::counted, escape},
    },
};
use async_trait::async_trait;
use clap::Args;
use serde::Serialize;
use serde_json::json;
use std::{
    io,
    path::{Path, PathBuf},
};

/// Make a compose file for a stack of one for Docker Compose
///
/// What Swarm says otherwise is rewritten, what it cannot do is taken out, and every
/// other byte stays, comments too. The file goes to standard output, and what became of
/// it to standard error.
#[derive(Debug, Args)]
pub struct Import {
    #[arg(value_name = "FILE", help = "The compose file, `-` for standard input")]
    file: PathBuf,
    /// Write the stack's file there
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
    /// Write over a file that is there
    #[arg(long, requires = "output")]
    force: bool,
    /// Leave out services that belong to a profile
    #[arg(long)]
    without_profiles: bool,
}

#[async_trait]
impl Run for Import {
    async fn run(&self, _: &Desk, page: &mut Page<'_>) -> Result<Exit, Failure> {
        let source = read(&self.file)?;
        let text = String::from_utf8_lossy(&source.bytes);
        let options =
            Options { project: project(&self.file), without_profiles: self.without_profiles };
        let imported = match import(&text, &options) {
            Ok(imported) => imported,
            Err(findings) if page.json => {
                let what = format!("{} cannot be read as a compose file", source.name);
                return Err(Failure::new(what, None).with(&findings, &[source.name.clone()]));
            }
            Err(findings) => {
                let names = [source.name.clone()];
                Report { findings: &findings, names: &names, files: &[source] }.human(page)?;
                return Ok(Exit::Failed);
            }
        };
        if let Some(path) = &self.output {
            file::write(path, &imported.text, self.force)?;
        }
        if page.json {
            let rows: Vec<Row<'_>> = imported.notes.iter().map(row).collect();
            page.json(&json!({
                "text": imported.text,
                "report": rows,
                "variables": imported.variables,
            }))?;
            return Ok(Exit::Done);
        }
        if self.output.is_none() {
            write!(page.out, "{}", imported.text)?;
        }
        tell(&imported, page)?;
        Ok(Exit::Done)
    }
}

/// Returns the name that Compose gives a project: that of its folder.
fn project(file: &Path) -> String {
    let full = std::path::absolute(file).unwrap_or_default();
    let folder = full.parent().and_then(Path::file_name).filter(|_| !is_stdin(file));
    folder.map(|it| it.to_string_lossy().into_owned()).unwrap_or_default()
}

const PARTS: [(Kind, &str); 3] = [
    (Kind::Cannot, "cannot work in a swarm"),
    (Kind::Changed, "changed"),
    (Kind::Ignored, "left out without loss"),
];

/// Says what became of the project, what matters most first.
fn tell(imported: &Imported, page: &mut Page<'_>) -> io::Result<()> {
    let of = |kind: Kind| imported.notes.iter().filter(move |it| it.kind == kind);
    for (kind, title) in PARTS {
        if of(kind).next().is_none() {
            continue;
        }
        writeln!(page.remarks, "{title}:")?;
        for note in of(kind) {
            writeln!(page.remarks, "  {}", line(note))?;
            if !note.why.is_empty() {
                writeln!(page.remarks, "      why: {}", escape::shown(&note.why))?;
            }
            if !note.instead.is_empty() {
                writeln!(page.remarks, "      do: {}", escape::shown(&note.instead))?;
            }
        }
    }
    if !imported.variables.is_empty() {
        let names: Vec<&str> = imported.variables.iter().map(String::as_str).collect();
        writeln!(
            page.remarks,
            "variables to set where you deploy: {}",
            escape::shown(&names.join(", "))
        )?;
    }
    let count = |kind| of(kind).count() as u64;
    let (changed, cannot) = (count(Kind::Changed), count(Kind::Cannot));
    let changes = counted(changed, "change", "changes");
    let lost = counted(cannot, "thing that cannot work", "things that cannot work");
    writeln!(page.remarks, "{changes}, {lost}; `skep check` says more about the result")
}

fn line(note: &Note) -> String {
    let subject = match note.subject.as_str() {
        "" => String::new(),
        subject => format!("{subject}: "),
    };
    let to = match note.to.as_str() {
        "" => String::new(),
        to => format!(" → {to}"),
    };
    escape::shown(&format!("line {}: {subject}{}{to}", note.place.line, note.what)).into_owned()
}

#[derive(Serialize)]
struct Row<'a> {
    kind: &'static str,
    line: usize,
    column: usize,
    subject: &'a str,
    what: &'a str,
    to: &'a str,
    why: &'a str,
    instead: &'a str,
}

fn row(note: &Note) -> Row<'_> {
    Row {
        kind: note.kind.word(),
        line: note.place.line,
        column: note.place.column,
        subject: &note.subject,
        what: &note.what,
        to: &note.to,
        why: &note.why,
        instead: &note.instead,
    }
}
