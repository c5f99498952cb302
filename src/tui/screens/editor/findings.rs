//! What the checker says, and where that is in the text.

use crate::{
    domain::{
        compose::{Fix, Severity, codes},
        text::{brief, count::counted},
    },
    tui::{
        document::Remark,
        event::{Notice, Request},
        screens::editor::{Editor, panel::Shown, writing::Change},
    },
};
use std::{cmp::Reverse, ops::Range};

/// Why nothing is fixed while one types.
const UNSEEN: &str = "the checker has not seen this text yet: try again";

impl Editor {
    pub(super) fn count(&self, severity: Severity) -> usize {
        self.remarks.iter().filter(|it| it.severity == severity).count()
    }

    /// Returns the line of a remark; the first one for those about the whole text.
    pub(super) fn line_of(&self, remark: &Remark) -> usize {
        remark.place.map_or(0, |it| self.writing.text().line_of(it.0))
    }

    /// Returns the worst that is said about a line.
    pub(super) fn worst_of(&self, line: usize) -> Option<Severity> {
        let here = self.remarks.iter().filter(|it| self.line_of(it) == line);
        here.map(|it| it.severity).max()
    }

    /// Returns what of a line is meant by remarks.
    pub(super) fn faults_of(&self, line: usize) -> Vec<Range<usize>> {
        let text = self.writing.text();
        let (start, end) = (text.start(line), text.end(line));
        let loud = self.remarks.iter().filter(|it| it.severity >= Severity::Warning);
        // Only what begins here: what goes on for many lines says nothing underlined.
        let here = loud.filter_map(|it| it.place).filter(|it| (start..=end).contains(&it.0));
        here.map(|(from, to)| from..to.min(end)).collect()
    }

    /// Returns the remarks of the line of the cursor, those under it first, and then the
    /// worst; those about the whole text where there are none.
    pub(super) fn remarks_here(&self) -> Vec<&Remark> {
        let (line, at) = (self.writing.line(), self.writing.at());
        let under = |it: &Remark| it.place.is_some_and(|it| it.0 <= at && at <= it.1);
        let of_line = |it: &&Remark| it.place.is_some() && self.line_of(it) == line;
        let mut here: Vec<&Remark> = self.remarks.iter().filter(of_line).collect();
        here.sort_by_key(|it| Reverse((under(it), it.severity)));
        if here.is_empty() {
            here.extend(self.remarks.iter().filter(|it| it.place.is_none()));
        }
        // What is selected in the list is what one looks at.
        let listed = self.listed();
        let selected = listed.get(self.panel.row).filter(|_| self.panel.focused);
        if let Some(at) =
            here.iter().position(|it| selected.is_some_and(|that| std::ptr::eq(*it, *that)))
        {
            here.swap(0, at);
        }
        here
    }

    /// Keeps remarks beside their text until the checker has seen the new one.
    pub(super) fn shift_remarks(&mut self, from: usize, grown: isize) {
        for place in self.remarks.iter_mut().filter_map(|it| it.place.as_mut()) {
            let shifted =
                |at: usize| if at > from { at.saturating_add_signed(grown).max(from) } else { at };
            *place = (shifted(place.0), shifted(place.1));
        }
    }

    /// Returns all remarks in the order of their places.
    pub(super) fn listed(&self) -> Vec<&Remark> {
        let mut listed: Vec<&Remark> = self.remarks.iter().collect();
        listed.sort_by_key(|it| (it.at(), Reverse(it.severity)));
        listed
    }

    /// Returns which of them the cursor is at.
    pub(super) fn listed_here(&self) -> Option<usize> {
        let here = *self.remarks_here().first()?;
        self.listed().iter().position(|it| std::ptr::eq(*it, here))
    }

    /// Selects a row of the list, and goes to what it is about.
    pub(super) fn select_remark(&mut self, row: usize) {
        let listed = self.listed();
        let Some(last) = listed.len().checked_sub(1) else { return };
        let row = row.min(last);
        let at = listed[row].at();
        self.panel.row = row;
        self.writing.jump(at);
    }

    /// Says what fixing a remark would do to the text.
    pub(super) fn what_fixing_does(&self, remark: &Remark) -> Option<String> {
        let fix = remark.fix.as_ref()?;
        let old = self.writing.text().as_str().get(fix.place.bytes())?;
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

    /// Applies the fix of the remark under the cursor, which changes its own bytes only.
    pub(super) fn fix(&mut self) -> Option<Request> {
        if self.checked != self.version {
            return Some(Request::problem(UNSEEN));
        }
        let Some(fix) = self.remarks_here().into_iter().find_map(|it| it.fix.clone()) else {
            let text = match self.remarks_here().is_empty() {
                false => "skep does not know how to fix this",
                true => "nothing was found in this line",
            };
            return Some(Request::problem(text));
        };
        let change = Change::new(fix.place.bytes(), fix.text);
        self.write(|it| it.change(vec![change]))
    }

    /// Applies all fixes that do not touch each other, as one step.
    pub(super) fn fix_all(&mut self) -> Request {
        if self.checked != self.version {
            return Request::problem(UNSEEN);
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
        if changes.is_empty() {
            return Request::problem("skep does not know how to fix any of this");
        }
        let said = format!("{} fixed", counted(changes.len() as u64, "finding", "findings"));
        let changed = self.write(|it| it.change(changes));
        let said = Request::Say(Notice::Done(said));
        Request::All(changed.into_iter().chain([said]).collect())
    }

    /// Goes to the next remark, around the end.
    pub(super) fn next_remark(&mut self, forward: bool) -> Option<Request> {
        if self.panel.focused && self.panel.shown == Shown::Findings && !self.remarks.is_empty() {
            let (row, count) = (self.panel.row, self.remarks.len());
            self.select_remark((row + if forward { 1 } else { count - 1 }) % count);
            return None;
        }
        let here = self.writing.at();
        let mut places: Vec<usize> =
            self.remarks.iter().map(|it| it.place.map_or(0, |it| it.0)).collect();
        places.sort_unstable();
        let next = if forward {
            places.iter().find(|it| **it > here).or(places.first())
        } else {
            places.iter().rev().find(|it| **it < here).or(places.last())
        };
        let Some(at) = next else {
            return Some(Request::Say(Notice::Done("no findings".to_owned())));
        };
        self.writing.jump(*at);
        None
    }
}

impl Remark {
    /// Returns all there is to say.
    pub(super) fn full(&self) -> String {
        let hint = self.hint.as_ref().map(|it| format!("; {it}")).unwrap_or_default();
        format!("{}{hint}", self.message)
    }

    /// Tells whether it depends on what the cluster has already.
    pub(super) fn is_about_cluster(&self) -> bool {
        [codes::PORT_HELD.name, codes::EXTERNAL_MISSING.name].contains(&self.code)
    }

    fn at(&self) -> usize {
        self.place.map_or(0, |it| it.0)
    }
}
