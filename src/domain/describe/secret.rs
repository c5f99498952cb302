//! The pages of secrets and configs.

use crate::domain::{
    describe::{
        lens::Lens,
        page::{ObjectPage, Section},
        read,
    },
    text::size,
};
use serde_json::Value;

/// Describes a secret (`GET /secrets/{id}`); its value never leaves the engine.
pub fn secret(raw: &Value, lens: &Lens<'_>) -> ObjectPage {
    page("Secret", raw, lens)
}

/// Describes a config (`GET /configs/{id}`), except what it holds.
pub fn config(raw: &Value, lens: &Lens<'_>) -> ObjectPage {
    page("Config", raw, lens)
}

fn page(title: &str, raw: &Value, lens: &Lens<'_>) -> ObjectPage {
    let spec = &raw["Spec"];
    ObjectPage::new([
        Section::new(title)
            .row("name", read::text(&spec["Name"]))
            .row("stack", read::text(&spec["Labels"]["com.docker.stack.namespace"]))
            .row("size", spec["Data"].as_str().map(|it| size::bytes(decoded_length(it))))
            .row("driver", read::text(&spec["Driver"]["Name"]))
            .row("template", read::text(&spec["Templating"]["Name"]))
            .row("created", read::moment(&raw["CreatedAt"], lens))
            .row("updated", read::moment(&raw["UpdatedAt"], lens))
            .muted("version", read::text(&raw["Version"]["Index"]))
            .muted("id", read::text(&raw["ID"])),
        Section::new("Labels").members(&spec["Labels"], lens),
        Section::new("Driver options").members(&spec["Driver"]["Options"], lens),
        Section::new("Not known to skep")
            .others(raw, &["ID", "Version", "CreatedAt", "UpdatedAt", "Spec"], lens)
            .others(spec, &["Name", "Labels", "Data", "Driver", "Templating"], lens),
    ])
}

/// How many bytes a base64 text stands for.
fn decoded_length(base64: &str) -> u64 {
    let digits = base64.trim_end_matches('=').len() as u64;
    digits * 3 / 4
}
