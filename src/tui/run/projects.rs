//! Project effects, outside of the loop, and watching changes by others.

use crate::{
    domain::{
        compose::import::{ImportOutcome, Note, Options, import},
        project::StackPath,
        text::path::ShownPath,
    },
    files,
    jobs::{deploy::DeployOrder, release_reader, session::Session},
    projects::{
        AuditedChange, CatalogChange, ImportedFiles, NewStack, PendingChanges, Trouble,
        all_pending_changes, compose_sources::environment, discard, import_files, import_text,
        load, pending_changes, see, variables,
    },
    store::Store,
    tui::{
        document::Document,
        event::{Event, Notice, Response, Ticket},
        projects::{Brief, Chore, From, New, Projects},
        run::{glance::Glance, releases::ReleaseRefresher, responses::Responses},
    },
};
use std::{
    collections::BTreeMap,
    env,
    path::{self, Path},
    sync::{Arc, Mutex},
    time::Duration,
};
use tokio::{
    sync::{
        mpsc::{self, UnboundedReceiver, UnboundedSender},
        oneshot,
    },
    task::spawn_blocking,
    time,
};

/// How often to see whether another process, or an editor, changed something.
const LOOK: Duration = Duration::from_secs(2);

/// The hands for projects.
#[derive(Clone)]
pub struct Desk {
    session: Session,
    back: Responses,
    releases: ReleaseRefresher,
    /// Chores are done in the order in which they were asked for.
    inbox: UnboundedSender<Next>,
    known: Arc<Mutex<Known>>,
}

/// What the desk learned so far.
#[derive(Default)]
struct Known {
    /// What is shown, as far as it was read.
    seen: Option<Glance>,
    /// Why it could not be read, which was told.
    trouble: Option<String>,
    /// Which cluster this is, once the engine said it.
    cluster: Option<String>,
}

/// What is to be done next.
enum Next {
    Chore(Option<Ticket>, Chore),
    /// Nothing more, and somebody waits to hear that.
    End(oneshot::Sender<()>),
}

impl Desk {
    pub fn new(session: Session, back: Responses, releases: ReleaseRefresher) -> Self {
        let (inbox, chores) = mpsc::unbounded_channel();
        let desk = Self { session, back, releases, inbox, known: Arc::default() };
        tokio::spawn(desk.clone().work(chores));
        desk
    }

    /// Waits until what was asked for is done.
    pub async fn finish(self) {
        let (done, ended) = oneshot::channel();
        if self.inbox.send(Next::End(done)).is_ok() {
            // What panicked is in the log.
            let _ = ended.await;
        }
    }

    /// Does one chore; what comes of it is told.
    pub fn run(&self, ticket: Ticket, chore: Chore) {
        self.take(Some(ticket), chore);
    }

    /// Reads all projects.
    pub fn look(&self) {
        self.take(None, Chore::Look);
    }

    /// Only what is checked against the cluster waits for it.
    fn take(&self, ticket: Option<Ticket>, chore: Chore) {
        let desk = self.clone();
        if !matches!(chore, Chore::Look | Chore::PendingChanges(_)) {
            // It ends with the cockpit only.
            let _ = desk.inbox.send(Next::Chore(ticket, chore));
            return;
        }
        tokio::spawn(async move {
            match release_reader::cluster_id(&*desk.session.engine).await {
                Ok(id) => desk.know(|it| it.cluster = Some(id)),
                Err(err) => tracing::info!(%err, "projects are read without the cluster"),
            }
            let _ = desk.inbox.send(Next::Chore(ticket, chore));
        });
    }

    async fn work(self, mut next: UnboundedReceiver<Next>) {
        while let Some(next) = next.recv().await {
            let (ticket, chore) = match next {
                Next::Chore(ticket, chore) => (ticket, chore),
                Next::End(done) => {
                    let _ = done.send(());
                    return;
                }
            };
            let (desk, store) = (self.clone(), self.session.store.clone());
            let done = spawn_blocking(move || desk.act(&store, chore)).await;
            let response = done.unwrap_or_else(|err| Response::Lost(format!("bug: {err}")));
            if let Some(ticket) = ticket {
                self.back.respond(ticket, response);
            }
        }
    }

