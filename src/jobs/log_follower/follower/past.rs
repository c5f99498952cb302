//! Existing lines of a log: read from all tasks and given out in order.

use crate::{
    domain::logs::{Merge, Note, NoteKind},
    jobs::log_follower::{
        FeedNews,
        follower::{Closed, Follower, Phase},
    },
};
use jiff::Timestamp;
use std::collections::BTreeSet;
use tokio::time::Instant;

impl Follower {
    /// Starts to read what was written before, behind what was given out already.
    pub(super) async fn begin_past(&mut self) -> Result<(), Closed> {
        let Some(roster) = self.roster.clone() else { return Ok(()) };
        let mut reading = BTreeSet::new();
        for begun in self.readers.begin(&roster, &self.given, true) {
            if begun.away {
                self.fell_silent(begun.key, String::new(), None);
                continue;
            }
            self.merge.expect(begun.key);
            reading.insert(begun.key);
        }
        if let Some(text) = self.whole.tell(&roster, self.readers.whole()) {
            self.remark(NoteKind::Remark, text).await?;
        }
        self.whole.look(&roster, self.readers.whole(), Timestamp::now());
        self.phase = Phase::Past(reading);
        self.merge_on().await
    }

    /// Gives out what is in its order, and goes live once all is.
    pub(super) async fn merge_on(&mut self) -> Result<(), Closed> {
        if !matches!(self.phase, Phase::Past(_)) {
            return Ok(());
        }
        while self.left != Some(0) {
            let Some(line) = self.merge.next_line() else { break };
            if self.ask.until.is_some_and(|it| line.at > it) {
                if self.mixed {
                    continue;
                }
                return self.finish().await;
            }
            self.given.note([&line]);
            self.give_one(line).await?;
        }
        if self.left == Some(0) {
            return self.wait_for_more().await;
        }
        self.flush().await?;
        if self.phase == Phase::Past(BTreeSet::new()) && self.merge.is_done() {
            return self.past_is_read().await;
        }
        Ok(())
    }

    async fn past_is_read(&mut self) -> Result<(), Closed> {
        if !self.ask.follow {
            for note in self.notes.take() {
                self.give_note(note).await?;
            }
            return self.finish().await;
        }
        // Lines from before it may still be read.
        let notes: Vec<Note> = self.notes.take().collect();
        self.hold.put_notes(notes, Instant::now());
        self.send(FeedNews::Read { more: false }).await?;
        self.left = None;
        self.mixed = false;
        self.phase = Phase::Live;
        if self.removed.take().is_some() {
            self.was_removed();
        }
        self.readers.go_live();
        self.next_look = Instant::now();
        Ok(())
    }

    async fn finish(&mut self) -> Result<(), Closed> {
        self.flush().await?;
        self.tell_gaps().await?;
        self.send(FeedNews::Read { more: false }).await?;
        self.phase = Phase::Over;
        Ok(())
    }

    /// Ends all streams: an engine keeps what nobody reads in its memory.
    async fn wait_for_more(&mut self) -> Result<(), Closed> {
        self.flush().await?;
        self.readers.stop();
        while self.told.try_recv().is_ok() {}
        self.merge = Merge::default();
        self.phase = Phase::Waiting;
        self.send(FeedNews::Read { more: true }).await
    }

    pub(super) async fn go_on(&mut self, lines: usize) -> Result<(), Closed> {
        self.left = Some(lines);
        self.begin_past().await
    }
}
