//! Crash loops: tasks that ended by themselves, and those that do so repeatedly.

use crate::domain::{
    health::exit::{is_lost_with_node, never_started},
    swarm::{
        cluster::{Node, Restarts, Service, SpecDigest, Task, TaskState, Update},
        names::{NodeId, ServiceId, TaskId},
        states::UpdateState,
    },
    text::age::coarse,
};
use jiff::{SignedDuration, Timestamp};
use std::collections::{BTreeMap, HashMap, HashSet, VecDeque};

/// So many ends …
const ENDS: usize = 3;
/// … of which the last is no older than this make a loop. The engine keeps four
/// old tasks of each slot, and waits 5 s between attempts by default.
pub const RECENT: SignedDuration = SignedDuration::from_mins(10);
/// Restarts are counted for this long.
pub const WINDOW: SignedDuration = SignedDuration::from_hours(1);
/// Tasks that an engine keeps of a slot, by default.
pub const KEPT: usize = 5;
/// The first task of a spec is made so soon after that, with the clocks of managers apart.
const FIRST: SignedDuration = SignedDuration::from_secs(3);
/// So many ends of one service are remembered: one every 4 s.
const REMEMBERED: usize = 1_000;
/// Clocks of nodes may differ by so much. A task that is stopped on purpose takes
/// longer: 2 s before it even hears of it (20.10 to 28).
const CLOCKS: SignedDuration = SignedDuration::from_secs(1);

/// A slot (or a node, for global services) whose tasks keep ending.
#[derive(Debug, Clone, PartialEq)]
pub struct CrashLoop<'a> {
    /// The newest task that ended.
    pub last: &'a Task,
    /// How many ended.
    pub ends: usize,
    /// From the birth of the first to the end of the last.
    pub within: SignedDuration,
}

/// Finds the loops among the tasks of one service, the newest first. Tasks that
/// were stopped on purpose do not count.
pub fn crash_loops<'a>(tasks: &[&'a Task], now: Timestamp) -> Vec<CrashLoop<'a>> {
    let is_job = tasks.iter().any(|it| it.desired == TaskState::Complete);
    loops_of(&ended(tasks, is_job), now)
}

pub fn loops_of<'a>(ended: &[&'a Task], now: Timestamp) -> Vec<CrashLoop<'a>> {
    let mut loops: Vec<_> =
        by_slot(ended).into_values().filter_map(|it| crash_loop(it, now)).collect();
    loops.sort_by_key(|it| std::cmp::Reverse(it.last.since));
    loops
}

fn crash_loop(mut ended: Vec<&Task>, now: Timestamp) -> Option<CrashLoop<'_>> {
    ended.retain(|it| now.duration_since(it.since) <= RECENT);
    ended.sort_by_key(|it| it.since);
    let (first, last) = (ended.first()?, ended.last()?);
    let within = last.since.duration_since(first.created);
    (ended.len() >= ENDS).then_some(CrashLoop { last, ends: ended.len(), within })
}

/// Returns the tasks of a service that ended by themselves, in what it is now: not
/// those of a spec that was replaced, nor of a slot that it does not want any more, nor
/// what was lost with its node.
pub fn ends<'a>(
    service: &Service,
    tasks: &[&'a Task],
    is_lost: impl Fn(&Task) -> bool,
) -> Vec<&'a Task> {
    let wanted = wanted(service, tasks);
    let well = |it: &Task| it.state == TaskState::Complete;
    let may_end = service.restart.may_end || service.is_job();
    let mut ends = ended(tasks, service.is_job());
    ends.retain(|it| {
        is_of_present(service, it) && wanted(slot(it)) && !(may_end && well(it)) && !is_lost(it)
    });
    ends
}

/// Tells the slots that a service wants: what was scaled away tells nothing of it any more.
fn wanted<'a>(service: &Service, tasks: &[&'a Task]) -> impl Fn(Slot<'_>) -> bool + use<'a> {
    let all = !service.converged();
    let live = tasks.iter().filter(|it| it.desired <= TaskState::Complete);
    let live: HashSet<Slot<'a>> = live.map(|it| slot(it)).collect();
    move |it| all || live.contains(&it)
}

/// Returns the oldest task that an engine keeps of a slot, where it may have forgotten
/// others before it that tell of the present spec. What began with it is all there.
pub fn forgotten_before<'a>(service: &Service, of_slot: &[&'a Task]) -> Option<&'a Task> {
    let oldest = of_slot.iter().min_by_key(|it| it.created).copied()?;
    let start = service.created.max(began(service));
    let is_first = oldest.created.duration_since(start) <= FIRST;
    (of_slot.len() >= KEPT && !is_first).then_some(oldest)
}

