//! Non-blocking output of commands: a deployment does not wait for the terminal.

use rustix::{
    event::{PollFd, PollFlags, Timespec, poll},
    fs::OFlags,
};
use std::{
    fs::{File, OpenOptions},
    io::{self, ErrorKind, Write},
    os::unix::fs::OpenOptionsExt,
};

/// More than that does not wait; what is newer counts.
const MOST: usize = 1 << 20;

/// So often it is looked whether somebody wants it to end.
const LOOK: Timespec = Timespec { tv_sec: 0, tv_nsec: 100_000_000 };

/// How long a terminal may take for the last words where somebody does.
const LAST_WORDS: Timespec = Timespec { tv_sec: 1, tv_nsec: 0 };

/// Writes to a terminal. While something is driven, what it does not take waits here, as
/// after ctrl-s or over a connection that stalls; else whoever writes waits, but not for
/// ever: a signal that ends the program ends that too.
pub struct Unhurried {
    terminal: File,
    waits: Vec<u8>,
    drives: fn() -> bool,
    ends: fn() -> bool,
}

/// Opens the terminal of standard output; nothing where that cannot be.
pub fn words(drives: fn() -> bool, ends: fn() -> bool) -> Option<Unhurried> {
    open("/proc/self/fd/1", drives, ends)
}

/// Opens the terminal of standard error; nothing where that cannot be.
pub fn remarks(drives: fn() -> bool, ends: fn() -> bool) -> Option<Unhurried> {
    open("/proc/self/fd/2", drives, ends)
}

/// Opened anew, writing without waiting is our matter only.
fn open(path: &str, drives: fn() -> bool, ends: fn() -> bool) -> Option<Unhurried> {
    let flags = i32::try_from((OFlags::NONBLOCK | OFlags::NOCTTY).bits()).ok()?;
    let terminal = OpenOptions::new().write(true).custom_flags(flags).open(path).ok()?;
    Some(Unhurried { terminal, waits: Vec::new(), drives, ends })
}

impl Unhurried {
    /// Writes what waits, as far as the terminal takes it or somebody waits for it.
    fn push(&mut self) -> io::Result<()> {
        let mut last = false;
        while !self.waits.is_empty() {
            match (&self.terminal).write(&self.waits) {
                Ok(count) => drop(self.waits.drain(..count)),
                Err(err) if err.kind() == ErrorKind::Interrupted => {}
                Err(err) if err.kind() == ErrorKind::WouldBlock => {
                    if (self.drives)() || last {
                        break;
                    }
                    last = (self.ends)();
                    let patience = if last { LAST_WORDS } else { LOOK };
                    let mut waiting = [PollFd::new(&self.terminal, PollFlags::OUT)];
                    // Whoever interrupts this waits no longer than everybody else.
                    let _ = poll(&mut waiting, Some(&patience));
                }
                Err(err) => {
                    self.waits.clear();
                    return Err(err);
                }
            }
        }
        Ok(())
    }
}

impl Write for Unhurried {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.waits.len() > MOST {
            self.waits.clear();
        }
        self.waits.extend_from_slice(bytes);
        self.push()?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.push()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rustix::fs::fcntl_setfl;
    use std::{
        io::{Read, pipe},
        os::fd::OwnedFd,
        sync::atomic::{AtomicBool, Ordering},
        thread,
    };

    static DRIVES: AtomicBool = AtomicBool::new(true);

    #[test]
    fn what_is_driven_waits_for_no_terminal_and_its_words_come_later() {
        let (mut read, write) = pipe().unwrap();
        fcntl_setfl(&write, OFlags::NONBLOCK).unwrap();
        let terminal = File::from(OwnedFd::from(write));
        let drives = || DRIVES.load(Ordering::SeqCst);
        let waits = Vec::new();
        let mut out = Unhurried { terminal, waits, drives, ends: || false };
        // More than a pipe takes.
        let line = [b'a'; 1000];
        (0..200).for_each(|_| out.write_all(&line).unwrap());
        out.flush().unwrap();
        assert!(!out.waits.is_empty());
        // Bounded, whatever comes.
        (0..3000).for_each(|_| out.write_all(&line).unwrap());
        assert!(out.waits.len() <= MOST + line.len());
        out.write_all(b"the end").unwrap();
        DRIVES.store(false, Ordering::SeqCst);
        let reader = thread::spawn(move || {
            let mut all = Vec::new();
            read.read_to_end(&mut all).unwrap();
            all
        });
        out.flush().unwrap();
        assert!(out.waits.is_empty());
        drop(out);
        assert!(reader.join().unwrap().ends_with(b"the end"));
    }

    #[test]
    fn who_is_asked_to_end_waits_for_no_terminal_for_ever() {
        let (_read, write) = pipe().unwrap();
        fcntl_setfl(&write, OFlags::NONBLOCK).unwrap();
        let terminal = File::from(OwnedFd::from(write));
        let waits = Vec::new();
        let mut out = Unhurried { terminal, waits, drives: || false, ends: || true };
        out.write_all(&vec![b'a'; 200_000]).unwrap();
    }
}
