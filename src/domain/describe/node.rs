//! The page of a node.

use crate::domain::{
    describe::{
        lens::Lens,
        page::{FactTone, ObjectPage, Section},
        read,
    },
    swarm::cluster::{Service, Task, TaskState},
    text::{age::age, natural::natural, size},
};
use serde_json::Value;
use std::collections::BTreeMap;

/// Describes a node (`GET /nodes/{id}`), the tasks on it and what they reserve.
pub fn node(raw: &Value, tasks: &[Task], services: &[Service], lens: &Lens<'_>) -> ObjectPage {
    let (spec, description) = (&raw["Spec"], &raw["Description"]);
    ObjectPage::new([
        summary(raw, lens),
        manager(&raw["ManagerStatus"]),
        resources(description),
        reserved(description, tasks, services),
        held(tasks, services, lens),
        Section::new("Labels").members(&spec["Labels"], lens),
        engine(&description["Engine"], lens),
        plugins(&description["Engine"]["Plugins"]),
        Section::new("Not known to skep")
            .others(raw, KNOWN, lens)
            .others(spec, &["Name", "Role", "Availability", "Labels"], lens)
            .others(description, &["Hostname", "Platform", "Resources", "Engine", "TLSInfo"], lens),
    ])
}

const KNOWN: &[&str] =
    &["ID", "Version", "CreatedAt", "UpdatedAt", "Spec", "Description", "Status", "ManagerStatus"];

fn summary(raw: &Value, lens: &Lens<'_>) -> Section {
    let (spec, status) = (&raw["Spec"], &raw["Status"]);
    let state = match status["State"].as_str() {
        Some("ready") => FactTone::Normal,
        Some("down") => FactTone::Danger,
        _ => FactTone::Warn,
    };
    let availability = if spec["Availability"].as_str() == Some("active") {
        FactTone::Normal
    } else {
        FactTone::Warn
    };
    Section::new("Node")
        .row("host name", read::text(&raw["Description"]["Hostname"]))
        .row("name", read::text(&spec["Name"]))
        .row("role", read::text(&spec["Role"]))
        .toned("state", read::text(&status["State"]), state)
        .toned("message", read::text(&status["Message"]), state)
        .toned("availability", read::text(&spec["Availability"]), availability)
        .row("address", read::text(&status["Addr"]))
        .row("joined", read::moment(&raw["CreatedAt"], lens))
        .row("updated", read::moment(&raw["UpdatedAt"], lens))
        .muted("version", read::text(&raw["Version"]["Index"]))
        .muted("id", read::text(&raw["ID"]))
}

fn manager(status: &Value) -> Section {
    let tone = if status["Reachability"].as_str() == Some("reachable") {
        FactTone::Normal
    } else {
        FactTone::Danger
    };
    Section::new("Manager")
        .row("leader", read::yes(&status["Leader"]))
        .toned("reachability", read::text(&status["Reachability"]), tone)
        .row("address", read::text(&status["Addr"]))
}

fn resources(description: &Value) -> Section {
    let (platform, resources) = (&description["Platform"], &description["Resources"]);
    let parts = [read::text(&platform["OS"]), read::text(&platform["Architecture"])];
    Section::new("Machine")
        .row("platform", parts.into_iter().flatten().collect::<Vec<_>>().join("/"))
        .row("cpu", read::cpus(&resources["NanoCPUs"]))
        .row("memory", read::memory(&resources["MemoryBytes"]))
        .row("generic", read::text(&resources["GenericResources"]))
}

/// Tasks that run on it or will.
fn live(tasks: &[Task]) -> impl Iterator<Item = &Task> {
    tasks.iter().filter(|it| it.desired <= TaskState::Complete && !it.state.is_over())
}

/// What its tasks reserve, against what it has.
fn reserved(description: &Value, tasks: &[Task], services: &[Service]) -> Section {
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
    let has = &description["Resources"];
    let of = |reserved: i64, has: &Value, write: fn(i64) -> String| {
        let has = has.as_i64().unwrap_or_default();
        let percent = size::percent(reserved, has).map(|it| format!(" ({it}%)"));
        format!("{} of {}{}", write(reserved), write(has), percent.unwrap_or_default())
    };
    section
        .row("cpu", of(cpus, &has["NanoCPUs"], size::cpus))
        .row("memory", of(memory, &has["MemoryBytes"], size::memory))
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

fn engine(engine: &Value, lens: &Lens<'_>) -> Section {
    Section::new("Engine")
        .row("version", read::text(&engine["EngineVersion"]))
        .members(&engine["Labels"], lens)
}

/// The names of plugins by their types.
fn plugins(plugins: &Value) -> Section {
    let mut types: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for plugin in plugins.as_array().into_iter().flatten() {
        let kind = read::text(&plugin["Type"]).unwrap_or_default();
        types.entry(kind.to_lowercase()).or_default().extend(read::text(&plugin["Name"]));
    }
    types.into_iter().fold(Section::new("Plugins"), |section, (kind, mut names)| {
        names.sort_by(|a, b| natural(a, b));
        section.row(&kind, names.join(", "))
    })
}
