//! Scalars with their tags.

use crate::domain::compose::{
    codes,
    finding::{Finding, Findings},
    place::Place,
    yaml::{node::Value, scalar},
};
use base64::{Engine, engine::general_purpose::STANDARD};
use granit_parser::{ScalarStyle, Tag};
use std::sync::Arc;

/// Reads a scalar: by its tag, by its looks where it is plain, or as a text.
/// Tags that docker does not know say nothing but that it is a text.
pub fn scalar(
    text: &str,
    style: ScalarStyle,
    tag: Option<&Tag>,
    place: Place,
    findings: &mut Findings,
) -> Result<Value, Box<Finding>> {
    let tag = tag.map(|it| it.suffix_in_namespace("tag:yaml.org,2002:").unwrap_or_default());
    let value = match tag.as_deref() {
        None if style == ScalarStyle::Plain => scalar::resolve(text),
        Some("int" | "float" | "bool" | "null" | "timestamp") => scalar::resolve(text),
        Some("binary") => Value::Text(decoded(text, place)?),
        _ => Value::Text(text.into()),
    };
    if let Some(tag) = tag.filter(|tag| !fits(tag, &value)) {
        let message = format!("cannot decode `{text}` as a !!{tag}");
        return Err(Box::new(Finding::new(&codes::YAML, place, message)));
    }
    match &value {
        Value::Float(it) if !it.is_finite() => {
            findings.say(&codes::NOT_A_NUMBER, place, format!("`{text}` cannot be deployed"));
        }
        Value::Time(printed) => {
            let message = format!("the date {text} is deployed as `{printed}`");
            let finding = Finding::new(&codes::DATE, place, message).hint("put it in quotes");
            findings.push(finding.fix(place, format!("\"{text}\"")));
        }
        _ => {}
    }
    Ok(value)
}

fn decoded(text: &str, place: Place) -> Result<Arc<str>, Box<Finding>> {
    let packed: String = text.chars().filter(|it| !matches!(it, '\n' | '\r')).collect();
    let bytes = STANDARD.decode(packed);
    let text = bytes.ok().and_then(|it| String::from_utf8(it).ok());
    text.map(Into::into).ok_or_else(|| {
        let message = "!!binary value contains invalid base64 data or no UTF-8";
        Box::new(Finding::new(&codes::YAML, place, message))
    })
}

/// Tells whether a value is what its tag says.
fn fits(tag: &str, value: &Value) -> bool {
    match tag {
        "int" => matches!(value, Value::Int(_)),
        "float" => matches!(value, Value::Int(_) | Value::Float(_)),
        "bool" => matches!(value, Value::Bool(_)),
        "null" => matches!(value, Value::Null),
        "timestamp" => matches!(value, Value::Time(_)),
        _ => true,
    }
}
