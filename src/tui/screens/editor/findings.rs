//! Findings in the editor, and their places in the text.

use crate::{
    domain::{
        compose::{Fix, Severity, codes},
        text::{brief, count::counted},
    },
    tui::{
        document::Remark,
        screens::editor::writing::{Change, Text, Writing},
    },
};
use std::{cmp::Reverse, ops::Range};

/// Why nothing is fixed while one types.
const UNSEEN: &str = "this text is not checked yet: try again";

/// What the checker said last.
#[derive(Debug, Default)]
pub struct Findings {
    pub remarks: Vec<Remark>,
    /// The version of the text that they are about.
    pub checked: u64,
}

impl Findings {
    pub fn count(&self, severity: Severity) -> usize {
        self.remarks.iter().filter(|it| it.severity == severity).count()
    }

    /// Says how many there are of each kind.
    pub fn counts(&self) -> Vec<String> {
        let count = |severity, one, many| match self.count(severity) {
            0 => None,
            count => Some(counted(count as u64, one, many)),
        };
        let counts = [
            count(Severity::Error, "error", "errors"),
            count(Severity::Warning, "warning", "warnings"),
            count(Severity::Suggestion, "suggestion", "suggestions"),
        ];
        counts.into_iter().flatten().collect()
    }

    /// Returns the worst that is said about a line.
    pub fn worst_of(&self, text: &Text, line: usize) -> Option<Severity> {
        let here = self.remarks.iter().filter(|it| it.line(text) == line);
        here.map(|it| it.severity).max()
    }

    /// Returns what of a line is meant by remarks.
    pub fn faults_of(&self, text: &Text, line: usize) -> Vec<Range<usize>> {
        let (start, end) = (text.start(line), text.end(line));
        let loud = self.remarks.iter().filter(|it| it.severity >= Severity::Warning);
        // Only what begins here: what goes on for many lines says nothing underlined.
        let here = loud.filter_map(|it| it.place).filter(|it| (start..=end).contains(&it.0));
        here.map(|(from, to)| from..to.min(end)).collect()
    }

    /// Returns the remarks of the line of the cursor, those under it first, and then the
    /// worst; those about the whole text where there are none. What is selected in the
    /// list is what one looks at.
    pub fn here(&self, writing: &Writing, selected: Option<usize>) -> Vec<&Remark> {
        let (line, at) = (writing.line(), writing.at());
        let under = |it: &Remark| it.place.is_some_and(|it| it.0 <= at && at <= it.1);
        let of_line = |it: &&Remark| it.place.is_some() && it.line(writing.text()) == line;
        let mut here: Vec<&Remark> = self.remarks.iter().filter(of_line).collect();
        here.sort_by_key(|it| Reverse((under(it), it.severity)));
        if here.is_empty() {
            here.extend(self.remarks.iter().filter(|it| it.place.is_none()));
        }
        let listed = self.listed();
        let selected = selected.and_then(|it| listed.get(it));
        if let Some(at) =
            here.iter().position(|it| selected.is_some_and(|that| std::ptr::eq(*it, *that)))
        {
            here.swap(0, at);
        }
        here
    }

    /// Keeps remarks beside their text until the checker has seen the new one.
    pub fn shift(&mut self, from: usize, grown: isize) {
        for place in self.remarks.iter_mut().filter_map(|it| it.place.as_mut()) {
            let shifted =
                |at: usize| if at > from { at.saturating_add_signed(grown).max(from) } else { at };
            *place = (shifted(place.0), shifted(place.1));
        }
    }

    /// Returns all remarks in the order of their places.
    pub fn listed(&self) -> Vec<&Remark> {
        let mut listed: Vec<&Remark> = self.remarks.iter().collect();
        listed.sort_by_key(|it| (it.at(), Reverse(it.severity)));
        listed
    }

    /// Returns which of them the cursor is at.
    pub fn listed_here(&self, writing: &Writing, selected: Option<usize>) -> Option<usize> {
        let here = *self.here(writing, selected).first()?;
        self.listed().iter().position(|it| std::ptr::eq(*it, here))
    }

