//! What is written and not saved is not lost.

use crate::cockpit::harness::Cockpit;
use skep::{domain::draft::Draft, tui::document::Document};
use std::{path::PathBuf, time::Duration};

const FILE: &str = "/srv/blog/compose.yml";

fn document() -> Document {
    Document::File(PathBuf::from(FILE))
}

fn kept(cockpit: &Cockpit) -> Option<&str> {
    cockpit.drafts.get(&document()).map(|it| it.text.as_str())
}

/// An editor that finds what an earlier one left.
fn found(text: &str, draft: &str) -> Cockpit {
    let first = Cockpit::demo().with_file(FILE, text).command(&format!("edit {FILE}"));
    let base = first.press("ctrl-s").unheard(Duration::ZERO);
    let at = base.model.world.now - Duration::from_secs(300);
    let mut cockpit = Cockpit::demo().with_file(FILE, text);
    let draft = Draft { text: draft.to_owned(), base: text.to_owned(), at };
    cockpit.drafts.insert(document(), draft);
    cockpit.command(&format!("edit {FILE}"))
}

#[test]
fn what_is_not_saved_is_kept_until_it_is_saved_taken_back_or_given_up() {
    let cockpit = Cockpit::demo().with_file(FILE, "a: 1\n").command(&format!("edit {FILE}"));
    assert_eq!(kept(&cockpit), None);
    let cockpit = cockpit.enter("x");
    assert_eq!(kept(&cockpit), Some("xa: 1\n"));
    let cockpit = cockpit.press("ctrl-z");
    assert_eq!(kept(&cockpit), None);
    let cockpit = cockpit.enter("y").press("ctrl-s");
    assert_eq!(kept(&cockpit), None);
    let cockpit = cockpit.enter("z").press("esc y");
    assert_eq!(kept(&cockpit), None);
    let cockpit = cockpit.command(&format!("edit {FILE}")).enter("z").press("f1 q y");
    assert_eq!(kept(&cockpit), None);
}

#[test]
fn what_is_found_is_taken_with_a_way_back() {
    let cockpit = found("a: 1\n", "a: 2\n").shows("text of 5m ago is not saved");
    let cockpit = cockpit.press("enter").shows("a: 2").shows("not saved");
    assert_eq!(kept(&cockpit), Some("a: 2\n"));
    let cockpit = cockpit.press("ctrl-z").shows("a: 1");
    assert_eq!(kept(&cockpit), None);
}

#[test]
fn what_is_found_is_compared_dropped_or_left() {
    let cockpit = found("a: 1\n", "a: 2\n").press("down enter");
    let cockpit = cockpit.shows("Differs from what was not saved").shows("- a: 2").shows("+ a: 1");
    let cockpit = cockpit.press("esc alt-d").shows("take it").press("down enter").shows("a: 2");
    assert_eq!(kept(&cockpit), Some("a: 2\n"));
    let dropped = found("a: 1\n", "a: 2\n").press("down down enter").shows("a: 1");
    assert_eq!(kept(&dropped), None);
    // Nobody has decided yet: what is written now does not take its place.
    let left = found("a: 1\n", "a: 2\n").press("esc").enter("x");
    assert_eq!(kept(&left), Some("a: 2\n"));
}

#[test]
fn what_is_the_same_as_the_file_is_not_asked_about() {
    let cockpit = found("a: 1\n", "a: 1\n").hides("is not saved");
    assert_eq!(kept(&cockpit), None);
}
