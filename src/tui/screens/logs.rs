//! The logs of a service, a task or a whole stack, on a screen of their own.

use crate::{
    domain::{
        cluster::{Service, TaskScope},
        logs::{Seq, Window},
        text::escape,
    },
    jobs::feed::{Of, Subscription},
    tui::{
        event::{Effect, Fact, Place, Request, Subject},
        keymap::{Action, Context},
        screens::{Screen, Wants, as_crumb, body},
        widgets::{
            Look,
            log_pane::{LogPane, within},
        },
        world::World,
    },
};
use jiff::{SignedDuration, Timestamp};
use ratatui::{buffer::Buffer, layout::Rect};

/// A followed log.
#[derive(Debug)]
pub struct Logs {
    subject: Subject,
    /// The name of a task, kept for when nothing tells it any more.
    name: String,
    window: Window,
    /// Lines of each task that the window `tail` holds.
    tail: u32,
    /// What was held when more was asked for, so that it is asked for once.
    asked: Option<Seq>,
    pane: LogPane,
}

/// A longer tail is so much longer.
const LONGER: u32 = 5;

impl Logs {
    pub fn new(subject: Subject, world: &World) -> Self {
        let logs = &world.setting.logs;
        let pane = LogPane::new(world);
        let name = label(&subject, world);
        Self { subject, name, window: logs.window, tail: logs.tail, asked: None, pane }
    }

    fn name(&self, world: &World) -> String {
        match &self.subject {
            Subject::Task(id) if world.task(id).is_none() => self.name.clone(),
            subject => label(subject, world),
        }
    }

    /// Reads on at the edge of what is held; `was_there` says whether one stood at the
    /// upper edge before the key.
    fn at_the_edge(&mut self, world: &World, action: Action, was_there: bool) -> Option<Request> {
        let up = matches!(action, Action::First | Action::SelectPrev | Action::PageUp);
        let down = matches!(action, Action::Last | Action::SelectNext | Action::PageDown);
        if up && was_there && world.feed.read.is_some() {
            return self.reach_back(world);
        }
        let end = world.feed.buffer.end();
        let more = world.feed.read == Some(true) && self.asked != Some(end);
        if !(down && more && self.pane.is_at_end()) {
            return None;
        }
        self.asked = Some(end);
        if action != Action::Last {
            self.pane.pause(world, within(body(world)));
        }
        Some(Request::Do(Effect::ReadOn(READ_ON)))
    }

    /// Reads further back, and stays at the line that is on top.
    fn reach_back(&mut self, world: &World) -> Option<Request> {
        let first = world.feed.buffer.get(world.feed.buffer.first()).map(|it| it.at())?;
        let most = u32::try_from(world.setting.logs.lines).unwrap_or(u32::MAX);
        if world.feed.buffer.len() >= world.setting.logs.lines {
            return Some(Request::problem(format!(
                "skep holds the newest {most} lines; `:since 14:02` goes to a moment"
            )));
        }
        match self.window {
            Window::Tail if self.tail < most => {
                self.tail = self.tail.max(1).saturating_mul(LONGER).min(most);
            }
            Window::Back(_) => self.window = self.window.wider()?,
            Window::From(at) => {
                self.window = Window::From(at.saturating_sub(HOUR).unwrap_or(at));
            }
            Window::Tail | Window::Head | Window::All => {
                return Some(Request::problem("that is the first line there is"));
            }
        }
        self.pane.stay_at(first);
        None
    }

    fn look_at(&mut self, window: Window, world: &World) {
        self.window = window;
        self.tail = world.setting.logs.tail;
        if window.reads_on() {
            self.pane.stay_at(Timestamp::UNIX_EPOCH);
        } else {
            self.pane.start_over();
        }
    }
}

/// Lines that are read on at once.
const READ_ON: usize = 2_000;
const HOUR: SignedDuration = SignedDuration::from_hours(1);

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
            world.service(id).map_or_else(|| world.gone_name(id), Service::in_stack)
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
        as_crumb(&format!("Logs · {}", self.name(world)))
    }

    fn context(&self) -> Context {
        Context::Logs
    }

    fn update(&mut self, world: &World, action: Action) -> Option<Request> {
        if let Some(window) = action.since().and_then(|it| Window::ALL.get(usize::from(it))) {
            self.look_at(*window, world);
            return None;
        }
        let size = within(body(world));
        let was_there = self.pane.is_at_start(world, size);
        if self.pane.update(world, size, action) {
            return self.at_the_edge(world, action, was_there);
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
            logs: subscription(&self.subject, self.window, world)
                .map(|it| Subscription { tail: self.tail, ..it }),
            ..Wants::default()
        }
    }

    fn show_from(&mut self, world: &World, window: Window) -> bool {
        self.look_at(window, world);
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

    fn dump(&self, look: &Look<'_>) -> String {
        self.pane.dump(look.world)
    }

    fn copied(&self, world: &World) -> Option<String> {
        if let Some(line) = self.pane.pointed(world, within(body(world))) {
            return Some(line);
        }
        let name = full_name(&self.subject, world).unwrap_or_else(|| label(&self.subject, world));
        Some(escape::shown(&name).into_owned())
    }

    fn draw(&self, look: &Look<'_>, area: Rect, buffer: &mut Buffer) {
        let title = format!("Logs · {}", self.name(look.world));
        self.pane.draw(&title, look, true, area, buffer);
    }
}
