//! The command table: names, arguments and help.

use crate::{domain::text::nearest::within, tui::world::World};

/// What may follow the name of a command.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Takes {
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
    /// A stack that runs, a stack of a project that is not there yet, and a file.
    Attach,
    /// A stack of a project that is not there yet.
    New,
    /// The same, and the name of a template.
    Template,
}

/// A command: its name, other names of it, and a line about it.
#[derive(Debug)]
pub struct CommandRow {
    pub name: &'static str,
    pub also: &'static [&'static str],
    pub takes: Takes,
    pub help: &'static str,
}

#[rustfmt::skip]
/// All commands, in the order in which they are listed.
pub const ROWS: &[CommandRow] = &[
    CommandRow { name: "board",    also: &["main", "home"],          takes: Takes::Nothing, help: "the main screen" },
    CommandRow { name: "overview", also: &["pulse", "pulses"],    takes: Takes::Nothing, help: "what is wrong, and why" },
    CommandRow { name: "stacks",   also: &["stack", "st"],        takes: Takes::Nothing, help: "all stacks" },
    CommandRow { name: "services", also: &["service", "svc"],     takes: Takes::Stack,   help: "services, of one stack if named" },
    CommandRow { name: "tasks",    also: &["task", "ps", "pods", "pod", "po"],       takes: Takes::StackOrService, help: "tasks, of a stack or service if named" },
    CommandRow { name: "nodes",    also: &["node", "no"],         takes: Takes::Nothing, help: "all nodes" },
    CommandRow { name: "history",  also: &["releases", "rel"],    takes: Takes::Stack,   help: "the releases of a stack" },
    CommandRow { name: "events",   also: &["event", "ev"],        takes: Takes::Nothing, help: "what happens in the cluster" },
    CommandRow { name: "jobs",     also: &["job"],                takes: Takes::Nothing, help: "what skep does" },
    CommandRow { name: "contexts", also: &["ctx", "context"],     takes: Takes::Context, help: "docker contexts; switch to the one named" },
    CommandRow { name: "logs",     also: &["log"],                takes: Takes::Logs,    help: "follow logs: STACK, SERVICE or SERVICE.2, --since 3h or 14:02" },
    CommandRow { name: "since",    also: &[],                     takes: Takes::Moment,  help: "logs since a moment: 3h, 1d, all, 14:02, 2026-11-30 14:02" },
    CommandRow { name: "describe", also: &["desc"],               takes: Takes::Service, help: "a readable page" },
    CommandRow { name: "spec",     also: &["yaml", "inspect"],    takes: Takes::Service, help: "the spec as YAML or JSON" },
    CommandRow { name: "swarm",    also: &["cluster"],            takes: Takes::Nothing, help: "the swarm: its settings and managers" },
    CommandRow { name: "edit",     also: &["open"],               takes: Takes::File,    help: "a compose file in the editor, or a stack of a project" },
    CommandRow { name: "drafts",   also: &["draft"],              takes: Takes::Nothing, help: "unsaved texts, and those discarded in the last week" },
    CommandRow { name: "variables", also: &["vars", "var"],       takes: Takes::Managed, help: "the variables of a stack, and where they come from" },
    CommandRow { name: "changes",  also: &["pending", "diff"],    takes: Takes::Managed, help: "the changes of a stack that are not deployed yet" },
    CommandRow { name: "deploy",   also: &["plan"],               takes: Takes::Managed, help: "plan a stack of a project, and deploy it" },
    CommandRow { name: "create",   also: &["new"],                takes: Takes::Owner,   help: "create PROJECT, PROJECT/ENVIRONMENT, or PROJECT/ENVIRONMENT/STACK FILE" },
    CommandRow { name: "link",     also: &[],                     takes: Takes::Owner,   help: "PROJECT/ENVIRONMENT/STACK FILE: create a stack; its file stays where it is" },
    CommandRow { name: "attach",   also: &[],                     takes: Takes::Attach,  help: "STACK PROJECT/ENVIRONMENT/NAME FILE: give a running stack its compose file" },
    CommandRow { name: "import",   also: &[],                     takes: Takes::Owner,   help: "PROJECT/ENVIRONMENT/STACK FILE: convert a Docker Compose file into a stack" },
    CommandRow { name: "template", also: &["templates"],          takes: Takes::Template, help: "list templates; PROJECT/ENVIRONMENT/STACK NAME: a new stack from one" },
    CommandRow { name: "paste",    also: &[],                     takes: Takes::New,     help: "PROJECT/ENVIRONMENT/STACK: a new, empty stack, to paste a text into" },
    CommandRow { name: "rename",   also: &[],                     takes: Takes::Owner,   help: "PATH NAME: rename a project, an environment or a stack" },
    CommandRow { name: "delete",   also: &[],                     takes: Takes::Owner,   help: "PATH: forget a project, environment or stack in skep; what runs is not touched" },
    CommandRow { name: "set",      also: &[],                     takes: Takes::Owner,   help: "[PATH] [SERVICE:]NAME=VALUE: set a variable" },
    CommandRow { name: "secret",   also: &[],                     takes: Takes::Owner,   help: "[PATH] [SERVICE:]NAME: the value is asked for, and stored encrypted" },
    CommandRow { name: "unset",    also: &[],                     takes: Takes::Owner,   help: "[PATH] [SERVICE:]NAME: remove a variable" },
    CommandRow { name: "policy",   also: &[],                     takes: Takes::Owner,   help: "PATH KEY VALUE, or PATH recommended: what a project adds to its stacks" },
    CommandRow { name: "scale",    also: &[],                     takes: Takes::ServiceAndNumber, help: "SERVICE REPLICAS: change how many replicas run" },
    CommandRow { name: "restart",  also: &["force"],              takes: Takes::Service, help: "replace every task" },
    CommandRow { name: "rollback", also: &[],                     takes: Takes::Service, help: "roll back a service to its previous spec" },
    CommandRow { name: "recover",  also: &[],                     takes: Takes::Nothing, help: "finish interrupted deployments, or roll them back" },
    CommandRow { name: "rm",       also: &["remove"],             takes: Takes::StackOrService, help: "remove a stack or a service" },
    CommandRow { name: "purge",    also: &[],                     takes: Takes::Stack,   help: "remove a stack with its volumes" },
    CommandRow { name: "stop",     also: &[],                     takes: Takes::Stack,   help: "scale a stack to zero; it remembers its replicas" },
    CommandRow { name: "start",    also: &[],                     takes: Takes::Stack,   help: "start a stopped stack" },
    CommandRow { name: "adopt",    also: &[],                     takes: Takes::Stack,   help: "record what runs now as the first release of a stack" },
    CommandRow { name: "gc",       also: &["cleanup"],            takes: Takes::Nothing, help: "remove what nothing needs any more" },
    CommandRow { name: "availability", also: &["avail"],          takes: Takes::NodeAndAvailability, help: "NODE active, pause or drain: whether a node takes tasks" },
    CommandRow { name: "drain",    also: &[],                     takes: Takes::Node,    help: "drain a node" },
    CommandRow { name: "demo",     also: &[],                     takes: Takes::Nothing, help: "a made-up cluster; nothing real is touched" },
    CommandRow { name: "help",     also: &["h", "keys"],          takes: Takes::Nothing, help: "all keys that work here, and all commands" },
    CommandRow { name: "quit",     also: &["exit"],    takes: Takes::Nothing, help: "leave" },
];

