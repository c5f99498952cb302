//! Effect handlers: nothing here waits, results come back as events.

use crate::{
    domain::{
        deployment::gc::Bounds,
        project::draft::Draft,
        swarm::{
            change::ServiceRef,
            cluster::{Object, ObjectKind, Service},
            names::{NodeId, StackName},
            objects::NetworkObject,
        },
        text::{count::counted, elide, escape, path::ShownPath},
    },
    engine::Engine,
    jobs::{
        JobHandle, JobId, JobReport,
        deploy::{Proposal, interrupted::Interrupted, outline, rollback},
        gc::Sweep,
        log_follower::{self, Feed, FeedNews, Subscription},
        masked_engine::MaskedEngine,
        node,
        operations::Operation,
        release_reader::{ReleaseReader, cluster_id},
        rollback_preview,
        session::Session,
        watch::Interest,
    },
    store::{Store, StoreError},
    tui::{
        document::{Copied, Document},
        event::{Dispatch, Effect, Event, Notice, Response, Ticket},
        past::{Lookback, Past},
        run::{errands::Errands, files, projects::Desk, releases::Releases, responses::Responses},
        terminal::Spool,
    },
};
use crossterm::{clipboard::CopyToClipboard, execute};
use jiff::Timestamp;

use std::{
    collections::{BTreeMap, HashMap},
    fs,
    path::PathBuf,
    sync::Arc,
    time::Duration,
};
use tokio::{
    sync::{mpsc, watch},
    task::spawn_blocking,
    time::timeout,
};

/// What terminals and tmux take through OSC 52, in bytes of text.
const CLIPBOARD: usize = 74_994;

/// How long a state that does not answer keeps the cockpit from ending.
const LAST_DRAFTS: Duration = Duration::from_millis(600);

/// What a drain would do is asked about soon, known or not.
const FORESIGHT: Duration = Duration::from_secs(8);