    /// Looks now and then whether somebody else changed projects or linked files, and
    /// reads them again then. Ends with the cockpit.
    pub fn watch(&self) {
        let desk = self.clone();
        tokio::spawn(async move {
            let mut clock = time::interval(LOOK);
            while !desk.back.is_closed() {
                clock.tick().await;
                let looking = desk.clone();
                if spawn_blocking(move || looking.is_outdated()).await.unwrap_or_default() {
                    desk.look();
                    // What another skep deployed is among it.
                    desk.releases.read();
                }
            }
        });
    }

    fn is_outdated(&self) -> bool {
        let Ok(mut known) = self.known.lock() else { return false };
        // What could not be read is tried again.
        let Some(mut seen) = known.seen.take() else { return known.trouble.is_some() };
        let cluster = known.cluster.clone();
        drop(known);
        let outdated = seen.is_outdated(&self.session.store, cluster.as_deref());
        self.know(|it| _ = it.seen.get_or_insert(seen));
        outdated
    }

    fn know(&self, learn: impl FnOnce(&mut Known)) {
        if let Ok(mut known) = self.known.lock() {
            learn(&mut known);
        }
    }

    fn cluster(&self) -> Option<String> {
        self.known.lock().ok()?.cluster.clone()
    }

    fn act(&self, store: &Store, chore: Chore) -> Response {
        let done = |what: String| Response::Said(Notice::Done(what));
        let response = match chore {
            Chore::Look => Ok(Response::Nothing),
            Chore::Panel(path) => {
                let found = variables(store, &path, &environment()).map_err(|it| it.line());
                return Response::Variables(path, found);
            }
            Chore::PendingChanges(path) => {
                return Response::PendingChanges(self.standing(store, &path));
            }
            Chore::Amend(change) => self.amend(store, *change).map(done),
            Chore::Create(new) => self.create(store, *new),
            Chore::Discard { stack, title, undo } => {
                discard(store, &stack, *undo).map(|()| done(format!("discarded {title}")))
            }
            Chore::Accept(path) => {
                see(store, &path).map(|()| done(format!("{path}: accepted as it is")))
            }
            Chore::Prepare(path) => order(store, &path, &self.session.context, &environment())
                .map(|it| Response::Ready(Box::new(it))),
        };
        // What was read may be another by now, also where nothing was done.
        let trouble = self.read(store).err().map(|it| it.line());
        self.warn_once(trouble.as_deref());
        response.unwrap_or_else(|trouble| Response::Said(Notice::Problem(trouble.line())))
    }

    fn warn_once(&self, trouble: Option<&str>) {
        self.know(|known| {
            if let Some(why) = trouble.filter(|it| known.trouble.as_deref() != Some(it)) {
                tracing::warn!(why, "projects cannot be read");
                self.back.tell(Event::ProjectsMissed(why.to_owned()));
            }
            known.trouble = trouble.map(str::to_owned);
        });
    }

    fn standing(&self, store: &Store, path: &StackPath) -> Result<Box<PendingChanges>, String> {
        let cluster = self.cluster();
        let cluster = cluster.ok_or("the engine has not said which cluster this is")?;
        pending_changes(store, &cluster, path).map(Box::new).map_err(|it| it.line())
    }

    /// Reads all projects and tells them. What is deployed is not known before the
    /// cluster is.
    fn read(&self, store: &Store) -> Result<(), Trouble> {
        let cluster = self.cluster();
        let seen = Glance::at(store, cluster.as_deref())?;
        let catalog = seen.catalog.clone();
        let brief = |found: Result<_, Trouble>| match found {
            Ok(standing) => Brief::of(&standing),
            Err(trouble) => Brief { trouble: Some(trouble.line()), ..Brief::default() },
        };
        let briefs = match cluster {
            Some(cluster) => {
                let standings = all_pending_changes(store, &cluster, &catalog)?.into_iter();
                standings.map(|(path, found)| (path, brief(found))).collect()
            }
            None => catalog.stacks.keys().map(|it| (it.clone(), Brief::unknown())).collect(),
        };
        self.know(|it| it.seen = Some(seen));
        self.back.tell(Event::Projects(Box::new(Projects { catalog, briefs })));
        Ok(())
    }

