//! Decoding of mounts.

use crate::domain::compose::{
    codes,
    decode::field::{flag, signed, text},
    finding::{Finding, Findings},
    model::{Mount, VolumeOptions},
    place::Place,
    yaml::YamlNode,
};

/// Reads an item of `volumes`, short or long.
pub fn mount(node: &YamlNode, findings: &mut Findings) -> Option<Mount> {
    if let Some(spec) = node.text() {
        return short(spec, node.place, findings);
    }
    node.is_map().then(|| Mount {
        kind: text(node, "type").value,
        source: text(node, "source").value,
        target: text(node, "target").value,
        read_only: flag(node, "read_only"),
        consistency: text(node, "consistency").value,
        bind: node.get("bind").map(|it| text(it, "propagation").value),
        volume: node.get("volume").map(|it| VolumeOptions {
            nocopy: flag(it, "nocopy"),
            subpath: text(it, "subpath").value,
        }),
        tmpfs: node.get("tmpfs").map(|it| signed(it, "size", findings).unwrap_or_default().value),
    })
}

/// Reads `[source:]target[:options]`.
fn short(spec: &str, place: Place, findings: &mut Findings) -> Option<Mount> {
    if matches!(spec.len(), 1 | 2) {
        return Some(Mount {
            kind: "volume".to_owned(),
            target: spec.to_owned(),
            ..Mount::default()
        });
    }
    let (source, target, options) = match sections(spec) {
        Ok(it) => it,
        Err(why) => {
            findings.say(&codes::VALUE, place, why);
            return None;
        }
    };
    let kind = if is_path(&source) { "bind" } else { "volume" };
    let mut mount = Mount { kind: kind.to_owned(), source, target, ..Mount::default() };
    let options: Vec<&str> = options.iter().flat_map(|it| it.split(',')).collect();
    for (index, option) in options.iter().enumerate() {
        let position = Position { first: index == 0, alone: options.len() == 1 };
        apply(option, position, &mut mount, place, findings);
    }
    warn_of_drive(spec, place, findings);
    Some(mount)
}

/// Where an option stands among others.
#[derive(Clone, Copy)]
struct Position {
    first: bool,
    alone: bool,
}

fn apply(
    option: &str,
    position: Position,
    mount: &mut Mount,
    place: Place,
    findings: &mut Findings,
) {
    match option {
        "ro" => mount.read_only = true,
        "rw" => mount.read_only = false,
        "nocopy" => mount.volume = Some(VolumeOptions { nocopy: true, ..VolumeOptions::default() }),
        "rprivate" | "private" | "rshared" | "shared" | "rslave" | "slave" => {
            mount.bind = Some(option.to_owned());
        }
        _ => {
            let message = format!("the volume option `{option}` is ignored");
            let finding = Finding::new(&codes::MOUNT_OPTION, place, message);
            let Position { first, alone } = position;
            let front = if first { ':' } else { ',' };
            findings.push(match option.is_empty() {
                true => finding,
                false if alone || !first => finding.instead(format!("{front}{option}"), ""),
                false => finding.instead(format!("{option},"), ""),
            });
        }
    }
}

type Sections = (String, String, Option<String>);

/// Splits at colons; a letter and a colon at the start of a section are the
/// drive of a Windows path.
fn sections(spec: &str) -> Result<Sections, String> {
    if spec.is_empty() {
        return Err("invalid empty volume spec".to_owned());
    }
    let mut all = vec![String::new()];
    for c in spec.chars() {
        match all.last_mut() {
            Some(section) if c != ':' || is_letter(section) => section.push(c),
            _ => all.push(String::new()),
        }
    }
    if all.iter().any(String::is_empty) {
        return Err(format!("invalid spec: {spec}: empty section between colons"));
    }
    let mut all = all.into_iter();
    let first = all.next().unwrap_or_default();
    let Some(target) = all.next() else { return Ok((String::new(), first, None)) };
    let options = all.next();
    match all.next() {
        Some(_) => Err(format!("invalid spec: {spec}: too many colons")),
        None => Ok((first, target, options)),
    }
}

fn is_letter(section: &str) -> bool {
    let mut chars = section.chars();
    chars.next().is_some_and(char::is_alphabetic) && chars.next().is_none()
}

/// Tells a path of the host from the name of a volume.
fn is_path(source: &str) -> bool {
    let mut chars = source.chars();
    let drive = chars.next().is_some_and(char::is_alphabetic) && chars.next() == Some(':');
    source.starts_with(['.', '/', '~']) || source.starts_with(r"\\") || drive
}

fn warn_of_drive(spec: &str, place: Place, findings: &mut Findings) {
    let Some((source, rest)) = spec.split_once(':') else { return };
    if is_letter(source) && rest.starts_with('/') {
        let message = format!("`{source}:` is taken for a Windows drive, not for a volume");
        let hint = "use the long form, or a name of two letters or more";
        findings.push(Finding::new(&codes::DRIVE_LETTER, place, message).hint(hint));
    }
}