    /// Returns a row of the list, the last one where it has fewer, and where it leads.
    pub fn row(&self, row: usize) -> Option<(usize, usize)> {
        let listed = self.listed();
        let row = row.min(listed.len().checked_sub(1)?);
        Some((row, listed[row].at()))
    }

    /// Returns what fixes the remark under the cursor, its own bytes only; or says why
    /// nothing does.
    pub fn fix(
        &self,
        version: u64,
        writing: &Writing,
        selected: Option<usize>,
    ) -> Result<Change, &'static str> {
        if self.checked != version {
            return Err(UNSEEN);
        }
        let here = self.here(writing, selected);
        let Some(fix) = here.iter().find_map(|it| it.fix.clone()) else {
            return Err(match here.is_empty() {
                false => "skep does not know how to fix this",
                true => "nothing was found in this line",
            });
        };
        Ok(Change::new(fix.place.bytes(), fix.text))
    }

    /// Returns all fixes that do not touch each other.
    pub fn fix_all(&self, version: u64) -> Result<Vec<Change>, &'static str> {
        if self.checked != version {
            return Err(UNSEEN);
        }
        let mut fixes: Vec<Fix> = self.remarks.iter().filter_map(|it| it.fix.clone()).collect();
        fixes.sort_by_key(|it| it.place);
        let mut changes: Vec<Change> = Vec::new();
        for Fix { place, text } in fixes {
            let end = changes.last().map_or(0, |it| it.range.end);
            let apart = place.start > end || changes.is_empty();
            if apart {
                changes.push(Change::new(place.bytes(), text));
            }
        }
        match changes.is_empty() {
            true => Err("skep does not know how to fix any of this"),
            false => Ok(changes),
        }
    }

    /// Returns where the next remark is, around the end.
    pub fn next(&self, here: usize, forward: bool) -> Option<usize> {
        let mut places: Vec<usize> = self.remarks.iter().map(Remark::at).collect();
        places.sort_unstable();
        let next = match forward {
            true => places.iter().find(|it| **it > here).or(places.first()),
            false => places.iter().rev().find(|it| **it < here).or(places.last()),
        };
        next.copied()
    }

    /// Says why a text cannot be deployed, where it was checked. What the cluster lacks
    /// depends on the name of the stack: the plan knows it.
    pub fn refusal(&self, version: u64) -> Option<String> {
        if self.checked != version {
            return None;
        }
        let own = self.remarks.iter().filter(|it| !it.is_about_cluster());
        let errors: Vec<_> = own.filter(|it| it.severity == Severity::Error).collect();
        let first = errors.first()?.full();
        let errors = counted(errors.len() as u64, "error", "errors");
        Some(format!("{errors} to fix: {first}"))
    }
}

impl Remark {
    /// Returns all there is to say.
    pub(super) fn full(&self) -> String {
        let hint = self.hint.as_ref().map(|it| format!("; {it}")).unwrap_or_default();
        format!("{}{hint}", self.message)
    }

    /// Returns its line; the first one for those about the whole text.
    pub(super) fn line(&self, text: &Text) -> usize {
        self.place.map_or(0, |it| text.line_of(it.0))
    }

    /// Says what fixing it would do to the text.
    pub(super) fn what_fixing_does(&self, text: &Text) -> Option<String> {
        let fix = self.fix.as_ref()?;
        let old = text.as_str().get(fix.place.bytes())?;
        let brief = |text: &str| {
            let mut lines = text.trim().lines();
            let first = lines.next().unwrap_or_default().trim_end();
            let more = if lines.next().is_some() { " …" } else { "" };
            format!("`{first}{more}`")
        };
        Some(match (old.trim().is_empty(), fix.text.trim().is_empty()) {
            (true, _) => format!("add {}", brief(&fix.text)),
            (false, true) => format!("remove {}", brief(old)),
            (false, false) => {
                let (old, new) = brief::apart(old, &fix.text);
                format!("{old} becomes {new}")
            }
        })
    }

    /// Tells whether it depends on what the cluster has already.
    fn is_about_cluster(&self) -> bool {
        [codes::PORT_HELD.name, codes::EXTERNAL_MISSING.name].contains(&self.code)
    }

    fn at(&self) -> usize {
        self.place.map_or(0, |it| it.0)
    }
}
