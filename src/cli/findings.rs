//! Output of findings: as text, as JSON, and as annotations for GitHub.

use crate::{
    cli::{CommandOutput, Exit, Failure, table::CellTone},
    domain::{
        compose::{ComposeFile, Finding, Fix, Place, Severity, codes::Code},
        swarm::names::StackName,
        text::{
            brief,
            count::counted,
            elide::{self, width},
            escape, path,
        },
    },
    projects::Sources,
};
use serde::Serialize;
use serde_json::Value;
use std::{
    collections::{BTreeMap, BTreeSet},
    io,
    sync::Arc,
};

/// So often the same is said in full; the other places are counted.
const SAME: usize = 3;
/// Longer lines are shown in part, so much of it before the place.
const LINE: usize = 158;
const BEFORE: usize = 60;
/// So much is shown of what a fix replaces, and by what.
const FIX: usize = 80;

/// What was found, and in which files.
pub struct FindingsReport<'a> {
    pub findings: &'a [Finding],
    /// What places call the files.
    pub names: &'a [Arc<str>],
    /// The stack files, as places count them.
    pub files: &'a [ComposeFile],
}

/// Where the same is said: how often so far, and in all.
#[derive(Default)]
struct Places {
    seen: usize,
    all: usize,
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
    let report = FindingsReport { findings, names, files: &[] };
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
        let report = FindingsReport { findings, names, files: &[] };
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
        _ if !colors => CellTone::Plain,
        Severity::Error => CellTone::Danger,
        Severity::Warning => CellTone::Warn,
        Severity::Suggestion => CellTone::Muted,
    };
    tone.paint(&format!("{}[{}]", code.severity.word(), code.name)).into_owned()
}

impl<'a> FindingsReport<'a> {
    /// Prints each finding with its line, and a summary beside.
    pub fn human(&self, page: &mut CommandOutput<'_>) -> io::Result<()> {
        let mut explained = BTreeSet::new();
        let mut places = self.places();
        let texts = self.files.iter().map(|it| str::from_utf8(&it.bytes).unwrap_or_default());
        let texts: Vec<Lines<'_>> = texts.map(Lines::of).collect();
        for finding in self.findings {
            let code = finding.code;
            let more = match places.get_mut(&(code.name, finding.message.as_str())) {
                Some(Places { seen, all }) => {
                    *seen += 1;
                    if *seen > SAME {
                        continue;
                    }
                    if *seen == SAME { *all - SAME } else { 0 }
                }
                None => 0,
            };
            page.out.drawn(head(code, page.colors).as_bytes())?;
            writeln!(page.out, ": {}", escape::shown(&finding.message))?;
            self.excerpt(page, &texts, finding.place, "")?;
            if let Some((place, what)) = finding.also {
                self.excerpt(page, &texts, place, what)?;
            }
            // Saying why once is enough.
            let first = explained.insert(code.name);
            let gap = " ".repeat(finding.place.line.to_string().len());
            if more > 0 {
                let places = counted(more as u64, "more place", "more places");
                writeln!(page.out, " {gap} = and {places}")?;
            }
            if first {
                writeln!(page.out, " {gap} = why: {}", code.why)?;
            }
            let general = first.then(|| code.remedy.to_owned());
            if let Some(remedy) = self.remedy(finding).or(general) {
                writeln!(page.out, " {gap} = what to do: {}", escape::shown(&remedy))?;
            }
            writeln!(page.out)?;
        }
        writeln!(page.remarks, "{}", self.summary())
    }

    /// Counts where the same is said.
    fn places(&self) -> BTreeMap<(&'static str, &'a str), Places> {
        let mut all: BTreeMap<_, Places> = BTreeMap::new();
        for finding in self.findings {
            all.entry((finding.code.name, finding.message.as_str())).or_default().all += 1;
        }
        all
    }

    pub fn json(&self, page: &mut CommandOutput<'_>) -> io::Result<()> {
        let rows: Vec<Row<'_>> = self.findings.iter().map(|it| self.row(it)).collect();
        page.json(&rows)
    }

    /// Prints commands of GitHub's runners, which annotate the lines of a change.
    pub fn github(&self, page: &mut CommandOutput<'_>) -> io::Result<()> {
        for finding in self.findings {
            let command = match finding.severity() {
                Severity::Error => "error",
                Severity::Warning => "warning",
                Severity::Suggestion => "notice",
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
            count(Severity::Suggestion, "suggestion", "suggestions")
        )
    }

    fn name(&self, place: Place) -> &'a str {
        self.names.get(place.file).map_or("?", |it| it)
    }

