//! What streams tell: log lines and happenings.

use crate::{
    domain::{
        logs::{LogLine, LogRequest, LogSource, Stream},
        swarm::{change::Change, cluster::Happening, names::ServiceId},
    },
    engine::{
        Engine, ReadEngine,
        fake::{
            handle::FakeEngine,
            tests::{create, engine, image, running, spec, tasks, update},
        },
    },
};
use futures_util::StreamExt;
use serde_json::json;
use std::{collections::BTreeMap, time::Duration};
use tokio::time::{sleep, timeout};

fn request(id: &ServiceId) -> LogRequest {
    let source = LogSource::Service(id.clone());
    LogRequest::all(source)
}

async fn read(engine: &FakeEngine, request: &LogRequest) -> Vec<LogLine> {
    engine.logs(request).map(|it| it.unwrap()).collect().await
}

/// Reads until nothing comes for a while of the swarm's time.
async fn follow(engine: &FakeEngine, request: &LogRequest, seconds: u64) -> Vec<LogLine> {
    let mut stream = engine.logs(request);
    let end = engine.now() + Duration::from_secs(seconds);
    let mut lines = Vec::new();
    while engine.now() < end {
        if let Ok(Some(line)) = timeout(Duration::from_secs(seconds), stream.next()).await {
            lines.push(line.unwrap());
        }
    }
    lines.retain(|it| it.at <= end);
    lines
}

#[tokio::test(start_paused = true)]
async fn every_running_task_writes_lines_in_order() {
    let engine = engine();
    let id = running(&engine, spec("web", 2)).await;
    sleep(Duration::from_secs(60)).await;
    let lines = read(&engine, &request(&id)).await;
    let mut of_task: BTreeMap<_, Vec<_>> = BTreeMap::new();
    for line in &lines {
        of_task.entry(line.task.clone().unwrap()).or_default().push(line.at);
    }
    assert_eq!(of_task.len(), 2);
    assert!(of_task.values().all(|it| it.len() > 20 && it.is_sorted()));
    assert!(!lines.is_sorted_by_key(|it| it.at), "an engine merges tasks in no order");
    assert_eq!(lines, read(&engine, &request(&id)).await);
}

#[tokio::test(start_paused = true)]
async fn tail_counts_per_container_and_since_cuts() {
    let engine = engine();
    let id = running(&engine, spec("web", 2)).await;
    sleep(Duration::from_secs(60)).await;
    let all = read(&engine, &request(&id)).await;
    let tail = read(&engine, &LogRequest { tail: Some(3), ..request(&id) }).await;
    assert_eq!(tail.len(), 6);
    let since = engine.now() - Duration::from_secs(10);
    let late = read(&engine, &LogRequest { since: Some(since), ..request(&id) }).await;
    assert_eq!(late.len(), all.iter().filter(|it| it.at >= since).count());
    assert!(!late.is_empty());
}

#[tokio::test(start_paused = true)]
async fn following_tells_every_line_once_also_of_new_tasks() {
    let engine = engine();
    let id = running(&engine, spec("web", 1)).await;
    let followed = {
        let request = LogRequest { follow: true, ..request(&id) };
        let (lines, ()) = tokio::join!(follow(&engine, &request, 60), async {
            sleep(Duration::from_secs(20)).await;
            update(&engine, &id, image("web:2")).await.unwrap();
        });
        lines
    };
    let end = followed.iter().map(|it| it.at).max().unwrap();
    let key = |it: &LogLine| (it.at, it.task.clone(), it.text.clone());
    let mut expected: Vec<_> =
        read(&engine, &request(&id)).await.iter().filter(|it| it.at <= end).map(key).collect();
    let mut followed: Vec<_> = followed.iter().map(key).collect();
    expected.sort();
    followed.sort();
    assert_eq!(followed, expected);
    assert_eq!(tasks(&engine, &id).await.len(), 2);
}

#[tokio::test(start_paused = true)]
async fn the_last_words_of_a_crash_explain_it() {
    let engine = engine().breaking("shop/api:1");
    let mut crashing = spec("api", 1);
    crashing["TaskTemplate"]["ContainerSpec"]["Image"] = json!("shop/api:1");
    let id = create(&engine, crashing).await;
    sleep(Duration::from_secs(8)).await;
    let task = tasks(&engine, &id).await[0].id.clone();
    let source = LogSource::Task(task);
    let lines = read(&engine, &LogRequest { source, tail: Some(8), ..request(&id) }).await;
    assert!(lines[0].text.starts_with("panic: dial tcp"), "{}", lines[0].text);
    assert!(lines.iter().all(|it| it.stream == Stream::Stderr));
}

