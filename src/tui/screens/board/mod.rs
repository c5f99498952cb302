//! The board, the main screen: stacks, services, tasks, nodes and logs that follow each other's
//! selection.

mod layout;

use crate::{
    domain::{
        logs::{Size, Window},
        text::escape,
    },
    tui::{
        event::{Destination, Request, Scope, Subject},
        keymap::{Action, Context},
        screens::{
            Screen, Wants,
            board::layout::{Pane, areas},
            body,
            lists::{
                nodes::Nodes,
                services::{Services, tasks_of},
                stacks::Stacks,
                tasks::TaskList,
            },
            logs::{full_name, label},
            reach::Reach,
        },
        widgets::{
            DrawContext,
            list::List,
            log_pane::{LogPane, within},
        },
        world::World,
    },
};
use jiff::Timestamp;
use ratatui::{buffer::Buffer, layout::Rect};

/// Five panes, one of them focused.
#[derive(Debug)]
pub struct Board {
    focus: Pane,
    zoomed: bool,
    stacks: List<Stacks>,
    services: List<Services>,
    tasks: List<TaskList>,
    nodes: List<Nodes>,
    logs: LogPane,
    reach: Reach,
    /// Whose lines the log pane follows; the last service, task or stack that
    /// was selected.
    followed: Option<Subject>,
}

impl Board {
    pub fn new(world: &World) -> Self {
        Self {
            focus: Pane::Services,
            zoomed: false,
            stacks: List::new(Stacks::narrow()),
            services: List::new(Services::default()),
            tasks: List::new(TaskList { beside: true, ..TaskList::default() }),
            nodes: List::new(Nodes),
            logs: LogPane::new(world),
            reach: Reach::new(world),
            followed: None,
        }
    }

    /// Lets each pane show what the others select.
    fn follow_selection(&mut self, world: &World) {
        self.stacks.settle(world);
        self.services.listing.scope = Stacks::scope(self.stacks.selected().as_ref());
        self.services.settle(world);
        self.nodes.settle(world);
        self.tasks.listing.scope =
            match (self.focus, self.nodes.selected(), self.services.selected()) {
                (Pane::Nodes, Some(Subject::Node(id)), _) => Scope::Node(id),
                (Pane::Tasks | Pane::Logs, Some(Subject::Node(_)), _)
                    if matches!(self.tasks.listing.scope, Scope::Node(_)) =>
                {
                    self.tasks.listing.scope.clone()
                }
                (_, _, Some(Subject::Service(id))) => Scope::Service(id),
                _ => Stacks::scope(self.stacks.selected().as_ref()),
            };
        self.tasks.settle(world);
        let subject = match self.focus {
            Pane::Stacks => self.stacks.selected().filter(|it| matches!(it, Subject::Stack(_))),
            Pane::Services => self.services.selected(),
            Pane::Tasks => self.tasks.selected(),
            Pane::Nodes | Pane::Logs => None,
        };
        if let Some(subject) = subject
            && self.followed.as_ref() != Some(&subject)
        {
            self.followed = Some(subject);
            self.reach.start_over(world);
        }
        self.logs.settle(world);
    }

    fn update_focused(&mut self, world: &World, action: Action) -> Option<Request> {
        match self.focus {
            Pane::Stacks => self.stacks.update(world, action),
            Pane::Services => self.services.update(world, action),
            Pane::Tasks => self.tasks.update(world, action),
            Pane::Nodes => self.nodes.update(world, action),
            Pane::Logs => {
                let size = self.log_size(world);
                return self.reach.update(world, &mut self.logs, size, action).flatten();
            }
        };
        None
    }

    /// Returns the room for log lines; none where the pane is not shown.
    fn log_size(&self, world: &World) -> Size {
        let shown = areas(self.focus, self.zoomed, world, body(world));
        let pane = shown.into_iter().find(|it| it.0 == Pane::Logs);
        within(pane.map_or(Rect::ZERO, |it| it.1))
    }

