//! Scenarios: a stack, what befalls it, and every move up to the end.

mod board;

use super::*;
use crate::domain::{
    cluster::Kind,
    converge::{Phase, Progress},
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
            Some(name) => (Kind::Networks, name),
            None => (Kind::Services, name),
        };
        let act = match act {
            "+" => Some(Act::Create),
            "~" => Some(Act::Update),
            "-" => Some(Act::Remove),
            _ => None,
        };
        let seconds = Duration::from_secs;
        let limits = Limits { window: seconds(10), grace: seconds(30), deadline: seconds(600) };
        Aim {
            object: ObjectName { kind, name: name.to_owned() },
            act,
            owed: None,
            stage: match (kind, act) {
                (Kind::Networks, _) => Stage::Objects,
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
    let fine = Progress {
        running: 2,
        desired: 2,
        phase: Phase::Steady,
        trouble: None,
        failures: 0,
        lasting: 0,
        tolerance: 3,
        pending: 0,
        stranded: 0,
        culprit: None,
        places: Vec::new(),
    };
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
            Progress { phase: Phase::RolledBack("done".to_owned()), ..fine }
        }
        EngineRollsBack => {
            let phase = Phase::RollingBack("update rolled back".to_owned());
            Progress { phase, ..failing("task: non-zero exit (1)", 1, 0) }
        }
        EnginePausesFirst if age > 1 => progress(EnginePauses, age),
        EnginePausesFirst => Progress { trouble: None, ..progress(EnginePauses, age) },
        Strands => Progress { phase: Phase::Updating, stranded: 1, ..failing("", 0, 0) },
        NeverStarts => failing("no reason", 0, 0),
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
        let services = all.filter(|it| it.object.kind == Kind::Services);
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
            format!("needs a person: {because}; differs: {}", differs.join(", "))
        }
    }
}

#[track_caller]
fn check(story: &Story<'_>, expected: &[&str]) {
    assert_eq!(story.play(), expected, "{}", story.stack);
}

#[test]
fn a_good_update_goes_by_waves_and_removes_last() {
    check(
        &Story { stack: "+n/front +db ~web@1 =cache -old", ..PLAIN },
        &[
            "create network front",
            "create service db",
            "update service web",
            "remove service old",
            "deployed after 19 s",
        ],
    );
}

#[test]
fn a_stack_that_is_as_it_should_be_is_looked_at_and_not_written() {
    check(&Story { stack: "=db =web", ..PLAIN }, &["deployed after 1 s"]);
    check(&PLAIN, &["deployed after 0 s"]);
}

#[test]
fn an_engine_that_goes_back_by_itself_does_what_the_way_back_wants() {
    check(
        &Story {
            stack: "~web",
            there: &[("web", EngineRollsBack)],
            back: &[("web", EngineRollsBack)],
            ..PLAIN
        },
        &[
            "update service web",
            "< update service web",
            "rolled back: service web: the engine rolls back by itself: update rolled back: task: non-zero exit (1)",
        ],
    );
}

#[test]
fn whatever_loses_a_service_turns_the_deployment_back() {
    for (fate, because) in [
        (Crashes, "its tasks keep failing (3 so far): task: non-zero exit (1)"),
        (Collapses, "its tasks keep failing (3 so far): task: non-zero exit (137)"),
        (ImageMissing, "its tasks keep failing (2 so far): No such image: web:9"),
        (Unhealthy, "its tasks keep failing (2 so far): unhealthy container"),
        (FitsNoNode, "1 of 2 tasks wait for a node: no suitable node"),
        (EnginePauses, "the engine paused the update: update paused: task: non-zero exit (1)"),
        (EnginePausesFirst, "the engine paused the update: update paused: task: non-zero exit (1)"),
        (
            Strands,
            "the engine's update stands still: it waits for 1 task that can never run, for the node is gone",
        ),
        (NeverStarts, "1 of 2 tasks are there after 600 s: no reason"),
        (AnswerLost, "no answer"),
    ] {
        let because = format!("rolled back: service web: {because}");
        check(
            &Story { stack: "~web", there: &[("web", fate)], ..PLAIN },
            &["update service web", "< update service web", &because],
        );
    }
}

