//! The page of a service.

use crate::domain::{
    describe::{
        changed,
        lens::Lens,
        page::{FactTone, ObjectPage, Section},
        policy, read, tasks, template,
    },
    swarm::cluster::{RestartRule, Task},
    text::{count::plural, elide},
};
use jiff::SignedDuration;
use serde_json::Value;

/// Describes a service (`GET /services/{id}`) and its tasks.
pub fn service(raw: &Value, its_tasks: &[Task], lens: &Lens<'_>) -> ObjectPage {
    let spec = &raw["Spec"];
    let name = spec["Name"].as_str().unwrap_or_default();
    let mut sections = vec![
        summary(raw, lens),
        update(&raw["UpdateStatus"], lens),
        tasks::section(name, its_tasks, delay(spec), &spec["TaskTemplate"], lens),
    ];
    sections.extend(template::sections(&spec["TaskTemplate"], lens));
    sections.extend([
        networks(raw, lens),
        ports(raw),
        policy::update("Update", &spec["UpdateConfig"]),
        policy::update("Rollback", &spec["RollbackConfig"]),
        Section::new("Service labels").members(&spec["Labels"], lens),
        before(raw, lens),
        Section::new("Not known to skep").others(raw, KNOWN, lens).others(
            spec,
            KNOWN_IN_SPEC,
            lens,
        ),
    ]);
    ObjectPage::new(sections)
}

const KNOWN: &[&str] = &[
    "ID",
    "Version",
    "CreatedAt",
    "UpdatedAt",
    "Spec",
    "PreviousSpec",
    "Endpoint",
    "UpdateStatus",
    "ServiceStatus",
    "JobStatus",
];

const KNOWN_IN_SPEC: &[&str] = &[
    "Name",
    "Labels",
    "TaskTemplate",
    "Mode",
    "UpdateConfig",
    "RollbackConfig",
    "Networks",
    "EndpointSpec",
];

fn summary(raw: &Value, lens: &Lens<'_>) -> Section {
    let spec = &raw["Spec"];
    let image = spec["TaskTemplate"]["ContainerSpec"]["Image"].as_str().unwrap_or_default();
    let digest = image.split_once('@').map(|it| it.1.to_owned());
    Section::new("Service")
        .row("name", read::text(&spec["Name"]))
        .row("stack", read::text(&spec["Labels"]["com.docker.stack.namespace"]))
        .row("mode", mode(&spec["Mode"]))
        .row("image", elide::without_digest(image).to_owned())
        .muted("digest", digest)
        .row("last job", read::moment(&raw["JobStatus"]["LastExecution"], lens))
        .row("created", read::moment(&raw["CreatedAt"], lens))
        .row("updated", read::moment(&raw["UpdatedAt"], lens))
        .muted("forced updates", read::count(&spec["TaskTemplate"]["ForceUpdate"]))
        .muted("version", read::text(&raw["Version"]["Index"]))
        .muted("id", read::text(&raw["ID"]))
}

/// How long the engine waits before it starts a task again.
fn delay(spec: &Value) -> SignedDuration {
    let nanos = spec["TaskTemplate"]["RestartPolicy"]["Delay"].as_i64();
    nanos.map_or(RestartRule::default().delay, SignedDuration::from_nanos)
}

fn mode(mode: &Value) -> Option<String> {
    let (name, options) = mode.as_object().and_then(|it| it.iter().next())?;
    let number = |key: &str| options[key].as_u64();
    let says = match name.as_str() {
        "Replicated" => plural(number("Replicas").unwrap_or(1), "replica"),
        "Global" => "global: one task on every node that fits".to_owned(),
        "GlobalJob" => "global job: once on every node that fits".to_owned(),
        "ReplicatedJob" => format!(
            "job: {}, {} at once",
            plural(number("TotalCompletions").unwrap_or(1), "completion"),
            number("MaxConcurrent").unwrap_or(1),
        ),
        _ => return read::text(mode),
    };
    Some(says)
}

