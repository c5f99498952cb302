//! The log widget: lines with time, origin and text; paused or following.

use crate::{
    domain::{
        logs::{
            Colour, Direction, Effects, LogRow, LogView, Piece, RowKind, Search, Size, Times,
            Window, colour,
        },
        text::filter::Filter,
    },
    tui::{
        keymap::Action,
        theme::Theme,
        widgets::{DrawContext, frame},
        world::World,
    },
};
use jiff::Timestamp;
use ratatui::{
    buffer::Buffer,
    layout::Rect,
    style::{Color, Modifier, Style},
};

/// How the followed log is looked at.
#[derive(Debug)]
pub struct LogPane {
    view: LogView,
    /// Whether colours that a container wrote are kept.
    colours: bool,
    /// Where to stand once the lines of that moment have come.
    anchor: Option<Timestamp>,
}

/// Entries looked at per event; a page at the end is right long before.
const CATCH_UP: usize = 20_000;

impl LogPane {
    pub fn new(world: &World) -> Self {
        let logs = &world.setting.logs;
        let mut view = LogView::default();
        view.set_times(logs.timestamps.then(|| times(world)));
        view.set_wrap(logs.wrap);
        view.show_sources(true);
        Self { view, colours: logs.colours, anchor: None }
    }

    /// Looks at what came since the last time.
    pub fn settle(&mut self, world: &World) {
        self.view.catch_up(&world.feed.buffer, CATCH_UP);
        let feed = &world.feed;
        if feed.started
            && let Some(at) = self.anchor
            && (self.view.go_to(at, &feed.buffer) || feed.read.is_some())
        {
            self.anchor = None;
        }
    }

    /// Stands at the first line after a moment as soon as it has come: other lines are
    /// being read.
    pub fn stay_at(&mut self, at: Timestamp) {
        self.anchor = Some(at);
    }

    /// Follows what comes: other lines are being read.
    pub fn start_over(&mut self) {
        self.anchor = None;
        self.view.follow();
    }

    /// Returns whether nothing is above the page.
    pub fn is_at_start(&self, world: &World, size: Size) -> bool {
        self.view.is_at_start(&world.feed.buffer, size)
    }

    pub fn is_at_end(&self) -> bool {
        self.view.is_following()
    }

    /// Stays where it is, whatever comes.
    pub fn pause(&mut self, world: &World, size: Size) {
        self.view.pause(&world.feed.buffer, size);
    }

    pub fn set_filter(&mut self, world: &World, typed: &str) {
        self.view.set_filter(Filter::parse(typed), &world.feed.buffer);
        self.settle(world);
    }

    pub fn filter(&self) -> &Filter {
        self.view.filter()
    }

    /// Looks for a text without hiding lines, upwards from the page.
    pub fn search(&mut self, world: &World, size: Size, typed: &str) {
        self.view.set_search(Filter::parse(typed), &world.feed.buffer);
        while !self.view.catch_up(&world.feed.buffer, CATCH_UP) {}
        self.view.find(Direction::Backward, &world.feed.buffer, size);
    }

    /// Takes away what hides lines; returns whether anything did.
    pub fn clear(&mut self, world: &World) -> bool {
        if self.view.filter().is_empty() && self.view.search().is_empty() {
            return false;
        }
        self.view.set_search(Filter::default(), &world.feed.buffer);
        self.set_filter(world, "");
        true
    }

    /// Takes an action; returns whether it was one for logs.
    pub fn update(&mut self, world: &World, size: Size, action: Action) -> bool {
        let buffer = &world.feed.buffer;
        let page = isize::try_from(size.height).unwrap_or(1).max(1);
        match action {
            Action::SelectNext => self.view.scroll(1, buffer, size),
            Action::SelectPrev => self.view.scroll(-1, buffer, size),
            Action::PageDown => self.view.scroll(page, buffer, size),
            Action::PageUp => self.view.scroll(-page, buffer, size),
            Action::First => self.view.to_start(buffer, size),
            Action::Last => self.view.follow(),
            Action::Left => self.view.shift(-8),
            Action::Right => self.view.shift(8),
            Action::Wrap => self.view.set_wrap(!self.view.wraps()),
            Action::Timestamps => {
                let shown = self.view.times().is_some();
                self.view.set_times((!shown).then(|| times(world)));
            }
            Action::Colors => self.colours = !self.colours,
            Action::Follow if self.view.is_following() => self.view.pause(buffer, size),
            Action::Follow => self.view.follow(),
            Action::NextMatch => return self.find(Direction::Forward, world, size),
            Action::PrevMatch => return self.find(Direction::Backward, world, size),
            _ => return false,
        }
        self.settle(world);
        true
    }

    /// Returns the lines that pass, as text.
    pub fn dump(&self, world: &World) -> String {
        self.view.plain_lines(&world.feed.buffer).map(|it| it + "\n").collect()
    }

    pub fn draw(
        &self,
        title: &str,
        look: &DrawContext<'_>,
        focused: bool,
        area: Rect,
        buffer: &mut Buffer,
    ) {
        let size = within(area);
        let title = match &look.world.feed.subscription {
            Some(_) => format!("{title} · {}", self.state(look.world, size)),
            None => title.to_owned(),
        };
        let inside = frame::pane(&title, focused, look.theme, area, buffer);
        let rows = self.view.visible(&look.world.feed.buffer, size);
        if rows.is_empty() {
            let text = self.empty(look.world);
            buffer.set_stringn(
                inside.x + 1,
                inside.y,
                text,
                size.width.saturating_sub(2),
                look.theme.muted,
            );
        }
        for (y, row) in (inside.y..).zip(rows) {
            let place = Rect::new(inside.x, y, inside.width, 1);
            draw_row(&row, self.colours, look.theme, place, buffer);
        }
    }

