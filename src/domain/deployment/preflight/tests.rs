use super::*;
use crate::domain::{
    compose::{At, Desired, DesiredFile, DesiredNetwork, DesiredService, ExternalNetwork, Place},
    deployment::plan::Live,
    swarm::{
        change::Confidential,
        cluster::{
            Manager, Mode, Node, Plugin, Port, Resources, RestartRule, Seen, Service, SpecDigest,
            Task, TaskState,
        },
        names::{NodeId, ServiceId},
        states::{Availability, NodeState, Reachability},
    },
};
use jiff::Timestamp;
use serde_json::{Value, json};
use std::collections::BTreeMap;

const GIB: i64 = 1 << 30;

/// A deployment in the making, and the cluster around it: two nodes of 4 cpus and 8 GiB.
struct Scene {
    desired: Desired,
    live: Live,
    images: Vec<Image>,
    rivals: Vec<Task>,
}

impl Scene {
    fn new(spec: Value) -> Self {
        let nodes = [node("n1"), node("n2")];
        let live = Live { nodes: nodes.into(), ..Live::default() };
        let desired = Desired { services: vec![service("web", spec)], ..Desired::default() };
        Self { desired, live, images: Vec::new(), rivals: Vec::new() }
    }

    fn others(mut self, services: Vec<Service>) -> Self {
        self.live.all = services.into();
        self
    }

    fn nodes(mut self, nodes: &[Node]) -> Self {
        self.live.nodes = nodes.into();
        self
    }

    fn said(mut self, said: Said) -> Self {
        let services = vec!["web".to_owned()];
        self.images.push(Image { name: "r/app:1".to_owned(), services, place: place(), said });
        self
    }

    /// Expects findings as `code: what they must mention`.
    #[track_caller]
    fn finds(&self, expected: &[&str]) {
        let Self { desired, live, images, rivals } = self;
        let ground = Ground { desired, live, images, rivals, remedy: "make it" };
        let found = look(&ground);
        assert_eq!(found.len(), expected.len(), "{found:#?}");
        for (finding, expected) in found.iter().zip(expected) {
            let (code, text) = expected.split_once(": ").unwrap();
            assert_eq!(finding.code.name, code);
            assert!(finding.message.contains(text), "{}", finding.message);
        }
    }
}

fn place() -> Place {
    Place { line: 3, column: 5, ..Place::default() }
}

fn service(key: &str, spec: Value) -> DesiredService {
    DesiredService {
        key: key.to_owned(),
        name: format!("shop_{key}"),
        image: String::new(),
        depends_on: Vec::new(),
        spec,
        place: place(),
    }
}

fn node(name: &str) -> Node {
    Node {
        id: NodeId::from(name),
        hostname: name.into(),
        version: 1,
        manager: None,
        availability: Availability::Active.into(),
        state: NodeState::Ready.into(),
        message: String::new(),
        address: String::new(),
        engine: "28.2.2".to_owned(),
        platform: "linux/x86_64".to_owned(),
        capacity: Resources { nano_cpus: 4_000_000_000, memory: 8 * GIB },
        generic: BTreeMap::new(),
        plugins: Vec::new(),
        labels: BTreeMap::new(),
        created: Timestamp::UNIX_EPOCH,
        heard: Timestamp::UNIX_EPOCH,
    }
}

fn drained(name: &str, platform: &str) -> Node {
    Node { availability: Availability::Drain.into(), platform: platform.to_owned(), ..node(name) }
}

fn other(name: &str, replicas: u64, memory: i64) -> Service {
    Service {
        id: ServiceId::from(name),
        name: name.into(),
        stack: None,
        version: 1,
        mode: Mode::Replicated { replicas },
        image: "x:1".into(),
        running: replicas,
        desired: replicas,
        completed: 0,
        stopped: None,
        update: None,
        ports: Vec::new(),
        reserved: Resources { nano_cpus: 0, memory },
        created: Timestamp::UNIX_EPOCH,
        updated: Timestamp::UNIX_EPOCH,
        changed: Timestamp::UNIX_EPOCH,
        generic: Vec::new(),
        constraints: Vec::new(),
        restart: RestartRule::default(),
        memory_limit: 0,
        networks: Vec::new(),
        virtual_ip: true,
        max_per_node: None,
        replicas_before: None,
        container_spec: SpecDigest::default(),
        seen: Seen::default(),
    }
}

fn proxy() -> Service {
    let port = Port { published: 443, target: 443, protocol: "tcp".to_owned(), host: true };
    Service { ports: vec![port], ..other("edge_proxy", 1, 0) }
}

