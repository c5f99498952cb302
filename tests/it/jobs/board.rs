//! What a deployment tells of itself while it runs, and how it is paused.

use crate::jobs::{
    Desk, Ended, ended,
    stacks::{BLOG, blog, deploy},
    way_back::BROKEN,
};
use jiff::{Timestamp, tz::TimeZone};
use skep::{
    domain::{
        deployment::deploy::{Board, LaneState, StepState},
        describe,
    },
    engine::fake::FakeEngine,
    jobs::{JobReport, News},
};
use std::time::Duration;
use tokio::{sync::mpsc::UnboundedReceiver, time::sleep};

/// The database comes first, and the rest when it runs.
fn in_waves() -> String {
    BLOG.replace("  db:\n", "    depends_on: [db]\n  db:\n")
}

fn boards(ended: &Ended) -> Vec<&Board> {
    let board = |it: &'_ News| matches!(it, News::Progress(_));
    let told = ended.news.iter().filter(|it| board(it));
    told.filter_map(|it| if let News::Progress(board) = it { Some(&**board) } else { None })
        .collect()
}

/// Steps as `+lock >plan .gate`.
fn steps(board: &Board) -> String {
    let mark = |state| match state {
        StepState::Done => '+',
        StepState::Now => '>',
        StepState::ToCome => '.',
        StepState::Failed => '!',
        StepState::Skipped => '-',
    };
    let steps: Vec<String> =
        board.steps.iter().map(|it| format!("{}{}", mark(it.state), it.phase)).collect();
    steps.join(" ")
}

/// Listens until a board is told that has what is looked for.
async fn until(heard: &mut UnboundedReceiver<JobReport>, has: impl Fn(&Board) -> bool) {
    loop {
        match heard.recv().await.unwrap().news {
            News::Progress(board) if has(&board) => return,
            News::Finished(verdict) => panic!("{verdict}"),
            _ => {}
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_deployment_tells_each_step_and_nothing_twice() {
    let (desk, folder) = (Desk::new(), blog());
    let ended = desk.run(deploy(folder.path(), &in_waves())).await;
    let boards = boards(&ended);
    let mut told: Vec<String> = boards.iter().map(|it| steps(it)).collect();
    told.dedup();
    assert_eq!(
        told,
        [
            ">plan .lock",
            "+plan >lock",
            "+plan +lock .objects .wave-1 .wave-2 .gate",
            "+plan +lock +objects .wave-1 .wave-2 .gate",
            "+plan +lock +objects >wave-1 .wave-2 .gate",
            "+plan +lock +objects +wave-1 .wave-2 .gate",
            "+plan +lock +objects +wave-1 >wave-2 .gate",
            "+plan +lock +objects +wave-1 +wave-2 >gate",
            "+plan +lock +objects +wave-1 +wave-2 +gate",
        ]
    );
    assert!(boards.windows(2).all(|it| it[0] != it[1]));
    let last = boards.last().unwrap();
    let lanes: Vec<_> =
        last.services.iter().map(|it| (last.short(it), it.running, it.tasks.len())).collect();
    assert_eq!(lanes, [("db", 1, 1), ("web", 2, 2)]);
}

#[tokio::test(start_paused = true)]
async fn an_update_tells_old_tasks_and_new_ones_by_slot() {
    let (desk, folder) = (Desk::new(), blog());
    desk.run(deploy(folder.path(), BLOG)).await.succeeds("2 services run");
    let ended = desk.run(deploy(folder.path(), &BLOG.replace(BROKEN[0], BROKEN[1]))).await;
    let both = |board: &&Board| {
        let mut tasks = board.services.iter().flat_map(|it| &it.tasks);
        tasks.any(|it| it.old.is_some() && it.slot > 0 && it.node.is_some())
    };
    assert!(boards(&ended).iter().any(both), "{ended:#?}");
}

#[tokio::test(start_paused = true)]
async fn what_a_task_wrote_before_it_failed_is_told_once() {
    let desk = Desk::on(FakeEngine::new(7, Timestamp::now()).breaking(BROKEN[1]));
    let folder = blog();
    desk.run(deploy(folder.path(), BLOG)).await.succeeds("2 services run");
    let ended = desk.run(deploy(folder.path(), &BLOG.replace(BROKEN[0], BROKEN[1]))).await;
    let tails: Vec<_> = ended
        .news
        .iter()
        .filter_map(|it| if let News::Tail(tail) = it { Some(tail) } else { None })
        .collect();
    assert!(!tails.is_empty() && tails.iter().all(|it| it.service == "blog_web"), "{tails:#?}");
    assert!(tails[0].lines.as_ref().unwrap().len() <= 20, "{tails:#?}");
    let mut tasks: Vec<_> = tails.iter().map(|it| &it.task).collect();
    tasks.sort();
    tasks.dedup();
    assert_eq!(tasks.len(), tails.len(), "{tails:#?}");
    // The release keeps what was to run, and the last of what it wrote.
    let release = desk.releases().await.remove(0);
    let failed = release.services["blog_web"].failed.as_ref().unwrap();
    let told = tails[0].lines.as_ref().unwrap();
    assert!(failed.image.contains(BROKEN[1]), "{failed:?}");
    assert!(!failed.lines.is_empty() && failed.lines.last() == told.last(), "{failed:?}");
    let page = describe::release(&release, &[], &[], None, &TimeZone::UTC);
    let page = format!("{page:?}");
    assert!(page.contains("Last lines of blog_web") && page.contains(BROKEN[1]), "{page}");
    let board = boards(&ended).into_iter().next_back().unwrap();
    let back = board.back.as_ref().unwrap();
    assert!(back.because.contains("blog_web"), "{}", back.because);
    assert_eq!(steps(board), "+plan +lock !wave-1 -gate +restore +verify");
}

#[tokio::test(start_paused = true)]
async fn a_paused_deployment_writes_nothing_more_and_goes_on_where_it_was() {
    let (desk, folder) = (Desk::new(), blog());
    let (handle, mut heard) = desk.start(deploy(folder.path(), &in_waves()));
    until(&mut heard, |it| it.services.iter().any(|it| it.state == LaneState::Moving)).await;
    handle.pause(true);
    until(&mut heard, |it| it.paused).await;
    let before = desk.changes();
    assert!(!before.contains(&"create service blog_web".to_owned()), "{before:?}");
    sleep(Duration::from_secs(3_600)).await;
    assert_eq!(desk.changes(), before);
    handle.pause(false);
    ended(&mut heard).await.succeeds("2 services run");
}

#[tokio::test(start_paused = true)]
async fn a_paused_deployment_can_be_cancelled_and_goes_back() {
    let (desk, folder) = (Desk::new(), blog());
    let (handle, mut heard) = desk.start(deploy(folder.path(), &in_waves()));
    until(&mut heard, |it| it.services.iter().any(|it| it.state == LaneState::Moving)).await;
    handle.pause(true);
    until(&mut heard, |it| it.paused).await;
    drop(handle);
    ended(&mut heard).await.goes_back("the deployment was cancelled");
    assert!(desk.engine.writes().contains(&"remove service blog_db".to_owned()));
}
