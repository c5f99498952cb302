//! Follows logs: one stream per source, lines in batches, resumed after a cut.

use crate::{
    domain::{
        cluster::Service,
        logs::{LogLine, LogSource, Progress, Window},
        names::{ServiceId, StackName, TaskId},
    },
    engine::{Answer, Engine, EngineError},
};
use futures_util::{StreamExt, stream::BoxStream};
use jiff::Timestamp;
use std::{collections::BTreeSet, sync::Arc, time::Duration};
use tokio::{
    sync::mpsc,
    task::JoinSet,
    time::{self, Instant},
};
use tokio_util::sync::{CancellationToken, DropGuard};

/// What to follow, and from when.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Subscription {
    pub of: Of,
    pub window: Window,
    /// Lines per container that the window `tail` reads.
    pub tail: u32,
}

/// Whose lines.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Of {
    Service(ServiceId),
    Task(TaskId),
    Stack(StackName),
}

/// What a feed brings.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FeedNews {
    Lines(Vec<LogLine>),
    /// Something about the streams themselves, for the place where it happened.
    Mark(String),
}

/// A running feed; dropping it ends it.
#[derive(Debug)]
pub struct Feed {
    _ends_on_drop: DropGuard,
}

/// A cursor that runs through a list opens no stream for every row.
const CURSOR_RESTS: Duration = Duration::from_millis(250);
const BATCH: usize = 2_000;
const BATCH_WAITS: Duration = Duration::from_millis(40);
/// So long nothing more comes once history is read.
const HISTORY_RESTS: Duration = Duration::from_millis(150);
/// When lines are shown in any case.
const HISTORY_TAKES: Duration = Duration::from_millis(1_500);
const FIRST_RETRY: Duration = Duration::from_millis(500);
const LAST_RETRY: Duration = Duration::from_secs(10);
/// How often a stack is looked at for services that came.
const NEW_SERVICES: Duration = Duration::from_secs(5);
/// Streams at once: each costs the managers a subscription on every node.
const MOST_STREAMS: usize = 64;

/// Follows until the feed is dropped. The channel holds the reader's pace: while
/// it is full, nothing more is read from the engine.
pub fn spawn(
    engine: Arc<dyn Engine>,
    subscription: Subscription,
    news: mpsc::Sender<FeedNews>,
) -> Feed {
    let stop = CancellationToken::new();
    let stopped = stop.clone();
    tokio::spawn(async move {
        let work = async {
            time::sleep(CURSOR_RESTS).await;
            let (raw, read) = mpsc::channel(4);
            tokio::join!(follow(engine, subscription, raw), in_order(read, news));
        };
        tokio::select! {
            () = stopped.cancelled() => {}
            () = work => {}
        }
    });
    Feed { _ends_on_drop: stop.drop_guard() }
}

/// What was written before comes in blocks, container by container: it is put in
/// the order of time before anybody sees it.
async fn in_order(mut read: mpsc::Receiver<FeedNews>, news: mpsc::Sender<FeedNews>) {
    let at_last = Instant::now() + HISTORY_TAKES;
    let mut lines = Vec::new();
    let mut until = at_last;
    while let Ok(Some(it)) = time::timeout_at(until, read.recv()).await {
        match it {
            FeedNews::Lines(more) => lines.extend(more),
            mark @ FeedNews::Mark(_) => _ = news.send(mark).await,
        }
        until = at_last.min(Instant::now() + HISTORY_RESTS);
    }
    lines.sort_by_key(|it: &LogLine| it.at);
    for batch in lines.chunks(BATCH) {
        _ = news.send(FeedNews::Lines(batch.to_vec())).await;
    }
    while let Some(it) = read.recv().await {
        if news.send(it).await.is_err() {
            return;
        }
    }
}

