//! The input of checks: the stack, its files, and optionally a cluster.

use crate::domain::{
    compose::{
        check::facts::ClusterFacts,
        codes::Severity,
        edit,
        finding::Fix,
        load::Loaded,
        model::Stack,
        place::Place,
        source::{ComposeFile, Files},
        stretches::Stretches,
        yaml::YamlNode,
    },
    swarm::names::StackName,
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
    roots: &'a [YamlNode],
    /// What the files say of each service, from left to right.
    services: HashMap<&'a str, Vec<&'a YamlNode>>,
    /// What services use, by section.
    used: Used<'a>,
    /// Services and objects that cannot be read as they were meant.
    broken: Stretches,
}

impl<'a> Scene<'a> {
    pub fn new(
        loaded: &'a Loaded,
        stack: &'a Stack,
        sources: &'a [ComposeFile],
        name: &'a StackName,
        files: &'a dyn Files,
        cluster: Option<&'a ClusterFacts>,
    ) -> Self {
        let texts = sources.iter().map(|it| str::from_utf8(&it.bytes).unwrap_or_default());
        let mut services: HashMap<&str, Vec<&YamlNode>> = HashMap::new();
        let sections = loaded.roots.iter().filter_map(|it| it.get("services"));
        for entry in sections.flat_map(YamlNode::entries) {
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

    /// Returns what the files say of a service, from left to right.
    pub fn nodes_of(&self, key: &str) -> &[&'a YamlNode] {
        self.services.get(key).map(Vec::as_slice).unwrap_or_default()
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
    pub fn object(&self, section: &str, key: &str) -> Option<&'a YamlNode> {
        self.roots.iter().rev().find_map(|it| it.get(section)?.get(key))
    }

    /// Returns where the key of a path stands, as the last file has it that has one.
    pub fn key_place(&self, path: &[&str]) -> Option<Place> {
        let (key, parents) = path.split_last()?;
        let at =
            |root: &'a YamlNode| parents.iter().try_fold(root, |it, key| it.get(key))?.entry(key);
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

/// Returns where services and objects with errors stand: they may mean anything.
pub fn broken(loaded: &Loaded) -> Stretches {
    let errors = loaded.findings.iter().filter(|it| it.severity() == Severity::Error);
    let errors: Stretches = errors.map(|it| it.place).collect();
    let services =
        loaded.roots.iter().filter_map(|it| it.get("services")).flat_map(YamlNode::entries);
    let services = services.map(|it| Place { end: edit::last_byte(&it.value), ..it.value.place });
    let sections = ["networks", "volumes", "secrets", "configs"];
    let sections = loaded.roots.iter().flat_map(|it| sections.map(|name| it.get(name)));
    let objects = sections.flatten().flat_map(YamlNode::entries);
    // What is said of an object stands at its key.
    let objects = objects.map(|it| Place { end: edit::last_byte(&it.value), ..it.key.place });
    services.chain(objects).filter(|span| errors.overlap(*span)).collect()
}
