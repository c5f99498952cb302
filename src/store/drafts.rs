//! Texts that were written and not saved.

use crate::{
    domain::draft::Draft,
    store::{
        Store, StoreError,
        record::{Record, Table, decode, encode, opened},
    },
};
use redb::TableHandle;

const DRAFTS: Table<&str> = Table::new("drafts");

impl Record for Draft {
    const VERSION: u32 = 1;
}

impl Store {
    /// Keeps the draft of a document in the place of the one before; `None` forgets it.
    pub fn keep_draft(&self, document: &str, draft: Option<&Draft>) -> Result<(), StoreError> {
        // Most documents that are saved never had one: nobody waits for a write then.
        if draft.is_none() && self.draft(document)?.is_none() {
            return Ok(());
        }
        self.write(|transaction| {
            let mut table = transaction.open_table(DRAFTS)?;
            match draft {
                Some(draft) => table.insert(document, encode(draft)?.as_slice())?,
                None => table.remove(document)?,
            };
            Ok(())
        })
    }

    /// Reads the draft of a document.
    pub fn draft(&self, document: &str) -> Result<Option<Draft>, StoreError> {
        self.read(|transaction| {
            let Some(table) = opened(transaction, DRAFTS)? else { return Ok(None) };
            let found = table.get(document)?;
            found.map(|it| decode(it.value(), DRAFTS.name())).transpose()
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn draft(text: &str) -> Draft {
        let at = "2026-05-04T12:00:00Z".parse().unwrap();
        Draft { text: text.to_owned(), base: "1f".to_owned(), at }
    }

    #[test]
    fn a_document_has_one_draft_until_it_is_forgotten() {
        let dir = tempfile::tempdir().unwrap();
        let store = Store::in_dir(dir.path());
        assert_eq!(store.draft("/a.yml").unwrap(), None);
        for text in ["one", "two"] {
            store.keep_draft("/a.yml", Some(&draft(text))).unwrap();
        }
        store.keep_draft("/b.yml", Some(&draft("other"))).unwrap();
        assert_eq!(store.draft("/a.yml").unwrap(), Some(draft("two")));
        store.keep_draft("/a.yml", None).unwrap();
        assert_eq!(store.draft("/a.yml").unwrap(), None);
        assert_eq!(store.draft("/b.yml").unwrap(), Some(draft("other")));
    }

    #[test]
    fn forgetting_what_is_not_there_writes_nothing() {
        let dir = tempfile::tempdir().unwrap();
        let store = Store::in_dir(dir.path());
        store.keep_draft("/a.yml", None).unwrap();
        assert!(!store.path().exists());
    }
}
