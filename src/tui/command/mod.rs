//! What can be typed after `:`, understood and completed from one table.

pub mod editing;
mod projects;

use crate::{
    domain::{
        cluster::Object,
        gc::Bounds,
        logs::Window,
        names::StackName,
        project::{SourcePlace, StackPath},
        text::nearest::nearest,
    },
    jobs::{
        stack::{Fate, Whole},
        work::{Availability, Target, Work},
    },
    tui::{
        document::Document,
        event::{Effect, Place, PromptKind, Question, Scope, Subject},
        keymap::Action,
        projects::Chore,
        world::World,
    },
};
use nucleo_matcher::{
    Config, Matcher,
    pattern::{CaseMatching, Normalization, Pattern},
};
use std::path::PathBuf;

/// What a typed command comes to.
#[derive(Debug, Clone)]
pub enum Command {
    Go(Place),
    /// The same as a key.
    Act(Action),
    /// Asked first, then done.
    Work(Work),
    Do(Effect),
    Ask(Question),
    Prompt(PromptKind),
    /// Logs from a moment on: those that are shown, or those of a place.
    Since(Option<Place>, Window),
}

/// What may follow the name of a command.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Takes {
    Nothing,
    Stack,
    Service,
    Node,
    Context,
    File,
    ServiceAndNumber,
    NodeAndAvailability,
    StackOrService,
    /// The same, and from when on.
    Logs,
    /// A time, with a date or without.
    Moment,
    /// A stack of a project.
    Managed,
    /// A project, an environment or a stack of one, and more.
    Owner,
    /// A stack of a project that is not there yet.
    New,
    /// The same, and the name of a template.
    Template,
}

struct Row {
    name: &'static str,
    also: &'static [&'static str],
    takes: Takes,
    help: &'static str,
}