#[test]
fn the_way_back_takes_back_everything_services_first() {
    check(
        &Story { stack: "+n/front ~db +api@1 ~web@2", there: &[("api", Crashes)], ..PLAIN },
        &[
            "create network front",
            "update service db",
            "create service api",
            "< remove service api, update service db",
            "< remove network front",
            "rolled back: service api: its tasks keep failing (3 so far): task: non-zero exit (1)",
        ],
    );
}

#[test]
fn what_was_removed_comes_back() {
    check(
        &Story { stack: "~web -cron -old", there: &[("old", Refused)], ..PLAIN },
        &[
            "update service web",
            "remove service cron, remove service old",
            "< create service cron, update service web",
            "rolled back: service old: not allowed",
        ],
    );
}

#[test]
fn nothing_is_taken_back_where_nothing_was_written() {
    check(
        &Story { stack: "~web", there: &[("web", Refused)], ..PLAIN },
        &["update service web", "failed: service web: not allowed"],
    );
}

#[test]
fn a_way_back_that_fails_needs_a_person_and_names_what_differs() {
    check(
        &Story {
            stack: "~db ~web ~api",
            there: &[("web", Crashes)],
            back: &[("web", Refused), ("db", Crashes)],
            ..PLAIN
        },
        &[
            "update service db, update service web, update service api",
            "< update service api, update service web, update service db",
            "needs a person: service web: its tasks keep failing (3 so far): task: non-zero exit (1); \
             differs: service web: not allowed, \
             service db: its tasks keep failing (3 so far): task: non-zero exit (1)",
        ],
    );
}

#[test]
fn what_was_ailing_before_need_not_be_well_when_it_is_back() {
    check(
        &Story { stack: "~?web", there: &[("web", Crashes)], back: &[("web", Crashes)], ..PLAIN },
        &[
            "update service web",
            "< update service web",
            "rolled back: service web: its tasks keep failing (3 so far): task: non-zero exit (1)",
        ],
    );
}

#[test]
fn a_service_that_was_left_alone_counts_only_if_it_was_well_before() {
    let because = "service db: its tasks keep failing (3 so far): task: non-zero exit (1)";
    let story = Story { stack: "~web =db", there: &[("db", Crashes)], ..PLAIN };
    let back = format!("rolled back: {because}");
    check(&story, &["update service web", "< update service web", &back]);
    let stays = format!("failed, stays: {because}");
    let steps = ["update service web", "remove service old", &stays];
    check(&Story { stack: "~web =?db -old", ..story }, &steps);
}

#[test]
fn a_cancelled_deployment_goes_back_and_the_way_back_cannot_be_cancelled() {
    let story = |cancel| Story { stack: "~db ~web@1", cancel: Some(cancel), ..PLAIN };
    let stopped = "rolled back: stopped by the operator";
    check(&story(0), &["stopped, changed: false"]);
    check(&story(1), &["update service db", "< update service db", stopped]);
    let both = "< update service web, update service db";
    for cancel in [3, 8] {
        let expected = ["update service db", "update service web", both, stopped];
        check(&story(cancel), &expected);
    }
    let crashing = Story { there: &[("db", Crashes)], ..story(4) };
    let because = "service db: its tasks keep failing (3 so far): task: non-zero exit (1)";
    let back = format!("rolled back: {because}");
    check(&crashing, &["update service db", "< update service db", &back]);
}

#[test]
fn fast_sends_everything_watches_a_moment_and_leaves_what_failed() {
    let story = Story { stack: "~db ~web@1", mode: Mode::Fast, ..PLAIN };
    let sent = ["update service db", "update service web"];
    check(&story, &[sent[0], sent[1], "deployed after 6 s"]);
    let stays =
        "failed, stays: service db: its tasks keep failing (3 so far): task: non-zero exit (1)";
    let crashing = Story { there: &[("db", Crashes)], ..story };
    check(&crashing, &[sent[0], sent[1], stays]);
    check(
        &Story { cancel: Some(2), there: &[], ..crashing },
        &[sent[0], sent[1], "stopped, changed: true"],
    );
}

