//! Logs, every line once.
//!
//! The engine's stream of a whole service loses lines: the tasks that one node
//! runs share a connection to the manager, write to it at the same time, and
//! where they write fast it breaks; the stream then stays open and silent (seen
//! on 20.10.24: 4 tasks with 100 000 lines each, one of the two that shared a
//! node was short by some thousands every time). Streams of single tasks came
//! complete. So a service is read task by task.
//!
//! Nor does the engine end a stream that follows a task when the task does. So
//! the list of tasks is looked at as well.
//!
//! `bollard` 0.21 cannot read these streams: it asks for no `details` (whose
//! line is it?), knows whole seconds only, and takes the engine's frames about
//! missing lines for output.

mod frames;
pub mod lines;
pub mod roll;
mod single;

use crate::{
    domain::{
        cluster::Task,
        logs::{LogLine, LogRequest, LogSource},
        names::TaskId,
    },
    engine::{
        Answer, EngineError,
        docker::{logs::roll::Roll, wire::Wire},
    },
};
use futures_util::{
    StreamExt,
    stream::{self, BoxStream},
};
use std::{collections::HashMap, future::ready, sync::Arc};
use tokio::{
    select,
    sync::{Semaphore, mpsc},
    task::JoinSet,
    time::sleep_until,
};
use tokio_util::{sync::CancellationToken, task::AbortOnDropHandle};

/// Lines that may wait for the reader.
const WAITING: usize = 1024;

/// Reads the logs of a service or a task, task by task.
pub fn read(roll: Arc<Roll>, request: LogRequest) -> BoxStream<'static, Answer<LogLine>> {
    stream::once(async move {
        let (out, lines) = mpsc::channel(WAITING);
        let reading = AbortOnDropHandle::new(tokio::spawn(run(roll, request, out)));
        stream::unfold((lines, reading), |(mut lines, reading)| async move {
            lines.recv().await.map(|line| (line, (lines, reading)))
        })
    })
    .flatten()
    .boxed()
}

async fn run(roll: Arc<Roll>, request: LogRequest, out: mpsc::Sender<Answer<LogLine>>) {
    let mut reading = Reading {
        readers: JoinSet::new(),
        followed: HashMap::new(),
        few: Arc::new(Semaphore::new(roll.wire.streams() / 4)),
        roll,
        request,
        out,
    };
    if let Err(err) = reading.run().await {
        // Nobody listens any more: nobody misses it.
        let _ = reading.out.send(Err(err)).await;
    }
}

/// All tasks whose lines go into one stream. Ends with it.
struct Reading {
    roll: Arc<Roll>,
    request: LogRequest,
    out: mpsc::Sender<Answer<LogLine>>,
    readers: JoinSet<Ended>,
    /// Told when the task is over.
    followed: HashMap<TaskId, CancellationToken>,
    /// Turns of tasks that are over.
    few: Arc<Semaphore>,
}

/// How the reading of a task ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Ended {
    Complete,
    /// The connection ended before the task did, or nobody listens any more.
    Cut,
}

impl Reading {
    async fn run(&mut self) -> Answer<()> {
        let mut first = true;
        loop {
            let tasks = self.tasks().await?;
            let live = tasks.iter().filter(|it| !it.state.is_over()).count();
            // More than that are followed as a whole: each task costs a stream.
            if first && self.request.follow && live > self.roll.wire.streams() {
                self.whole(&tasks).await;
                return Ok(());
            }
            self.begin(&tasks, first);
            self.tell_ends(&tasks);
            let single = matches!(self.request.source, LogSource::Task(_));
            let over = tasks.iter().all(|it| it.state.is_over());
            if !self.request.follow || (single && over) {
                while self.readers.join_next().await.is_some() {}
                return Ok(());
            }
            first = false;
            if self.wait().await == Ended::Cut {
                return Ok(());
            }
        }
    }

    /// Waits until it is time to look at the tasks again.
    async fn wait(&mut self) -> Ended {
        let pause = sleep_until(self.roll.beat());
        tokio::pin!(pause);
        loop {
            select! {
                () = &mut pause => return Ended::Complete,
                Some(ended) = self.readers.join_next() => {
                    if !matches!(ended, Ok(Ended::Complete)) {
                        return Ended::Cut;
                    }
                }
            }
        }
    }

