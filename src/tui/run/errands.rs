//! What is done outside for documents that are open in the editor.

use crate::{
    domain::{
        compose::{
            ClusterFacts, Finding,
            assist::{Known, KnownNode},
        },
        image::ImageRef,
        names::StackName,
    },
    engine::{Answer, Engine},
    jobs::{
        facts,
        source::{Sources, environment},
    },
    tui::{
        document::{Check, Content, Document, Errand, Facts, Opened, Remark, Reply, Stamp, Why},
        event::{Event, Notice},
        run::files::{self, Unsaved},
    },
};
use std::{
    collections::{BTreeMap, BTreeSet},
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};
use tokio::{sync::mpsc::UnboundedSender, task::spawn_blocking, time};

/// The checker waits until nobody types for so long.
const TYPING_RESTS: Duration = Duration::from_millis(120);

/// The errands of all open documents.
pub struct Errands {
    engine: Arc<dyn Engine>,
    told: UnboundedSender<Event>,
    /// Number of the newest text of each document that waits to be checked.
    newest: BTreeMap<Document, Arc<AtomicU64>>,
}

impl Errands {
    pub fn new(engine: Arc<dyn Engine>, told: UnboundedSender<Event>) -> Self {
        Self { engine, told, newest: BTreeMap::new() }
    }

    /// Runs one errand; what comes of it is told.
    pub fn run(&mut self, document: Document, errand: Errand) {
        match errand {
            Errand::Load => self.in_background(document, |it| Some(Reply::Loaded(load(it)))),
            Errand::Save { content, over } => self.save(document, content, over),
            Errand::Look(known) => self.in_background(document, move |it| look(it, &known)),
            Errand::Facts => self.look_around(document),
            Errand::Check(check) => self.check(document, check),
        }
    }

    fn save(&self, document: Document, content: Arc<Content>, over: Option<Stamp>) {
        let told = self.told.clone();
        spawn_blocking(move || {
            let saved = match &document {
                Document::File(path) => files::save(path, &content, over.as_ref()),
            };
            let name = document.name();
            let event = match saved {
                Ok(stamp) => {
                    // The cockpit is closing.
                    let _ = told.send(Event::Told(Notice::Done(format!("saved {name}"))));
                    Event::Document(document, Reply::Saved(content, stamp))
                }
                Err(Unsaved::Differs(found)) => {
                    Event::Document(document, Reply::Differs(found, Why::Saving))
                }
                Err(Unsaved::Refused(err)) => Event::Told(Notice::Problem(format!(
                    "cannot write {name}: {err}; the text is still here"
                ))),
            };
            let _ = told.send(event);
        });
    }

    /// Looks at the cluster once. Where that cannot be, texts are checked without it.
    fn look_around(&self, document: Document) {
        let (engine, told) = (Arc::clone(&self.engine), self.told.clone());
        tokio::spawn(async move {
            match facts(&*engine).await {
                Ok(facts) => {
                    // The cockpit is closing.
                    let _ = told.send(Event::Document(document, Reply::Facts(Arc::new(facts))));
                }
                Err(err) => tracing::info!(%err, "texts are checked without the cluster"),
            }
        });
    }

    /// Has a text checked off the loop; what is still waiting when the next text
    /// comes is left out.
    fn check(&mut self, document: Document, check: Check) {
        let newest = Arc::clone(self.newest.entry(document.clone()).or_default());
        newest.store(check.number, Ordering::Relaxed);
        let told = self.told.clone();
        tokio::spawn(async move {
            time::sleep(TYPING_RESTS).await;
            if newest.load(Ordering::Relaxed) != check.number {
                return;
            }
            let number = check.number;
            let path = document.path().to_owned();
            let checked = spawn_blocking(move || remarks(&path, &check)).await;
            if let Ok(remarks) = checked {
                // The cockpit is closing.
                let _ = told.send(Event::Document(document, Reply::Checked(number, remarks)));
            }
        });
    }

    fn in_background(
        &self,
        document: Document,
        work: impl FnOnce(&Document) -> Option<Reply> + Send + 'static,
    ) {
        let told = self.told.clone();
        spawn_blocking(move || {
            if let Some(reply) = work(&document) {
                // The cockpit is closing.
                let _ = told.send(Event::Document(document, reply));
            }
        });
    }
}

fn load(document: &Document) -> Result<Opened, String> {
    match document {
        Document::File(path) => files::open(path),
    }
}

/// Says where something else is there than what was read.
fn look(document: &Document, known: &Stamp) -> Option<Reply> {
    match document {
        Document::File(path) if !files::may_differ(path, known) => return None,
        Document::File(_) => {}
    }
    let found = load(document);
    let same = found.as_ref().is_ok_and(|it| it.stamp.print == known.print);
    (!same).then_some(Reply::Differs(found, Why::Looking))
}

/// Reads what checks and completion can use of a cluster.
pub async fn facts(engine: &dyn Engine) -> Answer<Facts> {
    let cluster = facts::facts(engine).await?;
    let known = known(&cluster);
    Ok(Facts { cluster, known })
}

/// Returns what completion offers of a cluster. Volumes are not known: an engine lists
/// those of its own node only.
fn known(cluster: &ClusterFacts) -> Known {
    let sorted = |names: BTreeSet<String>| names.into_iter().collect();
    let images = cluster.services.iter().map(|it| {
        let image = it.image.split('@').next().unwrap_or_default();
        ImageRef::parse(image).map_or_else(|_| image.to_owned(), |it| it.to_string())
    });
    let overlay = cluster.networks.iter().filter(|it| it.1.scope == "swarm");
    Known {
        networks: overlay.map(|it| it.0.clone()).collect(),
        secrets: cluster.secrets.iter().cloned().collect(),
        configs: cluster.configs.iter().cloned().collect(),
        volumes: Vec::new(),
        images: sorted(images.collect()),
        nodes: cluster.nodes.iter().map(KnownNode::from).collect(),
        variables: environment().into_keys().collect(),
    }
}

/// Returns what the checker says of a text that lies at a path, as the editor shows it.
/// Reads the files that the text names: blocks.
pub fn remarks(path: &Path, check: &Check) -> Vec<Remark> {
    let named = check.stack.clone().or_else(|| "stack".parse::<StackName>().ok());
    let Some(name) = named else { return Vec::new() };
    let sources = Sources::one(path, check.text.to_string());
    let understood = sources.understand_in(&name, check.facts.as_ref().map(|it| &it.cluster));
    let remark = |it: &Finding| {
        let own = it.place.file == 0;
        let place = it.place;
        let elsewhere = || it.line(&understood.names);
        Remark {
            place: (own && place.line > 0).then_some((place.start, place.end)),
            severity: it.severity(),
            code: it.code.name,
            message: if own { it.message.clone() } else { elsewhere() },
            hint: it.hint.clone().filter(|_| own),
            also: it.also.filter(|it| it.0.file == 0).map(|(place, what)| (place.start, what)),
            fix: it.fix.clone().filter(|it| it.place.file == 0),
        }
    };
    understood.findings.iter().map(remark).collect()
}
