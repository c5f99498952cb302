//! What tasks may use, and when they are restarted.

use crate::domain::compose::{
    codes,
    convert::body::Body,
    finding::{Finding, Findings},
    model::{Deploy, RestartPolicy, Service, Text},
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
pub fn restart_policy(service: &Service, findings: &mut Findings) -> Option<Value> {
    if let Some(policy) = &service.deploy.restart_policy {
        return Some(explicit(policy));
    }
    let restart = &service.restart;
    let (condition, attempts) = match restart.split_once(':') {
        Some((condition, attempts)) => (condition, Some(attempts)),
        None => (restart.as_str(), None),
    };
    let attempts = match attempts.map(str::parse::<i64>) {
        None | Some(Ok(0)) => 0,
        Some(Ok(attempts)) => attempts,
        Some(Err(_)) => {
            let message = "restart: maximum retry count must be an integer";
            findings.say(&codes::VALUE, restart.place, message);
            return None;
        }
    };
    match condition {
        "" => None,
        "no" => {
            let message = "`restart: no` has no effect: Swarm restarts tasks whatever happens";
            let hint = "write `deploy: { restart_policy: { condition: none } }`";
            findings.push(Finding::new(&codes::RESTART_NO, restart.place, message).hint(hint));
            None
        }
        "always" | "unless-stopped" => Some(json!({ "Condition": "any" })),
        "on-failure" => Some(json!({ "Condition": "on-failure", "MaxAttempts": attempts })),
        _ => {
            let message = format!("unknown restart policy: {}", restart.value);
            findings.say(&codes::VALUE, restart.place, message);
            None
        }
    }
}

fn explicit(policy: &RestartPolicy) -> Value {
    let mut body = Body::default();
    body.put("Condition", policy.condition.as_str());
    body.give("Delay", policy.delay.map(|it| it.value));
    body.give("MaxAttempts", policy.max_attempts.map(|it| it.value));
    body.give("Window", policy.window.map(|it| it.value));
    body.into()
}
