//! The page of a job: while it runs, how far it is; then how it ended.

mod card;
mod lanes;
mod side;

use crate::{
    domain::{
        deployment::deploy::{Board, DeployStep, StepState},
        text::age::exact,
    },
    jobs::{JobId, Verdict},
    tui::{
        event::{Destination, Fact, Request, Subject},
        keymap::{Action, Context},
        screens::{Screen, as_crumb, body, of_panes},
        theme::Theme,
        widgets::{
            DrawContext, frame,
            text_page::{TextPage, Tone, Toned, flowing},
        },
        world::{Job, World},
    },
};
use jiff::Timestamp;
use ratatui::{
    buffer::Buffer,
    layout::{Constraint, Layout, Rect},
};

/// One job, and where its page stands.
#[derive(Debug)]
pub struct JobPage {
    id: JobId,
    text: TextPage,
}

/// From this size on, what happened stands beside how far it is.
const BESIDE: (u16, u16) = (120, 20);

impl JobPage {
    pub fn new(id: JobId, world: &World) -> Self {
        let mut page = Self { id, text: TextPage::default() };
        page.refresh(world);
        page
    }

    fn refresh(&mut self, world: &World) {
        let theme = Theme::no_color();
        let look = DrawContext { world, theme: &theme };
        let [main, side] = self.areas(world, body(world));
        self.text.set(self.lines(&look, main, side.is_empty()));
    }

    /// Returns the room for the page, and that beside it where there is any, and
    /// something to stand there.
    fn areas(&self, world: &World, area: Rect) -> [Rect; 2] {
        let tells = |it: &Job| it.board.is_some() || !it.notes.is_empty();
        let fits = area.width >= BESIDE.0 && area.height >= BESIDE.1;
        if !fits || !world.job(self.id).is_some_and(tells) {
            return [area, Rect::ZERO];
        }
        Layout::horizontal([Constraint::Fill(3), Constraint::Fill(2)]).areas(area)
    }

    /// Returns all that the page says, or only what does not stand beside it.
    fn lines(&self, look: &DrawContext<'_>, area: Rect, all: bool) -> Vec<Toned> {
        let Some(job) = look.world.job(self.id) else {
            return vec![vec![(Tone::Muted, "there is no such job".to_owned())]];
        };
        // The border takes three columns.
        let width = usize::from(area.width.saturating_sub(3));
        let mut lines = head(job, look, width);
        if let Some(board) = &job.board {
            lines.push(Vec::new());
            lines.extend(lanes::lines(board, job, look, width));
        }
        if all {
            for (title, tail) in side::tails(job, width) {
                lines.extend(titled(&title, tail));
            }
            // There is no room to show the end of them.
            let newest_first = side::events(job, look.world, width).into_iter().rev().flatten();
            lines.extend(titled("Events, newest first", newest_first.collect()));
        }
        lines
    }
}

impl Screen for JobPage {
    fn place(&self) -> Destination {
        Destination::Job(self.id)
    }

    fn crumb(&self, world: &World) -> String {
        as_crumb(&title(self.id, world))
    }

    fn context(&self) -> Context {
        Context::Page
    }

    fn update(&mut self, world: &World, action: Action) -> Option<Request> {
        let room = body(world);
        if self.text.update(action, (room.width, room.height.saturating_sub(2))) {
            return None;
        }
        match action {
            Action::Back if !self.text.sought().is_empty() => {
                self.text.search("");
                None
            }
            Action::Back => Some(Request::Back),
            _ => None,
        }
    }

    fn observe(&mut self, world: &World, fact: Fact) -> Option<Request> {
        if matches!(fact, Fact::View | Fact::Report | Fact::Clock | Fact::Resized) {
            self.refresh(world);
        }
        None
    }

    /// Only a job that runs tells the time.
    fn outdated(&self, world: &World, _drawn: Timestamp) -> bool {
        world.job(self.id).is_some_and(|it| it.verdict.is_none())
    }

    fn subjects(&self, _world: &World) -> Vec<Subject> {
        vec![Subject::Job(self.id)]
    }

    fn search(&mut self, _world: &World, typed: &str) -> Option<Request> {
        self.text.search(typed);
        None
    }

    fn filtered(&self) -> &str {
        self.text.sought()
    }

    fn takes(&self, action: Action) -> bool {
        !of_panes(action)
            && !matches!(
                action,
                Action::Deploy
                    | Action::Discard
                    | Action::RerunJobs
                    | Action::Fold
                    | Action::FoldAll
                    | Action::RollBack
            )
    }