/// Returns whether the end of a task tells of the service as it is now. The engine does
/// not say which spec made a task, but what it ran and when it was made mostly do: any
/// change, as scaling, takes away the word on the update before.
fn is_of_present(service: &Service, task: &Task) -> bool {
    let images = [&service.image, &task.image];
    if images.iter().all(|it| !it.is_empty()) && images[0] != images[1] {
        return false;
    }
    if service.container_spec.differs(task.container_spec) {
        return false;
    }
    match service.update.as_ref().filter(|it| it.state == UpdateState::RollbackCompleted) {
        // It took the old spec back: tasks from before the update run on, and those
        // that it made are older than its end.
        Some(_) => ended_at(task) >= began(service),
        None => task.created >= began(service),
    }
}

/// Returns from when on what ends tells of the present spec; always, where the engine
/// does not tell.
pub fn began(service: &Service) -> Timestamp {
    let Some(update) = &service.update else { return Timestamp::MIN };
    match update.state.known() {
        // What failed before belongs to the spec that was taken back.
        Some(UpdateState::RollbackCompleted) => {
            update.completed.or(update.started).unwrap_or(Timestamp::MIN)
        }
        // Tasks are made a moment before the update is said to have begun.
        _ => update.started.map_or(Timestamp::MIN, |it| it.saturating_sub(CLOCKS).unwrap_or(it)),
    }
}

/// Returns the task for which the engine took an update back, once that is done: it names
/// none then. It was made by the update, and ended before the old spec was back; of
/// several, the first to end made the engine stop.
pub fn taken_back_for<'a>(update: &Update, tasks: &[&'a Task]) -> Option<&'a Task> {
    let from = update.started?.saturating_sub(CLOCKS).ok()?;
    let to = update.completed?.checked_add(CLOCKS).ok()?;
    // What was stopped to make room for the old spec is `shutdown`, or ended later.
    let ended = |it: &&&Task| {
        matches!(it.state, TaskState::Failed | TaskState::Rejected | TaskState::Complete)
    };
    let meanwhile = tasks.iter().filter(ended);
    let meanwhile = meanwhile.filter(|it| it.created >= from && ended_at(it) <= to);
    meanwhile.min_by_key(|it| ended_at(it)).copied()
}

/// Returns when a task ended. Managers may write it later for reasons of their own, and
/// the clock of its node may be ahead.
fn ended_at(task: &Task) -> Timestamp {
    task.since.min(task.updated)
}

/// The ends of tasks of one service, remembered longer than engines do.
#[derive(Debug, Default)]
pub struct Ends {
    /// That of the service when they were taken in.
    container_spec: SpecDigest,
    seen: HashSet<TaskId>,
    /// Those that were lost with their node: what tells so is written over some day.
    lost: HashSet<TaskId>,
    at: VecDeque<(Timestamp, Place)>,
    /// All tasks that the engine had when they were taken in.
    known: HashSet<TaskId>,
    /// Until when some are missing from the count.
    more_until: Option<Timestamp>,
}

impl Ends {
    /// Takes in all tasks of the service, as the engine has them now.
    pub fn take_in(&mut self, service: &Service, tasks: &[&Task], nodes: &[Node], now: Timestamp) {
        if self.container_spec.differs(service.container_spec) {
            // What ended before tells of a spec that was replaced.
            (self.at, self.more_until) = (VecDeque::new(), None);
        }
        self.container_spec = service.container_spec;
        let lost = tasks.iter().filter(|it| {
            self.lost.contains(&it.id)
                || !self.seen.contains(&it.id) && is_lost_with_node(it, nodes)
        });
        self.lost = lost.map(|it| it.id.clone()).collect();
        let ends = ends(service, tasks, |it| self.lost.contains(&it.id));
        for all in by_slot(tasks).values() {
            // Nothing that is known from before: those in between were forgotten.
            let gap = forgotten_before(service, all).filter(|it| !self.known.contains(&it.id));
            let until = gap.and_then(|it| it.created.checked_add(WINDOW).ok());
            self.more_until = self.more_until.max(until.filter(|it| *it > now));
        }
        let new = ends.iter().filter(|it| !self.seen.contains(&it.id));
        self.at.extend(new.map(|it| (it.since, place(it))).collect::<Vec<_>>());
        self.at.make_contiguous().sort_unstable();
        let (first, began) = (now.saturating_sub(WINDOW).unwrap_or(now), began(service));
        let wanted = wanted(service, tasks);
        self.at.retain(|(at, place)| *at >= first.max(began) && wanted(borrowed(place)));
        self.known = tasks.iter().map(|it| it.id.clone()).collect();
        while self.at.len() > REMEMBERED {
            self.at.pop_front();
        }
        self.seen = ends.iter().map(|it| it.id.clone()).collect();
    }

    /// Returns whether the end of a task was taken in.
    pub fn knows(&self, task: &TaskId) -> bool {
        self.seen.contains(task) || self.lost.contains(task)
    }

    /// Returns whether they say anything.
    pub fn remember(&self, now: Timestamp) -> bool {
        !self.lost.is_empty() || self.restarts(now).count > 0
    }

