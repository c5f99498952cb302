//! Whatever an engine answers, or does not, becomes a value or a typed error in
//! time.

use crate::engine::stand_in::{PATIENT, PING, Reply, SOON, StandIn, at, ok, pinged};
use serde_json::json;
use skep::{
    domain::swarm::{
        change::{Change, Confidential, RegistryAuth},
        cluster::{Object, ObjectKind, Service, TaskScope},
        spec::{NewService, UpdateBody},
    },
    engine::{Engine, EngineError, ReadEngine},
};
use std::{
    os::unix::net::UnixListener,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};
use tempfile::TempDir;

/// Asks a stand-in that answers everything but pings with `reply`.
async fn check(reply: Reply, expected: &str) {
    let engine = StandIn::answering(pinged(reply.clone()));
    let err = engine.engine(PATIENT).nodes().await.unwrap_err();
    let address = engine.socket().display().to_string();
    assert_eq!(err.to_string().replace(&address, "SOCKET"), expected, "{reply:?}");
}

#[tokio::test]
async fn broken_answers_become_errors_that_say_what_broke() {
    check(
        Reply::Closes(String::new()),
        "the engine failed: GET /nodes: the connection ended before the answer",
    )
    .await;
    let half = "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n[{\"ID\"";
    check(
        Reply::Closes(half.to_owned()),
        "the engine failed: GET /nodes: the connection ended before the answer",
    )
    .await;
    check(
        Reply::Closes("220 mail.example.org ESMTP\r\n\r\n".to_owned()),
        "the engine failed: GET /nodes: invalid HTTP version parsed",
    )
    .await;
    check(
        ok("<html>login</html>"),
        "the engine failed: GET /nodes: its answer is not valid (expected value at line 1 column 1): <html>login</html>",
    )
    .await;
    check(
        Reply::Says(500, &[], "{\"message\":\"boom\"}".to_owned()),
        "the engine failed: GET /nodes: boom",
    )
    .await;
    check(
        ok(format!("[{}]", " ".repeat(200_000))),
        "the engine failed: GET /nodes: its answer is longer than 98 KiB, which is as much as skep reads",
    )
    .await;
}

#[tokio::test]
async fn silence_ends_with_the_time_limit_wherever_it_falls() {
    let check = async |reply: Reply| {
        let engine = StandIn::answering(pinged(reply.clone()));
        let err = engine.engine(SOON).nodes().await.unwrap_err();
        let EngineError::TimedOut { call, after, .. } = &err else { panic!("{reply:?}: {err}") };
        assert_eq!((call.as_str(), *after), ("GET /nodes", SOON.read));
    };
    check(Reply::Hangs(String::new())).await;
    check(Reply::Hangs("HTTP/1.1 200 OK\r\n".to_owned())).await;
    check(Reply::Hangs("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n[".to_owned())).await;
    let mute = StandIn::answering(|_| Reply::Hangs(String::new()));
    let err = mute.engine(SOON).nodes().await.unwrap_err();
    assert!(matches!(err, EngineError::TimedOut { .. }), "a ping that is not answered: {err}");
}

#[tokio::test]
async fn where_nobody_listens_is_told_with_the_reason() {
    let folder = TempDir::new().unwrap();
    let socket = folder.path().join("sock");
    let check = async |why: &str| {
        let err = at(&socket, PATIENT).system().await.unwrap_err();
        let address = format!("unix://{}", socket.display());
        assert_eq!(err, EngineError::Unreachable { address, why: why.to_owned() });
    };
    check("No such file or directory").await;
    drop(UnixListener::bind(&socket).unwrap());
    check("Connection refused").await;
}

#[tokio::test]
async fn calls_share_a_connection() {
    let engine = StandIn::answering(pinged(ok("[]")));
    let gateway = engine.engine(PATIENT);
    for _ in 0..5 {
        gateway.nodes().await.unwrap();
    }
    assert_eq!((engine.lines().len(), engine.connections()), (6, 1));
}

#[tokio::test]
async fn a_connection_that_was_closed_in_between_is_replaced() {
    let engine = StandIn::answering(|asked| match asked.line.as_str() {
        "GET /_ping" => Reply::Says(200, PING, "OK".to_owned()),
        _ => Reply::Closes("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n[]".to_owned()),
    });
    let gateway = engine.engine(PATIENT);
    for _ in 0..3 {
        gateway.nodes().await.unwrap();
    }
    assert_eq!(engine.connections(), 3);
}

