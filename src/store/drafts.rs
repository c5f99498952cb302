//! The draft table: the newest unsaved text of each document, and discarded ones for a week.

use crate::{
    domain::project::{draft::Draft, vault::Sealed},
    store::{
        Store, StoreError,
        error::Fault,
        record::{Record, Table, decode, encode, opened},
    },
};
use jiff::Timestamp;
use redb::{ReadableTable, TableHandle, WriteTransaction};
use serde::{Deserialize, Serialize};
use std::{cmp::Reverse, collections::BTreeMap, mem, path::Path};

pub(in crate::store) const DRAFTS: Table<&str> = Table::new("drafts");
pub(in crate::store) const DISCARDED: Table<&str> = Table::new("discarded");

/// So many texts of one document are kept once they were given up, and so many bytes;
/// the newest always is.
const MOST: usize = 10;
const MOST_BYTES: usize = 16 << 20;

impl Record for Draft {
    const VERSION: u32 = 1;
}

/// A draft as it is kept: one that holds what is secret has its text sealed beside it.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(in crate::store) struct KeptDraft {
    #[serde(flatten)]
    pub draft: Draft,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sealed: Option<Sealed>,
}

impl KeptDraft {
    /// What texts are sealed under.
    pub const NAME: &'static str = "draft";
}

impl Record for KeptDraft {
    const VERSION: u32 = Draft::VERSION;
}

/// What was given up of one document, the newest first.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(in crate::store) struct Discarded {
    pub texts: Vec<KeptDraft>,
}

impl Record for Discarded {
    const VERSION: u32 = 1;
}

impl Store {
    /// Keeps the draft of a document in the place of the one before. What somebody else
    /// wrote meanwhile is put aside for a week; returns who that is.
    pub fn keep_draft(&self, document: &str, draft: &Draft) -> Result<Option<String>, StoreError> {
        let kept = self.kept_draft(document, draft)?;
        self.write(|transaction| {
            let theirs = draft_of_another(transaction, document, draft.by.as_deref())?;
            let who = theirs.as_ref().and_then(|it| it.draft.by.clone());
            if let Some(mut theirs) = theirs.filter(|it| it.draft.text != draft.text) {
                theirs.draft.discarded = true;
                put_aside(transaction, document, draft.at, theirs)?;
            }
            put(transaction, document, Some(&kept))?;
            Ok(who)
        })
    }

    /// Forgets the draft of a document, unless somebody else wrote it.
    pub fn forget_draft(&self, document: &str, by: Option<&str>) -> Result<(), StoreError> {
        // Most documents that are saved never had one: nobody waits for a write then.
        if self.draft_as_kept(document)?.is_none() {
            return Ok(());
        }
        self.write(|transaction| forget(transaction, document, by))
    }

    /// Reads the draft of a document.
    pub fn draft(&self, document: &str) -> Result<Option<Draft>, StoreError> {
        self.draft_as_kept(document)?.map(|it| self.opened_draft(it)).transpose()
    }

    fn draft_as_kept(&self, document: &str) -> Result<Option<KeptDraft>, StoreError> {
        self.read(|transaction| {
            let Some(table) = opened(transaction, DRAFTS)? else { return Ok(None) };
            let found = table.get(document)?;
            found.map(|it| decode(it.value(), DRAFTS.name())).transpose()
        })
    }

    /// Seals a text that holds what is secret, and one whose last draft had to be sealed: it
    /// holds the same, and more.
    fn kept_draft(&self, document: &str, draft: &Draft) -> Result<KeptDraft, StoreError> {
        let mut kept = KeptDraft { draft: draft.clone(), sealed: None };
        let was_sealed = self.draft_as_kept(document)?.is_some_and(|it| it.sealed.is_some());
        // A state that cannot be read any more must not cost what was typed.
        if was_sealed || self.gives_away(&draft.text).unwrap_or_default() {
            let text = mem::take(&mut kept.draft.text);
            kept.sealed = Some(self.seal(KeptDraft::NAME, text.as_bytes())?);
        }
        Ok(kept)
    }

    fn opened_draft(&self, kept: KeptDraft) -> Result<Draft, StoreError> {
        let KeptDraft { mut draft, sealed } = kept;
        if let Some(sealed) = sealed {
            let text = self.unseal(KeptDraft::NAME, &sealed)?.0;
            draft.text = String::from_utf8_lossy(&text).into_owned();
        }
        Ok(draft)
    }

