//! The cockpit in memory: keys and facts in; the screen, its styles and the
//! effects out. It looks at the demo cluster, whose clock stands still.

mod answers;
mod fixtures;
mod late;

pub use fixtures::{blog, demo_file, shared};

use crate::cockpit::{
    harness::{
        fixtures::setting,
        late::{Desk, Held},
    },
    shots::text,
};
use crossterm::event::{KeyCode, KeyEvent};
use futures_util::StreamExt;
use jiff::Timestamp;
use ratatui::{buffer::Buffer, layout::Rect, style::Modifier};
use skep::{
    domain::{deployment::statistics::Statistics, project::draft::Draft},
    engine::{EngineError, ReadEngine, fake::FakeEngine},
    jobs::{
        JobId, JobReport, News, Verdict,
        gc::Sweep,
        survey::Surveyor,
        watch::{Interest, Link, View},
    },
    tui::{
        document::Document,
        event::{Dispatch, Effect, Event, Notice, Ticket},
        keymap::{Key, Keymap},
        model::{Modal, Model},
        prompt::Prompt,
        theme::Theme,
        update::{update, want},
        view,
        world::World,
    },
};
use std::{collections::BTreeMap, sync::LazyLock, time::Duration};
use tokio::{runtime::Runtime, time};

/// A cockpit that looks at an engine in memory. It answers what the cockpit
/// reads; what would change something is only written down.
pub struct Cockpit {
    pub model: Model,
    pub theme: Theme,
    pub engine: FakeEngine,
    size: (u16, u16),
    /// What the cockpit wanted done, in words.
    wanted: Vec<String>,
    /// What the cockpit wanted done, as it is.
    pub effects: Vec<Effect>,
    files: BTreeMap<String, String>,
    /// What is not saved.
    pub drafts: BTreeMap<Document, Draft>,
    /// What was given up, the newest first.
    pub discarded: BTreeMap<Document, Vec<Draft>>,
    /// What stacks were last deployed from.
    deployed: BTreeMap<String, String>,
    interest: Interest,
    surveyor: Surveyor,
    runtime: Runtime,
    /// Answers wait for the test to let them come.
    holding: bool,
    held: Vec<Held>,
    /// The effects that are not answered here, with their tickets.
    tickets: Vec<(Ticket, Effect)>,
    waste: Option<Sweep>,
    /// How many jobs were started; each has the next number.
    started: u64,
    pub desk: Desk,
}

/// What is told where no stack was deployed with skep.
pub fn nothing_released() -> Event {
    Event::Released(BTreeMap::new(), Statistics::default())
}

/// The demo cluster at noon.
pub fn demo_engine() -> FakeEngine {
    static DEMO: LazyLock<FakeEngine> = LazyLock::new(|| FakeEngine::demo(7, noon()));
    DEMO.copied()
}

/// The moment at which every test looks at its cluster.
pub fn noon() -> Timestamp {
    "2026-05-04T12:00:00Z".parse().unwrap()
}

impl Cockpit {
    /// Opens on the demo cluster, 160 columns and 48 rows.
    pub fn demo() -> Self {
        Self::on(demo_engine())
    }

    /// Opens on a cluster without any service.
    pub fn empty() -> Self {
        Self::on(FakeEngine::new(7, noon()))
    }

    pub fn on(engine: FakeEngine) -> Self {
        let mut cockpit = Self::waiting(engine);
        cockpit.look();
        cockpit.after(Event::Projects(Box::default())).after(nothing_released())
    }

    /// Opens on an engine that has not answered yet.
    pub fn waiting(engine: FakeEngine) -> Self {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_time()
            .start_paused(true)
            .build()
            .unwrap();
        let mut cockpit = Self {
            model: Model::new(World::new(setting(), noon()), Keymap::default(), Vec::new()),
            theme: Theme::no_color(),
            engine,
            size: (160, 48),
            wanted: Vec::new(),
            effects: Vec::new(),
            files: BTreeMap::new(),
            drafts: BTreeMap::new(),
            discarded: BTreeMap::new(),
            deployed: BTreeMap::new(),
            interest: Interest::default(),
            surveyor: Surveyor::default(),
            runtime,
            holding: false,
            held: Vec::new(),
            tickets: Vec::new(),
            waste: None,
            started: 0,
            desk: Desk::default(),
        };
        let mut effects = cockpit.fact(Event::Resized(160, 48));
        effects.extend(want(&mut cockpit.model));
        cockpit.perform(effects.into());
        cockpit
    }

