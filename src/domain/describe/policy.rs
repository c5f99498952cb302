//! Update and restart policies on pages.

use crate::domain::describe::{lens::Lens, page::Section, read};
use serde_json::Value;

/// `UpdateConfig` or `RollbackConfig`.
pub fn update(title: &str, config: &Value) -> Section {
    let parallelism = match config["Parallelism"].as_u64() {
        Some(0) => Some("all tasks at once".to_owned()),
        Some(tasks) => Some(format!("{tasks} at once")),
        None => read::text(&config["Parallelism"]),
    };
    Section::new(title)
        .row("tasks", parallelism)
        .row("order", read::text(&config["Order"]))
        .row("delay", read::span(&config["Delay"]))
        .row("on failure", read::text(&config["FailureAction"]))
        .row("watched for", read::span(&config["Monitor"]))
        .row("failures allowed", share(&config["MaxFailureRatio"]))
}

/// `RestartPolicy`.
pub fn restart(policy: &Value) -> Section {
    let attempts = match policy["MaxAttempts"].as_u64() {
        Some(0) => Some("without end".to_owned()),
        Some(attempts) => Some(format!("{attempts} at most")),
        None => read::text(&policy["MaxAttempts"]),
    };
    let condition = match policy["Condition"].as_str() {
        Some("any") => Some("whenever it ends".to_owned()),
        Some("on-failure") => Some("when it fails".to_owned()),
        Some("none") => Some("never".to_owned()),
        _ => read::text(&policy["Condition"]),
    };
    Section::new("Restart")
        .row("restarts", condition)
        .row("after", read::span(&policy["Delay"]))
        .row("attempts", attempts)
        .row("counted within", read::span(&policy["Window"]).filter(|it| it != "0s"))
}

/// `Healthcheck`.
pub fn health(check: &Value, lens: &Lens<'_>) -> Section {
    let test = check["Test"].as_array().and_then(|it| it.first()).and_then(Value::as_str);
    let title = "Health check";
    let section = match test {
        Some("NONE") => return Section::new(title).row("test", "switched off".to_owned()),
        Some("CMD-SHELL") => {
            Section::new(title).row("test", read::masked("", &check["Test"][1], lens))
        }
        _ => Section::new(title).row("test", read::command(&check["Test"], lens)),
    };
    section
        .row("every", read::span(&check["Interval"]).filter(|it| it != "0s"))
        .row("timeout", read::span(&check["Timeout"]).filter(|it| it != "0s"))
        .row("retries", read::count(&check["Retries"]))
        .row("grace at start", read::span(&check["StartPeriod"]).filter(|it| it != "0s"))
        .row("every, at start", read::span(&check["StartInterval"]).filter(|it| it != "0s"))
}

/// A share of 1 in percent.
fn share(value: &Value) -> Option<String> {
    match value.as_f64() {
        Some(share) if (0.0..=1.0).contains(&share) => Some(format!("{}%", share * 100.0)),
        _ => read::text(value),
    }
}
