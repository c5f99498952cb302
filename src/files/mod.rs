//! Safe file access: reads and writes files that others may have put there: regular ones only,
//! of bounded
//! size, and never through a link where a folder is all that may be touched.
//!
//! A device has no end, and a pipe without a writer none either: whoever opened one
//! would wait for ever, or until no memory is left.

mod regular;
mod random;
mod replace;

pub use random::random;
pub use replace::replace;

use crate::files::regular::{checked, refused};
use rustix::{
    fs::{Mode, OFlags, openat},
    io::Errno,
};
use std::{
    fs::{self, File, OpenOptions},
    io::{self, ErrorKind, Read, Write},
    os::unix::fs::{FileTypeExt, MetadataExt, OpenOptionsExt},
    path::{Component, Path},
    thread::sleep,
    time::{Duration, Instant, SystemTime},
};

/// Bytes of a compose file, or of one that it names.
pub const STACK: usize = 16 << 20;
/// Bytes of the content of a secret or config: what an engine takes is less than half.
pub const CONTENT: usize = 2 << 20;
/// Bytes of settings, themes, keys, certificates, templates, and of docker's own files.
pub const SETTINGS: usize = 4 << 20;

/// How long a pipe that was named on the command line may say nothing.
const PATIENCE: Duration = Duration::from_secs(60);

/// Reads a regular file of at most `limit` bytes. Blocks, but never for another process.
pub fn read(path: &Path, limit: usize) -> io::Result<Vec<u8>> {
    open_regular(path).and_then(|file| bounded(file, limit))
}

/// Does the same with a text.
pub fn read_text(path: &Path, limit: usize) -> io::Result<String> {
    text(read(path, limit)?)
}

/// Reads a file that somebody named on the command line: what a shell makes of
/// `<(command)` is a pipe, and fine while somebody writes to it.
pub fn read_named(path: &Path, limit: usize) -> io::Result<Vec<u8>> {
    if ["/dev/fd", "/proc/self/fd", "/dev/stdin"].iter().any(|it| path.starts_with(it)) {
        let file = opened(path)?;
        if file.metadata()?.file_type().is_fifo() {
            return patient(file, limit, PATIENCE);
        }
    }
    read(path, limit)
}

/// Opens a regular file to read it.
pub fn open_regular(path: &Path) -> io::Result<File> {
    // Some devices do something when they are opened.
    refused(fs::metadata(path)?.file_type())?;
    checked(opened(path)?)
}

/// Opens a folder, and nothing else: whoever opened a pipe would wait.
pub fn open_folder(path: &Path) -> io::Result<File> {
    let flags = OFlags::DIRECTORY | OFlags::NONBLOCK | OFlags::NOCTTY;
    let flags = flags.bits().cast_signed();
    OpenOptions::new().read(true).custom_flags(flags).open(path).map_err(|err| match err.kind() {
        ErrorKind::NotADirectory => io::Error::new(ErrorKind::NotADirectory, "it is not a folder"),
        _ => err,
    })
}

/// Returns when something was last written; nothing where nobody can say.
pub fn modified(path: &Path) -> Option<SystemTime> {
    fs::metadata(path).ok()?.modified().ok()
}

/// Reads what another program hands over, as far as `limit` goes.
pub fn read_stream(stream: impl Read, limit: usize) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    stream.take(limit as u64 + 1).read_to_end(&mut bytes)?;
    if bytes.len() > limit {
        return Err(io::Error::other(format!(
            "it has more than {limit} bytes, which is more than skep reads"
        )));
    }
    Ok(bytes)
}

/// Reads a regular file that lies in a folder: no part of its name below the folder may
/// be a link, a step up, or absolute.
pub fn read_inside(folder: &Path, name: &Path, limit: usize) -> io::Result<Vec<u8>> {
    let mut parts = inside(name)?;
    let last = parts.pop().ok_or_else(outside)?;
    let mut at = open_folder(folder)?;
    for part in parts {
        at = below(&at, part, OFlags::DIRECTORY, Mode::empty())?;
    }
    let file = below(&at, last, OFlags::NONBLOCK, Mode::empty())?;
    checked(file).and_then(|file| bounded(file, limit))
}

/// Writes a file into a folder, with the folders on the way: for its owner's eyes only,
/// and never through a link.
pub fn write_inside(folder: &Path, name: &Path, content: &[u8]) -> io::Result<()> {
    let mut parts = inside(name)?;
    let last = parts.pop().ok_or_else(outside)?;
    let mut at = open_folder(folder)?;
    for part in parts {
        match rustix::fs::mkdirat(&at, part, Mode::RWXU) {
            Ok(()) | Err(Errno::EXIST) => {}
            Err(err) => return Err(err.into()),
        }
        at = below(&at, part, OFlags::DIRECTORY, Mode::empty())?;
    }
    let flags = OFlags::WRONLY | OFlags::CREATE | OFlags::NONBLOCK;
    let mut file = checked(below(&at, last, flags, Mode::RUSR | Mode::WUSR)?)?;
    file.set_len(0)?;
    file.write_all(content)
}

