//! Events and effects of the cockpit.

mod effect;
mod asking;

pub use asking::{Menu, Question};
pub use effect::Effect;

use crate::{
    domain::{
        compose::template::{Parameter, Template},
        deployment::{plan::Preview, rollback::LiveRelease, statistics::Statistics},
        project::{EnvironmentPath, Owner, SettingName, Slug, StackPath, draft::Draft},
        swarm::{
            change::ServiceRef,
            cluster::{Happening, Object},
            names::{NodeId, ServiceId, StackName, TaskId},
        },
    },
    engine::Answer,
    jobs::{
        JobId, JobReport,
        deploy::{DeployOrder, Proposal, interrupted::Interrupted},
        gc::Sweep,
        log_follower::FeedNews,
        rollback_preview::RollbackPreview,
        watch::View,
    },
    projects::{PendingChanges, Variables},
    tui::{
        document::{Ask, Document, Reply},
        keymap::Action,
        past::{Lookback, Past},
        projects::Projects,
    },
};
use crossterm::event::{KeyEvent, MouseEvent};
use jiff::Timestamp;
use serde_json::Value;
use std::{collections::BTreeMap, time::Instant};

/// A fact that reached the loop.
#[derive(Debug)]
pub enum Event {
    Key(KeyEvent),
    /// Letters, line ends and tabs that came at once: nobody types so fast.
    Rush(Vec<KeyEvent>),
    Paste(String),
    Mouse(MouseEvent),
    /// The terminal has so many columns and rows.
    Resized(u16, u16),
    /// The live release of each stack that skep deployed, and how all of them went.
    Released(BTreeMap<StackName, Option<LiveRelease>>, Statistics),
    /// Deployments that lost their skep on the way, found without being asked for.
    Interrupted(Vec<Interrupted>),
    Clock(Timestamp),
    View(Box<View>),
    Happened(Happening),
    Report(JobReport),
    /// The number tells an old feed from the one that is followed now.
    Log(u64, FeedNews),
    /// What came of the effect that has this ticket.
    Response(Ticket, Response),
    /// What came of an effect that is not a job: saved, copied, not possible.
    Told(Notice),
    /// What is known of projects.
    Projects(Box<Projects>),
    /// Why projects cannot be read.
    ProjectsMissed(String),
}

/// Tells which effect a response is of. The model makes them; nobody else can.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Ticket(u64);

/// An effect on its way out, with the ticket that its response brings back.
#[derive(Debug, Clone)]
pub struct Dispatch {
    pub ticket: Ticket,
    pub effect: Effect,
}

/// What came of an effect, for the screen that asked.
#[derive(Debug)]
pub enum Response {
    /// What [`Effect::Read`] read, and the names of networks by their ids.
    Object(Object, Answer<Value>, BTreeMap<String, String>),
    /// What [`Effect::Recall`] found, or why it found nothing.
    History(Lookback, Result<Past, String>),
    /// What came of an errand for a document.
    Document(Reply),
    /// What [`Effect::Plan`] found, or why it cannot be deployed.
    Plan(Result<Preview, String>),
    /// The variables of a stack.
    Variables(StackPath, Result<Variables, String>),
    /// What of a stack is not deployed.
    PendingChanges(Result<Box<PendingChanges>, String>),
    /// A deployment is ready to be planned.
    Ready(Box<DeployOrder>),
    /// A stack was made, and what is to be said about it.
    Made {
        document: Document,
        report: Vec<String>,
    },
    /// What [`Effect::ListDrafts`] found, the newest first, or why it found nothing.
    Drafts(Result<Vec<(Document, Draft)>, String>),
    /// What [`Effect::Survey`] found, or why it found nothing.
    Waste(Result<Sweep, String>),
    /// Deployments that lost their skep on the way.
    Interrupted(Vec<Interrupted>),
    /// What [`Effect::Foresee`] found: lines for each node, or why it found nothing.
    Foreseen(Vec<(NodeId, String)>, Result<BTreeMap<NodeId, Vec<String>>, String>),
    /// What [`Effect::LookBack`] found of each service, or why it found nothing.
    LookedBack(Vec<ServiceRef>, Result<BTreeMap<ServiceId, RollbackPreview>, String>),
    /// The release that a stack goes back to, or why there is none.
    Target(StackName, Result<u32, String>),
    /// What a stack was last deployed from.
    Source(Document, StackName),
    /// The job that [`Effect::Start`] became.
    Started(JobId),
    /// That job did nothing, because the plan changed since it was confirmed: this is
    /// the new one, and what differs.
    Replanned(Box<Preview>, Vec<String>),
    /// There is nothing but this to say.
    Said(Notice),
    /// Nothing came of it, by a mistake of skep.
    Lost(String),
    Nothing,
}

