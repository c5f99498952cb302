//! Logs that are followed through cuts, hangs and the ends of tasks.

use crate::jobs::{Desk, spec};
use futures_util::StreamExt;
use jiff::Timestamp;
use serde_json::json;
use skep::{
    domain::{
        logs::{LogLine, LogRequest, LogSource, NoteKind, Roster, Window},
        swarm::{
            change::{Change, ServiceRef},
            cluster::{Object, TaskScope},
            names::{ServiceId, TaskId},
            spec::NewService,
            states::Availability,
        },
    },
    engine::{Engine, ReadEngine, fake::FakeEngine},
    jobs::log_follower::{self, Feed, FeedNews, LogQuery, LogScope, Subscription},
};
use std::{collections::BTreeSet, sync::Arc, time::Duration};
use tokio::{
    sync::mpsc,
    time::{Instant, timeout},
};

/// What a feed has said.
pub struct Ear {
    told: mpsc::Receiver<FeedNews>,
    pub lines: Vec<LogLine>,
    pub notes: Vec<(NoteKind, String)>,
    /// How many lines had come before each note.
    pub before: Vec<usize>,
    /// The moment of each note.
    pub at: Vec<Timestamp>,
    roster: Option<Arc<Roster>>,
    pub read: Option<bool>,
    pub ended: bool,
    pub feed: Option<Feed>,
}

impl Ear {
    pub fn follow(engine: &FakeEngine, window: Window, tail: u32, of: LogScope) -> Self {
        let (news, told) = mpsc::channel(64);
        let subscription = Subscription { of, window, tail };
        let feed = log_follower::spawn(Arc::new(engine.clone()), subscription, news);
        Self { feed: Some(feed), ..Self::new(told) }
    }

    pub fn ask(engine: &FakeEngine, ask: LogQuery) -> Self {
        let (news, told) = mpsc::channel(64);
        tokio::spawn(log_follower::read(Arc::new(engine.clone()), ask, news));
        Self::new(told)
    }

    fn new(told: mpsc::Receiver<FeedNews>) -> Self {
        let (lines, notes, before, at) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
        Self { told, lines, notes, before, at, roster: None, read: None, ended: false, feed: None }
    }

    /// Listens for so many seconds of the swarm's time, or until the feed ends.
    pub async fn listen(&mut self, seconds: u64) {
        let until = Instant::now() + Duration::from_secs(seconds);
        while !self.ended && Instant::now() < until {
            match timeout(Duration::from_secs(1), self.told.recv()).await {
                Ok(Some(FeedNews::Lines(more))) => self.lines.extend(more),
                Ok(Some(FeedNews::Note(note))) => {
                    self.before.push(self.lines.len());
                    self.at.push(note.at);
                    self.notes.push((note.kind, note.text));
                }
                Ok(Some(FeedNews::Roster(roster))) => self.roster = Some(roster),
                Ok(Some(FeedNews::Read { more })) => self.read = Some(more),
                Ok(None) => self.ended = true,
                Err(_) => {}
            }
        }
    }

    /// Listens while the way to the engine is cut three times.
    pub async fn listen_through_cuts(&mut self, engine: &FakeEngine) {
        for round in 0..6 {
            self.listen(20).await;
            if round % 2 == 0 { engine.link().cut() } else { engine.link().restore() }
        }
        self.listen(20).await;
    }

    pub fn notes_of(&self, kind: NoteKind) -> Vec<&str> {
        self.notes.iter().filter(|it| it.0 == kind).map(|it| it.1.as_str()).collect()
    }

    /// Every line of the engine since the first that was told, up to the last one, once.
    pub async fn check_complete(&self, engine: &FakeEngine, of: &ServiceId) {
        let told: BTreeSet<_> = self.lines.iter().map(key).collect();
        assert_eq!(told.len(), self.lines.len(), "some lines came twice");
        let first = self.lines.iter().map(|it| it.at).min().unwrap();
        let last = self.lines.iter().map(|it| it.at).max().unwrap();
        let request =
            LogRequest { since: Some(first), ..LogRequest::all(LogSource::Service(of.clone())) };
        let all: Vec<_> = engine.logs(&request).map(|it| it.unwrap()).collect().await;
        let all: BTreeSet<_> = all.iter().filter(|it| it.at <= last).map(key).collect();
        let missing: Vec<_> = all.difference(&told).take(5).collect();
        assert!(missing.is_empty(), "of {} lines are missing: {missing:?}", all.len());
        assert!(all.len() > 50);
    }
}

