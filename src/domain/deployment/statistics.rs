//! Deployment statistics: failure rate, durations and causes.

use crate::domain::{
    deployment::release::{Release, ReleaseState},
    swarm::names::StackName,
};
use jiff::SignedDuration;
use serde::Serialize;
use std::{cmp::Reverse, collections::BTreeMap};

/// The figures of a series of releases, of one stack or of several.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Statistics {
    pub releases: usize,
    /// Those that came to an end that says something: neither open nor cancelled,
    /// nor found in the cluster.
    pub ended: usize,
    /// Those of them that failed, whatever became of it.
    pub failed: usize,
    /// Those that failed and left all as it was before.
    pub restored: usize,
    /// Those whose rollback failed too.
    pub not_restored: usize,
    /// Those that somebody cancelled, and that left all as it was or as it stood.
    pub cancelled: usize,
    /// How long it took until the end of those that ended was known.
    pub verdict: Option<Times>,
    /// How long the stack was not as it should be, from the start of a release that
    /// failed until all was as before, or a later one was healthy.
    pub recovery: Option<Times>,
    /// Whether a stack has not recovered from its last failure.
    pub broken: bool,
    /// Why releases failed, the most frequent first.
    pub causes: Vec<Cause>,
}

/// In whole seconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Times {
    /// Half of them were no longer than this.
    pub median: i64,
    pub longest: i64,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Cause {
    /// That of the newest release, with its numbers.
    pub cause: String,
    pub count: usize,
}

impl Statistics {
    /// Counts; the releases of each stack come newest first.
    pub fn of(releases: &[Release]) -> Self {
        let telling = |it: &&Release| !it.state.is_open() && !it.was_cancelled() && !it.adopted;
        let ended: Vec<&Release> = releases.iter().filter(telling).collect();
        let failed: Vec<&Release> = ended.iter().copied().filter(|it| has_failed(it)).collect();
        let back = |with: bool| failed.iter().filter(|it| it.restored == Some(with)).count();
        let (recovery, broken) = recoveries(&ended);
        Self {
            releases: releases.len(),
            ended: ended.len(),
            cancelled: releases.iter().filter(|it| it.was_cancelled()).count(),
            failed: failed.len(),
            restored: back(true),
            not_restored: back(false),
            verdict: times(ended.iter().filter_map(|it| it.took()).collect()),
            recovery: times(recovery),
            broken,
            causes: causes(&failed),
        }
    }

    /// Returns how many of a hundred that ended failed; nothing where none ended.
    pub fn failure_rate(&self) -> Option<usize> {
        (self.failed * 100 + self.ended / 2).checked_div(self.ended)
    }
}

fn has_failed(release: &Release) -> bool {
    matches!(release.state, ReleaseState::Failed | ReleaseState::RolledBack)
}

/// Returns how long each time of trouble was, and whether the last one lasts.
fn recoveries(ended: &[&Release]) -> (Vec<SignedDuration>, bool) {
    let mut stacks: BTreeMap<&StackName, Vec<&Release>> = BTreeMap::new();
    for release in ended {
        stacks.entry(&release.key.stack).or_default().push(release);
    }
    let each = stacks.values().map(|it| recoveries_of_one(it));
    let (lengths, broken): (Vec<_>, Vec<bool>) = each.unzip();
    (lengths.concat(), broken.contains(&true))
}

fn recoveries_of_one(newest_first: &[&Release]) -> (Vec<SignedDuration>, bool) {
    let mut lengths = Vec::new();
    let mut since = None;
    for release in newest_first.iter().rev() {
        let began = release.started.unwrap_or(release.order.queued);
        match release.state {
            ReleaseState::Failed | ReleaseState::Unhealthy => _ = since.get_or_insert(began),
            // It brought back what was: trouble, if that was trouble before.
            ReleaseState::RolledBack if since.is_none() => lengths.extend(release.took()),
            ReleaseState::Healthy => {
                let until = release.finished.unwrap_or(began);
                lengths.extend(since.take().map(|it| until.duration_since(it)));
            }
            ReleaseState::Removed => since = None,
            _ => {}
        }
    }
    (lengths, since.is_some())
}

