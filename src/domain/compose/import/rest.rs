//! Import: values of the wrong type, and unknown keys.

use crate::domain::compose::{
    finding::{Finding, Findings},
    import::Import,
    place::Place,
    schema::{self, FileVersion},
};

/// A value that is written otherwise.
pub struct Requoted {
    place: Place,
    subject: String,
    what: String,
    to: String,
}

impl Import<'_> {
    /// Returns what the newest format refuses of the file.
    pub fn refused(&self, text: &str) -> Vec<Finding> {
        let mut findings = Findings::default();
        schema::check(self.root, FileVersion::NEWEST, text, &mut findings);
        findings.sorted()
    }

    /// Puts numbers and booleans into quotes, or takes them away, where that is all that
    /// is wrong with them.
    pub fn requote(&mut self, refused: &[Finding]) -> Vec<Requoted> {
        let mut all = Vec::new();
        for finding in refused {
            let raw = self.surgery.raw(finding.place).trim_end();
            let fix = finding.fix.as_ref().map(|it| it.text.clone());
            let Some(text) = fix.or_else(|| bare(raw, &finding.message)) else { continue };
            if self.surgery.entry_at(finding.place).is_some() {
                continue; // a key that somebody mistyped
            }
            let (subject, path) = subject(finding);
            let (what, to) = (format!("{path}: {raw}"), format!("{path}: {text}"));
            self.surgery.write(finding.place, text);
            all.push(Requoted { place: finding.place, subject, what, to });
        }
        all
    }

    /// Says what was written otherwise and is still there.
    pub fn tell(&mut self, requoted: Vec<Requoted>) {
        for it in requoted.into_iter().filter(|it| !self.surgery.is_gone(it.place)) {
            let why = "Swarm takes a value of one kind only";
            self.report.changed(it.place, &it.subject, &it.what, &it.to, why);
        }
    }

    /// Takes out what nothing else was done about, or says what is wrong with it.
    pub fn rest(&mut self, refused: &[Finding]) {
        for finding in refused {
            let place = finding.place;
            let variable = self.surgery.raw(place).contains('$');
            if variable || self.surgery.is_touched(place) {
                continue;
            }
            let (subject, path) = subject(finding);
            let hint = finding.hint.as_deref().unwrap_or_default();
            match self.surgery.entry_at(place) {
                Some(entry) if entry.value.is_null() => {
                    self.surgery.remove(entry);
                    self.report.ignored(place, &subject, &path, "it says nothing");
                }
                Some(entry) if finding.message.ends_with("is not allowed") => {
                    self.surgery.remove(entry);
                    let what = format!("{path}.{}", &*entry.key.value);
                    let what = what.trim_start_matches("(root)").trim_start_matches('.');
                    self.report.cannot(place, &subject, what, "Swarm does not know it", hint);
                }
                _ => {
                    let why = finding.message.split_once(' ').map_or("", |it| it.1);
                    self.report.cannot(place, &subject, &path, why, hint);
                }
            }
        }
    }
}

/// Splits the path of a finding into the service or object, and what of it is meant.
fn subject(finding: &Finding) -> (String, String) {
    let path = finding.message.split(' ').next().unwrap_or_default();
    let mut steps = path.splitn(3, '.');
    let (section, name) = (steps.next().unwrap_or_default(), steps.next().unwrap_or_default());
    let rest = steps.next().unwrap_or_default().to_owned();
    match section {
        "services" => (name.to_owned(), rest),
        _ if name.is_empty() => (String::new(), section.to_owned()),
        "networks" | "volumes" | "secrets" | "configs" => {
            (format!("{} {name}", section.trim_end_matches('s')), rest)
        }
        _ => (String::new(), path.to_owned()),
    }
}

/// Returns a value without its quotes, which Compose does not mind.
fn bare(raw: &str, message: &str) -> Option<String> {
    let inner = raw.strip_prefix(['"', '\''])?.strip_suffix(['"', '\''])?;
    let flag = message.ends_with("must be a boolean") && matches!(inner, "true" | "false");
    let digits = !inner.is_empty() && inner.bytes().all(|it| it.is_ascii_digit());
    let number = message.ends_with("must be a number") && digits;
    (flag || number).then(|| inner.to_owned())
}