fn swarm() -> FakeEngine {
    FakeEngine::with_size(Timestamp::now(), 1, 5)
}

pub async fn service(engine: &FakeEngine) -> ServiceId {
    engine.services().await.unwrap()[0].id.clone()
}

pub fn key(line: &LogLine) -> (String, Timestamp, String) {
    let task = line.task.as_ref().map(ToString::to_string).unwrap_or_default();
    (task, line.at, line.text.clone())
}

pub fn ask(of: LogScope) -> LogQuery {
    LogQuery {
        of,
        node: None,
        since: None,
        until: None,
        tail: None,
        first: None,
        follow: false,
        full_names: true,
    }
}

#[tokio::test(start_paused = true)]
async fn a_cut_costs_no_line_and_brings_none_twice() {
    let engine = swarm();
    let id = service(&engine).await;
    let mut ear = Ear::follow(&engine, Window::Back(1), 500, LogScope::Service(id.clone()));
    ear.listen_through_cuts(&engine).await;
    assert_eq!(ear.notes_of(NoteKind::Gap).len(), 3, "{:?}", ear.notes);
    assert!(ear.notes_of(NoteKind::Back).len() >= 3, "{:?}", ear.notes);
    ear.check_complete(&engine, &id).await;
}

#[tokio::test(start_paused = true)]
async fn a_node_that_hangs_is_named_and_hides_nobody_elses_lines() {
    let engine = swarm();
    let id = service(&engine).await;
    engine.link().hang("node3");
    let mut ear = Ear::follow(&engine, Window::Tail, 50, LogScope::Service(id.clone()));
    ear.listen(30).await;
    let gaps = ear.notes_of(NoteKind::Gap).join("\n");
    assert!(gaps.contains("node3 gives no logs"), "{:?}", ear.notes);
    assert!(ear.lines.len() > 20, "{} lines", ear.lines.len());
    let nodes: BTreeSet<_> = ear.lines.iter().map(|it| it.node.clone()).collect();
    assert_eq!(nodes.len(), 4, "the other nodes are heard");
    assert_eq!(ear.read, Some(false));
    engine.link().resume("node3");
    ear.listen(60).await;
    assert!(ear.notes_of(NoteKind::Back).join("\n").contains("node3 answers again"));
    let nodes: BTreeSet<_> = ear.lines.iter().map(|it| it.node.clone()).collect();
    assert_eq!(nodes.len(), 5, "{:?}", ear.notes);
}

#[tokio::test(start_paused = true)]
async fn a_node_that_hangs_later_is_named_and_read_on_where_it_stopped() {
    let engine = swarm();
    let id = service(&engine).await;
    let mut ear = Ear::follow(&engine, Window::Back(1), 50, LogScope::Service(id.clone()));
    ear.listen(20).await;
    assert_eq!(ear.notes_of(NoteKind::Gap), [""; 0]);
    engine.link().hang("node2");
    ear.listen(60).await;
    assert_eq!(ear.notes_of(NoteKind::Gap).len(), 1, "{:?}", ear.notes);
    engine.link().resume("node2");
    ear.listen(60).await;
    assert_eq!(ear.notes_of(NoteKind::Back).len(), 1, "{:?}", ear.notes);
    ear.check_complete(&engine, &id).await;
}

#[tokio::test(start_paused = true)]
async fn what_is_there_is_read_without_a_node_that_hangs() {
    let engine = swarm();
    let id = service(&engine).await;
    tokio::time::sleep(Duration::from_secs(60)).await;
    engine.link().hang("node3");
    let mut ear = Ear::ask(&engine, ask(LogScope::Service(id)));
    ear.listen(60).await;
    assert!(ear.ended, "it waits for ever");
    assert!(ear.notes_of(NoteKind::Gap).join("\n").contains("node3"), "{:?}", ear.notes);
    let nodes: BTreeSet<_> = ear.lines.iter().map(|it| it.node.clone()).collect();
    assert_eq!(nodes.len(), 4);
    assert!(ear.lines.is_sorted_by_key(|it| it.at));
}

