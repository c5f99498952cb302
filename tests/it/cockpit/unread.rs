//! Before something was read nobody says that it is not there.

use crate::cockpit::harness::{Cockpit, demo_engine, noon, nothing_released};
use skep::{
    domain::project::{Catalog, SourcePlace, StackSource},
    engine::{EngineError, fake::FakeEngine},
    jobs::watch::View,
    tui::{command, event::Event, projects::Projects},
};
use std::time::Duration;

const CLUSTER: &str = "services and nodes are still being read";
const PROJECTS: &str = "the projects are still being read";
const RELEASES: &str = "the releases are still being read";

/// A command for each name that is looked up, and what must be read for it.
const LINES: &[(&str, &str)] = &[
    ("services blog", CLUSTER),
    ("services shop/live/web", CLUSTER),
    ("tasks blog", CLUSTER),
    ("tasks node1", CLUSTER),
    ("logs blog_web", CLUSTER),
    ("logs blog_web.1", CLUSTER),
    ("logs blog 3h", CLUSTER),
    ("describe blog_web", CLUSTER),
    ("spec blog_web", CLUSTER),
    ("scale blog_web 2", CLUSTER),
    ("restart blog_web", CLUSTER),
    ("rollback blog_web", CLUSTER),
    ("rm blog", CLUSTER),
    ("purge blog", CLUSTER),
    ("stop blog", CLUSTER),
    ("start blog", CLUSTER),
    ("adopt blog", CLUSTER),
    ("availability node1 drain", CLUSTER),
    ("drain node1", CLUSTER),
    ("attach blog shop/live/blog /srv/blog.yml", CLUSTER),
    ("history shop/live/web", PROJECTS),
    ("edit shop/live/web", PROJECTS),
    ("variables shop/live/web", PROJECTS),
    ("changes shop/live/web", PROJECTS),
    ("deploy shop/live/web", PROJECTS),
    ("deploy", PROJECTS),
    ("create shop/live/new /srv/new.yml", PROJECTS),
    ("link shop/live/new /srv/new.yml", PROJECTS),
    ("import shop/live/new /srv/new.yml", PROJECTS),
    ("template shop/live/new redis", PROJECTS),
    ("paste shop/live/new", PROJECTS),
    ("rename shop/live live2", PROJECTS),
    ("delete shop", PROJECTS),
    ("set COLOUR=red", PROJECTS),
    ("unset COLOUR", PROJECTS),
    ("policy shop recommended", PROJECTS),
];

/// Those that look nothing up, and the one that keeps nothing of what is typed.
const OTHERS: &[&str] = &[
    "board", "overview", "stacks", "nodes", "events", "jobs", "contexts", "since", "swarm",
    "drafts", "recover", "gc", "demo", "help", "quit", "secret",
];

#[test]
fn a_command_waits_for_what_it_looks_up_and_keeps_its_line() {
    for (line, what) in LINES {
        let cockpit = Cockpit::waiting(demo_engine()).command(line);
        let said = cockpit.footer();
        assert!(said.contains(&format!("{what}: press enter again in a moment")), "{line}: {said}");
        assert_eq!(cockpit.typed(), *line);
        assert!(cockpit.effects.is_empty(), "{line}: {:?}", cockpit.effects);
        // The same line is understood once all is there.
        let mut cockpit = cockpit;
        cockpit.look();
        cockpit
            .after(projects())
            .after(nothing_released())
            .press("enter")
            .hides("still being read");
    }
}

/// What is told of projects that have a stack.
fn projects() -> Event {
    let mut catalog = Catalog::default();
    catalog.create_project(&"shop".parse().unwrap(), "", noon()).unwrap();
    catalog.create_environment(&"shop/live".parse().unwrap(), None, noon()).unwrap();
    let (dir, compose) = ("/srv".to_owned(), vec!["stack.yml".to_owned()]);
    let source = StackSource { place: SourcePlace::Linked, dir, compose, env_files: Vec::new() };
    let (path, swarm) = ("shop/live/web".parse().unwrap(), "shop-live-web".parse().unwrap());
    catalog.create_stack(&path, swarm, source, noon()).unwrap();
    Event::Projects(Box::new(Projects { catalog, ..Projects::default() }))
}

#[test]
fn every_command_is_known_to_look_something_up_or_not() {
    let cockpit = Cockpit::demo();
    let listed = |name: &str| {
        OTHERS.contains(&name) || LINES.iter().any(|it| it.0.split(' ').next() == Some(name))
    };
    let names = command::all(&cockpit.model.world).into_iter().map(|it| it.0);
    let names = names.filter_map(|it| it.split(',').next().map(str::to_owned));
    let missing: Vec<String> = names.filter(|it| !listed(it)).collect();
    assert!(missing.is_empty(), "{missing:?} in no table above");
}

