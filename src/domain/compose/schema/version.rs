//! Schema versions: the versions of the file format.

use crate::domain::compose::{
    codes,
    finding::{Finding, Findings},
    place::Place,
    yaml::{Value, YamlNode, go},
};
use std::fmt;

/// The minor of a version 3 file, 0 to 13.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct FileVersion(pub u8);

impl FileVersion {
    /// What a file without a version is, and one with `version: "3"`.
    pub const NEWEST: Self = Self(13);

    /// Reads a version as files give it; `None` for one that Swarm does not take.
    pub fn parse(text: &str) -> Option<Self> {
        if matches!(text, "" | "3") {
            return Some(Self::NEWEST);
        }
        let minor = text.strip_prefix("3.")?;
        let version = Self(minor.parse().ok()?);
        (version <= Self::NEWEST && minor == version.0.to_string()).then_some(version)
    }
}

impl fmt::Display for FileVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "3.{}", self.0)
    }
}

/// Reads the version of a file; findings say what is wrong with it.
pub fn of(root: &YamlNode, findings: &mut Findings) -> Option<FileVersion> {
    let Some(entry) = root.entry("version") else { return Some(FileVersion::NEWEST) };
    let node = &entry.value;
    let text = go::print(&node.value).unwrap_or_else(|| "<nil>".to_owned());
    let Some(version) = FileVersion::parse(&text) else {
        let place = if node.is_null() { entry.key.place } else { node.place };
        findings.push(unsupported(place, &text));
        return None;
    };
    if !matches!(node.value, Value::Text(_)) {
        let finding = Finding::new(&codes::SCHEMA, node.place, "version must be a string");
        findings.push(finding.hint("put it in quotes").fix(node.place, format!("\"{text}\"")));
    }
    Some(version)
}

fn unsupported(place: Place, text: &str) -> Finding {
    let message = format!("unsupported Compose file version: {text}");
    let hint = "Swarm takes 3.0 to 3.13; leave the version out for the newest";
    Finding::new(&codes::VERSION, place, message).hint(hint)
}
