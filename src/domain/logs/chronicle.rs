//! What became of those who write a log, in a line each: ended, replaced, updated.

use crate::domain::{
    cluster::{Service, Task, TaskState},
    logs::Roster,
    names::{ServiceId, TaskId},
};
use jiff::Timestamp;
use std::collections::BTreeSet;

/// Something that no container wrote, at its place among the lines.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Note {
    pub at: Timestamp,
    pub kind: NoteKind,
    pub text: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NoteKind {
    /// A task ended, was replaced, an update began or ended.
    Life,
    /// Lines are missing from here on, or may be.
    Gap,
    /// Those who were missing write again.
    Back,
    /// What else is worth knowing about the log.
    Remark,
}

/// Tells what is new since the last look, each thing once.
#[derive(Debug, Default)]
pub struct Chronicle {
    ended: BTreeSet<TaskId>,
    begun: BTreeSet<TaskId>,
    updates: BTreeSet<(ServiceId, Option<Timestamp>, String)>,
}

impl Note {
    pub fn new(at: Timestamp, kind: NoteKind, text: impl Into<String>) -> Self {
        Self { at, kind, text: text.into() }
    }
}

impl Chronicle {
    /// Returns what a look has found, in the order of time.
    pub fn look(&mut self, roster: &Roster, now: Timestamp) -> Vec<Note> {
        let mut notes = Vec::new();
        for task in roster.tasks.iter().filter(|it| it.container.is_some()) {
            if self.begun.insert(task.id.clone())
                && let Some(before) = roster.predecessor(task)
            {
                notes.push(Note::new(task.created, NoteKind::Life, replaced(roster, before, task)));
            }
            if task.state.is_over() && self.ended.insert(task.id.clone()) {
                notes.push(Note::new(task.since, NoteKind::Life, ended(roster, task)));
            }
        }
        let of_tasks =
            |id: &ServiceId| roster.tasks.iter().any(|it| it.service.as_ref() == Some(id));
        for service in roster.services.iter().filter(|it| of_tasks(&it.id)) {
            notes.extend(self.update(roster, service, now));
        }
        // The swarm keeps few tasks that are over; what it forgot, nobody asks about.
        self.ended.retain(|it| roster.task(it).is_some());
        self.begun.retain(|it| roster.task(it).is_some());
        notes.sort_by_key(|it| it.at);
        notes
    }

    fn update(&mut self, roster: &Roster, service: &Service, now: Timestamp) -> Vec<Note> {
        let Some(update) = &service.update else { return Vec::new() };
        let name = roster.service_name(Some(&service.id));
        let back = update.state.starts_with("rollback");
        let what = if back { "roll back" } else { "update" };
        let mut notes = Vec::new();
        let mut once = |word: &str, at, text: String| {
            let key = (service.id.clone(), update.started, word.to_owned());
            if self.updates.insert(key) {
                notes.push(Note::new(at, NoteKind::Life, text));
            }
        };
        if let Some(started) = update.started {
            once(what, started, format!("the {what} of {name} began"));
        }
        match (update.state.as_str(), update.completed) {
            ("completed" | "rollback_completed", Some(at)) => {
                once(&update.state, at, format!("the {what} of {name} is complete"));
            }
            ("paused" | "rollback_paused", _) => {
                let why = if update.message.is_empty() { "" } else { ": " };
                let text = format!("the {what} of {name} is paused{why}{}", update.message);
                once(&update.state, now, text);
            }
            _ => {}
        }
        notes
    }
}

fn ended(roster: &Roster, task: &Task) -> String {
    let name = roster.full_task_name(task);
    let how = match task.state {
        TaskState::Complete => "ended",
        TaskState::Shutdown => "was stopped",
        TaskState::Orphaned => "was lost with its node",
        TaskState::Remove => "was removed",
        _ => "failed",
    };
    let code = task.exit_code.map(|it| format!("exit code {it}"));
    // The engine's own words for the code say nothing more.
    let says_more = !task.error.is_empty() && !task.error.starts_with("task: non-zero exit");
    let error = says_more.then(|| task.error.clone());
    let details: Vec<String> = [code, error].into_iter().flatten().collect();
    if details.is_empty() {
        return format!("{name} {how}");
    }
    format!("{name} {how} ({})", details.join("; "))
}

