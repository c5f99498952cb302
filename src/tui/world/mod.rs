//! The world: the known state of cluster, jobs and projects; read by every screen.

mod setting;
mod stacks;
mod gone;
mod jobs;
mod trouble;
mod occupied;
mod live;
mod feed;
mod list_facts;
mod reading;

pub use feed::Feed;
pub use jobs::Job;
pub use reading::{NotRead, Source};
pub use setting::{CockpitSettings, ContextRow, LogSetting};
pub use stacks::{Branch, StackSummary};

use crate::{
    domain::{
        columns,
        deployment::{rollback::LiveRelease, statistics::Statistics},
        health::{Attempts, Sight},
        logs::LineOrigin,
        project::{ManagedStack, StackPath},
        swarm::{
            cluster::{Happening, Node, Object, Service, System, Task, TaskScope, TaskState},
            names::{NodeId, ServiceId, StackName, TaskId},
            states::NodeState,
        },
    },
    engine::{Answer, EngineError},
    jobs::{
        JobId, JobReport,
        log_follower::{FeedNews, Subscription},
        watch::{Link, View},
    },
    projects::Variables,
    tui::{
        event::Notice,
        past::{Lookback, Past, PastPage},
        projects::Projects,
        world::{
            gone::Gone,
            jobs::Jobs,
            reading::ReadSoFar,
            stacks::{Grounds, tree},
        },
    },
};
use jiff::{SignedDuration, Timestamp};
use serde_json::Value;
use std::{
    cmp::Reverse,
    collections::{BTreeMap, HashMap, VecDeque},
    mem,
    sync::Arc,
};

/// The read model of the cockpit.
#[derive(Debug)]
pub struct World {
    pub setting: CockpitSettings,
    pub view: View,
    /// Stacks, and services of no stack, with their sums.
    pub tree: Vec<Branch>,
    /// The release that is live of each stack that skep deployed; nothing where none is.
    pub releases: BTreeMap<StackName, Option<LiveRelease>>,
    /// How deployments of all stacks went.
    pub figures: Statistics,
    /// What people made of stacks.
    pub projects: Projects,
    /// What was read so far.
    known: ReadSoFar,
    /// How many keys were pressed so far: tells whether one was since a moment.
    pub presses: u64,
    /// The variables of the stack that is looked at, as far as they were read.
    panel: Option<(StackPath, Result<Variables, String>)>,
    /// Newest first.
    pub happenings: VecDeque<Happening>,
    pub page: Option<RawObject>,
    pub history: PastPage,
    pub feed: Feed,
    pub notice: Option<(Timestamp, Notice)>,
    /// It says how a job ended.
    of_job: bool,
    /// Columns and rows of the terminal.
    pub size: (u16, u16),
    pub now: Timestamp,
    jobs: Jobs,
    /// Where services and nodes stand in their lists.
    places: HashMap<String, usize>,
    /// The tasks as people read them: what should run first, then history.
    task_order: Vec<usize>,
    /// How long those of them ran that ended, and how often their places were left.
    attempts: Attempts,
    running_on: HashMap<NodeId, usize>,
    pub gone: Gone,
    generation: u64,
}

/// The raw object that a screen shows, as far as it was read.
#[derive(Debug)]
pub struct RawObject {
    pub object: Object,
    pub answer: Option<Answer<Value>>,
    /// Names of networks by their ids.
    pub names: BTreeMap<String, String>,
}

const HAPPENINGS: usize = 1000;
const NOTICE_STAYS: SignedDuration = SignedDuration::from_secs(8);

impl World {
    pub fn new(setting: CockpitSettings, now: Timestamp) -> Self {
        let feed = Feed::new(&setting);
        Self {
            setting,
            view: View::default(),
            tree: Vec::new(),
            releases: BTreeMap::new(),
            figures: Statistics::default(),
            projects: Projects::default(),
            known: ReadSoFar::default(),
            presses: 0,
            panel: None,
            happenings: VecDeque::new(),
            page: None,
            history: PastPage::default(),
            feed,
            notice: None,
            of_job: false,
            size: (80, 24),
            now,
            jobs: Jobs::default(),
            places: HashMap::new(),
            task_order: Vec::new(),
            attempts: Attempts::default(),
            running_on: HashMap::new(),
            gone: Gone::default(),
            generation: 0,
        }
    }

    /// Returns what of a source keeps anybody from saying that something is not there;
    /// nothing once it was read.
    pub fn not_read(&self, source: Source) -> Option<NotRead> {
        self.known.lacks(source, &self.view)
    }

    /// Returns a number that changes whenever there may be other rows to list.
    pub fn generation(&self) -> u64 {
        self.generation
    }

    pub fn system(&self) -> Option<&System> {
        self.view.system.as_ref()
    }

    pub fn services(&self) -> &[Service] {
        &self.view.services
    }

    pub fn nodes(&self) -> &[Node] {
        &self.view.nodes
    }

    /// What should run first, then history, newest first within a slot.
    pub fn tasks(&self) -> impl Iterator<Item = &Task> {
        self.task_order.iter().filter_map(|&it| self.view.tasks.list.get(it))
    }

