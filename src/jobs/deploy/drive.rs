//! The deployment driver: asks the state machine what to do, writes it to the journal, does it,
//! and reports back.

use crate::{
    domain::{
        deployment::{
            deploy::{Act, Board, Deployment, Detail, Fault, Move, Observation, Outcome, Write},
            release::{FailedTask, JournalEntry, ServiceOutcome, StepStage},
        },
        swarm::{change::Applied, cluster::ObjectKind, objects::ServiceSpec},
    },
    engine::{Answer, EngineError},
    jobs::{
        JobContext, News, Verdict,
        deploy::{
            DeployOrder, failure_logs::FailureLogs, observer::Observer, outcome, prepare::Prepared,
            recorder::Recorder, restore_point::RestorePoint, writer::Writer,
        },
        retry::POLL,
        session::Session,
    },
    store::StoreError,
};
use futures_util::future::join_all;
use jiff::Timestamp;
use std::{collections::BTreeMap, mem, time::Duration};
use tokio::time::{Instant, sleep};

/// During a rollback an engine that does not answer is asked again for this long.
const AWAY: Duration = Duration::from_secs(600);
/// So soon after a write, and so often then, what fails at once is looked for: the docker
/// client looks five times a second.
const SOON: Duration = Duration::from_secs(5);
const GLANCE: Duration = Duration::from_millis(200);
/// A network is in use until the last task has let go of it.
const LETTING_GO: Duration = Duration::from_secs(20);

/// A deployment on its way.
pub struct Drive<'a> {
    deployment: Deployment,
    writer: Writer<'a>,
    observer: Observer<'a>,
    recorder: &'a Recorder,
    context: &'a JobContext,
    began: Instant,
    /// The same moment by the clock on the wall.
    began_at: Timestamp,
    told: Board,
    failure_logs: FailureLogs,
    done: usize,
    looked: bool,
    /// When something was written last.
    wrote: Option<Instant>,
    /// It was told that the journal lacks something.
    told_gap: bool,
}

/// How a deployment ended.
pub struct DeploymentEnd {
    pub verdict: Verdict,
    /// By the names of services.
    pub services: BTreeMap<String, ServiceOutcome>,
    /// It failed, and what was sent stays, all of it or a part.
    pub left: bool,
}

impl<'a> Drive<'a> {
    /// Takes the wheel of a deployment.
    pub fn new(
        session: &'a Session,
        order: &'a DeployOrder,
        prepared: &'a Prepared,
        restore_point: &'a RestorePoint,
        deployment: Deployment,
        recorder: &'a Recorder,
        context: &'a JobContext,
    ) -> Self {
        let engine = &*session.engine;
        let ids = prepared.live.ids();
        Self {
            deployment,
            writer: Writer { engine, order, prepared, restore_point, context, ids },
            observer: Observer::new(engine, order.stack.clone(), prepared),
            recorder,
            context,
            began: Instant::now(),
            began_at: Timestamp::now(),
            told: Board::default(),
            failure_logs: FailureLogs::new(session.engine.clone(), context.clone()),
            done: 0,
            looked: false,
            wrote: None,
            told_gap: false,
        }
    }

    /// Goes all the way; returns how it ended, and how each service fares.
    pub async fn run(mut self) -> DeploymentEnd {
        loop {
            self.deployment.hold(self.context.is_paused());
            self.show();
            let turning_back = self.deployment.is_turning_back();
            let seen = match self.deployment.next_move() {
                Move::Finish(outcome) => {
                    self.failure_logs.finish().await;
                    return self.end(&outcome);
                }
                Move::Apply(_) if self.context.is_stop_requested() => Observation::Cancelled,
                Move::Apply(writes) | Move::Restore(writes) => self.write(&writes).await,
                Move::Look => self.look().await,
            };
            self.deployment.observe(seen);
            if self.deployment.is_turning_back() && !turning_back {
                let because = self.deployment.because().unwrap_or_default();
                self.context.say(News::Note(format!("rolling back: {because}")));
            }
        }
    }

