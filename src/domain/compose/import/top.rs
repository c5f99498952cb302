//! Import of top-level objects: networks, volumes, secrets, configs.

use crate::domain::compose::{
    import::{Import, Subject},
    schema::FileVersion,
    yaml::{MapEntry, YamlNode},
};

/// Keys that only Compose has at the top.
const ONLY_COMPOSE: &[(&str, &str, &str)] = &[
    (
        "include",
        "Swarm reads no other files by itself",
        "name all files with -c, or run `docker compose config` and import what it prints",
    ),
    ("models", "only Compose runs models", "run the model as a service"),
];

impl<'a> Import<'a> {
    pub fn top(&mut self, without_version: bool) {
        let root = self.root;
        let subject = Subject { name: "", node: root };
        for entry in root.entries() {
            match &**entry.key {
                "version" => self.version(subject, entry, without_version),
                "name" => {
                    let why = "a stack gets its name where it is deployed";
                    self.becomes(subject, entry, "", why);
                }
                "networks" => self.each(entry, "network", Self::network),
                "volumes" => self.each(entry, "volume", Self::volume),
                "secrets" => self.each(entry, "secret", Self::content),
                "configs" => self.each(entry, "config", Self::content),
                key => {
                    if let Some(it) = ONLY_COMPOSE.iter().find(|it| it.0 == key) {
                        self.cannot(subject, entry, it.1, it.2);
                    }
                }
            }
        }
    }

    fn version(&mut self, subject: Subject<'_>, entry: &MapEntry, goes: bool) {
        let raw = self.surgery.raw(entry.value.place).trim_end();
        let known = FileVersion::parse(raw.trim_matches(['"', '\''])).is_some();
        if goes || !known {
            self.becomes(subject, entry, "", "without it the newest format counts");
        }
    }

    fn each(&mut self, section: &'a MapEntry, kind: &str, work: fn(&mut Self, Subject<'a>, &str)) {
        for entry in section.value.entries() {
            let name = format!("{kind} {}", entry.key.value);
            work(self, Subject { name: &entry.key.value, node: &entry.value }, &name);
        }
    }

    fn network(&mut self, subject: Subject<'a>, name: &str) {
        let key = subject.name;
        let subject = Subject { name, ..subject };
        let external = subject.node.entry("external");
        if let Some(external) = external.filter(|it| it.value.bool() != Some(false)) {
            let what = self.shown(external);
            let given = subject.node.get("name").or(external.value.get("name"));
            let given = given.and_then(YamlNode::text).unwrap_or(key);
            let instead = format!("make it before: docker network create --driver overlay {given}");
            let why = "the network of another project spans one machine only";
            self.report.cannot(external.key.place, subject.name, &what, why, &instead);
        }
        for entry in subject.node.entries() {
            match &**entry.key {
                "driver" => self.driver(subject, entry),
                "driver_opts" if is_local(subject.node) => {
                    self.ignored(subject, entry, "they are options of another driver");
                }
                "enable_ipv4" | "enable_ipv6" => {
                    let instead = "give the network an IPv6 subnet";
                    self.cannot(subject, entry, "the addresses follow from the subnets", instead);
                }
                "ipam" => self.ipam(subject, &entry.value),
                _ => {}
            }
        }
    }

    fn driver(&mut self, subject: Subject<'_>, entry: &MapEntry) {
        match entry.value.text().unwrap_or_default() {
            "overlay" | "" => {}
            "bridge" => {
                self.surgery.write(entry.value.place, "overlay");
                let why = "services need a network that spans the swarm";
                self.changed(subject, entry, "driver: overlay", why);
            }
            _ => {
                let instead = "join the external network `host`, or run it outside of the swarm";
                let why = "the network spans one machine only";
                self.cannot(subject, entry, why, instead);
            }
        }
    }

    fn ipam(&mut self, subject: Subject<'_>, ipam: &YamlNode) {
        const WHY: &str = "Swarm chooses it";
        for entry in ipam.entries().iter().filter(|it| &**it.key == "options") {
            self.ignored(subject, entry, "a stack file has no place for it");
        }
        for pool in ipam.get("config").map(YamlNode::items).unwrap_or_default() {
            for entry in pool.entries().iter().filter(|it| &**it.key != "subnet") {
                self.ignored(subject, entry, WHY);
            }
        }
    }

    fn volume(&mut self, subject: Subject<'a>, name: &str) {
        let subject = Subject { name, ..subject };
        let option = |key: &str| subject.node.get("driver_opts").and_then(|it| it.get(key));
        let device = option("device").and_then(YamlNode::text).unwrap_or_default();
        if device.starts_with(['.', '~']) {
            let why = "a path of this machine, and every node that runs a task needs it too";
            let instead = "use an absolute path that all nodes have, or a driver that shares";
            let place = option("device").map_or(subject.node.place, |it| it.place);
            self.report.cannot(place, subject.name, &format!("device: {device}"), why, instead);
        }
    }

    /// Gives secrets and configs a source that Swarm knows.
    fn content(&mut self, subject: Subject<'a>, name: &str) {
        let key = subject.name;
        let subject = Subject { name, ..subject };
        for entry in subject.node.entries() {
            match &**entry.key {
                "environment" => {
                    self.surgery.replace(entry, "external: true");
                    let what = self.shown(entry);
                    let why = "Swarm takes it from no variable";
                    let kind = name.split(' ').next().unwrap_or_default();
                    let variable = entry.value.text().unwrap_or_default();
                    let instead = format!(
                        "make it: printf %s \"${variable}\" | docker {kind} create {key} -"
                    );
                    self.report.cannot(entry.key.place, name, &what, why, &instead);
                }
                "content" => {
                    self.surgery.replace(entry, format!("file: ./{key}"));
                    let what = self.shown(entry);
                    let instead = format!("write it into the file {key}, beside the stack file");
                    let why = "Swarm takes it from files only";
                    self.report.cannot(entry.key.place, name, &what, why, &instead);
                }
                _ => {}
            }
        }
    }
}

/// Tells networks that do not span the swarm.
fn is_local(network: &YamlNode) -> bool {
    let driver = network.get("driver").and_then(YamlNode::text).unwrap_or("bridge");
    driver != "overlay"
}
