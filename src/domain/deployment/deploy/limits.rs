//! Time limits of a service in a deployment: window, grace and deadline.

use crate::domain::{swarm::objects::ServiceSpec, text::duration};
use serde_json::Value;
use std::time::Duration;

/// The patience with one service. All times count from what they wait for, so
/// an engine that is away for a while does not shorten them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DeployLimits {
    /// How long all its tasks must run before they count as healthy.
    pub window: Duration,
    /// How long tasks may wait for a node.
    pub grace: Duration,
    /// How long it may take from the write until all tasks run.
    pub deadline: Duration,
}

/// Limits that somebody asks for, whatever services say of themselves.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Given {
    pub window: Option<Duration>,
    pub grace: Option<Duration>,
    pub deadline: Option<Duration>,
}

/// What crashes at once ran for a moment: docker waits as long by itself.
pub const SETTLES: Duration = Duration::from_secs(5);
/// The window of a service of which no health check says more.
const WINDOW: Duration = Duration::from_secs(10);
const GRACE: Duration = Duration::from_secs(30);
const DEADLINE: Duration = Duration::from_secs(600);

impl Default for DeployLimits {
    fn default() -> Self {
        Self { window: WINDOW, grace: GRACE, deadline: DEADLINE }
    }
}

const SECOND: u64 = 1_000_000_000;

impl DeployLimits {
    /// Reads the limits of a spec.
    ///
    /// The labels `skep.window`, `skep.grace` and `skep.deadline` of the service
    /// set them (`90s`, `5m`). Else the window is the longest of 10 s, the
    /// monitor of its updates and its [`horizon`]; tasks may wait 30 s for a node;
    /// and an update may take 10 min longer than its own pace asks for. An error
    /// names the label that is not a duration.
    pub fn of(spec: &Value) -> Result<Self, String> {
        let job = ServiceSpec(spec).is_job();
        let monitor = ServiceSpec(spec).update_config().monitor().unwrap_or_default();
        let window = WINDOW.max(monitor).max(horizon(spec).unwrap_or_default());
        Ok(Self {
            window: label(spec, "skep.window")?.unwrap_or(if job { SETTLES } else { window }),
            grace: label(spec, "skep.grace")?.unwrap_or(GRACE),
            deadline: label(spec, "skep.deadline")?.unwrap_or_else(|| DEADLINE + pace(spec)),
        })
    }

    /// Returns these limits with those that are given in their place.
    #[must_use]
    pub fn with(self, given: Given) -> Self {
        Self {
            window: given.window.unwrap_or(self.window),
            grace: given.grace.unwrap_or(self.grace),
            deadline: given.deadline.unwrap_or(self.deadline),
        }
    }
}

/// Returns how long a health check takes to find a task sick that was well:
/// start period, then every retry one interval apart, and the last one runs into
/// its timeout. `None` where the spec has no check; that of an image is not known
/// here. What is not set counts as docker does: 30 s, 3 retries, no start period.
pub fn horizon(spec: &Value) -> Option<Duration> {
    const USUAL: Duration = Duration::from_secs(30);
    let check = ServiceSpec(spec).template().container().healthcheck();
    if !check.is_on() {
        return None;
    }
    let retries = u32::try_from(check.retries().unwrap_or(3)).unwrap_or(u32::MAX);
    let probing = check.interval().unwrap_or(USUAL).saturating_mul(retries);
    let start = check.start_period().unwrap_or_default();
    Some(start.saturating_add(probing).saturating_add(check.timeout().unwrap_or(USUAL)))
}

/// Returns how long an update takes at its own pace: rounds of so many tasks, each
/// with its delay and with the time until a task is healthy.
fn pace(spec: &Value) -> Duration {
    let (config, replicas) = (ServiceSpec(spec).update_config(), ServiceSpec(spec).replicas());
    let at_once = match config.parallelism() {
        Some(0) => replicas.max(1),
        given => given.unwrap_or(1),
    };
    let rounds = u32::try_from(replicas.div_ceil(at_once)).unwrap_or(u32::MAX);
    let each = config.delay().unwrap_or_default() + horizon(spec).unwrap_or_default();
    each.saturating_mul(rounds).min(Duration::from_nanos(86_400 * SECOND))
}

fn label(spec: &Value, name: &str) -> Result<Option<Duration>, String> {
    let spec = ServiceSpec(spec);
    let Some(text) = spec.labels().get(name) else { return Ok(None) };
    let length = duration::parse(text).and_then(|it| u64::try_from(it).ok());
    let length = length.ok_or_else(|| {
        let service = spec.name().unwrap_or("?");
        format!("service {service}: label {name}: `{text}` is not a duration, write 90s or 5m")
    })?;
    Ok(Some(Duration::from_nanos(length)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn check(spec: &Value, [window, grace, deadline]: [u64; 3]) {
        let limits = DeployLimits::of(spec).unwrap();
        let seconds = [limits.window, limits.grace, limits.deadline].map(|it| it.as_secs());
        assert_eq!(seconds, [window, grace, deadline], "{spec}");
    }

    fn checked(check: &Value) -> Value {
        json!({ "TaskTemplate": { "ContainerSpec": { "Healthcheck": check } } })
    }

    #[test]
    fn the_window_is_as_long_as_a_health_check_needs_to_find_a_task_sick() {
        check(&json!({}), [10, 30, 600]);
        check(&checked(&json!({ "Test": ["NONE"] })), [10, 30, 600]);
        check(&checked(&json!({ "Test": ["CMD", "x"] })), [120, 30, 720]);
        let quick = json!({ "Test": ["CMD", "x"], "Interval": 5 * SECOND, "Timeout": 2 * SECOND,
            "Retries": 4, "StartPeriod": 20 * SECOND });
        check(&checked(&quick), [42, 30, 642]);
        check(&json!({ "UpdateConfig": { "Monitor": 60 * SECOND } }), [60, 30, 600]);
    }

    #[test]
    fn a_slow_update_has_the_time_it_asks_for() {
        let slow = json!({ "Mode": { "Replicated": { "Replicas": 20 } },
            "UpdateConfig": { "Parallelism": 2, "Delay": 60 * SECOND } });
        check(&slow, [10, 30, 1200]);
    }

    #[test]
    fn jobs_complete_and_need_no_window() {
        check(&json!({ "Mode": { "ReplicatedJob": {} } }), [5, 30, 600]);
    }

    #[test]
    fn labels_have_the_last_word() {
        let labels = json!({ "skep.window": "90s", "skep.grace": "2m", "skep.deadline": "1h" });
        check(&json!({ "Labels": labels }), [90, 120, 3600]);
        let wrong = json!({ "Name": "shop_web", "Labels": { "skep.window": "soon" } });
        let why = "service shop_web: label skep.window: `soon` is not a duration, write 90s or 5m";
        assert_eq!(DeployLimits::of(&wrong).unwrap_err(), why);
    }

    #[test]
    fn what_is_given_goes_before_what_a_service_says() {
        let limits = DeployLimits::of(&json!({ "Labels": { "skep.window": "90s" } })).unwrap();
        let window = Some(Duration::from_secs(2));
        let given = limits.with(Given { window, ..Given::default() });
        assert_eq!(given, DeployLimits { window: Duration::from_secs(2), ..limits });
    }
}
