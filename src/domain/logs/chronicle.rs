//! Task history lines in a log: ended, replaced, updated.

use crate::domain::{
    health::stopped_since,
    logs::Roster,
    swarm::{
        cluster::{Service, Task, TaskState, Update},
        names::{ServiceId, TaskId},
        states::UpdateState,
    },
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
    /// Those that were there before anything was to be told.
    old: BTreeSet<TaskId>,
    updates: BTreeSet<(ServiceId, Option<Timestamp>, String)>,
}

impl Note {
    pub fn new(at: Timestamp, kind: NoteKind, text: impl Into<String>) -> Self {
        Self { at, kind, text: text.into() }
    }
}

impl Chronicle {
    /// Takes what a look finds for known: only what happens from now on is told.
    pub fn skip(&mut self, roster: &Roster) {
        self.look(roster);
        self.old = roster.tasks.iter().map(|it| it.id.clone()).collect();
    }

    /// Returns what a look has found, in the order of time. Each note has the moment at
    /// which it happened; of what nobody knows the moment, nothing is told.
    pub fn look(&mut self, roster: &Roster) -> Vec<Note> {
        let mut notes = Vec::new();
        for task in roster.tasks.iter().filter(|it| has_begun(it)) {
            if self.begun.insert(task.id.clone())
                && let Some(before) = roster.predecessor(task)
                && (task.state == TaskState::Running || !self.old.contains(&task.id))
            {
                notes.push(replaced(roster, before, task));
            }
            if task.state.is_over() && self.ended.insert(task.id.clone()) {
                notes.push(Note::new(task.since, NoteKind::Life, ended(roster, task)));
            }
        }
        let of_tasks =
            |id: &ServiceId| roster.tasks.iter().any(|it| it.service.as_ref() == Some(id));
        for service in roster.services.iter().filter(|it| of_tasks(&it.id)) {
            notes.extend(self.update(roster, service));
        }
        // The swarm keeps few tasks that are over; what it forgot, nobody asks about.
        self.ended.retain(|it| roster.task(it).is_some());
        self.begun.retain(|it| roster.task(it).is_some());
        self.old.retain(|it| roster.task(it).is_some());
        notes.sort_by_key(|it| it.at);
        notes
    }

    fn update(&mut self, roster: &Roster, service: &Service) -> Vec<Note> {
        let Some(update) = &service.update else { return Vec::new() };
        let name = roster.service_name(Some(&service.id));
        let back = update.state.known().is_some_and(UpdateState::is_rollback);
        let what = if back { "roll back" } else { "update" };
        let mut notes = Vec::new();
        let mut once = |word: &str, at, text: String| {
            let key = (service.id.clone(), update.started, word.to_owned());
            if self.updates.insert(key) {
                notes.push(Note::new(at, NoteKind::Life, text));
            }
        };
        if let Some(started) = began(roster, service, update) {
            once(what, started, format!("the {what} of {name} began"));
        }
        match (update.state.known(), update.completed) {
            (Some(UpdateState::Completed | UpdateState::RollbackCompleted), Some(at)) => {
                once(update.state.word(), at, format!("the {what} of {name} is complete"));
            }
            (Some(state), _) if state.is_paused() => {
                let why = if update.message.is_empty() { "" } else { ": " };
                let text = format!("the {what} of {name} is paused{why}{}", update.message);
                once(state.word(), stopped(roster, service, update), text);
            }
            _ => {}
        }
        notes
    }
}

/// Returns whether a task runs, or did. One that waits for its turn has a container too.
fn has_begun(task: &Task) -> bool {
    task.container.is_some() && task.state >= TaskState::Running
}

/// Returns when the last update began. That of a rollback which the engine decided on is
/// told while it goes on only: it keeps the moment at which the update began.
fn began(roster: &Roster, service: &Service, update: &Update) -> Option<Timestamp> {
    let by_engine = update.message.contains(EARLY_END);
    match update.state.known() {
        Some(UpdateState::RollbackStarted) if by_engine => Some(stopped(roster, service, update)),
        Some(UpdateState::RollbackPaused | UpdateState::RollbackCompleted) => None,
        _ => update.started,
    }
}

fn stopped(roster: &Roster, service: &Service, update: &Update) -> Timestamp {
    stopped_since(update, &roster.tasks, service.updated).at
}

/// Engines say `update paused due to failure or early termination of task ID`.
const EARLY_END: &str = "early termination of task";

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

/// Engines keep when a task was made and when it got into its present state: of one that is
/// over nobody knows any more when it began to run.
fn replaced(roster: &Roster, before: &Task, task: &Task) -> Note {
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
        Some(update) if update.state.known().is_some_and(UpdateState::is_rollback) => {
            " (roll back)"
        }
        Some(_) => " (update)",
        None => "",
    };
    let (at, verb) = match task.state {
        TaskState::Running => (task.since, "takes"),
        _ => (task.created, "was made to take"),
    };
    let text = format!("{name} {verb} the place of the task before{from}{image}{why}");
    Note::new(at, NoteKind::Life, text)
}