    fn move_focus(&mut self, step: usize) {
        self.focus = self.focus.moved(step);
    }

    /// `enter` goes one pane further: stack, services, tasks, and then a page.
    fn open(&mut self) -> Option<Request> {
        match self.focus {
            Pane::Stacks => self.focus = Pane::Services,
            Pane::Services => self.focus = Pane::Tasks,
            Pane::Nodes => {
                let Subject::Node(id) = self.nodes.selected()? else { return None };
                return Some(Request::Go(Destination::Tasks(Scope::Node(id))));
            }
            Pane::Tasks => {
                let object = self.tasks.selected()?.object()?;
                return Some(Request::Go(Destination::Describe(object)));
            }
            Pane::Logs => self.zoomed = !self.zoomed,
        }
        None
    }

    /// `esc` undoes the nearest thing first: a filter, a zoom, the way in.
    fn back(&mut self, world: &World) -> Option<Request> {
        let cleared = match self.focus {
            Pane::Stacks => self.stacks.clear(),
            Pane::Services => self.services.clear(),
            Pane::Tasks => self.tasks.clear(),
            Pane::Nodes => self.nodes.clear(),
            Pane::Logs => self.logs.clear(world),
        };
        if cleared {
            return None;
        }
        if self.zoomed {
            self.zoomed = false;
            return None;
        }
        match self.focus {
            Pane::Tasks | Pane::Logs => self.focus = Pane::Services,
            Pane::Services | Pane::Nodes => self.focus = Pane::Stacks,
            Pane::Stacks => return Some(Request::Back),
        }
        None
    }

    fn draw_pane(&self, pane: Pane, look: &DrawContext<'_>, area: Rect, buffer: &mut Buffer) {
        let focused = pane == self.focus;
        match pane {
            Pane::Stacks => self.stacks.draw(look, focused, area, buffer),
            Pane::Services => self.services.draw(look, focused, area, buffer),
            Pane::Tasks => self.tasks.draw(look, focused, area, buffer),
            Pane::Nodes => self.nodes.draw(look, focused, area, buffer),
            Pane::Logs => {
                let followed = self.followed.as_ref().map(|it| label(it, look.world));
                let title = followed.map_or("Logs".to_owned(), |it| format!("Logs · {it}"));
                self.logs.draw(&title, look, focused, area, buffer);
            }
        }
    }
}

impl Screen for Board {
    fn place(&self) -> Destination {
        Destination::Board
    }

    fn crumb(&self, _world: &World) -> String {
        "board".to_owned()
    }

    fn context(&self) -> Context {
        if self.focus == Pane::Logs { Context::Logs } else { Context::List }
    }

    fn update(&mut self, world: &World, action: Action) -> Option<Request> {
        let request = match action {
            Action::FocusNext => {
                self.move_focus(1);
                None
            }
            Action::FocusPrev => {
                self.move_focus(Pane::ALL.len() - 1);
                None
            }
            Action::Zoom => {
                self.zoomed = !self.zoomed;
                None
            }
            Action::Fold => {
                if let Some(subject) = self.stacks.selected() {
                    self.stacks.listing.fold(&subject);
                }
                None
            }
            Action::Open => self.open(),
            Action::Back => self.back(world),
            _ => {
                if let Some(window) = action.since().and_then(|it| Window::ALL.get(usize::from(it)))
                {
                    self.reach.look_at(*window, world, &mut self.logs);
                    None
                } else {
                    self.update_focused(world, action)
                }
            }
        };
        self.follow_selection(world);
        request
    }

    fn settle(&mut self, world: &World) {
        self.follow_selection(world);
    }

    fn show_from(&mut self, world: &World, window: Window) -> bool {
        self.reach.look_at(window, world, &mut self.logs);
        true
    }

    fn outdated(&self, world: &World, drawn: Timestamp) -> bool {
        self.services.outdated(world, drawn)
            || self.tasks.outdated(world, drawn)
            || self.nodes.outdated(world, drawn)
    }

