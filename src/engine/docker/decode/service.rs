//! `GET /services?status=true`.

use crate::{
    domain::swarm::{
        cluster::{Mode, Port, RestartRule, Seen, Service, SpecDigest, Update},
        names::{STACK_LABEL, StackName},
        stop::{self, STOPPED_LABEL},
    },
    engine::docker::decode::{Amounts, Moment, Text, Version},
};
use jiff::SignedDuration;
use serde::{Deserialize, Deserializer};
use serde_json::value::RawValue;
use std::sync::Arc;

/// Decodes one service.
pub fn service(text: &str) -> serde_json::Result<Option<Service>> {
    let wired: Wired<'_> = serde_json::from_str(text)?;
    Ok(value(wired))
}

fn value(wired: Wired<'_>) -> Option<Service> {
    let id = wired.id.as_str();
    if id.is_empty() {
        return None;
    }
    let spec = wired.spec.unwrap_or_default();
    let template = spec.task_template.unwrap_or_default();
    let counts = wired.service_status.unwrap_or_default();
    let named = spec.name.as_str();
    let (container, container_spec) = container(template.container_spec);
    let checked = container.as_ref().is_some_and(Container::is_checked);
    // The engine fills in the ports it chose, once it has chosen.
    let published = wired.endpoint.and_then(|it| it.ports).filter(|it| !it.is_empty());
    let endpoint = spec.endpoint.unwrap_or_default();
    let labels = spec.labels.unwrap_or_default();
    let mode = spec.mode.unwrap_or_default().value(counts.desired);
    let before = wired.previous_spec.and_then(|it| it.mode);
    let resources = template.resources.unwrap_or_default();
    let mut reserved = resources.reservations.unwrap_or_default();
    let placement = template.placement.unwrap_or_default();
    let (created, updated) = (wired.created_at.or_epoch(), wired.updated_at.or_epoch());
    let update = wired.update_status.and_then(UpdateStatus::value);
    // An update that replaces tasks says when it began, and any other change takes that
    // word away.
    let touched = if before.is_none() { created } else { updated };
    let changed = update.as_ref().and_then(|it| it.started).unwrap_or(touched);
    Some(Service {
        id: id.into(),
        name: if named.is_empty() { id } else { named }.into(),
        stack: StackName::observed(labels.stack.as_str()),
        version: wired.version.index,
        mode,
        image: image(container, template.plugin_spec),
        container_spec,
        running: counts.running,
        desired: counts.desired,
        completed: counts.completed,
        stopped: stopped(mode, labels.stopped.as_str()),
        changed,
        update,
        ports: ports(published, endpoint.ports),
        generic: reserved.kinds(),
        reserved: reserved.into(),
        restart: RestartRule { checked, ..template.restart_policy.unwrap_or_default().value() },
        max_per_node: Some(placement.max_replicas).filter(|it| *it > 0),
        constraints: placement.constraints(),
        memory_limit: resources.limits.map_or(0, |it| it.memory_bytes),
        networks: targets(template.networks.or(spec.networks)),
        virtual_ip: endpoint.mode.as_str() != "dnsrr",
        replicas_before: before.and_then(|it| it.replicated).map(|it| it.replicas.unwrap_or(1)),
        created,
        updated,
        seen: Seen::default(),
    })
}

fn ports(published: Option<Vec<PortConfig<'_>>>, wanted: Option<Vec<PortConfig<'_>>>) -> Vec<Port> {
    published.or(wanted).unwrap_or_default().into_iter().map(PortConfig::value).collect()
}

fn container(raw: Option<&RawValue>) -> (Option<Container<'_>>, SpecDigest) {
    let read = raw.and_then(|it| serde_json::from_str(it.get()).ok());
    (read, raw.map(|it| SpecDigest::of(it.get())).unwrap_or_default())
}

fn image(container: Option<Container<'_>>, plugin: Option<Plugin<'_>>) -> Arc<str> {
    match (container, plugin) {
        (Some(container), _) => container.image.shared(),
        (None, Some(plugin)) => plugin.remote.shared(),
        (None, None) => "".into(),
    }
}