/// The hands of the cockpit.
pub struct Performer {
    session: Session,
    /// What people see of the engine.
    shown: Arc<MaskedEngine>,
    interest: watch::Sender<Interest>,
    reports: mpsc::UnboundedSender<JobReport>,
    logs: mpsc::Sender<(u64, FeedNews)>,
    back: Responses,
    releases: Releases,
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
        shown: Arc<MaskedEngine>,
        interest: watch::Sender<Interest>,
        reports: mpsc::UnboundedSender<JobReport>,
        logs: mpsc::Sender<(u64, FeedNews)>,
        told: mpsc::UnboundedSender<Event>,
    ) -> Self {
        let back = Responses::new(told);
        let errands = Errands::new(session.clone(), back.clone());
        let releases = Releases::new(session.clone(), back.clone());
        let desk = Desk::new(session.clone(), back.clone(), releases.reader());
        Self {
            session,
            shown,
            interest,
            reports,
            logs,
            back,
            releases,
            jobs: HashMap::new(),
            feed: None,
            next_job: 0,
            errands,
            desk,
        }
    }

    /// Does what is needed once the engine has answered.
    pub fn welcome(&self) {
        self.releases.reader().read();
        self.desk.look();
        self.desk.watch();
        self.find_interrupted();
    }

    /// Says that texts wait which were not saved, where there are any.
    pub fn tell_of_drafts(&self) {
        let (store, back) = (self.session.store.clone(), self.back.clone());
        spawn_blocking(move || {
            // Why they cannot be read is told to whoever asks for them.
            let found = store.drafts(Timestamp::now()).unwrap_or_default();
            let waiting = found.iter().filter(|it| !it.1.discarded).count();
            if waiting > 0 {
                let texts = counted(waiting as u64, "text", "texts");
                let said = format!("{texts} not saved when skep ended: `:drafts` opens them");
                back.tell(Event::Told(Notice::Problem(said)));
            }
        });
    }

    /// Waits until what is not saved is kept, but not for ever; returns the jobs that are
    /// not over. Those that should `stop` are told so first.
    pub async fn into_jobs(mut self, stop: bool) -> HashMap<JobId, Option<JobHandle>> {
        if stop {
            self.jobs.values_mut().for_each(|it| *it = None);
        }
        let kept = async { tokio::join!(self.desk.finish(), self.errands.finish()) };
        if timeout(LAST_DRAFTS, kept).await.is_err() {
            tracing::warn!("what is not saved could not be kept in time");
        }
        self.jobs
    }

    /// Lets go of a job that ended, and looks for the release it left.
    pub fn ended(&mut self, id: JobId) {
        self.jobs.remove(&id);
        self.releases.ended();
        self.desk.look();
    }

    /// Does one effect; what the terminal is to be told goes `out`.
    pub fn perform(&mut self, Dispatch { ticket, effect }: Dispatch, out: Spool) {
        match effect {
            Effect::Watch(interest) => _ = self.interest.send_replace(interest),
            Effect::Follow(what) => self.follow(what),
            Effect::Read(object) => self.read(ticket, object),
            Effect::Recall(at) => self.recall(ticket, at),
            Effect::Start(operation) => self.start(ticket, operation),
            Effect::Cancel(id) => _ = self.jobs.entry(id).and_modify(|it| *it = None),
            Effect::Pause(id, paused) => self.pause(id, paused),
            Effect::LookForInterrupted => self.look_for_interrupted(ticket),
            Effect::ReadOn(lines) => {
                if let Some(feed) = &self.feed {
                    feed.more(lines);
                }
            }
            Effect::Copy(text) => self.copy(&text, &copied(&what(&text)), out),
            Effect::CopyUnquoted(text, Copied::Stays) => {
                self.copy(&text, &copied(&how_much(&text)), out);
            }
            Effect::CopyUnquoted(text, Copied::Cut) => {
                self.copy(&text, &cut(&how_much(&text)), out);
            }
            Effect::Dump { name, text } => self.dump(name, text),
            Effect::Project(chore) => self.desk.run(ticket, chore),
            Effect::Document(document, errand) => self.errands.run(ticket, document, errand),
            Effect::Remember(line) => self.remember(line),
            Effect::Plan(proposal) => self.plan(ticket, proposal),
            Effect::Survey(bounds) => self.survey(ticket, bounds),
            Effect::Foresee(nodes) => self.foresee(ticket, nodes),
            Effect::LookBack(targets) => self.look_back(ticket, targets),
            Effect::GoBack(stack) => self.find_target(ticket, stack),
            Effect::ListDrafts => self.list_drafts(ticket),
            Effect::EditStack(stack) => self.edit_stack(ticket, stack),
            // The loop and the model do these themselves.
            Effect::Quit
            | Effect::Suspend
            | Effect::HandOff(..)
            | Effect::Edit(_)
            | Effect::Switch(_)
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
            log_follower::spawn(self.shown(), subscription, sender)
        });
    }

    fn shown(&self) -> Arc<dyn Engine> {
        Arc::clone(&self.shown) as Arc<dyn Engine>
    }

    fn read(&self, ticket: Ticket, object: Object) {
        let engine = self.shown();
        self.back.later(ticket, async move {
            let answer = engine.inspect(&object).await;
            let names = network_names(&*engine, &object).await;
            Response::Object(object, answer, names)
        });
    }

    /// Reads the past of a stack.
    fn recall(&self, ticket: Ticket, at: Lookback) {
        let session = self.session.clone();
        self.back.later(ticket, async move {
            let answer = past(&session, &at).await;
            Response::History(at, answer)
        });
    }

    fn start(&mut self, ticket: Ticket, operation: Operation) {
        self.next_job += 1;
        let id = JobId(self.next_job);
        let handle = self.session.start(id, operation, self.reports.clone());
        self.jobs.insert(id, Some(handle));
        self.back.respond(ticket, Response::Started(id));
    }

    /// A job that is asked to stop, or is over, has nothing to pause.
    fn pause(&self, id: JobId, paused: bool) {
        if let Some(Some(job)) = self.jobs.get(&id) {
            job.pause(paused);
        }
    }

    /// What is pasted into a shell must not press enter by itself.
    fn copy(&self, text: &str, said: &str, mut out: Spool) {
        let text = &*escape::shown_lines(text);
        let notice = if text.len() > CLIPBOARD {
            Notice::Problem(format!(
                "{} bytes are too many for the clipboard; save the view instead",
                text.len()
            ))
        } else if execute!(out, CopyToClipboard::to_clipboard_from(text)).is_err() {
            Notice::Problem("the terminal did not accept the text".to_owned())
        } else {
            Notice::Done(said.to_owned())
        };
        self.back.tell(Event::Told(notice));
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
                    fs::canonicalize(&path).unwrap_or(path).shown()
                )),
                Err(err) => Notice::Problem(format!("cannot write {}: {err}", path.shown())),
            })
        });
    }

    fn plan(&self, ticket: Ticket, proposal: Proposal) {
        let session = self.session.clone();
        self.back.later(ticket, async move {
            let planning =
                async move { outline(&*session.engine, &session.store, &proposal).await };
            let planned = tokio::spawn(planning).await;
            Response::Plan(planned.unwrap_or_else(|err| Err(format!("bug: {err}"))))
        });
    }

    fn survey(&self, ticket: Ticket, bounds: Bounds) {
        let session = self.session.clone();
        self.back.later(ticket, async move {
            let found = Sweep::of(&*session.engine, &session.store, bounds).await;
            Response::Waste(found.map_err(|verdict| verdict.to_string()))
        });
    }

    /// Reads what a roll-back would bring back. Where the engine does not say it, one may
    /// still ask.
    fn look_back(&self, ticket: Ticket, targets: Vec<ServiceRef>) {
        let Session { engine, store, .. } = self.session.clone();
        self.back.later(ticket, async move {
            let found = rollback_preview::preview_rollback(&*engine, &store, &targets);
            let found = timeout(FORESIGHT, found).await;
            let slow = || format!("no answer within {}s", FORESIGHT.as_secs());
            let found = found.map_err(|_| slow());
            let found = found.and_then(|it| it.map_err(|err| err.to_string()));
            Response::LookedBack(targets, found)
        });
    }

    /// Finds the release that a stack goes back to where nobody names one.
    fn find_target(&self, ticket: Ticket, stack: StackName) {
        let session = self.session.clone();
        self.back.later(ticket, async move {
            let found = rollback::target(&*session.engine, &session.store, &stack).await;
            Response::Target(stack, found.map_err(|verdict| verdict.to_string()))
        });
    }

    /// Reads what a drain would do. Where the engine does not say it, one may still ask.
    fn foresee(&self, ticket: Ticket, nodes: Vec<(NodeId, String)>) {
        let engine = Arc::clone(&self.session.engine);
        self.back.later(ticket, async move {
            let ids: Vec<NodeId> = nodes.iter().map(|it| it.0.clone()).collect();
            let found = timeout(FORESIGHT, node::foresee(&*engine, &ids)).await;
            let slow = || format!("no answer within {}s", FORESIGHT.as_secs());
            let found = found.map_err(|_| slow());
            let found = found.and_then(|it| it.map_err(|err| err.to_string()));
            Response::Foreseen(nodes, found)
        });
    }

    /// Finds the file that a stack was last deployed from with skep.
    fn edit_stack(&self, ticket: Ticket, stack: StackName) {
        let problem = |text: String| Response::Said(Notice::Problem(text));
        let store = self.session.store.clone();
        let engine = Arc::clone(&self.session.engine);
        self.back.later(ticket, async move {
            let cluster = match cluster_id(&*engine).await {
                Ok(cluster) => cluster,
                Err(err) => return problem(err.to_string()),
            };
            let name = stack.clone();
            let found = spawn_blocking(move || source_of(&store, &cluster, &name)).await;
            match found.ok().flatten() {
                Some(path) => Response::Source(Document::File(path), stack),
                None => problem(format!(
                    "skep does not know the source of {stack}: open its file with `:edit ./FILE`"
                )),
            }
        });
    }

    /// Reads all texts that are not saved.
    fn list_drafts(&self, ticket: Ticket) {
        let store = self.session.store.clone();
        self.back.blocking(ticket, move || {
            let found = store.drafts(Timestamp::now());
            let of = |it: (String, Draft)| (Document::of_key(&it.0), it.1);
            let found = found.map(|it| it.into_iter().map(of).collect());
            Response::Drafts(found.map_err(|err| format!("{err}; {}", err.hint())))
        });
    }

    fn remember(&self, line: String) {
        let store = self.session.store.clone();
        spawn_blocking(move || {
            if let Err(err) = store.keep_prompt(&line) {
                tracing::warn!(%err, "a command could not be kept");
            }
        });
    }

    /// Judges what is deployed where services became well, or not well any more.
    pub fn see(&mut self, services: &Arc<[Service]>) {
        self.releases.see(services);
    }

    /// Looks for deployments that lost their skep, and asks about them where there are
    /// any.
    fn find_interrupted(&self) {
        let (session, back) = (self.session.clone(), self.back.clone());
        tokio::spawn(async move {
            match interrupted(&session).await {
                Ok(found) if found.is_empty() => {}
                Ok(found) => back.tell(Event::Interrupted(found)),
                Err(why) => back.tell(Event::Told(Notice::Problem(why))),
            }
        });
    }

    /// The same for somebody who wants to know also that there are none.
    fn look_for_interrupted(&self, ticket: Ticket) {
        let session = self.session.clone();
        self.back.later(ticket, async move {
            match interrupted(&session).await {
                Ok(found) => Response::Interrupted(found),
                Err(why) => Response::Said(Notice::Problem(why)),
            }
        });
    }

    fn in_background(&self, work: impl FnOnce() -> Event + Send + 'static) {
        let back = self.back.clone();
        spawn_blocking(move || back.tell(work()));
    }

    /// Brings a response of the loop's own back to it.
    pub fn respond(&self, ticket: Ticket, response: Response) {
        self.back.respond(ticket, response);
    }
}

