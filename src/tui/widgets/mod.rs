//! Widgets: parts of screens that know no screen.

pub mod frame;
pub mod input;
pub mod table;
pub mod list;
pub mod text_page;
pub mod outline;
pub mod log_pane;

use crate::{
    domain::columns::Known,
    tui::{theme::Theme, world::World},
};

/// What every cell and pane may look at.
#[derive(Debug, Clone, Copy)]
pub struct DrawContext<'a> {
    pub world: &'a World,
    pub theme: &'a Theme,
}

impl<'a> DrawContext<'a> {
    /// What cells of lists may ask.
    pub fn known(&self) -> Known<'a> {
        Known { facts: self.world, arrow: self.theme.glyphs.arrow }
    }
}
