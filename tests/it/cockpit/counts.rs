//! Every surface counts services and tasks alike.

use crate::{
    cli::Shell,
    cockpit::harness::{Cockpit, noon},
};
use serde_json::{Value, json};
use skep::{
    domain::swarm::{
        change::Change,
        cluster::Object,
        spec::{NewService, UpdateBody},
    },
    engine::{
        Engine, ReadEngine,
        fake::{Behaviour, FakeEngine},
    },
};
use std::time::Duration;

/// Services as `name mode image`, in one stack.
fn cluster(services: &[&str]) -> Cockpit {
    let engine = FakeEngine::new(7, noon())
        .behaving("loop:1", Behaviour::EndsAfter(Duration::from_secs(100)))
        .behaving("once:1", Behaviour::Completes);
    let cockpit = Cockpit::waiting(engine.clone());
    for line in services {
        let words: Vec<&str> = line.split(' ').collect();
        let (mode, condition) = match words[1] {
            "global" => (json!({ "Global": {} }), "any"),
            "job" => (
                json!({ "ReplicatedJob": { "MaxConcurrent": 1, "TotalCompletions": 3 } }),
                "on-failure",
            ),
            "once" => (json!({ "Replicated": { "Replicas": 1 } }), "on-failure"),
            some => (json!({ "Replicated": { "Replicas": some.parse::<u64>().unwrap() } }), "any"),
        };
        let mut labels = json!({ "com.docker.stack.namespace": "shop" });
        if words[1] == "0" {
            labels["skep.stopped"] = json!("2");
        }
        let spec = json!({
            "Name": format!("shop_{}", words[0]), "Labels": labels,
            "TaskTemplate": {
                "ContainerSpec": { "Image": words[2], "Privileges": {} },
                "RestartPolicy": { "Condition": condition },
                "Resources": {}, "Placement": {}, "ForceUpdate": 0,
            },
            "Mode": mode, "EndpointSpec": {},
        });
        let change = Change::CreateService { spec: NewService::new(spec).unwrap(), auth: None };
        cockpit.ask(engine.apply(&change)).unwrap();
    }
    cockpit
}

/// What the surfaces say: services in trouble, tasks that run, tasks wanted.
#[track_caller]
fn check(cockpit: Cockpit, expected: (usize, u64, u64)) {
    let cockpit = cockpit.later(Duration::from_secs(5));
    let header = cockpit.screen().lines().next().unwrap().to_owned();
    let number = |before: &str| -> usize {
        let words: Vec<&str> = header.split_whitespace().collect();
        let at = words.iter().position(|it| *it == before);
        at.map_or(0, |at| words[at + 1].parse().unwrap())
    };
    let (bad, warn) = (cockpit.theme.glyphs.bad, cockpit.theme.glyphs.warn);
    let tasks = |of: &str| {
        let (running, wanted) = of.split_once('/').unwrap();
        (running.parse::<u64>().unwrap(), wanted.parse::<u64>().unwrap())
    };
    let of_header = header.split("   ").find_map(|it| it.trim().strip_suffix(" tasks")).unwrap();
    let sums = tasks(of_header);
    assert_eq!((number(bad) + number(warn), sums.0, sums.1), expected, "header: {header}");

    let mut shell = Shell::with(Ok(cockpit.engine.clone()));
    shell.desk.now = cockpit.model.world.now;
    let (ls, services) =
        cockpit.ask(async { (shell.json("ls").await, shell.json("services").await) });
    let stack = &ls[0];
    let trouble = stack["trouble"].as_array().unwrap().len();
    let of_ls = (stack["running"].as_u64().unwrap(), stack["desired"].as_u64().unwrap());
    assert_eq!((trouble, of_ls.0, of_ls.1), expected, "ls: {ls}");

    let services = services.as_array().unwrap();
    let sum = |key: &str| services.iter().map(|it| it[key].as_u64().unwrap()).sum::<u64>();
    let troubled =
        |it: &&Value| ["unsteady", "failing"].contains(&it["condition"].as_str().unwrap());
    let trouble = services.iter().filter(troubled).count();
    assert_eq!((trouble, sum("running"), sum("desired")), expected, "services: {services:?}");

    let cockpit = cockpit.command("overview");
    let line = cockpit.line("tasks run");
    let of_overview = line.split(", ").find_map(|it| it.trim().split_once(" tasks run")).unwrap().0;
    assert_eq!(tasks(of_overview), sums, "overview: {line}");
    let counted: usize = ["not steady", "in trouble"]
        .into_iter()
        .filter_map(|words| {
            let part = line.split(", ").find(|it| it.contains(words))?;
            part.split_whitespace().next()?.parse::<usize>().ok()
        })
        .sum();
    assert_eq!(counted, expected.0, "overview: {line}");

    let cockpit = cockpit.command("stacks");
    let line = cockpit.line("shop ");
    let runs = services.iter().filter(|it| it["condition"] != "stopped").count();
    assert!(line.contains(&format!("{}/{}", runs - expected.0, services.len())), "stacks: {line}");
    assert!(line.contains(&format!("{}/{}", expected.1, expected.2)), "stacks: {line}");

    // `f` leaves what is not fine.
    let cockpit = cockpit.command("services").press("f");
    for name in services.iter().filter(troubled).map(|it| it["name"].as_str().unwrap()) {
        assert!(cockpit.screen().contains(name), "{name} in\n{}", cockpit.screen());
    }
}

