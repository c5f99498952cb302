//! Name lookup for commands: stacks by name or path, services, nodes.

use crate::{
    domain::{
        project::StackPath,
        swarm::{change::ServiceRef, names::StackName},
    },
    tui::{event::Scope, world::World},
};

pub fn service(name: &str, world: &World) -> Result<ServiceRef, String> {
    let found = world.services().iter().find(|it| *it.name == *name || it.id.as_str() == name);
    let found = found.ok_or_else(|| match stack(name, world) {
        Ok(stack) => format!("{stack} is a stack; name one of its services"),
        Err(_) => format!("there is no service `{name}`"),
    })?;
    Ok(ServiceRef { id: found.id.clone(), name: found.name.to_string() })
}

/// Returns the name in the swarm of a stack; one that is gone may still have releases.
pub fn named(word: &str, world: &World) -> Result<StackName, String> {
    let Ok(path) = word.parse::<StackPath>() else {
        return word.parse().map_err(|err| format!("{err}"));
    };
    let here = (!world.setting.demo).then_some(world.setting.context.as_str());
    let found = world.projects.catalog.in_swarm(&path, here);
    found.cloned().map_err(|err| err.to_string())
}

/// Finds a stack that is there.
pub fn stack(word: &str, world: &World) -> Result<StackName, String> {
    let mut stacks = world.services().iter().filter_map(|it| it.stack.as_ref());
    if let Some(found) = stacks.clone().find(|it| it.as_str() == word) {
        return Ok(found.clone());
    }
    if !is_path(word) {
        return Err(format!("there is no stack `{word}`"));
    }
    let name = named(word, world)?;
    let found = stacks.find(|it| **it == name).cloned();
    found.ok_or_else(|| format!("{word} is not in the swarm, where its name would be `{name}`"))
}

/// Tells a path in a project: nothing in a swarm has a name like that.
pub fn is_path(word: &str) -> bool {
    word.parse::<StackPath>().is_ok()
}

pub fn stack_scope(name: &str, world: &World) -> Result<Scope, String> {
    stack(name, world).map(Scope::Stack)
}

pub fn any_scope(name: &str, world: &World) -> Result<Scope, String> {
    if is_path(name) {
        return stack_scope(name, world);
    }
    stack_scope(name, world)
        .or_else(|_| service(name, world).map(|it| Scope::Service(it.id)))
        .or_else(|_| node_scope(name, world))
        .map_err(|()| format!("there is no stack, service or node `{name}`"))
}

fn node_scope(name: &str, world: &World) -> Result<Scope, ()> {
    let node = world.nodes().iter().find(|it| *it.hostname == *name).ok_or(())?;
    Ok(Scope::Node(node.id.clone()))
}

pub fn context(name: &str, world: &World) -> Result<String, String> {
    let known = world.setting.contexts.iter().find(|it| it.name == name);
    known.map(|it| it.name.clone()).ok_or_else(|| format!("there is no docker context `{name}`"))
}
