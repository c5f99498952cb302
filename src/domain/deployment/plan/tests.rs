use super::*;
use crate::domain::{
    compose::{DesiredNetwork, DesiredService, Place},
    swarm::{
        cluster::{Mode, Object, Port, Resources, RestartRule, Seen, Service, SpecDigest},
        stop,
    },
};
use serde_json::{Value, json};
use std::collections::BTreeMap;

fn spec(image: &str) -> Value {
    json!({ "Name": "shop_web", "Labels": {}, "Mode": { "Replicated": { "Replicas": 2 } },
        "TaskTemplate": { "ContainerSpec": { "Image": image, "Privileges": {} }, "Resources": {}, "Placement": {} },
        "EndpointSpec": {}, "UpdateConfig": { "Parallelism": 1, "Order": "start-first" } })
}

fn desired(spec: Value) -> Desired {
    let service = DesiredService {
        key: "web".to_owned(),
        name: "shop_web".to_owned(),
        image: String::new(),
        depends_on: Vec::new(),
        spec,
        place: Place::default(),
    };
    Desired {
        networks: Vec::new(),
        externals: Vec::new(),
        secrets: Vec::new(),
        configs: Vec::new(),
        services: vec![service],
    }
}

fn live(spec: &Value) -> Live {
    let found = json!({ "ID": "s1", "Version": { "Index": 7 }, "Spec": spec });
    Live { services: BTreeMap::from([("shop_web".to_owned(), found)]), ..Live::default() }
}

fn check(wanted: Value, live: &Live) -> PlanStep {
    let stack = "shop".parse().unwrap();
    plan(&stack, &desired(wanted), live, true).steps.remove(0)
}

#[test]
fn what_is_as_it_should_be_is_left_alone() {
    let mut stored = spec("web:1");
    stored["TaskTemplate"]["Runtime"] = json!("container");
    stored["EndpointSpec"]["Mode"] = json!("vip");
    let step = check(spec("web:1"), &live(&stored));
    assert_eq!((step.effect, step.body), (Effect::Unchanged, None));
}

#[test]
fn another_image_replaces_tasks_and_labels_do_not() {
    let step = check(spec("web:2"), &live(&spec("web:1")));
    let expected = Rollout { tasks: 0, parallelism: 1, order: "start-first".to_owned() };
    assert_eq!(step.effect, Effect::Replace(expected));
    assert_eq!(step.fields[0].field, "TaskTemplate.ContainerSpec.Image");
    let mut labelled = spec("web:1");
    labelled["Labels"]["team"] = json!("a");
    assert_eq!(check(labelled, &live(&spec("web:1"))).effect, Effect::InPlace);
}

#[test]
fn what_is_stopped_is_started_and_nothing_else_is_said_of_it() {
    let mut stopped = spec("web:1");
    stop::stop(&mut stopped);
    let step = check(spec("web:1"), &live(&stopped));
    assert_eq!((&step.effect, step.fields.len()), (&Effect::InPlace, 0));
    let said = Notice::Warning("it is stopped: a deployment starts it".to_owned());
    assert_eq!(step.notices, [said]);
    assert_eq!(step.body, Some(spec("web:1")));
    let step = check(spec("web:2"), &live(&stopped));
    assert_eq!((step.fields.len(), step.notices.len()), (1, 1));
}

#[test]
fn the_mode_of_a_service_cannot_change() {
    let mut global = spec("web:1");
    global["Mode"] = json!({ "Global": {} });
    assert!(matches!(check(global, &live(&spec("web:1"))).effect, Effect::Refused(_)));
}

