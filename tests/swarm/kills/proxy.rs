//! A socket between skep and its engine that kills skep at a chosen request.

use std::{
    io::{self, Read, Write},
    net::Shutdown,
    os::unix::net::{UnixListener, UnixStream},
    path::{Path, PathBuf},
    process::{Child, Command, ExitStatus, Stdio},
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
    thread::{sleep, spawn},
    time::Duration,
};

/// Where a request is when the process dies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum At {
    /// The engine never gets it.
    NeverSent,
    /// The engine did it, and nobody hears its answer.
    Unanswered,
    /// The answer is there.
    Answered,
}

/// Which request it is.
#[derive(Debug, Clone, Copy)]
pub struct Death {
    pub nth: usize,
    pub at: At,
    /// Counts what reads instead of what writes.
    pub reading: bool,
}

/// Passes everything on, until it kills.
pub struct Proxy {
    path: PathBuf,
    trap: Arc<Mutex<Trap>>,
}

#[derive(Default)]
struct Trap {
    victim: Option<Child>,
    death: Option<Death>,
    seen: usize,
    /// The head of the request that was deadly.
    sprung: Option<String>,
}

impl Proxy {
    /// Listens in `folder` for an engine's address, as `unix:///…`.
    pub fn before(engine: &str, folder: &Path) -> Self {
        let engine = PathBuf::from(engine.trim_start_matches("unix://"));
        let path = folder.join("deadly.sock");
        let listener = UnixListener::bind(&path).unwrap();
        let trap = Arc::new(Mutex::new(Trap::default()));
        let shared = trap.clone();
        spawn(move || {
            for client in listener.incoming().map_while(Result::ok) {
                let server = UnixStream::connect(&engine).unwrap();
                join(&client, &server, &shared);
            }
        });
        Self { path, trap }
    }

    pub fn address(&self) -> String {
        format!("unix://{}", self.path.display())
    }

    /// Runs a program to its end, natural or not; returns how it ended, and the request
    /// it died of, if it did.
    pub fn run(&self, command: &mut Command, death: Death) -> (ExitStatus, Option<String>) {
        let mut trap = self.trap.lock().unwrap();
        let victim = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        *trap =
            Trap { victim: Some(victim.spawn().unwrap()), death: Some(death), ..Trap::default() };
        drop(trap);
        loop {
            let mut trap = self.trap.lock().unwrap();
            if let Some(status) = trap.victim.as_mut().unwrap().try_wait().unwrap() {
                trap.death = None;
                return (status, trap.sprung.take());
            }
            drop(trap);
            sleep(Duration::from_millis(5));
        }
    }
}

impl Trap {
    /// Takes a request in; returns where it is deadly, if it is.
    fn sees(&mut self, head: &str) -> Option<At> {
        let death = self.death.filter(|it| it.reading == head.starts_with("GET "))?;
        self.seen += 1;
        if self.seen != death.nth {
            return None;
        }
        self.sprung = Some(head.to_owned());
        Some(death.at)
    }

    fn kill(&mut self) {
        self.death = None;
        // It may have come to its end by itself in this moment.
        let _ = self.victim.as_mut().unwrap().kill();
    }
}

/// Joins two streams. A client sends a request only when the one before is answered.
fn join(client: &UnixStream, server: &UnixStream, trap: &Arc<Mutex<Trap>>) {
    let doomed = Arc::new((AtomicBool::new(false), AtomicBool::new(false)));
    let clones = || (client.try_clone().unwrap(), server.try_clone().unwrap());
    let ((from, to), flags, its) = (clones(), doomed.clone(), trap.clone());
    spawn(move || {
        pass(from, to, |bytes, to| {
            match head(bytes).and_then(|it| its.lock().unwrap().sees(&it)) {
                Some(At::NeverSent) => return gone(&its),
                Some(At::Unanswered) => flags.0.store(true, Ordering::SeqCst),
                Some(At::Answered) => flags.1.store(true, Ordering::SeqCst),
                None => {}
            }
            to.write_all(bytes)
        });
    });
    let ((to, from), its) = (clones(), trap.clone());
    spawn(move || {
        pass(from, to, |bytes, to| {
            if doomed.0.load(Ordering::SeqCst) {
                return gone(&its);
            }
            to.write_all(bytes)?;
            if doomed.1.load(Ordering::SeqCst) { gone(&its) } else { Ok(()) }
        });
    });
}

fn gone(trap: &Mutex<Trap>) -> io::Result<()> {
    trap.lock().unwrap().kill();
    Err(io::Error::other("killed"))
}

fn pass(
    mut from: UnixStream,
    mut to: UnixStream,
    mut each: impl FnMut(&[u8], &mut UnixStream) -> io::Result<()>,
) {
    let mut bytes = vec![0; 1 << 16];
    while let Ok(read @ 1..) = from.read(&mut bytes) {
        if each(&bytes[..read], &mut to).is_err() {
            break;
        }
    }
    // One end is gone; the other shall know, and may be gone too.
    let _ = from.shutdown(Shutdown::Both);
    let _ = to.shutdown(Shutdown::Both);
}

/// Returns the head of a request, where the bytes begin with one.
fn head(bytes: &[u8]) -> Option<String> {
    let line = bytes.split(|it| *it == b'\r').next()?;
    let line = std::str::from_utf8(line).ok()?;
    line.strip_suffix(" HTTP/1.1").map(str::to_owned)
}
