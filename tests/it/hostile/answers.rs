//! Answers of engines, through every command and the cockpit itself.

use crate::hostile::{
    PAYLOADS, all,
    world::{Bench, Words},
};
use std::{collections::BTreeSet, sync::Arc};

/// Commands that read or change; what changes is refused by the engine.
const COMMANDS: &[&str] = &[
    "ls",
    "services",
    "services shop-production-web",
    "nodes",
    "ps shop-production-web",
    "logs shop-production-web -n 5",
    "contexts",
    "history --stats",
    "history shop-production-web",
    "adopt shop-production-web",
    "audit",
    "gc",
    "recover",
    "rollback shop-production-web",
    "rm monitoring",
    "stop monitoring",
    "start monitoring",
    "service scale monitoring_loki=3",
    "service restart monitoring_loki",
    "node drain m1",
    "vault status",
    "project list",
    "template list",
    "config show",
];

#[tokio::test]
async fn no_answer_of_an_engine_drives_the_terminal() {
    let (mut fields, mut outputs, mut bytes) = (BTreeSet::new(), 0, 0);
    let words = Words::read().await;
    let combined = all();
    let payloads = PAYLOADS.iter().copied().chain([combined.as_str()]);
    for (turn, payload) in payloads.enumerate() {
        // All of them in one come in both ways, each alone in one.
        let ways: &[bool] = if payload == combined { &[false, true] } else { &[turn % 2 == 0] };
        for &everywhere in ways {
            let mut hostile = words.clone();
            fields.extend(hostile.poison(payload, everywhere));
            let state = tempfile::tempdir().unwrap();
            let stand_in = hostile.engine(payload);
            let engine = Arc::new(stand_in.engine(Bench::limits()));
            let mut bench = Bench::on(engine, &state.path().join("state"));
            for command in COMMANDS {
                let line: Vec<String> = command.split(' ').map(str::to_owned).collect();
                bench.all_ways(&line, &format!("{payload:?} everywhere: {everywhere}")).await;
            }
            outputs += bench.outputs;
            bytes += bench.bytes;
        }
    }
    println!(
        "answers: {} fields × {} payloads × {} commands, {outputs} outputs of {bytes} bytes, 0 leaks",
        fields.len(),
        PAYLOADS.len() + 1,
        COMMANDS.len()
    );
    assert!(fields.len() > 60 && bytes > 100_000, "{} fields, {bytes} bytes", fields.len());
}
