//! Secrets and configs: what they hold, and how they are handed out.

use crate::domain::compose::{
    check::scene::{Scene, Subject},
    codes,
    finding::{Finding, Findings},
    model::FileObject,
    yaml::Value,
};
use std::path::Path;

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
        let message = format!("{digits} is decimal: the permissions are 0{value:o}");
        let finding = Finding::new(&codes::DECIMAL_MODE, mode.place, message);
        findings.push(subject.replaced(finding, mode.place, &format!("0{digits}")));
    }
}

/// Finds contents that no deployment can change.
pub fn fixed(scene: &Scene<'_>, findings: &mut Findings) {
    for (kind, key, object) in objects(scene) {
        if object.name.is_empty() {
            let message = format!("{kind} {key}: its content can never change under this name");
            let finding = Finding::new(&codes::FIXED_CONTENT, object.place, message);
            findings.push(finding.hint(format!("write `name: {key}-${{HASH}}`")));
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
            let message = format!("{kind} {key}: {size} bytes are not less than {most}");
            findings.say(&codes::CONTENT_SIZE, place, message);
        } else if kind == "secret" && ends_a_single_line(&content) {
            let message = format!("{kind} {key}: the line end at its end is part of it");
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
    scene: &Scene<'a>,
) -> impl Iterator<Item = (&'static str, &'a String, &'a FileObject)> {
    let secrets = scene.stack.secrets.iter().map(|(key, it)| ("secret", key, it));
    let configs = scene.stack.configs.iter().map(|(key, it)| ("config", key, it));
    secrets.chain(configs).filter(|it| !it.2.external && it.2.driver.is_empty())
}
