//! The deployment state machine: its state, and the next move.

mod observing;
mod telling;

use crate::domain::{
    deployment::deploy::{Act, Aim, Mode, Move, Outcome, Stage, Track, Write, clock::Clock},
    swarm::cluster::ObjectKind,
};
use std::{
    collections::{BTreeMap, VecDeque},
    time::Duration,
};

/// So many objects are written side by side.
const AT_ONCE: usize = 4;

/// A running deployment.
///
/// Invariant: `sent` has every write of the way there that may have reached the
/// cluster, also one whose answer was lost, and those of an interrupted deployment
/// that this one answers for; so the rollback forgets none.
#[derive(Debug, Clone)]
pub struct Deployment {
    aims: Vec<Aim>,
    mode: Mode,
    way: Way,
    /// What is still to be written in this direction. Aims go by their index.
    todo: VecDeque<usize>,
    sent: Vec<usize>,
    /// Services that are watched in this direction.
    tracks: BTreeMap<usize, Track>,
    /// Services that were lost on the way there, and why.
    lost: BTreeMap<usize, String>,
    /// What it left behind when it turned back.
    turned: Option<Turned>,
    /// Nothing more is written on the way there.
    held: bool,
    clock: Clock,
}

/// The way there, as it stood when a deployment turned back.
#[derive(Debug, Clone)]
struct Turned {
    because: String,
    at: Duration,
    todo: VecDeque<usize>,
    tracks: BTreeMap<usize, Track>,
}

/// Which way a deployment goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    There,
    Back,
}

/// How far an aim has come in one direction.
#[derive(Debug, Clone, Copy)]
pub enum Position<'a> {
    /// It is still to be written.
    Waiting,
    Watched(&'a Track),
    /// It is written, and nothing that moves.
    Written,
    /// Nothing is written, and nobody looks.
    Alone,
}

#[derive(Debug, Clone, PartialEq)]
enum Way {
    There,
    Back { because: String, differs: Vec<String> },
    Over(Outcome),
}

impl Deployment {
    /// Begins a deployment; `aims` come in the order of their stages.
    pub fn new(aims: Vec<Aim>, mode: Mode) -> Self {
        let mut deployment = Self::of(aims, mode);
        deployment.conclude();
        deployment
    }

    /// Begins with the rollback, for what is owed.
    pub fn back(aims: Vec<Aim>, because: String) -> Self {
        let mut deployment = Self::of(aims, Mode::Safe);
        deployment.turn_back(because);
        deployment.conclude();
        deployment
    }

    fn of(aims: Vec<Aim>, mode: Mode) -> Self {
        Self {
            mode,
            way: Way::There,
            todo: (0..aims.len()).filter(|it| aims[*it].act.is_some()).collect(),
            sent: (0..aims.len()).filter(|it| aims[*it].owed.is_some()).collect(),
            tracks: BTreeMap::new(),
            lost: BTreeMap::new(),
            turned: None,
            held: false,
            clock: Clock::default(),
            aims,
        }
    }

    pub fn next_move(&self) -> Move {
        if let Way::Over(outcome) = &self.way {
            return Move::Finish(outcome.clone());
        }
        let batch = self.batch();
        match self.is_turning_back() {
            _ if batch.is_empty() => Move::Look,
            true => Move::Restore(batch),
            false => Move::Apply(batch),
        }
    }

    /// Writes nothing more until it is let go. What is written is still looked at, and
    /// its limits count on. The rollback cannot be held.
    pub fn hold(&mut self, held: bool) {
        self.held = held;
    }

    /// Returns whether something waits to be let go.
    pub fn is_held(&self) -> bool {
        self.held && self.way == Way::There
    }

    /// Returns whether it takes its changes back. It cannot be cancelled then.
    pub fn is_turning_back(&self) -> bool {
        matches!(self.way, Way::Back { .. })
    }

    fn batch(&self) -> Vec<Write> {
        if self.is_held() {
            return Vec::new();
        }
        let Some(first) = self.todo.front() else { return Vec::new() };
        let stage = self.stage(*first);
        if !self.may_enter(stage) {
            return Vec::new();
        }
        let same = self.todo.iter().take_while(|it| self.stage(**it) == stage);
        same.take(AT_ONCE)
            .filter_map(|it| {
                let object = self.aims[*it].object.clone();
                Some(Write { object, act: self.act(*it)? })
            })
            .collect()
    }

    /// Returns what is written of an aim in the present direction.
    fn act(&self, aim: usize) -> Option<Act> {
        let Aim { act, owed, .. } = self.aims[aim];
        if self.is_turning_back() { owed.or(act.map(Act::inverse)) } else { act }
    }

    /// During a rollback services come first, all at once, and then what they used.
    fn stage(&self, aim: usize) -> Stage {
        match (self.is_turning_back(), self.aims[aim].object.kind) {
            (false, _) => self.aims[aim].stage,
            (true, ObjectKind::Services) => Stage::Wave(0),
            (true, _) => Stage::Removals,
        }
    }

    fn may_enter(&self, stage: Stage) -> bool {
        let before = self.tracks.iter().filter(|it| self.stage(*it.0) < stage);
        let mut before = before.map(|it| it.1);
        let careless = self.mode != Mode::Safe || self.is_turning_back();
        match stage {
            _ if self.mode == Mode::Detached => true,
            Stage::Objects => true,
            Stage::Wave(_) => careless || before.all(Track::has_arrived),
            Stage::Removals => before.all(Track::is_over) && !self.has_untouched(),
        }
    }

    /// Returns whether services that were left alone still have to be looked at.
    /// That comes last: they may have waited for the others.
    fn has_untouched(&self) -> bool {
        self.way == Way::There
            && self.mode != Mode::Detached
            && self.untouched().any(|it| !self.tracks.contains_key(&it))
    }

    fn untouched(&self) -> impl Iterator<Item = usize> {
        let alone = |it: &Aim| it.act.is_none() && matches!(it.stage, Stage::Wave(_));
        (0..self.aims.len()).filter(move |it| alone(&self.aims[*it]))
    }
}
