//! Logs of more tasks than streams may be open: the engine mixes their lines, and none is
//! lost, told twice, or put out of the order of its task.

use crate::jobs::{
    Desk,
    log_follower::{Ear, ask, key, service},
};
use futures_util::StreamExt;
use jiff::Timestamp;
use skep::{
    domain::{
        logs::{LogLine, LogRequest, LogSource, NoteKind, Window},
        swarm::{
            change::ServiceRef,
            names::{ServiceId, TaskId},
        },
    },
    engine::{ReadEngine, fake::FakeEngine},
    jobs::{
        log_follower::{LogQuery, LogScope},
        operations::Operation,
    },
};
use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};
use tokio::time::sleep;

const MIXED: &str = "has too many tasks to read them one by one";
const UNSORTED: &str = "there are too many lines to sort";

/// Lines by task, in the order in which they came.
fn by_task(lines: &[LogLine]) -> BTreeMap<TaskId, Vec<(String, Timestamp, String)>> {
    let mut tasks: BTreeMap<_, Vec<_>> = BTreeMap::new();
    for line in lines {
        tasks.entry(line.task.clone().unwrap()).or_default().push(key(line));
    }
    tasks
}

async fn all_lines(engine: &FakeEngine, of: &ServiceId) -> Vec<LogLine> {
    let request = LogRequest::all(LogSource::Service(of.clone()));
    engine.logs(&request).map(|it| it.unwrap()).collect().await
}

#[tokio::test(start_paused = true)]
async fn a_log_of_more_tasks_than_streams_is_whole_and_in_the_order_of_time() {
    let engine = FakeEngine::with_size(Timestamp::now(), 1, 7).with_log_streams(3);
    let id = service(&engine).await;
    sleep(Duration::from_secs(300)).await;
    let mut ear = Ear::ask(&engine, ask(LogScope::Service(id.clone())));
    ear.listen(30).await;
    let said = ear.notes_of(NoteKind::Remark).join("\n");
    assert!(ear.ended && said.contains(MIXED) && !said.contains(UNSORTED), "{said}");
    assert!(ear.lines.is_sorted_by_key(|it| it.at));
    assert_eq!(by_task(&ear.lines), by_task(&all_lines(&engine, &id).await));
}

#[tokio::test(start_paused = true)]
async fn what_is_too_much_to_be_sorted_keeps_the_order_of_each_task_and_says_so() {
    let engine = FakeEngine::with_size(Timestamp::now(), 1, 80).with_log_streams(24);
    let id = service(&engine).await;
    sleep(Duration::from_secs(3 * 3_600)).await;
    // A task that ends leaves a mark, which must not stand before its last lines.
    let lost = ServiceRef { id: id.clone(), name: "shop-production-s00_svc000".to_owned() };
    let desk = Desk::on(engine.clone());
    desk.run(Operation::Scale { service: lost, replicas: 79 }).await.succeeds("79/79 tasks run");
    let all = all_lines(&engine, &id).await;
    let mut ear = Ear::ask(&engine, ask(LogScope::Service(id.clone())));
    ear.listen(60).await;
    let said = ear.notes_of(NoteKind::Remark).join("\n");
    assert!(ear.ended && said.contains(UNSORTED), "{said}");
    assert!(!ear.lines.is_sorted_by_key(|it| it.at), "it was sorted after all: more lines, please");
    let (told, there) = (by_task(&ear.lines), by_task(&all));
    assert_eq!(told.keys().collect::<Vec<_>>(), there.keys().collect::<Vec<_>>());
    for (task, lines) in &there {
        assert!(told[task] == *lines, "{task}: {} of {} lines", told[task].len(), lines.len());
    }
    let marks = ear.notes.iter().zip(&ear.before).filter(|it| it.0.0 == NoteKind::Life);
    let before: Vec<usize> = marks.map(|it| *it.1).collect();
    assert!(before.iter().all(|it| *it == ear.lines.len()), "{before:?} {:?}", ear.notes);
    // Up to a moment: no line is left out because another task was further.
    let until = Some(engine.now() - Duration::from_secs(1_800));
    let mut ear = Ear::ask(&engine, LogQuery { until, ..ask(LogScope::Service(id)) });
    ear.listen(60).await;
    let wanted = all.iter().filter(|it| Some(it.at) <= until).count();
    assert_eq!((ear.lines.len(), ear.ended), (wanted, true));
}

