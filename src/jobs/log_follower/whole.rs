//! Whole-service logs: for services with too many tasks to read them one by one.
//!
//! The engine's stream of a service says nothing of a node that drops out while it is
//! followed, so the nodes are looked at.

use crate::domain::{
    logs::{Note, NoteKind, Roster},
    swarm::{
        cluster::Task,
        names::{NodeId, ServiceId},
        states::NodeState,
    },
};
use jiff::Timestamp;
use std::{collections::BTreeSet, mem};

/// Services that are read as a whole.
#[derive(Debug, Default)]
pub struct Whole {
    told: BTreeSet<ServiceId>,
    /// Nodes that run tasks of theirs and are away.
    away: BTreeSet<NodeId>,
}

/// What a look at their nodes has found.
#[derive(Debug, Default)]
pub struct NodeFindings {
    pub notes: Vec<Note>,
    /// A node is back: what it has of them is to be read again from where it stopped.
    pub back: bool,
}

impl Whole {
    /// Says of services how they are read, once of each.
    pub fn tell<'a>(
        &mut self,
        roster: &Roster,
        services: impl IntoIterator<Item = &'a ServiceId>,
    ) -> Option<String> {
        let new: Vec<&ServiceId> =
            services.into_iter().filter(|it| self.told.insert((*it).clone())).collect();
        let names: Vec<&str> = new.into_iter().map(|it| roster.service_name(Some(it))).collect();
        let (has, its) = if names.len() == 1 { ("has", "its") } else { ("have", "their") };
        (!names.is_empty()).then(|| {
            format!(
                "{} {has} too many tasks to read them one by one: {its} lines come in the engine's order, and some may be missing",
                names.join(", ")
            )
        })
    }

    /// Looks at the nodes of the tasks that these services run.
    pub fn look(
        &mut self,
        roster: &Roster,
        services: &BTreeSet<ServiceId>,
        now: Timestamp,
    ) -> NodeFindings {
        let away = roster.nodes.iter().filter(|it| it.state != NodeState::Ready);
        let away: BTreeSet<NodeId> = away.map(|it| it.id.clone()).collect();
        let before = mem::replace(&mut self.away, away);
        let mut found = NodeFindings::default();
        for id in self.away.difference(&before) {
            let names = names(id, roster, services);
            let (host, state) = (roster.host(Some(id)), roster.node(id).map(|it| it.state.word()));
            if !names.is_empty() {
                let state = state.unwrap_or("away");
                let text = format!(
                    "gap: {host} is {state}, lines of {names} there are missing from here on"
                );
                found.notes.push(Note::new(now, NoteKind::Gap, text));
            }
        }
        for id in before.difference(&self.away) {
            let names = names(id, roster, services);
            if !names.is_empty() {
                found.back = true;
                let host = roster.host(Some(id));
                let text = format!(
                    "{host} answers again: the lines that {names} wrote there meanwhile follow"
                );
                found.notes.push(Note::new(now, NoteKind::Back, text));
            }
        }
        found
    }

    /// Returns which services have tasks on nodes that are away, as `web@node3`.
    pub fn missing(&self, roster: &Roster, services: &BTreeSet<ServiceId>) -> Vec<String> {
        let mut missing = Vec::new();
        for id in &self.away {
            let host = roster.host(Some(id));
            missing.extend(on(id, roster, services).iter().map(|it| format!("{it}@{host}")));
        }
        missing
    }
}

fn names(node: &NodeId, roster: &Roster, services: &BTreeSet<ServiceId>) -> String {
    on(node, roster, services).into_iter().collect::<Vec<_>>().join(", ")
}

/// Returns the names of those services that have a container on a node.
fn on<'a>(node: &NodeId, roster: &'a Roster, services: &BTreeSet<ServiceId>) -> BTreeSet<&'a str> {
    let here = |it: &&Task| {
        it.node.as_ref() == Some(node)
            && it.container.is_some()
            && it.service.as_ref().is_some_and(|it| services.contains(it))
    };
    let of = roster.tasks.iter().filter(here);
    of.map(|it| roster.service_name(it.service.as_ref())).collect()
}
