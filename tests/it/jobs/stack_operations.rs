//! Stacks that are removed, stopped and started as a whole.

use crate::jobs::{
    Desk, ended, spec,
    stacks::{BLOG, blog, blog_name, deploy},
};
use jiff::Timestamp;
use serde_json::{Value, json};
use skep::{
    domain::{
        deployment::plan::{Effect, canonical},
        swarm::{
            change::{Change, ServiceRef},
            cluster::{ObjectKind, TaskScope},
            names::STACK_LABEL,
            states::NodeState,
            stop::STOPPED_LABEL,
        },
    },
    engine::{Engine, ReadEngine, fake::FakeEngine},
    jobs::{
        JobReport, News, Verdict,
        deploy::prepare,
        operations::Operation,
        stack::{StackAction, StackOperation},
    },
};
use std::{collections::BTreeMap, time::Duration};
use tokio::{sync::mpsc::UnboundedReceiver, time::sleep};

const KINDS: [ObjectKind; 4] =
    [ObjectKind::Services, ObjectKind::Networks, ObjectKind::Configs, ObjectKind::Secrets];

fn whole(action: StackAction) -> Operation {
    Operation::Stack(StackOperation { stack: blog_name(), action, parts: Vec::new() })
}

/// An operator with a blog that runs.
async fn with_blog(engine: FakeEngine, text: &str) -> Desk {
    let (desk, folder) = (Desk::on(engine), blog());
    desk.run(deploy(folder.path(), text)).await.succeeds("run");
    desk
}

async fn running_blog() -> Desk {
    with_blog(FakeEngine::new(7, Timestamp::now()), BLOG).await
}

impl Desk {
    /// The names of a stack's objects of a kind.
    async fn names(&self, kind: ObjectKind, stack: Option<&str>) -> Vec<String> {
        let found = self.engine.list(kind, stack).await.unwrap();
        let name =
            |it: Value| it["Name"].as_str().or(it["Spec"]["Name"].as_str()).unwrap().to_owned();
        let mut names: Vec<String> = found.into_iter().map(name).collect();
        names.sort();
        names
    }

    async fn left(&self) -> usize {
        let mut left = 0;
        for kind in KINDS {
            left += self.names(kind, Some("blog")).await.len();
        }
        left
    }

    /// The specs of the blog as the engine compares them, by name.
    async fn canonical(&self) -> BTreeMap<String, Value> {
        let found = self.engine.list(ObjectKind::Services, Some("blog")).await.unwrap();
        let named = |it: Value| {
            let name = it["Spec"]["Name"].as_str().unwrap().to_owned();
            (name, canonical::service(&it["Spec"], &BTreeMap::new()))
        };
        found.into_iter().map(named).collect()
    }

    /// Creates a service of another stack that uses something of the blog.
    async fn another(&self, edit: impl FnOnce(&mut Value)) {
        let mut other = spec("shop:1", 1);
        other["Name"] = json!("shop_web");
        other["Labels"] = json!({ STACK_LABEL: "shop" });
        edit(&mut other);
        self.create(other).await;
    }

    async fn object(&self, kind: ObjectKind, name: &str) -> Value {
        let found = self.engine.list(kind, Some("blog")).await.unwrap();
        let is_it = |it: &Value| it["Name"] == name || it["Spec"]["Name"] == name;
        found.into_iter().find(is_it).unwrap()
    }

    fn writes_since(&self, before: usize) -> Vec<String> {
        self.changes().split_off(before)
    }
}

/// Listens until the job does what the text says.
async fn until_it_does(heard: &mut UnboundedReceiver<JobReport>, text: &str) {
    loop {
        match heard.recv().await.unwrap().news {
            News::Step { doing, .. } if doing.contains(text) => return,
            News::Finished(verdict) => panic!("{verdict}"),
            _ => {}
        }
    }
}

