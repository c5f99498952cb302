//! Every call of the gateway against a real swarm of three engines.

use crate::lab::Lab;
use futures_util::{StreamExt, stream::BoxStream};
use jiff::Timestamp;
use serde_json::{Value, json};
use skep::{
    domain::{
        logs::{LogLine, LogRequest, LogSource, Stream},
        swarm::{
            change::{Applied, Change, Confidential},
            cluster::{
                Happening, Membership, Mode, Object, ObjectKind, Service, TaskScope, TaskState,
            },
            names::ServiceId,
            spec::{Edit, NewService, UpdateBody},
            states::NodeState,
        },
    },
    engine::{
        Answer, Engine, EngineError, ReadEngine,
        context::Endpoint,
        docker::{DockerEngine, Limits, connect_within},
    },
    jobs::log_follower::{self, FeedNews, LogQuery, LogScope},
};
use std::{
    collections::BTreeMap,
    sync::Arc,
    time::{Duration, Instant},
};
use tokio::{
    sync::mpsc,
    time::{sleep, timeout},
};

/// The machine is small, and busy while tests run.
const PATIENCE: Duration = Duration::from_secs(120);

pub fn gateway(lab: &Lab, node: &str) -> DockerEngine {
    let socket = lab.socket(node).strip_prefix("unix://").unwrap();
    connect_within(Endpoint::Unix(socket.into()), Limits::default())
}

/// Looks until there is something to see.
pub async fn wait_for<T>(what: &str, mut look: impl AsyncFnMut() -> Option<T>) -> T {
    let start = Instant::now();
    loop {
        if let Some(found) = look().await {
            return found;
        }
        assert!(start.elapsed() < PATIENCE, "not within {PATIENCE:?}: {what}");
        sleep(Duration::from_millis(50)).await;
    }
}

pub fn spec(name: &str, command: &[&str]) -> Value {
    json!({
        "Name": name,
        "Labels": { "com.docker.stack.namespace": "gateway" },
        "TaskTemplate": {
            "ContainerSpec": { "Image": "skep-workload:1", "Args": command,
                "Labels": { "com.docker.stack.namespace": "gateway" },
                "Healthcheck": { "Test": ["NONE"] } },
            "RestartPolicy": { "Condition": "none" },
            "Placement": {} },
        "Mode": { "Replicated": { "Replicas": 1 } },
        "EndpointSpec": { "Ports": [
            { "Protocol": "tcp", "TargetPort": 8080, "PublishedPort": 0, "PublishMode": "host" }] },
    })
}

pub async fn create(engine: &DockerEngine, spec: Value) -> ServiceId {
    let spec = NewService::new(spec).unwrap();
    let created = engine.apply(&Change::CreateService { spec, auth: None }).await.unwrap();
    created.id.unwrap().as_str().into()
}

async fn service(engine: &DockerEngine, id: &ServiceId) -> Option<Service> {
    engine.services().await.unwrap().iter().find(|it| it.id == *id).cloned()
}

async fn running(engine: &DockerEngine, id: &ServiceId, count: u64) -> Service {
    wait_for("the service to run", async || {
        service(engine, id).await.filter(|it| it.running == count && it.desired == count)
    })
    .await
}

pub async fn edit(engine: &DockerEngine, id: &ServiceId, edit: Edit) -> Answer<Applied> {
    let live = engine.inspect(&Object::Service(id.clone())).await?;
    let body = UpdateBody::edit(&live, &edit).unwrap();
    let version = live["Version"]["Index"].as_u64().unwrap();
    let name = live["Spec"]["Name"].as_str().unwrap().to_owned();
    let (id, auth) = (id.clone(), None);
    engine.apply(&Change::UpdateService { id, name, version, body, auth }).await
}

async fn remove(engine: &DockerEngine, id: &ServiceId) {
    let change = Change::RemoveService { id: id.clone(), name: "it".to_owned() };
    engine.apply(&change).await.unwrap();
}

#[tokio::test]
async fn who_answers_and_its_nodes_are_known() {
    let Some(lab) = Lab::shared() else { return };
    let engine = gateway(lab, "node1");
    let system = engine.system().await.unwrap();
    assert_eq!((&*system.name, &*system.api), ("node1", "1.41"));
    let Membership::Manager { node, .. } = &system.swarm else { panic!("{system:?}") };
    let nodes = engine.nodes().await.unwrap();
    let seen: Vec<_> = nodes
        .iter()
        .map(|it| (&*it.hostname, &*it.address, it.manager.as_ref().is_some_and(|it| it.leader)))
        .collect();
    let expected = [
        ("node1", "192.0.2.1", true),
        ("node2", "192.0.2.2", false),
        ("node3", "192.0.2.3", false),
    ];
    assert_eq!(seen, expected);
    assert_eq!(nodes[0].id, *node);
    assert!(nodes.iter().all(|it| it.capacity.memory > 0 && it.state == NodeState::Ready));
    assert!(Arc::ptr_eq(&nodes, &engine.nodes().await.unwrap()), "an idle cluster costs nothing");
    let raw = engine.inspect(&Object::Node(node.clone())).await.unwrap();
    assert_eq!(raw["Description"]["Hostname"], "node1");
    let swarm = engine.inspect(&Object::Swarm).await.unwrap();
    assert!(swarm["JoinTokens"].is_object());
}

