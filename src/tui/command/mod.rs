//! The command line after `:`: parsing and completion from one table.

pub mod editing;
mod meaning;
mod table;
mod docker;
mod elsewhere;
mod names;
mod projects;
mod logs;
mod reads;

pub use meaning::Command;

use crate::{
    domain::{
        deployment::gc::Bounds,
        project::{Owner, SourcePlace},
        swarm::{cluster::Object, states::Availability},
        text::mask::is_secret_name,
    },
    jobs::{
        operations::Operation,
        stack::{StackAction, StackOperation},
    },
    tui::{
        document::Document,
        event::{Destination, Effect, Scope},
        keymap::Action,
        projects::Chore,
        world::{NotRead, World},
    },
};
use names::{any_scope, context, is_path, named, service, stack, stack_scope};
use nucleo_matcher::{
    Config, Matcher,
    pattern::{CaseMatching, Normalization, Pattern},
};
use std::path::PathBuf;
use table::{AVAILABILITIES, CommandRow, Takes, rows};

/// Understands a command, or says what is wrong with it.
///
/// `selected` is what is meant where no stack of a project, or owner of a value, is named.
pub fn parse(text: &str, selected: Option<&Owner>, world: &World) -> Result<Command, String> {
    let translated = docker::translated(text)?;
    let text = translated.as_deref().unwrap_or(text);
    let mut words = text.split_whitespace();
    let name = words.next().unwrap_or_default();
    let Some(row) = table::find(name) else {
        return Err(unknown(name, world));
    };
    let words: Vec<&str> = words.collect();
    if let Some(extra) = words.get(most_words(row.takes)) {
        return Err(format!("`{extra}` is an extra word: {}", row.help));
    }
    // Before that nobody can say that something is not there.
    if let Some(unread) = reads::first_not_read(row, &words, world) {
        return Err(unread.press_again("enter"));
    }
    match row.takes {
        Takes::Owner | Takes::Attach | Takes::Managed | Takes::New | Takes::Template => {
            of_project(row, &words, selected, world)
        }
        _ => understand(row, &words, world),
    }
}

/// Returns what must be read before a command can be understood, or words be offered for it.
pub fn not_read(text: &str, world: &World) -> Option<NotRead> {
    let mut words = text.split_whitespace();
    let row = table::find(words.next()?)?;
    reads::first_not_read(row, &words.collect::<Vec<_>>(), world)
}

/// Says what to do instead of a command that is none.
fn unknown(name: &str, world: &World) -> String {
    if let Some(where_it_is) = elsewhere::said(name) {
        return where_it_is;
    }
    let near = table::meant(name, world);
    let near = near.map_or_else(|| ";".to_owned(), |it| format!("; did you mean `{it}`?"));
    format!("`{name}` is not a command{near} `:help` lists them")
}

/// Returns what a text in the list of commands means.
pub fn about(offer: &str) -> &'static str {
    table::find(offer.trim()).map_or("", |it| it.help)
}

/// Returns every command that counts here, with its other names and a line about it.
pub fn all(world: &World) -> Vec<(String, String)> {
    let names = |it: &table::CommandRow| [&[it.name], it.also].concat().join(", ");
    table::rows(world).map(|it| (names(it), it.help.to_owned())).collect()
}

/// Returns what is kept of a command: values that it sets may be secret, and stay out.
pub fn to_remember(text: &str) -> String {
    let sets = text.split_whitespace().next().is_some_and(|it| matches!(it, "set" | "secret"));
    match text.split_once('=') {
        Some((before, _)) if sets => format!("{before}="),
        _ => text.to_owned(),
    }
}

/// Returns whether a command asks for a secret value, or was meant to.
pub fn is_about_a_secret(text: &str, world: &World) -> bool {
    let name = text.split_whitespace().next().unwrap_or_default();
    let known = table::find(name).is_some() || elsewhere::said(name).is_some();
    name == "secret" || (!known && table::meant(name, world) == Some("secret"))
}

/// Returns where a value begins in a command that may be secret: it is not shown.
pub fn hidden_from(text: &str, world: &World) -> Option<usize> {
    let (before, _) = text.split_once('=')?;
    let mut words = before.trim_start_matches(':').split_whitespace();
    let sets = words.next() == Some("set");
    let name = words.next_back().and_then(|it| it.rsplit(':').next()).unwrap_or_default();
    let hidden =
        is_about_a_secret(text.trim_start_matches(':'), world) || (sets && is_secret_name(name));
    hidden.then_some(before.len() + 1)
}

