//! Completion of names: objects of the file first, then those of the cluster.

use crate::domain::compose::assist::{
    complete::{candidate::Candidate, scene::Scene},
    form::Form,
    outline::{CursorContext, PathStep},
};
use std::collections::{BTreeMap, BTreeSet};

/// Returns the names that a place may refer to.
pub fn of(scene: &Scene<'_>, entry: Option<usize>, path: &str, is_item: bool) -> Vec<Candidate> {
    let known = scene.known;
    let names = match (path, is_item) {
        ("services.*.networks", true) => scene.objects("networks", &known.networks),
        ("services.*.secrets", true) | ("services.*.secrets.source", _) => {
            scene.objects("secrets", &known.secrets)
        }
        ("services.*.configs", true)
        | ("services.*.configs.source" | "services.*.credential_spec.config", _) => {
            scene.objects("configs", &known.configs)
        }
        ("services.*.volumes.source", _) => scene.objects("volumes", &known.volumes),
        ("services.*.volumes", true) => {
            let volumes = scene.objects("volumes", &known.volumes).into_iter();
            volumes.map(|it| Candidate { text: it.text + ":", goes_on: true, ..it }).collect()
        }
        ("services.*.depends_on", true) => {
            let own = scene.service(entry);
            let others = scene.objects("services", &[]).into_iter();
            others.filter(|it| own.as_ref() != Some(&it.label)).collect()
        }
        ("services.*.image", _) => images(scene, entry),
        ("networks.*.name" | "networks.*.external.name", _) => live(&known.networks),
        ("secrets.*.name" | "secrets.*.external.name", _) => live(&known.secrets),
        ("configs.*.name" | "configs.*.external.name", _) => live(&known.configs),
        ("volumes.*.name" | "volumes.*.external.name", _) => live(&known.volumes),
        _ => Vec::new(),
    };
    let taken = scene.siblings(entry);
    names.into_iter().filter(|it| !taken.contains(it.label.as_str())).collect()
}

/// Returns names for the keys of a mapping whose keys the file chooses: networks of a
/// service, or objects that services use and nobody declares.
pub fn keys(scene: &Scene<'_>, parent: Option<usize>, path: &str) -> Vec<Candidate> {
    let candidates = match path {
        "services.*.networks" => scene.objects("networks", &scene.known.networks),
        "networks" | "volumes" | "secrets" | "configs" => undeclared(scene, path),
        _ => Vec::new(),
    };
    let there = scene.there(parent);
    let colon = if scene.has_colon() { "" } else { ":" };
    let candidates = candidates.into_iter().filter(|it| !there.contains(&it.label));
    candidates.map(|it| Candidate { text: it.text + colon, ..it }).collect()
}

/// Returns what can be repeated by its anchor: what stands above.
pub fn anchors(scene: &Scene<'_>) -> Vec<Candidate> {
    let mut all = BTreeMap::new();
    for entry in &scene.before.entries {
        let front = &scene.before.text[entry.key.end..entry.value.start.max(entry.key.end)];
        let anchor = front.split_whitespace().find_map(|it| it.strip_prefix('&'));
        if let Some(anchor) = anchor.filter(|it| !it.is_empty()) {
            all.insert(format!("*{anchor}"), format!("in line {}", entry.line + 1));
        }
    }
    let anchor = |(text, detail): (String, String)| Candidate {
        is_key: true,
        ..Candidate::of(&text, detail)
    };
    all.into_iter().map(anchor).collect()
}

/// Returns what services use of a kind, and which of them first.
fn undeclared(scene: &Scene<'_>, section: &str) -> Vec<Candidate> {
    let outline = &scene.whole;
    let Some(services) = outline.child(None, "services") else { return Vec::new() };
    let mut used: BTreeMap<String, String> = BTreeMap::new();
    for (service, entry) in outline.children(Some(services)) {
        let Some(list) = outline.child(Some(service), section) else { continue };
        for (index, item) in outline.children(Some(list)) {
            let name = match (&item.step, outline.child(Some(index), "source")) {
                (_, Some(source)) => outline.value(source),
                (PathStep::Key(key), None) => key,
                (PathStep::Item(_), None) => outline.value(index),
            };
            let name = if section == "volumes" { name.split(':').next() } else { Some(name) };
            let name = name.filter(|it| !it.is_empty() && !it.contains(['/', '.', '~', '$', ' ']));
            if let Some(name) = name {
                used.entry(name.to_owned()).or_insert_with(|| entry.step.word());
            }
        }
    }
    used.into_iter().map(|(name, by)| Candidate::of(&name, format!("used by {by}"))).collect()
}

/// Returns images of the cluster, then those of the file's other services.
fn images(scene: &Scene<'_>, entry: Option<usize>) -> Vec<Candidate> {
    let images = scene.known.images.iter();
    let mut all: Vec<Candidate> = images.map(|it| Candidate::of(it, "in the cluster")).collect();
    for (index, other) in scene.whole.entries.iter().enumerate() {
        if Some(index) == entry || !other.step.is("image") {
            continue;
        }
        let is_image =
            Form::of(&scene.whole, Some(index)).is_some_and(|it| it.path == "services.*.image");
        let image = scene.whole.value(index);
        if is_image && !image.is_empty() && !all.iter().any(|it| it.label == image) {
            all.push(Candidate::of(image, format!("in line {}", other.line + 1)));
        }
    }
    all
}

fn live(names: &[String]) -> Vec<Candidate> {
    names.iter().map(|it| Candidate::of(it, "in the cluster")).collect()
}

impl Scene<'_> {
    /// Returns what a section at the top declares, then what the cluster has beside it.
    fn objects(&self, section: &str, known: &[String]) -> Vec<Candidate> {
        let top = self.whole.child(None, section);
        let declared = self.whole.children(top).filter(|_| top.is_some());
        let declared: Vec<_> = declared
            .map(|(_, it)| (it.step.word(), format!("declared in line {}", it.line + 1)))
            .collect();
        let more = known.iter().filter(|it| !declared.iter().any(|other| other.0 == **it));
        let more = more.map(|it| Candidate::of(it, "in the cluster; declare it as external"));
        let declared = declared.iter().map(|it| Candidate::of(&it.0, it.1.as_str()));
        declared.chain(more).collect()
    }

    /// Returns the values of a list beside the one at the cursor; `entry` is an item, or
    /// the list where there is none yet.
    fn siblings(&self, entry: Option<usize>) -> BTreeSet<&str> {
        let Some(index) = entry else { return BTreeSet::new() };
        let typed = &self.before.entries[index];
        let list = match typed.step {
            PathStep::Item(_) => typed.parent,
            PathStep::Key(_) if self.before.end.spot == CursorContext::Value(index) => {
                return BTreeSet::new();
            }
            PathStep::Key(_) => entry,
        };
        let word = self.before.end.word;
        let items = self.whole.children(list).filter(|(_, it)| it.value.start != word);
        items.map(|it| self.whole.value(it.0)).filter(|it| !it.is_empty()).collect()
    }

    /// Returns the name of the service that an entry is in.
    fn service(&self, entry: Option<usize>) -> Option<String> {
        self.before.path(entry).into_iter().nth(1)
    }
}
