//! Logs at full speed: what a hundred thousand lines cost, and how long a key waits.

use crate::{
    cluster::{Cluster, PATIENCE},
    cockpit::Cockpit,
    process,
    quiet::{mebibytes, milliseconds, shows_all},
    table::{Figure, figure, percentile},
};
use std::{
    thread::sleep,
    time::{Duration, Instant},
};

const SAMPLES: usize = 240;
const SHIFT_TAB: &str = "\x1b[Z";

pub fn figures(cluster: &Cluster) -> Vec<Figure> {
    let mut cockpit = Cockpit::start(cluster.engine(), cluster.folder(), &[]);
    cockpit.wait("the services", PATIENCE, shows_all);
    follow_stack(&mut cockpit);
    let mut figures = keys(&mut cockpit, "nothing streams");
    figures.push(echoes("nothing streams"));
    cluster.scale("chatty_shout", 3);
    let since = Instant::now();
    cockpit.wait("100 000 lines", PATIENCE, |it| it.contains("100000 lines"));
    let took = since.elapsed();
    figures.extend(keys(&mut cockpit, "logs stream"));
    figures.push(echoes("logs stream"));
    let (pid, cpu, at) = (cockpit.pid(), process::cpu(cockpit.pid()), Instant::now());
    sleep(Duration::from_secs(5));
    let busy = process::cpu(pid).checked_sub(cpu).unwrap().as_secs_f64()
        / at.elapsed().as_secs_f64()
        * 100.0;
    figures.push(figure(
        "resident memory, 100 000 lines held",
        format!(
            "{:.1} MiB (most ever {:.1}; lines came within {:.1} s; cpu {busy:.0} % while they stream)",
            mebibytes(process::memory(pid, "VmRSS")),
            mebibytes(process::memory(pid, "VmHWM")),
            took.as_secs_f64(),
        ),
        "45 MiB",
    ));
    cluster.scale("chatty_shout", 0);
    figures
}

/// The cursor on the stack `chatty`, whose logs stay while the focus is on the nodes.
fn follow_stack(cockpit: &mut Cockpit) {
    cockpit.press(SHIFT_TAB);
    cockpit.press("j");
    cockpit.wait("the logs of the stack", PATIENCE, |it| it.contains("Logs · chatty"));
    cockpit.press(SHIFT_TAB);
    cockpit.wait("the tasks of a node", PATIENCE, |it| it.contains("Tasks · node1"));
}

/// From a key to the screen that answers it.
pub fn keys(cockpit: &mut Cockpit, while_what: &str) -> Vec<Figure> {
    let mut cursor = Vec::new();
    let mut prompt = Vec::new();
    for sample in 0..SAMPLES {
        // Nobody types in step with the frames.
        sleep(Duration::from_millis(20 + (sample as u64 * 37) % 50));
        let (key, title) =
            if sample % 2 == 0 { ("j", "Tasks · node2") } else { ("k", "Tasks · node1") };
        cursor.push(painted(cockpit, key, |it| it.contains(title)));
        if sample % 2 == 0 {
            prompt.push(painted(cockpit, ":", |it| it.contains(" Commands [")));
            prompt.push(painted(cockpit, "\x1b", |it| !it.contains(" Commands [")));
        }
    }
    let about = |what: &str| format!("key to paint p99, {what}, {while_what}");
    vec![
        figure(&about("selection moves"), text(cursor), "16 ms"),
        figure(&about("prompt opens and closes"), text(prompt), "16 ms"),
    ]
}

/// How long the same terminal and machine take for a key of a program that does nothing
/// with it: what of the figures above is not skep's.
fn echoes(while_what: &str) -> Figure {
    let mut echo = Cockpit::echo();
    echo.wait("the program", PATIENCE, |it| it.starts_with("ready"));
    let took = (0..SAMPLES).map(|sample| {
        sleep(Duration::from_millis(20 + (sample as u64 * 37) % 50));
        let letter = if sample % 2 == 0 { 'a' } else { 'b' };
        painted(&mut echo, &format!("\r{letter}"), |it| it.starts_with(letter))
    });
    let took = took.collect();
    figure(&format!("key to echo of `cat` p99, {while_what}, for comparison"), text(took), "")
}

fn text(mut all: Vec<Duration>) -> String {
    let mut at = |percent| milliseconds(percentile(&mut all, percent));
    format!("{} (median {}, worst {})", at(99), at(50), at(100))
}

fn painted(cockpit: &mut Cockpit, key: &str, holds: impl FnMut(&str) -> bool) -> Duration {
    let pressed = cockpit.press(key);
    cockpit.wait(key, PATIENCE, holds).saturating_duration_since(pressed)
}
