//! The observer of a deployment: reads all services of a stack with three requests.

use crate::{
    domain::{
        compose::{Desired, DesiredNetwork, DesiredService},
        deployment::deploy::Deployment,
        health::{
            converge::{Progress, ServiceContext, ServiceTasks, progress},
            exit::may_be_lost,
        },
        swarm::{
            cluster::{Node, ObjectKind, Task, TaskScope},
            names::{ServiceId, StackName},
            objects::{NetworkObject, ServiceObject, ServiceSpec},
            states::NodeState,
        },
    },
    engine::{Answer, Engine},
    jobs::deploy::{
        live::{by_name, newest},
        prepare::Prepared,
    },
};
use jiff::Timestamp;
use serde_json::Value;
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

/// Looks at one stack again and again.
pub struct Observer<'a> {
    engine: &'a dyn Engine,
    stack: StackName,
    /// Since when failures of a service count, by the clock of the engine: that
    /// of this machine may be another.
    since: BTreeMap<String, Timestamp>,
    /// Services that were written after the last look.
    written: BTreeSet<String>,
    /// The ids that services have, or had before they went.
    ids: BTreeMap<String, ServiceId>,
    /// Services that use a network whose subnet is written in a file.
    own_subnets: BTreeSet<String>,
    nodes: Arc<[Node]>,
}

impl<'a> Observer<'a> {
    /// What failed before the moment at which all was read is no news of services that
    /// were there.
    pub fn new(engine: &'a dyn Engine, stack: StackName, prepared: &Prepared) -> Self {
        let (services, now) = (&prepared.live.services, newest(&prepared.live));
        let id =
            |(name, it): (&String, &Value)| Some((name.clone(), ServiceObject(it).id()?.into()));
        Self {
            engine,
            stack,
            since: services.keys().map(|it| (it.clone(), now)).collect(),
            written: BTreeSet::new(),
            ids: services.iter().filter_map(id).collect(),
            own_subnets: own_subnets(&prepared.desired),
            nodes: prepared.live.nodes.clone(),
        }
    }

    /// Takes in that a service is written: its failures count anew.
    pub fn forget(&mut self, service: &str) {
        self.written.insert(service.to_owned());
    }

    /// Looks at the services that the deployment watches.
    pub async fn look(&mut self, deployment: &Deployment) -> Answer<BTreeMap<String, Progress>> {
        let names: Vec<&str> = deployment.tracks().map(|it| it.0.object.name.as_str()).collect();
        let found =
            by_name(self.engine.list(ObjectKind::Services, Some(self.stack.as_str())).await?);
        let watched = found.iter().filter(|it| names.contains(&it.0.as_str()));
        for (name, live) in watched.clone() {
            let id = ServiceObject(live).id().unwrap_or_default();
            self.ids.insert(name.clone(), id.into());
            if self.written.remove(name) {
                let since = began(live, self.since.get(name).copied());
                self.since.insert(name.clone(), since);
            }
        }
        let ids: Vec<ServiceId> =
            watched.clone().filter_map(|it| self.ids.get(it.0)).cloned().collect();
        let (all, current) = (TaskScope::Services(ids.clone()), TaskScope::Current(ids));
        let (all, current) =
            tokio::try_join!(self.engine.tasks(&all), self.engine.tasks(&current))?;
        if current.iter().any(may_be_lost) {
            self.nodes = self.engine.nodes().await?;
        }
        let mut seen = BTreeMap::new();
        for (name, live) in watched {
            let of = |tasks: &[Task]| self.of(name, tasks);
            let (all, current) = (of(&all), of(&current));
            let changed = self.since.get(name).copied().unwrap_or(Timestamp::MIN);
            let tasks = ServiceTasks { all: &all, current: &current };
            let own_subnet = self.own_subnets.contains(name);
            let known = ServiceContext { changed, own_subnet, nodes: &self.nodes };
            seen.insert(name.clone(), progress(live, tasks, &known));
        }
        let gone: Vec<&str> = names.into_iter().filter(|it| !found.contains_key(*it)).collect();
        seen.extend(self.stopping(&gone).await?);
        Ok(seen)
    }

    /// Returns services that are removed and still have tasks.
    async fn stopping(&self, gone: &[&str]) -> Answer<BTreeMap<String, Progress>> {
        if gone.is_empty() {
            return Ok(BTreeMap::new());
        }
        let scope = TaskScope::Stack(self.stack.clone());
        let (left, nodes) = tokio::try_join!(self.engine.tasks(&scope), self.engine.nodes())?;
        // Of tasks of a node that is down nobody hears: there is nothing to wait for.
        let is_down = |task: &Task| {
            nodes.iter().any(|it| Some(&it.id) == task.node.as_ref() && it.state == NodeState::Down)
        };
        let seen = gone.iter().filter_map(|name| {
            let tasks = self.of(name, &left);
            let stopping = tasks.iter().any(|it| !it.state.is_over() && !is_down(it));
            let none = ServiceTasks { all: &tasks, current: &tasks };
            let known =
                ServiceContext { changed: Timestamp::MAX, own_subnet: false, nodes: &nodes };
            stopping.then(|| ((*name).to_owned(), progress(&Value::Null, none, &known)))
        });
        Ok(seen.collect())
    }

    fn of(&self, service: &str, tasks: &[Task]) -> Vec<Task> {
        let id = self.ids.get(service);
        tasks.iter().filter(|it| id.is_some() && it.service.as_ref() == id).cloned().collect()
    }
}

/// Returns the services that use a network whose subnet the files write: where another
/// network has it, waiting does not help.
fn own_subnets(desired: &Desired) -> BTreeSet<String> {
    let written = |it: &&DesiredNetwork| NetworkObject(&it.body).subnets().next().is_some();
    let networks: BTreeSet<&str> =
        desired.networks.iter().filter(written).map(|it| &*it.name).collect();
    let uses = |it: &&DesiredService| {
        ServiceSpec(&it.spec).template().networks().any(|it| networks.contains(it))
    };
    desired.services.iter().filter(uses).map(|it| it.name.clone()).collect()
}

/// Returns when the last write of a service took effect, by the clock of the engine;
/// what happened up to `before` is older. It is not when the service was updated last:
/// the updater does that too, when it stops for a task that failed.
fn began(live: &Value, before: Option<Timestamp>) -> Timestamp {
    let live = ServiceObject(live);
    let is_new = |it: &Timestamp| before.is_none_or(|before| *it > before);
    let moments = [live.update_started(), live.created(), live.updated()];
    moments.into_iter().flatten().find(is_new).or(before).unwrap_or(Timestamp::MIN)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    /// Moments in seconds: created, the update began, updated last; what was before.
    #[track_caller]
    fn check(moments: [Option<i64>; 3], before: Option<i64>, expected: i64) {
        let at = |it| Timestamp::from_second(it).unwrap();
        let [created, started, updated] = moments.map(|it| it.map(at));
        let live = json!({ "CreatedAt": created, "UpdatedAt": updated,
            "UpdateStatus": { "StartedAt": started } });
        assert_eq!(began(&live, before.map(at)), at(expected), "{moments:?}");
    }

    #[test]
    fn failures_count_from_the_write_and_not_from_when_the_updater_stopped() {
        check([Some(10), Some(50), Some(52)], Some(40), 50);
        check([Some(10), Some(20), Some(52)], Some(40), 52);
        check([Some(10), None, Some(12)], None, 10);
        check([Some(10), Some(20), Some(30)], Some(40), 40);
    }
}
