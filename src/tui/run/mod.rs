//! The event loop: events in, frames and effects out. The only place of the cockpit with side
//! effects.

mod files;
mod keys;
mod responses;
mod keeper;
mod hand_off;
mod shelf;
mod saver;
mod errands;
mod perform;
mod glance;
mod releases;
mod projects;
mod rest;
#[cfg(test)]
mod tests;

pub use errands::{facts, remarks};
pub use projects::order;
pub use rest::Rest;

use crate::{
    jobs::{
        JobReport, News,
        log_follower::FeedNews,
        masked_engine::MaskedEngine,
        session::Session,
        watch::{self, Link, PollPace, Watched},
    },
    tui::{
        document::{Document, Reply},
        event::{Dispatch, Effect, Event, Notice, Response},
        keymap::Keymap,
        model::Model,
        run::{keys::KeyInput, perform::Performer},
        terminal::{self, Screen},
        theme::Theme,
        update::{update, want},
        view,
        world::{CockpitSettings, World},
    },
};
use futures_util::FutureExt;
use jiff::Timestamp;
use std::{io, sync::Arc, time::Duration};
use tokio::{
    signal::unix::{Signal, SignalKind, signal},
    sync::mpsc,
    time::{self, Instant, Interval, MissedTickBehavior},
};

/// All a cockpit needs to start.
pub struct Start {
    pub session: Session,
    pub setting: CockpitSettings,
    pub keymap: Keymap,
    pub theme: Theme,
    pub pace: PollPace,
    pub mouse: bool,
    /// Commands typed before, oldest first.
    pub history: Vec<String>,
    /// The first view, as a command.
    pub view: Option<String>,
    /// Something to say right away.
    pub notice: Option<String>,
}

/// How a cockpit ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Ending {
    /// Somebody wants it to end: jobs stop in order.
    Quit,
    /// The terminal is gone: jobs go on.
    Gone,
    /// Open the engine of another docker context.
    Switch(String),
}

/// Frames are drawn at most this often while facts pour in; a key is answered
/// at once.
const FRAME: Duration = Duration::from_millis(33);
const CLOCK: Duration = Duration::from_secs(1);
/// Facts taken in before the next frame, so that a flood cannot hide a key.
const AT_ONCE: usize = 64;

/// Runs the cockpit until it is left; returns the jobs that are not over as well.
pub async fn run(start: Start) -> io::Result<(Ending, Rest)> {
    // Half a take-over is given back too.
    let mut screen = terminal::enter(start.mouse).inspect_err(|_| terminal::leave())?;
    // Where its inputs cannot be opened, as under `su`, the terminal is given back.
    let mut cockpit = Cockpit::new(start).inspect_err(|_| screen.leave())?;
    // A terminal that takes nothing is gone, and what runs goes on.
    let ending = cockpit.run(&mut screen).await.unwrap_or(Ending::Gone);
    screen.leave();
    terminal::let_go();
    let jobs = cockpit.performer.into_jobs(ending == Ending::Quit).await;
    Ok((ending, Rest::new(jobs, cockpit.inputs.reports)))
}

struct Cockpit {
    model: Model,
    theme: Theme,
    performer: Performer,
    inputs: Inputs,
    mouse: bool,
    /// The engine has answered.
    greeted: bool,
    /// It ends so, once what is known was taken in.
    ending: Option<Ending>,
}

/// Where facts come from.
struct Inputs {
    keys: KeyInput,
    watched: Watched,
    reports: mpsc::UnboundedReceiver<JobReport>,
    logs: mpsc::Receiver<(u64, FeedNews)>,
    told: mpsc::UnboundedReceiver<Event>,
    clock: Interval,
    /// Those that end the program.
    signals: [Signal; 4],
}

/// What the loop woke up for.
enum Woken {
    Fact(Event),
    Urgent(Event),
    /// A second passed, which seldom changes what is shown.
    Second,
    End(Ending),
}

/// Whether the terminal shows what is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Frame {
    Drawn,
    /// Facts came since: it is drawn in time.
    Due,
    /// Somebody waits for it.
    Urgent,
}

