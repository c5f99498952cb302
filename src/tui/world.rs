//! What is known about the outside; every screen reads it, none writes it.

use crate::{
    domain::{
        cluster::{Happening, Node, Object, Service, System, Task},
        logs::{LogBuffer, LogLine},
        names::{NodeId, ServiceId, StackName, TaskId},
    },
    engine::Answer,
    jobs::{
        JobId, News, Report, Verdict,
        feed::Subscription,
        watch::{Link, View},
    },
    tui::event::{LogNews, Notice},
};
use jiff::{SignedDuration, Timestamp};
use serde_json::Value;
use std::collections::{BTreeMap, VecDeque};

/// The read model of the cockpit.
#[derive(Debug)]
pub struct World {
    pub setting: Setting,
    pub view: View,
    /// Stacks, and services of no stack, with their sums.
    pub stacks: Vec<Stack>,
    /// Newest first.
    pub happenings: VecDeque<Happening>,
    pub page: Option<Page>,
    pub feed: Feed,
    pub notice: Option<(Timestamp, Notice)>,
    pub now: Timestamp,
    jobs: BTreeMap<JobId, Job>,
}

/// What does not change while the cockpit looks at one engine.
#[derive(Debug, Clone, Default)]
pub struct Setting {
    /// Name of the docker context, or `demo`.
    pub context: String,
    pub address: String,
    pub demo: bool,
    pub read_only: bool,
    /// Between two looks at an idle cluster.
    pub refresh: std::time::Duration,
    pub log_lines: usize,
    /// Docker contexts that can be switched to, with their addresses.
    pub contexts: Vec<(String, String)>,
}

/// A stack as its services make it up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stack {
    /// `None` gathers the services of no stack.
    pub name: Option<StackName>,
    pub services: usize,
    /// Services that are what they should be.
    pub converged: usize,
    pub updating: usize,
    pub running: u64,
    pub desired: u64,
    pub updated: Timestamp,
}

/// The raw object that a screen shows, as far as it was read.
#[derive(Debug)]
pub struct Page {
    pub object: Object,
    pub answer: Option<Answer<Value>>,
}

/// The log that is followed.
#[derive(Debug)]
pub struct Feed {
    pub subscription: Option<Subscription>,
    pub buffer: LogBuffer,
    /// Set once the first lines or words arrived.
    pub started: bool,
}

/// A job as its reports describe it.
#[derive(Debug, Clone)]
pub struct Job {
    pub id: JobId,
    pub title: String,
    pub steps: usize,
    pub done: usize,
    pub doing: String,
    pub notes: Vec<String>,
    pub started: Timestamp,
    pub ended: Option<Timestamp>,
    pub verdict: Option<Verdict>,
}

const HAPPENINGS: usize = 1000;
const NOTES: usize = 50;
const NOTICE_STAYS: SignedDuration = SignedDuration::from_secs(8);
/// Text of held log lines, in bytes; with the lines themselves it keeps the
/// cockpit below 60 MiB.
const LOG_BYTES: usize = 24 << 20;

