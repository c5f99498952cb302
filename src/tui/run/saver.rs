//! The saver: writes documents one after the other, so that the last saved text wins.

use crate::{
    domain::project::draft::Draft,
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
use jiff::Timestamp;
use std::{collections::BTreeMap, sync::Arc};
use tokio::{
    sync::mpsc::{self, UnboundedReceiver, UnboundedSender},
    task::{JoinHandle, spawn_blocking},
};

/// A text to write.
pub struct Save {
    pub ticket: Ticket,
    pub document: Document,
    pub content: Arc<Content>,
    /// What is to be there before; nothing where whatever is there may go.
    pub over: Option<Stamp>,
    /// It is a copy: the text goes on being that of another document.
    pub aside: bool,
}

/// Takes texts, and writes them in their order.
pub struct Saver {
    inbox: UnboundedSender<Save>,
    work: JoinHandle<()>,
}

/// What somebody knew who saved, and what was there after.
type Written = BTreeMap<Document, (Stamp, Stamp)>;

impl Saver {
    pub fn new(store: Store, back: Responses) -> Self {
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

async fn write_all(store: Store, mut saves: UnboundedReceiver<Save>, back: Responses) {
    let mut written = Written::new();
    while let Some(mut save) = saves.recv().await {
        // Whoever saves again before hearing of the first time knows what was before that.
        let again = |(knew, after): &(Stamp, Stamp)| {
            (save.over.as_ref() == Some(knew)).then(|| after.clone())
        };
        let knew = save.over.clone().filter(|_| !save.aside);
        let document = save.document.clone();
        if let Some(after) = written.get(&document).and_then(again).filter(|_| knew.is_some()) {
            save.over = Some(after);
        }
        let (ticket, store) = (save.ticket, store.clone());
        let aside = save.aside;
        let done = spawn_blocking(move || write(&save, &store)).await;
        let (told, reply) = done
            .unwrap_or_else(|err| (Some(Notice::Problem(format!("bug: {err}"))), Reply::NotSaved));
        if aside {
            let response = told.map_or(Response::Nothing, Response::Said);
            back.respond(ticket, response);
            continue;
        }
        if let (Some(knew), Reply::Saved(_, after)) = (knew, &reply) {
            written.insert(document, (knew, after.clone()));
        }
        if let Some(notice) = told {
            back.tell(Event::Told(notice));
        }
        back.respond(ticket, Response::Document(reply));
    }
}

/// Puts what a copy is written over aside for a week; says why it cannot.
fn put_aside(save: &Save, store: &Store) -> Result<bool, String> {
    let Document::File(path) = &save.document else { return Ok(false) };
    let there = files::open(path)
        .map_err(|why| format!("the existing file cannot be kept: {why}; move it away first"))?;
    let text = there.content.text;
    if text.is_empty() || text == save.content.text {
        return Ok(false);
    }
    let gone =
        Draft { text, base: there.stamp.print, at: Timestamp::now(), discarded: true, by: None };
    let kept = store.discard_draft(&save.document.key(), &gone);
    kept.map(|()| true)
        .map_err(|err| format!("the existing file cannot be kept: {err}; {}", err.hint()))
}

/// Writes a text; says what everybody is to know, and what its editor is to know.
fn write(save: &Save, store: &Store) -> (Option<Notice>, Reply) {
    let Save { document, content, over, aside, .. } = save;
    let mut kept = false;
    if *aside && over.is_none() {
        match put_aside(save, store) {
            Ok(there) => kept = there,
            Err(why) => {
                let why = format!("cannot write over {}: {why}", document.name());
                return (Some(Notice::Problem(why)), Reply::NotSaved);
            }
        }
    }
    let saved = match document {
        Document::File(path) => files::save(path, content, over.as_ref()),
        Document::Stack { stack, file } => {
            Shelf { store, stack, file }.save(content, over.as_ref())
        }
    };
    let name = document.name();
    match saved {
        Ok(stamp) if *aside => {
            let kept = if kept { "; what was there is in `:drafts` for a week" } else { "" };
            let told = format!("wrote {name}{kept}; the text here still belongs to the old file");
            (Some(Notice::Done(told)), Reply::Saved(Arc::clone(content), stamp))
        }
        Err(Unsaved::Differs(_)) if *aside => {
            let why = format!("not written: {name} exists already; `:w! {name}` writes over it");
            (Some(Notice::Problem(why)), Reply::NotSaved)
        }
        Err(Unsaved::Refused(err)) if *aside => {
            (Some(Notice::Problem(format!("cannot write {name}: {err}"))), Reply::NotSaved)
        }
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

#[cfg(test)]
mod tests {
    use super::*;
    use std::{fs, path::Path};

    /// Saves a text of a file that was read as another one.
    async fn saved(path: &Path, text: &str, over: Option<Stamp>, store: Store) -> Event {
        let (told, mut heard) = mpsc::unbounded_channel();
        let saver = Saver::new(store, Responses::new(told));
        let content = Arc::new(Content { text: text.to_owned(), mark: false });
        let document = Document::File(path.to_owned());
        let aside = over.is_none();
        saver.take(Save { ticket: Ticket::none(), document, content, over, aside });
        saver.finish().await;
        heard.recv().await.unwrap()
    }

    #[tokio::test]
    async fn of_two_editors_the_second_one_to_save_is_told_and_overwrites_nothing() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("a.yml");
        fs::write(&path, "old").unwrap();
        let read = files::open(&path).unwrap().stamp;
        let first = saved(&path, "one", Some(read.clone()), Store::in_memory()).await;
        assert!(matches!(first, Event::Told(Notice::Done(_))), "{first:?}");
        let second = saved(&path, "two", Some(read), Store::in_memory()).await;
        let Event::Response(_, Response::Document(Reply::Differs(Ok(found), Why::Saving))) = second
        else {
            panic!("{second:?}")
        };
        assert_eq!(found.content.text, "one");
        assert_eq!(fs::read_to_string(&path).unwrap(), "one");
    }

    #[tokio::test]
    async fn what_a_copy_is_written_over_stays_for_a_week() {
        let dir = tempfile::tempdir().unwrap();
        let (path, store) = (dir.path().join("a.yml"), Store::in_dir(&dir.path().join("state")));
        fs::write(&path, "theirs").unwrap();
        let told = saved(&path, "ours", None, store.clone()).await;
        let Event::Response(_, Response::Said(Notice::Done(said))) = told else { panic!() };
        assert!(said.contains("what was there is in `:drafts`"), "{said}");
        assert_eq!(fs::read_to_string(&path).unwrap(), "ours");
        let key = Document::File(path.clone()).key();
        let kept = store.discarded(&key, Timestamp::now()).unwrap();
        assert_eq!(kept.iter().map(|it| it.text.as_str()).collect::<Vec<_>>(), ["theirs"]);
        // What cannot be kept is not written over.
        fs::write(&path, b"\xff").unwrap();
        let told = saved(&path, "ours", None, store).await;
        let Event::Response(_, Response::Said(Notice::Problem(why))) = told else { panic!() };
        assert!(why.contains("cannot be kept"), "{why}");
        assert_eq!(fs::read(&path).unwrap(), b"\xff");
    }

    #[tokio::test]
    async fn copies_are_written_in_their_turn_and_waited_for() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("a.yml");
        let (told, mut heard) = mpsc::unbounded_channel();
        let saver = Saver::new(Store::in_memory(), Responses::new(told));
        for (text, over, aside) in
            [("one", Some(Stamp::default()), true), ("two", None, false), ("three", None, true)]
        {
            let content = Arc::new(Content { text: text.to_owned(), mark: false });
            let document = Document::File(path.clone());
            saver.take(Save { ticket: Ticket::none(), document, content, over, aside });
        }
        saver.finish().await;
        assert_eq!(fs::read_to_string(&path).unwrap(), "three");
        let Some(Event::Response(_, Response::Said(Notice::Done(said)))) = heard.recv().await
        else {
            panic!()
        };
        assert!(said.starts_with("wrote "), "{said}");
    }

    #[tokio::test]
    async fn a_copy_writes_over_nothing_by_itself() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("a.yml");
        fs::write(&path, "theirs").unwrap();
        let (told, mut heard) = mpsc::unbounded_channel();
        let saver = Saver::new(Store::in_memory(), Responses::new(told));
        let content = Arc::new(Content { text: "ours".to_owned(), mark: false });
        let (document, over) = (Document::File(path.clone()), Some(Stamp::default()));
        saver.take(Save { ticket: Ticket::none(), document, content, over, aside: true });
        saver.finish().await;
        assert_eq!(fs::read_to_string(&path).unwrap(), "theirs");
        let Some(Event::Response(_, Response::Said(Notice::Problem(said)))) = heard.recv().await
        else {
            panic!()
        };
        assert!(said.contains("exists already"), "{said}");
    }
}
