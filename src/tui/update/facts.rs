//! What a change makes of what: lines for the question before it.

use crate::{
    domain::cluster::{Mode, Service},
    jobs::work::{Availability, Target, Work},
    tui::world::World,
};

/// Returns from what to what a piece of work leads, as far as that is known here.
pub fn change(world: &World, work: &Work) -> Vec<String> {
    let mut lines = leads(world, work);
    if let Work::Scale { service, .. } | Work::Restart { service } | Work::RollBack { service } =
        work
    {
        let name = &service.name;
        let (scales, restarts) = (format!("scale {name} to "), format!("restart {name}"));
        let back = format!("roll back {name}");
        let same = |it: &str| it.starts_with(&scales) || it == restarts || it == back;
        let waiting = world.jobs().filter(|it| it.verdict.is_none() && same(&it.title));
        lines.extend(
            waiting.map(|it| format!("  `{}` waits still: it ends as superseded", it.title)),
        );
    }
    lines
}

fn leads(world: &World, work: &Work) -> Vec<String> {
    match work {
        Work::Scale { service, replicas } => {
            let now = known(world, service).map_or("?".to_owned(), |it| wanted(it).to_string());
            vec![format!("{}: {now} → {replicas} replicas", service.name)]
        }
        Work::Restart { service } => {
            vec![format!("{}: {} replaced", service.name, tasks(world, service))]
        }
        Work::RollBack { service } => {
            let image = known(world, service).map_or("?", |it| plain(&it.image));
            vec![format!("{}: {image} → what its previous spec has", service.name)]
        }
        Work::RemoveService { service } => {
            vec![format!("{}: {} → gone", service.name, tasks(world, service))]
        }
        Work::Return(wish) => {
            let now = world.releases.get(&wish.stack);
            let now = now.map_or("what is live".to_owned(), |it| format!("release {it}"));
            vec![format!("{}: {now} → release {}", wish.stack, wish.revision)]
        }
        Work::SetAvailability { node, hostname, availability } => {
            let now = world.node(node).map_or("?", |it| it.availability.as_str());
            let mut lines = vec![format!("{hostname}: {now} → {availability}")];
            if *availability == Availability::Drain {
                lines.extend(moves(world, work));
            }
            lines
        }
        // The whole has its parts, and files have a plan.
        Work::Deploy(_)
        | Work::Stack(_)
        | Work::Adopt(_)
        | Work::Clean(_)
        | Work::Recover(_)
        | Work::LetGo(_) => Vec::new(),
    }
}

/// Says what a drain moves: how many tasks, and the services that are gone meanwhile.
fn moves(world: &World, work: &Work) -> Vec<String> {
    let Work::SetAvailability { node, .. } = work else { return Vec::new() };
    let here: Vec<_> = world
        .tasks()
        .filter(|it| it.node.as_ref() == Some(node) && !it.state.is_over())
        .filter_map(|it| it.service.as_ref().and_then(|id| world.service(id)))
        .collect();
    if here.is_empty() {
        return Vec::new();
    }
    let stays = |it: &&&Service| matches!(it.mode, Mode::Global | Mode::GlobalJob);
    let global = here.iter().filter(stays).count();
    let mut lines = vec![format!("  {} tasks move to other nodes", here.len() - global)];
    if global > 0 {
        lines.push(format!("  {global} of global services stop until it is active again"));
    }
    let mut single: Vec<&str> =
        here.iter().filter(|it| it.desired == 1 && !stays(it)).map(|it| &*it.name).collect();
    single.sort_unstable();
    single.dedup();
    if !single.is_empty() {
        lines.push(format!("  away meanwhile, for they have one task: {}", single.join(", ")));
    }
    lines.push("  local volumes stay here with their data; tasks that move begin empty".to_owned());
    lines
}

fn known<'a>(world: &'a World, service: &Target) -> Option<&'a Service> {
    world.service(&service.id)
}

fn wanted(service: &Service) -> u64 {
    match service.mode {
        Mode::Replicated { replicas } => replicas,
        Mode::ReplicatedJob { total, .. } => total,
        Mode::Global | Mode::GlobalJob => service.desired,
    }
}

fn tasks(world: &World, service: &Target) -> String {
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
