//! One log from its first line to the last: what was written before in the order of
//! time, then what comes, and what happens to those who write.

use crate::{
    domain::{
        logs::{Chronicle, LogLine, Merge, Note, NoteKind, Progress, Roster},
        names::TaskId,
    },
    engine::{Answer, Engine, EngineError},
    jobs::feed::{
        Ask, FeedNews, Of,
        gaps::{Gaps, Silence},
        hold::Hold,
        look::{idle, look, may_start, why_none},
        reader::{Told, What},
        readers::Readers,
    },
};
use jiff::Timestamp;
use std::{
    collections::{BTreeSet, VecDeque},
    mem,
    sync::Arc,
    time::Duration,
};
use tokio::{
    select,
    sync::{OwnedSemaphorePermit, mpsc},
    task::JoinSet,
    time::{Instant, sleep_until},
};

/// How often the tasks are looked at.
const BEAT: Duration = Duration::from_secs(2);
/// The same where they are many.
const SLOW_BEAT: Duration = Duration::from_secs(6);
const MANY: usize = 500;
/// While it is not clear whether a node is away or the engine, gaps are not told.
const UNCLEAR: Duration = Duration::from_millis(400);
const BATCH: usize = 1_000;

/// Follows one log.
pub struct Follower {
    engine: Arc<dyn Engine>,
    ask: Ask,
    news: mpsc::Sender<FeedNews>,
    more: mpsc::UnboundedReceiver<usize>,
    told: mpsc::UnboundedReceiver<Told>,
    readers: Readers,
    looking: JoinSet<Answer<Roster>>,
    next_look: Instant,
    lost: bool,
    roster: Option<Arc<Roster>>,
    chronicle: Chronicle,
    gaps: Gaps,
    phase: Phase,
    merge: Merge<OwnedSemaphorePermit>,
    hold: Hold,
    /// What happened, until the lines get there.
    notes: VecDeque<Note>,
    out: Vec<LogLine>,
    /// Lines that may still be given out before somebody wants more.
    left: Option<usize>,
    /// What was given out, where reading may stop in between.
    given: Progress,
    began: bool,
}

/// Where the reading is.
#[derive(Debug, PartialEq, Eq)]
enum Phase {
    Starting,
    /// In what was written before; these have not read all of theirs.
    Past(BTreeSet<u32>),
    /// Until somebody wants more.
    Waiting,
    Live,
    Over,
}

/// Nobody listens any more.
struct Closed;

impl Follower {
    pub fn new(
        engine: Arc<dyn Engine>,
        ask: Ask,
        news: mpsc::Sender<FeedNews>,
        more: mpsc::UnboundedReceiver<usize>,
    ) -> Self {
        let (out, told) = mpsc::unbounded_channel();
        Self {
            readers: Readers::new(Arc::clone(&engine), ask.clone(), out),
            engine,
            news,
            more,
            told,
            looking: JoinSet::new(),
            next_look: Instant::now(),
            lost: false,
            roster: None,
            chronicle: Chronicle::default(),
            gaps: Gaps::default(),
            phase: Phase::Starting,
            merge: Merge::default(),
            hold: Hold::default(),
            notes: VecDeque::new(),
            out: Vec::new(),
            left: ask.first,
            given: Progress::default(),
            began: false,
            ask,
        }
    }

    /// Reads and follows. Fails where nothing can be read at all.
    pub async fn run(mut self) -> Answer<()> {
        while self.phase != Phase::Over {
            let deadline = self.deadline();
            let went_on = select! {
                biased;
                () = self.news.closed() => return Ok(()),
                Some(told) = self.told.recv() => self.hear(told).await,
                Some(looked) = self.looking.join_next() => match looked {
                    Ok(looked) => self.looked(looked).await?,
                    Err(_) => Ok(()),
                },
                Some(lines) = self.more.recv(), if self.phase == Phase::Waiting => {
                    self.go_on(lines).await
                }
                () = sleep_until(deadline) => self.beat().await,
            };
            if went_on.is_err() {
                return Ok(());
            }
        }
        Ok(())
    }

    fn deadline(&self) -> Instant {
        let look = self.looking.is_empty().then_some(self.next_look);
        let due = [self.hold.next_due(), self.gaps.next_due(), look];
        due.into_iter().flatten().min().unwrap_or(self.next_look + SLOW_BEAT)
    }

    async fn beat(&mut self) -> Result<(), Closed> {
        let now = Instant::now();
        if now >= self.next_look {
            self.look();
        }
        if self.gaps.next_due().is_some_and(|it| it <= now) {
            self.tell_gaps().await?;
        }
        if self.phase == Phase::Live {
            let lines = self.hold.release(now);
            self.give(lines).await?;
        }
        Ok(())
    }

