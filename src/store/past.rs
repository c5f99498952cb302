//! Encrypts what became secret later: releases, journals and drafts that contain it are
//! encrypted in place, and the state file is compacted, because a database keeps deleted bytes
//! in unused pages.

use crate::{
    domain::{
        deployment::{
            audit::AuditLine,
            job::FinishedJob,
            release::{JournalEntry, Release, ResolvedSpecs, SourceFile},
        },
        project::{
            Inputs, Owner, Secrets, Setting, SettingName, Traces,
            vault::{Sealed, SealingKey},
        },
        swarm::names::StackName,
        text::mask::HIDDEN,
    },
    files,
    store::{
        Store, StoreError,
        audit::AUDIT,
        drafts::{DISCARDED, DRAFTS, Discarded, KeptDraft},
        error::Fault,
        jobs::JOBS,
        prompts::PROMPTS,
        record::{Record, Table, decode, encode, opened},
        release_tables::{
            DETAIL, JOURNAL, KeptSnapshot, RELEASES, ReleaseKeyParts, SEALED, SNAPSHOTS, SOURCES,
            SPECS, StepKeyParts,
        },
        vault::{seal_for_with, seal_with},
    },
};
use redb::{Key as TableKey, ReadableTable, TableHandle, WriteTransaction};
use serde_json::{Value, json};
use std::{collections::BTreeSet, mem};

/// What the secret values of a release are sealed under.
const HIDDEN_VALUES: &str = "hidden";

/// What is secret from now on.
#[derive(Debug, Default)]
pub struct Became {
    /// Stacks whose releases held it, by their names in the swarm: all are sealed.
    pub stacks: Vec<StackName>,
    /// The setting that was plain, and its value as it is sealed now.
    pub setting: Option<(Owner, SettingName, Sealed)>,
    pub secrets: Secrets,
}

/// What was sealed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Resealed {
    pub releases: usize,
    pub drafts: usize,
}

impl Store {
    /// Seals secret values of a release, which are hidden wherever they turn up.
    pub fn seal_hidden(&self, secrets: &Secrets) -> Result<Option<Sealed>, StoreError> {
        if secrets.is_empty() {
            return Ok(None);
        }
        let values = serde_json::to_vec(&secrets.values()).unwrap_or_default();
        self.seal(HIDDEN_VALUES, &values).map(Some)
    }

    /// Returns the secret values that went into a release.
    pub fn hidden(&self, sealed: Option<&Sealed>) -> Result<Secrets, StoreError> {
        let Some(sealed) = sealed else { return Ok(Secrets::default()) };
        let opened = self.unseal(HIDDEN_VALUES, sealed)?.0;
        let values: BTreeSet<String> = serde_json::from_slice(&opened).unwrap_or_default();
        Ok(Secrets::new(values))
    }

    /// Seals what was written before something became secret. Blocks.
    pub fn seal_past(&self, became: Became) -> Result<Resealed, StoreError> {
        let key = self.key_or_new()?;
        let secrets = self.with_older(&became)?;
        let traces = Traces::of(&secrets);
        let past = Past { key, became, secrets, traces };
        let resealed = self.write(|transaction| past.seal(transaction))?;
        self.leave_no_trace(&past.traces)?;
        Ok(resealed)
    }

    /// Adds the values that the setting had in older releases.
    fn with_older(&self, became: &Became) -> Result<Secrets, StoreError> {
        let mut values: BTreeSet<String> =
            became.secrets.values().into_iter().map(str::to_owned).collect();
        let Some((owner, name, _)) = &became.setting else {
            return Ok(Secrets::new(values));
        };
        self.read(|transaction| {
            let Some(table) = opened(transaction, SNAPSHOTS)? else { return Ok(()) };
            for entry in table.iter()? {
                let kept: KeptSnapshot = decode(entry?.1.value(), SNAPSHOTS.name())?;
                let inputs = kept.snapshot.provenance.inputs.as_ref();
                let setting = inputs.and_then(|it| it.settings.get(owner)?.get(name));
                if let Some(Setting::Plain(value)) = setting {
                    values.insert(value.clone());
                }
            }
            Ok(())
        })?;
        Ok(Secrets::new(values))
    }

    /// Writes the file afresh where it gives a value away in what nobody uses any more.
    fn leave_no_trace(&self, traces: &Traces) -> Result<(), StoreError> {
        // What is in memory leaves nothing behind.
        let Some(file) = self.file() else { return Ok(()) };
        let found = files::open_regular(file.path()).and_then(|it| traces.are_in_stream(it));
        // What cannot be read was not written to either.
        if found.unwrap_or(false) { file.write_afresh() } else { Ok(()) }
    }
}

