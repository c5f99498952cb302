//! A socket between skep and its engine that counts what is asked.

use std::{
    collections::BTreeMap,
    fs,
    io::{self, Read, Write},
    net::Shutdown,
    os::unix::net::{UnixListener, UnixStream},
    path::{Path, PathBuf},
    sync::{Arc, Mutex},
    thread::spawn,
};

/// Passes everything on, in both directions, and keeps the head of every request.
pub struct Proxy {
    path: PathBuf,
    asked: Arc<Mutex<Vec<String>>>,
}

impl Proxy {
    /// Listens in `folder` for an engine's address, as `unix:///…`.
    pub fn before(engine: &str, folder: &Path) -> Self {
        let engine = PathBuf::from(engine.trim_start_matches("unix://"));
        let path = folder.join("proxy.sock");
        let listener = UnixListener::bind(&path).unwrap();
        let asked = Arc::new(Mutex::new(Vec::new()));
        let heads = Arc::clone(&asked);
        spawn(move || {
            for client in listener.incoming().flatten() {
                // The engine may be down: then so are we.
                let Ok(server) = UnixStream::connect(&engine) else { continue };
                let (from, to) = (client.try_clone().unwrap(), server.try_clone().unwrap());
                let heads = Arc::clone(&heads);
                spawn(move || pass(from, to, |bytes| heads.lock().unwrap().extend(head(bytes))));
                spawn(move || pass(server, client, |_| ()));
            }
        });
        Self { path, asked }
    }

    pub fn address(&self) -> String {
        format!("unix://{}", self.path.display())
    }

    /// What was asked since the last call: method and path without version and
    /// query (`filtered` where it has filters), and how often.
    pub fn take(&self) -> BTreeMap<String, usize> {
        let mut kinds = BTreeMap::new();
        for head in self.asked.lock().unwrap().drain(..) {
            *kinds.entry(kind(&head)).or_default() += 1;
        }
        kinds
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        // The folder goes as well.
        let _ = fs::remove_file(&self.path);
    }
}

fn pass(mut from: UnixStream, mut to: UnixStream, mut see: impl FnMut(&[u8])) {
    let mut bytes = vec![0; 1 << 16];
    let mut step = || -> io::Result<bool> {
        let read = from.read(&mut bytes)?;
        see(&bytes[..read]);
        to.write_all(&bytes[..read])?;
        Ok(read > 0)
    };
    while step().unwrap_or(false) {}
    // One end is gone; the other shall know, and may be gone too.
    let _ = from.shutdown(Shutdown::Both);
    let _ = to.shutdown(Shutdown::Both);
}

/// skep writes a request at once and waits for its answer before the next.
fn head(bytes: &[u8]) -> Option<String> {
    let line = bytes.split(|it| *it == b'\r').next()?;
    let line = std::str::from_utf8(line).ok()?;
    line.strip_suffix(" HTTP/1.1").map(str::to_owned)
}

fn kind(head: &str) -> String {
    let (method, target) = head.split_once(' ').unwrap_or((head, ""));
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    let path = match path.strip_prefix("/v").and_then(|it| it.split_once('/')) {
        Some((_, rest)) => format!("/{rest}"),
        None => path.to_owned(),
    };
    let filtered = if query.contains("filters=") { " filtered" } else { "" };
    format!("{method} {path}{filtered}")
}
