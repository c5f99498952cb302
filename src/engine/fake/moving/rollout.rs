//! The updater: it replaces the tasks of a service place by place.

use crate::{
    domain::swarm::{
        cluster::{TaskState, Update},
        names::{ServiceId, TaskId},
        states::UpdateState,
    },
    engine::fake::{
        moving::pace::UpdatePace,
        swarm::{
            Swarm,
            agenda::Due,
            rollout::{Rollout, Worker},
            service::differences,
            task::{SlotKey, TaskRecord, Wait},
            template::TaskTemplate,
        },
    },
};
use std::{
    collections::{BTreeMap, BTreeSet, VecDeque},
    sync::Arc,
};

impl Swarm {
    /// Starts to roll out what the service's spec says, if any task differs.
    pub fn see_update(&mut self, id: &ServiceId) {
        self.allocate(id);
        let Some(service) = self.services.get(id).filter(|it| !it.is_job()) else { return };
        let state = service.update.as_ref().and_then(|it| it.state.known());
        let back = state == Some(UpdateState::RollbackStarted);
        let mut queue: VecDeque<SlotKey> = VecDeque::new();
        for task in self.tasks.of(id).filter(|it| it.is_wanted() || !back && self.is_done(it)) {
            let dirty = task.template.is_dirty(&service.template, self.node_of(task));
            if dirty && !queue.contains(&task.place) {
                queue.push_back(task.place.clone());
            }
        }
        if queue.is_empty() {
            if back {
                self.set_update(id, UpdateState::RollbackCompleted, "rollback completed");
            }
            return;
        }
        let pace = UpdatePace::read(&service.spec, back);
        if state.is_none() {
            self.set_update(id, UpdateState::Updating, "update in progress");
        }
        let Some(service) = self.services.get_mut(id) else { return };
        service.rollout = Some(Rollout {
            back,
            pace,
            total: queue.len(),
            queue,
            workers: Vec::new(),
            started: BTreeMap::new(),
            failed: BTreeSet::new(),
            ends: None,
        });
    }

    /// Returns whether a task is the last of its place, and has ended for good: an
    /// update makes even such a place run again.
    fn is_done(&self, task: &TaskRecord) -> bool {
        let mut others = self.tasks.of(&task.service).filter(|it| it.place == task.place);
        task.state.is_over() && !self.restarts(task) && others.all(|it| it.created <= task.created)
    }

    /// Ends the update of a service if too many of its tasks failed.
    pub fn judge(&mut self, id: &ServiceId) {
        let Some(mut rollout) = self.services.get_mut(id).and_then(|it| it.rollout.take()) else {
            return;
        };
        if let Some(failed) = self.failure_that_counts(&mut rollout) {
            self.give_up(id, &rollout, &failed);
        } else if let Some(service) = self.services.get_mut(id) {
            service.rollout = Some(rollout);
        }
    }

    /// Takes the next steps of the update of a service, if there is one.
    pub fn roll_on(&mut self, id: &ServiceId) {
        let Some(mut rollout) = self.services.get_mut(id).and_then(|it| it.rollout.take()) else {
            return;
        };
        self.attend(id, &mut rollout);
        while rollout.workers.len() < rollout.pace.parallelism {
            let Some(place) = rollout.queue.pop_front() else { break };
            let task = self.replace(id, &place, &mut rollout);
            rollout.workers.push(Worker { place, task, rests_until: None });
        }
        if rollout.queue.is_empty() && rollout.workers.is_empty() {
            let ends = *rollout.ends.get_or_insert(self.now + rollout.pace.watch());
            if ends <= self.now {
                return if rollout.back {
                    self.set_update(id, UpdateState::RollbackCompleted, "rollback completed");
                } else {
                    self.set_update(id, UpdateState::Completed, "update completed");
                };
            }
            self.agenda.put(ends, Due::Reconcile(id.clone()));
        }
        if let Some(service) = self.services.get_mut(id) {
            service.rollout = Some(rollout);
        }
    }

    /// Notes what became of the new tasks; returns the one whose failure is one
    /// too many.
    fn failure_that_counts(&self, rollout: &mut Rollout) -> Option<TaskId> {
        for (id, seen) in &mut rollout.started {
            let Some(task) = self.tasks.get(id) else { continue };
            if task.state == TaskState::Running {
                seen.get_or_insert(task.since);
            }
            let ended =
                matches!(task.state, TaskState::Failed | TaskState::Rejected | TaskState::Complete);
            let early = seen.is_none_or(|it| task.since <= it + rollout.pace.monitor);
            if !ended || !early || !rollout.failed.insert(id.clone()) {
                continue;
            }
            #[expect(clippy::cast_precision_loss, reason = "places are few")]
            let ratio = rollout.failed.len() as f64 / rollout.total as f64;
            if rollout.pace.action != "continue" && ratio > rollout.pace.ratio {
                return Some(id.clone());
            }
        }
        None
    }

