//! What is written and not saved is not lost.

use crate::cockpit::harness::Cockpit;
use skep::{domain::project::draft::Draft, tui::document::Document};
use std::{path::PathBuf, time::Duration};

const FILE: &str = "/srv/blog/compose.yml";

fn document() -> Document {
    Document::File(PathBuf::from(FILE))
}

fn kept(cockpit: &Cockpit) -> Option<&str> {
    cockpit.drafts.get(&document()).map(|it| it.text.as_str())
}

fn given_up(cockpit: &Cockpit) -> Vec<&str> {
    let texts = cockpit.discarded.get(&document());
    texts.into_iter().flatten().map(|it| it.text.as_str()).collect()
}

/// An editor that finds what an earlier one left.
fn found(text: &str, draft: &str) -> Cockpit {
    let first = Cockpit::demo().with_file(FILE, text).command(&format!("edit {FILE}"));
    let base = first.press("ctrl-s").unheard(Duration::ZERO);
    let at = base.model.world.now - Duration::from_secs(300);
    let mut cockpit = Cockpit::demo().with_file(FILE, text);
    let draft =
        Draft { text: draft.to_owned(), base: text.to_owned(), at, discarded: false, by: None };
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
    let cockpit = cockpit.enter("z").press("esc d");
    assert_eq!((kept(&cockpit), given_up(&cockpit)), (None, vec!["yza: 1\n"]));
    let cockpit = cockpit.command(&format!("edit {FILE}")).press("esc").enter("w");
    let cockpit = cockpit.press("f1 q d");
    assert_eq!((kept(&cockpit), given_up(&cockpit)), (None, vec!["yaw: 1\n", "yza: 1\n"]));
}

#[test]
fn a_key_that_is_no_answer_is_told_the_keys_that_are() {
    let cockpit = found("a: 1\n", "a: 2\n");
    let footer = cockpit.footer();
    assert!(footer.contains("<enter>choose") && footer.contains("<esc>cancel"), "{footer}");
    let _ = cockpit.press("f5").shows("press enter to choose, esc to cancel");
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
    let cockpit = cockpit.shows("Differs from the unsaved text").shows("- a: 2").shows("+ a: 1");
    let cockpit = cockpit.press("esc alt-d").shows("take it").press("down enter").shows("a: 2");
    assert_eq!(kept(&cockpit), Some("a: 2\n"));
    let dropped = found("a: 1\n", "a: 2\n").press("down down enter").shows("a: 1");
    assert_eq!((kept(&dropped), given_up(&dropped)), (None, vec!["a: 2\n"]));
    // Nobody has decided yet: what is written now does not take its place.
    let left = found("a: 1\n", "a: 2\n").press("esc").enter("x");
    assert_eq!((kept(&left), given_up(&left)), (Some("xa: 1\n"), vec!["a: 2\n"]));
}

#[test]
fn what_is_the_same_as_the_file_is_not_asked_about() {
    let cockpit = found("a: 1\n", "a: 1\n").hides("is not saved");
    assert_eq!(kept(&cockpit), None);
}

#[test]
fn what_was_given_up_is_offered_again_and_forgotten_once_it_is_saved() {
    let open = format!("edit {FILE}");
    let cockpit = Cockpit::demo().with_file(FILE, "a: 1\n").command(&open);
    let cockpit = cockpit.enter("x").press("esc d").unheard(Duration::from_secs(300));
    let cockpit = cockpit.command(&open).shows("compose.yml: discarded 5m ago: restore it?");
    let cockpit = cockpit.press("enter").shows("xa: 1").shows("not saved");
    assert_eq!((kept(&cockpit), given_up(&cockpit)), (Some("xa: 1\n"), vec!["xa: 1\n"]));
    let cockpit = cockpit.enter("y").press("ctrl-s");
    assert_eq!((kept(&cockpit), given_up(&cockpit)), (None, vec![]));
}

#[test]
fn a_text_that_was_given_up_is_forgotten_for_good_where_one_says_so() {
    let open = format!("edit {FILE}");
    let cockpit = Cockpit::demo().with_file(FILE, "a: 1\n").command(&open).enter("x");
    let cockpit = cockpit.press("esc d").command(&open).press("down down enter");
    let cockpit = cockpit.shows("Delete the discarded text of compose.yml").press("enter");
    assert_eq!(given_up(&cockpit), ["xa: 1\n"], "enter forgot it");
    let cockpit = cockpit.press("y").shows("a: 1");
    assert!(given_up(&cockpit).is_empty());
    let cockpit = cockpit.press("esc esc").command(&open).hides("restore it");
    assert_eq!(cockpit.message(), "board ▸ edit · compose.yml");
}

#[test]
fn what_is_reloaded_over_is_given_up_and_not_lost() {
    let open = format!("edit {FILE}");
    let cockpit = Cockpit::demo().with_file(FILE, "a: 1\n").command(&open).enter("x");
    let cockpit = cockpit.written(FILE, "a: 2\n").shows("somebody else changed this file");
    let cockpit = cockpit.press("alt-d down enter").shows("a: 2").hides("not saved");
    assert_eq!(given_up(&cockpit), ["xa: 1\n"]);
    let cockpit = cockpit.enter("y").press("esc :").enter("e!").press("enter").shows("a: 2");
    assert_eq!(given_up(&cockpit), ["ay: 2\n", "xa: 1\n"]);
    assert_eq!((kept(&cockpit), cockpit.file(FILE)), (None, "a: 2\n"));
}

#[test]
fn all_texts_that_are_not_saved_are_listed_and_can_be_taken_back() {
    let cockpit = Cockpit::demo().command("drafts");
    assert!(cockpit.message().contains("there is no unsaved text"), "{}", cockpit.message());
    let open = format!("edit {FILE}");
    let cockpit = Cockpit::demo().with_file(FILE, "a: 1\n").command(&open).enter("x");
    let cockpit = cockpit.press("esc d").command(&open).press("esc").enter("y").press("esc d");
    let cockpit = cockpit.command("drafts").shows("Unsaved texts");
    let cockpit = cockpit.shows("compose.yml discarded 0s ago, 1 line · /srv/blog/compose.yml");
    // The older one.
    let cockpit = cockpit.press("down enter").shows("restore it?").press("enter");
    let _ = cockpit.shows("xa: 1").shows("not saved");
}
