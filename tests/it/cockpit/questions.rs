//! Every question before a change: what it says, and what does not answer it.

use crate::cockpit::{
    harness::{Cockpit, shared},
    interrupted::found,
    job::deploying,
};
use skep::{
    domain::{
        deployment::{
            gc::{Bounds, Waste},
            verdict::Verdict,
        },
        swarm::{
            belongings::Owned,
            cluster::{Mode, ObjectKind, Service},
        },
    },
    jobs::{News, gc::Sweep},
    tui::{
        event::{Effect, Event, Stroke},
        keyboard::Decoder,
        model::Modal,
    },
};
use std::time::{Duration, Instant};

/// A question: how it comes about, what it says of each object, and the
/// commands that do the same.
struct Row {
    asked: fn() -> Cockpit,
    facts: &'static [&'static str],
    commands: &'static [&'static str],
}

fn keys(keys: &str) -> Cockpit {
    Cockpit::demo().press(keys)
}

fn command(typed: &str) -> Cockpit {
    Cockpit::demo().command(typed)
}

fn in_shop(typed: &str) -> Cockpit {
    Cockpit::demo().with_project("shop").command(typed)
}

fn with_waste() -> Cockpit {
    let waste = |name: &str| {
        let owned = Owned { kind: ObjectKind::Secrets, id: name.to_owned(), name: name.to_owned() };
        Waste::Object { owned, stack: None }
    };
    let waste: Vec<Waste> = ["old-key", "older-key"].into_iter().map(waste).collect();
    let parts = waste.iter().map(ToString::to_string).collect();
    let sweep = Sweep { bounds: Bounds { keep: 10, all: false }, waste, parts };
    Cockpit::demo().with_waste(sweep).command("gc")
}

fn stopped() -> Cockpit {
    let stopped = |it: &Service| match it.mode {
        Mode::Replicated { .. } if it.name.starts_with("monitoring_") => {
            Service { mode: Mode::Replicated { replicas: 0 }, stopped: Some(1), ..it.clone() }
        }
        _ => it.clone(),
    };
    Cockpit::demo()
        .with_view(|it| it.services = shared(it.services.iter().map(stopped).collect()))
        .command("start monitoring")
}

fn plan() -> Cockpit {
    let (path, text) = ("/srv/blog/compose.yml", "services:\n  web:\n    image: ghost:5.87\n");
    let editor = Cockpit::demo().with_file(path, text).command(&format!("edit {path}"));
    editor.press("f5 enter").shows("blog_web").press("f5")
}

