//! Jobs in the model, updated by their reports.

use crate::{
    domain::{
        deployment::deploy::{Board, LaneState},
        text::brief::beside,
    },
    jobs::{JobId, JobReport, News, Tail, Verdict},
};
use jiff::Timestamp;
use std::collections::BTreeMap;

/// All jobs of this session.
#[derive(Debug, Default)]
pub struct Jobs(BTreeMap<JobId, Job>);

/// A job as its reports describe it.
#[derive(Debug, Clone)]
pub struct Job {
    pub id: JobId,
    pub title: String,
    pub steps: usize,
    pub done: usize,
    pub doing: String,
    /// What happened on the way, oldest first.
    pub notes: Vec<(Timestamp, String)>,
    /// How far a deployment is.
    pub board: Option<Board>,
    /// What failed tasks wrote, the newest of each service.
    pub tails: BTreeMap<String, Tail>,
    pub started: Timestamp,
    pub ended: Option<Timestamp>,
    pub verdict: Option<Verdict>,
}

const NOTES: usize = 200;

impl Jobs {
    /// Newest first.
    pub fn all(&self) -> impl Iterator<Item = &Job> {
        self.0.values().rev()
    }

    pub fn get(&self, id: JobId) -> Option<&Job> {
        self.0.get(&id)
    }

    pub fn running(&self) -> usize {
        self.0.values().filter(|it| it.verdict.is_none()).count()
    }

    /// Takes in what a job says; returns the job where that was its last word.
    pub fn hear(&mut self, JobReport { job, news }: JobReport, now: Timestamp) -> Option<&Job> {
        let job = self.0.entry(job).or_insert_with(|| Job::new(job, now));
        match news {
            News::Started { title, steps } => (job.title, job.steps) = (title, steps),
            News::Steps(steps) => job.steps = steps,
            News::Step { done, doing } => (job.done, job.doing) = (done, doing),
            News::Note(note) => job.note(now, note),
            News::Progress(board) => job.progress(*board, now),
            // Its plan shows it.
            News::Replanned(..) => {}
            News::Tail(tail) => _ = job.tails.insert(tail.service.clone(), *tail),
            News::Released(_) => {}
            News::Finished(verdict) => {
                (job.verdict, job.ended) = (Some(verdict), Some(now));
                return Some(job);
            }
        }
        None
    }
}

impl Job {
    /// Returns how it ended, in a line.
    pub fn last_word(&self) -> Option<String> {
        let verdict = self.verdict.as_ref()?.to_string();
        let (word, why) = verdict.split_once(": ").unwrap_or((&verdict, ""));
        let why = Some(beside(why, &self.title)).filter(|it| !it.is_empty());
        let why = why.map(|it| format!(": {it}")).unwrap_or_default();
        Some(format!("{} {word}{why}", self.title))
    }

    fn new(id: JobId, started: Timestamp) -> Self {
        Self {
            id,
            title: String::new(),
            steps: 0,
            done: 0,
            doing: String::new(),
            notes: Vec::new(),
            board: None,
            tails: BTreeMap::new(),
            started,
            ended: None,
            verdict: None,
        }
    }

    /// Returns whether it can be paused, or why not.
    pub fn can_pause(&self) -> Result<(), &'static str> {
        match &self.board {
            _ if self.verdict.is_some() => Err("this job is over"),
            None => Err("only deployments can be paused"),
            Some(board) if board.back.is_some() => {
                Err("a rollback cannot be paused or cancelled: it ends by itself")
            }
            Some(_) => Ok(()),
        }
    }

    /// Returns whether it can be asked to stop, or why not.
    pub fn can_stop(&self) -> Result<(), &'static str> {
        match &self.board {
            Some(board) if board.back.is_some() => self.can_pause(),
            _ if self.verdict.is_some() => Err("this job is over"),
            _ => Ok(()),
        }
    }

    pub fn is_paused(&self) -> bool {
        self.board.as_ref().is_some_and(|it| it.paused)
    }

    /// Keeps the newer board, and what became of services since the older one.
    fn progress(&mut self, board: Board, now: Timestamp) {
        let before = self.board.take().unwrap_or_default();
        if before.paused != board.paused && board.back.is_none() {
            let words = if board.paused { "paused" } else { "resumed" };
            self.note(now, words.to_owned());
        }
        for lane in &board.services {
            let old = before.services.iter().find(|it| it.service == lane.service);
            let same = old.is_some_and(|it| it.state == lane.state);
            let quiet = matches!(lane.state, LaneState::Waiting | LaneState::Untouched);
            if !same && !quiet && lane.act.is_some() {
                self.note(now, format!("{}: {}", lane.service, lane.words()));
            }
        }
        self.board = Some(board);
    }

    /// The same trouble every half second is one note; the oldest notes give way.
    fn note(&mut self, at: Timestamp, note: String) {
        if self.notes.last().is_some_and(|it| it.1 == note) {
            return;
        }
        if self.notes.len() == NOTES {
            self.notes.remove(0);
        }
        self.notes.push((at, note));
    }
}
