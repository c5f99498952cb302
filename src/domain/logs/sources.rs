//! Interned line origins: stored once for all lines of a task.

use crate::domain::{
    logs::LogLine,
    swarm::names::{NodeId, ServiceId, TaskId},
    text::{elide, escape},
};
use std::{collections::HashMap, sync::Arc};

/// The ids that a line carries.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub struct LineOrigin {
    pub task: Option<TaskId>,
    pub node: Option<NodeId>,
    pub service: Option<ServiceId>,
}

/// Where lines come from, with the name that people know.
#[derive(Debug, Clone)]
pub struct LineSource {
    origin: LineOrigin,
    label: Arc<str>,
    named: bool,
    width: usize,
    /// Lines of it that are held.
    live: usize,
}

/// Returns the place of a label in a palette: the same in every run and view, and
/// for every task that takes the place of another.
pub fn colour(label: &str, palette: usize) -> usize {
    // FNV-1a; the standard hasher promises no stable results.
    let hash = label
        .bytes()
        .fold(0x811c_9dc5_u32, |hash, it| (hash ^ u32::from(it)).wrapping_mul(0x0100_0193));
    hash as usize % palette.max(1)
}

/// All sources of the lines held; a number stands for each.
#[derive(Debug, Default)]
pub struct Sources {
    list: Vec<LineSource>,
    numbers: HashMap<LineOrigin, u32>,
    free: Vec<u32>,
    /// The last one asked for: lines come in runs.
    last: Option<u32>,
    renamed: u64,
}

impl LineSource {
    pub fn origin(&self) -> &LineOrigin {
        &self.origin
    }

    /// As `api.1@node2`; the short id of the task while nobody named it.
    pub fn label(&self) -> &Arc<str> {
        &self.label
    }

    /// Columns that the label takes.
    pub fn width(&self) -> usize {
        self.width
    }

    /// Host names are those of others, and so are ids.
    fn name(&mut self, label: &str) {
        self.label = escape::shown(label).into();
        self.width = elide::width(&self.label);
    }
}

impl Sources {
    /// Counts one more line of this origin.
    pub fn hold(&mut self, line: &LogLine) -> u32 {
        let same = |it: &LineSource| {
            it.origin.task == line.task
                && it.origin.node == line.node
                && it.origin.service == line.service
        };
        let last = self.last.filter(|it| self.list.get(*it as usize).is_some_and(same));
        let number = last.unwrap_or_else(|| self.number(line));
        self.last = Some(number);
        if let Some(source) = self.list.get_mut(number as usize) {
            source.live += 1;
        }
        number
    }

    /// Counts one line less; the last one takes its source along.
    pub fn release(&mut self, number: u32) {
        let Some(source) = self.list.get_mut(number as usize) else { return };
        source.live = source.live.saturating_sub(1);
        if source.live == 0 {
            self.numbers.remove(&source.origin);
            self.free.push(number);
            self.last = None;
        }
    }

    pub fn get(&self, number: u32) -> Option<&LineSource> {
        self.list.get(number as usize)
    }

    /// Sources of the lines held.
    pub fn iter(&self) -> impl Iterator<Item = &LineSource> {
        self.list.iter().filter(|it| it.live > 0)
    }

    /// Goes up whenever a label changes.
    pub fn renamed(&self) -> u64 {
        self.renamed
    }

    /// Asks for the label of every source.
    pub fn name(&mut self, mut label: impl FnMut(&LineOrigin) -> Option<String>) {
        for source in self.list.iter_mut().filter(|it| it.live > 0) {
            let Some(label) = label(&source.origin) else { continue };
            source.named = true;
            if *source.label != *escape::shown(&label) {
                source.name(&label);
                self.renamed += 1;
            }
        }
    }

    pub fn has_unnamed(&self) -> bool {
        self.iter().any(|it| !it.named)
    }

    fn number(&mut self, line: &LogLine) -> u32 {
        let origin = LineOrigin {
            task: line.task.clone(),
            node: line.node.clone(),
            service: line.service.clone(),
        };
        if let Some(number) = self.numbers.get(&origin) {
            return *number;
        }
        let ids = [
            line.task.as_ref().map(TaskId::short),
            line.service.as_ref().map(ServiceId::short),
            line.node.as_ref().map(NodeId::short),
        ];
        let label = ids.into_iter().flatten().next().unwrap_or("?");
        let mut source = LineSource {
            origin: origin.clone(),
            label: label.into(),
            named: false,
            width: 0,
            live: 0,
        };
        source.name(label);
        let number = self.store(source);
        self.numbers.insert(origin, number);
        number
    }

    fn store(&mut self, source: LineSource) -> u32 {
        if let Some(number) = self.free.pop() {
            self.list[number as usize] = source;
            return number;
        }
        self.list.push(source);
        u32::try_from(self.list.len() - 1).unwrap_or(u32::MAX)
    }
}
