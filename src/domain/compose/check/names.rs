//! Checks of object names, which only the engine validates.

use crate::domain::compose::{
    check::{scene::Scene, subject::Subject},
    codes,
    finding::{Finding, Findings},
    place::Place,
};

/// Characters of a name at most.
const LABEL: usize = 63;
const OBJECT: usize = 64;

/// Looks at the name of a service.
pub fn service(subject: &Subject<'_>, findings: &mut Findings) {
    let name = subject.scene.scoped("", subject.key);
    findings.extend(label(&name).map(|why| refused(subject.service.place, &name, &why)));
}

/// Looks at the names of networks, secrets and configs.
pub fn objects(scene: &Scene<'_>, findings: &mut Findings) {
    for (key, network) in scene.stack.networks.iter().filter(|it| !it.1.external) {
        let name = scene.scoped(&network.name, key);
        let place = if network.name.is_empty() { network.place } else { network.name.place };
        findings.extend(label(&name).map(|why| refused(place, &name, &why)));
    }
    let files = scene.stack.secrets.iter().chain(&scene.stack.configs);
    for (key, object) in files.filter(|it| !it.1.external) {
        let name = scene.scoped(&object.name, key);
        let place = if object.name.is_empty() { object.place } else { object.name.place };
        findings.extend(file(&name).map(|why| refused(place, &name, &why)));
    }
}

fn refused(place: Place, name: &str, why: &str) -> Finding {
    Finding::new(&codes::ENGINE_NAME, place, format!("the engine refuses the name {name}: {why}"))
}

/// Says what is wrong with the name of a service or a network.
fn label(name: &str) -> Option<String> {
    why(name, LABEL, "-_")
}

/// Says what is wrong with the name of a secret or a config.
fn file(name: &str) -> Option<String> {
    why(name, OBJECT, "-_.")
}

fn why(name: &str, most: usize, signs: &str) -> Option<String> {
    let plain = |it: char| it.is_ascii_alphanumeric();
    if let Some(odd) = name.chars().find(|it| !plain(*it) && !signs.contains(*it)) {
        return Some(format!("it has a `{odd}`"));
    }
    if !name.starts_with(plain) || !name.ends_with(plain) {
        return Some("it must start and end with a letter or digit".to_owned());
    }
    let length = name.len();
    (length > most).then(|| format!("it has {length} characters, {most} at most"))
}