#[tokio::test(start_paused = true)]
async fn all_of_a_stack_goes_in_order_and_nothing_of_others() {
    let desk = running_blog().await;
    desk.another(|_| {}).await;
    let body = json!({ "Name": "outside", "Driver": "overlay", "Labels": {} });
    desk.engine.apply(&Change::CreateNetwork { name: "outside".to_owned(), body }).await.unwrap();
    let before = desk.changes().len();
    desk.run(whole(StackAction::Remove))
        .await
        .succeeds("2 services, 1 network, 1 config gone after");
    let order = ["service blog_db", "service blog_web", "network blog_front", "config blog_my.cnf"];
    assert_eq!(desk.writes_since(before), order.map(|it| format!("remove {it}")));
    assert_eq!(desk.left().await, 0);
    let tasks = desk.engine.tasks(&TaskScope::Stack(blog_name())).await.unwrap();
    assert!(tasks.iter().all(|it| it.state.is_over()), "{tasks:#?}");
    assert_eq!(desk.names(ObjectKind::Services, None).await, ["shop_web"]);
    assert!(desk.names(ObjectKind::Networks, None).await.contains(&"outside".to_owned()));
    let audit = desk.store().audit(1).unwrap();
    assert_eq!((audit[0].action.as_str(), audit[0].object.as_str()), ("remove", "stack blog"));
}

#[tokio::test(start_paused = true)]
async fn networks_go_only_once_the_last_task_has_let_go() {
    let desk = running_blog().await;
    let (_handle, mut heard) = desk.start(whole(StackAction::Remove));
    until_it_does(&mut heard, "3 tasks still to stop").await;
    assert_eq!(desk.names(ObjectKind::Networks, Some("blog")).await, ["blog_front"]);
    until_it_does(&mut heard, "remove network blog_front").await;
    let tasks = desk.engine.tasks(&TaskScope::Stack(blog_name())).await.unwrap();
    assert!(tasks.iter().all(|it| it.state.is_over()), "{tasks:#?}");
    ended(&mut heard).await.succeeds("gone");
    assert!(desk.names(ObjectKind::Networks, Some("blog")).await.is_empty());
}

#[tokio::test(start_paused = true)]
async fn removing_what_is_gone_is_fine() {
    let desk = running_blog().await;
    desk.run(whole(StackAction::Remove)).await.succeeds("gone");
    let before = desk.changes().len();
    desk.run(whole(StackAction::Remove)).await.succeeds("nothing is left of stack blog");
    assert!(desk.writes_since(before).is_empty());
}

#[tokio::test(start_paused = true)]
async fn what_somebody_else_removes_meanwhile_is_gone_too() {
    let desk = running_blog().await;
    let (_handle, mut heard) = desk.start(whole(StackAction::Remove));
    until_it_does(&mut heard, "still to stop").await;
    desk.run(whole(StackAction::Remove)).await.fails("has been running `remove stack blog`");
    let config = desk.object(ObjectKind::Configs, "blog_my.cnf").await;
    let (id, name) = (config["ID"].as_str().unwrap().to_owned(), "blog_my.cnf".to_owned());
    desk.engine.apply(&Change::RemoveConfig { id, name }).await.unwrap();
    ended(&mut heard).await.succeeds("2 services, 1 network, 1 config gone");
    assert_eq!(desk.left().await, 0);
}

#[tokio::test(start_paused = true)]
async fn what_another_stack_uses_stays_and_is_named() {
    let desk = running_blog().await;
    let config = desk.object(ObjectKind::Configs, "blog_my.cnf").await["ID"].clone();
    desk.another(|it| {
        let file = json!({ "Name": "/my.cnf", "UID": "0", "GID": "0", "Mode": 292 });
        it["TaskTemplate"]["ContainerSpec"]["Configs"] =
            json!([{ "ConfigID": config, "ConfigName": "blog_my.cnf", "File": file }]);
    })
    .await;
    let ended = desk.run(whole(StackAction::Remove)).await;
    ended
        .fails("config blog_my.cnf stays: used by shop_web; 2 services, 1 network gone")
        .hints("repeat this");
    assert_eq!(desk.names(ObjectKind::Configs, Some("blog")).await, ["blog_my.cnf"]);
    assert_eq!(desk.left().await, 1);
}