#[test]
fn a_stack_of_a_project_is_not_missing_before_projects_are_read() {
    let mut cockpit = Cockpit::waiting(demo_engine());
    cockpit.look();
    for line in ["deploy gone/test/web", "services gone/test/web", "edit gone/test/web", "deploy"] {
        cockpit = cockpit.command(line);
        let said = cockpit.footer();
        assert!(said.contains(PROJECTS), "{line}: {said}");
        cockpit = cockpit.press("esc");
    }
    cockpit = cockpit.command("adopt blog");
    assert!(cockpit.footer().contains(RELEASES), "{}", cockpit.footer());
    let cockpit = cockpit.press("esc").after(Event::Projects(Box::default()));
    let cockpit = cockpit.command("deploy gone/test/web");
    let said = cockpit.footer();
    assert!(said.contains("no project has a stack `gone/test/web`"), "{said}");
}

#[test]
fn a_secret_is_not_asked_for_before_projects_are_read() {
    let cockpit = Cockpit::waiting(demo_engine()).command("secret shop TOKEN").enter("hunter2");
    assert!(cockpit.footer().contains(PROJECTS), "{}", cockpit.footer());
    assert!(cockpit.effects.is_empty());
    cockpit.hides("hunter2");
}

#[test]
fn an_engine_that_is_away_is_told_as_the_reason() {
    let why = EngineError::Unreachable { address: "x".to_owned(), why: "refused".to_owned() };
    let cockpit = Cockpit::waiting(demo_engine()).lost(why, Duration::from_secs(1), 2);
    let cockpit = cockpit.command("deploy shop/live/web");
    let said = cockpit.footer();
    assert!(said.contains("the projects could not be read yet: "), "{said}");
    let broken = Event::ProjectsMissed("the state file is damaged".to_owned());
    let cockpit = cockpit.press("esc").after(broken).command("deploy shop/live/web");
    let said = cockpit.footer();
    assert!(said.contains("could not be read yet: the state file is damaged"), "{said}");
}

#[test]
fn a_key_says_what_is_still_being_read() {
    for key in ["e", "i", "m", "f5"] {
        let cockpit = stack_before(key);
        let refused = format!("{PROJECTS}: press the key again in a moment");
        assert!(cockpit.message().contains(&refused), "{key}: {}", cockpit.message());
        assert!(cockpit.effects.is_empty(), "{key}");
    }
}

/// The list of stacks, their projects unread, after a key on a stack.
fn stack_before(key: &str) -> Cockpit {
    let mut cockpit = Cockpit::waiting(demo_engine());
    cockpit.look();
    let mut cockpit = cockpit.command("stacks").press("j");
    cockpit.wanted();
    cockpit.press(key)
}

#[test]
fn lists_and_offers_count_and_deny_nothing_before_they_are_read() {
    for place in ["stacks", "services", "tasks", "nodes"] {
        let cockpit = Cockpit::waiting(demo_engine()).command(place);
        cockpit.shows("waiting for the engine").hides("[0]").hides("no tasks").hides("no stacks");
    }
    Cockpit::waiting(demo_engine()).press(":").enter("services ").shows(CLUSTER);
    let mut empty = Cockpit::waiting(FakeEngine::new(7, noon()));
    empty.look();
    let empty = empty.command("stacks").shows(PROJECTS).hides("no stacks").hides("[0]");
    empty.after(Event::Projects(Box::default())).shows("no stacks yet").shows("Stacks [0]");
    let mut some = Cockpit::waiting(demo_engine());
    some.look();
    // Who deployed a stack is not known either.
    let some = some.command("stacks").hides("deployed elsewhere").press(":").enter("deploy ");
    let some = some.shows(PROJECTS);
    // What was waited for is offered as soon as it is there.
    some.after(projects()).hides(PROJECTS).shows("shop/live/web");
}

#[test]
fn the_first_view_waits_for_what_it_names() {
    let mut cockpit = Cockpit::waiting(demo_engine());
    cockpit.model.show(Some("services monitoring"));
    cockpit.look();
    cockpit.shows("Services · monitoring");
    let mut wrong = Cockpit::waiting(demo_engine());
    wrong.model.show(Some("services nobody"));
    wrong.look();
    assert!(wrong.message().contains("there is no stack `nobody`"), "{}", wrong.message());
}

#[test]
fn nothing_is_fine_before_tasks_were_looked_at() {
    let cockpit = Cockpit::empty().command("overview").shows("● fine");
    let cockpit = cockpit.with_view(|it| it.surveyed = false);
    cockpit.shows("not known yet: the tasks are still being read").hides("● fine");
}

#[test]
fn a_view_that_was_covered_shows_what_is_so_now() {
    let cockpit = Cockpit::demo().command("overview").hides("nothing: every node");
    let calm = |it: &mut View| {
        (it.services, it.evidence) = ([].into(), [].into());
        it.nodes = [].into();
    };
    let before = cockpit.line("services ");
    let cockpit = cockpit.command("nodes").with_view(calm).command("overview");
    assert_ne!(cockpit.line("services "), before);
    // The same where one comes back to it.
    let cockpit = Cockpit::demo().command("overview").command("nodes").with_view(calm);
    assert_ne!(cockpit.press("esc").line("services "), before);
}
