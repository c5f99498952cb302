//! The vault key: in a file beside the state, or in the state, encrypted with a passphrase.

use crate::{
    domain::text::path::ShownPath,
    domain::{
        project::{
            Content, Setting, Settings,
            vault::{KEY, NONCE, Place, SALT, Sealed, SealingKey, Unreadable, Wrapped},
        },
        swarm::change::Confidential,
        text::count::counted,
    },
    files,
    store::{
        Store, StoreError,
        error::Fault,
        record::{Record, Table, decode, encode, opened},
    },
};
use redb::{ReadableTable, TableHandle};
use std::{
    fs::{self, OpenOptions},
    io::{ErrorKind, Write},
    os::unix::fs::{OpenOptionsExt, PermissionsExt},
    path::PathBuf,
};

/// The one wrapped key, under an empty name.
pub(in crate::store) const WRAPPED: Table<&str> = Table::new("vault");
/// What only the key of this state opens, under an empty name.
pub(in crate::store) const CHECK: Table<&str> = Table::new("vault-check");
/// What it is sealed under, and what it says.
const CHECKED: (&str, &[u8]) = ("check", b"the key of this state");
/// The name of the key file, beside the state file.
const FILE: &str = "key";

impl Record for Wrapped {
    const VERSION: u32 = 1;
}

impl Record for Sealed {
    const VERSION: u32 = 1;
}

/// How the key is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Keeping {
    /// Nothing was ever sealed.
    Nowhere,
    /// It is gone, and so many values were sealed with it.
    Lost {
        sealed: usize,
    },
    /// The one at hand is not the one that values were sealed with.
    Another {
        sealed: usize,
    },
    KeyFile,
    /// It ends with the state, which is in memory.
    Memory,
    /// Whether somebody gave the passphrase to this process.
    Passphrase {
        given: bool,
    },
}

impl Store {
    /// Gives the passphrase of the vault, to be tried when it is needed.
    #[must_use]
    pub fn with_passphrase(mut self, passphrase: Option<Confidential<String>>) -> Self {
        self.passphrase = passphrase.map(Into::into);
        self
    }

    /// Returns the path of the key file; an empty one where the state is in no file.
    pub fn key_file(&self) -> PathBuf {
        self.file().map(|it| it.path().with_file_name(FILE)).unwrap_or_default()
    }

    /// Returns how the key is kept, and whether it is the one.
    pub fn keeping(&self) -> Result<Keeping, StoreError> {
        if self.memory().is_some() {
            return Ok(Keeping::Memory);
        }
        let kept = match self.wrapped()? {
            Some(_) if self.passphrase.is_none() => {
                return Ok(Keeping::Passphrase { given: false });
            }
            Some(_) => Keeping::Passphrase { given: true },
            None if self.key_file().exists() => Keeping::KeyFile,
            None => {
                let sealed = self.sealed_count()?;
                let lost = sealed > 0 || self.check()?.is_some();
                return Ok(if lost { Keeping::Lost { sealed } } else { Keeping::Nowhere });
            }
        };
        let Some(key) = self.key()? else { return Ok(kept) };
        let known = self.is_ours(&key)?;
        Ok(if known { kept } else { Keeping::Another { sealed: self.sealed_count()? } })
    }

    /// Makes a new key, whatever becomes of what was sealed with another one. Returns
    /// where the old key file is now, if there was one.
    pub fn renew_key(&self) -> Result<Option<PathBuf>, StoreError> {
        self.write(|transaction| {
            transaction.open_table(WRAPPED)?.remove("")?;
            transaction.open_table(CHECK)?.remove("")?;
            Ok(())
        })?;
        let (file, number) = (self.key_file(), self.with_key(|| Ok(files::random::<4>()?))?);
        let aside = file.with_file_name(format!("{FILE}.old-{:08x}", u32::from_le_bytes(number)));
        let moved = self.with_key(|| match fs::rename(&file, &aside) {
            Ok(()) => Ok(Some(aside)),
            Err(err) if err.kind() == ErrorKind::NotFound => Ok(None),
            Err(err) => Err(err.into()),
        })?;
        let key = self.new_key()?;
        self.write_check(&key)?;
        Ok(moved)
    }

