//! The progress board of a deployment: its steps, and the state of each service.

use crate::domain::{
    deployment::deploy::{
        Aim, Lane, LaneState, ServiceStage, Stage,
        machine::{Deployment, Direction, Position},
    },
    swarm::{cluster::ObjectKind, names::StackName},
};
use jiff::Timestamp;
use serde::{Serialize, Serializer};
use std::{collections::BTreeSet, fmt, time::Duration};

/// How far a deployment is. Moments are those of this machine's clock; time in which
/// the engine was out of sight is taken out, as limits do.
///
/// Two that are equal look the same, so one that did not change need not be told.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Board {
    pub stack: String,
    pub steps: Vec<DeployStep>,
    pub services: Vec<Lane>,
    /// Nothing more is written until it is resumed.
    pub paused: bool,
    pub back: Option<Back>,
}

/// Why and since when a deployment takes its changes back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Back {
    pub because: String,
    pub since: Timestamp,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct DeployStep {
    pub phase: Phase,
    pub state: StepState,
}

/// What a deployment does, in its order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Phase {
    /// Checks, preflight and the plan itself.
    Plan,
    Lock,
    /// Networks, secrets and configs.
    Objects,
    /// Services that depend on none but those of earlier waves; counts from 1.
    Wave(usize),
    /// Everything that was written must keep running.
    Gate,
    Removals,
    Restore,
    Verify,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum StepState {
    ToCome,
    Now,
    Done,
    Failed,
    /// It was not reached.
    Skipped,
}

impl Board {
    /// Returns the board of a deployment that is not known yet.
    pub fn beginning(stack: &StackName, phase: Phase) -> Self {
        let steps = [Phase::Plan, Phase::Lock].into_iter();
        let now = |it| if it == phase { StepState::Now } else { StepState::ToCome };
        let mut steps: Vec<DeployStep> =
            steps.map(|it| DeployStep { phase: it, state: now(it) }).collect();
        for step in steps.iter_mut().take_while(|it| it.state != StepState::Now) {
            step.state = StepState::Done;
        }
        Self { stack: stack.to_string(), steps, ..Self::default() }
    }

    /// Returns how far a deployment is that began at that moment.
    pub fn of(deployment: &Deployment, stack: &StackName, began: Timestamp) -> Self {
        let clock = |at: Duration| moment(began, deployment.unseen() + at);
        let back = deployment
            .turned()
            .map(|(because, at)| Back { because: because.to_owned(), since: clock(at) });
        Self {
            stack: stack.to_string(),
            steps: steps(deployment),
            services: lanes(deployment, clock),
            paused: deployment.is_held(),
            back,
        }
    }

    /// Hands out the words that are the engine's, to be changed.
    pub fn each_text(&mut self, change: &mut dyn FnMut(&mut String)) {
        self.back.iter_mut().for_each(|it| change(&mut it.because));
        for lane in &mut self.services {
            lane.trouble.iter_mut().chain(&mut lane.lost).for_each(&mut *change);
        }
    }

    /// Returns how many services reached their goal, of how many.
    pub fn settled(&self) -> (usize, usize) {
        let moving = || self.services.iter().filter(|it| it.state != LaneState::Untouched);
        (moving().filter(|it| it.state == LaneState::Settled).count(), moving().count())
    }

    /// Returns the name of a service within the stack.
    pub fn short<'a>(&self, lane: &'a Lane) -> &'a str {
        let rest = lane.service.strip_prefix(&self.stack).and_then(|it| it.strip_prefix('_'));
        rest.unwrap_or(&lane.service)
    }
}

impl Phase {
    /// Returns a word for people.
    pub fn words(self) -> String {
        match self {
            Self::Lock => "lock".to_owned(),
            Self::Objects => "networks, secrets, configs".to_owned(),
            Self::Wave(number) => format!("group {number}"),
            Self::Gate => "watch".to_owned(),
            Self::Removals => "remove".to_owned(),
            Self::Restore => "roll back".to_owned(),
            Self::Verify => "watch the rollback".to_owned(),
            Self::Plan => "plan".to_owned(),
        }
    }
}

