//! Does the effects: nothing here waits, answers come back as events.

use crate::{
    domain::{
        cluster::{Kind, Object},
        gc::Bounds,
        names::StackName,
        release::Release,
        statistics::Statistics,
    },
    engine::Engine,
    jobs::{
        JobHandle, JobId, Report,
        archive::Archive,
        deploy::{Order, interrupted::Interrupted, outline},
        feed::{self, Feed, FeedNews, Subscription},
        gc::Sweep,
        session::Session,
        watch::Interest,
        work::Work,
    },
    store::{Store, StoreError},
    tui::{
        document::Document,
        event::{Effect, Event, Notice},
        past::{Lookback, Past},
        projects::Chore,
        run::{errands::Errands, files, projects::Desk},
    },
};
use crossterm::{clipboard::CopyToClipboard, execute};
use jiff::Timestamp;
use serde_json::Value;
use std::{
    collections::{BTreeMap, HashMap},
    fs,
    io::{self, Write},
    path::PathBuf,
    sync::Arc,
};
use tokio::{
    sync::{mpsc, watch},
    task::spawn_blocking,
};

/// What terminals and tmux take through OSC 52, in bytes of text.
const CLIPBOARD: usize = 74_994;

/// The hands of the cockpit.
pub struct Performer {
    session: Session,
    interest: watch::Sender<Interest>,
    reports: mpsc::UnboundedSender<Report>,
    logs: mpsc::Sender<(u64, FeedNews)>,
    told: mpsc::UnboundedSender<Event>,
    /// Those without a handle were asked to stop.
    jobs: HashMap<JobId, Option<JobHandle>>,
    feed: Option<Feed>,
    next_job: u64,
    errands: Errands,
    desk: Desk,
}

impl Performer {
    pub fn new(
        session: Session,
        interest: watch::Sender<Interest>,
        reports: mpsc::UnboundedSender<Report>,
        logs: mpsc::Sender<(u64, FeedNews)>,
        told: mpsc::UnboundedSender<Event>,
    ) -> Self {
        let errands = Errands::new(session.clone(), told.clone());
        let desk = Desk::new(session.clone(), told.clone());
        Self {
            session,
            interest,
            reports,
            logs,
            told,
            jobs: HashMap::new(),
            feed: None,
            next_job: 0,
            errands,
            desk,
        }
    }

    /// Does what is needed once the engine has answered.
    pub fn welcome(&self) {
        self.read_releases();
        self.desk.run(Chore::Look);
        self.desk.watch();
        self.look_for_interrupted(false);
    }

    /// Waits until what is not saved is kept; returns the jobs that are not over.
    pub async fn into_jobs(self) -> HashMap<JobId, Option<JobHandle>> {
        self.errands.finish().await;
        self.jobs
    }

    /// Lets go of a job that ended, and looks for the release it left.
    pub fn ended(&mut self, id: JobId) {
        self.jobs.remove(&id);
        self.read_releases();
        self.desk.run(Chore::Look);
    }

    /// Does one effect.
    pub fn perform(&mut self, effect: Effect) {
        match effect {
            Effect::Watch(interest) => _ = self.interest.send_replace(interest),
            Effect::Follow(what) => self.follow(what),
            Effect::Read(object) => self.read(object),
            Effect::Recall(at) => self.recall(at),
            Effect::Start(work) => self.start(work),
            Effect::Cancel(id) => _ = self.jobs.entry(id).and_modify(|it| *it = None),
            Effect::Pause(id, paused) => self.pause(id, paused),
            Effect::LookForInterrupted => self.look_for_interrupted(true),
            Effect::ReadOn(lines) => {
                if let Some(feed) = &self.feed {
                    feed.more(lines);
                }
            }
            Effect::Copy(text) => self.copy(&text),
            Effect::Dump { name, text } => self.dump(name, text),
            Effect::Project(chore) => self.desk.run(chore),
            Effect::Document(document, errand) => self.errands.run(document, errand),
            Effect::Remember(line) => self.remember(line),
            Effect::Plan(order) => self.plan(*order),
            Effect::Survey(bounds) => self.survey(bounds),
            Effect::EditStack(stack) => self.edit_stack(&stack),
            // The loop and the model do these themselves.
            Effect::Quit
            | Effect::Suspend
            | Effect::HandOff(..)
            | Effect::Switch(_)
            | Effect::Close
            | Effect::Choose(..) => {}
        }
    }

