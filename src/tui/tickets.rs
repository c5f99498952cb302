//! Which screen each response is for.

use crate::tui::{
    document::Errand,
    event::{Dispatch, Effect, Ticket},
    projects::Chore,
};
use std::collections::BTreeMap;

/// Tells a screen that is open from all others, also from one of the same place before.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct ScreenId(pub(in crate::tui) u64);

/// The effects that no response came of yet, and who asked for them.
///
/// A ticket counts once, and only until the same is asked again: a response that comes
/// twice, or after a newer question, is of nothing that is shown.
#[derive(Debug)]
pub struct Tickets {
    last: Ticket,
    open: BTreeMap<Ticket, Asked>,
}

#[derive(Debug)]
struct Asked {
    by: ScreenId,
    counts: Counts,
}

/// Which responses count where the same is asked several times.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Counts {
    /// Each tells of something that was done.
    Every,
    /// The same, of a text that is saved.
    EverySave,
    /// The newest that this screen asked for.
    NewestOfScreen(Kind),
    /// The newest of all: only one thing of the kind is shown at a time.
    Newest(Kind),
}

/// What is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Object,
    History,
    Panel,
    Standing,
    Plan,
    Load,
    Look,
    Facts,
    Beside,
    Deployed,
    Check,
    /// Opens another screen.
    Opening,
    Waste,
    Drafts,
    Interrupted,
}

impl Default for Tickets {
    fn default() -> Self {
        Self { last: Ticket::none(), open: BTreeMap::new() }
    }
}

impl Tickets {
    /// Gives an effect its ticket; the same asked before counts no more. Nothing is asked
    /// whose response could only be wrong.
    pub fn issue(&mut self, by: ScreenId, effect: Effect) -> Option<Dispatch> {
        if self.is_too_early(by, &effect) {
            return None;
        }
        self.last = self.last.next();
        let ticket = self.last;
        if let Some(counts) = counts(&effect) {
            self.open.retain(|_, it| {
                let own = it.by == by;
                let newer = match counts {
                    Counts::Every | Counts::EverySave => false,
                    Counts::NewestOfScreen(_) => own && it.counts == counts,
                    Counts::Newest(_) => it.counts == counts,
                };
                // What was looked at before a text is saved is not what is there after.
                let looked = it.counts == Counts::NewestOfScreen(Kind::Look);
                !(newer || own && looked && counts == Counts::EverySave)
            });
            self.open.insert(ticket, Asked { by, counts });
        }
        Some(Dispatch { ticket, effect })
    }

    /// While a text is being saved, what is there is not yet known to be its own.
    fn is_too_early(&self, by: ScreenId, effect: &Effect) -> bool {
        let saves = self.open.values().any(|it| it.by == by && it.counts == Counts::EverySave);
        saves && matches!(effect, Effect::Document(_, Errand::Look(_)))
    }

    /// Returns who waits for a response; nobody where it is of the past.
    pub fn take(&mut self, ticket: Ticket) -> Option<ScreenId> {
        self.open.remove(&ticket).map(|it| it.by)
    }
}

/// Returns which responses to an effect count; none where there is no response.
fn counts(effect: &Effect) -> Option<Counts> {
    Some(match effect {
        Effect::Read(_) => Counts::Newest(Kind::Object),
        Effect::Recall(_) => Counts::Newest(Kind::History),
        Effect::Survey(_) => Counts::Newest(Kind::Waste),
        Effect::LookForInterrupted => Counts::Newest(Kind::Interrupted),
        Effect::EditStack(_) => Counts::Newest(Kind::Opening),
        Effect::ListDrafts => Counts::Newest(Kind::Drafts),
        Effect::Plan(_) => Counts::NewestOfScreen(Kind::Plan),
        Effect::Start(_) | Effect::HandOff(..) => Counts::Every,
        Effect::Project(chore) => return of_chore(chore),
        Effect::Document(_, errand) => return of_errand(errand),
        Effect::Quit
        | Effect::Suspend
        | Effect::Watch(_)
        | Effect::Follow(_)
        | Effect::ReadOn(_)
        | Effect::Cancel(_)
        | Effect::Pause(..)
        | Effect::Copy(_)
        | Effect::CopyUnquoted(..)
        | Effect::Dump { .. }
        | Effect::Choose(..)
        | Effect::Edit(_)
        | Effect::Switch(_)
        | Effect::Remember(_) => return None,
    })
}

fn of_chore(chore: &Chore) -> Option<Counts> {
    Some(match chore {
        Chore::Look => return None,
        Chore::Panel(_) => Counts::Newest(Kind::Panel),
        Chore::Standing(_) => Counts::NewestOfScreen(Kind::Standing),
        Chore::Prepare(_) => Counts::Newest(Kind::Opening),
        Chore::Amend(_) | Chore::Create(_) | Chore::Discard { .. } | Chore::Accept(_) => {
            Counts::Every
        }
    })
}

fn of_errand(errand: &Errand) -> Option<Counts> {
    Some(Counts::NewestOfScreen(match errand {
        Errand::Load => Kind::Load,
        Errand::Look(_) => Kind::Look,
        Errand::Facts => Kind::Facts,
        Errand::Beside => Kind::Beside,
        Errand::Deployed(_) => Kind::Deployed,
        Errand::Check(_) => Kind::Check,
        Errand::Save { .. } | Errand::WriteTo { .. } => return Some(Counts::EverySave),
        Errand::Keep(_) | Errand::Discard(_) | Errand::Forget(_) => return None,
    }))
}
