//! Nothing is changed before somebody was asked, and nothing at all where one
//! may only look.

use crate::cockpit::harness::{Cockpit, demo_engine, shared};
use skep::{
    domain::{
        deployment::gc::{Bounds, Waste},
        swarm::{
            belongings::Owned,
            cluster::{Mode, ObjectKind, Service},
        },
    },
    jobs::{News, Verdict, gc::Sweep, watch::View},
    tui::{event::Stroke, keymap::Action},
};
use std::time::{Duration, Instant};

/// The board stands on `monitoring_alertmanager`, the first service by name.
const FIRST: &str = "monitoring_alertmanager";

#[track_caller]
fn check(keys: &str, question: &str, docker: &str, wanted: &[&str]) {
    let mut cockpit = Cockpit::demo().press(keys).shows(question).shows(docker);
    assert!(cockpit.wanted().is_empty(), "done before it was confirmed");
    let mut cockpit = cockpit.press("y").hides(question);
    assert_eq!(cockpit.wanted(), wanted);
}

#[test]
fn what_changes_something_asks_first_and_names_the_docker_command() {
    check(
        "r",
        "Restart monitoring_alertmanager?",
        "docker service update --force monitoring_alertmanager",
        &["restart monitoring_alertmanager"],
    );
    check(
        "b",
        "Roll back monitoring_alertmanager?",
        "docker service rollback monitoring_alertmanager",
        &["roll back monitoring_alertmanager"],
    );
    check(
        "ctrl-d",
        "Remove monitoring_alertmanager?",
        "docker service rm monitoring_alertmanager",
        &["remove monitoring_alertmanager"],
    );
    check(
        "s backspace 5 enter",
        "Scale monitoring_alertmanager to 5?",
        "docker service scale monitoring_alertmanager=5",
        &["scale monitoring_alertmanager to 5"],
    );
}

#[test]
fn a_cleanup_names_everything_that_goes() {
    assert_eq!(Cockpit::demo().command("gc").message(), "nothing to clean up");
    let waste = |number: u32| {
        let (id, name) = (number.to_string(), format!("old-key-{number}"));
        let owned = Owned { kind: ObjectKind::Secrets, id, name };
        Waste::Object { owned, stack: None }
    };
    let waste: Vec<Waste> = (1..=12).map(waste).collect();
    let parts = waste.iter().map(ToString::to_string).collect();
    let sweep = Sweep { bounds: Bounds { keep: 10, all: false }, waste, parts };
    let asked = Cockpit::demo().with_waste(sweep).command("gc");
    let mut asked = asked.shows("Clean up?").shows("secret old-key-12").shows("skep gc");
    asked.wanted();
    assert_eq!(asked.press("y").wanted(), ["clean up"]);
}

#[test]
fn a_stack_is_removed_after_a_question_that_names_what_goes() {
    let asked =
        || Cockpit::demo().command("stacks").press("/").enter("monit").press("enter ctrl-d");
    let mut cockpit = asked().shows("Remove stack monitoring?").shows("service monitoring_loki");
    cockpit = cockpit.shows("docker stack rm monitoring").press("y");
    assert!(cockpit.wanted().contains(&"remove stack monitoring".to_owned()));
    let mut cockpit = Cockpit::demo().in_production().command("rm monitoring");
    cockpit = cockpit.press("y").shows("type monitoring to do it").enter("monitoring");
    assert!(cockpit.press("enter").wanted().contains(&"remove stack monitoring".to_owned()));
}

#[test]
fn a_stack_is_stopped_only_where_something_of_it_runs_and_started_where_it_is_stopped() {
    let mut cockpit = Cockpit::demo().command("stop monitoring");
    let global = "monitoring_node-exporter=0";
    cockpit = cockpit.shows("Stop stack monitoring?").hides(global).press("y");
    assert!(cockpit.wanted().contains(&"stop stack monitoring".to_owned()));
    let cockpit = Cockpit::demo().command("start monitoring");
    assert_eq!(cockpit.message(), "⚠ stack monitoring is not stopped");
    let mut cockpit = Cockpit::demo().with_view(stop_monitoring).command("start monitoring");
    cockpit = cockpit.shows("the same as: skep start monitoring").press("y");
    assert!(cockpit.wanted().contains(&"start stack monitoring".to_owned()));
    let cockpit = Cockpit::demo().with_view(stop_monitoring).command("services");
    assert!(cockpit.line("monitoring_loki").contains("0/0 stopped, had 1"));
    let cockpit = Cockpit::demo().with_view(stop_monitoring).command("stop monitoring");
    assert_eq!(
        cockpit.message(),
        "⚠ stack monitoring is stopped already; `start monitoring` starts it"
    );
}

