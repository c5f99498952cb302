//! Stack removal: services first, then networks, configs and secrets once their tasks are gone.
//!
//! Every step may be done already, by an earlier try or by somebody else: what is
//! gone is as good as removed. So a removal that was stopped half way is finished by
//! the next one.

use crate::{
    domain::swarm::{
        belongings::{Belongings, Owned, counted},
        cluster::{ObjectKind, Task, TaskScope},
        names::StackName,
        objects::NetworkObject,
    },
    engine::{Answer, Engine, EngineError},
    jobs::{
        JobContext, News, Verdict,
        ended_tasks::{TasksEnded, wait_until_ended},
        retry::{Aborted, Retry, failed, pause},
        session::Neighbours,
        stack::{belongings::belongings, volumes::Volumes},
    },
};
use serde_json::Value;
use std::{mem::replace, time::Duration};
use tokio::time::Instant;

/// A network is in use until the last task has let go of it, on every node.
const LETTING_GO: Duration = Duration::from_secs(60);

/// Removes all that belongs to a stack, and waits until it is gone; volumes too where
/// there are neighbours.
pub async fn remove(
    engine: &dyn Engine,
    stack: &StackName,
    neighbours: Option<&Neighbours>,
    context: &JobContext,
) -> Verdict {
    let found = match belongings(engine, stack).await {
        Ok(found) => found,
        Err(err) => return failed(&err),
    };
    let steps = found.objects().count() + 1;
    context.say(News::Steps(steps));
    let mut removal = Removal {
        engine,
        stack,
        neighbours,
        context,
        found: &found,
        began: Instant::now(),
        left: found.objects().collect(),
        gone: Vec::new(),
        tasks_over: false,
        stays: Vec::new(),
        remarks: Vec::new(),
    };
    let ended = removal.run().await;
    removal.verdict(ended)
}

struct Removal<'a> {
    engine: &'a dyn Engine,
    stack: &'a StackName,
    neighbours: Option<&'a Neighbours>,
    context: &'a JobContext,
    found: &'a Belongings,
    began: Instant,
    left: Vec<&'a Owned>,
    gone: Vec<&'a Owned>,
    tasks_over: bool,
    /// What cannot be removed, and why.
    stays: Vec<String>,
    remarks: Vec<String>,
}

impl<'a> Removal<'a> {
    async fn run(&mut self) -> Result<(), Aborted> {
        let Belongings { services, networks, configs, secrets, .. } = self.found;
        for service in services {
            self.remove(service).await?;
        }
        self.wait_for_tasks().await?;
        for object in networks.iter().chain(configs).chain(secrets) {
            self.remove(object).await?;
        }
        self.wait_for_networks().await?;
        if let Some(neighbours) = self.neighbours {
            let volumes = Volumes { engine: self.engine, neighbours, stack: self.stack };
            let ended = volumes.remove(&self.found.volumes, self.context).await?;
            self.remarks.extend(ended.gone());
            self.stays.extend(ended.stays);
            self.stays.extend(ended.unseen);
        }
        Ok(())
    }

    /// Removes one object, or finds out why it stays.
    async fn remove(&mut self, object: &'a Owned) -> Result<(), Aborted> {
        if self.context.is_stop_requested() {
            return Err(Aborted::OnRequest);
        }
        self.say(format!("remove {object}"));
        let why = self.attempt(object).await?;
        self.left.retain(|it| *it != object);
        match why {
            None => self.gone.push(object),
            Some(why) => self.stays.push(format!("{object} stays: {why}")),
        }
        Ok(())
    }

    /// Tries until it is gone; returns why it is not.
    async fn attempt(&self, object: &Owned) -> Result<Option<String>, Aborted> {
        let removal = object.removal();
        let retry = Retry::new(self.context);
        let until = Instant::now() + LETTING_GO;
        let mut asked = false;
        loop {
            match self.engine.apply(&removal).await {
                Ok(_) | Err(EngineError::NotFound { .. }) => return Ok(None),
                Err(EngineError::Conflict { why, .. }) => {
                    // Once is enough: who uses it now has it in a spec, and all else lets go.
                    if !replace(&mut asked, true) {
                        let users = object.users(&self.services().await?);
                        if !users.is_empty() {
                            return Ok(Some(format!("used by {}", users.join(", "))));
                        }
                    }
                    if Instant::now() >= until {
                        return Ok(Some(why));
                    }
                    self.say(format!("{object} is still in use"));
                    pause(self.context).await?;
                }
                Err(err) if err.is_transient() => retry.after(err).await?,
                Err(err) => return Ok(Some(err.to_string())),
            }
        }
    }

