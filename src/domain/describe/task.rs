//! The page of a task.

use crate::domain::{
    describe::{
        lens::Lens,
        page::{FactTone, ObjectPage, Section},
        read, template,
    },
    health::exit::Around,
    swarm::{
        cluster::{SpecDigest, Task, TaskState},
        objects::TaskObject,
    },
    text::elide,
};
use serde_json::Value;

/// Describes a task (`GET /tasks/{id}`).
pub fn task(raw: &Value, lens: &Lens<'_>) -> ObjectPage {
    let mut sections = vec![summary(raw, lens), status(raw, lens), networks(raw)];
    sections.extend(template::sections(&raw["Spec"], lens));
    sections.push(Section::new("Not known to skep").others(raw, KNOWN, lens));
    ObjectPage::new(sections)
}

const KNOWN: &[&str] = &[
    "ID",
    "Version",
    "CreatedAt",
    "UpdatedAt",
    "Name",
    "Labels",
    "Spec",
    "ServiceID",
    "Slot",
    "NodeID",
    "Status",
    "DesiredState",
    "NetworksAttachments",
    "JobIteration",
];

fn summary(raw: &Value, lens: &Lens<'_>) -> Section {
    let image = raw["Spec"]["ContainerSpec"]["Image"].as_str().unwrap_or_default();
    let digest = image.split_once('@').map(|it| it.1.to_owned());
    Section::new("Task")
        .row("service", read::name(&raw["ServiceID"], lens))
        .row("slot", read::count(&raw["Slot"]))
        .row("node", read::name(&raw["NodeID"], lens))
        .row("should be", read::text(&raw["DesiredState"]))
        .row("image", elide::without_digest(image).to_owned())
        .muted("digest", digest)
        .row("job run", read::text(&raw["JobIteration"]["Index"]))
        .row("created", read::moment(&raw["CreatedAt"], lens))
        .row("updated", read::moment(&raw["UpdatedAt"], lens))
        .muted("version", read::text(&raw["Version"]["Index"]))
        .muted("id", read::text(&raw["ID"]))
}

fn status(raw: &Value, lens: &Lens<'_>) -> Section {
    let status = &raw["Status"];
    let state = status["State"].as_str().unwrap_or_default();
    let error = status["Err"].as_str().unwrap_or_default();
    let container = &status["ContainerStatus"];
    let tone = match state {
        "failed" | "rejected" | "orphaned" => FactTone::Danger,
        _ if !error.is_empty() => FactTone::Warn,
        _ => FactTone::Normal,
    };
    let around = Around::of_template(TaskObject(raw).template(), lens.nodes);
    let why = around.cause(&read(raw)).means;
    let (says, what_now) = why.map(|it| (it.says, it.what_now)).unzip();
    Section::new("Status")
        .toned("state", read::text(&status["State"]), tone)
        .row("since", read::moment(&status["Timestamp"], lens))
        .row("message", read::text(&status["Message"]))
        .toned("error", read::text(&status["Err"]), tone)
        .row("exit code", read::count(&container["ExitCode"]))
        .row("which means", says)
        .row("what to do", what_now)
        .row("process", read::count(&container["PID"]))
        .muted("container", read::text(&container["ContainerID"]))
        .row("ports", read::text(&status["PortStatus"]["Ports"]))
}

/// What says why it is not well.
fn read(raw: &Value) -> Task {
    let status = &raw["Status"];
    let text = |it: &Value| it.as_str().unwrap_or_default().to_owned();
    let moment = |it: &Value| it.as_str().and_then(|it| it.parse().ok()).unwrap_or_default();
    Task {
        id: text(&raw["ID"]).as_str().into(),
        service: raw["ServiceID"].as_str().map(Into::into),
        node: raw["NodeID"].as_str().map(Into::into),
        slot: raw["Slot"].as_u64().unwrap_or_default(),
        state: TaskState::from_word(&text(&status["State"])),
        desired: TaskState::from_word(&text(&raw["DesiredState"])),
        message: text(&status["Message"]),
        error: text(&status["Err"]),
        exit_code: status["ContainerStatus"]["ExitCode"].as_i64(),
        container: status["ContainerStatus"]["ContainerID"].as_str().map(str::to_owned),
        image: raw["Spec"]["ContainerSpec"]["Image"].as_str().unwrap_or_default().into(),
        container_spec: SpecDigest::default(),
        created: moment(&raw["CreatedAt"]),
        since: moment(&status["Timestamp"]),
        updated: moment(&raw["UpdatedAt"]),
    }
}

fn networks(raw: &Value) -> Section {
    let mut section = Section::new("Networks");
    for attachment in raw["NetworksAttachments"].as_array().into_iter().flatten() {
        let network = &attachment["Network"];
        let name = read::text(&network["Spec"]["Name"]).or_else(|| read::text(&network["ID"]));
        let addresses = read::list(&attachment["Addresses"], ", ");
        let addresses = addresses.unwrap_or_else(|| "no address".to_owned());
        section = section.row(&name.unwrap_or_default(), addresses);
    }
    section
}
