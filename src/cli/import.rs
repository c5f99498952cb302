//! `skep import`: converts a Docker Compose file into a stack file.

use crate::{
    cli::{
        CommandOutput, Desk, Exit, Failure, Run,
        compose::{is_stdin, read},
        file,
        findings::FindingsReport,
    },
    domain::{
        compose::import::{ImportOutcome, Imported, Moved, Note, Options, import, moved},
        text::{count::counted, escape},
    },
};
use async_trait::async_trait;
use clap::Args;
use serde::Serialize;
use serde_json::json;
use std::{
    borrow::Cow,
    io,
    path::{Path, PathBuf},
    slice::from_ref,
};

/// Convert a Docker Compose file into a compose file for a stack
///
/// Keys that Swarm spells differently are rewritten, keys that it does not support are removed,
/// and every other byte stays, comments too. The file goes to standard output, the report to
/// standard error. If the file goes to another folder, its relative paths are adapted. The
/// command succeeds even if something cannot work in a swarm; the report names it.
#[derive(Debug, Args)]
pub struct Import {
    #[arg(value_name = "FILE", help = "The compose file, `-` for standard input")]
    file: PathBuf,
    /// Write the new file here
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
    /// Overwrite an existing file
    #[arg(long, requires = "output")]
    force: bool,
    /// Leave out services that belong to a profile
    #[arg(long)]
    without_profiles: bool,
}

#[async_trait]
impl Run for Import {
    async fn run(&self, _: &Desk, page: &mut CommandOutput<'_>) -> Result<Exit, Failure> {
        let source = read(&self.file)?;
        let text = str::from_utf8(&source.bytes).map_err(|_| {
            let hint = Some("save it as UTF-8, and import it again".to_owned());
            Failure::new(format!("cannot read {}: it is no text in UTF-8", source.name), hint)
        })?;
        let options =
            Options { project: project(&self.file), without_profiles: self.without_profiles };
        let imported = match import(text, &options) {
            Ok(imported) => imported,
            Err(findings) if page.json => {
                let what = format!("{} cannot be read as a compose file", source.name);
                return Err(Failure::new(what, None).with(&findings, from_ref(&source.name)));
            }
            Err(findings) => {
                let names = [source.name.clone()];
                FindingsReport { findings: &findings, names: &names, files: &[source] }
                    .human(page)?;
                return Ok(Exit::Failed);
            }
        };
        let moved = self.elsewhere().map(|back| moved(&imported.text, &back));
        let imported = match &moved {
            Some(moved) => Imported { text: moved.text.clone(), ..imported },
            None => imported,
        };
        if let Some(path) = &self.output {
            file::write(path, &imported.text, self.force)?;
        }
        if page.json {
            let rows: Vec<Row<'_>> = imported.notes.iter().map(row).collect();
            page.json(&json!({
                "text": imported.text,
                "report": rows,
                "paths": moved.as_ref().map_or(&Vec::new(), |it| &it.paths),
                "variables": imported.variables,
            }))?;
            return Ok(Exit::Done);
        }
        if self.output.is_none() {
            page.exact(imported.text.as_bytes())?;
        }
        if let Some(moved) = &moved {
            tell_paths(moved, page)?;
        }
        tell(&imported, page)?;
        Ok(Exit::Done)
    }
}

impl Import {
    /// Returns the way from the folder of the new file back to that of the old one, where
    /// these are two.
    fn elsewhere(&self) -> Option<String> {
        let folder = |file: &Path| -> Option<PathBuf> {
            let folder = std::path::absolute(file).ok()?.parent()?.to_owned();
            Some(std::fs::canonicalize(&folder).unwrap_or(folder))
        };
        let output = self.output.as_deref().filter(|_| !is_stdin(&self.file))?;
        let (from, to) = (folder(&self.file)?, folder(output)?);
        let shared = from.components().zip(to.components()).take_while(|it| it.0 == it.1).count();
        let up = to.components().skip(shared).map(|_| "..".to_owned());
        let down = from.components().skip(shared).map(|it| it.as_os_str().to_string_lossy());
        let way: Vec<String> = up.chain(down.map(Cow::into_owned)).collect();
        let way = way.join("/");
        let way = if way.starts_with("..") || way.is_empty() { way } else { format!("./{way}") };
        (from != to).then_some(way)
    }
}

/// Says which paths count from another folder now.
fn tell_paths(moved: &Moved, page: &mut CommandOutput<'_>) -> io::Result<()> {
    if !moved.paths.is_empty() {
        writeln!(page.remarks, "paths, now relative to the folder of the new file:")?;
    }
    for (old, new) in &moved.paths {
        writeln!(page.remarks, "  {}", escape::shown(&format!("{old} → {new}")))?;
    }
    for old in &moved.left {
        let line = format!("warning: `{old}` is now relative to another folder: correct it");
        writeln!(page.remarks, "{}", escape::shown(&line))?;
    }
    Ok(())
}

/// Returns the name that Compose gives a project: that of its folder.
fn project(file: &Path) -> String {
    let full = std::path::absolute(file).unwrap_or_default();
    let folder = full.parent().and_then(Path::file_name).filter(|_| !is_stdin(file));
    folder.map(|it| it.to_string_lossy().into_owned()).unwrap_or_default()
}

const PARTS: [(ImportOutcome, &str); 3] = [
    (ImportOutcome::Cannot, "cannot work in a swarm"),
    (ImportOutcome::Changed, "changed"),
    (ImportOutcome::Ignored, "left out without loss"),
];

/// Says what became of the project, what matters most first.
fn tell(imported: &Imported, page: &mut CommandOutput<'_>) -> io::Result<()> {
    let of = |kind: ImportOutcome| imported.notes.iter().filter(move |it| it.kind == kind);
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
    let (changed, cannot) = (count(ImportOutcome::Changed), count(ImportOutcome::Cannot));
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
