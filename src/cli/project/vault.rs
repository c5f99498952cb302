//! `skep vault`: how the key of secret values is kept.

use crate::{
    cli::{
        Desk, Exit, Failure, Page, Run,
        project::{readable, writable},
    },
    store::Keeping,
};
use async_trait::async_trait;
use clap::{Args, Subcommand};
use serde_json::json;
use std::env;

/// The variable that gives a passphrase to a process.
const NEW: &str = "SKEP_NEW_PASSPHRASE";

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
    /// Wrap the key with the passphrase in `SKEP_NEW_PASSPHRASE`; the key file goes
    Passphrase,
    /// Put the key into a file of mode 0600 again
    KeyFile,
}

#[async_trait]
impl Run for Vault {
    async fn run(&self, desk: &Desk, page: &mut Page<'_>) -> Result<Exit, Failure> {
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
        }
        let store = readable(desk)?;
        let (word, says) = match store.keeping()? {
            Keeping::Nowhere => ("nowhere", "nothing secret was ever kept".to_owned()),
            Keeping::KeyFile => {
                ("key-file", format!("the key is in {}", store.key_file().display()))
            }
            Keeping::Passphrase { .. } => (
                "passphrase",
                "the key is wrapped with a passphrase: SKEP_PASSPHRASE gives it".to_owned(),
            ),
        };
        if page.json {
            page.json(&json!({ "key": word }))?;
        } else {
            writeln!(page.out, "{says}")?;
        }
        Ok(Exit::Done)
    }
}
