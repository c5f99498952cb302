//! Updates that an engine has stopped.

use crate::domain::swarm::{
    cluster::{Task, Update},
    since::Since,
};
use jiff::Timestamp;

/// Returns since when an engine has stopped an update: since the task ended that made it
/// do so, which it names. Where nobody knows that one any more, the service was written
/// then, and maybe once more.
pub fn stopped_since<'a>(
    update: &Update,
    tasks: impl IntoIterator<Item = &'a Task>,
    written: Timestamp,
) -> Since {
    let named = |it: &&Task| it.state.is_over() && update.message.contains(it.id.as_str());
    let culprit = tasks.into_iter().find(named);
    culprit.map_or(Since::at_least(written), |it| Since::exactly(it.since))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{
        health::tests::{a_task, ago, an_update},
        swarm::cluster::TaskState,
    };

    #[test]
    fn an_update_stands_still_since_the_task_ended_that_stopped_it() {
        let mut failed = a_task(1, TaskState::Failed, 40, "task: non-zero exit (1)");
        failed.id = "x1".into();
        let because = "update paused due to failure or early termination of task x1";
        let update = an_update("paused", because);
        let of = |tasks: &[Task]| stopped_since(&update, tasks, ago(30));
        assert_eq!(of(std::slice::from_ref(&failed)), Since::exactly(ago(40)));
        assert_eq!(of(&[]), Since::at_least(ago(30)));
    }
}
