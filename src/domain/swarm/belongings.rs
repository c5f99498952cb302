//! The objects of a stack, and which other services use them.

use crate::domain::{
    swarm::{
        change::Change,
        cluster::ObjectKind,
        names::StackName,
        objects::{AnyObject, Mount, ServiceObject, ServiceSpec},
    },
    text::count::plural,
};
use serde_json::Value;
use std::{collections::BTreeSet, fmt};

/// Everything that carries the label of a stack, by name. Objects that its files
/// call external do not: they are nobody's to remove.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Belongings {
    pub services: Vec<Owned>,
    pub networks: Vec<Owned>,
    pub configs: Vec<Owned>,
    pub secrets: Vec<Owned>,
    /// Volumes that its services made on the nodes where their tasks ran.
    pub volumes: BTreeSet<String>,
}

/// An object of a stack.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Owned {
    pub kind: ObjectKind,
    pub id: String,
    pub name: String,
}

impl Belongings {
    /// Reads raw lists of the objects of a stack.
    pub fn read(
        stack: &StackName,
        services: &[Value],
        networks: &[Value],
        configs: &[Value],
        secrets: &[Value],
    ) -> Self {
        Self {
            services: owned(ObjectKind::Services, services),
            networks: owned(ObjectKind::Networks, networks),
            configs: owned(ObjectKind::Configs, configs),
            secrets: owned(ObjectKind::Secrets, secrets),
            volumes: services.iter().flat_map(|it| volumes(stack, it)).collect(),
        }
    }

    /// Returns all objects in the order in which they can go: networks, configs and
    /// secrets once no service needs them.
    pub fn objects(&self) -> impl Iterator<Item = &Owned> {
        let rest = [&self.networks, &self.configs, &self.secrets].into_iter().flatten();
        self.services.iter().chain(rest)
    }

    pub fn is_empty(&self) -> bool {
        self.objects().next().is_none()
    }
}

impl Owned {
    /// Returns the change that removes it.
    pub fn removal(&self) -> Change {
        let (id, name) = (self.id.clone(), self.name.clone());
        match self.kind {
            ObjectKind::Services => Change::RemoveService { id: id.as_str().into(), name },
            ObjectKind::Networks => Change::RemoveNetwork { id, name },
            ObjectKind::Secrets => Change::RemoveSecret { id, name },
            ObjectKind::Configs => Change::RemoveConfig { id, name },
        }
    }

    /// Returns the names of the services that need it, of all raw `services`.
    pub fn users(&self, services: &[Value]) -> Vec<String> {
        let specs = services.iter().map(|it| ServiceObject(it).spec());
        let users = specs.filter(|it| self.is_used_by(*it));
        users.filter_map(ServiceSpec::name).map(ToOwned::to_owned).collect()
    }

    fn is_used_by(&self, spec: ServiceSpec<'_>) -> bool {
        let container = spec.template().container();
        let id = Some(self.id.as_str());
        match self.kind {
            ObjectKind::Services => false,
            ObjectKind::Networks => spec.networks().any(|it| Some(it) == id),
            ObjectKind::Secrets => container.secrets().any(|it| it.id() == id),
            ObjectKind::Configs => container.configs().any(|it| it.id() == id),
        }
    }
}

impl fmt::Display for Owned {
    /// As `network blog_front`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.kind.word(), self.name)
    }
}

/// Counts objects by kind, as `2 services, 1 network`.
pub fn counted(objects: &[&Owned]) -> String {
    let kinds =
        [ObjectKind::Services, ObjectKind::Networks, ObjectKind::Configs, ObjectKind::Secrets];
    let count = |kind| objects.iter().filter(|it| it.kind == kind).count() as u64;
    let words = kinds.map(|kind| (count(kind), kind.word()));
    let words = words.into_iter().filter(|it| it.0 > 0).map(|(count, noun)| plural(count, noun));
    words.collect::<Vec<_>>().join(", ")
}

fn owned(kind: ObjectKind, found: &[Value]) -> Vec<Owned> {
    let text = |it: Option<&str>| it.unwrap_or_default().to_owned();
    let owned = |it| Owned { kind, id: text(AnyObject(it).id()), name: text(AnyObject(it).name()) };
    let mut owned: Vec<Owned> = found.iter().map(owned).collect();
    owned.sort_by(|a, b| a.name.cmp(&b.name));
    owned
}

/// Returns the volumes of a service that carry the label of the stack: external ones
/// and anonymous ones do not.
fn volumes<'a>(stack: &'a StackName, service: &'a Value) -> impl Iterator<Item = String> + 'a {
    let mounts = ServiceObject(service).spec().template().container().mounts();
    let of_stack =
        |it: &Mount<'_>| it.is_volume() && it.volume_labels().stack() == Some(stack.as_str());
    mounts.filter(of_stack).filter_map(Mount::source).map(ToOwned::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn service(name: &str, container: &Value) -> Value {
        json!({ "ID": format!("id-{name}"), "Spec": { "Name": name,
            "TaskTemplate": { "ContainerSpec": container, "Networks": [{ "Target": "n1" }] } } })
    }

    #[test]
    fn services_go_first_and_all_by_name() {
        let services = [service("b", &json!({})), service("a", &json!({}))];
        let networks = [json!({ "Id": "n1", "Name": "front" })];
        let secrets = [json!({ "ID": "s1", "Spec": { "Name": "key" } })];
        let stack = "blog".parse().unwrap();
        let found = Belongings::read(&stack, &services, &networks, &[], &secrets);
        let words: Vec<String> = found.objects().map(ToString::to_string).collect();
        assert_eq!(words, ["service a", "service b", "network front", "secret key"]);
        assert_eq!(
            counted(&found.objects().collect::<Vec<_>>()),
            "2 services, 1 network, 1 secret"
        );
        assert_eq!(found.networks[0].removal().to_string(), "remove network front");
    }

    #[test]
    fn who_needs_an_object_is_known_by_its_id() {
        let services = [
            service("a", &json!({ "Configs": [{ "ConfigID": "c1" }] })),
            service(
                "b",
                &json!({ "Configs": [{ "ConfigID": "c2" }], "Secrets": [{ "SecretID": "s1" }] }),
            ),
        ];
        let owned = |kind, id: &str| Owned { kind, id: id.to_owned(), name: "x".to_owned() };
        assert_eq!(owned(ObjectKind::Configs, "c1").users(&services), ["a"]);
        assert_eq!(owned(ObjectKind::Secrets, "s1").users(&services), ["b"]);
        assert_eq!(owned(ObjectKind::Networks, "n1").users(&services), ["a", "b"]);
        assert!(owned(ObjectKind::Secrets, "c1").users(&services).is_empty());
    }

    #[test]
    fn only_named_volumes_of_the_stack_are_its_own() {
        let volume = |source: &str, stack: &str| {
            json!({ "Type": "volume", "Source": source,
                "VolumeOptions": { "Labels": { "com.docker.stack.namespace": stack } } })
        };
        let mounts = [
            volume("blog_data", "blog"),
            volume("other_data", "other"),
            json!({ "Type": "volume", "Source": "external" }),
            json!({ "Type": "volume", "VolumeOptions": { "Labels": { "com.docker.stack.namespace": "blog" } } }),
            json!({ "Type": "bind", "Source": "/srv" }),
        ];
        let services = [service("a", &json!({ "Mounts": mounts }))];
        let stack = "blog".parse().unwrap();
        let found = Belongings::read(&stack, &services, &[], &[], &[]);
        assert_eq!(found.volumes, BTreeSet::from(["blog_data".to_owned()]));
    }
}