#[rustfmt::skip]
const ROWS: &[Row] = &[
    Row { name: "board",    also: &["main"],               takes: Takes::Nothing, help: "the main screen" },
    Row { name: "overview", also: &["pulse", "pulses"],    takes: Takes::Nothing, help: "what is wrong, and why" },
    Row { name: "stacks",   also: &["stack", "st"],        takes: Takes::Nothing, help: "all stacks" },
    Row { name: "services", also: &["service", "svc"],     takes: Takes::Stack,   help: "services, of one stack if named" },
    Row { name: "tasks",    also: &["task", "ps"],         takes: Takes::StackOrService, help: "tasks, of a stack or service if named" },
    Row { name: "nodes",    also: &["node", "no"],         takes: Takes::Nothing, help: "all nodes" },
    Row { name: "history",  also: &["releases", "rel"],    takes: Takes::Stack,   help: "the releases of a stack" },
    Row { name: "events",   also: &["event", "ev"],        takes: Takes::Nothing, help: "what happens in the cluster" },
    Row { name: "jobs",     also: &["job"],                takes: Takes::Nothing, help: "what skep does" },
    Row { name: "contexts", also: &["ctx", "context"],     takes: Takes::Context, help: "docker contexts; switch to the one named" },
    Row { name: "logs",     also: &["log"],                takes: Takes::Logs,    help: "follow logs: NAME, NAME --since 3h or 14:02" },
    Row { name: "since",    also: &[],                     takes: Takes::Moment,  help: "logs from a moment on: 3h, 1d, all, 14:02, 2026-11-30 14:02" },
    Row { name: "describe", also: &["desc"],               takes: Takes::Service, help: "a readable page" },
    Row { name: "spec",     also: &["yaml", "inspect"],    takes: Takes::Service, help: "the spec as YAML or JSON" },
    Row { name: "swarm",    also: &["cluster"],            takes: Takes::Nothing, help: "the swarm itself" },
    Row { name: "edit",     also: &["open"],               takes: Takes::File,    help: "a compose file in the editor, or a stack of a project" },
    Row { name: "drafts",   also: &["draft"],              takes: Takes::Nothing, help: "texts that are not saved, or were discarded in the last week" },
    Row { name: "variables", also: &["vars", "var"],       takes: Takes::Managed, help: "the variables of a stack, and where they come from" },
    Row { name: "changes",  also: &["pending", "diff"],    takes: Takes::Managed, help: "what of a stack is not deployed yet" },
    Row { name: "deploy",   also: &["plan"],               takes: Takes::Managed, help: "plan a stack of a project, and deploy it" },
    Row { name: "create",   also: &["new"],                takes: Takes::Owner,   help: "PROJECT, PROJECT/ENVIRONMENT, or PROJECT/ENVIRONMENT/STACK FILE" },
    Row { name: "link",     also: &[],                     takes: Takes::Owner,   help: "PROJECT/ENVIRONMENT/STACK FILE: the file stays where it is" },
    Row { name: "attach",   also: &[],                     takes: Takes::Owner,   help: "STACK PROJECT/ENVIRONMENT/NAME FILE: the source of what runs already" },
    Row { name: "import",   also: &[],                     takes: Takes::Owner,   help: "PROJECT/ENVIRONMENT/STACK FILE: a project of Docker Compose, converted" },
    Row { name: "template", also: &["templates"],          takes: Takes::Template, help: "list templates; PROJECT/ENVIRONMENT/STACK NAME: a new stack of one" },
    Row { name: "paste",    also: &[],                     takes: Takes::New,     help: "PROJECT/ENVIRONMENT/STACK: a new, empty one, to paste a text into" },
    Row { name: "rename",   also: &[],                     takes: Takes::Owner,   help: "PATH NAME: a project, an environment or a stack of one" },
    Row { name: "delete",   also: &[],                     takes: Takes::Owner,   help: "a project, an environment or a stack of one, out of skep" },
    Row { name: "set",      also: &[],                     takes: Takes::Owner,   help: "[PATH] [SERVICE:]NAME=VALUE" },
    Row { name: "secret",   also: &[],                     takes: Takes::Owner,   help: "[PATH] [SERVICE:]NAME: the value is asked for, and sealed" },
    Row { name: "unset",    also: &[],                     takes: Takes::Owner,   help: "[PATH] [SERVICE:]NAME" },
    Row { name: "policy",   also: &[],                     takes: Takes::Owner,   help: "PATH KEY VALUE, or PATH recommended" },
    Row { name: "scale",    also: &[],                     takes: Takes::ServiceAndNumber, help: "scale SERVICE REPLICAS" },
    Row { name: "restart",  also: &["force"],              takes: Takes::Service, help: "replace every task" },
    Row { name: "rollback", also: &[],                     takes: Takes::Service, help: "back to the engine's previous spec" },
    Row { name: "recover",  also: &[],                     takes: Takes::Nothing, help: "what becomes of interrupted deployments" },
    Row { name: "rm",       also: &["remove"],             takes: Takes::StackOrService, help: "remove a stack or a service" },
    Row { name: "purge",    also: &[],                     takes: Takes::Stack,   help: "remove a stack with its volumes" },
    Row { name: "stop",     also: &[],                     takes: Takes::Stack,   help: "scale a stack to zero; it remembers its replicas" },
    Row { name: "start",    also: &[],                     takes: Takes::Stack,   help: "start a stopped stack" },
    Row { name: "adopt",    also: &[],                     takes: Takes::Stack,   help: "what others deployed becomes the first release of a stack" },
    Row { name: "gc",       also: &["cleanup"],            takes: Takes::Nothing, help: "what nobody needs any more, to be removed" },
    Row { name: "availability", also: &["avail"],          takes: Takes::NodeAndAvailability, help: "NODE active, pause or drain" },
    Row { name: "drain",    also: &[],                     takes: Takes::Node,    help: "drain a node" },
    Row { name: "demo",     also: &[],                     takes: Takes::Nothing, help: "a cluster that is made up; nothing real is touched" },
    Row { name: "help",     also: &["h", "keys"],          takes: Takes::Nothing, help: "the keys that count here" },
    Row { name: "quit",     also: &["exit"],    takes: Takes::Nothing, help: "leave" },
];

const CHANGING: &[&str] = &[
    "scale",
    "restart",
    "rollback",
    "recover",
    "rm",
    "purge",
    "stop",
    "start",
    "adopt",
    "gc",
    "availability",
    "drain",
    "deploy",
    "create",
    "link",
    "attach",
    "import",
    "paste",
    "rename",
    "delete",
    "set",
    "secret",
    "unset",
    "policy",
];
const AVAILABILITIES: &[&str] = &["active", "pause", "drain"];

