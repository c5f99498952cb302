//! Events and logs, from engines that send them as told.

use crate::engine::stand_in::{PATIENT, PING, Reply, SOON, StandIn, ok};
use futures_util::StreamExt;
use skep::{
    domain::logs::{LogRequest, LogSource},
    engine::{EngineError, ReadEngine},
};

const CHUNKED: &str = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";

fn chunk(text: &str) -> String {
    format!("{:x}\r\n{text}\r\n", text.len())
}

/// An engine whose streams are these bytes; task `t1` has run, `t0` never did.
fn streaming(reply: Reply) -> StandIn {
    StandIn::answering(move |asked| match asked.line.as_str() {
        "GET /_ping" => Reply::Says(200, PING, "OK".to_owned()),
        line if line.contains("/tasks?") => ok(r#"[
            {"ID":"t0","ServiceID":"s1","Status":{"State":"pending"}},
            {"ID":"t1","ServiceID":"s1","Status":{"State":"complete","ContainerStatus":{"ContainerID":"c"}}}]"#),
        _ => reply.clone(),
    })
}

async fn logs(engine: &StandIn, follow: bool) -> Vec<String> {
    let source = LogSource::Task("t1".into());
    let request = LogRequest { tail: Some(5), follow, ..LogRequest::all(source) };
    let lines = engine.engine(PATIENT).logs(&request);
    lines.map(|it| it.map_or_else(|err| err.to_string(), |it| it.text)).collect().await
}

fn frame(kind: char, text: &str) -> String {
    format!("{kind}\0\0\0\0\0\0{}{text}", char::from(u8::try_from(text.len()).unwrap()))
}

#[tokio::test]
async fn logs_arrive_whole_through_odd_chunks() {
    let line = |n: u8| frame('\u{1}', &format!("2024-05-06T07:08:09.00000000{n}Z  line {n}\n"));
    let bytes = [line(1), frame('\u{3}', "Error grabbing logs: gap\n"), line(2)].concat();
    let (a, rest) = bytes.split_at(3);
    let (b, c) = rest.split_at(40);
    let whole = [CHUNKED, &chunk(a), &chunk(b), &chunk(c), "0\r\n\r\n"].concat();
    let engine = streaming(Reply::Closes(whole));
    let gap = "the engine failed: logs of task t1: gap";
    assert_eq!(logs(&engine, false).await, ["line 1", gap, "line 2"]);
    assert_eq!(
        engine.last().line,
        "GET /v1.41/tasks/t1/logs?stdout=true&stderr=true&timestamps=true&details=true&tail=5"
    );
}

#[tokio::test]
async fn logs_that_break_say_so_after_the_last_line() {
    let line = frame('\u{1}', "2024-05-06T07:08:09Z  line\n");
    let engine = streaming(Reply::Closes([CHUNKED, &chunk(&line)].concat()));
    let broken = "the engine failed: logs of task t1: the connection ended before the answer";
    assert_eq!(logs(&engine, false).await, ["line", broken]);
}

#[tokio::test]
async fn logs_that_cannot_be_read_say_why() {
    let refusal = r#"{"message":"configured logging driver does not support reading"}"#;
    let engine = streaming(Reply::Says(400, &[], refusal.to_owned()));
    let why =
        "the engine refuses logs of task t1: configured logging driver does not support reading";
    assert_eq!(logs(&engine, false).await, [why]);
    let gone = StandIn::answering(|asked| match asked.line.as_str() {
        "GET /_ping" => Reply::Says(200, PING, "OK".to_owned()),
        _ => Reply::Says(404, &[], r#"{"message":"task t1 not found"}"#.to_owned()),
    });
    assert_eq!(logs(&gone, true).await, ["task t1 not found"]);
}

#[tokio::test]
async fn events_are_read_as_they_come_and_end_with_the_connection() {
    let event = r#"{"Type":"service","Action":"update","scope":"swarm","time":1,"timeNano":1500000000,
        "Actor":{"ID":"s1","Attributes":{"name":"web","replicas.new":"3"}}}"#;
    let event = event.replace('\n', "") + "\n";
    let (head, tail) = event.split_at(20);
    let engine = streaming(Reply::Closes(
        [CHUNKED, &chunk(head), &chunk(tail), &chunk(&event), "0\r\n\r\n"].concat(),
    ));
    let since = "1970-01-01T00:00:01.5Z".parse().unwrap();
    let events: Vec<_> = engine.engine(PATIENT).events(Some(since)).collect().await;
    assert_eq!(events.len(), 2);
    let event = events[0].as_ref().unwrap();
    assert_eq!(event.at, since);
    let words =
        [&event.kind, &event.action, &event.id, &event.name, &event.attributes["replicas.new"]];
    assert_eq!(words, ["service", "update", "s1", "web", "3"]);
    let line = engine.last().line;
    assert!(line.starts_with("GET /v1.41/events?since=1.500000000&filters="), "{line}");
}

#[tokio::test]
async fn a_stream_that_never_starts_times_out_and_one_that_started_may_be_silent() {
    let engine = streaming(Reply::Hangs(String::new()));
    let first = engine.engine(SOON).events(None).next().await.unwrap();
    assert!(matches!(first, Err(EngineError::TimedOut { .. })), "{first:?}");

    let engine = streaming(Reply::Hangs(CHUNKED.to_owned()));
    let mut events = engine.engine(SOON).events(None);
    let silence = tokio::time::timeout(SOON.read * 3, events.next()).await;
    assert!(silence.is_err(), "{silence:?}");
}

#[tokio::test]
async fn events_of_an_engine_that_refuses_say_why() {
    let engine = streaming(Reply::Says(500, &[], r#"{"message":"boom"}"#.to_owned()));
    let events: Vec<_> = engine.engine(PATIENT).events(None).collect().await;
    let shown: Vec<_> = events.into_iter().map(|it| it.unwrap_err().to_string()).collect();
    assert_eq!(shown, ["the engine failed: events: boom"]);
}
