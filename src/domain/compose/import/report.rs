//! The report of an import.

use crate::domain::compose::place::Place;

/// What became of a part of a compose file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum ImportOutcome {
    /// It says the same in other words.
    Changed,
    /// A swarm cannot do it.
    Cannot,
    /// It had no effect, or none that a stack needs.
    Ignored,
}

impl ImportOutcome {
    pub fn word(self) -> &'static str {
        match self {
            Self::Changed => "changed",
            Self::Cannot => "cannot",
            Self::Ignored => "ignored",
        }
    }
}

/// One thing that is said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Note {
    pub kind: ImportOutcome,
    /// In the compose file.
    pub place: Place,
    /// The service, as `web`, or the object, as `network back`; empty for the file.
    pub subject: String,
    /// What stood there.
    pub what: String,
    /// What stands there now; empty where nothing does.
    pub to: String,
    /// Why, in a sentence; may be empty.
    pub why: String,
    /// What to do now; often empty.
    pub instead: String,
}

#[derive(Debug, Default)]
pub struct ImportReport(Vec<Note>);

impl ImportReport {
    pub fn changed(&mut self, place: Place, subject: &str, what: &str, to: &str, why: &str) {
        self.push(ImportOutcome::Changed, place, [subject, what, to, why, ""]);
    }

    pub fn cannot(&mut self, place: Place, subject: &str, what: &str, why: &str, instead: &str) {
        self.push(ImportOutcome::Cannot, place, [subject, what, "", why, instead]);
    }

    pub fn ignored(&mut self, place: Place, subject: &str, what: &str, why: &str) {
        self.push(ImportOutcome::Ignored, place, [subject, what, "", why, ""]);
    }

    /// Returns all by place, each once: what an alias repeats is said of the first.
    pub fn sorted(mut self) -> Vec<Note> {
        self.0.sort_by_key(|it| (it.place, it.kind));
        self.0.dedup_by(|b, a| (a.place, a.kind, &a.what) == (b.place, b.kind, &b.what));
        self.0
    }

    fn push(&mut self, kind: ImportOutcome, place: Place, texts: [&str; 5]) {
        let [subject, what, to, why, instead] = texts.map(str::to_owned);
        self.0.push(Note { kind, place, subject, what, to, why, instead });
    }
}