#[tokio::test(start_paused = true)]
async fn a_network_that_another_stack_is_attached_to_stays_and_is_named() {
    let desk = running_blog().await;
    let network = desk.object(ObjectKind::Networks, "blog_front").await["Id"].clone();
    desk.another(|it| it["TaskTemplate"]["Networks"] = json!([{ "Target": network }])).await;
    let ended = desk.run(whole(StackAction::Remove)).await;
    ended.fails("network blog_front stays: used by shop_web; 2 services, 1 config gone");
    assert_eq!(desk.names(ObjectKind::Networks, Some("blog")).await, ["blog_front"]);
}

#[tokio::test(start_paused = true)]
async fn a_removal_that_is_stopped_says_what_is_left_and_the_next_one_goes_on() {
    let desk = running_blog().await;
    let (handle, mut heard) = desk.start(whole(StackAction::Remove));
    until_it_does(&mut heard, "still to stop").await;
    drop(handle);
    let stopped = ended(&mut heard).await;
    let told = "2 services gone; its tasks may still be stopping; left: network blog_front, config blog_my.cnf; the same command continues from here";
    assert_eq!(stopped.verdict, Verdict::Stopped(told.to_owned()));
    assert_eq!(desk.left().await, 2);
    desk.run(whole(StackAction::Remove)).await.succeeds("1 network, 1 config gone");
    assert_eq!(desk.left().await, 0);
}

#[tokio::test(start_paused = true)]
async fn a_removal_that_is_stopped_at_once_removed_nothing() {
    let desk = running_blog().await;
    let (handle, mut heard) = desk.start(whole(StackAction::Remove));
    drop(handle);
    let stopped = ended(&mut heard).await;
    let told = "nothing gone; left: service blog_db, service blog_web, network blog_front, config blog_my.cnf; the same command continues from here";
    assert_eq!(stopped.verdict, Verdict::Stopped(told.to_owned()));
    assert_eq!(desk.left().await, 4);
}

#[tokio::test(start_paused = true)]
async fn an_engine_that_is_away_in_the_middle_is_waited_for() {
    for moment in ["remove service blog_db", "still to stop", "remove config"] {
        let engine = FakeEngine::new(7, Timestamp::now()).slow(Duration::from_millis(20));
        let desk = with_blog(engine, BLOG).await;
        let (_handle, mut heard) = desk.start(whole(StackAction::Remove));
        until_it_does(&mut heard, moment).await;
        desk.engine.link().cut();
        sleep(Duration::from_secs(30)).await;
        desk.engine.link().restore();
        ended(&mut heard).await.noted("connection refused").succeeds("gone");
        assert_eq!(desk.left().await, 0, "{moment}");
    }
}

#[tokio::test(start_paused = true)]
async fn an_engine_that_stays_away_ends_it_with_what_is_left() {
    let desk = running_blog().await;
    let (_handle, mut heard) = desk.start(whole(StackAction::Remove));
    until_it_does(&mut heard, "still to stop").await;
    desk.engine.link().cut();
    let lost = ended(&mut heard).await;
    lost.fails("connection refused; 2 services gone; its tasks may still be stopping; left, as far as known: network blog_front, config blog_my.cnf");
    let lost = desk.run(whole(StackAction::Remove)).await;
    lost.fails("no engine answers").hints("check address");
}

#[tokio::test(start_paused = true)]
async fn tasks_on_a_lost_node_are_named_and_not_waited_for() {
    let desk = running_blog().await;
    desk.engine.lose_node("node2", Duration::ZERO);
    desk.engine.lose_node("node3", Duration::ZERO);
    desk.until(async |engine| {
        engine.nodes().await.unwrap().iter().filter(|it| it.state == NodeState::Down).count() == 2
    })
    .await;
    desk.run(whole(StackAction::Remove)).await.succeeds("node2").succeeds("the node is down");
}

#[tokio::test(start_paused = true)]
async fn volumes_stay_and_are_named() {
    let text = BLOG.replace("configs: [my.cnf]", "volumes: ['data:/var/lib/mysql', 'old:/old']");
    let (text, _) = text.split_once("configs:").unwrap();
    let text = format!("{text}volumes:\n  data: {{}}\n  old: {{external: true}}\n");
    let desk = with_blog(FakeEngine::new(7, Timestamp::now()), &text).await;
    let ended = desk
        .run(whole(StackAction::Remove))
        .await
        .succeeds("volumes stay on their nodes: blog_data");
    assert!(!ended.verdict.to_string().contains("old"), "{}", ended.verdict);
}

