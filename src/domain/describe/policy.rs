//! Update and restart policies on pages.

use crate::domain::{
    describe::{lens::Lens, page::Section, read},
    swarm::objects::fields::{HealthFields, RestartFields, UpdateFields},
};
use serde_json::Value;

/// How tasks are replaced.
pub fn update(title: &str, config: &UpdateFields<'_>) -> Section {
    let parallelism = match config.parallelism.as_u64() {
        Some(0) => Some("all tasks at once".to_owned()),
        Some(tasks) => Some(format!("{tasks} at once")),
        None => read::text(config.parallelism),
    };
    Section::new(title)
        .row("tasks", parallelism)
        .row("order", read::text(config.order))
        .row("delay", read::span(config.delay))
        .row("on failure", read::text(config.failure_action))
        .row("watched for", read::span(config.monitor))
        .row("failures allowed", share(config.max_failure_ratio))
}

/// When ended tasks are started again.
pub fn restart(policy: &RestartFields<'_>) -> Section {
    let attempts = match policy.max_attempts.as_u64() {
        Some(0) => Some("without end".to_owned()),
        Some(attempts) => Some(format!("{attempts} at most")),
        None => read::text(policy.max_attempts),
    };
    let condition = match policy.condition.as_str() {
        Some("any") => Some("whenever it ends".to_owned()),
        Some("on-failure") => Some("when it fails".to_owned()),
        Some("none") => Some("never".to_owned()),
        _ => read::text(policy.condition),
    };
    Section::new("Restart")
        .row("restarts", condition)
        .row("after", read::span(policy.delay))
        .row("attempts", attempts)
        .row("counted within", read::span(policy.window).filter(|it| it != "0s"))
}

/// What looks after the container.
pub fn health(check: &HealthFields<'_>, lens: &Lens<'_>) -> Section {
    let test = check.test.as_array().and_then(|it| it.first()).and_then(Value::as_str);
    let title = "Health check";
    let section = match test {
        Some("NONE") => return Section::new(title).row("test", "switched off".to_owned()),
        Some("CMD-SHELL") => {
            Section::new(title).row("test", read::masked("", &check.test[1], lens))
        }
        _ => Section::new(title).row("test", read::command(check.test, lens)),
    };
    section
        .row("every", read::span(check.interval).filter(|it| it != "0s"))
        .row("timeout", read::span(check.timeout).filter(|it| it != "0s"))
        .row("retries", read::count(check.retries))
        .row("grace at start", read::span(check.start_period).filter(|it| it != "0s"))
        .row("every, at start", read::span(check.start_interval).filter(|it| it != "0s"))
}

/// A share of 1 in percent.
fn share(value: &Value) -> Option<String> {
    match value.as_f64() {
        Some(share) if (0.0..=1.0).contains(&share) => Some(format!("{}%", share * 100.0)),
        _ => read::text(value),
    }
}
