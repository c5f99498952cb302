//! Import of Docker Compose files: converts them into stack files, reports what cannot work in
//! a swarm, and keeps every other byte.

mod tree;
mod layout;
mod surgery;
mod report;
mod dropped;
mod service;
mod resources;
mod deploy;
mod reach;
mod storage;
mod top;
mod variables;
mod rest;
mod moved;

pub use moved::{Moved, moved};
pub use report::{ImportOutcome, Note};

use crate::domain::compose::{
    codes, edit,
    finding::{Finding, Findings, Fix},
    place::Place,
    schema::{self, FileVersion},
    yaml::{self, MapEntry, YamlNode},
};
use report::ImportReport;
use std::collections::BTreeSet;
use surgery::Surgery;

/// How a project is to be taken over.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// Its name, where the file gives none.
    pub project: String,
    /// Whether services that belong to a profile are left out.
    pub without_profiles: bool,
}

/// What came of a project.
#[derive(Debug, Clone, PartialEq)]
pub struct Imported {
    /// The stack file.
    pub text: String,
    /// What became of the file, by place: all else is as it was.
    pub fixes: Vec<Fix>,
    /// What is said about it, by place.
    pub notes: Vec<Note>,
    /// Variables without a default: Compose has them from `.env`, which a stack does not
    /// read.
    pub variables: BTreeSet<String>,
}

/// Takes over a compose file, or says why it cannot be read.
pub fn import(text: &str, options: &Options) -> Result<Imported, Vec<Finding>> {
    let mut findings = Findings::default();
    let root = yaml::parse(0, text.as_bytes(), &mut findings);
    let Some(root) = root.filter(|it| it.is_map() && !findings.any_error()) else {
        if !findings.any_error() {
            let message = "top-level object must be a mapping";
            findings.say(&codes::TOP_LEVEL, Place::whole(0), message);
        }
        return Err(findings.sorted());
    };
    let kept = convert(text, &root, options, false);
    let fits = kept.version_fits();
    Ok(if fits { kept } else { convert(text, &root, options, true) })
}

fn convert(text: &str, root: &YamlNode, options: &Options, without_version: bool) -> Imported {
    let mut import = Import {
        root,
        options,
        surgery: Surgery::new(text, root),
        report: ImportReport::default(),
    };
    let refused = import.refused(text);
    let requoted = import.requote(&refused);
    import.top(without_version);
    import.services();
    import.tell(requoted);
    import.rest(&refused);
    variables::check(import.root, &mut import.report);
    let fixes = import.surgery.fixes();
    let mut result = text.to_owned();
    for fix in fixes.iter().rev() {
        result = edit::apply(&result, fix).unwrap_or(result);
    }
    let variables = variables::wanted(&result);
    Imported { text: result, fixes, notes: import.report.sorted(), variables }
}

impl Imported {
    /// Tells whether all that the file says is known to the version it names.
    fn version_fits(&self) -> bool {
        let mut findings = Findings::default();
        let Some(root) = yaml::parse(0, self.text.as_bytes(), &mut findings) else { return true };
        if root.get("version").is_none() {
            return true;
        }
        let Some(version) = schema::version_of(&root, &mut findings) else { return false };
        let mut newest = Findings::default();
        schema::check(&root, version, &self.text, &mut findings);
        schema::check(&root, FileVersion::NEWEST, &self.text, &mut newest);
        findings.sorted().len() <= newest.sorted().len()
    }
}

/// A project on its way.
struct Import<'a> {
    root: &'a YamlNode,
    options: &'a Options,
    surgery: Surgery<'a>,
    report: ImportReport,
}

/// What a part of the import works on: an entry of a service, or of an object.
#[derive(Clone, Copy)]
struct Subject<'a> {
    /// As `web` or `network back`; empty for the file.
    name: &'a str,
    node: &'a YamlNode,
}

impl Import<'_> {
    /// Takes an entry out, and says that it has become something else.
    fn becomes(&mut self, subject: Subject<'_>, entry: &MapEntry, to: &str, why: &str) {
        self.surgery.remove(entry);
        self.changed(subject, entry, to, why);
    }

    fn changed(&mut self, subject: Subject<'_>, entry: &MapEntry, to: &str, why: &str) {
        let what = self.shown(entry);
        self.report.changed(entry.key.place, subject.name, &what, to, why);
    }

    /// Takes an entry out that has no effect in a swarm.
    fn ignored(&mut self, subject: Subject<'_>, entry: &MapEntry, why: &str) {
        self.surgery.remove(entry);
        let what = self.shown(entry);
        self.report.ignored(entry.key.place, subject.name, &what, why);
    }

    /// Takes an entry out that a swarm has nothing for.
    fn cannot(&mut self, subject: Subject<'_>, entry: &MapEntry, why: &str, instead: &str) {
        self.surgery.remove(entry);
        let what = self.shown(entry);
        self.report.cannot(entry.key.place, subject.name, &what, why, instead);
    }

    /// Returns an entry in one line, cut where it is longer.
    fn shown(&self, entry: &MapEntry) -> String {
        let key = &entry.key.value;
        if entry.value.is_map() || !entry.value.items().is_empty() {
            return key.to_string();
        }
        let value = self.surgery.raw(entry.value.place);
        let first = value.lines().next().unwrap_or_default().trim_end();
        let cut = if first.len() < value.trim_end().len() { " …" } else { "" };
        format!("{key}: {first}{cut}").trim_end().to_owned()
    }
}
