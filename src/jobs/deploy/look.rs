//! What the services of a stack do: three questions, however many there are.

use crate::{
    domain::{
        cluster::{Kind, Task, TaskScope},
        converge::{Progress, Tasks, progress},
        deploy::Deployment,
        names::{ServiceId, StackName},
    },
    engine::{Answer, Engine},
    jobs::deploy::prepare::by_name,
};
use jiff::Timestamp;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

/// Looks at one stack again and again.
pub struct Eye<'a> {
    engine: &'a dyn Engine,
    stack: StackName,
    /// Since when failures of a service count, by the clock of the engine: that
    /// of this machine may be another.
    since: BTreeMap<String, Timestamp>,
    /// Services that were written after the last look.
    written: BTreeSet<String>,
    /// The ids that services have, or had before they went.
    ids: BTreeMap<String, ServiceId>,
}

impl<'a> Eye<'a> {
    /// What failed before `now` is no news of services that were there.
    pub fn new(
        engine: &'a dyn Engine,
        stack: StackName,
        services: &BTreeMap<String, Value>,
        now: Timestamp,
    ) -> Self {
        let id = |(name, it): (&String, &Value)| Some((name.clone(), it["ID"].as_str()?.into()));
        let ids = services.iter().filter_map(id).collect();
        let since = services.keys().map(|it| (it.clone(), now)).collect();
        Self { engine, stack, since, written: BTreeSet::new(), ids }
    }

    /// Takes in that a service is written: its failures count anew.
    pub fn forget(&mut self, service: &str) {
        self.written.insert(service.to_owned());
    }

    /// Looks at the services that the deployment watches.
    pub async fn look(&mut self, deployment: &Deployment) -> Answer<BTreeMap<String, Progress>> {
        let names: Vec<&str> = deployment.tracks().map(|it| it.0.object.name.as_str()).collect();
        let found = by_name(self.engine.list(Kind::Services, Some(self.stack.as_str())).await?);
        let watched = found.iter().filter(|it| names.contains(&it.0.as_str()));
        for (name, live) in watched.clone() {
            let id = live["ID"].as_str().unwrap_or_default();
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
        let mut seen = BTreeMap::new();
        for (name, live) in watched {
            let of = |tasks: &[Task]| self.of(name, tasks);
            let (all, current) = (of(&all), of(&current));
            let since = self.since.get(name).copied().unwrap_or(Timestamp::MIN);
            let tasks = Tasks { all: &all, current: &current };
            seen.insert(name.clone(), progress(live, tasks, since));
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
        let left = self.engine.tasks(&TaskScope::Stack(self.stack.clone())).await?;
        let seen = gone.iter().filter_map(|name| {
            let tasks = self.of(name, &left);
            let stopping = tasks.iter().any(|it| !it.state.is_over());
            let none = Tasks { all: &tasks, current: &tasks };
            stopping.then(|| ((*name).to_owned(), progress(&Value::Null, none, Timestamp::MAX)))
        });
        Ok(seen.collect())
    }

    fn of(&self, service: &str, tasks: &[Task]) -> Vec<Task> {
        let id = self.ids.get(service);
        tasks.iter().filter(|it| id.is_some() && it.service.as_ref() == id).cloned().collect()
    }
}

/// Returns when the last write of a service took effect, by the clock of the engine;
/// what happened up to `before` is older. It is not when the service was updated last:
/// the updater does that too, when it stops for a task that failed.
fn began(live: &Value, before: Option<Timestamp>) -> Timestamp {
    let moment = |it: &Value| {
        let moment: Option<Timestamp> = it.as_str().and_then(|it| it.parse().ok());
        moment.filter(|it| before.is_none_or(|before| *it > before))
    };
    let moments = [&live["UpdateStatus"]["StartedAt"], &live["CreatedAt"], &live["UpdatedAt"]];
    moments.into_iter().find_map(moment).or(before).unwrap_or(Timestamp::MIN)
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
