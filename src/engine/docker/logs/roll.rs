//! The tasks of services, asked for together: to follow a hundred logs costs the
//! engine one look every few seconds, not a hundred.

use crate::{
    domain::{cluster::Task, names::ServiceId},
    engine::{
        Answer, EngineError,
        docker::{
            call::Call,
            decode::{elements, task::task},
            wire::{Wire, garbage},
        },
    },
};
use std::{
    mem,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};
use tokio::{
    sync::oneshot,
    time::{Instant, sleep},
};

/// How often the list of tasks is looked at while lines are followed.
const BEAT: Duration = Duration::from_secs(3);

/// Who asks within this time asks together.
const TOGETHER: Duration = Duration::from_millis(20);

/// Asks for tasks in the name of many.
pub struct Roll {
    pub wire: Arc<Wire>,
    born: Instant,
    waiting: Mutex<Vec<Waiting>>,
}

struct Waiting {
    service: ServiceId,
    answer: oneshot::Sender<Answer<Vec<Task>>>,
}

impl Roll {
    pub fn new(wire: Arc<Wire>) -> Self {
        Self { wire, born: Instant::now(), waiting: Mutex::default() }
    }

    /// Returns when it is time to look again; the same moment for everybody.
    pub fn beat(&self) -> Instant {
        let beats = self.born.elapsed().as_secs() / BEAT.as_secs() + 1;
        self.born + BEAT * u32::try_from(beats).unwrap_or(u32::MAX)
    }

    /// Returns the tasks of a service.
    pub async fn of_service(self: &Arc<Self>, service: &ServiceId) -> Answer<Vec<Task>> {
        let (answer, answered) = oneshot::channel();
        let is_first = {
            let mut waiting = self.waiting();
            waiting.push(Waiting { service: service.clone(), answer });
            waiting.len() == 1
        };
        if is_first {
            let roll = Arc::clone(self);
            tokio::spawn(async move {
                sleep(TOGETHER).await;
                roll.ask_for_all().await;
            });
        }
        match answered.await {
            Ok(answer) => answer,
            // Whoever asked for all is gone.
            Err(_) => self.ask("service", &[service.as_str()]).await,
        }
    }

    /// Returns the tasks that pass a filter.
    pub async fn ask(&self, key: &str, ids: &[&str]) -> Answer<Vec<Task>> {
        let about = match (key, ids) {
            ("id", [id]) => format!("task {id}"),
            (_, [id]) => format!("{key} {id}"),
            _ => "tasks".to_owned(),
        };
        let call = Call::get("/tasks", about).filtered(key, ids);
        let body = self.wire.send(&call).await?;
        elements(&body, task).map_err(|err| garbage(&call, &err.to_string(), &body))
    }

    async fn ask_for_all(&self) {
        let waiting = mem::take(&mut *self.waiting());
        let ids: Vec<&str> = waiting.iter().map(|it| it.service.as_str()).collect();
        let answer = self.ask("service", &ids).await;
        // The engine refuses the whole question where one of the services is gone.
        let refused = waiting.len() > 1 && matches!(answer, Err(EngineError::NotFound { .. }));
        for Waiting { service, answer: to } in waiting {
            let own = if refused {
                self.ask("service", &[service.as_str()]).await
            } else {
                answer.as_ref().map_err(Clone::clone).map(|tasks| of(&service, tasks))
            };
            // It may not wait any more.
            let _ = to.send(own);
        }
    }

    fn waiting(&self) -> MutexGuard<'_, Vec<Waiting>> {
        // A push or a take leaves it sound.
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn of(service: &ServiceId, tasks: &[Task]) -> Vec<Task> {
    tasks.iter().filter(|it| it.service.as_ref() == Some(service)).cloned().collect()
}
