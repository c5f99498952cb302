//! The way there: in which order, how patient, how many at a time.

use crate::domain::deployment::deploy::tests::*;

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
    let because = "the engine has not answered for 600s: connection refused".to_owned();
    let differs = vec!["service web: nobody knows".to_owned()];
    let expected = Move::Finish(Outcome::NeedsPerson { because, differs });
    assert_eq!(look(&[(1, true), (300, false), (601, false)], Runs), expected);
}

#[test]
fn what_passes_by_itself_is_waited_for() {
    check(
        &Story { stack: "+web", there: &[("web", Waits(20))], ..PLAIN },
        &["create service web", "deployed after 30 s"],
    );
}

#[test]
fn an_engine_that_went_back_unseen_has_the_reason_that_was_seen_before() {
    let mut track = Track::towards(Goal::Healthy, stack("~web")[0].limits, Duration::ZERO);
    let failing = Progress {
        phase: Phase::Updating,
        trouble: Some("task: non-zero exit (3)".to_owned()),
        ..Progress::default()
    };
    let back = Phase::RolledBack("rollback completed".to_owned());
    track.see(Some(failing), Duration::from_secs(1));
    track.see(Some(Progress { phase: back, ..Progress::default() }), Duration::from_secs(2));
    let why = "the engine rolled back by itself after a task failed: task: non-zero exit (3)";
    assert_eq!(track.standing, ServiceStage::Lost(why.to_owned()));
}
