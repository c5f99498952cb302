//! State transitions by observations, up to rollback and end.

use crate::domain::{
    deployment::{
        deploy::{
            Act, Aim, Before, Fault, Mode, Observation, Outcome, ServiceStage, Stage, Track,
            gate::Goal,
            limits::SETTLES,
            machine::{Deployment, Turned, Way},
        },
        verdict::CANCELLED,
    },
    health::converge::Progress,
    swarm::cluster::ObjectKind,
};
use std::{collections::BTreeMap, mem::take, time::Duration};

/// How long the engine may be out of sight before somebody has to look.
const BLIND: Duration = Duration::from_secs(600);

impl Deployment {
    /// Takes in what the last move brought, or that the operator had enough.
    pub fn observe(&mut self, seen: Observation) {
        match seen {
            Observation::Written { at, results } => self.written(at, results),
            Observation::NotSent { why } => self.take_in(&[why]),
            Observation::Seen { at, services } => self.saw(at, services),
            Observation::Blind { at, why } => self.saw_nothing(at, &why),
            Observation::Cancelled => self.cancel(),
        }
        self.conclude();
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
        self.take_in(&faults);
    }

    /// Begins to watch what was written, if it is something that moves.
    fn watch(&mut self, aim: usize, now: Duration) {
        let (back, act) = (self.is_turning_back(), self.act(aim));
        let Aim { object, owed, before, limits, limits_back, .. } = &self.aims[aim];
        if object.kind != ObjectKind::Services {
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
            if let ServiceStage::Lost(why) = &track.standing {
                lost.push((*aim, why.clone()));
            }
        }
        let words = |it: &(usize, String)| format!("{}: {}", self.aims[it.0].object, it.1);
        let faults: Vec<String> = lost.iter().map(words).collect();
        // What was broken before and left alone is no reason to give up the rest: it is
        // told at the end.
        let ours = |it: &Aim| it.act.or(it.owed).is_some() || it.before == Before::Healthy;
        let at_fault = lost.iter().any(|it| ours(&self.aims[it.0]));
        for (aim, why) in lost {
            self.remember(aim, why);
        }
        if at_fault || self.is_turning_back() {
            self.take_in(&faults);
        }
    }

    fn saw_nothing(&mut self, at: Duration, why: &str) {
        if self.clock.miss(at) < BLIND {
            return;
        }
        let unknown = |it: &usize| format!("{}: nobody knows", self.aims[*it].object);
        let differs: Vec<String> = self.sent.iter().map(unknown).collect();
        let because = format!("the engine has not answered for {}s: {why}", BLIND.as_secs());
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
            self.turn_back(CANCELLED.to_owned());
        } else {
            self.way = Way::Over(Outcome::Stopped { changed: !self.sent.is_empty() });
        }
    }

    /// Notes why a service was lost on the way there.
    fn remember(&mut self, aim: usize, why: String) {
        if !self.is_turning_back() && self.aims[aim].object.kind == ObjectKind::Services {
            self.lost.insert(aim, why);
        }
    }

    /// Takes in what failed at the same moment. During a rollback it is what
    /// differs; on the way there a safe deployment turns back.
    fn take_in(&mut self, faults: &[String]) {
        let changed = !self.sent.is_empty();
        match &mut self.way {
            _ if faults.is_empty() => {}
            Way::Back { differs, .. } => differs.extend_from_slice(faults),
            Way::There if self.mode == Mode::Safe && changed => {
                self.turn_back(faults.join("; "));
            }
            Way::There => {
                self.way = Way::Over(Outcome::Failed { because: faults.join("; "), changed });
            }
            Way::Over(_) => {}
        }
    }

    pub(super) fn turn_back(&mut self, because: String) {
        self.turned = Some(Turned {
            because: because.clone(),
            at: self.clock.now(),
            todo: take(&mut self.todo),
            tracks: take(&mut self.tracks),
        });
        self.way = Way::Back { because, differs: Vec::new() };
        let is_object = |it: &usize| self.aims[*it].object.kind != ObjectKind::Services;
        let (objects, services): (Vec<_>, Vec<_>) =
            self.sent.iter().rev().copied().partition(is_object);
        self.todo = services.into_iter().chain(objects).collect();
    }

    /// Ends a direction in which nothing is left to be done.
    pub(super) fn conclude(&mut self) {
        let stands = self.tracks.values().all(Track::is_over) || self.mode == Mode::Detached;
        let only_removals = self.todo.iter().all(|it| self.aims[*it].stage == Stage::Removals);
        let (untouched, done) = (self.has_untouched(), self.todo.is_empty());
        match &mut self.way {
            Way::There if stands && only_removals && untouched => self.watch_untouched(),
            Way::There if stands && done => self.way = Way::Over(self.arrived()),
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

    /// Says how the way there ended, of which all is done: what was lost on it had been
    /// broken before.
    fn arrived(&self) -> Outcome {
        let words = |(aim, why): (&Aim, &str)| format!("{}: {why}", aim.object);
        let because: Vec<String> = self.lost().map(words).collect();
        match because.is_empty() {
            true => Outcome::Deployed,
            false => {
                Outcome::Failed { because: because.join("; "), changed: !self.sent.is_empty() }
            }
        }
    }

    fn watch_untouched(&mut self) {
        let now = self.clock.now();
        for aim in self.untouched().collect::<Vec<_>>() {
            self.watch(aim, now);
        }
    }
}
