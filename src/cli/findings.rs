//! Findings as people, programs and GitHub read them.

use crate::{
    cli::{Exit, Failure, Page, table::Tone},
    domain::{
        compose::{Finding, Fix, Place, Severity, Source, codes::Code},
        names::StackName,
        text::{brief, count::counted, elide::width, escape},
    },
    jobs::source::Sources,
};
use serde::Serialize;
use serde_json::Value;
use std::{collections::BTreeSet, io, sync::Arc};

/// What was found, and in which files.
pub struct Report<'a> {
    pub findings: &'a [Finding],
    /// What places call the files.
    pub names: &'a [Arc<str>],
    /// The stack files, as places count them.
    pub files: &'a [Source],
}

#[derive(Serialize)]
struct Row<'a> {
    code: &'static str,
    severity: &'static str,
    file: &'a str,
    line: usize,
    column: usize,
    message: &'a str,
    why: &'static str,
    hint: Option<&'a str>,
    also: Option<Also<'a>>,
    fix: Option<Change<'a>>,
}

#[derive(Serialize)]
struct Also<'a> {
    file: &'a str,
    line: usize,
    column: usize,
    what: &'static str,
}

/// Bytes of the file to replace.
#[derive(Serialize)]
struct Change<'a> {
    file: &'a str,
    start: usize,
    end: usize,
    text: &'a str,
}

/// Returns findings for scripts.
pub fn rows<'a>(findings: &'a [Finding], names: &'a [Arc<str>]) -> impl Serialize + use<'a> {
    let report = Report { findings, names, files: &[] };
    findings.iter().map(|it| report.row(it)).collect::<Vec<Row<'a>>>()
}

impl Failure {
    /// Adds what is wrong with the files of a stack, where programs read it.
    #[must_use]
    pub fn because_of(self, sources: &Sources, stack: &StackName, json: bool) -> Self {
        if !json || self.exit != Exit::Failed {
            return self;
        }
        let understood = sources.understand(stack);
        self.with(&understood.findings, &understood.names)
    }

    /// Adds those findings that are errors.
    #[must_use]
    pub fn with(self, findings: &[Finding], names: &[Arc<str>]) -> Self {
        let report = Report { findings, names, files: &[] };
        let errors = findings.iter().filter(|it| it.severity() == Severity::Error);
        let findings: Vec<Value> =
            errors.filter_map(|it| serde_json::to_value(report.row(it)).ok()).collect();
        let code = if findings.is_empty() { self.code } else { "bad-files" };
        Self { code, findings, ..self }
    }
}

/// Returns `error[code]`.
pub fn head(code: &Code, colors: bool) -> String {
    let tone = match code.severity {
        _ if !colors => Tone::Plain,
        Severity::Error => Tone::Danger,
        Severity::Warning => Tone::Warn,
        Severity::Advice => Tone::Muted,
    };
    tone.paint(&format!("{}[{}]", code.severity.word(), code.name)).into_owned()
}

impl<'a> Report<'a> {
    /// Prints each finding with its line, and a summary beside.
    pub fn human(&self, page: &mut Page<'_>) -> io::Result<()> {
        let mut explained = BTreeSet::new();
        let texts = self.files.iter().map(|it| str::from_utf8(&it.bytes).unwrap_or_default());
        let texts: Vec<Lines<'_>> = texts.map(Lines::of).collect();
        for finding in self.findings {
            let code = finding.code;
            page.out.drawn(head(code, page.colors).as_bytes())?;
            writeln!(page.out, ": {}", escape::shown(&finding.message))?;
            self.excerpt(page, &texts, finding.place, "")?;
            if let Some((place, what)) = finding.also {
                self.excerpt(page, &texts, place, what)?;
            }
            // Saying why once is enough.
            let first = explained.insert(code.name);
            let gap = " ".repeat(finding.place.line.to_string().len());
            if first {
                writeln!(page.out, " {gap} = why: {}", code.why)?;
            }
            let general = first.then(|| code.remedy.to_owned());
            if let Some(remedy) = self.remedy(finding).or(general) {
                writeln!(page.out, " {gap} = fix: {}", escape::shown(&remedy))?;
            }
            writeln!(page.out)?;
        }
        writeln!(page.remarks, "{}", self.summary())
    }

    pub fn json(&self, page: &mut Page<'_>) -> io::Result<()> {
        let rows: Vec<Row<'_>> = self.findings.iter().map(|it| self.row(it)).collect();
        page.json(&rows)
    }

    /// Prints commands of GitHub's runners, which annotate the lines of a change.
    pub fn github(&self, page: &mut Page<'_>) -> io::Result<()> {
        for finding in self.findings {
            let command = match finding.severity() {
                Severity::Error => "error",
                Severity::Warning => "warning",
                Severity::Advice => "notice",
            };
            let place = finding.place;
            let file = property(self.name(place));
            let at = match place.line {
                0 => String::new(),
                line => format!(",line={line},col={}", place.column),
            };
            let hint = finding.hint.as_ref().map(|it| format!("; {it}")).unwrap_or_default();
            let message = data(&format!("{}{hint}", finding.message));
            let title = finding.code.name;
            writeln!(page.out, "::{command} file={file}{at},title={title}::{message}")?;
        }
        writeln!(page.remarks, "{}", self.summary())
    }