    /// Returns how often tasks ended within the last hour.
    pub fn restarts(&self, now: Timestamp) -> Restarts {
        let first = now.saturating_sub(WINDOW).unwrap_or(now);
        let mut recent = self.at.iter().map(|it| it.0).filter(|it| *it >= first);
        let (first, last) = (recent.clone().next(), recent.clone().next_back());
        let count = recent.by_ref().count();
        let more = count > 0 && self.more_until.is_some_and(|it| it > now);
        Restarts { count, more, first, last }
    }
}

/// Returns how long each task that ended ran at most. Engines do not keep when it began
/// to run: only when it was made and when it ended, and they wait a `delay` in between
/// where the one before it ended by itself. One that never started did not run.
pub fn runs(
    tasks: &[Task],
    delay: impl Fn(&Task) -> SignedDuration,
) -> HashMap<TaskId, SignedDuration> {
    let mut slots: HashMap<(Option<&ServiceId>, Slot<'_>), Vec<&Task>> = HashMap::new();
    for task in tasks {
        slots.entry((task.service.as_ref(), slot(task))).or_default().push(task);
    }
    let mut found = HashMap::new();
    for mut all in slots.into_values() {
        all.sort_by_key(|it| it.created);
        let mut before: Option<&Task> = None;
        for task in all {
            let again = before.is_some_and(|it| it.state.is_over() && it.since <= task.created);
            before = Some(task);
            if !task.state.is_over() || never_started(task) {
                continue;
            }
            let whole = task.since.duration_since(task.created);
            let ran = if again { whole - delay(task) } else { whole };
            found.insert(task.id.clone(), ran.max(SignedDuration::ZERO));
        }
    }
    found
}

/// Writes how long something ran at most: `at most 3s`.
pub fn at_most(ran: SignedDuration) -> String {
    if ran < SignedDuration::from_secs(1) {
        return "less than 1s".to_owned();
    }
    format!("at most {}", ceiling(ran))
}

/// The same for a narrow column: `<3s`.
pub fn less_than(ran: SignedDuration) -> String {
    format!("<{}", ceiling(ran))
}

/// Writes a length of time in its largest unit, rounded up.
fn ceiling(length: SignedDuration) -> String {
    let unit = match length.as_secs() {
        ..60 => 1,
        60..3_600 => 60,
        3_600..86_400 => 3_600,
        _ => 86_400,
    };
    let whole = SignedDuration::from_secs(length.as_secs() / unit * unit);
    let more = if whole < length || whole.is_zero() { unit } else { 0 };
    coarse(whole + SignedDuration::from_secs(more))
}

pub type Slot<'a> = (u64, Option<&'a NodeId>);
/// The same, to be remembered.
type Place = (u64, Option<NodeId>);

fn place(task: &Task) -> Place {
    let (number, node) = slot(task);
    (number, node.cloned())
}

fn borrowed(place: &Place) -> Slot<'_> {
    (place.0, place.1.as_ref())
}

/// Global services have one task a node, others one a slot.
fn slot(task: &Task) -> Slot<'_> {
    (task.slot, task.node.as_ref().filter(|_| task.slot == 0))
}

pub fn by_slot<'a>(tasks: &[&'a Task]) -> BTreeMap<Slot<'a>, Vec<&'a Task>> {
    let mut slots: BTreeMap<Slot<'_>, Vec<&Task>> = BTreeMap::new();
    for task in tasks {
        slots.entry(slot(task)).or_default().push(task);
    }
    slots
}

/// Tasks that ended by themselves and were, or would be, replaced. Those of a job
/// have no slots, and run beside each other.
fn ended<'a>(tasks: &[&'a Task], is_job: bool) -> Vec<&'a Task> {
    let mut ended: Vec<&Task> = Vec::new();
    for all in by_slot(tasks).into_values() {
        let by_itself = |it: &&&Task| is_end(it) && (is_job || !stopped_on_purpose(it, &all));
        ended.extend(all.iter().filter(by_itself));
    }
    ended
}

fn is_end(task: &Task) -> bool {
    match task.state {
        // An engine takes tasks off a node whose labels changed.
        TaskState::Failed | TaskState::Rejected => !task.error.contains("no longer meets"),
        TaskState::Complete => task.desired > TaskState::Complete,
        _ => false,
    }
}

/// Returns whether a task was told to end: by an update, a drain, or because its
/// node was gone. The engine does not say so, but then the task that takes its place
/// is made before it ends, and otherwise after. Both clocks must say so: that of the
/// node may be wrong, and managers may write a task later for reasons of their own.
fn stopped_on_purpose(task: &Task, of_its_slot: &[&Task]) -> bool {
    let ended = ended_at(task);
    let mut later = of_its_slot.iter().filter(|it| it.created > task.created);
    later.any(|it| ended.duration_since(it.created) > CLOCKS)
}
