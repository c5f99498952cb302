//! Draft keeper: stores unsaved text, so that it survives whatever ends skep.

use crate::{
    domain::project::draft::Draft,
    store::{Store, StoreError},
    tui::{
        document::Document,
        event::{Event, Notice},
        run::responses::Responses,
    },
};
use jiff::Timestamp;
use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};
use tokio::{
    sync::{
        mpsc::{self, UnboundedReceiver, UnboundedSender},
        oneshot,
    },
    task::{JoinHandle, spawn_blocking},
    time::{self, Instant},
};

/// A draft is written once nobody types for this long.
const RESTS: Duration = Duration::from_secs(1);

/// And after this long, if somebody never stops.
const PATIENCE: Duration = Duration::from_secs(10);

/// Takes drafts, and writes them one after the other.
pub struct Keeper {
    inbox: UnboundedSender<(Document, Keep)>,
    work: JoinHandle<()>,
}

/// What is to be kept of a document.
#[derive(Debug)]
pub enum Keep {
    /// The text that is not saved, soon; `None` forgets it at once.
    Draft(Option<Draft>),
    /// A text that was given up, for a week.
    Discarded(Draft),
    /// No more what was given up at a moment.
    Forgotten(Timestamp),
    /// Nothing: tell that all before was written.
    Settled(oneshot::Sender<()>),
}

/// What is still to be written of a document.
struct Waiting {
    draft: Option<Draft>,
    due: Instant,
    /// When the first change came that is not written.
    since: Instant,
}

impl Keeper {
    /// Starts to keep.
    pub fn new(store: Store, by: String, back: Responses) -> Self {
        let (inbox, drafts) = mpsc::unbounded_channel();
        let scribe = Scribe { store, by, back, others: BTreeSet::new(), failed: false };
        Self { inbox, work: tokio::spawn(keep(scribe, drafts)) }
    }

    /// Keeps what is to be kept.
    pub fn take(&self, document: Document, keep: Keep) {
        // It ends with the cockpit only.
        let _ = self.inbox.send((document, keep));
    }

    /// Returns what comes once all that was taken of a document is written.
    pub fn settled(&self, document: &Document) -> oneshot::Receiver<()> {
        let (tell, settled) = oneshot::channel();
        self.take(document.clone(), Keep::Settled(tell));
        settled
    }

    /// Waits until all is written, whatever its time.
    pub async fn finish(self) {
        drop(self.inbox);
        // What panicked is in the log.
        let _ = self.work.await;
    }
}

async fn keep(mut scribe: Scribe, mut inbox: UnboundedReceiver<(Document, Keep)>) {
    let mut waiting: BTreeMap<Document, Waiting> = BTreeMap::new();
    loop {
        let next = waiting.values().map(|it| it.due).min();
        let due = next.unwrap_or_else(Instant::now);
        tokio::select! {
            biased;
            () = time::sleep_until(due), if next.is_some() => {
                let now = Instant::now();
                let due = |it: &(&Document, &Waiting)| it.1.due <= now;
                let due: Vec<Document> = waiting.iter().filter(due).map(|it| it.0.clone()).collect();
                for document in due {
                    let draft = waiting.remove(&document).and_then(|it| it.draft);
                    scribe.write(document, Keep::Draft(draft)).await;
                }
            }
            news = inbox.recv() => {
                let Some((document, keep)) = news else { break };
                let Keep::Draft(draft) = keep else {
                    // What waits comes first, so that order is kept.
                    if let Some(before) = waiting.remove(&document) {
                        scribe.write(document.clone(), Keep::Draft(before.draft)).await;
                    }
                    scribe.write(document, keep).await;
                    continue;
                };
                let now = Instant::now();
                let since = waiting.get(&document).map_or(now, |it| it.since);
                let rest = if draft.is_some() { RESTS } else { Duration::ZERO };
                let due = (now + rest).min(since + PATIENCE);
                waiting.insert(document, Waiting { draft, due, since });
            }
        }
    }
    for (document, it) in waiting {
        scribe.write(document, Keep::Draft(it.draft)).await;
    }
}

/// Writes into the state.
struct Scribe {
    store: Store,
    /// In whose name.
    by: String,
    back: Responses,
    /// Who else was seen to write, which was told.
    others: BTreeSet<(Document, String)>,
    /// The last write failed, which was told.
    failed: bool,
}

impl Scribe {
    async fn write(&mut self, document: Document, keep: Keep) {
        let name = document.short_name();
        let (store, by, key) = (self.store.clone(), self.by.clone(), document.key());
        let written = spawn_blocking(move || put(&store, &by, &key, keep)).await;
        if let Ok(Ok(Some(other))) = &written
            && self.others.insert((document, other.clone()))
        {
            let told = format!(
                "{other} edits {name} too: both texts are kept, the other one in `:drafts`; whoever saves second is asked"
            );
            self.back.tell(Event::Told(Notice::Problem(told)));
        }
        let Ok(Err(err)) = written else {
            self.failed = false;
            return;
        };
        tracing::warn!(%err, "what is not saved could not be kept");
        if !std::mem::replace(&mut self.failed, true) {
            let why = format!("what is not saved of {name} is not kept: {err}; {}", err.hint());
            self.back.tell(Event::Told(Notice::Problem(why)));
        }
    }
}