async fn interrupted(session: &Session) -> Result<Vec<Interrupted>, String> {
    let found = Interrupted::all(&session.store, &*session.engine).await;
    found.map_err(|err| {
        let hint = err.hint().map(|it| format!("; {it}")).unwrap_or_default();
        format!("{err}{hint}")
    })
}

/// Services and tasks name networks by id; pages show their names.
async fn network_names(engine: &dyn Engine, object: &Object) -> BTreeMap<String, String> {
    if !matches!(object, Object::Service(_) | Object::Task(_)) {
        return BTreeMap::new();
    }
    let networks = engine.list(ObjectKind::Networks, None).await.unwrap_or_default();
    let name = |it: NetworkObject<'_>| Some((it.id()?.to_owned(), it.name()?.to_owned()));
    networks.iter().map(NetworkObject).filter_map(name).collect()
}

/// Finds what releases left behind.
async fn past(session: &Session, at: &Lookback) -> Result<Past, String> {
    let unread = |err: StoreError| format!("{err}; {}", err.hint());
    let reader = ReleaseReader::of(&*session.engine, &session.store, &at.stack).await;
    let reader = reader.map_err(|err| err.to_string())?;
    let (releases, live) = reader.history().await.map_err(unread)?;
    let mut past = Past { releases, live, ..Past::default() };
    if let Some(revision) = at.revision {
        let snapshot = reader.snapshot(revision).await.map_err(unread)?.unwrap_or_default();
        past.sources = snapshot.sources.into_iter().map(|it| it.path).collect();
        past.journal = reader.journal(revision).await.map_err(unread)?;
    }
    Ok(past)
}

