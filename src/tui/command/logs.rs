//! The commands `logs` and `since`.

use crate::{
    domain::{
        logs::Window,
        swarm::cluster::{Mode, Service},
    },
    tui::{
        command::{
            meaning::Command,
            names::{any_scope, is_path},
        },
        event::{Destination, Scope, Subject},
        keymap::Action,
        world::World,
    },
};

/// So many tasks of a service are offered.
const OFFERED: u64 = 200;

/// `logs NAME`, `logs NAME 3h`, `logs NAME --since 3h` or `since 3h`.
pub fn logs(command: &str, words: &[&str], world: &World) -> Result<Command, String> {
    if command == "since" {
        if words.is_empty() {
            return Err("a time is missing: write `:since 3h` or `:since 14:02`".to_owned());
        }
        return Ok(Command::Since(None, window(&words.join(" "), world)?));
    }
    let (name, moment) = match words {
        [name, "--since" | "since", moment @ ..] => (name, moment.join(" ")),
        [name, moment @ ..] => {
            let moment = moment.join(" ");
            (name, moment.strip_prefix("--since=").unwrap_or(&moment).to_owned())
        }
        [] => return Ok(Command::Act(Action::Logs)),
    };
    let place = Destination::Logs(subject(name, world)?);
    if moment.is_empty() {
        return Ok(Command::Go(place));
    }
    Ok(Command::Since(Some(place), window(&moment, world)?))
}

/// A stack, a service, or a task by its number: `web.2`.
fn subject(name: &str, world: &World) -> Result<Subject, String> {
    let unknown = match any_scope(name, world) {
        Ok(Scope::Stack(stack)) => return Ok(Subject::Stack(stack)),
        Ok(Scope::Service(id)) => return Ok(Subject::Service(id)),
        Ok(_) => return Err(format!("`{name}` is a node: name a service, a stack or a task")),
        Err(why) if is_path(name) => return Err(why),
        Err(_) => format!("there is no stack, service or task `{name}`"),
    };
    if let Some(service) = by_short_name(name, world) {
        return Ok(Subject::Service(service.id.clone()));
    }
    let Some((of, slot)) = name.rsplit_once('.') else { return Err(unknown) };
    let Some(service) = by_name(of, world).or_else(|| by_short_name(of, world)) else {
        return Err(unknown);
    };
    match slot.parse() {
        Ok(slot) if slot > 0 && has_slots(service) => Ok(Subject::Slot(service.id.clone(), slot)),
        Ok(_) if !has_slots(service) => Err(format!(
            "tasks of {of} have no numbers: `tasks {of}` lists them, and `l` follows one"
        )),
        _ => Err(format!("`{slot}` is not the number of a task: `logs {of}.1`")),
    }
}

/// Returns the tasks of services whose name was typed up to a dot.
pub fn tasks(typed: &str, world: &World) -> Vec<String> {
    let Some((of, _)) = typed.rsplit_once('.') else { return Vec::new() };
    let Some(service) = by_name(of, world).or_else(|| by_short_name(of, world)) else {
        return Vec::new();
    };
    let Mode::Replicated { replicas } = service.mode else { return Vec::new() };
    (1..=replicas.min(OFFERED)).map(|slot| format!("{of}.{slot}")).collect()
}

fn by_name<'a>(name: &str, world: &'a World) -> Option<&'a Service> {
    world.services().iter().find(|it| *it.name == *name)
}

/// The name within its stack will do where no other service has it.
fn by_short_name<'a>(name: &str, world: &'a World) -> Option<&'a Service> {
    let mut found = world.services().iter().filter(|it| it.short_name() == name);
    found.next().filter(|_| found.next().is_none())
}

fn has_slots(service: &Service) -> bool {
    matches!(service.mode, Mode::Replicated { .. })
}

fn window(text: &str, world: &World) -> Result<Window, String> {
    Window::parse(text, world.now, &world.setting.zone)
}