#[tokio::test(start_paused = true)]
async fn what_is_stopped_and_started_is_as_it_was() {
    let desk = running_blog().await;
    let before = desk.canonical().await;
    desk.run(whole(StackAction::Stop))
        .await
        .succeeds("2 services stopped")
        .succeeds("blog_db had 1 replica, blog_web had 2 replicas");
    let tasks = desk.engine.tasks(&TaskScope::Stack(blog_name())).await.unwrap();
    assert!(tasks.iter().all(|it| it.state.is_over()), "{tasks:#?}");
    let services = desk.engine.services().await.unwrap();
    let stopped: Vec<_> = services.iter().map(|it| (it.desired, it.stopped)).collect();
    assert_eq!(stopped, [(0, Some(1)), (0, Some(2))]);
    desk.run(whole(StackAction::Start))
        .await
        .succeeds("2 services running")
        .succeeds("blog_db has 1 replica, blog_web has 2 replicas");
    assert_eq!(desk.canonical().await, before);
    assert!(desk.engine.services().await.unwrap().iter().all(|it| it.running == it.desired));
}

#[tokio::test(start_paused = true)]
async fn what_is_stopped_already_is_not_written_again() {
    let desk = running_blog().await;
    desk.run(whole(StackAction::Start)).await.succeeds("no service of stack blog is stopped");
    desk.run(whole(StackAction::Stop)).await.succeeds("stopped");
    let before = desk.changes().len();
    desk.run(whole(StackAction::Stop)).await.succeeds("stack blog is stopped already");
    assert!(desk.writes_since(before).is_empty());
    desk.run(whole(StackAction::Start)).await.succeeds("2 services running");
}