/// Returns what the text may become, best first.
pub fn complete(text: &str, world: &World) -> Vec<String> {
    let Some((head, last)) = text.rsplit_once(' ') else {
        let names = rows(world).map(|it| it.name);
        return ranked(text, names.chain(other_names(text, world)).map(ToOwned::to_owned));
    };
    let mut words = head.split_whitespace();
    let name = words.next().unwrap_or_default();
    let Some(row) = table::find(name) else {
        return Vec::new();
    };
    let candidates = candidates(row.takes, &words.collect::<Vec<_>>(), last, world);
    ranked(last, candidates.into_iter()).into_iter().map(|it| format!("{head} {it}")).collect()
}

/// Returns other names of commands that begin so, where the name itself does not.
fn other_names(text: &str, world: &World) -> Vec<&'static str> {
    if text.chars().count() < 2 {
        return Vec::new();
    }
    let others = rows(world).filter(|it| !it.name.starts_with(text)).flat_map(|it| it.also);
    others.copied().filter(|it| it.starts_with(text)).collect()
}

fn understand(row: &CommandRow, words: &[&str], world: &World) -> Result<Command, String> {
    let first = words.first().copied();
    Ok(match (row.name, first) {
        ("board", _) => Command::Go(Destination::Board),
        ("overview", _) => Command::Go(Destination::Overview),
        ("stacks", _) => Command::Go(Destination::Stacks),
        ("services", None) => Command::Go(Destination::Services(Scope::All)),
        ("services", Some(stack)) => Command::Go(Destination::Services(stack_scope(stack, world)?)),
        ("tasks", None) => Command::Go(Destination::Tasks(Scope::All)),
        ("tasks", Some(name)) => Command::Go(Destination::Tasks(any_scope(name, world)?)),
        ("nodes", _) => Command::Go(Destination::Nodes),
        ("history", None) => Command::Act(Action::Releases),
        ("history", Some(stack)) => Command::Go(Destination::Releases(named(stack, world)?)),
        ("events", _) => Command::Go(Destination::Events),
        ("jobs", _) => Command::Go(Destination::Jobs),
        ("contexts", None) => Command::Go(Destination::Contexts),
        ("contexts", Some(name)) => Command::Do(Effect::Switch(context(name, world)?)),
        ("logs" | "since", _) => logs::logs(row.name, words, world)?,
        ("describe", None) => Command::Act(Action::Describe),
        ("describe", Some(name)) => {
            Command::Go(Destination::Describe(Object::Service(service(name, world)?.id)))
        }
        ("spec", None) => Command::Act(Action::Spec),
        ("spec", Some(name)) => {
            Command::Go(Destination::Spec(Object::Service(service(name, world)?.id)))
        }
        ("swarm", _) => Command::Go(Destination::Describe(Object::Swarm)),
        ("edit", None) => Command::Act(Action::Edit),
        ("edit", Some(path)) => Command::Go(Destination::Editor(document(path, world))),
        ("scale", None) => Command::Act(Action::Scale),
        ("scale", Some(name)) => scale(name, words.get(1), world)?,
        ("restart", None) => Command::Act(Action::Restart),
        ("restart", Some(name)) => Command::Operation(restart(name, world)?),
        ("rollback", None) => Command::Act(Action::RollBack),
        ("rollback", Some(name)) => Command::Operation(roll_back(name, world)?),
        ("drafts", _) => Command::Do(Effect::ListDrafts),
        ("recover", _) => Command::Do(Effect::LookForInterrupted),
        ("rm", None) => Command::Act(Action::Remove),
        ("rm", Some(name)) => Command::Operation(removal(name, world)?),
        ("purge" | "stop" | "start", name) => whole(name, action(row.name), world)?,
        ("gc", _) => Command::Do(survey(world)),
        ("adopt", None) => return Err("a stack is missing: write `:adopt STACK`".to_owned()),
        ("adopt", Some(name)) => Command::Operation(Operation::Adopt(stack(name, world)?)),
        ("availability" | "drain", None) => Command::Act(Action::Availability),
        ("availability", Some(name)) => availability(name, words.get(1), world)?,
        ("drain", Some(name)) => availability(name, Some(&"drain"), world)?,
        ("demo", _) => Command::Do(Effect::Switch("demo".to_owned())),
        ("help", _) => Command::Act(Action::Help),
        ("quit", _) => Command::Act(Action::Quit),
        _ => return Err(forgotten(row)),
    })
}

fn of_project(
    row: &CommandRow,
    words: &[&str],
    selected: Option<&Owner>,
    world: &World,
) -> Result<Command, String> {
    let managed = || projects::managed(words.first(), selected, world);
    Ok(match row.name {
        "variables" => Command::Go(Destination::Variables(managed()?)),
        "changes" => Command::Go(Destination::Changes(managed()?)),
        "deploy" => Command::Do(Effect::Project(Chore::Prepare(managed()?))),
        "create" => projects::create(words, SourcePlace::Kept, world)?,
        "link" => projects::create(words, SourcePlace::Linked, world)?,
        "attach" => projects::attach(words, world)?,
        "import" => projects::import(words, world)?,
        "template" => projects::template(words, world)?,
        "paste" => projects::paste(words, world)?,
        "rename" => projects::rename(words)?,
        "delete" => projects::delete(words, world)?,
        "set" => projects::set(words, selected)?,
        "secret" => projects::secret(words, selected)?,
        "unset" => projects::unset(words, selected)?,
        "policy" => projects::policy(words)?,
        _ => return Err(forgotten(row)),
    })
}

