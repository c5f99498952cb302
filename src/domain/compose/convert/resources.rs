//! Conversion of resources and restart policies.

use crate::domain::compose::{
    codes,
    convert::body::Body,
    finding::{Finding, Findings},
    model::{ComposeService, Deploy, RestartPolicy, Text},
    place::Place,
    quantity,
};
use serde_json::{Value, json};

pub fn resources(deploy: &Deploy, findings: &mut Findings) -> Value {
    let mut body = Body::default();
    if let Some(limits) = &deploy.limits {
        let mut own = Body::default();
        own.put("NanoCPUs", cpus(&limits.cpus, findings));
        own.put("MemoryBytes", limits.memory.value);
        own.put("Pids", limits.pids.value);
        body.set("Limits", own);
    }
    if let Some(reservations) = &deploy.reservations {
        let generic = reservations.generic_resources.iter();
        let generic: Vec<Value> = generic
            .map(|it| {
                let mut body = Body::default();
                body.put("Kind", it.kind.as_str());
                body.put("Value", it.value.value);
                json!({ "DiscreteResourceSpec": Value::from(body) })
            })
            .collect();
        let mut own = Body::default();
        own.put("NanoCPUs", cpus(&reservations.cpus, findings));
        own.put("MemoryBytes", reservations.memory.value);
        own.put("GenericResources", generic);
        body.set("Reservations", own);
    }
    body.into()
}

fn cpus(text: &Text, findings: &mut Findings) -> i64 {
    if text.is_empty() {
        return 0;
    }
    quantity::nano_cpus(text).unwrap_or_else(|why| {
        findings.say(&codes::VALUE, text.place, format!("cpus: {why}"));
        0
    })
}

/// Returns the policy of `deploy`, or what the older `restart` stands for.
pub fn restart_policy(service: &ComposeService, findings: &mut Findings) -> Option<Value> {
    if let Some(policy) = &service.deploy.restart_policy {
        return Some(explicit(policy));
    }
    let (condition, attempts) = match parse(&service.restart) {
        Ok(it) => it,
        Err(why) => {
            findings.say(&codes::VALUE, service.restart.place, why);
            return None;
        }
    };
    match condition {
        "no" => {
            findings.push(no_restart(service.restart.place));
            None
        }
        "always" | "unless-stopped" => Some(json!({ "Condition": "any" })),
        "on-failure" => Some(json!({ "Condition": "on-failure", "MaxAttempts": attempts })),
        _ => None,
    }
}

/// Splits `on-failure:3` and checks both parts.
fn parse(restart: &str) -> Result<(&str, u64), String> {
    let invalid = |why: &str| Err(format!("invalid restart policy format: {why}"));
    let (condition, attempts) = match restart.split_once(':') {
        Some(("", _)) => return invalid("no policy provided before colon"),
        Some((condition, "")) => (condition, 0),
        Some((condition, attempts)) => match attempts.parse::<i64>() {
            // Docker takes the sign for a digit more: a negative count is a huge one.
            Ok(attempts) => (condition, attempts.cast_unsigned()),
            Err(_) => return invalid("maximum retry count must be an integer"),
        },
        None => (restart, 0),
    };
    match condition {
        "" | "no" | "always" | "unless-stopped" | "on-failure" => Ok((condition, attempts)),
        _ => Err(format!("unknown restart policy: {restart}")),
    }
}

fn no_restart(place: Place) -> Finding {
    let message = "`restart: no` has no effect: Swarm restarts tasks anyway";
    let hint = "write `deploy: { restart_policy: { condition: none } }`";
    Finding::new(&codes::RESTART_NO, place, message).hint(hint)
}

fn explicit(policy: &RestartPolicy) -> Value {
    let mut body = Body::default();
    body.put("Condition", policy.condition.as_str());
    body.give("Delay", policy.delay.map(|it| it.value));
    body.give("MaxAttempts", policy.max_attempts.map(|it| it.value));
    body.give("Window", policy.window.map(|it| it.value));
    body.into()
}
