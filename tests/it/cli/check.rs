//! `skep check`: what it prints, for people and for programs.

use crate::cli::Shell;
use insta::assert_snapshot;
use serde_json::Value;
use skep::cli::Exit;
use std::fs;

const TEXT: &str = "services:
  web:
    image: nginx:1
    healthcheck: { test: [CMD, check], interval: 1s, retries: 3 }
    build: .
    deploy:
      update_config:
        failure_action: pause
      resources: { limits: { memory: 64M } }
    ports: [\"80:80\", \"80:81\"]
";

/// Runs it on a file, whose folder is cut out of what is printed.
async fn run(text: &str, options: &str) -> (String, String, Exit) {
    let place = tempfile::tempdir().unwrap();
    let path = place.path().join("web.yml");
    fs::write(&path, text).unwrap();
    let line = format!("check -c {} {options}", path.display());
    let printed = Shell::demo().run(&line).await;
    let folder = format!("{}/", place.path().display());
    (printed.out.replace(&folder, ""), printed.remarks, printed.exit)
}

#[tokio::test(start_paused = true)]
async fn people_see_the_line_why_and_the_fix() {
    let (out, remarks, exit) = run(TEXT, "").await;
    assert_snapshot!(out, @r#"
    warning[ignored-key]: Swarm ignores build
      --> web.yml:5:5
       |
     5 |     build: .
       |     ^^^^^
       = why: Docker does not pass the key to the swarm, so it has no effect. For some keys docker prints a message, for others it does not.
       = what to do: build and push the image first; remove `build: .`

    suggestion[pause-on-failure]: service web: a failed update is paused half way
      --> web.yml:8:25
       |
     8 |         failure_action: pause
       |                         ^^^^^
       = why: By default, a failed update is paused: old and new tasks run side by side until somebody acts.
       = what to do: replace `pause` with `rollback`

    error[port-clash]: service web: port 80/tcp is published twice
      --> web.yml:10:22
        |
     10 |     ports: ["80:80", "80:81"]
        |                      ^^^^^^^
      --> web.yml:10:13
        |
     10 |     ports: ["80:80", "80:81"]
        |             ^^^^^^^ published here first
        = why: In the whole cluster, a port can be published by one service only. The engine refuses the second service after the first is deployed.
        = what to do: Publish another port.
    "#);
    assert_snapshot!(remarks, @"1 error, 1 warning, 1 suggestion");
    assert_eq!(exit, Exit::Failed);
}

#[tokio::test(start_paused = true)]
async fn github_gets_annotations() {
    let (out, _, exit) = run(TEXT, "--format github").await;
    assert_snapshot!(out, @r"
    ::warning file=web.yml,line=5,col=5,title=ignored-key::Swarm ignores build; build and push the image first
    ::notice file=web.yml,line=8,col=25,title=pause-on-failure::service web: a failed update is paused half way
    ::error file=web.yml,line=10,col=22,title=port-clash::service web: port 80/tcp is published twice
    ");
    assert_eq!(exit, Exit::Failed);
}

#[tokio::test(start_paused = true)]
async fn programs_get_bytes_to_replace() {
    let (out, remarks, _) = run(TEXT, "--format json").await;
    let (short, _, _) = run(TEXT, "--json").await;
    assert_eq!((out.as_str(), remarks.as_str()), (short.as_str(), ""));
    let rows: Vec<Value> = serde_json::from_str(&out).unwrap();
    let pause = rows.iter().find(|it| it["code"] == "pause-on-failure").unwrap();
    let fix = &pause["fix"];
    let at = |key: &str| usize::try_from(fix[key].as_u64().unwrap()).unwrap();
    assert_eq!((&TEXT[at("start")..at("end")], &fix["text"]), ("pause", &Value::from("rollback")));
    assert_eq!((&pause["line"], &pause["severity"]), (&Value::from(8), &Value::from("suggestion")));
}

#[tokio::test(start_paused = true)]
async fn warnings_fail_only_where_asked_to_and_suggestions_never() {
    let suggestion = "services: {web: {image: nginx}}";
    let warning = "services: {web: {image: nginx, privileged: true}}";
    for (text, options, expected) in [
        (suggestion, "--strict", Exit::Done),
        (warning, "", Exit::Done),
        (warning, "--strict", Exit::Failed),
        (TEXT, "", Exit::Failed),
    ] {
        assert_eq!(run(text, options).await.2, expected, "{text} {options}");
    }
}

#[tokio::test(start_paused = true)]
async fn the_cluster_is_looked_at_only_where_asked_to() {
    let text = "services: {web: {image: nginx, networks: [gone]}}
networks: {gone: {external: true}}
";
    assert!(!run(text, "").await.0.contains("external-missing"));
    assert!(run(text, "--cluster").await.0.contains("the cluster has no network gone"));
    let large = "services: {web: {image: nginx, deploy: {replicas: 1000, resources: {reservations: {cpus: '2'}}}}}";
    assert!(!run(large, "").await.0.contains("no-room"));
    assert!(run(large, "--cluster").await.0.contains("of its 1000 tasks fit on the"));
}

#[tokio::test(start_paused = true)]
async fn codes_are_explained_by_name() {
    let shell = Shell::demo();
    assert_snapshot!(shell.out("check --explain short-monitor").await, @r"
    warning[short-monitor]: updates are not watched long enough

    An update watches each new task for `monitor` (5s by default). A healthcheck needs start_period + retries × interval to find a task unhealthy, and its timeout on top if it hangs. A task that fails after `monitor` neither stops the update nor rolls it back.

    Make `deploy.update_config.monitor` at least as long.

    Based on: moby/moby#37493, docker/for-linux#576
    ");
    let all = shell.out("check --explain").await;
    assert!(all.lines().count() > 40, "{all}");
    let printed = shell.run("check --explain short-monitr").await;
    assert_snapshot!(printed.remarks, @r"
    error: there is no code `short-monitr`
    hint: did you mean `short-monitor`?
    ");
    assert_eq!(printed.exit, Exit::Usage);
}

#[tokio::test(start_paused = true)]
async fn a_long_line_is_shown_in_part_and_the_same_is_said_three_times() {
    let many = "${NOBODY} ".repeat(20_000);
    let text = format!("services: {{web: {{image: 'nginx:1', command: \"{many}\"}}}}\n");
    let (out, _, exit) = run(&text, "").await;
    let unset = "warning[unset-variable]: variable NOBODY is not set";
    assert_eq!((out.matches(unset).count(), exit), (3, Exit::Done));
    assert!(out.contains("= and 19997 more places"), "{}", &out[..2000]);
    let longest = out.lines().map(|it| it.chars().count()).max().unwrap();
    assert!(longest <= 300 && out.len() < 20_000, "{longest} columns, {} bytes", out.len());
    // What is underlined is what is meant, wherever the line is cut.
    let lines: Vec<&str> = out.lines().collect();
    let underlined = lines.windows(2).filter_map(|it| {
        let carets: Vec<usize> =
            it[1].char_indices().filter(|(_, c)| *c == '^').map(|it| it.0).collect();
        let (from, to) = (*carets.first()?, carets.last()? + 1);
        Some(it[0].chars().skip(from).take(to - from).collect::<String>())
    });
    let underlined: Vec<String> = underlined.filter(|it| it.contains("NOBODY")).collect();
    assert_eq!(underlined, ["${NOBODY}"; 3]);
}

#[tokio::test(start_paused = true)]
async fn no_message_is_as_long_as_its_file() {
    for text in ["[".repeat(50_000), format!("services: {{{}: 1}}", "x".repeat(50_000))] {
        let (out, _, exit) = run(&text, "").await;
        assert_eq!(exit, Exit::Failed);
        assert!(out.len() < 10_000, "{} bytes of {}", out.len(), &text[..20]);
    }
}
