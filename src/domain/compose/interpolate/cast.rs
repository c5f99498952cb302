//! Type casts: variables that become numbers or booleans.

use crate::domain::compose::yaml::Value;
use std::sync::Arc;

#[derive(Debug, Clone, Copy)]
enum Kind {
    Int,
    Float,
    Bool,
}

/// The places, as paths; `*` is any key, `[]` any item. What is not listed
/// (`init`, `pids`, `tmpfs.size`, …) stays a text.
const CASTS: &[(&str, Kind)] = &[
    ("services.*.configs.[].mode", Kind::Int),
    ("services.*.secrets.[].mode", Kind::Int),
    ("services.*.healthcheck.retries", Kind::Int),
    ("services.*.healthcheck.disable", Kind::Bool),
    ("services.*.deploy.replicas", Kind::Int),
    ("services.*.deploy.update_config.parallelism", Kind::Int),
    ("services.*.deploy.update_config.max_failure_ratio", Kind::Float),
    ("services.*.deploy.rollback_config.parallelism", Kind::Int),
    ("services.*.deploy.rollback_config.max_failure_ratio", Kind::Float),
    ("services.*.deploy.restart_policy.max_attempts", Kind::Int),
    ("services.*.deploy.placement.max_replicas_per_node", Kind::Int),
    ("services.*.ports.[].target", Kind::Int),
    ("services.*.ports.[].published", Kind::Int),
    ("services.*.ulimits.*", Kind::Int),
    ("services.*.ulimits.*.hard", Kind::Int),
    ("services.*.ulimits.*.soft", Kind::Int),
    ("services.*.privileged", Kind::Bool),
    ("services.*.oom_score_adj", Kind::Int),
    ("services.*.read_only", Kind::Bool),
    ("services.*.stdin_open", Kind::Bool),
    ("services.*.tty", Kind::Bool),
    ("services.*.volumes.[].read_only", Kind::Bool),
    ("services.*.volumes.[].volume.nocopy", Kind::Bool),
    ("networks.*.external", Kind::Bool),
    ("networks.*.internal", Kind::Bool),
    ("networks.*.attachable", Kind::Bool),
    ("volumes.*.external", Kind::Bool),
    ("secrets.*.external", Kind::Bool),
    ("configs.*.external", Kind::Bool),
];

/// Turns a text into what belongs at a path, or says why it cannot.
pub fn cast(path: &[Arc<str>], text: &str) -> Result<Value, String> {
    let kind = CASTS.iter().find(|(pattern, _)| matches(pattern, path)).map(|it| it.1);
    match kind {
        None => Ok(Value::Text(text.into())),
        Some(Kind::Int) => integer(text),
        Some(Kind::Float) => float(text),
        Some(Kind::Bool) => boolean(text),
    }
}

fn matches(pattern: &str, path: &[Arc<str>]) -> bool {
    pattern.split('.').count() == path.len()
        && pattern.split('.').zip(path).all(|(wanted, key)| wanted == "*" || wanted == &**key)
}

/// Reads decimal digits only: `0440` is four hundred and forty.
fn integer(text: &str) -> Result<Value, String> {
    let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
    if unsigned.is_empty() || !unsigned.bytes().all(|it| it.is_ascii_digit()) {
        return Err(format!("`{text}` is not a whole number"));
    }
    let value: i64 = text.parse().map_err(|_| format!("`{text}` is out of range"))?;
    Ok(Value::Int(value.into()))
}

fn float(text: &str) -> Result<Value, String> {
    let value = text.parse().ok().filter(|it: &f64| it.is_finite());
    value.map(Value::Float).ok_or_else(|| format!("`{text}` is not a number"))
}

fn boolean(text: &str) -> Result<Value, String> {
    match text.to_lowercase().as_str() {
        "true" | "y" | "yes" | "on" => Ok(Value::Bool(true)),
        "false" | "n" | "no" | "off" => Ok(Value::Bool(false)),
        _ => Err(format!("invalid boolean: {text}")),
    }
}