async fn follow(engine: Arc<dyn Engine>, subscription: Subscription, news: mpsc::Sender<FeedNews>) {
    match subscription.of.clone() {
        Of::Service(id) => one(engine, LogSource::Service(id), subscription, news).await,
        Of::Task(id) => one(engine, LogSource::Task(id), subscription, news).await,
        Of::Stack(stack) => whole_stack(engine, &stack, subscription, news).await,
    }
}

/// Follows every service of a stack, those that come later too.
async fn whole_stack(
    engine: Arc<dyn Engine>,
    stack: &StackName,
    subscription: Subscription,
    news: mpsc::Sender<FeedNews>,
) {
    let mut streams = JoinSet::new();
    let mut known: BTreeSet<ServiceId> = BTreeSet::new();
    while !news.is_closed() {
        // What is wrong with the engine stands in the header already.
        let services = engine.services().await.unwrap_or_default();
        let of_stack = |it: &&Service| it.stack.as_ref() == Some(stack);
        for service in services.iter().filter(of_stack) {
            if known.len() == MOST_STREAMS || !known.insert(service.id.clone()) {
                continue;
            }
            let source = LogSource::Service(service.id.clone());
            streams.spawn(one(Arc::clone(&engine), source, subscription.clone(), news.clone()));
        }
        time::sleep(NEW_SERVICES).await;
    }
}

/// Follows one source, and takes the stream up again where it was cut.
async fn one(
    engine: Arc<dyn Engine>,
    source: LogSource,
    subscription: Subscription,
    news: mpsc::Sender<FeedNews>,
) {
    let mut request = subscription.window.request(source, Timestamp::now(), subscription.tail);
    let mut retry = FIRST_RETRY;
    let mut lost = false;
    loop {
        let mut lines = engine.logs(&request);
        if !request.follow {
            // The engine knows no head: it would send everything there is.
            lines = lines.take(subscription.tail as usize).boxed();
        }
        let mut reader = Reader { lines, news: &news, read: request.read.clone() };
        let ended = reader.run().await;
        if reader.read != request.read {
            request = request.behind(reader.read);
            (retry, lost) = (FIRST_RETRY, false);
        }
        match ended {
            Ok(()) if !request.follow => return,
            Err(EngineError::NotFound { .. }) => {
                return tell(&news, "gone: it was removed".to_owned()).await;
            }
            Err(err) if !err.is_transient() => return tell(&news, err.to_string()).await,
            Err(err) if !lost => {
                lost = true;
                tell(&news, format!("the stream was cut: {err}; trying again")).await;
            }
            Ok(()) | Err(_) => {}
        }
        if news.is_closed() {
            return;
        }
        time::sleep(retry).await;
        retry = (retry * 2).min(LAST_RETRY);
    }
}

struct Reader<'a> {
    lines: BoxStream<'static, Answer<LogLine>>,
    news: &'a mpsc::Sender<FeedNews>,
    read: Progress,
}

impl Reader<'_> {
    /// Passes lines on in batches until the stream ends or nobody listens.
    async fn run(&mut self) -> Answer<()> {
        loop {
            let Some(first) = self.lines.next().await else { return Ok(()) };
            let mut batch = vec![first?];
            let until = Instant::now() + BATCH_WAITS;
            let mut end = None;
            while batch.len() < BATCH {
                match time::timeout_at(until, self.lines.next()).await {
                    Err(_) => break,
                    Ok(Some(Ok(line))) => batch.push(line),
                    Ok(other) => {
                        end = Some(other.map_or(Ok(()), |it| it.map(drop)));
                        break;
                    }
                }
            }
            self.read.note(&batch);
            if self.news.send(FeedNews::Lines(batch)).await.is_err() {
                return Ok(());
            }
            if let Some(end) = end {
                return end;
            }
        }
    }
}

async fn tell(news: &mpsc::Sender<FeedNews>, text: String) {
    // Nobody listens any more: another log is followed by now.
    let _ = news.send(FeedNews::Mark(text)).await;
}
