//! The page of a job: the live board of a deployment, pausing it, and its verdict.

use crate::cockpit::{harness::Cockpit, shots::approve};
use jiff::{SignedDuration, Timestamp};
use skep::{
    domain::{
        deployment::deploy::{Act, Back, Board, DeployStep, Lane, LaneState, Phase, StepState},
        health::converge::TaskSlot,
        swarm::{cluster::TaskState, names::NodeId},
    },
    jobs::{News, Tail, Verdict},
    tui::view,
};
use std::time::Duration;

const TITLE: &str = "deploy shop-production-web";
const WHY: &str = "its tasks keep failing (3 so far): task: non-zero exit (137) (killed with SIGKILL: the kernel does so when memory runs out)";

/// Steps as `+lock >gate .verify`, in the order they are given.
fn steps(words: &[(char, Phase)]) -> Vec<DeployStep> {
    let step = |&(mark, phase): &(char, Phase)| DeployStep {
        phase,
        state: match mark {
            '+' => StepState::Done,
            '>' => StepState::Now,
            '!' => StepState::Failed,
            '-' => StepState::Skipped,
            _ => StepState::ToCome,
        },
    };
    words.iter().map(step).collect()
}

fn lane(service: &str, state: LaneState, running: u64, desired: u64, now: Timestamp) -> Lane {
    let moment = |seconds| Some(now + SignedDuration::from_secs(seconds));
    let watched = !matches!(state, LaneState::Waiting | LaneState::Untouched);
    Lane {
        service: format!("shop-production-web_{service}"),
        act: (state != LaneState::Untouched).then_some(Act::Update),
        state,
        running,
        desired,
        tasks: Vec::new(),
        trouble: None,
        lost: None,
        culprit: None,
        since: moment(-12).filter(|_| watched),
        steady_at: moment(7).filter(|_| state == LaneState::Arrived),
        deadline: moment(588).filter(|_| watched),
    }
}

/// Places of a rolling update: one task new, one on its way, the others old.
fn places(nodes: &[NodeId]) -> Vec<TaskSlot> {
    let node = |at: usize| nodes.get(at).cloned();
    let (running, starting) = (Some(TaskState::Running), Some(TaskState::Starting));
    vec![
        TaskSlot { slot: 1, node: node(0), old: None, new: running },
        TaskSlot { slot: 2, node: node(1), old: running, new: starting },
        TaskSlot { slot: 3, node: node(2), old: running, new: None },
        TaskSlot { slot: 4, node: node(3), old: None, new: Some(TaskState::Failed) },
    ]
}

/// The second of two waves is on its way.
fn moving(cockpit: &Cockpit) -> Board {
    let world = &cockpit.model.world;
    let nodes: Vec<NodeId> = world.nodes().iter().map(|it| it.id.clone()).collect();
    let now = world.now;
    let api = Lane {
        tasks: places(&nodes),
        trouble: Some("task: non-zero exit (1) (it ended with an error of its own)".to_owned()),
        ..lane("api", LaneState::Moving, 1, 4, now)
    };
    Board {
        stack: "shop-production-web".to_owned(),
        steps: steps(&[
            ('+', Phase::Plan),
            ('+', Phase::Lock),
            ('+', Phase::Objects),
            ('+', Phase::Wave(1)),
            ('>', Phase::Wave(2)),
            ('.', Phase::Wave(3)),
            ('.', Phase::Gate),
            ('.', Phase::Removals),
        ]),
        services: vec![
            lane("db", LaneState::Arrived, 1, 1, now),
            api,
            lane("web", LaneState::Waiting, 0, 0, now),
            lane("cache", LaneState::Untouched, 0, 0, now),
        ],
        ..Board::default()
    }
}

/// It turned back, and watches what it restored.
fn back(cockpit: &Cockpit) -> Board {
    let now = cockpit.model.world.now;
    let api = Lane { lost: Some(WHY.to_owned()), ..lane("api", LaneState::Moving, 1, 4, now) };
    Board {
        stack: "shop-production-web".to_owned(),
        steps: steps(&[
            ('+', Phase::Plan),
            ('+', Phase::Lock),
            ('+', Phase::Wave(1)),
            ('!', Phase::Wave(2)),
            ('-', Phase::Gate),
            ('+', Phase::Restore),
            ('>', Phase::Verify),
        ]),
        services: vec![
            lane("db", LaneState::Settled, 1, 1, now),
            api,
            lane("cache", LaneState::Untouched, 0, 0, now),
        ],
        paused: false,
        back: Some(Back {
            because: format!("service shop-production-web_api: {WHY}"),
            since: now - SignedDuration::from_secs(21),
        }),
    }
}