    /// Returns the line that was found, or the topmost one where it does not follow.
    pub fn pointed(&self, world: &World, size: Size) -> Option<String> {
        self.view.pointed(&world.feed.buffer, size)
    }

    fn find(&mut self, direction: Direction, world: &World, size: Size) -> bool {
        let found = self.view.find(direction, &world.feed.buffer, size);
        !matches!(found, Search::Nothing)
    }

    /// Says in a few words where one is in the log.
    fn state(&self, world: &World, size: Size) -> String {
        let status = self.view.status(&world.feed.buffer, size);
        let mode = match (self.view.is_following(), world.feed.read) {
            (true, Some(true)) => "more with shift-g",
            (true, _) => "following",
            (false, _) => "paused",
        };
        let mut text = format!("{mode} · {} lines", status.held);
        if !self.view.filter().is_empty() {
            let more = if status.complete { "" } else { "+" };
            let typed = self.view.filter().typed();
            text.push_str(&format!(" · {}{more} match /{typed}", status.matching));
        }
        if !self.view.search().is_empty() {
            let at = status.hit.unwrap_or(0);
            text.push_str(&format!(" · {at}/{} {}", status.hits, self.view.search().typed()));
        }
        format!("{text} · {}", range(world))
    }

    fn empty(&self, world: &World) -> String {
        if world.feed.subscription.as_ref().is_some_and(|it| world.never_started(&it.of)) {
            return "its tasks never started, so there are no lines; `d` says why".to_owned();
        }
        let text = match (&world.feed.subscription, world.feed.started) {
            (None, _) if world.view.read_at.is_none() => "waiting for the engine",
            (None, _) => "select a service, a task or a stack to follow its logs",
            (Some(_), false) => "no lines yet",
            (Some(_), true) if self.view.filter().is_empty() => {
                "no lines so far: what containers write to stdout and stderr appears here"
            }
            (Some(subscription), true) => {
                let further = match subscription.window {
                    Window::All => "",
                    Window::Head | Window::From(_) => "shift-g reads more lines; ",
                    Window::Back(60..) => "9 shows all; ",
                    Window::Tail | Window::Back(_) => "6 shows the last hour, 9 all; ",
                };
                let range = range(world);
                let range = match subscription.window {
                    Window::Head | Window::From(_) => format!("no line matches so far, {range}"),
                    _ => format!("nothing matches in {range}"),
                };
                return format!("{range}; {further}esc shows all lines again");
            }
        };
        text.to_owned()
    }
}

/// Says what the lines that are held are.
fn range(world: &World) -> String {
    let Some(subscription) = &world.feed.subscription else { return String::new() };
    let range = subscription.window.describe(subscription.tail, &world.setting.zone);
    let held = world.feed.buffer.len();
    if held >= world.setting.logs.lines {
        return match subscription.window {
            Window::Head | Window::From(_) => format!("the newest {held} lines {range}"),
            _ => format!("the newest {held} of {range}"),
        };
    }
    range
}

/// Returns the room for lines in a pane that stands in `area`.
pub fn within(area: Rect) -> Size {
    let inside = |length: u16| usize::from(length.saturating_sub(2));
    Size { width: inside(area.width), height: inside(area.height) }
}

fn times(world: &World) -> Times {
    Times { zone: world.setting.zone.clone(), date: false, millis: true }
}

fn draw_row(row: &LogRow, colours: bool, theme: &Theme, place: Rect, buffer: &mut Buffer) {
    let mut x = place.x;
    let end = place.right();
    let mut put = |text: &str, style: Style| {
        let room = usize::from(end.saturating_sub(x));
        (x, _) = buffer.set_stringn(x, place.y, text, room, style);
    };
    if !row.time.is_empty() {
        put(&row.time, theme.muted);
        put(" ", theme.muted);
    }
    let origin = match &row.kind {
        RowKind::Line { label, .. } => theme.origin(colour(label, theme.origins.len())),
        RowKind::Continued { .. } | RowKind::Mark => theme.muted,
    };
    if !row.source.is_empty() {
        put(&row.source, origin);
        put(" ", theme.muted);
        put(theme.glyphs.separator, theme.muted);
        put(" ", theme.muted);
    }
    let base = if row.kind == RowKind::Mark { theme.warn } else { theme.text };
    for piece in &row.text {
        put(&piece.text, piece_style(piece, base, colours, theme));
    }
    if row.found {
        buffer.set_style(place, Style::new().add_modifier(Modifier::BOLD));
    }
}

fn piece_style(piece: &Piece, base: Style, colours: bool, theme: &Theme) -> Style {
    if piece.hit {
        return theme.found;
    }
    if !colours || theme.origins.len() == 1 {
        return base;
    }
    let mut style = base;
    if let Some(colour) = piece.look.foreground {
        style = style.fg(color(colour));
    }
    if let Some(colour) = piece.look.background {
        style = style.bg(color(colour));
    }
    let modifiers = [
        (Effects::BOLD, Modifier::BOLD),
        (Effects::DIM, Modifier::DIM),
        (Effects::ITALIC, Modifier::ITALIC),
        (Effects::UNDERLINED, Modifier::UNDERLINED),
        (Effects::REVERSED, Modifier::REVERSED),
    ];
    for (effect, modifier) in modifiers {
        if piece.look.effects.has(effect) {
            style = style.add_modifier(modifier);
        }
    }
    style
}

fn color(colour: Colour) -> Color {
    match colour {
        Colour::Index(index) => Color::Indexed(index),
        Colour::Rgb(red, green, blue) => Color::Rgb(red, green, blue),
    }
}
