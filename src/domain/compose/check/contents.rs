//! Checks of secrets and configs: content, names and file modes.

use crate::domain::compose::{
    check::{mounts::is_closed, scene::Scene, subject::Subject},
    codes, edit,
    finding::{Finding, Findings},
    model::FileObject,
    paths,
    yaml::Value,
};
use std::{collections::BTreeSet, path::Path};

/// What the engine takes at most, in bytes.
const SECRET_SIZE: usize = 512_000;
const CONFIG_SIZE: usize = 1_024_000;

/// Finds permissions in decimal digits.
pub fn modes(subject: &Subject<'_>, findings: &mut Findings) {
    let references = subject.items("secrets").chain(subject.items("configs"));
    for mode in references.filter_map(|it| it.get("mode")) {
        let Value::Int(value) = mode.value else { continue };
        let raw = subject.scene.text(mode.place);
        let digits = value.to_string();
        let octal = digits.len() == 3 && digits.bytes().all(|it| matches!(it, b'0'..=b'7'));
        if !octal || !(raw == digits || raw.contains('$')) {
            continue;
        }
        let message =
            format!("{digits} is read as a decimal number: the permissions are 0{value:o}");
        let finding = Finding::new(&codes::DECIMAL_MODE, mode.place, message);
        findings.push(subject.replaced(finding, mode.place, &format!("0{digits}")));
    }
}

/// Folders that images have (Filesystem Hierarchy Standard).
const FOLDERS: &[&str] = &[
    "/",
    "/bin",
    "/boot",
    "/dev",
    "/etc",
    "/home",
    "/lib",
    "/lib64",
    "/media",
    "/mnt",
    "/opt",
    "/proc",
    "/root",
    "/run",
    "/sbin",
    "/srv",
    "/sys",
    "/tmp",
    "/usr",
    "/usr/bin",
    "/usr/lib",
    "/usr/local",
    "/usr/sbin",
    "/usr/share",
    "/var",
    "/var/lib",
    "/var/log",
    "/var/run",
    "/etc/ssl",
    "/etc/ssl/certs",
    "/usr/local/bin",
    "/usr/local/etc",
    "/usr/share/nginx/html",
    "/etc/nginx",
    "/etc/nginx/conf.d",
    "/docker-entrypoint-initdb.d",
];

/// Finds files that are handed out at the place of a folder.
pub fn over_folders(subject: &Subject<'_>, findings: &mut Findings) {
    let secrets = subject.items("secrets").map(|it| (it, "/run/secrets/"));
    for (reference, folder) in secrets.chain(subject.items("configs").map(|it| (it, "/"))) {
        let Some(target) = reference.get("target") else { continue };
        let Some(text) = target.text().filter(|it| !it.is_empty()) else { continue };
        let full = if text.starts_with('/') { text.to_owned() } else { format!("{folder}{text}") };
        let clean = paths::clean(&full);
        if is_closed(&clean) || clean == "/dev/null" {
            let message = format!("nothing can be mounted at `{clean}`");
            findings.say(&codes::MOUNT_TARGET, target.place, message);
        } else if FOLDERS.contains(&clean.as_str()) {
            let message = format!("`{clean}` is a folder in nearly every image");
            let finding = Finding::new(&codes::TARGET_FOLDER, target.place, message);
            let slash = if clean == "/" { "" } else { "/" };
            findings.push(finding.hint(format!("name the file in it: {clean}{slash}NAME")));
        }
    }
}

/// Finds templates that no engine can fill in.
pub fn templates(scene: &Scene<'_>, findings: &mut Findings) {
    for (kind, key, object) in objects(scene) {
        let driver = &object.template_driver;
        if !matches!(driver.as_str(), "" | "golang") {
            let message =
                format!("{kind} {key}: the engine knows no templates of {}", driver.value);
            let finding = Finding::new(&codes::UNKNOWN_WORD, driver.place, message);
            findings.push(finding.hint("write `golang`"));
        }
    }
}