#[tokio::test(start_paused = true)]
async fn what_has_no_replicas_goes_on_and_is_named() {
    let global = BLOG.replace("deploy: {replicas: 2}", "deploy: {mode: global}");
    let desk = with_blog(FakeEngine::new(7, Timestamp::now()), &global).await;
    let words = "still running, because it cannot be stopped: blog_web (global)";
    desk.run(whole(StackAction::Stop)).await.succeeds("1 service stopped").succeeds(words);
    let running: Vec<u64> =
        desk.engine.services().await.unwrap().iter().map(|it| it.running).collect();
    assert_eq!(running, [0, 3]);
    let all = global
        .replace("    image: mysql:8.4\n", "    image: mysql:8.4\n    deploy: {mode: global}\n");
    let desk = with_blog(FakeEngine::new(7, Timestamp::now()), &all).await;
    let before = desk.changes().len();
    let ended = desk.run(whole(StackAction::Stop)).await;
    ended.fails("blog_db (global), blog_web (global) cannot be stopped");
    assert!(desk.writes_since(before).is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_deployment_starts_what_is_stopped_and_its_plan_says_so() {
    let (desk, folder) = (running_blog().await, blog());
    let before = desk.canonical().await;
    desk.run(whole(StackAction::Stop)).await.succeeds("stopped");
    let Operation::Deploy(order) = deploy(folder.path(), BLOG) else { unreachable!() };
    let plan = prepare(&desk.engine, &order).await.unwrap().plan;
    for step in plan.steps.iter().filter(|it| it.kind == ObjectKind::Services) {
        assert_eq!((&step.effect, step.fields.len()), (&Effect::InPlace, 0), "{step:?}");
        assert!(format!("{:?}", step.notices).contains("it is stopped"), "{step:?}");
    }
    desk.run(deploy(folder.path(), BLOG)).await.succeeds("2 services run");
    assert_eq!(desk.canonical().await, before);
}

#[tokio::test(start_paused = true)]
async fn what_was_scaled_up_by_hand_is_left_at_that_number() {
    let desk = running_blog().await;
    desk.run(whole(StackAction::Stop)).await.succeeds("stopped");
    let web = desk.object(ObjectKind::Services, "blog_web").await["ID"].as_str().unwrap().into();
    let web = ServiceRef { id: web, name: "blog_web".to_owned() };
    desk.update(&web, |it| it["Mode"]["Replicated"]["Replicas"] = json!(5)).await;
    desk.run(whole(StackAction::Start))
        .await
        .succeeds("1 service running after")
        .succeeds("blog_db has 1 replica");
    let live = desk.live(&web).await;
    assert_eq!(live["Spec"]["Mode"]["Replicated"]["Replicas"], 5);
    desk.run(whole(StackAction::Stop))
        .await
        .succeeds("blog_db had 1 replica, blog_web had 5 replicas");
    assert_eq!(desk.live(&web).await["Spec"]["Labels"][STOPPED_LABEL], "5");
}

#[tokio::test(start_paused = true)]
async fn a_start_that_fails_names_the_service() {
    let desk = running_blog().await;
    desk.run(whole(StackAction::Stop)).await.succeeds("stopped");
    let _ = desk.engine.clone().breaking("mysql:8.4");
    desk.run(whole(StackAction::Start)).await.fails("blog_db: its tasks keep failing");
}

#[tokio::test(start_paused = true)]
async fn a_stop_that_is_cancelled_says_how_far_it_came() {
    let engine = FakeEngine::new(7, Timestamp::now()).slow(Duration::from_millis(20));
    let desk = with_blog(engine, BLOG).await;
    let (handle, mut heard) = desk.start(whole(StackAction::Stop));
    until_it_does(&mut heard, "stop blog_db").await;
    drop(handle);
    let stopped = ended(&mut heard).await;
    let told = "1 of 2 services stopped; the same command continues from here";
    assert_eq!(stopped.verdict, Verdict::Stopped(told.to_owned()));
    desk.run(whole(StackAction::Stop))
        .await
        .succeeds("1 service stopped")
        .succeeds("blog_web had 2");
    desk.run(whole(StackAction::Start)).await.succeeds("2 services running");
}

#[tokio::test(start_paused = true)]
async fn an_engine_that_is_away_while_a_stack_stops_is_waited_for() {
    let engine = FakeEngine::new(7, Timestamp::now()).slow(Duration::from_millis(20));
    let desk = with_blog(engine, BLOG).await;
    let before = desk.canonical().await;
    for (action, moment) in
        [(StackAction::Stop, "stop blog_web"), (StackAction::Start, "start blog_web")]
    {
        let (_handle, mut heard) = desk.start(whole(action));
        until_it_does(&mut heard, moment).await;
        desk.engine.link().cut();
        sleep(Duration::from_secs(30)).await;
        desk.engine.link().restore();
        ended(&mut heard).await.noted("connection refused").succeeds("2 services");
    }
    assert_eq!(desk.canonical().await, before);
}

#[tokio::test(start_paused = true)]
async fn what_is_no_stack_cannot_be_stopped() {
    let desk = Desk::new();
    for action in [StackAction::Stop, StackAction::Start] {
        desk.run(whole(action)).await.fails("there is no stack `blog`").hints("skep ls");
    }
}

#[tokio::test(start_paused = true)]
async fn volumes_go_where_they_can_be_reached_and_the_other_nodes_are_named() {
    let text = BLOG.replace("    configs: [my.cnf]", "    volumes: ['data:/data']")
        + "volumes: {data: {}}\n";
    let engine = FakeEngine::new(7, Timestamp::now()).with_volume("blog", "blog_data");
    let desk = with_blog(engine.with_volume("other", "other_data"), &text).await;
    let whole =
        StackOperation::removal(&desk.engine, &blog_name(), StackAction::Purge).await.unwrap();
    assert_eq!(whole.parts.last().unwrap(), "volume blog_data, on all nodes in reach");
    let ended = desk.run(Operation::Stack(whole)).await;
    ended
        .fails("1 volume gone (node1: blog_data)")
        .says("node2 cannot be reached from here, volumes may be left on it: `ssh node2 docker volume rm blog_data`");
    assert!(desk.engine.volumes("blog").await.unwrap().is_empty());
    assert_eq!(desk.engine.volumes("other").await.unwrap(), ["other_data"]);
}
