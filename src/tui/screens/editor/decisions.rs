//! What is asked where texts differ that nobody may lose.

use crate::{
    domain::{project::draft::Draft, text::age},
    tui::{
        document::{Against, Choice, Document, Opened, Stamp},
        event::{Effect, Menu, Question, Request},
    },
};
use jiff::Timestamp;

/// Asks what becomes of a text that was written before and not saved.
pub fn about_draft(document: &Document, draft: &Draft, stamp: &Stamp, now: Timestamp) -> Request {
    let row = |label: &str, text: &str, choice| decision(document, label, text, choice);
    let since = match draft.base == stamp.print {
        true => "",
        false => "; it was changed outside since",
    };
    let age = age::age(draft.at, now);
    let name = document.short_name();
    let gives_up = "discard it; it stays in `:drafts` for a week";
    let (title, take, drop) = match (draft.discarded, &draft.by) {
        (false, Some(who)) => (
            format!("{name}: {who} edits it too; its text of {age} ago{since}"),
            "take it",
            row("put it away", gives_up, Choice::DropDraft),
        ),
        (false, None) => (
            format!("{name}: text of {age} ago is not saved{since}"),
            "take it",
            row("drop it", gives_up, Choice::DropDraft),
        ),
        (true, _) => (
            format!("{name}: discarded {age} ago: restore it?{since}"),
            "restore it",
            loss(document, "forget it", "delete that text for good", Choice::ForgetDraft),
        ),
    };
    let rows = vec![
        row(take, "continue with that text; undo restores the present one", Choice::TakeDraft),
        row("compare", "show what differs first", Choice::Compare(Against::Draft)),
        drop,
        Menu::row("later", "leave it where it is", Vec::new()),
    ];
    Request::Menu(Menu { title, rows, cursor: 0 })
}

/// Returns what can be done about what somebody else wrote.
pub fn about_other(document: &Document, other: &Opened) -> Vec<(String, Question)> {
    let row = |label: &str, text: &str, choice| decision(document, label, text, choice);
    let difference = Choice::Compare(Against::Other);
    let write = match other.stamp.print.is_empty() {
        true => row("write it", "write the file again", Choice::Overwrite),
        false => loss(
            document,
            "overwrite",
            "write this text; the other one stays in `:drafts` for a week",
            Choice::Overwrite,
        ),
    };
    vec![
        row("compare", "show what differs from theirs first", difference),
        row("reload", "take the other text; this one stays in `:drafts`", Choice::Reload),
        write,
    ]
}

/// Makes a row that is done as it is chosen.
fn decision(document: &Document, label: &str, text: &str, choice: Choice) -> (String, Question) {
    Menu::row(label, text, vec![Effect::Choose(document.clone(), choice)])
}

/// Makes a row that asks once more, because something is lost by it.
fn loss(document: &Document, label: &str, text: &str, choice: Choice) -> (String, Question) {
    let name = document.short_name();
    let title = match choice {
        Choice::Overwrite => format!("Overwrite what somebody else wrote in {name}?"),
        _ => format!("Delete the discarded text of {name} for good?"),
    };
    let then = vec![Effect::Choose(document.clone(), choice)];
    Menu::asks(label, title, text, then)
}