#[tokio::test(start_paused = true)]
async fn a_lost_node_is_named_and_its_tasks_go_on_elsewhere() {
    let engine = swarm();
    let id = service(&engine).await;
    let mut ear = Ear::follow(&engine, Window::Back(1), 50, LogScope::Service(id.clone()));
    ear.listen(20).await;
    engine.lose_node("node5", Duration::ZERO);
    ear.listen(90).await;
    let gaps = ear.notes_of(NoteKind::Gap).join("\n");
    assert!(gaps.contains("node5"), "{:?}", ear.notes);
    let life = ear.notes_of(NoteKind::Life).join("\n");
    assert!(life.contains("takes the place of the task before on node5"), "{life}");
}

#[tokio::test(start_paused = true)]
async fn the_past_comes_in_the_order_of_time_and_all_of_it() {
    let engine = swarm();
    let id = service(&engine).await;
    tokio::time::sleep(Duration::from_secs(120)).await;
    let mut ear = Ear::ask(&engine, ask(LogScope::Service(id.clone())));
    ear.listen(30).await;
    assert!(ear.ended && ear.lines.is_sorted_by_key(|it| it.at));
    ear.check_complete(&engine, &id).await;
    let roster = ear.roster.unwrap();
    let names: BTreeSet<_> = ear.lines.iter().map(|it| roster.origin(it)).collect();
    assert_eq!(names.len(), 5, "{names:?}");
    assert!(names.iter().all(|it| it.contains("_svc000.") && it.contains("@node")), "{names:?}");
}

#[tokio::test(start_paused = true)]
async fn a_slot_a_node_and_a_moment_narrow_what_is_read() {
    let engine = swarm();
    let id = service(&engine).await;
    tokio::time::sleep(Duration::from_secs(120)).await;
    let tasks = engine.tasks(&TaskScope::Services(vec![id.clone()])).await.unwrap();
    let second = tasks.iter().find(|it| it.slot == 2).unwrap();
    let mut ear = Ear::ask(&engine, ask(LogScope::Slot(id.clone(), 2)));
    ear.listen(30).await;
    assert!(!ear.lines.is_empty());
    assert!(ear.lines.iter().all(|it| it.task.as_ref() == Some(&second.id)));
    let mut one = Ear::ask(&engine, ask(LogScope::Task(second.id.clone())));
    one.listen(30).await;
    assert_eq!(one.lines, ear.lines);
    let of_node = LogQuery { node: second.node.clone(), ..ask(LogScope::Service(id.clone())) };
    let mut ear = Ear::ask(&engine, of_node);
    ear.listen(30).await;
    assert!(ear.lines.iter().all(|it| it.node == second.node) && !ear.lines.is_empty());
    let until = engine.now() - Duration::from_secs(30);
    let since = Some(until - Duration::from_secs(30));
    let between = LogQuery { since, until: Some(until), ..ask(LogScope::Service(id)) };
    let mut ear = Ear::ask(&engine, between);
    ear.listen(30).await;
    assert!(ear.lines.iter().all(|it| Some(it.at) >= since && it.at <= until));
    assert!(ear.ended && !ear.lines.is_empty());
}

#[tokio::test(start_paused = true)]
async fn from_the_beginning_a_portion_comes_and_the_next_where_it_is_wanted() {
    let engine = swarm();
    let id = service(&engine).await;
    tokio::time::sleep(Duration::from_secs(3_600)).await;
    let mut ear = Ear::follow(&engine, Window::Head, 1_000, LogScope::Service(id.clone()));
    ear.listen(30).await;
    assert_eq!((ear.lines.len(), ear.read), (1_000, Some(true)));
    ear.feed.as_ref().unwrap().more(700);
    ear.listen(30).await;
    assert_eq!((ear.lines.len(), ear.read), (1_700, Some(true)));
    assert!(ear.lines.is_sorted_by_key(|it| it.at));
    ear.check_complete(&engine, &id).await;
    ear.feed.as_ref().unwrap().more(usize::MAX);
    ear.listen(60).await;
    assert_eq!(ear.read, Some(false));
    let read = ear.lines.len();
    ear.listen(60).await;
    assert!(ear.lines.len() > read, "it follows once all is read");
    ear.check_complete(&engine, &id).await;
}

