//! The arms of the commands: what each means with the words behind it.

use crate::{
    domain::{
        deployment::gc::Bounds,
        project::{Owner, StackPath},
        swarm::{
            cluster::{Mode, Object},
            states::Availability,
        },
    },
    jobs::{
        operations::Operation,
        stack::{StackAction, StackOperation},
    },
    projects::find,
    tui::{
        command::{
            logs,
            meaning::Command,
            names::{any_scope, context, is_path, named, service, stack, stack_scope},
            projects,
        },
        document::Document,
        event::{Destination, Effect, Scope},
        keymap::Action,
        projects::Chore,
        world::World,
    },
};
use std::path::PathBuf;

/// What an arm is given.
#[derive(Debug, Clone, Copy)]
pub struct Call<'a> {
    /// The words behind the name of the command.
    pub words: &'a [&'a str],
    /// What is meant where no stack of a project, or owner of a value, is named.
    pub selected: Option<&'a Owner>,
    pub world: &'a World,
}

/// What a command means, or why it means nothing.
pub type Meant = Result<Command, String>;

impl<'a> Call<'a> {
    fn first(&self) -> Option<&'a str> {
        self.words.first().copied()
    }

    /// Returns the stack of a project that is named or selected.
    fn managed(&self) -> Result<StackPath, String> {
        projects::managed(self.words.first(), self.selected, self.world)
    }
}

#[expect(clippy::unnecessary_wraps, reason = "it is an arm")]
pub fn go(place: Destination) -> Meant {
    Ok(Command::Go(place))
}

#[expect(clippy::unnecessary_wraps, reason = "it is an arm")]
pub fn act(action: Action) -> Meant {
    Ok(Command::Act(action))
}

#[expect(clippy::unnecessary_wraps, reason = "it is an arm")]
pub fn run(effect: Effect) -> Meant {
    Ok(Command::Do(effect))
}

pub fn services(it: Call<'_>) -> Meant {
    go(Destination::Services(match it.first() {
        None => Scope::All,
        Some(name) => stack_scope(name, it.world)?,
    }))
}

pub fn tasks(it: Call<'_>) -> Meant {
    go(Destination::Tasks(match it.first() {
        None => Scope::All,
        Some(name) => any_scope(name, it.world)?,
    }))
}

pub fn history(it: Call<'_>) -> Meant {
    match it.first() {
        None => act(Action::Releases),
        Some(name) => go(Destination::Releases(named(name, it.world)?)),
    }
}

pub fn contexts(it: Call<'_>) -> Meant {
    match it.first() {
        None => go(Destination::Contexts),
        Some(name) => run(Effect::Switch(context(name, it.world)?)),
    }
}

pub fn logs_of(it: Call<'_>) -> Meant {
    logs::logs("logs", it.words, it.world)
}

pub fn since(it: Call<'_>) -> Meant {
    logs::logs("since", it.words, it.world)
}

pub fn describe(it: Call<'_>) -> Meant {
    match it.first() {
        None => act(Action::Describe),
        Some(name) => go(Destination::Describe(Object::Service(service(name, it.world)?.id))),
    }
}

pub fn spec(it: Call<'_>) -> Meant {
    match it.first() {
        None => act(Action::Spec),
        Some(name) => go(Destination::Spec(Object::Service(service(name, it.world)?.id))),
    }
}

pub fn edit(it: Call<'_>) -> Meant {
    let Some(word) = it.first() else { return act(Action::Edit) };
    if let Some(document) = managed(word, it.world) {
        return go(Destination::Editor(document));
    }
    match stack(word, it.world) {
        // Its releases may tell where its file is.
        Ok(stack) => run(Effect::EditStack(stack)),
        Err(_) => go(Destination::Editor(Document::File(PathBuf::from(word)))),
    }
}

pub fn variables(it: Call<'_>) -> Meant {
    go(Destination::Variables(it.managed()?))
}

pub fn changes(it: Call<'_>) -> Meant {
    go(Destination::Changes(it.managed()?))
}

pub fn deploy(it: Call<'_>) -> Meant {
    run(Effect::Project(Chore::Prepare(it.managed()?)))
}

pub fn rescale(it: Call<'_>) -> Meant {
    match it.first() {
        None => act(Action::Scale),
        Some(name) => scale(name, it.words.get(1), it.world),
    }
}

pub fn restart_of(it: Call<'_>) -> Meant {
    match it.first() {
        None => act(Action::Restart),
        Some(name) => Ok(Command::Operation(restart(name, it.world)?)),
    }
}

pub fn rollback(it: Call<'_>) -> Meant {
    match it.first() {
        None => act(Action::RollBack),
        Some(name) => Ok(Command::Operation(roll_back(name, it.world)?)),
    }
}

