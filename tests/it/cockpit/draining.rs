//! Before a node is drained it is read what that moves, and to where.

use crate::{
    cli::Shell,
    cockpit::harness::{Cockpit, noon},
};
use serde_json::{Value, json};
use skep::{
    cli::Exit,
    domain::swarm::{change::Change, spec::NewService},
    engine::{Engine, fake::FakeEngine},
    tui::{
        event::{Effect, Event, Response},
        model::Modal,
    },
};
use std::time::Duration;

fn spec(name: &str, mode: &Value, constraints: &Value, mounts: &Value) -> Value {
    json!({
        "Name": name, "Labels": {}, "Mode": mode, "EndpointSpec": {},
        "TaskTemplate": {
            "ContainerSpec": { "Image": "web:1", "Privileges": {}, "Mounts": mounts },
            "Resources": {}, "Placement": { "Constraints": constraints },
        },
    })
}

/// Three nodes: `db` is bound to the first and has its data there, `agent` runs everywhere.
fn cockpit() -> Cockpit {
    let cockpit = Cockpit::on(FakeEngine::new(7, noon()));
    let data = json!([
        { "Type": "volume", "Source": "db-data", "Target": "/data" },
        { "Type": "volume", "Source": "far", "Target": "/far",
          "VolumeOptions": { "DriverConfig": { "Name": "local", "Options": { "type": "nfs" } } } },
    ]);
    let one = json!({ "Replicated": { "Replicas": 1 } });
    let on_first = json!(["node.hostname==node1"]);
    for spec in [
        spec("db", &one, &on_first, &data),
        spec("agent", &json!({ "Global": {} }), &json!([]), &json!([])),
        spec("web", &json!({ "Replicated": { "Replicas": 6 } }), &json!([]), &json!([])),
    ] {
        let change = Change::CreateService { spec: NewService::new(spec).unwrap(), auth: None };
        let engine = cockpit.engine.clone();
        cockpit.ask(async move { engine.apply(&change).await.unwrap() });
    }
    cockpit.later(Duration::from_secs(60))
}

/// All that is asked, also what has no room on the screen.
#[track_caller]
fn asked(cockpit: &Cockpit) -> String {
    match &cockpit.model.modal {
        Some(Modal::Ask(question)) => {
            format!("{}\n{}", question.title, question.text.join("\n"))
        }
        other => panic!("no question: {other:?}\n{}", cockpit.screen()),
    }
}

fn foresees(effect: &Effect) -> bool {
    matches!(effect, Effect::Foresee(_))
}

#[test]
fn the_question_says_what_moves_where_what_stops_and_whose_data_stays() {
    for way in [": d r a i n space n o d e 1 enter", ": n o d e s enter a j j enter"] {
        let asked = asked(&cockpit().press(way));
        for line in [
            "Drain node1?",
            "node1: active → drain",
            "  web: 2 tasks → node2 or node3",
            "  db: no other node meets its constraints; 1 task waits until this node is active again",
            "  agent: 1 task of a global service stops until the node is active again",
            "  db: its data in volume db-data stays here",
        ] {
            assert!(asked.lines().any(|it| it == line), "no `{line}` in:\n{asked}");
        }
        // That one is on no node.
        assert!(!asked.contains("volume far"), "{asked}");
    }
}

#[test]
fn nodes_that_are_drained_together_take_nothing_of_each_other() {
    let asked = asked(&cockpit().command("nodes").press("space space a j j enter"));
    assert!(asked.contains("2 changes?") && asked.contains("web: 2 tasks → node3\n"), "{asked}");
    assert!(!asked.contains("→ node1") && !asked.contains("→ node2"), "{asked}");
}

#[test]
fn what_the_view_does_not_hold_is_read_for_the_question() {
    // The list of nodes holds no task of them.
    let cockpit = cockpit().command("nodes").holding().press("a j j enter").hides("Drain node1?");
    assert!(cockpit.message().contains("reading what runs on node1"), "{}", cockpit.message());
    let at = cockpit.newest(foresees);
    let asked = asked(&cockpit.deliver(at));
    assert!(asked.contains("web: 2 tasks"), "{asked}");
}

#[test]
fn where_the_tasks_cannot_be_read_the_question_says_so() {
    let cockpit = cockpit().holding().command("drain node1");
    let ticket = cockpit.ticket_of(cockpit.newest(foresees));
    let node = cockpit.model.world.nodes()[0].clone();
    let nodes = vec![(node.id.clone(), node.hostname.to_string())];
    let found = Err("no answer within 8s".to_owned());
    let mut cockpit = cockpit.after(Event::Response(ticket, Response::Foreseen(nodes, found)));
    let asked = asked(&cockpit);
    assert!(asked.contains("what runs there could not be read: no answer within 8s"), "{asked}");
    cockpit.wanted();
    assert_eq!(cockpit.press("y").wanted(), ["drain node1"]);
}

#[test]
fn the_command_says_the_same_before_it_asks() {
    let cockpit = cockpit();
    let shell = Shell::with(Ok(cockpit.engine.clone()));
    let printed = cockpit.ask(shell.run("node drain node1"));
    assert_eq!(printed.exit, Exit::Failed, "nobody was there to confirm it");
    assert!(printed.remarks.contains("web: 2 tasks → node2 or node3"), "{}", printed.remarks);
    assert!(printed.remarks.contains("volume db-data stays here"), "{}", printed.remarks);
}
