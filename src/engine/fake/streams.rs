//! Streams of happenings and of log lines, which wake when something is due.

use crate::{
    domain::{
        logs::{LogLine, LogRequest, LogSource},
        swarm::{cluster::Happening, names::TaskId},
    },
    engine::{
        Answer, EngineError,
        fake::{
            handle::{FakeEngine, State},
            swarm::task::TaskRecord,
            telling::voice::Voice,
        },
    },
};
use futures_util::stream::{BoxStream, StreamExt, unfold};
use jiff::Timestamp;
use std::{
    collections::{BTreeMap, VecDeque},
    time::Duration,
};
use tokio::{
    select,
    sync::watch,
    time::{Instant, sleep_until},
};

/// Lines of one container that come before another one has its turn: an engine
/// merges containers in no order.
const BLOCK: usize = 8;

/// When nothing is due at all.
const NEVER: Duration = Duration::from_secs(86_400);

/// Streams what happens, from `since` on if given, else from now on.
pub fn events(
    engine: FakeEngine,
    since: Option<Timestamp>,
) -> BoxStream<'static, Answer<Happening>> {
    let last = |state: &State| state.swarm.told.back().map_or(0, |it| it.0);
    let mut seen = if since.is_some() { 0 } else { last(&engine.lock()) };
    feed(engine, "events", move |state| {
        let fresh = state.swarm.told.iter().filter(|(number, happening)| {
            *number > seen && since.is_none_or(|since| happening.at >= since)
        });
        let fresh: Vec<_> = fresh.map(|it| Ok(it.1.clone())).collect();
        seen = last(state);
        Look { fresh, next: None, over: false }
    })
}

/// Streams the lines of a service or a task.
pub fn logs(engine: FakeEngine, request: LogRequest) -> BoxStream<'static, Answer<LogLine>> {
    let mut cursors: BTreeMap<TaskId, u64> = BTreeMap::new();
    let mut first = true;
    feed(engine, "logs", move |state| {
        let look = read(state, &request, &mut cursors, first);
        first = false;
        look
    })
}

/// What a stream found when it looked.
struct Look<T> {
    fresh: Vec<Answer<T>>,
    /// When there is more for sure.
    next: Option<Timestamp>,
    over: bool,
}

enum Wait {
    No,
    Until(Instant),
}

struct Feed<T, F> {
    engine: FakeEngine,
    call: &'static str,
    started: bool,
    look: F,
    stirred: watch::Receiver<u64>,
    found: VecDeque<Answer<T>>,
    over: bool,
}