fn update(status: &Value, lens: &Lens<'_>) -> Section {
    let tone = match status["State"].as_str().unwrap_or_default() {
        "paused" | "rollback_paused" => FactTone::Danger,
        "rollback_started" | "rollback_completed" => FactTone::Warn,
        _ => FactTone::Normal,
    };
    Section::new("Last update")
        .toned("state", read::text(&status["State"]), tone)
        .toned("message", read::text(&status["Message"]), tone)
        .row("started", read::moment(&status["StartedAt"], lens))
        .row("completed", read::moment(&status["CompletedAt"], lens))
}

/// Networks stand in the task template, in old specs beside it.
fn networks(raw: &Value, lens: &Lens<'_>) -> Section {
    let spec = &raw["Spec"];
    let template = &spec["TaskTemplate"]["Networks"];
    let wanted = if template.is_array() { template } else { &spec["Networks"] };
    let mut section = Section::new("Networks");
    for network in wanted.as_array().into_iter().flatten() {
        let id = network["Target"].as_str().unwrap_or_default();
        let address = addresses(raw, |it| it == id);
        let aliases = read::list(&network["Aliases"], ", ").map(|it| format!("as {it}"));
        let options = read::masked("", &network["DriverOpts"], lens);
        let facts = [address, aliases, options].into_iter().flatten().collect::<Vec<_>>();
        let facts = if facts.is_empty() { "attached".to_owned() } else { facts.join(", ") };
        section = section.row(&lens.name(id), facts);
    }
    let is_wanted = |id: &str| {
        wanted.as_array().into_iter().flatten().any(|it| it["Target"].as_str() == Some(id))
    };
    section
        .muted("ingress", addresses(raw, |it| !is_wanted(it)))
        .muted("endpoint mode", read::text(&spec["EndpointSpec"]["Mode"]))
}

fn addresses(raw: &Value, network: impl Fn(&str) -> bool) -> Option<String> {
    let all = raw["Endpoint"]["VirtualIPs"].as_array()?.iter();
    let on = all.filter(|it| network(it["NetworkID"].as_str().unwrap_or_default()));
    let addresses: Vec<_> = on.filter_map(|it| it["Addr"].as_str()).collect();
    (!addresses.is_empty()).then(|| format!("virtual address {}", addresses.join(", ")))
}

fn ports(raw: &Value) -> Section {
    let (actual, wanted) = (&raw["Endpoint"]["Ports"], &raw["Spec"]["EndpointSpec"]["Ports"]);
    let ports = if actual.is_array() { actual } else { wanted };
    let mut section = Section::new("Ports");
    for port in ports.as_array().into_iter().flatten() {
        let number = |key: &str| port[key].as_u64().filter(|it| *it > 0);
        let published =
            number("PublishedPort").map_or("not chosen".to_owned(), |it| it.to_string());
        let Some(target) = number("TargetPort") else {
            section = section.row("port", read::text(port));
            continue;
        };
        let protocol = port["Protocol"].as_str().unwrap_or("tcp");
        let through = match port["PublishMode"].as_str().unwrap_or("ingress") {
            "host" => "on the task's node only",
            "ingress" => "on every node",
            other => other,
        };
        section = section.row(&published, format!("→ {target}/{protocol}, {through}"));
    }
    if ports.is_array() { section } else { section.row("", read::text(ports)) }
}

/// What the engine's own rollback would take back.
fn before(raw: &Value, lens: &Lens<'_>) -> Section {
    let mut section = Section::new("Changed since the previous spec");
    if !raw["PreviousSpec"].is_object() {
        return section;
    }
    for (field, change) in changed::changes(&raw["PreviousSpec"], &raw["Spec"], lens) {
        section = section.row(&field, change);
    }
    if section.rows.is_empty() {
        return section.muted("nothing", "a rollback would change nothing".to_owned());
    }
    section
}
