//! Logs of failed tasks: read in the background of a deployment.

use crate::{
    domain::{
        deployment::deploy::Board,
        logs::{LogRequest, LogSource},
        swarm::names::TaskId,
        text::{
            elide,
            escape::{Token, Tokens},
            mask::Secrecy,
        },
    },
    engine::Engine,
    jobs::{JobContext, News, Tail},
};
use futures_util::StreamExt;
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Arc, Mutex},
    time::Duration,
};
use tokio::{
    task::JoinSet,
    time::{Instant, timeout, timeout_at},
};

/// So many lines say enough.
const LINES: u32 = 20;
/// So many of them are written down, and so much of each.
const KEPT: usize = 10;
const LONGEST: usize = 400;
/// Of so many tasks; what more of them would say, they say as well.
const TASKS: usize = 24;
/// An engine asks the node, and that may be away.
const PATIENCE: Duration = Duration::from_secs(5);
/// How long the end of a job waits for lines that are on their way.
const AT_THE_END: Duration = Duration::from_secs(2);

/// The tasks whose lines were asked for.
pub struct FailureLogs {
    engine: Arc<dyn Engine>,
    context: JobContext,
    asked: BTreeSet<TaskId>,
    reading: JoinSet<()>,
    /// What was read, by the names of services.
    found: Arc<Mutex<BTreeMap<String, Vec<String>>>>,
}

impl FailureLogs {
    pub fn new(engine: Arc<dyn Engine>, context: JobContext) -> Self {
        let (asked, reading, found) = (BTreeSet::new(), JoinSet::new(), Arc::default());
        Self { engine, context, asked, reading, found }
    }

    /// Asks for the lines of tasks that failed since, once each.
    pub fn read(&mut self, board: &Board) {
        for lane in &board.services {
            let Some(task) = lane.culprit.clone() else { continue };
            if self.asked.len() >= TASKS || !self.asked.insert(task.clone()) {
                continue;
            }
            let (engine, context) = (self.engine.clone(), self.context.clone());
            let (service, found) = (lane.service.clone(), Arc::clone(&self.found));
            self.reading.spawn(async move {
                let lines = last_lines(&*engine, &task).await;
                // Another task of it may have said something.
                if let (Ok(lines), Ok(mut found)) = (&lines, found.lock())
                    && !lines.is_empty()
                {
                    found.insert(service.clone(), kept(lines));
                }
                context.say(News::Tail(Box::new(Tail { service, task, lines })));
            });
        }
    }

    /// Returns the last lines of a service that failed, as far as they were read.
    pub fn of(&self, service: &str) -> Vec<String> {
        self.found.lock().ok().and_then(|it| it.get(service).cloned()).unwrap_or_default()
    }

    /// Waits for a moment for lines that are on their way.
    pub async fn finish(&mut self) {
        let all = async { while self.reading.join_next().await.is_some() {} };
        // What does not come in time is not waited for.
        let _ = timeout(AT_THE_END, all).await;
    }
}

async fn last_lines(engine: &dyn Engine, task: &TaskId) -> Result<Vec<String>, String> {
    let source = LogSource::Task(task.clone());
    let request = LogRequest { tail: Some(LINES), ..LogRequest::all(source) };
    let until = Instant::now() + PATIENCE;
    let mut stream = engine.logs(&request);
    let mut lines = Vec::new();
    loop {
        match timeout_at(until, stream.next()).await {
            Ok(Some(Ok(line))) => lines.push(plain(&line.text)),
            Ok(Some(Err(err))) if lines.is_empty() => return Err(err.to_string()),
            Err(_) if lines.is_empty() => {
                return Err(format!("no logs came within {}s", PATIENCE.as_secs()));
            }
            Ok(None | Some(Err(_))) | Err(_) => break,
        }
    }
    let more = lines.len().saturating_sub(usize::try_from(LINES).unwrap_or(usize::MAX));
    lines.drain(..more);
    Ok(lines)
}

/// Returns what is written down of lines: the last ones, not endless, and nothing that looks
/// secret.
fn kept(lines: &[String]) -> Vec<String> {
    let last = lines.iter().skip(lines.len().saturating_sub(KEPT));
    last.map(|it| elide::end(&Secrecy::Mask.text(it), LONGEST).into_owned()).collect()
}

/// Takes the colours out of a line.
fn plain(line: &str) -> String {
    let word = |it: Token<'_>| match it {
        Token::Text(text) => text.replace('\t', "    "),
        Token::Sgr(_) | Token::Break => " ".repeat(usize::from(it == Token::Break)),
    };
    Tokens::new(line).map(word).collect()
}
