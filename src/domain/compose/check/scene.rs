//! What checks look at: the stack, the texts it came from, and perhaps a cluster.

use crate::domain::{
    compose::{
        Files, Loaded, Source,
        check::ClusterFacts,
        edit,
        finding::{Finding, Fix, Severity},
        model::{Mount, Service, Stack},
        place::{At, Place},
        yaml::{Entry, Node},
    },
    constraint::Constraint,
    names::StackName,
};

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
    /// Services that cannot be read as they were meant.
    broken: Vec<Place>,
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
        Self {
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
            nodes: self.roots.iter().filter_map(|it| it.get("services")?.get(key)).collect(),
        };
        self.stack.services.iter().map(subject).filter(Subject::is_sound)
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

    /// Returns the engine's name for an object.
    pub fn scoped(&self, given: &str, key: &str) -> String {
        if given.is_empty() { format!("{}_{key}", self.name) } else { given.to_owned() }
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

    pub fn mounts(&self) -> &'a [At<Mount>] {
        self.service.volumes.as_deref().unwrap_or_default()
    }

    /// Returns the constraints that the engine can read.
    pub fn constraints(&self) -> Vec<Constraint> {
        let texts = self.service.deploy.constraints.iter();
        texts.filter_map(|it| Constraint::parse(it).ok()).collect()
    }

    fn is_sound(&self) -> bool {
        let broken = |it: &&Node| self.scene.broken.iter().any(|span| span.overlaps(it.place));
        !self.nodes.iter().any(broken)
    }
}

/// Returns where services with errors stand: they may mean anything.
pub fn broken(loaded: &Loaded) -> Vec<Place> {
    let errors = loaded.findings.iter().filter(|it| it.severity() == Severity::Error);
    let errors: Vec<Place> = errors.map(|it| it.place).collect();
    let sections = loaded.roots.iter().filter_map(|it| it.get("services"));
    let services = sections.flat_map(Node::entries);
    let spans = services.map(|it| Place { end: edit::last_byte(&it.value), ..it.value.place });
    spans.filter(|span| errors.iter().any(|it| span.overlaps(*it))).collect()
}
