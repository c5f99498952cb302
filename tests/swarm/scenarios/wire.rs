//! A wire to an engine that can be cut, and mended again.

use std::{
    io::copy,
    net::Shutdown,
    os::unix::net::{UnixListener, UnixStream},
    path::{Path, PathBuf},
    sync::{Arc, Mutex},
    thread::spawn,
};
use tempfile::TempDir;

/// Listens where clients are told that the engine is, and passes all on.
pub struct Wire {
    folder: TempDir,
    /// Both ends of every conversation; nothing while it is cut.
    open: Arc<Mutex<Option<Vec<UnixStream>>>>,
}

impl Wire {
    /// Leads to the engine at this address.
    pub fn to(host: &str) -> Self {
        let engine = PathBuf::from(host.strip_prefix("unix://").unwrap());
        let folder = tempfile::tempdir().unwrap();
        let listener = UnixListener::bind(socket(folder.path())).unwrap();
        let open = Arc::new(Mutex::new(Some(Vec::new())));
        let conversations = open.clone();
        spawn(move || {
            for client in listener.incoming().map_while(Result::ok) {
                let Some(open) = &mut *conversations.lock().unwrap() else { continue };
                let engine = UnixStream::connect(&engine).unwrap();
                pass(&client, &engine);
                pass(&engine, &client);
                open.extend([client, engine]);
            }
        });
        Self { folder, open }
    }

    /// Where it begins, as clients want it.
    pub fn host(&self) -> String {
        format!("unix://{}", socket(self.folder.path()).display())
    }

    /// Ends every conversation, and refuses new ones.
    pub fn cut(&self) {
        for end in self.open.lock().unwrap().take().into_iter().flatten() {
            // Who hung up already does not mind.
            let _ = end.shutdown(Shutdown::Both);
        }
    }

    pub fn restore(&self) {
        *self.open.lock().unwrap() = Some(Vec::new());
    }
}

fn socket(folder: &Path) -> PathBuf {
    folder.join("docker.sock")
}

/// Passes on what one side says, until it is silent for good.
fn pass(from: &UnixStream, to: &UnixStream) {
    let (mut from, mut to) = (from.try_clone().unwrap(), to.try_clone().unwrap());
    spawn(move || {
        // A conversation that breaks off ends for both.
        let _ = copy(&mut from, &mut to);
        let _ = to.shutdown(Shutdown::Write);
    });
}