/// Returns the commands there are; where one may only look, none that change anything.
fn rows(world: &World) -> impl Iterator<Item = &'static Row> {
    let read_only = world.setting.read_only;
    ROWS.iter().filter(move |it| !read_only || !CHANGING.contains(&it.name))
}

/// Understands a command, or says what is wrong with it.
///
/// `selected` is the stack of a project that is meant where none is named.
pub fn parse(text: &str, selected: Option<&StackPath>, world: &World) -> Result<Command, String> {
    let mut words = text.split_whitespace();
    let name = words.next().unwrap_or_default();
    let Some(row) = ROWS.iter().find(|it| it.name == name || it.also.contains(&name)) else {
        let near = nearest(name, rows(world).map(|it| it.name));
        let near = near.map(|it| format!("; did you mean `{it}`?")).unwrap_or_default();
        return Err(format!("`{name}` is no command{near}"));
    };
    let words: Vec<&str> = words.collect();
    if let Some(extra) = words.get(most_words(row.takes)) {
        return Err(format!("`{extra}` is one word too many: {}", row.help));
    }
    match row.takes {
        Takes::Owner | Takes::Managed | Takes::New | Takes::Template => {
            of_project(row, &words, selected, world)
        }
        _ => understand(row, &words, world),
    }
}

/// Returns what is kept of a command: values that it sets may be secret, and stay out.
pub fn to_remember(text: &str) -> String {
    let sets = text.split_whitespace().next().is_some_and(|it| matches!(it, "set" | "secret"));
    match text.split_once('=') {
        Some((before, _)) if sets => format!("{before}="),
        _ => text.to_owned(),
    }
}

/// Returns what the text may become, best first.
pub fn complete(text: &str, world: &World) -> Vec<String> {
    let Some((head, last)) = text.rsplit_once(' ') else {
        return ranked(text, rows(world).map(|it| it.name.to_owned()));
    };
    let mut words = head.split_whitespace();
    let name = words.next().unwrap_or_default();
    let Some(row) = ROWS.iter().find(|it| it.name == name || it.also.contains(&name)) else {
        return Vec::new();
    };
    let candidates = candidates(row.takes, &words.collect::<Vec<_>>(), world);
    ranked(last, candidates.into_iter()).into_iter().map(|it| format!("{head} {it}")).collect()
}

fn understand(row: &Row, words: &[&str], world: &World) -> Result<Command, String> {
    let first = words.first().copied();
    Ok(match (row.name, first) {
        ("board", _) => Command::Go(Place::Board),
        ("overview", _) => Command::Go(Place::Overview),
        ("stacks", _) => Command::Go(Place::Stacks),
        ("services", None) => Command::Go(Place::Services(Scope::All)),
        ("services", Some(stack)) => Command::Go(Place::Services(stack_scope(stack, world)?)),
        ("tasks", None) => Command::Go(Place::Tasks(Scope::All)),
        ("tasks", Some(name)) => Command::Go(Place::Tasks(any_scope(name, world)?)),
        ("nodes", _) => Command::Go(Place::Nodes),
        ("history", None) => Command::Act(Action::Releases),
        ("history", Some(stack)) => Command::Go(Place::Releases(named(stack)?)),
        ("events", _) => Command::Go(Place::Events),
        ("jobs", _) => Command::Go(Place::Jobs),
        ("contexts", None) => Command::Go(Place::Contexts),
        ("contexts", Some(name)) => Command::Do(Effect::Switch(context(name, world)?)),
        ("logs", None) => Command::Act(Action::Logs),
        ("logs", Some(_)) => logs(words, world)?,
        ("since", None) => return Err("since when? `since 3h`, `since 14:02`".to_owned()),
        ("since", Some(_)) => Command::Since(None, window(&words.join(" "), world)?),
        ("describe", None) => Command::Act(Action::Describe),
        ("describe", Some(name)) => {
            Command::Go(Place::Describe(Object::Service(service(name, world)?.id)))
        }
        ("spec", None) => Command::Act(Action::Spec),
        ("spec", Some(name)) => Command::Go(Place::Spec(Object::Service(service(name, world)?.id))),
        ("swarm", _) => Command::Go(Place::Describe(Object::Swarm)),
        ("edit", None) => Command::Act(Action::Edit),
        ("edit", Some(path)) => Command::Go(Place::Editor(document(path, world))),
        ("scale", None) => Command::Act(Action::Scale),
        ("scale", Some(name)) => scale(name, words.get(1), world)?,
        ("restart", None) => Command::Act(Action::Restart),
        ("restart", Some(name)) => Command::Work(Work::Restart { service: service(name, world)? }),
        ("rollback", None) => Command::Act(Action::RollBack),
        ("rollback", Some(name)) => {
            Command::Work(Work::RollBack { service: service(name, world)? })
        }
        ("drafts", _) => Command::Do(Effect::ListDrafts),
        ("recover", _) => Command::Do(Effect::LookForInterrupted),
        ("rm", None) => Command::Act(Action::Remove),
        ("rm", Some(name)) => Command::Work(removal(name, world)?),
        ("purge" | "stop" | "start", name) => whole(name, fate(row.name), world)?,
        ("gc", _) => Command::Do(survey(world)),
        ("adopt", None) => return Err("which stack? `adopt STACK`".to_owned()),
        ("adopt", Some(name)) => Command::Work(Work::Adopt(stack(name, world)?)),
        ("availability", None) => Command::Act(Action::Availability),
        ("availability", Some(name)) => availability(name, words.get(1), world)?,
        ("drain", Some(name)) => availability(name, Some(&"drain"), world)?,
        ("drain", None) => Command::Act(Action::Availability),
        ("demo", _) => Command::Do(Effect::Switch("demo".to_owned())),
        ("help", _) => Command::Act(Action::Help),
        _ => Command::Act(Action::Quit),
    })
}

