//! Signals: SIGINT, SIGTERM and SIGHUP while a job runs.

use signal_hook::{
    consts::{SIGHUP, SIGINT, SIGTERM},
    flag,
};
use std::{
    io,
    sync::{
        Arc, LazyLock,
        atomic::{AtomicBool, Ordering},
    },
};
use tokio::signal::unix::{Signal, SignalKind, signal};

/// One of the signals came.
static ASKED: LazyLock<Arc<AtomicBool>> = LazyLock::new(Arc::default);

/// Returns whether somebody wanted the end of what runs, or of its terminal.
pub fn asked() -> bool {
    ASKED.load(Ordering::SeqCst)
}

/// Said to whoever asks twice.
pub const CANNOT_STOP: &str = "it stops at the next safe point; a rollback cannot be cancelled; ctrl-\\ kills skep at once, and `skep recover` then undoes or finishes the rest";

/// What a signal asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Asked {
    /// Ctrl-c, or whoever shuts the machine down.
    Stop,
    /// The terminal is closed: that is no reason to stop.
    Nothing,
}

/// The signals that would end a process whose work should go on, or stop in order.
pub struct Signals {
    interrupted: Signal,
    terminated: Signal,
    hung_up: Signal,
}

impl Signals {
    /// Listens from now on; none of them ends the process by itself any more.
    pub fn listen() -> io::Result<Self> {
        for number in [SIGINT, SIGTERM, SIGHUP] {
            flag::register(number, Arc::clone(&ASKED))?;
        }
        Ok(Self {
            interrupted: signal(SignalKind::interrupt())?,
            terminated: signal(SignalKind::terminate())?,
            hung_up: signal(SignalKind::hangup())?,
        })
    }

    pub async fn next(&mut self) -> Asked {
        tokio::select! {
            _ = self.interrupted.recv() => Asked::Stop,
            _ = self.terminated.recv() => Asked::Stop,
            _ = self.hung_up.recv() => Asked::Nothing,
        }
    }
}