#[test]
fn a_port_of_another_service_is_refused_with_its_owner() {
    let mut wanted = spec("web:1");
    wanted["EndpointSpec"]["Ports"] =
        json!([{ "PublishedPort": 80, "TargetPort": 8080, "Protocol": "tcp" }]);
    let owner = Service {
        id: "x".into(),
        name: "proxy".into(),
        stack: None,
        version: 1,
        mode: Mode::Global,
        image: "proxy:1".into(),
        running: 1,
        desired: 1,
        completed: 0,
        stopped: None,
        update: None,
        ports: vec![Port { published: 80, target: 80, protocol: "tcp".to_owned(), host: false }],
        reserved: Resources::default(),
        created: jiff::Timestamp::UNIX_EPOCH,
        updated: jiff::Timestamp::UNIX_EPOCH,
        changed: jiff::Timestamp::UNIX_EPOCH,
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
    };
    let [ingress, host] = [false, true].map(|host| {
        let port = Port { host, ..owner.ports[0].clone() };
        let all = vec![Service { ports: vec![port], ..owner.clone() }];
        Live { all: all.into(), ..live(&spec("web:1")) }
    });
    for (live, mode, expected) in [
        (&ingress, "ingress", Some("port 80/tcp is already in use by service proxy")),
        (&ingress, "host", Some("port 80/tcp is already in use by service proxy")),
        (&host, "ingress", Some("port 80/tcp is already in use by service proxy on its nodes")),
        // Each may have it, on nodes of its own.
        (&host, "host", None),
    ] {
        let mut wanted = wanted.clone();
        wanted["EndpointSpec"]["Ports"][0]["PublishMode"] = json!(mode);
        let refused = match check(wanted, live).effect {
            Effect::Refused(why) => Some(why),
            _ => None,
        };
        assert_eq!(refused.as_deref(), expected, "{mode}");
    }
}

#[test]
fn a_network_that_is_there_is_not_changed_and_that_is_said() {
    let body = |attachable: bool| json!({ "Name": "n", "Driver": "overlay", "Attachable": attachable, "Labels": { "com.docker.stack.namespace": "shop" } });
    let network = DesiredNetwork {
        key: "n".to_owned(),
        name: "n".to_owned(),
        body: body(true),
        pools: Vec::new(),
        place: Place::default(),
    };
    let mut found = body(false);
    found["Id"] = json!("n1");
    let live = Live { networks: BTreeMap::from([("n".to_owned(), found)]), ..Live::default() };
    let step = objects::network(&network, &live);
    assert_eq!(step.effect, Effect::Unchanged);
    assert!(matches!(step.notices.as_slice(), [Notice::Ignored(_)]), "{:?}", step.notices);
}

#[test]
fn services_that_are_not_named_go_when_asked() {
    let stack = "shop".parse().unwrap();
    let nothing = Desired { services: Vec::new(), ..desired(spec("web:1")) };
    assert_eq!(plan(&stack, &nothing, &live(&spec("web:1")), true).steps[0].effect, Effect::Remove);
    assert!(plan(&stack, &nothing, &live(&spec("web:1")), false).is_empty());
}

#[test]
fn an_outline_names_digests_apart_and_the_version_it_is_bound_to() {
    let old = spec(&format!("web:1@sha256:{}", "a".repeat(64)));
    let new = spec(&format!("web:2@sha256:{}", "b".repeat(64)));
    let stack = "shop".parse().unwrap();
    let outline = PlanOutline::new(&plan(&stack, &desired(new), &live(&old), true));
    let entry = &outline.entries[0];
    assert_eq!(
        (entry.key.as_str(), &entry.object),
        ("service shop_web", &Some(Object::Service("s1".into())))
    );
    let details: Vec<&str> = entry.details.iter().map(|it| it.text.as_str()).collect();
    let expected = [
        "Image: web:1 → web:2",
        "digest: sha256:aaaaaaaaaaaa → sha256:bbbbbbbbbbbb",
        "planned for version 7 of this service",
    ];
    assert_eq!(details, expected);
    assert_eq!(
        outline.sum.details[0].text,
        "if somebody changes the stack before you deploy, skep plans again"
    );
}

#[test]
fn an_outline_says_where_the_platforms_come_from() {
    let mut new = spec("web:1");
    let platforms = json!([{ "Architecture": "amd64", "OS": "linux" }]);
    new["TaskTemplate"]["Placement"]["Platforms"] = platforms;
    let stack = "shop".parse().unwrap();
    let outline = PlanOutline::new(&plan(&stack, &desired(new), &live(&spec("web:1")), true));
    let details: Vec<&str> = outline.entries[0].details.iter().map(|it| it.text.as_str()).collect();
    let said = "skep adds the platforms of the image, as docker does";
    assert!(details.contains(&said), "{details:#?}");
}

#[test]
fn what_stays_as_it_is_is_one_entry() {
    let stack = "shop".parse().unwrap();
    let same = plan(&stack, &desired(spec("web:1")), &live(&spec("web:1")), true);
    let outline = PlanOutline::new(&same);
    assert_eq!(outline.entries.len(), 1);
    assert_eq!(outline.entries[0].head.text, "= 1 object unchanged");
    assert_eq!(outline.entries[0].details[0].text, "service shop_web, version 7");
}
