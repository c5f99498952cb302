//! Tasks: where they run, in which state, and why not.

use crate::{
    domain::{
        health::{exit::is_lost_with_node, less_than},
        swarm::{
            cluster::{Service, Task, TaskState},
            states::NodeState,
        },
        text::{age, natural::natural},
    },
    tui::{
        event::{Destination, Scope, Subject},
        screens::{
            Wants,
            lists::{FullScreen, services::tasks_of},
        },
        widgets::{
            DrawContext,
            list::{Listing, Moments, by},
            table::{Cell, Column, Side},
        },
        world::World,
    },
};
use ratatui::style::Style;

/// The tasks of a scope.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct TaskList {
    pub scope: Scope,
    /// It stands beside the services, and shows the tasks of what is selected there.
    pub beside: bool,
}

const COLUMNS: &[Column<Task>] = &[
    Column {
        title: "TASK",
        side: Side::Left,
        at_most: u16::MAX,
        rank: 0,
        cell: name,
        order: Some(|a, b, look| natural(&look.world.task_name(a), &look.world.task_name(b))),
    },
    Column {
        title: "NODE",
        side: Side::Left,
        at_most: 24,
        rank: 1,
        cell: node,
        order: Some(|a, b, look| {
            natural(look.world.host(a.node.as_ref()), look.world.host(b.node.as_ref()))
        }),
    },
    Column {
        title: "STATE",
        side: Side::Left,
        at_most: 10,
        rank: 0,
        cell: state,
        order: Some(|a, b, _| by(b, a, |it| (rank(it), it.state))),
    },
    Column {
        title: "RESTARTS",
        side: Side::Right,
        at_most: 8,
        rank: 1,
        cell: restarts,
        order: None,
    },
    Column { title: "DESIRED", side: Side::Left, at_most: 10, rank: 5, cell: desired, order: None },
    Column {
        title: "AGE",
        side: Side::Right,
        at_most: 5,
        rank: 2,
        cell: since,
        order: Some(|a, b, _| b.since.cmp(&a.since)),
    },
    Column { title: "RAN", side: Side::Right, at_most: 5, rank: 4, cell: ran, order: None },
    Column {
        title: "IMAGE",
        side: Side::Left,
        at_most: 40,
        rank: 6,
        cell: image_cell,
        order: Some(|a, b, _| natural(&a.image, &b.image)),
    },
    Column::text("WHY", 0, why),
];

impl TaskList {
    pub fn of(scope: Scope) -> Self {
        Self { scope, beside: false }
    }
}

impl Listing for TaskList {
    type Row = Task;

    fn title(&self, world: &World) -> String {
        match &self.scope {
            Scope::All => "Tasks".to_owned(),
            Scope::Single => "Tasks · no stack".to_owned(),
            Scope::Stack(stack) => format!("Tasks · {stack}"),
            Scope::Service(id) => {
                let name = world.service(id).map_or_else(|| world.gone.name(id), Service::in_stack);
                format!("Tasks · {name}")
            }
            Scope::Node(id) => format!("Tasks · {}", world.host(Some(id))),
        }
    }

    fn columns(&self) -> &'static [Column<Task>] {
        COLUMNS
    }

    fn rows<'w>(&'w self, world: &'w World) -> Vec<&'w Task> {
        if world.view.tasks.scope != tasks_of(&self.scope, world) {
            return Vec::new();
        }
        world.tasks().collect()
    }

    fn subject(&self, row: &Task) -> Subject {
        Subject::Task(row.id.clone())
    }

    fn fine(&self, row: &Task) -> bool {
        row.error.is_empty() && (row.state == row.desired || row.state.is_over())
    }

    fn empty(&self, world: &World) -> String {
        match &self.scope {
            _ if world.view.read_at.is_none() => "waiting for the engine".to_owned(),
            _ if world.services().is_empty() => "no tasks: there are no services".to_owned(),
            Scope::All if self.beside => "no service is selected".to_owned(),
            _ if world.view.tasks.scope != tasks_of(&self.scope, world) => {
                "reading tasks".to_owned()
            }
            Scope::Node(_) => "no task ever ran on this node".to_owned(),
            Scope::Stack(stack)
                if !world.services().iter().any(|it| it.stack.as_ref() == Some(stack)) =>
            {
                "no tasks: the stack has no services".to_owned()
            }
            _ => "no tasks: scaled to zero, or the engine has not made them yet".to_owned(),
        }
    }

    fn moments(&self, row: &Task) -> Moments {
        [Some(row.since), None, None]
    }
}

