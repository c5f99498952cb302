//! Scenarios: a stack, what befalls it, and every move up to the end.

mod back;
mod board;
mod there;

use super::*;
use crate::domain::{
    deployment::deploy::gate::Goal,
    health::converge::{Phase, Progress},
    swarm::cluster::ObjectKind,
};

/// What becomes of a service after it was written.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Fate {
    Runs,
    Crashes,
    ImageMissing,
    Unhealthy,
    FitsNoNode,
    EnginePauses,
    /// The updater brings the old spec back by itself.
    EngineRollsBack,
    /// The same, and the first look has no task that explains it.
    EnginePausesFirst,
    /// A node died with a task that the updater waits for.
    Strands,
    NeverStarts,
    /// Its network is not there yet, for so many seconds.
    Waits(u64),
    /// A node pulls its image, and does not come to an end.
    Pulls,
    /// No node can have its image.
    NoImage,
    /// It runs for some seconds and then crashes.
    Collapses,
    Refused,
    AnswerLost,
}

use Fate::*;

/// Aims as words: `+` creates, `~` updates, `=` leaves alone, `-` removes; `?`
/// after it marks what was ailing before, `@1` the wave, `n/` a network.
fn stack(words: &str) -> Vec<Aim> {
    let aim = |word: &str| {
        let (act, rest) = word.split_at(1);
        let (rest, wave) = rest.split_once('@').unwrap_or((rest, "0"));
        let name = rest.trim_start_matches('?');
        let (kind, name) = match name.strip_prefix("n/") {
            Some(name) => (ObjectKind::Networks, name),
            None => (ObjectKind::Services, name),
        };
        let act = match act {
            "+" => Some(Act::Create),
            "~" => Some(Act::Update),
            "-" => Some(Act::Remove),
            _ => None,
        };
        let seconds = Duration::from_secs;
        let limits =
            DeployLimits { window: seconds(10), grace: seconds(30), deadline: seconds(600) };
        Aim {
            object: ObjectName { kind, name: name.to_owned() },
            act,
            owed: None,
            stage: match (kind, act) {
                (ObjectKind::Networks, _) => Stage::Objects,
                (_, Some(Act::Remove)) => Stage::Removals,
                _ => Stage::Wave(wave.parse().unwrap()),
            },
            before: match act {
                Some(Act::Create) => Before::Absent,
                _ if rest.starts_with('?') => Before::Ailing,
                _ => Before::Healthy,
            },
            limits,
            limits_back: limits,
        }
    };
    words.split_whitespace().map(aim).collect()
}

fn progress(fate: Fate, age: u64) -> Progress {
    let fine = Progress { running: 2, desired: 2, tolerance: 3, ..Progress::default() };
    let failing = |trouble: &str, failures, lasting| {
        let trouble = Some(trouble.to_owned());
        Progress { running: 1, trouble, failures, lasting, ..fine.clone() }
    };
    match fate {
        Crashes => failing("task: non-zero exit (1)", 3, 0),
        ImageMissing => failing("No such image: web:9", 2, 2),
        Unhealthy => failing("unhealthy container", 2, 2),
        Collapses if age > 5 => failing("task: non-zero exit (137)", 3, 0),
        FitsNoNode => Progress { pending: 1, ..failing("no suitable node", 0, 0) },
        EnginePauses => {
            let phase = Phase::Paused("update paused".to_owned());
            Progress { phase, ..failing("task: non-zero exit (1)", 1, 0) }
        }
        EngineRollsBack if age > 3 => {
            Progress { phase: Phase::RolledBack("rollback completed".to_owned()), ..fine }
        }
        EngineRollsBack => {
            let phase = Phase::RollingBack("update rolled back".to_owned());
            Progress { phase, ..failing("task: non-zero exit (1)", 1, 0) }
        }
        EnginePausesFirst if age > 1 => progress(EnginePauses, age),
        EnginePausesFirst => Progress { trouble: None, ..progress(EnginePauses, age) },
        Strands => Progress { phase: Phase::Updating, stranded: 1, ..failing("", 0, 0) },
        NeverStarts => failing("no reason", 0, 0),
        Waits(seconds) if age < seconds => {
            Progress { passing: 9, ..failing("Pool overlaps", 0, 0) }
        }
        Pulls => Progress {
            running: 0,
            preparing: Some("node3 prepares it, mostly a slow pull of web:9".to_owned()),
            ..fine
        },
        NoImage => Progress { doomed: 1, ..failing("No such image: web:9", 1, 0) },
        _ => fine,
    }
}

