//! Import of services, key by key.

use crate::domain::compose::{
    import::{Import, Subject, dropped::DROPPED, tree::Tree},
    yaml::{MapEntry, YamlNode},
};

/// What Compose waits for where a service ends.
const DONE: &str = "service_completed_successfully";

impl<'a> Import<'a> {
    pub fn services(&mut self) {
        let root = self.root;
        let Some(services) = root.get("services") else { return };
        for entry in services.entries() {
            let name: &'a str = &entry.key.value;
            let subject = Subject { name, node: &entry.value };
            if let Some(profiles) = entry.value.entry("profiles")
                && self.options.without_profiles
            {
                self.surgery.remove(entry);
                let (what, place) = (self.shown(profiles), entry.key.place);
                let why = "services of profiles are left out, as asked";
                self.report.changed(place, name, &what, "", why);
                continue;
            }
            for key in entry.value.entries() {
                self.key(subject, key);
            }
        }
    }

    fn key(&mut self, subject: Subject<'a>, entry: &'a MapEntry) {
        let key = &*entry.key.value;
        if let Some(dropped) = DROPPED.iter().find(|it| it.key == key) {
            return match dropped.instead {
                "" => self.ignored(subject, entry, dropped.why),
                instead => self.cannot(subject, entry, dropped.why, instead),
            };
        }
        match key {
            "build" => self.build(subject, entry),
            "depends_on" => self.depends_on(subject, entry),
            "deploy" => self.deploy(subject, entry),
            "env_file" => self.env_files(subject, entry),
            "extra_hosts" => self.extra_hosts(subject, entry),
            "labels" => self.labels(subject, entry),
            "links" => self.links(subject, entry),
            "network_mode" => self.network_mode(subject, entry),
            "networks" => self.attachments(subject, entry),
            "platform" => self.platform(subject, entry),
            "ports" => self.ports(subject, entry),
            "privileged" => self.privileged(subject, entry),
            "profiles" => {
                let instead = "remove the service, or give it `replicas: 0`; --without-profiles \
                               leaves such services out";
                self.cannot(subject, entry, "a stack starts all its services", instead);
            }
            "restart" => self.restart(subject, entry),
            "scale" => self.scale(subject, entry),
            "shm_size" => self.shm_size(subject, entry),
            "tmpfs" => self.tmpfs(subject, entry),
            "volumes" => self.mounts(subject, entry),
            _ => self.resources(subject, entry),
        }
    }

    fn build(&mut self, subject: Subject<'a>, entry: &MapEntry) {
        const WHY: &str = "Swarm builds nothing";
        if subject.node.get("image").is_some() {
            let instead = "build and push the image before you deploy";
            return self.cannot(subject, entry, WHY, instead);
        }
        let words = [self.project(), subject.name, "image"].join("_");
        let letters = |it: char| if it.is_ascii_alphanumeric() { it } else { '_' };
        let variable: String = words.trim_start_matches('_').chars().map(letters).collect();
        let variable = variable.to_uppercase();
        let variable = match variable.starts_with(|it: char| it.is_ascii_digit()) {
            true => format!("_{variable}"),
            false => variable,
        };
        self.surgery.replace(entry, format!("image: \"${{{variable}:?build and push it first}}\""));
        let what = self.shown(entry);
        let instead = format!("build and push the image, and set {variable} to its name");
        self.report.cannot(entry.key.place, subject.name, &what, WHY, &instead);
    }

    /// Makes a list of what may have conditions.
    fn depends_on(&mut self, subject: Subject<'_>, entry: &MapEntry) {
        if !entry.value.is_map() {
            return;
        }
        let names: Vec<&str> = entry.value.entries().iter().map(|it| &**it.key).collect();
        let condition =
            |it: &MapEntry| it.value.get("condition").and_then(YamlNode::text) == Some(DONE);
        let waits: Vec<&str> =
            entry.value.entries().iter().filter(|it| condition(it)).map(|it| &**it.key).collect();
        self.replace_by(entry, &names);
        let why = "only the order is left: a deployment starts a service once those before run";
        self.changed(subject, entry, "depends_on without conditions", why);
        if !waits.is_empty() {
            let what = format!("{DONE} of {}", waits.join(", "));
            let why = "Swarm waits for no service to end";
            let instead =
                "run it before you deploy, or make it `mode: replicated-job` in a stack of its own";
            self.report.cannot(entry.key.place, subject.name, &what, why, instead);
        }
    }

    fn env_files(&mut self, subject: Subject<'_>, entry: &MapEntry) {
        if !entry.value.items().iter().any(YamlNode::is_map) {
            return;
        }
        let mut names = Vec::new();
        for item in entry.value.items() {
            let path = item.get("path").unwrap_or(item);
            names.push(self.surgery.raw(path.place).trim_end());
            if item.get("required").and_then(YamlNode::bool) == Some(false) {
                let what = format!("{} that need not exist", names.last().unwrap_or(&""));
                let why = "a file of variables must be there";
                let instead = "make it, be it empty, or leave it out";
                self.report.cannot(item.place, subject.name, &what, why, instead);
            }
        }
        self.replace_by(entry, &names);
        self.changed(subject, entry, "env_file as a list of paths", "Swarm knows paths only");
    }

    /// Writes a list of words in the place of a value.
    pub fn replace_by(&mut self, entry: &MapEntry, items: &[&str]) {
        let list = Tree::List(items.iter().map(|it| Tree::scalar(*it)).collect());
        self.surgery.replace_tree(entry, &list);
    }

    fn platform(&mut self, subject: Subject<'a>, entry: &MapEntry) {
        let raw = entry.value.text().unwrap_or_default();
        let mut parts = raw.split('/');
        let arch = match (parts.next(), parts.next()) {
            (Some("linux"), Some("amd64")) => "x86_64",
            (Some("linux"), Some("arm64")) => "aarch64",
            _ => {
                let why = "Swarm asks the registry for the platforms of an image";
                let instead = "use a constraint on node.platform.arch, or a label of nodes";
                return self.cannot(subject, entry, why, instead);
            }
        };
        let constraint = format!("node.platform.arch == {arch}");
        let list = Tree::List(vec![Tree::scalar(constraint.clone())]);
        self.moved(subject, entry, &["deploy", "placement", "constraints"], list, &constraint);
    }

    fn privileged(&mut self, subject: Subject<'_>, entry: &MapEntry) {
        if entry.value.bool() == Some(false) {
            return self.ignored(subject, entry, "that is how it is");
        }
        let instead = "add what it needs with cap_add, or run it outside of the swarm";
        self.cannot(subject, entry, "tasks never get all rights", instead);
    }

    /// Takes an entry out and writes what it says under `deploy`, or elsewhere.
    pub fn moved(
        &mut self,
        subject: Subject<'a>,
        entry: &MapEntry,
        path: &[&str],
        leaf: Tree,
        shown: &str,
    ) {
        let to = format!("{}: {shown}", path.join("."));
        if self.surgery.add(subject.node, path, leaf) {
            return self.becomes(subject, entry, &to, "that is where a stack file has it");
        }
        let taken = path.iter().try_fold(subject.node, |it, key| it.get(key)).is_some();
        if taken {
            return self.ignored(subject, entry, &format!("{} counts", path.join(".")));
        }
        let instead = format!("write it there: {to}");
        self.cannot(subject, entry, "its `deploy` is shared with other services", &instead);
    }

    /// Returns the name of the project; empty where there is none.
    fn project(&self) -> &'a str {
        let named = self.root.get("name").and_then(YamlNode::text).filter(|it| !it.contains('$'));
        named.unwrap_or(&self.options.project)
    }
}