    /// Seals a value for its place; the first one makes a key. See
    /// [`SealingKey::seal_for`] for what it was sealed as before.
    pub fn seal_for(
        &self,
        place: &Place,
        before: Option<&Sealed>,
        value: &[u8],
    ) -> Result<Sealed, StoreError> {
        let key = self.key_or_new()?;
        self.with_key(|| seal_for_with(&key, place, before, value))
    }

    /// Seals a value; the first one makes a key.
    pub fn seal(&self, name: &str, value: &[u8]) -> Result<Sealed, StoreError> {
        let key = self.key_or_new()?;
        self.with_key(|| seal_with(&key, name, value))
    }

    /// Reads what was sealed under a name.
    pub fn unseal(&self, name: &str, sealed: &Sealed) -> Result<Confidential<Vec<u8>>, StoreError> {
        let key = self.key()?;
        self.with_key(|| {
            let key = key.ok_or_else(|| {
                Fault::OtherKey(format!("the key file {} is gone", self.key_file().shown()))
            })?;
            key.open(name, sealed).map_err(|err| Fault::OtherKey(format!("{name}: {err}")))
        })
    }

    /// Reads what was sealed for a place, or under a name: the state holds both.
    pub fn unseal_at(
        &self,
        place: &Place,
        name: &str,
        sealed: &Sealed,
    ) -> Result<Confidential<Vec<u8>>, StoreError> {
        if sealed.place().is_none() {
            return self.unseal(name, sealed);
        }
        let key = self.key()?;
        self.with_key(|| {
            let opened = key.ok_or(Unreadable::Key).and_then(|it| it.open_at(place, sealed));
            opened.map_err(|err| Fault::OtherKey(format!("{name}: {err}")))
        })
    }

    /// Seals for its place what the state holds as `kept`.
    pub fn seal_at(
        &self,
        place: &Place,
        kept: &Sealed,
        value: &[u8],
    ) -> Result<Sealed, StoreError> {
        let sealed = self.key()?.and_then(|it| it.seal_at(place, kept, value));
        self.with_key(|| sealed.ok_or_else(|| Fault::Sealed("it cannot be encrypted".to_owned())))
    }

    /// Wraps the key with a passphrase; the key file goes.
    pub fn lock_with(&self, passphrase: &str) -> Result<(), StoreError> {
        let key = self.key_or_new()?;
        let wrapped = self.with_key(|| {
            let wrapped =
                Wrapped::new(&key, passphrase, files::random::<SALT>()?, files::random::<NONCE>()?);
            wrapped.ok_or_else(|| Fault::Sealed("this passphrase cannot be used".to_owned()))
        })?;
        self.write(|transaction| {
            let mut table = transaction.open_table(WRAPPED)?;
            table.insert("", encode(&wrapped)?.as_slice())?;
            Ok(())
        })?;
        self.with_key(|| match fs::remove_file(self.key_file()) {
            Err(err) if err.kind() != ErrorKind::NotFound => Err(err.into()),
            _ => Ok(()),
        })
    }

    /// Puts the key into a file again, for whoever may read the state.
    pub fn lock_with_file(&self) -> Result<(), StoreError> {
        let key = self.key_or_new()?;
        self.with_key(|| {
            self.write_key(&key)?;
            match self.read_key()? {
                Some(found) if found == key => Ok(()),
                _ => Err(Fault::Sealed(format!(
                    "another key is in {}: move it aside first",
                    self.key_file().shown()
                ))),
            }
        })?;
        self.write(|transaction| {
            transaction.open_table(WRAPPED)?.remove("")?;
            Ok(())
        })
    }

    fn key(&self) -> Result<Option<SealingKey>, StoreError> {
        if let Some(known) = self.key.get() {
            return Ok(Some(known.clone()));
        }
        let found = self.find_key()?;
        Ok(found.map(|it| self.key.get_or_init(|| it).clone()))
    }