    pub fn service(&self, id: &ServiceId) -> Option<&Service> {
        self.services().get(*self.places.get(id.as_str())?).filter(|it| it.id == *id)
    }

    pub fn node(&self, id: &NodeId) -> Option<&Node> {
        self.nodes().get(*self.places.get(id.as_str())?).filter(|it| it.id == *id)
    }

    pub fn task(&self, id: &TaskId) -> Option<&Task> {
        self.view.tasks.list.iter().find(|it| it.id == *id)
    }

    /// Returns how many tasks run on a node, where all tasks are known; on one that is
    /// down none do.
    pub fn tasks_on(&self, node: &Node) -> Option<usize> {
        if self.view.tasks.scope != Some(TaskScope::All) {
            return None;
        }
        let up = node.state != NodeState::Down;
        Some(if up { self.running_on.get(&node.id).copied().unwrap_or(0) } else { 0 })
    }

    fn count_by_node(&self) -> HashMap<NodeId, usize> {
        let mut counts = HashMap::new();
        let running = self.view.tasks.list.iter().filter(|it| it.state == TaskState::Running);
        for node in running.filter_map(|it| it.node.clone()) {
            *counts.entry(node).or_default() += 1;
        }
        counts
    }

    /// Returns the name of a task as docker prints it: `api.1`, or `agent.node2`
    /// for global services.
    pub fn task_name(&self, task: &Task) -> String {
        columns::task_name(self, task)
    }

    /// Returns the name of the service a task belongs to.
    pub fn service_name(&self, task: &Task) -> &str {
        task.service.as_ref().and_then(|it| self.service(it)).map_or("?", |it| &it.name)
    }

    /// Returns the host name of a node, or its short id where it is not known.
    pub fn host<'a>(&'a self, node: Option<&'a NodeId>) -> &'a str {
        columns::host(self, node)
    }

    /// Returns the names of services and nodes by their ids.
    pub fn names(&self) -> impl Iterator<Item = (String, String)> {
        let services = self.services().iter().map(|it| (it.id.to_string(), it.name.to_string()));
        services.chain(self.nodes().iter().map(|it| (it.id.to_string(), it.hostname.to_string())))
    }

    /// Newest first.
    pub fn jobs(&self) -> impl Iterator<Item = &Job> {
        self.jobs.all()
    }

    pub fn job(&self, id: JobId) -> Option<&Job> {
        self.jobs.get(id)
    }

    pub fn running_jobs(&self) -> usize {
        self.jobs.running()
    }

