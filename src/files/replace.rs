//! Atomic replacement of a file: all of it or nothing, and never where
//! others may read it who may not read the old one.

use crate::files::{random::random, regular::refused};
use rustix::io::Errno;
use std::{
    fs::{self, File, Metadata, OpenOptions, Permissions},
    io::{self, ErrorKind, Write},
    os::unix::fs::{MetadataExt, OpenOptionsExt, PermissionsExt, fchown},
    path::{Path, PathBuf},
};

/// How many links may lead from one to the next; the kernel follows as many.
const LINKS: usize = 40;

/// Writes a new file beside the old one and renames it, so that a full disk or a cut
/// never leaves half a file. A link stays one, and what it leads to is replaced.
///
/// Mode, owner and group stay as they were; where the group cannot stay, it may do no
/// more than everybody. A file that was not there gets the mode of any new file. Blocks.
pub fn replace(path: &Path, content: &[u8]) -> io::Result<()> {
    let target = followed(path)?;
    let old = match fs::symlink_metadata(&target) {
        Ok(old) => {
            refused(old.file_type())?;
            Some(old)
        }
        Err(err) if err.kind() == ErrorKind::NotFound => None,
        Err(err) => return Err(err),
    };
    put(&target, content, old.as_ref())
}

/// Returns where a path leads, though nothing may be there yet.
fn followed(path: &Path) -> io::Result<PathBuf> {
    let mut at = path.to_owned();
    for _ in 0..=LINKS {
        match fs::read_link(&at) {
            Ok(link) => at = folder(&at).join(link),
            Err(err) if matches!(err.kind(), ErrorKind::InvalidInput | ErrorKind::NotFound) => {
                return Ok(at);
            }
            Err(err) => return Err(err),
        }
    }
    Err(Errno::LOOP.into())
}

fn folder(path: &Path) -> &Path {
    let parent = path.parent().filter(|it| !it.as_os_str().is_empty());
    parent.unwrap_or_else(|| Path::new("."))
}

fn put(target: &Path, content: &[u8], old: Option<&Metadata>) -> io::Result<()> {
    let beside = folder(target).join(name()?);
    let file = created(&beside, old)?;
    let done = fill(&file, content, old).and_then(|()| fs::rename(&beside, target));
    if done.is_err() {
        let _ = fs::remove_file(&beside);
        return done;
    }
    // The content is safe by now; whether its name is too, some file systems cannot say.
    let _ = File::open(folder(target)).and_then(|it| it.sync_all());
    Ok(())
}

/// Nobody can lay a trap under a name that is not known before. It does not hold the
/// name of the file, which may be as long as names can be.
fn name() -> io::Result<String> {
    Ok(format!(".skep-new-{:016x}", u64::from_ne_bytes(random()?)))
}

/// Creates a file that is not there, also not as a link. Where it is to take the place
/// of another, only its owner may read it until it has the mode of that.
fn created(beside: &Path, old: Option<&Metadata>) -> io::Result<File> {
    let mode = if old.is_some() { 0o600 } else { 0o666 };
    OpenOptions::new().write(true).create_new(true).mode(mode).open(beside)
}

fn fill(mut file: &File, content: &[u8], old: Option<&Metadata>) -> io::Result<()> {
    file.write_all(content)?;
    if let Some(old) = old {
        // A new owner takes special bits away: the mode comes after.
        let mode = owned(file, old)?;
        file.set_permissions(Permissions::from_mode(mode))?;
    }
    file.sync_all()
}

/// Gives the file to whom the old one belongs, as far as that is allowed, and returns the
/// mode that it may have then.
fn owned(file: &File, old: &Metadata) -> io::Result<u32> {
    let mode = old.mode() & 0o7777;
    let now = file.metadata()?;
    if (now.uid(), now.gid()) == (old.uid(), old.gid())
        || fchown(file, Some(old.uid()), Some(old.gid())).is_ok()
    {
        return Ok(mode);
    }
    let mode = mode & 0o777;
    if now.gid() == old.gid() || fchown(file, None, Some(old.gid())).is_ok() {
        return Ok(mode);
    }
    Ok(for_strangers(mode))
}