    /// Prints a place and, where the file is at hand, its line with what is meant
    /// underlined.
    fn excerpt(
        &self,
        page: &mut CommandOutput<'_>,
        texts: &[Lines<'_>],
        place: Place,
        what: &str,
    ) -> io::Result<()> {
        let name = path::name(self.name(place));
        let name = escape::shown(&name);
        if place.line == 0 {
            return writeln!(page.out, "  --> {name}");
        }
        writeln!(page.out, "  --> {name}:{}:{}", place.line, place.column)?;
        let excerpt = texts.get(place.file).and_then(|it| it.around(place));
        let Some(Excerpt { line, indent, length }) = excerpt else { return Ok(()) };
        let number = place.line.to_string();
        let gap = " ".repeat(number.len());
        let (indent, carets) = (" ".repeat(indent), "^".repeat(length.max(1)));
        writeln!(page.out, " {gap} |")?;
        writeln!(page.out, " {number} | {line}")?;
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
            let first = elide::end(lines.next().unwrap_or_default(), FIX);
            if lines.next().is_some() { format!("`{first} …`") } else { format!("`{first}`") }
        };
        match (old.is_empty(), fix.text.is_empty()) {
            (true, _) => {
                format!("add `{}`", fix.text.trim_end_matches([',', ' ', '-', '\r', '\n']))
            }
            (false, true) => format!("remove {}", shown(old)),
            (false, false) => {
                let (old, new) = brief::apart(old, &fix.text);
                format!("replace {old} with {new}")
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

    /// Returns a line, from 1, and where it begins.
    fn line(&self, number: usize) -> Option<(&'a str, usize)> {
        let start = *self.starts.get(number.checked_sub(1)?)?;
        let end = self.starts.get(number).map_or(self.text.len(), |it| it - 1);
        let line = self.text.get(start..end)?;
        Some((line.strip_suffix('\r').unwrap_or(line), start))
    }

    /// Returns what of its line is shown for a place: all, or the part around it. However
    /// long the line is, only that part is read.
    fn around(&self, place: Place) -> Option<Excerpt> {
        let (line, start) = self.line(place.line)?;
        let is_long = line.len() > LINE;
        let byte = place.start.checked_sub(start).filter(|it| line.is_char_boundary(*it));
        let column = || line.char_indices().nth(place.column.saturating_sub(1)).map(|it| it.0);
        let at = if is_long { byte } else { column() };
        let at = at.unwrap_or(line.len());
        let (before, behind) = line.split_at(at);
        let meant = place.end.saturating_sub(place.start);
        let meant = behind.get(..meant).unwrap_or(behind);
        let from = if is_long { from_end(before, BEFORE) } else { before };
        let to = if is_long { from_start(behind, LINE - BEFORE) } else { behind };
        let meant = if meant.len() > to.len() { to } else { meant };
        let cut = |it: bool| if it { elide::ELLIPSIS } else { "" };
        let (left, right) = (cut(from.len() < before.len()), cut(to.len() < behind.len()));
        let shown = |text: &str| escape::shown(&text.replace('\t', " ")).into_owned();
        let head = format!("{left}{}", shown(from));
        Some(Excerpt {
            indent: width(&head),
            length: width(shown(meant).trim_end()),
            line: format!("{left}{}{right}", shown(&format!("{from}{to}"))),
        })
    }
}

/// A part of a line, and how much of it is underlined from where on, in columns.
struct Excerpt {
    line: String,
    indent: usize,
    length: usize,
}

/// Returns the last characters of a text that take so many bytes at most.
fn from_end(text: &str, bytes: usize) -> &str {
    let from = text.len().saturating_sub(bytes);
    let from = (from..=text.len()).find(|it| text.is_char_boundary(*it));
    from.map_or("", |it| &text[it..])
}

/// Returns the first characters of a text that take so many bytes at most.
fn from_start(text: &str, bytes: usize) -> &str {
    let to = (0..=bytes.min(text.len())).rev().find(|it| text.is_char_boundary(*it));
    to.map_or("", |it| &text[..it])
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
