//! Whole stacks: removed, stopped, started again.

mod remove;
mod volumes;
mod stop;

use crate::{
    domain::{
        belongings::Belongings,
        cluster::{Kind, Mode, Service, TaskScope},
        names::StackName,
    },
    engine::{Answer, Engine},
    jobs::{
        JobContext, Verdict,
        session::{Neighbours, Session},
        stack::volumes::Volumes,
    },
};
use std::collections::BTreeSet;

/// What becomes of a stack.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fate {
    Remove,
    /// Removed, with its volumes on all nodes that can be reached from here.
    Purge,
    /// Scaled to zero; it remembers how many replicas it had.
    Stop,
    Start,
}

/// A stack, what becomes of it, and what of it that concerns.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Whole {
    pub stack: StackName,
    pub fate: Fate,
    /// What the operator was told, for people only: what goes, as `service blog_web`, or
    /// the number of replicas that a service will have, as `blog_web=0`.
    pub parts: Vec<String>,
}

impl Whole {
    /// Makes it from what is known of services.
    pub fn of(stack: &StackName, fate: Fate, services: &[Service]) -> Self {
        let part = |it: &Service| match (fate, it.mode, it.stopped) {
            (Fate::Remove | Fate::Purge, _, _) => Some(format!("service {}", it.name)),
            (Fate::Stop, Mode::Replicated { replicas: 1.. }, _) => Some(format!("{}=0", it.name)),
            (Fate::Start, _, Some(replicas)) => Some(format!("{}={replicas}", it.name)),
            _ => None,
        };
        let services = services.iter().filter(|it| it.stack.as_ref() == Some(stack));
        Self { stack: stack.clone(), fate, parts: services.filter_map(part).collect() }
    }

    /// Makes the removal of all that the engine says belongs to a stack; volumes too where
    /// that is its fate.
    pub async fn removal(engine: &dyn Engine, stack: &StackName, fate: Fate) -> Answer<Self> {
        let found = belongings(engine, stack).await?;
        let mut parts: Vec<String> = found.objects().map(ToString::to_string).collect();
        if fate == Fate::Purge {
            let here = engine.volumes(stack.as_str()).await?;
            let names: BTreeSet<String> = here.into_iter().chain(found.volumes).collect();
            parts.extend(names.into_iter().map(|it| format!("volume {it}, on all nodes in reach")));
        }
        Ok(Self { stack: stack.clone(), fate, parts })
    }

    /// Returns whether anything of a stack that is to be removed is there: an object, a task
    /// that an earlier try left, or a volume that goes too.
    pub async fn is_there(&self, engine: &dyn Engine, near: &Neighbours) -> Answer<bool> {
        if !self.parts.is_empty() {
            return Ok(true);
        }
        let tasks = engine.tasks(&TaskScope::Stack(self.stack.clone())).await?;
        let volumes = Volumes { engine, neighbours: near, stack: &self.stack };
        Ok(!tasks.is_empty() || self.fate == Fate::Purge && volumes.any().await)
    }

    /// Returns whether nothing of the stack is left afterwards, but volumes.
    pub fn removes(&self) -> bool {
        matches!(self.fate, Fate::Remove | Fate::Purge)
    }

    /// Does it.
    pub async fn run(&self, session: &Session, context: &JobContext) -> Verdict {
        let engine = &*session.engine;
        match self.fate {
            Fate::Remove => remove::remove(engine, &self.stack, None, context).await,
            Fate::Purge => {
                let neighbours = Some(&session.neighbours);
                remove::remove(engine, &self.stack, neighbours, context).await
            }
            Fate::Stop => stop::stop(engine, &self.stack, context).await,
            Fate::Start => stop::start(engine, &self.stack, context).await,
        }
    }

    /// Returns what is done, without to what.
    pub fn action(&self) -> &'static str {
        match self.fate {
            Fate::Remove => "remove",
            Fate::Purge => "remove with its volumes",
            Fate::Stop => "stop",
            Fate::Start => "start",
        }
    }

    /// Returns what is done to which stack, as `stop stack shop`.
    pub fn title(&self) -> String {
        match self.fate {
            Fate::Purge => format!("remove stack {} with its volumes", self.stack),
            _ => format!("{} stack {}", self.action(), self.stack),
        }
    }

    /// Returns the docker command that does the same, as far as docker can.
    pub fn docker(&self) -> String {
        match self.fate {
            Fate::Remove => format!("docker stack rm {}", self.stack),
            Fate::Purge => format!("skep rm --volumes {}", self.stack),
            Fate::Stop | Fate::Start => {
                let wishes = self.parts.iter().map(|it| format!(" {it}"));
                format!("docker service scale{}", wishes.collect::<String>())
            }
        }
    }

    /// Returns what will happen, in one sentence.
    pub fn consequence(&self) -> &'static str {
        match self.fate {
            Fate::Remove => {
                "Its tasks stop; its services, networks, configs and secrets are gone. Volumes stay; `:purge` and `skep rm --volumes` take them too."
            }
            Fate::Purge => {
                "Its tasks stop; its services, networks, configs and secrets are gone, and so are its volumes, with all their data, on every node that can be reached from here."
            }
            Fate::Stop => {
                "Its tasks stop; its services stay and remember how many replicas they had. Global services and jobs run on."
            }
            Fate::Start => "Its services get the replicas they had when they were stopped.",
        }
    }
}

async fn belongings(engine: &dyn Engine, stack: &StackName) -> Answer<Belongings> {
    let of_stack = Some(stack.as_str());
    let (services, networks, configs, secrets) = tokio::try_join!(
        engine.list(Kind::Services, of_stack),
        engine.list(Kind::Networks, of_stack),
        engine.list(Kind::Configs, of_stack),
        engine.list(Kind::Secrets, of_stack),
    )?;
    Ok(Belongings::read(stack, &services, &networks, &configs, &secrets))
}