#[tokio::test(start_paused = true)]
async fn a_stream_that_follows_a_task_stays_open_behind_its_end() {
    let engine = engine().breaking("web:1");
    let id = create(&engine, spec("web", 1)).await;
    sleep(Duration::from_secs(4)).await;
    let source = LogSource::Task(tasks(&engine, &id).await[0].id.clone());
    let mut lines = engine.logs(&LogRequest { source, follow: true, ..request(&id) });
    assert!(lines.next().await.is_some());
    while let Ok(next) = timeout(Duration::from_secs(60), lines.next()).await {
        assert!(next.is_some(), "the stream ended");
    }
}

#[tokio::test(start_paused = true)]
async fn a_node_that_hangs_holds_up_who_waits_for_it() {
    let engine = engine();
    let id = running(&engine, spec("web", 3)).await;
    sleep(Duration::from_secs(60)).await;
    engine.link().hang("node3");
    let mut stream = engine.logs(&request(&id));
    let mut lines = 0;
    while let Ok(next) = timeout(Duration::from_secs(60), stream.next()).await {
        assert!(next.is_some(), "the stream ended");
        lines += 1;
    }
    assert!(lines > 0);
    engine.link().resume("node3");
    while stream.next().await.is_some() {}
}

#[tokio::test(start_paused = true)]
async fn a_lost_node_is_silent_when_followed_and_an_error_otherwise() {
    let engine = engine();
    let id = running(&engine, spec("web", 3)).await;
    engine.lose_node("node3", Duration::ZERO);
    sleep(Duration::from_secs(1)).await;
    let last = engine.logs(&request(&id)).collect::<Vec<_>>().await.pop().unwrap();
    let err = last.unwrap_err().to_string();
    assert!(err.contains("incomplete log stream"), "{err}");
    follow(&engine, &LogRequest { follow: true, ..request(&id) }, 30).await;
    let unknown = LogRequest { source: LogSource::Service(ServiceId::from("x")), ..request(&id) };
    let err = engine.logs(&unknown).next().await.unwrap().unwrap_err();
    assert_eq!(err.to_string(), "service x not found");
}

#[tokio::test(start_paused = true)]
async fn happenings_are_told_as_engines_tell_them() {
    let engine = engine();
    let since = engine.now();
    let mut live = engine.events(None);
    let stop = engine.link();
    let id = {
        let (id, first) = tokio::join!(running(&engine, spec("web", 1)), live.next());
        assert_eq!(first.unwrap().unwrap().action, "create");
        id
    };
    update(&engine, &id, |it| {
        it["TaskTemplate"]["ContainerSpec"]["Image"] = json!("web:2");
        it["Mode"] = json!({ "Replicated": { "Replicas": 2 } });
    })
    .await
    .unwrap();
    sleep(Duration::from_secs(30)).await;
    engine.apply(&Change::RemoveService { id, name: "web".into() }).await.unwrap();
    let mut told = Vec::new();
    let mut past = engine.events(Some(since));
    while let Ok(Some(Ok(it))) = timeout(Duration::from_secs(1), past.next()).await {
        told.push(in_short(&it));
    }
    assert_eq!(
        told,
        [
            "service create web",
            "service update web image.new=web:2 image.old=web:1 replicas.new=2 replicas.old=1",
            "service update web updatestate.new=updating",
            "service update web updatestate.new=completed updatestate.old=updating",
            "service remove web",
        ]
    );
    stop.cut();
    while let Some(it) = live.next().await {
        if let Err(err) = it {
            assert_eq!(err.to_string(), "no engine answers at demo: connection refused");
        }
    }
}

fn in_short(it: &Happening) -> String {
    let more = it.attributes.iter().filter(|it| it.0 != "name");
    let more = more.map(|(key, value)| format!("{key}={value}"));
    let words = [&it.kind, &it.action, &it.name].map(String::clone);
    words.into_iter().chain(more).collect::<Vec<_>>().join(" ")
}
