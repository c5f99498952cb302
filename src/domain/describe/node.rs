//! The page of a node.

use crate::domain::{
    describe::{
        lens::Lens,
        page::{FactTone, ObjectPage, Section},
        read,
    },
    swarm::{
        cluster::{Service, Task, TaskState},
        objects::fields::{AmountFields, DescriptionFields, NodeFields, PluginFields, each},
    },
    text::{age::age, natural::natural, size},
};
use serde_json::Value;
use std::collections::BTreeMap;

/// Describes a node (`GET /nodes/{id}`), the tasks on it and what they reserve.
pub fn node(raw: &Value, tasks: &[Task], services: &[Service], lens: &Lens<'_>) -> ObjectPage {
    let node = NodeFields::from(raw);
    let description = &node.description;
    ObjectPage::new([
        summary(&node, lens),
        manager(&node),
        resources(description),
        reserved(&description.resources, tasks, services),
        held(tasks, services, lens),
        Section::new("Labels").members(node.spec.labels, lens),
        engine(description, lens),
        plugins(description.plugins),
        Section::new("Not known to skep")
            .others(node.others(), lens)
            .others(node.spec.others(), lens)
            .others(description.others(), lens),
    ])
}

fn summary(node: &NodeFields<'_>, lens: &Lens<'_>) -> Section {
    let state = match node.state.as_str() {
        Some("ready") => FactTone::Normal,
        Some("down") => FactTone::Danger,
        _ => FactTone::Warn,
    };
    let availability = if node.spec.availability.as_str() == Some("active") {
        FactTone::Normal
    } else {
        FactTone::Warn
    };
    Section::new("Node")
        .row("host name", read::text(node.description.hostname))
        .row("name", read::text(node.spec.name))
        .row("role", read::text(node.spec.role))
        .toned("state", read::text(node.state), state)
        .toned("message", read::text(node.message), state)
        .toned("availability", read::text(node.spec.availability), availability)
        .row("address", read::text(node.address))
        .row("joined", read::moment(node.created, lens))
        .row("updated", read::moment(node.updated, lens))
        .muted("version", read::text(node.version))
        .muted("id", read::text(node.id))
}

fn manager(node: &NodeFields<'_>) -> Section {
    let tone = if node.reachability.as_str() == Some("reachable") {
        FactTone::Normal
    } else {
        FactTone::Danger
    };
    Section::new("Manager")
        .row("leader", read::yes(node.leader))
        .toned("reachability", read::text(node.reachability), tone)
        .row("address", read::text(node.manager_address))
}

fn resources(description: &DescriptionFields<'_>) -> Section {
    let DescriptionFields { os, architecture, resources, .. } = description;
    let parts = [read::text(os), read::text(architecture)];
    Section::new("Machine")
        .row("platform", parts.into_iter().flatten().collect::<Vec<_>>().join("/"))
        .row("cpu", read::cpus(resources.cpus))
        .row("memory", read::memory(resources.memory))
        .row("generic", read::text(resources.generic))
}

/// Tasks that run on it or will.
fn live(tasks: &[Task]) -> impl Iterator<Item = &Task> {
    tasks.iter().filter(|it| it.desired <= TaskState::Complete && !it.state.is_over())
}

/// What its tasks reserve, against what it has.
fn reserved(has: &AmountFields<'_>, tasks: &[Task], services: &[Service]) -> Section {
    let section = Section::new("Reserved by its tasks");
    if live(tasks).next().is_none() {
        return section;
    }
    let (mut cpus, mut memory) = (0_i64, 0_i64);
    for task in live(tasks) {
        let of = services.iter().find(|it| Some(&it.id) == task.service.as_ref());
        let Some(one) = of.map(|it| it.reserved) else { continue };
        cpus = cpus.saturating_add(one.nano_cpus);
        memory = memory.saturating_add(one.memory);
    }
    let of = |reserved: i64, has: &Value, write: fn(i64) -> String| {
        let has = has.as_i64().unwrap_or_default();
        let percent = size::percent(reserved, has).map(|it| format!(" ({it}%)"));
        format!("{} of {}{}", write(reserved), write(has), percent.unwrap_or_default())
    };
    section
        .row("cpu", of(cpus, has.cpus.0, size::cpus))
        .row("memory", of(memory, has.memory.0, size::memory))
}

fn held(tasks: &[Task], services: &[Service], lens: &Lens<'_>) -> Section {
    let mut rows: Vec<(String, String, FactTone)> = live(tasks)
        .map(|task| {
            let of = services.iter().find(|it| Some(&it.id) == task.service.as_ref());
            let name = of.map_or("?", |it| &*it.name);
            let name =
                if task.slot > 0 { format!("{name}.{}", task.slot) } else { name.to_owned() };
            let tone =
                if task.state == TaskState::Running { FactTone::Normal } else { FactTone::Warn };
            (name, format!("{} {}", task.state, age(task.since, lens.now)), tone)
        })
        .collect();
    rows.sort_by(|a, b| natural(&a.0, &b.0));
    let title = format!("Tasks on it: {}", rows.len());
    rows.into_iter()
        .fold(Section::new(&title), |section, (name, says, tone)| section.toned(&name, says, tone))
}

fn engine(description: &DescriptionFields<'_>, lens: &Lens<'_>) -> Section {
    Section::new("Engine")
        .row("version", read::text(description.engine_version))
        .members(description.engine_labels, lens)
}

/// The names of plugins by their types.
fn plugins(plugins: &Value) -> Section {
    let mut types: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for plugin in each::<PluginFields<'_>>(plugins) {
        let kind = read::text(plugin.kind).unwrap_or_default();
        types.entry(kind.to_lowercase()).or_default().extend(read::text(plugin.name));
    }
    types.into_iter().fold(Section::new("Plugins"), |section, (kind, mut names)| {
        names.sort_by(|a, b| natural(a, b));
        section.row(&kind, names.join(", "))
    })
}
