//! What is drawn.

use crate::tui::{
    document::Document,
    screens::editor::{
        beside::Beside, compare::Compared, findings::Findings, folds::Folds, highlight::Lines,
        panel::Panel, popup::Popup, replace::Replacing, scroll::Scroll, seek::Sought, state::State,
        writing::Writing,
    },
};

/// The parts of an editor, as far as they are drawn.
pub struct Drawn<'a> {
    pub document: &'a Document,
    pub state: &'a State,
    pub writing: &'a Writing,
    pub lines: &'a Lines,
    pub folds: &'a Folds,
    pub scroll: Scroll,
    pub sought: Option<&'a Sought>,
    pub replacing: Option<&'a Replacing>,
    pub findings: &'a Findings,
    pub panel: &'a Panel,
    pub plan: &'a Beside,
    pub plan_title: String,
    pub compared: &'a Compared,
    pub popup: Option<&'a Popup>,
    /// It says something else than what is saved.
    pub changed: bool,
    /// What waits for a decision.
    pub undecided: Option<&'static str>,
}