    fn look(&mut self) {
        if self.looking.is_empty() {
            self.looking.spawn(look(Arc::clone(&self.engine), self.ask.clone()));
            let tasks = self.roster.as_ref().map_or(0, |it| it.tasks.len());
            self.next_look = Instant::now() + if tasks > MANY { SLOW_BEAT } else { BEAT };
        }
    }

    /// Takes in who writes now. Fails where that never was known.
    async fn looked(&mut self, looked: Answer<Roster>) -> Answer<Result<(), Closed>> {
        let roster = match looked {
            Ok(roster) => Arc::new(roster),
            Err(err) if self.phase == Phase::Starting && !self.ask.follow => return Err(err),
            Err(err) if self.phase == Phase::Starting && !err.is_transient() => {
                // It goes to whoever watches as well; where nobody does, nobody misses it.
                let _ = self.remark(NoteKind::Remark, err.to_string()).await;
                return Err(err);
            }
            Err(err) => return Ok(self.not_looked(&err).await),
        };
        Ok(self.take_in(roster).await)
    }

    async fn take_in(&mut self, roster: Arc<Roster>) -> Result<(), Closed> {
        let now = Timestamp::now();
        if mem::take(&mut self.lost) {
            self.remark(NoteKind::Back, "the engine answers again".to_owned()).await?;
        }
        if self.roster.as_ref() != Some(&roster) {
            self.roster = Some(Arc::clone(&roster));
            self.send(FeedNews::Roster(Arc::clone(&roster))).await?;
        }
        let notes = self.chronicle.look(&roster, now);
        self.readers.look(&roster);
        match self.phase {
            Phase::Starting => {
                self.notes.extend(notes);
                for note in idle(&roster, &self.ask, now) {
                    self.send(FeedNews::Note(note)).await?;
                }
                self.begin_past().await
            }
            Phase::Live => {
                for note in notes {
                    self.send(FeedNews::Note(note)).await?;
                }
                self.readers.begin(&roster, &Progress::default(), false);
                if self.readers.is_empty() && self.hold.next_due().is_none() {
                    return self.end_of_one(&roster).await;
                }
                Ok(())
            }
            Phase::Past(_) | Phase::Waiting => {
                self.notes.extend(notes);
                Ok(())
            }
            Phase::Over => Ok(()),
        }
    }

    /// Ends the log of a single task, once it is over and all of it is read.
    async fn end_of_one(&mut self, roster: &Roster) -> Result<(), Closed> {
        let Of::Task(id) = &self.ask.of else { return Ok(()) };
        let task = roster.task(id);
        if task.is_some_and(may_start) {
            return Ok(());
        }
        if let Some(why) = task.and_then(|it| why_none(roster, it)) {
            self.remark(NoteKind::Remark, why).await?;
        }
        self.phase = Phase::Over;
        Ok(())
    }

    async fn not_looked(&mut self, err: &EngineError) -> Result<(), Closed> {
        if matches!(err, EngineError::NotFound { .. }) && !matches!(self.ask.of, Of::Stack(_)) {
            self.remark(NoteKind::Remark, "gone: it was removed".to_owned()).await?;
            self.phase = Phase::Over;
            return Ok(());
        }
        if mem::replace(&mut self.lost, true) {
            return Ok(());
        }
        self.remark(NoteKind::Gap, format!("gap: {err}; lines may be late, trying again")).await
    }

    /// Starts to read what was written before, behind what was given out already.
    async fn begin_past(&mut self) -> Result<(), Closed> {
        let Some(roster) = self.roster.clone() else { return Ok(()) };
        let whole = self.readers.whole().count();
        let mut reading = BTreeSet::new();
        for begun in self.readers.begin(&roster, &self.given, true) {
            if begun.away {
                self.fell_silent(begun.key, String::new(), None);
                continue;
            }
            self.merge.expect(begun.key);
            reading.insert(begun.key);
        }
        if self.readers.whole().count() > whole {
            let services: Vec<_> =
                self.readers.whole().map(|it| roster.service_name(Some(it)).to_owned()).collect();
            let text = format!(
                "{} has too many tasks to read each by itself: its lines come as the engine mixes them, and it may lose some",
                services.join(", ")
            );
            self.remark(NoteKind::Remark, text).await?;
        }
        self.phase = Phase::Past(reading);
        self.merge_on().await
    }

