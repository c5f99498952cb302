//! What the checker says, and where that is in the text.

use crate::{
    domain::compose::Severity,
    tui::{
        document::Remark,
        event::{Notice, Request},
        screens::editor::Editor,
    },
};
use std::ops::Range;

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

    /// Returns the remark under the cursor, or else the worst one of its line.
    pub(super) fn remark_here(&self) -> Option<&Remark> {
        let (line, at) = (self.writing.line(), self.writing.at());
        let under = |it: &Remark| it.place.is_some_and(|it| it.0 <= at && at <= it.1);
        let here = self.remarks.iter().filter(|it| self.line_of(it) == line);
        here.max_by_key(|it| (under(it), it.severity))
    }

    /// Keeps remarks beside their text until the checker has seen the new one.
    pub(super) fn shift_remarks(&mut self, from: usize, grown: isize) {
        for place in self.remarks.iter_mut().filter_map(|it| it.place.as_mut()) {
            let shifted =
                |at: usize| if at > from { at.saturating_add_signed(grown).max(from) } else { at };
            *place = (shifted(place.0), shifted(place.1));
        }
    }

    /// Goes to the next remark, around the end.
    pub(super) fn next_remark(&mut self, forward: bool) -> Option<Request> {
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
}