/// Lets a view say that the services of a stack are stopped.
fn stop_monitoring(view: &mut View) {
    let stopped = |it: &Service| match it.mode {
        Mode::Replicated { .. } if it.name.starts_with("monitoring_") => Service {
            mode: Mode::Replicated { replicas: 0 },
            stopped: Some(1),
            desired: 0,
            running: 0,
            ..it.clone()
        },
        _ => it.clone(),
    };
    view.services = shared(view.services.iter().map(stopped).collect());
}

#[test]
fn no_means_that_nothing_is_done() {
    for no in ["n", "esc"] {
        let mut cockpit = Cockpit::demo().press("r").press(no).hides("Restart");
        assert!(cockpit.wanted().is_empty());
    }
    let mut cockpit = Cockpit::demo().press("r j k d l s x").shows("Restart");
    assert!(cockpit.wanted().is_empty());
}

#[test]
fn production_asks_for_the_name_of_what_is_changed() {
    let asked = || Cockpit::demo().in_production().shows("PRODUCTION").press("r y");
    let mut cockpit = asked().shows(&format!("type {FIRST} to do it"));
    assert!(cockpit.wanted().is_empty());
    let mut cockpit = asked().enter("registry").press("enter").shows("left as it is");
    assert!(cockpit.wanted().is_empty());
    assert_eq!(asked().enter(FIRST).press("enter").wanted(), ["restart monitoring_alertmanager"]);
    let mut several =
        Cockpit::demo().in_production().press("space space r y").enter("prod-eu").press("enter");
    assert_eq!(several.wanted().len(), 2);
}

#[test]
fn a_command_that_changes_something_asks_as_its_key_does() {
    for (typed, question) in [
        ("restart traefik_traefik", "Restart traefik_traefik?"),
        ("scale registry 2", "Scale registry to 2?"),
        ("rollback traefik_traefik", "Roll back traefik_traefik?"),
        ("rm whoami", "Remove whoami?"),
        ("rm monitoring", "Remove stack monitoring?"),
        ("stop monitoring", "Stop stack monitoring?"),
        ("drain hive4", "Drain hive4?"),
        ("availability hive5 active", "Activate hive5?"),
    ] {
        let mut cockpit = Cockpit::demo().command(typed).shows(question);
        assert_eq!(cockpit.wanted(), [format!("remember {typed}")]);
    }
}

#[test]
fn marked_rows_are_changed_together_after_one_question() {
    let cockpit = Cockpit::demo().press("space space space r").shows("3 changes?");
    let mut cockpit = cockpit.shows("monitoring_loki: 1 task will be replaced").press("y");
    let wanted = cockpit.wanted();
    assert_eq!(
        wanted,
        ["alertmanager", "grafana", "loki"].map(|it| format!("restart monitoring_{it}"))
    );
}

#[test]
fn marks_are_counted_shown_and_taken_away() {
    let cockpit = Cockpit::demo().press("space space k k").shows("2 marked");
    assert!(cockpit.line(FIRST).contains('✓'), "{}", cockpit.line(FIRST));
    let mut cockpit = cockpit.press("ctrl-\\").hides("marked").press("r y");
    assert_eq!(cockpit.wanted(), ["restart monitoring_alertmanager"]);
}

#[test]
fn a_number_of_replicas_must_be_one() {
    for bad in ["", "many", "-1", "1.5"] {
        let mut cockpit = Cockpit::demo().press("s ctrl-u").enter(bad).press("enter");
        cockpit = cockpit.shows(&format!("⚠ `{bad}` is not a number of replicas"));
        assert!(cockpit.wanted().is_empty());
    }
}

#[test]
fn the_prompt_for_replicas_starts_with_what_is_wanted_now() {
    let cockpit = Cockpit::demo().press("s");
    assert_eq!(cockpit.message(), "replicas of monitoring_alertmanager: 2");
}

#[test]
fn global_services_are_not_scaled() {
    let mut cockpit = Cockpit::demo().command("services traefik").press("s");
    assert!(cockpit.message().contains("global services run once per node"));
    cockpit.wanted();
    let mut cockpit = cockpit.press("enter");
    assert!(cockpit.wanted().is_empty());
    let shown = Cockpit::demo().command("services traefik").footer();
    assert!(!shown.contains("scale"), "{shown}");
}

