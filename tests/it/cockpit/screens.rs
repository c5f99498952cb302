//! Every screen as it was approved, at a comfortable and at a small size.

use crate::cockpit::{
    harness::{Cockpit, blog, demo_file, noon},
    shots::approve,
};
use skep::{
    engine::{EngineError, fake::FakeEngine},
    jobs::{News, Verdict},
};
use std::time::Duration;

const SIZES: [(u16, u16); 2] = [(160, 48), (80, 24)];

/// Compares a screen at both sizes.
#[track_caller]
fn check(name: &str, open: impl Fn(Cockpit) -> Cockpit) {
    check_on(name, Cockpit::demo, open);
}

#[track_caller]
fn check_on(name: &str, start: impl Fn() -> Cockpit, open: impl Fn(Cockpit) -> Cockpit) {
    for (columns, rows) in SIZES {
        let cockpit = open(start().at(columns, rows));
        approve(&format!("{name}-{columns}x{rows}"), &cockpit.screen());
    }
}

fn with_jobs(cockpit: Cockpit) -> Cockpit {
    let failed = Verdict::Failed {
        why: "shop-production-mail_worker: its tasks keep failing (3 so far): task: non-zero exit (1)"
            .to_owned(),
        hint: Some("its logs say more".to_owned()),
    };
    cockpit
        .over(1, "scale whoami to 3", Verdict::Succeeded("3/3 tasks run after 6s".to_owned()))
        .over(2, "restart shop-production-mail_worker", failed)
        .running(3, "drain hive4", "4 tasks still run on hive4")
        .report(3, News::Note("no engine answers at demo: connection refused".to_owned()))
        .unheard(Duration::from_secs(4))
}

fn editor(cockpit: Cockpit) -> Cockpit {
    cockpit.with_file("/srv/blog/compose.yml", demo_file()).command("edit /srv/blog/compose.yml")
}

/// The plan of a stack that is there, with everything that can become of an object.
fn planned(cockpit: Cockpit) -> Cockpit {
    const FILE: &str = "/srv/shop-staging-web/compose.yml";
    let text = include_str!("../../fixtures/shop-staging-web.yml");
    cockpit.with_file(FILE, text).command(&format!("edit {FILE}")).press("f5 enter")
}

#[test]
fn board() {
    check("board", |it| it);
    check("board-tasks", |it| it.press("/").enter("mail_worker").press("enter tab"));
    check("board-logs", |it| it.press("tab tab"));
    check("board-nodes", |it| it.press("shift-tab shift-tab"));
    check("board-stacks", |it| it.press("shift-tab j j"));
    check("board-zoomed", |it| it.press("z"));
    check("board-filtered", |it| it.press("/").enter("shop"));
    check("board-jobs", |it| with_jobs(it).press("space j space"));
    check_on("board-empty", Cockpit::empty, |it| it);
}

#[test]
fn overview() {
    check("overview", |it| it.command("overview").later(Duration::from_secs(1)));
    check_on("overview-fine", Cockpit::empty, |it| it.command("overview"));
}

#[test]
fn lists() {
    check("stacks", |it| it.command("stacks"));
    check("services", |it| it.command("services"));
    check("tasks", |it| it.command("tasks"));
    check("tasks-of-one", |it| it.command("tasks shop-production-search_ranker"));
    check("nodes", |it| it.command("nodes"));
    check("contexts", |it| it.command("contexts"));
    check("events", |it| it.later(Duration::from_secs(90)).hearing_events().command("events"));
    check("events-empty", |it| it.command("events"));
}

#[test]
fn jobs() {
    check("jobs", |it| with_jobs(it).command("jobs"));
    check("job", |it| with_jobs(it).command("jobs").press("j enter"));
    check("jobs-empty", |it| it.command("jobs"));
}

#[test]
fn releases() {
    check("releases", |it| it.command("history shop-production-web"));
    check("releases-none", |it| it.command("history traefik"));
    check("release", |it| it.command("history shop-production-web").press("j enter"));
    check("release-back", |it| it.command("history shop-production-web").press("j j b f5"));
}

#[test]
fn pages() {
    check("describe-service", |it| it.command("describe shop-production-web_api"));
    check("describe-task", |it| {
        it.command("tasks shop-production-mail_worker").press("shift-s enter")
    });
    check("describe-node", |it| it.command("nodes").press("d"));
    check("spec-yaml", |it| it.command("spec shop-production-web_api"));
    check("spec-json", |it| it.command("spec shop-production-web_api").press("y"));
    check("spec-search", |it| it.command("spec whoami").press("/").enter("image").press("enter"));
    check("swarm", |it| it.command("swarm"));
}

#[test]
fn logs() {
    check("logs", |it| it.command("logs shop-production-web"));
    check("logs-filter", |it| it.command("logs shop-production-web").press("/").enter("GET"));
    check("logs-search", |it| {
        it.command("logs shop-production-web").press("ctrl-f").enter("GET").press("enter")
    });
    check("logs-none", |it| it.command("logs shop-staging-web_postgres"));
}

#[test]
fn editing() {
    check("editor", editor);
    check("editor-finding", |it| editor(it).press("f8"));
    check("editor-unsaved", |it| editor(it).enter("x").press("esc"));
    check("editor-deploy", |it| {
        let fine =
            demo_file().replace("depnds_on", "depends_on").replace("networks: [backend]", "");
        let it = it.with_file("/srv/blog/compose.yml", &fine);
        it.command("edit /srv/blog/compose.yml").press("f5 enter f5")
    });
    check("plan", |it| {
        let it = it.with_file("/srv/blog/compose.yml", blog());
        it.command("edit /srv/blog/compose.yml").press("f5 enter")
    });
    check("plan-changes", |it| planned(it).press("j"));
    check("plan-unfolded", |it| planned(it).press("shift-o shift-g"));
}

#[test]
fn help() {
    check("help", |it| it.press("?"));
    check("help-editor", |it| editor(it).press("f1"));
}

#[test]
fn questions() {
    check("confirm", |it| it.press("r"));
    check("confirm-many", |it| it.press("space j space j space j space r"));
    check("menu", |it| it.command("nodes").press("j a j"));
    check("quit", |it| with_jobs(it).press("q"));
    check("prompt-replicas", |it| it.press("s"));
    check("prompt-command", |it| it.press(":").enter("s"));
    check("prompt-command-object", |it| it.press(":").enter("logs shop-production-w"));
    check("problem", |it| it.command("nodse"));
}

#[test]
fn engines_that_do_not_answer() {
    let gone = || EngineError::Unreachable {
        address: "ssh://ops@m1.prod-eu.bees.example".to_owned(),
        why: "the connection was closed".to_owned(),
    };
    check("lost", |it| it.lost(gone(), Duration::from_secs(95), 12));
    check("stale", |it| it.unheard(Duration::from_secs(40)));
    let on = |engine: FakeEngine| move || Cockpit::on(engine.clone());
    check_on("welcome-no-swarm", on(FakeEngine::new(7, noon()).no_swarm()), |it| it);
    check_on("welcome-worker", on(FakeEngine::new(7, noon()).worker()), |it| it);
    check_on("welcome-unreachable", on(FakeEngine::new(7, noon()).unreachable_after(0)), |it| it);
    check_on("waiting", || Cockpit::waiting(FakeEngine::new(7, noon())), |it| it);
}

#[test]
fn where_one_may_only_look() {
    check("read-only", Cockpit::read_only);
}
