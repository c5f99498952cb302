//! Finds what a word on the command line names.

use crate::{
    cli::Failure,
    domain::{
        cluster::{Node, Service, TaskScope},
        names::StackName,
        text::nearest::nearest,
    },
    jobs::work::Target,
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
pub fn target(word: &str, services: &[Service]) -> Result<Target, Failure> {
    let found = service(word, services)?;
    Ok(Target { id: found.id.clone(), name: found.name.to_string() })
}

/// Finds a stack, else a service.
pub fn tasks(word: &str, services: &[Service]) -> Result<TaskScope, Failure> {
    if let Some(stack) = stack(word, services) {
        return Ok(TaskScope::Stack(stack));
    }
    let found = service(word, services).map_err(|_| nobody(word, services))?;
    Ok(TaskScope::Services(vec![found.id.clone()]))
}

/// Finds a stack by name.
pub fn stack(word: &str, services: &[Service]) -> Option<StackName> {
    let mut stacks = services.iter().filter_map(|it| it.stack.as_ref());
    stacks.find(|it| it.as_str() == word).cloned()
}

/// Finds the stack that a change is for.
pub fn known_stack(word: &str, services: &[Service]) -> Result<StackName, Failure> {
    stack(word, services)
        .ok_or_else(|| unknown("stack", word, similar_stack(word, services), "see `skep ls`"))
}

/// Returns the stack whose name comes nearest, if one does.
pub fn similar_stack<'a>(word: &str, services: &'a [Service]) -> Option<&'a str> {
    nearest(word, services.iter().filter_map(|it| Some(it.stack.as_ref()?.as_str())))
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
    unknown("stack and no service", word, meant, "see `skep ls` and `skep services`")
}

/// Refuses a name that nothing has; the hint is the name that was `meant`.
pub fn unknown(kind: &str, word: &str, meant: Option<&str>, otherwise: &str) -> Failure {
    let hint = meant.map_or_else(|| otherwise.to_owned(), |it| format!("did you mean `{it}`?"));
    Failure::new(format!("there is no {kind} `{word}`"), Some(hint)).named("unknown-name")
}
