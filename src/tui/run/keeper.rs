//! Keeps what is written and not saved, so that it survives whatever ends skep.

use crate::{domain::draft::Draft, store::Store, tui::document::Document};
use std::{collections::BTreeMap, time::Duration};
use tokio::{
    sync::mpsc::{self, UnboundedReceiver, UnboundedSender},
    task::{JoinHandle, spawn_blocking},
    time::{self, Instant},
};

/// A draft is written once nobody types for so long.
const RESTS: Duration = Duration::from_secs(1);

/// And after so long, if somebody never stops.
const PATIENCE: Duration = Duration::from_secs(10);

/// Takes drafts, and writes them one after the other.
pub struct Keeper {
    inbox: UnboundedSender<(Document, Option<Draft>)>,
    work: JoinHandle<()>,
}

/// What is still to be written of a document.
struct Waiting {
    draft: Option<Draft>,
    due: Instant,
    /// When the first change came that is not written.
    since: Instant,
}

impl Keeper {
    /// Starts to keep; without a state nothing is kept.
    pub fn new(store: Option<Store>) -> Self {
        let (inbox, drafts) = mpsc::unbounded_channel();
        Self { inbox, work: tokio::spawn(keep(store, drafts)) }
    }

    /// Keeps a draft soon, or forgets it at once.
    pub fn take(&self, document: Document, draft: Option<Draft>) {
        // It ends with the cockpit only.
        let _ = self.inbox.send((document, draft));
    }

    /// Waits until all is written, whatever its time.
    pub async fn finish(self) {
        drop(self.inbox);
        // What panicked is in the log.
        let _ = self.work.await;
    }
}

async fn keep(store: Option<Store>, mut inbox: UnboundedReceiver<(Document, Option<Draft>)>) {
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
                    write(store.clone(), document, draft).await;
                }
            }
            news = inbox.recv() => {
                let Some((document, draft)) = news else { break };
                let now = Instant::now();
                let since = waiting.get(&document).map_or(now, |it| it.since);
                let rest = if draft.is_some() { RESTS } else { Duration::ZERO };
                let due = (now + rest).min(since + PATIENCE);
                waiting.insert(document, Waiting { draft, due, since });
            }
        }
    }
    for (document, it) in waiting {
        write(store.clone(), document, it.draft).await;
    }
}

async fn write(store: Option<Store>, document: Document, draft: Option<Draft>) {
    let Some(store) = store else { return };
    let written = spawn_blocking(move || store.keep_draft(&document.key(), draft.as_ref())).await;
    if let Ok(Err(err)) = written {
        tracing::warn!(%err, "what is not saved could not be kept");
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::path::PathBuf;

    fn draft(text: &str) -> Draft {
        Draft { text: text.to_owned(), base: String::new(), at: jiff::Timestamp::UNIX_EPOCH }
    }

    fn kept(store: &Store) -> Option<String> {
        store.draft("/a.yml").unwrap().map(|it| it.text)
    }

    #[tokio::test]
    async fn the_newest_draft_is_kept_and_what_was_saved_forgotten() {
        let dir = tempfile::tempdir().unwrap();
        let store = Store::in_dir(dir.path());
        let document = Document::File(PathBuf::from("/a.yml"));
        let keeper = Keeper::new(Some(store.clone()));
        keeper.take(document.clone(), Some(draft("one")));
        keeper.take(document.clone(), Some(draft("two")));
        keeper.finish().await;
        assert_eq!(kept(&store).as_deref(), Some("two"));
        let keeper = Keeper::new(Some(store.clone()));
        keeper.take(document.clone(), Some(draft("three")));
        keeper.take(document, None);
        keeper.finish().await;
        assert_eq!(kept(&store), None);
    }
}
