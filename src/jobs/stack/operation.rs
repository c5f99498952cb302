//! Stack operations: their description, and how they run.

use crate::{
    domain::swarm::{
        cluster::{Mode, Service, TaskScope},
        names::StackName,
    },
    engine::{Answer, Engine},
    jobs::{
        JobContext, Verdict,
        session::{Neighbours, Session},
        stack::{belongings::belongings, remove, stop, volumes::Volumes},
    },
};
use std::collections::BTreeSet;

/// What becomes of a stack.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StackAction {
    Remove,
    /// Removed, with its volumes on all nodes that can be reached from here.
    Purge,
    /// Scaled to zero; it remembers how many replicas it had.
    Stop,
    Start,
}

/// A stack, what becomes of it, and what of it that concerns.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StackOperation {
    pub stack: StackName,
    pub action: StackAction,
    /// What the operator was told, for people only: what goes, as `service blog_web`, or
    /// the number of replicas that a service will have, as `blog_web=0`.
    pub parts: Vec<String>,
}

impl StackOperation {
    /// Makes it from what is known of services.
    pub fn of(stack: &StackName, action: StackAction, services: &[Service]) -> Self {
        let part = |it: &Service| match (action, it.mode, it.stopped) {
            (StackAction::Remove | StackAction::Purge, _, _) => {
                Some(format!("service {}", it.name))
            }
            (StackAction::Stop, Mode::Replicated { replicas: 1.. }, _) => {
                Some(format!("{}=0", it.name))
            }
            (StackAction::Start, _, Some(replicas)) => Some(format!("{}={replicas}", it.name)),
            _ => None,
        };
        let services = services.iter().filter(|it| it.stack.as_ref() == Some(stack));
        Self { stack: stack.clone(), action, parts: services.filter_map(part).collect() }
    }

    /// Makes the removal of all that the engine says belongs to a stack; volumes too where
    /// that is its action.
    pub async fn removal(
        engine: &dyn Engine,
        stack: &StackName,
        action: StackAction,
    ) -> Answer<Self> {
        let found = belongings(engine, stack).await?;
        let mut parts: Vec<String> = found.objects().map(ToString::to_string).collect();
        if action == StackAction::Purge {
            let here = engine.volumes(stack.as_str()).await?;
            let names: BTreeSet<String> = here.into_iter().chain(found.volumes).collect();
            parts.extend(names.into_iter().map(|it| format!("volume {it}, on all nodes in reach")));
        }
        Ok(Self { stack: stack.clone(), action, parts })
    }

    /// Returns whether anything of a stack that is to be removed is there: an object, a task
    /// that an earlier try left, or a volume that goes too.
    pub async fn is_there(&self, engine: &dyn Engine, near: &Neighbours) -> Answer<bool> {
        if !self.parts.is_empty() {
            return Ok(true);
        }
        let tasks = engine.tasks(&TaskScope::Stack(self.stack.clone())).await?;
        let volumes = Volumes { engine, neighbours: near, stack: &self.stack };
        Ok(!tasks.is_empty() || self.action == StackAction::Purge && volumes.any().await)
    }

    /// Returns whether nothing of the stack is left afterwards, but volumes.
    pub fn removes(&self) -> bool {
        matches!(self.action, StackAction::Remove | StackAction::Purge)
    }

    /// Does it.
    pub async fn run(&self, session: &Session, context: &JobContext) -> Verdict {
        let engine = &*session.engine;
        match self.action {
            StackAction::Remove => remove::remove(engine, &self.stack, None, context).await,
            StackAction::Purge => {
                let neighbours = Some(&session.neighbours);
                remove::remove(engine, &self.stack, neighbours, context).await
            }
            StackAction::Stop => stop::stop(engine, &self.stack, context).await,
            StackAction::Start => stop::start(engine, &self.stack, context).await,
        }
    }

    /// Returns what is done, without to what.
    pub fn verb(&self) -> &'static str {
        match self.action {
            StackAction::Remove => "remove",
            StackAction::Purge => "remove with its volumes",
            StackAction::Stop => "stop",
            StackAction::Start => "start",
        }
    }

    /// Returns what is done to which stack, as `stop stack shop`.
    pub fn title(&self) -> String {
        match self.action {
            StackAction::Purge => format!("remove stack {} with its volumes", self.stack),
            _ => format!("{} stack {}", self.verb(), self.stack),
        }
    }

    /// Returns the docker command that does the same; that of skep where docker has none.
    pub fn docker(&self) -> String {
        match self.action {
            StackAction::Remove => format!("docker stack rm {}", self.stack),
            StackAction::Purge => format!("skep rm --volumes {}", self.stack),
            // Docker remembers no replicas: its command would do another thing.
            StackAction::Stop => format!("skep stop {}", self.stack),
            StackAction::Start => format!("skep start {}", self.stack),
        }
    }

    /// Returns what will happen, in one sentence.
    pub fn consequence(&self) -> &'static str {
        match self.action {
            StackAction::Remove => {
                "Its tasks stop; its services, networks, configs and secrets are removed. Volumes stay."
            }
            StackAction::Purge => {
                "Its tasks stop; its services, networks, configs and secrets are removed, and also its volumes with all their data, on every node that can be reached from here."
            }
            StackAction::Stop => {
                "Its tasks stop; its services stay and remember how many replicas they had. Global services and jobs keep running."
            }
            StackAction::Start => "Its services get the replicas they had when they were stopped.",
        }
    }
}
