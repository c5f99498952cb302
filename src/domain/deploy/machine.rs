//! The machine itself: which move is next, and what an observation changes.

use crate::domain::{
    cluster::Kind,
    converge::Progress,
    deploy::{
        Act, Aim, Before, Fault, Mode, Move, Observation, Outcome, Stage, Standing, Track, Write,
        clock::Clock, gate::Goal, limits::SETTLES,
    },
};
use std::{
    collections::{BTreeMap, VecDeque},
    mem::take,
    time::Duration,
};

/// So many objects are written side by side.
const AT_ONCE: usize = 4;
/// So long the engine may be out of sight before somebody has to look.
const BLIND: Duration = Duration::from_secs(600);

/// A running deployment.
///
/// Invariant: `sent` has every write of the way there that may have reached the
/// cluster, also one whose answer was lost, and those of an interrupted deployment
/// that this one answers for; so the way back forgets none.
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

    /// Begins with the way back, for what is owed.
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

    /// Takes in what the last move brought, or that the operator had enough.
    pub fn observe(&mut self, seen: Observation) {
        match seen {
            Observation::Written { at, results } => self.written(at, results),
            Observation::Seen { at, services } => self.saw(at, services),
            Observation::Blind { at, why } => self.saw_nothing(at, &why),
            Observation::Cancelled => self.cancel(),
        }
        self.conclude();
    }

    /// Writes nothing more until it is let go. What is written is still looked at, and
    /// its limits count on. The way back cannot be held.
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

    /// Returns why it turns back, while it does.
    pub fn because(&self) -> Option<&str> {
        match &self.way {
            Way::Back { because, .. } => Some(because),
            _ => None,
        }
    }

    /// Returns whether nobody looks at what is sent.
    pub fn is_detached(&self) -> bool {
        self.mode == Mode::Detached
    }

    pub fn aims(&self) -> impl Iterator<Item = &Aim> {
        self.aims.iter()
    }

    /// Returns the services that are watched in the present direction.
    pub fn tracks(&self) -> impl Iterator<Item = (&Aim, &Track)> {
        self.tracks.iter().map(|it| (&self.aims[*it.0], it.1))
    }

    /// Returns the services that were lost on the way there, and why.
    pub fn lost(&self) -> impl Iterator<Item = (&Aim, &str)> {
        self.lost.iter().map(|it| (&self.aims[*it.0], it.1.as_str()))
    }

    /// Returns whether it came to an end.
    pub fn is_over(&self) -> bool {
        matches!(self.way, Way::Over(_))
    }

    /// Returns whether it ended, and is neither here nor there.
    pub fn needs_person(&self) -> bool {
        matches!(self.way, Way::Over(Outcome::NeedsPerson { .. }))
    }

    /// Returns why and when it turned back, also once it is over.
    pub fn turned(&self) -> Option<(&str, Duration)> {
        self.turned.as_ref().map(|it| (it.because.as_str(), it.at))
    }

    pub fn direction(&self) -> Direction {
        if self.turned.is_some() { Direction::Back } else { Direction::There }
    }

    /// Returns for how long the engine was out of sight, in which nothing counts.
    pub fn unseen(&self) -> Duration {
        self.clock.unseen()
    }

    /// Returns how far each aim has come, or came before it turned back.
    pub fn positions(&self, direction: Direction) -> impl Iterator<Item = (&Aim, Position<'_>)> {
        let left = self.turned.as_ref().filter(|_| direction == Direction::There);
        let (todo, tracks) = left.map_or((&self.todo, &self.tracks), |it| (&it.todo, &it.tracks));
        self.aims.iter().enumerate().map(move |(index, aim)| {
            let position = match tracks.get(&index) {
                Some(track) => Position::Watched(track),
                None if todo.contains(&index) => Position::Waiting,
                None if self.sent.contains(&index) => Position::Written,
                None => Position::Alone,
            };
            (aim, position)
        })
    }

    /// Returns how a service stood when the deployment turned back.
    pub fn was(&self, aim: &Aim) -> Option<&Track> {
        let index = self.aims.iter().position(|it| it.object == aim.object)?;
        self.turned.as_ref()?.tracks.get(&index)
    }

    /// Returns what is written of an aim in the present direction, if anything is.
    pub fn act_of(&self, aim: &Aim) -> Option<Act> {
        let index = self.aims.iter().position(|it| it.object == aim.object)?;
        match self.direction() {
            Direction::There => aim.act,
            Direction::Back => {
                let undo = aim.owed.or(aim.act.map(Act::inverse));
                undo.filter(|_| self.sent.contains(&index))
            }
        }
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

    /// On the way back services come first, all at once, and then what they used.
    fn stage(&self, aim: usize) -> Stage {
        match (self.is_turning_back(), self.aims[aim].object.kind) {
            (false, _) => self.aims[aim].stage,
            (true, Kind::Services) => Stage::Wave(0),
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

    fn written(&mut self, at: Duration, results: Vec<Result<(), Fault>>) {
        let now = self.clock.tick(at);
        let mut faults = Vec::new();
        for result in results {
            let Some(aim) = self.todo.pop_front() else { break };
            let arrived = !matches!(result, Err(Fault::Refused(_)));
            if self.way == Way::There && arrived && !self.sent.contains(&aim) {
                self.sent.push(aim);
            }
            match result {
                Ok(()) => self.watch(aim, now),
                Err(Fault::Refused(why) | Fault::Unknown(why)) => {
                    faults.push(format!("{}: {why}", self.aims[aim].object));
                    self.remember(aim, why);
                }
            }
        }
        self.take_in(&faults, true);
    }

    /// Begins to watch what was written, if it is something that moves.
    fn watch(&mut self, aim: usize, now: Duration) {
        let (back, act) = (self.is_turning_back(), self.act(aim));
        let Aim { object, owed, before, limits, limits_back, .. } = &self.aims[aim];
        if object.kind != Kind::Services {
            return;
        }
        let goal = match act {
            Some(Act::Remove) => Goal::Gone,
            Some(_) if back && *before == Before::Ailing => Goal::There,
            None if owed.is_none() => Goal::StillHealthy,
            _ if back => Goal::HealthyAgain,
            _ => Goal::Healthy,
        };
        let mut limits = if back { *limits_back } else { *limits };
        if self.mode == Mode::Fast || goal == Goal::StillHealthy {
            limits.window = limits.window.min(SETTLES);
        }
        if !back && self.sent.is_empty() {
            // Nothing was changed that could disturb it.
            limits.window = Duration::ZERO;
        }
        self.tracks.insert(aim, Track::towards(goal, limits, now));
    }

    fn saw(&mut self, at: Duration, mut services: BTreeMap<String, Progress>) {
        let now = self.clock.tick(at);
        let mut lost = Vec::new();
        for (aim, track) in self.tracks.iter_mut().filter(|it| !it.1.is_lost()) {
            track.see(services.remove(&self.aims[*aim].object.name), now);
            if let Standing::Lost(why) = &track.standing {
                lost.push((*aim, why.clone()));
            }
        }
        let words = |it: &(usize, String)| format!("{}: {}", self.aims[it.0].object, it.1);
        let faults: Vec<String> = lost.iter().map(words).collect();
        // What was broken before and left alone is no reason to give up the rest.
        let ours = |it: &Aim| it.act.or(it.owed).is_some() || it.before == Before::Healthy;
        let at_fault = lost.iter().any(|it| ours(&self.aims[it.0]));
        for (aim, why) in lost {
            self.remember(aim, why);
        }
        self.take_in(&faults, at_fault);
    }

    fn saw_nothing(&mut self, at: Duration, why: &str) {
        if self.clock.miss(at) < BLIND {
            return;
        }
        let unknown = |it: &usize| format!("{}: nobody knows", self.aims[*it].object);
        let differs: Vec<String> = self.sent.iter().map(unknown).collect();
        let because = format!("the engine is out of sight for {} s: {why}", BLIND.as_secs());
        self.way = Way::Over(match differs.is_empty() {
            true => Outcome::Failed { because, changed: false },
            false => Outcome::NeedsPerson { because, differs },
        });
    }

    fn cancel(&mut self) {
        if self.way != Way::There {
            return;
        }
        if self.mode == Mode::Safe && !self.sent.is_empty() {
            self.turn_back("stopped by the operator".to_owned());
        } else {
            self.way = Way::Over(Outcome::Stopped { changed: !self.sent.is_empty() });
        }
    }

    /// Notes why a service was lost on the way there.
    fn remember(&mut self, aim: usize, why: String) {
        if !self.is_turning_back() && self.aims[aim].object.kind == Kind::Services {
            self.lost.insert(aim, why);
        }
    }

    /// Takes in what failed at the same moment. On the way back it is what
    /// differs; on the way there a safe deployment turns back, if it is at fault.
    fn take_in(&mut self, faults: &[String], at_fault: bool) {
        let changed = !self.sent.is_empty();
        match &mut self.way {
            _ if faults.is_empty() => {}
            Way::Back { differs, .. } => differs.extend_from_slice(faults),
            Way::There if self.mode == Mode::Safe && at_fault && changed => {
                self.turn_back(faults.join("; "));
            }
            Way::There => {
                self.way = Way::Over(Outcome::Failed { because: faults.join("; "), changed });
            }
            Way::Over(_) => {}
        }
    }

    fn turn_back(&mut self, because: String) {
        self.turned = Some(Turned {
            because: because.clone(),
            at: self.clock.now(),
            todo: take(&mut self.todo),
            tracks: take(&mut self.tracks),
        });
        self.way = Way::Back { because, differs: Vec::new() };
        let is_object = |it: &usize| self.aims[*it].object.kind != Kind::Services;
        let (objects, services): (Vec<_>, Vec<_>) =
            self.sent.iter().rev().copied().partition(is_object);
        self.todo = services.into_iter().chain(objects).collect();
    }

    /// Ends a direction in which nothing is left to be done.
    fn conclude(&mut self) {
        let stands = self.tracks.values().all(Track::is_over) || self.mode == Mode::Detached;
        let only_removals = self.todo.iter().all(|it| self.aims[*it].stage == Stage::Removals);
        let (untouched, done) = (self.has_untouched(), self.todo.is_empty());
        match &mut self.way {
            Way::There if stands && only_removals && untouched => self.watch_untouched(),
            Way::There if stands && done => self.way = Way::Over(Outcome::Deployed),
            Way::Back { because, differs } if stands && done => {
                let (because, differs) = (take(because), take(differs));
                self.way = Way::Over(match differs.is_empty() {
                    true => Outcome::RolledBack { because },
                    false => Outcome::NeedsPerson { because, differs },
                });
            }
            _ => {}
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

    fn watch_untouched(&mut self) {
        let now = self.clock.now();
        for aim in self.untouched().collect::<Vec<_>>() {
            self.watch(aim, now);
        }
    }
}
