//! What checks look at: the stack, the texts it came from, and perhaps a cluster.

use crate::domain::{
    compose::{
        Files, Loaded, Source,
        check::ClusterFacts,
        edit,
        finding::{Finding, Fix, Severity},
        model::{Mount, Service, Stack},
        place::{At, Place},
        stretches::Stretches,
        yaml::{Entry, Node},
    },
    constraint::Constraint,
    names::StackName,
};
use std::collections::{HashMap, HashSet};

/// Everything there is to look at.
pub struct Scene<'a> {
    pub stack: &'a Stack,
    pub name: &'a StackName,
    pub files: &'a dyn Files,
    pub cluster: Option<&'a ClusterFacts>,
    /// By file, as they were read.
    texts: Vec<&'a str>,
    /// By file.
    roots: &'a [Node],
    /// What the files say of each service, from left to right.
    services: HashMap<&'a str, Vec<&'a Node>>,
    /// What services use, by section.
    used: Used<'a>,
    /// Services and objects that cannot be read as they were meant.
    broken: Stretches,
}

/// One service, and where it comes from.
pub struct Subject<'a> {
    pub scene: &'a Scene<'a>,
    pub key: &'a str,
    pub service: &'a Service,
    /// What the files say of it, from left to right.
    pub nodes: Vec<&'a Node>,
}

impl<'a> Scene<'a> {
    pub fn new(
        loaded: &'a Loaded,
        stack: &'a Stack,
        sources: &'a [Source],
        name: &'a StackName,
        files: &'a dyn Files,
        cluster: Option<&'a ClusterFacts>,
    ) -> Self {
        let texts = sources.iter().map(|it| str::from_utf8(&it.bytes).unwrap_or_default());
        let mut services: HashMap<&str, Vec<&Node>> = HashMap::new();
        let sections = loaded.roots.iter().filter_map(|it| it.get("services"));
        for entry in sections.flat_map(Node::entries) {
            services.entry(&**entry.key).or_default().push(&entry.value);
        }
        Self {
            services,
            used: Used::of(stack),
            stack,
            name,
            files,
            cluster,
            texts: texts.collect(),
            roots: &loaded.roots,
            broken: broken(loaded),
        }
    }

    /// Returns the services that were read without an error.
    pub fn subjects(&'a self) -> impl Iterator<Item = Subject<'a>> {
        let subject = |(key, service): (&'a String, &'a Service)| Subject {
            scene: self,
            key,
            service,
            nodes: self.services.get(key.as_str()).cloned().unwrap_or_default(),
        };
        self.stack.services.iter().map(subject).filter(Subject::is_sound)
    }

    /// Returns whether a service uses an object of a section at the top.
    pub fn uses(&self, section: &str, key: &str) -> bool {
        match section {
            "networks" => self.used.networks.contains(key),
            "volumes" => self.used.volumes.contains(key),
            "secrets" => self.used.secrets.contains(key),
            _ => self.used.configs.contains(key),
        }
    }

    /// Returns whether what stands at a place cannot be read as it was meant.
    pub fn is_broken(&self, place: Place) -> bool {
        self.broken.overlap(place)
    }

    /// Returns what a file has at a place; empty for files that are not at hand.
    pub fn text(&self, place: Place) -> &'a str {
        self.file(place).get(place.bytes()).unwrap_or_default()
    }

    /// Tells whether a place is in a file of variables.
    pub fn is_env_file(&self, place: Place) -> bool {
        place.file >= self.texts.len()
    }

