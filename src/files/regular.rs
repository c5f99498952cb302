//! Regular files, and what is none.

use rustix::io::Errno;
use std::{
    fs::{self, File},
    io::{self, ErrorKind},
    os::unix::fs::FileTypeExt,
};

/// Takes a file that is a regular one.
pub fn checked(file: File) -> io::Result<File> {
    refused(file.metadata()?.file_type())?;
    Ok(file)
}

/// Says what something is that is not a regular file.
pub fn refused(kind: fs::FileType) -> io::Result<()> {
    let what = if kind.is_file() {
        return Ok(());
    } else if kind.is_dir() {
        return Err(Errno::ISDIR.into());
    } else if kind.is_fifo() {
        "a pipe"
    } else if kind.is_socket() {
        "a socket"
    } else {
        "a device"
    };
    Err(io::Error::new(ErrorKind::InvalidInput, format!("it is not a regular file but {what}")))
}
