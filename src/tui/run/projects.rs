//! What is done about projects, off the loop; and the watch over what others do.

use crate::{
    domain::{
        cluster::Object,
        compose::import::{Kind, Note, Options, import},
        deploy::{Given, Mode},
        project::{Catalog, SourcePlace, StackPath},
        resolve::Resolve,
    },
    engine::Engine,
    files,
    jobs::{
        deploy::Order,
        projects::{
            Amend, Gathered, NewStack, Operation, Trouble, discard, gather, load, of_text, panel,
            see, standing, standings,
        },
        session::Session,
        source::environment,
    },
    store::Store,
    tui::{
        document::Document,
        event::{Event, Notice},
        projects::{Brief, Chore, From, New, Projects, Told},
    },
};
use std::{
    env, fs,
    path::{self, Path, PathBuf},
    sync::{Arc, Mutex},
    time::{Duration, SystemTime},
};
use tokio::{sync::mpsc::UnboundedSender, task::spawn_blocking, time};

/// How often to see whether another process, or an editor, changed something.
const LOOK: Duration = Duration::from_secs(2);

/// Files, and when each was written.
type Seen = Vec<(PathBuf, Option<SystemTime>)>;

/// The hands for projects; the demo has none.
#[derive(Clone)]
pub struct Desk {
    session: Session,
    told: UnboundedSender<Event>,
    /// When what is shown was last written, as far as it was read.
    seen: Arc<Mutex<Seen>>,
}

impl Desk {
    pub fn new(session: Session, told: UnboundedSender<Event>) -> Self {
        Self { session, told, seen: Arc::default() }
    }

    /// Does one errand; what comes of it is told.
    pub fn run(&self, errand: Chore) {
        let Some(store) = self.session.store.clone() else {
            if !matches!(errand, Chore::Look) {
                self.tell(Event::Told(Notice::Problem("the demo has no projects".to_owned())));
            }
            return;
        };
        let desk = self.clone();
        tokio::spawn(async move {
            let cluster = cluster(&*desk.session.engine).await;
            let inner = desk.clone();
            let done = spawn_blocking(move || inner.act(&store, &cluster, errand)).await;
            if let Err(err) = done {
                desk.tell(Event::Told(Notice::Problem(format!("bug: {err}"))));
            }
        });
    }

    /// Looks now and then whether somebody else changed projects or linked files, and
    /// reads them again then. Ends with the cockpit.
    pub fn watch(&self) {
        if self.session.store.is_none() {
            return;
        }
        let desk = self.clone();
        tokio::spawn(async move {
            let mut clock = time::interval(LOOK);
            while !desk.told.is_closed() {
                clock.tick().await;
                let looking = desk.clone();
                if spawn_blocking(move || looking.is_outdated()).await.unwrap_or_default() {
                    desk.run(Chore::Look);
                }
            }
        });
    }

    fn is_outdated(&self) -> bool {
        let Ok(seen) = self.seen.lock() else { return false };
        seen.iter().any(|(path, then)| modified(path) != *then)
    }

    fn act(&self, store: &Store, cluster: &str, errand: Chore) {
        let done = match errand {
            Chore::Look => self.look(store, cluster),
            Chore::Amend(operation) => self.amend(store, *operation),
            Chore::Create(new) => self.create(store, *new),
            Chore::Panel(path) => {
                let found = panel(store, &path, &environment()).map_err(|it| it.line());
                self.tell(Event::Project(Told::Panel(path, found)));
                return;
            }
            Chore::Standing(path) => {
                let found = standing(store, cluster, &path).map(Box::new).map_err(|it| it.line());
                self.tell(Event::Project(Told::Standing(path, found)));
                return;
            }
            Chore::Discard { stack, title, undo } => {
                discard(store, &stack, *undo).map(|()| self.done(format!("discarded {title}")))
            }
            Chore::Accept(path) => {
                see(store, &path).map(|()| self.done(format!("{path}: taken as it is")))
            }
            Chore::Prepare(path) => order(store, &path, &self.session.context)
                .map(|it| self.tell(Event::Project(Told::Ready(Box::new(it))))),
        };
        if let Err(trouble) = done {
            self.tell(Event::Told(Notice::Problem(trouble.line())));
        }
        // What was read may be another by now, also where nothing was done.
        if let Err(trouble) = self.look(store, cluster) {
            tracing::warn!(%trouble, "projects cannot be read");
        }
    }

    fn look(&self, store: &Store, cluster: &str) -> Result<(), Trouble> {
        let mut seen = vec![(store.path(), modified(&store.path()))];
        let catalog = store.catalog()?;
        seen.extend(linked(&catalog).map(|path| {
            let when = modified(&path);
            (path, when)
        }));
        let brief = |found: Result<_, Trouble>| match found {
            Ok(standing) => Brief::of(&standing),
            Err(trouble) => Brief { trouble: Some(trouble.line()), ..Brief::default() },
        };
        let standings = standings(store, cluster, &catalog)?.into_iter();
        let briefs = standings.map(|(path, found)| (path, brief(found))).collect();
        if let Ok(mut known) = self.seen.lock() {
            *known = seen;
        }
        self.tell(Event::Project(Told::Projects(Box::new(Projects { catalog, briefs }))));
        Ok(())
    }

