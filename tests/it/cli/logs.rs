//! `skep logs`: its exit code says whether it printed all there is.

use crate::cli::{Shell, now};
use serde_json::Value;
use skep::{
    cli::Exit,
    engine::{ReadEngine, fake::FakeEngine},
};
use std::time::Duration;
use tokio::time::sleep;

async fn shell() -> (Shell, FakeEngine) {
    let engine = FakeEngine::with_size(now(), 1, 5);
    sleep(Duration::from_secs(60)).await;
    engine.services().await.unwrap();
    (Shell::with(Ok(engine.clone())), engine)
}

const LOGS: &str = "logs shop-production-s00_svc000";

#[tokio::test(start_paused = true)]
async fn a_log_that_is_whole_ends_with_0() {
    let (shell, _) = shell().await;
    let printed = shell.run(LOGS).await;
    assert_eq!((printed.exit, printed.remarks.as_str()), (Exit::Done, ""));
    assert!(printed.out.lines().count() > 50);
}

#[tokio::test(start_paused = true)]
async fn a_log_that_lacks_lines_ends_with_5_and_says_whose() {
    let (shell, engine) = shell().await;
    engine.link().hang("node3");
    for line in [LOGS.to_owned(), format!("{LOGS} -n 3"), "logs shop-production-s00".to_owned()] {
        let printed = shell.run(&line).await;
        assert_eq!(printed.exit as u8, 5, "{}", printed.remarks);
        assert!(printed.out.contains("@node2 | ") && !printed.out.contains("@node3 | "));
        let error = "error: the log is not complete: lines of shop-production-s00_svc000.";
        assert!(printed.remarks.contains(error), "{}", printed.remarks);
        assert!(printed.remarks.contains("@node3 are missing"), "{}", printed.remarks);
    }
    // Neither is what was printed right where it could not be printed.
    assert_eq!(shell.on_full_disk(LOGS).await, Exit::Failed);
    // Those of another node are all there.
    assert_eq!(shell.run(&format!("{LOGS} --node node2")).await.exit, Exit::Done);
}

#[tokio::test(start_paused = true)]
async fn a_task_that_a_service_never_had_is_an_error() {
    let shell = Shell::demo();
    for name in ["traefik_traefik", "registry"] {
        let said = shell.refusal(&format!("logs {name}.99")).await;
        assert!(said.starts_with(&format!("error: {name} has no task 99\n")), "{said}");
        assert!(said.contains(&format!("`skep ps {name}` lists its tasks")), "{said}");
    }
}

#[tokio::test(start_paused = true)]
async fn programs_read_that_lines_are_missing_in_the_last_object() {
    let (shell, engine) = shell().await;
    engine.link().hang("node3");
    let printed = shell.run(&format!("{LOGS} --json")).await;
    let events: Vec<Value> =
        printed.out.lines().map(|it| serde_json::from_str(it).unwrap()).collect();
    let (last, lines) = events.split_last().unwrap();
    assert_eq!(last["error"]["code"], "incomplete");
    assert_eq!(last["error"]["exit_code"], 5);
    assert!(last["error"]["why"].as_str().unwrap().contains("@node3"), "{last}");
    assert!(lines.iter().all(|it| it["text"].is_string() && it["stream"].is_string()));
    assert!(
        lines.iter().any(|it| it["stream"] == "note" && it["text"].to_string().contains("gap"))
    );
}

#[tokio::test(start_paused = true)]
async fn a_log_that_was_mixed_lacks_lines_too_where_a_node_gives_none() {
    let engine = FakeEngine::with_size(now(), 1, 5).with_log_streams(2);
    sleep(Duration::from_secs(60)).await;
    engine.link().hang("node3");
    let shell = Shell::with(Ok(engine));
    let printed = shell.run(LOGS).await;
    assert_eq!(printed.exit as u8, 5, "{}", printed.remarks);
    let error = "lines of shop-production-s00_svc000 are missing";
    assert!(printed.remarks.contains(error), "{}", printed.remarks);
}
