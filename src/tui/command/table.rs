//! The command table: names, arguments, help, and what each does.

use crate::{
    domain::{project::SourcePlace, swarm::cluster::Object, text::nearest::within},
    tui::{
        command::{
            arms::{self, Call, Meant, act, go, run},
            projects,
        },
        event::{Destination, Effect},
        keymap::Action,
        world::World,
    },
};

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
    pub does: Does,
    pub help: &'static str,
    /// Says what it means.
    pub run: fn(Call<'_>) -> Meant,
}

/// How much a command does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Does {
    /// It shows something.
    Looks,
    Changes,
    /// It takes something away; a slip of the finger must not lead to it.
    Destroys,
    /// It ends the cockpit.
    Leaves,
}

impl Does {
    fn changes(self) -> bool {
        matches!(self, Self::Changes | Self::Destroys)
    }

    fn is_dangerous(self) -> bool {
        matches!(self, Self::Destroys | Self::Leaves)
    }
}

/// All commands, in the order in which they are listed.
#[rustfmt::skip]
pub const ROWS: &[CommandRow] = &[
    CommandRow { name: "board", also: &["main", "home"], takes: Takes::Nothing, does: Does::Looks,
        help: "the main screen",
        run: |_| go(Destination::Board) },
    CommandRow { name: "overview", also: &["pulse", "pulses"], takes: Takes::Nothing, does: Does::Looks,
        help: "what is wrong, and why",
        run: |_| go(Destination::Overview) },
    CommandRow { name: "stacks", also: &["stack", "st"], takes: Takes::Nothing, does: Does::Looks,
        help: "all stacks",
        run: |_| go(Destination::Stacks) },
    CommandRow { name: "services", also: &["service", "svc"], takes: Takes::Stack, does: Does::Looks,
        help: "services, of one stack if named",
        run: arms::services },
    CommandRow { name: "tasks", also: &["task", "ps", "pods", "pod", "po"], takes: Takes::StackOrService, does: Does::Looks,
        help: "tasks, of a stack or service if named",
        run: arms::tasks },
    CommandRow { name: "nodes", also: &["node", "no"], takes: Takes::Nothing, does: Does::Looks,
        help: "all nodes",
        run: |_| go(Destination::Nodes) },
    CommandRow { name: "history", also: &["releases", "rel"], takes: Takes::Stack, does: Does::Looks,
        help: "the releases of a stack",
        run: arms::history },
    CommandRow { name: "events", also: &["event", "ev"], takes: Takes::Nothing, does: Does::Looks,
        help: "what happens in the cluster",
        run: |_| go(Destination::Events) },
    CommandRow { name: "jobs", also: &["job"], takes: Takes::Nothing, does: Does::Looks,
        help: "jobs of skep: those that run, and those that ended",
        run: |_| go(Destination::Jobs) },
    CommandRow { name: "contexts", also: &["ctx", "context"], takes: Takes::Context, does: Does::Looks,
        help: "docker contexts; switch to the one named",
        run: arms::contexts },
    CommandRow { name: "logs", also: &["log"], takes: Takes::Logs, does: Does::Looks,
        help: "follow logs: STACK, SERVICE or SERVICE.2, --since 3h or 14:02",
        run: arms::logs_of },
    CommandRow { name: "since", also: &[], takes: Takes::Moment, does: Does::Looks,
        help: "logs since a moment: 3h, 1d, all, 14:02, 2026-11-30 14:02",
        run: arms::since },
    CommandRow { name: "describe", also: &["desc"], takes: Takes::Service, does: Does::Looks,
        help: "a page about a service: its settings, state and tasks",
        run: arms::describe },
    CommandRow { name: "spec", also: &["yaml", "inspect"], takes: Takes::Service, does: Does::Looks,
        help: "the spec as YAML or JSON",
        run: arms::spec },
    CommandRow { name: "swarm", also: &["cluster"], takes: Takes::Nothing, does: Does::Looks,
        help: "the swarm: its settings and managers",
        run: |_| go(Destination::Describe(Object::Swarm)) },
    CommandRow { name: "edit", also: &["open"], takes: Takes::File, does: Does::Looks,
        help: "a compose file in the editor, or a stack of a project by path or name",
        run: arms::edit },
    CommandRow { name: "drafts", also: &["draft"], takes: Takes::Nothing, does: Does::Looks,
        help: "unsaved texts, and those discarded in the last week",
        run: |_| run(Effect::ListDrafts) },
    CommandRow { name: "variables", also: &["vars", "var"], takes: Takes::Managed, does: Does::Looks,
        help: "the variables of a stack, and where they come from",
        run: arms::variables },
    CommandRow { name: "changes", also: &["pending", "diff"], takes: Takes::Managed, does: Does::Looks,
        help: "the changes of a stack that are not deployed yet",
        run: arms::changes },
    CommandRow { name: "deploy", also: &["plan"], takes: Takes::Managed, does: Does::Changes,
        help: "plan a stack of a project, and deploy it",
        run: arms::deploy },
    CommandRow { name: "create", also: &["new"], takes: Takes::Owner, does: Does::Changes,
        help: "create PROJECT, PROJECT/ENVIRONMENT, or PROJECT/ENVIRONMENT/STACK FILE",
        run: |it| projects::create(it.words, SourcePlace::Kept, it.world) },
    CommandRow { name: "link", also: &[], takes: Takes::Owner, does: Does::Changes,
        help: "PROJECT/ENVIRONMENT/STACK FILE: create a stack; its file stays where it is",
        run: |it| projects::create(it.words, SourcePlace::Linked, it.world) },
    CommandRow { name: "attach", also: &[], takes: Takes::Attach, does: Does::Changes,
        help: "STACK PROJECT/ENVIRONMENT/NAME FILE: give a running stack its compose file",
        run: |it| projects::attach(it.words, it.world) },
    CommandRow { name: "import", also: &[], takes: Takes::Owner, does: Does::Changes,
        help: "PROJECT/ENVIRONMENT/STACK FILE: convert a Docker Compose file into a stack",
        run: |it| projects::import(it.words, it.world) },
    CommandRow { name: "template", also: &["templates"], takes: Takes::Template, does: Does::Looks,
        help: "list templates; PROJECT/ENVIRONMENT/STACK NAME: a new stack from one",
        run: |it| projects::template(it.words, it.world) },
    CommandRow { name: "paste", also: &[], takes: Takes::New, does: Does::Changes,
        help: "PROJECT/ENVIRONMENT/STACK: a new, empty stack, to paste a text into",
        run: |it| projects::paste(it.words, it.world) },
    CommandRow { name: "rename", also: &[], takes: Takes::Owner, does: Does::Changes,
        help: "PATH NAME: rename a project, an environment or a stack",
        run: |it| projects::rename(it.words) },
    CommandRow { name: "delete", also: &[], takes: Takes::Owner, does: Does::Destroys,
        help: "PATH: forget a project, environment or stack in skep; what runs is not touched",
        run: |it| projects::delete(it.words, it.world) },
    CommandRow { name: "set", also: &[], takes: Takes::Owner, does: Does::Changes,
        help: "[PATH] [SERVICE:]NAME=VALUE: set a variable",
        run: |it| projects::set(it.words, it.selected) },
    CommandRow { name: "secret", also: &[], takes: Takes::Owner, does: Does::Changes,
        help: "[PATH] [SERVICE:]NAME: the value is asked for, and stored encrypted",
        run: |it| projects::secret(it.words, it.selected) },
    CommandRow { name: "unset", also: &[], takes: Takes::Owner, does: Does::Destroys,
        help: "[PATH] [SERVICE:]NAME: remove a variable",
        run: |it| projects::unset(it.words, it.selected, it.world) },
    CommandRow { name: "policy", also: &[], takes: Takes::Owner, does: Does::Changes,
        help: "PROJECT[/ENVIRONMENT] KEY VALUE, or … recommended: what it adds to its stacks",
        run: |it| projects::policy(it.words, it.world) },
    CommandRow { name: "scale", also: &[], takes: Takes::ServiceAndNumber, does: Does::Destroys,
        help: "SERVICE REPLICAS: change how many replicas run",
        run: arms::rescale },
    CommandRow { name: "restart", also: &["force"], takes: Takes::Service, does: Does::Destroys,
        help: "replace every task",
        run: arms::restart_of },
    CommandRow { name: "rollback", also: &[], takes: Takes::Service, does: Does::Destroys,
        help: "roll back a service to its previous spec",
        run: arms::rollback },
    CommandRow { name: "recover", also: &[], takes: Takes::Nothing, does: Does::Changes,
        help: "finish interrupted deployments, or roll them back",
        run: |_| run(Effect::LookForInterrupted) },
    CommandRow { name: "rm", also: &["remove"], takes: Takes::StackOrService, does: Does::Destroys,
        help: "remove a stack or a service",
        run: arms::remove },
    CommandRow { name: "purge", also: &[], takes: Takes::Stack, does: Does::Destroys,
        help: "remove a stack with its volumes",
        run: arms::purge },
    CommandRow { name: "stop", also: &[], takes: Takes::Stack, does: Does::Destroys,
        help: "scale a stack to zero; it remembers its replicas",
        run: arms::stop },
    CommandRow { name: "start", also: &[], takes: Takes::Stack, does: Does::Changes,
        help: "start a stopped stack",
        run: arms::start },
    CommandRow { name: "adopt", also: &[], takes: Takes::Stack, does: Does::Changes,
        help: "record what runs now as the first release of a stack",
        run: arms::adopt },
    CommandRow { name: "gc", also: &["cleanup"], takes: Takes::Nothing, does: Does::Destroys,
        help: "remove what nothing needs any more",
        run: arms::gc },
    CommandRow { name: "availability", also: &["avail"], takes: Takes::NodeAndAvailability, does: Does::Destroys,
        help: "NODE active, pause or drain: whether a node takes tasks",
        run: arms::available },
    CommandRow { name: "drain", also: &[], takes: Takes::Node, does: Does::Destroys,
        help: "drain a node",
        run: arms::drain },
    CommandRow { name: "demo", also: &[], takes: Takes::Nothing, does: Does::Looks,
        help: "a made-up cluster; nothing real is touched",
        run: |_| run(Effect::Switch("demo".to_owned())) },
    CommandRow { name: "help", also: &["h", "keys"], takes: Takes::Nothing, does: Does::Looks,
        help: "all keys that work here, and all commands",
        run: |_| act(Action::Help) },
    CommandRow { name: "quit", also: &["exit"], takes: Takes::Nothing, does: Does::Leaves,
        help: "leave",
        run: |_| act(Action::Quit) },
];