    fn amend(&self, store: &Store, operation: Operation) -> Result<(), Trouble> {
        let done = Amend { operation, who: self.session.who.clone() }.run(store)?;
        self.done(done);
        Ok(())
    }

    /// Makes a stack of a file. One that runs already is planned against it at once.
    fn create(&self, store: &Store, new: New) -> Result<(), Trouble> {
        let New { path, from, place, swarm } = new;
        let runs = swarm.is_some();
        let (gathered, mut report) = collect(from)?;
        let missing = gathered.missing.clone();
        let stack = NewStack { path: path.clone(), swarm, place, gathered };
        self.amend(store, Operation::CreateStack(Box::new(stack)))?;
        report.extend(missing.into_iter().map(|it| format!("{it}: the stack needs it")));
        if runs {
            let order = order(store, &path, &self.session.context)?;
            self.tell(Event::Project(Told::Ready(Box::new(order))));
        } else if let Some(document) =
            store.catalog()?.stacks.get(&path).and_then(Document::first_of)
        {
            self.tell(Event::Project(Told::Made { document, report }));
        }
        Ok(())
    }

    fn done(&self, what: String) {
        self.tell(Event::Told(Notice::Done(what)));
    }

    fn tell(&self, event: Event) {
        // The cockpit is closing.
        let _ = self.told.send(event);
    }
}

/// Reads what a stack is to be made of, and says what became of it.
fn collect(from: From) -> Result<(Gathered, Vec<String>), Trouble> {
    match from {
        From::File(file) => Ok((gather(&[file], &[])?, Vec::new())),
        From::Text { name, text } => {
            let here = env::current_dir().unwrap_or_default();
            Ok((of_text(&name, text, &here), Vec::new()))
        }
        From::Compose(file) => {
            let full = path::absolute(&file).unwrap_or(file);
            let folder = full.parent().unwrap_or(Path::new("/"));
            let (text, report) = convert(&full, folder)?;
            let name = full.file_name().map(|it| it.to_string_lossy().into_owned());
            Ok((of_text(&name.unwrap_or_default(), text, folder), report))
        }
    }
}

/// Makes a stack file of one for Docker Compose.
fn convert(file: &Path, folder: &Path) -> Result<(String, Vec<String>), Trouble> {
    let text = files::read_text(file, files::STACK).map_err(|err| Trouble {
        why: format!("cannot read {}: {err}", file.display()),
        hint: None,
    })?;
    let project = folder.file_name().map(|it| it.to_string_lossy().into_owned());
    let options = Options { project: project.unwrap_or_default(), without_profiles: false };
    let imported = import(&text, &options).map_err(|findings| {
        let names = [file.to_string_lossy().into()];
        let first = findings.first().map(|it| it.line(&names)).unwrap_or_default();
        Trouble::new(first, "`skep check` says everything that is wrong")
    })?;
    let report = imported.notes.iter().map(note);
    Ok((imported.text, report.collect()))
}

fn note(note: &Note) -> String {
    let word = match note.kind {
        Kind::Cannot => "cannot work",
        Kind::Changed => "changed",
        Kind::Ignored => "left out",
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
fn order(store: &Store, path: &StackPath, context: &str) -> Result<Order, Trouble> {
    let sources = load(store, path, &environment())?;
    let managed = sources.managed.clone();
    let managed = managed
        .ok_or_else(|| Trouble { why: format!("bug: {path} lost its project"), hint: None })?;
    if let Some(home) = managed.context.as_ref().filter(|it| *it != context) {
        let why = format!("{path} lives in context {home}, and this is {context}");
        return Err(Trouble::new(why, format!("`:contexts {home}` goes there")));
    }
    Ok(Order {
        stack: managed.swarm.clone(),
        sources,
        resolve: Resolve::default(),
        with_registry_auth: false,
        prune: false,
        message: String::new(),
        mode: Mode::default(),
        wait: Duration::ZERO,
        limits: Given::default(),
    })
}

async fn cluster(engine: &dyn Engine) -> String {
    let swarm = engine.inspect(&Object::Swarm).await.unwrap_or_default();
    swarm["ID"].as_str().unwrap_or_default().to_owned()
}

fn linked(catalog: &Catalog) -> impl Iterator<Item = PathBuf> {
    let linked = catalog.stacks.values().filter(|it| it.source.place == SourcePlace::Linked);
    linked.flat_map(|it| {
        it.source.compose.iter().map(move |name| Path::new(&it.source.dir).join(name))
    })
}

fn modified(path: &Path) -> Option<SystemTime> {
    fs::metadata(path).ok()?.modified().ok()
}