/// Looks for the drivers of secrets.
pub fn drivers(scene: &Scene<'_>, findings: &mut Findings) {
    let Some(facts) = scene.cluster else { return };
    let own = scene.stack.secrets.iter().filter(|it| !it.1.external);
    for (key, object) in own.filter(|it| !scene.is_broken(it.1.place)) {
        let driver = object.driver.as_str();
        let tagged = format!("{driver}:latest");
        let mut plugins = facts.nodes.iter().filter(|it| it.manager.is_some());
        let known = plugins.any(|it| {
            let mut own = it.plugins.iter().filter(|it| it.kind == SECRETS);
            own.any(|it| it.name == driver || it.name == tagged)
        });
        if !driver.is_empty() && !known {
            let message = format!("secret {key}: no manager has the secret driver {driver}");
            findings.say(&codes::SECRET_DRIVER, object.driver.place, message);
        }
    }
}

/// What engines call the kind of plugin that keeps secrets.
const SECRETS: &str = "secretprovider";

/// Finds contents that no deployment can change.
pub fn fixed(scene: &Scene<'_>, findings: &mut Findings) {
    let services = scene.stack.services.values();
    let credentials: BTreeSet<&str> =
        services.map(|it| it.credential_spec.config.as_str()).collect();
    for (kind, key, object) in objects(scene) {
        if object.name.is_empty() {
            let message = format!("{kind} {key}: its content can never change under this name");
            let finding = Finding::new(&codes::FIXED_CONTENT, object.place, message);
            let name = format!("{key}-1");
            let hint = format!("write `name: {name}`, and count it up with every change");
            let sections = if kind == "secret" { "secrets" } else { "configs" };
            let node = scene.object(sections, key);
            // Docker finds the config of a credential_spec by its key only.
            let by_key = kind == "config" && credentials.contains(key.as_str());
            let fix = node
                .filter(|_| !by_key)
                .and_then(|it| edit::insert(scene.file(it.place), it, &format!("name: {name}")));
            findings.push(Finding { fix, ..finding.hint(hint) });
        }
    }
}

/// Looks at what files hold.
pub fn sizes(scene: &Scene<'_>, findings: &mut Findings) {
    for (kind, key, object) in objects(scene) {
        let Ok(content) = scene.files.read_content(Path::new(object.file.as_str())) else {
            continue;
        };
        let most = if kind == "secret" { SECRET_SIZE } else { CONFIG_SIZE };
        let place = if object.file.place.line == 0 { object.place } else { object.file.place };
        if content.is_empty() {
            findings.say(&codes::EMPTY_CONTENT, place, format!("{kind} {key}: the file is empty"));
        } else if content.len() >= most {
            let size = content.len();
            let message =
                format!("{kind} {key}: it has {size} bytes, but must have fewer than {most}");
            findings.say(&codes::CONTENT_SIZE, place, message);
        } else if kind == "secret" && ends_a_single_line(&content) {
            let message = format!("{kind} {key}: it ends with a newline, which is part of it");
            findings.say(&codes::TRAILING_NEWLINE, place, message);
        }
    }
}

/// A password; what has more lines is a document, as a key or a certificate.
fn ends_a_single_line(content: &[u8]) -> bool {
    content.len() > 1 && content.iter().position(|it| *it == b'\n') == Some(content.len() - 1)
}

/// Returns the secrets and configs that are made of files.
fn objects<'a>(
    scene: &'a Scene<'a>,
) -> impl Iterator<Item = (&'static str, &'a String, &'a FileObject)> {
    let secrets = scene.stack.secrets.iter().map(|(key, it)| ("secret", key, it));
    let configs = scene.stack.configs.iter().map(|(key, it)| ("config", key, it));
    let own = secrets.chain(configs).filter(|it| !it.2.external && it.2.driver.is_empty());
    own.filter(|it| !scene.is_broken(it.2.place))
}