    fn follow(&mut self, what: Option<(u64, Subscription)>) {
        self.feed = what.map(|(number, subscription)| {
            let (sender, mut news) = mpsc::channel(1);
            let logs = self.logs.clone();
            tokio::spawn(async move {
                while let Some(it) = news.recv().await {
                    if logs.send((number, it)).await.is_err() {
                        return;
                    }
                }
            });
            feed::spawn(Arc::clone(&self.session.engine), subscription, sender)
        });
    }

    fn read(&self, object: Object) {
        let (engine, told) = (Arc::clone(&self.session.engine), self.told.clone());
        tokio::spawn(async move {
            let answer = engine.inspect(&object).await;
            let names = network_names(&*engine, &object).await;
            // The cockpit is closing.
            let _ = told.send(Event::Page(object, answer, names));
        });
    }

    /// Reads the past of a stack.
    fn recall(&self, at: Lookback) {
        let (session, told) = (self.session.clone(), self.told.clone());
        tokio::spawn(async move {
            let answer = past(&session, &at).await;
            let _ = told.send(Event::Recalled(at, answer));
        });
    }

    fn start(&mut self, work: Work) {
        self.next_job += 1;
        let id = JobId(self.next_job);
        let handle = self.session.start(id, work, self.reports.clone());
        self.jobs.insert(id, Some(handle));
    }

    /// A job that is asked to stop, or is over, has nothing to pause.
    fn pause(&self, id: JobId, paused: bool) {
        if let Some(Some(job)) = self.jobs.get(&id) {
            job.pause(paused);
        }
    }

    fn copy(&self, text: &str) {
        let mut out = io::stdout();
        let notice = if text.len() > CLIPBOARD {
            Notice::Problem(format!(
                "{} bytes are too many for the clipboard; save the view instead",
                text.len()
            ))
        } else if execute!(out, CopyToClipboard::to_clipboard_from(text))
            .and_then(|()| out.flush())
            .is_err()
        {
            Notice::Problem("the terminal did not take the text".to_owned())
        } else {
            Notice::Done(format!("copied {} bytes to the clipboard of your terminal", text.len()))
        };
        self.tell(Event::Told(notice));
    }

    fn dump(&self, name: String, text: String) {
        self.in_background(move || {
            let path = PathBuf::from(format!(
                "skep-{name}-{}.txt",
                Timestamp::now().strftime("%Y%m%d-%H%M%S")
            ));
            Event::Told(match files::write_new(&path, &text) {
                Ok(()) => Notice::Done(format!(
                    "saved {}",
                    fs::canonicalize(&path).unwrap_or(path).display()
                )),
                Err(err) => Notice::Problem(format!("cannot write {}: {err}", path.display())),
            })
        });
    }

    fn plan(&self, order: Order) {
        let (session, told) = (self.session.clone(), self.told.clone());
        tokio::spawn(async move {
            let answer = outline(&*session.engine, session.store.as_ref(), &order).await;
            // The cockpit is closing.
            let _ = told.send(Event::Planned(order.stack, answer));
        });
    }

    fn survey(&self, bounds: Bounds) {
        let (session, told) = (self.session.clone(), self.told.clone());
        tokio::spawn(async move {
            let found = Sweep::of(&*session.engine, session.store.as_ref(), bounds).await;
            // The cockpit is closing.
            let _ = told.send(Event::Surveyed(found.map_err(|verdict| verdict.to_string())));
        });
    }

    /// Opens the file that a stack was last deployed from with skep.
    fn edit_stack(&self, stack: &StackName) {
        let Some(store) = self.session.store.clone() else {
            return self
                .tell(Event::Told(Notice::Problem("the demo has no compose files".to_owned())));
        };
        let (engine, told, stack) =
            (Arc::clone(&self.session.engine), self.told.clone(), stack.clone());
        tokio::spawn(async move {
            let swarm = engine.inspect(&Object::Swarm).await.unwrap_or_default();
            let cluster = swarm["ID"].as_str().unwrap_or_default().to_owned();
            let name = stack.clone();
            let found =
                spawn_blocking(move || source_of(&store, &cluster, &name)).await.ok().flatten();
            let unknown =
                format!("skep does not know the source of {stack}; open it with `:edit FILE`");
            let event = found.map_or(Event::Told(Notice::Problem(unknown)), |path| {
                Event::Open(Document::File(path), Some(stack.clone()))
            });
            let _ = told.send(event);
        });
    }