impl FullScreen for TaskList {
    fn place(&self) -> Destination {
        Destination::Tasks(self.scope.clone())
    }

    fn wants(&self, world: &World) -> Wants {
        Wants { tasks: tasks_of(&self.scope, world), ..Wants::default() }
    }

    fn open(&self, subject: &Subject) -> Option<Destination> {
        subject.object().map(Destination::Describe)
    }
}

fn name<'a>(row: &'a Task, look: &DrawContext<'a>) -> Cell<'a> {
    let style = if row.desired.is_over() { look.theme.muted } else { look.theme.text };
    Cell::new(look.world.task_name(row), style)
}

fn node<'a>(row: &'a Task, look: &DrawContext<'a>) -> Cell<'a> {
    let world: &'a World = look.world;
    match &row.node {
        Some(id) => Cell::new(world.host(Some(id)), look.theme.text),
        None => Cell::nothing(look.theme.text),
    }
}

fn state<'a>(row: &'a Task, look: &DrawContext<'a>) -> Cell<'a> {
    Cell::new(row.state.word(), style(row, look))
}

/// What is said of a task on a node that is down is old.
fn style(row: &Task, look: &DrawContext<'_>) -> Style {
    if is_lost(row, look.world) {
        return look.theme.warn;
    }
    look.theme.task(row.state, row.desired)
}

fn is_lost(row: &Task, world: &World) -> bool {
    let node = row.node.as_ref().and_then(|it| world.node(it));
    !row.state.is_over() && node.is_some_and(|it| it.state == NodeState::Down)
}

/// How often the tasks of its place ended within the last hour.
fn restarts<'a>(row: &'a Task, look: &DrawContext<'a>) -> Cell<'a> {
    match look.world.restarts(row) {
        Some(it) if it.count > 0 => Cell::new(it.to_string(), look.theme.warn),
        Some(_) => Cell::nothing(look.theme.muted),
        None => Cell::new("", look.theme.muted),
    }
}

/// How long it ran at most, once it ended.
fn ran<'a>(row: &'a Task, look: &DrawContext<'a>) -> Cell<'a> {
    let ran = look.world.ran(row).map(less_than);
    Cell::new(ran.unwrap_or_default(), look.theme.muted)
}

fn desired<'a>(row: &'a Task, look: &DrawContext<'a>) -> Cell<'a> {
    Cell::new(row.desired.word(), look.theme.muted)
}

fn since<'a>(row: &'a Task, look: &DrawContext<'a>) -> Cell<'a> {
    Cell::new(age::age(row.since, look.world.now), look.theme.muted)
}

fn image_cell<'a>(row: &'a Task, look: &DrawContext<'a>) -> Cell<'a> {
    Cell::image(&row.image, look.theme.muted)
}

fn why<'a>(row: &'a Task, look: &DrawContext<'a>) -> Cell<'a> {
    let style = if row.desired.is_over() {
        look.theme.muted
    } else {
        look.theme.task(row.state, row.desired)
    };
    if row.error.is_empty() && is_lost(row, look.world) {
        let host = look.world.host(row.node.as_ref());
        return Cell::sentence(
            format!("{host} is down: this is the last known state"),
            look.theme.warn,
        );
    }
    if is_lost_with_node(row, look.world.nodes()) {
        let host = look.world.host(row.node.as_ref());
        return Cell::sentence(format!("{host} went down and came back: {}", row.error), style);
    }
    match row.exit_code {
        Some(code) if code != 0 && !row.error.contains(&code.to_string()) => {
            Cell::sentence(format!("{} (exit {code})", row.error), style)
        }
        _ => Cell::sentence(reasons(&row.error), style),
    }
}

/// That no node takes it, its state says.
fn reasons(error: &str) -> &str {
    let reasons = error.strip_prefix("no suitable node (").and_then(|it| it.strip_suffix(')'));
    reasons.unwrap_or(error)
}

/// Trouble first: failed, then not yet running, then running, then history.
fn rank(row: &Task) -> u8 {
    match row.state {
        TaskState::Failed | TaskState::Rejected if !row.desired.is_over() => 3,
        TaskState::Running | TaskState::Complete => 1,
        _ if row.desired.is_over() => 0,
        _ => 2,
    }
}