fn task_of_the_proxy(on: &str, state: TaskState) -> Task {
    Task {
        id: on.into(),
        service: Some(ServiceId::from("edge_proxy")),
        node: Some(NodeId::from(on)),
        slot: 1,
        state,
        desired: state,
        message: String::new(),
        error: String::new(),
        exit_code: None,
        container_spec: SpecDigest::default(),
        container: None,
        image: "x:1".into(),
        created: Timestamp::UNIX_EPOCH,
        since: Timestamp::UNIX_EPOCH,
        updated: Timestamp::UNIX_EPOCH,
    }
}

fn reserving(replicas: u64, memory: i64) -> Value {
    json!({ "Mode": { "Replicated": { "Replicas": replicas } },
        "TaskTemplate": { "Resources": { "Reservations": { "MemoryBytes": memory } } } })
}

fn for_platform(os: &str, architecture: &str) -> Value {
    let platforms = json!([{ "OS": os, "Architecture": architecture }]);
    json!({ "TaskTemplate": { "Placement": { "Platforms": platforms } } })
}

fn on_hosts(replicas: u64) -> Value {
    json!({ "Mode": { "Replicated": { "Replicas": replicas } }, "EndpointSpec": { "Ports": [
        { "PublishedPort": 443, "TargetPort": 8443, "PublishMode": "host" } ] } })
}

#[test]
fn a_deployment_that_lacks_nothing_finds_nothing() {
    Scene::new(json!({})).said(Said::Digest).finds(&[]);
}

#[test]
fn what_registries_say_is_told_apart() {
    let why = || "unauthorized".to_owned();
    let denied = |sent| Said::Denied { why: why(), sent };
    for (said, expected) in [
        (Said::Missing, "image-missing: service web: image r/app:1: its registry does not have it"),
        (denied(Sent::Credentials), "image-denied: refuses the credentials"),
        (denied(Sent::Empty), "image-denied: docker has none for it here"),
        (denied(Sent::Nothing), "image-private: none were sent"),
        (Said::Nothing("connection refused".to_owned()), "image-unpinned: connection refused"),
    ] {
        Scene::new(json!({})).said(said).finds(&[expected]);
    }
}

#[test]
fn an_image_needs_a_node_of_its_platform() {
    let arm = || Scene::new(for_platform("linux", "arm64"));
    arm().finds(&["platform-nowhere: its image is for linux/arm64, the nodes are linux/x86_64"]);
    arm()
        .nodes(&[node("n1"), drained("n2", "linux/aarch64")])
        .finds(&["platform-elsewhere: n2 (ready, drain)"]);
    let able = Node { platform: "linux/aarch64".to_owned(), ..node("n2") };
    arm().nodes(&[node("n1"), able]).finds(&[]);
    Scene::new(for_platform("linux", "amd64")).finds(&[]);
    // What docker makes of `arm`.
    Scene::new(for_platform("linux", "")).finds(&[]);
}

#[test]
fn tasks_need_room_on_nodes_that_are_empty_at_least() {
    Scene::new(reserving(4, 3 * GIB)).finds(&[]);
    Scene::new(reserving(5, 3 * GIB)).finds(&["no-room: 4 of its 5 tasks fit on the 2 nodes"]);
    // That no node is large enough is said by the plan.
    Scene::new(reserving(1, 9 * GIB)).finds(&[]);
    let global = json!({ "Mode": { "Global": {} },
        "TaskTemplate": { "Resources": { "Reservations": { "MemoryBytes": 6 * GIB } } } });
    let small = Node { capacity: Resources { nano_cpus: 1, memory: GIB }, ..node("n2") };
    Scene::new(global).nodes(&[node("n1"), small]).finds(&["no-room: 1 of its 2 tasks"]);
}

#[test]
fn all_services_together_need_room() {
    let scene = |memory| Scene::new(reserving(2, memory)).others(vec![other("db", 1, 10 * GIB)]);
    scene(3 * GIB).finds(&[]);
    scene(4 * GIB)
        .finds(&["cluster-full: 18 GiB of memory, and the nodes that take tasks have 16 GiB"]);
    // It was too much before, and does not become more.
    let same = other("shop_web", 2, 4 * GIB);
    scene(4 * GIB).others(vec![other("db", 1, 10 * GIB), same]).finds(&[]);
}

#[test]
fn a_port_of_the_host_is_free_on_a_node_or_not() {
    let scene = |replicas, on: &[&str], state| {
        let mut scene = Scene::new(on_hosts(replicas)).others(vec![proxy()]);
        assert_eq!(rivals(&scene.desired, &scene.live), [ServiceId::from("edge_proxy")]);
        scene.rivals = on.iter().map(|it| task_of_the_proxy(it, state)).collect();
        scene
    };
    scene(1, &["n1"], TaskState::Running).finds(&[]);
    scene(2, &["n1"], TaskState::Running).finds(&[
        "host-port-nodes: edge_proxy has port 443/tcp of n1: 1 nodes are left for 2 tasks",
    ]);
    scene(1, &["n1", "n2"], TaskState::Running)
        .finds(&["port-held: edge_proxy has port 443/tcp of n1, n2, and no other node"]);
    scene(2, &["n1", "n2"], TaskState::Shutdown).finds(&[]);
}

