//! The rollback: what leads to it, and how it ends.

use crate::domain::deployment::deploy::tests::*;

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
            "rolled back: service web: the engine rolls back by itself after a task failed: task: non-zero exit (1)",
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
        (EnginePauses, "the engine paused the update after a task failed: task: non-zero exit (1)"),
        (
            EnginePausesFirst,
            "the engine paused the update after a task failed: task: non-zero exit (1)",
        ),
        (NoImage, "its tasks cannot run: No such image: web:9"),
        (Waits(50), "its tasks have been failing for 30s (9 so far): Pool overlaps"),
        (Pulls, "0 of 2 tasks run after 600s: node3 prepares it, mostly a slow pull of web:9"),
        (
            Strands,
            "the engine's update is stuck: it waits for 1 task that can never run, because the node is gone",
        ),
        (NeverStarts, "1 of 2 tasks run after 600s: no reason"),
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
            "needs attention: service web: its tasks keep failing (3 so far): task: non-zero exit (1); \
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
    check(&Story { stack: "~web =?db", ..story }, &["update service web", &stays]);
    let steps = ["update service web", "remove service old", &stays];
    check(&Story { stack: "~web =?db -old", ..story }, &steps);
}

#[test]
fn a_cancelled_deployment_goes_back_and_the_way_back_cannot_be_cancelled() {
    let story = |cancel| Story { stack: "~db ~web@1", cancel: Some(cancel), ..PLAIN };
    let stopped = "rolled back: the deployment was cancelled";
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
    let worse = "needs attention: interrupted; differs: service web: its tasks keep failing (3 so far): task: non-zero exit (1)";
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