pub const AVAILABILITIES: &[&str] = &["active", "pause", "drain"];

/// Returns the commands there are; where one may only look, none that change anything.
pub fn rows(world: &World) -> impl Iterator<Item = &'static CommandRow> {
    let read_only = world.setting.read_only;
    ROWS.iter().filter(move |it| !read_only || !it.does.changes())
}

/// Returns the command of that name, or of another name of it.
pub fn find(name: &str) -> Option<&'static CommandRow> {
    ROWS.iter().find(|it| it.name == name || it.also.contains(&name))
}

/// Returns the command that was meant by an unknown word, where that is plain: one that
/// begins so, or is a slip away from it. None that destroys anything.
pub fn meant(word: &str, world: &World) -> Option<&'static str> {
    let letters = word.chars().count();
    let safe = || rows(world).filter(|it| !it.does.is_dangerous());
    if letters < 3 {
        return None;
    }
    let begun = safe().find(|it| it.name.starts_with(word)).map(|it| it.name);
    let slips = if letters < 6 { 1 } else { 2 };
    let near = || within(word, safe().map(|it| it.name), slips);
    // A plural, or one letter too many.
    let longer = || safe().map(|it| it.name).find(|it| word.strip_suffix('s') == Some(it));
    // A slip next to what destroys may have meant that.
    let dangerous = ROWS.iter().filter(|it| it.does.is_dangerous()).map(|it| it.name);
    let closer = within(word, dangerous, 1);
    begun
        .or_else(longer)
        .or_else(|| near().filter(|it| closer.is_none() || within(word, [*it], 1).is_some()))
}