fn times(mut all: Vec<SignedDuration>) -> Option<Times> {
    all.sort();
    let (median, longest) = (all.get(all.len().checked_sub(1)? / 2)?, all.last()?);
    Some(Times { median: median.as_secs(), longest: longest.as_secs() })
}

fn causes(failed: &[&Release]) -> Vec<Cause> {
    let mut counts: BTreeMap<String, Cause> = BTreeMap::new();
    for release in failed {
        let reason = release.reason.as_deref().unwrap_or("no reason was written down");
        let cause = cause(reason);
        let newest = || Cause { cause: cause.clone(), count: 0 };
        counts.entry(without_numbers(&cause)).or_insert_with(newest).count += 1;
    }
    let mut causes: Vec<Cause> = counts.into_values().collect();
    causes.sort_by_key(|it| Reverse(it.count));
    causes
}

/// Takes from a reason what it has in common with others: no object, no task, and
/// of several faults the first.
fn cause(reason: &str) -> String {
    // States of earlier versions say it in other words.
    let urgent = ["needs attention: ", "needs a person: "];
    let reason = urgent.iter().find_map(|it| reason.strip_prefix(it)).unwrap_or(reason);
    let first = reason.split("; ").next().unwrap_or(reason);
    let mut clauses = first.split(": ").peekable();
    let objects = ["service ", "network ", "secret ", "config "];
    if clauses.peek().is_some_and(|it| objects.iter().any(|object| it.starts_with(object))) {
        clauses.next();
    }
    // The engine names the task whose end stopped the update.
    let telling = clauses.filter(|it| !it.contains(" of task "));
    let parts: Vec<&str> = telling.collect();
    if parts.is_empty() { first.to_owned() } else { parts.join(": ") }
}

/// Returns what causes have in common that differ in how much, how often and how long.
fn without_numbers(text: &str) -> String {
    let word = |it: &str| match it.trim_start_matches('(') {
        number if is_number(number) => it.replace(number, "N"),
        _ => it.to_owned(),
    };
    text.split(' ').map(word).collect::<Vec<_>>().join(" ")
}

