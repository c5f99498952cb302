//! The page of a service.

use crate::domain::{
    describe::{
        changed,
        lens::Lens,
        page::{FactTone, ObjectPage, Section},
        policy, read, tasks, template,
    },
    swarm::{
        cluster::{Mode, RestartRule, Task},
        names::STACK_LABEL,
        objects::{
            PortConfig, ServiceSpec, TaskTemplate,
            fields::{
                AttachmentFields, RestartFields, ServiceFields, ServiceSpecFields,
                VirtualAddressFields, each,
            },
        },
    },
    text::{count::plural, elide},
};
use jiff::SignedDuration;
use serde_json::Value;

/// Describes a service (`GET /services/{id}`) and its tasks.
pub fn service(raw: &Value, its_tasks: &[Task], lens: &Lens<'_>) -> ObjectPage {
    let service = ServiceFields::from(raw);
    let ServiceSpecFields { name, template, .. } = &service.spec;
    let face = TaskTemplate(template.raw);
    let mut sections = vec![
        summary(&service, lens),
        update(&service, lens),
        tasks::section(
            name.as_str().unwrap_or_default(),
            its_tasks,
            delay(&template.restart),
            face,
            lens,
        ),
    ];
    sections.extend(template::sections(template, lens));
    sections.extend([
        networks(&service, lens),
        ports(&service),
        policy::update("Update", &service.spec.update),
        policy::update("Rollback", &service.spec.rollback),
        Section::new("Service labels").members(service.spec.labels, lens),
        before(&service, lens),
        Section::new("Not known to skep")
            .others(service.others(), lens)
            .others(service.spec.others(), lens),
    ]);
    ObjectPage::new(sections)
}

fn summary(service: &ServiceFields<'_>, lens: &Lens<'_>) -> Section {
    let spec = &service.spec;
    let image = spec.template.container.image.as_str().unwrap_or_default();
    let digest = image.split_once('@').map(|it| it.1.to_owned());
    Section::new("Service")
        .row("name", read::text(spec.name))
        .row("stack", read::text(&spec.labels[STACK_LABEL]))
        .row("mode", mode(spec))
        .row("image", elide::without_digest(image).to_owned())
        .muted("digest", digest)
        .row("last job", read::moment(service.last_execution, lens))
        .row("created", read::moment(service.created, lens))
        .row("updated", read::moment(service.updated, lens))
        .muted("forced updates", read::count(spec.template.force_update))
        .muted("version", read::text(service.version))
        .muted("id", read::text(service.id))
}

/// How long the engine waits before it starts a task again.
fn delay(policy: &RestartFields<'_>) -> SignedDuration {
    let nanos = policy.delay.0.as_i64();
    nanos.map_or(RestartRule::default().delay, SignedDuration::from_nanos)
}

fn mode(spec: &ServiceSpecFields<'_>) -> Option<String> {
    Some(match ServiceSpec(spec.raw).mode() {
        Some(Mode::Replicated { replicas }) => plural(replicas, "replica"),
        Some(Mode::Global) => "global: one task on every node that fits".to_owned(),
        Some(Mode::GlobalJob) => "global job: once on every node that fits".to_owned(),
        Some(Mode::ReplicatedJob { at_once, total }) => {
            format!("job: {}, {at_once} at once", plural(total, "completion"))
        }
        None => return read::text(spec.mode),
    })
}

fn update(service: &ServiceFields<'_>, lens: &Lens<'_>) -> Section {
    let tone = match service.update_state.as_str().unwrap_or_default() {
        "paused" | "rollback_paused" => FactTone::Danger,
        "rollback_started" | "rollback_completed" => FactTone::Warn,
        _ => FactTone::Normal,
    };
    Section::new("Last update")
        .toned("state", read::text(service.update_state), tone)
        .toned("message", read::text(service.update_message), tone)
        .row("started", read::moment(service.update_started, lens))
        .row("completed", read::moment(service.update_completed, lens))
}

/// Networks stand in the task template, in old specs beside it.
fn networks(service: &ServiceFields<'_>, lens: &Lens<'_>) -> Section {
    let spec = &service.spec;
    let template = spec.template.networks;
    let wanted = if template.is_array() { template } else { spec.networks };
    let wanted: Vec<AttachmentFields<'_>> = each(wanted).collect();
    let mut section = Section::new("Networks");
    for network in &wanted {
        let id = network.target.as_str().unwrap_or_default();
        let address = addresses(service.virtual_ips, |it| it == id);
        let aliases = read::list(network.aliases, ", ").map(|it| format!("as {it}"));
        let options = read::masked("", network.driver_options, lens);
        let facts = [address, aliases, options].into_iter().flatten().collect::<Vec<_>>();
        let facts = if facts.is_empty() { "attached".to_owned() } else { facts.join(", ") };
        section = section.row(&lens.name(id), facts);
    }
    let is_wanted = |id: &str| wanted.iter().any(|it| it.target == id);
    section
        .muted("ingress", addresses(service.virtual_ips, |it| !is_wanted(it)))
        .muted("endpoint mode", read::text(spec.endpoint_mode))
}

fn addresses(virtual_ips: &Value, network: impl Fn(&str) -> bool) -> Option<String> {
    let is_on = |it: &VirtualAddressFields<'_>| network(it.network.as_str().unwrap_or_default());
    let addresses = each(virtual_ips).filter(is_on).filter_map(|it| it.address.as_str());
    let addresses: Vec<_> = addresses.collect();
    (!addresses.is_empty()).then(|| format!("virtual address {}", addresses.join(", ")))
}

fn ports(service: &ServiceFields<'_>) -> Section {
    let (actual, wanted) = (service.ports, service.spec.ports);
    let ports = if actual.is_array() { actual } else { wanted };
    let mut section = Section::new("Ports");
    for port in ports.as_array().into_iter().flatten().map(PortConfig) {
        let published = port.published().map_or("not chosen".to_owned(), |it| it.to_string());
        let (target, protocol) = (port.target(), port.protocol());
        if target == 0 {
            section = section.row("port", read::text(port.0));
            continue;
        }
        let through = match port.publish_mode() {
            "host" => "on the task's node only",
            "ingress" => "on every node",
            other => other,
        };
        section = section.row(&published, format!("→ {target}/{protocol}, {through}"));
    }
    if ports.is_array() { section } else { section.row("", read::text(ports)) }
}

/// What the engine's own rollback would take back.
fn before(service: &ServiceFields<'_>, lens: &Lens<'_>) -> Section {
    let mut section = Section::new("Changed since the previous spec");
    if !service.previous_spec.is_object() {
        return section;
    }
    for (field, change) in changed::changes(service.previous_spec, service.spec.raw, lens) {
        section = section.row(&field, change);
    }
    if section.rows.is_empty() {
        return section.muted("nothing", "a rollback would change nothing".to_owned());
    }
    section
}
