//! The numbers to hold, measured on a real swarm of three nodes with 500 services
//! and 5 000 tasks: `cargo bench --bench numbers -- [PART…]`.
//!
//! Parts are `start`, `idle`, `logs`, `shell`, `incidents` on that swarm, `plan`
//! on one with a stack of fifty services, `verdicts` and `many` on empty ones, `lines`
//! on an engine that is made up, and `check` on a file; without any, all are measured. Figures are printed and not asserted: they are those of this machine
//! under its load of the moment. Where no lab can be built, one line says why.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::cast_precision_loss,
    reason = "a broken helper is a failed measurement"
)]

mod proxy;
mod process;
mod cluster;
mod cockpit;
mod table;
mod quiet;
mod flood;
mod lines;
mod shell;
mod incidents;
mod plan;
mod verdicts;
mod many;
mod check;
mod assist;
mod editor;
#[path = "../it/wait.rs"]
mod wait;
#[path = "../swarm/lab/mod.rs"]
#[allow(dead_code, unused_imports, reason = "its own tests are part of the other binary")]
mod lab;

use cluster::{Cluster, REPLICAS, SERVICES};
use std::env;

const ON_THE_SWARM: [&str; 5] = ["start", "idle", "logs", "shell", "incidents"];

fn main() {
    let parts: Vec<String> = env::args().skip(1).filter(|it| !it.starts_with('-')).collect();
    let wanted = |part: &str| parts.is_empty() || parts.iter().any(|it| it == part);
    if wanted("check") {
        table::print(&title("a file"), &check::figures());
        table::print(&title("typing in a file"), &assist::figures());
    }
    if wanted("lines") {
        table::print(&title("an engine that is made up"), &lines::figures());
    }
    if wanted("editor") {
        table::print(&title("the editor"), &editor::figures());
    }
    if wanted("plan") {
        let what = format!("3 nodes, a stack of {} services", plan::SERVICES);
        table::print(&title(&what), &plan::figures());
    }
    if wanted("verdicts") {
        let what = "3 nodes, two services of two tasks; from the command to its verdict";
        table::print(&title(what), &verdicts::figures());
    }
    if wanted("many") {
        let what = format!("3 nodes, {} stacks deployed at once", many::STACKS);
        table::print(&title(&what), &many::figures());
    }
    if ON_THE_SWARM.iter().any(|it| wanted(it)) {
        on_the_swarm(wanted);
    }
}

fn on_the_swarm(wanted: impl Fn(&str) -> bool) {
    let Some(cluster) = Cluster::build() else {
        println!("no numbers: they need a real swarm, and this machine has none");
        return;
    };
    let mut figures = Vec::new();
    if wanted("start") {
        figures.extend(quiet::starts(&cluster));
    }
    if wanted("idle") {
        figures.extend(quiet::idle(&cluster, "board", true));
        figures.extend(quiet::idle(&cluster, "overview", false));
        figures.extend(quiet::idle(&cluster, "tasks", false));
    }
    if wanted("logs") {
        figures.extend(flood::figures(&cluster));
    }
    if wanted("shell") {
        figures.extend(shell::figures(&cluster));
    }
    let what = format!("3 nodes, {SERVICES} services, {} tasks, local socket", SERVICES * REPLICAS);
    table::print(&title(&what), &figures);
    if wanted("incidents") {
        println!("\nWhat the screen says when the swarm breaks\n");
        for sentence in incidents::sentences(&cluster) {
            println!("- {sentence}");
        }
    }
}

fn title(what: &str) -> String {
    format!("{what}, load of the machine {}", process::load())
}