    fn dump(&self, look: &DrawContext<'_>) -> String {
        let whole = TextPage::default().showing(self.lines(look, body(look.world), true));
        whole.text()
    }

    fn copied(&self, world: &World) -> Option<String> {
        let theme = Theme::no_color();
        Some(self.dump(&DrawContext { world, theme: &theme }))
    }

    fn draw(&self, look: &DrawContext<'_>, area: Rect, buffer: &mut Buffer) {
        let [main, side] = self.areas(look.world, area);
        let title = format!("{}{}", title(self.id, look.world), self.text.status());
        let inside = frame::pane(&title, true, look.theme, main, buffer);
        let inside = Rect { x: inside.x + 1, width: inside.width.saturating_sub(1), ..inside };
        let text = self.text.showing(self.lines(look, main, side.is_empty()));
        text.draw(look, inside, buffer);
        if let Some(job) = look.world.job(self.id).filter(|_| !side.is_empty()) {
            side::draw(job, look, side, buffer);
        }
    }
}

fn title(id: JobId, world: &World) -> String {
    format!("Job · {}", world.job(id).map_or("?", |it| it.title.as_str()))
}

/// How it goes or ended, and its steps.
fn head(job: &Job, look: &DrawContext<'_>, width: usize) -> Vec<Toned> {
    let mut lines = match &job.verdict {
        Some(verdict) => card::lines(job, verdict, look, width),
        None => running(job, look, width),
    };
    lines.push(Vec::new());
    match &job.board {
        Some(board) => lines.extend(steps(board, job, look.theme, width)),
        None => lines.push(share(job, look.theme, width)),
    }
    lines
}

fn running(job: &Job, look: &DrawContext<'_>, width: usize) -> Vec<Toned> {
    let time = exact(job.started, look.world.now);
    let back = job.board.as_ref().and_then(|it| it.back.as_ref());
    let (tone, word) = match back {
        Some(_) => (Tone::Warn, "rolling back"),
        None if job.is_paused() => (Tone::Warn, "paused"),
        None => (Tone::Title, "running"),
    };
    let mut lines =
        vec![vec![(tone, format!("  {word}")), (Tone::Text, format!(", begun {time} ago"))]];
    if let Some(back) = back {
        lines.extend(card::row("why", &back.because, Tone::Danger, width));
        let what = "everything it changed is being rolled back; this cannot be paused or cancelled";
        lines.extend(card::row("now", what, Tone::Text, width));
    } else if job.is_paused() {
        let what = "nothing more is changed; the engine continues what was sent, skep watches it, and its time limits count";
        lines.extend(card::row("now", what, Tone::Text, width));
    } else if !job.doing.is_empty() {
        lines.extend(card::row("now", &job.doing, Tone::Text, width));
    }
    lines
}

fn steps(board: &Board, job: &Job, theme: &Theme, width: usize) -> Vec<Toned> {
    let failed = job.verdict.as_ref().is_some_and(|it| !it.succeeded());
    let step = |it: &DeployStep| {
        let state = match it.state {
            // It was refused before there was a deployment.
            StepState::Now if failed => StepState::Failed,
            state => state,
        };
        let (tone, glyph) = match state {
            StepState::Done => (Tone::Text, theme.glyphs.good),
            StepState::Now => (Tone::Warn, theme.glyphs.moving),
            StepState::Failed => (Tone::Danger, theme.glyphs.bad),
            StepState::ToCome | StepState::Skipped => (Tone::Muted, theme.glyphs.none),
        };
        vec![(tone, format!("{glyph} {}", it.phase.words()))]
    };
    flowing(board.steps.iter().map(step), 2, 2, width)
}

/// The bar of a job that is not a deployment: its steps are all there is.
fn share(job: &Job, theme: &Theme, width: usize) -> Toned {
    let done = if job.verdict.as_ref().is_some_and(Verdict::succeeded) {
        job.steps
    } else {
        job.done.min(job.steps)
    };
    let cells = width.saturating_sub(16).clamp(8, 40);
    let full = (cells * done).checked_div(job.steps).unwrap_or(0);
    vec![
        (Tone::Key, format!("  {}", theme.glyphs.bar_full.repeat(full))),
        (Tone::Muted, theme.glyphs.bar_empty.repeat(cells - full)),
        (Tone::Text, format!("  {done}/{}", job.steps)),
    ]
}

fn titled(title: &str, lines: Vec<Toned>) -> Vec<Toned> {
    if lines.is_empty() {
        return Vec::new();
    }
    let head = [Vec::new(), vec![(Tone::Title, title.to_owned())]];
    head.into_iter().chain(lines).collect()
}
