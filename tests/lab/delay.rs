//! Carries frames between two macvtap devices and holds each one back.
//!
//! `delay MILLISECONDS DEVICE DEVICE`: both directions, in order, nothing lost.
//! A device gives one frame per read and takes one per write, behind a header
//! which both ends understand, so nothing is looked into.

use std::env::args;
use std::fs::{File, OpenOptions};
use std::io::{self, Read, Write};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread::{scope, sleep};
use std::time::{Duration, Instant};

/// Longer than any frame: segmentation is left to the receiver, so 64 KiB and a header.
const LONGEST: usize = 1 << 17;

type Frame = (Instant, Vec<u8>);

fn main() -> io::Result<()> {
    let words: Vec<String> = args().collect();
    let [_, milliseconds, left, right] = words.as_slice() else {
        return Err(io::Error::other("usage: delay MILLISECONDS DEVICE DEVICE"));
    };
    let delay = Duration::from_millis(milliseconds.parse().map_err(io::Error::other)?);
    let open = |path: &str| OpenOptions::new().read(true).write(true).open(path);
    let (left, right) = (open(left)?, open(right)?);
    println!("holding every frame for {delay:?}");
    scope(|threads| {
        for (from, to) in [(&left, &right), (&right, &left)] {
            let (kept, due) = channel();
            threads.spawn(move || take(from, &kept));
            threads.spawn(move || give(to, &due, delay));
        }
    });
    Ok(())
}

fn take(mut from: &File, kept: &Sender<Frame>) {
    let mut frame = vec![0; LONGEST];
    while let Ok(length) = from.read(&mut frame) {
        if kept.send((Instant::now(), frame[..length].to_vec())).is_err() {
            return;
        }
    }
}

fn give(mut to: &File, due: &Receiver<Frame>, delay: Duration) {
    for (since, frame) in due {
        sleep((since + delay).saturating_duration_since(Instant::now()));
        // A link that is down drops its frames, as cables do.
        let _ = to.write(&frame);
    }
}
