//! Lists that are not complete: what makes no sense is left out, and that is said, by
//! every command and by the cockpit.

use crate::{
    cli::Shell,
    cockpit::harness::Cockpit,
    engine::stand_in::{Asked, PATIENT, PING, Reply, StandIn, ok},
};
use serde_json::{Value, json};
use skep::{
    cli::{Exit, Reached},
    engine::LeftOut,
    jobs::{
        masked_engine::MaskedEngine,
        watch::{self, PollPace, View},
    },
    store::Store,
    tui::event::Event,
};
use std::sync::Arc;

fn service(id: &str, name: &str) -> Value {
    json!({ "ID": id, "Version": { "Index": 1 }, "Spec": { "Name": name,
        "Labels": { "com.docker.stack.namespace": "shop" }, "Mode": { "Replicated": { "Replicas": 1 } },
        "TaskTemplate": { "ContainerSpec": { "Image": "a:1" } } },
        "ServiceStatus": { "RunningTasks": 1, "DesiredTasks": 1 } })
}

/// An engine whose lists hold what is not an object, or has no id.
fn engine() -> StandIn {
    StandIn::answering(|asked: &Asked| {
        let path = asked.line.strip_prefix("GET /v1.41/").unwrap_or_default();
        match path.split(['?', '/']).next().unwrap_or_default() {
            _ if asked.line == "GET /_ping" => Reply::Says(200, PING, "OK".to_owned()),
            "services" => {
                ok(json!([service("s1", "shop_web"), { "Spec": {} }, 7, { "ID": 1e99 }])
                    .to_string())
            }
            "nodes" => ok(json!([{ "ID": "n1" }, null]).to_string()),
            "tasks" => ok(json!([{ "ID": "t1", "ServiceID": "s1" }]).to_string()),
            "info" => ok(json!({ "Swarm": { "LocalNodeState": "active",
                "ControlAvailable": true, "NodeID": "n1" } })
            .to_string()),
            "events" => Reply::Hangs("HTTP/1.1 200 OK\r\n\r\n".to_owned()),
            _ => ok("{}"),
        }
    })
}

async fn check(line: &str, there: &str, expected: &str) {
    let stand_in = engine();
    let mut shell = Shell::demo();
    let engine = Arc::new(stand_in.engine(PATIENT));
    shell.desk.engine = Ok(Reached { engine, context: "default".to_owned() });
    let printed = shell.run(line).await;
    assert_ne!(printed.exit, Exit::Done, "{line}: {}", printed.out);
    assert!(printed.out.contains(there), "{line}: {}", printed.out);
    let said = printed.remarks.split_once("what was read is not complete: ");
    let said = said.unwrap_or_else(|| panic!("{line}: {}", printed.remarks)).1;
    assert!(said.contains(expected) && said.contains("left out"), "{line}: {said}");
}

#[tokio::test]
async fn a_command_fails_whose_lists_are_not_complete_and_prints_what_it_has() {
    check("ls", "shop", "3 services").await;
    check("services", "shop_web", "3 services").await;
    check("services shop", "shop_web", "3 services").await;
    check("nodes", "n1", "1 node").await;
    check("ls --json", "\"error\"", "3 services").await;
}

#[tokio::test]
async fn the_watcher_counts_what_is_left_out() {
    let stand_in = engine();
    let shown = MaskedEngine::new(Arc::new(stand_in.engine(PATIENT)), Store::nowhere());
    let mut watched = watch::spawn(Arc::new(shown), PollPace::default());
    let view = watched.views.wait_for(|it| it.read_at.is_some()).await.unwrap().clone();
    assert_eq!((view.left_out.services, view.left_out.nodes), (3, 1));
}

#[test]
fn the_cockpit_says_that_its_lists_are_not_complete() {
    let cockpit = Cockpit::demo().hides("not complete");
    let left_out = LeftOut { services: 3, nodes: 1, tasks: 0 };
    let view = View { left_out, ..cockpit.model.world.view.clone() };
    let cockpit = cockpit.after(Event::View(Box::new(view)));
    let _ = cockpit.shows("the lists are not complete: 3 services, 1 node left out");
}
