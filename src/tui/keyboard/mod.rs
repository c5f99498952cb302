//! Keyboard input, read from the terminal directly: each key has its time and whether it came
//! alone; answers of the terminal are not keys.

mod decoder;
mod keys;
#[cfg(test)]
mod tests;

pub use decoder::Decoder;

use crossterm::event::Event as Input;
use futures_util::FutureExt;
use rustix::fs::OFlags;
use std::{
    collections::VecDeque,
    fs::{File, OpenOptions},
    future::pending,
    io::{self, ErrorKind},
    os::unix::fs::OpenOptionsExt,
    time::Instant,
};
use tokio::{
    net::unix::pipe::Receiver,
    signal::unix::{Signal, SignalKind, signal},
    time::{Instant as Alarm, sleep_until},
};

/// The terminal itself. Opened anew, so that reading it without waiting is our matter
/// only and not that of the shell; the second is for whoever may not open the first, as
/// after `su`.
const TERMINALS: [&str; 2] = ["/proc/self/fd/0", "/dev/tty"];
const CHUNK: usize = 4096;

/// Something typed, or another fact about the terminal.
#[derive(Debug, Clone, PartialEq)]
pub struct Typed {
    pub input: Input,
    /// When it was read.
    pub at: Instant,
    /// Nothing else was read with it, as where a person presses one key.
    pub alone: bool,
}

/// Asks the terminal for columns and rows.
type Sizer = fn() -> io::Result<(u16, u16)>;

/// Reads the terminal.
pub struct Keyboard {
    /// It is not a pipe, but read without waiting all the same.
    terminal: Receiver,
    resized: Signal,
    size: Sizer,
    decoder: Decoder,
    ready: VecDeque<Typed>,
}

impl Keyboard {
    pub fn open() -> io::Result<Self> {
        let flags = i32::try_from((OFlags::NONBLOCK | OFlags::NOCTTY).bits()).unwrap_or_default();
        let open = |path| OpenOptions::new().read(true).custom_flags(flags).open(path);
        let file = open(TERMINALS[0]).or_else(|_| open(TERMINALS[1]))?;
        Self::over(file, crossterm::terminal::size)
    }

    /// Reads what was opened to be read without waiting.
    pub(in crate::tui) fn over(file: File, size: Sizer) -> io::Result<Self> {
        Ok(Self {
            terminal: Receiver::from_file_unchecked(file)?,
            resized: signal(SignalKind::window_change())?,
            size,
            decoder: Decoder::default(),
            ready: VecDeque::new(),
        })
    }

    /// Forgets what was half typed: another program had the terminal.
    pub fn forget(&mut self) {
        self.decoder = Decoder::default();
        self.ready.clear();
    }

    /// Returns what comes next; nothing once the terminal is gone.
    pub async fn next(&mut self) -> Option<Typed> {
        loop {
            if let Some(typed) = self.ready.pop_front() {
                return Some(typed);
            }
            let deadline = self.decoder.deadline();
            let expired = async move {
                match deadline {
                    Some(at) => sleep_until(Alarm::from_std(at)).await,
                    None => pending().await,
                }
            };
            tokio::select! {
                read = read(&self.terminal) => {
                    let bytes = read.ok().filter(|it| !it.is_empty())?;
                    let now = Instant::now();
                    let inputs = self.decoder.feed(&bytes, now);
                    self.take(inputs, now);
                }
                _ = self.resized.recv() => {
                    // One that cannot say it now is there all the same.
                    if let Ok((columns, rows)) = (self.size)() {
                        self.take(vec![Input::Resize(columns, rows)], Instant::now());
                    }
                }
                () = expired => {
                    let now = Instant::now();
                    let inputs = self.decoder.expire(now);
                    self.take(inputs, now);
                }
            }
        }
    }

    /// Returns what is there already.
    pub fn ready(&mut self) -> Option<Typed> {
        self.next().now_or_never().flatten()
    }

    fn take(&mut self, inputs: Vec<Input>, at: Instant) {
        let alone = inputs.len() == 1;
        self.ready.extend(inputs.into_iter().map(|input| Typed { input, at, alone }));
    }
}

/// Reads what is there; nothing means that the terminal is gone.
async fn read(terminal: &Receiver) -> io::Result<Vec<u8>> {
    let mut bytes = vec![0; CHUNK];
    loop {
        terminal.readable().await?;
        match terminal.try_read(&mut bytes) {
            Ok(count) => {
                bytes.truncate(count);
                return Ok(bytes);
            }
            // It was nothing after all.
            Err(err) if matches!(err.kind(), ErrorKind::Interrupted | ErrorKind::WouldBlock) => {}
            Err(err) => return Err(err),
        }
    }
}
