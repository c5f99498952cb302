//! Parsed task templates of services.

use crate::{
    domain::swarm::{
        cluster::{Resources, SpecDigest},
        objects::{Healthcheck, RestartPolicy, ServiceSpec},
    },
    engine::fake::swarm::{constraint::Constraint, node::NodeRecord},
};
use serde_json::{Map, Value};
use std::{sync::Arc, time::Duration};

/// A task template with the endpoint spec that belongs to it. Services whose
/// templates are the same share one.
#[derive(Debug, Clone)]
pub struct TaskTemplate {
    /// `TaskTemplate` as it is stored.
    pub raw: Value,
    pub image: Arc<str>,
    pub container_spec: SpecDigest,
    pub reserved: Resources,
    pub constraints: Vec<Constraint>,
    /// 0 where there is no limit.
    pub max_per_node: u64,
    pub host_ports: Vec<(u64, String)>,
    pub restart: Restart,
    pub health: Option<Health>,
    /// What must be equal for tasks to be kept, apart from the placement.
    core: Value,
    placement: Value,
}

#[derive(Debug, Clone)]
pub struct Restart {
    /// The engine's word: `any`, `on-failure`, `none`.
    pub condition: String,
    pub delay: Duration,
    /// 0 where there is no limit.
    pub attempts: u64,
    pub window: Duration,
}

#[derive(Debug, Clone, Copy)]
pub struct Health {
    pub interval: Duration,
    pub retries: u32,
    pub start_period: Duration,
}

impl TaskTemplate {
    /// Reads the template of a spec that passed the checks.
    pub fn read(spec: &Value) -> Self {
        let spec = ServiceSpec(spec);
        let template = spec.template();
        let placement = canonical("Placement", template.placement()).unwrap_or(Value::Null);
        let mut core = canonical("TaskTemplate", template.0).unwrap_or(Value::Null);
        if let Some(core) = core.as_object_mut() {
            core.remove("Placement");
            core.insert(
                "EndpointSpec".to_owned(),
                canonical("EndpointSpec", spec.endpoint()).unwrap_or(Value::Null),
            );
        }
        Self {
            image: spec.image().unwrap_or_default().into(),
            container_spec: SpecDigest::of(&template.container().0.to_string()),
            reserved: template.reserved(),
            constraints: template
                .constraints()
                .filter_map(|it| Constraint::parse(it).ok())
                .collect(),
            max_per_node: template.max_replicas_per_node().unwrap_or(0),
            host_ports: host_ports(spec),
            restart: restart(template.restart_policy()),
            health: health(template.container().healthcheck()),
            raw: template.0.clone(),
            core,
            placement,
        }
    }

    /// Returns whether every task may stay as it is under the `new` template.
    pub fn same(&self, new: &Self) -> bool {
        self.core == new.core && self.placement == new.placement
    }

    /// Returns whether a task of this template on `node` must be replaced under
    /// the `new` one: a change of the placement alone spares tasks whose node
    /// satisfies it.
    pub fn is_dirty(&self, new: &Self, node: Option<&NodeRecord>) -> bool {
        if self.core != new.core {
            return true;
        }
        self.placement != new.placement
            && !node.is_some_and(|node| new.constraints.iter().all(|it| it.admits(node)))
    }
}

/// Returns the value in the form in which the engine compares it: scalars at
/// zero, empty texts, lists and maps of texts are as good as absent, while the
/// presence of a message counts. Plans have their own idea of it, on purpose:
/// where the two differ, tests on this swarm find out.
fn canonical(key: &str, value: &Value) -> Option<Value> {
    const MAPS: &[&str] = &["Labels", "Sysctls", "Options", "DriverOpts", "Annotations"];
    const POINTERS: &[&str] = &["Init", "Delay", "Window", "StopGracePeriod"];
    // What the engine fills in, or does not keep.
    const DEFAULTS: &[(&str, &str)] =
        &[("Runtime", "container"), ("Isolation", "default"), ("Mode", "vip")];
    if DEFAULTS.iter().any(|it| it.0 == key && value == it.1) {
        return None;
    }
    let pointer = POINTERS.contains(&key);
    match value {
        Value::Null => None,
        Value::Bool(false) if !pointer => None,
        Value::Number(number) if !pointer && number.as_f64() == Some(0.0) => None,
        Value::String(text) if text.is_empty() => None,
        Value::Array(items) if items.is_empty() => None,
        Value::Array(items) => {
            Some(items.iter().map(|it| canonical("", it).unwrap_or(Value::Null)).collect())
        }
        Value::Object(fields) if fields.is_empty() && MAPS.contains(&key) => None,
        Value::Object(fields) => Some(Value::Object(fields_of(key, fields))),
        other => Some(other.clone()),
    }
}

fn fields_of(key: &str, fields: &Map<String, Value>) -> Map<String, Value> {
    let kept = |(name, value): (&String, &Value)| {
        // An empty text is a value in a map of texts.
        if key == "Labels" {
            return Some((name.clone(), value.clone()));
        }
        canonical(name, value).map(|value| (name.clone(), value))
    };
    let mut fields: Vec<_> = fields.iter().filter_map(kept).collect();
    fields.sort_by(|a, b| a.0.cmp(&b.0));
    fields.into_iter().collect()
}

fn host_ports(spec: ServiceSpec<'_>) -> Vec<(u64, String)> {
    let ports = spec.ports().filter(|it| it.is_host());
    ports.filter_map(|it| Some((it.published()?, it.protocol().to_owned()))).collect()
}

fn restart(policy: RestartPolicy<'_>) -> Restart {
    Restart {
        condition: policy.condition().unwrap_or("any").to_owned(),
        delay: policy.delay().unwrap_or(Duration::from_secs(5)),
        attempts: policy.max_attempts().unwrap_or(0),
        window: policy.window().unwrap_or_default(),
    }
}

fn health(check: Healthcheck<'_>) -> Option<Health> {
    check.is_on().then(|| Health {
        interval: check.interval().unwrap_or(Duration::from_secs(30)),
        retries: u32::try_from(check.retries().unwrap_or(3)).unwrap_or(u32::MAX),
        start_period: check.start_period().unwrap_or_default(),
    })
}
