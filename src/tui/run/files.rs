//! File access of the cockpit. All of it blocks.

use crate::{
    domain::text::escape,
    domain::text::path::ShownPath,
    files,
    tui::document::{Content, LARGEST, Opened, Stamp, Unreadable},
};
use sha2::{Digest, Sha256};
use std::{
    fs::{self, OpenOptions},
    io::{self, Write},
    os::unix::fs::OpenOptionsExt,
    path::Path,
    time::SystemTime,
};

/// Reads a file to edit. One that is not there yet is an empty text; what is no text is
/// refused.
pub fn open(path: &Path) -> Result<Opened, String> {
    let named = |why: String| format!("{}: {why}", path.shown());
    let modified = modified(path);
    let size = fs::metadata(path).map_or(0, |it| it.len());
    if size > LARGEST as u64 {
        let bytes = usize::try_from(size).unwrap_or(usize::MAX);
        return Err(named(Unreadable::TooLarge { bytes }.to_string()));
    }
    let bytes = match files::read(path, LARGEST) {
        Ok(bytes) => bytes,
        Err(err) if err.kind() == io::ErrorKind::NotFound => {
            return Ok(Opened {
                content: Content::default(),
                stamp: Stamp::default(),
                draft: None,
            });
        }
        Err(err) => return Err(format!("cannot read {}: {err}", path.shown())),
    };
    let stamp = Stamp { print: print(&bytes), modified };
    let content = Content::decode(bytes).map_err(|why| named(why.to_string()))?;
    Ok(Opened { content, stamp, draft: None })
}

/// Returns whether a file may be another than it was; cheap.
pub fn may_differ(path: &Path, known: &Stamp) -> bool {
    modified(path) != known.modified
}

/// Writes a text where the file still is what is expected, or whatever it is. Returns
/// what is there now, and whether that is the text.
pub fn save(path: &Path, content: &Content, over: Option<&Stamp>) -> Result<Stamp, Unsaved> {
    if let Some(expected) = over {
        let found = open(path);
        let same = found.as_ref().is_ok_and(|it| it.stamp.print == expected.print);
        if !same {
            return Err(Unsaved::Differs(Box::new(found)));
        }
    }
    let bytes = content.encode();
    files::replace(path, &bytes).map_err(|err| Unsaved::Refused(err.to_string()))?;
    Ok(Stamp { print: print(&bytes), modified: modified(path) })
}

/// Why nothing was written.
#[derive(Debug)]
pub enum Unsaved {
    /// Something else is there than what was expected.
    Differs(Box<Result<Opened, String>>),
    Refused(String),
}

/// Writes what was shown into a file that is not there yet. Only its owner may read it:
/// specs hold environments and logs hold anything; and whoever prints it to a terminal
/// must be as safe as who saw it here.
pub fn write_new(path: &Path, text: &str) -> io::Result<()> {
    let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)?;
    file.write_all(escape::shown_lines(text).as_bytes())
}

/// Returns the fingerprint of some bytes.
pub fn print(bytes: &[u8]) -> String {
    format!("{:x}", Sha256::digest(bytes))
}

fn modified(path: &Path) -> Option<SystemTime> {
    fs::metadata(path).ok()?.modified().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn content(text: &str) -> Content {
        Content { text: text.to_owned(), mark: false }
    }

    #[test]
    fn a_file_that_is_not_there_is_an_empty_text_and_comes_with_the_first_save() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("new.yml");
        let opened = open(&path).unwrap();
        assert_eq!(opened.content, content(""));
        let stamp = save(&path, &content("a: 1\n"), Some(&opened.stamp)).unwrap();
        assert_eq!(open(&path).unwrap(), Opened { content: content("a: 1\n"), stamp, draft: None });
    }

    #[test]
    fn what_somebody_else_wrote_is_overwritten_only_where_that_is_wanted() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.yml");
        fs::write(&path, "mine\n").unwrap();
        let opened = open(&path).unwrap();
        fs::write(&path, "theirs\n").unwrap();
        let unsaved = save(&path, &content("new\n"), Some(&opened.stamp)).unwrap_err();
        let Unsaved::Differs(found) = unsaved else { panic!("{unsaved:?}") };
        assert_eq!(found.unwrap().content.text, "theirs\n");
        assert_eq!(fs::read_to_string(&path).unwrap(), "theirs\n");
        save(&path, &content("new\n"), None).unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), "new\n");
    }

    #[test]
    fn what_is_too_large_or_no_text_is_refused_by_name() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("large.yml");
        fs::write(&path, vec![b' '; LARGEST + 1]).unwrap();
        assert!(open(&path).unwrap_err().contains("large.yml: 4194305 bytes are more"));
        fs::write(&path, b"a\n\xe4\n").unwrap();
        assert!(open(&path).unwrap_err().contains("line 2 holds other bytes, from byte 3"));
    }

    #[test]
    fn rights_stay_as_they_are() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("secret.yml");
        fs::write(&path, "a\n").unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
        save(&path, &content("b\n"), None).unwrap();
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    }
}
