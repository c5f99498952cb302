//! The logs of a service, a task or a whole stack, on a screen of their own.

use crate::{
    domain::{
        logs::Window,
        swarm::cluster::{Service, TaskScope},
        text::escape,
    },
    tui::{
        event::{Destination, Fact, Request, Subject},
        keymap::{Action, Context},
        screens::{Screen, Wants, as_crumb, body, reach::Reach},
        widgets::{
            DrawContext,
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
    /// The name of a task, kept for when nothing tells it any more.
    name: String,
    reach: Reach,
    pane: LogPane,
}

impl Logs {
    pub fn new(subject: Subject, world: &World) -> Self {
        let (reach, pane) = (Reach::new(world), LogPane::new(world));
        let name = label(&subject, world);
        Self { subject, name, reach, pane }
    }

    fn name(&self, world: &World) -> String {
        match &self.subject {
            Subject::Task(id) if world.task(id).is_none() => self.name.clone(),
            subject => label(subject, world),
        }
    }
}

/// Returns the tasks whose names the lines of a subject need.
pub fn tasks_behind(subject: &Subject, world: &World) -> Option<TaskScope> {
    match subject {
        Subject::Service(id) | Subject::Slot(id, _) => Some(TaskScope::Services(vec![id.clone()])),
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
        Subject::Slot(id, slot) => format!("{}.{slot}", world.service(id)?.name),
        Subject::Context(name) | Subject::Template(name) => name.clone(),
        Subject::Task(_) | Subject::Node(_) | Subject::Stack(_) => label(subject, world),
        _ => return None,
    })
}

/// Returns the name of a subject for titles.
pub fn label(subject: &Subject, world: &World) -> String {
    match subject {
        Subject::Service(id) => {
            world.service(id).map_or_else(|| world.gone.name(id), Service::in_stack)
        }
        Subject::Slot(id, slot) => {
            format!("{}.{slot}", label(&Subject::Service(id.clone()), world))
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
    fn place(&self) -> Destination {
        Destination::Logs(self.subject.clone())
    }

    fn crumb(&self, world: &World) -> String {
        as_crumb(&format!("Logs · {}", self.name(world)))
    }

    fn context(&self) -> Context {
        Context::Logs
    }

    fn update(&mut self, world: &World, action: Action) -> Option<Request> {
        if let Some(window) = action.since().and_then(|it| Window::ALL.get(usize::from(it))) {
            self.reach.look_at(*window, world, &mut self.pane);
            return None;
        }
        let size = within(body(world));
        if let Some(request) = self.reach.update(world, &mut self.pane, size, action) {
            return request;
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
        // Lines that were not looked at yet, for a filter, are looked at bit by bit.
        if matches!(fact, Fact::Log | Fact::View | Fact::Resized | Fact::Clock) {
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
            logs: self.reach.subscription(&self.subject, world),
            ..Wants::default()
        }
    }

    fn show_from(&mut self, world: &World, window: Window) -> bool {
        self.reach.look_at(window, world, &mut self.pane);
        true
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

    fn dump(&self, look: &DrawContext<'_>) -> String {
        self.pane.dump(look.world)
    }

    fn copied(&self, world: &World) -> Option<String> {
        if let Some(line) = self.pane.pointed(world, within(body(world))) {
            return Some(line);
        }
        let name = full_name(&self.subject, world).unwrap_or_else(|| label(&self.subject, world));
        Some(escape::shown(&name).into_owned())
    }

    fn draw(&self, look: &DrawContext<'_>, area: Rect, buffer: &mut Buffer) {
        let title = format!("Logs · {}", self.name(look.world));
        self.pane.draw(&title, look, true, area, buffer);
    }
}