    fn summary(&self) -> String {
        let count = |wanted: Severity, one: &str, many: &str| {
            let found = self.findings.iter().filter(|it| it.severity() == wanted).count();
            counted(found as u64, one, many)
        };
        format!(
            "{}, {}, {}",
            count(Severity::Error, "error", "errors"),
            count(Severity::Warning, "warning", "warnings"),
            count(Severity::Advice, "piece of advice", "pieces of advice")
        )
    }

    fn name(&self, place: Place) -> &'a str {
        self.names.get(place.file).map_or("?", |it| it)
    }

    /// Prints a place and, where the file is at hand, its line with what is meant
    /// underlined.
    fn excerpt(
        &self,
        page: &mut Page<'_>,
        texts: &[Lines<'_>],
        place: Place,
        what: &str,
    ) -> io::Result<()> {
        let name = self.name(place);
        if place.line == 0 {
            return writeln!(page.out, "  --> {}", escape::shown(name));
        }
        writeln!(page.out, "  --> {}:{}:{}", escape::shown(name), place.line, place.column)?;
        let text = texts.get(place.file);
        let Some(line) = text.and_then(|it| it.line(place.line)) else { return Ok(()) };
        let line = line.replace('\t', " ");
        let before: String = line.chars().take(place.column.saturating_sub(1)).collect();
        let meant = text.and_then(|it| it.text.get(place.bytes())).unwrap_or_default();
        let meant = meant.lines().next().unwrap_or_default().trim_end();
        let carets = "^".repeat(width(&escape::shown(meant)).max(1));
        let (number, indent) = (place.line.to_string(), " ".repeat(width(&escape::shown(&before))));
        let gap = " ".repeat(number.len());
        writeln!(page.out, " {gap} |")?;
        writeln!(page.out, " {number} | {}", escape::shown(&line))?;
        writeln!(page.out, "{}", format!(" {gap} | {indent}{carets} {what}").trim_end())
    }

    /// Returns what to do: in words, and as a change of the text.
    fn remedy(&self, finding: &Finding) -> Option<String> {
        let at_hand = |it: &&Fix| it.place.file < self.files.len();
        let change = finding.fix.as_ref().filter(at_hand).map(|it| self.change(it));
        match (&finding.hint, change) {
            (Some(hint), Some(change)) => Some(format!("{hint}; {change}")),
            (Some(hint), None) => Some(hint.clone()),
            (None, change) => change,
        }
    }

    fn change(&self, fix: &Fix) -> String {
        let file = self.files.get(fix.place.file);
        let old = file.and_then(|it| str::from_utf8(it.bytes.get(fix.place.bytes())?).ok());
        let old = old.unwrap_or_default();
        let shown = |text: &str| {
            let mut lines = text.trim().lines();
            let first = lines.next().unwrap_or_default();
            if lines.next().is_some() { format!("`{first} …`") } else { format!("`{first}`") }
        };
        match (old.is_empty(), fix.text.is_empty()) {
            (true, _) => {
                format!("add `{}`", fix.text.trim_end_matches([',', ' ', '-', '\r', '\n']))
            }
            (false, true) => format!("remove {}", shown(old)),
            (false, false) => {
                let (old, new) = brief::apart(old, &fix.text);
                format!("write {new} for {old}")
            }
        }
    }

    fn row(&self, finding: &'a Finding) -> Row<'a> {
        let place = finding.place;
        Row {
            code: finding.code.name,
            severity: finding.severity().word(),
            file: self.name(place),
            line: place.line,
            column: place.column,
            message: &finding.message,
            why: finding.code.why,
            hint: finding.hint.as_deref(),
            also: finding.also.map(|(place, what)| Also {
                file: self.name(place),
                line: place.line,
                column: place.column,
                what,
            }),
            fix: finding.fix.as_ref().map(|it| Change {
                file: self.name(it.place),
                start: it.place.start,
                end: it.place.end,
                text: &it.text,
            }),
        }
    }
}

/// A text whose lines are found without reading it again.
struct Lines<'a> {
    text: &'a str,
    /// Where each line begins.
    starts: Vec<usize>,
}

impl<'a> Lines<'a> {
    fn of(text: &'a str) -> Self {
        let behind = text.match_indices('\n').map(|it| it.0 + 1);
        Self { text, starts: [0].into_iter().chain(behind).collect() }
    }

    /// Returns a line, from 1.
    fn line(&self, number: usize) -> Option<&'a str> {
        let start = *self.starts.get(number.checked_sub(1)?)?;
        self.text.get(start..)?.lines().next()
    }
}

/// Escapes what would end a message of GitHub's commands.
fn data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

/// Escapes what would end a property, too.
fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_cannot_end_its_command() {
        assert_eq!(data("50%\nof a:b,c"), "50%25%0Aof a:b,c");
        assert_eq!(property("C:\\a,b"), "C%3A\\a%2Cb");
    }
}
