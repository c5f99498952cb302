//! Stacks in a tree: those of projects in their environments, and those that only the
//! cluster knows, as their services make them up.

use crate::{
    domain::{
        deployment::rollback::LiveRelease,
        project::{EnvironmentPath, ManagedStack, StackPath},
        swarm::{
            cluster::{Condition, Service},
            names::StackName,
        },
    },
    tui::{
        event::Group,
        projects::{Brief, Projects},
    },
};
use jiff::Timestamp;
use std::collections::BTreeMap;

/// A line of the tree of stacks: a group, or a stack in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Branch {
    pub group: Group,
    pub stack: Option<StackSummary>,
    /// Stacks, environments or services in the group.
    pub count: usize,
    /// The release of skep that is live.
    pub release: Option<LiveRelease>,
    /// Where a project has it, and how it stands.
    pub managed: Option<(StackPath, Brief)>,
    /// It lives in the cluster that is looked at.
    pub here: bool,
}

/// A stack as its services make it up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StackSummary {
    /// `None` gathers the services of no stack.
    pub name: Option<StackName>,
    pub services: usize,
    /// Services that are what they should be, or on the way there.
    pub converged: usize,
    pub updating: usize,
    /// Services of which tasks are missing, or do not stay up.
    pub failing: usize,
    /// Services of which tasks ended well and are not started again.
    pub ended: usize,
    /// Services that somebody stopped on purpose.
    pub stopped: usize,
    pub running: u64,
    pub desired: u64,
    /// Nothing where no service is there.
    pub updated: Option<Timestamp>,
}

/// What a tree is made of.
#[derive(Debug, Clone, Copy)]
pub struct Grounds<'a> {
    pub services: &'a [Service],
    pub releases: &'a BTreeMap<StackName, Option<LiveRelease>>,
    pub projects: &'a Projects,
    /// The docker context that is looked at.
    pub context: &'a str,
    /// Projects and releases were read: a stack that is in none of them is not skep's.
    pub sorted: bool,
}

impl StackSummary {
    fn none(name: Option<StackName>) -> Self {
        Self {
            name,
            services: 0,
            converged: 0,
            updating: 0,
            failing: 0,
            ended: 0,
            stopped: 0,
            running: 0,
            desired: 0,
            updated: None,
        }
    }

    pub fn label(&self) -> &str {
        self.name.as_ref().map_or("(no stack)", StackName::as_str)
    }

    pub fn fine(&self) -> bool {
        self.converged == self.services
    }
}

impl Branch {
    fn head(group: Group, count: usize) -> Self {
        Self { group, stack: None, count, release: None, managed: None, here: true }
    }
}

/// Makes the tree: projects first, then what only the cluster knows.
pub fn tree(grounds: Grounds<'_>) -> Vec<Branch> {
    let mut live = stacks(grounds.services);
    let mut branches = Vec::new();
    for project in grounds.projects.catalog.projects.keys() {
        let environments = grounds.projects.catalog.environments_of(project);
        branches.push(Branch::head(Group::Project(project.clone()), environments.len()));
        for environment in environments {
            branches.extend(of_environment(&environment, grounds, &mut live));
        }
    }
    branches.extend(others(live, grounds));
    branches
}

/// Takes the stacks of an environment out of those that are live.
fn of_environment(
    path: &EnvironmentPath,
    grounds: Grounds<'_>,
    live: &mut BTreeMap<Option<StackName>, StackSummary>,
) -> Vec<Branch> {
    let catalog = &grounds.projects.catalog;
    let group = Group::Environment(path.clone());
    let context = catalog.environments.get(path).and_then(|it| it.context.as_deref());
    let is_here = context.is_none_or(|it| it == grounds.context);
    let stack = |it: &ManagedStack| {
        let name = Some(it.swarm.clone());
        let found = is_here.then(|| live.remove(&name)).flatten();
        let brief = grounds.projects.brief(&it.path).cloned().unwrap_or_default();
        let stack = found.unwrap_or_else(|| StackSummary::none(name));
        Branch {
            group: group.clone(),
            count: stack.services,
            stack: Some(stack),
            release: grounds.releases.get(&it.swarm).copied().flatten().filter(|_| is_here),
            managed: Some((it.path.clone(), brief)),
            here: is_here,
        }
    };
    let stacks: Vec<Branch> = catalog.stacks_of(path).map(stack).collect();
    let head = Branch::head(group.clone(), stacks.len());
    [head].into_iter().chain(stacks).collect()
}

/// Groups what no project has.
fn others(live: BTreeMap<Option<StackName>, StackSummary>, grounds: Grounds<'_>) -> Vec<Branch> {
    let mut groups: BTreeMap<Group, Vec<Branch>> = BTreeMap::new();
    for stack in live.into_values() {
        let release = stack.name.as_ref().and_then(|it| grounds.releases.get(it)).copied();
        let group = match (&stack.name, release) {
            (None, _) => Group::Single,
            _ if !grounds.sorted => Group::Unsorted,
            (_, Some(_)) => Group::Deployed,
            (_, None) => Group::Unmanaged,
        };
        groups.entry(group.clone()).or_default().push(Branch {
            group,
            count: stack.services,
            stack: Some(stack),
            release: release.flatten(),
            managed: None,
            here: true,
        });
    }
    let mut branches = Vec::new();
    for (group, stacks) in groups {
        if group != Group::Single {
            branches.push(Branch::head(group, stacks.len()));
        }
        branches.extend(stacks);
    }
    branches
}

/// Sums up services by stack; those of none come under no name.
fn stacks(services: &[Service]) -> BTreeMap<Option<StackName>, StackSummary> {
    let mut found: BTreeMap<Option<StackName>, StackSummary> = BTreeMap::new();
    for service in services {
        let stack = found
            .entry(service.stack.clone())
            .or_insert_with(|| StackSummary::none(service.stack.clone()));
        stack.services += 1;
        stack.converged += usize::from(!service.in_trouble());
        stack.stopped += usize::from(service.seen.condition == Condition::Stopped);
        stack.updating += usize::from(service.seen.condition == Condition::Changing);
        stack.failing += usize::from(service.seen.condition == Condition::Failing);
        stack.ended += usize::from(service.seen.condition == Condition::Ended);
        let tally = service.tally();
        stack.running += tally.running;
        stack.desired += tally.wanted;
        stack.updated = stack.updated.max(Some(service.changed));
    }
    found
}