    fn find_key(&self) -> Result<Option<SealingKey>, StoreError> {
        if let Some(wrapped) = self.wrapped()? {
            return self.with_key(|| {
                let Some(passphrase) = &self.passphrase else {
                    return Err(Fault::Sealed("they need the passphrase".to_owned()));
                };
                let opened = wrapped.open(&passphrase.0);
                opened.map(Some).map_err(|err: Unreadable| Fault::Sealed(err.to_string()))
            });
        }
        self.with_key(|| self.read_key())
    }

    /// With another key, what was sealed would be split among two, and neither could read
    /// the state.
    pub(in crate::store) fn key_or_new(&self) -> Result<SealingKey, StoreError> {
        let file = self.key_file();
        let refused = |why: String| self.with_key(|| Err(Fault::OtherKey(why)));
        if let Some(key) = self.key()? {
            if self.is_ours(&key)? {
                if self.check()?.is_none() {
                    self.write_check(&key)?;
                }
                return Ok(key);
            }
            let file = file.shown();
            return refused(format!("{file} is not the key that this state was encrypted with"));
        }
        let sealed = self.sealed_count()?;
        if sealed > 0 || self.check()?.is_some() {
            let values = counted(sealed as u64, "value is", "values are");
            return refused(format!(
                "the key file {} is gone: {values} encrypted with it",
                file.shown()
            ));
        }
        let key = self.new_key()?;
        self.write_check(&key)?;
        Ok(key)
    }

    fn new_key(&self) -> Result<SealingKey, StoreError> {
        if self.memory().is_some() {
            let key = self.with_key(|| Ok(SealingKey::new(files::random::<KEY>()?)))?;
            return Ok(self.key.get_or_init(|| key).clone());
        }
        // The file of state makes its directory, and takes it away from others' eyes.
        self.write(|_| Ok(()))?;
        self.with_key(|| {
            self.write_key(&SealingKey::new(files::random::<KEY>()?))?;
            // Of two that make one at the same time the first wins.
            let key = self.read_key()?;
            key.ok_or_else(|| Fault::Sealed("the key file is gone again".to_owned()))
        })
    }

    /// Whether a key is the one that this state was sealed with: it opens the check, or
    /// where there is none yet, something that is sealed, if anything is.
    fn is_ours(&self, key: &SealingKey) -> Result<bool, StoreError> {
        if let Some(check) = self.check()? {
            return Ok(key.open(CHECKED.0, &check).is_ok());
        }
        let sealed = self.sealed_values()?;
        Ok(sealed.is_empty() || sealed.iter().any(|(name, it)| key.opens(name, it)))
    }

    fn check(&self) -> Result<Option<Sealed>, StoreError> {
        self.read(|transaction| {
            let Some(table) = opened(transaction, CHECK)? else { return Ok(None) };
            let found = table.get("")?;
            found.map(|it| decode(it.value(), CHECK.name())).transpose()
        })
    }

    fn write_check(&self, key: &SealingKey) -> Result<(), StoreError> {
        let (name, text) = CHECKED;
        let sealed = self.with_key(|| seal_with(key, name, text))?;
        self.write(|transaction| {
            let mut table = transaction.open_table(CHECK)?;
            let there = table.get("")?.is_some();
            if !there {
                table.insert("", encode(&sealed)?.as_slice())?;
            }
            Ok(())
        })
    }

    /// Counts what is sealed: values, files and releases.
    fn sealed_count(&self) -> Result<usize, StoreError> {
        Ok(self.sealed_values()?.len() + self.sealed_releases()?)
    }