fn tail() -> News {
    let lines = [
        "listening on :8080",
        "GET /items 200 12ms",
        "cache is 1.9 GiB, and this line says at such length how much that is that nobody could show it in one piece",
    ];
    News::Tail(Box::new(Tail {
        service: "shop-production-web_api".to_owned(),
        task: "x1y2z3".into(),
        lines: Ok(lines.map(ToOwned::to_owned).to_vec()),
    }))
}

fn progress(board: Board) -> News {
    News::Progress(Box::new(board))
}

/// A deployment that is half way, on its page.
pub fn deploying(cockpit: Cockpit) -> Cockpit {
    let cockpit = cockpit.running(1, TITLE, "shop-production-web_api 1/4").unheard(SECONDS);
    let board = moving(&cockpit);
    cockpit.report(1, progress(board)).command("jobs").press("enter")
}

const SECONDS: Duration = Duration::from_secs(75);

fn going_back(cockpit: Cockpit) -> Cockpit {
    let cockpit = deploying(cockpit).unheard(SECONDS).report(1, tail());
    let board = back(&cockpit);
    let note = format!("rolling back: service shop-production-web_api: {WHY}");
    cockpit.report(1, News::Note(note)).report(1, progress(board))
}

fn rolled_back(cockpit: Cockpit) -> Cockpit {
    let cockpit = going_back(cockpit);
    let mut board = back(&cockpit);
    board.steps[6].state = StepState::Done;
    board.services[1] = Lane {
        lost: Some(WHY.to_owned()),
        ..lane("api", LaneState::Settled, 4, 4, cockpit.model.world.now)
    };
    let why = format!("service shop-production-web_api: {WHY}; all is as it was, after 96s");
    cockpit.report(1, progress(board)).report(1, News::Finished(Verdict::RolledBack(why)))
}

#[track_caller]
fn check(name: &str, open: impl Fn(Cockpit) -> Cockpit) {
    for (columns, rows) in [(160, 48), (80, 24)] {
        let cockpit = open(Cockpit::demo().at(columns, rows));
        approve(&format!("{name}-{columns}x{rows}"), &cockpit.screen());
    }
}

#[test]
fn a_deployment_is_watched_step_by_step_and_task_by_task() {
    check("job-deploy", deploying);
    check("job-back", going_back);
    check("job-rolled-back", rolled_back);
}

#[test]
fn a_job_that_is_no_deployment_has_its_steps() {
    check("job-remove", |it| {
        it.running(1, "remove stack blog", "2 tasks still to stop")
            .report(1, News::Steps(6))
            .report(1, News::Note("no engine answers: connection refused".to_owned()))
            .unheard(SECONDS)
            .command("jobs")
            .press("enter")
    });
}

#[test]
fn what_needs_a_person_is_named_one_by_one() {
    let verdict = Verdict::NeedsPerson {
        why: "service shop_api: task: non-zero exit (1)".to_owned(),
        differs: vec![
            "service shop_db: nobody knows".to_owned(),
            "network shop_front: in use".to_owned(),
        ],
        back: None,
    };
    let cockpit = Cockpit::demo().over(1, TITLE, verdict).command("jobs").press("enter");
    let cockpit = cockpit.shows("needs attention after").shows("service shop_db: nobody knows");
    let _ = cockpit.shows("network shop_front: in use").shows("look at each of these");
}

#[test]
fn a_deployment_is_paused_and_goes_on_from_its_page_and_from_the_list() {
    for open in ["", "esc"] {
        let mut cockpit = deploying(Cockpit::demo()).press(open);
        cockpit.wanted();
        assert!(cockpit.footer().contains("<p>pause/resume"), "{}", cockpit.footer());
        let mut cockpit = cockpit.press("p");
        assert_eq!(cockpit.wanted(), ["pause job 1"]);
        let board = Board { paused: true, ..moving(&cockpit) };
        let mut cockpit = cockpit.report(1, progress(board)).shows("paused").press("p");
        assert_eq!(cockpit.wanted(), ["resume job 1"]);
    }
}

#[test]
fn a_job_is_cancelled_on_its_page() {
    let mut cockpit = deploying(Cockpit::demo());
    cockpit.wanted();
    assert!(cockpit.footer().contains("<x>cancel job"), "{}", cockpit.footer());
    let mut cockpit = cockpit.press("x").shows("will be rolled back").press("enter");
    assert!(cockpit.wanted().is_empty());
    assert_eq!(cockpit.press("y").wanted(), ["cancel job 1"]);
}

#[test]
fn the_way_back_can_be_neither_paused_nor_cancelled() {
    for key in ["p", "x"] {
        let mut cockpit = going_back(Cockpit::demo());
        cockpit.wanted();
        let mut cockpit = cockpit.press(key);
        assert!(cockpit.wanted().is_empty());
        let message = cockpit.message();
        assert!(message.contains("cannot be paused or cancelled"), "{message}");
    }
}

