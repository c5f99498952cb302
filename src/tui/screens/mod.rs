//! The screens: state and actions here, looks in their `view`s.

pub mod reach;
pub mod logs;
pub mod lists;
pub mod page;
pub mod overview;
pub mod plan;
pub mod changes;
pub mod editor;
pub mod job;
pub mod form;
pub mod board;

use crate::{
    domain::{
        logs::Window,
        project::StackPath,
        swarm::cluster::{Object, TaskScope},
    },
    jobs::log_follower::Subscription,
    tui::{
        document::Choice,
        event::{Destination, Effect, Fact, Request, Response, Subject},
        keymap::{Action, Context},
        past::Lookback,
        vi::FileCommand,
        widgets::{DrawContext, text_page::wrapped},
        world::World,
    },
};
use crossterm::event::KeyEvent;
use jiff::Timestamp;
use ratatui::{buffer::Buffer, layout::Rect};
use std::collections::BTreeMap;

/// One screen. It sees the world, never the model.
pub trait Screen: std::fmt::Debug {
    /// Returns where it is, to open it again.
    fn place(&self) -> Destination;

    /// Returns its crumb, as `services · web`.
    fn crumb(&self, world: &World) -> String;

    /// Returns where the next key counts.
    fn context(&self) -> Context;

    /// Takes an action; `None` if there is nothing to ask for.
    fn update(&mut self, world: &World, action: Action) -> Option<Request>;

    /// Takes a key that means no action; screens with text to edit do.
    fn typed(&mut self, _world: &World, _key: KeyEvent) -> Option<Request> {
        None
    }

    /// Returns whether letters are text now, and no keys.
    fn takes_text(&self) -> bool {
        false
    }

    fn pasted(&mut self, _world: &World, _text: &str) -> Option<Request> {
        None
    }

    /// Asks for what must be read before it can show anything, once.
    fn begin(&mut self, _world: &World) -> Option<Request> {
        None
    }

    /// Looks at what changed, after the world took it in.
    fn observe(&mut self, _world: &World, _fact: Fact) -> Option<Request> {
        None
    }

    /// Takes what came of an effect that this screen asked for. It may be covered by
    /// others meanwhile, but nothing of the same kind was asked since.
    fn answered(&mut self, _world: &World, _response: Response) -> Option<Request> {
        None
    }

    /// A question on top of it was left.
    fn stay(&mut self) {}

    /// Follows what was decided about its document.
    fn choose(&mut self, _world: &World, _choice: &Choice) -> Option<Request> {
        None
    }

    /// Takes the value of a parameter that was typed.
    fn fill(&mut self, _name: &str, _value: String) {}

    /// Gets ready to be asked and drawn, after whatever changed it or the world.
    fn settle(&mut self, _world: &World) {}

    /// Returns whether a frame drawn at a moment would be another now, though
    /// nothing but time has passed.
    fn outdated(&self, _world: &World, _drawn: Timestamp) -> bool {
        true
    }

    /// Returns what the actions count for: what is marked, or else selected.
    fn subjects(&self, world: &World) -> Vec<Subject>;

    /// Returns what is selected, whatever is marked: what one looks at.
    fn selected(&self, world: &World) -> Vec<Subject> {
        self.subjects(world)
    }

    /// Returns what must be read while this screen is shown.
    fn wants(&self, _world: &World) -> Wants {
        Wants::default()
    }

    /// Shows logs of another stretch of time; returns whether there are any here.
    fn show_from(&mut self, _world: &World, _window: Window) -> bool {
        false
    }

    /// Shows only what matches, while it is being typed.
    fn filter(&mut self, _world: &World, _typed: &str) {}

    /// Finds a text without hiding anything.
    fn search(&mut self, _world: &World, _typed: &str) -> Option<Request> {
        None
    }

    /// Goes along with what is typed to be found, before it is taken.
    fn search_along(&mut self, _typed: &str) {}

    /// Goes back to where that began.
    fn search_no_more(&mut self) {}

    /// Returns the filter in force.
    #[expect(clippy::unnecessary_literal_bound, reason = "others return what they hold")]
    fn filtered(&self) -> &str {
        ""
    }

    /// Returns whether it takes an action; keys it does not take are neither
    /// shown nor silently swallowed.
    fn takes(&self, _action: Action) -> bool {
        true
    }

    /// Names the panes that have no room, in the order in which the next one comes.
    fn hidden(&self, _world: &World) -> Vec<&'static str> {
        Vec::new()
    }

    /// Returns why leaving loses something, if it does.
    fn unsaved(&self) -> Option<String> {
        None
    }

    /// Returns the line and the byte in it where somebody writes.
    fn spot(&self) -> Option<(usize, usize)> {
        None
    }

    /// Goes to where somebody wrote before, once there is a text.
    fn return_to(&mut self, _spot: (usize, usize)) {}

    /// Returns the values that were typed: they are kept where it is left, and offered
    /// where it is opened again.
    fn values(&self) -> BTreeMap<String, String> {
        BTreeMap::new()
    }

    /// Takes values that were typed before.
    fn resume(&mut self, _values: &BTreeMap<String, String>) {}

    /// Saves that, and tells with [`Request::Left`] once it is done or cannot be.
    fn save_to_leave(&mut self) -> Option<Request> {
        None
    }

    /// Does what a command about its file says.
    fn file_command(&mut self, _world: &World, _command: &FileCommand) -> Option<Request> {
        None
    }

    /// Returns what is to be done where that is lost on purpose.
    fn discarded(&self) -> Option<Effect> {
        None
    }

    /// Returns what it shows as plain text, for a file.
    fn dump(&self, look: &DrawContext<'_>) -> String;

    /// Returns what `copy` copies.
    fn copied(&self, world: &World) -> Option<String>;

    fn draw(&self, look: &DrawContext<'_>, area: Rect, buffer: &mut Buffer);
}

/// Lines for what is wrong with the engine; more would hide what one came for.
const BANNER: usize = 4;

/// Returns the lines above a screen that say what is wrong with the engine.
pub fn banner(world: &World, mark: &str) -> Vec<String> {
    let Some(trouble) = world.trouble() else { return Vec::new() };
    let width = usize::from(world.size.0.saturating_sub(2));
    let mut lines = wrapped(&format!("{mark} {trouble}"), width);
    lines.truncate(BANNER);
    lines
}

/// Returns where a screen stands on the terminal.
pub fn body(world: &World) -> Rect {
    let (columns, rows) = world.size;
    // A mark is one cell wide in every theme.
    let banner = u16::try_from(banner(world, "!").len()).unwrap_or(0);
    let setting = &world.setting;
    let above = u16::from(setting.header) + banner;
    let below = 1 + u16::from(setting.hints);
    Rect::new(0, above, columns, rows.saturating_sub(above + below))
}

/// Makes a crumb of a title: its first letter is a small one, names stay as they are, and
/// what leads from crumb to crumb stands in none.
pub fn as_crumb(title: &str) -> String {
    let title = title.replace(" ▸ ", "/");
    let mut letters = title.chars();
    letters.next().map_or_else(String::new, |it| it.to_lowercase().chain(letters).collect())
}

/// Returns whether an action is about panes or rows, and so none for a page.
pub fn of_panes(action: Action) -> bool {
    matches!(action, Action::Zoom | Action::FocusNext | Action::FocusPrev | Action::Filter)
}

/// What a screen needs from outside, beyond services and nodes.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Wants {
    pub tasks: Option<TaskScope>,
    pub logs: Option<Subscription>,
    pub page: Option<Object>,
    pub history: Option<Lookback>,
    /// The variables of a stack.
    pub panel: Option<StackPath>,
}
