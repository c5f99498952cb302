//! What is loaded, and what it may ask of the machine.

use std::{collections::BTreeMap, io, path::Path, sync::Arc};

/// A stack file as it was read.
#[derive(Debug, Clone)]
pub struct ComposeFile {
    /// What messages call it.
    pub name: Arc<str>,
    pub bytes: Vec<u8>,
}

/// What a stack may ask of the machine that deploys it.
pub struct Surroundings<'a> {
    /// The variables of the process; `HOME` among them expands `~`.
    pub environment: &'a BTreeMap<String, String>,
    /// Absolute path of the first file's directory: all paths start there.
    pub working_dir: &'a str,
    pub files: &'a dyn Files,
}

/// Reads files that a stack names.
pub trait Files {
    fn read(&self, path: &Path) -> io::Result<Vec<u8>>;

    /// Reads what a secret or config holds; what no engine would take need not be read.
    fn read_content(&self, path: &Path) -> io::Result<Vec<u8>> {
        self.read(path)
    }

    fn exists(&self, path: &Path) -> bool;
}

/// Says why a file could not be read, as docker does.
pub fn why(err: &io::Error) -> String {
    match err.kind() {
        io::ErrorKind::NotFound => "no such file or directory".to_owned(),
        io::ErrorKind::IsADirectory => "is a directory".to_owned(),
        io::ErrorKind::PermissionDenied => "permission denied".to_owned(),
        _ => err.to_string(),
    }
}