#[tokio::test(start_paused = true)]
async fn cuts_while_a_mixed_log_is_followed_cost_no_line_and_bring_none_twice() {
    let engine = FakeEngine::with_size(Timestamp::now(), 1, 6).with_log_streams(3);
    let id = service(&engine).await;
    let mut ear = Ear::follow(&engine, Window::Back(1), 500, LogScope::Service(id.clone()));
    ear.listen_through_cuts(&engine).await;
    ear.check_complete(&engine, &id).await;
}

#[tokio::test(start_paused = true)]
async fn portions_of_a_mixed_log_follow_each_other_without_a_hole() {
    let engine = FakeEngine::with_size(Timestamp::now(), 1, 6).with_log_streams(3);
    let id = service(&engine).await;
    sleep(Duration::from_secs(1_800)).await;
    let mut ear = Ear::follow(&engine, Window::Head, 1_000, LogScope::Service(id.clone()));
    ear.listen(30).await;
    assert_eq!((ear.lines.len(), ear.read), (1_000, Some(true)));
    ear.feed.as_ref().unwrap().more(700);
    ear.listen(30).await;
    assert_eq!((ear.lines.len(), ear.read), (1_700, Some(true)));
    assert_eq!(ear.notes_of(NoteKind::Remark).len(), 1, "{:?}", ear.notes);
    ear.check_complete(&engine, &id).await;
    ear.feed.as_ref().unwrap().more(usize::MAX);
    ear.listen(60).await;
    assert_eq!(ear.read, Some(false));
    ear.check_complete(&engine, &id).await;
}

#[tokio::test(start_paused = true)]
async fn a_service_that_grows_beyond_the_streams_is_read_on_without_a_line_twice() {
    let engine = FakeEngine::with_size(Timestamp::now(), 1, 4).with_log_streams(6);
    let id = service(&engine).await;
    let mut ear = Ear::follow(&engine, Window::Back(1), 500, LogScope::Service(id.clone()));
    ear.listen(30).await;
    assert_eq!(ear.notes_of(NoteKind::Remark), [""; 0]);
    let target = ServiceRef { id: id.clone(), name: "shop-production-s00_svc000".to_owned() };
    let operation = Operation::Scale { service: target, replicas: 9 };
    Desk::on(engine.clone()).run(operation).await.succeeds("9/9 tasks run");
    ear.listen(60).await;
    assert!(ear.notes_of(NoteKind::Remark).join("\n").contains(MIXED), "{:?}", ear.notes);
    let heard: BTreeSet<_> = ear.lines.iter().map(|it| it.task.clone()).collect();
    assert_eq!(heard.len(), 9, "{:?}", ear.notes);
    ear.check_complete(&engine, &id).await;
}

#[tokio::test(start_paused = true)]
async fn a_node_that_is_lost_under_a_mixed_log_is_named_and_read_on() {
    let engine = FakeEngine::with_size(Timestamp::now(), 1, 8).with_log_streams(3);
    let id = service(&engine).await;
    let mut ear = Ear::follow(&engine, Window::Back(1), 500, LogScope::Service(id.clone()));
    ear.listen(20).await;
    engine.lose_node("node5", Duration::ZERO);
    ear.listen(60).await;
    let gaps = ear.notes_of(NoteKind::Gap).join("\n");
    assert!(gaps.contains("gap: node5 is down") && gaps.contains("svc000"), "{:?}", ear.notes);
    engine.return_node("node5", Duration::ZERO);
    ear.listen(60).await;
    let back = ear.notes_of(NoteKind::Back).join("\n");
    assert!(back.contains("node5 answers again"), "{:?}", ear.notes);
}