/// Says that a command is listed and nothing carries it out.
fn forgotten(row: &CommandRow) -> String {
    format!("bug: nothing carries `{}` out; nothing was touched", row.name)
}

/// A stack of a project by its path, or else a file.
fn document(word: &str, world: &World) -> Document {
    let stack = word.parse().ok().and_then(|it| world.projects.catalog.stacks.get(&it));
    let found = stack.and_then(Document::first_of);
    found.unwrap_or_else(|| Document::File(PathBuf::from(word)))
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

fn action(command: &str) -> StackAction {
    match command {
        "purge" => StackAction::Purge,
        "stop" => StackAction::Stop,
        _ => StackAction::Start,
    }
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

fn most_words(takes: Takes) -> usize {
    match takes {
        Takes::Nothing => 0,
        Takes::ServiceAndNumber | Takes::NodeAndAvailability | Takes::Template => 2,
        Takes::Moment => 2,
        Takes::Logs => 4,
        Takes::Owner | Takes::Attach => usize::MAX,
        _ => 1,
    }
}

/// Returns what may follow the words behind the name of a command.
fn candidates(takes: Takes, words: &[&str], last: &str, world: &World) -> Vec<String> {
    let stacks = || {
        let mut names: Vec<String> = world
            .services()
            .iter()
            .filter_map(|it| it.stack.as_ref())
            .map(ToString::to_string)
            .collect();
        names.sort();
        names.dedup();
        names
    };
    let services = || world.services().iter().map(|it| it.name.to_string()).collect::<Vec<_>>();
    let nodes = || world.nodes().iter().map(|it| it.hostname.to_string()).collect::<Vec<_>>();
    let catalog = &world.projects.catalog;
    let managed = || catalog.stacks.keys().map(ToString::to_string).collect::<Vec<_>>();
    let owners = || {
        let projects = catalog.projects.keys().map(ToString::to_string);
        let environments = catalog.environments.keys().map(ToString::to_string);
        projects.chain(environments).chain(managed()).collect::<Vec<_>>()
    };
    let rooms = || catalog.environments.keys().map(|it| format!("{it}/")).collect::<Vec<_>>();
    let templates = || {
        let all = world.setting.templates.all.iter();
        all.map(|it| it.template.name.clone()).collect::<Vec<_>>()
    };
    match (takes, words.len()) {
        (Takes::Managed | Takes::File, 0) => managed(),
        (Takes::New, 0) => rooms(),
        (Takes::Template, 0) => rooms().into_iter().chain(templates()).collect(),
        (Takes::Template, 1) if words[0].contains('/') => templates(),
        (Takes::Template, 1) => rooms(),
        (Takes::Owner, 0 | 1) | (Takes::Attach, 1) => owners(),
        (Takes::Attach, 0) => stacks(),
        (Takes::Stack, 0) => stacks().into_iter().chain(managed()).collect(),
        (Takes::Service | Takes::ServiceAndNumber, 0) => services(),
        (Takes::StackOrService, 0) => {
            stacks().into_iter().chain(services()).chain(managed()).collect()
        }
        (Takes::Logs, 0) => {
            let tasks = logs::tasks(last, world);
            stacks().into_iter().chain(services()).chain(managed()).chain(tasks).collect()
        }
        (Takes::Node | Takes::NodeAndAvailability, 0) => nodes(),
        (Takes::NodeAndAvailability, 1) => AVAILABILITIES.iter().map(ToString::to_string).collect(),
        (Takes::Context, 0) => world.setting.contexts.iter().map(|it| it.name.clone()).collect(),
        _ => Vec::new(),
    }
}

/// Those that have the letters in order; the ones that begin so come first.
fn ranked(typed: &str, candidates: impl Iterator<Item = String>) -> Vec<String> {
    if typed.is_empty() {
        return candidates.collect();
    }
    let (mut starting, rest): (Vec<String>, Vec<String>) =
        candidates.partition(|it| it.starts_with(typed));
    let pattern = Pattern::parse(typed, CaseMatching::Smart, Normalization::Smart);
    let fuzzy = pattern.match_list(rest, &mut Matcher::new(Config::DEFAULT));
    starting.extend(fuzzy.into_iter().map(|it| it.0));
    starting
}