impl fmt::Display for Phase {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Lock => f.write_str("lock"),
            Self::Plan => f.write_str("plan"),
            Self::Objects => f.write_str("objects"),
            Self::Wave(number) => write!(f, "wave-{number}"),
            Self::Gate => f.write_str("gate"),
            Self::Removals => f.write_str("removals"),
            Self::Restore => f.write_str("restore"),
            Self::Verify => f.write_str("verify"),
        }
    }
}

impl Serialize for Phase {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

fn moment(began: Timestamp, at: Duration) -> Timestamp {
    began.checked_add(at).unwrap_or(began)
}

fn lanes(deployment: &Deployment, clock: impl Fn(Duration) -> Timestamp) -> Vec<Lane> {
    let of_services = deployment.positions(deployment.direction());
    let of_services = of_services.filter(|it| it.0.object.kind == ObjectKind::Services);
    let mut lanes: Vec<Lane> =
        of_services.map(|(aim, position)| lane(deployment, aim, position, &clock)).collect();
    lanes.sort_by_key(|it| it.act.is_none());
    lanes
}

fn lane(
    deployment: &Deployment,
    aim: &Aim,
    position: Position<'_>,
    clock: impl Fn(Duration) -> Timestamp,
) -> Lane {
    let there = deployment.was(aim);
    let track = match position {
        Position::Watched(track) => Some(track),
        _ => None,
    };
    let seen = track.and_then(|it| it.seen.as_ref());
    let before = there.and_then(|it| it.seen.as_ref());
    let lost = deployment.lost().find(|it| it.0.object == aim.object).map(|it| it.1.to_owned());
    Lane {
        service: aim.object.name.clone(),
        act: deployment.act_of(aim),
        state: state(aim, position, deployment.direction()),
        running: seen.map_or(0, |it| it.running),
        desired: seen.or(before).map_or(0, |it| it.desired),
        tasks: seen.map(|it| it.slots.clone()).unwrap_or_default(),
        trouble: seen.and_then(|it| it.trouble.clone()),
        lost,
        culprit: [seen, before].into_iter().flatten().find_map(|it| it.culprit.clone()),
        since: track.map(|it| clock(it.since)),
        steady_at: track.and_then(|it| Some(clock(it.arrived? + it.limits.window))),
        deadline: track.map(|it| clock(it.since + it.limits.deadline)),
    }
}

fn state(aim: &Aim, position: Position<'_>, direction: Direction) -> LaneState {
    let moves = aim.object.kind == ObjectKind::Services;
    match position {
        Position::Waiting => LaneState::Waiting,
        Position::Written if moves && aim.act.is_none() && direction == Direction::There => {
            LaneState::Untouched
        }
        // The engine did not take it.
        Position::Written if moves => LaneState::Lost,
        Position::Alone if aim.act.is_some() && direction == Direction::There => LaneState::Lost,
        Position::Alone => LaneState::Untouched,
        Position::Written => LaneState::Settled,
        Position::Watched(track) => match track.standing {
            ServiceStage::Moving => LaneState::Moving,
            ServiceStage::Arrived => LaneState::Arrived,
            ServiceStage::Settled => LaneState::Settled,
            ServiceStage::Lost(_) => LaneState::Lost,
        },
    }
}

/// The steps there, as they stand or were left, and those back.
fn steps(deployment: &Deployment) -> Vec<DeployStep> {
    let done = [Phase::Plan, Phase::Lock].map(|phase| DeployStep { phase, state: StepState::Done });
    let mut steps = done.to_vec();
    let there: Vec<_> = deployment.positions(Direction::There).collect();
    let stages: BTreeSet<Stage> =
        there.iter().filter(|it| it.0.act.is_some()).map(|it| it.0.stage).collect();
    let mut waves = 0;
    let only_back = stages.is_empty() && deployment.turned().is_some();
    let mut gate = (!deployment.is_detached() && !only_back).then_some(Phase::Gate);
    for stage in stages {
        let phase = match stage {
            Stage::Objects => Phase::Objects,
            Stage::Wave(_) => {
                waves += 1;
                Phase::Wave(waves)
            }
            Stage::Removals => {
                steps.extend(
                    gate.take().map(|phase| DeployStep { phase, state: gate_state(&there) }),
                );
                Phase::Removals
            }
        };
        let written = there.iter().filter(|it| it.0.stage == stage && it.0.act.is_some());
        let states: Vec<LaneState> =
            written.map(|it| state(it.0, it.1, Direction::There)).collect();
        steps.push(DeployStep { phase, state: stage_state(&states, deployment.is_detached()) });
    }
    steps.extend(gate.map(|phase| DeployStep { phase, state: gate_state(&there) }));
    leave(&mut steps, deployment);
    if deployment.turned().is_some() {
        steps.extend(way_back(deployment));
    }
    steps
}

fn stage_state(states: &[LaneState], detached: bool) -> StepState {
    let all = |good: &[LaneState]| states.iter().all(|it| good.contains(it));
    if states.contains(&LaneState::Lost) {
        StepState::Failed
    } else if all(&[LaneState::Waiting]) {
        StepState::ToCome
    } else if all(&[LaneState::Arrived, LaneState::Settled])
        || detached && !states.contains(&LaneState::Waiting)
    {
        StepState::Done
    } else {
        StepState::Now
    }
}

/// The gate comes once all is written that is not to go, and is passed once all has
/// run for its window.
fn gate_state(there: &[(&Aim, Position<'_>)]) -> StepState {
    let stays = there.iter().filter(|it| it.0.stage != Stage::Removals);
    let stays = stays.filter(|it| it.0.act.is_some() || it.0.object.kind == ObjectKind::Services);
    let states: Vec<LaneState> = stays.map(|it| state(it.0, it.1, Direction::There)).collect();
    let has = |state: LaneState| states.contains(&state);
    if has(LaneState::Lost) {
        StepState::Failed
    } else if has(LaneState::Waiting) || has(LaneState::Moving) {
        StepState::ToCome
    } else if has(LaneState::Arrived) || has(LaneState::Untouched) {
        StepState::Now
    } else {
        StepState::Done
    }
}

/// Says of steps that did not come to their end what became of them.
fn leave(steps: &mut [DeployStep], deployment: &Deployment) {
    if deployment.turned().is_none() && !deployment.is_over() {
        return;
    }
    if deployment.is_deployed() {
        // What was left alone has no state of its own to end in.
        for step in steps {
            step.state = StepState::Done;
        }
        return;
    }
    let failed = steps.iter().position(|it| it.state == StepState::Failed);
    let failed = failed.or_else(|| steps.iter().position(|it| it.state != StepState::Done));
    for (index, step) in steps.iter_mut().enumerate() {
        step.state = match step.state {
            StepState::Done => StepState::Done,
            _ if Some(index) == failed => StepState::Failed,
            _ => StepState::Skipped,
        };
    }
}

fn way_back(deployment: &Deployment) -> [DeployStep; 2] {
    let back = deployment.positions(Direction::Back);
    let states: Vec<LaneState> = back.map(|it| state(it.0, it.1, Direction::Back)).collect();
    let waits = states.contains(&LaneState::Waiting);
    let settled = |it: &LaneState| matches!(it, LaneState::Settled | LaneState::Untouched);
    let (restore, verify) = match deployment.is_over() {
        _ if deployment.needs_person() => (StepState::Done, StepState::Failed),
        true => (StepState::Done, StepState::Done),
        false if waits => (StepState::Now, StepState::ToCome),
        false if states.iter().all(settled) => (StepState::Done, StepState::Done),
        false => (StepState::Done, StepState::Now),
    };
    [
        DeployStep { phase: Phase::Restore, state: restore },
        DeployStep { phase: Phase::Verify, state: verify },
    ]
}
