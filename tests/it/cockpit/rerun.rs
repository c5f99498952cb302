//! Jobs that are as the file has them run again where the plan is made to say so.

use crate::{
    cockpit::harness::{Cockpit, noon},
    jobs::{
        Desk,
        stacks::{blog, deploy},
    },
};
use skep::{
    domain::deployment::plan::Digest,
    engine::fake::{Behaviour, FakeEngine},
    jobs::operations::Operation,
    tui::event::Effect,
};

const FILE: &str = "/srv/blog/compose.yml";
const JOB: &str = "services:\n  migrate:\n    image: migrate:1\n    deploy: {mode: replicated-job, restart_policy: {condition: none}}\n";

/// The plan of a stack whose only service is a job that is done.
fn plan() -> Cockpit {
    let engine = FakeEngine::new(7, noon()).behaving("migrate:1", Behaviour::Completes);
    let (desk, folder) = (Desk::on(engine.clone()), blog());
    let cockpit = Cockpit::on(engine).with_file(FILE, JOB);
    let ended = cockpit.ask(async { desk.run(deploy(folder.path(), JOB)).await });
    let _ = ended.succeeds("1 service runs");
    cockpit.command(&format!("edit {FILE}")).press("f5 enter")
}

#[test]
fn a_job_that_would_not_run_again_runs_where_the_plan_is_made_to_say_so() {
    let cockpit = plan().shows("does not run again").shows("`run jobs`");
    assert!(cockpit.footer().contains("run jobs"), "{}", cockpit.footer());
    let mut cockpit = cockpit.press("r").hides("does not run again").shows("it runs again");
    cockpit.wanted();
    let cockpit = cockpit.press("f5").shows("Jobs that run again").shows("blog_migrate").press("y");
    let order = cockpit.ordered();
    let shown = cockpit.preview(&order);
    assert!(order.rerun_jobs);
    // What is confirmed is the plan that was shown, and that does run it.
    assert_eq!(order.confirmed.as_ref(), Some(&shown.digest));
    assert_ne!(shown.digest, Digest::default());
}

#[test]
fn pressed_once_more_the_job_stays_as_it_is() {
    let cockpit = plan().press("r").shows("it runs again").press("r").shows("does not run again");
    let cockpit = cockpit.press("f5").hides("Jobs that run again").press("y");
    let started =
        |it: &Effect| matches!(it, Effect::Start(Operation::Deploy(it)) if !it.rerun_jobs);
    assert!(cockpit.effects.iter().any(started));
}

#[test]
fn where_there_is_no_such_job_the_key_changes_nothing() {
    let mut cockpit = Cockpit::demo().with_file(FILE, "services:\n  web:\n    image: ghost:5\n");
    cockpit = cockpit.command(&format!("edit {FILE}")).press("f5 enter").shows("blog_web");
    assert!(!cockpit.footer().contains("run jobs"), "{}", cockpit.footer());
    cockpit.wanted();
    let mut cockpit = cockpit.press("r").shows("blog_web");
    assert!(cockpit.wanted().is_empty());
}