    fn subjects(&self, world: &World) -> Vec<Subject> {
        match self.focus {
            Pane::Stacks => self.stacks.subjects(world),
            Pane::Services => self.services.subjects(world),
            Pane::Tasks => self.tasks.subjects(world),
            Pane::Nodes => self.nodes.subjects(world),
            Pane::Logs => self.followed.iter().cloned().collect(),
        }
    }

    fn selected(&self, _world: &World) -> Vec<Subject> {
        let selected = match self.focus {
            Pane::Stacks => self.stacks.selected(),
            Pane::Services => self.services.selected(),
            Pane::Tasks => self.tasks.selected(),
            Pane::Nodes => self.nodes.selected(),
            Pane::Logs => self.followed.clone(),
        };
        selected.into_iter().collect()
    }

    fn wants(&self, world: &World) -> Wants {
        Wants {
            tasks: match &self.tasks.listing.scope {
                // Nothing is selected: there are no services in sight.
                Scope::All => None,
                scope => tasks_of(scope, world),
            },
            logs: self.followed.as_ref().and_then(|it| self.reach.subscription(it, world)),
            ..Wants::default()
        }
    }

    fn filter(&mut self, world: &World, typed: &str) {
        match self.focus {
            Pane::Stacks => self.stacks.set_filter(typed),
            Pane::Services => self.services.set_filter(typed),
            Pane::Tasks => self.tasks.set_filter(typed),
            Pane::Nodes => self.nodes.set_filter(typed),
            Pane::Logs => self.logs.set_filter(world, typed),
        }
        self.follow_selection(world);
    }

    fn search(&mut self, world: &World, typed: &str) -> Option<Request> {
        self.logs.search(world, self.log_size(world), typed);
        None
    }

    fn filtered(&self) -> &str {
        match self.focus {
            Pane::Stacks => self.stacks.filter().typed(),
            Pane::Services => self.services.filter().typed(),
            Pane::Tasks => self.tasks.filter().typed(),
            Pane::Nodes => self.nodes.filter().typed(),
            Pane::Logs => self.logs.filter().typed(),
        }
    }

    fn takes(&self, action: Action) -> bool {
        match action {
            Action::Fold => self.focus == Pane::Stacks,
            Action::Left | Action::Right => self.focus == Pane::Logs,
            _ => match self.focus {
                Pane::Stacks => self.stacks.sorts(action),
                Pane::Services => self.services.sorts(action),
                Pane::Tasks => self.tasks.sorts(action),
                Pane::Nodes => self.nodes.sorts(action),
                Pane::Logs => true,
            },
        }
    }

    fn hidden(&self, world: &World) -> Vec<&'static str> {
        let shown = areas(self.focus, self.zoomed, world, body(world));
        let is_shown = |pane: Pane| shown.iter().any(|it| it.0 == pane);
        let others = (1..Pane::ALL.len()).map(|steps| self.focus.moved(steps));
        others.filter(|it| !is_shown(*it)).map(Pane::name).collect()
    }

    fn dump(&self, look: &DrawContext<'_>) -> String {
        match self.focus {
            Pane::Stacks => self.stacks.dump(look),
            Pane::Services => self.services.dump(look),
            Pane::Tasks => self.tasks.dump(look),
            Pane::Nodes => self.nodes.dump(look),
            Pane::Logs => self.logs.dump(look.world),
        }
    }

    fn copied(&self, world: &World) -> Option<String> {
        let subject = self.subjects(world).into_iter().next()?;
        Some(escape::shown(&full_name(&subject, world)?).into_owned())
    }

    fn draw(&self, look: &DrawContext<'_>, area: Rect, buffer: &mut Buffer) {
        for (pane, area) in areas(self.focus, self.zoomed, look.world, area) {
            self.draw_pane(pane, look, area, buffer);
        }
    }
}