    /// Starts to read tasks that were not there before.
    fn begin(&mut self, tasks: &[Task], first: bool) {
        for task in tasks.iter().filter(|it| it.container.is_some()) {
            if self.followed.contains_key(&task.id) {
                continue;
            }
            let over = CancellationToken::new();
            self.followed.insert(task.id.clone(), over.clone());
            let reader = TaskReader {
                wire: Arc::clone(&self.roll.wire),
                task: task.id.clone(),
                request: LogRequest {
                    source: LogSource::Task(task.id.clone()),
                    read: self.request.read.only(&task.id),
                    // A task that came while we looked is new from its first line.
                    tail: self.request.tail.filter(|_| first),
                    ..self.request.clone()
                },
                out: self.out.clone(),
            };
            if self.request.follow && !task.state.is_over() {
                self.readers.spawn(reader.follow(over));
                continue;
            }
            let few = Arc::clone(&self.few);
            self.readers.spawn(async move {
                let _turn = few.acquire_owned().await;
                reader.finish().await
            });
        }
    }

    /// Tells readers whose task is over, or is not known to the swarm any more.
    fn tell_ends(&self, tasks: &[Task]) {
        for (id, over) in &self.followed {
            let task = tasks.iter().find(|it| it.id == *id);
            if task.is_none_or(|it| it.state.is_over()) {
                over.cancel();
            }
        }
    }

    async fn tasks(&self) -> Answer<Vec<Task>> {
        let id = match &self.request.source {
            LogSource::Service(id) => return self.roll.of_service(id).await,
            LogSource::Task(id) => id.as_str(),
        };
        let tasks = self.roll.ask("id", &[id]).await?;
        if tasks.is_empty() {
            return Err(EngineError::NotFound { what: format!("task {id}") });
        }
        Ok(tasks)
    }

    /// Hands on the engine's own stream.
    async fn whole(&self, tasks: &[Task]) {
        let live = |id: &TaskId| tasks.iter().any(|it| it.id == *id && !it.state.is_over());
        let since = self.request.read.oldest(live).or(self.request.since);
        let request = LogRequest { since, ..self.request.clone() };
        let mut lines = unread(&self.roll.wire, &request);
        while let Some(line) = lines.next().await {
            if self.out.send(line).await.is_err() {
                return;
            }
        }
    }
}

/// Opens a stream without the lines that were read before.
fn unread(wire: &Arc<Wire>, request: &LogRequest) -> BoxStream<'static, Answer<LogLine>> {
    let mut read = request.read.clone();
    let lines = single::open(Arc::clone(wire), request);
    lines.filter(move |it| ready(!it.as_ref().is_ok_and(|it| read.forget(it)))).boxed()
}

/// Reads one task to its end.
struct TaskReader {
    wire: Arc<Wire>,
    task: TaskId,
    /// Knows every line that was handed on.
    request: LogRequest,
    out: mpsc::Sender<Answer<LogLine>>,
}

impl TaskReader {
    /// Follows until the task is over, then reads what is left.
    async fn follow(mut self, over: CancellationToken) -> Ended {
        let mut lines = self.open(true);
        loop {
            select! {
                biased;
                line = lines.next() => match line {
                    Some(line) => if self.give(line).await.is_err() { return Ended::Cut },
                    None if over.is_cancelled() => break,
                    None => return Ended::Cut,
                },
                () = over.cancelled() => break,
            }
        }
        drop(lines);
        self.finish().await
    }

    /// Reads what is there and was not read yet.
    async fn finish(mut self) -> Ended {
        let mut lines = self.open(false);
        while let Some(line) = lines.next().await {
            if self.give(line).await.is_err() {
                return Ended::Cut;
            }
        }
        Ended::Complete
    }

    fn open(&self, follow: bool) -> BoxStream<'static, Answer<LogLine>> {
        let mut request = LogRequest { follow, ..self.request.clone() };
        if let Some(reached) = self.request.read.of(&self.task) {
            request.since = Some(reached.at);
            request.tail = None;
        }
        unread(&self.wire, &request)
    }

    async fn give(
        &mut self,
        line: Answer<LogLine>,
    ) -> Result<(), mpsc::error::SendError<Answer<LogLine>>> {
        match &line {
            Ok(line) => self.request.read.note([line]),
            // The swarm keeps few tasks that are over, and this one went since.
            Err(EngineError::NotFound { .. }) => return Ok(()),
            Err(_) => {}
        }
        self.out.send(line).await
    }
}