fn short_image(image: &str) -> &str {
    image.split_once('@').map_or(image, |it| it.0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{logs::tests::service as a_service, swarm::cluster::SpecDigest};
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
            container_spec: SpecDigest::default(),
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

    /// A task that runs since a moment.
    fn runs(id: &str, created: i64, since: i64) -> Task {
        Task { since: at(since), ..task(id, created, TaskState::Running, None) }
    }

    fn update(state: &str, message: &str) -> Update {
        let (state, message) = (state.into(), message.to_owned());
        Update { state, message, started: Some(at(4)), completed: None }
    }

    #[test]
    fn the_end_of_a_task_and_its_replacement_are_told_once() {
        let mut chronicle = Chronicle::default();
        let first = roster(vec![runs("a", 0, 1)], None);
        assert_eq!(chronicle.look(&first), []);
        let tasks = vec![
            task("a", 0, TaskState::Failed, Some(1)),
            Task { node: Some("n2".into()), ..runs("b", 6, 7) },
        ];
        let second = roster(tasks, None);
        assert_eq!(
            texts(&chronicle.look(&second)),
            [
                (5, "shop_web.1@n1 failed (exit code 1)"),
                (7, "shop_web.1@n2 takes the place of the task before on n1"),
            ]
        );
        assert_eq!(chronicle.look(&second), []);
    }

    #[test]
    fn a_task_takes_the_place_of_another_once_it_runs() {
        let mut chronicle = Chronicle::default();
        let old = || task("a", 0, TaskState::Failed, Some(1));
        chronicle.look(&roster(vec![old()], None));
        // One that waits for its turn has its container already.
        for state in
            [TaskState::Pending, TaskState::Preparing, TaskState::Ready, TaskState::Starting]
        {
            let waits = roster(vec![old(), task("b", 6, state, None)], None);
            assert_eq!(chronicle.look(&waits), [], "{state}");
        }
        assert_eq!(
            texts(&chronicle.look(&roster(vec![old(), runs("b", 6, 19)], None))),
            [(19, "shop_web.1@n1 takes the place of the task before")]
        );
    }

    #[test]
    fn what_was_before_is_not_told_once_it_ends() {
        let mut chronicle = Chronicle::default();
        let tasks = |state| {
            let ended = task("a", 0, TaskState::Failed, Some(1));
            roster(vec![ended, task("b", 6, state, Some(1))], Some(update("updating", "")))
        };
        chronicle.skip(&tasks(TaskState::Ready));
        assert_eq!(chronicle.look(&tasks(TaskState::Ready)), []);
        assert_eq!(
            texts(&chronicle.look(&tasks(TaskState::Failed))),
            [(11, "shop_web.1@n1 failed (exit code 1)")]
        );
    }

    #[test]
    fn of_what_is_over_only_its_making_and_its_end_are_known() {
        let old = task("a", 0, TaskState::Failed, Some(1));
        let next = task("b", 6, TaskState::Failed, Some(1));
        assert_eq!(
            texts(&Chronicle::default().look(&roster(vec![old, next], None))),
            [
                (5, "shop_web.1@n1 failed (exit code 1)"),
                (6, "shop_web.1@n1 was made to take the place of the task before"),
                (11, "shop_web.1@n1 failed (exit code 1)"),
            ]
        );
    }

    #[test]
    fn an_update_is_told_where_it_began_and_with_the_tasks_it_made() {
        let tasks = vec![
            task("a", 0, TaskState::Shutdown, Some(143)),
            Task { image: "shop/web:2".into(), ..runs("b", 6, 8) },
        ];
        assert_eq!(
            texts(&Chronicle::default().look(&roster(tasks, Some(update("updating", ""))))),
            [
                (4, "the update of shop_web began"),
                (5, "shop_web.1@n1 was stopped (exit code 143)"),
                (8, "shop_web.1@n1 takes the place of the task before, image shop/web:2 (update)"),
            ]
        );
    }

    #[test]
    fn an_update_that_was_stopped_is_told_where_it_happened() {
        let failed = task("b", 6, TaskState::Failed, Some(1));
        let of = |state: &str, message: &str| {
            let of = roster(vec![failed.clone()], Some(update(state, message)));
            let service = Service { updated: at(30), ..of.services[0].clone() };
            let notes = Chronicle::default().look(&Roster { services: Arc::new([service]), ..of });
            let of_update = notes.into_iter().filter(|it| it.text.starts_with("the "));
            of_update.map(|it| (it.at.as_second(), it.text)).collect::<Vec<_>>()
        };
        let told = |at: i64, text: &str| (at, text.to_owned());
        let because = "due to failure or early termination of task";
        let (named, forgotten) =
            (format!("update paused {because} b"), format!("update paused {because} x"));
        let began = || told(4, "the update of shop_web began");
        let paused = |it: &str| format!("the update of shop_web is paused: {it}");
        assert_eq!(of("paused", &named), [began(), told(11, &paused(&named))]);
        assert_eq!(of("paused", &forgotten), [began(), told(30, &paused(&forgotten))]);
        // The engine keeps when the update began, and not when it began to go back.
        let back = told(11, "the roll back of shop_web began");
        assert_eq!(of("rollback_started", &format!("update rolled back {because} b")), [back]);
        assert_eq!(
            of("rollback_started", "manually requested rollback"),
            [told(4, "the roll back of shop_web began")]
        );
        assert_eq!(of("rollback_completed", "rollback completed"), []);
    }
}