    /// Tells how far it is, where that changed.
    fn show(&mut self) {
        let board = Board::of(&self.deployment, &self.writer.order.stack, self.began_at);
        if board != self.told {
            self.failure_logs.read(&board);
            self.context.say(News::Progress(Box::new(board.clone())));
            self.told = board;
        }
    }

    async fn write(&mut self, writes: &[Write]) -> Observation {
        let back = self.deployment.is_turning_back();
        if let Err(err) = self.journal(writes, |_| (StepStage::Intended, false)).await {
            if !back {
                let why = format!("the next step cannot be written to the journal: {err}");
                return Observation::NotSent { why: format!("{why} ({})", err.hint()) };
            }
            // What it restores is in the journal since it was written: one that dies now can
            // be recovered as well.
            self.tell_gap(&err);
        }
        let words: Vec<String> = writes.iter().map(ToString::to_string).collect();
        self.say(&words.join(", "));
        let writer = &self.writer;
        let sending = writes.iter().map(|it| async move {
            if back { restore(writer, it).await } else { writer.apply(it).await.map(Some) }
        });
        let answers = join_all(sending).await;
        self.wrote = Some(Instant::now());
        let became = |place: usize| match (&answers[place], back) {
            (Ok(_), false) => (StepStage::Done, false),
            (Ok(_), true) => (StepStage::Undone, false),
            (Err(err), _) => (StepStage::Failed, !err.is_transient()),
        };
        let noted = self.journal(writes, became).await;
        if let Err(err) = noted {
            self.tell_gap(&err);
        }
        let results = writes.iter().zip(answers).map(|(write, answer)| {
            self.done += 1;
            self.take_in(write, answer)
        });
        let results = results.collect();
        Observation::Written { at: self.began.elapsed(), results }
    }

    fn take_in(&mut self, write: &Write, answer: Answer<Option<Applied>>) -> Result<(), Fault> {
        let name = write.object.name.clone();
        let applied = answer.map_err(|err| {
            if err.is_transient() { Fault::Unknown(told(&err)) } else { Fault::Refused(told(&err)) }
        })?;
        let Some(applied) = applied else { return Ok(()) };
        applied.warnings.into_iter().for_each(|it| self.context.say(News::Note(it)));
        match (write.object.kind, applied.id) {
            (ObjectKind::Services, _) => self.observer.forget(&name),
            (ObjectKind::Secrets, Some(id)) => _ = self.writer.ids.secrets.insert(name, id),
            (ObjectKind::Configs, Some(id)) => _ = self.writer.ids.configs.insert(name, id),
            _ => {}
        }
        Ok(())
    }

    async fn look(&mut self) -> Observation {
        let pause = match self.wrote {
            Some(at) if at.elapsed() < GLANCE * 4 => GLANCE / 2,
            Some(at) if at.elapsed() < SOON => GLANCE,
            None if !self.looked => Duration::ZERO,
            _ => POLL,
        };
        self.looked = true;
        tokio::select! {
            () = sleep(pause) => {}
            () = self.context.stop_requested(), if !self.deployment.is_turning_back() => {
                return Observation::Cancelled;
            }
        }
        let seen = self.observer.look(&self.deployment).await;
        let at = self.began.elapsed();
        match seen {
            Ok(services) => {
                self.say(&outcome::doing(&self.deployment));
                Observation::Seen { at, services }
            }
            Err(err) => {
                self.context.say(News::Note(err.to_string()));
                Observation::Blind { at, why: err.to_string() }
            }
        }
    }

    fn say(&self, doing: &str) {
        let settled = self.deployment.tracks().filter(|it| it.1.is_over()).count();
        let back = if self.deployment.is_turning_back() { "rollback: " } else { "" };
        let doing = format!("{back}{doing}");
        self.context.say(News::Step { done: self.done + settled, doing });
    }

