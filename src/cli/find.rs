//! Name lookup: finds the stack, service or node that an argument names.
//!
//! A stack is named by its name in the swarm, or by its path in a project: everywhere, and
//! both mean the same.

use crate::{
    cli::{Desk, Failure, project::swarm_name},
    domain::{
        swarm::{
            change::ServiceRef,
            cluster::{Node, Service, TaskScope},
            names::StackName,
        },
        text::nearest::nearest,
    },
};

/// Finds a service by name, or by the start of its id where only one has it.
pub fn service<'a>(word: &str, services: &'a [Service]) -> Result<&'a Service, Failure> {
    let by_name = services.iter().find(|it| &*it.name == word);
    let mut by_id = services.iter().filter(|it| it.id.as_str().starts_with(word));
    let only_one = by_id.next().filter(|_| by_id.next().is_none() && !word.is_empty());
    by_name.or(only_one).ok_or_else(|| {
        let meant = nearest(word, services.iter().map(|it| &*it.name));
        unknown("service", word, meant, "see `skep services`")
    })
}

/// Finds the service that a change is for.
pub fn target(word: &str, services: &[Service]) -> Result<ServiceRef, Failure> {
    let found = service(word, services)?;
    Ok(ServiceRef { id: found.id.clone(), name: found.name.to_string() })
}

/// Finds a stack, else a service.
pub fn tasks(desk: &Desk, word: &str, services: &[Service]) -> Result<TaskScope, Failure> {
    if let Some(stack) = stack(word, services) {
        return Ok(TaskScope::Stack(stack));
    }
    if is_path(word) {
        return known_stack(desk, word, services).map(TaskScope::Stack);
    }
    let found = service(word, services).map_err(|_| nobody(word, services))?;
    Ok(TaskScope::Services(vec![found.id.clone()]))
}

/// Tells a path in a project: no service has a name like that.
pub fn is_path(word: &str) -> bool {
    word.contains('/')
}

/// Finds a stack by its name in the swarm.
pub fn stack(word: &str, services: &[Service]) -> Option<StackName> {
    let mut stacks = services.iter().filter_map(|it| it.stack.as_ref());
    stacks.find(|it| it.as_str() == word).cloned()
}

/// Finds the stack that a word names, among those that are there.
pub fn known_stack(desk: &Desk, word: &str, services: &[Service]) -> Result<StackName, Failure> {
    if let Some(found) = stack(word, services) {
        return Ok(found);
    }
    if !is_path(word) {
        return Err(no_stack(word, services));
    }
    let name = swarm_name(desk, word)?;
    stack(name.as_str(), services).ok_or_else(|| not_there(word, &name))
}

/// Refuses a name that no stack has.
pub fn no_stack(word: &str, services: &[Service]) -> Failure {
    let stacks = services.iter().filter_map(|it| Some(it.stack.as_ref()?.as_str()));
    unknown("stack", word, nearest(word, stacks), "see `skep ls`")
}

/// Refuses a stack of a project that the swarm has nothing of.
pub fn not_there(path: &str, name: &StackName) -> Failure {
    let why = format!("{path} is not in the swarm, where its name would be `{name}`");
    Failure::new(why, Some(format!("`skep deploy {path}` deploys it"))).named("unknown-name")
}

/// Finds a node by host name, or by the start of its id where only one has it.
pub fn node<'a>(word: &str, nodes: &'a [Node]) -> Result<&'a Node, Failure> {
    let by_name = nodes.iter().find(|it| &*it.hostname == word);
    let mut by_id = nodes.iter().filter(|it| it.id.as_str().starts_with(word));
    let only_one = by_id.next().filter(|_| by_id.next().is_none() && !word.is_empty());
    by_name.or(only_one).ok_or_else(|| {
        let meant = nearest(word, nodes.iter().map(|it| &*it.hostname));
        unknown("node", word, meant, "see `skep nodes`")
    })
}

fn nobody(word: &str, services: &[Service]) -> Failure {
    let stacks = services.iter().filter_map(|it| Some(it.stack.as_ref()?.as_str()));
    let meant = nearest(word, stacks.chain(services.iter().map(|it| &*it.name)));
    unknown("stack or service", word, meant, "see `skep ls` and `skep services`")
}

/// Refuses a name that nothing has; the hint is the name that was `meant`.
pub fn unknown(kind: &str, word: &str, meant: Option<&str>, otherwise: &str) -> Failure {
    let hint = meant.map_or_else(|| otherwise.to_owned(), |it| format!("did you mean `{it}`?"));
    Failure::new(format!("there is no {kind} `{word}`"), Some(hint)).named("unknown-name")
}