    /// Puts a text that was given up aside for a week, and forgets the draft of its
    /// document; what was given up longer ago goes.
    pub fn discard_draft(&self, document: &str, draft: &Draft) -> Result<(), StoreError> {
        let draft = Draft { discarded: true, ..draft.clone() };
        let kept = self.kept_draft(document, &draft)?;
        self.write(|transaction| {
            forget(transaction, document, draft.by.as_deref())?;
            change(transaction, draft.at, document, |texts| {
                texts.retain(|it| it.draft.text != draft.text);
                texts.insert(0, kept);
                shorten(texts);
            })
        })
    }

    /// Forgets a text that was given up at a moment.
    pub fn forget_discarded(&self, document: &str, at: Timestamp) -> Result<(), StoreError> {
        if !self.discarded(document, at)?.iter().any(|it| it.at == at) {
            return Ok(());
        }
        self.write(|transaction| {
            change(transaction, at, document, |texts| texts.retain(|it| it.draft.at != at))
        })
    }

    /// Reads what was given up of a document in the last week, the newest first.
    pub fn discarded(&self, document: &str, now: Timestamp) -> Result<Vec<Draft>, StoreError> {
        let texts = self.read(|transaction| {
            let Some(table) = opened(transaction, DISCARDED)? else { return Ok(Vec::new()) };
            let found = table.get(document)?;
            let found = found.map(|it| decode::<Discarded>(it.value(), DISCARDED.name()));
            Ok(found.transpose()?.unwrap_or_default().texts)
        })?;
        let texts = texts.into_iter().filter(|it| !it.draft.expired(now));
        texts.map(|it| self.opened_draft(it)).collect()
    }

    /// Reads what is not saved of all documents, the newest first.
    pub fn drafts(&self, now: Timestamp) -> Result<Vec<(String, Draft)>, StoreError> {
        let all = self.read(|transaction| {
            let mut all: Vec<(String, KeptDraft)> = Vec::new();
            if let Some(table) = opened(transaction, DRAFTS)? {
                for row in table.iter()? {
                    let (document, draft) = row?;
                    all.push((document.value().to_owned(), decode(draft.value(), DRAFTS.name())?));
                }
            }
            if let Some(table) = opened(transaction, DISCARDED)? {
                for row in table.iter()? {
                    let (document, texts) = row?;
                    let texts: Discarded = decode(texts.value(), DISCARDED.name())?;
                    let named = |it| (document.value().to_owned(), it);
                    all.extend(texts.texts.into_iter().map(named));
                }
            }
            Ok(all)
        })?;
        let all = all.into_iter().filter(|it| !it.1.draft.expired(now));
        let opened = all.map(|(document, it)| Ok((document, self.opened_draft(it)?)));
        let mut all: Vec<(String, Draft)> = opened.collect::<Result<_, StoreError>>()?;
        all.sort_by_key(|it| Reverse(it.1.at));
        Ok(all)
    }
}

fn put(
    transaction: &WriteTransaction,
    document: &str,
    draft: Option<&KeptDraft>,
) -> Result<(), Fault> {
    let mut table = transaction.open_table(DRAFTS)?;
    match draft {
        Some(draft) => table.insert(document, encode(draft)?.as_slice())?,
        None => table.remove(document)?,
    };
    Ok(())
}

/// Returns whether the process that somebody wrote in is there still: `ann@m1 (pid 7)` says
/// which it is. A number that another process has by now says too much, and no harm is done
/// by that: what was written is kept apart.
pub fn is_at_work(by: &str) -> bool {
    let pid = by.rsplit_once("(pid ").and_then(|it| it.1.strip_suffix(')'));
    let pid = pid.and_then(|it| it.parse::<u32>().ok());
    pid.is_none_or(|it| Path::new("/proc").join(it.to_string()).exists())
}

