//! The terminal: raw mode, restored in every case, and written to only where something changed.

mod outlet;
mod unhurried;

pub use outlet::Spool;
pub use unhurried::{Unhurried, remarks, words};

use crate::tui::terminal::outlet::Outlet;
use crossterm::{
    cursor,
    event::{DisableBracketedPaste, DisableMouseCapture, EnableBracketedPaste, EnableMouseCapture},
    execute,
    terminal::{EnterAlternateScreen, LeaveAlternateScreen, disable_raw_mode, enable_raw_mode},
};
use ratatui::{
    Frame, Terminal,
    backend::{Backend, ClearType, CrosstermBackend, WindowSize},
    buffer::Cell,
    layout::{Position, Size},
};
use rustix::{
    io::Errno,
    stdio::{dup2_stderr, dup2_stdin, dup2_stdout},
    termios::{OptionalActions, Termios, tcgetattr, tcsetattr},
};
use std::{
    cell,
    fs::{File, OpenOptions},
    io,
    os::fd::AsFd,
    panic,
    sync::{
        OnceLock,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

/// The terminal as the cockpit draws on it.
pub struct Screen {
    drawn: Terminal<Frugal<CrosstermBackend<Spool>>>,
    spool: Spool,
    outlet: Outlet,
}

/// Whether the terminal is ours at the moment; a panic may come at any time.
static TAKEN: AtomicBool = AtomicBool::new(false);

/// The terminal, to be written without waiting.
static TERMINAL: OnceLock<File> = OnceLock::new();

/// How long a terminal may take for its last words. One that takes none keeps nobody from
/// ending.
const LAST_WORDS: Duration = Duration::from_millis(200);

/// Columns and rows of a terminal that never said how many it has.
const UNKNOWN: (u16, u16) = (80, 24);

/// Takes the terminal over.
pub fn enter(mouse: bool) -> io::Result<Screen> {
    // What was half taken is given back.
    Screen::take(mouse).inspect_err(|_| leave())
}

/// Gives it back; does nothing where it is not ours.
pub fn leave() {
    if !TAKEN.swap(false, Ordering::SeqCst) {
        return;
    }
    let mut words = Vec::new();
    let written = execute!(
        words,
        DisableMouseCapture,
        DisableBracketedPaste,
        LeaveAlternateScreen,
        cursor::Show
    );
    // The terminal may be gone (a lost SSH session); there is nobody to tell.
    if let (Ok(()), Some(terminal)) = (written, TERMINAL.get()) {
        let _ = outlet::write_within(terminal, &words, LAST_WORDS);
    }
    let _ = disable_raw_mode();
}

/// Puts nothing in the place of each stream whose terminal is gone: libraries panic where
/// they cannot print, and what runs must not end with a window.
pub fn let_go() {
    let gone = |stream: &dyn AsFd| tcgetattr(stream.as_fd()).err() == Some(Errno::IO);
    let Ok(nothing) = OpenOptions::new().read(true).write(true).open("/dev/null") else { return };
    // What cannot be replaced stays, as it was before.
    if gone(&io::stdin()) {
        let _ = dup2_stdin(&nothing);
    }
    if gone(&io::stdout()) {
        let _ = dup2_stdout(&nothing);
    }
    if gone(&io::stderr()) {
        let _ = dup2_stderr(&nothing);
    }
}

/// Returns how the terminal treats what is typed.
pub fn modes() -> Option<Termios> {
    TERMINAL.get().and_then(|it| tcgetattr(it).ok())
}

/// Has it treat that so again, whatever another program left.
pub fn set_modes(modes: Option<Termios>) {
    if let (Some(modes), Some(terminal)) = (modes, TERMINAL.get()) {
        // One that is gone takes none.
        let _ = tcsetattr(terminal, OptionalActions::Now, &modes);
    }
}

/// Returns columns and rows, also while it is not ours.
pub fn size() -> (u16, u16) {
    crossterm::terminal::size().unwrap_or(UNKNOWN)
}

/// Has every panic give the terminal back before it is told.
pub fn restore_on_panic() {
    let before = panic::take_hook();
    panic::set_hook(Box::new(move |info| {
        leave();
        before(info);
    }));
}

impl Screen {
    fn take(mouse: bool) -> io::Result<Self> {
        let terminal = if let Some(terminal) = TERMINAL.get() {
            terminal
        } else {
            let opened = outlet::open()?;
            TERMINAL.get_or_init(|| opened)
        };
        let spool = Spool::default();
        let outlet = Outlet::new(terminal.try_clone()?, spool.clone())?;
        let drawn = take_over(mouse, &spool)?;
        Ok(Self { drawn, spool, outlet })
    }

    /// Takes it over again, for a full redraw, after another program had it.
    pub fn enter_again(&mut self, mouse: bool) -> io::Result<()> {
        self.drawn = take_over(mouse, &self.spool).inspect_err(|_| leave())?;
        // The one before shows the cursor as it goes.
        execute!(self.spool, cursor::Hide)
    }

    /// Gives the terminal back, after what was drawn last where it takes that.
    pub fn leave(&self) {
        if let Some(terminal) = TERMINAL.get() {
            // One that is gone is left all the same.
            let _ = self.spool.empty_into(terminal, LAST_WORDS);
        }
        leave();
    }

    /// Returns whether the terminal has taken all that was drawn.
    pub fn is_idle(&self) -> bool {
        self.spool.is_empty()
    }

    /// Draws; what the terminal does not take now waits.
    pub fn draw(&mut self, draw: impl FnOnce(&mut Frame<'_>)) -> io::Result<()> {
        self.drawn.draw(draw)?;
        self.outlet.push()
    }

    /// Waits until the terminal has taken all that was drawn.
    pub async fn send(&self) -> io::Result<()> {
        self.outlet.send().await
    }

    /// Returns where other words for the terminal wait, behind what was drawn.
    pub fn spool(&self) -> Spool {
        self.spool.clone()
    }
}

fn take_over(mouse: bool, spool: &Spool) -> io::Result<Terminal<Frugal<CrosstermBackend<Spool>>>> {
    enable_raw_mode()?;
    TAKEN.store(true, Ordering::SeqCst);
    let mut out = spool.clone();
    out.clear();
    execute!(out, EnterAlternateScreen, EnableBracketedPaste, cursor::Hide)?;
    if mouse {
        execute!(out, EnableMouseCapture)?;
    }
    let backend = Frugal::new(CrosstermBackend::new(out), Backend::size);
    let mut screen = Terminal::new(backend)?;
    screen.clear()?;
    Ok(screen)
}

/// A backend that keeps quiet where there is nothing to say: ratatui hides the
/// cursor with every frame, which costs bytes on an idle connection, and asks
/// the terminal where it is before it clears, which costs a round trip, and two
/// seconds and the session where nobody answers. As ratatui drops, it shows the cursor,
/// and prints where that fails, which panics where the terminal is gone.
///
/// A terminal that cannot say how large it is, for once, is as large as before: whether it
/// is gone is seen where it is read and written.
pub struct Frugal<B: Backend> {
    inner: B,
    hidden: bool,
    cursor: Position,
    ask: fn(&B) -> Result<Size, B::Error>,
    known: cell::Cell<Size>,
}

impl<B: Backend> Frugal<B> {
    fn new(inner: B, ask: fn(&B) -> Result<Size, B::Error>) -> Self {
        let known = cell::Cell::new(UNKNOWN.into());
        Self { inner, hidden: true, cursor: Position::ORIGIN, ask, known }
    }
}

impl<B: Backend> Backend for Frugal<B> {
    type Error = B::Error;

    fn draw<'a, I>(&mut self, content: I) -> Result<(), B::Error>
    where
        I: Iterator<Item = (u16, u16, &'a Cell)>,
    {
        let mut content = content.peekable();
        // An empty frame would still reset the colours.
        if content.peek().is_none() { Ok(()) } else { self.inner.draw(content) }
    }

    fn hide_cursor(&mut self) -> Result<(), B::Error> {
        if self.hidden {
            return Ok(());
        }
        self.hidden = true;
        self.inner.hide_cursor()
    }

    fn show_cursor(&mut self) -> Result<(), B::Error> {
        self.hidden = false;
        // Nobody sees a cursor of a terminal that takes nothing.
        let _ = self.inner.show_cursor();
        Ok(())
    }

    fn get_cursor_position(&mut self) -> Result<Position, B::Error> {
        Ok(self.cursor)
    }

    fn set_cursor_position<P: Into<Position>>(&mut self, position: P) -> Result<(), B::Error> {
        self.cursor = position.into();
        self.inner.set_cursor_position(self.cursor)
    }

    fn clear(&mut self) -> Result<(), B::Error> {
        self.inner.clear()
    }

    fn clear_region(&mut self, kind: ClearType) -> Result<(), B::Error> {
        self.inner.clear_region(kind)
    }

    fn size(&self) -> Result<Size, B::Error> {
        if let Ok(size) = (self.ask)(&self.inner) {
            self.known.set(size);
        }
        Ok(self.known.get())
    }

    fn window_size(&mut self) -> Result<WindowSize, B::Error> {
        self.inner.window_size()
    }

    fn flush(&mut self) -> Result<(), B::Error> {
        self.inner.flush()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::{io, sync::atomic::AtomicU16};

    /// Columns that are told next; none where it cannot be told.
    static COLUMNS: AtomicU16 = AtomicU16::new(0);

    fn told(_: &CrosstermBackend<Vec<u8>>) -> io::Result<Size> {
        match COLUMNS.load(Ordering::SeqCst) {
            0 => Err(Errno::INTR.into()),
            columns => Ok(Size::new(columns, 30)),
        }
    }

    #[test]
    fn a_size_that_cannot_be_told_for_once_is_the_one_before() {
        let backend = Frugal::new(CrosstermBackend::new(Vec::new()), told);
        let mut terminal = Terminal::new(backend).unwrap();
        let mut drawn = |columns| {
            COLUMNS.store(columns, Ordering::SeqCst);
            let frame = terminal.draw(|_| {}).unwrap();
            (frame.area.width, frame.area.height)
        };
        assert_eq!(drawn(0), UNKNOWN);
        assert_eq!(drawn(120), (120, 30));
        assert_eq!(drawn(0), (120, 30));
        assert_eq!(drawn(90), (90, 30));
    }
}