    /// Returns the text of the file of a place.
    pub fn file(&self, place: Place) -> &'a str {
        self.texts.get(place.file).copied().unwrap_or_default()
    }

    /// Returns what takes an object out of a section at the top, for an object
    /// whose key stands at `place`.
    pub fn without(&self, section: &str, place: Place) -> Option<Fix> {
        let mapping = self.roots.get(place.file)?.get(section)?;
        let entry = mapping.entries().iter().find(|it| it.key.place == place)?;
        edit::remove(self.file(place), mapping, entry)
    }

    /// Returns what the last file says of an object at the top that mentions it.
    pub fn object(&self, section: &str, key: &str) -> Option<&'a Node> {
        self.roots.iter().rev().find_map(|it| it.get(section)?.get(key))
    }

    /// Returns where the key of a path stands, as the last file has it that has one.
    pub fn key_place(&self, path: &[&str]) -> Option<Place> {
        let (key, parents) = path.split_last()?;
        let at = |root: &'a Node| parents.iter().try_fold(root, |it, key| it.get(key))?.entry(key);
        Some(self.roots.iter().rev().find_map(at)?.key.place)
    }

    /// Returns the engine's name for an object.
    pub fn scoped(&self, given: &str, key: &str) -> String {
        if given.is_empty() { format!("{}_{key}", self.name) } else { given.to_owned() }
    }
}

/// Keys of objects that services use.
#[derive(Default)]
struct Used<'a> {
    networks: HashSet<&'a str>,
    volumes: HashSet<&'a str>,
    secrets: HashSet<&'a str>,
    configs: HashSet<&'a str>,
}

impl<'a> Used<'a> {
    fn of(stack: &'a Stack) -> Self {
        let mut used = Self::default();
        for service in stack.services.values() {
            used.networks.extend(service.networks.keys().map(String::as_str));
            if service.networks.is_empty() {
                used.networks.insert("default");
            }
            used.volumes.extend(service.volumes.iter().flatten().map(|it| it.source.as_str()));
            used.secrets.extend(service.secrets.iter().flatten().map(|it| it.source.as_str()));
            used.configs.extend(service.configs.iter().flatten().map(|it| it.source.as_str()));
            used.configs.insert(&service.credential_spec.config);
        }
        used
    }
}

