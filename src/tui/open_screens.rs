//! The stack of open screens.

use crate::tui::{event::Destination, screens::Screen, tickets::ScreenId};

/// The first screen, which is always open: every way out leads to it in the end.
const HOME: ScreenId = ScreenId(0);

/// The way here; never empty, and only the last one is shown.
#[derive(Debug)]
pub struct OpenScreens {
    open: Vec<Opened>,
    last_id: u64,
}

#[derive(Debug)]
struct Opened {
    id: ScreenId,
    screen: Box<dyn Screen>,
}

impl OpenScreens {
    pub fn new(first: Box<dyn Screen>) -> Self {
        Self { open: vec![Opened { id: HOME, screen: first }], last_id: 0 }
    }

    /// Returns the screen that is shown.
    pub fn top(&self) -> &dyn Screen {
        &*self.open[self.open.len() - 1].screen
    }

    pub fn top_mut(&mut self) -> &mut dyn Screen {
        let last = self.open.len() - 1;
        &mut *self.open[last].screen
    }

    pub fn top_id(&self) -> ScreenId {
        self.open[self.open.len() - 1].id
    }

    /// Returns how many are open.
    pub fn count(&self) -> usize {
        self.open.len()
    }

    /// The oldest first.
    pub fn iter(&self) -> impl Iterator<Item = &dyn Screen> {
        self.open.iter().map(|it| &*it.screen)
    }

    /// Returns all of them, the oldest first.
    pub fn ids(&self) -> Vec<ScreenId> {
        self.open.iter().map(|it| it.id).collect()
    }

    pub fn get(&self, id: ScreenId) -> Option<&dyn Screen> {
        self.open.iter().find(|it| it.id == id).map(|it| &*it.screen)
    }

    pub fn get_mut(&mut self, id: ScreenId) -> Option<&mut dyn Screen> {
        let opened = self.open.iter_mut().find(|it| it.id == id)?;
        Some(&mut *opened.screen)
    }

    /// Returns which screen is the one of a place, where it is open.
    pub fn find(&self, place: &Destination) -> Option<ScreenId> {
        self.open.iter().find(|it| it.screen.place() == *place).map(|it| it.id)
    }

    /// Opens a screen on top of the others.
    pub fn push(&mut self, screen: Box<dyn Screen>) {
        self.last_id += 1;
        self.open.push(Opened { id: ScreenId(self.last_id), screen });
    }

    /// Brings the screen of a place to the top; returns whether it is open.
    pub fn raise(&mut self, place: &Destination) -> bool {
        let Some(at) = self.open.iter().position(|it| it.screen.place() == *place) else {
            return false;
        };
        let raised = self.open.remove(at);
        self.open.push(raised);
        true
    }

    /// Closes one, wherever it is, and returns it; the first one stays.
    pub fn close(&mut self, id: ScreenId) -> Option<Box<dyn Screen>> {
        let at = self.open.iter().position(|it| it.id == id && id != HOME)?;
        Some(self.open.remove(at).screen)
    }

    /// Puts the first one below all others, where it is the one to leave; returns whether
    /// there are others.
    pub fn leave_home(&mut self, id: ScreenId) -> bool {
        let at = self.open.iter().position(|it| it.id == id && id == HOME);
        let Some(at) = at.filter(|_| self.open.len() > 1) else { return false };
        let home = self.open.remove(at);
        self.open.insert(0, home);
        true
    }

    /// Closes all that are so, but the first.
    pub fn close_where(&mut self, is_so: impl Fn(&dyn Screen) -> bool) {
        for id in self.ids() {
            if self.get(id).is_some_and(&is_so) {
                self.close(id);
            }
        }
    }

    /// Closes old ones beyond so many, but neither the first nor what would lose
    /// something.
    pub fn forget_beyond(&mut self, most: usize) {
        let last = self.open.len() - 1;
        if self.open.len() > most
            && let Some(at) = (0..last)
                .find(|&it| self.open[it].id != HOME && self.open[it].screen.unsaved().is_none())
        {
            self.open.remove(at);
        }
    }
}
