//! Boards as people see them, at moments of a deployment.

use super::*;
use jiff::Timestamp;

/// Draws a board in one line: `+` done, `>` now, `.` to come, `!` failed, `-` skipped.
fn drawn(deployment: &Deployment) -> String {
    let board = Board::of(deployment, &"shop".parse().unwrap(), Timestamp::UNIX_EPOCH);
    let step = |it: &DeployStep| {
        let mark = match it.state {
            StepState::Done => '+',
            StepState::Now => '>',
            StepState::ToCome => '.',
            StepState::Failed => '!',
            StepState::Skipped => '-',
        };
        format!("{mark}{}", it.phase)
    };
    let steps: Vec<String> = board.steps.iter().skip(2).map(step).collect();
    let lanes: Vec<String> =
        board.services.iter().map(|it| format!("{} {}", it.service, it.words())).collect();
    let paused = if board.paused { " (paused)" } else { "" };
    format!("{} | {}{paused}", steps.join(" "), lanes.join(", "))
}

/// Goes on until nothing is to be written; each look comes after so many seconds.
fn go_on(deployment: &mut Deployment, fate: Fate, looks: &[u64]) {
    let write = |deployment: &mut Deployment, at| {
        while let Move::Apply(writes) | Move::Restore(writes) = deployment.next_move() {
            let results = writes.iter().map(|_| Ok(())).collect();
            deployment.observe(Observation::Written { at: Duration::from_secs(at), results });
        }
    };
    write(deployment, looks[0]);
    for &at in looks {
        let names: Vec<String> = deployment.tracks().map(|it| it.0.object.name.clone()).collect();
        let services = names.into_iter().map(|it| (it, progress(fate, at))).collect();
        deployment.observe(Observation::Seen { at: Duration::from_secs(at), services });
        write(deployment, at);
    }
}

#[test]
fn the_board_shows_each_step_and_how_far_each_service_is() {
    let mut deployment = Deployment::new(stack("+n/front ~db +web@1 =cache"), Mode::Safe);
    assert_eq!(
        drawn(&deployment),
        ".objects .wave-1 .wave-2 .gate | db waits, web waits, cache unchanged"
    );
    go_on(&mut deployment, NeverStarts, &[0, 1]);
    assert_eq!(
        drawn(&deployment),
        "+objects >wave-1 .wave-2 .gate | db updating, web waits, cache unchanged"
    );
    go_on(&mut deployment, Runs, &[2]);
    assert_eq!(
        drawn(&deployment),
        "+objects +wave-1 >wave-2 .gate | db runs (watching), web starting, cache unchanged"
    );
    go_on(&mut deployment, Runs, &[3, 12]);
    assert_eq!(
        drawn(&deployment),
        "+objects +wave-1 +wave-2 >gate | db healthy, web runs (watching), cache unchanged"
    );
    go_on(&mut deployment, Runs, &[13, 14, 19]);
    assert_eq!(
        drawn(&deployment),
        "+objects +wave-1 +wave-2 +gate | db healthy, web healthy, cache healthy"
    );
}

#[test]
fn the_board_of_a_way_back_keeps_where_it_failed() {
    let mut deployment = Deployment::new(stack("~db ~web@1"), Mode::Safe);
    go_on(&mut deployment, Crashes, &[0]);
    assert_eq!(
        drawn(&deployment),
        "!wave-1 -wave-2 -gate +restore >verify | db updating, web unchanged"
    );
    let board = Board::of(&deployment, &"shop".parse().unwrap(), Timestamp::UNIX_EPOCH);
    let lost = "its tasks keep failing (3 so far): task: non-zero exit (1)";
    assert_eq!(board.back.unwrap().because, format!("service db: {lost}"));
    assert_eq!(board.services[0].lost.as_deref(), Some(lost));
    go_on(&mut deployment, Runs, &[1, 11]);
    assert_eq!(
        drawn(&deployment),
        "!wave-1 -wave-2 -gate +restore +verify | db healthy, web unchanged"
    );
}

#[test]
fn the_board_of_a_recovery_has_only_the_way_back() {
    let owed = |it: Aim| Aim { act: None, owed: it.act.map(Act::inverse), ..it };
    let aims = stack("~db +web").into_iter().map(owed).collect();
    let mut deployment = Deployment::back(aims, "interrupted".to_owned());
    assert_eq!(drawn(&deployment), ">restore .verify | db waits, web waits");
    go_on(&mut deployment, Runs, &[0]);
    let board = Board::of(&deployment, &"shop".parse().unwrap(), Timestamp::UNIX_EPOCH);
    let acts: Vec<_> = board.services.iter().map(|it| it.act).collect();
    assert_eq!(acts, [Some(Act::Update), Some(Act::Remove)]);
}

#[test]
fn a_held_deployment_writes_nothing_more_and_is_looked_at() {
    let mut deployment = Deployment::new(stack("~db ~web@1"), Mode::Safe);
    go_on(&mut deployment, NeverStarts, &[0]);
    deployment.hold(true);
    go_on(&mut deployment, Runs, &[1, 40]);
    assert_eq!(drawn(&deployment), "+wave-1 .wave-2 .gate | db healthy, web waits (paused)");
    deployment.hold(false);
    assert!(matches!(deployment.next_move(), Move::Apply(_)));
}

#[test]
fn what_is_written_already_can_fail_while_it_is_held_and_the_way_back_goes_on() {
    let mut deployment = Deployment::new(stack("~db ~web@1"), Mode::Safe);
    go_on(&mut deployment, NeverStarts, &[0]);
    deployment.hold(true);
    go_on(&mut deployment, Crashes, &[1]);
    assert_eq!(
        drawn(&deployment),
        "!wave-1 -wave-2 -gate +restore >verify | db updating, web unchanged"
    );
    let mut deployment = Deployment::new(stack("~db ~web@1"), Mode::Safe);
    go_on(&mut deployment, NeverStarts, &[0]);
    deployment.hold(true);
    deployment.observe(Observation::Cancelled);
    assert!(matches!(deployment.next_move(), Move::Restore(_)));
}
