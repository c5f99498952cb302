//! Non-blocking terminal output. A terminal that accepts nothing, for example over a stalled
//! connection, blocks nothing: output is written later, or dropped.

use rustix::{
    event::{PollFd, PollFlags, Timespec, poll},
    fs::OFlags,
};
use std::{
    fs::{File, OpenOptions},
    io::{self, ErrorKind, Write},
    os::unix::fs::OpenOptionsExt,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};
use tokio::net::unix::pipe::Sender;

/// The terminal itself, opened anew so that writing without waiting is our matter only; the
/// second is for whoever may not open the first, as after `su`.
const TERMINALS: [&str; 2] = ["/proc/self/fd/1", "/dev/tty"];

/// Opens the terminal to write without waiting.
pub fn open() -> io::Result<File> {
    let flags = i32::try_from((OFlags::NONBLOCK | OFlags::NOCTTY).bits()).unwrap_or_default();
    let open = |path| OpenOptions::new().write(true).custom_flags(flags).open(path);
    open(TERMINALS[0]).or_else(|_| open(TERMINALS[1]))
}

/// Bytes that wait to be written.
#[derive(Debug, Clone, Default)]
pub struct Spool(Arc<Mutex<Vec<u8>>>);

impl Spool {
    fn bytes(&self) -> MutexGuard<'_, Vec<u8>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub fn is_empty(&self) -> bool {
        self.bytes().is_empty()
    }

    /// Forgets what was not written.
    pub fn clear(&self) {
        self.bytes().clear();
    }
}

impl Write for Spool {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.bytes().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    /// It is written once the terminal takes it.
    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Writes what waits, as far as the terminal takes it.
#[derive(Debug)]
pub struct Outlet {
    /// It is not a pipe, but written without waiting all the same.
    terminal: Sender,
    spool: Spool,
}

impl Outlet {
    pub fn new(terminal: File, spool: Spool) -> io::Result<Self> {
        Ok(Self { terminal: Sender::from_file_unchecked(terminal)?, spool })
    }

    /// Writes what the terminal takes now.
    pub fn push(&self) -> io::Result<()> {
        let mut bytes = self.spool.bytes();
        while !bytes.is_empty() {
            match self.terminal.try_write(&bytes) {
                Ok(count) => drop(bytes.drain(..count)),
                Err(err) if err.kind() == ErrorKind::Interrupted => {}
                Err(err) if err.kind() == ErrorKind::WouldBlock => return Ok(()),
                Err(err) => return Err(err),
            }
        }
        Ok(())
    }

    /// Waits until the terminal has taken all that waits.
    pub async fn send(&self) -> io::Result<()> {
        while !self.spool.is_empty() {
            self.terminal.writable().await?;
            self.push()?;
        }
        Ok(())
    }
}

/// Writes bytes into a terminal that was opened to be written without waiting; gives up
/// where it does not take them in time.
pub fn write_within(mut terminal: &File, mut bytes: &[u8], patience: Duration) -> io::Result<()> {
    let end = Instant::now() + patience;
    while !bytes.is_empty() {
        match terminal.write(bytes) {
            Ok(count) => bytes = &bytes[count..],
            Err(err) if err.kind() == ErrorKind::Interrupted => {}
            Err(err) if err.kind() == ErrorKind::WouldBlock => {
                let left = end.saturating_duration_since(Instant::now());
                if left.is_zero() {
                    return Err(ErrorKind::TimedOut.into());
                }
                let left = Timespec::try_from(left).map_err(|_| ErrorKind::TimedOut)?;
                let mut waiting = [PollFd::new(&terminal, PollFlags::OUT)];
                // Whoever interrupts this waits no longer than everybody else.
                let _ = poll(&mut waiting, Some(&left));
            }
            Err(err) => return Err(err),
        }
    }
    Ok(())
}

impl Spool {
    /// Writes what waits, where the terminal takes it in time; forgets the rest.
    pub fn empty_into(&self, terminal: &File, patience: Duration) -> io::Result<()> {
        let mut bytes = self.bytes();
        let written = write_within(terminal, &bytes, patience);
        bytes.clear();
        written
    }
}
