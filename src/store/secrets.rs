//! The table of secret fingerprints; it never has values.

use crate::{
    domain::project::fingerprint::{Fingerprint, FingerprintKey},
    files,
    store::{
        Store, StoreError,
        record::{Record, Table, decode, encode, opened},
    },
};
use redb::{ReadableTable, TableHandle};
use std::collections::BTreeMap;

/// By cluster and id of the secret.
pub(in crate::store) const FINGERPRINTS: Table<(&str, &str)> = Table::new("fingerprints");
/// The one key, under an empty name.
pub(in crate::store) const KEYS: Table<&str> = Table::new("fingerprint-keys");

impl Record for FingerprintKey {
    const VERSION: u32 = 1;
}

impl Record for Fingerprint {
    const VERSION: u32 = 1;
}

impl Store {
    /// Reads the key of this state file; nothing where no secret was ever remembered.
    pub fn fingerprint_key(&self) -> Result<Option<FingerprintKey>, StoreError> {
        self.read(|transaction| {
            let Some(keys) = opened(transaction, KEYS)? else { return Ok(None) };
            let key = keys.get("")?;
            key.map(|it| decode(it.value(), KEYS.name())).transpose()
        })
    }

    /// Remembers what secrets of a cluster hold, by their ids; data as the engine takes
    /// it.
    pub fn remember_secrets(
        &self,
        cluster: &str,
        secrets: &BTreeMap<String, String>,
    ) -> Result<(), StoreError> {
        self.write(|transaction| {
            let mut keys = transaction.open_table(KEYS)?;
            let known = keys.get("")?.map(|it| decode(it.value(), KEYS.name())).transpose()?;
            let key: FingerprintKey = if let Some(key) = known {
                key
            } else {
                let key = FingerprintKey::new(files::random()?);
                keys.insert("", encode(&key)?.as_slice())?;
                key
            };
            let mut fingerprints = transaction.open_table(FINGERPRINTS)?;
            for (id, data) in secrets {
                let Some(fingerprint) = key.fingerprint(data) else { continue };
                fingerprints.insert((cluster, &**id), encode(&fingerprint)?.as_slice())?;
            }
            Ok(())
        })
    }

    /// Reads the fingerprints of the secrets of a cluster, by their ids.
    pub fn fingerprints(&self, cluster: &str) -> Result<BTreeMap<String, Fingerprint>, StoreError> {
        self.read(|transaction| {
            let Some(table) = opened(transaction, FINGERPRINTS)? else {
                return Ok(BTreeMap::new());
            };
            let mut found = BTreeMap::new();
            for entry in table.range((cluster, "")..)? {
                let (place, bytes) = entry?;
                let (of, id) = place.value();
                if of != cluster {
                    break;
                }
                found.insert(id.to_owned(), decode(bytes.value(), FINGERPRINTS.name())?);
            }
            Ok(found)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_are_known_again_by_cluster_and_id_and_the_key_stays() {
        let dir = tempfile::tempdir().unwrap();
        let store = Store::in_dir(dir.path());
        assert_eq!(store.fingerprint_key().unwrap(), None);
        let secrets = |id: &str, data: &str| BTreeMap::from([(id.to_owned(), data.to_owned())]);
        store.remember_secrets("c1", &secrets("s1", "YQ==")).unwrap();
        let key = store.fingerprint_key().unwrap().unwrap();
        store.remember_secrets("c2", &secrets("s1", "Yg==")).unwrap();
        assert_eq!(store.fingerprint_key().unwrap(), Some(key.clone()));
        let known = store.fingerprints("c1").unwrap();
        assert_eq!(known.get("s1"), key.fingerprint("YQ==").as_ref());
        assert_eq!(known.len(), 1);
    }
}