#[tokio::test]
async fn a_look_whose_connection_ends_before_the_answer_is_repeated_once() {
    let turn = AtomicUsize::new(0);
    let engine = StandIn::answering(move |asked| match asked.line.as_str() {
        "GET /_ping" => Reply::Says(200, PING, "OK".to_owned()),
        _ if turn.fetch_add(1, Ordering::SeqCst) == 0 => Reply::Closes(String::new()),
        _ => ok("[]".to_owned()),
    });
    assert!(engine.engine(PATIENT).nodes().await.unwrap().is_empty());
    assert_eq!(engine.connections(), 2, "one ended, one answered");
}

#[tokio::test]
async fn the_same_bytes_are_the_same_list() {
    let turn = AtomicUsize::new(0);
    let engine = StandIn::answering(move |asked| {
        if asked.line == "GET /_ping" {
            return Reply::Says(200, PING, "OK".to_owned());
        }
        let turn = turn.fetch_add(1, Ordering::SeqCst);
        let names = if turn < 2 { ["b", "a"] } else { ["c", "a"] };
        ok(json!([{ "ID": "1", "Spec": { "Name": names[0] } }, { "ID": "2", "Spec": { "Name": names[1] } }]).to_string())
    });
    let gateway = engine.engine(PATIENT);
    let first = gateway.services().await.unwrap();
    let second = gateway.services().await.unwrap();
    let third = gateway.services().await.unwrap();
    assert!(Arc::ptr_eq(&first, &second) && !Arc::ptr_eq(&second, &third));
    let names = |it: &[Service]| it.iter().map(|it| it.name.to_string()).collect::<Vec<_>>();
    assert_eq!(
        (names(&first), names(&third)),
        (vec!["a".into(), "b".into()], vec!["a".into(), "c".into()])
    );
    assert_eq!(engine.last().line, "GET /v1.41/services?status=true");
}