#[test]
fn only_deployments_can_be_paused() {
    let cockpit = Cockpit::demo().running(1, "scale web to 5", "3/5").command("jobs").press("p");
    assert!(cockpit.message().contains("only deployments can be paused"));
}

#[test]
fn where_one_may_only_look_no_job_is_paused_or_cancelled() {
    let mut cockpit = deploying(Cockpit::demo().read_only());
    cockpit.wanted();
    let footer = cockpit.footer();
    assert!(!footer.contains("pause") && !footer.contains("cancel"), "{footer}");
    assert!(cockpit.press("p x").wanted().is_empty());
}

#[test]
fn a_running_job_tells_the_time_and_one_that_is_over_does_not() {
    let cockpit = deploying(Cockpit::demo()).shows("running, begun 1m15s ago");
    let cockpit = cockpit.unheard(Duration::from_secs(1)).shows("running, begun 1m16s ago");
    let over = cockpit.report(1, News::Finished(Verdict::Succeeded("4 services run".to_owned())));
    let _ = over.unheard(SECONDS).shows("done after 1m16s");
}

#[test]
fn a_job_that_ends_is_told_on_every_other_screen() {
    let done = Verdict::Succeeded("4 services run after 41s".to_owned());
    let cockpit = deploying(Cockpit::demo()).command("nodes").report(1, News::Finished(done));
    assert_eq!(cockpit.message(), format!("{TITLE} done: 4 services run after 41s"));
}

#[test]
fn a_deployment_that_was_confirmed_opens_its_board() {
    let back = "roll shop-production-web back to release 2";
    let releases = || Cockpit::demo().command("history shop-production-web").press("j j");
    let in_production = releases().in_production().press("b f5 y").enter("shop-production-web");
    for cockpit in [releases().press("b f5 y"), in_production.press("enter")] {
        let cockpit = cockpit.running(1, back, "shop-production-web_api 1/4");
        let cockpit = cockpit.shows(&format!("Job · {back}")).press("esc");
        let _ = cockpit.shows("Releases · shop-production-web");
    }
}

#[test]
fn a_job_that_nobody_confirmed_opens_no_page() {
    let _ = Cockpit::demo().running(1, TITLE, "shop-production-web_api 1/4").hides("Job · ");
}

#[test]
fn another_job_says_that_it_is_on_its_way_and_where() {
    for (command, what) in [
        ("stop monitoring", "stop stack monitoring"),
        ("rm monitoring", "remove stack monitoring"),
        ("scale whoami 3", "scale whoami to 3"),
    ] {
        let cockpit = Cockpit::demo().command(command).press("y");
        let said = format!("{what}: started; `:jobs` shows how far it is");
        assert_eq!(cockpit.message(), said);
        let cockpit = cockpit.running(1, what, "2 tasks still to stop").hides("Job · ");
        assert_eq!(cockpit.message(), said);
    }
}

/// Lets a second pass; returns whether a frame is due, and the lines that differ.
fn second(cockpit: Cockpit) -> (Cockpit, bool, Vec<String>) {
    let (before, drawn) = (cockpit.screen(), cockpit.model.world.now);
    let cockpit = cockpit.unheard(Duration::from_secs(1));
    let due = view::outdated(&cockpit.model, drawn);
    let after = cockpit.screen();
    let changed = after.lines().zip(before.lines()).filter(|it| it.0 != it.1);
    let changed = changed.map(|it| it.0.to_owned()).collect();
    (cockpit, due, changed)
}

#[test]
fn the_page_of_a_job_that_is_over_needs_no_frame_and_of_one_that_runs_only_the_time_changes() {
    let mut cockpit = deploying(Cockpit::demo()).with_view(|it| it.read_at = None);
    for _ in 0..10 {
        let (next, due, changed) = second(cockpit);
        let times = ["begun", "s of ", " more"];
        let only_times = changed.iter().all(|line| times.iter().any(|it| line.contains(it)));
        assert!(due && !changed.is_empty() && only_times, "{changed:#?}");
        cockpit = next;
    }
    let done = Verdict::Succeeded("4 services run".to_owned());
    let mut cockpit = cockpit.report(1, News::Finished(done)).unheard(SECONDS);
    for _ in 0..100 {
        let (next, due, changed) = second(cockpit);
        assert!(!due && changed.is_empty() && next.model.world.notice.is_none(), "{changed:#?}");
        cockpit = next;
    }
}

#[test]
fn a_job_that_has_nothing_to_tell_beside_its_steps_has_the_whole_page() {
    let open = |it: Cockpit| it.command("jobs").press("enter");
    let cockpit = open(Cockpit::demo().running(1, "stop stack blog", "2 tasks still to stop"));
    let cockpit = cockpit.shows("2 tasks still to stop").hides("Events");
    let _ = cockpit.report(1, News::Note("no engine answers".to_owned())).shows("Events");
}