/// What changed, for screens: the world holds it already.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fact {
    Clock,
    View,
    Resized,
    Report,
    Log,
    Projects,
    /// What the screen wants to have read was read.
    Read,
    Other,
}

/// How a key was typed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stroke {
    /// When it was read.
    pub at: Instant,
    /// Nothing else was read with it.
    pub alone: bool,
}

/// One short message for the line above the footer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Notice {
    Done(String),
    Problem(String),
    /// What the next key may do: it takes this away.
    Hint(String),
    /// Why a key did nothing: the next key takes it away.
    Refused(String),
}

/// What an action is about.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Subject {
    Service(ServiceId),
    Task(TaskId),
    /// All tasks that have or had a number in a service, one after the other.
    Slot(ServiceId, u64),
    Node(NodeId),
    Stack(StackName),
    Release(StackName, u32),
    Group(Group),
    /// A variable of a stack, or a value in the environment of a service.
    Variable(StackPath, Option<String>, String),
    Other(Object),
    Job(JobId),
    Context(String),
    Document(Document),
    /// The name of a template.
    Template(String),
}

/// A screen that can be opened.
#[derive(Debug, Clone)]
pub enum Destination {
    Board,
    Overview,
    Stacks,
    Services(Scope),
    Tasks(Scope),
    Nodes,
    Events,
    Jobs,
    Job(JobId),
    Contexts,
    Templates,
    /// A stack to be, and what it is made of.
    Form(StackPath, Box<Template>),
    Releases(StackName),
    Release(StackName, u32),
    Variables(StackPath),
    Changes(StackPath),
    Describe(Object),
    Spec(Object),
    Logs(Subject),
    Editor(Document),
    Plan(Proposal),
    Help,
}

impl PartialEq for Destination {
    /// Two plans of one stack are the same place, whatever they are of; so are two
    /// forms of one name.
    fn eq(&self, other: &Self) -> bool {
        self.key() == other.key()
    }
}

impl Destination {
    fn key(&self) -> String {
        match self {
            Self::Plan(proposal) => format!("plan {}", proposal.stack()),
            Self::Form(path, template) => format!("form {path} {}", template.name),
            other => format!("{other:?}"),
        }
    }
}

/// Which part of the cluster a list shows.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Scope {
    #[default]
    All,
    Stack(StackName),
    /// Services of no stack.
    Single,
    Service(ServiceId),
    Node(NodeId),
}

/// How stacks are grouped.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Group {
    /// Environments of a project.
    Project(Slug),
    /// Stacks of an environment.
    Environment(EnvironmentPath),
    /// skep deployed them and knows their source.
    Deployed,
    /// Somebody else did.
    Unmanaged,
    /// Nobody knows yet who did.
    Unsorted,
    /// Services of no stack.
    Single,
}

impl Group {
    pub fn label(&self) -> &str {
        match self {
            Self::Project(slug) => slug.as_str(),
            Self::Environment(path) => path.environment.as_str(),
            Self::Deployed => "without a project",
            Self::Unmanaged => "not deployed from here",
            Self::Unsorted => "stacks",
            Self::Single => "no stack",
        }
    }

