//! The pages of secrets and configs.

use crate::domain::{
    describe::{
        lens::Lens,
        page::{ObjectPage, Section},
        read,
    },
    swarm::{
        names::STACK_LABEL,
        objects::fields::{PayloadFields, PayloadSpecFields},
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
    let object = PayloadFields::from(raw);
    let PayloadSpecFields { name, labels, data, driver, driver_options, templating, .. } =
        object.spec;
    ObjectPage::new([
        Section::new(title)
            .row("name", read::text(name))
            .row("stack", read::text(&labels[STACK_LABEL]))
            .row("size", data.as_str().map(|it| size::bytes(decoded_length(it))))
            .row("driver", read::text(driver))
            .row("template", read::text(templating))
            .row("created", read::moment(object.created, lens))
            .row("updated", read::moment(object.updated, lens))
            .muted("version", read::text(object.version))
            .muted("id", read::text(object.id)),
        Section::new("Labels").members(labels, lens),
        Section::new("Driver options").members(driver_options, lens),
        Section::new("Not known to skep")
            .others(object.others(), lens)
            .others(object.spec.others(), lens),
    ])
}

/// How many bytes a base64 text stands for.
fn decoded_length(base64: &str) -> u64 {
    let digits = base64.trim_end_matches('=').len() as u64;
    digits * 3 / 4
}
