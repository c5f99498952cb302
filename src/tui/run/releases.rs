//! Release effects: reads releases for the cockpit.

use crate::{
    domain::{
        deployment::{release::Release, statistics::Statistics},
        swarm::{cluster::Service, names::ServiceId},
    },
    jobs::{
        release_health::judge,
        release_reader::{self, journal_in_doubt, live_releases},
        session::Session,
    },
    tui::{
        event::{Event, Notice},
        run::responses::Responses,
    },
};
use std::{
    collections::BTreeSet,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};
use tokio::task::spawn_blocking;

/// Reads and judges releases.
pub struct Releases {
    reader: ReleaseRefresher,
    /// Services that were not well when releases were judged last; nothing where the next
    /// look judges them anew.
    ailing: Option<BTreeSet<ServiceId>>,
}

/// Reads the releases again and tells the cockpit.
#[derive(Clone)]
pub struct ReleaseRefresher {
    session: Session,
    back: Responses,
    /// Tells the newest reading from those before.
    newest: Arc<AtomicU64>,
}

impl Releases {
    pub fn new(session: Session, back: Responses) -> Self {
        Self { reader: ReleaseRefresher { session, back, newest: Arc::default() }, ailing: None }
    }

    /// Returns what reads them for whoever sees that somebody else wrote.
    pub fn reader(&self) -> ReleaseRefresher {
        self.reader.clone()
    }

    /// Reads them again after a job, and has the next look judge what it left.
    pub fn ended(&mut self) {
        self.ailing = None;
        self.reader.read();
    }

    /// Judges what is deployed where services became well, or not well any more, and tells
    /// what became of it. `services` were surveyed; nothing is asked of the engine for it.
    pub fn see(&mut self, services: &Arc<[Service]>) {
        let ails = |it: &Service| it.in_trouble() || !it.converged();
        let ailing: BTreeSet<ServiceId> =
            services.iter().filter(|it| ails(it)).map(|it| it.id.clone()).collect();
        if self.ailing.as_ref() != Some(&ailing) {
            self.reader.read_by(Some(Arc::clone(services)));
            self.ailing = Some(ailing);
        }
    }
}

impl ReleaseRefresher {
    /// Reads which stacks skep has deployed to this cluster, and how that went. What was
    /// read earlier is not told later.
    pub fn read(&self) {
        self.read_by(None);
    }

    fn read_by(&self, seen: Option<Arc<[Service]>>) {
        let (store, back) = (self.session.store.clone(), self.back.clone());
        let engine = Arc::clone(&self.session.engine);
        let newest = Arc::clone(&self.newest);
        let number = newest.fetch_add(1, Ordering::Relaxed) + 1;
        tokio::spawn(async move {
            let Ok(cluster) = release_reader::cluster_id(&*engine).await else { return };
            if let Some(seen) = seen
                && let Err(err) = judge(&store, cluster.clone(), seen).await
            {
                tracing::warn!(%err, "releases could not be judged");
            }
            let read = move || store.all_remembered(&cluster, journal_in_doubt);
            let read = spawn_blocking(read).await;
            if newest.load(Ordering::Relaxed) != number {
                return;
            }
            back.tell(match read {
                Ok(Ok(found)) => {
                    let live = live_releases(&found);
                    let all: Vec<Release> = found.into_iter().map(|it| it.release).collect();
                    Event::Released(live, Statistics::of(&all))
                }
                Ok(Err(err)) => Event::Told(Notice::Problem(format!("{err}; {}", err.hint()))),
                Err(err) => Event::Told(Notice::Problem(format!("bug: {err}"))),
            });
        });
    }
}
