//! Log gaps: which tasks give no lines now, grouped by node.

use crate::domain::{
    logs::{Note, NoteKind, Roster},
    swarm::{
        cluster::Task,
        names::{NodeId, ServiceId, TaskId},
        states::NodeState,
    },
};
use jiff::Timestamp;
use std::{collections::BTreeMap, time::Duration};
use tokio::time::Instant;

/// The tasks of a node fall silent together; for this long they are collected.
const COLLECTED: Duration = Duration::from_millis(600);
/// So many are named.
const NAMED: usize = 4;

/// A task whose lines do not come.
#[derive(Debug, Clone)]
pub struct Silence {
    /// All of the service, where it is read as a whole.
    pub task: Option<TaskId>,
    pub service: Option<ServiceId>,
    pub node: Option<NodeId>,
    /// What the engine says of it, where it says anything.
    pub why: String,
    /// The moment of the last line that came.
    pub last: Option<Timestamp>,
}

/// The silent tasks, and what was told of them.
#[derive(Debug, Default)]
pub struct Gaps {
    silent: BTreeMap<u32, Silence>,
    /// Not told yet.
    falling: BTreeMap<u32, Silence>,
    back: BTreeMap<u32, Silence>,
    due: Option<Instant>,
}

impl Gaps {
    pub fn fell_silent(&mut self, key: u32, silence: Silence, now: Instant) {
        if self.silent.contains_key(&key) {
            return;
        }
        // Nothing of it was told yet: it was away all the time.
        if let Some(silence) = self.back.remove(&key) {
            self.silent.insert(key, silence);
            return;
        }
        self.falling.entry(key).or_insert(silence);
        self.due.get_or_insert(now + COLLECTED);
    }

    pub fn came_back(&mut self, key: u32, now: Instant) {
        self.falling.remove(&key);
        if let Some(silence) = self.silent.remove(&key) {
            self.back.insert(key, silence);
            self.due.get_or_insert(now + COLLECTED / 2);
        }
    }

    /// Forgets a task of which nothing more comes.
    pub fn forget(&mut self, key: u32) {
        self.falling.remove(&key);
        self.silent.remove(&key);
    }

    /// Returns whose lines are missing now.
    pub fn missing(&self, roster: &Roster) -> Vec<String> {
        let mut names: Vec<String> = (self.silent.values().chain(self.falling.values()))
            .map(|it| match it.node {
                Some(_) => format!("{}@{}", name(roster, it), roster.host(it.node.as_ref())),
                None => name(roster, it),
            })
            .collect();
        names.sort();
        names.dedup();
        names
    }

    /// Returns when there is something to tell.
    pub fn next_due(&self) -> Option<Instant> {
        self.due
    }

    /// Puts off what is to be told: it is not clear yet whose fault it is.
    pub fn put_off(&mut self, until: Instant) {
        self.due = self.due.map(|_| until);
    }

    /// Tells who fell silent and who is back.
    pub fn tell(&mut self, roster: &Roster, now: Timestamp) -> Vec<Note> {
        self.due = None;
        let mut notes = Vec::new();
        for (node, of) in by_node(self.back.values()) {
            let (host, names) = (roster.host(node), names(roster, &of));
            let text =
                format!("{host} answers again: the lines that {names} wrote meanwhile follow");
            notes.push(Note::new(now, NoteKind::Back, text));
        }
        self.back.clear();
        for (node, of) in by_node(self.falling.values()) {
            notes.push(Note::new(now, NoteKind::Gap, gap(roster, node, &of, now)));
        }
        self.silent.append(&mut self.falling);
        notes
    }
}

fn by_node<'a>(
    silences: impl Iterator<Item = &'a Silence>,
) -> BTreeMap<Option<&'a NodeId>, Vec<&'a Silence>> {
    let mut nodes: BTreeMap<_, Vec<_>> = BTreeMap::new();
    for silence in silences {
        nodes.entry(silence.node.as_ref()).or_default().push(silence);
    }
    nodes
}

fn gap(roster: &Roster, node: Option<&NodeId>, of: &[&Silence], now: Timestamp) -> String {
    let (host, names) = (roster.host(node), names(roster, of));
    let state = node.and_then(|it| roster.node(it)).filter(|it| it.state != NodeState::Ready);
    let why = match state {
        None if node.is_none() => {
            let why = of.first().map_or("", |it| it.why.as_str());
            format!("the engine does not give all lines ({why})")
        }
        Some(node) if node.message.is_empty() => format!("{host} is {}", node.state),
        Some(node) => format!("{host} is {} ({})", node.state, node.message),
        None => match of.first().map(|it| it.why.as_str()).filter(|it| !it.is_empty()) {
            Some(why) => format!("{host} gives no logs ({why})"),
            None => format!("{host} gives no logs and does not answer"),
        },
    };
    let last = of.iter().filter_map(|it| it.last).max();
    let since = match last {
        Some(last) => {
            format!("the last line came {}s ago", now.duration_since(last).as_secs().max(0))
        }
        None => "no line came from there".to_owned(),
    };
    format!("gap: {why}, lines of {names} are missing from here on; {since}")
}

fn names(roster: &Roster, of: &[&Silence]) -> String {
    let mut names: Vec<String> = of.iter().map(|it| name(roster, it)).collect();
    names.sort();
    names.dedup();
    let more = names.len().saturating_sub(NAMED);
    names.truncate(NAMED);
    let names = names.join(", ");
    if more > 0 { format!("{names} and {more} more") } else { names }
}

fn name(roster: &Roster, silence: &Silence) -> String {
    let Some(id) = &silence.task else {
        return roster.service_name(silence.service.as_ref()).to_owned();
    };
    let task: Option<&Task> = roster.task(id);
    task.map_or_else(|| id.short().to_owned(), |it| roster.task_name(it))
}