#[tokio::test(start_paused = true)]
async fn a_service_that_started_nothing_says_so() {
    let engine = FakeEngine::with_size(Timestamp::now(), 1, 0);
    let id = service(&engine).await;
    let mut ear = Ear::ask(&engine, ask(LogScope::Service(id)));
    ear.listen(10).await;
    let remarks = ear.notes_of(NoteKind::Remark).join("\n");
    assert!(
        ear.ended && remarks.contains("has no tasks") && remarks.contains("scaled to 0"),
        "{remarks}"
    );
}

#[tokio::test(start_paused = true)]
async fn all_services_of_a_stack_are_followed_however_many() {
    let engine = FakeEngine::with_size(Timestamp::now(), 10, 12);
    let services = engine.services().await.unwrap();
    let stack = services[0].stack.clone().unwrap();
    let of_stack = services.iter().filter(|it| it.stack.as_ref() == Some(&stack)).count();
    let mut ear = Ear::follow(&engine, Window::Tail, 5, LogScope::Stack(stack));
    ear.listen(60).await;
    let heard: BTreeSet<_> = ear.lines.iter().map(|it| it.task.clone()).collect();
    assert_eq!(heard.len(), of_stack * 12, "{:?}", ear.notes);
}

#[tokio::test(start_paused = true)]
async fn what_is_removed_is_read_to_its_end_and_that_ends_it() {
    let engine = swarm();
    let id = service(&engine).await;
    let mut ear = Ear::follow(&engine, Window::Back(1), 50, LogScope::Service(id.clone()));
    ear.listen(20).await;
    let name = engine.services().await.unwrap()[0].name.to_string();
    let heard = ear.lines.len();
    engine.apply(&Change::RemoveService { id, name }).await.unwrap();
    ear.listen(60).await;
    assert!(ear.ended, "it waits for ever");
    let said = ear.notes.last().unwrap();
    assert_eq!(said.1, "it was removed: there are no more lines", "{:?}", ear.notes);
    assert!(ear.lines.len() >= heard && *ear.before.last().unwrap() == ear.lines.len());
}

#[tokio::test(start_paused = true)]
async fn a_stack_of_which_nothing_is_left_says_so_and_is_followed_on() {
    let engine = swarm();
    let service = engine.services().await.unwrap()[0].clone();
    let stack = service.stack.clone().unwrap();
    let mut ear = Ear::follow(&engine, Window::Back(1), 50, LogScope::Stack(stack));
    ear.listen(20).await;
    let spec = engine.inspect(&Object::Service(service.id.clone())).await.unwrap()["Spec"].clone();
    let (id, name) = (service.id.clone(), service.name.to_string());
    engine.apply(&Change::RemoveService { id, name }).await.unwrap();
    ear.listen(20).await;
    let said = ear.notes_of(NoteKind::Remark).join("\n");
    assert!(said.contains("stack shop-production-s00 has no services any more"), "{:?}", ear.notes);
    let heard = ear.lines.len();
    let change = Change::CreateService { spec: NewService::new(spec).unwrap(), auth: None };
    engine.apply(&change).await.unwrap();
    ear.listen(60).await;
    assert!(!ear.ended && ear.lines.len() > heard, "{:?}", ear.notes);
}

#[tokio::test(start_paused = true)]
async fn all_services_without_a_line_are_named() {
    let engine = FakeEngine::with_size(Timestamp::now(), 10, 0);
    let services = engine.services().await.unwrap();
    let stack = services[0].stack.clone().unwrap();
    let mut spec =
        engine.inspect(&Object::Service(services[0].id.clone())).await.unwrap()["Spec"].clone();
    for number in 0..3 {
        spec["Name"] = format!("{stack}_late{number}").into();
        let change =
            Change::CreateService { spec: NewService::new(spec.clone()).unwrap(), auth: None };
        engine.apply(&change).await.unwrap();
    }
    let mut ear = Ear::ask(&engine, ask(LogScope::Stack(stack.clone())));
    ear.listen(10).await;
    let said = ear.notes_of(NoteKind::Remark).join("\n");
    for it in engine.services().await.unwrap().iter() {
        assert!(said.contains(&*it.name), "no {} in:\n{said}", it.name);
    }
}

