//! The log reader of one task: existing lines, then new ones; resumes after every interruption.

use crate::{
    domain::{
        logs::{LogLine, LogRequest, LogSource, ReadProgress},
        swarm::names::TaskId,
    },
    engine::{Answer, Engine, EngineError},
    jobs::log_follower::hold::weight,
};
use futures_util::{FutureExt, StreamExt, stream::BoxStream};
use jiff::{SignedDuration, Timestamp};
use std::{collections::HashMap, mem, sync::Arc, thread, time::Duration};
use tokio::{
    select,
    sync::{OwnedSemaphorePermit, Semaphore, mpsc, watch},
    time::{Instant, sleep, sleep_until, timeout},
};
use tokio_util::sync::CancellationToken;

/// After such a silence the node is asked whether it is there.
const QUIET: Duration = Duration::from_secs(2);
/// The same where a task is followed, at least: many say nothing for hours.
pub const CHECKED: Duration = Duration::from_secs(3);
/// How long a node has time to give one line.
const PROBED: Duration = Duration::from_secs(3);
/// A line that is on its way needs no new stream.
const UNDERWAY: Duration = Duration::from_secs(1);
const FIRST_RETRY: Duration = Duration::from_millis(500);
const LAST_RETRY: Duration = Duration::from_secs(4);
/// So often the nodes answer while the stream of a service says nothing: then it is one
/// of those that engines leave open and silent, with lines missing.
const STUCK: usize = 8;
/// The stream of a service begins that much before the oldest last line: a task that was
/// never heard may have written in between.
const SLACK: SignedDuration = SignedDuration::from_secs(10);
/// Lines of a batch.
const BATCH: usize = 512;
/// A stream goes on with that many lines that are known, which proves that none is
/// missing: to read from a moment on costs its engine the whole file.
const OVERLAP: u32 = 500;
/// Lines of a task come in their order; where the clock goes back further, they are
/// told again, or the clock was set.
const STEP_BACK: SignedDuration = SignedDuration::from_secs(1);

/// What a reader says.
#[derive(Debug)]
pub struct Told {
    pub key: u32,
    pub what: What,
}

#[derive(Debug)]
pub enum What {
    /// The room is free again when the permit is dropped.
    Lines(Vec<LogLine>, OwnedSemaphorePermit),
    /// What it reads of the past is too much to be put in order: lines are in the order of
    /// their task only.
    Mixed,
    /// All that was there is read; new lines are read once everybody has got so far.
    Caught,
    /// Its node gives no answer; why, and the moment of the last line.
    Silent(String, Option<Timestamp>),
    Back,
    /// Nothing more comes; why, where that is nothing usual.
    Over(Option<String>),
}

/// Reads one task, or a service whose tasks are too many to be read one by one.
pub struct Reader {
    pub engine: Arc<dyn Engine>,
    pub key: u32,
    pub source: LogSource,
    pub since: Option<Timestamp>,
    pub tail: Option<u32>,
    pub follow: bool,
    /// What was read before, of this source.
    pub read: ReadProgress,
    /// Told when the task is over.
    pub over: CancellationToken,
    /// Whether everybody has read what was written before.
    pub live: watch::Receiver<bool>,
    pub out: mpsc::UnboundedSender<Told>,
    pub room: Arc<Semaphore>,
    /// Bytes of a batch.
    pub size: usize,
    /// After such a silence the node of a followed task is asked whether it is there.
    pub patience: Duration,
    /// Whether its node is known to be away.
    pub silent: bool,
    /// Whether all that was there is read.
    pub caught: bool,
    pub mixed: bool,
}

/// Why a stream ended before everything was read.
enum Fault {
    /// Its node or the engine may be away; it is tried again.
    Silent(String),
    /// There is nothing to be had, whoever asks again.
    Final(Option<String>),
    /// The stream cannot be trusted: another one goes on where it stopped.
    Anew,
    /// It starts behind the last line that was read.
    Behind,
    /// The task is over; what is left of its lines is read to the end.
    Over,
    /// Nobody listens any more.
    Closed,
}

