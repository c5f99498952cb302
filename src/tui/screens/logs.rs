//! The logs of a service, a task or a whole stack, on a screen of their own.

use crate::{
    domain::{
        cluster::{Service, TaskScope},
        logs::Window,
        text::escape,
    },
    jobs::feed::{Of, Subscription},
    tui::{
        event::{Fact, Place, Request, Subject},
        keymap::{Action, Context},
        screens::{Screen, Wants, body},
        widgets::{
            Look,
            log_pane::{LogPane, within},
        },
        world::World,
    },
};
use jiff::Timestamp;
use ratatui::{buffer::Buffer, layout::Rect};

/// A followed log.
#[derive(Debug)]
pub struct Logs {
    subject: Subject,
    window: Window,
    pane: LogPane,
}

impl Logs {
    pub fn new(subject: Subject, world: &World) -> Self {
        Self { subject, window: world.setting.logs.window, pane: LogPane::new(world) }
    }
}

/// Returns what to follow for a subject, if it writes logs.
pub fn subscription(subject: &Subject, window: Window, world: &World) -> Option<Subscription> {
    let of = match subject {
        Subject::Service(id) => Of::Service(id.clone()),
        Subject::Task(id) => Of::Task(id.clone()),
        Subject::Stack(stack) => Of::Stack(stack.clone()),
        _ => return None,
    };
    Some(Subscription { of, window, tail: world.setting.logs.tail })
}

/// Returns the tasks whose names the lines of a subject need.
pub fn tasks_behind(subject: &Subject, world: &World) -> Option<TaskScope> {
    match subject {
        Subject::Service(id) => Some(TaskScope::Services(vec![id.clone()])),
        Subject::Stack(stack) => Some(TaskScope::Stack(stack.clone())),
        Subject::Task(id) => {
            let service = world.task(id)?.service.clone()?;
            Some(TaskScope::Services(vec![service]))
        }
        _ => None,
    }
}

/// Returns the name under which docker knows a subject, if it has one.
pub fn full_name(subject: &Subject, world: &World) -> Option<String> {
    Some(match subject {
        Subject::Service(id) => world.service(id)?.name.to_string(),
        Subject::Context(name) | Subject::Template(name) => name.clone(),
        Subject::Task(_) | Subject::Node(_) | Subject::Stack(_) => label(subject, world),
        _ => return None,
    })
}

/// Returns the name of a subject for titles.
pub fn label(subject: &Subject, world: &World) -> String {
    match subject {
        Subject::Service(id) => {
            world.service(id).map_or(id.short(), Service::short_name).to_owned()
        }
        Subject::Task(id) => {
            world.task(id).map_or_else(|| id.short().to_owned(), |it| world.task_name(it))
        }
        Subject::Stack(stack) => stack.to_string(),
        Subject::Node(id) => world.host(Some(id)).to_owned(),
        _ => String::new(),
    }
}

impl Screen for Logs {
    fn place(&self) -> Place {
        Place::Logs(self.subject.clone())
    }

    fn crumb(&self, world: &World) -> String {
        format!("logs · {}", label(&self.subject, world))
    }

    fn context(&self) -> Context {
        Context::Logs
    }

    fn update(&mut self, world: &World, action: Action) -> Option<Request> {
        if let Some(window) = action.since().and_then(|it| Window::ALL.get(usize::from(it))) {
            self.window = *window;
            return None;
        }
        if self.pane.update(world, within(body(world)), action) {
            return None;
        }
        match action {
            Action::Back if self.pane.clear(world) => None,
            Action::Back => Some(Request::Back),
            Action::NextMatch | Action::PrevMatch => {
                Some(Request::problem("nothing found; ctrl-f searches"))
            }
            _ => None,
        }
    }

    fn observe(&mut self, world: &World, fact: Fact) -> Option<Request> {
        if matches!(fact, Fact::Log | Fact::View | Fact::Resized) {
            self.pane.settle(world);
        }
        None
    }

    fn outdated(&self, _world: &World, _drawn: Timestamp) -> bool {
        false
    }

    fn subjects(&self, _world: &World) -> Vec<Subject> {
        vec![self.subject.clone()]
    }

    fn wants(&self, world: &World) -> Wants {
        Wants {
            tasks: tasks_behind(&self.subject, world),
            logs: subscription(&self.subject, self.window, world),
            ..Wants::default()
        }
    }

    fn filter(&mut self, world: &World, typed: &str) {
        self.pane.set_filter(world, typed);
    }

    fn search(&mut self, world: &World, typed: &str) -> Option<Request> {
        self.pane.search(world, within(body(world)), typed);
        None
    }

    fn filtered(&self) -> &str {
        self.pane.filter().typed()
    }

    fn takes(&self, action: Action) -> bool {
        !matches!(action, Action::Zoom | Action::FocusNext | Action::FocusPrev)
    }

    fn dump(&self, look: &Look<'_>) -> String {
        self.pane.dump(look.world)
    }

    fn copied(&self, world: &World) -> Option<String> {
        Some(escape::shown(&label(&self.subject, world)).into_owned())
    }

    fn draw(&self, look: &Look<'_>, area: Rect, buffer: &mut Buffer) {
        let title = format!("Logs · {}", label(&self.subject, look.world));
        self.pane.draw(&title, look, true, area, buffer);
    }
}
