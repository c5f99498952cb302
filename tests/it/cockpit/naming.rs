//! Stacks by their names, and views of those that have another name by now.

use crate::cockpit::harness::Cockpit;
use skep::tui::{
    document::{Document, Errand, Reply},
    event::{Destination, Effect, Event, Response},
    projects::Projects,
};
use std::sync::Arc;

fn with_web() -> Cockpit {
    Cockpit::demo().with_stack("shop/live/web", "services: {}\n")
}

#[test]
fn a_stack_is_edited_by_its_path_and_by_its_name_in_the_swarm() {
    for name in ["shop/live/web", "shop-live-web"] {
        let cockpit = with_web().command(&format!("edit {name}"));
        let place = cockpit.model.screen().place();
        assert!(matches!(place, Destination::Editor(Document::Stack { .. })), "{name}: {place:?}");
    }
    let place = with_web().command("edit ./shop-live-web").model.screen().place();
    assert!(matches!(place, Destination::Editor(Document::File(_))), "{place:?}");
}

#[test]
fn a_running_stack_without_a_project_is_not_opened_as_an_empty_file() {
    let cockpit = Cockpit::demo().command("edit monitoring");
    let asked =
        |it: &Effect| matches!(it, Effect::EditStack(stack) if stack.as_str() == "monitoring");
    assert!(cockpit.effects.iter().any(asked), "{:?}", cockpit.effects);
    assert!(!matches!(cockpit.model.screen().place(), Destination::Editor(_)));
}

#[test]
fn the_project_of_a_text_is_not_read_again_once_its_stack_has_another_name() {
    let beside = |it: &Effect| matches!(it, Effect::Document(_, Errand::Beside));
    let cockpit = with_web().command("edit shop/live/web");
    let Destination::Editor(document) = cockpit.model.screen().place() else { panic!() };
    let sources = document.sources("services: {}\n".to_owned(), None);
    let found = Response::Document(Reply::Beside(Ok(Arc::new(sources))));
    let mut cockpit = cockpit.respond(beside, found);
    let projects = cockpit.model.world.projects.clone();
    for (projects, asked) in [(Projects::default(), false), (projects, true)] {
        cockpit.effects.clear();
        cockpit = cockpit.after(Event::Projects(Box::new(projects)));
        assert_eq!(cockpit.effects.iter().any(beside), asked);
    }
}

#[test]
fn leaving_for_another_engine_does_not_speak_of_leaving_skep() {
    let edited = || Cockpit::demo().with_file("/srv/a.yml", "a: 1\n").command("edit /srv/a.yml");
    let cockpit = edited().enter("x").press("ctrl-p").enter("contexts staging").press("enter");
    let _ = cockpit.shows("discard and go on").hides("leave skep");
    let _ = edited().enter("x").press("ctrl-p").enter("qa").press("enter").shows("and leave skep");
}