#[test]
fn surfaces_agree_on_clusters_of_all_kinds() {
    let minute = Duration::from_secs(60);
    check(cluster(&["a 3 web:1", "b global web:1"]).later(minute), (0, 6, 6));
    // A job that is done, one that was stopped, one that ended well.
    let done = ["a 2 web:1", "job job once:1", "stopped 0 web:1", "once once once:1"];
    check(cluster(&done).later(minute), (0, 2, 2));
    check(cluster(&["a 2 web:1", "bad 3 web:missing"]).later(minute), (1, 2, 5));
    // It runs at this moment, and ended before.
    check(cluster(&["a 2 web:1", "loop 1 loop:1"]).later(2 * minute), (1, 3, 3));
}

#[test]
fn surfaces_agree_while_a_node_is_dead() {
    let minute = Duration::from_secs(60);
    let cockpit = cluster(&["a 6 web:1", "b global web:1", "c 3 web:1"]).later(minute);
    cockpit.engine.lose_node("node3", Duration::ZERO);
    check(cockpit.later(3 * minute), (0, 11, 11));
}

#[test]
fn logs_of_what_never_started_say_so() {
    let cockpit = cluster(&["bad 1 web:missing", "a 1 web:1"]).later(Duration::from_secs(60));
    let cockpit = cockpit.command("logs shop_bad").later(Duration::from_secs(5));
    let cockpit = cockpit.shows("its tasks never started");
    cockpit.command("logs shop_a").later(Duration::from_secs(5)).hides("never started");
}

/// What each surface says of one service: trouble or none, tasks, restarts, its reason.
#[track_caller]
fn check_service(cockpit: Cockpit, tasks: &str, restarts: &str, in_trouble: bool) {
    let cockpit = cockpit.later(Duration::from_secs(5));
    let mut shell = Shell::with(Ok(cockpit.engine.clone()));
    shell.desk.now = cockpit.model.world.now;
    let (ls, services) =
        cockpit.ask(async { (shell.json("ls").await, shell.json("services").await) });
    let trouble = ls[0]["trouble"].as_array().unwrap();
    assert_eq!(!trouble.is_empty(), in_trouble, "ls: {ls}");
    let row = &services[0];
    assert_eq!(row["replicas"], tasks, "services: {row}");
    let counted = row["restarts"]["count"].as_u64().unwrap();
    assert_eq!(counted > 0, restarts != "–", "services: {row}");

    let header = cockpit.screen().lines().next().unwrap().to_owned();
    let (bad, warn) = (cockpit.theme.glyphs.bad, cockpit.theme.glyphs.warn);
    let marked = header.contains(&format!("{bad} 1 in trouble"))
        || header.contains(&format!("{warn} 1 not steady"));
    assert_eq!(marked, in_trouble, "header: {header}");
    let cockpit = cockpit.command("overview");
    let line = cockpit.line("tasks run");
    let unsteady = line.contains("1 not steady") || line.contains("1 in trouble");
    assert_eq!(unsteady, in_trouble, "overview: {line}");
    let cockpit = cockpit.command("services");
    let line = cockpit.line("shop_x ");
    assert!(line.contains(tasks), "services: {line}");
    let words: Vec<&str> = line.split_whitespace().collect();
    assert!(words.contains(&restarts), "no {restarts} in services: {line}");
    // `f` leaves what is not fine; what ended is no trouble, and not as it should be.
    let ended = tasks.ends_with("ended");
    assert_eq!(header.contains("○ 1 ended"), ended, "header: {header}");
    assert_eq!(ls[0]["ended"] == json!(["x"]), ended, "ls: {ls}");
    let cockpit = cockpit.press("f");
    let left = in_trouble || ended;
    assert_eq!(cockpit.screen().contains("shop_x "), left, "{}", cockpit.screen());
}

#[test]
fn what_is_stopped_on_purpose_reads_so_on_every_surface() {
    let minute = Duration::from_secs(60);
    let cockpit = cluster(&["x 0 web:1", "y 0 web:1"]).later(minute);
    let mut shell = Shell::with(Ok(cockpit.engine.clone()));
    shell.desk.now = cockpit.model.world.now;
    let (ls, services) =
        cockpit.ask(async { (shell.json("ls").await, shell.json("services").await) });
    assert_eq!(ls[0]["stopped"], json!(["x", "y"]), "{ls}");
    assert_eq!(services[0]["condition"], "stopped", "{services}");
    let header = cockpit.screen().lines().next().unwrap().to_owned();
    assert!(header.contains("○ 2 stopped"), "{header}");
    let listed = cluster(&["x 0 web:1", "y 0 web:1"]).later(minute).command("stacks");
    for cockpit in [cockpit, listed] {
        let row = cockpit.line("shop ");
        assert!(row.contains("stopped") && !row.contains("2/2"), "{row}");
    }
    let some = cluster(&["x 0 web:1", "y 2 web:1"]).later(minute).command("stacks");
    let row = some.line("shop ");
    assert!(row.contains("1/2 1 stopped"), "{row}");
    let line = some.command("overview").line(" healthy");
    assert!(line.contains("1 of 2 healthy, 1 stopped"), "{line}");
}

