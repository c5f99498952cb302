//! Output files of commands.

use crate::domain::text::path::ShownPath;
use crate::{cli::Failure, files};
use std::{
    fs::OpenOptions,
    io::{ErrorKind, Write},
    path::Path,
};

/// Writes a file that is not there yet; `force` writes over one.
pub fn write(path: &Path, text: &str, force: bool) -> Result<(), Failure> {
    let written = if force {
        files::open_own(path, false).and_then(|mut it| it.write_all(text.as_bytes()))
    } else {
        let file = OpenOptions::new().write(true).create_new(true).open(path);
        file.and_then(|mut it| it.write_all(text.as_bytes()))
    };
    written.map_err(|err| {
        let hint = match err.kind() {
            ErrorKind::AlreadyExists => Some("--force overwrites it".to_owned()),
            ErrorKind::NotFound => Some("make the folder first".to_owned()),
            _ => None,
        };
        Failure::new(format!("cannot write {}: {err}", path.shown()), hint)
    })
}
