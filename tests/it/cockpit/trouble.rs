//! An engine that is lost, slow, or no manager of a swarm.

use crate::cockpit::harness::{Cockpit, demo_engine, noon};
use skep::engine::{EngineError, fake::FakeEngine};
use std::time::Duration;

fn gone() -> EngineError {
    EngineError::Unreachable {
        address: "unix:///var/run/docker.sock".to_owned(),
        why: "connection refused".to_owned(),
    }
}

fn minutes(count: u64) -> Duration {
    Duration::from_secs(60 * count)
}

#[test]
fn a_lost_engine_keeps_the_last_view_and_says_its_age_and_what_to_do() {
    let cockpit = Cockpit::demo().lost(gone(), minutes(3), 7);
    let screen = cockpit.screen();
    let banner: Vec<&str> = screen.lines().skip(1).take(2).map(str::trim).collect();
    assert_eq!(
        banner.join(" "),
        "⚠ no engine answers at unix:///var/run/docker.sock: connection refused; is the engine \
         running? `systemctl status docker`; or name another one with --context or --host (what you see is 3m old; lost for 3m, 7 tries, still trying)"
    );
    let _ = cockpit.shows("monitoring_alertmanager").shows("hive1");
}

#[test]
fn the_keys_still_work_while_the_engine_is_lost() {
    let cockpit = Cockpit::demo().lost(gone(), minutes(3), 7);
    let _ = cockpit.command("nodes").shows("hive3").press("? shift-g").shows(":quit, exit");
}

#[test]
fn once_the_engine_answers_again_the_banner_goes() {
    let cockpit = Cockpit::demo().lost(gone(), minutes(3), 7).later(minutes(1));
    let _ = cockpit.hides("no engine answers").hides("slow to answer");
}

#[test]
fn the_whole_trouble_can_be_read_at_every_width() {
    let cockpit = Cockpit::demo().at(80, 24).lost(gone(), minutes(3), 7);
    let screen = cockpit.screen();
    assert!(screen.contains("connection refused"), "{screen}");
    assert!(screen.contains("systemctl status docker"), "{screen}");
}

#[test]
fn a_view_older_than_two_polls_shows_its_age() {
    let cockpit = Cockpit::demo().unheard(Duration::from_secs(11)).hides("slow to answer");
    let cockpit = cockpit.unheard(Duration::from_secs(1));
    assert!(cockpit.line("slow to answer").contains("12s old"), "{}", cockpit.screen());
}

#[test]
fn what_cannot_be_reached_at_first_is_explained_on_a_page_of_its_own() {
    let engine = demo_engine();
    engine.link().cut();
    let cockpit = Cockpit::on(engine).shows("No engine").shows("connection refused");
    let cockpit = cockpit.shows("unix:///var/run/docker.sock").shows("What you can do");
    let cockpit = cockpit.shows(":contexts").shows(":demo").hides("Services");
    let mut cockpit = cockpit.command("contexts").shows("staging").press("esc");
    assert!(cockpit.screen().contains("No engine"));
    cockpit.wanted();
    assert_eq!(cockpit.press("q").wanted(), ["quit"]);
}

#[track_caller]
fn check(engine: FakeEngine, expected: &[&str]) {
    let screen = Cockpit::on(engine).screen();
    for text in expected {
        assert!(screen.contains(text), "no {text:?} in\n{screen}");
    }
}

#[test]
fn an_engine_outside_of_any_swarm_is_told_how_to_become_one() {
    check(
        FakeEngine::new(7, noon()).no_swarm(),
        &["is not part of a swarm", "docker swarm init", "docker swarm join", ":demo"],
    );
}

#[test]
fn a_worker_names_the_managers() {
    check(FakeEngine::new(7, noon()).worker(), &["is a worker", "managers:", ":contexts"]);
}

#[test]
fn a_swarm_without_a_leader_says_what_brings_it_back() {
    check(
        FakeEngine::new(7, noon()).without_leader(),
        &["no leader", "start the managers that are down"],
    );
}

#[test]
fn answers_that_make_no_sense_are_told() {
    check(FakeEngine::new(7, noon()).garbage(), &["the engine failed", "expected value"]);
}

#[test]
fn no_permission_says_how_to_get_it() {
    let address = "unix:///var/run/docker.sock".to_owned();
    let engine = FakeEngine::new(7, noon());
    let cockpit = Cockpit::waiting(engine);
    let cockpit = cockpit.lost(EngineError::PermissionDenied { address }, minutes(0), 1);
    let _ = cockpit.shows("no permission to use").shows("usermod -aG docker");
}

#[test]
fn a_page_that_cannot_be_read_says_why() {
    let mut cockpit = Cockpit::demo();
    cockpit.engine.link().cut();
    cockpit = cockpit.press("d");
    let _ = cockpit.shows("no engine answers");
}

#[test]
fn a_page_about_something_that_is_gone_says_so() {
    let cockpit = Cockpit::demo().press("j d").with_view(|view| view.services = [].into());
    let _ = cockpit.press("esc").shows("no services yet");
}

#[test]
fn the_overview_says_what_is_wrong_why_and_what_to_do() {
    let cockpit = Cockpit::demo().command("overview").later(Duration::from_secs(1));
    let cockpit = cockpit.shows("in trouble").shows("why").shows("what to do");
    let _ = cockpit.shows("ranker").shows("mail_worker");
}

#[test]
fn the_overview_of_a_healthy_cluster_is_quiet() {
    let engine = FakeEngine::with_size(noon(), 3, 2);
    let _ = Cockpit::on(engine).command("overview").shows("nothing: every node is ready");
}