fn stopped(mode: Mode, label: &str) -> Option<u64> {
    match mode {
        Mode::Replicated { replicas } => stop::kept(replicas, Some(label)),
        _ => None,
    }
}

fn targets(networks: Option<Vec<Attachment<'_>>>) -> Vec<String> {
    networks.into_iter().flatten().map(|it| it.target.owned()).collect()
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "PascalCase", default)]
struct Wired<'a> {
    #[serde(borrow, rename = "ID")]
    id: Text<'a>,
    version: Version,
    created_at: Moment,
    updated_at: Moment,
    #[serde(borrow)]
    spec: Option<Spec<'a>>,
    #[serde(borrow)]
    endpoint: Option<Endpoint<'a>>,
    previous_spec: Option<Previous>,
    #[serde(borrow)]
    update_status: Option<UpdateStatus<'a>>,
    service_status: Option<Counts>,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "PascalCase", default)]
struct Spec<'a> {
    #[serde(borrow)]
    name: Text<'a>,
    #[serde(borrow)]
    labels: Option<Labels<'a>>,
    #[serde(borrow)]
    task_template: Option<Template<'a>>,
    mode: Option<Modes>,
    #[serde(borrow)]
    #[serde(rename = "EndpointSpec")]
    endpoint: Option<Endpoint<'a>>,
    /// Where old specs have them.
    #[serde(borrow)]
    networks: Option<Vec<Attachment<'a>>>,
}

/// A network that tasks are attached to.
#[derive(Deserialize, Default)]
#[serde(rename_all = "PascalCase", default)]
struct Attachment<'a> {
    #[serde(borrow)]
    target: Text<'a>,
}

/// Of the spec before only what lists tell.
#[derive(Deserialize, Default)]
#[serde(rename_all = "PascalCase", default)]
struct Previous {
    mode: Option<Modes>,
}

/// Of all labels only those that lists need.
#[derive(Deserialize, Default)]
#[serde(default)]
struct Labels<'a> {
    #[serde(borrow, rename = "com.docker.stack.namespace")]
    stack: Text<'a>,
    #[serde(borrow, rename = "skep.stopped")]
    stopped: Text<'a>,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "PascalCase", default)]
struct Template<'a> {
    #[serde(borrow)]
    container_spec: Option<&'a RawValue>,
    #[serde(borrow)]
    plugin_spec: Option<Plugin<'a>>,
    resources: Option<Requirements>,
    #[serde(borrow)]
    restart_policy: Option<RestartPolicy<'a>>,
    #[serde(borrow)]
    networks: Option<Vec<Attachment<'a>>>,
    #[serde(borrow)]
    placement: Option<Placement<'a>>,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "PascalCase", default)]
struct Placement<'a> {
    #[serde(borrow)]
    constraints: Option<Vec<Text<'a>>>,
    /// 0 is not a limit.
    max_replicas: u64,
}

impl Placement<'_> {
    fn constraints(self) -> Vec<String> {
        self.constraints.into_iter().flatten().map(Text::owned).collect()
    }
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "PascalCase", default)]
struct RestartPolicy<'a> {
    #[serde(borrow)]
    condition: Text<'a>,
    delay: Option<i64>,
}

impl RestartPolicy<'_> {
    fn value(self) -> RestartRule {
        let otherwise = RestartRule::default();
        RestartRule {
            may_end: matches!(self.condition.as_str(), "none" | "on-failure"),
            never: self.condition.as_str() == "none",
            checked: false,
            delay: self.delay.map_or(otherwise.delay, SignedDuration::from_nanos),
        }
    }
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "PascalCase", default)]
struct Container<'a> {
    #[serde(borrow)]
    image: Text<'a>,
    #[serde(borrow)]
    healthcheck: Option<Check<'a>>,
}

