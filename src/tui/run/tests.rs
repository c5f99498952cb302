//! What reaches the loop, and in which turn.

use super::*;
use crate::{
    domain::swarm::cluster::Happening,
    jobs::{
        JobId,
        watch::{Interest, View},
    },
    tui::keyboard::Keyboard,
};
use crossterm::event::KeyCode;
use rustix::fs::{OFlags, fcntl_setfl};
use signal_hook::{consts::SIGWINCH, low_level::raise};
use std::{
    collections::BTreeMap,
    fs::File,
    io::{PipeWriter, Write, pipe},
    os::fd::OwnedFd,
    sync::atomic::{AtomicU16, Ordering},
};
use tokio::{sync::watch as latest, task::yield_now};

/// A terminal of which one end is held by who types there.
fn terminal(size: fn() -> io::Result<(u16, u16)>) -> (KeyInput, PipeWriter) {
    let (read, write) = pipe().unwrap();
    fcntl_setfl(&read, OFlags::NONBLOCK).unwrap();
    let keyboard = Keyboard::over(File::from(OwnedFd::from(read)), size).unwrap();
    (KeyInput::of(keyboard), write)
}

/// A cockpit whose log, events, views and reports come as fast as they are taken, on a
/// terminal where nobody types.
fn flooded() -> (Inputs, PipeWriter) {
    let (keys, typed) = terminal(|| Ok((120, 40)));
    let (seen, views) = latest::channel(View::default());
    let (interest, _) = latest::channel(Interest::default());
    let (happened, happenings) = mpsc::channel(64);
    let (told_of, reports) = mpsc::unbounded_channel();
    let (written, logs) = mpsc::channel(4);
    let (_, told) = mpsc::unbounded_channel();
    tokio::spawn(async move {
        while happened.send(happening()).await.is_ok() {
            seen.send_replace(View::default());
            let step = News::Step { done: 0, doing: "on and on".to_owned() };
            let _ = told_of.send(JobReport { job: JobId(1), news: step });
        }
    });
    tokio::spawn(
        async move { while written.send((1, FeedNews::Lines(Vec::new()))).await.is_ok() {} },
    );
    let mut clock = time::interval(CLOCK);
    clock.set_missed_tick_behavior(MissedTickBehavior::Skip);
    let signals = [(); 4].map(|()| signal(SignalKind::user_defined2()).unwrap());
    let watched = Watched { views, happenings, interest };
    (Inputs { keys, watched, reports, logs, told, clock, signals }, typed)
}

fn happening() -> Happening {
    Happening {
        at: Timestamp::UNIX_EPOCH,
        kind: "service".to_owned(),
        action: "update".to_owned(),
        id: "1".to_owned(),
        name: "web".to_owned(),
        attributes: BTreeMap::new(),
        spec: Vec::new(),
    }
}

#[tokio::test(start_paused = true)]
async fn seconds_pass_and_keys_count_while_all_else_comes_without_end() {
    let (mut inputs, mut typed) = flooded();
    let (mut seconds, mut facts, mut keys) = (0, 0, 0);
    let turns = 600;
    for turn in 0..turns {
        time::advance(Duration::from_millis(100)).await;
        if turn % 100 == 50 {
            typed.write_all(b"j").unwrap();
        }
        // As the loop does: one that woke it, and what is there already.
        match inputs.next().await {
            Woken::Second => seconds += 1,
            Woken::Urgent(Event::Key(_)) => keys += 1,
            Woken::Fact(_) => facts += 1,
            _ => {}
        }
        for _ in 0..AT_ONCE {
            match inputs.ready() {
                Some(Event::Key(_)) => keys += 1,
                Some(_) => facts += 1,
                None => break,
            }
        }
        yield_now().await;
    }
    assert!(facts > 10 * turns, "no flood: {facts}");
    assert!(seconds >= turns / 10 - 1, "{seconds} of {} seconds", turns / 10);
    assert_eq!(keys, turns / 100);
}

/// Columns that are told next; none where it cannot be told.
static COLUMNS: AtomicU16 = AtomicU16::new(0);

fn told() -> io::Result<(u16, u16)> {
    match COLUMNS.load(Ordering::SeqCst) {
        0 => Err(io::ErrorKind::Interrupted.into()),
        columns => Ok((columns, 30)),
    }
}

#[tokio::test]
async fn a_size_that_cannot_be_told_for_once_ends_nothing() {
    let (mut keys, mut typed) = terminal(told);
    raise(SIGWINCH).unwrap();
    typed.write_all(b"j").unwrap();
    let found = keys.next().await;
    assert!(matches!(&found, Some(Some(Event::Key(key))) if key.code == KeyCode::Char('j')));
    COLUMNS.store(90, Ordering::SeqCst);
    raise(SIGWINCH).unwrap();
    assert!(matches!(keys.next().await, Some(Some(Event::Resized(90, 30)))));
    // One that is gone is.
    drop(typed);
    assert!(keys.next().await.is_none());
}
