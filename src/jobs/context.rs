//! Job context: reporting, cancellation, and starting a job; a panic becomes a verdict.

use crate::{
    domain::{
        deployment::{deploy::Board, plan::Preview, release::ReleaseKey, verdict::Verdict},
        project::Secrets,
        swarm::names::TaskId,
    },
    jobs::gate::Gate,
};
use std::{
    future::{Future, pending},
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};
use tokio::{
    sync::{
        mpsc,
        watch::{Receiver, Sender, channel},
    },
    time::{sleep, timeout},
};
use tokio_util::sync::{CancellationToken, DropGuard};

/// The number of a job of this process.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct JobId(pub u64);

/// What a job says about itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JobReport {
    pub job: JobId,
    pub news: News,
}

/// One piece of news of a job.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum News {
    Started {
        title: String,
        steps: usize,
    },
    /// It turned out to be so many steps.
    Steps(usize),
    Step {
        done: usize,
        doing: String,
    },
    /// The plan is another one than what was confirmed, and nothing is done: this is the new
    /// one, and what differs.
    Replanned(Box<Preview>, Vec<String>),
    /// Something worth keeping that is not a step: a warning, a task's error.
    Note(String),
    /// How far a deployment is; told only when that changed.
    Progress(Box<Board>),
    /// What a task wrote before it failed.
    Tail(Box<Tail>),
    /// What is deployed is this release from now on.
    Released(ReleaseKey),
    Finished(Verdict),
}

impl News {
    /// Hides secret values in what the engine said and in what is made of specs; names
    /// stay what they are.
    fn hide(&mut self, secrets: &Secrets) {
        let mut clean = |it: &mut String| secrets.clean(it);
        match self {
            Self::Started { .. } | Self::Steps(_) | Self::Released(_) => {}
            Self::Step { doing: text, .. } | Self::Note(text) => clean(text),
            Self::Replanned(preview, differences) => {
                preview.hide(secrets);
                differences.iter_mut().for_each(clean);
            }
            Self::Progress(board) => board.each_text(&mut clean),
            Self::Tail(tail) => match &mut tail.lines {
                Ok(lines) => lines.iter_mut().for_each(clean),
                Err(why) => clean(why),
            },
            Self::Finished(verdict) => verdict.each_text(&mut clean),
        }
    }
}

/// The last lines of a task that failed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tail {
    /// The full name of its service.
    pub service: String,
    pub task: TaskId,
    /// Oldest first. An error says why they cannot be had.
    pub lines: Result<Vec<String>, String>,
}

/// What a job holds of its owner: where to report, when to stop.
#[derive(Debug, Clone)]
pub struct JobContext {
    job: JobId,
    reports: mpsc::UnboundedSender<JobReport>,
    stop: CancellationToken,
    paused: Receiver<bool>,
    gate: Arc<Gate>,
    said: Arc<Mutex<Said>>,
    /// What must not be shown.
    secrets: Arc<Mutex<Secrets>>,
}

/// What was said last: the same once more is no news.
#[derive(Debug, Default)]
struct Said {
    step: Option<News>,
    note: Option<News>,
}

impl JobContext {
    /// Tells news; a step or a remark that is the same as the last one is none.
    pub fn say(&self, mut news: News) {
        news.hide(&self.secrets());
        if !self.is_new(&news) {
            return;
        }
        // Nobody listens any more: the program is closing.
        let _ = self.reports.send(JobReport { job: self.job, news });
    }

    /// Hides these values in whatever the job says from now on.
    pub fn conceal(&self, secrets: Secrets) {
        self.secrets.lock().unwrap_or_else(PoisonError::into_inner).join(secrets);
    }