#[tokio::test]
async fn a_change_is_sent_once_whatever_happens() {
    let body = || {
        UpdateBody::replace(json!({ "Name": "web", "TaskTemplate": { "Placement": {} } })).unwrap()
    };
    let auth = Some(RegistryAuth("c2VjcmV0".to_owned()));
    let change = Change::UpdateService {
        id: "x".into(),
        name: "web".into(),
        version: 7,
        body: body(),
        auth,
    };
    let check = async |reply: Reply, expected: &str| {
        let engine = StandIn::answering(pinged(reply));
        let result = engine.engine(SOON).apply(&change).await;
        let shown = result.map_or_else(|err| err.to_string(), |it| format!("{it:?}"));
        assert!(shown.starts_with(expected), "{shown}");
        assert_eq!(engine.lines(), ["GET /_ping", "POST /v1.41/services/x/update?version=7"]);
        let sent = engine.last();
        assert_eq!(sent.body, body().json().to_string());
        assert!(sent.headers.contains(&("x-registry-auth".into(), "c2VjcmV0".into())));
        assert!(sent.headers.contains(&("content-type".into(), "application/json".into())));
    };
    check(ok("{\"Warnings\":[\"w\"]}"), "Applied { id: None, warnings: [\"w\"] }").await;
    check(
        Reply::Closes(String::new()),
        "the engine failed: update service web: the connection ended",
    )
    .await;
    check(Reply::Hangs(String::new()), "unix://").await;
    check(Reply::Says(400, &[], r#"{"message":"client version 1.41 is too old. Minimum supported API version is 1.44, please upgrade"}"#.into()), "the engine refuses update service web: client version").await;
    check(
        Reply::Says(
            500,
            &[],
            r#"{"message":"rpc error: code = Unknown desc = update out of sequence"}"#.into(),
        ),
        "service web changed",
    )
    .await;
}

#[tokio::test]
async fn secrets_are_sent_and_never_shown() {
    let engine =
        StandIn::answering(pinged(Reply::Says(409, &[], "{\"message\":\"taken\"}".into())));
    let body = Confidential(json!({ "Name": "pw", "Data": "aHVudGVyMg==" }));
    let change = Change::CreateSecret { name: "pw".into(), body };
    let err = engine.engine(PATIENT).apply(&change).await.unwrap_err();
    assert_eq!(err.to_string(), "secret pw: taken");
    assert!(engine.last().body.contains("aHVudGVyMg=="));
    assert!(!format!("{change:?} {err:?}").contains("aHVudGVyMg=="));
}

#[tokio::test]
async fn what_was_created_is_named() {
    let engine = StandIn::answering(pinged(Reply::Says(201, &[], "{\"ID\":\"new\"}".into())));
    let spec =
        NewService::new(json!({ "Name": "web", "TaskTemplate": { "Placement": {} } })).unwrap();
    let created = engine.engine(PATIENT).apply(&Change::CreateService { spec, auth: None }).await;
    assert_eq!(created.unwrap().id.as_deref(), Some("new"));
}

#[tokio::test]
async fn every_look_goes_to_its_place() {
    let engine = StandIn::answering(pinged(ok("[]")));
    let gateway = engine.engine(PATIENT);
    let label = "filters=%7B%22label%22%3A%7B%22com.docker.stack.namespace%3Dshop%22%3Atrue%7D%7D";
    let asked = |line: &str| assert_eq!(engine.last().line, format!("GET /v1.41/{line}"));
    gateway.tasks(&TaskScope::Services(vec!["a".into(), "b".into()])).await.unwrap();
    asked("tasks?filters=%7B%22service%22%3A%7B%22a%22%3Atrue%2C%22b%22%3Atrue%7D%7D");
    gateway.tasks(&TaskScope::Current(vec!["a".into()])).await.unwrap();
    let (service, current) =
        ("%22service%22%3A%7B%22a%22%3Atrue%7D", "%22_up-to-date%22%3A%7B%22true%22%3Atrue%7D");
    asked(&format!("tasks?filters=%7B{service}%2C{current}%7D"));
    gateway.tasks(&TaskScope::Node("n".into())).await.unwrap();
    asked("tasks?filters=%7B%22node%22%3A%7B%22n%22%3Atrue%7D%7D");
    gateway.tasks(&TaskScope::Stack("shop".parse().unwrap())).await.unwrap();
    asked(&format!("tasks?{label}"));
    gateway.tasks(&TaskScope::All).await.unwrap();
    asked("tasks");
    gateway.list(ObjectKind::Configs, Some("shop")).await.unwrap();
    asked(&format!("configs?{label}"));
    gateway.list(ObjectKind::Networks, None).await.unwrap();
    // These two are in the swarm, but not in the list.
    let lines = engine.lines();
    for line in ["networks", "networks/host?scope=swarm", "networks/bridge?scope=swarm"] {
        assert!(lines.contains(&format!("GET /v1.41/{line}")), "{line} in {lines:?}");
    }
    for (object, line) in [
        (Object::Service("a/b".into()), "services/a%2Fb"),
        (Object::Task("t".into()), "tasks/t"),
        (Object::Node("n".into()), "nodes/n"),
        (Object::Network("n".into()), "networks/n"),
        (Object::Secret("s".into()), "secrets/s"),
        (Object::Config("c".into()), "configs/c"),
        (Object::Swarm, "swarm"),
    ] {
        gateway.inspect(&object).await.unwrap();
        asked(line);
    }
    gateway.distribution("reg:5000/a/b:1", None).await.unwrap();
    asked("distribution/reg:5000/a/b:1/json");
}

#[tokio::test]
async fn the_tasks_of_no_services_are_not_all_tasks() {
    let engine = StandIn::answering(pinged(ok("[{\"ID\":\"t\"}]")));
    let tasks = engine.engine(PATIENT).tasks(&TaskScope::Services(Vec::new())).await.unwrap();
    assert_eq!((tasks, engine.lines()), (Vec::new(), Vec::new()));
}

#[tokio::test]
async fn a_service_that_went_takes_nothing_of_the_others_with_it() {
    let engine = StandIn::answering(|asked| match asked.line.as_str() {
        "GET /_ping" => Reply::Says(200, PING, "OK".to_owned()),
        line if line.contains("/services?filters") => ok("[{\"ID\":\"here\"}]"),
        line if line.contains("gone") => {
            Reply::Says(404, &[], "{\"message\":\"service gone not found\"}".into())
        }
        _ => ok("[{\"ID\":\"t1\",\"ServiceID\":\"here\"}]"),
    });
    let scope = TaskScope::Services(vec!["gone".into(), "here".into()]);
    let tasks = engine.engine(PATIENT).tasks(&scope).await.unwrap();
    assert_eq!(tasks.iter().map(|it| it.id.as_str()).collect::<Vec<_>>(), ["t1"]);
}

#[tokio::test]
async fn a_worker_names_its_managers() {
    let engine = StandIn::answering(|asked| {
        match asked.line.as_str() {
        "GET /_ping" => Reply::Says(200, PING, "OK".to_owned()),
        "GET /v1.41/info" => ok(json!({ "Swarm": { "LocalNodeState": "active",
            "RemoteManagers": [{ "Addr": "10.0.0.1:2377" }] } }).to_string()),
        _ => Reply::Says(503, &[], json!({ "message": "This node is not a swarm manager. Worker nodes can't be used to view or modify cluster state." }).to_string()),
    }
    });
    let err = engine.engine(PATIENT).services().await.unwrap_err();
    let EngineError::NotAManager { managers, .. } = err else { panic!("{err}") };
    assert_eq!(managers, ["10.0.0.1:2377"]);
}
