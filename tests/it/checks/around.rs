//! A machine and a cluster that are the same everywhere.

use jiff::Timestamp;
use skep::domain::{
    compose::{ClusterFacts, Files, NetworkFact},
    swarm::{
        cluster::{
            Manager, Mode, Node, Plugin, Port, Resources, RestartRule, Seen, Service, SpecDigest,
        },
        names::{NodeId, ServiceId, StackName},
        states::{Availability, NodeState, Reachability},
    },
};
use std::{collections::BTreeMap, io, path::Path};

pub struct MadeUp;

impl Files for MadeUp {
    fn read(&self, path: &Path) -> io::Result<Vec<u8>> {
        Ok(match path.to_str().unwrap() {
            "/dir/app.conf" => b"port = 80\n".to_vec(),
            "/dir/line.txt" => b"hunter2\n".to_vec(),
            "/dir/empty.txt" => Vec::new(),
            "/dir/big.bin" => vec![b'x'; 512_000],
            "/dir/quoted.env" => b"# words\nNAME=web\nGREETING='hello'\n".to_vec(),
            "/dir/broken.env" => b"FINE=1\n=nobody\nTWO WORDS=2\nPASSWORD=hunter2\n".to_vec(),
            "/dir/siblings.env" => b"A= x\nB=\"x\nexport C=1\nD =1\nE=x \n".to_vec(),
            "/dir/.env" => b"DOT_TAG=1\nV=2\nDOT_WITH=3\nDOT_NEEDED=4\n".to_vec(),
            "/dir/literal.env" => {
                b"A=1   # note\nB=${HOME}/x\r\nC=$HOME\nD=a#b\n  E= #x\nF=`date`\nG=\nH='a # b'\nI=pa$$word\n".to_vec()
            }
            _ => return Err(io::ErrorKind::NotFound.into()),
        })
    }

    fn exists(&self, path: &Path) -> bool {
        ["/srv", "/dir/.env", "/dir/html", "/home/me/html", "/var/run/docker.sock"]
            .iter()
            .any(|it| path == Path::new(it))
    }
}

pub fn environment() -> BTreeMap<String, String> {
    let pairs = [("HOME", "/home/me"), ("V", "val"), ("M", "444"), ("CLIENT", "theirs")];
    let mut all: BTreeMap<String, String> =
        pairs.into_iter().map(|(key, value)| (key.to_owned(), value.to_owned())).collect();
    all.insert("LARGE".to_owned(), "x".repeat(4 << 20));
    all
}

/// Two nodes, a shop on port 8080, and a few objects.
pub fn cluster() -> ClusterFacts {
    let network = |name: &str, scope: &str, driver: &str, subnet: &str| {
        let fact = NetworkFact {
            scope: scope.to_owned(),
            driver: driver.to_owned(),
            subnets: vec![subnet.to_owned()],
            ..NetworkFact::default()
        };
        (name.to_owned(), fact)
    };
    ClusterFacts {
        nodes: [node("one", true), node("two", false)].into(),
        services: [shop()].into(),
        networks: BTreeMap::from([
            network("ingress", "swarm", "overlay", "10.0.0.0/24"),
            network("there", "swarm", "overlay", "10.70.0.0/16"),
            network("stack_live", "swarm", "overlay", "10.0.1.0/24"),
            network("lan", "local", "bridge", "172.18.0.0/16"),
        ]),
        secrets: ["there".to_owned()].into(),
        configs: ["there".to_owned()].into(),
    }
}

fn node(name: &str, manages: bool) -> Node {
    Node {
        id: NodeId::from(name),
        hostname: name.into(),
        version: 1,
        manager: manages.then(|| Manager {
            leader: true,
            reachability: Reachability::Reachable.into(),
            address: "10.0.0.1:2377".to_owned(),
        }),
        availability: Availability::Active.into(),
        state: NodeState::Ready.into(),
        message: String::new(),
        address: "10.0.0.1".to_owned(),
        engine: "28.2.2".to_owned(),
        platform: "linux/x86_64".to_owned(),
        capacity: Resources { nano_cpus: 4_000_000_000, memory: 8 << 30 },
        generic: BTreeMap::from([("SSD".to_owned(), 3)]),
        plugins: [
            ("Log", "json-file"),
            ("Log", "local"),
            ("Network", "overlay"),
            ("Volume", "local"),
        ]
        .map(|(kind, name)| Plugin { kind: kind.to_owned(), name: name.to_owned() })
        .to_vec(),
        labels: BTreeMap::new(),
        created: Timestamp::UNIX_EPOCH,
        heard: Timestamp::UNIX_EPOCH,
    }
}

fn shop() -> Service {
    Service {
        id: ServiceId::from("shop"),
        name: "shop_web".into(),
        stack: StackName::observed("shop"),
        version: 1,
        mode: Mode::Replicated { replicas: 1 },
        image: "shop:1".into(),
        running: 1,
        desired: 1,
        completed: 0,
        stopped: None,
        update: None,
        ports: vec![Port { published: 8080, target: 80, protocol: "tcp".to_owned(), host: false }],
        reserved: Resources::default(),
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
