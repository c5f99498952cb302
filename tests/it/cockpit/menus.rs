//! Menus: enter chooses, and what loses something is asked before it is done.

use crate::cockpit::{harness::Cockpit, interrupted::found};
use skep::{
    domain::project::draft::Draft,
    tui::{document::Document, event::Effect, keymap::Action, model::Modal},
};
use std::{path::PathBuf, time::Duration};

const FILE: &str = "/srv/blog/compose.yml";

fn open() -> Cockpit {
    Cockpit::demo().with_file(FILE, "a: 1\n").command(&format!("edit {FILE}"))
}

fn with_draft(discarded: bool) -> Cockpit {
    let mut cockpit = Cockpit::demo().with_file(FILE, "a: 1\n");
    let at = cockpit.model.world.now - Duration::from_secs(300);
    let draft =
        Draft { text: "a: 2\n".to_owned(), base: "a: 1\n".to_owned(), at, discarded, by: None };
    let document = Document::File(PathBuf::from(FILE));
    if discarded {
        cockpit.discarded.insert(document, vec![draft]);
    } else {
        cockpit.drafts.insert(document, draft);
    }
    cockpit.command(&format!("edit {FILE}"))
}

type Opened = fn() -> Cockpit;

/// Every menu there is, and how many of its rows lose something that nothing brings back.
const MENUS: &[(&str, Opened, usize)] = &[
    ("availability", || Cockpit::demo().command("nodes").press("j j j a"), 0),
    ("interrupted", || Cockpit::demo().after(found(&["blog", "shop"])), 2),
    ("changed outside", || open().enter("x").written(FILE, "a: 2\n").press("alt-d"), 1),
    ("not saved", || with_draft(false), 0),
    ("discarded", || with_draft(true), 1),
    ("copy", || Cockpit::demo().press("shift-c"), 0),
    ("compare", || open().enter("x").press("alt-d"), 0),
    ("drafts", || open().enter("x").press("esc d").command("drafts"), 0),
];

fn rows(cockpit: &Cockpit) -> Vec<(String, bool)> {
    match &cockpit.model.modal {
        Some(Modal::Menu(menu)) => {
            menu.rows.iter().map(|it| (it.0.clone(), it.1.destroys())).collect()
        }
        other => panic!("no menu: {other:?}\n{}", cockpit.screen()),
    }
}

#[test]
fn enter_on_what_destroys_opens_its_question_and_never_does_it() {
    for (name, menu, destroying) in MENUS {
        let rows = rows(&menu());
        assert_eq!(rows.iter().filter(|it| it.1).count(), *destroying, "{name}: {rows:?}");
        for (at, (label, destroys)) in rows.iter().enumerate() {
            let mut cockpit = menu();
            cockpit.wanted();
            let given_up = cockpit.discarded.clone();
            let mut cockpit = cockpit.press(&["down"].repeat(at).join(" ")).press("enter");
            let starts = cockpit.effects.iter().any(|it| matches!(it, Effect::Start(_)));
            assert!(!starts, "{name}: {label} was done by enter");
            if !destroys {
                continue;
            }
            let asked = matches!(cockpit.model.modal, Some(Modal::Ask(_)));
            assert!(asked, "{name}: {label} asks nothing\n{}", cockpit.screen());
            cockpit = cockpit.press("enter");
            assert!(cockpit.message().contains("press y for yes"), "{name}: {}", cockpit.message());
            assert_eq!(cockpit.wanted(), [""; 0], "{name}: {label}");
            assert_eq!(cockpit.discarded, given_up, "{name}: {label}");
        }
    }
}

#[test]
fn what_was_written_by_another_is_overwritten_by_y_only() {
    let menu = || open().enter("x").written(FILE, "a: 2\n").press("alt-d down down enter");
    let cockpit = menu().shows("Overwrite what somebody else wrote in compose.yml?");
    let cockpit = cockpit.press("enter");
    assert_eq!(cockpit.file(FILE), "a: 2\n");
    assert_eq!(cockpit.press("y").file(FILE), "xa: 1\n");
}

#[test]
fn no_key_of_any_view_changes_anything_without_a_question() {
    let views = ["board", "overview", "stacks", "services", "tasks", "nodes", "events", "contexts"];
    for action in Action::ALL.iter().filter(|it| it.dangerous()) {
        for view in views {
            let mut cockpit = Cockpit::demo().command(view);
            let context = cockpit.model.context();
            let Some(key) = cockpit.model.keymap.key_for(context, *action) else { continue };
            cockpit.wanted();
            let mut cockpit = cockpit.press(&key.to_string());
            let first = cockpit.wanted();
            assert_eq!(first, [""; 0], "{key} on {view}");
            // A prompt for a number, a menu, or a question: enter goes one step further,
            // and no further than to the question.
            if !matches!(cockpit.model.modal, Some(Modal::Ask(_))) {
                let mut cockpit = cockpit.press("enter");
                let started = cockpit.effects.iter().any(|it| matches!(it, Effect::Start(_)));
                assert!(!started, "{key} enter on {view}: {:?}", cockpit.wanted());
            }
        }
    }
}