#[test]
fn what_is_used_and_not_made_must_be_there() {
    let mut scene = Scene::new(json!({ "TaskTemplate": { "ContainerSpec": { "Secrets": [
        { "SecretName": "shop_key", "File": {} }, { "SecretName": "outside", "File": {} } ] } } }));
    let (key, name) = ("front".to_owned(), "front".to_owned());
    scene.desired.externals = vec![ExternalNetwork { key, name, place: place() }];
    let (key, name) = ("key".to_owned(), "shop_key".to_owned());
    let body = Confidential(Value::Null);
    scene.desired.secrets = vec![DesiredFile { key, name, body, place: place() }];
    let secret = "external-missing: service `web`: secret not found: outside";
    let network = "external-missing: network `front` is declared as external, but ";
    scene.finds(&[&format!("{network}could not be found"), secret]);
    scene.live.networks.insert("front".to_owned(), json!({ "Scope": "local" }));
    scene.finds(&[&format!("{network}is in the scope `local`"), secret]);
    scene.live.networks.insert("front".to_owned(), json!({ "Scope": "swarm" }));
    scene.live.secrets.insert("outside".to_owned(), json!({ "ID": "s1" }));
    scene.finds(&[]);
}

#[test]
fn an_old_engine_does_not_know_what_came_later() {
    let spec = json!({ "TaskTemplate": { "ContainerSpec": {
        "Healthcheck": { "StartInterval": 1_000_000 },
        "Mounts": [{ "Type": "volume", "VolumeOptions": { "Subpath": "a" } }] } } });
    let mut scene = Scene::new(spec);
    assert!(asks_for_a_version(&scene.desired) && !asks_for_a_version(&Desired::default()));
    scene.live.engine = Some("25.0.1".to_owned());
    scene.finds(&["engine-old: subpath of a volume came with engine 26.0, and the engine that is asked is 25.0.1: it is dropped"]);
    scene.live.engine = Some("20.10.24+dfsg1".to_owned());
    scene.finds(&["engine-old: start_interval", "engine-old: the whole volume is mounted"]);
    scene.live.engine = Some("28.5.2".to_owned());
    scene.finds(&[]);
}

#[test]
fn of_a_swarm_of_several_versions_the_oldest_that_matters_counts() {
    let spec = json!({ "TaskTemplate": {
        "ContainerSpec": { "Healthcheck": { "StartInterval": 1_000_000 } },
        "Placement": { "Constraints": ["node.hostname != n3"] } } });
    let leader = Manager {
        leader: true,
        reachability: Reachability::Reachable.into(),
        address: String::new(),
    };
    let other = Manager { leader: false, ..leader.clone() };
    let aged = |name: &str, engine: &str, manager: Option<&Manager>| Node {
        engine: engine.to_owned(),
        manager: manager.cloned(),
        ..node(name)
    };
    let (old, new) = ("20.10.24", "28.5.2");
    let asked = |nodes: &[Node]| {
        let mut scene = Scene::new(spec.clone()).nodes(nodes);
        scene.live.engine = Some(new.to_owned());
        scene
    };
    asked(&[aged("n1", old, Some(&leader)), aged("n2", new, Some(&other))])
        .finds(&["engine-old: and n1 (engine 20.10.24) is a manager: it is dropped"]);
    asked(&[aged("n1", new, Some(&leader)), aged("n2", old, Some(&other))])
        .finds(&["engine-old: and n2 (engine 20.10.24) is a manager: it is dropped"]);
    asked(&[aged("n1", new, Some(&leader)), aged("n2", old, None)])
        .finds(&["engine-old: and n2 (engine 20.10.24) is where it may run: checks come"]);
    asked(&[aged("n1", new, Some(&leader)), aged("n3", old, None)]).finds(&[]);
}

#[test]
fn a_refusal_says_the_first_error_where_it_stands_and_counts_the_rest() {
    let said = |said| Scene::new(json!({})).said(said).images.remove(0);
    let images = [said(Said::Missing), Image { name: "b".to_owned(), ..said(Said::Missing) }];
    let scene = Scene::new(json!({}));
    let ground = Ground {
        desired: &scene.desired,
        live: &scene.live,
        images: &images,
        rivals: &[],
        remedy: "",
    };
    let preflight = Preflight { findings: look(&ground), files: vec!["shop.yml".into()] };
    let (refusal, hint) = preflight.refusal().unwrap();
    assert!(hint.contains("--resolve-image never"), "{hint}");
    assert!(refusal.starts_with("shop.yml:3:5: service web: image "), "{refusal}");
    assert!(refusal.ends_with(" [image-missing] (and 1 more)"), "{refusal}");
    assert_eq!((preflight.errors().len(), preflight.warnings().len()), (2, 0));
}

