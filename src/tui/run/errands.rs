//! Editor effects: work for open documents outside of the loop.

use crate::{
    domain::{
        compose::{
            ClusterFacts, Finding,
            assist::{ClusterNames, KnownNode},
        },
        swarm::{image::ImageRef, names::StackName},
    },
    engine::{Answer, Engine},
    jobs::{cluster_facts, lease::holder, release_reader::ReleaseReader, session::Session},
    projects::{self, Sources, compose_sources::environment},
    store::{Store, StoreError, is_at_work},
    tui::{
        document::{Check, Document, Errand, Facts, Opened, Remark, Reply, Stamp, Why},
        event::{Response, Ticket},
        run::{
            files,
            keeper::{Keep, Keeper},
            responses::Responses,
            saver::{Save, Saver},
            shelf::Shelf,
        },
    },
};
use jiff::Timestamp;
use std::{
    collections::{BTreeMap, BTreeSet},
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};
use tokio::{task::spawn_blocking, time};

/// The checker waits until nobody types for this long.
const TYPING_RESTS: Duration = Duration::from_millis(120);

/// The errands of all open documents.
pub struct Errands {
    session: Session,
    back: Responses,
    keeper: Keeper,
    saver: Saver,
    /// Number of the newest text of each document that waits to be checked.
    newest: BTreeMap<Document, Arc<AtomicU64>>,
}

impl Errands {
    pub fn new(session: Session, back: Responses) -> Self {
        let keeper = Keeper::new(session.store.clone(), holder(&session.who), back.clone());
        let saver = Saver::new(session.store.clone(), back.clone());
        Self { session, back, keeper, saver, newest: BTreeMap::new() }
    }

    /// Runs one errand; what comes of it is told.
    pub fn run(&mut self, ticket: Ticket, document: Document, errand: Errand) {
        match errand {
            Errand::Load => self.load(ticket, document),
            Errand::Keep(draft) => self.keeper.take(document, Keep::Draft(draft)),
            Errand::Discard(draft) => self.keeper.take(document, Keep::Discarded(draft)),
            Errand::Forget(at) => self.keeper.take(document, Keep::Forgotten(at)),
            Errand::WriteTo { path, content, over } => {
                let over = (!over).then(Stamp::default);
                let document = Document::File(path);
                self.saver.take(Save { ticket, document, content, over, aside: true });
            }
            Errand::Beside => {
                self.blocking(ticket, move |store| Some(Reply::Beside(beside(&document, &store)?)));
            }
            Errand::Save { content, over } => {
                self.saver.take(Save { ticket, document, content, over, aside: false });
            }
            Errand::Look(known) => {
                self.blocking(ticket, move |store| look(&document, &store, &known));
            }
            Errand::Facts => self.look_around(ticket),
            Errand::Deployed(stack) => self.find_release(ticket, document, stack),
            Errand::Check(check) => self.check(ticket, document, check),
        }
    }

    /// Waits until what is to be saved is, and what is not is kept.
    pub async fn finish(self) {
        self.saver.finish().await;
        self.keeper.finish().await;
    }

    /// Reads a document once all that was to be kept of it is there to be found.
    fn load(&self, ticket: Ticket, document: Document) {
        let (store, settled) = (self.session.store.clone(), self.keeper.settled(&document));
        let ours = holder(&self.session.who);
        self.back.later(ticket, async move {
            // It is gone only where the cockpit is closing.
            let _ = settled.await;
            match spawn_blocking(move || load_with_draft(&document, &store, &ours)).await {
                Ok(opened) => Response::Document(Reply::Loaded(opened)),
                Err(err) => Response::Lost(format!("bug: {err}")),
            }
        });
    }

    /// Looks at the cluster once. Where that cannot be, texts are checked without it.
    fn look_around(&self, ticket: Ticket) {
        let engine = Arc::clone(&self.session.engine);
        self.back.later(ticket, async move {
            match facts(&*engine).await {
                Ok(facts) => Response::Document(Reply::Facts(Arc::new(facts))),
                Err(err) => {
                    tracing::info!(%err, "files are checked without the cluster");
                    Response::Nothing
                }
            }
        });
    }

    fn find_release(&self, ticket: Ticket, document: Document, stack: StackName) {
        let session = self.session.clone();
        self.back.later(ticket, async move {
            let found = deployed(&session, document.path(), &stack).await;
            Response::Document(Reply::Deployed(found))
        });
    }

    /// Has a text checked off the loop; what is still waiting when the next text
    /// comes is left out.
    fn check(&mut self, ticket: Ticket, document: Document, check: Check) {
        let newest = Arc::clone(self.newest.entry(document.clone()).or_default());
        newest.store(check.number, Ordering::Relaxed);
        self.back.later(ticket, async move {
            time::sleep(TYPING_RESTS).await;
            if newest.load(Ordering::Relaxed) != check.number {
                return Response::Nothing;
            }
            let number = check.number;
            match spawn_blocking(move || remarks(&document, &check)).await {
                Ok(remarks) => Response::Document(Reply::Checked(number, remarks)),
                Err(err) => Response::Lost(format!("bug: {err}")),
            }
        });
    }

    fn blocking(&self, ticket: Ticket, work: impl FnOnce(Store) -> Option<Reply> + Send + 'static) {
        let store = self.session.store.clone();
        self.back
            .blocking(ticket, move || work(store).map_or(Response::Nothing, Response::Document));
    }
}