#[tokio::test]
async fn a_worker_answers_for_itself_and_names_the_manager() {
    let Some(lab) = Lab::shared() else { return };
    let engine = gateway(lab, "node2");
    let managers = vec!["192.0.2.1:2377".to_owned()];
    let Membership::Worker { managers: known, .. } = engine.system().await.unwrap().swarm else {
        panic!("node2 is a worker")
    };
    assert_eq!(known, managers);
    let refused = EngineError::NotAManager { address: engine.address(), managers };
    assert_eq!(engine.services().await.unwrap_err(), refused);
    assert_eq!(engine.tasks(&TaskScope::All).await.unwrap_err(), refused);
    assert_eq!(engine.list(ObjectKind::Secrets, None).await.unwrap_err(), refused);
}

#[tokio::test]
async fn a_service_lives_its_life() {
    let Some(lab) = Lab::shared() else { return };
    let engine = gateway(lab, "node1");
    let mut events = engine.events(Some(Timestamp::now()));
    let id = create(&engine, spec("gateway_life", &["--lines", "1"])).await;
    let first = running(&engine, &id, 1).await;
    assert_eq!((first.short_name(), first.mode), ("life", Mode::Replicated { replicas: 1 }));
    assert!(first.ports[0].host && first.update.is_none() && first.converged());

    edit(&engine, &id, Edit::Scale { replicas: 3 }).await.unwrap();
    running(&engine, &id, 3).await;
    let raw = engine.inspect(&Object::Service(id.clone())).await.unwrap();
    assert_eq!(
        raw["Spec"]["TaskTemplate"]["ContainerSpec"]["Healthcheck"],
        json!({ "Test": ["NONE"] }),
        "nothing is lost on the way there and back"
    );

    let back = Change::RollBackService {
        id: id.clone(),
        name: "gateway_life".to_owned(),
        version: raw["Version"]["Index"].as_u64().unwrap(),
        body: UpdateBody::edit(&raw, &Edit::Nothing).unwrap(),
    };
    engine.apply(&back).await.unwrap();
    running(&engine, &id, 1).await;

    remove(&engine, &id).await;
    assert_eq!(service(&engine, &id).await, None);
    let gone = engine.inspect(&Object::Service(id.clone())).await.unwrap_err();
    assert_eq!(gone, EngineError::NotFound { what: format!("service {id}") });
    hear(&mut events, &id, "create").await;
    let update = hear(&mut events, &id, "update").await;
    assert_eq!((&*update.kind, &*update.name), ("service", "gateway_life"));
    hear(&mut events, &id, "remove").await;
    let history = engine.events(Some(update.at));
    let again = history.take(1).collect::<Vec<_>>().await.remove(0).unwrap();
    assert!(again.at >= update.at, "history begins where it is asked to");
}

async fn hear(
    events: &mut BoxStream<'static, Answer<Happening>>,
    id: &ServiceId,
    action: &str,
) -> Happening {
    let heard = async {
        loop {
            let event = events.next().await.unwrap().unwrap();
            if event.id == id.as_str() && event.action == action {
                return event;
            }
        }
    };
    timeout(PATIENCE, heard).await.unwrap()
}

#[tokio::test]
async fn tasks_are_found_by_service_node_and_stack() {
    let Some(lab) = Lab::shared() else { return };
    let engine = gateway(lab, "node1");
    let mut wanted = spec("gateway_tasks", &["--exit-after", "100", "--code", "3"]);
    wanted["Labels"]["com.docker.stack.namespace"] = json!("gatewaytasks");
    wanted["TaskTemplate"]["Placement"] = json!({ "Constraints": ["node.hostname==node3"] });
    let id = create(&engine, wanted).await;
    let scope = TaskScope::Services(vec![id.clone()]);
    let task = wait_for("the task to fail", async || {
        engine.tasks(&scope).await.unwrap().into_iter().find(|it| it.state == TaskState::Failed)
    })
    .await;
    assert_eq!((task.exit_code, task.slot, &*task.image), (Some(3), 1, "skep-workload:1"));
    assert_eq!(task.error, "task: non-zero exit (3)");
    let node = task.node.clone().unwrap();
    for scope in [
        TaskScope::Node(node),
        TaskScope::Stack("gatewaytasks".parse().unwrap()),
        TaskScope::Services(vec![id.clone(), "gone".into()]),
        TaskScope::All,
    ] {
        let found = engine.tasks(&scope).await.unwrap();
        assert!(found.iter().any(|it| it.id == task.id), "{scope:?}");
    }
    let raw = engine.inspect(&Object::Task(task.id)).await.unwrap();
    assert_eq!(raw["Status"]["ContainerStatus"]["ExitCode"], 3);
    let services = engine.list(ObjectKind::Services, Some("gatewaytasks")).await.unwrap();
    assert_eq!(services.len(), 1);
    remove(&engine, &id).await;
}