/// Lines that go on together.
#[derive(Default)]
struct Batch {
    lines: Vec<LogLine>,
    bytes: usize,
}

/// Says that nothing more comes of a reader that panicked: nobody waits for it then.
struct LastWord {
    key: u32,
    out: mpsc::UnboundedSender<Told>,
}

impl Drop for LastWord {
    fn drop(&mut self) {
        if thread::panicking() {
            let why = "bug: its reader stopped; skep's log says where".to_owned();
            // Nobody listens any more.
            let _ = self.out.send(Told { key: self.key, what: What::Over(Some(why)) });
        }
    }
}

impl Reader {
    pub async fn run(mut self) {
        let _told_in_any_case = LastWord { key: self.key, out: self.out.clone() };
        if let Err(Fault::Final(why)) = self.work().await {
            self.say(What::Over(why));
        }
    }

    async fn work(&mut self) -> Result<(), Fault> {
        if self.silent {
            self.wait_for_node().await?;
        }
        loop {
            self.catch_up().await?;
            self.say(What::Caught);
            if !self.follow {
                return Err(Fault::Final(None));
            }
            if self.live.wait_for(|it| *it).await.is_err() {
                return Err(Fault::Closed);
            }
            match self.follow_on().await {
                Fault::Over => self.follow = false,
                Fault::Silent(why) => self.be_silent(why).await?,
                Fault::Anew | Fault::Behind => sleep(FIRST_RETRY).await,
                fault @ (Fault::Final(_) | Fault::Closed) => return Err(fault),
            }
        }
    }

    /// Reads what is there and was not read yet, however long its node is away.
    async fn catch_up(&mut self) -> Result<(), Fault> {
        loop {
            let before = self.read.clone();
            let done = if self.tail == Some(0) && self.read == ReadProgress::default() {
                self.note_the_last_line().await
            } else {
                self.pass_on(&self.behind_the_last(), false).await
            };
            match done {
                Ok(()) => break,
                Err(Fault::Silent(why)) if self.is_whole() => {
                    // The others of the service need not wait.
                    self.say(What::Silent(why, None));
                    break;
                }
                Err(Fault::Anew) if self.read == before => {
                    let why = "its stream stopped before the end".to_owned();
                    self.say(What::Silent(why, None));
                    break;
                }
                Err(Fault::Anew) => {}
                Err(Fault::Silent(why)) => self.be_silent(why).await?,
                Err(fault) => return Err(fault),
            }
        }
        // What is not there yet is new, all of it.
        self.tail = None;
        self.caught = true;
        Ok(())
    }

    /// Reads on until the task is over, or the stream can be trusted no more.
    async fn follow_on(&mut self) -> Fault {
        let mut request = self.behind_the_last();
        if self.read != ReadProgress::default() && !self.is_whole() {
            request.since = None;
            request.tail = Some(OVERLAP);
        }
        let ended = match self.pass_on(&request, true).await {
            Err(Fault::Behind) => self.pass_on(&self.behind_the_last(), true).await,
            ended => ended,
        };
        ended.err().unwrap_or(Fault::Anew)
    }

    /// Returns what to ask for, so that nothing is missing behind what was read.
    fn behind_the_last(&self) -> LogRequest {
        let oldest = match self.read.oldest() {
            Some(oldest) if self.is_whole() => {
                // Before that, tasks that were not heard yet may have any number of lines.
                let from = oldest.saturating_sub(SLACK).unwrap_or(oldest);
                self.caught.then_some(from.max(self.since.unwrap_or(from)))
            }
            oldest => oldest,
        };
        LogRequest {
            since: oldest.or(self.since),
            tail: self.tail.filter(|_| oldest.is_none()),
            ..LogRequest::all(self.source.clone())
        }
    }