    /// Returns whether it stands in another group.
    pub fn is_in(&self, other: &Self) -> bool {
        matches!((self, other), (Self::Environment(path), Self::Project(slug)) if path.project == *slug)
    }
}

/// What a screen asks of the cockpit.
#[derive(Debug)]
pub enum Request {
    Go(Destination),
    Back,
    Ask(Question),
    Do(Effect),
    Say(Notice),
    /// A line of text, for what the kind says.
    Prompt(PromptKind),
    Menu(Menu),
    /// Show what a deployment would do.
    Plan(Box<DeployOrder>),
    /// Run a command as if it were typed after `:`.
    Command(String),
    /// What was to be saved before a screen is left is saved, or cannot be.
    Left {
        saved: bool,
    },
    /// Several at once, in order.
    All(Vec<Request>),
}

/// What a prompt is for.
#[derive(Debug, Clone)]
pub enum PromptKind {
    Command,
    Filter,
    Search,
    Replicas(Vec<(ServiceId, String)>),
    /// The name of what is about to be changed, in production.
    Name {
        word: String,
        then: Vec<Effect>,
    },
    /// What an editor asks for; it is told with [`Choice::Typed`](crate::tui::document::Choice::Typed).
    Line {
        document: Document,
        ask: Ask,
        proposed: String,
        /// What may be typed, where that is known.
        among: Vec<String>,
    },
    /// The value of a variable; a secret one is not shown while it is typed.
    Value {
        owner: Owner,
        name: SettingName,
        secret: bool,
    },
    /// Nothing: what is typed may be a secret value that nobody asked for, and is dropped.
    Dropped,
    /// The value of a parameter of a template, which is told the screen.
    Parameter {
        parameter: Box<Parameter>,
        proposed: String,
    },
    /// The name of the stack that a text becomes.
    Deploy {
        document: Document,
        text: String,
        proposed: String,
    },
}

impl Ticket {
    /// Returns the one after this one.
    #[must_use]
    pub(in crate::tui) fn next(self) -> Self {
        Self(self.0 + 1)
    }

    /// Returns the one before all others, which no effect has.
    pub(in crate::tui) const fn none() -> Self {
        Self(0)
    }
}

impl Subject {
    /// Returns what actions on an object count for.
    pub fn of(object: &Object) -> Self {
        match object {
            Object::Service(id) => Self::Service(id.clone()),
            Object::Task(id) => Self::Task(id.clone()),
            Object::Node(id) => Self::Node(id.clone()),
            other => Self::Other(other.clone()),
        }
    }

    /// Returns the object that has a page of its own, if it has.
    pub fn object(&self) -> Option<Object> {
        Some(match self {
            Self::Service(id) => Object::Service(id.clone()),
            Self::Task(id) => Object::Task(id.clone()),
            Self::Node(id) => Object::Node(id.clone()),
            Self::Other(object) => object.clone(),
            Self::Stack(_)
            | Self::Slot(..)
            | Self::Release(..)
            | Self::Group(_)
            | Self::Variable(..)
            | Self::Job(_)
            | Self::Context(_)
            | Self::Document(_)
            | Self::Template(_) => return None,
        })
    }
}

impl Request {
    /// Returns the request to tell something that went wrong.
    pub fn problem(text: impl Into<String>) -> Self {
        Self::Say(Notice::Refused(text.into()))
    }
}

impl Action {
    /// Returns which log window a digit means.
    pub fn since(self) -> Option<u8> {
        let windows = [
            Self::Since0,
            Self::Since1,
            Self::Since2,
            Self::Since3,
            Self::Since4,
            Self::Since5,
            Self::Since6,
            Self::Since7,
            Self::Since8,
            Self::Since9,
        ];
        windows.iter().position(|it| *it == self).and_then(|it| u8::try_from(it).ok())
    }
}