    pub fn at(mut self, columns: u16, rows: u16) -> Self {
        self.size = (columns, rows);
        self.event(Event::Resized(columns, rows));
        self
    }

    pub fn read_only(mut self) -> Self {
        self.model.world.setting.read_only = true;
        self
    }

    /// Changes ask for the name of what they touch.
    pub fn in_production(mut self) -> Self {
        self.model.world.setting.production = true;
        self
    }

    pub fn with_theme(mut self, theme: Theme) -> Self {
        self.theme = theme;
        self
    }

    /// Remaps keys, as the configuration does.
    pub fn with_keys(mut self, changes: &[(&str, &[&str])]) -> Self {
        let texts = |it: &[&str]| it.iter().map(ToString::to_string).collect();
        let changes = changes.iter().map(|(name, keys)| ((*name).to_owned(), texts(keys)));
        self.model.keymap = Keymap::remapped(&changes.collect()).unwrap();
        self
    }

    /// Puts a file where the editor finds it.
    pub fn with_file(mut self, path: &str, text: &str) -> Self {
        self.files.insert(path.to_owned(), text.to_owned());
        self
    }

    /// Remembers what a stack was last deployed from.
    pub fn with_release(mut self, stack: &str, text: &str) -> Self {
        self.deployed.insert(stack.to_owned(), text.to_owned());
        self
    }

    /// Somebody else writes a file, and the cockpit has time to notice.
    pub fn written(self, path: &str, text: &str) -> Self {
        let second = Duration::from_secs(1);
        self.with_file(path, text).unheard(second).unheard(second)
    }

    /// Somebody else removes a file, and the cockpit has time to notice.
    pub fn removed(mut self, path: &str) -> Self {
        self.files.remove(path);
        let second = Duration::from_secs(1);
        self.unheard(second).unheard(second)
    }

    /// Presses keys, as `j ctrl-r shift-tab`.
    pub fn press(mut self, keys: &str) -> Self {
        for key in keys.split_whitespace() {
            let key: Key = key.parse().unwrap();
            self.event(Event::Key(KeyEvent::new(key.code, key.modifiers)));
        }
        self
    }

    /// Types a text, letter by letter.
    pub fn enter(mut self, text: &str) -> Self {
        for letter in text.chars() {
            let code = KeyCode::Char(letter);
            self.event(Event::Key(code.into()));
        }
        self
    }

    /// Types a command and accepts it.
    pub fn command(self, text: &str) -> Self {
        self.press(":").enter(text).press("enter")
    }

    pub fn paste(mut self, text: &str) -> Self {
        self.event(Event::Paste(text.to_owned()));
        self
    }

    /// Lets a fact reach the cockpit.
    pub fn event(&mut self, event: Event) {
        let effects = self.fact(event);
        self.perform(effects.into());
    }

    /// The same, for a chain of calls.
    pub fn after(mut self, event: Event) -> Self {
        self.event(event);
        self
    }

    /// A job reports.
    pub fn report(self, job: u64, news: News) -> Self {
        self.after(Event::Report(JobReport { job: JobId(job), news }))
    }

    /// A job that runs.
    pub fn running(self, job: u64, title: &str, doing: &str) -> Self {
        self.report(job, News::Started { title: title.to_owned(), steps: 2 })
            .report(job, News::Step { done: 1, doing: doing.to_owned() })
    }

    /// A job that is over.
    pub fn over(self, job: u64, title: &str, verdict: Verdict) -> Self {
        self.report(job, News::Started { title: title.to_owned(), steps: 2 })
            .report(job, News::Finished(verdict))
    }

    /// Lets time pass, in the cluster and in the cockpit, and looks again.
    pub fn later(mut self, passed: Duration) -> Self {
        self.pass(passed);
        self.look();
        self
    }

    /// Lets time pass without any news of the cluster.
    pub fn unheard(mut self, passed: Duration) -> Self {
        self.pass(passed);
        self
    }

    /// The engine is lost for a while.
    pub fn lost(mut self, why: EngineError, since: Duration, attempts: u32) -> Self {
        let link = Link::Lost { since: self.model.world.now, why, attempts };
        self.event(Event::View(Box::new(View { link, ..self.model.world.view.clone() })));
        self.unheard(since)
    }

    /// What happened in the cluster so far reaches the cockpit.
    pub fn hearing_events(mut self) -> Self {
        let mut events = self.engine.events(Some(noon()));
        let heard = self.runtime.block_on(async {
            let mut heard = Vec::new();
            while let Ok(Some(Ok(it))) =
                time::timeout(Duration::from_millis(1), events.next()).await
            {
                heard.push(it);
            }
            heard
        });
        for it in heard {
            self.event(Event::Happened(it));
        }
        self
    }

