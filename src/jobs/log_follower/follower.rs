//! The log follower: one log from its first line to the last, in the order of time, with events
//! of its tasks.

mod notes;
mod past;

use crate::{
    domain::logs::{Chronicle, LogLine, Merge, Note, NoteKind, ReadProgress, Roster},
    engine::{Answer, Engine, EngineError},
    jobs::log_follower::{
        FeedNews, LogEnd, LogQuery, LogScope,
        follower::notes::Notes,
        gaps::{Gaps, Silence},
        hold::{Hold, Item},
        reader::{Told, What},
        readers::{Begun, Readers},
        roster::{idle, look, may_start, why_none},
        whole::Whole,
    },
};
use jiff::Timestamp;
use std::{collections::BTreeSet, mem, sync::Arc, time::Duration};
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
/// What was removed may say its last words: how long a silence ends that, and how long it
/// may take in all.
const LAST_WORDS: Duration = Duration::from_secs(3);
const LAST_OF_ALL: Duration = Duration::from_secs(20);
/// While it is not clear whether a node is away or the engine, gaps are not told.
const UNCLEAR: Duration = Duration::from_millis(400);
const BATCH: usize = 1_000;

/// Follows one log.
pub struct Follower {
    engine: Arc<dyn Engine>,
    ask: LogQuery,
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
    notes: Notes,
    out: Vec<LogLine>,
    /// Lines that may still be given out before somebody wants more.
    left: Option<usize>,
    /// What was given out, where reading may stop in between.
    given: ReadProgress,
    began: bool,
    whole: Whole,
    /// Lines of the past come in the order of their task only.
    mixed: bool,
    /// Whose lines nobody can read.
    unreadable: Vec<String>,
    /// What is followed was removed: when it is over, and when at the latest.
    removed: Option<(Instant, Instant)>,
    /// Whether the stack that is followed has services.
    is_there: bool,
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
        ask: LogQuery,
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
            notes: Notes::default(),
            out: Vec::new(),
            left: ask.first,
            given: ReadProgress::default(),
            began: false,
            whole: Whole::default(),
            mixed: false,
            unreadable: Vec::new(),
            removed: None,
            is_there: false,
            ask,
        }
    }

    /// Reads and follows, to the end where there is one. Fails where nothing can be read
    /// at all.
    pub async fn run(mut self) -> Answer<LogEnd> {
        while self.phase != Phase::Over {
            let deadline = self.deadline();
            let went_on = select! {
                biased;
                () = self.news.closed() => return Ok(self.end()),
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
                break;
            }
        }
        Ok(self.end())
    }

    fn end(self) -> LogEnd {
        let mut missing = self.unreadable;
        if let Some(roster) = &self.roster {
            missing.extend(self.gaps.missing(roster));
            if self.ask.follow {
                missing.extend(self.whole.missing(roster, self.readers.whole()));
            }
        }
        missing.sort();
        missing.dedup();
        LogEnd { missing }
    }

    fn deadline(&self) -> Instant {
        let looks = self.looking.is_empty() && self.removed.is_none();
        let look = looks.then_some(self.next_look);
        let removed = self.removed.map(|it| it.0).filter(|_| self.phase == Phase::Live);
        let due = [self.hold.next_due(), self.gaps.next_due(), look, removed];
        due.into_iter().flatten().min().unwrap_or(self.next_look + SLOW_BEAT)
    }

    async fn beat(&mut self) -> Result<(), Closed> {
        let now = Instant::now();
        if self.phase == Phase::Live && self.removed.is_some_and(|it| it.0 <= now) {
            return self.end_removed().await;
        }
        if now >= self.next_look {
            self.look();
        }
        if self.gaps.next_due().is_some_and(|it| it <= now) {
            self.tell_gaps().await?;
        }
        self.give_due(now).await
    }

    fn look(&mut self) {
        if self.looking.is_empty() && self.removed.is_none() {
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
        // Where no line from before is wanted, nothing else is either.
        if self.phase == Phase::Starting && self.ask.tail == Some(0) {
            self.chronicle.skip(&roster);
        }
        let notes = self.chronicle.look(&roster);
        self.readers.look(&roster);
        match self.phase {
            Phase::Starting => {
                self.notes.put(notes);
                for note in idle(&roster, &self.ask, now) {
                    self.send(FeedNews::Note(note)).await?;
                }
                self.begin_past().await
            }
            Phase::Live => {
                self.hold.put_notes(notes, Instant::now());
                self.miss_stack(&roster).await?;
                self.readers.begin(&roster, &self.given, false);
                self.look_at_whole(&roster).await?;
                if self.readers.is_empty() && self.hold.next_due().is_none() {
                    return self.end_of_one(&roster).await;
                }
                Ok(())
            }
            Phase::Past(_) | Phase::Waiting => {
                self.notes.put(notes);
                Ok(())
            }
            Phase::Over => Ok(()),
        }
    }

    /// Ends the log of a single task, once it is over and all of it is read.
    async fn end_of_one(&mut self, roster: &Roster) -> Result<(), Closed> {
        let LogScope::Task(id) = &self.ask.of else { return Ok(()) };
        let task = roster.task(id);
        if task.is_some_and(may_start) {
            return Ok(());
        }
        self.phase = Phase::Over;
        match task.and_then(|it| why_none(roster, it)) {
            Some(why) => self.remark(NoteKind::Remark, why).await,
            None => Ok(()),
        }
    }

    async fn not_looked(&mut self, err: &EngineError) -> Result<(), Closed> {
        if matches!(err, EngineError::NotFound { .. }) && !matches!(self.ask.of, LogScope::Stack(_))
        {
            self.was_removed();
            return Ok(());
        }
        if mem::replace(&mut self.lost, true) {
            return Ok(());
        }
        self.remark(NoteKind::Gap, format!("gap: {err}; lines may be late, trying again")).await
    }

    async fn hear(&mut self, told: Told) -> Result<(), Closed> {
        let Told { key, what } = told;
        match what {
            // Of a reader that another one has taken over from.
            What::Lines(..) if self.readers.of(key).is_none() => {}
            What::Lines(lines, room) if self.phase == Phase::Live => {
                drop(room);
                self.given.note(&lines);
                if let Some((end, latest)) = &mut self.removed {
                    *end = (Instant::now() + LAST_WORDS).min(*latest);
                }
                self.hold.put(lines, Instant::now());
                return self.give_due(Instant::now()).await;
            }
            What::Lines(lines, room) if matches!(self.phase, Phase::Past(_)) => {
                self.merge.push(key, lines, room);
            }
            What::Lines(..) => {}
            What::Mixed if !mem::replace(&mut self.mixed, true) => {
                let text = "there are too many lines to sort: only the lines of each task are in order, and events of tasks come at the end".to_owned();
                self.remark(NoteKind::Remark, text).await?;
            }
            What::Mixed => {}
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
        let Begun { task, service, node, .. } = of;
        let silence = Silence { task, service, node, why, last };
        self.gaps.fell_silent(key, silence, Instant::now());
    }

    async fn over(&mut self, key: u32, why: Option<String>) -> Result<(), Closed> {
        let of = self.readers.of(key);
        self.readers.forget(key);
        let (Some(why), Some(roster)) = (why, self.roster.clone()) else { return Ok(()) };
        let (task, service) = of.map_or((None, None), |it| (it.task, it.service));
        let name = match (&task, &service) {
            (None, Some(_)) => roster.service_name(service.as_ref()).to_owned(),
            _ => roster.name_of(task.as_ref(), service.as_ref(), None),
        };
        self.unreadable.push(name.clone());
        self.remark(NoteKind::Gap, format!("the lines of {name} cannot be read: {why}")).await
    }

    async fn give_due(&mut self, now: Instant) -> Result<(), Closed> {
        if self.phase != Phase::Live {
            return Ok(());
        }
        let due = self.hold.release(now);
        self.give(due).await
    }

    async fn give(&mut self, items: Vec<Item>) -> Result<(), Closed> {
        for item in items {
            match item {
                Item::Line(line) => self.give_one(line).await?,
                Item::Note(note) => self.give_note(note).await?,
            }
        }
        self.flush().await
    }

    async fn give_one(&mut self, line: LogLine) -> Result<(), Closed> {
        while !self.mixed
            && let Some(note) = self.notes.next_until(line.at)
        {
            // What happened before the first line is no part of this log.
            if self.began || self.ask.since.is_some() {
                self.give_note(note).await?;
            }
        }
        self.began = true;
        if let Some(left) = &mut self.left {
            *left = left.saturating_sub(1);
        }
        self.out.push(line);
        if self.out.len() >= BATCH { self.flush().await } else { Ok(()) }
    }

    /// Tells of what happened, if that is within what is asked for.
    async fn give_note(&mut self, note: Note) -> Result<(), Closed> {
        let LogQuery { since, until, .. } = self.ask;
        let before = note.kind == NoteKind::Life && since.is_some_and(|it| note.at < it);
        if before || until.is_some_and(|it| note.at > it) {
            return Ok(());
        }
        self.flush().await?;
        self.send(FeedNews::Note(note)).await
    }

    async fn flush(&mut self) -> Result<(), Closed> {
        if self.out.is_empty() {
            return Ok(());
        }
        let lines = mem::take(&mut self.out);
        self.send(FeedNews::Lines(lines)).await
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
                self.tell(note).await?;
            }
        }
        Ok(())
    }

    /// Looks at the nodes of services that are read as a whole.
    async fn look_at_whole(&mut self, roster: &Roster) -> Result<(), Closed> {
        if let Some(text) = self.whole.tell(roster, self.readers.whole()) {
            self.remark(NoteKind::Remark, text).await?;
        }
        let found = self.whole.look(roster, self.readers.whole(), Timestamp::now());
        for note in found.notes {
            self.tell(note).await?;
        }
        if found.back {
            self.readers.renew(roster, &self.given);
        }
        Ok(())
    }

    /// Says once that nothing is left of a stack. It may be deployed again.
    async fn miss_stack(&mut self, roster: &Roster) -> Result<(), Closed> {
        let LogScope::Stack(stack) = &self.ask.of else { return Ok(()) };
        let is_there = roster.services.iter().any(|it| it.stack.as_ref() == Some(stack));
        if is_there || !self.is_there {
            self.is_there = is_there;
            return Ok(());
        }
        self.is_there = false;
        let text =
            format!("stack {stack} has no services any more; a new one will be followed at once");
        self.remark(NoteKind::Remark, text).await
    }

    /// Lets what was removed say its last words.
    fn was_removed(&mut self) {
        let now = Instant::now();
        self.removed.get_or_insert((now + LAST_WORDS, now + LAST_OF_ALL));
    }

    async fn end_removed(&mut self) -> Result<(), Closed> {
        let rest = self.hold.rest();
        self.give(rest).await?;
        self.phase = Phase::Over;
        self.remark(NoteKind::Remark, "it was removed: there are no more lines".to_owned()).await
    }

    async fn remark(&mut self, kind: NoteKind, text: String) -> Result<(), Closed> {
        self.tell(Note::new(Timestamp::now(), kind, text)).await
    }

    /// Tells of what was just found, behind the lines that came before.
    async fn tell(&mut self, note: Note) -> Result<(), Closed> {
        if self.phase == Phase::Live {
            self.hold.put_notes([note], Instant::now());
            return Ok(());
        }
        self.send(FeedNews::Note(note)).await
    }

    async fn send(&self, news: FeedNews) -> Result<(), Closed> {
        self.news.send(news).await.map_err(|_| Closed)
    }
}