impl Cockpit {
    fn new(start: Start) -> io::Result<Self> {
        let (engine, store) = (start.session.engine.clone(), start.session.store.clone());
        let shown = Arc::new(MaskedEngine::new(engine, store));
        let watched = watch::spawn(Arc::clone(&shown), start.pace);
        let (reports, heard) = mpsc::unbounded_channel();
        let (logs, lines) = mpsc::channel(4);
        let (told, answers) = mpsc::unbounded_channel();
        let world = World::new(start.setting, Timestamp::now());
        let mut clock = time::interval(CLOCK);
        clock.set_missed_tick_behavior(MissedTickBehavior::Skip);
        let signals = [
            signal(SignalKind::terminate())?,
            signal(SignalKind::hangup())?,
            signal(SignalKind::interrupt())?,
            signal(SignalKind::quit())?,
        ];
        let mut model = Model::new(world, start.keymap, start.history);
        model.show(start.view.as_deref());
        if let Some(notice) = start.notice {
            model.world.tell(Notice::Problem(notice));
        }
        let performer =
            Performer::new(start.session, shown, watched.interest.clone(), reports, logs, told);
        let inputs = Inputs {
            keys: KeyInput::open()?,
            watched,
            reports: heard,
            logs: lines,
            told: answers,
            clock,
            signals,
        };
        Ok(Self {
            model,
            theme: start.theme,
            performer,
            inputs,
            mouse: start.mouse,
            greeted: false,
            ending: None,
        })
    }

    async fn run(&mut self, screen: &mut Screen) -> io::Result<Ending> {
        let (columns, rows) = terminal::size();
        let mut effects = update(&mut self.model, Event::Resized(columns, rows));
        effects.extend(want(&mut self.model));
        self.performer.tell_of_drafts();
        let mut drawn = Instant::now();
        let mut frame = Frame::Urgent;
        loop {
            if let Some(ending) = self.perform(effects, screen).await? {
                return Ok(ending);
            }
            // What the other program left is taken in first.
            if self.inputs.told.is_empty()
                && let Some(ending) = self.ending.take()
            {
                return Ok(ending);
            }
            // The terminal is not ours any more.
            frame = if self.ending.is_some() { Frame::Drawn } else { frame };
            let now = frame == Frame::Urgent || frame == Frame::Due && drawn.elapsed() >= FRAME;
            // A terminal that has not taken the last frame gets none.
            if now && screen.is_idle() {
                self.draw(screen)?;
                (drawn, frame) = (Instant::now(), Frame::Drawn);
            }
            if frame == Frame::Drawn && screen.is_idle() {
                self.model.show_asked(Instant::now().into_std());
            }
            let (due, idle) = (frame == Frame::Due, screen.is_idle());
            let woken = tokio::select! {
                woken = self.inputs.next() => woken,
                sent = screen.send(), if !idle => {
                    sent?;
                    effects = Vec::new();
                    continue;
                }
                () = time::sleep_until(drawn + FRAME), if due && idle => {
                    (effects, frame) = (Vec::new(), Frame::Urgent);
                    continue;
                }
            };
            self.model.stroke = self.inputs.keys.stroke();
            let shown;
            (effects, shown) = match woken {
                Woken::End(ending) => return Ok(ending),
                Woken::Urgent(event) => (update(&mut self.model, event), Frame::Urgent),
                Woken::Fact(event) => self.take_in(event),
                Woken::Second => self.tick(),
            };
            frame = frame.max(shown).max(self.drain(&mut effects));
        }
    }

    fn take_in(&mut self, fact: Event) -> (Vec<Dispatch>, Frame) {
        self.follow_up(&fact);
        (update(&mut self.model, fact), Frame::Due)
    }

    /// Lets a second pass; returns what follows, and whether it is to be seen.
    fn tick(&mut self) -> (Vec<Dispatch>, Frame) {
        let drawn = self.model.world.now;
        // The end of a notice is to be seen as well.
        let said = self.model.world.notice.is_some();
        let effects = update(&mut self.model, Event::Clock(Timestamp::now()));
        let seen = said || view::outdated(&self.model, drawn);
        (effects, if seen { Frame::Due } else { Frame::Drawn })
    }

    /// An engine that answers for the first time tells which cluster it is, and so
    /// what is remembered of it; a job that ended may have left a release.
    fn follow_up(&mut self, event: &Event) {
        match event {
            Event::View(view) if !self.greeted && view.link == Link::Up => {
                self.greeted = true;
                self.performer.welcome();
            }
            Event::View(view) if view.link == Link::Up && view.surveyed => {
                self.performer.see(&view.services);
            }
            Event::Report(JobReport { job, news: News::Finished(_) }) => self.performer.ended(*job),
            _ => {}
        }
    }

    /// Takes in what is there already, before a frame is drawn for it; returns how soon
    /// that is to be seen.
    fn drain(&mut self, effects: &mut Vec<Dispatch>) -> Frame {
        let mut frame = Frame::Drawn;
        for _ in 0..AT_ONCE {
            // What is pressed next may be meant for another program.
            if effects.iter().any(leaves) {
                break;
            }
            let Some(event) = self.inputs.ready() else { break };
            let pressed = matches!(event, Event::Key(_) | Event::Rush(_) | Event::Paste(_));
            frame = frame.max(if pressed { Frame::Urgent } else { Frame::Due });
            self.follow_up(&event);
            self.model.stroke = self.inputs.keys.stroke();
            effects.extend(update(&mut self.model, event));
        }
        frame
    }

