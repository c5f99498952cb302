//! Nodes: role, state, availability and room.

use crate::{
    domain::{
        columns::{Column, nodes},
        swarm::cluster::{Node, TaskScope},
    },
    tui::{
        event::{Destination, Scope, Subject},
        screens::{Wants, lists::FullScreen},
        widgets::list::{Listing, Moments},
        world::{Source, World},
    },
};
use std::collections::BTreeMap;

/// All nodes; the pane shows what fits beside the others.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Nodes;

impl Listing for Nodes {
    type Row = Node;

    fn title(&self, _world: &World) -> String {
        "Nodes".to_owned()
    }

    fn columns(&self) -> &'static [Column<Node>] {
        nodes::COLUMNS
    }

    fn rows<'w>(&'w self, world: &'w World) -> Vec<&'w Node> {
        world.nodes().iter().collect()
    }

    fn subject(&self, row: &Node) -> Subject {
        Subject::Node(row.id.clone())
    }

    fn fine(&self, row: &Node) -> bool {
        row.takes_tasks()
    }

    fn moments(&self, row: &Node) -> Moments {
        [Some(row.created), None, None]
    }

    fn unread(&self, world: &World) -> Option<String> {
        world.not_read(Source::Cluster).map(|it| it.in_place())
    }

    fn empty(&self, _world: &World) -> String {
        "no nodes: the engine lists none".to_owned()
    }

    fn labels<'r>(&self, row: &'r Node) -> Option<&'r BTreeMap<String, String>> {
        Some(&row.labels)
    }
}

impl FullScreen for Nodes {
    fn place(&self) -> Destination {
        Destination::Nodes
    }

    fn wants(&self, _world: &World) -> Wants {
        Wants { tasks: Some(TaskScope::All), ..Wants::default() }
    }

    fn open(&self, subject: &Subject) -> Option<Destination> {
        let Subject::Node(id) = subject else { return None };
        Some(Destination::Tasks(Scope::Node(id.clone())))
    }
}
