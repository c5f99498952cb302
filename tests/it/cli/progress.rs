//! How a running job is told: bars drawn in place, plain lines, events for scripts.

use crate::cli::{Printed, deploy::Bench};
use serde_json::Value;
use skep::cli::Exit;
use vt100::Parser;

/// What is left on a terminal once all remarks were drawn.
fn screen(printed: &Printed) -> String {
    let mut terminal = Parser::default();
    terminal.process(printed.remarks.as_bytes());
    let rows: Vec<String> = terminal.screen().rows(0, 80).collect();
    rows.iter().map(|it| it.trim_end()).collect::<Vec<_>>().join("\n").trim_end().to_owned()
}

#[tokio::test(start_paused = true)]
async fn a_terminal_shows_bars_in_one_place_and_ends_clean() {
    let bench = Bench::new();
    let printed = bench.shell.on_terminal(&bench.command("shop/web:1", "")).await;
    assert!(printed.out.starts_with("1 service runs after"), "{}", printed.out);
    let screen = screen(&printed);
    let lines: Vec<&str> = screen.lines().filter(|it| !it.contains("note: ")).collect();
    let [title, steps, web] = lines.as_slice() else { panic!("{screen}") };
    assert!(title.starts_with("deploy shop "), "{screen}");
    assert_eq!(*steps, "  ● plan  ● lock  ● networks, secrets, configs  ● group 1  ● watch");
    assert!(web.starts_with("  ● web  ▓ ") && web.contains("1/1  healthy"), "{screen}");
    assert!(printed.remarks.contains("\x1b[3A"), "it was not drawn over");
}

#[tokio::test(start_paused = true)]
async fn a_terminal_keeps_why_it_went_back() {
    let bench = Bench::new();
    assert_eq!(bench.deploy("shop/web:1", "").await.exit, Exit::Done);
    let printed = bench.shell.on_terminal(&bench.command("shop/web:2", "")).await;
    assert_eq!(printed.exit, Exit::RolledBack);
    let screen = screen(&printed);
    assert!(screen.contains("last lines of shop_web, task "), "{screen}");
    assert!(screen.contains("✗ group 1  ○ watch  ● roll back  ● watch the rollback"), "{screen}");
    assert!(screen.contains("error: rolled back: service shop_web: "), "{screen}");
}

#[tokio::test(start_paused = true)]
async fn without_a_terminal_each_line_is_new_and_the_job_is_named_once() {
    let bench = Bench::new();
    let printed = bench.deploy("shop/web:1", "").await;
    assert!(!printed.remarks.contains('\x1b'), "{}", printed.remarks);
    let lines: Vec<&str> = printed.remarks.lines().collect();
    assert_eq!(lines.iter().filter(|it| **it == "deploy shop").count(), 1, "{lines:#?}");
    assert!(lines.windows(2).all(|it| it[0] != it[1]), "{lines:#?}");
}

#[tokio::test(start_paused = true)]
async fn scripts_get_one_event_per_line_with_names_that_stay() {
    let bench = Bench::new();
    assert_eq!(bench.deploy("shop/web:1", "").await.exit, Exit::Done);
    let printed = bench.deploy("shop/web:2", "--json").await;
    let events: Vec<Value> =
        printed.out.lines().map(|it| serde_json::from_str(it).unwrap()).collect();
    let kinds: Vec<&str> = events.iter().map(|it| it["event"].as_str().unwrap()).collect();
    assert_eq!((kinds[0], kinds[kinds.len() - 1]), ("started", "finished"), "{kinds:?}");
    let first = |kind: &str| {
        let found = events.iter().find(|it| it["event"] == kind);
        found.unwrap_or_else(|| panic!("no {kind} in {kinds:?}"))
    };
    assert!(first("steps")["steps"].as_u64().is_some());
    assert!(first("step")["doing"].as_str().is_some());
    assert_eq!(first("log")["service"], "shop_web");
    let mut boards = events.iter().filter(|it| it["event"] == "progress").map(|it| &it["board"]);
    let last = boards.next_back().unwrap();
    assert_eq!(last["stack"], "shop");
    assert_eq!(last["steps"][0], serde_json::json!({ "phase": "plan", "state": "done" }));
    let web = &last["services"][0];
    assert_eq!([&web["service"], &web["act"], &web["state"]], ["shop_web", "update", "settled"]);
    assert_eq!(web["tasks"][0]["new"], "running");
    assert!(last["back"]["because"].as_str().unwrap().contains("service shop_web"));
    let end = &events[events.len() - 1];
    assert!(end["verdict"]["rolled-back"].is_string());
    assert_eq!((&end["state"], &end["release"]), (&"rolled-back".into(), &2.into()));
    assert_eq!((&end["exit_code"], &end["error"]["exit_code"]), (&3.into(), &3.into()));
    assert_eq!(end["error"]["code"], "rolled-back");
    assert_eq!(end["services"]["shop_web"]["desired"], 1);
    assert_eq!(first("release")["release"], 2);
}
