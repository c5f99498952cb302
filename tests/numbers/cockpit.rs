//! The real cockpit in a pseudo-terminal, with a clock on all it prints.

use portable_pty::{Child, CommandBuilder, MasterPty, PtySize, native_pty_system};
use std::{
    env, fs,
    io::{Read, Write},
    num::NonZero,
    path::Path,
    sync::{Arc, Condvar, Mutex, MutexGuard},
    thread::{sleep, spawn},
    time::{Duration, Instant},
};
use vt100::Parser;

/// Columns and rows: a terminal of some size on a desk.
pub const SIZE: (u16, u16) = (160, 50);

/// A running `skep`.
pub struct Cockpit {
    child: Box<dyn Child + Send + Sync>,
    keys: Keys,
    terminal: Arc<Terminal>,
    /// Closing it would hang up on skep.
    _master: Box<dyn MasterPty + Send>,
    pub started: Instant,
}

type Keys = Arc<Mutex<Box<dyn Write + Send>>>;

#[derive(Default)]
struct Terminal {
    seen: Mutex<Seen>,
    changed: Condvar,
}

struct Seen {
    parser: Parser,
    bytes: u64,
    /// When the last bytes came.
    at: Instant,
}

impl Default for Seen {
    fn default() -> Self {
        let [columns, rows] = [SIZE.0, SIZE.1].map(|it| NonZero::new(it).unwrap());
        Self { parser: Parser::new(rows, columns, 0), bytes: 0, at: Instant::now() }
    }
}

impl Cockpit {
    /// Starts it at an engine, with a home of its own below `folder`.
    pub fn start(engine: &str, folder: &Path, args: &[&str]) -> Self {
        let mut command = CommandBuilder::new(binary());
        command.env_clear();
        for (name, value) in environment(engine, folder) {
            command.env(name, value);
        }
        command.env("TERM", "xterm-256color");
        command.args(args);
        Self::spawn(command)
    }

    /// Starts a program in the same terminal that prints each key and does nothing else,
    /// to compare.
    pub fn echo() -> Self {
        let mut command = CommandBuilder::new("/bin/sh");
        command.args(["-c", "stty raw -echo; printf ready; exec cat"]);
        Self::spawn(command)
    }

    fn spawn(command: CommandBuilder) -> Self {
        let size = PtySize { rows: SIZE.1, cols: SIZE.0, pixel_width: 0, pixel_height: 0 };
        let pty = native_pty_system().openpty(size).unwrap();
        let terminal = Arc::new(Terminal::default());
        let mut output = pty.master.try_clone_reader().unwrap();
        let keys: Keys = Arc::new(Mutex::new(pty.master.take_writer().unwrap()));
        let answers = Arc::clone(&keys);
        let started = Instant::now();
        let child = pty.slave.spawn_command(command).unwrap();
        let reader = Arc::clone(&terminal);
        spawn(move || {
            let mut bytes = vec![0; 1 << 16];
            while let Ok(read @ 1..) = output.read(&mut bytes) {
                reader.take(&bytes[..read]);
                // skep does not ask where the cursor is; terminals answer who does.
                if bytes[..read].windows(4).any(|it| it == b"\x1b[6n") {
                    answers.lock().unwrap().write_all(b"\x1b[1;1R").unwrap();
                }
            }
        });
        Self { child, keys, terminal, _master: pty.master, started }
    }

    pub fn pid(&self) -> u32 {
        self.child.process_id().unwrap()
    }

    pub fn press(&mut self, keys: &str) -> Instant {
        let at = Instant::now();
        self.keys.lock().unwrap().write_all(keys.as_bytes()).unwrap();
        at
    }

    /// Bytes printed so far.
    pub fn bytes(&self) -> u64 {
        self.terminal.seen().bytes
    }

    pub fn screen(&self) -> String {
        self.terminal.seen().parser.screen().contents()
    }

    /// Waits for a screen and returns when it was there.
    pub fn wait(
        &self,
        what: &str,
        limit: Duration,
        mut holds: impl FnMut(&str) -> bool,
    ) -> Instant {
        let until = Instant::now() + limit;
        let mut seen = self.terminal.seen();
        loop {
            let screen = seen.parser.screen().contents();
            if holds(&screen) {
                return seen.at;
            }
            let left = until.saturating_duration_since(Instant::now());
            assert!(!left.is_zero(), "not within {limit:?}: {what}\n{screen}");
            seen = self.terminal.changed.wait_timeout(seen, left).unwrap().0;
        }
    }

    /// Waits until nothing was printed for a while.
    pub fn wait_for_rest(&self, rest: Duration, limit: Duration) {
        let until = Instant::now() + limit;
        loop {
            let quiet = self.terminal.seen().at.elapsed();
            if quiet >= rest || Instant::now() >= until {
                return;
            }
            sleep(rest.checked_sub(quiet).unwrap());
        }
    }
}

impl Drop for Cockpit {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Terminal {
    fn seen(&self) -> MutexGuard<'_, Seen> {
        self.seen.lock().unwrap()
    }

    fn take(&self, bytes: &[u8]) {
        let at = Instant::now();
        let mut seen = self.seen();
        seen.parser.process(bytes);
        seen.bytes += bytes.len() as u64;
        seen.at = at;
        self.changed.notify_all();
    }
}

/// The skep that is measured: this one, or that of `SKEP_BIN`, to compare.
pub fn binary() -> String {
    env::var("SKEP_BIN").unwrap_or_else(|_| env!("CARGO_BIN_EXE_skep").to_owned())
}

/// Nothing of the operator's own settings is read, nothing of his is written.
pub fn environment(engine: &str, folder: &Path) -> Vec<(&'static str, String)> {
    let home = folder.join("home");
    fs::create_dir_all(&home).unwrap();
    let home = home.display().to_string();
    vec![
        ("HOME", home.clone()),
        ("SKEP_STATE_DIR", format!("{home}/state")),
        ("DOCKER_HOST", engine.to_owned()),
        ("PATH", "/usr/bin:/bin".to_owned()),
        ("LANG", "C.UTF-8".to_owned()),
    ]
}