    fn draw(&self, screen: &mut Screen) -> io::Result<()> {
        screen.draw(|frame| view::draw(&self.model, &self.theme, frame.area(), frame.buffer_mut()))
    }

    async fn perform(
        &mut self,
        effects: Vec<Dispatch>,
        screen: &mut Screen,
    ) -> io::Result<Option<Ending>> {
        for dispatch in effects {
            let ticket = dispatch.ticket;
            match dispatch.effect {
                Effect::Quit => return Ok(Some(Ending::Quit)),
                Effect::Switch(context) => return Ok(Some(Ending::Switch(context))),
                Effect::Suspend => self.suspend(screen)?,
                Effect::HandOff(document, text) => {
                    let edited = self.hand_off(&document, &text, screen).await?;
                    let reply = Response::Document(Reply::HandedBack(edited));
                    self.performer.respond(ticket, reply);
                }
                effect => self.performer.perform(Dispatch { ticket, effect }, screen.spool()),
            }
        }
        Ok(None)
    }

    /// Goes to the background of the shell; comes back with a full redraw.
    fn suspend(&mut self, screen: &mut Screen) -> io::Result<()> {
        screen.leave();
        signal_hook::low_level::emulate_default_handler(signal_hook::consts::SIGTSTP)?;
        screen.enter_again(self.mouse)
    }
}

impl Cockpit {
    /// Gives the terminal to the operator's own editor until that ends. What others
    /// report meanwhile waits.
    async fn hand_off(
        &mut self,
        document: &Document,
        text: &str,
        screen: &mut Screen,
    ) -> io::Result<Result<String, String>> {
        screen.leave();
        let [terminated, hung_up, ..] = &mut self.inputs.signals;
        let ends = async {
            tokio::select! {
                _ = terminated.recv() => Ending::Quit,
                _ = hung_up.recv() => Ending::Gone,
            }
        };
        let modes = terminal::modes();
        let (edited, ending) = hand_off::edit(document, text, ends).await;
        // One that was killed leaves them as it had them.
        terminal::set_modes(modes);
        self.inputs.keys.forget();
        // What was pressed there was not meant for skep.
        for pressed in &mut self.inputs.signals[2..] {
            while pressed.recv().now_or_never().is_some() {}
        }
        match ending {
            Some(ending) => self.ending = Some(ending),
            None => screen.enter_again(self.mouse)?,
        }
        Ok(edited)
    }
}

impl Inputs {
    async fn next(&mut self) -> Woken {
        let [terminated, hung_up, interrupted, quit] = &mut self.signals;
        tokio::select! {
            biased;
            _ = terminated.recv() => Woken::End(Ending::Quit),
            _ = hung_up.recv() => Woken::End(Ending::Gone),
            _ = interrupted.recv() => Woken::End(Ending::Quit),
            _ = quit.recv() => Woken::End(Ending::Quit),
            key = self.keys.next() => match key {
                Some(pressed) => pressed.map_or(Woken::Second, Woken::Urgent),
                // The terminal is gone.
                None => Woken::End(Ending::Gone),
            },
            // Before what may come without end: once in a second is no flood.
            _ = self.clock.tick() => Woken::Second,
            changed = self.watched.views.changed() => match changed {
                Ok(()) => Woken::Fact(Event::View(Box::new(self.watched.views.borrow_and_update().clone()))),
                Err(_) => Woken::End(Ending::Quit),
            },
            Some(report) = self.reports.recv() => Woken::Fact(Event::Report(report)),
            Some(event) = self.told.recv() => Woken::Urgent(event),
            Some(happening) = self.watched.happenings.recv() => Woken::Fact(Event::Happened(happening)),
            Some((feed, news)) = self.logs.recv() => Woken::Fact(Event::Log(feed, news)),
        }
    }

    /// Returns a fact that needs no waiting. Logs are left out: they come in
    /// large batches, and a frame between two of them is no waste.
    fn ready(&mut self) -> Option<Event> {
        // Keys that came while a frame was drawn: whoever holds one down sees its end.
        if let Some(event) = self.keys.ready() {
            return Some(event);
        }
        if let Ok(report) = self.reports.try_recv() {
            return Some(Event::Report(report));
        }
        if let Ok(event) = self.told.try_recv() {
            return Some(event);
        }
        self.watched.happenings.try_recv().ok().map(Event::Happened)
    }
}

/// Tells whether the terminal is somebody else's after an effect.
fn leaves(dispatch: &Dispatch) -> bool {
    matches!(
        dispatch.effect,
        Effect::Quit | Effect::Switch(_) | Effect::Suspend | Effect::HandOff(..)
    )
}
