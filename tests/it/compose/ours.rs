//! The same through skep.

use serde_json::Value;
use skep::domain::{
    compose::{self, ComposeFile, Files, Finding, Ids, Loaded, Severity, Surroundings},
    swarm::names::StackName,
};
use std::{collections::BTreeMap, fs, io, path::Path};

/// What comes of deploying.
#[derive(Debug, PartialEq)]
pub enum Outcome {
    /// Bodies by kind and name.
    Sent(BTreeMap<String, Value>),
    /// What was said about it.
    Refused(Vec<String>),
}

pub struct Disk;

impl Files for Disk {
    fn read(&self, path: &Path) -> io::Result<Vec<u8>> {
        fs::read(path)
    }

    fn exists(&self, path: &Path) -> bool {
        path.exists()
    }
}

/// Loads files, or a text where there are none.
pub fn load(
    folder: &Path,
    files: &[String],
    text: &str,
    environment: &BTreeMap<String, String>,
) -> Loaded {
    let mut texts: Vec<Vec<u8>> =
        files.iter().map(|it| fs::read(folder.join(it)).unwrap()).collect();
    if texts.is_empty() {
        texts.push(text.as_bytes().to_vec());
    }
    load_bytes(folder, texts, environment)
}

/// Loads texts, called by their numbers.
pub fn load_bytes(
    folder: &Path,
    texts: Vec<Vec<u8>>,
    environment: &BTreeMap<String, String>,
) -> Loaded {
    let sources = texts.into_iter().enumerate();
    let sources =
        sources.map(|(index, bytes)| ComposeFile { name: index.to_string().into(), bytes });
    let sources: Vec<ComposeFile> = sources.collect();
    let folder = folder.to_str().unwrap();
    compose::load(&sources, &Surroundings { environment, working_dir: folder, files: &Disk })
}

pub fn deploy(
    folder: &Path,
    files: &[String],
    text: &str,
    environment: &BTreeMap<String, String>,
) -> Outcome {
    let loaded = load(folder, files, text, environment);
    let Some(stack) = loaded.stack else { return refused(&loaded.findings) };
    let name: StackName = "stack".parse().unwrap();
    let (desired, findings) = compose::convert(&stack, &name, &Disk);
    let Some(mut desired) = desired else { return refused(&findings) };
    let ids = Ids { secrets: ids("secrets", &desired), configs: ids("configs", &desired) };
    compose::bind(&mut desired, &ids).unwrap();
    let mut bodies = BTreeMap::new();
    bodies
        .extend(desired.networks.into_iter().map(|it| (format!("networks {}", it.name), it.body)));
    bodies
        .extend(desired.secrets.into_iter().map(|it| (format!("secrets {}", it.name), it.body.0)));
    bodies
        .extend(desired.configs.into_iter().map(|it| (format!("configs {}", it.name), it.body.0)));
    bodies
        .extend(desired.services.into_iter().map(|it| (format!("services {}", it.name), it.spec)));
    Outcome::Sent(bodies)
}

fn refused(findings: &[Finding]) -> Outcome {
    let errors = findings.iter().filter(|it| it.severity() == Severity::Error);
    Outcome::Refused(
        errors.map(|it| format!("{}:{}: {}", it.place.line, it.place.column, it.message)).collect(),
    )
}

/// The ids that the recording engine gives.
fn ids(kind: &str, desired: &compose::Desired) -> BTreeMap<String, String> {
    let (list, name) =
        if kind == "secrets" { ("Secrets", "SecretName") } else { ("Configs", "ConfigName") };
    let containers = desired.services.iter().map(|it| &it.spec["TaskTemplate"]["ContainerSpec"]);
    let references = containers.filter_map(|it| it[list].as_array()).flatten();
    references
        .map(|it| it[name].as_str().unwrap())
        .map(|name| (name.to_owned(), format!("{kind}-{name}")))
        .collect()
}