fn feed<T, F>(engine: FakeEngine, call: &'static str, look: F) -> BoxStream<'static, Answer<T>>
where
    T: Send + 'static,
    F: FnMut(&State) -> Look<T> + Send + 'static,
{
    let stirred = engine.shared.stirred.subscribe();
    let feed =
        Feed { engine, call, started: false, look, stirred, found: VecDeque::new(), over: false };
    unfold(feed, |mut feed| async move { feed.next().await.map(|it| (it, feed)) }).boxed()
}

impl<T, F> Feed<T, F>
where
    F: FnMut(&State) -> Look<T>,
{
    async fn next(&mut self) -> Option<Answer<T>> {
        loop {
            if let Some(found) = self.found.pop_front() {
                return Some(found);
            }
            if self.over {
                return None;
            }
            let Wait::Until(wake) = self.look_again() else { continue };
            select! {
                () = sleep_until(wake) => {}
                // Never an error: this stream keeps the engine alive.
                _ = self.stirred.changed() => {}
            }
        }
    }

    /// Looks for news; says when to look again if there are none.
    fn look_again(&mut self) -> Wait {
        let engine = self.engine.clone();
        let mut state = engine.lock();
        let passed = if self.started {
            state.trouble.check(self.call)
        } else {
            state.trouble.meet(self.call)
        };
        self.started = true;
        if let Err(err) = passed {
            self.found.push_back(Err(err));
            self.over = true;
            return Wait::No;
        }
        state.catch_up();
        let look = (self.look)(&state);
        self.over = look.over;
        if !look.fresh.is_empty() || look.over {
            self.found.extend(look.fresh);
            return Wait::No;
        }
        let next = [look.next, state.swarm.agenda.next()].into_iter().flatten().min();
        Wait::Until(next.map_or_else(|| Instant::now() + NEVER, |at| state.instant(at)))
    }
}

fn read(
    state: &State,
    request: &LogRequest,
    cursors: &mut BTreeMap<TaskId, u64>,
    first: bool,
) -> Look<LogLine> {
    let swarm = &state.swarm;
    let (tasks, known): (Vec<&TaskRecord>, bool) = match &request.source {
        LogSource::Service(id) => (swarm.tasks.of(id).collect(), swarm.services.contains_key(id)),
        LogSource::Task(id) => {
            let task = swarm.tasks.get(id);
            (task.into_iter().collect(), task.is_some())
        }
    };
    if first && !known {
        let what = match &request.source {
            LogSource::Service(id) => format!("service {id}"),
            LogSource::Task(id) => format!("task {id}"),
        };
        return Look { fresh: vec![Err(EngineError::NotFound { what })], next: None, over: true };
    }
    let mut next: Option<Timestamp> = None;
    let mut of_tasks = Vec::new();
    let mut silent_nodes = Vec::new();
    let mut waits = false;
    for task in &tasks {
        let Some(voice) = Voice::of(task, &swarm.images, swarm.seed) else { continue };
        let node = swarm.node_of(task);
        if let Some(node) = node.filter(|it| !it.up) {
            silent_nodes.push(node.id.to_string());
            continue;
        }
        if node.is_some_and(|it| state.trouble.hung.contains(&*it.hostname)) {
            waits = true;
            continue;
        }
        // What is not followed is read once, also while others are waited for.
        if !request.follow && cursors.contains_key(&task.id) {
            continue;
        }
        let (begin, end) = voice.lines_at(swarm.now);
        let cursor = cursors.entry(task.id.clone()).or_insert_with(|| {
            let since = request.since.map_or(begin, |it| voice.first_since(it, begin, end));
            let tail = if first { request.tail } else { None };
            tail.map_or(since, |it| since.max(end.saturating_sub(u64::from(it))))
        });
        let lines: Vec<_> = (*cursor..end).map(|it| Ok(told(task, &voice, it))).collect();
        *cursor = (*cursor).max(end);
        next = [next, voice.due(*cursor)].into_iter().flatten().min();
        of_tasks.push(lines);
    }
    let mut fresh = shuffled(of_tasks);
    if !request.follow && !silent_nodes.is_empty() {
        fresh.push(Err(incomplete(&silent_nodes)));
    }
    // A stream that follows a task does not end with it.
    Look { fresh, next, over: !request.follow && !waits }
}

fn told(task: &TaskRecord, voice: &Voice, number: u64) -> LogLine {
    let line = voice.line(number);
    LogLine {
        at: line.at,
        stream: line.stream,
        task: Some(task.id.clone()),
        node: task.node.clone(),
        service: Some(task.service.clone()),
        text: line.text,
    }
}

/// Takes some lines of each container in turn.
fn shuffled<T>(mut of_tasks: Vec<Vec<T>>) -> Vec<T> {
    let mut all = Vec::new();
    while of_tasks.iter().any(|it| !it.is_empty()) {
        for lines in &mut of_tasks {
            let some = lines.len().min(BLOCK);
            all.extend(lines.drain(..some));
        }
    }
    all
}

fn incomplete(nodes: &[String]) -> EngineError {
    let missing: Vec<_> = nodes.iter().map(|it| format!("node {it} is not available")).collect();
    EngineError::Failed {
        what: "logs".to_owned(),
        why: format!(
            "warning: incomplete log stream. some logs could not be retrieved for the following reasons: {}",
            missing.join(", ")
        ),
    }
}
