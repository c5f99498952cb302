//! The line at the bottom: commands, completion, history.

use crate::cockpit::harness::{Cockpit, noon};
use skep::{
    domain::project::{Catalog, SourcePlace, StackSource},
    tui::{event::Event, model::Modal, projects::Projects},
};
use std::time::Duration;

#[track_caller]
fn completes(typed: &str, expected: &str) {
    let cockpit = Cockpit::demo().press(":").enter(typed).press("tab");
    assert_eq!(cockpit.typed().trim_end(), expected, "{typed:?}");
}

#[test]
fn tab_completes_commands_and_what_follows_them() {
    completes("ser", "services");
    completes("nd", "nodes");
    completes("drain hi", "drain hive1");
    completes("avail hive2 dr", "avail hive2 drain");
    completes("services moni", "services monitoring");
    completes("scale whoa", "scale whoami");
    completes("ctx stag", "ctx staging");
    completes("logs monitor", "logs monitoring");
    completes("logs registr", "logs registry");
    completes("logs shop-production-web_web.", "logs shop-production-web_web.1");
    completes("logs alertmanager.2", "logs alertmanager.2");
}

#[test]
fn what_a_command_may_become_is_offered_while_one_types() {
    let cockpit = Cockpit::demo().press(":").enter("s");
    for offer in ["stacks", "services", "spec", "swarm", "scale"] {
        assert!(cockpit.screen().contains(offer), "{}", cockpit.screen());
    }
}

#[test]
fn an_unknown_command_names_the_nearest() {
    for (typed, message) in [
        ("nodse", "⚠ `nodse` is not a command; did you mean `nodes`? `:help` lists them"),
        ("xyzzy", "⚠ `xyzzy` is not a command; `:help` lists them"),
        ("nodes hive1", "⚠ `hive1` is an extra word: all nodes"),
        ("services nobody", "⚠ there is no stack `nobody`"),
        ("scale whoami", "⚠ a number is missing: write `:scale whoami 3`"),
        ("scale whoami x", "⚠ `x` is not a number of replicas"),
        ("scale nobody 1", "⚠ there is no service `nobody`"),
        (
            "scale traefik_traefik 2",
            "⚠ traefik_traefik is global: it runs once on each node and cannot be scaled",
        ),
        ("drain nobody", "⚠ there is no node `nobody`"),
        ("availability hive1 asleep", "⚠ `asleep` is not an availability: active, pause or drain"),
        ("contexts nobody", "⚠ there is no docker context `nobody`"),
        ("logs hive1", "⚠ `hive1` is a node: name a service, a stack or a task"),
        ("logs nobody.1", "⚠ there is no stack, service or task `nobody.1`"),
        ("logs registry.x", "⚠ `x` is not the number of a task: `logs registry.1`"),
        (
            "logs traefik_traefik.1",
            "⚠ tasks of traefik_traefik have no numbers: `tasks traefik_traefik` lists them, and `l` follows one",
        ),
    ] {
        assert_eq!(Cockpit::demo().command(typed).message(), message);
    }
}

#[test]
fn another_name_of_a_command_is_among_what_is_offered() {
    for (typed, about) in
        [("ps", "tasks, of a stack"), ("avai", "NODE active"), ("vars", "where they")]
    {
        let cockpit = Cockpit::demo().press(":").enter(typed);
        assert!(cockpit.screen().contains(about), "{typed}: {}", cockpit.screen());
    }
    completes("ps", "ps");
}

#[test]
fn commands_are_understood_as_docker_says_them() {
    for (typed, question) in [
        ("scale registry=3", "Scale registry to 3?"),
        ("service scale registry=3", "Scale registry to 3?"),
        ("docker service update --force whoami", "Restart whoami?"),
        ("service rollback traefik_traefik", "Roll back traefik_traefik?"),
        ("service rm whoami", "Remove whoami?"),
        ("stack rm monitoring", "Remove stack monitoring?"),
        ("node update --availability drain hive4", "Drain hive4?"),
        ("node update --availability=drain hive4", "Drain hive4?"),
        ("service logs -f whoami", "Logs · whoami"),
        ("stack ps monitoring", "Tasks"),
        ("stack services monitoring", "monitoring_loki"),
        ("node ls", "hive4"),
    ] {
        let _ = Cockpit::demo().command(typed).shows(question);
    }
    let _ = Cockpit::demo().command("stack deploy -c a.yml a").shows("`:edit FILE` any; f5 there");
}

