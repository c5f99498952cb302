//! Facts in questions: old and new value of what a change touches.

use crate::{
    domain::{
        swarm::{
            change::ServiceRef,
            cluster::{Mode, Service},
        },
        text::count::plural,
    },
    jobs::{
        deploy::{RecoveryOrder, RecoveryWay},
        operations::Operation,
        stack::{StackAction, StackOperation},
    },
    tui::world::World,
};

/// Returns from what to what a piece of work leads, as far as that is known here.
pub fn change(world: &World, operation: &Operation) -> Vec<String> {
    let mut lines = leads(world, operation);
    let superseded = |title: &str| match operation {
        Operation::Scale { service, .. } => {
            title.starts_with(&format!("scale {} to ", service.name))
        }
        Operation::Restart { service } => title == format!("restart {}", service.name),
        _ => false,
    };
    let waiting = world.jobs().filter(|it| it.verdict.is_none() && superseded(&it.title));
    lines.extend(
        waiting.map(|it| format!("  `{}` is still waiting: it will be superseded", it.title)),
    );
    lines
}

fn leads(world: &World, operation: &Operation) -> Vec<String> {
    match operation {
        Operation::Scale { service, replicas } => {
            let now = known(world, service).map_or("?".to_owned(), |it| wanted(it).to_string());
            vec![format!("{}: {now} → {replicas} replicas", service.name)]
        }
        Operation::Restart { service } => {
            vec![format!("{}: {} will be replaced", service.name, all_tasks(world, service))]
        }
        Operation::RollBackService { service } => {
            let image = known(world, service).map_or("?", |it| plain(&it.image));
            vec![format!("{}: from {image} back to its previous spec", service.name)]
        }
        Operation::RemoveService { service } => {
            vec![format!(
                "{}: {} will stop, and the service will be removed",
                service.name,
                tasks(world, service)
            )]
        }
        Operation::RollBackStack(wish) => {
            vec![world.returns(&wish.stack, wish.revision)]
        }
        Operation::SetAvailability { node, hostname, availability } => {
            let now = world.node(node).map_or("?", |it| it.availability.word());
            vec![format!("{hostname}: {now} → {availability}")]
        }
        Operation::Stack(whole) => of_whole(world, whole),
        Operation::CleanUp(sweep) => {
            sweep.parts.iter().map(|it| format!("{it} will be removed")).collect()
        }
        Operation::Adopt(stack) => {
            vec![format!("{stack}: what runs now will be recorded as release 1")]
        }
        Operation::Deploy(order) => {
            vec![world.deploys(&order.stack)]
        }
        Operation::Recover(RecoveryOrder { stack, revision, way, .. }) => vec![match way {
            RecoveryWay::Undo => {
                format!("{stack}: release {revision} is half done; it will be rolled back")
            }
            RecoveryWay::Finish => {
                format!("{stack}: release {revision} is half done; the rest will be deployed")
            }
        }],
        Operation::ReleaseLease(driver) => {
            vec![format!("{}: will no longer be locked by `{}`", driver.stack, driver.purpose)]
        }
    }
}

fn of_whole(world: &World, whole: &StackOperation) -> Vec<String> {
    let service = |name: &str| world.services().iter().find(|it| *it.name == *name);
    let part = |part: &String| match whole.action {
        StackAction::Remove | StackAction::Purge => {
            let name = part.strip_prefix("service ").unwrap_or_default();
            let tasks = service(name).map(|it| plural(it.running, "task"));
            let tasks = tasks.map_or(String::new(), |it| format!(" with {it}"));
            format!("{part}{tasks} will be removed")
        }
        StackAction::Stop | StackAction::Start => {
            let (name, to) = part.split_once('=').unwrap_or((part, "?"));
            let now = service(name).map_or("?".to_owned(), |it| wanted(it).to_string());
            format!("{name}: {now} → {to} replicas")
        }
    };
    let lines: Vec<String> = whole.parts.iter().map(part).collect();
    if lines.is_empty() { vec![format!("stack {} will be removed", whole.stack)] } else { lines }
}

fn known<'a>(world: &'a World, service: &ServiceRef) -> Option<&'a Service> {
    world.service(&service.id)
}

fn wanted(service: &Service) -> u64 {
    match service.mode {
        Mode::Replicated { replicas } => replicas,
        Mode::ReplicatedJob { total, .. } => total,
        Mode::Global | Mode::GlobalJob => service.desired,
    }
}

/// Says of how many tasks a service should have, and how many of them run where some do not.
fn all_tasks(world: &World, service: &ServiceRef) -> String {
    let Some(known) = known(world, service) else { return "its tasks".to_owned() };
    let (wanted, running) = (wanted(known), known.running);
    let tasks = plural(wanted, "task");
    match running == wanted {
        true => tasks,
        false => format!("{tasks} ({running} of {wanted} now running)"),
    }
}

fn tasks(world: &World, service: &ServiceRef) -> String {
    match known(world, service).map(|it| it.running) {
        Some(1) => "1 task".to_owned(),
        Some(number) => format!("{number} tasks"),
        None => "its tasks".to_owned(),
    }
}

/// Returns an image without its digest.
fn plain(image: &str) -> &str {
    image.split('@').next().unwrap_or(image)
}
