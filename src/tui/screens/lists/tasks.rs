//! Tasks: where they run, in which state, and why not.

use crate::{
    domain::{
        columns::{Column, tasks},
        swarm::cluster::{Service, Task},
    },
    tui::{
        event::{Destination, Scope, Subject},
        screens::{
            Wants,
            lists::{FullScreen, services::tasks_of},
        },
        widgets::list::{Listing, Moments},
        world::{Source, World},
    },
};

/// The tasks of a scope.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct TaskList {
    pub scope: Scope,
    /// It stands beside the services, and shows the tasks of what is selected there.
    pub beside: bool,
}

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
        tasks::COLUMNS
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

    fn unread(&self, world: &World) -> Option<String> {
        if let Some(unread) = world.not_read(Source::Cluster) {
            return Some(unread.in_place());
        }
        // There are none to read.
        let none = world.services().is_empty() || self.beside && self.scope == Scope::All;
        let read = none || world.view.tasks.scope == tasks_of(&self.scope, world);
        (!read).then(|| "reading tasks".to_owned())
    }

    fn empty(&self, world: &World) -> String {
        match &self.scope {
            _ if world.services().is_empty() => "no tasks: there are no services".to_owned(),
            Scope::All if self.beside => "no service is selected".to_owned(),
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