/// Every question that a key or a command asks before the cluster is changed.
const ROWS: &[Row] = &[
    Row {
        asked: || keys("s 5 enter"),
        facts: &["monitoring_alertmanager: 2 → 5 replicas"],
        commands: &["docker service scale monitoring_alertmanager=5"],
    },
    Row {
        asked: || keys("space space s 0 enter"),
        facts: &["monitoring_alertmanager: 2 → 0 replicas", "monitoring_grafana: 1 → 0 replicas"],
        commands: &[
            "docker service scale monitoring_alertmanager=0",
            "docker service scale monitoring_grafana=0",
        ],
    },
    Row {
        asked: || keys("space space r"),
        facts: &[
            "monitoring_alertmanager: 2 tasks will be replaced",
            "monitoring_grafana: 1 task will be replaced",
        ],
        commands: &[
            "docker service update --force monitoring_alertmanager",
            "docker service update --force monitoring_grafana",
        ],
    },
    Row {
        asked: || keys("space space b"),
        facts: &["monitoring_alertmanager: ", "monitoring_grafana: ", " → grafana/grafana:11.0.1"],
        commands: &[
            "docker service rollback monitoring_alertmanager",
            "docker service rollback monitoring_grafana",
        ],
    },
    Row {
        asked: || keys("space space ctrl-d"),
        facts: &[
            "monitoring_alertmanager: 2 tasks will stop",
            "monitoring_grafana: 1 task will stop",
        ],
        commands: &[
            "docker service rm monitoring_alertmanager",
            "docker service rm monitoring_grafana",
        ],
    },
    Row {
        asked: || command("rm monitoring"),
        facts: &[
            "service monitoring_loki with 1 task will be removed",
            "service monitoring_grafana with 1 task will be removed",
        ],
        commands: &["docker stack rm monitoring"],
    },
    Row {
        asked: || command("purge monitoring"),
        facts: &["service monitoring_loki with 1 task will be removed"],
        commands: &["skep rm --volumes monitoring"],
    },
    Row {
        asked: || command("stop monitoring"),
        facts: &["monitoring_loki: 1 → 0 replicas", "monitoring_alertmanager: 2 → 0 replicas"],
        commands: &["the same as: skep stop monitoring"],
    },
    Row {
        asked: stopped,
        facts: &["monitoring_loki: 0 → 1 replicas"],
        commands: &["the same as: skep start monitoring"],
    },
    Row {
        asked: || command("adopt monitoring"),
        facts: &["monitoring: what runs now will be recorded as release 1"],
        commands: &["skep adopt monitoring"],
    },
    Row {
        asked: with_waste,
        facts: &["secret old-key will be removed", "secret older-key will be removed"],
        commands: &["skep gc"],
    },
    Row {
        asked: || command("history shop-production-web").press("j j b f5"),
        facts: &["shop-production-web: release 2 will replace "],
        commands: &["skep rollback shop-production-web 2"],
    },
    Row {
        asked: || command("drain hive4"),
        facts: &["hive4: active → drain"],
        commands: &["docker node update --availability drain hive4"],
    },
    Row {
        asked: || command("nodes").press("j j j space space a j j enter"),
        facts: &["hive4: active → drain", "hive5: "],
        commands: &[
            "docker node update --availability drain hive4",
            "docker node update --availability drain hive5",
        ],
    },
    Row {
        asked: || command("availability hive4 pause"),
        facts: &["hive4: active → pause"],
        commands: &["docker node update --availability pause hive4"],
    },
    Row {
        asked: || command("availability hive5 active"),
        facts: &["hive5: ", " → active"],
        commands: &["docker node update --availability active hive5"],
    },
    Row {
        asked: || Cockpit::demo().after(found(&["blog"])).press("y"),
        facts: &["blog: release 1 is half done; it will be rolled back"],
        commands: &["skep recover blog --undo"],
    },
    Row {
        asked: || Cockpit::demo().after(found(&["blog"])).press("j y"),
        facts: &["blog: release 1 is half done; the rest will be deployed"],
        commands: &["skep recover blog --finish"],
    },
    Row {
        asked: plan,
        facts: &["blog will be deployed by this plan"],
        commands: &["docker stack deploy"],
    },
    Row {
        asked: || deploying(Cockpit::demo()).press("x"),
        facts: &["will be cancelled and rolled back"],
        commands: &["ctrl-c in `skep deploy`"],
    },
    Row {
        asked: || in_shop("delete shop"),
        facts: &["project shop will be deleted from skep"],
        commands: &["skep project delete shop"],
    },
    Row {
        asked: || in_shop("unset shop TAG"),
        facts: &["shop: TAG will no longer be set here"],
        commands: &["skep var unset shop TAG"],
    },
    Row {
        asked: || in_shop("policy shop update.delay -"),
        facts: &["shop: update.delay will no longer be set here"],
        commands: &["skep policy unset shop update.delay"],
    },
    Row {
        asked: || in_shop("policy shop recommended"),
        facts: &["shop: the recommended policy will replace its policy"],
        commands: &["skep policy recommended shop"],
    },
];

fn title(cockpit: &Cockpit) -> String {
    match &cockpit.model.modal {
        Some(Modal::Ask(question)) => question.title.clone(),
        other => panic!("no question: {other:?}\n{}", cockpit.screen()),
    }
}

/// All that a question says, also what has no room on the screen.
fn text(cockpit: &Cockpit) -> String {
    let Some(Modal::Ask(question)) = &cockpit.model.modal else { return String::new() };
    question.text.join("\n")
}

#[test]
fn every_question_says_what_becomes_of_each_object_and_the_command() {
    for row in ROWS {
        let cockpit = (row.asked)();
        let (title, text) = (title(&cockpit), text(&cockpit));
        for part in row.facts.iter().chain(row.commands) {
            assert!(text.contains(part), "{title} does not say `{part}`:\n{text}");
        }
        assert!(text.contains("the same as: "), "{title}:\n{text}");
    }
}

