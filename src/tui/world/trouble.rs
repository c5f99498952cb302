//! Connection trouble: why the view is stale, and what to do about it.

use crate::{
    domain::{
        health::exit::never_started,
        swarm::cluster::{Task, TaskState},
        text::age,
    },
    jobs::{log_follower::LogScope, watch::Link},
    tui::world::World,
};
use jiff::SignedDuration;

impl World {
    /// Returns how old the view is, once that is worth telling: after two polls.
    pub fn stale(&self) -> Option<SignedDuration> {
        let age = self.now.duration_since(self.view.read_at?);
        let polls =
            SignedDuration::try_from(self.setting.refresh * 2).unwrap_or(SignedDuration::MAX);
        (age > polls + SignedDuration::from_secs(1)).then_some(age)
    }

    /// Says why the view is old, what is wrong and what to do.
    pub fn trouble(&self) -> Option<String> {
        if let Link::Lost { since, why, attempts } = &self.view.link {
            let hint = why.hint().map(|it| format!("; {it}")).unwrap_or_default();
            let seen = self.view.read_at.map(|it| age::age(it, self.now));
            let seen = seen.map(|it| format!("what you see is {it} old; ")).unwrap_or_default();
            let lost = age::age(*since, self.now);
            let tries = if *attempts == 1 { "try" } else { "tries" };
            return Some(format!(
                "{why}{hint} ({seen}lost for {lost}, {attempts} {tries}, still trying)"
            ));
        }
        if let Some(stale) = self.stale() {
            let stale = age::coarse(stale);
            return Some(format!("the engine is slow to answer: what you see is {stale} old"));
        }
        let left_out = self.view.left_out;
        (!left_out.is_none()).then(|| format!("the lists are not complete: {left_out}"))
    }

    /// Returns whether nothing of it ever ran, as far as its tasks are known: then it
    /// cannot have written a line.
    pub fn never_started(&self, of: &LogScope) -> bool {
        let known = self.view.evidence.iter().chain(&*self.view.tasks.list);
        let its = known.filter(|task| match of {
            LogScope::Task(id) => task.id == *id,
            LogScope::Service(id) => task.service.as_ref() == Some(id),
            LogScope::Slot(id, slot) => task.service.as_ref() == Some(id) && task.slot == *slot,
            LogScope::Stack(_) => false,
        });
        let its: Vec<&Task> = its.collect();
        let waits = |it: &Task| it.state < TaskState::Starting;
        // One that only waits may still start.
        its.iter().any(|it| never_started(it))
            && its.iter().all(|it| never_started(it) || waits(it))
    }
}