fn source_of(store: &Store, cluster: &str, stack: &StackName) -> Option<PathBuf> {
    let newest = store.releases(cluster, stack).ok()?.into_iter().next()?;
    let snapshot = store.snapshot(&newest.key).ok()??;
    let path = PathBuf::from(&snapshot.sources.first()?.path);
    path.exists().then_some(path)
}

/// Says what was copied: a short text as it is, a long one by its lines.
fn what(text: &str) -> String {
    let text = &*escape::shown_lines(text);
    match text.lines().count() {
        0 | 1 => format!("`{}`", elide::middle(text.trim_end(), 60)),
        _ => how_much(text),
    }
}

/// Says how much was copied, and nothing of what it is.
fn copied(what: &str) -> String {
    format!("copied {what} to the clipboard of your terminal")
}

fn cut(what: &str) -> String {
    format!("cut {what}; ctrl-v puts it back, also from the clipboard of your terminal")
}

fn how_much(text: &str) -> String {
    match text.lines().count() {
        1 if !text.ends_with('\n') => format!("{} characters", text.chars().count()),
        1 => "1 line".to_owned(),
        lines => format!("{lines} lines ({} bytes)", text.len()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_a_file_nothing_is_quoted() {
        assert_eq!(how_much("PASSWORD: hunter2\n"), "1 line");
        assert_eq!(how_much("hunter2"), "7 characters");
        assert_eq!(how_much("a: 1\nb: hunter2\n"), "2 lines (16 bytes)");
        assert_eq!(what("web"), "`web`");
    }
}
