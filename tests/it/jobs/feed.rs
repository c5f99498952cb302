//! Logs that are followed through a cut.

use futures_util::StreamExt;
use jiff::Timestamp;
use skep::{
    domain::logs::{LogLine, LogRequest, LogSource, Window},
    engine::{Engine, fake::FakeEngine},
    jobs::feed::{self, FeedNews, Of, Subscription},
};
use std::{collections::BTreeSet, sync::Arc, time::Duration};
use tokio::{sync::mpsc, time::timeout};

#[tokio::test(start_paused = true)]
async fn a_cut_costs_no_line_and_brings_none_twice() {
    let engine = FakeEngine::with_size(Timestamp::now(), 1, 3);
    let service = engine.services().await.unwrap()[0].clone();
    let (news, mut told) = mpsc::channel(64);
    let of = Of::Service(service.id.clone());
    let subscription = Subscription { of, window: Window::Minute, tail: 500 };
    let _feed = feed::spawn(Arc::new(engine.clone()), subscription, news);
    let (mut lines, mut marks) = (Vec::new(), Vec::new());
    for round in 0..6 {
        read_for(&mut told, &mut lines, &mut marks).await;
        if round % 2 == 0 { engine.link().cut() } else { engine.link().mend() }
    }
    read_for(&mut told, &mut lines, &mut marks).await;
    assert_eq!(marks.len(), 3, "{marks:?}");
    let told: BTreeSet<_> = lines.iter().map(key).collect();
    assert_eq!(told.len(), lines.len(), "some lines came twice");
    let first = lines.iter().map(|it| it.at).min().unwrap();
    let last = lines.iter().map(|it| it.at).max().unwrap();
    let source = LogSource::Service(service.id);
    let request = LogRequest { since: Some(first), ..LogRequest::all(source) };
    let all: Vec<_> = engine.logs(&request).map(|it| it.unwrap()).collect().await;
    let all: BTreeSet<_> = all.iter().filter(|it| it.at <= last).map(key).collect();
    assert!(told == all && all.len() > 50, "{} lines of {}", told.len(), all.len());
}

fn key(line: &LogLine) -> (String, Timestamp, String) {
    let task = line.task.as_ref().map(ToString::to_string).unwrap_or_default();
    (task, line.at, line.text.clone())
}

async fn read_for(
    told: &mut mpsc::Receiver<FeedNews>,
    lines: &mut Vec<LogLine>,
    marks: &mut Vec<String>,
) {
    let until = tokio::time::Instant::now() + Duration::from_secs(20);
    while tokio::time::Instant::now() < until {
        match timeout(Duration::from_secs(1), told.recv()).await {
            Ok(Some(FeedNews::Lines(more))) => lines.extend(more),
            Ok(Some(FeedNews::Mark(mark))) => marks.push(mark),
            Ok(None) => panic!("the feed ended"),
            Err(_) => {}
        }
    }
}