    /// Writes steps into the journal, with what it takes to undo them.
    async fn journal(
        &self,
        writes: &[Write],
        stage: impl Fn(usize) -> (StepStage, bool),
    ) -> Result<(), StoreError> {
        let at = Timestamp::now();
        let entry = |(place, write): (usize, &Write)| {
            let (stage, refused) = stage(place);
            let detail = self.detail(write, stage, refused).into();
            JournalEntry { at, step: write.clone().into(), stage, detail }
        };
        let entries = writes.iter().enumerate().map(entry).collect();
        self.recorder.journal(entries).await
    }

    /// Tells once that the journal lacks something without which it still can be recovered.
    fn tell_gap(&mut self, err: &StoreError) {
        tracing::warn!(%err, "the journal could not be written");
        if !mem::replace(&mut self.told_gap, true) {
            let note = format!("the journal cannot be written: {err}; {}", err.hint());
            self.context.say(News::Note(note));
        }
    }

    fn detail(&self, write: &Write, stage: StepStage, refused: bool) -> Detail {
        let back = self.deployment.is_turning_back();
        let first = stage == StepStage::Intended && !back && write.act != Act::Create;
        let known =
            if first { self.writer.restore_point.before(&write.object) } else { (None, false) };
        let (before, ailing) = known;
        Detail { back, before, ailing, refused, of: None }
    }

    fn end(&self, outcome: &Outcome) -> DeploymentEnd {
        let verdict = outcome::verdict(&self.deployment, outcome, self.began.elapsed());
        let mut services = outcome::services(&self.deployment, outcome);
        for (name, it) in services.iter_mut().filter(|it| it.1.error.is_some()) {
            it.failed = self.failed(name);
        }
        let left =
            matches!(outcome, Outcome::Failed { changed: true, .. } | Outcome::NeedsPerson { .. });
        DeploymentEnd { verdict, services, left }
    }

    /// Returns what is known of the task of a service that failed.
    fn failed(&self, service: &str) -> Option<FailedTask> {
        let wanted = self.writer.prepared.desired.services.iter().find(|it| it.name == service)?;
        let image = ServiceSpec(&wanted.spec).image()?.to_owned();
        Some(FailedTask { image, lines: self.failure_logs.of(service) })
    }
}

/// Takes a write back, with all the patience there is: nobody else will.
async fn restore(writer: &Writer<'_>, write: &Write) -> Answer<Option<Applied>> {
    let began = Instant::now();
    loop {
        let used = write.act == Act::Remove && write.object.kind != ObjectKind::Services;
        let answer = match writer.restore(write).await {
            Ok(applied) if used => gone(writer, write).await.map(|()| applied),
            answer => answer,
        };
        let patience = match &answer {
            Ok(_) => return answer,
            Err(err) if err.is_transient() => AWAY,
            Err(_) if used => LETTING_GO,
            Err(_) => Duration::ZERO,
        };
        if began.elapsed() >= patience {
            return answer;
        }
        if let Err(err) = &answer {
            let minutes = AWAY.as_secs() / 60;
            // The name of the object is in what is written.
            let why = match err {
                EngineError::Conflict { why, .. } => why.clone(),
                other => other.to_string(),
            };
            let note = match err.is_transient() {
                true => format!("rollback, {write}: {why}; skep tries again for up to {minutes}m"),
                false => format!("rollback, {write}: {why}; skep tries again"),
            };
            writer.context.say(News::Note(note));
        }
        sleep(POLL).await;
    }
}

/// Makes sure that an object is gone: a network is removed before it goes.
async fn gone(writer: &Writer<'_>, write: &Write) -> Answer<()> {
    if writer.find(&write.object).await?.is_none() {
        return Ok(());
    }
    let why = "the engine still lists it after the removal".to_owned();
    Err(EngineError::Conflict { what: write.object.to_string(), why })
}

fn told(err: &EngineError) -> String {
    match err.hint() {
        Some(hint) => format!("{err} ({hint})"),
        None => err.to_string(),
    }
}
