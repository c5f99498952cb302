//! Deployments that lost their skep: the cockpit says so and asks.

use crate::cockpit::harness::{Cockpit, noon};
use skep::{
    config::values::Recovery,
    domain::{
        deployment::{
            audit::Operator,
            release::{Order, Snapshot},
        },
        swarm::cluster::Object,
    },
    engine::{ReadEngine, fake::FakeEngine},
    jobs::deploy::interrupted::Interrupted,
    store::{Opening, Store},
    tui::event::{Effect, Event, Response},
};
use tokio::runtime::Builder;

/// What a start finds after a deployment of each of these stacks was killed.
pub fn found(stacks: &[&str]) -> Event {
    let (dir, engine) = (tempfile::tempdir().unwrap(), FakeEngine::new(7, noon()));
    let store = Store::in_dir(dir.path());
    let runtime = Builder::new_current_thread().build().unwrap();
    let swarm = runtime.block_on(engine.inspect(&Object::Swarm)).unwrap();
    let cluster = swarm["ID"].as_str().unwrap();
    for stack in stacks {
        let order = Order {
            who: Operator { user: "ann".to_owned(), from: None, host: "m1".to_owned() },
            context: None,
            address: "demo".to_owned(),
            message: String::new(),
            queued: noon(),
        };
        let opening = Opening {
            cluster: cluster.to_owned(),
            stack: stack.parse().unwrap(),
            order,
            snapshot: Snapshot::default(),
            driver: "nobody".to_owned(),
            replaces: None,
        };
        store.open_release(opening).unwrap();
    }
    let found = runtime.block_on(Interrupted::all(&store, &engine)).unwrap();
    assert_eq!(found.len(), stacks.len());
    Event::Interrupted(found)
}

#[test]
fn an_interrupted_deployment_is_undone_or_finished_after_a_question() {
    for (keys, title, wanted) in [
        ("y y", "Undo release 1 of blog?", "undo release 1 of blog"),
        ("j y y", "Finish release 1 of blog?", "finish release 1 of blog"),
    ] {
        let cockpit = Cockpit::demo().after(found(&["blog"])).shows("Interrupted deployments");
        let (choice, confirm) = keys.rsplit_once(' ').unwrap();
        let mut cockpit = cockpit.press(choice).shows(title);
        cockpit = cockpit.shows("release 1 of blog was interrupted before it wrote anything");
        assert!(cockpit.wanted().is_empty());
        assert_eq!(cockpit.press(confirm).wanted(), [wanted]);
    }
}

#[test]
fn it_can_wait_and_is_asked_again_on_demand() {
    for keys in ["j j y", "esc"] {
        let mut cockpit = Cockpit::demo().after(found(&["blog"])).shows("later").press(keys);
        assert!(cockpit.wanted().is_empty());
        assert!(cockpit.message().contains("blog was interrupted"), "{}", cockpit.message());
    }
    let mut cockpit = Cockpit::demo().command("recover");
    assert!(cockpit.wanted().contains(&"look for interrupted deployments".to_owned()));
    let cockpit = cockpit
        .respond(|it| matches!(it, Effect::LookForInterrupted), Response::Interrupted(Vec::new()));
    assert!(cockpit.message().contains("nothing was interrupted"));
}

#[test]
fn several_are_asked_at_once_and_none_where_one_may_only_look() {
    let cockpit = Cockpit::demo().after(found(&["blog", "shop"]));
    let _ = cockpit.shows("undo blog").shows("finish blog").shows("undo shop");
    let cockpit = Cockpit::demo().read_only().after(found(&["blog", "shop"])).hides("undo blog");
    assert!(cockpit.message().contains("and 1 more"), "{}", cockpit.message());
}

#[test]
fn settings_can_answer_for_the_operator() {
    let mut cockpit = Cockpit::demo();
    cockpit.model.world.setting.recovery = Recovery::Undo;
    let mut cockpit = cockpit.after(found(&["blog"])).hides("Interrupted deployments");
    assert_eq!(cockpit.wanted(), ["undo release 1 of blog"]);
}

#[test]
fn in_production_it_is_asked_whatever_the_settings_say() {
    for recovery in [Recovery::Undo, Recovery::Finish] {
        let mut cockpit = Cockpit::demo().in_production();
        cockpit.model.world.setting.recovery = recovery;
        let mut cockpit = cockpit.after(found(&["blog"])).shows("Interrupted deployments");
        assert!(cockpit.wanted().is_empty());
        let mut cockpit = cockpit.press("y y").shows("production: type");
        assert!(cockpit.wanted().is_empty());
        assert_eq!(cockpit.enter("blog").press("enter").wanted(), ["undo release 1 of blog"]);
    }
}