impl World {
    pub fn new(setting: Setting, now: Timestamp) -> Self {
        let buffer = LogBuffer::new(setting.log_lines, LOG_BYTES);
        Self {
            setting,
            view: View::default(),
            stacks: Vec::new(),
            happenings: VecDeque::new(),
            page: None,
            feed: Feed { subscription: None, buffer, started: false },
            notice: None,
            now,
            jobs: BTreeMap::new(),
        }
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

    pub fn tasks(&self) -> &[Task] {
        &self.view.tasks.list
    }

    pub fn service(&self, id: &ServiceId) -> Option<&Service> {
        self.services().iter().find(|it| it.id == *id)
    }

    pub fn node(&self, id: &NodeId) -> Option<&Node> {
        self.nodes().iter().find(|it| it.id == *id)
    }

    pub fn task(&self, id: &TaskId) -> Option<&Task> {
        self.tasks().iter().find(|it| it.id == *id)
    }

    /// Returns the name of a task as docker prints it: `api.1`, or `agent.node2`
    /// for global services.
    pub fn task_name(&self, task: &Task) -> String {
        let service = task.service.as_ref().and_then(|it| self.service(it));
        let name = service.map_or("?", |it| it.name.as_ref());
        match (task.slot, &task.node) {
            (0, Some(node)) => format!("{name}.{}", self.host(Some(node))),
            (slot, _) => format!("{name}.{slot}"),
        }
    }

    /// Returns the host name of a node, or its short id where it is not known.
    pub fn host<'a>(&'a self, node: Option<&'a NodeId>) -> &'a str {
        let Some(id) = node else { return "–" };
        self.node(id).map_or(id.short(), |it| it.hostname.as_ref())
    }

    /// Newest first.
    pub fn jobs(&self) -> impl Iterator<Item = &Job> {
        self.jobs.values().rev()
    }

    pub fn job(&self, id: JobId) -> Option<&Job> {
        self.jobs.get(&id)
    }

    pub fn running_jobs(&self) -> usize {
        self.jobs.values().filter(|it| it.verdict.is_none()).count()
    }

    /// Returns how old the view is, once that is worth telling: after two polls.
    pub fn stale(&self) -> Option<SignedDuration> {
        let age = self.now.duration_since(self.view.read_at?);
        let polls = SignedDuration::try_from(self.setting.refresh * 2).unwrap_or(SignedDuration::MAX);
        (age > polls + SignedDuration::from_secs(1)).then_some(age)
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
        let same = std::sync::Arc::ptr_eq(&view.services, &self.view.services);
        self.view = view;
        if !same {
            self.stacks = stacks(self.services());
        }
    }

    pub fn happened(&mut self, happening: Happening) {
        self.happenings.push_front(happening);
        self.happenings.truncate(HAPPENINGS);
    }

    pub fn hear(&mut self, report: Report) {
        let now = self.now;
        let job = self.jobs.entry(report.job).or_insert_with(|| Job::new(report.job, now));
        match report.news {
            News::Started { title, steps } => (job.title, job.steps) = (title, steps),
            News::Step { done, doing } => (job.done, job.doing) = (done, doing),
            News::Note(note) => job.note(note),
            News::Finished(verdict) => {
                let line = format!("{} {verdict}", job.title);
                (job.verdict, job.ended) = (Some(verdict), Some(now));
                let fine = job.verdict.as_ref().is_some_and(Verdict::succeeded);
                self.tell(if fine { Notice::Done(line) } else { Notice::Problem(line) });
            }
        }
    }

    pub fn tell(&mut self, notice: Notice) {
        self.notice = Some((self.now, notice));
    }

    /// Starts over with the lines of another log.
    pub fn follow(&mut self, subscription: Option<Subscription>) {
        self.feed.subscription = subscription;
        self.feed.buffer = LogBuffer::new(self.setting.log_lines, LOG_BYTES);
        self.feed.started = false;
    }

    pub fn log(&mut self, news: LogNews) {
        self.feed.started = true;
        match news {
            LogNews::Lines(lines) => self.feed.buffer.extend(lines),
            LogNews::Mark(text) => self.feed.buffer.mark(self.now, text),
        }
    }

    /// Returns who wrote a line, as `api.1@node2`.
    pub fn origin(&self, line: &LogLine) -> String {
        let task = line.task.as_ref().and_then(|id| self.task(id));
        let name = match (task, &line.service) {
            (Some(task), _) => self.task_name(task),
            (None, Some(id)) => self.service(id).map_or_else(|| id.short().to_owned(), |it| it.name.to_string()),
            (None, None) => String::new(),
        };
        format!("{name}@{}", self.host(line.node.as_ref()))
    }
}

impl Job {
    fn new(id: JobId, started: Timestamp) -> Self {
        Self {
            id,
            title: String::new(),
            steps: 0,
            done: 0,
            doing: String::new(),
            notes: Vec::new(),
            started,
            ended: None,
            verdict: None,
        }
    }

    /// The same trouble every half second is one note.
    fn note(&mut self, note: String) {
        if self.notes.last() != Some(&note) && self.notes.len() < NOTES {
            self.notes.push(note);
        }
    }
}

impl Stack {
    pub fn label(&self) -> &str {
        self.name.as_ref().map_or("(no stack)", StackName::as_str)
    }

    pub fn fine(&self) -> bool {
        self.converged == self.services
    }
}

fn stacks(services: &[Service]) -> Vec<Stack> {
    let mut found: BTreeMap<Option<&StackName>, Stack> = BTreeMap::new();
    for service in services {
        let stack = found.entry(service.stack.as_ref()).or_insert_with(|| Stack {
            name: service.stack.clone(),
            services: 0,
            converged: 0,
            updating: 0,
            running: 0,
            desired: 0,
            updated: service.updated,
        });
        stack.services += 1;
        stack.converged += usize::from(service.converged());
        stack.updating += usize::from(service.update.as_ref().is_some_and(|it| it.state == "updating"));
        stack.running += service.running;
        stack.desired += service.desired;
        stack.updated = stack.updated.max(service.updated);
    }
    let single = found.remove(&None);
    found.into_values().chain(single).collect()
}