#[test]
fn commands_typed_before_come_back() {
    let cockpit = Cockpit::demo().command("nodes").command("events").press(": up");
    assert_eq!(cockpit.typed(), "events");
    let cockpit = cockpit.press("up up up");
    assert_eq!(cockpit.typed(), "nodes");
    assert_eq!(cockpit.press("down down").typed(), "");
}

#[test]
fn values_that_a_command_sets_are_not_remembered() {
    let cockpit = Cockpit::demo().command("secret shop/test/web TOKEN=hunter2").press(": up");
    assert_eq!(cockpit.typed(), "");
    let cockpit = Cockpit::demo().command("set shop DB_PASSWORD=hunter2").press(": up");
    assert_eq!(cockpit.typed(), "set shop DB_PASSWORD=");
}

#[test]
fn a_secret_value_that_nobody_asked_for_is_dropped_as_it_is_typed() {
    for refused in [
        "secret TOKEN",
        "secret",
        "secret Shop TOKEN",
        "secret shop TOKEN qqq",
        "secret shop to-ken",
        "secret shop TOKEN=qqq",
        "secrte shop TOKEN",
    ] {
        let mut cockpit = Cockpit::demo().press(":").enter(refused).press("enter");
        assert!(cockpit.screen().contains("press esc to go on"), "{refused}");
        assert!(!cockpit.screen().contains("qqq"), "{refused}: {}", cockpit.screen());
        cockpit = cockpit.enter("q:Rhunter2").press("backspace up tab right").paste("hunter2\nq");
        assert!(!cockpit.screen().contains("hunter2"), "{refused}: {}", cockpit.screen());
        let cockpit = cockpit.press("enter");
        assert!(!cockpit.screen().contains("hunter2"), "{refused}: {}", cockpit.screen());
        let mut cockpit = cockpit.press(": up");
        assert_eq!(cockpit.typed(), "", "{refused}");
        assert!(cockpit.wanted().is_empty(), "{refused}");
    }
}

#[test]
fn a_secret_value_is_no_key_where_nothing_can_be_changed() {
    let mut cockpit = Cockpit::demo();
    cockpit.model.world.setting.read_only = true;
    let cockpit = cockpit.command("secret shop TOKEN").shows("read-only").enter("q:Rhunter2");
    let mut cockpit = cockpit.hides("hunter2").press("esc");
    assert_eq!(cockpit.message(), "board");
    assert_eq!(cockpit.wanted(), ["remember secret shop TOKEN"]);
}

#[test]
fn a_secret_value_is_asked_for_where_it_is_known_for_whom() {
    let cockpit = Cockpit::demo().press(":").enter("secret shop TOKEN").press("enter");
    let _ = cockpit.shows("TOKEN of shop (not shown)").enter("hunter2").hides("hunter2");
}

#[test]
fn a_command_typed_twice_is_remembered_once() {
    let mut cockpit = Cockpit::demo().command("nodes").command("events").command("nodes");
    assert_eq!(cockpit.model.history, ["events", "nodes"]);
    assert_eq!(cockpit.wanted(), ["remember nodes", "remember events", "remember nodes"]);
}

#[test]
fn the_command_bar_is_left_without_a_trace() {
    for leave in ["esc", "ctrl-c", "backspace esc", "enter"] {
        let mut cockpit = Cockpit::demo().press(":").press(leave);
        assert_eq!(cockpit.message(), "board", "{leave}");
        assert!(cockpit.wanted().is_empty(), "{leave}");
    }
}