fn replaced(roster: &Roster, before: &Task, task: &Task) -> String {
    let name = roster.full_task_name(task);
    let old_host = roster.host(before.node.as_ref());
    let from = if before.node == task.node { String::new() } else { format!(" on {old_host}") };
    let image = if before.image == task.image {
        String::new()
    } else {
        format!(", image {}", short_image(&task.image))
    };
    let service = task.service.as_ref().and_then(|it| roster.service(it));
    let update = service.and_then(|it| it.update.as_ref()).filter(|it| {
        let began = it.started.is_some_and(|it| it <= task.created);
        began && it.completed.is_none_or(|it| it >= task.created)
    });
    let why = match update {
        Some(update) if update.state.starts_with("rollback") => " (roll back)",
        Some(_) => " (update)",
        None => "",
    };
    format!("{name} takes the place of the task before{from}{image}{why}")
}

fn short_image(image: &str) -> &str {
    image.split_once('@').map_or(image, |it| it.0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::cluster::Update;
    use crate::domain::logs::tests::service as a_service;
    use std::sync::Arc;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    fn task(id: &str, created: i64, state: TaskState, code: Option<i64>) -> Task {
        Task {
            id: id.into(),
            service: Some("s".into()),
            node: Some("n1".into()),
            slot: 1,
            state,
            desired: TaskState::Running,
            message: String::new(),
            error: if code == Some(1) {
                "task: non-zero exit (1)".to_owned()
            } else {
                String::new()
            },
            exit_code: code,
            container: Some("c".to_owned()),
            image: "shop/web:1@sha256:0".into(),
            created: at(created),
            since: at(created + 5),
            updated: at(created + 5),
        }
    }

    fn roster(tasks: Vec<Task>, update: Option<Update>) -> Roster {
        let service = Service { name: "shop_web".into(), ..a_service("s", update) };
        Roster { services: Arc::new([service]), nodes: Arc::new([]), tasks, full_names: true }
    }

    fn texts(notes: &[Note]) -> Vec<(i64, &str)> {
        notes.iter().map(|it| (it.at.as_second(), it.text.as_str())).collect()
    }

    #[test]
    fn the_end_of_a_task_and_its_replacement_are_told_once() {
        let mut chronicle = Chronicle::default();
        let first = roster(vec![task("a", 0, TaskState::Running, None)], None);
        assert_eq!(chronicle.look(&first, at(9)), []);
        let tasks = vec![
            task("a", 0, TaskState::Failed, Some(1)),
            Task { node: Some("n2".into()), ..task("b", 6, TaskState::Running, None) },
        ];
        let second = roster(tasks, None);
        assert_eq!(
            texts(&chronicle.look(&second, at(9))),
            [
                (5, "shop_web.1@n1 failed (exit code 1)"),
                (6, "shop_web.1@n2 takes the place of the task before on n1"),
            ]
        );
        assert_eq!(chronicle.look(&second, at(10)), []);
    }

    #[test]
    fn an_update_is_told_where_it_began_and_with_the_tasks_it_made() {
        let update = Update {
            state: "updating".to_owned(),
            message: String::new(),
            started: Some(at(4)),
            completed: None,
        };
        let tasks = vec![
            task("a", 0, TaskState::Shutdown, Some(143)),
            Task { image: "shop/web:2".into(), ..task("b", 6, TaskState::Running, None) },
        ];
        let mut chronicle = Chronicle::default();
        assert_eq!(
            texts(&chronicle.look(&roster(tasks.clone(), Some(update.clone())), at(9))),
            [
                (4, "the update of shop_web began"),
                (5, "shop_web.1@n1 was stopped (exit code 143)"),
                (6, "shop_web.1@n1 takes the place of the task before, image shop/web:2 (update)"),
            ]
        );
        let paused =
            Update { state: "paused".to_owned(), message: "too many".to_owned(), ..update };
        assert_eq!(
            texts(&chronicle.look(&roster(tasks, Some(paused)), at(12))),
            [(12, "the update of shop_web is paused: too many")]
        );
    }
}