/// What is sealed, and with what.
struct Past {
    key: SealingKey,
    became: Became,
    secrets: Secrets,
    traces: Traces,
}

impl Past {
    fn seal(&self, transaction: &WriteTransaction) -> Result<Resealed, Fault> {
        let releases = self.snapshots(transaction)?;
        self.releases(transaction, &releases)?;
        self.journals(transaction, &releases)?;
        let drafts = self.drafts(transaction)?;
        rewrite(transaction, AUDIT, |_: &u64, it: AuditLine| Ok(self.audited(it)))?;
        rewrite(transaction, JOBS, |_: &u64, it: FinishedJob| Ok(self.job(it)))?;
        let typed = |bytes: &[u8]| decode::<String>(bytes, PROMPTS.name());
        let stays = |bytes: &[u8]| !typed(bytes).is_ok_and(|it| self.traces.are_in(&it));
        transaction.open_table(PROMPTS)?.retain(|_, bytes| stays(bytes))?;
        Ok(Resealed { releases: releases.len(), drafts })
    }

    /// Returns the places of those that were sealed.
    fn snapshots(&self, transaction: &WriteTransaction) -> Result<BTreeSet<OwnPlace>, Fault> {
        let mut sealed = BTreeSet::new();
        rewrite(transaction, SNAPSHOTS, |at: &ReleaseKeyParts<'_>, kept: KeptSnapshot| {
            let changed = self.snapshot(at.1, kept)?;
            if changed.is_some() {
                sealed.insert(own(*at));
            }
            Ok(changed)
        })?;
        Ok(sealed)
    }

    fn snapshot(&self, stack: &str, kept: KeptSnapshot) -> Result<Option<KeptSnapshot>, Fault> {
        let mine = self.became.stacks.iter().any(|it| it.as_str() == stack);
        let KeptSnapshot { mut snapshot, mut sealed, mut sealed_sources } = kept;
        let specs = serde_json::to_value(&snapshot.specs).unwrap_or_default();
        let in_specs = sealed.is_none() && self.traces.are_in_json(&specs);
        let in_sources = snapshot.sources.iter().any(|it| self.traces.are_in(&it.text));
        let in_inputs = self.inputs(&mut snapshot.provenance.inputs)?;
        if !(in_specs || in_sources || in_inputs || (mine && sealed.is_none())) {
            return Ok(None);
        }
        if sealed.is_none() {
            snapshot.specs = ResolvedSpecs::default();
            sealed = Some(self.sealed(SPECS, &specs)?);
        }
        if in_sources {
            sealed_sources = Some(self.sealed(SOURCES, &json!(snapshot.sources))?);
            let bare = |it: SourceFile| SourceFile { text: String::new(), ..it };
            snapshot.sources = mem::take(&mut snapshot.sources).into_iter().map(bare).collect();
        }
        let made = &mut snapshot.provenance;
        made.private = true;
        made.hidden = Some(self.hiding(made.hidden.as_ref())?);
        Ok(Some(KeptSnapshot { snapshot, sealed, sealed_sources }))
    }

    /// Seals settings that were plain; returns whether there were any.
    fn inputs(&self, inputs: &mut Option<Inputs>) -> Result<bool, Fault> {
        let mut found = false;
        for (owner, settings) in inputs.iter_mut().flat_map(|it| &mut it.settings) {
            let all: Vec<(SettingName, Setting)> =
                settings.all().map(|(name, it)| (name, it.clone())).collect();
            for (name, setting) in all {
                let Setting::Plain(value) = setting else { continue };
                let own = self.became.setting.as_ref().filter(|it| it.0 == *owner && it.1 == name);
                if own.is_none() && !self.traces.are_in(&value) {
                    continue;
                }
                found = true;
                // A value that is as it is now must not seem to be another one.
                let place = name.place(&owner.to_string());
                let same = own.map(|it| &it.2).filter(|it| {
                    let opened = self.key.open_here(&place, &name.seal(), it);
                    opened.is_ok_and(|it| it.0 == value.as_bytes())
                });
                let sealed = match same {
                    Some(sealed) => sealed.clone(),
                    None => seal_for_with(&self.key, &place, None, value.as_bytes())?,
                };
                settings.set(&name, Some(Setting::Secret(sealed)));
            }
        }
        Ok(found)
    }

    fn releases(
        &self,
        transaction: &WriteTransaction,
        sealed: &BTreeSet<OwnPlace>,
    ) -> Result<(), Fault> {
        rewrite(transaction, RELEASES, |at: &ReleaseKeyParts<'_>, mut release: Release| {
            let private = !release.private && sealed.contains(&own(*at));
            release.private |= private;
            let mut changed = self.clean(&mut release.order.message) || private;
            let errors = release.services.values_mut().filter_map(|it| it.error.as_mut());
            for text in errors.chain(&mut release.reason) {
                changed |= self.clean(text);
            }
            Ok(changed.then_some(release))
        })
    }

    fn journals(
        &self,
        transaction: &WriteTransaction,
        sealed: &BTreeSet<OwnPlace>,
    ) -> Result<(), Fault> {
        rewrite(transaction, JOURNAL, |at: &StepKeyParts<'_>, mut entry: JournalEntry| {
            let of_sealed = sealed.contains(&own((at.0, at.1, at.2)));
            let open = !entry.detail.is_null() && entry.detail.get(SEALED).is_none();
            let seals = open && (of_sealed || self.traces.are_in_json(&entry.detail));
            if seals {
                entry.detail = json!({ SEALED: self.sealed(DETAIL, &entry.detail)? });
            }
            Ok((self.clean(entry.step.text_mut()) || seals).then_some(entry))
        })
    }

    /// Returns how many were sealed.
    fn drafts(&self, transaction: &WriteTransaction) -> Result<usize, Fault> {
        let mut count = 0;
        let mut seal = |draft: &mut KeptDraft| -> Result<bool, Fault> {
            if !self.traces.are_in(&draft.draft.text) {
                return Ok(false);
            }
            count += 1;
            let text = mem::take(&mut draft.draft.text);
            draft.sealed = Some(seal_with(&self.key, KeptDraft::NAME, text.as_bytes())?);
            Ok(true)
        };
        rewrite(transaction, DRAFTS, |_: &&str, mut it: KeptDraft| {
            Ok(seal(&mut it)?.then_some(it))
        })?;
        rewrite(transaction, DISCARDED, |_: &&str, mut it: Discarded| {
            let mut changed = false;
            for draft in &mut it.texts {
                changed |= seal(draft)?;
            }
            Ok(changed.then_some(it))
        })?;
        Ok(count)
    }

    fn audited(&self, mut line: AuditLine) -> Option<AuditLine> {
        let mut changed = false;
        for text in [&mut line.action, &mut line.object].into_iter().chain(&mut line.command) {
            changed |= self.clean(text);
        }
        line.outcome.each_text(&mut |it| changed |= self.clean(it));
        changed.then_some(line)
    }

    fn job(&self, mut job: FinishedJob) -> Option<FinishedJob> {
        let mut changed = self.clean(&mut job.title);
        for note in &mut job.notes {
            changed |= self.clean(note);
        }
        job.verdict.each_text(&mut |it| changed |= self.clean(it));
        changed.then_some(job)
    }

    /// Takes values out of words; returns whether there were any.
    fn clean(&self, text: &mut String) -> bool {
        if !self.traces.are_in(text) {
            return false;
        }
        self.secrets.clean(text);
        if self.traces.are_in(text) {
            HIDDEN.clone_into(text);
        }
        true
    }

    fn sealed(&self, name: &str, value: &Value) -> Result<Sealed, Fault> {
        seal_with(&self.key, name, value.to_string().as_bytes())
    }

    /// Seals what has to be hidden of a release together with what was hidden before.
    fn hiding(&self, before: Option<&Sealed>) -> Result<Sealed, Fault> {
        let mut all = self.secrets.clone();
        if let Some(before) = before.and_then(|it| self.key.open(HIDDEN_VALUES, it).ok()) {
            all.join(Secrets::new(serde_json::from_slice(&before.0).unwrap_or_default()));
        }
        self.sealed(HIDDEN_VALUES, &json!(all.values()))
    }
}

/// Cluster, stack, revision.
type OwnPlace = (String, String, u32);

fn own((cluster, stack, revision): ReleaseKeyParts<'_>) -> OwnPlace {
    (cluster.to_owned(), stack.to_owned(), revision)
}

/// Puts records in the place of those that something else is made of.
fn rewrite<K: TableKey + 'static, R: Record>(
    transaction: &WriteTransaction,
    of: Table<K>,
    mut change: impl for<'a> FnMut(&K::SelfType<'a>, R) -> Result<Option<R>, Fault>,
) -> Result<(), Fault> {
    let mut table = transaction.open_table(of)?;
    let mut changed: Vec<(Vec<u8>, Vec<u8>)> = Vec::new();
    for entry in table.iter()? {
        let (at, bytes) = entry?;
        let at = at.value();
        if let Some(record) = change(&at, decode(bytes.value(), of.name())?)? {
            changed.push((K::as_bytes(&at).as_ref().to_vec(), encode(&record)?));
        }
    }
    for (at, record) in &changed {
        table.insert(K::from_bytes(at), record.as_slice())?;
    }
    Ok(())
}
