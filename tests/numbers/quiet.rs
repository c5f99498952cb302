//! Starting, and then nothing: what an idle cockpit costs.

use crate::{
    cluster::{Cluster, PATIENCE, SERVICES},
    cockpit::Cockpit,
    process,
    proxy::Proxy,
    table::{Figure, figure, percentile},
};
use std::{
    thread::sleep,
    time::{Duration, Instant},
};

const STARTS: usize = 11;
const WINDOW: Duration = Duration::from_secs(20);
const WINDOWS: usize = 3;
/// A cluster counts as moving for 10 s after a change, and ages are written in
/// seconds for a minute.
const SETTLES: Duration = Duration::from_secs(75);

/// Has the whole cluster on its screen.
pub fn shows_all(screen: &str) -> bool {
    screen.contains(&format!("{} services", SERVICES + 2))
}

pub fn starts(cluster: &Cluster) -> Vec<Figure> {
    let (mut frames, mut data) = (Vec::new(), Vec::new());
    for _ in 0..=STARTS {
        let cockpit = Cockpit::start(cluster.engine(), cluster.folder(), &[]);
        let frame = cockpit.wait("a first frame", PATIENCE, |it| it.contains("skep"));
        frames.push(frame - cockpit.started);
        let seen = cockpit.wait("the services", PATIENCE, shows_all);
        data.push(seen - cockpit.started);
    }
    // The first one finds nothing in any cache.
    let text = |mut all: Vec<Duration>| {
        let cold = all.remove(0);
        let (least, middle) = (percentile(&mut all, 0), percentile(&mut all, 50));
        format!(
            "{} (best {}, cold {})",
            milliseconds(middle),
            milliseconds(least),
            milliseconds(cold)
        )
    };
    vec![
        figure("start to first frame", text(frames), "15 ms"),
        figure("start to first data", text(data), "120 ms"),
    ]
}

/// An idle cockpit on one of its views.
pub fn idle(cluster: &Cluster, view: &str, settles: bool) -> Vec<Figure> {
    let proxy = Proxy::before(cluster.engine(), cluster.folder());
    let mut cockpit = Cockpit::start(&proxy.address(), cluster.folder(), &[]);
    cockpit.wait("the services", PATIENCE, shows_all);
    cockpit.press(&format!(":{view}\r"));
    sleep(if settles { SETTLES } else { Duration::from_secs(15) });
    proxy.take();
    let (pid, since) = (cockpit.pid(), Instant::now());
    let (mut bytes, mut cpu) = (Vec::new(), Vec::new());
    for _ in 0..WINDOWS {
        let (bytes_before, cpu_before) = (cockpit.bytes(), process::cpu(pid));
        sleep(WINDOW);
        bytes.push(cockpit.bytes() - bytes_before);
        cpu.push(process::cpu(pid).checked_sub(cpu_before).unwrap());
    }
    let fives = since.elapsed().as_secs_f64() / 5.0;
    let asked = proxy.take();
    let most = *bytes.iter().max().unwrap();
    let percent = |it: Duration| it.as_secs_f64() / WINDOW.as_secs_f64() * 100.0;
    let (middle, worst) = (percentile(&mut cpu, 50), percentile(&mut cpu, 100));
    let sum: usize = asked.values().sum();
    let kinds = asked.iter().map(|(kind, count)| format!("{:.1} {kind}", *count as f64 / fives));
    let kinds: Vec<String> = kinds.collect();
    let middle_bytes = percentile(&mut bytes, 50);
    let per_second = format!("{middle_bytes} (worst of {WINDOWS} windows {most}: ages turned)");
    let about = |what: &str| format!("{what}, idle, {view}");
    let mut figures = vec![
        figure(&about("terminal bytes in 20 s"), per_second, "0"),
        figure(
            &about("cpu in % of a core"),
            format!("{:.2} (worst {:.2})", percent(middle), percent(worst)),
            "0.2",
        ),
        figure(
            &about("requests in 5 s"),
            format!("{:.1}: {}", sum as f64 / fives, kinds.join(", ")),
            "8, no GET /tasks",
        ),
        figure(
            &about("resident memory"),
            format!("{:.1} MiB", mebibytes(process::memory(pid, "VmRSS"))),
            "",
        ),
    ];
    if view == "board" {
        figures.push(changed_row(cluster, &cockpit));
    }
    figures
}

fn changed_row(cluster: &Cluster, cockpit: &Cockpit) -> Figure {
    let before = cockpit.bytes();
    cluster.scale("fill_s0005", 9);
    cockpit.wait("the changed row", PATIENCE, |it| it.contains("0/9"));
    cockpit.wait_for_rest(Duration::from_millis(400), Duration::from_millis(900));
    let bytes = cockpit.bytes() - before;
    figure("terminal bytes for one changed row", bytes.to_string(), "100")
}

pub fn milliseconds(it: Duration) -> String {
    format!("{:.1} ms", it.as_secs_f64() * 1000.0)
}

pub fn mebibytes(kibibytes: u64) -> f64 {
    kibibytes as f64 / 1024.0
}
