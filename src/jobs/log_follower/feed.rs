//! Log feeds: start following logs, for the cockpit and for commands.

use crate::{
    engine::{Answer, Engine},
    jobs::log_follower::{
        follower::Follower,
        request::{FeedNews, LogEnd, LogQuery, Subscription},
    },
};
use jiff::Timestamp;
use std::{sync::Arc, time::Duration};
use tokio::{sync::mpsc, time};
use tokio_util::sync::{CancellationToken, DropGuard};

/// A running feed; dropping it ends it.
#[derive(Debug)]
pub struct Feed {
    more: mpsc::UnboundedSender<usize>,
    _ends_on_drop: DropGuard,
}

/// A cursor that runs through a list opens no stream for every row.
const CURSOR_RESTS: Duration = Duration::from_millis(250);

impl Feed {
    /// Reads on where the feed waits; so many lines.
    pub fn more(&self, lines: usize) {
        // It has ended: there is nothing more.
        let _ = self.more.send(lines);
    }
}

/// Follows until the feed is dropped. The channel holds the reader's pace: while
/// it is full, nothing more is read from the engine.
pub fn spawn(
    engine: Arc<dyn Engine>,
    subscription: Subscription,
    news: mpsc::Sender<FeedNews>,
) -> Feed {
    let stop = CancellationToken::new();
    let stopped = stop.clone();
    let (more, wanted) = mpsc::unbounded_channel();
    tokio::spawn(async move {
        let work = async {
            time::sleep(CURSOR_RESTS).await;
            let ask = subscription.ask(Timestamp::now());
            Follower::new(engine, ask, news, wanted).run().await
        };
        tokio::select! {
            () = stopped.cancelled() => {}
            // It has said itself why there is nothing more.
            _ = work => {}
        }
    });
    Feed { more, _ends_on_drop: stop.drop_guard() }
}

/// Reads what is asked for to its end; what is followed ends with whoever listens.
pub async fn read(
    engine: Arc<dyn Engine>,
    ask: LogQuery,
    news: mpsc::Sender<FeedNews>,
) -> Answer<LogEnd> {
    let (_more, wanted) = mpsc::unbounded_channel();
    Follower::new(engine, ask, news, wanted).run().await
}
