//! Deployments while the state cannot be written, from any moment on: no write without its
//! line in the journal.

use crate::jobs::{
    Desk,
    stacks::{BLOG, blog, blog_name, deploy},
    way_back::newer,
};
use skep::{
    domain::deployment::{deploy::Mode, release::ReleaseState},
    jobs::{
        Verdict,
        deploy::{RecoveryOrder, RecoveryWay, RollbackOrder, interrupted::Interrupted},
        operations::Operation,
    },
    store::Store,
};
use std::path::Path;

impl Desk {
    fn remembering_in(store: Store) -> Self {
        let mut desk = Self::new();
        desk.session.store = store;
        desk
    }
}

fn fast(folder: &Path, text: &str) -> Operation {
    let Operation::Deploy(mut order) = deploy(folder, text) else { unreachable!() };
    order.mode = Mode::Fast;
    Operation::Deploy(order)
}

#[tokio::test(start_paused = true)]
async fn nothing_is_deployed_without_a_journal() {
    let (desk, folder) = (Desk::remembering_in(Store::in_memory()), blog());
    desk.run(deploy(folder.path(), BLOG)).await.succeeds("2 services run");
    desk.run(deploy(folder.path(), &newer())).await.succeeds("services run");
    let writes = desk.changes();
    desk.store().fill_after(0);
    let why = "no journal can be kept, so an interrupted deployment could not be undone";
    let back = Operation::RollBackStack(RollbackOrder {
        stack: blog_name(),
        revision: 1,
        with_registry_auth: false,
        message: String::new(),
        mode: Mode::Safe,
        confirmed: None,
    });
    for operation in [deploy(folder.path(), BLOG), back] {
        desk.run(operation).await.fails(why).fails("no room for the state").hints("--mode fast");
    }
    assert_eq!(desk.changes(), writes);
    // What writes nothing needs no journal.
    desk.run(deploy(folder.path(), &newer())).await.succeeds("nothing to do");
    let ended = desk.run(fast(folder.path(), BLOG)).await.noted("this release is not recorded");
    ended.succeeds("2 services run");
    assert!(desk.changes().len() > writes.len());
}

#[tokio::test(start_paused = true)]
async fn a_step_that_cannot_be_written_down_is_not_taken_and_all_goes_back() {
    let mut turned = 0;
    let more = newer().replace("  front: {}", "  front: {}\n  back: {}");
    let more = more.replacen("networks: [front]", "networks: [front, back]", 1);
    for room in 1.. {
        let (desk, folder) = (Desk::remembering_in(Store::in_memory()), blog());
        desk.run(deploy(folder.path(), BLOG)).await.succeeds("2 services run");
        let (before, writes) = (desk.specs().await, desk.changes().len());
        desk.store().fill_after(room);
        let ended = desk.run(deploy(folder.path(), &more)).await;
        desk.store().fill_after(u64::MAX);
        let interrupted = Interrupted::of(&desk.session, &blog_name()).await.unwrap();
        match &ended.verdict {
            // Only what became of the last steps is not written.
            Verdict::Succeeded(_) => break,
            Verdict::Failed { .. } => assert_eq!(desk.changes().len(), writes, "{ended:#?}"),
            Verdict::RolledBack(why) => {
                assert!(why.contains("cannot be written to the journal"), "{why}");
                assert!(why.contains("make room on the disk"), "{why}");
                turned += 1;
            }
            other => panic!("{room}: {other:?}"),
        }
        assert_eq!(desk.specs().await, before, "{room}: {ended:#?}");
        if let Some(interrupted) = interrupted {
            // Its end could not be written either.
            let order = RecoveryOrder::of(&interrupted.release.key, RecoveryWay::Undo);
            desk.run(Operation::Recover(order)).await.goes_back("interrupted");
            assert_eq!(desk.specs().await, before, "{room}");
            assert_eq!(desk.releases().await[0].state, ReleaseState::RolledBack);
        }
    }
    assert!(turned > 0);
}

#[tokio::test(start_paused = true)]
async fn where_there_is_no_place_for_a_state_a_deployment_goes_on_as_ever() {
    let (desk, folder) = (Desk::remembering_in(Store::nowhere()), blog());
    let ended = desk.run(deploy(folder.path(), BLOG)).await.noted("set HOME");
    ended.succeeds("2 services run");
    let _ = desk.engine.clone().breaking("ghost:5.88");
    desk.run(deploy(folder.path(), &newer())).await.goes_back("blog_web");
}