/// Does it; returns who else writes into the document.
fn put(store: &Store, by: &str, document: &str, keep: Keep) -> Result<Option<String>, StoreError> {
    match keep {
        Keep::Draft(Some(draft)) => {
            let draft = Draft { by: Some(by.to_owned()), ..draft };
            return store.keep_draft(document, &draft);
        }
        Keep::Draft(None) => store.forget_draft(document, Some(by)),
        Keep::Discarded(draft) => {
            let draft = Draft { by: Some(by.to_owned()), ..draft };
            store.discard_draft(document, &draft)
        }
        Keep::Forgotten(at) => store.forget_discarded(document, at),
        Keep::Settled(tell) => {
            // Who asked is gone.
            let _ = tell.send(());
            Ok(())
        }
    }
    .map(|()| None)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::path::PathBuf;

    fn draft(text: &str) -> Draft {
        let at = Timestamp::UNIX_EPOCH;
        Draft { text: text.to_owned(), base: String::new(), at, discarded: false, by: None }
    }

    fn kept(store: &Store) -> Option<String> {
        store.draft("/a.yml").unwrap().map(|it| it.text)
    }

    fn document() -> Document {
        Document::File(PathBuf::from("/a.yml"))
    }

    fn keeper(store: &Store) -> Keeper {
        keeper_of("ann", store, mpsc::unbounded_channel().0)
    }

    fn keeper_of(who: &str, store: &Store, told: UnboundedSender<Event>) -> Keeper {
        Keeper::new(store.clone(), who.to_owned(), Responses::new(told))
    }

    #[tokio::test]
    async fn the_newest_draft_is_kept_and_what_was_saved_forgotten() {
        let dir = tempfile::tempdir().unwrap();
        let store = Store::in_dir(dir.path());
        let first = keeper(&store);
        first.take(document(), Keep::Draft(Some(draft("one"))));
        first.take(document(), Keep::Draft(Some(draft("two"))));
        first.finish().await;
        assert_eq!(kept(&store).as_deref(), Some("two"));
        let second = keeper(&store);
        second.take(document(), Keep::Draft(Some(draft("three"))));
        second.take(document(), Keep::Draft(None));
        second.finish().await;
        assert_eq!(kept(&store), None);
    }

    #[tokio::test]
    async fn who_writes_into_what_another_skep_edits_hears_of_it_once() {
        let dir = tempfile::tempdir().unwrap();
        let store = Store::in_dir(dir.path());
        let first = keeper(&store);
        first.take(document(), Keep::Draft(Some(draft("one"))));
        first.finish().await;
        let (told, mut heard) = mpsc::unbounded_channel();
        let second = keeper_of("bob@m1 (pid 8)", &store, told);
        second.take(document(), Keep::Draft(Some(draft("other"))));
        second.finish().await;
        let Some(Event::Told(Notice::Problem(why))) = heard.recv().await else { panic!() };
        assert!(why.starts_with("ann edits a.yml too"), "{why}");
        assert!(heard.recv().await.is_none());
        assert_eq!(kept(&store).as_deref(), Some("other"));
        assert_eq!(store.discarded("/a.yml", Timestamp::UNIX_EPOCH).unwrap()[0].text, "one");
    }

    #[tokio::test]
    async fn what_is_given_up_is_kept_at_once_and_replaces_what_waited() {
        let dir = tempfile::tempdir().unwrap();
        let store = Store::in_dir(dir.path());
        let keeper = keeper(&store);
        keeper.take(document(), Keep::Draft(Some(draft("one"))));
        keeper.take(document(), Keep::Discarded(draft("two")));
        keeper.settled(&document()).await.unwrap();
        let given_up = || store.discarded("/a.yml", Timestamp::UNIX_EPOCH).unwrap();
        assert_eq!((kept(&store), given_up()[0].text.as_str()), (None, "two"));
        keeper.take(document(), Keep::Forgotten(Timestamp::UNIX_EPOCH));
        keeper.finish().await;
        assert_eq!(given_up(), []);
    }

    #[tokio::test]
    async fn who_types_is_told_once_where_nothing_can_be_kept() {
        let dir = tempfile::tempdir().unwrap();
        let blocked = dir.path().join("state");
        std::fs::write(&blocked, "no folder").unwrap();
        let (told, mut heard) = mpsc::unbounded_channel();
        let keeper = keeper_of("ann", &Store::in_dir(&blocked), told);
        keeper.take(document(), Keep::Discarded(draft("one")));
        keeper.take(document(), Keep::Discarded(draft("two")));
        keeper.finish().await;
        let Some(Event::Told(Notice::Problem(why))) = heard.recv().await else { panic!() };
        assert!(why.contains("of a.yml is not kept"), "{why}");
        assert!(heard.recv().await.is_none());
    }
}