    fn amend(&self, store: &Store, change: CatalogChange) -> Result<String, Trouble> {
        AuditedChange { change, who: self.session.who.clone() }.run(store)
    }

    /// Makes a stack of a file. One that runs already is planned against it at once.
    fn create(&self, store: &Store, new: New) -> Result<Response, Trouble> {
        let New { path, from, place, swarm } = new;
        let runs = swarm.is_some();
        let (gathered, mut report) = collect(from)?;
        let missing = gathered.missing.clone();
        let stack = NewStack { path: path.clone(), swarm, place, gathered };
        let done = self.amend(store, CatalogChange::CreateStack(Box::new(stack)))?;
        self.back.tell(Event::Told(Notice::Done(done)));
        report.extend(missing.into_iter().map(|it| format!("{it}: the stack needs it")));
        if runs {
            let order = order(store, &path, &self.session.context, &environment())?;
            return Ok(Response::Ready(Box::new(order)));
        }
        let document = store.catalog()?.stacks.get(&path).and_then(Document::first_of);
        Ok(document.map_or(Response::Nothing, |document| Response::Made { document, report }))
    }
}

/// Reads what a stack is to be made of, and says what became of it.
fn collect(from: From) -> Result<(ImportedFiles, Vec<String>), Trouble> {
    match from {
        From::File(file) => Ok((import_files(&[file], &[])?, Vec::new())),
        From::Text { name, text } => {
            let here = env::current_dir().unwrap_or_default();
            Ok((import_text(&name, text, &here), Vec::new()))
        }
        From::Compose(file) => {
            let full = path::absolute(&file).unwrap_or(file);
            let folder = full.parent().unwrap_or(Path::new("/"));
            let (text, report) = convert(&full, folder)?;
            let name = full.file_name().map(|it| it.to_string_lossy().into_owned());
            Ok((import_text(&name.unwrap_or_default(), text, folder), report))
        }
    }
}

/// Makes a stack file of one for Docker Compose.
fn convert(file: &Path, folder: &Path) -> Result<(String, Vec<String>), Trouble> {
    let text = files::read_text(file, files::STACK).map_err(|err| Trouble {
        why: format!("cannot read {}: {err}", file.shown()),
        hint: None,
    })?;
    let project = folder.file_name().map(|it| it.to_string_lossy().into_owned());
    let options = Options { project: project.unwrap_or_default(), without_profiles: false };
    let imported = import(&text, &options).map_err(|findings| {
        let names = [file.to_string_lossy().into()];
        let first = findings.first().map(|it| it.line(&names)).unwrap_or_default();
        Trouble::new(first, "`skep check` lists every error")
    })?;
    let report = imported.notes.iter().map(note);
    Ok((imported.text, report.collect()))
}

fn note(note: &Note) -> String {
    let word = match note.kind {
        ImportOutcome::Cannot => "cannot work",
        ImportOutcome::Changed => "changed",
        ImportOutcome::Ignored => "left out",
    };
    let apart = |mark: &str, text: &str| match text {
        "" => String::new(),
        text => format!("{mark}{text}"),
    };
    let subject = if note.subject.is_empty() { "" } else { ": " };
    let to = apart(" → ", &note.to);
    let instead = apart("; ", &note.instead);
    format!("{word}: {}{subject}{}{to}{instead}", note.subject, note.what)
}

/// Makes an order of a stack as it is now.
pub fn order(
    store: &Store,
    path: &StackPath,
    context: &str,
    environment: &BTreeMap<String, String>,
) -> Result<DeployOrder, Trouble> {
    let sources = load(store, path, environment)?;
    let managed = sources.managed.clone();
    let managed = managed
        .ok_or_else(|| Trouble { why: format!("bug: {path} lost its project"), hint: None })?;
    if let Some(home) = managed.context.as_ref().filter(|it| *it != context) {
        let why = format!("{path} is deployed only to context {home}, and this is {context}");
        return Err(Trouble::new(why, format!("`:contexts {home}` switches to it")));
    }
    Ok(DeployOrder::of(managed.swarm.clone(), sources))
}