#[test]
fn a_node_is_drained_through_a_menu_that_says_what_each_choice_does() {
    let cockpit = Cockpit::demo().command("nodes").press("j j j a");
    let cockpit = cockpit.shows("Availability of hive4").shows("takes no new ones");
    let cockpit = cockpit.press("j j enter").shows("Drain hive4?");
    let mut cockpit = cockpit.shows("docker node update --availability drain hive4");
    assert_eq!(cockpit.wanted(), ["remember nodes"]);
    assert_eq!(cockpit.press("y").wanted(), ["drain hive4"]);
}

#[test]
fn a_menu_ends_at_its_first_and_last_row_and_can_be_left() {
    let on = |cockpit: &Cockpit, row| cockpit.reversed().iter().any(|it| it.starts_with(row));
    let mut cockpit = Cockpit::demo().command("nodes").press("a k");
    assert!(on(&cockpit, "active"), "{:?}", cockpit.reversed());
    cockpit = cockpit.press("j j j j");
    assert!(on(&cockpit, "drain"), "{:?}", cockpit.reversed());
    cockpit = cockpit.press("esc").hides("Availability of");
    assert_eq!(cockpit.wanted(), ["remember nodes"]);
}

/// Every way to change something, by keys and by commands.
const WAYS: &[&str] = &["r", "b", "ctrl-d", "s", "a"];
const COMMANDS: &[&str] = &[
    "restart registry",
    "scale registry 3",
    "rollback registry",
    "rm registry",
    "rm monitoring",
    "stop monitoring",
    "drain hive4",
    "adopt monitoring",
    "purge monitoring",
    "gc",
    "create shop",
    "rename shop store",
    "delete shop",
    "policy shop recommended",
    "unset shop TAG",
];

#[test]
fn where_one_may_only_look_nothing_can_be_changed() {
    for way in WAYS {
        for place in ["board", "services", "nodes", "overview"] {
            let cockpit = Cockpit::demo().read_only().command(place);
            let mut cockpit = cockpit.press(way).press("enter y");
            let wanted = cockpit.wanted();
            let changed = wanted.iter().find(|it| !it.starts_with("remember"));
            assert_eq!(changed, None, "{way} on {place}");
        }
        let message = Cockpit::demo().read_only().press(way).message();
        assert_eq!(message, "⚠ read-only: nothing can be changed here", "{way}");
    }
    for command in COMMANDS {
        let cockpit = Cockpit::demo().with_project("shop").read_only();
        let mut cockpit = cockpit.command(command).press("y");
        assert_eq!(cockpit.wanted(), [format!("remember {command}")]);
        assert!(cockpit.model.modal.is_none(), "{command}");
    }
}

#[test]
fn where_one_may_only_look_dangerous_keys_are_not_offered() {
    let dangerous = || Action::ALL.iter().filter(|it| it.dangerous());
    let footer = Cockpit::demo().read_only().at(300, 48).footer();
    let help = Cockpit::demo().read_only().at(160, 100).press("?").screen();
    for action in dangerous() {
        assert!(!footer.contains(&format!(">{} ", action.label())), "{footer}");
        assert!(!help.contains(action.help()), "{help}");
    }
    let offers = Cockpit::demo().read_only().press(":").enter("r").message();
    assert!(!offers.contains("restart") && !offers.contains("rollback"), "{offers}");
    assert!(Cockpit::demo().read_only().screen().contains("read-only"));
}

#[test]
fn reading_again_changes_nothing() {
    let engine = demo_engine();
    for place in ["board", "overview", "services", "nodes", "swarm", "events", "jobs"] {
        let mut cockpit = Cockpit::on(engine.clone()).command(place);
        cockpit.wanted();
        let before = cockpit.screen();
        let mut cockpit = cockpit.press("ctrl-r");
        assert!(cockpit.wanted().is_empty(), "{place}");
        assert_eq!(cockpit.screen(), before, "{place}");
    }
    assert!(engine.writes().is_empty());
}

#[test]
fn leaving_with_running_jobs_asks() {
    let cockpit = Cockpit::demo().running(1, "scale web to 5", "3/5 tasks run");
    let mut cockpit = cockpit.press("q").shows("Leave skep?").shows("scale web to 5");
    assert!(cockpit.wanted().is_empty());
    assert_eq!(cockpit.press("y").wanted(), ["quit"]);
}

