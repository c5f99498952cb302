//! The event stream of the engine: a JSON object per line, of the
//! shape that `bollard` knows. Its own stream keeps a line without an end whole.

use crate::{
    domain::{swarm::cluster::Happening, text::size},
    engine::{
        Answer, EngineError,
        docker::{
            call::{Call, seconds},
            refusal::garbage,
            wire::Wire,
        },
    },
};
use bollard::models::EventMessage;
use futures_util::{
    StreamExt, TryStreamExt,
    stream::{self, BoxStream, Stream},
};
use hyper::body::{Body, Incoming};
use jiff::Timestamp;
use std::{
    collections::{BTreeMap, VecDeque},
    pin::Pin,
    sync::Arc,
    task::{Poll, ready},
};

/// Kinds of objects whose changes the whole cluster hears of.
const KINDS: [&str; 5] = ["service", "node", "network", "secret", "config"];

/// Bytes of one event at most: some hundred labels have room.
const LONGEST: usize = 1 << 20;

/// Follows what happens in the cluster.
pub fn events(wire: Arc<Wire>, since: Option<Timestamp>) -> BoxStream<'static, Answer<Happening>> {
    let mut call = Call::get("/events", "events").doing("events");
    if let Some(since) = since {
        call = call.with("since", &seconds(since));
    }
    let call = call.filtered_by(&[("scope", &["swarm"]), ("type", &KINDS)]);
    let opening = async move {
        let body = wire.open(&call).await?.into_body();
        Ok(happenings(wire, call, body))
    };
    stream::once(opening).try_flatten().boxed()
}

fn happenings(
    wire: Arc<Wire>,
    call: Call,
    body: Incoming,
) -> impl Stream<Item = Answer<Happening>> {
    let mut lines = Lines::of(call.clone());
    let mut body = Some(body);
    stream::poll_fn(move |cx| {
        loop {
            if let Some(happening) = lines.out.pop_front() {
                return Poll::Ready(Some(happening));
            }
            let Some(open) = &mut body else { return Poll::Ready(None) };
            let more = match ready!(Pin::new(open).poll_frame(cx)) {
                Some(Ok(frame)) => frame.data_ref().is_none_or(|it| lines.feed(it)),
                Some(Err(err)) => {
                    lines.out.push_back(Err(wire.fault(&call, &err)));
                    false
                }
                None => false,
            };
            if !more {
                body = None;
            }
        }
    })
}

/// Puts lines together and reads them.
struct Lines {
    call: Call,
    rest: Vec<u8>,
    out: VecDeque<Answer<Happening>>,
}

impl Lines {
    fn of(call: Call) -> Self {
        Self { call, rest: Vec::new(), out: VecDeque::new() }
    }

    /// Takes the next bytes; returns whether more of them can be read.
    fn feed(&mut self, mut chunk: &[u8]) -> bool {
        while let Some(end) = chunk.iter().position(|it| *it == b'\n') {
            self.rest.extend_from_slice(&chunk[..end]);
            chunk = &chunk[end + 1..];
            if !self.line() {
                return false;
            }
        }
        self.rest.extend_from_slice(chunk);
        self.rest.len() <= LONGEST || self.line()
    }

    fn line(&mut self) -> bool {
        let line = std::mem::take(&mut self.rest);
        if line.len() > LONGEST {
            let why = format!("an event is longer than {}", size::bytes(LONGEST as u64));
            self.out.push_back(Err(EngineError::Failed { what: self.call.doing.clone(), why }));
            return false;
        }
        if line.trim_ascii().is_empty() {
            return true;
        }
        let read = serde_json::from_slice(&line).map(happening);
        let good = read.is_ok();
        self.out.push_back(read.map_err(|err| garbage(&self.call, &err.to_string(), &line)));
        good
    }
}

fn happening(event: EventMessage) -> Happening {
    let actor = event.actor.unwrap_or_default();
    let attributes: BTreeMap<_, _> = actor.attributes.unwrap_or_default().into_iter().collect();
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
        spec: Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NODE: &str = r#"{"Type":"node","Action":"update","scope":"swarm","time":1714979289,"Actor":{"ID":"n1","Attributes":{"state.new":"down"}}}"#;

    fn read(chunks: &[&[u8]]) -> (Vec<String>, bool) {
        let mut lines = Lines::of(Call::get("/events", "events").doing("events"));
        let more = chunks.iter().all(|it| lines.feed(it));
        let said = lines.out.into_iter().map(|it| match it {
            Ok(it) => format!("{} {} {} {} {}", it.at, it.kind, it.action, it.id, it.name),
            Err(err) => err.to_string(),
        });
        (said.collect(), more)
    }

    #[test]
    fn an_event_without_a_name_is_named_by_its_id_however_it_comes() {
        let told = "2024-05-06T07:08:09Z node update n1 n1".to_owned();
        let (head, tail) = NODE.split_at(30);
        let both = format!("{tail}\n\r\n{NODE}\n{{}}\n");
        let expected = vec![told.clone(), told, "1970-01-01T00:00:00Z    ".to_owned()];
        assert_eq!(read(&[head.as_bytes(), both.as_bytes()]), (expected, true));
    }

    #[test]
    fn an_event_without_end_is_given_up() {
        let endless = vec![b' '; 300_000];
        let (said, more) = read(&[&endless, &endless, &endless, &endless, &endless]);
        assert_eq!(said, ["the engine failed: events: an event is longer than 1 MiB"]);
        assert!(!more);
        let (said, more) = read(&[b"[1\n"]);
        assert!(said[0].contains("its answer is not valid") && !more, "{said:?}");
    }
}