/// Opens a file to write over it or to add to it: a regular one, or a new one for its
/// owner's eyes only, and never through a link.
pub fn open_own(path: &Path, add: bool) -> io::Result<File> {
    let flags = (OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::NOCTTY).bits();
    let mut options = OpenOptions::new();
    options.create(true).mode(0o600).custom_flags(flags.cast_signed());
    let options = if add { options.append(true) } else { options.write(true) };
    let file = checked(options.open(path)?)?;
    if !add {
        file.set_len(0)?;
    }
    Ok(file)
}

/// Has the names in a folder survive a power cut.
pub fn keep_name(folder: &Path) -> io::Result<()> {
    File::open(folder)?.sync_all()
}

fn text(bytes: Vec<u8>) -> io::Result<String> {
    String::from_utf8(bytes)
        .map_err(|_| io::Error::new(ErrorKind::InvalidData, "it is not UTF-8 text"))
}

/// Opens a file without waiting for anybody, and without making its terminal ours.
fn opened(path: &Path) -> io::Result<File> {
    let flags = (OFlags::NONBLOCK | OFlags::NOCTTY).bits();
    OpenOptions::new().read(true).custom_flags(flags.cast_signed()).open(path)
}

fn bounded(file: File, limit: usize) -> io::Result<Vec<u8>> {
    let size = file.metadata()?.len();
    let too_long = |size: String| {
        io::Error::new(
            ErrorKind::FileTooLarge,
            format!("it has {size} bytes, and {limit} are read at most"),
        )
    };
    if size > limit as u64 {
        return Err(too_long(size.to_string()));
    }
    let mut bytes = Vec::with_capacity(usize::try_from(size).unwrap_or(0));
    // Files of the kernel say that they are empty, and some of them have no end.
    let read = file.take(limit as u64 + 1).read_to_end(&mut bytes);
    read.map_err(|err| match err.kind() {
        ErrorKind::WouldBlock => io::Error::new(ErrorKind::InvalidInput, "it has no end"),
        _ => err,
    })?;
    if bytes.len() > limit {
        return Err(too_long(format!("more than {limit}")));
    }
    Ok(bytes)
}

/// Reads a pipe to its end, while something comes.
fn patient(mut pipe: File, limit: usize, patience: Duration) -> io::Result<Vec<u8>> {
    let (mut bytes, mut piece, mut last) = (Vec::new(), vec![0; 1 << 16], Instant::now());
    loop {
        match pipe.read(&mut piece) {
            Ok(0) => return Ok(bytes),
            Ok(count) => {
                last = Instant::now();
                bytes.extend_from_slice(&piece[..count]);
            }
            Err(err) if err.kind() == ErrorKind::Interrupted => {}
            Err(err) if err.kind() == ErrorKind::WouldBlock && last.elapsed() < patience => {
                sleep(Duration::from_millis(10));
            }
            Err(err) if err.kind() == ErrorKind::WouldBlock => {
                let why = format!("the pipe sent nothing for {}s", patience.as_secs());
                return Err(io::Error::new(ErrorKind::TimedOut, why));
            }
            Err(err) => return Err(err),
        }
        if bytes.len() > limit {
            let why = format!("it has more than {limit} bytes, which is more than skep reads");
            return Err(io::Error::new(ErrorKind::FileTooLarge, why));
        }
    }
}

fn inside(name: &Path) -> io::Result<Vec<&Path>> {
    let part = |it: Component<'_>| matches!(it, Component::Normal(_));
    if name.as_os_str().is_empty() {
        return Err(io::Error::new(ErrorKind::InvalidInput, "it has no name"));
    }
    if !name.components().all(part) {
        return Err(outside());
    }
    Ok(name.components().map(|it| Path::new(it.as_os_str())).collect())
}

/// Returns whether something belongs to a user who is neither us nor root: what is in it
/// is theirs to read and to change. Root is nobody's victim here, and works for others.
pub fn is_of_another(found: &fs::Metadata) -> bool {
    let me = fs::metadata("/proc/self").map_or(0, |it| it.uid());
    me != 0 && ![0, me].contains(&found.uid())
}

/// This layer knows nothing of how texts are shown.
fn on_one_line(part: &Path) -> String {
    part.to_string_lossy().replace('\n', "\\n")
}

fn outside() -> io::Error {
    io::Error::new(ErrorKind::InvalidInput, "it is not in the folder")
}