#[tokio::test]
async fn networks_secrets_and_configs_come_and_go() {
    let Some(lab) = Lab::shared() else { return };
    let engine = gateway(lab, "node1");
    let id = async |change: Change| engine.apply(&change).await.unwrap().id.unwrap();
    let name = || "gateway_thing".to_owned();
    let labels = json!({ "com.docker.stack.namespace": "gatewaythings" });
    let body = json!({ "Name": name(), "Labels": labels, "Data": "c2VjcmV0" });
    let network =
        json!({ "Name": name(), "Labels": labels, "Driver": "overlay", "CheckDuplicate": true });
    let network = id(Change::CreateNetwork { name: name(), body: network }).await;
    let config = id(Change::CreateConfig { name: name(), body: body.clone() }).await;
    let secret = Change::CreateSecret { name: name(), body: Confidential(body.clone()) };
    let secret_id = id(secret.clone()).await;

    let twice = engine.apply(&secret).await.unwrap_err();
    assert!(matches!(twice, EngineError::Conflict { .. }), "{twice}");
    for (kind, id) in [
        (ObjectKind::Networks, &network),
        (ObjectKind::Configs, &config),
        (ObjectKind::Secrets, &secret_id),
    ] {
        let listed = engine.list(kind, Some("gatewaythings")).await.unwrap();
        let ids: Vec<_> = listed.iter().map(|it| it["ID"].as_str().or(it["Id"].as_str())).collect();
        assert_eq!(ids, [Some(id.as_str())], "{kind:?}");
    }
    let raw = engine.inspect(&Object::Config(config.clone())).await.unwrap();
    assert_eq!(raw["Spec"]["Data"], "c2VjcmV0");
    let mut labelled = raw["Spec"].clone();
    labelled["Labels"]["a"] = json!("b");
    let version = raw["Version"]["Index"].as_u64().unwrap();
    let update = Change::UpdateConfig { id: config.clone(), name: name(), version, body: labelled };
    engine.apply(&update).await.unwrap();
    let stale = engine.apply(&update).await.unwrap_err();
    assert_eq!(stale, EngineError::OutOfSequence { what: "config gateway_thing".to_owned() });
    let raw = engine.inspect(&Object::Secret(secret_id.clone())).await.unwrap();
    assert_eq!(raw["Spec"]["Data"], Value::Null);
    assert_eq!(
        engine.inspect(&Object::Network(network.clone())).await.unwrap()["Driver"],
        "overlay"
    );

    for change in [
        Change::RemoveNetwork { id: network, name: name() },
        Change::RemoveConfig { id: config, name: name() },
        Change::RemoveSecret { id: secret_id, name: name() },
    ] {
        engine.apply(&change).await.unwrap();
        let again = engine.apply(&change).await.unwrap_err();
        assert!(matches!(again, EngineError::NotFound { .. }), "{change}: {again}");
    }
}

#[tokio::test]
async fn refusals_of_a_real_engine_are_told_apart() {
    let Some(lab) = Lab::shared() else { return };
    let engine = gateway(lab, "node1");
    let id = create(&engine, spec("gateway_twice", &[])).await;
    let refused = async |spec: Value| {
        let spec = NewService::new(spec).unwrap();
        engine.apply(&Change::CreateService { spec, auth: None }).await.unwrap_err()
    };
    let twice = refused(spec("gateway_twice", &[])).await;
    assert!(matches!(twice, EngineError::Conflict { .. }), "{twice}");
    let odd = refused(spec("no/name", &[])).await;
    assert!(matches!(odd, EngineError::Invalid { .. }), "{odd}");
    let mut missing = spec("gateway_missing", &[]);
    missing["TaskTemplate"]["Networks"] = json!([{ "Target": "nowhere" }]);
    let missing = refused(missing).await;
    assert_eq!(missing, EngineError::NotFound { what: "network nowhere".to_owned() });

    let live = engine.inspect(&Object::Service(id.clone())).await.unwrap();
    let stale = Change::UpdateService {
        id: id.clone(),
        name: "gateway_twice".to_owned(),
        version: 1,
        body: UpdateBody::edit(&live, &Edit::Restart).unwrap(),
        auth: None,
    };
    let what = "service gateway_twice".to_owned();
    assert_eq!(engine.apply(&stale).await.unwrap_err(), EngineError::OutOfSequence { what });
    remove(&engine, &id).await;
}