#[test]
fn header_and_overview_say_the_same_of_services_and_name_what_they_count() {
    let minute = Duration::from_secs(60);
    let cockpit = cluster(&["a 2 web:1", "bad 3 web:missing", "loop 1 loop:1"]).later(2 * minute);
    let header = cockpit.screen().lines().next().unwrap().to_owned();
    let cockpit = cockpit.command("overview");
    let line = cockpit.line(" healthy");
    for words in ["1 in trouble", "1 not steady"] {
        assert!(header.contains(words) && line.contains(words), "{header}\n{line}");
    }
    // Findings are no services, and say how bad they are instead.
    let title = cockpit.line("What is wrong");
    assert!(title.contains("critical") || title.contains("warning"), "{title}");
}

impl Cockpit {
    /// Has every task of a service replaced, as an update does.
    fn replace(&self, name: &str) {
        let services = self.ask(self.engine.services()).unwrap();
        let id = services.iter().find(|it| &*it.name == name).unwrap().id.clone();
        let raw = self.ask(self.engine.inspect(&Object::Service(id.clone()))).unwrap();
        let mut spec = raw["Spec"].clone();
        spec["TaskTemplate"]["ForceUpdate"] = json!(1);
        let version = raw["Version"]["Index"].as_u64().unwrap();
        let body = UpdateBody::replace(spec).unwrap();
        let name = name.to_owned();
        let change = Change::UpdateService { id, name, version, body, auth: None };
        self.ask(self.engine.apply(&change)).unwrap();
    }
}

/// A service `x`, for which something happened a minute ago.
fn after(service: &str, happens: impl Fn(&Cockpit)) -> Cockpit {
    let minute = Duration::from_secs(60);
    let cockpit = cluster(&[service]).later(minute);
    happens(&cockpit);
    cockpit.later(minute)
}

#[test]
fn what_is_no_crash_is_none_on_any_surface() {
    let quiet = |_: &Cockpit| {};
    // Replaced: by an update that ran, and by a drain.
    let replaced = after("x 2 web:1", |it| it.replace("shop_x"));
    check_service(replaced, "2/2", "–", false);
    // Lost with its node, which is gone or was back at once.
    check_service(after("x 6 web:1", |it| it.engine.reboot_node("node2")), "6/6", "–", false);
    let dead = |it: &Cockpit| it.engine.lose_node("node3", Duration::ZERO);
    check_service(after("x 6 web:1", dead), "6/6", "–", false);
    // Stopped on purpose, done without an error, and a job that is done.
    check_service(after("x 0 web:1", quiet), "0/0 stopped, had 2", "–", false);
    check_service(after("x once once:1", quiet), "0/0 1 ended", "–", false);
    check_service(after("x job once:1", quiet), "0/0 (3/3 completed)", "–", false);
    // And a crash is one.
    let crashed = cluster(&["x 1 loop:1"]).later(Duration::from_secs(130));
    check_service(crashed, "1/1", "1", true);
}

#[test]
fn restarts_stay_where_there_is_little_room() {
    let name = "x".repeat(43);
    let crashed = || cluster(&[&format!("{name} 1 loop:1")]).later(Duration::from_secs(130));
    let narrow = crashed().later(Duration::from_secs(5)).at(80, 24).command("services");
    let narrow = narrow.shows("RESTARTS").hides("UPDATE");
    let row = narrow.line("shop_x");
    assert!(row.split_whitespace().any(|it| it == "1"), "{row}");
    // The tasks of the place that was left say so, too, and the past ones do not.
    let short = cluster(&["x 1 loop:1", "y 1 web:1"]).later(Duration::from_secs(130));
    let tasks = short.later(Duration::from_secs(5)).command("tasks").shows("RESTARTS");
    let of = |state: &str, name: &str| {
        let screen = tasks.screen();
        let line = screen.lines().find(|it| it.contains(name) && it.contains(state));
        line.unwrap_or_default().to_owned()
    };
    let words = |line: String| line.split_whitespace().map(str::to_owned).collect::<Vec<_>>();
    assert!(words(of("running", "shop_x")).contains(&"1".to_owned()), "{}", tasks.screen());
    assert!(words(of("running", "shop_y")).contains(&"–".to_owned()), "{}", tasks.screen());
    assert!(!words(of("failed", "shop_x")).contains(&"1".to_owned()), "{}", tasks.screen());
}
