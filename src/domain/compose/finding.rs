//! Findings: errors, warnings and suggestions with their places.

use crate::domain::{
    compose::{
        codes::{Code, Severity},
        place::Place,
    },
    text::{elide, path},
};
use std::{collections::BTreeMap, sync::Arc};

/// One thing that is wrong, or may be.
#[derive(Debug, Clone, PartialEq)]
pub struct Finding {
    pub code: &'static Code,
    /// One sentence, lower case, no period.
    pub message: String,
    pub place: Place,
    /// A second place that matters, and what it is.
    pub also: Option<(Place, &'static str)>,
    /// What to do about it.
    pub hint: Option<String>,
    /// A change of the text that settles it.
    pub fix: Option<Fix>,
    /// A part of what stands there, and what to write instead: becomes a fix where it
    /// stands in the file as it is ([`crate::domain::compose::fixes`]).
    pub instead: Option<(String, String)>,
}

/// Text to put in the place of other text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fix {
    pub place: Place,
    pub text: String,
}

impl Finding {
    pub fn new(code: &'static Code, place: Place, message: impl Into<String>) -> Self {
        Self {
            code,
            message: message.into(),
            place,
            also: None,
            hint: None,
            fix: None,
            instead: None,
        }
    }

    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    #[must_use]
    pub fn also(mut self, place: Place, what: &'static str) -> Self {
        self.also = Some((place, what));
        self
    }

    #[must_use]
    pub fn fix(mut self, place: Place, text: impl Into<String>) -> Self {
        self.fix = Some(Fix { place, text: text.into() });
        self
    }

    /// Asks to write something for a part of what stands at its place.
    #[must_use]
    pub fn instead(mut self, part: impl Into<String>, other: impl Into<String>) -> Self {
        self.instead = Some((part.into(), other.into()));
        self
    }

    pub fn severity(&self) -> Severity {
        self.code.severity
    }

    /// Says where it is and what it says, as `web.yml:3:5: …`; `files` are the names of
    /// the files, none where there are none.
    pub fn line(&self, files: &[Arc<str>]) -> String {
        let hint = self.hint.as_ref().map(|it| format!("; {it}")).unwrap_or_default();
        let said = format!("{}{hint}", self.message);
        let name = path::name(files.get(self.place.file).map_or("?", |it| it));
        match self.place.line {
            _ if files.is_empty() => said,
            0 => format!("{name}: {said}"),
            line => format!("{name}:{line}:{}: {said}", self.place.column),
        }
    }
}

/// Nobody reads more of a sentence; what it quotes may be a whole file.
const LONGEST: usize = 1000;

fn shorten(text: &mut String) {
    if text.len() > LONGEST {
        *text = elide::end(text, LONGEST).into_owned();
    }
}

/// What was found so far.
#[derive(Debug, Default)]
pub struct Findings {
    all: Vec<Finding>,
    /// Where errors begin, and the furthest of the ends of those that begin there.
    errors: BTreeMap<(usize, usize), usize>,
    /// How many bytes the longest of them has.
    longest: usize,
}

impl Findings {
    pub fn push(&mut self, mut finding: Finding) {
        shorten(&mut finding.message);
        finding.hint.iter_mut().for_each(shorten);
        if finding.severity() == Severity::Error {
            let Place { file, start, end, .. } = finding.place;
            let furthest = self.errors.entry((file, start)).or_insert(end);
            *furthest = end.max(*furthest);
            self.longest = self.longest.max(end.saturating_sub(start));
        }
        self.all.push(finding);
    }

    /// Adds what there is no more to say about than one sentence.
    pub fn say(&mut self, code: &'static Code, place: Place, message: impl Into<String>) {
        self.push(Finding::new(code, place, message));
    }

    pub fn extend(&mut self, more: impl IntoIterator<Item = Finding>) {
        for finding in more {
            self.push(finding);
        }
    }

    /// Puts a text in front of every message that comes up meanwhile.
    pub fn within<T>(&mut self, prefix: &str, work: impl FnOnce(&mut Self) -> T) -> T {
        let before = self.all.len();
        let result = work(self);
        for finding in &mut self.all[before..] {
            finding.message.insert_str(0, prefix);
        }
        result
    }

    pub fn any_error(&self) -> bool {
        !self.errors.is_empty()
    }

    /// Tells whether something is known to be wrong at a place, so that more need
    /// not be said.
    pub fn any_error_at(&self, place: Place) -> bool {
        let from = (place.file, place.start.saturating_sub(self.longest));
        let mut near = self.errors.range(from..=(place.file, place.end));
        near.any(|(&(file, start), &end)| Place { file, start, end, ..place }.overlaps(place))
    }

    /// Returns all in the order of their places, each once.
    ///
    /// What stands behind an anchor is read once for every alias, so the same
    /// finding may come up many times.
    pub fn sorted(mut self) -> Vec<Finding> {
        self.all.sort_by(|a, b| {
            (a.place, a.code.name, &a.message).cmp(&(b.place, b.code.name, &b.message))
        });
        self.all.dedup();
        self.all
    }
}