/// A stack with what befalls its services, there and back.
struct Story<'a> {
    stack: &'a str,
    mode: Mode,
    there: &'a [(&'a str, Fate)],
    back: &'a [(&'a str, Fate)],
    /// The operator stops it before this move, counted from 0.
    cancel: Option<usize>,
    /// What an interrupted deployment wrote before, as a stack.
    owed: &'a str,
    /// It does nothing but take that back.
    undo: bool,
}

const PLAIN: Story<'static> = Story {
    stack: "",
    mode: Mode::Safe,
    there: &[],
    back: &[],
    cancel: None,
    owed: "",
    undo: false,
};

/// Debts as words: what was written, as in a stack.
fn owed(words: &str) -> Vec<Debt> {
    let debt = |it: Aim| Debt {
        ailing: it.before == Before::Ailing,
        object: it.object,
        undo: it.act.unwrap().inverse(),
        before: None,
    };
    stack(words).into_iter().map(debt).collect()
}

impl Story<'_> {
    /// Plays it, a look each second; returns the writes and the end.
    fn play(&self) -> Vec<String> {
        let mut aims = stack(self.stack);
        inherit(&mut aims, &owed(self.owed));
        let mut deployment = match self.undo {
            true => Deployment::back(aims, "interrupted".to_owned()),
            false => Deployment::new(aims, self.mode),
        };
        let mut written: BTreeMap<String, (Fate, Act, u64)> = BTreeMap::new();
        let (mut told, mut looks) = (Vec::new(), 0_u64);
        for number in 0..2_000 {
            if self.cancel == Some(number) {
                deployment.observe(Observation::Cancelled);
            }
            let at = Duration::from_secs(looks);
            let (writes, mark) = match deployment.next_move() {
                Move::Finish(outcome) => {
                    told.push(end(&outcome, looks));
                    return told;
                }
                Move::Look => {
                    looks += 1;
                    let services = self.services(&written, looks);
                    deployment
                        .observe(Observation::Seen { at: Duration::from_secs(looks), services });
                    continue;
                }
                Move::Apply(writes) => (writes, ""),
                Move::Restore(writes) => (writes, "< "),
            };
            let words: Vec<String> = writes.iter().map(ToString::to_string).collect();
            told.push(format!("{mark}{}", words.join(", ")));
            let fates = if mark.is_empty() { self.there } else { self.back };
            let results = writes.iter().map(|it| {
                let name = it.object.name.clone();
                let fate = fates.iter().find(|it| it.0 == name).map_or(Runs, |it| it.1);
                written.insert(name, (fate, it.act, looks));
                match fate {
                    Refused => Err(Fault::Refused("not allowed".to_owned())),
                    AnswerLost => Err(Fault::Unknown("no answer".to_owned())),
                    _ => Ok(()),
                }
            });
            deployment.observe(Observation::Written { at, results: results.collect() });
        }
        panic!("no end: {told:#?}");
    }

    fn services(
        &self,
        written: &BTreeMap<String, (Fate, Act, u64)>,
        now: u64,
    ) -> BTreeMap<String, Progress> {
        let all = stack(self.stack).into_iter().chain(stack(self.owed));
        let services = all.filter(|it| it.object.kind == ObjectKind::Services);
        let seen = services.filter_map(|it| {
            let name = it.object.name;
            let fate = self.there.iter().find(|it| it.0 == name).map_or(Runs, |it| it.1);
            let (fate, act, since) = written.get(&name).copied().unwrap_or((fate, Act::Update, 0));
            (act != Act::Remove).then(|| (name, progress(fate, now - since)))
        });
        seen.collect()
    }
}

fn end(outcome: &Outcome, seconds: u64) -> String {
    match outcome {
        Outcome::Deployed => format!("deployed after {seconds} s"),
        Outcome::Failed { because, changed: true } => format!("failed, stays: {because}"),
        Outcome::Failed { because, changed: false } => format!("failed: {because}"),
        Outcome::Stopped { changed } => format!("stopped, changed: {changed}"),
        Outcome::RolledBack { because } => format!("rolled back: {because}"),
        Outcome::NeedsPerson { because, differs } => {
            format!("needs attention: {because}; differs: {}", differs.join(", "))
        }
    }
}

#[track_caller]
fn check(story: &Story<'_>, expected: &[&str]) {
    assert_eq!(story.play(), expected, "{}", story.stack);
}
