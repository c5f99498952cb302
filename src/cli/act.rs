//! Runs a job for a command: progress goes to standard error, the verdict to standard output.
//!
//! Ctrl-c asks it to stop. A closed terminal does not: the work goes on, unheard, and
//! its exit code says how it ended.

use crate::{
    cli::{
        CommandOutput, Desk, Exit, Failure,
        permit::Permit,
        progress::{JobProgress, last},
        signals::{Asked, CANNOT_STOP, Signals},
    },
    domain::{
        deployment::{
            release::{Release, ReleaseKey},
            verdict::Verdict,
        },
        swarm::names::StackName,
    },
    jobs::{
        JobHandle, JobId, JobReport, News, operations::Operation, release_reader::on_disk,
        session::Session,
    },
    projects::Sources,
};
use jiff::Timestamp;
use std::{
    sync::atomic::{AtomicUsize, Ordering},
    time::Duration,
};
use tokio::{sync::mpsc, time};

/// Does pieces of work one after the other; the first that fails ends it. Asks before,
/// where something would be lost, and in production.
pub async fn act(
    desk: &Desk,
    page: &mut CommandOutput<'_>,
    operations: Vec<Operation>,
) -> Result<Exit, Failure> {
    let mut permit = Permit::ask(desk, page, operations)?;
    while let Some(operation) = permit.next() {
        let exit = one(permit.session(), page, operation).await?;
        if exit != Exit::Done {
            return Ok(exit);
        }
    }
    Ok(Exit::Done)
}

/// Does a single piece of work about whose end somebody was asked already.
pub async fn act_as_asked(
    desk: &Desk,
    page: &mut CommandOutput<'_>,
    operation: Operation,
) -> Result<Exit, Failure> {
    let mut permit = Permit::asked(desk, page, vec![operation])?;
    match permit.next() {
        Some(operation) => one(permit.session(), page, operation).await,
        None => Ok(Exit::Done),
    }
}

/// Pieces of work that are being done: nothing waits for a terminal meanwhile.
static WORKING: AtomicUsize = AtomicUsize::new(0);

/// Returns whether a piece of work is being done.
pub fn is_working() -> bool {
    WORKING.load(Ordering::SeqCst) > 0
}

/// Counts as a piece of work as long as it is there.
struct Working;

impl Working {
    fn begin() -> Self {
        WORKING.fetch_add(1, Ordering::SeqCst);
        Self
    }
}

impl Drop for Working {
    fn drop(&mut self) {
        WORKING.fetch_sub(1, Ordering::SeqCst);
    }
}

/// Does one piece of work to its end.
async fn one(
    session: &Session,
    page: &mut CommandOutput<'_>,
    operation: Operation,
) -> Result<Exit, Failure> {
    let mut signals = Signals::listen()?;
    let _working = Working::begin();
    let files = Files::of(&operation, page);
    let mut released = None;
    let (reports, mut heard) = mpsc::unbounded_channel();
    let mut handle: Option<JobHandle> = Some(session.start(JobId(1), operation, reports));
    let mut progress = JobProgress::on(page);
    let mut clock = time::interval(Duration::from_secs(1));
    loop {
        tokio::select! {
            report = heard.recv() => {
                let Some(JobReport { news, .. }) = report else {
                    return Err(Failure::new("bug: the job ended without a verdict", None));
                };
                match &news {
                    News::Released(key) => released = Some(key.clone()),
                    News::Finished(verdict) if page.json => {
                        let release = remembered(session, released).await;
                        return Ok(files.finish(page, verdict, release.as_ref()));
                    }
                    _ => {}
                }
                // Nobody reads it: that is no reason to leave a stack half way.
                let _ = progress.hear(page, &news, Timestamp::now());
                if let News::Finished(verdict) = news {
                    return finish(page, &verdict);
                }
            }
            // Asks the job to stop; it chooses the place, and its verdict follows.
            asked = signals.next() => match (asked, &handle) {
                // The terminal is closed.
                (Asked::Nothing, _) => {}
                (Asked::Stop, Some(_)) => drop(handle.take()),
                (Asked::Stop, None) => {
                    let note = News::Note(CANNOT_STOP.to_owned());
                    let _ = progress.hear(page, &note, Timestamp::now());
                }
            },
            _ = clock.tick() => {
                let _ = progress.tick(page, Timestamp::now());
                // What a terminal did not take before.
                let _ = page.remarks.flush().and_then(|()| page.out.flush());
            }
        }
    }
}

fn finish(page: &mut CommandOutput<'_>, verdict: &Verdict) -> Result<Exit, Failure> {
    let note = ending(verdict)?;
    // How it ended counts, and not whether somebody reads it.
    let _ = writeln!(page.out, "{note}");
    Ok(Exit::Done)
}

/// Reads what was written down of a release in the end.
async fn remembered(session: &Session, key: Option<ReleaseKey>) -> Option<Release> {
    let key = key?;
    on_disk(session.store.clone(), move |it| it.release(&key)).await.ok().flatten()
}

/// The files of a deployment, for programs that want to know what is wrong with them.
struct Files(Option<(StackName, Sources)>);

impl Files {
    fn of(operation: &Operation, page: &CommandOutput<'_>) -> Self {
        Self(match operation {
            Operation::Deploy(it) if page.json => Some((it.stack.clone(), it.sources.clone())),
            _ => None,
        })
    }

    /// Says the last word of a job to a program.
    fn finish(
        &self,
        page: &mut CommandOutput<'_>,
        verdict: &Verdict,
        release: Option<&Release>,
    ) -> Exit {
        let failure = (!verdict.succeeded()).then(|| match &self.0 {
            // What was sent was not refused for what the files say.
            Some((stack, sources)) if release.is_none() => {
                Failure::from(verdict).because_of(sources, stack, true)
            }
            _ => Failure::from(verdict),
        });
        // How it ended counts, and not whether somebody reads it.
        let _ = last(verdict, release, failure.as_ref()).and_then(|it| page.event(&it));
        let Some(failure) = failure else { return Exit::Done };
        let _ = writeln!(page.remarks, "{failure}");
        failure.exit
    }
}

/// Returns what is said of a good end, or the failure that a bad one is.
pub fn ending(verdict: &Verdict) -> Result<&str, Failure> {
    match verdict {
        Verdict::Succeeded(note) => Ok(note),
        bad => Err(Failure::from(bad)),
    }
}