fn of_project(
    row: &Row,
    words: &[&str],
    selected: Option<&StackPath>,
    world: &World,
) -> Result<Command, String> {
    let managed = || projects::managed(words.first(), selected, world);
    Ok(match row.name {
        "variables" => Command::Go(Place::Variables(managed()?)),
        "changes" => Command::Go(Place::Changes(managed()?)),
        "deploy" => Command::Do(Effect::Project(Chore::Prepare(managed()?))),
        "create" => projects::create(words, SourcePlace::Kept, world)?,
        "link" => projects::create(words, SourcePlace::Linked, world)?,
        "attach" => projects::attach(words, world)?,
        "import" => projects::import(words, world)?,
        "template" => projects::template(words, world)?,
        "paste" => projects::paste(words, world)?,
        "rename" => projects::rename(words)?,
        "delete" => projects::delete(words)?,
        "set" => projects::set(words, selected)?,
        "secret" => projects::secret(words, selected)?,
        "unset" => projects::unset(words, selected)?,
        _ => projects::policy(words)?,
    })
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

/// A stack and a service may share a name: docker means the stack by it.
fn removal(name: &str, world: &World) -> Result<Work, String> {
    if let Ok(stack) = stack(name, world) {
        return Ok(Work::Stack(Whole::of(&stack, Fate::Remove, world.services())));
    }
    let service =
        service(name, world).map_err(|_| format!("there is no stack and no service `{name}`"))?;
    Ok(Work::RemoveService { service })
}

fn fate(command: &str) -> Fate {
    match command {
        "purge" => Fate::Purge,
        "stop" => Fate::Stop,
        _ => Fate::Start,
    }
}

fn whole(name: Option<&str>, fate: Fate, world: &World) -> Result<Command, String> {
    let Some(name) = name else {
        return Err("which stack? name it after the command".to_owned());
    };
    let whole = Whole::of(&stack(name, world)?, fate, world.services());
    if whole.parts.is_empty() {
        let mut services =
            world.services().iter().filter(|it| it.stack.as_ref() == Some(&whole.stack));
        return Err(match fate {
            Fate::Stop if services.any(|it| it.stopped.is_some()) => {
                format!("stack {name} is stopped already; `start {name}` starts it")
            }
            Fate::Stop => format!("no service of stack {name} has replicas to stop"),
            _ => format!("stack {name} is not stopped"),
        });
    }
    Ok(Command::Work(Work::Stack(whole)))
}

fn scale(name: &str, number: Option<&&str>, world: &World) -> Result<Command, String> {
    let service = service(name, world)?;
    let Some(number) = number else { return Err(format!("how many? `scale {name} 3`")) };
    let replicas = number.parse().map_err(|_| format!("`{number}` is no number of replicas"))?;
    Ok(Command::Work(Work::Scale { service, replicas }))
}

fn availability(name: &str, word: Option<&&str>, world: &World) -> Result<Command, String> {
    let node = world.nodes().iter().find(|it| *it.hostname == *name || it.id.as_str() == name);
    let node = node.ok_or_else(|| format!("there is no node `{name}`"))?;
    let Some(word) = word else { return Err(format!("which? `availability {name} drain`")) };
    let availability: Availability = word.parse()?;
    Ok(Command::Work(Work::SetAvailability {
        node: node.id.clone(),
        hostname: node.hostname.to_string(),
        availability,
    }))
}

fn service(name: &str, world: &World) -> Result<Target, String> {
    let found = world.services().iter().find(|it| *it.name == *name || it.id.as_str() == name);
    let found = found.ok_or_else(|| format!("there is no service `{name}`"))?;
    Ok(Target { id: found.id.clone(), name: found.name.to_string() })
}

/// A stack that is gone may still have releases.
fn named(name: &str) -> Result<StackName, String> {
    name.parse().map_err(|err| format!("{err}"))
}

fn stack(name: &str, world: &World) -> Result<StackName, String> {
    let mut stacks = world.services().iter().filter_map(|it| it.stack.as_ref());
    let found = stacks.find(|it| it.as_str() == name).cloned();
    found.ok_or_else(|| format!("there is no stack `{name}`"))
}

fn stack_scope(name: &str, world: &World) -> Result<Scope, String> {
    stack(name, world).map(Scope::Stack)
}

fn any_scope(name: &str, world: &World) -> Result<Scope, String> {
    stack_scope(name, world)
        .or_else(|_| service(name, world).map(|it| Scope::Service(it.id)))
        .or_else(|_| node_scope(name, world))
        .map_err(|()| format!("there is no stack, service or node `{name}`"))
}

fn node_scope(name: &str, world: &World) -> Result<Scope, ()> {
    let node = world.nodes().iter().find(|it| *it.hostname == *name).ok_or(())?;
    Ok(Scope::Node(node.id.clone()))
}

fn subject(name: &str, world: &World) -> Result<Subject, String> {
    Ok(match any_scope(name, world)? {
        Scope::Stack(stack) => Subject::Stack(stack),
        Scope::Service(id) => Subject::Service(id),
        _ => return Err(format!("`{name}` is a node: name a service or a stack")),
    })
}

/// `NAME`, `NAME 3h` or `NAME --since 3h`.
fn logs(words: &[&str], world: &World) -> Result<Command, String> {
    let (name, moment) = match words {
        [name, "--since" | "since", moment @ ..] => (name, moment.join(" ")),
        [name, moment @ ..] => {
            let moment = moment.join(" ");
            (name, moment.strip_prefix("--since=").unwrap_or(&moment).to_owned())
        }
        [] => return Ok(Command::Act(Action::Logs)),
    };
    let place = Place::Logs(subject(name, world)?);
    if moment.is_empty() {
        return Ok(Command::Go(place));
    }
    Ok(Command::Since(Some(place), window(&moment, world)?))
}

fn window(text: &str, world: &World) -> Result<Window, String> {
    Window::parse(text, world.now, &world.setting.zone)
}

fn context(name: &str, world: &World) -> Result<String, String> {
    let known = world.setting.contexts.iter().find(|it| it.name == name);
    known.map(|it| it.name.clone()).ok_or_else(|| format!("there is no docker context `{name}`"))
}

fn most_words(takes: Takes) -> usize {
    match takes {
        Takes::Nothing => 0,
        Takes::ServiceAndNumber | Takes::NodeAndAvailability | Takes::Template => 2,
        Takes::Moment => 2,
        Takes::Logs => 4,
        Takes::Owner => usize::MAX,
        _ => 1,
    }
}

/// Returns what may follow the words behind the name of a command.
fn candidates(takes: Takes, words: &[&str], world: &World) -> Vec<String> {
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
        (Takes::Owner, 0 | 1) => owners(),
        (Takes::Stack, 0) => stacks(),
        (Takes::Service | Takes::ServiceAndNumber, 0) => services(),
        (Takes::StackOrService | Takes::Logs, 0) => {
            stacks().into_iter().chain(services()).collect()
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