/// Reads as the faces do: each task by itself, merged by time.
async fn read(lab: &Lab, of: LogScope, follow: bool, enough: usize) -> Vec<LogLine> {
    let ask = LogQuery {
        of,
        node: None,
        since: None,
        until: None,
        tail: None,
        first: None,
        follow,
        full_names: true,
    };
    let (news, mut told) = mpsc::channel(4);
    let reading = tokio::spawn(log_follower::read(Arc::new(gateway(lab, "node1")), ask, news));
    let mut lines = Vec::new();
    let all = async {
        while lines.len() < enough
            && let Some(news) = told.recv().await
        {
            match news {
                FeedNews::Lines(more) => lines.extend(more),
                FeedNews::Note(note) => println!("{note:?}"),
                FeedNews::Roster(_) | FeedNews::Read { .. } => {}
            }
        }
    };
    timeout(PATIENCE * 3, all).await.expect("the log went silent");
    reading.abort();
    lines
}

/// Every line of every task, once and in order.
fn check_complete(lines: &[LogLine], tasks: usize, each: usize) {
    let mut next: BTreeMap<&str, usize> = BTreeMap::new();
    for line in lines {
        let task = line.task.as_ref().unwrap().as_str();
        let next = next.entry(task).or_insert(1);
        assert_eq!(line.text, format!("line {next}"), "task {task}");
        assert!(line.node.is_some() && line.service.is_some() && line.stream == Stream::Stdout);
        *next += 1;
    }
    let counts: Vec<_> = next.values().map(|it| it - 1).collect();
    assert_eq!(counts, vec![each; tasks]);
}

/// Where two tasks of a node write at once, the engine's own stream of the
/// service comes short.
#[tokio::test(flavor = "multi_thread")]
async fn two_hundred_thousand_lines_of_four_tasks_arrive_once() {
    let Some(lab) = Lab::shared() else { return };
    let engine = gateway(lab, "node1");
    let mut wanted = spec("gateway_burst", &["--lines", "0", "--count", "50000"]);
    wanted["Mode"]["Replicated"]["Replicas"] = json!(4);
    let id = create(&engine, wanted).await;
    running(&engine, &id, 4).await;
    let lines = read(lab, LogScope::Service(id.clone()), true, 200_000).await;
    check_complete(&lines, 4, 50_000);
    let lines = read(lab, LogScope::Service(id.clone()), false, usize::MAX).await;
    check_complete(&lines, 4, 50_000);
    remove(&engine, &id).await;
}

#[tokio::test]
async fn a_followed_service_goes_on_with_its_next_task() {
    let Some(lab) = Lab::shared() else { return };
    let engine = gateway(lab, "node1");
    let mut wanted =
        spec("gateway_next", &["--lines", "0", "--count", "50", "--exit-after", "1500"]);
    wanted["TaskTemplate"]["RestartPolicy"] =
        json!({ "Condition": "any", "Delay": 0, "MaxAttempts": 2 });
    let id = create(&engine, wanted).await;
    let lines = read(lab, LogScope::Service(id.clone()), true, 150).await;
    check_complete(&lines, 3, 50);
    remove(&engine, &id).await;
}

#[tokio::test]
async fn a_followed_task_ends_when_the_task_does() {
    let Some(lab) = Lab::shared() else { return };
    let engine = gateway(lab, "node1");
    let args = ["--lines", "20", "--count", "30", "--exit-after", "3000"];
    let id = create(&engine, spec("gateway_end", &args)).await;
    running(&engine, &id, 1).await;
    let task = engine.tasks(&TaskScope::Services(vec![id.clone()])).await.unwrap().remove(0).id;
    let lines = read(lab, LogScope::Task(task.clone()), true, usize::MAX).await;
    check_complete(&lines, 1, 30);

    let since = Some(lines[20].at);
    let request = LogRequest { since, ..LogRequest::all(LogSource::Task(task)) };
    let rest: Vec<_> = engine.logs(&request).map(Result::unwrap).collect().await;
    assert_eq!(rest[..], lines[20..], "since is exact to the nanosecond");
    let request = LogRequest { since: None, tail: Some(3), ..request };
    let rest: Vec<_> = engine.logs(&request).map(Result::unwrap).collect().await;
    assert_eq!(rest[..], lines[27..]);
    remove(&engine, &id).await;
    let request = LogRequest { source: LogSource::Service(id), ..request };
    let gone: Vec<_> = engine.logs(&request).collect().await;
    assert!(matches!(gone[..], [Err(EngineError::NotFound { .. })]), "{gone:?}");
}
