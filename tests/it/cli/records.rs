//! What is known without an engine: contexts, actions, settings.

use crate::cli::{Shell, ann, now};
use clap::Parser;
use insta::assert_snapshot;
use jiff::ToSpan;
use skep::{
    cli::Cli,
    config::load,
    domain::{
        deployment::{audit::AuditLine, verdict::Verdict},
        swarm::context::KnownContext,
    },
    store::Store,
};

#[tokio::test(start_paused = true)]
async fn contexts_say_where_they_lead() {
    let mut shell = Shell::demo();
    let context = |name: &str, address: Result<&str, &str>, current| KnownContext {
        name: name.to_owned(),
        description: String::new(),
        address: address.map(ToOwned::to_owned).map_err(ToOwned::to_owned),
        current,
    };
    shell.desk.contexts = vec![
        context("default", Ok("unix:///var/run/docker.sock"), false),
        context("prod", Ok("ssh://ann@m1"), true),
        context("old", Err("`ftp` is not an address"), false),
    ];
    assert_snapshot!(shell.out("contexts").await, @r"
    NAME     ADDRESS                      DESCRIPTION
    default  unix:///var/run/docker.sock
    prod *   ssh://ann@m1
    old      `ftp` is not an address
    ");
}

#[tokio::test(start_paused = true)]
async fn actions_are_listed_newest_first() {
    let dir = tempfile::tempdir().unwrap();
    let mut shell = Shell::demo();
    let store = Store::in_dir(dir.path());
    shell.desk.store = store.clone();
    let none = shell.run("audit").await;
    assert_eq!(none.remarks, "nothing was changed with skep on this machine\n");
    for line in two_actions() {
        store.record(&line).unwrap();
    }
    assert_snapshot!(shell.out("audit").await, @r"
    WHEN                 WHO                   WHERE                        OBJECT            ACTION      OUTCOME
    2026-11-20 23:01:01  ann@m1 from 10.0.0.7  unix:///var/run/docker.sock  service shop_web  restart     failed: no leader
    2026-11-20 23:00:00  ann@m1 from 10.0.0.7  prod                         service shop_web  scale to 5  done
    ");
    assert_snapshot!(shell.out("audit -n 1 --json").await, @r#"
    [
      {
        "at": "2026-11-20T23:01:01Z",
        "who": {
          "user": "ann",
          "from": "10.0.0.7",
          "host": "m1"
        },
        "context": null,
        "address": "unix:///var/run/docker.sock",
        "action": "restart",
        "object": "service shop_web",
        "command": "docker service update --force shop_web",
        "outcome": {
          "failed": {
            "why": "no leader",
            "hint": null
          }
        }
      }
    ]
    "#);
}

#[tokio::test(start_paused = true)]
async fn settings_say_who_set_them() {
    let mut shell = Shell::demo();
    shell.desk.places.env.insert("SKEP_UI_THEME".to_owned(), "dark".to_owned());
    let flags = Cli::try_parse_from(["skep", "--timeout", "3s"]).unwrap().options.flags();
    shell.desk.settings = load(&shell.desk.places, &flags).unwrap();
    let shown = shell.out("config").await;
    let words = |line: &str| line.split_whitespace().map(str::to_owned).collect::<Vec<_>>();
    let lines: Vec<Vec<String>> = shown.lines().map(words).collect();
    for expected in [
        "SETTING VALUE FROM",
        "engine.timeout \"3s\" command line",
        "read_only false default",
        "ui.theme \"dark\" SKEP_UI_THEME",
    ] {
        assert!(lines.contains(&words(expected)), "{expected} is not in\n{shown}");
    }
    assert_eq!(shell.out("config --path").await, "/home/ann/.config/skep/config.toml\n");
}

fn two_actions() -> [AuditLine; 2] {
    let first = AuditLine {
        at: now(),
        who: ann(),
        context: Some("prod".to_owned()),
        address: "unix:///var/run/docker.sock".to_owned(),
        action: "scale to 5".to_owned(),
        object: "service shop_web".to_owned(),
        command: Some("docker service scale shop_web=5".to_owned()),
        outcome: Verdict::Succeeded("5/5".to_owned()),
    };
    let second = AuditLine {
        at: now() + 61.seconds(),
        context: None,
        action: "restart".to_owned(),
        command: Some("docker service update --force shop_web".to_owned()),
        outcome: Verdict::Failed { why: "no leader".to_owned(), hint: None },
        ..first.clone()
    };
    [first, second]
}