#[test]
fn leaving_with_nothing_to_lose_does_not_ask() {
    for way in ["q", "ctrl-c"] {
        let done = Verdict::Succeeded("5/5 tasks run".to_owned());
        let mut cockpit = Cockpit::demo().over(1, "scale web to 5", done).press(way);
        assert_eq!(cockpit.wanted(), ["quit"]);
    }
    assert_eq!(Cockpit::demo().command("q").wanted(), ["quit"]);
}

#[test]
fn a_running_job_is_cancelled_and_one_that_is_over_is_not() {
    let cockpit = Cockpit::demo().running(7, "scale web to 5", "3/5 tasks run");
    let mut cockpit = cockpit.command("jobs");
    cockpit.wanted();
    let mut cockpit = cockpit.press("x");
    assert_eq!(cockpit.wanted(), ["cancel job 7"]);
    let done = Verdict::Succeeded(String::new());
    let mut cockpit = Cockpit::demo().over(7, "scale web to 5", done).command("jobs").press("x");
    assert_eq!(cockpit.wanted(), ["remember jobs"]);
    assert!(cockpit.message().contains("this job is over"), "{}", cockpit.message());
}

#[test]
fn why_a_key_did_nothing_is_gone_with_the_next_key() {
    let cockpit = Cockpit::demo().command("nodes").press("r");
    assert_eq!(cockpit.message(), "⚠ only services can do this");
    assert_eq!(cockpit.press("j").message(), "board ▸ nodes");
    let cockpit = Cockpit::demo().command("nodse").shows("⚠ `nodse` is not").press(":");
    assert_eq!(cockpit.message(), ":");
}

#[test]
fn what_a_job_says_stays_while_somebody_types() {
    let failed = Verdict::Failed { why: "no such image".to_owned(), hint: None };
    let cockpit = Cockpit::demo().over(1, "restart web", failed).press("j j");
    assert_eq!(cockpit.message(), "⚠ restart web failed: no such image");
}

#[test]
fn enter_confirms_nothing_that_destroys_and_says_which_key_does() {
    for (keys, question) in [
        ("b", "Roll back monitoring_alertmanager?"),
        ("ctrl-d", "Remove monitoring_alertmanager?"),
        ("s 0 enter", "Scale monitoring_alertmanager to 0?"),
        (": s t o p space m o n i t o r i n g enter", "Stop stack monitoring?"),
        (": r m space m o n i t o r i n g enter", "Remove stack monitoring?"),
        (": p u r g e space m o n i t o r i n g enter", "with its volumes?"),
        (": n o d e s enter a j j enter", "Drain hive"),
    ] {
        let mut cockpit = Cockpit::demo().press(keys);
        cockpit.wanted();
        let mut cockpit = cockpit.shows(question).shows("enter does nothing").press("enter");
        assert!(cockpit.message().contains("press y for yes"), "{}", cockpit.message());
        assert!(cockpit.wanted().is_empty(), "{question}: done by enter");
        assert_eq!(cockpit.shows(question).press("y").wanted().len(), 1, "{question}");
    }
    // What harms nothing is confirmed by enter too.
    assert_eq!(Cockpit::demo().press("r enter").wanted().len(), 1);
    assert_eq!(Cockpit::demo().press("s 5 enter enter").wanted().len(), 1);
}

#[test]
fn more_tasks_than_a_swarm_holds_are_not_wanted_by_an_enter() {
    let mut cockpit = Cockpit::demo().press("s").enter("99999999999").press("enter");
    cockpit = cockpit.shows("more than the swarm can run").press("enter");
    assert!(cockpit.wanted().is_empty());
    assert_eq!(cockpit.press("y").wanted(), [format!("scale {FIRST} to 99999999999")]);
}

#[test]
fn a_question_says_what_is_so_now() {
    let scaled = format!("scale {FIRST} to 4");
    let waits = format!("`{scaled}` is still waiting");
    let asked = Cockpit::demo().running(1, &scaled, "3/4 tasks run").press("s 5 enter");
    let done = Verdict::Succeeded("4/4 tasks run".to_owned());
    let asked = asked.shows(&waits).shows(": 2 → 5 replicas");
    let asked = asked.report(1, News::Finished(done)).hides(&waits).shows(": 2 → 5 replicas");
    let asked = asked.with_view(|view| {
        let four = |it: &Service| match it.name.as_ref() {
            FIRST => Service { mode: Mode::Replicated { replicas: 4 }, ..it.clone() },
            _ => it.clone(),
        };
        view.services = shared(view.services.iter().map(four).collect());
    });
    let mut asked = asked.shows(": 4 → 5 replicas").shows("the same as:");
    asked.wanted();
    assert_eq!(asked.press("y").wanted(), [format!("scale {FIRST} to 5")]);
}

