//! Faces of what engines tell, of older clients' specs and of odd JSON.

use super::*;
use crate::domain::swarm::{
    cluster::{Mode, Resources},
    states::UpdateState,
};
use serde_json::json;

#[test]
fn a_service_is_read_as_the_engine_spells_it() {
    let raw = json!({
        "ID": "s1", "Version": { "Index": 7 }, "CreatedAt": "2026-01-02T03:04:05Z",
        "Spec": {
            "Name": "blog_web", "Labels": { "com.docker.stack.namespace": "blog" },
            "Mode": { "Replicated": { "Replicas": 3 } },
            "TaskTemplate": {
                "ContainerSpec": { "Image": "web:1", "Healthcheck": { "Test": ["CMD", "x"] },
                    "Secrets": [{ "SecretID": "x1", "SecretName": "key", "File": { "Name": "k" } }],
                    "Mounts": [{ "Type": "volume", "Source": "data", "Target": "/data" }] },
                "Resources": { "Reservations": { "MemoryBytes": 5,
                    "GenericResources": [{ "DiscreteResourceSpec": { "Kind": "gpu", "Value": 2 } }] } },
                "Placement": { "Constraints": ["node.role == worker"], "MaxReplicas": 2 },
                "Networks": [{ "Target": "n1" }] },
            "Networks": [{ "Target": "n2" }],
            "EndpointSpec": { "Ports": [{ "PublishedPort": 80, "TargetPort": 8080, "PublishMode": "host" }] } },
        "UpdateStatus": { "State": "rollback_started", "Message": "why" },
    });
    let service = ServiceObject(&raw);
    let (spec, template) = (service.spec(), service.spec().template());
    assert_eq!(
        (service.id(), service.version(), service.name()),
        (Some("s1"), Some(7), Some("blog_web"))
    );
    assert_eq!(service.labels().stack(), Some("blog"));
    assert_eq!(service.update_state(), Some(UpdateState::RollbackStarted));
    assert_eq!(service.update_message(), "why");
    assert!(service.created().is_some() && service.updated().is_none());
    assert_eq!(
        (spec.mode(), spec.image()),
        (Some(Mode::Replicated { replicas: 3 }), Some("web:1"))
    );
    assert_eq!(spec.networks().collect::<Vec<_>>(), ["n1", "n2"]);
    let port = spec.ports().next().unwrap();
    assert_eq!((port.published(), port.target(), port.protocol()), (Some(80), 8080, "tcp"));
    assert!(port.is_host() && template.container().healthcheck().is_on());
    assert_eq!(template.reserved(), Resources { nano_cpus: 0, memory: 5 });
    let counted: Vec<_> =
        template.reserved_generic().filter_map(GenericResource::counted).collect();
    assert_eq!((counted, template.rules().len()), (vec![("gpu", 2)], 1));
    let secret = template.container().secrets().next().unwrap();
    assert_eq!((secret.id(), secret.name(), secret.file()), (Some("x1"), Some("key"), Some("k")));
    let mount = template.container().mounts().next().unwrap();
    assert_eq!((mount.is_volume(), mount.source(), mount.target()), (true, Some("data"), "/data"));
}

#[test]
fn modes_are_read_as_the_engine_takes_them() {
    let mode = |mode: Value| ServiceSpec(&json!({ "Mode": mode })).mode();
    assert_eq!(mode(json!({ "Replicated": {} })), Some(Mode::Replicated { replicas: 1 }));
    assert_eq!(mode(json!({ "Global": {} })), Some(Mode::Global));
    assert_eq!(mode(json!({ "GlobalJob": {} })), Some(Mode::GlobalJob));
    let job = json!({ "ReplicatedJob": { "MaxConcurrent": 2 } });
    assert_eq!(mode(job), Some(Mode::ReplicatedJob { at_once: 2, total: 2 }));
    assert_eq!(mode(json!({ "Else": {} })), None);
    let filled_in = json!({ "Replicated": null, "GlobalJob": {} });
    assert_eq!(mode(filled_in.clone()), Some(Mode::GlobalJob));
    let filled_in = json!({ "Mode": filled_in });
    assert_eq!(ServiceSpec(&filled_in).mode_words().collect::<Vec<_>>(), ["GlobalJob"]);
    assert_eq!(ServiceSpec(&json!({ "Mode": { "Else": {} } })).mode_word(), Some("Else"));
}

