//! Writes documents one after the other, so that the text saved last is what is there.

use crate::{
    store::Store,
    tui::{
        document::{Content, Document, Reply, Stamp, Why},
        event::{Event, Notice, Response, Ticket},
        run::{
            files::{self, Unsaved},
            responses::Responses,
            shelf::Shelf,
        },
    },
};
use std::{collections::BTreeMap, sync::Arc};
use tokio::{
    sync::mpsc::{self, UnboundedReceiver, UnboundedSender},
    task::{JoinHandle, spawn_blocking},
};

/// Without a state there are no projects, so nobody gets here.
pub const NO_STATE: &str = "there is no state file";

/// A text to write.
pub struct Save {
    pub ticket: Ticket,
    pub document: Document,
    pub content: Arc<Content>,
    /// What is to be there before.
    pub over: Stamp,
}

/// Takes texts, and writes them in their order.
pub struct Saver {
    inbox: UnboundedSender<Save>,
    work: JoinHandle<()>,
}

/// What somebody knew who saved, and what was there after.
type Written = BTreeMap<Document, (Stamp, Stamp)>;

impl Saver {
    pub fn new(store: Option<Store>, back: Responses) -> Self {
        let (inbox, saves) = mpsc::unbounded_channel();
        Self { inbox, work: tokio::spawn(write_all(store, saves, back)) }
    }

    pub fn take(&self, save: Save) {
        // It ends with the cockpit only.
        let _ = self.inbox.send(save);
    }

    /// Waits until all is written.
    pub async fn finish(self) {
        drop(self.inbox);
        // What panicked is in the log.
        let _ = self.work.await;
    }
}

async fn write_all(store: Option<Store>, mut saves: UnboundedReceiver<Save>, back: Responses) {
    let mut written = Written::new();
    while let Some(mut save) = saves.recv().await {
        // Whoever saves again before hearing of the first time knows what was before that.
        let again = |(knew, after): &(Stamp, Stamp)| (save.over == *knew).then(|| after.clone());
        let (document, knew) = (save.document.clone(), save.over.clone());
        if let Some(after) = written.get(&document).and_then(again) {
            save.over = after;
        }
        let (ticket, store) = (save.ticket, store.clone());
        let done = spawn_blocking(move || write(&save, store.as_ref())).await;
        let (told, reply) = done
            .unwrap_or_else(|err| (Some(Notice::Problem(format!("bug: {err}"))), Reply::NotSaved));
        if let Reply::Saved(_, after) = &reply {
            written.insert(document, (knew, after.clone()));
        }
        if let Some(notice) = told {
            back.tell(Event::Told(notice));
        }
        back.respond(ticket, Response::Document(reply));
    }
}

/// Writes a text; says what everybody is to know, and what its editor is to know.
fn write(save: &Save, store: Option<&Store>) -> (Option<Notice>, Reply) {
    let Save { document, content, over, .. } = save;
    let saved = match (document, store) {
        (Document::File(path), _) => files::save(path, content, Some(over)),
        (Document::Stack { stack, file }, Some(store)) => {
            Shelf { store, stack, file }.save(content, over)
        }
        (Document::Stack { .. }, None) => Err(Unsaved::Refused(NO_STATE.to_owned())),
    };
    let name = document.name();
    match saved {
        Ok(stamp) => {
            let told = Notice::Done(format!("saved {name}"));
            (Some(told), Reply::Saved(Arc::clone(content), stamp))
        }
        Err(Unsaved::Differs(found)) => (None, Reply::Differs(*found, Why::Saving)),
        Err(Unsaved::Refused(err)) => {
            let why = format!("cannot write {name}: {err}; the text is still here");
            (Some(Notice::Problem(why)), Reply::NotSaved)
        }
    }
}
