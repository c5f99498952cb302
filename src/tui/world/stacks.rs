//! Stacks, as their services make them up, in a tree of groups.

use crate::{
    domain::{cluster::Service, names::StackName},
    tui::event::Group,
};
use jiff::Timestamp;
use std::collections::BTreeMap;

/// A line of the tree of stacks: a group, or a stack in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Branch {
    pub group: Group,
    pub stack: Option<Stack>,
    /// Stacks or services in the group.
    pub count: usize,
    /// The last release that skep made of the stack.
    pub release: Option<u64>,
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

impl Stack {
    pub fn label(&self) -> &str {
        self.name.as_ref().map_or("(no stack)", StackName::as_str)
    }

    pub fn fine(&self) -> bool {
        self.converged == self.services
    }
}

/// Makes the tree: groups, each with its stacks.
pub fn tree(services: &[Service], releases: &BTreeMap<StackName, u64>) -> Vec<Branch> {
    let mut groups: BTreeMap<Group, Vec<Branch>> = BTreeMap::new();
    for stack in stacks(services) {
        let release = stack.name.as_ref().and_then(|it| releases.get(it)).copied();
        let group = match (&stack.name, release) {
            (None, _) => Group::Single,
            (_, Some(_)) => Group::Deployed,
            (_, None) => Group::Unmanaged,
        };
        groups.entry(group).or_default().push(Branch {
            group,
            count: stack.services,
            stack: Some(stack),
            release,
        });
    }
    let mut branches = Vec::new();
    for (group, stacks) in groups {
        if group != Group::Single {
            branches.push(Branch { group, stack: None, count: stacks.len(), release: None });
        }
        branches.extend(stacks);
    }
    branches
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
        stack.updating +=
            usize::from(service.update.as_ref().is_some_and(|it| it.state == "updating"));
        stack.running += service.running;
        stack.desired += service.desired;
        stack.updated = stack.updated.max(service.updated);
    }
    let single = found.remove(&None);
    found.into_values().chain(single).collect()
}