fn network(subnet: &str, driver: &str) -> DesiredNetwork {
    DesiredNetwork {
        key: "back".to_owned(),
        name: "shop_back".to_owned(),
        body: json!({ "Name": "shop_back", "Driver": driver }),
        pools: vec![At::new(subnet.to_owned(), place())],
        place: place(),
    }
}

fn with_network(subnet: &str, driver: &str, live: &[(&str, Value)]) -> Scene {
    let mut scene = Scene::new(json!({}));
    scene.desired.networks = vec![network(subnet, driver)];
    scene.live.networks = live.iter().map(|it| (it.0.to_owned(), it.1.clone())).collect();
    scene
}

fn held(scope: &str, subnet: &str) -> Value {
    json!({ "Scope": scope, "IPAM": { "Config": [{ "Subnet": subnet }] } })
}

#[test]
fn a_subnet_that_another_network_has_is_refused() {
    let ingress = ("ingress", held("swarm", "10.0.0.0/24"));
    let bridge = ("docker_gwbridge", held("local", "172.18.0.0/16"));
    let live = [ingress, bridge, ("none", json!({ "Scope": "local", "IPAM": { "Config": null } }))];
    with_network("10.0.0.0/24", "overlay", &live)
        .finds(&["subnet-taken: network back: 10.0.0.0/24 belongs to the network ingress"]);
    with_network("10.0.0.128/25", "overlay", &live)
        .finds(&["subnet-taken: 10.0.0.128/25 overlaps 10.0.0.0/24 of the network ingress"]);
    with_network("172.18.4.0/24", "overlay", &live)
        .finds(&["subnet-of-node: overlaps 172.18.0.0/16 of docker_gwbridge"]);
    let mut bridge = held("swarm", "172.17.0.0/16");
    bridge["Labels"] = json!({ "com.docker.swarm.predefined": "bridge" });
    with_network("172.17.3.0/24", "overlay", &[("bridge", bridge)])
        .finds(&["subnet-of-node: overlaps 172.17.0.0/16 of bridge on the node asked"]);
    with_network("10.0.1.0/24", "overlay", &live).finds(&[]);
    // One that is there already stays as it is.
    with_network("10.0.0.0/24", "overlay", &[("shop_back", held("swarm", "10.0.0.0/24"))])
        .finds(&[]);
}

fn with_plugins(name: &str) -> Node {
    let plugin = |kind: &str, name: &str| Plugin { kind: kind.to_owned(), name: name.to_owned() };
    let plugins = vec![
        plugin("Log", "json-file"),
        plugin("Network", "overlay"),
        plugin("Volume", "nfs:latest"),
    ];
    Node { plugins, generic: BTreeMap::from([("GPU".to_owned(), 1)]), ..node(name) }
}

#[test]
fn drivers_and_resources_that_no_node_has_are_named() {
    let nodes = [with_plugins("n1")];
    let logs = |driver: &str| json!({ "TaskTemplate": { "LogDriver": { "Name": driver } } });
    Scene::new(logs("loki"))
        .nodes(&nodes)
        .finds(&["driver-missing: service web: no node it may run on has the log driver loki"]);
    Scene::new(logs("json-file")).nodes(&nodes).finds(&[]);
    Scene::new(logs("none")).nodes(&nodes).finds(&[]);
    Scene::new(logs("loki")).finds(&[]); // nodes that tell nothing may have it
    let volume = |driver: &str| {
        json!({ "TaskTemplate": { "ContainerSpec": { "Mounts": [{ "Type": "volume",
            "VolumeOptions": { "DriverConfig": { "Name": driver } } }] } } })
    };
    Scene::new(volume("nfs")).nodes(&nodes).finds(&[]);
    Scene::new(volume("rexray")).nodes(&nodes).finds(&["driver-missing: volume driver rexray"]);
    let reserved = |value: i64| {
        let one = json!({ "DiscreteResourceSpec": { "Kind": "GPU", "Value": value } });
        json!({ "TaskTemplate": { "Resources": { "Reservations": { "GenericResources": [one] } } } })
    };
    Scene::new(reserved(1)).nodes(&nodes).finds(&[]);
    Scene::new(reserved(2))
        .nodes(&nodes)
        .finds(&["generic-missing: offers 2 of GPU, the most is 1"]);
    let mut scene = with_network("10.0.1.0/24", "weave", &[]).nodes(&nodes);
    scene.finds(&["network-plugin: network back: no node has the network driver weave"]);
    scene.live.networks = BTreeMap::from([("shop_back".to_owned(), held("swarm", "10.9.0.0/24"))]);
    scene.finds(&[]);
}