/// Presses the key that confirms, so long after the question was to be seen.
fn answered(row: &Row, after: Duration, alone: bool) -> (String, Vec<String>) {
    let mut cockpit = (row.asked)();
    let (title, shown) = (title(&cockpit), Instant::now());
    cockpit.model.show_asked(shown);
    cockpit.model.stroke = Some(Stroke { at: shown + after, alone });
    cockpit.wanted();
    (title, done(&cockpit.press("y")))
}

/// What was released by an answer, in words.
fn done(cockpit: &Cockpit) -> Vec<String> {
    let words = |it: &Effect| match it {
        Effect::Start(work) => Some(work.title()),
        Effect::Cancel(job) => Some(format!("cancel {job:?}")),
        Effect::Project(chore) => Some(format!("{chore:?}")),
        _ => None,
    };
    cockpit.effects.iter().filter_map(words).collect()
}

#[test]
fn no_question_is_answered_before_it_could_be_read_or_by_a_burst() {
    for row in ROWS {
        let (soon, late) = (Duration::from_millis(149), Duration::from_millis(400));
        for (after, alone) in [(soon, true), (late, false)] {
            let (title, done) = answered(row, after, alone);
            assert_eq!(done, [""; 0], "{title} {after:?} {alone}");
        }
        let (title, done) = answered(row, late, true);
        assert!(!done.is_empty(), "{title}: nothing was done in time");
    }
}

#[test]
fn nothing_pasted_and_nothing_that_a_terminal_reports_answers_a_question() {
    const REPORTS: &[&[u8]] = &[
        b"\x1b[?2026;2$y",
        b"\x1b[?62;1;6;22c",
        b"\x1b[24;80R",
        b"\x1b]11;rgb:1e1e/yyyy/2e2e\x07",
        b"\x1bP1+r544e=yyyy\x1b\\",
        b"\x1b[I",
    ];
    for row in ROWS {
        let mut cockpit = (row.asked)();
        let title = title(&cockpit);
        cockpit.model.show_asked(Instant::now());
        cockpit.wanted();
        let mut cockpit = cockpit.paste("y").paste("y\n").paste("\n");
        for report in REPORTS {
            let found = Decoder::default().feed(report, Instant::now());
            for input in found {
                if let crossterm::event::Event::Key(key) = input {
                    cockpit.event(Event::Key(key));
                }
            }
        }
        assert_eq!(done(&cockpit), [""; 0], "{title}");
        assert!(matches!(cockpit.model.modal, Some(Modal::Ask(_))), "{title} is gone");
    }
}

#[test]
fn nothing_is_asked_about_what_is_not_there_or_cannot_be_deleted() {
    for (typed, said) in [
        ("delete foo", "there is no project `foo`"),
        ("delete shop/test", "there is no environment `shop/test`"),
        ("delete shop", "project `shop` still has shop/live"),
        ("unset foo TAG", "there is no project `foo`"),
        ("policy foo recommended", "there is no project `foo`"),
        ("policy shop/live/web recommended", "stack shop/live/web has no policy of its own"),
    ] {
        let cockpit = Cockpit::demo().with_stack("shop/live/web", "services: {}\n");
        let cockpit = cockpit.command(typed);
        assert!(cockpit.footer().contains(said), "{typed}: {}", cockpit.footer());
        assert!(!matches!(cockpit.model.modal, Some(Modal::Ask(_))), "{typed}");
    }
}

#[test]
fn the_tasks_of_a_restart_are_counted_and_those_that_run() {
    let loses_one = |it: &Service| match &*it.name {
        "monitoring_alertmanager" => Service { running: 1, ..it.clone() },
        _ => it.clone(),
    };
    let cockpit = Cockpit::demo()
        .with_view(|it| it.services = shared(it.services.iter().map(loses_one).collect()))
        .command("restart monitoring_alertmanager");
    let asked = text(&cockpit);
    let said = "monitoring_alertmanager: 2 tasks (1 of 2 now running) will be replaced";
    assert!(asked.contains(said), "{asked}");
}

#[test]
fn the_question_about_leaving_names_what_runs_now() {
    let cockpit = Cockpit::demo().running(1, "scale web to 5", "3/5 tasks run");
    let cockpit = cockpit.press("q").shows("Still running: scale web to 5");
    let done = News::Finished(Verdict::Succeeded("5/5 tasks run".to_owned()));
    let mut cockpit = cockpit.report(1, done).hides("Still running").shows("It ended meanwhile");
    cockpit.wanted();
    assert_eq!(cockpit.press("y").wanted(), ["quit"]);
}