#[tokio::test(start_paused = true)]
async fn where_no_line_from_before_is_wanted_nothing_from_before_is_told() {
    let desk = Desk::new();
    let web = desk.create(spec("web:crash", 1)).await;
    tokio::time::sleep(Duration::from_secs(60)).await;
    let all = LogQuery { follow: true, ..ask(LogScope::Service(web.id.clone())) };
    let mut told = Ear::ask(&desk.engine, all.clone());
    told.listen(1).await;
    assert!(told.notes_of(NoteKind::Life).len() > 4, "{:?}", told.notes);
    for tail in [Some(0), None] {
        let began = desk.engine.now();
        let narrow = match tail {
            Some(_) => LogQuery { tail, ..all.clone() },
            None => LogQuery { since: Some(began), ..all.clone() },
        };
        let mut ear = Ear::ask(&desk.engine, narrow);
        ear.listen(60).await;
        let life = ear.notes.iter().zip(&ear.at).filter(|it| it.0.0 == NoteKind::Life);
        let times: Vec<Timestamp> = life.map(|it| *it.1).collect();
        assert!(times.len() > 2 && times.iter().all(|it| *it >= began), "{began}: {times:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn what_happened_stands_among_the_lines_of_its_time() {
    let desk = Desk::new();
    let web = desk.create(spec("web:crash", 2)).await;
    tokio::time::sleep(Duration::from_secs(60)).await;
    let mut ear = Ear::ask(&desk.engine, ask(LogScope::Service(web.id)));
    ear.listen(10).await;
    assert!(ear.ended && ear.notes.len() > 4 && ear.lines.len() > 4, "{:?}", ear.notes);
    assert!(ear.at.is_sorted(), "{:?}", ear.at);
    for (at, lines) in ear.at.iter().zip(&ear.before) {
        assert!(ear.lines[..*lines].iter().all(|it| it.at <= *at), "{at} {:?}", ear.notes);
        assert!(ear.lines[*lines..].iter().all(|it| it.at >= *at), "{at} {:?}", ear.notes);
    }
}

/// Starts a service on a node that takes no tasks, and returns its task.
async fn waits(desk: &Desk) -> (ServiceRef, TaskId) {
    desk.set("node2", Availability::Drain).await;
    let mut spec = spec("web:1", 1);
    spec["TaskTemplate"]["Placement"]["Constraints"] = json!(["node.hostname==node2"]);
    let web = desk.create(spec).await;
    desk.until(async |_| !desk.wanted(&web).await.is_empty()).await;
    let task = desk.wanted(&web).await.pop_first().unwrap();
    (web, task)
}

#[tokio::test(start_paused = true)]
async fn a_task_that_waits_is_followed_until_it_starts() {
    let desk = Desk::new();
    let (_, task) = waits(&desk).await;
    let mut ear = Ear::follow(&desk.engine, Window::Tail, 10, LogScope::Task(task.clone()));
    ear.listen(60).await;
    let remarks = ear.notes_of(NoteKind::Remark).join("\n");
    assert!(remarks.contains("not started yet, so there are no lines: it is pending"), "{remarks}");
    assert!(!ear.ended && ear.lines.is_empty());
    desk.set("node2", Availability::Active).await;
    ear.listen(120).await;
    assert!(!ear.ended && !ear.lines.is_empty(), "{:?}", ear.notes);
    assert!(ear.lines.iter().all(|it| it.task.as_ref() == Some(&task)));
}

#[tokio::test(start_paused = true)]
async fn a_task_that_starts_no_more_ends_its_log_and_says_why() {
    let desk = Desk::new();
    let (web, task) = waits(&desk).await;
    let follow = |follow| LogQuery { follow, ..ask(LogScope::Task(task.clone())) };
    let mut ear = Ear::ask(&desk.engine, follow(true));
    let mut once = Ear::ask(&desk.engine, follow(false));
    once.listen(30).await;
    ear.listen(30).await;
    assert!(once.ended && !ear.ended);
    assert!(once.notes_of(NoteKind::Remark).join("").contains("it is pending"), "{:?}", once.notes);
    desk.update(&web, |it| it["Mode"]["Replicated"]["Replicas"] = json!(0)).await;
    ear.listen(60).await;
    assert!(ear.ended && ear.notes_of(NoteKind::Remark).len() == 2, "{:?}", ear.notes);
}