/// Returns a mode in which the group may do no more than everybody.
fn for_strangers(mode: u32) -> u32 {
    mode & (0o707 | ((mode & 0o007) << 3))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::{chown, symlink};
    use tempfile::{TempDir, tempdir};

    fn names(folder: &TempDir) -> Vec<String> {
        let name = |it: io::Result<fs::DirEntry>| it.unwrap().file_name().into_string().unwrap();
        let mut names: Vec<String> = fs::read_dir(folder).unwrap().map(name).collect();
        names.sort();
        names
    }

    fn with_mode(path: &Path, mode: u32) {
        fs::write(path, "old").unwrap();
        fs::set_permissions(path, Permissions::from_mode(mode)).unwrap();
    }

    fn mode(path: &Path) -> u32 {
        fs::symlink_metadata(path).unwrap().mode() & 0o7777
    }

    #[test]
    fn a_new_content_has_the_mode_and_the_owner_of_the_old_one() {
        let folder = tempdir().unwrap();
        let path = folder.path().join("a.yml");
        for old in [0o600, 0o640, 0o644, 0o664, 0o400, 0o755] {
            with_mode(&path, old);
            // Only root may give a file away.
            let given = chown(&path, Some(1234), Some(5678)).is_ok();
            let before = fs::metadata(&path).unwrap();
            replace(&path, b"new").unwrap();
            let after = fs::metadata(&path).unwrap();
            assert_eq!(mode(&path), old, "{old:o}, given away: {given}");
            assert_eq!((after.uid(), after.gid()), (before.uid(), before.gid()));
            assert_eq!(fs::read(&path).unwrap(), b"new");
            assert_eq!(names(&folder), ["a.yml"]);
            fs::remove_file(&path).unwrap();
        }
    }

    #[test]
    fn another_group_may_do_no_more_than_everybody() {
        for (old, new) in [(0o640, 0o600), (0o644, 0o644), (0o664, 0o644), (0o606, 0o606)] {
            assert_eq!(for_strangers(old), new, "{old:o}");
        }
    }

    #[test]
    fn nobody_else_can_open_the_new_file_before_it_has_the_mode_of_the_old_one() {
        let folder = tempdir().unwrap();
        let (path, beside) = (folder.path().join("a.yml"), folder.path().join("beside"));
        with_mode(&path, 0o644);
        let old = fs::metadata(&path).unwrap();
        let file = created(&beside, Some(&old)).unwrap();
        assert_eq!(mode(&beside), 0o600);
        fill(&file, b"new", Some(&old)).unwrap();
        assert_eq!(mode(&beside), 0o644);
    }

    #[test]
    fn a_link_stays_one_even_where_it_leads_to_nothing_yet() {
        let folder = tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        with_mode(&at("real"), 0o600);
        symlink("real", at("first")).unwrap();
        symlink(at("first"), at("second")).unwrap();
        symlink("later", at("dangling")).unwrap();
        symlink("round", at("round")).unwrap();
        replace(&at("second"), b"new").unwrap();
        replace(&at("dangling"), b"new").unwrap();
        for (link, file) in [("first", "real"), ("second", "real"), ("dangling", "later")] {
            assert!(fs::symlink_metadata(at(link)).unwrap().is_symlink(), "{link}");
            assert!(fs::symlink_metadata(at(file)).unwrap().is_file(), "{file}");
            assert_eq!(fs::read(at(link)).unwrap(), b"new");
        }
        assert_eq!(mode(&at("real")), 0o600);
        assert!(replace(&at("round"), b"new").is_err());
        assert_eq!(names(&folder), ["dangling", "first", "later", "real", "round", "second"]);
    }

    #[test]
    fn a_link_that_lies_in_the_way_is_never_written_through() {
        let folder = tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        fs::write(at("victim"), "untouched").unwrap();
        with_mode(&at("a.yml"), 0o644);
        symlink("victim", at("a.yml.skep-new")).unwrap();
        replace(&at("a.yml"), b"new").unwrap();
        let old = fs::metadata(at("a.yml")).unwrap();
        for old in [Some(&old), None] {
            let trapped = created(&at("a.yml.skep-new"), old).unwrap_err();
            assert_eq!(trapped.kind(), ErrorKind::AlreadyExists);
        }
        assert_eq!(fs::read(at("victim")).unwrap(), b"untouched");
        assert_ne!(name().unwrap(), name().unwrap());
    }

    #[test]
    fn nothing_is_left_behind_where_it_fails() {
        let folder = tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        fs::create_dir(at("sub")).unwrap();
        assert!(put(&at("sub"), b"new", None).is_err(), "a folder cannot be renamed over");
        let refused = replace(&at("sub"), b"new").unwrap_err();
        assert_eq!(refused.kind(), ErrorKind::IsADirectory);
        assert_eq!(names(&folder), ["sub"]);
        let missing = replace(&at("nowhere/a.yml"), b"new").unwrap_err();
        assert_eq!(missing.kind(), ErrorKind::NotFound);
    }

    #[test]
    fn a_name_may_be_as_long_as_names_can_be() {
        let folder = tempdir().unwrap();
        let path = folder.path().join("n".repeat(255));
        replace(&path, b"one").unwrap();
        replace(&path, b"two").unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"two");
    }
}