    /// Returns what must not be shown, nor written down.
    pub fn secrets(&self) -> Secrets {
        self.secrets.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn is_new(&self, news: &News) -> bool {
        let mut said = self.said.lock().unwrap_or_else(PoisonError::into_inner);
        let last = match news {
            News::Step { .. } => &mut said.step,
            News::Note(_) => &mut said.note,
            _ => return true,
        };
        last.replace(news.clone()).as_ref() != Some(news)
    }

    /// Completes once the owner wants the job to stop. The job chooses a safe
    /// point for it; nothing ever kills a job between two changes.
    pub async fn stop_requested(&self) {
        self.stop.cancelled().await;
    }

    /// Returns the gate through which everything goes that the job sends.
    pub fn gate(&self) -> &Arc<Gate> {
        &self.gate
    }

    /// Returns whether the owner wants nothing more to be changed for a while.
    pub fn is_paused(&self) -> bool {
        *self.paused.borrow()
    }

    /// Returns whether the owner wants the job to stop.
    pub fn is_stop_requested(&self) -> bool {
        self.stop.is_cancelled()
    }
}

/// A started job, as its owner holds it. Dropping the handle asks it to stop.
#[derive(Debug)]
pub struct JobHandle {
    pub id: JobId,
    pause: Sender<bool>,
    _stop_on_drop: DropGuard,
}

impl JobHandle {
    /// Asks the job to change nothing more for a while, or to go on. Only deployments
    /// can: others go on.
    pub fn pause(&self, paused: bool) {
        self.pause.send_replace(paused);
    }
}

/// How long a job that is asked to stop may take to find the place for it.
const GRACE: Duration = Duration::from_millis(400);
/// How long, at most, what is left to do may take once a job is let go.
const FAREWELL: Duration = Duration::from_millis(250);

/// When a job that was asked to stop is let go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AbandonWhen {
    /// What it sent is taken back by nobody else: it is let go where it sent nothing.
    NothingSent,
    /// What it sent may stay as it is.
    Anytime,
}

/// Starts `work` and guarantees exactly one `Finished` report, even if it
/// panics. It is never let go once it has sent something.
pub fn spawn<W, F>(id: JobId, reports: mpsc::UnboundedSender<JobReport>, work: W) -> JobHandle
where
    W: FnOnce(JobContext) -> F,
    F: Future<Output = Verdict> + Send + 'static,
{
    spawn_with(id, reports, AbandonWhen::NothingSent, work, async |_: Verdict| ())
}

/// Starts `work`; where it is let go, `left` is told how that ended.
pub fn spawn_with<W, F, L, G>(
    id: JobId,
    reports: mpsc::UnboundedSender<JobReport>,
    abandon_when: AbandonWhen,
    work: W,
    left: L,
) -> JobHandle
where
    W: FnOnce(JobContext) -> F,
    F: Future<Output = Verdict> + Send + 'static,
    L: FnOnce(Verdict) -> G + Send + 'static,
    G: Future<Output = ()> + Send,
{
    let stop = CancellationToken::new();
    let (pause, paused) = channel(false);
    let (said, gate, secrets) = (Arc::default(), Arc::default(), Arc::default());
    let context = JobContext { job: id, reports, stop: stop.clone(), paused, gate, said, secrets };
    let mut task = tokio::spawn(work(context.clone()));
    tokio::spawn(async move {
        let verdict = tokio::select! {
            biased;
            ended = &mut task => ended
                .unwrap_or_else(|err| Verdict::Failed { why: format!("bug: {err}"), hint: None }),
            verdict = let_go(&context, abandon_when) => {
                task.abort();
                let told = left(verdict.clone());
                // What it holds goes with it; whatever hangs must not hold up the end.
                let parting = async {
                    let _ = timeout(FAREWELL / 5, task).await;
                    context.gate.farewell().await;
                };
                let _ = timeout(FAREWELL, async { tokio::join!(parting, told) }).await;
                verdict
            }
        };
        context.say(News::Finished(verdict));
    });
    JobHandle { id, pause, _stop_on_drop: stop.drop_guard() }
}

/// Completes once a job was asked to stop, did not, and can be let go without harm; it
/// sends nothing more from then on.
async fn let_go(context: &JobContext, abandon_when: AbandonWhen) -> Verdict {
    context.stop_requested().await;
    sleep(GRACE).await;
    let gate = &context.gate;
    if gate.close_untouched() {
        return Verdict::Stopped("nothing was changed".to_owned());
    }
    if abandon_when == AbandonWhen::NothingSent {
        return pending().await;
    }
    if gate.close_between() {
        return Verdict::Stopped("what was sent stays; skep did not wait for its end".to_owned());
    }
    gate.close();
    let why = "the engine has not answered the last change".to_owned();
    let differs = vec!["it is not known whether it was made".to_owned()];
    Verdict::NeedsPerson { why, differs, back: None }
}
