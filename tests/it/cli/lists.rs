//! What runs: stacks, services, tasks, nodes.

use crate::cli::{Shell, now};
use insta::assert_snapshot;
use jiff::ToSpan;
use serde_json::{Value, json};
use skep::{
    domain::swarm::{change::Change, spec::NewService},
    engine::{Engine, fake::FakeEngine},
};
use std::time::Duration;
use tokio::time;

#[tokio::test(start_paused = true)]
async fn stacks_say_what_is_wrong_with_them() {
    let shell = small_swarm().await;
    assert_snapshot!(shell.out("ls").await, @r"
    NAME   SERVICES  TASKS  STATE
    lab           3    6/6
    lab10         1    0/2  ranker (0s)
    ");
    let stacks = shell.json("ls").await;
    assert_snapshot!(stacks[0], @r#"{"name":"lab","services":3,"running":6,"desired":6,"trouble":[],"since":{},"changing":[],"ended":[],"stopped":[]}"#);
}

#[tokio::test(start_paused = true)]
async fn services_of_all_stacks_are_in_natural_order() {
    assert_snapshot!(small_swarm().await.out("services").await, @r"
    ID            NAME          MODE        REPLICAS        IMAGE      RESTARTS  SINCE  UPDATE  CHANGED  AGE  PORTS  MESSAGE
    cdwg974vwzwm  lab10_ranker  replicated  0/2 in trouble  lab/app:1         –     0s  –            0s   0s
    15etpexny0xi  lab_web       replicated  2/2             lab/app:1         –      –  –            0s   0s
    5jpmai7r6311  lab_web2      replicated  2/2             lab/app:1         –      –  –            0s   0s
    emapx5ej3upx  lab_web10     replicated  2/2             lab/app:1         –      –  –            0s   0s
    g1fhjdglzwjf  registry      replicated  2/2             lab/app:1         –      –  –            0s   0s
    ");
}

#[tokio::test(start_paused = true)]
async fn replicas_tell_limits_and_jobs() {
    let engine = FakeEngine::new(7, now());
    create(&engine, "lab_limited", |it| {
        it["TaskTemplate"]["Placement"] = json!({ "MaxReplicas": 1 });
    })
    .await;
    create(&engine, "lab_everywhere", |it| it["Mode"] = json!({ "Global": {} })).await;
    create(&engine, "lab_job", |it| {
        it["Mode"] = json!({ "ReplicatedJob": { "MaxConcurrent": 2, "TotalCompletions": 5 } });
    })
    .await;
    create(&engine, "lab_job10", |it| it["Mode"] = json!({ "GlobalJob": {} })).await;
    create(&engine, "lab_job2", |it| {
        it["EndpointSpec"] = json!({ "Ports": [
            { "Protocol": "tcp", "TargetPort": 80, "PublishedPort": 8080 },
            { "Protocol": "tcp", "TargetPort": 81, "PublishedPort": 8081 },
        ] });
    })
    .await;
    time::sleep(Duration::from_secs(300)).await;
    assert_snapshot!(Shell::with(Ok(engine)).out("services lab").await, @r"
    ID            NAME            MODE            REPLICAS              IMAGE      RESTARTS  SINCE  UPDATE  CHANGED  AGE  PORTS                   MESSAGE
    5jpmai7r6311  lab_everywhere  global          3/3                   lab/app:1         –      –  –            0s   0s
    15etpexny0xi  lab_job         replicated-job  0/0 (5/5 completed)   lab/app:1         –      –  –            0s   0s
    g1fhjdglzwjf  lab_job2        replicated      2/2                   lab/app:1         –      –  –            0s   0s  *:8080-8081->80-81/tcp
    cdwg974vwzwm  lab_job10       global-job      0/0 (3/3 completed)   lab/app:1         –      –  –            0s   0s
    emapx5ej3upx  lab_limited     replicated      2/2 (max 1 per node)  lab/app:1         –      –  –            0s   0s
    ");
}

#[tokio::test(start_paused = true)]
async fn a_stack_nobody_has_is_a_failure_as_everywhere() {
    assert_snapshot!(Shell::demo().refusal("services shop-production-wep").await, @r"
    error: there is no stack `shop-production-wep`
    hint: did you mean `shop-production-web`?
    ");
}

#[tokio::test(start_paused = true)]
async fn tasks_of_a_stack_show_what_they_were_before() {
    let engine = FakeEngine::new(7, now()).breaking("lab/bad:1");
    create(&engine, "lab_web", |_| {}).await;
    create(&engine, "lab_agent", |it| it["Mode"] = json!({ "Global": {} })).await;
    create(&engine, "lab_bad", |it| {
        it["Mode"]["Replicated"]["Replicas"] = json!(1);
        it["TaskTemplate"]["ContainerSpec"]["Image"] = json!("lab/bad:1");
    })
    .await;
    create(&engine, "lab_big", |it| {
        it["Mode"]["Replicated"]["Replicas"] = json!(1);
        it["TaskTemplate"]["Placement"] = json!({ "Constraints": ["node.labels.disk==ssd"] });
    })
    .await;
    time::sleep(Duration::from_secs(20)).await;
    let mut shell = Shell::with(Ok(engine));
    shell.desk.now = now() + 20.seconds();
    assert_snapshot!(shell.out("ps lab").await, @r"
    ID            TASK             NODE   STATE     RESTARTS  DESIRED   AGE  RAN  IMAGE      WHY
    dblj8qy7omkn  lab_agent.node1  node1  running          –  running   17s       lab/app:1
    qpn69wezf3w8  lab_agent.node2  node2  running          –  running   19s       lab/app:1
    55q34fo5539n  lab_agent.node3  node3  running          –  running   18s       lab/app:1
    zpxfcozrss8s  lab_bad.1        node1  starting         3  running    0s       lab/bad:1
    6pw9159w744p   \_ lab_bad.1    node1  failed              shutdown   5s  <1s  lab/bad:1  task: non-zero exit (1)
    zp9ngixa4iew   \_ lab_bad.1    node1  failed              shutdown  11s  <1s  lab/bad:1  task: non-zero exit (1)
    x1fahxdvrjj7   \_ lab_bad.1    node1  failed              shutdown  17s  <3s  lab/bad:1  task: non-zero exit (1)
    j0bll5nrs4mt  lab_big.1        –      pending          –  running   19s       lab/app:1  scheduling constraints not satisfied on 3 nodes
    g1fhjdglzwjf  lab_web.1        node2  running          –  running   18s       lab/app:1
    i5vzyancr8aj  lab_web.2        node3  running          –  running   19s       lab/app:1
    ");
}

#[tokio::test(start_paused = true)]
async fn tasks_of_a_service_are_found_by_name_and_by_id() {
    let shell = Shell::demo();
    let services = shell.json("services").await;
    let service = services[0].clone();
    let by_name = shell.out(&format!("ps {}", service["name"].as_str().unwrap())).await;
    let by_id = shell.out(&format!("ps {}", &service["id"].as_str().unwrap()[..12])).await;
    assert_eq!(by_name, by_id);
    assert!(by_name.lines().count() > 1);
}

#[tokio::test(start_paused = true)]
async fn tasks_of_nothing_are_a_failure_that_says_what_was_meant() {
    assert_snapshot!(Shell::demo().refusal("ps shop-prodution-web").await, @r"
    error: there is no stack or service `shop-prodution-web`
    hint: did you mean `shop-production-web`?
    ");
    assert_snapshot!(Shell::demo().refusal("ps zzz").await, @r"
    error: there is no stack or service `zzz`
    hint: see `skep ls` and `skep services`
    ");
}

#[tokio::test(start_paused = true)]
async fn nodes_say_who_leads_and_who_rests() {
    assert_snapshot!(Shell::demo().out("nodes").await, @r"
    ID            NODE     ROLE     STATE  AVAIL   ENGINE  ADDRESS     CPU  MEMORY   AGE  PLATFORM      MESSAGE
    ruw707lmd0wr  hive1 *  leader   ready  active  28.2.2  10.20.0.11    8  16 GiB  320d  linux/x86_64
    n8p81cpolshb  hive2    manager  ready  active  28.2.2  10.20.0.12    8  16 GiB  320d  linux/x86_64
    9e8tmm51agpd  hive3    manager  ready  active  28.2.2  10.20.0.13    8  16 GiB  320d  linux/x86_64
    emapx5ej3upx  hive4    worker   ready  active  28.2.2  10.20.0.14   16  32 GiB  320d  linux/x86_64
    5jpmai7r6311  hive5    worker   ready  drain   28.2.2  10.20.0.15    4   4 GiB  320d  linux/x86_64
    ");
}

/// Two stacks, one with a service that no node takes, and a service of no stack.
async fn small_swarm() -> Shell {
    let engine = FakeEngine::new(7, now());
    for name in ["lab_web10", "lab_web2", "lab_web"] {
        create(&engine, name, |_| {}).await;
    }
    create(&engine, "lab10_ranker", |it| {
        it["Labels"]["com.docker.stack.namespace"] = json!("lab10");
        it["TaskTemplate"]["Placement"] = json!({ "Constraints": ["node.labels.gpu==yes"] });
    })
    .await;
    create(&engine, "registry", |it| it["Labels"] = json!({})).await;
    time::sleep(Duration::from_secs(300)).await;
    Shell::with(Ok(engine))
}

async fn create(engine: &FakeEngine, name: &str, change: impl FnOnce(&mut Value)) {
    let mut spec = json!({
        "Name": name,
        "Labels": { "com.docker.stack.namespace": "lab" },
        "Mode": { "Replicated": { "Replicas": 2 } },
        "TaskTemplate": {
            "ContainerSpec": { "Image": "lab/app:1@sha256:aa" },
            "Placement": {},
        },
    });
    change(&mut spec);
    let spec = NewService::new(spec).unwrap();
    engine.apply(&Change::CreateService { spec, auth: None }).await.unwrap();
}
