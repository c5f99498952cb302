//! What the cockpit is told of a service of a lab.

use crate::{gateway::gateway, lab::Lab};
use skep::{
    domain::logs::{LogLine, NoteKind, Window},
    engine::Engine,
    jobs::log_follower::{self, FeedNews, LogScope, Subscription},
};
use std::sync::{Arc, Mutex};
use tokio::{runtime::Runtime, sync::mpsc};

/// Follows the log of the only service, and keeps what it says.
pub struct Followed<T> {
    pub heard: Arc<Mutex<T>>,
    _feed: log_follower::Feed,
    _runtime: Runtime,
}

/// Something that was told: a line, and who wrote it, or what skep says of lines.
pub enum Told {
    Line(String, LogLine),
    Note(NoteKind, String),
}

impl<T: Default + Send + 'static> Followed<T> {
    /// Begins so many lines before the end.
    pub fn start(lab: &Lab, tail: u32, keep: impl Fn(&mut T, Told) + Send + 'static) -> Self {
        let runtime = Runtime::new().unwrap();
        let engine: Arc<dyn Engine> = Arc::new(gateway(lab, "node1"));
        let services = runtime.block_on(engine.services()).unwrap();
        let of = LogScope::Service(services[0].id.clone());
        let (news, mut told) = mpsc::channel(1);
        let heard = Arc::<Mutex<T>>::default();
        let feed = {
            let _inside = runtime.enter();
            log_follower::spawn(engine, Subscription { of, window: Window::Tail, tail }, news)
        };
        let into = Arc::clone(&heard);
        runtime.spawn(async move {
            let mut roster = None;
            while let Some(it) = told.recv().await {
                let mut heard = into.lock().unwrap();
                match it {
                    FeedNews::Roster(it) => roster = Some(it),
                    FeedNews::Lines(lines) => {
                        for line in lines {
                            let origin = roster.as_ref().map(|it| it.origin(&line));
                            keep(&mut heard, Told::Line(origin.unwrap_or_default(), line));
                        }
                    }
                    FeedNews::Note(note) => keep(&mut heard, Told::Note(note.kind, note.text)),
                    FeedNews::Read { .. } => {}
                }
            }
        });
        Self { heard, _feed: feed, _runtime: runtime }
    }
}