/// Returns whether it is a number, with or without a unit: `3`, `10s`.
fn is_number(word: &str) -> bool {
    let digits = word.strip_suffix(['s', 'm', 'h']).unwrap_or(word);
    !digits.is_empty() && digits.chars().all(|it| it.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::deployment::{
        audit::Operator,
        release::{Order, ReleaseKey},
    };
    use jiff::Timestamp;

    /// Releases as `state started finished reason`, oldest first.
    fn statistics(lines: &[&str]) -> Statistics {
        let releases: Vec<Release> = lines.iter().rev().map(|it| release(it)).collect();
        Statistics::of(&releases)
    }

    fn release(line: &str) -> Release {
        let mut words = line.splitn(4, ' ');
        let state = words.next().unwrap();
        let mut moment = || Timestamp::from_second(words.next()?.parse().ok()?).ok();
        let (started, finished) = (moment(), moment());
        let reason = words.next().map(ToOwned::to_owned);
        let order = Order {
            who: Operator { user: "ann".to_owned(), from: None, host: "m1".to_owned() },
            context: None,
            address: "demo".to_owned(),
            message: String::new(),
            queued: Timestamp::UNIX_EPOCH,
        };
        let stack = "shop".parse().unwrap();
        let key = ReleaseKey { cluster: "c1".to_owned(), stack, revision: 1 };
        let needs_person = reason.as_ref().is_some_and(|it| it.starts_with("needs attention"));
        Release {
            state: serde_json::from_value(state.into()).unwrap(),
            restored: match state {
                "rolled-back" => Some(true),
                _ => needs_person.then_some(false),
            },
            started,
            finished,
            reason,
            ..Release::queued(key, order)
        }
    }

    #[test]
    fn releases_are_counted_by_how_they_ended() {
        let figures = statistics(&[
            "healthy 0 10",
            "rolled-back 100 130 service web: x",
            "cancelled 150 151",
            "rolled-back 160 165 stopped by the operator; all is as it was, after 5 s",
            "failed 200 220 needs attention: service web: x",
            "failed 300 320 service web: x",
            "deploying 400",
        ]);
        assert_eq!((figures.releases, figures.ended, figures.failed), (7, 4, 3));
        assert_eq!((figures.cancelled, figures.causes.len()), (2, 1));
        assert_eq!((figures.restored, figures.not_restored), (1, 1));
        assert_eq!(figures.failure_rate(), Some(75));
        assert_eq!(figures.verdict, Some(Times { median: 20, longest: 30 }));
        assert_eq!(statistics(&[]), Statistics::default());
        assert_eq!(statistics(&[]).failure_rate(), None);
    }

    #[track_caller]
    fn check(lines: &[&str], expected: Option<(i64, i64)>, broken: bool) {
        let figures = statistics(lines);
        let found = figures.recovery.map(|it| (it.median, it.longest));
        assert_eq!((found, figures.broken), (expected, broken), "{lines:?}");
    }

    #[test]
    fn a_stack_recovers_by_going_back_or_by_the_next_healthy_release() {
        check(&["healthy 0 10"], None, false);
        check(&["healthy 0 10", "rolled-back 100 130"], Some((30, 30)), false);
        check(&["failed 0 10", "healthy 50 70"], Some((70, 70)), false);
        check(&["failed 0 10", "failed 20 30", "healthy 50 70"], Some((70, 70)), false);
        let cancelled = "rolled-back 100 130 the deployment was cancelled; all is as it was";
        check(&["healthy 0 10", cancelled], None, false);
        check(&["failed 0 10"], None, true);
        check(&["failed 0 10", "rolled-back 20 30"], None, true);
        check(&["failed 0 10", "rolled-back 20 30", "healthy 40 50"], Some((50, 50)), false);
    }

    #[test]
    fn what_one_stack_recovers_from_does_not_mend_another() {
        let of = |stack: &str, lines: &[&str]| {
            let releases = lines.iter().rev().map(|it| release(it));
            let key = |it: Release| ReleaseKey { stack: stack.parse().unwrap(), ..it.key };
            releases.map(|it| Release { key: key(it.clone()), ..it }).collect::<Vec<_>>()
        };
        let shop = of("shop", &["failed 0 10", "healthy 50 70"]);
        let blog = of("blog", &["healthy 0 10", "failed 60 65"]);
        let figures = Statistics::of(&[shop, blog].concat());
        assert_eq!((figures.failed, figures.broken), (2, true));
        assert_eq!(figures.recovery, Some(Times { median: 70, longest: 70 }));
    }

    #[test]
    fn causes_are_the_same_whatever_service_or_task_they_name() {
        let paused = |service: &str, task: &str| {
            format!(
                "rolled-back 0 9 service {service}: the engine paused the update: update paused due to failure or early termination of task {task}: task: non-zero exit (1); all is as it was, after 9s"
            )
        };
        let waiting = |tasks: &str| {
            format!(
                "failed 0 9 needs attention: service web: {tasks} of 5 tasks wait for a node: no suitable node"
            )
        };
        let lines =
            [paused("a", "x1"), waiting("2"), waiting("3"), paused("b", "y2"), paused("c", "z")];
        let figures = statistics(&lines.each_ref().map(String::as_str));
        let causes: Vec<_> = figures.causes.iter().map(|it| (it.count, &*it.cause)).collect();
        assert_eq!(
            causes,
            [
                (3, "the engine paused the update: task: non-zero exit (1)"),
                (2, "3 of 5 tasks wait for a node: no suitable node"),
            ]
        );
    }
}