/// Reads the draft of a document, where somebody else wrote it.
fn draft_of_another(
    transaction: &WriteTransaction,
    document: &str,
    by: Option<&str>,
) -> Result<Option<KeptDraft>, Fault> {
    let table = transaction.open_table(DRAFTS)?;
    let found = table.get(document)?;
    let found: Option<KeptDraft> = found.map(|it| decode(it.value(), DRAFTS.name())).transpose()?;
    let another = |it: &KeptDraft| {
        let wrote = it.draft.by.as_deref().filter(|it| is_at_work(it));
        by.is_some() && wrote.is_some() && wrote != by
    };
    Ok(found.filter(another))
}

/// Forgets the draft of a document, unless somebody else wrote it.
fn forget(transaction: &WriteTransaction, document: &str, by: Option<&str>) -> Result<(), Fault> {
    match draft_of_another(transaction, document, by)? {
        Some(_) => Ok(()),
        None => put(transaction, document, None),
    }
}

/// Puts a text before those that were given up; the same text is there once.
fn put_aside(
    transaction: &WriteTransaction,
    document: &str,
    now: Timestamp,
    kept: KeptDraft,
) -> Result<(), Fault> {
    change(transaction, now, document, |texts| {
        texts.retain(|it| it.sealed.is_some() || it.draft.text != kept.draft.text);
        texts.insert(0, kept);
        shorten(texts);
    })
}

/// Changes what was given up of a document; what is too old goes, whatever it is of.
fn change(
    transaction: &WriteTransaction,
    now: Timestamp,
    document: &str,
    deed: impl FnOnce(&mut Vec<KeptDraft>),
) -> Result<(), Fault> {
    let mut table = transaction.open_table(DISCARDED)?;
    let mut rows: BTreeMap<String, Discarded> = BTreeMap::new();
    for row in table.iter()? {
        let (name, texts) = row?;
        rows.insert(name.value().to_owned(), decode(texts.value(), DISCARDED.name())?);
    }
    rows.entry(document.to_owned()).or_default();
    for row in rows.values_mut() {
        row.texts.retain(|it| !it.draft.expired(now));
    }
    rows.entry(document.to_owned()).and_modify(|it| deed(&mut it.texts));
    for (name, row) in rows {
        if row.texts.is_empty() {
            table.remove(name.as_str())?;
        } else {
            table.insert(name.as_str(), encode(&row)?.as_slice())?;
        }
    }
    Ok(())
}

