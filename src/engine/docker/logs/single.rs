//! One log stream of the engine.

use crate::{
    domain::logs::{LogLine, LogRequest, LogSource},
    engine::{
        Answer,
        docker::{
            call::{Call, part, seconds},
            logs::lines::Lines,
            wire::Wire,
        },
    },
};
use futures_util::{
    StreamExt, TryStreamExt,
    stream::{self, BoxStream, Stream},
};
use hyper::body::{Body, Incoming};
use std::{
    pin::Pin,
    sync::Arc,
    task::{Poll, ready},
};

/// Opens it and reads its lines.
pub fn open(wire: Arc<Wire>, request: &LogRequest) -> BoxStream<'static, Answer<LogLine>> {
    let call = log_call(request);
    let opening = async move {
        let body = wire.open(&call).await?.into_body();
        Ok(lines(wire, call, body))
    };
    stream::once(opening).try_flatten().boxed()
}

fn log_call(request: &LogRequest) -> Call {
    let (path, about) = match &request.source {
        LogSource::Service(id) => {
            (format!("/services/{}/logs", part(id.as_str())), format!("service {id}"))
        }
        LogSource::Task(id) => (format!("/tasks/{}/logs", part(id.as_str())), format!("task {id}")),
    };
    let doing = format!("logs of {about}");
    let mut call = Call::get(path, about)
        .doing(doing)
        .with("stdout", "true")
        .with("stderr", "true")
        .with("timestamps", "true")
        .with("details", "true");
    if request.follow {
        call = call.with("follow", "true");
    }
    if let Some(since) = request.since {
        call = call.with("since", &seconds(since));
    }
    if let Some(tail) = request.tail {
        call = call.with("tail", &tail.to_string());
    }
    call
}

fn lines(wire: Arc<Wire>, call: Call, body: Incoming) -> impl Stream<Item = Answer<LogLine>> {
    let mut lines = Lines::of(call.doing.clone());
    let mut body = Some(body);
    stream::poll_fn(move |cx| {
        loop {
            if let Some(line) = lines.next() {
                return Poll::Ready(Some(line));
            }
            let Some(open) = &mut body else { return Poll::Ready(None) };
            let more = match ready!(Pin::new(open).poll_frame(cx)) {
                Some(Ok(frame)) => frame.data_ref().is_none_or(|it| lines.feed(it).is_ok()),
                Some(Err(err)) => {
                    lines.break_off(wire.fault(&call, &err));
                    false
                }
                None => {
                    lines.finish();
                    false
                }
            };
            if !more {
                body = None;
            }
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn logs_are_asked_for_with_all_that_tells_lines_apart() {
        let check = |source, since: Option<&str>, tail, follow, expected: &str| {
            let since = since.map(|it| it.parse().unwrap());
            let request = LogRequest { since, tail, follow, ..LogRequest::all(source) };
            let call = log_call(&request);
            assert_eq!(call.path, expected);
        };
        let all = "stdout=true&stderr=true&timestamps=true&details=true";
        let service = || LogSource::Service("s1".into());
        check(service(), None, None, false, &format!("/services/s1/logs?{all}"));
        check(
            LogSource::Task("t1".into()),
            Some("2024-05-06T07:08:09.000000001Z"),
            Some(0),
            true,
            &format!("/tasks/t1/logs?{all}&follow=true&since=1714979289.000000001&tail=0"),
        );
    }
}