#[test]
fn networks_and_others_have_the_same_face_where_kinds_do_not_matter() {
    let network = json!({ "Id": "n1", "Name": "front", "Scope": "swarm", "Ingress": true,
        "Labels": { "com.docker.swarm.predefined": "" }, "Created": "2026-01-02T03:04:05Z",
        "Options": { "com.docker.network.driver.overlay.vxlanid_list": "4097", "encrypted": "" },
        "IPAM": { "Config": [{ "Subnet": "10.0.1.0/24", "Gateway": "10.0.1.1" }, {}] } });
    let config = json!({ "ID": "c1", "Version": { "Index": 3 }, "CreatedAt": "2026-01-02T03:04:05Z",
        "Spec": { "Name": "conf", "Labels": { "a": "b" }, "Data": "eA==" } });
    let [network_face, config_face] = [&network, &config].map(AnyObject);
    assert_eq!((network_face.id(), network_face.name()), (Some("n1"), Some("front")));
    assert_eq!((config_face.id(), config_face.name()), (Some("c1"), Some("conf")));
    assert_eq!(network_face.created(), config_face.created());
    assert_eq!(config_face.labels().all().collect::<Vec<_>>(), [("a", "b")]);
    let face = NetworkObject(&network);
    assert!(face.is_ingress() && face.is_of_swarm() && face.is_predefined());
    assert_eq!(face.creation()["Options"], json!({ "encrypted": "" }));
    assert_eq!(face.creation()["IPAM"]["Config"], json!([{ "Subnet": "10.0.1.0/24" }]));
    assert_eq!(PayloadObject(&config).spec().data(), Some("eA=="));
}

#[test]
fn fields_keep_what_is_odd_and_what_is_not_known() {
    let raw = json!({ "ID": 7, "Spec": { "RestartPolicy": { "Delay": "soon" }, "News": 1 },
        "Status": { "ContainerStatus": { "PID": 4 } }, "Labels": {}, "Else": [] });
    let task = fields::TaskFields::from(&raw);
    assert_eq!((task.id, task.pid, task.service), (&json!(7), &json!(4), &Value::Null));
    assert_eq!(task.spec.restart.delay.0, "soon");
    assert_eq!(task.others().collect::<Vec<_>>(), [("Else", &json!([]))]);
    assert_eq!(task.spec.others().collect::<Vec<_>>(), [("News", &json!(1))]);
    for odd in [json!(null), json!("x"), json!([1]), json!({ "Spec": "x", "Status": 3 })] {
        let task = fields::TaskFields::from(&odd);
        assert!(task.state.is_null() && task.spec.container.image.is_null());
        assert_eq!(
            task.others().count() + fields::each::<fields::TaskFields<'_>>(&odd).count(),
            usize::from(odd.is_array())
        );
    }
}

#[test]
fn odd_json_has_nothing_to_tell_and_never_panics() {
    for odd in [json!(null), json!("x"), json!([1]), json!({ "Spec": "x", "IPAM": 3 })] {
        let service = ServiceObject(&odd);
        assert_eq!((service.id(), service.name(), service.update_state()), (None, None, None));
        assert_eq!((service.spec().mode(), service.spec().replicas()), (None, 1));
        assert_eq!(service.spec().ports().count() + service.spec().networks().count(), 0);
        assert!(!service.spec().template().container().healthcheck().is_on());
        assert_eq!(NetworkObject(&odd).subnets().count(), 0);
        assert_eq!(AnyObject(&odd).labels().stack(), None);
        assert_eq!(Distribution(&odd).digest(), None);
    }
}