    async fn hear(&mut self, told: Told) -> Result<(), Closed> {
        let Told { key, what } = told;
        match what {
            What::Lines(lines, room) if self.phase == Phase::Live => {
                drop(room);
                self.hold.put(lines, Instant::now());
                let lines = self.hold.release(Instant::now());
                return self.give(lines).await;
            }
            What::Lines(lines, room) if matches!(self.phase, Phase::Past(_)) => {
                self.merge.push(key, lines, room);
            }
            What::Lines(..) => {}
            What::Caught => self.waits_no_more(key),
            What::Silent(why, last) => {
                self.fell_silent(key, why, last);
                self.waits_no_more(key);
                self.next_look = Instant::now();
            }
            What::Back => self.gaps.came_back(key, Instant::now()),
            What::Over(why) => {
                self.waits_no_more(key);
                self.gaps.forget(key);
                self.over(key, why).await?;
            }
        }
        self.merge_on().await
    }

    fn waits_no_more(&mut self, key: u32) {
        if let Phase::Past(reading) = &mut self.phase
            && reading.remove(&key)
        {
            self.merge.waive(key);
        }
    }

    fn fell_silent(&mut self, key: u32, why: String, last: Option<Timestamp>) {
        let Some(of) = self.readers.of(key) else { return };
        let task = of.task.unwrap_or_else(|| TaskId::from("?"));
        let silence = Silence { task, node: of.node, why, last };
        self.gaps.fell_silent(key, silence, Instant::now());
    }

    async fn over(&mut self, key: u32, why: Option<String>) -> Result<(), Closed> {
        let of = self.readers.of(key);
        self.readers.forget(key);
        let (Some(why), Some(roster)) = (why, self.roster.clone()) else { return Ok(()) };
        let task = of.and_then(|it| it.task);
        let name = roster.name_of(task.as_ref(), None, None);
        self.remark(NoteKind::Gap, format!("the lines of {name} cannot be read: {why}")).await
    }

    /// Gives out what is in its order, and goes live once all is.
    async fn merge_on(&mut self) -> Result<(), Closed> {
        if !matches!(self.phase, Phase::Past(_)) {
            return Ok(());
        }
        while self.left != Some(0) {
            let Some(line) = self.merge.next_line() else { break };
            if self.ask.until.is_some_and(|it| line.at > it) {
                return self.finish().await;
            }
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

    async fn give(&mut self, lines: Vec<LogLine>) -> Result<(), Closed> {
        for line in lines {
            self.give_one(line).await?;
        }
        self.flush().await
    }

    async fn give_one(&mut self, line: LogLine) -> Result<(), Closed> {
        while self.notes.front().is_some_and(|it| it.at <= line.at)
            && let Some(note) = self.notes.pop_front()
        {
            // What happened before the first line is no part of this log.
            if self.began || self.ask.since.is_some_and(|it| note.at >= it) {
                self.flush().await?;
                self.send(FeedNews::Note(note)).await?;
            }
        }
        self.began = true;
        if let Some(left) = &mut self.left {
            *left = left.saturating_sub(1);
            self.given.note([&line]);
        }
        self.out.push(line);
        if self.out.len() >= BATCH { self.flush().await } else { Ok(()) }
    }

    async fn flush(&mut self) -> Result<(), Closed> {
        if self.out.is_empty() {
            return Ok(());
        }
        let lines = mem::take(&mut self.out);
        self.send(FeedNews::Lines(lines)).await
    }

    async fn past_is_read(&mut self) -> Result<(), Closed> {
        for note in mem::take(&mut self.notes) {
            if self.ask.until.is_none_or(|it| note.at <= it) {
                self.send(FeedNews::Note(note)).await?;
            }
        }
        if !self.ask.follow {
            return self.finish().await;
        }
        self.send(FeedNews::Read { more: false }).await?;
        self.left = None;
        self.phase = Phase::Live;
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

    async fn go_on(&mut self, lines: usize) -> Result<(), Closed> {
        self.left = Some(lines);
        self.begin_past().await
    }

    async fn tell_gaps(&mut self) -> Result<(), Closed> {
        if !self.looking.is_empty() && self.phase != Phase::Over && self.ask.follow {
            self.gaps.put_off(Instant::now() + UNCLEAR);
            return Ok(());
        }
        let Some(roster) = self.roster.clone() else { return Ok(()) };
        for note in self.gaps.tell(&roster, Timestamp::now()) {
            // Where the engine is away, that was told: all of its nodes are then.
            if !self.lost {
                self.send(FeedNews::Note(note)).await?;
            }
        }
        Ok(())
    }

    async fn remark(&mut self, kind: NoteKind, text: String) -> Result<(), Closed> {
        self.send(FeedNews::Note(Note::new(Timestamp::now(), kind, text))).await
    }

    async fn send(&self, news: FeedNews) -> Result<(), Closed> {
        self.news.send(news).await.map_err(|_| Closed)
    }
}