    fn remember(&self, line: String) {
        let Some(store) = self.session.store.clone() else { return };
        spawn_blocking(move || {
            if let Err(err) = store.keep_prompt(&line) {
                tracing::warn!(%err, "a command could not be kept");
            }
        });
    }

    /// Reads which stacks skep has deployed to this cluster, and how that went.
    fn read_releases(&self) {
        let Some(store) = self.session.store.clone() else { return };
        let (engine, told) = (Arc::clone(&self.session.engine), self.told.clone());
        tokio::spawn(async move {
            let Ok(swarm) = engine.inspect(&Object::Swarm).await else { return };
            let cluster = swarm["ID"].as_str().unwrap_or_default().to_owned();
            let read = spawn_blocking(move || store.all_releases(&cluster)).await;
            let event = match read {
                Ok(Ok(releases)) => {
                    let figures = Statistics::of(&releases);
                    // The newest of each stack comes first, and stays.
                    let oldest_first = releases.into_iter().rev().map(revision);
                    Event::Released(oldest_first.collect(), figures)
                }
                Ok(Err(err)) => Event::Told(Notice::Problem(format!("{err}; {}", err.hint()))),
                Err(err) => Event::Told(Notice::Problem(format!("bug: {err}"))),
            };
            let _ = told.send(event);
        });
    }

    /// Looks for deployments that lost their skep; whoever asked wants an answer also
    /// where there are none.
    fn look_for_interrupted(&self, asked: bool) {
        let (session, told) = (self.session.clone(), self.told.clone());
        tokio::spawn(async move {
            let found = Interrupted::all(session.store.as_ref(), &*session.engine).await;
            let event = match found {
                Ok(found) if found.is_empty() && !asked => return,
                Ok(found) => Event::Interrupted(found),
                Err(err) => {
                    let hint = err.hint().map(|it| format!("; {it}")).unwrap_or_default();
                    Event::Told(Notice::Problem(format!("{err}{hint}")))
                }
            };
            let _ = told.send(event);
        });
    }

    fn in_background(&self, work: impl FnOnce() -> Event + Send + 'static) {
        let told = self.told.clone();
        spawn_blocking(move || {
            let _ = told.send(work());
        });
    }

    /// Lets a fact reach the loop.
    pub fn tell(&self, event: Event) {
        // The cockpit is closing.
        let _ = self.told.send(event);
    }
}

/// Services and tasks name networks by id; pages show their names.
async fn network_names(engine: &dyn Engine, object: &Object) -> BTreeMap<String, String> {
    if !matches!(object, Object::Service(_) | Object::Task(_)) {
        return BTreeMap::new();
    }
    let networks = engine.list(Kind::Networks, None).await.unwrap_or_default();
    let name = |it: &Value| Some((it["Id"].as_str()?.to_owned(), it["Name"].as_str()?.to_owned()));
    networks.iter().filter_map(name).collect()
}

/// Finds what releases left behind.
async fn past(session: &Session, at: &Lookback) -> Result<Past, String> {
    let Some(store) = &session.store else {
        return Err("what is done in the demo is not kept: it has no releases".to_owned());
    };
    let unread = |err: StoreError| format!("{err}; {}", err.hint());
    let archive = Archive::of(&*session.engine, store, &at.stack).await;
    let archive = archive.map_err(|err| err.to_string())?;
    let mut past = Past { releases: archive.releases().await.map_err(unread)?, ..Past::default() };
    if let Some(revision) = at.revision {
        let snapshot = archive.snapshot(revision).await.map_err(unread)?.unwrap_or_default();
        past.sources = snapshot.sources.into_iter().map(|it| it.path).collect();
        past.journal = archive.journal(revision).await.map_err(unread)?;
    }
    Ok(past)
}

fn source_of(store: &Store, cluster: &str, stack: &StackName) -> Option<PathBuf> {
    let newest = store.releases(cluster, stack).ok()?.into_iter().next()?;
    let snapshot = store.snapshot(&newest.key).ok()??;
    let path = PathBuf::from(&snapshot.sources.first()?.path);
    path.exists().then_some(path)
}

fn revision(release: Release) -> (StackName, u64) {
    (release.key.stack, u64::from(release.key.revision))
}