impl Container<'_> {
    fn is_checked(&self) -> bool {
        let test = self.healthcheck.as_ref().and_then(|it| it.test.as_ref()?.first());
        test.is_some_and(|it| it.as_str() != "NONE")
    }
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "PascalCase", default)]
struct Check<'a> {
    #[serde(borrow)]
    test: Option<Vec<Text<'a>>>,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "PascalCase", default)]
struct Plugin<'a> {
    #[serde(borrow)]
    remote: Text<'a>,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "PascalCase", default)]
struct Requirements {
    reservations: Option<Amounts>,
    limits: Option<Limits>,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "PascalCase", default)]
struct Limits {
    memory_bytes: i64,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "PascalCase", default)]
struct Modes {
    replicated: Option<Replicated>,
    global: Option<Empty>,
    replicated_job: Option<ReplicatedJob>,
    global_job: Option<Empty>,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "PascalCase", default)]
struct Replicated {
    replicas: Option<u64>,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "PascalCase", default)]
struct ReplicatedJob {
    max_concurrent: Option<u64>,
    total_completions: Option<u64>,
}

#[derive(Deserialize, Default)]
struct Empty {}

impl Modes {
    /// What the engine leaves out is one, and as many at once as there are in
    /// all; a mode of the future counts as what should run.
    fn value(self, desired: u64) -> Mode {
        if let Some(Replicated { replicas }) = self.replicated {
            return Mode::Replicated { replicas: replicas.unwrap_or(1).min(MOST_TASKS) };
        }
        if let Some(job) = self.replicated_job {
            let at_once = job.max_concurrent.unwrap_or(1).min(MOST_TASKS);
            return Mode::ReplicatedJob {
                at_once,
                total: job.total_completions.unwrap_or(at_once).min(MOST_TASKS),
            };
        }
        match (self.global, self.global_job) {
            (Some(_), _) => Mode::Global,
            (None, Some(_)) => Mode::GlobalJob,
            (None, None) => Mode::Replicated { replicas: desired },
        }
    }
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "PascalCase", default)]
struct Endpoint<'a> {
    #[serde(borrow)]
    mode: Text<'a>,
    #[serde(borrow)]
    ports: Option<Vec<PortConfig<'a>>>,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "PascalCase", default)]
struct PortConfig<'a> {
    #[serde(borrow)]
    protocol: Text<'a>,
    target_port: u16,
    published_port: u16,
    #[serde(borrow)]
    publish_mode: Text<'a>,
}

impl PortConfig<'_> {
    fn value(self) -> Port {
        Port {
            published: self.published_port,
            target: self.target_port,
            host: self.publish_mode.as_str() == "host",
            protocol: self.protocol.owned(),
        }
    }
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "PascalCase", default)]
struct UpdateStatus<'a> {
    #[serde(borrow)]
    state: Text<'a>,
    started_at: Moment,
    completed_at: Moment,
    #[serde(borrow)]
    message: Text<'a>,
}

impl UpdateStatus<'_> {
    fn value(self) -> Option<Update> {
        (!self.state.as_str().is_empty()).then(|| Update {
            state: self.state.as_str().into(),
            message: self.message.owned(),
            started: self.started_at.0,
            completed: self.completed_at.0,
        })
    }
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Counts {
    #[serde(rename = "RunningTasks", deserialize_with = "tasks")]
    running: u64,
    #[serde(rename = "DesiredTasks", deserialize_with = "tasks")]
    desired: u64,
    #[serde(rename = "CompletedTasks", deserialize_with = "tasks")]
    completed: u64,
}

/// So many tasks no swarm has; sums of them fit into a number.
const MOST_TASKS: u64 = u32::MAX as u64;

/// Reads a number of tasks.
fn tasks<'de, D: Deserializer<'de>>(from: D) -> Result<u64, D::Error> {
    Ok(u64::deserialize(from)?.min(MOST_TASKS))
}

// The renames above are literals, as serde wants them.
const _: () = assert!(matches!(STACK_LABEL.as_bytes(), b"com.docker.stack.namespace"));
const _: () = assert!(matches!(STOPPED_LABEL.as_bytes(), b"skep.stopped"));
