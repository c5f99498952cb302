//! Tickets: route each response to the screen that asked.

use crate::{
    domain::{project::StackPath, swarm::cluster::Object},
    tui::{
        document::Errand,
        event::{Dispatch, Effect, Ticket},
        past::Lookback,
        projects::Chore,
    },
};
use std::collections::BTreeMap;

/// Tells a screen that is open from all others, also from one of the same place before.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct ScreenId(pub(in crate::tui) u64);

/// The effects that no response came of yet, and who asked for them.
///
/// A ticket counts once, and only until something else is asked: a response that comes
/// twice, or after a newer question, is of nothing that is shown. What is asked while the
/// very same is on its way is asked once more when that has come: of something that
/// changes all the time, an answer must come at last.
#[derive(Debug)]
pub struct Tickets {
    last: Ticket,
    open: BTreeMap<Ticket, Asked>,
}

#[derive(Debug)]
struct Asked {
    by: ScreenId,
    counts: Counts,
    question: Option<Question>,
    /// The same was asked since.
    again: Option<Effect>,
}

/// What is read again and again while it changes.
#[derive(Debug, PartialEq, Eq)]
enum Question {
    Object(Object),
    Past(Lookback),
    Panel(StackPath),
    Standing(StackPath),
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
    Outlook,
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
        let question = question(&effect);
        let same = |it: &&mut Asked| it.by == by && question.is_some() && it.question == question;
        if let Some(under_way) = self.open.values_mut().find(same) {
            under_way.again = Some(effect);
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
            self.open.insert(ticket, Asked { by, counts, question, again: None });
        }
        Some(Dispatch { ticket, effect })
    }

    /// While a text is being saved, what is there is not yet known to be its own.
    fn is_too_early(&self, by: ScreenId, effect: &Effect) -> bool {
        let saves = self.open.values().any(|it| it.by == by && it.counts == Counts::EverySave);
        saves && matches!(effect, Effect::Document(_, Errand::Look(_)))
    }

    /// Returns who waits for a response, and what is to be asked once more; nobody where
    /// it is of the past.
    pub fn take(&mut self, ticket: Ticket) -> Option<(ScreenId, Option<Effect>)> {
        self.open.remove(&ticket).map(|it| (it.by, it.again))
    }
}

fn question(effect: &Effect) -> Option<Question> {
    Some(match effect {
        Effect::Read(object) => Question::Object(object.clone()),
        Effect::Recall(at) => Question::Past(at.clone()),
        Effect::Project(Chore::Panel(path)) => Question::Panel(path.clone()),
        Effect::Project(Chore::PendingChanges(path)) => Question::Standing(path.clone()),
        _ => return None,
    })
}

/// Returns whether somebody waits for a response to an effect.
pub fn is_answered(effect: &Effect) -> bool {
    counts(effect).is_some()
}

/// Returns which responses to an effect count; none where there is no response.
fn counts(effect: &Effect) -> Option<Counts> {
    Some(match effect {
        Effect::Read(_) => Counts::Newest(Kind::Object),
        Effect::Recall(_) => Counts::Newest(Kind::History),
        Effect::Survey(_) => Counts::Newest(Kind::Waste),
        Effect::Foresee(_) | Effect::LookBack(_) => Counts::Newest(Kind::Outlook),
        Effect::LookForInterrupted => Counts::Newest(Kind::Interrupted),
        Effect::EditStack(_) | Effect::GoBack(_) => Counts::Newest(Kind::Opening),
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
        Chore::PendingChanges(_) => Counts::NewestOfScreen(Kind::Standing),
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

#[cfg(test)]
mod tests {
    use super::*;

    const PAGE: ScreenId = ScreenId(1);

    fn read(id: &str) -> Effect {
        Effect::Read(Object::Service(id.into()))
    }

    #[test]
    fn what_is_asked_all_the_time_is_answered_and_asked_once_more() {
        let mut tickets = Tickets::default();
        let first = tickets.issue(PAGE, read("web")).unwrap().ticket;
        for _ in 0..5 {
            assert!(tickets.issue(PAGE, read("web")).is_none());
        }
        let (by, again) = tickets.take(first).unwrap();
        assert!(by == PAGE && matches!(again, Some(Effect::Read(_))));
        let second = tickets.issue(PAGE, again.unwrap()).unwrap().ticket;
        assert!(matches!(tickets.take(second), Some((PAGE, None))));
        assert!(tickets.take(first).is_none());
    }

    #[test]
    fn another_question_of_the_kind_makes_the_first_one_count_no_more() {
        let mut tickets = Tickets::default();
        let first = tickets.issue(PAGE, read("web")).unwrap().ticket;
        let second = tickets.issue(PAGE, read("api")).unwrap().ticket;
        let other = tickets.issue(ScreenId(2), read("api")).unwrap().ticket;
        assert!(tickets.take(first).is_none() && tickets.take(second).is_none());
        assert!(matches!(tickets.take(other), Some((ScreenId(2), None))));
    }
}