/// Lets the oldest go where there are too many.
fn shorten(texts: &mut Vec<KeptDraft>) {
    texts.truncate(MOST);
    while texts.len() > 1 && texts.iter().map(|it| it.draft.text.len()).sum::<usize>() > MOST_BYTES
    {
        texts.pop();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::SignedDuration;

    fn noon() -> Timestamp {
        "2026-05-04T12:00:00Z".parse().unwrap()
    }

    fn draft(text: &str) -> Draft {
        Draft {
            text: text.to_owned(),
            base: "1f".to_owned(),
            at: noon(),
            discarded: false,
            by: None,
        }
    }

    fn store() -> (tempfile::TempDir, Store) {
        let dir = tempfile::tempdir().unwrap();
        let store = Store::in_dir(dir.path());
        (dir, store)
    }

    fn texts(drafts: &[Draft]) -> Vec<&str> {
        drafts.iter().map(|it| it.text.as_str()).collect()
    }

    #[test]
    fn what_two_people_write_into_one_document_is_kept_of_both() {
        let (_dir, store) = store();
        let of = |who: &str, text: &str| Draft { by: Some(who.to_owned()), ..draft(text) };
        assert_eq!(store.keep_draft("/a.yml", &of("ann", "one")).unwrap(), None);
        assert_eq!(store.keep_draft("/a.yml", &of("ann", "one, two")).unwrap(), None);
        let who = store.keep_draft("/a.yml", &of("bob", "other")).unwrap();
        assert_eq!(who.as_deref(), Some("ann"));
        assert_eq!(texts(&store.discarded("/a.yml", noon()).unwrap()), ["one, two"]);
        // Who is gone takes nothing along, and is told of to nobody.
        let gone = of("cid@m1 (pid 4294967295)", "third");
        store.keep_draft("/b.yml", &gone).unwrap();
        assert_eq!(store.keep_draft("/b.yml", &of("bob", "other")).unwrap(), None);
        // Who saves forgets nothing of another.
        store.forget_draft("/a.yml", Some("ann")).unwrap();
        store.discard_draft("/a.yml", &of("ann", "three")).unwrap();
        assert_eq!(store.draft("/a.yml").unwrap(), Some(of("bob", "other")));
        store.forget_draft("/a.yml", Some("bob")).unwrap();
        assert_eq!(store.draft("/a.yml").unwrap(), None);
        assert_eq!(texts(&store.discarded("/a.yml", noon()).unwrap()), ["three", "one, two"]);
    }

    #[test]
    fn a_document_has_one_draft_until_it_is_forgotten() {
        let (_dir, store) = store();
        assert_eq!(store.draft("/a.yml").unwrap(), None);
        for text in ["one", "two"] {
            store.keep_draft("/a.yml", &draft(text)).unwrap();
        }
        store.keep_draft("/b.yml", &draft("other")).unwrap();
        assert_eq!(store.draft("/a.yml").unwrap(), Some(draft("two")));
        store.forget_draft("/a.yml", None).unwrap();
        assert_eq!(store.draft("/a.yml").unwrap(), None);
        assert_eq!(store.draft("/b.yml").unwrap(), Some(draft("other")));
    }

    #[test]
    fn forgetting_what_is_not_there_writes_nothing() {
        let (_dir, store) = store();
        store.forget_draft("/a.yml", None).unwrap();
        store.forget_discarded("/a.yml", noon()).unwrap();
        assert!(!store.path().exists());
    }

    #[test]
    fn what_is_given_up_is_a_draft_no_more_and_stays_a_week() {
        let (_dir, store) = store();
        store.keep_draft("/a.yml", &draft("one")).unwrap();
        store.discard_draft("/a.yml", &draft("one")).unwrap();
        assert_eq!(store.draft("/a.yml").unwrap(), None);
        let week = SignedDuration::from_hours(7 * 24);
        let found = store.discarded("/a.yml", noon() + week).unwrap();
        assert_eq!(found, [Draft { discarded: true, ..draft("one") }]);
        let later = noon() + week + SignedDuration::from_secs(1);
        assert_eq!(store.discarded("/a.yml", later).unwrap(), []);
        assert_eq!(store.drafts(later).unwrap(), []);
        // And what is too old goes with the next write, whatever it was of.
        store.discard_draft("/b.yml", &Draft { at: later, ..draft("two") }).unwrap();
        assert_eq!(store.discarded("/a.yml", noon()).unwrap(), []);
    }

    #[test]
    fn the_newest_texts_are_kept_and_each_once() {
        let (_dir, store) = store();
        for number in 0..12 {
            let at = noon() + SignedDuration::from_secs(number);
            store.discard_draft("/a.yml", &Draft { at, ..draft(&number.to_string()) }).unwrap();
        }
        let at = noon() + SignedDuration::from_secs(60);
        store.discard_draft("/a.yml", &Draft { at, ..draft("5") }).unwrap();
        let found = store.discarded("/a.yml", at).unwrap();
        assert_eq!(texts(&found), ["5", "11", "10", "9", "8", "7", "6", "4", "3", "2"]);
        store.forget_discarded("/a.yml", at).unwrap();
        assert_eq!(texts(&store.discarded("/a.yml", at).unwrap())[0], "11");
    }

    #[test]
    fn large_texts_that_were_given_up_are_fewer() {
        let (_dir, store) = store();
        for letter in ["a", "b", "c", "d"] {
            store.discard_draft("/a.yml", &draft(&letter.repeat(5 << 20))).unwrap();
        }
        let found = store.discarded("/a.yml", noon()).unwrap();
        let first: Vec<&str> = found.iter().map(|it| &it.text[..1]).collect();
        assert_eq!(first, ["d", "c", "b"]);
    }

    #[test]
    fn all_that_is_not_saved_is_listed_the_newest_first() {
        let (_dir, store) = store();
        let second = SignedDuration::from_secs(1);
        store.keep_draft("/b.yml", &Draft { at: noon() + second, ..draft("b") }).unwrap();
        store.discard_draft("/a.yml", &draft("a")).unwrap();
        let all = store.drafts(noon() + second).unwrap();
        let all: Vec<(&str, bool)> = all.iter().map(|it| (it.0.as_str(), it.1.discarded)).collect();
        assert_eq!(all, [("/b.yml", false), ("/a.yml", true)]);
    }
}
