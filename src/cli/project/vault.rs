//! `skep vault`: shows and changes how the key of secret values is kept.

use crate::{
    cli::{
        CommandOutput, Desk, Exit, Failure, Run,
        project::{confirm, readable, writable},
    },
    domain::text::count::counted,
    domain::text::path::ShownPath,
    store::{Keeping, Store},
};
use async_trait::async_trait;
use clap::{Args, Subcommand};
use serde_json::json;
use std::env;

/// The variable that gives a passphrase to a process.
const NEW: &str = "SKEP_NEW_PASSPHRASE";
const NO_KEY: &str = "put the right key back; or make a new one with `skep vault new-key`, and set the secret values again";

/// Show or change how the key of secret values is kept
#[derive(Debug, Args)]
pub struct Vault {
    #[command(subcommand)]
    wish: Wish,
}

#[derive(Debug, Subcommand)]
enum Wish {
    /// Say where the key is
    Status,
    /// Encrypt the key with the passphrase in `SKEP_NEW_PASSPHRASE`, and remove the key file
    Passphrase,
    /// Put the key into a file of mode 0600 again
    KeyFile,
    /// Make a new key, because the right one is lost
    NewKey,
}

#[async_trait]
impl Run for Vault {
    async fn run(&self, desk: &Desk, page: &mut CommandOutput<'_>) -> Result<Exit, Failure> {
        match &self.wish {
            Wish::Status => {}
            Wish::Passphrase => {
                let passphrase = env::var(NEW).unwrap_or_default();
                if passphrase.chars().count() < 8 {
                    let hint = format!("read one with `read -rs {NEW} && export {NEW}`");
                    let why = "a passphrase of at least 8 characters is needed";
                    return Err(Failure::usage(why, Some(hint)));
                }
                writable(desk)?.lock_with(&passphrase)?;
            }
            Wish::KeyFile => writable(desk)?.lock_with_file()?,
            Wish::NewKey => {
                let what = "make a new key: secret values that were encrypted with another key must be set again";
                confirm(desk, page, what)?;
                if let Some(old) = writable(desk)?.renew_key()? {
                    writeln!(page.remarks, "the old key is in {} now", old.shown())?;
                }
            }
        }
        let store = readable(desk)?;
        let keeping = store.keeping()?;
        let (word, says) = told(&keeping, store);
        if page.json {
            page.json(&json!({ "key": word }))?;
        } else {
            writeln!(page.out, "{says}")?;
        }
        if matches!(keeping, Keeping::Lost { .. } | Keeping::Another { .. }) {
            writeln!(page.remarks, "hint: {NO_KEY}")?;
            return Ok(Exit::Failed);
        }
        Ok(Exit::Done)
    }
}

/// Returns where the key is, in a word and in a sentence.
fn told(keeping: &Keeping, store: &Store) -> (&'static str, String) {
    // Files, and releases that secret values went into, are sealed too.
    let values = |sealed: usize| {
        counted(
            sealed as u64,
            "encrypted value, file or release",
            "encrypted values, files and releases",
        )
    };
    let file = store.key_file();
    let file = file.shown();
    match keeping {
        Keeping::Nowhere => (
            "nowhere",
            "there is no key yet: the first secret value that is set creates it".to_owned(),
        ),
        Keeping::Lost { sealed } => {
            ("lost", format!("key lost: {}, and {file} is gone", values(*sealed)))
        }
        Keeping::Another { sealed } => {
            ("another", format!("another key: {}, and {file} is not their key", values(*sealed)))
        }
        Keeping::KeyFile => ("key-file", format!("the key is in {file}")),
        Keeping::Memory => ("memory", "the key is lost when this process ends".to_owned()),
        Keeping::Passphrase { .. } => (
            "passphrase",
            "the key is wrapped with a passphrase: SKEP_PASSPHRASE gives it".to_owned(),
        ),
    }
}
