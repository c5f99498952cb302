//! The past of the demo: what the rehearsal did is moved to the days when it is
//! said to have happened.

use crate::{
    domain::swarm::{
        cluster::Update,
        names::{ServiceId, TaskId},
    },
    engine::fake::{
        demo::{DemoService, REHEARSAL, age},
        swarm::{
            Swarm,
            objects::Objects,
            random::{Random, digest},
            service::ServiceRecord,
        },
    },
};
use jiff::Timestamp;
use serde_json::{Value, json};
use std::time::Duration;

impl DemoService {
    pub fn backdate(&self, swarm: &mut Swarm, now: Timestamp) {
        let (created, updated) = (self.moment(now, &self.created), self.moment(now, &self.updated));
        let Some(id) = swarm.service_named(&self.full_name()).map(|it| it.id.clone()) else {
            return;
        };
        if let Some(service) = swarm.services.get_mut(&id) {
            service.created = created;
            service.updated = updated;
            service.last_run = service.last_run.map(|_| updated);
            self.remember(service, updated);
        }
        let calm = self.behaviour.is_none() && updated < now - REHEARSAL;
        if calm {
            self.backdate_tasks(swarm, &id, updated);
        }
        for network in self.network_names() {
            backdate(&mut swarm.networks, &network, created);
        }
        for secret in &self.secrets {
            backdate(&mut swarm.secrets, secret, created);
        }
        for config in &self.configs {
            backdate(&mut swarm.configs, config, created);
        }
    }

    fn backdate_tasks(&self, swarm: &mut Swarm, id: &ServiceId, updated: Timestamp) {
        let mut random = Random::new(digest(&self.full_name()));
        let tasks: Vec<TaskId> = swarm.tasks.of(id).map(|it| it.id.clone()).collect();
        for task in tasks {
            let lag = random.millis(1_000, 40_000);
            let Some(task) = swarm.tasks.get_mut(&task) else { continue };
            let shift = task.created.duration_since(updated + lag);
            task.created -= shift;
            task.since -= shift;
            task.speaks = task.speaks.map(|it| it - shift);
            task.silent = task.silent.map(|it| it - shift);
        }
    }

    /// Returns the moment that was `text` ago, or somewhat earlier: things of
    /// a stack happened together, and not on the stroke of the hour.
    fn moment(&self, now: Timestamp, text: &str) -> Timestamp {
        let ago = age(text);
        let spread = u64::try_from(ago.as_millis() / 40).unwrap_or(0);
        let stack = self.stack.as_deref().unwrap_or(&self.name);
        let lag = digest(&format!("{stack} {text}")) % (spread + 1);
        now - ago - Duration::from_millis(lag)
    }

    /// Gives a service the traces of its last update.
    fn remember(&self, service: &mut ServiceRecord, updated: Timestamp) {
        if self.created == self.updated || service.is_job() {
            return;
        }
        let state = self.ended.as_deref().unwrap_or("completed");
        let message = match state {
            "completed" => "update completed".to_owned(),
            other => other.replace('_', " "),
        };
        service.update = Some(Update {
            state: state.into(),
            message,
            started: Some(updated),
            completed: Some(updated + Duration::from_secs(48)),
        });
        if state == "completed" {
            let mut previous = service.spec.clone();
            if let Some(image) = &self.previous {
                previous["TaskTemplate"]["ContainerSpec"]["Image"] = json!(image);
            }
            service.previous = Some(previous);
        }
    }
}

/// Makes an object at least as old as the services that use it.
fn backdate(objects: &mut Objects, name: &str, created: Timestamp) {
    let Some((id, mut object)) = objects.find(name).map(|(id, it)| (id.clone(), it.clone())) else {
        return;
    };
    let older = |it: &Value| {
        let at = it.as_str().and_then(|it| it.parse::<Timestamp>().ok());
        at.is_some_and(|at| at > created)
    };
    for key in ["Created", "CreatedAt", "UpdatedAt"] {
        if object.get(key).is_some_and(older) {
            object[key] = json!(created);
        }
    }
    objects.put(&id, object);
}
