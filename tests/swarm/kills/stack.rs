//! A stack of which two deployments in a row have little in common, and docker's own
//! view of it.

use crate::lab::Lab;
use serde_json::Value;
use std::{collections::BTreeMap, fs, path::PathBuf};

/// Everything docker knows of a stack, by kind and name.
#[derive(Debug, Clone, PartialEq)]
pub struct Seen(BTreeMap<String, Value>);

/// Writes the file of the nth deployment. Each has a service, a secret and a network of
/// its own; a service with another image and a config with another label than the one
/// before; and a service that never changes.
pub fn write(folder: &std::path::Path, n: usize) -> PathBuf {
    let version = n % 2 + 1;
    // The engine calls an update done when the monitor's time is over.
    let deploy = "{labels: {skep.window: 1s}, update_config: {monitor: 500ms}}";
    let service = |image: usize, more: &str| {
        format!(
            "\n    image: skep-workload:{image}\n    stop_grace_period: 1s\n    networks: [net{n}]\n    deploy: {deploy}\n{more}"
        )
    };
    let web = service(version, &format!("    configs: [theme]\n    secrets: [key{n}]\n"));
    let text = format!(
        "services:\n  web:{web}  db:\n    image: skep-workload:1\n    deploy: {deploy}\n  only{n}:{}\nnetworks: {{net{n}: {{}}}}\nsecrets: {{key{n}: {{file: ./text}}}}\nconfigs: {{theme: {{file: ./text, labels: {{mood: m{n}}}}}}}\n",
        service(1, "")
    );
    fs::write(folder.join("text"), "some text\n").unwrap();
    let path = folder.join(format!("{n}.yml"));
    fs::write(&path, text).unwrap();
    path
}

impl Seen {
    /// Looks at services, networks, secrets and configs.
    pub fn of(lab: &Lab, stack: &str) -> Self {
        let label = format!("label=com.docker.stack.namespace={stack}");
        let mut all = BTreeMap::new();
        for kind in ["service", "network", "secret", "config"] {
            let names = lab.docker(&[kind, "ls", "--filter", &label, "--format", "{{.Name}}"]);
            let names: Vec<&str> = names.lines().collect();
            if names.is_empty() {
                continue;
            }
            let told = lab.docker(&[&[kind, "inspect"][..], &names].concat());
            let told: Vec<Value> = serde_json::from_str(&told).unwrap();
            for object in told {
                let name = object["Name"].as_str().or(object["Spec"]["Name"].as_str()).unwrap();
                let spec = if kind == "network" { Value::Null } else { object["Spec"].clone() };
                all.insert(format!("{kind} {name}"), spec);
            }
        }
        Self(all)
    }

    /// The nth deployment is there: its services and nothing else, with its images.
    #[track_caller]
    pub fn is(&self, stack: &str, n: usize, at: &str) {
        let version = n % 2 + 1;
        let services: Vec<String> =
            self.0.keys().filter_map(|it| it.strip_prefix("service ").map(Into::into)).collect();
        let wanted = ["db", &format!("only{n}"), "web"].map(|it| format!("{stack}_{it}"));
        assert_eq!(services, wanted, "{at}");
        let container = &self.0[&format!("service {stack}_web")]["TaskTemplate"]["ContainerSpec"];
        assert_eq!(container["Image"], format!("skep-workload:{version}"), "{at}");
        assert_eq!(container["Secrets"][0]["SecretName"], format!("{stack}_key{n}"), "{at}");
        let theme = &self.0[&format!("config {stack}_theme")];
        assert_eq!(theme["Labels"]["mood"], format!("m{n}"), "{at}");
        for object in [format!("network {stack}_net{n}"), format!("secret {stack}_key{n}")] {
            assert!(self.0.contains_key(&object), "{at}: no {object}");
        }
    }
}