#[test]
fn detached_sends_everything_and_does_not_look() {
    let story = Story { stack: "~db ~web@1 -old", mode: Mode::Detached, ..PLAIN };
    let sent = ["update service db", "update service web", "remove service old"];
    check(
        &Story { there: &[("db", Crashes)], ..story },
        &[sent[0], sent[1], sent[2], "deployed after 0 s"],
    );
}

#[test]
fn many_services_are_written_a_few_at_a_time() {
    check(
        &Story { stack: "+a +b +c +d +e", ..PLAIN },
        &[
            "create service a, create service b, create service c, create service d",
            "create service e",
            "deployed after 11 s",
        ],
    );
}

/// Looks at one update; each row says when, and whether the engine answered.
fn look(rows: &[(u64, bool)], fate: Fate) -> Move {
    let mut deployment = Deployment::new(stack("~web"), Mode::Safe);
    deployment.observe(Observation::Written { at: Duration::ZERO, results: vec![Ok(())] });
    for (at, answered) in rows {
        let at = Duration::from_secs(*at);
        let services = BTreeMap::from([("web".to_owned(), progress(fate, 0))]);
        deployment.observe(match answered {
            true => Observation::Seen { at, services },
            false => Observation::Blind { at, why: "connection refused".to_owned() },
        });
    }
    deployment.next_move()
}

#[test]
fn time_in_which_the_engine_is_out_of_sight_counts_for_no_limit() {
    assert_eq!(look(&[(1, true), (20, false), (60, true)], FitsNoNode), Move::Look);
    assert!(matches!(look(&[(1, true), (60, true)], FitsNoNode), Move::Restore(_)));
}

#[test]
fn an_engine_that_stays_away_needs_a_person() {
    let because = "the engine is out of sight for 600 s: connection refused".to_owned();
    let differs = vec!["service web: nobody knows".to_owned()];
    let expected = Move::Finish(Outcome::NeedsPerson { because, differs });
    assert_eq!(look(&[(1, true), (300, false), (601, false)], Runs), expected);
}

#[test]
fn what_an_interrupted_deployment_wrote_is_taken_back_and_looked_at() {
    let story = Story { owed: "+n/front +cache ~web -old", undo: true, ..PLAIN };
    check(
        &story,
        &[
            "< create service old, update service web, remove service cache",
            "< remove network front",
            "rolled back: interrupted",
        ],
    );
    check(&Story { undo: true, ..PLAIN }, &["rolled back: interrupted"]);
    let ailing = Story { owed: "~?web", back: &[("web", Crashes)], undo: true, ..PLAIN };
    check(&ailing, &["< update service web", "rolled back: interrupted"]);
    let worse = "needs a person: interrupted; differs: service web: its tasks keep failing (3 so far): task: non-zero exit (1)";
    let story = Story { owed: "~web", back: &[("web", Crashes)], undo: true, ..PLAIN };
    check(&story, &["< update service web", worse]);
}

#[test]
fn whoever_takes_the_place_of_an_interrupted_deployment_answers_for_it() {
    let because =
        "rolled back: service web: its tasks keep failing (3 so far): task: non-zero exit (1)";
    let story = Story { there: &[("web", Crashes)], ..PLAIN };
    // Written by the other one alone, and as it should be now.
    check(
        &Story { stack: "=web", owed: "~web +cache", ..story },
        &["< remove service cache, update service web", because],
    );
    // Made by the other one, changed by this one: it goes.
    check(
        &Story { stack: "~web", owed: "+web", ..story },
        &["update service web", "< remove service web", because],
    );
    // Removed by the other one, made anew by this one: the old one comes back.
    check(
        &Story { stack: "+web", owed: "-web", ..story },
        &["create service web", "< create service web", because],
    );
    check(&Story { stack: "=web", owed: "~web +cache", ..PLAIN }, &["deployed after 11 s"]);
}