    /// Passes lines on until the stream ends.
    async fn pass_on(&mut self, request: &LogRequest, follow: bool) -> Result<(), Fault> {
        let mut lines = self.engine.logs(&LogRequest { follow, ..request.clone() });
        let mut known = self.read.known();
        // A stream that starts behind the last line may have lost some in between.
        let mut overlaps = request.tail != Some(OVERLAP) || self.read == ReadProgress::default();
        let mut trouble = None;
        let mut batch = Batch::default();
        let mut fresh = false;
        loop {
            let line = match self.next(&mut lines, &mut batch, follow).await {
                Ok(Some(Ok(line))) => line,
                Ok(Some(Err(err))) => {
                    trouble = Some(err);
                    continue;
                }
                Ok(None) => break,
                Err(fault) => {
                    self.flush(&mut batch).await?;
                    return Err(fault);
                }
            };
            let was_read = known.leaves_out(&line);
            if !overlaps && !was_read {
                return Err(Fault::Behind);
            }
            overlaps = true;
            if was_read {
                continue;
            }
            if follow && fresh && self.goes_back(&line) {
                self.flush(&mut batch).await?;
                return Err(Fault::Anew);
            }
            fresh = true;
            self.read.note([&line]);
            batch.bytes += weight(&line);
            batch.lines.push(line);
            let collects = self.is_whole() && !follow;
            if batch.bytes >= self.size || (batch.lines.len() >= BATCH && !collects) {
                if collects && !mem::replace(&mut self.mixed, true) {
                    self.say(What::Mixed);
                }
                self.flush(&mut batch).await?;
            }
        }
        self.flush(&mut batch).await?;
        trouble.map_or(Ok(()), |err| Err(self.fault(err)))
    }

    /// Returns what the stream says next, and asks the node where it says nothing.
    async fn next(
        &mut self,
        lines: &mut BoxStream<'static, Answer<LogLine>>,
        batch: &mut Batch,
        follow: bool,
    ) -> Result<Option<Answer<LogLine>>, Fault> {
        if let Some(next) = lines.next().now_or_never() {
            return Ok(next);
        }
        // The past of a service is put in order before it goes on.
        if follow || !self.is_whole() {
            self.flush(batch).await?;
        }
        let over = self.over.clone();
        let mut answered = 0;
        loop {
            let asked_at = Instant::now() + if follow { self.patience } else { QUIET };
            select! {
                biased;
                next = lines.next() => return Ok(next),
                () = over.cancelled(), if follow => return Err(Fault::Over),
                () = sleep_until(asked_at), if !self.is_whole() || !follow => {}
            }
            let last = select! {
                biased;
                next = lines.next() => return Ok(next),
                last = self.last_line() => last?,
            };
            answered += 1;
            if answered >= STUCK && self.is_whole() {
                return Err(Fault::Anew);
            }
            if follow && last.is_some_and(|it| self.is_new(&it)) {
                return timeout(UNDERWAY, lines.next()).await.map_err(|_| Fault::Anew);
            }
        }
    }

    /// Takes what is there for read.
    async fn note_the_last_line(&mut self) -> Result<(), Fault> {
        let last = self.last_lines().await?;
        self.read.note(&last);
        Ok(())
    }

    /// Asks for the last line, which costs little and tells whether the node is there.
    async fn last_line(&self) -> Result<Option<LogLine>, Fault> {
        Ok(self.last_lines().await?.pop())
    }

    /// The same for a service: that of each of its tasks.
    async fn last_lines(&self) -> Result<Vec<LogLine>, Fault> {
        let request = LogRequest { tail: Some(1), ..LogRequest::all(self.source.clone()) };
        let mut lines = self.engine.logs(&request);
        let (mut last, mut trouble) = (Vec::new(), None);
        let reading = async {
            while let Some(next) = lines.next().await {
                match next {
                    Ok(line) => last.push(line),
                    Err(err) => trouble = Some(err),
                }
            }
        };
        if timeout(PROBED, reading).await.is_err() {
            return Err(Fault::Silent(String::new()));
        }
        trouble.map_or(Ok(last), |err| Err(self.fault(err)))
    }

    fn is_new(&self, line: &LogLine) -> bool {
        match line.task.as_ref().and_then(|it| self.read.of(it)) {
            Some(reached) => reached.at != line.at,
            None => self.since.is_none_or(|since| line.at >= since),
        }
    }

