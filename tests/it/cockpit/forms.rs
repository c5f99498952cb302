//! New stacks: of a template that is filled in, and of a text that is pasted.

use crate::cockpit::harness::{Cockpit, noon};
use skep::{
    domain::{
        compose::template::{Template, builtin},
        project::Catalog,
    },
    projects::templates::{TemplateFile, Templates},
    tui::{
        document::Document,
        event::{Effect, Event, Response},
        projects::{Chore, From, Projects},
    },
};
use std::sync::Arc;

/// It lacks a value that it needs, and has one of every kind of offer.
const TEMPLATE: &str = "\
name: site
description: A web site.
parameters:
  - {name: domain, type: domain, description: Where it is., required: true}
  - {name: replicas, type: number, description: How many., default: 2, min: 1, max: 9}
  - {name: level, type: choice, description: How much it says., default: info, choices: [debug, info, error]}
  - {name: owner, type: text, description: Whom to ask., required: true}
---
services:
  web:
    image: nginx:1
    hostname: ((domain))
    labels: {owner: \"((owner))\", level: ((level))}
    deploy: {replicas: ((replicas))}
";

/// A cockpit that knows an environment `shop/live` and the template.
fn cockpit() -> Cockpit {
    let mut cockpit = Cockpit::demo();
    let mut catalog = Catalog::default();
    let home = "shop/live".parse().unwrap();
    catalog.create_project(&"shop".parse().unwrap(), "", noon()).unwrap();
    catalog.create_environment(&home, None, noon()).unwrap();
    let projects = Projects { catalog, ..Projects::default() };
    cockpit.event(Event::Projects(Box::new(projects)));
    let own = TemplateFile {
        template: Template::parse(TEMPLATE).unwrap(),
        path: Some("/t/site.yml".into()),
    };
    let others = builtin().into_iter().map(|template| TemplateFile { template, path: None });
    let all = [own].into_iter().chain(others).collect();
    cockpit.model.world.setting.templates = Arc::new(Templates { all, broken: Vec::new() });
    cockpit
}

fn form() -> Cockpit {
    cockpit().command("template shop/live/web site")
}

/// Returns the texts of the stacks that are to be made, by their paths.
fn made(cockpit: &Cockpit) -> Vec<(String, String)> {
    let made = |it: &Effect| match it {
        Effect::Project(Chore::Create(new)) => match &new.from {
            From::Text { name, text } if name == "stack.yml" => {
                Some((new.path.to_string(), text.clone()))
            }
            _ => None,
        },
        _ => None,
    };
    cockpit.effects.iter().filter_map(made).collect()
}

#[test]
fn templates_are_listed_with_what_they_are_and_where_they_are_from() {
    for (columns, rows) in [(80, 24), (120, 40)] {
        let cockpit = cockpit().at(columns, rows).command("template");
        let line = cockpit.line("site");
        assert!(line.contains("A web site.") && line.contains("/t/site.yml"), "{line}");
        assert!(cockpit.line("traefik").contains("built-in"));
    }
}

#[test]
fn the_selected_template_asks_for_which_stack_with_the_environments_at_hand() {
    let cockpit = cockpit().command("template").press("enter");
    assert_eq!(cockpit.typed(), "template site ");
    let cockpit = cockpit.press("tab");
    assert_eq!(cockpit.typed(), "template site shop/live/");
    cockpit.enter("web").press("enter").shows("New stack shop/live/web · site");
}

#[test]
fn owners_and_names_are_completed() {
    for (typed, becomes) in [
        ("template sh", "template shop/live/"),
        ("template shop/live/web si", "template shop/live/web site "),
        ("paste sh", "paste shop/live/"),
    ] {
        assert_eq!(cockpit().press(":").enter(typed).press("tab").typed(), becomes);
    }
}

#[test]
fn what_cannot_be_made_is_refused_with_what_to_do() {
    for (command, said) in [
        ("template shop/live/web sit", "did you mean `site`?"),
        ("template site", "a path is missing: write `:template PROJECT/ENVIRONMENT/STACK site`"),
        ("template shop/live/web", "a template is missing: write `:template shop/live/web NAME`"),
        ("template shop/test/web site", "`:create shop/test` makes it"),
        ("template blog/live/web site", "`:create blog` makes it"),
        ("paste shop/test/web", "`:create shop/test` makes it"),
        ("paste", "write `:paste PROJECT/ENVIRONMENT/STACK`"),
    ] {
        let cockpit = cockpit().at(120, 40).command(command);
        assert!(cockpit.message().contains(said), "{command}: {}", cockpit.message());
        assert!(made(&cockpit).is_empty());
    }
}

#[test]
fn a_form_says_in_words_what_is_missing_and_shows_the_text_with_it() {
    for (columns, rows) in [(80, 24), (120, 40)] {
        let cockpit =
            form().at(columns, rows).shows("2 values to fix").shows("hostname: ((domain))");
        assert!(cockpit.line("owner ").contains("missing"));
        assert!(cockpit.line("replicas ").contains(" 2 "));
        assert!(cockpit.shows("Missing: a value is needed.").footer().contains("make stack"));
    }
}

#[test]
fn a_value_that_cannot_be_is_refused_where_it_is_typed() {
    let cockpit = form().at(80, 24).press("j enter");
    let cockpit = cockpit.press("backspace").enter("99").press("enter");
    assert_eq!(cockpit.typed(), "99");
    assert!(cockpit.footer().contains("99 is not between 1 and 9"), "{}", cockpit.footer());
    let cockpit = cockpit.press("backspace enter").shows("replicas: 9}");
    assert!(cockpit.line("replicas ").contains(" 9 "));
    cockpit.press("ctrl-d").shows("replicas: 2}").shows("This is the default.");
}

#[test]
fn tab_goes_through_the_choices() {
    let mut cockpit = form().press("j j e");
    for choice in ["error", "debug", "info", "error"] {
        cockpit = cockpit.press("tab");
        assert_eq!(cockpit.typed(), choice);
    }
    cockpit.press("enter").shows("level: error}");
}

#[test]
fn a_stack_is_made_once_nothing_is_wrong_and_all_that_is_wrong_is_said_at_once() {
    let cockpit =
        form().press("f5").shows("domain: a value is needed").shows("owner: a value is needed");
    assert!(made(&cockpit).is_empty());
    let cockpit = cockpit.press("esc enter").enter("shop.example").press("enter");
    let cockpit = cockpit.press("shift-g enter").enter("ann").press("enter f5");
    let [(path, text)] = made(&cockpit).try_into().unwrap();
    assert_eq!(path, "shop/live/web");
    assert!(text.contains("hostname: shop.example\n") && text.contains("owner: \"ann\""), "{text}");
}

#[test]
fn the_made_stack_opens_in_the_editor_in_the_place_of_the_form() {
    let cockpit = form().press("enter").enter("a.example").press("enter shift-g enter");
    let cockpit = cockpit.enter("ann").press("enter f5");
    let stack = "shop/live/web".parse().unwrap();
    let document = Document::Stack { stack, file: "stack.yml".to_owned() };
    let creates = |it: &Effect| matches!(it, Effect::Project(Chore::Create(_)));
    let cockpit = cockpit.respond(creates, Response::Made { document, report: Vec::new() });
    cockpit.shows("stack.yml").press("esc").hides("New stack");
}

#[test]
fn values_are_there_again_when_the_form_is_opened_again() {
    let cockpit = form().press("enter").enter("a.example").press("enter esc").hides("New stack");
    let cockpit = cockpit.shows("`:template shop/live/web site` continues it");
    let cockpit = cockpit.command("template shop/live/web site").shows("hostname: a.example");
    let cockpit = cockpit.shows("the values that you typed before are here again");
    // Of another stack nothing was typed.
    let other = cockpit.press("esc").command("template shop/live/api site");
    let other = other.hides("a.example").press("esc");
    // What is given back to the default is not there again.
    let cockpit = other.command("template shop/live/web site").press("ctrl-d esc");
    cockpit.command("template shop/live/web site").hides("a.example").hides("typed before");
}

#[test]
fn values_are_lost_with_skep_only_where_that_is_said() {
    let cockpit = form().press("enter").enter("a.example").press("enter").command("quit");
    let mut cockpit = cockpit.shows("did not become a stack yet").press("n").shows("a.example");
    assert!(!cockpit.wanted().iter().any(|it| it == "quit"));
    form().press("esc").hides("New stack");
}

#[test]
fn a_value_that_is_left_half_typed_is_offered_again() {
    let cockpit = form().press("enter").enter("a.exam").press("esc enter");
    assert_eq!(cockpit.typed(), "a.exam");
    let cockpit = form().press("enter").enter("a.exam").press("esc j enter");
    assert_eq!(cockpit.typed(), "2");
}

#[test]
fn a_form_that_was_made_a_stack_begins_anew() {
    let cockpit = form().press("enter").enter("a.example").press("enter esc");
    let cockpit = cockpit.command("template shop/live/web site").press("shift-g enter");
    let cockpit = cockpit.enter("ann").press("enter f5");
    let stack = "shop/live/web".parse().unwrap();
    let document = Document::Stack { stack, file: "stack.yml".to_owned() };
    let creates = |it: &Effect| matches!(it, Effect::Project(Chore::Create(_)));
    let cockpit = cockpit.respond(creates, Response::Made { document, report: Vec::new() });
    cockpit.command("template shop/live/web site").hides("a.example");
}

#[test]
fn the_environment_may_be_gone_by_then() {
    let mut cockpit = form().press("enter").enter("a.example").press("enter shift-g enter");
    cockpit.event(Event::Projects(Box::default()));
    let cockpit = cockpit.enter("ann").press("enter f5");
    assert!(cockpit.message().contains("`:create shop` makes it"), "{}", cockpit.message());
    assert!(made(&cockpit).is_empty());
}

#[test]
fn a_stack_to_paste_into_is_empty() {
    let cockpit = cockpit().command("paste shop/live/web");
    assert_eq!(made(&cockpit), [("shop/live/web".to_owned(), String::new())]);
}

#[test]
fn where_one_may_only_look_nothing_is_made() {
    let cockpit = cockpit().read_only().command("paste shop/live/web");
    assert!(cockpit.message().contains("read-only"), "{}", cockpit.message());
    let cockpit = cockpit.command("template shop/live/web site").press("enter");
    let cockpit = cockpit.enter("a.example").press("enter shift-g enter").enter("ann");
    let cockpit = cockpit.press("enter f5");
    assert!(cockpit.message().contains("read-only"), "{}", cockpit.message());
    assert!(!cockpit.footer().contains("make stack"), "{}", cockpit.footer());
    assert!(made(&cockpit).is_empty());
}

#[test]
fn why_a_value_is_refused_is_said_also_where_keys_are_hidden() {
    let mut cockpit = form();
    cockpit.model.world.setting.hints = false;
    let cockpit = cockpit.press("j enter").enter("29").press("enter");
    assert!(cockpit.footer().contains("29 is not between 1 and 9"), "{}", cockpit.footer());
    cockpit.press("backspace").hides("is not between");
}

#[test]
fn the_text_follows_the_selected_parameter() {
    let cockpit = cockpit().at(80, 24).command("template shop/live/web web-database");
    let cockpit = cockpit.shows("image: nginx").hides("published: 8080");
    cockpit.press("j j j").shows("published: 8080").hides("image: nginx");
}

#[test]
fn the_text_can_be_read_to_its_end_and_alone() {
    for keys in ["tab shift-g", "tab z shift-g"] {
        let cockpit = cockpit().at(80, 24).command("template shop/live/web web-database");
        cockpit.press(keys).shows("name: db-password");
    }
}
