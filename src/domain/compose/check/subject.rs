//! The input of checks of one service.

use crate::domain::{
    compose::{
        check::scene::Scene,
        edit,
        finding::Finding,
        model::{ComposeService, Mount},
        place::{At, Place},
        yaml::{MapEntry, YamlNode},
    },
    swarm::constraint::Constraint,
};

/// Returns the services that were read without an error.
pub fn subjects<'a>(scene: &'a Scene<'a>) -> impl Iterator<Item = Subject<'a>> {
    let subject = |(key, service): (&'a String, &'a ComposeService)| Subject {
        scene,
        key,
        service,
        nodes: scene.nodes_of(key).to_vec(),
    };
    scene.stack.services.iter().map(subject).filter(Subject::is_sound)
}

/// One service, and where it comes from.
pub struct Subject<'a> {
    pub scene: &'a Scene<'a>,
    pub key: &'a str,
    pub service: &'a ComposeService,
    /// What the files say of it, from left to right.
    pub nodes: Vec<&'a YamlNode>,
}

impl<'a> Subject<'a> {
    /// Returns the value at a path, as the last file has it that has one.
    pub fn node(&self, path: &[&str]) -> Option<&'a YamlNode> {
        let at = |node: &'a YamlNode| path.iter().try_fold(node, |it, key| it.get(key));
        self.nodes.iter().rev().find_map(|it| at(it))
    }

    /// Returns the mapping and the entry at a path.
    pub fn entry(&self, path: &[&str]) -> Option<(&'a YamlNode, &'a MapEntry)> {
        let (key, parents) = path.split_last()?;
        let at = |node: &'a YamlNode| {
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
    pub fn items(&self, key: &str) -> impl Iterator<Item = &'a YamlNode> {
        self.nodes.iter().filter_map(move |it| it.get(key)).flat_map(YamlNode::items)
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
            let at =
                |node: &'a YamlNode| path[..depth].iter().try_fold(node, |it, key| it.get(key));
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
    pub fn without_item(&self, finding: Finding, list: &YamlNode, item: &YamlNode) -> Finding {
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

    /// Returns whether it was read without an error.
    pub fn is_sound(&self) -> bool {
        let broken = |it: &&YamlNode| self.scene.is_broken(it.place);
        !self.nodes.iter().any(broken)
    }
}