pub fn remove(it: Call<'_>) -> Meant {
    match it.first() {
        None => act(Action::Remove),
        Some(name) => Ok(Command::Operation(removal(name, it.world)?)),
    }
}

pub fn purge(it: Call<'_>) -> Meant {
    whole(it.first(), StackAction::Purge, it.world)
}

pub fn stop(it: Call<'_>) -> Meant {
    whole(it.first(), StackAction::Stop, it.world)
}

pub fn start(it: Call<'_>) -> Meant {
    whole(it.first(), StackAction::Start, it.world)
}

pub fn adopt(it: Call<'_>) -> Meant {
    let name = it.first().ok_or("a stack is missing: write `:adopt STACK`")?;
    Ok(Command::Operation(Operation::Adopt(stack(name, it.world)?)))
}

pub fn gc(it: Call<'_>) -> Meant {
    run(survey(it.world))
}

pub fn available(it: Call<'_>) -> Meant {
    match it.first() {
        None => act(Action::Availability),
        Some(name) => availability(name, it.words.get(1), it.world),
    }
}

pub fn drain(it: Call<'_>) -> Meant {
    match it.first() {
        None => act(Action::Availability),
        Some(name) => availability(name, Some(&"drain"), it.world),
    }
}

/// Finds a stack of a project by its path or its name in the swarm.
fn managed(word: &str, world: &World) -> Option<Document> {
    let catalog = &world.projects.catalog;
    let path = find(catalog, word, Some(&world.setting.context));
    let stack = path.and_then(|it| catalog.stacks.get(&it));
    stack.and_then(Document::first_of)
}

fn survey(world: &World) -> Effect {
    Effect::Survey(Bounds { keep: world.setting.keep, all: false })
}

fn restart(name: &str, world: &World) -> Result<Operation, String> {
    Ok(Operation::Restart { service: service(name, world)? })
}

fn roll_back(name: &str, world: &World) -> Result<Operation, String> {
    Ok(Operation::RollBackService { service: service(name, world)? })
}

/// A stack and a service may share a name: docker means the stack by it.
fn removal(name: &str, world: &World) -> Result<Operation, String> {
    match stack(name, world) {
        Ok(stack) => {
            return Ok(Operation::Stack(StackOperation::of(
                &stack,
                StackAction::Remove,
                world.services(),
            )));
        }
        Err(why) if is_path(name) => return Err(why),
        Err(_) => {}
    }
    let service =
        service(name, world).map_err(|_| format!("there is no stack or service `{name}`"))?;
    Ok(Operation::RemoveService { service })
}

fn whole(name: Option<&str>, action: StackAction, world: &World) -> Result<Command, String> {
    let Some(name) = name else {
        return Err("a stack is missing: write its name after the command".to_owned());
    };
    let whole = StackOperation::of(&stack(name, world)?, action, world.services());
    if whole.parts.is_empty() {
        let mut services =
            world.services().iter().filter(|it| it.stack.as_ref() == Some(&whole.stack));
        return Err(match action {
            StackAction::Stop if services.any(|it| it.stopped.is_some()) => {
                format!("stack {name} is stopped already; `start {name}` starts it")
            }
            StackAction::Stop => format!("no service of stack {name} has replicas to stop"),
            _ => format!("stack {name} is not stopped"),
        });
    }
    Ok(Command::Operation(Operation::Stack(whole)))
}

fn scale(name: &str, number: Option<&&str>, world: &World) -> Result<Command, String> {
    // As docker says it.
    let (name, number) = match name.split_once('=') {
        Some((name, replicas)) if number.is_none() => (name, Some(replicas)),
        _ => (name, number.copied()),
    };
    let service = service(name, world)?;
    let Some(number) = number else {
        return Err(format!("a number is missing: write `:scale {name} 3`"));
    };
    let replicas = number.parse().map_err(|_| format!("`{number}` is not a number of replicas"))?;
    let mode = world.service(&service.id).map(|it| it.mode);
    if let Some(why) = mode.and_then(Mode::why_not_scaled) {
        return Err(format!("{} {why}", service.name));
    }
    Ok(Command::Operation(Operation::Scale { service, replicas }))
}

fn availability(name: &str, word: Option<&&str>, world: &World) -> Result<Command, String> {
    let node = world.nodes().iter().find(|it| *it.hostname == *name || it.id.as_str() == name);
    let node = node.ok_or_else(|| format!("there is no node `{name}`"))?;
    let Some(word) = word else {
        return Err(format!(
            "active, pause or drain is missing: write `:availability {name} drain`"
        ));
    };
    let availability: Availability = word.parse()?;
    Ok(Command::Operation(Operation::SetAvailability {
        node: node.id.clone(),
        hostname: node.hostname.to_string(),
        availability,
    }))
}