#[test]
fn a_change_says_from_what_to_what_for_each_object_and_all_commands() {
    let cockpit = Cockpit::demo().press("s 5 enter");
    let cockpit = cockpit.shows("monitoring_alertmanager: 2 → 5 replicas");
    drop(cockpit);
    let several = Cockpit::demo().command("services").press("/").enter("monit").press("enter");
    let several = several.press("space space r").shows("2 changes?");
    let second = several.line("monitoring_grafana: ");
    assert!(second.contains("replaced"), "{second}");
    several
        .shows("docker service update --force monitoring_alertmanager")
        .shows("docker service update --force monitoring_grafana");
    Cockpit::demo().command("nodes").press("a j j enter").shows(": active → drain");
}

#[test]
fn what_has_no_room_is_scrolled_to() {
    let all = Cockpit::demo().at(80, 24).command("services");
    let asked =
        all.press(&["space"; 25].join(" ")).press("r").shows("read on").hides("the same as");
    // As far as it goes, and not further.
    let asked = asked.press(&["j"; 200].join(" ")).shows("service update --force whoami");
    asked.press("k k k").hides("service update --force whoami");
}

#[test]
fn nothing_that_was_typed_before_the_question_could_be_read_answers_it() {
    let shown = Instant::now();
    let pressed = |after: Option<u64>, alone: bool| {
        let mut cockpit = Cockpit::demo().press("ctrl-d");
        cockpit.wanted();
        if after.is_some() {
            cockpit.model.show_asked(shown);
        }
        let at = shown + Duration::from_millis(after.unwrap_or_default());
        cockpit.model.stroke = Some(Stroke { at, alone });
        let mut cockpit = cockpit.press("y");
        cockpit.wanted().len()
    };
    // It was not even drawn; too early; in a burst; in time.
    assert_eq!(pressed(None, true), 0);
    assert_eq!(pressed(Some(399), true), 0);
    assert_eq!(pressed(Some(5000), false), 0);
    assert_eq!(pressed(Some(400), true), 1);
}

#[test]
fn what_is_pasted_confirms_nothing() {
    let mut asked = Cockpit::demo().press("ctrl-d").paste("y").shows("Remove");
    assert!(asked.wanted().is_empty());
    let asked = Cockpit::demo().in_production().press("r y").paste(FIRST).press("enter");
    let mut asked = asked.hides("started");
    assert!(asked.wanted().is_empty());
}

#[test]
fn a_word_that_came_in_one_burst_with_its_enter_confirms_nothing() {
    let typed = |alone: bool| {
        let mut cockpit = Cockpit::demo().in_production().press("r y").shows("production: type");
        cockpit.wanted();
        let shown = Instant::now();
        cockpit.model.show_asked(shown);
        let at = shown + Duration::from_secs(5);
        cockpit.model.stroke = Some(Stroke { at, alone });
        let mut cockpit = cockpit.enter(FIRST).press("enter");
        (cockpit.wanted().len(), cockpit)
    };
    let (done, cockpit) = typed(false);
    assert_eq!(done, 0);
    // What was typed is there still: it takes an enter of its own.
    let mut cockpit = cockpit.shows("it came too fast");
    cockpit.model.stroke = None;
    assert_eq!(cockpit.press("enter").wanted().len(), 1);
    assert_eq!(typed(true).0, 1);
}

#[test]
fn a_prompt_proposes_its_text_and_typing_replaces_it() {
    let cockpit = Cockpit::demo().press("s 5");
    assert_eq!(cockpit.typed(), "5");
    let cockpit = Cockpit::demo().press("s end 5");
    assert_eq!(cockpit.typed(), "25");
    let cockpit = Cockpit::demo().command("services").press("/").enter("web").press("enter /");
    assert_eq!(cockpit.typed(), "web");
    assert_eq!(cockpit.enter("acc").typed(), "acc");
}

#[test]
fn a_question_that_was_open_changes_nothing_once_nothing_may_be_changed() {
    let mut cockpit = Cockpit::demo().command("restart whoami").shows("Restart whoami?");
    cockpit.wanted();
    let mut cockpit = cockpit.read_only().press("y").hides("Restart whoami?");
    assert_eq!(cockpit.wanted(), [""; 0]);
    assert!(cockpit.message().contains("read-only"), "{}", cockpit.message());
}
