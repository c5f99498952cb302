//! The `deploy` of a service.

use crate::domain::compose::{
    codes,
    decode::field::{
        self, items, labels, nanoseconds, number, part, signed, text, texts, unsigned,
    },
    finding::{Finding, Findings},
    model::{Deploy, GenericResource, Reservations, ResourceLimits, RestartPolicy, UpdateConfig},
    place::At,
    quantity,
    yaml::{Value, YamlNode},
};

pub fn deploy(node: &YamlNode, findings: &mut Findings) -> Deploy {
    let nothing = YamlNode { value: Value::Null, place: node.place };
    let resources = node.get("resources").unwrap_or(&nothing);
    let placement = node.get("placement").unwrap_or(&nothing);
    let preferences = items(placement, "preferences", |it| Some(text(it, "spread").value));
    Deploy {
        mode: text(node, "mode"),
        endpoint_mode: text(node, "endpoint_mode"),
        replicas: unsigned(node, "replicas", findings),
        labels: labels(node, "labels"),
        update_config: part(node, "update_config", |it| update_config(it, findings)),
        rollback_config: part(node, "rollback_config", |it| update_config(it, findings)),
        limits: part(resources, "limits", |it| ResourceLimits {
            cpus: text(it, "cpus"),
            memory: memory(it, findings),
            pids: signed(it, "pids", findings).unwrap_or_default(),
        }),
        reservations: part(resources, "reservations", |it| Reservations {
            cpus: text(it, "cpus"),
            memory: memory(it, findings),
            generic_resources: items(it, "generic_resources", |it| generic(it, findings))
                .unwrap_or_default(),
        }),
        restart_policy: part(node, "restart_policy", |it| RestartPolicy {
            condition: text(it, "condition"),
            delay: nanoseconds(it, "delay"),
            max_attempts: unsigned(it, "max_attempts", findings),
            window: nanoseconds(it, "window"),
        }),
        constraints: texts(placement, "constraints"),
        preferences: preferences.unwrap_or_default(),
        max_replicas_per_node: unsigned(placement, "max_replicas_per_node", findings)
            .unwrap_or_default(),
    }
}

fn update_config(node: &YamlNode, findings: &mut Findings) -> UpdateConfig {
    #[expect(clippy::cast_possible_truncation, reason = "the engine has 32 bits for it")]
    let ratio = number(node, "max_failure_ratio").map(|it| At::new(it.value as f32, it.place));
    UpdateConfig {
        parallelism: unsigned(node, "parallelism", findings),
        delay: nanoseconds(node, "delay").unwrap_or_default(),
        failure_action: text(node, "failure_action"),
        monitor: nanoseconds(node, "monitor").unwrap_or_default(),
        max_failure_ratio: ratio.unwrap_or_default(),
        order: text(node, "order"),
    }
}

fn memory(node: &YamlNode, findings: &mut Findings) -> At<i64> {
    let Some(text) = node.get("memory").and_then(field::plain) else { return At::default() };
    match quantity::bytes(&text) {
        Ok(bytes) => At::new(bytes, text.place),
        Err(why) => {
            findings.push(Finding::new(&codes::VALUE, text.place, format!("memory: {why}")));
            At::default()
        }
    }
}

fn generic(node: &YamlNode, findings: &mut Findings) -> Option<GenericResource> {
    let Some(spec) = node.get("discrete_resource_spec") else {
        let message =
            "generic_resources has an empty item, which makes engines drop the connection";
        findings.say(&codes::EMPTY_ITEM, node.place, message);
        return None;
    };
    let value = signed(spec, "value", findings).unwrap_or_default();
    Some(GenericResource { kind: text(spec, "kind").value, value: value.value })
}
