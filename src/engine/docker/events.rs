//! What happens in the cluster, decoded by `bollard`.

use crate::{
    domain::cluster::Happening,
    engine::{
        Answer, EngineError,
        docker::{
            call::{Call, seconds},
            wire::Wire,
        },
    },
};
use bollard::{
    API_DEFAULT_VERSION, BollardRequest, Docker, errors::Error as BollardError,
    models::EventMessage, query_parameters::EventsOptions,
};
use futures_util::{
    StreamExt,
    stream::{self, BoxStream},
};
use http::Uri;
use jiff::Timestamp;
use std::{
    collections::{BTreeMap, HashMap},
    io,
    sync::Arc,
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
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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