impl<'a> Subject<'a> {
    /// Returns the value at a path, as the last file has it that has one.
    pub fn node(&self, path: &[&str]) -> Option<&'a Node> {
        let at = |node: &'a Node| path.iter().try_fold(node, |it, key| it.get(key));
        self.nodes.iter().rev().find_map(|it| at(it))
    }

    /// Returns the mapping and the entry at a path.
    pub fn entry(&self, path: &[&str]) -> Option<(&'a Node, &'a Entry)> {
        let (key, parents) = path.split_last()?;
        let at = |node: &'a Node| {
            let mapping = parents.iter().try_fold(node, |it, key| it.get(key))?;
            Some((mapping, mapping.entry(key)?))
        };
        self.nodes.iter().rev().find_map(|it| at(it))
    }

    /// Returns where the key of a path stands, or the service.
    pub fn place(&self, path: &[&str]) -> Place {
        self.entry(path).map_or(self.service.place, |it| it.1.key.place)
    }

    /// Returns where a key under another one stands; a list has no keys, and the place
    /// of the value counts.
    pub fn key_place(&self, parent: &str, key: &str, otherwise: Place) -> Place {
        self.entry(&[parent, key]).map_or(otherwise, |it| it.1.key.place)
    }

    /// Returns items of a list, of all files.
    pub fn items(&self, key: &str) -> impl Iterator<Item = &'a Node> {
        self.nodes.iter().filter_map(move |it| it.get(key)).flat_map(Node::items)
    }

    /// Puts another value in the place of one that stands as it is in the file,
    /// in the quotes that it has.
    pub fn replaced(&self, finding: Finding, place: Place, text: &str) -> Finding {
        let raw = self.scene.text(place);
        if raw.is_empty() || raw.contains(['$', '\n']) {
            return finding;
        }
        let quote = if raw.starts_with(['"', '\'']) { &raw[..1] } else { "" };
        finding.fix(place, format!("{quote}{text}{quote}"))
    }

    /// Adds an entry to the mapping at a path, if there is one.
    pub fn inserted(&self, finding: Finding, path: &[&str], entry: &str) -> Finding {
        let node = self.node(path);
        let fix = node.and_then(|it| edit::insert(self.scene.file(it.place), it, entry));
        Finding { fix, ..finding }
    }

    /// Adds an entry to the mapping at a path in the finding's file, together with what
    /// is missing on the way there.
    pub fn provided(&self, finding: Finding, path: &[&str], entry: &str) -> Finding {
        let file = finding.place.file;
        let mut entry = entry.to_owned();
        for depth in (0..=path.len()).rev() {
            let at = |node: &'a Node| path[..depth].iter().try_fold(node, |it, key| it.get(key));
            let mut own = self.nodes.iter().rev().filter(|it| it.place.file == file);
            match own.find_map(|it| at(it)) {
                None if depth > 0 => entry = format!("{}: {{ {entry} }}", path[depth - 1]),
                Some(node) if node.is_map() => {
                    let fix = edit::insert(self.scene.file(node.place), node, &entry);
                    return Finding { fix, ..finding };
                }
                _ => return finding,
            }
        }
        finding
    }

    /// Takes out an item of a list.
    pub fn without_item(&self, finding: Finding, list: &Node, item: &Node) -> Finding {
        Finding { fix: edit::remove_item(self.scene.file(item.place), list, item), ..finding }
    }

    /// Takes out the entry at a path.
    pub fn removed(&self, finding: Finding, path: &[&str]) -> Finding {
        let entry = self.entry(path);
        let fix = entry.and_then(|(mapping, entry)| {
            edit::remove(self.scene.file(entry.key.place), mapping, entry)
        });
        Finding { fix, ..finding }
    }

    pub fn is_job(&self) -> bool {
        self.service.deploy.mode.ends_with("-job")
    }

    pub fn is_global(&self) -> bool {
        self.service.deploy.mode.starts_with("global")
    }

    /// Returns how many tasks there are; `None` where that depends on the nodes.
    pub fn replicas(&self) -> Option<u64> {
        (!self.is_global()).then(|| self.service.deploy.replicas.map_or(1, |it| it.value))
    }

    /// Returns whether nodes of Windows may run it, where other values are right.
    pub fn may_run_on_windows(&self) -> bool {
        let asks = |it: &Constraint| {
            let os = it.key.eq_ignore_ascii_case("node.platform.os");
            os && it.equal && it.value.eq_ignore_ascii_case("windows")
        };
        let constraints = self.constraints();
        let image = self.service.image.to_ascii_lowercase();
        let named = ["windows", "nanoserver", "servercore"].iter().any(|it| image.contains(it));
        let nodes = self.scene.cluster.map(|it| it.nodes_for(&constraints)).unwrap_or_default();
        let there = nodes.iter().any(|it| it.platform.starts_with("windows"));
        named || there || constraints.iter().any(asks)
    }

    pub fn mounts(&self) -> &'a [At<Mount>] {
        self.service.volumes.as_deref().unwrap_or_default()
    }

    /// Returns the constraints that the engine can read.
    pub fn constraints(&self) -> Vec<Constraint> {
        let texts = self.service.deploy.constraints.iter();
        texts.filter_map(|it| Constraint::parse(it).ok()).collect()
    }

    fn is_sound(&self) -> bool {
        let broken = |it: &&Node| self.scene.is_broken(it.place);
        !self.nodes.iter().any(broken)
    }
}

/// Returns where services and objects with errors stand: they may mean anything.
pub fn broken(loaded: &Loaded) -> Stretches {
    let errors = loaded.findings.iter().filter(|it| it.severity() == Severity::Error);
    let errors: Stretches = errors.map(|it| it.place).collect();
    let services = loaded.roots.iter().filter_map(|it| it.get("services")).flat_map(Node::entries);
    let services = services.map(|it| Place { end: edit::last_byte(&it.value), ..it.value.place });
    let sections = ["networks", "volumes", "secrets", "configs"];
    let sections = loaded.roots.iter().flat_map(|it| sections.map(|name| it.get(name)));
    let objects = sections.flatten().flat_map(Node::entries);
    // What is said of an object stands at its key.
    let objects = objects.map(|it| Place { end: edit::last_byte(&it.value), ..it.key.place });
    services.chain(objects).filter(|span| errors.overlap(*span)).collect()
}
