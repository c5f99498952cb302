//! What programs read: with `--json` every command answers in JSON, its failures too.

use crate::cli::{Printed, Shell, deploy::Bench, now};
use clap::{CommandFactory, Parser};
use serde_json::{Value, json};
use skep::{
    cli::{Cli, Exit},
    domain::swarm::context::KnownContext,
    engine::{EngineError, fake::FakeEngine},
};
use std::fs;

/// A line for every command and its subcommands, but for those that would run for ever.
const LINES: &[&str] = &[
    "deploy -c FILE nobody",
    "rm nobody",
    "stop nobody",
    "start nobody",
    "plan -c FILE nobody",
    "check -c FILE nobody",
    "check --explain nobody",
    "render -c FILE nobody",
    "template list",
    "template show nobody",
    "template render nobody",
    "import FILE",
    "ls",
    "services nobody",
    "services",
    "ps nobody",
    "nodes",
    "logs nobody",
    "service scale nobody=2",
    "service restart nobody",
    "service rollback nobody",
    "service rm nobody",
    "node drain nobody",
    "node pause nobody",
    "node active nobody",
    "contexts",
    "rollback nobody",
    "rollback nobody 7",
    "recover",
    "recover nobody",
    "history nobody",
    "history nobody 7",
    "history nobody --diff 1 2",
    "history --stats",
    "adopt nobody",
    "gc",
    "gc --dry-run",
    "audit",
    "drafts",
    "drafts 7",
    "project list",
    "project show nobody",
    "project create nobody",
    "project delete nobody",
    "env list nobody",
    "env create nobody/x",
    "stack list",
    "stack show nobody",
    "stack source nobody",
    "stack rename nobody other",
    "stack create nobody/x/y -c FILE",
    "var list nobody",
    "var set nobody A=b",
    "var unset nobody A",
    "policy show nobody",
    "policy keys",
    "policy export nobody",
    "policy set nobody replicas 2",
    "changes nobody",
    "changes nobody --discard 1",
    "vault status",
    "config",
    "config --path",
    "version",
];

fn values(printed: &Printed, line: &str) -> Vec<Value> {
    let read = serde_json::Deserializer::from_str(&printed.out).into_iter();
    let values: Result<Vec<Value>, _> = read.collect();
    values.unwrap_or_else(|err| panic!("{line}: {err}\n{}", printed.out))
}

/// Returns how many failed.
async fn check(shell: &Shell, file: &str) -> usize {
    let mut failed = 0;
    for line in LINES {
        let line = format!("{} --json --yes", line.replace("FILE", file));
        // What the arguments of a command are may change; that is told elsewhere.
        let words = ["skep"].into_iter().chain(line.split_whitespace());
        if let Err(err) = Cli::try_parse_from(words) {
            panic!("{line}: {err}");
        }
        let printed = shell.run(&line).await;
        let values = values(&printed, &line);
        if printed.exit == Exit::Done {
            continue;
        }
        failed += 1;
        let last = values.last().unwrap_or_else(|| panic!("{line}: {}", printed.remarks));
        // A list of findings is an answer, whatever they say.
        if line.starts_with("check -c") && last.is_array() {
            continue;
        }
        let error = &last["error"];
        assert!(error["code"].as_str().is_some_and(|it| !it.is_empty()), "{line}: {last}");
        assert!(error["why"].as_str().is_some_and(|it| !it.is_empty()), "{line}: {last}");
        assert!(error["hint"].is_string() || error["hint"].is_null(), "{line}: {last}");
        assert_eq!(error["exit_code"], printed.exit as u8, "{line}: {last}");
        assert!(error["findings"].is_array(), "{line}: {last}");
    }
    failed
}

#[tokio::test(start_paused = true)]
async fn every_command_answers_programs_in_json_whatever_is_wrong() {
    let bench = Bench::new();
    let good = bench.file("shop/web:1");
    let bad = format!("{good}.bad");
    fs::write(&bad, "services:\n  web:\n    image: UPPER:x:y\n    replicas: [\n").unwrap();
    assert!(check(&bench.shell, &good).await > 10);
    assert!(check(&bench.shell, &bad).await > 10);
    assert!(check(&bench.shell, "/nowhere/at/all.yml").await > 10);
    let unreachable = FakeEngine::new(7, now());
    unreachable.link().cut();
    for engine in [
        Ok(unreachable),
        Ok(FakeEngine::new(7, now()).worker()),
        Err(EngineError::PermissionDenied { address: "unix:///x".to_owned() }),
    ] {
        assert!(check(&Shell::with(engine), &good).await > 10);
    }
}