    /// Returns the values and files that are sealed, with the names they are sealed under.
    fn sealed_values(&self) -> Result<Vec<(String, Sealed)>, StoreError> {
        let catalog = self.catalog()?;
        let projects = catalog.projects.values().map(|it| &it.settings);
        let environments = catalog.environments.values().map(|it| &it.settings);
        let stacks = catalog.stacks.values().map(|it| &it.settings);
        let settings = projects.chain(environments).chain(stacks).flat_map(Settings::all);
        let mut sealed: Vec<(String, Sealed)> = settings
            .filter_map(|(name, it)| match it {
                Setting::Secret(sealed) => Some((name.seal(), sealed.clone())),
                Setting::Plain(_) => None,
            })
            .collect();
        let ids: Vec<u64> = catalog.stacks.values().map(|it| it.id).collect();
        for (name, content) in self.texts_of(&ids)?.into_values().flatten() {
            if let Content::Sealed(it) = content {
                sealed.push((name, it));
            }
        }
        Ok(sealed)
    }

    fn wrapped(&self) -> Result<Option<Wrapped>, StoreError> {
        self.read(|transaction| {
            let Some(table) = opened(transaction, WRAPPED)? else { return Ok(None) };
            let found = table.get("")?;
            found.map(|it| decode(it.value(), WRAPPED.name())).transpose()
        })
    }

    fn with_key<T>(&self, work: impl FnOnce() -> Result<T, Fault>) -> Result<T, StoreError> {
        work().map_err(|fault| fault.at(&self.key_file(), 0))
    }

    fn read_key(&self) -> Result<Option<SealingKey>, Fault> {
        let path = self.key_file();
        let bytes = match files::open_regular(&path) {
            Err(err) if err.kind() == ErrorKind::NotFound => return Ok(None),
            Err(err) => {
                let path = path.shown();
                return Err(Fault::Sealed(format!("the key file {path} cannot be read: {err}")));
            }
            Ok(file) => {
                let found = file.metadata()?;
                let mode = found.permissions().mode();
                if files::is_of_another(&found) {
                    let path = path.shown();
                    return Err(Fault::Sealed(format!(
                        "the key file {path} belongs to another user; `sudo chown $USER {path}`, if it is yours"
                    )));
                }
                if mode & 0o077 != 0 {
                    let path = path.shown();
                    return Err(Fault::Sealed(format!(
                        "others may read the key file {path} (mode {:o}); `chmod 600 {path}`, if nobody did",
                        mode & 0o777
                    )));
                }
                files::read_stream(file, files::SETTINGS)?
            }
        };
        let bytes = bytes.try_into().map_err(|it: Vec<u8>| {
            let path = path.shown();
            Fault::Sealed(format!("the key file {path} has {} bytes instead of {KEY}", it.len()))
        })?;
        Ok(Some(SealingKey::new(bytes)))
    }

    /// Makes the file complete or not at all; one that is there stays.
    fn write_key(&self, key: &SealingKey) -> Result<(), Fault> {
        let path = self.key_file();
        let draft =
            path.with_file_name(format!(".{FILE}-{}", u64::from_le_bytes(files::random::<8>()?)));
        let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&draft)?;
        let written = file.write_all(key.bytes()).and_then(|()| file.sync_all());
        let linked = written.and_then(|()| match fs::hard_link(&draft, &path) {
            Err(err) if err.kind() == ErrorKind::AlreadyExists => Ok(()),
            other => other,
        });
        fs::remove_file(&draft)?;
        Ok(linked?)
    }
}

pub(in crate::store) fn seal_with(
    key: &SealingKey,
    name: &str,
    value: &[u8],
) -> Result<Sealed, Fault> {
    let sealed = key.seal(files::random::<NONCE>()?, name, value);
    sealed.ok_or_else(|| Fault::Sealed("it cannot be encrypted".to_owned()))
}

pub(in crate::store) fn seal_for_with(
    key: &SealingKey,
    place: &Place,
    before: Option<&Sealed>,
    value: &[u8],
) -> Result<Sealed, Fault> {
    let sealed = key.seal_for(files::random::<NONCE>()?, place, before, value);
    sealed.ok_or_else(|| Fault::Sealed("it cannot be encrypted".to_owned()))
}

#[cfg(test)]
mod tests;