    /// Returns what there is to judge the cluster by.
    pub fn sight(&self) -> Sight<'_> {
        Sight {
            system: self.system(),
            services: self.services(),
            nodes: self.nodes(),
            tasks: &self.view.evidence,
            leaderless: self.is_leaderless(),
            networks: &self.view.networks,
            now: self.now,
        }
    }

    /// Returns whether the engine answers that too few managers are up to lead.
    pub fn is_leaderless(&self) -> bool {
        matches!(&self.view.link, Link::Lost { why: EngineError::NoLeader, .. })
    }

    pub fn is_up(&self) -> bool {
        self.view.link == Link::Up
    }

    pub fn tick(&mut self, now: Timestamp) {
        self.now = now;
        if self.notice.as_ref().is_some_and(|(at, _)| now.duration_since(*at) > NOTICE_STAYS) {
            self.notice = None;
        }
    }

    pub fn see(&mut self, view: View) {
        let old = std::mem::replace(&mut self.view, view);
        let services = !Arc::ptr_eq(&old.services, &self.view.services);
        let nodes = !Arc::ptr_eq(&old.nodes, &self.view.nodes);
        let tasks = !Arc::ptr_eq(&old.tasks.list, &self.view.tasks.list)
            || old.tasks.scope != self.view.tasks.scope;
        if services || nodes {
            let services =
                self.view.services.iter().enumerate().map(|(at, it)| (it.id.to_string(), at));
            let nodes = self.view.nodes.iter().enumerate().map(|(at, it)| (it.id.to_string(), at));
            self.places = services.chain(nodes).collect();
            self.gone.remember(&old.services, &self.view.services);
            self.grow();
        }
        let occupied = old.occupied != self.view.occupied;
        if services || nodes || tasks || occupied {
            self.generation += 1;
            self.task_order = self.ordered_tasks();
            self.running_on = self.count_by_node();
            let View { services, nodes, tasks, .. } = &self.view;
            self.attempts = Attempts::of(&tasks.list, services, nodes, self.now);
            self.name_log_sources();
        }
    }

    /// Takes in which stacks have releases of skep, and how those went.
    pub fn released(
        &mut self,
        releases: BTreeMap<StackName, Option<LiveRelease>>,
        figures: Statistics,
    ) {
        self.generation += 1;
        self.figures = figures;
        self.releases = releases;
        self.known.releases = true;
        self.grow();
    }

    /// Takes in what is known of projects.
    pub fn see_projects(&mut self, projects: Projects) {
        self.generation += 1;
        self.projects = projects;
        (self.known.projects, self.known.trouble) = (true, None);
        self.grow();
    }

    /// Takes in why projects cannot be read; those that were stay.
    pub fn miss_projects(&mut self, why: String) {
        self.generation += 1;
        self.known.trouble = Some(why);
    }

    /// Takes in the variables of a stack.
    pub fn see_panel(&mut self, stack: StackPath, found: Result<Variables, String>) {
        self.generation += 1;
        self.panel = Some((stack, found));
    }

    /// Takes in the object that a screen wants to show, where it still does.
    pub fn see_object(
        &mut self,
        object: &Object,
        answer: Answer<Value>,
        names: BTreeMap<String, String>,
    ) {
        if let Some(page) = self.page.as_mut().filter(|it| it.object == *object) {
            page.answer = Some(answer);
            page.names = names;
        }
    }

    /// Returns the variables of a stack, as far as they were read.
    pub fn panel_of(&self, stack: &StackPath) -> Option<Result<&Variables, &str>> {
        let (of, found) = self.panel.as_ref()?;
        (of == stack).then(|| found.as_ref().map_err(String::as_str))
    }

    /// Returns the stack of a project that has a name in this swarm.
    pub fn managed(&self, name: &StackName) -> Option<&ManagedStack> {
        self.projects.managed(name, &self.setting.context)
    }

    fn grow(&mut self) {
        self.tree = tree(Grounds {
            services: &self.view.services,
            releases: &self.releases,
            projects: &self.projects,
            context: &self.setting.context,
            sorted: self.known.projects && self.known.releases,
        });
    }

    /// Takes in what was read of the past.
    pub fn recall(&mut self, at: &Lookback, answer: Result<Past, String>) {
        self.generation += 1;
        self.history.found(at, answer);
    }

    pub fn happened(&mut self, happening: Happening) {
        self.generation += 1;
        self.happenings.push_front(happening);
        self.happenings.truncate(HAPPENINGS);
    }

    /// Takes in what a job says; returns what there is to say where that was its last word.
    #[must_use]
    pub fn hear(&mut self, report: JobReport) -> Option<Notice> {
        self.generation += 1;
        let job = self.jobs.hear(report, self.now)?;
        let (verdict, line) = (job.verdict.as_ref()?, job.last_word()?);
        Some(if verdict.succeeded() { Notice::Done(line) } else { Notice::Problem(line) })
    }

    pub fn tell(&mut self, notice: Notice) {
        self.notice = Some((self.now, notice));
        self.of_job = false;
    }

    /// Tells how a job ended, which stays where the view is left.
    pub fn tell_of_job(&mut self, notice: Notice) {
        self.tell(notice);
        self.of_job = true;
    }

    /// Takes away what was said about the view that is left; how a job ended stays.
    pub fn leave_view(&mut self) {
        if !self.of_job {
            self.notice = None;
        }
    }

    /// Takes away what the key before did.
    pub fn forget_what_was_done(&mut self) {
        self.notice.take_if(|(_, notice)| matches!(notice, Notice::Done(_)));
    }

    /// Takes away why the key before did nothing.
    pub fn forget_refusal(&mut self) {
        self.notice.take_if(|(_, notice)| matches!(notice, Notice::Refused(_) | Notice::Hint(_)));
    }

    pub fn follow(&mut self, subscription: Option<Subscription>) {
        self.feed.follow(subscription, &self.setting);
    }

    pub fn log(&mut self, news: &FeedNews) {
        if self.feed.hear(news) {
            self.name_log_sources();
        }
    }

    fn ordered_tasks(&self) -> Vec<usize> {
        let tasks = &self.view.tasks.list;
        let mut order: Vec<usize> = (0..tasks.len()).collect();
        order.sort_by_cached_key(|&at| {
            let it = &tasks[at];
            (
                it.desired.is_over(),
                self.service_name(it).to_owned(),
                it.slot,
                if it.slot == 0 { self.host(it.node.as_ref()).to_owned() } else { String::new() },
                Reverse(it.created),
            )
        });
        order
    }

    /// Tells the log who writes its lines, as `api.1@node2`.
    fn name_log_sources(&mut self) {
        let mut buffer = mem::replace(&mut self.feed.buffer, feed::empty(&self.setting));
        buffer.name_sources(|origin| {
            let LineOrigin { task, service, node } = origin;
            if let Some(roster) = &self.feed.roster {
                return Some(roster.name_of(task.as_ref(), service.as_ref(), node.as_ref()));
            }
            let task = self.task(task.as_ref()?)?;
            Some(self.log_source(task, node.as_ref()))
        });
        self.feed.buffer = buffer;
    }

    /// Returns the name of a task within its stack, as logs tell it: `api.1@node2`.
    fn log_source(&self, task: &Task, node: Option<&NodeId>) -> String {
        let service = task.service.as_ref().and_then(|it| self.service(it));
        let name = service.map_or("?", Service::short_name);
        let host = self.host(node);
        if task.slot == 0 {
            format!("{name}@{host}")
        } else {
            format!("{name}.{}@{host}", task.slot)
        }
    }
}