fn load(document: &Document, store: &Store) -> Result<Opened, String> {
    match document {
        Document::File(path) => files::open(path),
        Document::Stack { stack, file } => Shelf { store, stack, file }.open(),
    }
}

/// Reads what else the stack of a document is made of.
fn beside(document: &Document, store: &Store) -> Option<Result<Arc<Sources>, String>> {
    let Document::Stack { stack, .. } = document else { return None };
    let loaded = projects::look(store, stack, &environment());
    Some(loaded.map(|it| Arc::new(it.0)).map_err(|trouble| trouble.line()))
}

/// Finds beside the document the unsaved text of before: what its skep left
/// behind, or else what was given up last. A state that cannot be read keeps nobody from
/// editing.
fn load_with_draft(document: &Document, store: &Store, ours: &str) -> Result<Opened, String> {
    let mut opened = load(document, store)?;
    let key = document.key();
    let left = store.draft(&key).map(|it| it.into_iter().collect::<Vec<_>>());
    let given_up = left.and_then(|mut it| {
        it.extend(store.discarded(&key, Timestamp::now())?);
        Ok(it)
    });
    let found = given_up.inspect_err(|err| tracing::warn!(%err, "no draft")).unwrap_or_default();
    opened.draft = found.into_iter().find(|it| it.text != opened.content.text);
    if let Some(draft) = &mut opened.draft {
        draft.by.take_if(|it| draft.discarded || it == ours || !is_at_work(it));
    }
    Ok(opened)
}

/// Says where something else is there than what was read.
fn look(document: &Document, store: &Store, known: &Stamp) -> Option<Reply> {
    if let Document::File(path) = document
        && !files::may_differ(path, known)
    {
        return None;
    }
    let found = load(document, store);
    let same = found.as_ref().is_ok_and(|it| it.stamp.print == known.print);
    (!same).then_some(Reply::Differs(found, Why::Looking))
}

/// Finds the text that the live release of a stack was deployed from, or the last one where
/// none is live: that of the same path, or else the first.
async fn deployed(
    session: &Session,
    path: &Path,
    stack: &StackName,
) -> Result<(u32, String), String> {
    let unread = |err: StoreError| format!("{err}; {}", err.hint());
    let reader = ReleaseReader::of(&*session.engine, &session.store, stack).await;
    let reader = reader.map_err(|err| err.to_string())?;
    let (releases, live) = reader.history().await.map_err(unread)?;
    let newest =
        releases.first().ok_or_else(|| format!("{stack} was never deployed from this machine"))?;
    let revision = live.map_or(newest.key.revision, |it| it.revision);
    let snapshot = reader.snapshot(revision).await.map_err(unread)?.unwrap_or_default();
    let same = snapshot.sources.iter().find(|it| Path::new(&it.path) == path);
    let source = same.or(snapshot.sources.first());
    let source = source.ok_or_else(|| format!("release {revision} of {stack} has no file"))?;
    Ok((revision, source.text.clone()))
}

/// Reads what checks and completion can use of a cluster.
pub async fn facts(engine: &dyn Engine) -> Answer<Facts> {
    let cluster = cluster_facts::facts(engine).await?;
    let known = known(&cluster);
    Ok(Facts { cluster, known })
}

/// Returns what completion offers of a cluster. Volumes are not known: an engine lists
/// those of its own node only.
fn known(cluster: &ClusterFacts) -> ClusterNames {
    let sorted = |names: BTreeSet<String>| names.into_iter().collect();
    let images = cluster.services.iter().map(|it| {
        let image = it.image.split('@').next().unwrap_or_default();
        ImageRef::parse(image).map_or_else(|_| image.to_owned(), |it| it.to_string())
    });
    // `host` and `bridge` are in the swarm too, but not for a file to attach to by name.
    let predefined = |name: &str| matches!(name, "host" | "bridge");
    let overlay = cluster.networks.iter().filter(|it| it.1.scope == "swarm" && !predefined(it.0));
    ClusterNames {
        networks: overlay.map(|it| it.0.clone()).collect(),
        secrets: cluster.secrets.iter().cloned().collect(),
        configs: cluster.configs.iter().cloned().collect(),
        volumes: Vec::new(),
        images: sorted(images.collect()),
        nodes: cluster.nodes.iter().map(KnownNode::from).collect(),
        variables: environment().into_keys().collect(),
    }
}

/// Returns what the checker says of a text, as the editor shows it. Reads the files that
/// the text names: blocks.
pub fn remarks(document: &Document, check: &Check) -> Vec<Remark> {
    let named = check.stack.clone().or_else(|| "stack".parse::<StackName>().ok());
    let Some(name) = named else { return Vec::new() };
    let sources = document.sources(check.text.to_string(), check.beside.as_deref());
    let file = sources.files.iter().position(|it| *it.name == *document.path().to_string_lossy());
    let file = file.unwrap_or_default();
    let understood = sources.understand_in(&name, check.facts.as_ref().map(|it| &it.cluster));
    let remark = |it: &Finding| {
        let own = it.place.file == file;
        let place = it.place;
        let elsewhere = || it.line(&understood.names);
        Remark {
            place: (own && place.line > 0).then_some((place.start, place.end)),
            severity: it.severity(),
            code: it.code.name,
            message: if own { it.message.clone() } else { elsewhere() },
            hint: it.hint.clone().filter(|_| own),
            also: it.also.filter(|it| it.0.file == file).map(|(place, what)| (place.start, what)),
            fix: it.fix.clone().filter(|it| it.place.file == file),
        }
    };
    understood.findings.iter().map(remark).collect()
}
