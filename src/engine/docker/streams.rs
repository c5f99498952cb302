//! What does not end: events and logs.
//!
//! `bollard` decodes the events. Logs are read by [`Lines`]: bollard 0.21 has no
//! `details` (whose line is it?), whole seconds for `since`, and takes the
//! engine's frames about missing lines for output.

use crate::{
    domain::{
        cluster::Happening,
        logs::{LogLine, LogRequest, LogSource},
    },
    engine::{
        Answer, EngineError,
        docker::{
            call::{Call, part},
            lines::Lines,
            wire::Wire,
        },
    },
};
use bollard::{
    API_DEFAULT_VERSION, BollardRequest, Docker, errors::Error as BollardError,
    models::EventMessage, query_parameters::EventsOptions,
};
use futures_util::{
    StreamExt, TryStreamExt,
    stream::{self, BoxStream, Stream},
};
use http::Uri;
use hyper::body::{Body, Incoming};
use jiff::Timestamp;
use std::{
    collections::HashMap,
    io,
    pin::Pin,
    sync::Arc,
    task::{Poll, ready},
};

/// Kinds of objects whose changes the whole cluster hears of.
const KINDS: [&str; 5] = ["service", "node", "network", "secret", "config"];

/// Follows what happens in the cluster.
pub fn events(wire: Arc<Wire>, since: Option<Timestamp>) -> BoxStream<'static, Answer<Happening>> {
    let filters = [
        ("scope".to_owned(), vec!["swarm".to_owned()]),
        ("type".to_owned(), KINDS.map(str::to_owned).to_vec()),
    ];
    let options = EventsOptions {
        since: since.map(seconds),
        filters: Some(HashMap::from(filters)),
        ..EventsOptions::default()
    };
    let docker = match bollard(Arc::clone(&wire)) {
        Ok(docker) => docker,
        Err(err) => return stream::once(async move { Err(explained(&wire, &err)) }).boxed(),
    };
    docker
        .events(Some(options))
        .map(move |event| event.map(happening).map_err(|err| explained(&wire, &err)))
        .boxed()
}

/// Reads logs, and follows them if asked to.
pub fn logs(wire: Arc<Wire>, request: &LogRequest) -> BoxStream<'static, Answer<LogLine>> {
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

/// Bollard over our own connections: it would open one per request, name no
/// version, and know no ssh ports.
fn bollard(wire: Arc<Wire>) -> Result<Docker, BollardError> {
    let transport = move |request: BollardRequest| {
        let wire = Arc::clone(&wire);
        async move {
            let call = stream_call(request.uri());
            let opened = wire.open(&call).await;
            opened.map_err(|err| BollardError::IOError { err: io::Error::other(err) })
        }
    };
    // The wire has its own time limits; this one only must not be shorter.
    Docker::connect_with_custom_transport(
        transport,
        Some("http://docker"),
        3600,
        API_DEFAULT_VERSION,
    )
}

fn stream_call(uri: &Uri) -> Call {
    let path = uri.path_and_query().map_or("/", |it| it.as_str());
    Call::get(path, "events").doing("events")
}

fn explained(wire: &Wire, err: &BollardError) -> EngineError {
    if let BollardError::IOError { err } = err
        && let Some(known) = err.get_ref().and_then(|it| it.downcast_ref::<EngineError>())
    {
        return known.clone();
    }
    wire.fault(&Call::get("/events", "events").doing("events"), err)
}

fn happening(event: EventMessage) -> Happening {
    let actor = event.actor.unwrap_or_default();
    let attributes: std::collections::BTreeMap<_, _> =
        actor.attributes.unwrap_or_default().into_iter().collect();
    let id = actor.id.unwrap_or_default();
    let nanos = event.time_nano.map(i128::from).unwrap_or_default();
    let exact = Timestamp::from_nanosecond(nanos).ok().filter(|_| nanos > 0);
    let coarse = || Timestamp::from_second(event.time.unwrap_or_default()).unwrap_or_default();
    Happening {
        at: exact.unwrap_or_else(coarse),
        kind: event.typ.map(|it| it.to_string()).unwrap_or_default(),
        action: event.action.unwrap_or_default(),
        name: attributes.get("name").cloned().unwrap_or_else(|| id.clone()),
        id,
        attributes,
    }
}

/// A moment as the engine reads it, exact to the nanosecond.
fn seconds(at: Timestamp) -> String {
    format!("{}.{:09}", at.as_second(), at.subsec_nanosecond())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn logs_are_asked_for_with_all_that_tells_lines_apart() {
        let check = |source, since: Option<&str>, tail, follow, expected: &str| {
            let since = since.map(|it| it.parse().unwrap());
            let call = log_call(&LogRequest { source, since, tail, follow });
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

    #[test]
    fn an_event_without_a_name_is_named_by_its_id() {
        let event: EventMessage = serde_json::from_str(
            r#"{"Type":"node","Action":"update","scope":"swarm","time":1714979289,
                "Actor":{"ID":"n1","Attributes":{"state.new":"down"}}}"#,
        )
        .unwrap();
        let happening = happening(event);
        assert_eq!((happening.kind.as_str(), happening.action.as_str()), ("node", "update"));
        assert_eq!((happening.id.as_str(), happening.name.as_str()), ("n1", "n1"));
        assert_eq!(happening.at.to_string(), "2024-05-06T07:08:09Z");
    }
}
