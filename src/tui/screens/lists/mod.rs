//! Lists that fill a screen or a pane: one listing each, one screen for all.

pub mod stacks;
pub mod services;
pub mod tasks;
pub mod nodes;
pub mod events;
pub mod jobs;
pub mod contexts;
pub mod releases;
pub mod variables;
pub mod templates;

use crate::{
    domain::text::escape,
    tui::{
        event::{Destination, Request, Subject},
        keymap::{Action, Context},
        screens::{Screen, Wants, as_crumb, logs::full_name},
        widgets::{
            DrawContext,
            list::{List, Listing},
        },
        world::World,
    },
};
use jiff::Timestamp;
use ratatui::{buffer::Buffer, layout::Rect};

/// A listing that can fill a screen of its own.
pub trait FullScreen: Listing + std::fmt::Debug {
    fn place(&self) -> Destination;

    fn wants(&self, _world: &World) -> Wants {
        Wants::default()
    }

    /// Returns what `enter` opens.
    fn open(&self, subject: &Subject) -> Option<Destination>;
}

/// A list as a screen.
#[derive(Debug)]
pub struct ListScreen<L>(pub List<L>);

impl<L: FullScreen> ListScreen<L> {
    pub fn new(listing: L) -> Self {
        Self(List::new(listing))
    }
}

impl<L: FullScreen> Screen for ListScreen<L> {
    fn place(&self) -> Destination {
        self.0.listing.place()
    }

    fn crumb(&self, world: &World) -> String {
        as_crumb(&self.0.listing.title(world))
    }

    fn context(&self) -> Context {
        Context::List
    }

    fn update(&mut self, world: &World, action: Action) -> Option<Request> {
        if self.0.update(world, action) {
            return None;
        }
        match action {
            Action::Open => self.0.listing.open(&self.0.selected()?).map(Request::Go),
            Action::Back if self.0.clear() => {
                self.0.settle(world);
                None
            }
            Action::Back => Some(Request::Back),
            _ => None,
        }
    }

    fn settle(&mut self, world: &World) {
        self.0.settle(world);
    }

    fn outdated(&self, world: &World, drawn: Timestamp) -> bool {
        self.0.outdated(world, drawn)
    }

    fn subjects(&self, world: &World) -> Vec<Subject> {
        self.0.subjects(world)
    }

    fn selected(&self, _world: &World) -> Vec<Subject> {
        self.0.selected().into_iter().collect()
    }

    fn wants(&self, world: &World) -> Wants {
        self.0.listing.wants(world)
    }

    fn filter(&mut self, world: &World, typed: &str) {
        self.0.set_filter(typed);
        self.0.settle(world);
    }

    fn filtered(&self) -> &str {
        self.0.filter().typed()
    }

    fn takes(&self, action: Action) -> bool {
        let of_panes = matches!(
            action,
            Action::Zoom
                | Action::FocusNext
                | Action::FocusPrev
                | Action::Fold
                | Action::Left
                | Action::Right
        );
        !of_panes && self.0.sorts(action)
    }

    fn dump(&self, look: &DrawContext<'_>) -> String {
        self.0.dump(look)
    }

    fn copied(&self, world: &World) -> Option<String> {
        let subject = self.0.selected()?;
        let name = full_name(&subject, world).or_else(|| self.0.first_cell(world))?;
        Some(escape::shown(&name).into_owned())
    }

    fn draw(&self, look: &DrawContext<'_>, area: Rect, buffer: &mut Buffer) {
        self.0.draw(look, true, area, buffer);
    }
}
