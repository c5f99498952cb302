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
        objects::{
            TaskObject,
            fields::{Moment, TaskAttachmentFields, TaskFields, each},
        },
    },
    text::elide,
};
use serde_json::Value;

/// Describes a task (`GET /tasks/{id}`).
pub fn task(raw: &Value, lens: &Lens<'_>) -> ObjectPage {
    let task = TaskFields::from(raw);
    let mut sections = vec![summary(&task, lens), status(&task, lens), networks(&task)];
    sections.extend(template::sections(&task.spec, lens));
    sections.push(Section::new("Not known to skep").others(task.others(), lens));
    ObjectPage::new(sections)
}

fn summary(task: &TaskFields<'_>, lens: &Lens<'_>) -> Section {
    let image = task.spec.container.image.as_str().unwrap_or_default();
    let digest = image.split_once('@').map(|it| it.1.to_owned());
    Section::new("Task")
        .row("service", read::name(task.service, lens))
        .row("slot", read::count(task.slot))
        .row("node", read::name(task.node, lens))
        .row("should be", read::text(task.desired))
        .row("image", elide::without_digest(image).to_owned())
        .muted("digest", digest)
        .row("job run", read::text(task.job_iteration))
        .row("created", read::moment(task.created, lens))
        .row("updated", read::moment(task.updated, lens))
        .muted("version", read::text(task.version))
        .muted("id", read::text(task.id))
}

fn status(task: &TaskFields<'_>, lens: &Lens<'_>) -> Section {
    let error = task.error.as_str().unwrap_or_default();
    let tone = match task.state.as_str().unwrap_or_default() {
        "failed" | "rejected" | "orphaned" => FactTone::Danger,
        _ if !error.is_empty() => FactTone::Warn,
        _ => FactTone::Normal,
    };
    let around = Around::of_template(TaskObject(task.raw).template(), lens.nodes);
    let why = around.cause(&read(task)).means;
    let (says, what_now) = why.map(|it| (it.says, it.what_now)).unzip();
    Section::new("Status")
        .toned("state", read::text(task.state), tone)
        .row("since", read::moment(task.timestamp, lens))
        .row("message", read::text(task.message))
        .toned("error", read::text(task.error), tone)
        .row("exit code", read::count(task.exit_code))
        .row("which means", says)
        .row("what to do", what_now)
        .row("process", read::count(task.pid))
        .muted("container", read::text(task.container))
        .row("ports", read::text(task.ports))
}

/// What says why it is not well.
fn read(task: &TaskFields<'_>) -> Task {
    let text = |it: &Value| it.as_str().unwrap_or_default().to_owned();
    let moment = |it: Moment<'_>| it.0.as_str().and_then(|it| it.parse().ok()).unwrap_or_default();
    Task {
        id: text(task.id).as_str().into(),
        service: task.service.as_str().map(Into::into),
        node: task.node.as_str().map(Into::into),
        slot: task.slot.as_u64().unwrap_or_default(),
        state: TaskState::from_word(&text(task.state)),
        desired: TaskState::from_word(&text(task.desired)),
        message: text(task.message),
        error: text(task.error),
        exit_code: task.exit_code.as_i64(),
        container: task.container.as_str().map(str::to_owned),
        image: task.spec.container.image.as_str().unwrap_or_default().into(),
        container_spec: SpecDigest::default(),
        created: moment(task.created),
        since: moment(task.timestamp),
        updated: moment(task.updated),
    }
}

fn networks(task: &TaskFields<'_>) -> Section {
    let mut section = Section::new("Networks");
    for TaskAttachmentFields { network, name, addresses, .. } in each(task.networks) {
        let name = read::text(name).or_else(|| read::text(network));
        let addresses = read::list(addresses, ", ");
        let addresses = addresses.unwrap_or_else(|| "no address".to_owned());
        section = section.row(&name.unwrap_or_default(), addresses);
    }
    section
}