    /// Changes the cluster behind the back of the cockpit.
    pub fn with_view(mut self, change: impl FnOnce(&mut View)) -> Self {
        let mut view = self.model.world.view.clone();
        change(&mut view);
        self.event(Event::View(Box::new(view)));
        self
    }

    /// Asks the cluster something, in the time of the cockpit.
    pub fn ask<T>(&self, question: impl Future<Output = T>) -> T {
        self.runtime.block_on(question)
    }

    /// Returns the effects so far, in words, and forgets them.
    pub fn wanted(&mut self) -> Vec<String> {
        self.effects.clear();
        std::mem::take(&mut self.wanted)
    }

    pub fn buffer(&self) -> Buffer {
        let mut buffer = Buffer::empty(Rect::new(0, 0, self.size.0, self.size.1));
        let area = buffer.area;
        view::draw(&self.model, &self.theme, area, &mut buffer);
        buffer
    }

    /// Returns what is on the screen.
    pub fn screen(&self) -> String {
        text(&self.buffer())
    }

    /// Returns the line that holds a text.
    #[track_caller]
    pub fn line(&self, holding: &str) -> String {
        let screen = self.screen();
        let found = screen.lines().find(|it| it.contains(holding));
        found.unwrap_or_else(|| panic!("no {holding:?} in\n{screen}")).to_owned()
    }

    #[track_caller]
    pub fn shows(self, text: &str) -> Self {
        let screen = self.screen();
        assert!(screen.contains(text), "no {text:?} in\n{screen}");
        self
    }

    #[track_caller]
    pub fn hides(self, text: &str) -> Self {
        let screen = self.screen();
        assert!(!screen.contains(text), "{text:?} in\n{screen}");
        self
    }

    /// Returns the rows that are drawn reversed: cursors and selections.
    pub fn reversed(&self) -> Vec<String> {
        let buffer = self.buffer();
        let rows = (0..buffer.area.height).map(|y| {
            let row = (0..buffer.area.width).filter_map(|x| buffer.cell((x, y)));
            let row = row.filter(|it| it.modifier.contains(Modifier::REVERSED));
            row.map(ratatui::buffer::Cell::symbol).collect::<String>().trim().to_owned()
        });
        rows.filter(|it| !it.is_empty()).collect()
    }

    /// Returns the footer, where the keys are, or why a line is not taken.
    pub fn footer(&self) -> String {
        match &self.model.modal {
            Some(Modal::Prompt(Prompt { refused: Some(why), .. })) => self.beginning_with(why, 0),
            _ => self.screen().lines().last().unwrap_or_default().to_owned(),
        }
    }

    /// Returns the lines from that text on to a row counted from below.
    fn beginning_with(&self, text: &str, row: usize) -> String {
        let (screen, begin): (_, String) = (self.screen(), text.chars().take(20).collect());
        let lines: Vec<&str> = screen.lines().rev().skip(row).take(4).collect();
        let first = lines.iter().position(|it| it.contains(&begin)).unwrap_or_default();
        let lines = lines.iter().take(first + 1).rev().map(|it| it.trim());
        lines.collect::<Vec<_>>().join(" ")
    }

    /// Returns the line above it, for messages and prompts.
    pub fn message(&self) -> String {
        // Why a line is not taken stands below it.
        let text = match (&self.model.modal, &self.model.world.notice) {
            (Some(Modal::Prompt(it)), _) if it.refused.is_some() => return self.footer(),
            (Some(Modal::Prompt(_)), _) | (_, None) => "",
            (_, Some((_, Notice::Done(text) | Notice::Problem(text)))) => text,
            (_, Some((_, Notice::Hint(text) | Notice::Refused(text)))) => text,
        };
        self.beginning_with(text, 1)
    }

    /// Returns what is typed in the prompt.
    #[track_caller]
    pub fn typed(&self) -> &str {
        match &self.model.modal {
            Some(Modal::Prompt(prompt)) => prompt.input.text(),
            other => panic!("no prompt: {other:?}"),
        }
    }

    fn fact(&mut self, event: Event) -> Vec<Dispatch> {
        update(&mut self.model, event)
    }

    fn pass(&mut self, passed: Duration) {
        self.runtime.block_on(time::advance(passed));
        let now = self.model.world.now + passed;
        self.event(Event::Clock(now));
    }

    /// Returns the text of a file that was saved.
    pub fn file(&self, path: &str) -> &str {
        &self.files[path]
    }
}
