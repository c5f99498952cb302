//! Every effect that is answered: its answer late, twice, and behind a newer one. The table
//! names them all; one that is missing there does not compile, or fails.

use crate::cockpit::{
    harness::Cockpit,
    late::cases::{Case, cases},
};
use skep::tui::{
    document::Errand,
    event::{Effect, Event, Response, Ticket},
    projects::Chore,
    tickets::is_answered,
};
use std::panic::{AssertUnwindSafe, catch_unwind};

/// Returns what an effect is called that is answered. A new effect has its word here.
fn name(effect: &Effect) -> Option<&'static str> {
    Some(match effect {
        Effect::Read(_) => "read",
        Effect::Recall(_) => "recall",
        Effect::Survey(_) => "survey",
        Effect::Foresee(_) => "foresee",
        Effect::LookBack(_) => "look back",
        Effect::GoBack(_) => "go back",
        Effect::LookForInterrupted => "look for interrupted",
        Effect::EditStack(_) => "edit stack",
        Effect::ListDrafts => "list drafts",
        Effect::Plan(_) => "plan",
        Effect::Start(_) => "start",
        Effect::HandOff(..) => "hand off",
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

fn of_chore(chore: &Chore) -> Option<&'static str> {
    Some(match chore {
        Chore::Panel(_) => "panel",
        Chore::PendingChanges(_) => "standing",
        Chore::Prepare(_) => "prepare",
        Chore::Amend(_) => "amend",
        Chore::Create(_) => "create",
        Chore::Discard { .. } => "discard",
        Chore::Accept(_) => "accept",
        Chore::Look => return None,
    })
}

fn of_errand(errand: &Errand) -> Option<&'static str> {
    Some(match errand {
        Errand::Load => "load",
        Errand::Look(_) => "look",
        Errand::Facts => "facts",
        Errand::Beside => "beside",
        Errand::Deployed(_) => "deployed",
        Errand::Check(_) => "check",
        Errand::Save { .. } => "save",
        Errand::WriteTo { .. } => "write to",
        Errand::Keep(_) | Errand::Discard(_) | Errand::Forget(_) => return None,
    })
}

/// All of them.
const ANSWERED: &[&str] = &[
    "read",
    "recall",
    "survey",
    "foresee",
    "look back",
    "go back",
    "look for interrupted",
    "edit stack",
    "list drafts",
    "plan",
    "start",
    "hand off",
    "panel",
    "standing",
    "prepare",
    "amend",
    "create",
    "discard",
    "accept",
    "load",
    "look",
    "facts",
    "beside",
    "deployed",
    "check",
    "save",
    "write to",
];

impl Case {
    fn is(&self, effect: &Effect) -> bool {
        name(effect) == Some(self.of)
    }

    /// Finds the newest question of this kind.
    #[track_caller]
    fn asking(&self, cockpit: &Cockpit) -> Asking {
        match self.answer {
            Some(answer) => Asking::Made(cockpit.ticket(|it| self.is(it)), answer),
            None => Asking::Held(cockpit.newest(|it| self.is(it))),
        }
    }

    /// Returns all that can be seen, and what a job that was started says then.
    fn seen(&self, cockpit: Cockpit) -> (Cockpit, String) {
        let cockpit = match self.of {
            "start" => cockpit.running(1, "deploy blog", "plan"),
            _ => cockpit,
        };
        let screen = cockpit.screen();
        (cockpit, screen)
    }
}

/// A question that is not answered yet.
#[derive(Clone, Copy)]
enum Asking {
    Held(usize),
    Made(Ticket, fn() -> Response),
}

impl Asking {
    fn answered(self, cockpit: Cockpit) -> Cockpit {
        match self {
            Self::Held(at) => cockpit.deliver(at),
            Self::Made(ticket, answer) => cockpit.after(Event::Response(ticket, answer())),
        }
    }

    fn answered_again(self, cockpit: Cockpit) -> Cockpit {
        match self {
            Self::Held(at) => cockpit.deliver_again(at),
            Self::Made(..) => self.answered(cockpit),
        }
    }
}

/// Checks all cases, and tells of every one that is not as it should be.
#[track_caller]
fn each(check: impl Fn(&Case)) {
    let cases = cases();
    let failed = cases.iter().filter(|it| catch_unwind(AssertUnwindSafe(|| check(it))).is_err());
    let failed: Vec<_> = failed.map(|it| it.of).collect();
    assert!(failed.is_empty(), "{failed:?}");
}

#[test]
fn every_effect_that_is_answered_is_in_the_table() {
    let mut named: Vec<_> = cases().iter().map(|it| it.of).collect();
    let mut all = ANSWERED.to_vec();
    named.sort_unstable();
    all.sort_unstable();
    assert_eq!(named, all);
    each(|case| {
        let cockpit = (case.asked)();
        for effect in cockpit.asked() {
            assert_eq!(name(effect).is_some(), is_answered(effect), "{effect:?}");
        }
        assert!(cockpit.asked().any(|it| case.is(it)), "{} is not asked", case.of);
    });
}

#[test]
fn an_answer_that_comes_while_one_is_elsewhere_takes_nobody_away_and_is_not_lost() {
    each(|case| {
        let of = case.of;
        let cockpit = (case.asked)();
        let asking = case.asking(&cockpit);
        let key = if cockpit.model.screen().takes_text() { "f1" } else { "?" };
        let cockpit = cockpit.press(key).shows("Keys");
        let (cockpit, there) = case.seen(asking.answered(cockpit));
        // A question of no screen is asked wherever one is.
        let asks = cockpit.model.modal.is_some();
        assert!(asks || there.contains("Keys"), "{of}:\n{there}");
        let cockpit = if asks { cockpit } else { cockpit.press("esc").deliver_all() };
        let (_, back) = case.seen(cockpit);
        match case.said {
            Some(said) => assert!(there.contains(said), "{of}:\n{there}"),
            None => assert!(back.contains(case.shows), "{of}:\n{back}"),
        }
    });
}

#[test]
fn an_answer_that_comes_twice_counts_once() {
    each(|case| {
        let cockpit = (case.asked)();
        let asking = case.asking(&cockpit);
        let before = cockpit.screen();
        assert!(!before.contains(case.shows), "{} before:\n{before}", case.of);
        let (cockpit, once) = case.seen(asking.answered(cockpit));
        assert!(once.contains(case.shows), "{}:\n{once}", case.of);
        let (_, twice) = case.seen(asking.answered_again(cockpit));
        assert_eq!(once, twice, "{}", case.of);
    });
}

#[test]
fn an_older_answer_behind_a_newer_one_changes_nothing() {
    each(|case| {
        let Some(newer) = case.newer else { return };
        let cockpit = (case.asked)();
        let first = case.asking(&cockpit);
        let cockpit = newer(cockpit);
        let second = case.asking(&cockpit);
        let (cockpit, newest) = case.seen(second.answered(cockpit));
        let (_, after) = case.seen(match first {
            Asking::Held(at) if !cockpit.is_held(at) => first.answered_again(cockpit),
            _ => first.answered(cockpit),
        });
        assert_eq!(newest, after, "{}", case.of);
    });
}
