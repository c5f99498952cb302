//! Since when something is so, as far as anybody knows.

use crate::domain::{
    cluster::{Task, Update},
    text::age::{UNKNOWN, age},
};
use jiff::Timestamp;

/// A moment from which on something is so.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Since {
    pub at: Timestamp,
    /// It may be so for longer: what was before is not known.
    pub at_least: bool,
}

impl Since {
    pub fn exactly(at: Timestamp) -> Self {
        Self { at, at_least: false }
    }

    pub fn at_least(at: Timestamp) -> Self {
        Self { at, at_least: true }
    }

    /// Returns since when an engine has stopped an update: since the task ended that made it
    /// do so, which it names. Where nobody knows that one any more, the service was written
    /// then, and maybe once more.
    pub fn stopped<'a>(
        update: &Update,
        tasks: impl IntoIterator<Item = &'a Task>,
        written: Timestamp,
    ) -> Self {
        let named = |it: &&Task| it.state.is_over() && update.message.contains(it.id.as_str());
        let culprit = tasks.into_iter().find(named);
        culprit.map_or(Self::at_least(written), |it| Self::exactly(it.since))
    }

    /// Writes for how long: `for 3m`, `for at least 3m`; nothing where the moment is none.
    pub fn lasting(self, now: Timestamp) -> Option<String> {
        let age = Some(age(self.at, now)).filter(|it| it != UNKNOWN)?;
        Some(format!("for {}{age}", if self.at_least { "at least " } else { "" }))
    }

    /// The same for a narrow column: `3m`, `3m+`.
    pub fn short(self, now: Timestamp) -> String {
        let more = if self.at_least { "+" } else { "" };
        let age = Some(age(self.at, now)).filter(|it| it != UNKNOWN);
        age.map(|it| it + more).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{
        cluster::TaskState,
        health::tests::{a_task, ago, an_update},
    };

    #[test]
    fn an_update_stands_still_since_the_task_ended_that_stopped_it() {
        let mut failed = a_task(1, TaskState::Failed, 40, "task: non-zero exit (1)");
        failed.id = "x1".into();
        let because = "update paused due to failure or early termination of task x1";
        let update = an_update("paused", because);
        let of = |tasks: &[Task]| Since::stopped(&update, tasks, ago(30));
        assert_eq!(of(std::slice::from_ref(&failed)), Since::exactly(ago(40)));
        assert_eq!(of(&[]), Since::at_least(ago(30)));
        let (exact, least) = (of(&[failed]), of(&[]));
        assert_eq!(exact.lasting(ago(0)).unwrap(), "for 40s");
        assert_eq!(least.lasting(ago(0)).unwrap(), "for at least 30s");
        assert_eq!((exact.short(ago(0)), least.short(ago(0))), ("40s".into(), "30s+".into()));
    }

    #[test]
    fn of_no_moment_nothing_is_claimed() {
        let never = Since::exactly(Timestamp::MIN);
        assert_eq!((never.lasting(ago(0)), never.short(ago(0))), (None, String::new()));
    }
}