    async fn wait_for_tasks(&mut self) -> Result<(), Aborted> {
        let scope = TaskScope::Stack(self.stack.clone());
        let services = &self.found.services;
        // Tasks that an earlier try left behind count too; those of a service that
        // somebody makes meanwhile do not.
        let ours = |task: &Task| {
            let service = task.service.as_ref().map_or("", |it| it.as_str());
            task.desired.is_over() || services.iter().any(|it| it.id == service)
        };
        match wait_until_ended(self.engine, &scope, ours, self.gone.len(), self.context).await? {
            TasksEnded::All => {}
            TasksEnded::Unheard(words) => self.remarks.push(words),
            TasksEnded::Late(words) => self.stays.push(words),
        }
        self.tasks_over = true;
        Ok(())
    }

    /// The engine lists a network that is removed until its own tasks have let go, and
    /// whoever deploys meanwhile believes that it is there.
    async fn wait_for_networks(&mut self) -> Result<(), Aborted> {
        let removed = self.gone.iter().filter(|it| it.kind == ObjectKind::Networks);
        let removed: Vec<&Owned> = removed.copied().collect();
        let until = Instant::now() + LETTING_GO;
        while !removed.is_empty() {
            let listed = self.networks().await?;
            let is_listed = |it: &&&Owned| {
                listed.iter().any(|network| NetworkObject(network).id() == Some(it.id.as_str()))
            };
            let left: Vec<String> =
                removed.iter().filter(is_listed).map(ToString::to_string).collect();
            if left.is_empty() {
                break;
            }
            if Instant::now() >= until {
                let left = left.join(", ");
                self.stays.push(format!("{left}: removed, but the engine still lists it"));
                break;
            }
            self.say(format!("nodes release {}", left.join(", ")));
            pause(self.context).await?;
        }
        Ok(())
    }

    async fn services(&self) -> Result<Vec<Value>, Aborted> {
        self.list(ObjectKind::Services, None).await
    }

    async fn networks(&self) -> Result<Vec<Value>, Aborted> {
        self.list(ObjectKind::Networks, Some(self.stack.as_str())).await
    }

    async fn list(&self, kind: ObjectKind, stack: Option<&str>) -> Result<Vec<Value>, Aborted> {
        let retry = Retry::new(self.context);
        loop {
            let answer: Answer<Vec<Value>> = self.engine.list(kind, stack).await;
            match answer {
                Ok(found) => return Ok(found),
                Err(err) => retry.after(err).await?,
            }
        }
    }

    fn say(&self, doing: String) {
        self.context.say(News::Step { done: self.gone.len() + self.stays.len(), doing });
    }

    fn verdict(self, ended: Result<(), Aborted>) -> Verdict {
        match ended {
            Ok(()) if self.found.is_empty() && self.stays.is_empty() => {
                let nothing = format!("nothing is left of stack {}", self.stack);
                Verdict::Succeeded(words(&[vec![nothing], self.remarks.clone()]))
            }
            Ok(()) if self.stays.is_empty() => {
                let took = self.began.elapsed().as_secs();
                let gone = format!("{} after {took}s", self.gone());
                Verdict::Succeeded(words(&[vec![gone], self.remarks.clone(), self.volumes()]))
            }
            Ok(()) => {
                let parts = [self.stays.clone(), vec![self.gone()], self.remarks.clone()];
                let hint =
                    "remove what uses it, and repeat this command; what is gone already is skipped";
                Verdict::Failed { why: words(&parts), hint: Some(hint.to_owned()) }
            }
            Err(Aborted::OnRequest) => Verdict::Stopped(self.stand("left")),
            Err(Aborted::ByError(err)) => {
                // The last answer is lost: what it was about may be gone.
                let stand = self.stand("left, as far as known");
                Verdict::Failed { why: format!("{err}; {stand}"), hint: err.hint() }
            }
        }
    }

    /// Says how far it came.
    fn stand(&self, left: &str) -> String {
        let mut parts = vec![self.gone()];
        if !self.gone.is_empty() && !self.tasks_over {
            parts.push("its tasks may still be stopping".to_owned());
        }
        parts.extend(self.stays.clone());
        if !self.left.is_empty() {
            let names: Vec<String> = self.left.iter().map(ToString::to_string).collect();
            parts.push(format!("{left}: {}", names.join(", ")));
        }
        parts.push("the same command continues from here".to_owned());
        parts.join("; ")
    }

    fn gone(&self) -> String {
        if self.gone.is_empty() {
            return "nothing gone".to_owned();
        }
        format!("{} gone", counted(&self.gone))
    }

    /// Names what nobody removes: volumes live on nodes, and one manager can remove
    /// those of its own node only.
    fn volumes(&self) -> Vec<String> {
        let names: Vec<&str> = self.found.volumes.iter().map(String::as_str).collect();
        if names.is_empty() || self.neighbours.is_some() {
            return Vec::new();
        }
        vec![format!("volumes stay on their nodes: {}", names.join(", "))]
    }
}

fn words(parts: &[Vec<String>]) -> String {
    parts.concat().join("; ")
}