fn below(folder: &File, part: &Path, flags: OFlags, mode: Mode) -> io::Result<File> {
    let flags = flags | OFlags::NOFOLLOW | OFlags::NOCTTY | OFlags::CLOEXEC;
    match openat(folder, part, flags, mode) {
        Ok(file) => Ok(file.into()),
        Err(Errno::NOTDIR) => Err(io::Error::new(
            ErrorKind::InvalidInput,
            format!(
                "`{}` is not a folder, or a link, and links are not followed",
                on_one_line(part)
            ),
        )),
        Err(Errno::LOOP | Errno::MLINK) => Err(io::Error::new(
            ErrorKind::InvalidInput,
            format!("`{}` is a link, and links are not followed", on_one_line(part)),
        )),
        Err(err) => Err(err.into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rustix::fs::{CWD, FileType, mknodat};
    use std::os::{
        fd::AsRawFd,
        unix::{
            fs::{PermissionsExt, symlink},
            net::UnixListener,
        },
    };

    fn pipe(path: &Path) {
        mknodat(CWD, path, FileType::Fifo, Mode::RUSR | Mode::WUSR, 0).unwrap();
    }

    #[test]
    fn only_regular_files_of_a_bounded_size_are_read() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        fs::write(at("ten"), "0123456789").unwrap();
        assert_eq!(read_text(&at("ten"), 10).unwrap(), "0123456789");
        File::create(at("huge")).unwrap().set_len(2 << 30).unwrap();
        pipe(&at("pipe"));
        let _socket = UnixListener::bind(at("socket")).unwrap();
        for (path, why) in [
            (at("ten"), "it has 10 bytes, and 9 are read at most"),
            (at("huge"), "it has 2147483648 bytes, and 9 are read at most"),
            (at("pipe"), "it is not a regular file but a pipe"),
            (at("socket"), "it is not a regular file but a socket"),
            ("/dev/zero".into(), "it is not a regular file but a device"),
            ("/proc/self/maps".into(), "it has more than 9 bytes, and 9 are read at most"),
            (folder.path().into(), "Is a directory"),
        ] {
            let err = read(&path, 9).unwrap_err().to_string();
            assert!(err.starts_with(why), "{}: {err}", path.display());
        }
        assert_eq!(read(&at("nothing"), 9).unwrap_err().kind(), ErrorKind::NotFound);
    }

    #[test]
    fn a_pipe_of_a_shell_is_read_as_long_as_something_comes() {
        let (reader, mut writer) = io::pipe().unwrap();
        writer.write_all(b"a: 1\n").unwrap();
        let path = format!("/proc/self/fd/{}", reader.as_raw_fd());
        let silent = patient(opened(path.as_ref()).unwrap(), 9, Duration::from_millis(30));
        assert_eq!(silent.unwrap_err().kind(), ErrorKind::TimedOut);
        writer.write_all(b"a: 2\n").unwrap();
        drop(writer);
        assert_eq!(read_named(path.as_ref(), 9).unwrap(), b"a: 2\n");
        assert!(read_stream(&b"0123456789"[..], 9).is_err());
    }

    #[test]
    fn what_is_no_folder_is_not_opened_as_one() {
        let folder = tempfile::tempdir().unwrap();
        pipe(&folder.path().join("pipe"));
        for path in [folder.path().join("pipe"), "/dev/zero".into(), "/proc/version".into()] {
            let err = read_inside(&path, "a".as_ref(), 9).unwrap_err();
            assert_eq!(err.to_string(), "it is not a folder", "{}", path.display());
            assert!(write_inside(&path, "a".as_ref(), b"").is_err());
        }
        assert!(open_folder(folder.path()).is_ok());
    }

    #[test]
    fn nothing_outside_of_a_folder_is_read_or_written() {
        let home = tempfile::tempdir().unwrap();
        let folder = home.path().join("in");
        fs::create_dir_all(folder.join("sub")).unwrap();
        fs::write(home.path().join("out"), "secret").unwrap();
        symlink("../out", folder.join("link")).unwrap();
        symlink("..", folder.join("up")).unwrap();
        pipe(&folder.join("pipe"));
        fs::write(folder.join("sub/a"), "a").unwrap();
        assert_eq!(read_inside(&folder, "sub/a".as_ref(), 9).unwrap(), b"a");
        for name in ["link", "up/out", "../out", "/etc/passwd", "sub/../../out", "pipe", "sub", ""]
        {
            let read = read_inside(&folder, name.as_ref(), 99);
            assert!(read.is_err(), "{name}");
            if name != "pipe" {
                assert!(write_inside(&folder, name.as_ref(), b"x").is_err(), "{name}");
            }
        }
        assert_eq!(fs::read(home.path().join("out")).unwrap(), b"secret");
        write_inside(&folder, "new/b".as_ref(), b"bb").unwrap();
        write_inside(&folder, "new/b".as_ref(), b"c").unwrap();
        assert_eq!(fs::read(folder.join("new/b")).unwrap(), b"c");
        let mode =
            |name: &str| fs::metadata(folder.join(name)).unwrap().permissions().mode() & 0o777;
        assert_eq!((mode("new"), mode("new/b")), (0o700, 0o600));
        assert!(open_own(&folder.join("link"), true).is_err());
        assert!(open_own(&folder.join("pipe"), true).is_err());
    }
}