    fn give_up(&mut self, id: &ServiceId, rollout: &Rollout, task: &TaskId) {
        let because = format!("due to failure or early termination of task {task}");
        if rollout.back {
            self.set_update(id, UpdateState::RollbackPaused, &format!("rollback paused {because}"));
        } else if rollout.pace.action == "rollback" {
            self.roll_back(id, &format!("update rolled back {because}"));
        } else {
            self.set_update(id, UpdateState::Paused, &format!("update paused {because}"));
        }
    }

    /// Goes back to the previous spec, which is empty afterwards.
    fn roll_back(&mut self, id: &ServiceId, message: &str) {
        let Some(service) = self.services.get_mut(id) else { return };
        let mut told = BTreeMap::new();
        if let Some(previous) = service.previous.take() {
            told = differences(&service.spec, &previous);
            service.template = Arc::new(TaskTemplate::read(&previous));
            service.spec = previous;
        }
        service.restarts.clear();
        service.fresh = true;
        self.tell_update(id, UpdateState::RollbackStarted, message, told);
        self.reconcile_soon(id);
    }

    /// Lets workers whose task came up (or failed) rest, and dismisses those
    /// that have rested.
    fn attend(&mut self, id: &ServiceId, rollout: &mut Rollout) {
        let now = self.now;
        for worker in &mut rollout.workers {
            if worker.rests_until.is_some() {
                continue;
            }
            let state = self.tasks.get(&worker.task).map(|it| it.state);
            if state.is_some_and(|it| it < TaskState::Running) {
                continue;
            }
            if rollout.pace.start_first && state == Some(TaskState::Running) {
                self.stop_others(id, &worker.place, &worker.task);
            }
            let until = now + rollout.pace.delay;
            worker.rests_until = Some(until);
            self.agenda.put(until, Due::Reconcile(id.clone()));
        }
        rollout.workers.retain(|it| it.rests_until.is_none_or(|until| until > now));
    }

    /// Gives a place a task of the new spec; returns it.
    fn replace(&mut self, id: &ServiceId, place: &SlotKey, rollout: &mut Rollout) -> TaskId {
        let template = self.services.get(id).map(|it| it.template.clone());
        let here = || self.tasks.of(id).filter(|it| it.is_wanted() && it.place == *place);
        let is_new = |task: &&TaskRecord| {
            template.as_ref().is_some_and(|it| !task.template.is_dirty(it, self.node_of(task)))
        };
        let new = here().find(is_new).map(|it| it.id.clone());
        let old = here().next().map(|it| it.id.clone());
        if let Some(task) = new {
            self.stop_others(id, place, &task);
            return task;
        }
        let wait = (!rollout.pace.start_first).then_some(Wait { until: self.now, old });
        let task = self.start_task(id, place.clone(), wait);
        rollout.started.insert(task.clone(), None);
        if !rollout.pace.start_first {
            self.stop_others(id, place, &task);
        }
        task
    }

    fn stop_others(&mut self, id: &ServiceId, place: &SlotKey, kept: &TaskId) {
        let others: Vec<_> = self
            .tasks
            .of(id)
            .filter(|it| it.is_wanted() && it.place == *place && it.id != *kept)
            .map(|it| it.id.clone())
            .collect();
        for task in others {
            self.want(&task, TaskState::Shutdown);
        }
    }

    /// Writes how the update goes, and tells it.
    fn set_update(&mut self, id: &ServiceId, state: UpdateState, message: &str) {
        self.tell_update(id, state, message, BTreeMap::new());
    }

    fn tell_update(
        &mut self,
        id: &ServiceId,
        state: UpdateState,
        message: &str,
        mut told: BTreeMap<String, String>,
    ) {
        let (now, version) = (self.now, self.bump());
        let Some(service) = self.services.get_mut(id) else { return };
        let old = service.update.take();
        let over = matches!(state, UpdateState::Completed | UpdateState::RollbackCompleted);
        let going_on = old.as_ref().filter(|_| state != UpdateState::RollbackStarted);
        service.update = Some(Update {
            state: state.into(),
            message: message.to_owned(),
            started: going_on.map_or(Some(now), |it| it.started),
            completed: over.then_some(now),
        });
        service.version = version;
        service.updated = now;
        let name = service.name().to_owned();
        told.insert("updatestate.new".to_owned(), state.to_string());
        told.extend(old.map(|it| ("updatestate.old".to_owned(), it.state.to_string())));
        self.tell("service", "update", id.as_str(), &name, told);
    }
}