    fn goes_back(&self, line: &LogLine) -> bool {
        let reached = line.task.as_ref().and_then(|it| self.read.of(it));
        !self.is_whole() && reached.is_some_and(|it| it.at.duration_since(line.at) > STEP_BACK)
    }

    async fn be_silent(&mut self, why: String) -> Result<(), Fault> {
        let last = self.read.oldest();
        self.say(What::Silent(why, last));
        self.wait_for_node().await
    }

    /// Waits until the node gives lines again.
    async fn wait_for_node(&mut self) -> Result<(), Fault> {
        let mut retry = FIRST_RETRY;
        loop {
            if self.out.is_closed() {
                return Err(Fault::Closed);
            }
            sleep(retry).await;
            retry = (retry * 2).min(LAST_RETRY);
            match self.last_line().await {
                Ok(_) => break,
                Err(fault @ Fault::Final(_)) => return Err(fault),
                Err(_) => {}
            }
        }
        self.say(What::Back);
        Ok(())
    }

    /// Tells what is for good from what may pass.
    fn fault(&self, err: EngineError) -> Fault {
        match err {
            // The swarm keeps few tasks that are over, and this one went since.
            EngineError::NotFound { .. } => Fault::Final(None),
            EngineError::Failed { why, .. } if why.contains("does not support reading") => {
                Fault::Final(Some(why))
            }
            EngineError::Failed { why, .. } if why.contains("is not available") => {
                Fault::Silent(String::new())
            }
            EngineError::Failed { why, .. } if self.over.is_cancelled() => Fault::Final(Some(why)),
            EngineError::Failed { why, .. } => Fault::Silent(why),
            err if err.is_transient() => Fault::Silent(err.to_string()),
            err => Fault::Final(Some(err.to_string())),
        }
    }

    /// Hands a batch on as soon as there is room.
    async fn flush(&mut self, batch: &mut Batch) -> Result<(), Fault> {
        let mut lines = mem::take(batch).lines;
        if lines.is_empty() {
            return Ok(());
        }
        if self.is_whole() {
            lines = in_order(lines);
        }
        let room = Arc::clone(&self.room).acquire_owned().await.map_err(|_| Fault::Closed)?;
        let told = Told { key: self.key, what: What::Lines(lines, room) };
        self.out.send(told).map_err(|_| Fault::Closed)
    }

    fn say(&self, what: What) {
        // Nobody listens any more: the next line finds out.
        let _ = self.out.send(Told { key: self.key, what });
    }

    fn is_whole(&self) -> bool {
        matches!(self.source, LogSource::Service(_))
    }
}

/// Puts lines of several tasks into the order of time; those of one stay as it wrote them.
fn in_order(lines: Vec<LogLine>) -> Vec<LogLine> {
    let mut reached: HashMap<Option<TaskId>, Timestamp> = HashMap::new();
    let mut keyed: Vec<(Timestamp, LogLine)> = Vec::with_capacity(lines.len());
    for line in lines {
        let at = reached.entry(line.task.clone()).or_insert(line.at);
        *at = line.at.max(*at);
        keyed.push((*at, line));
    }
    keyed.sort_by_key(|it| it.0);
    keyed.into_iter().map(|it| it.1).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_reader_that_panics_says_that_nothing_more_comes_and_one_that_is_ended_does_not() {
        for panics in [true, false] {
            let (out, mut told) = mpsc::unbounded_channel();
            let reading = tokio::spawn(async move {
                let _told_in_any_case = LastWord { key: 7, out };
                tokio::task::yield_now().await;
                assert!(!panics, "as wanted");
                std::future::pending::<()>().await;
            });
            tokio::task::yield_now().await;
            tokio::task::yield_now().await;
            reading.abort();
            let _ = reading.await;
            let said = told.recv().await;
            let over = matches!(said, Some(Told { key: 7, what: What::Over(Some(_)) }));
            assert_eq!(over, panics, "{said:?}");
        }
    }
}