/// Those that change something.
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
pub const AVAILABILITIES: &[&str] = &["active", "pause", "drain"];

/// Returns the commands there are; where one may only look, none that change anything.
pub fn rows(world: &World) -> impl Iterator<Item = &'static CommandRow> {
    let read_only = world.setting.read_only;
    ROWS.iter().filter(move |it| !read_only || !CHANGING.contains(&it.name))
}

/// A slip of the finger must not lead to these.
const DESTRUCTIVE: &[&str] = &[
    "scale",
    "restart",
    "rollback",
    "rm",
    "purge",
    "stop",
    "gc",
    "availability",
    "drain",
    "delete",
    "unset",
    "quit",
];

/// Returns the command of that name, or of another name of it.
pub fn find(name: &str) -> Option<&'static CommandRow> {
    ROWS.iter().find(|it| it.name == name || it.also.contains(&name))
}

/// Returns the command that was meant by an unknown word, where that is plain: one that
/// begins so, or is a slip away from it. None that destroys anything.
pub fn meant(word: &str, world: &World) -> Option<&'static str> {
    let letters = word.chars().count();
    let safe = || rows(world).filter(|it| !DESTRUCTIVE.contains(&it.name));
    if letters < 3 {
        return None;
    }
    let begun = safe().find(|it| it.name.starts_with(word)).map(|it| it.name);
    let slips = if letters < 6 { 1 } else { 2 };
    let near = || within(word, safe().map(|it| it.name), slips);
    // A plural, or one letter too many.
    let longer = || safe().map(|it| it.name).find(|it| word.strip_suffix('s') == Some(it));
    // A slip next to what destroys may have meant that.
    let closer = within(word, DESTRUCTIVE.iter().copied(), 1);
    begun
        .or_else(longer)
        .or_else(|| near().filter(|it| closer.is_none() || within(word, [*it], 1).is_some()))
}
