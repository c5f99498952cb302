//! Non-blocking remarks: a slow terminal never blocks a job.

use crate::cli::remark;
use std::{
    sync::mpsc::{self, Receiver, Sender},
    thread,
    time::Duration,
};

/// How long a terminal may take for the last remarks.
const LAST_WORDS: Duration = Duration::from_millis(500);

/// Says remarks in their order.
pub struct Speaker {
    words: Sender<String>,
    last: String,
    /// Closed once all is said.
    silence: Receiver<()>,
}

impl Speaker {
    pub fn new() -> Self {
        let (words, heard) = mpsc::channel::<String>();
        let (speaking, silence) = mpsc::channel();
        thread::spawn(move || {
            for words in heard {
                remark(&words);
            }
            drop(speaking);
        });
        Self { words, last: String::new(), silence }
    }

    /// Says something, unless it was said just before.
    pub fn say(&mut self, words: String) {
        if words != self.last {
            self.last.clone_from(&words);
            // It listens as long as this is here.
            let _ = self.words.send(words);
        }
    }

    /// Waits until all is said, where the terminal takes it.
    pub fn finish(self) {
        drop(self.words);
        let _ = self.silence.recv_timeout(LAST_WORDS);
    }
}