#[test]
fn every_command_is_among_those_that_are_tried() {
    for command in Cli::command().get_subcommands().map(|it| it.get_name().to_owned()) {
        let tried = LINES.iter().any(|it| it.split_whitespace().next() == Some(&command));
        assert!(tried || command == "completions", "{command}");
    }
}

#[tokio::test(start_paused = true)]
async fn what_is_wrong_with_files_is_told_finding_by_finding() {
    let bench = Bench::new();
    let file = bench.file("shop/web:1\n    ports: [\"80:notaport\"]");
    for line in ["deploy", "plan", "render"] {
        let printed = bench.shell.run(&format!("{line} -c {file} shop --json")).await;
        assert_eq!(printed.exit, Exit::Failed, "{line}");
        let values = values(&printed, line);
        let error = &values.last().unwrap()["error"];
        assert_eq!(error["code"], "bad-files", "{line}: {error}");
        assert_eq!(error["findings"][0]["line"], 4, "{line}: {error}");
        assert!(error["findings"][0]["code"].is_string(), "{line}: {error}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_good_end_tells_the_release_and_its_services() {
    let bench = Bench::new();
    let printed = bench.deploy("shop/web:1", "--json").await;
    let values = values(&printed, "deploy");
    let end = values.last().unwrap();
    assert_eq!((&end["release"], &end["state"]), (&json!(1), &json!("healthy")));
    assert_eq!((&end["exit_code"], &end["error"]), (&json!(0), &Value::Null));
    assert_eq!(end["services"]["shop_web"]["running"], 1);
}

/// Returns whether a text is an age for people: `3m`, `2 days`, `4h ago`.
fn is_age(text: &str) -> bool {
    let rest = text.trim_start_matches(|it: char| it.is_ascii_digit());
    let unit = rest.trim_start().trim_end_matches(" ago").trim_end_matches('s');
    let units = ["", "m", "h", "d", "min", "second", "minute", "hour", "day", "week", "year"];
    rest.len() < text.len() && !rest.is_empty() && units.contains(&unit)
}

/// Looks for ages in whatever a command says.
fn no_ages(value: &Value, line: &str) {
    match value {
        Value::String(text) => assert!(!is_age(text), "{line}: {text}"),
        Value::Array(all) => all.iter().for_each(|it| no_ages(it, line)),
        Value::Object(fields) => fields.values().for_each(|it| no_ages(it, line)),
        _ => {}
    }
}

#[tokio::test(start_paused = true)]
async fn times_are_moments_or_seconds_and_no_words() {
    for text in ["3m", "2 days", "12s", "4h ago", "9d"] {
        assert!(is_age(text), "{text}");
    }
    let bench = Bench::new();
    bench.deploy("shop/web:1", "").await;
    bench.deploy("shop/web:2", "").await;
    for line in
        ["ps shop", "services", "ls", "nodes", "history shop", "audit", "drafts", "project list"]
    {
        for value in values(&bench.shell.run(&format!("{line} --json")).await, line) {
            no_ages(&value, line);
        }
    }
    let task = &bench.shell.json("ps shop").await[0];
    assert!(task["age"].is_i64() && task["since"].is_string(), "{task}");
}

#[tokio::test(start_paused = true)]
async fn since_when_services_are_not_fine_is_a_moment() {
    let shell = Shell::demo();
    let services = shell.json("services").await;
    let of = |name: &str| {
        let mut all = services.as_array().unwrap().iter();
        all.find(|it| it["name"] == name).unwrap()["since"].clone()
    };
    let since = of("shop-production-search_ranker");
    assert!(since.as_str().unwrap().parse::<jiff::Timestamp>().is_ok(), "{since}");
    assert_eq!(of("registry"), Value::Null);
    let stacks = shell.json("ls").await;
    let mut search = stacks.as_array().unwrap().iter();
    let search = search.find(|it| it["name"] == "shop-production-search").unwrap();
    assert_eq!(search["since"]["ranker"], since, "{search}");
}

#[tokio::test(start_paused = true)]
async fn contexts_are_plain_fields() {
    let mut shell = Shell::demo();
    let context = |name: &str, address| KnownContext {
        name: name.to_owned(),
        description: String::new(),
        address,
        current: false,
    };
    shell.desk.contexts =
        vec![context("a", Ok("unix:///x".to_owned())), context("b", Err("no host".to_owned()))];
    let rows = shell.json("contexts").await;
    assert_eq!((&rows[0]["address"], &rows[0]["error"]), (&json!("unix:///x"), &Value::Null));
    assert_eq!((&rows[1]["address"], &rows[1]["error"]), (&Value::Null, &json!("no host")));
}