#[test]
fn a_line_is_edited_as_in_a_shell() {
    let cockpit = Cockpit::demo().press(":").enter("scale whoami 3");
    let cockpit = cockpit.press("ctrl-w");
    assert_eq!(cockpit.message(), ":scale whoami");
    let cockpit = cockpit.press("ctrl-a").enter("re").press("ctrl-e").enter("4");
    assert_eq!(cockpit.message(), ":rescale whoami 4");
    let cockpit = cockpit.press("ctrl-u").enter("nodes").press("enter");
    assert_eq!(cockpit.message(), "board ▸ nodes");
}

#[test]
fn a_pasted_command_waits_for_enter() {
    let mut cockpit = Cockpit::demo().press(":").paste("rm registry\ny\n");
    assert_eq!(cockpit.message(), ":rm registryy");
    assert!(cockpit.wanted().is_empty());
}

#[test]
fn what_is_pasted_outside_of_any_text_is_no_key() {
    let told = "⚠ there is no text field here: pasted text is ignored";
    let mut cockpit = Cockpit::demo().paste("ry");
    assert!(cockpit.wanted().is_empty());
    assert!(cockpit.model.modal.is_none());
    assert_eq!(cockpit.message(), told);
    let mut cockpit = cockpit.press("r").shows("<y>yes").paste("y");
    assert!(cockpit.wanted().is_empty());
    assert!(matches!(cockpit.model.modal, Some(Modal::Ask(_))));
    assert_eq!(cockpit.message(), told);
}

#[test]
fn pages_are_opened_by_name() {
    for (typed, crumb) in [
        ("overview", "board ▸ overview"),
        ("pulse", "board ▸ overview"),
        ("st", "board ▸ stacks"),
        ("svc monitoring", "board ▸ services · monitoring"),
        ("ps traefik_traefik", "board ▸ tasks · traefik/traefik"),
        ("no", "board ▸ nodes"),
        ("ev", "board ▸ events"),
        ("job", "board ▸ jobs"),
        ("ctx", "board ▸ contexts"),
        ("logs monitoring", "board ▸ logs · monitoring"),
        ("desc whoami", "board ▸ describe · whoami"),
        ("yaml whoami", "board ▸ spec · whoami · YAML"),
        ("swarm", "board ▸ describe · swarm"),
        ("help", "board ▸ keys and commands"),
        ("edit /tmp/web.yml", "board ▸ edit · web.yml"),
    ] {
        assert_eq!(Cockpit::demo().command(typed).message(), crumb, "{typed}");
    }
}

#[test]
fn a_message_stays_for_eight_seconds() {
    let cockpit = Cockpit::demo().command("nodes").press("r").unheard(Duration::from_secs(8));
    assert_eq!(cockpit.message(), "⚠ only services can do this");
    assert_eq!(cockpit.unheard(Duration::from_secs(1)).message(), "board ▸ nodes");
}

/// A cockpit that knows `monitoring` as a stack of a project too.
fn with_project() -> Cockpit {
    let mut catalog = Catalog::default();
    catalog.create_project(&"ops".parse().unwrap(), "", noon()).unwrap();
    catalog.create_environment(&"ops/live".parse().unwrap(), None, noon()).unwrap();
    let (path, swarm) = ("ops/live/metrics".parse().unwrap(), "monitoring".parse().unwrap());
    let (dir, compose) = ("/srv".to_owned(), vec!["stack.yml".to_owned()]);
    let source = StackSource { place: SourcePlace::Linked, dir, compose, env_files: Vec::new() };
    catalog.create_stack(&path, swarm, source, noon()).unwrap();
    let mut cockpit = Cockpit::demo();
    let projects = Projects { catalog, ..Projects::default() };
    cockpit.event(Event::Projects(Box::new(projects)));
    cockpit
}

#[test]
fn a_path_and_a_name_mean_the_same_stack() {
    for command in ["services", "tasks", "history", "logs", "rm", "purge", "stop", "adopt"] {
        let [by_name, by_path] = ["monitoring", "ops/live/metrics"]
            .map(|word| with_project().command(&format!("{command} {word}")).screen());
        assert_eq!(by_name, by_path, "{command}");
        assert!(by_path.contains("monitoring"), "{command}: {by_path}");
        let none = with_project().command(&format!("{command} ops/live/other"));
        assert_eq!(none.message(), "⚠ there is no stack `ops/live/other`", "{command}");
    }
}
