//! The commands on the swarm in memory: what they print, and where.

#![allow(clippy::unwrap_used, reason = "a broken helper is a failed test")]

use clap::Parser;
use insta::assert_snapshot;
use jiff::{Timestamp, ToSpan, tz::TimeZone};
use serde_json::{Value, json};
use skep::{
    cli::{Cli, Desk, Exit, Page, Reached},
    config::{Flags, Places, load, places::UserFile},
    domain::{
        audit::{AuditLine, Operator},
        change::Change,
        context::KnownContext,
        spec::NewService,
        verdict::Verdict,
    },
    engine::{Engine, EngineError, fake::FakeEngine},
    store::Store,
};
use std::{path::Path, sync::Arc, time::Duration};
use tokio::time;

/// What a command printed, and how it ended.
struct Printed {
    out: String,
    remarks: String,
    exit: Exit,
}

/// A terminal with an engine behind it.
struct Shell {
    desk: Desk,
}

impl Shell {
    fn with(engine: Result<FakeEngine, EngineError>) -> Self {
        let settings = Path::new("/home/ann/.config/skep/config.toml").to_owned();
        let places = Places { user: UserFile::Usual(settings), ..Places::default() };
        let desk = Desk {
            options: Cli::try_parse_from(["skep"]).unwrap().options,
            settings: load(&places, &Flags::default()).unwrap(),
            places,
            now: now(),
            engine: engine.map(reached).map_err(Into::into),
            store: Ok(Store::in_dir(Path::new("/nowhere/skep"))),
            contexts: Vec::new(),
            who: ann(),
            zone: TimeZone::UTC,
        };
        Self { desk }
    }

    /// The demo cluster, with the same story each time.
    fn demo() -> Self {
        Self::with(Ok(FakeEngine::demo(7, now())))
    }

    async fn run(&self, line: &str) -> Printed {
        let words = ["skep"].into_iter().chain(line.split_whitespace());
        let cli = Cli::try_parse_from(words).unwrap();
        let (mut out, mut remarks) = (Vec::new(), Vec::new());
        let json = cli.options.json;
        let mut page = Page { out: &mut out, remarks: &mut remarks, colors: false, json };
        let exit = cli.command.unwrap().run(&self.desk, &mut page).await;
        let text = |it| String::from_utf8(it).unwrap();
        Printed { out: text(out), remarks: text(remarks), exit }
    }

    /// Runs a command that has nothing but answers.
    async fn out(&self, line: &str) -> String {
        let printed = self.run(line).await;
        assert_eq!((printed.remarks.as_str(), printed.exit), ("", Exit::Done));
        printed.out
    }

    async fn json(&self, line: &str) -> Value {
        serde_json::from_str(&self.out(&format!("{line} --json")).await).unwrap()
    }

    async fn refusal(&self, line: &str) -> String {
        let printed = self.run(line).await;
        assert_eq!((printed.out.as_str(), printed.exit), ("", Exit::Failed));
        printed.remarks
    }
}

fn reached(engine: FakeEngine) -> Reached {
    Reached { engine: Arc::new(engine), context: "demo".to_owned() }
}

fn ann() -> Operator {
    Operator { user: "ann".to_owned(), from: Some("10.0.0.7".to_owned()), host: "m1".to_owned() }
}

fn two_actions() -> [AuditLine; 2] {
    let first = AuditLine {
        at: now(),
        who: ann(),
        context: Some("prod".to_owned()),
        address: "unix:///var/run/docker.sock".to_owned(),
        action: "scale to 5".to_owned(),
        object: "service shop_web".to_owned(),
        command: Some("docker service scale shop_web=5".to_owned()),
        outcome: Verdict::Succeeded("5/5".to_owned()),
    };
    let second = AuditLine {
        at: now() + 61.seconds(),
        context: None,
        action: "restart".to_owned(),
        command: Some("docker service update --force shop_web".to_owned()),
        outcome: Verdict::Failed { why: "no leader".to_owned(), hint: None },
        ..first.clone()
    };
    [first, second]
}

fn now() -> Timestamp {
    "2026-11-20T23:00:00Z".parse().unwrap()
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

#[tokio::test(start_paused = true)]
async fn stacks_say_what_is_wrong_with_them() {
    assert_snapshot!(Shell::demo().out("ls").await, @r"
    NAME                    SERVICES  TASKS  TROUBLE
    monitoring                     5    9/9
    shop-production-cart           3    6/6
    shop-production-db             2    1/1
    shop-production-mail           3    3/3
    shop-production-search         3    3/5  ranker
    shop-production-web            3    9/9
    shop-staging-web               3    2/2
    traefik                        1    3/3
    ");
}

#[tokio::test(start_paused = true)]
async fn stacks_as_json_name_services_in_trouble() {
    let stacks = Shell::demo().json("ls").await;
    assert_snapshot!(stacks[4], @r#"
    {"name":"shop-production-search","services":3,"running":3,"desired":5,"trouble":["ranker"]}
    "#);
}

#[tokio::test(start_paused = true)]
async fn services_of_all_stacks_are_in_natural_order() {
    assert_snapshot!(Shell::demo().out("services").await, @r"
    ID            NAME                           MODE            REPLICAS             IMAGE                                          PORTS                            UPDATE
    bpvdj2kaprrg  monitoring_alertmanager        replicated      2/2                  prom/alertmanager:v0.27.0
    8m16h3fe2wqz  monitoring_grafana             replicated      1/1                  grafana/grafana:11.1.0                         *:3000->3000/tcp
    krsrhd0mz3lv  monitoring_loki                replicated      1/1                  grafana/loki:3.0.0
    qeio19qcmy8z  monitoring_node-exporter       global          4/4                  prom/node-exporter:v1.8.1
    4d5gi7n7szl4  monitoring_prometheus          replicated      1/1                  prom/prometheus:v2.53.0                        *:9090->9090/tcp
    1jie49wyuejb  registry                       replicated      1/1                  registry:2.8.3                                 *:5000->5000/tcp
    vcbnqc04u8tw  shop-production-cart_cart      replicated      3/3                  registry.bees.example/shop/cart:3.7.0
    vdovpco2ilhf  shop-production-cart_payment   replicated      2/2                  registry.bees.example/shop/payment:2.9.8
    b87nnr61syi7  shop-production-cart_redis     replicated      1/1                  redis:7.2-alpine
    qvfkwjqd61f2  shop-production-db_backup      replicated-job  0/1 (1/1 completed)  registry.bees.example/ops/backup-job:3.1
    5xwsxt3eelkg  shop-production-db_postgres    replicated      1/1                  postgres:16.3
    wevu11svdpqy  shop-production-mail_digest    replicated-job  0/2 (6/6 completed)  registry.bees.example/shop/mail-job:1.14.2
    7d6uhlspcgc1  shop-production-mail_queue     replicated      1/1                  rabbitmq:3.13-management                       *:15672->15672/tcp
    mm4wgxwfj9ze  shop-production-mail_worker    replicated      2/2                  registry.bees.example/shop/mail-worker:1.14.2
    4e486yw957ba  shop-production-search_index   replicated      1/1                  opensearchproject/opensearch:2.14.0
    9oewxw4oeeo7  shop-production-search_ranker  replicated      0/2                  registry.bees.example/shop/ranker:0.9.0
    d98rxst42xx8  shop-production-search_search  replicated      2/2                  registry.bees.example/shop/search:5.0.1
    dblj8qy7omkn  shop-production-web_api        replicated      4/4                  registry.bees.example/shop/api:4.2.1                                            updating
    x1fahxdvrjj7  shop-production-web_images     replicated      2/2                  registry.bees.example/shop/image-proxy:2.0.4
    i5vzyancr8aj  shop-production-web_web        replicated      3/3                  registry.bees.example/shop/web:9.1.3           *:80->8080/tcp, *:443->8443/tcp
    5qaijqemj07s  shop-staging-web_api           replicated      1/1                  registry.bees.example/shop/api:4.3.0-rc2
    15s4aor01w4k  shop-staging-web_postgres      replicated      0/0                  postgres:16.3
    9ngixa4iewys  shop-staging-web_web           replicated      1/1                  registry.bees.example/shop/web:9.2.0-rc1       *:8443->8443/tcp
    ruv11ywes75q  traefik_traefik                global          3/3                  traefik:v3.0.4
    kygk9li3vizv  whoami                         replicated      2/2                  traefik/whoami:v1.10
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
    time::sleep(Duration::from_secs(20)).await;
    assert_snapshot!(Shell::with(Ok(engine)).out("services lab").await, @r"
    ID            NAME            MODE            REPLICAS              IMAGE      PORTS                   UPDATE
    5jpmai7r6311  lab_everywhere  global          3/3                   lab/app:1
    15etpexny0xi  lab_job         replicated-job  1/2 (4/5 completed)   lab/app:1
    g1fhjdglzwjf  lab_job2        replicated      2/2                   lab/app:1  *:8080-8081->80-81/tcp
    cdwg974vwzwm  lab_job10       global-job      0/0 (3/3 completed)   lab/app:1
    emapx5ej3upx  lab_limited     replicated      2/2 (max 1 per node)  lab/app:1
    ");
}

#[tokio::test(start_paused = true)]
async fn a_stack_nobody_has_is_a_remark_and_no_failure() {
    let printed = Shell::demo().run("services shop-production-wep").await;
    assert_eq!((printed.out.as_str(), printed.exit), ("", Exit::Done));
    assert_snapshot!(printed.remarks, @r"
    nothing found in stack `shop-production-wep`; did you mean `shop-production-web`?
    ");
    assert_eq!(Shell::demo().json("services nobody").await, json!([]));
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
    ID            NAME                                 IMAGE      NODE   DESIRED   STATE     AGE  ERROR
    55q34fo5539n  lab_agent.9e8tmm51agpdft9pwpz29ffh5  lab/app:1  node3  running   running   18s
    qpn69wezf3w8  lab_agent.n8p81cpolshb0npr2kq89faxk  lab/app:1  node2  running   running   19s
    dblj8qy7omkn  lab_agent.ruw707lmd0wrdnaiciwhyj5xi  lab/app:1  node1  running   running   17s
    zpxfcozrss8s  lab_bad.1                            lab/bad:1  node1  running   starting   0s
    6pw9159w744p   \_ lab_bad.1                        lab/bad:1  node1  shutdown  failed     5s  task: non-zero exit (1)
    zp9ngixa4iew   \_ lab_bad.1                        lab/bad:1  node1  shutdown  failed    11s  task: non-zero exit (1)
    x1fahxdvrjj7   \_ lab_bad.1                        lab/bad:1  node1  shutdown  failed    17s  task: non-zero exit (1)
    j0bll5nrs4mt  lab_big.1                            lab/app:1         running   pending   19s  no suitable node (scheduling constraints not satisfied on 3 nodes)
    g1fhjdglzwjf  lab_web.1                            lab/app:1  node2  running   running   18s
    i5vzyancr8aj  lab_web.2                            lab/app:1  node3  running   running   19s
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
    error: there is no stack and no service `shop-prodution-web`
    hint: did you mean `shop-production-web`?
    ");
    assert_snapshot!(Shell::demo().refusal("ps zzz").await, @r"
    error: there is no stack and no service `zzz`
    hint: see `skep ls` and `skep services`
    ");
}

#[tokio::test(start_paused = true)]
async fn nodes_say_who_leads_and_who_rests() {
    assert_snapshot!(Shell::demo().out("nodes").await, @r"
    ID            NAME     STATUS  AVAILABILITY  MANAGER    ENGINE  ADDRESS     CPUS  MEMORY  PLATFORM      NOTE
    ruw707lmd0wr  hive1 *  ready   active        leader     28.2.2  10.20.0.11     8  16 GiB  linux/x86_64
    n8p81cpolshb  hive2    ready   active        reachable  28.2.2  10.20.0.12     8  16 GiB  linux/x86_64
    9e8tmm51agpd  hive3    ready   active        reachable  28.2.2  10.20.0.13     8  16 GiB  linux/x86_64
    emapx5ej3upx  hive4    ready   active                   28.2.2  10.20.0.14    16  32 GiB  linux/x86_64
    5jpmai7r6311  hive5    ready   drain                    28.2.2  10.20.0.15     4   4 GiB  linux/x86_64
    ");
}

#[tokio::test(start_paused = true)]
async fn an_engine_out_of_reach_is_an_error_with_a_hint() {
    let engine = FakeEngine::new(7, now());
    engine.link().cut();
    assert_snapshot!(Shell::with(Ok(engine)).refusal("ls").await, @r"
    error: no engine answers at demo: connection refused
    hint: check address, network and firewall; or name another engine with --context or --host
    ");
    let worker = FakeEngine::new(7, now()).worker();
    assert_snapshot!(Shell::with(Ok(worker)).refusal("nodes").await, @r"
    error: demo is a worker, and only managers know the cluster
    hint: managers: 10.20.0.11:2377; run skep there, or `--host ssh://…`
    ");
}

#[tokio::test(start_paused = true)]
async fn commands_that_need_no_engine_do_not_miss_it() {
    let err = EngineError::PermissionDenied { address: "unix:///x".to_owned() };
    let shell = Shell::with(Err(err));
    assert!(shell.run("config").await.exit == Exit::Done);
    assert!(shell.out("completions bash").await.contains("skep"));
    assert!(shell.refusal("ls").await.starts_with("error: no permission to use unix:///x\nhint: "));
}

#[tokio::test(start_paused = true)]
async fn contexts_say_where_they_lead() {
    let mut shell = Shell::demo();
    let context = |name: &str, address: Result<&str, &str>, current| KnownContext {
        name: name.to_owned(),
        description: String::new(),
        address: address.map(ToOwned::to_owned).map_err(ToOwned::to_owned),
        current,
    };
    shell.desk.contexts = vec![
        context("default", Ok("unix:///var/run/docker.sock"), false),
        context("prod", Ok("ssh://ann@m1"), true),
        context("old", Err("`ftp` is no address"), false),
    ];
    assert_snapshot!(shell.out("contexts").await, @r"
    NAME     ADDRESS                      DESCRIPTION
    default  unix:///var/run/docker.sock
    prod *   ssh://ann@m1
    old      `ftp` is no address
    ");
}

#[tokio::test(start_paused = true)]
async fn actions_are_listed_newest_first() {
    let dir = tempfile::tempdir().unwrap();
    let mut shell = Shell::demo();
    let store = Store::in_dir(dir.path());
    shell.desk.store = Ok(store.clone());
    let none = shell.run("audit").await;
    assert_eq!(none.remarks, "nothing was changed with skep from this machine\n");
    for line in two_actions() {
        store.record(&line).unwrap();
    }
    assert_snapshot!(shell.out("audit").await, @r"
    WHEN                 WHO                   WHERE                        OBJECT            ACTION      OUTCOME
    2026-11-20 23:01:01  ann@m1 from 10.0.0.7  unix:///var/run/docker.sock  service shop_web  restart     failed: no leader
    2026-11-20 23:00:00  ann@m1 from 10.0.0.7  prod                         service shop_web  scale to 5  done
    ");
    assert_snapshot!(shell.out("audit -n 1 --json").await, @r#"
    [
      {
        "at": "2026-11-20T23:01:01Z",
        "who": {
          "user": "ann",
          "from": "10.0.0.7",
          "host": "m1"
        },
        "context": null,
        "address": "unix:///var/run/docker.sock",
        "action": "restart",
        "object": "service shop_web",
        "command": "docker service update --force shop_web",
        "outcome": {
          "failed": {
            "why": "no leader",
            "hint": null
          }
        }
      }
    ]
    "#);
}

#[tokio::test(start_paused = true)]
async fn settings_say_who_set_them() {
    let mut shell = Shell::demo();
    shell.desk.places.env.insert("SKEP_UI_THEME".to_owned(), "dark".to_owned());
    let flags = Cli::try_parse_from(["skep", "--timeout", "3s"]).unwrap().options.flags();
    shell.desk.settings = load(&shell.desk.places, &flags).unwrap();
    assert_snapshot!(shell.out("config").await, @r#"
    SETTING                      VALUE     FROM
    contexts.default.production  false     default
    contexts.default.read_only   false     default
    contexts.default.theme       ""        default
    engine.context               ""        default
    engine.host                  ""        default
    engine.timeout               "3s"      command line
    logs.buffer                  100000    default
    logs.colors                  "keep"    default
    logs.since                   ""        default
    logs.tail                    200       default
    logs.timestamps              true      default
    logs.wrap                    false     default
    read_only                    false     default
    state.dir                    ""        default
    ui.ascii                     "auto"    default
    ui.header                    true      default
    ui.hints                     true      default
    ui.mouse                     "auto"    default
    ui.refresh                   "5s"      default
    ui.theme                     "dark"    SKEP_UI_THEME
    ui.view                      "stacks"  default
    "#);
    assert_eq!(shell.out("config --path").await, "/home/ann/.config/skep/config.toml\n");
}

fn check_usage(line: &str, expected: &str) {
    let err = Cli::try_parse_from(line.split_whitespace()).unwrap_err();
    assert!(err.to_string().contains(expected), "{line}: {err}");
    assert_eq!(err.exit_code(), 2);
}

#[test]
fn what_makes_no_sense_is_a_usage_error() {
    check_usage("skep lss", "a similar subcommand exists: 'ls'");
    check_usage("skep ps", "<STACK|SERVICE>");
    check_usage("skep ls --timeout soon", "`soon` is no duration");
    check_usage("skep --context a --host b ls", "cannot be used with");
    check_usage("skep --demo --host b", "cannot be used with");
}

#[test]
fn options_stand_before_or_behind_the_command() {
    for line in ["skep --json --context prod ls", "skep ls --json --context prod"] {
        let options = Cli::try_parse_from(line.split_whitespace()).unwrap().options;
        assert!(options.json);
        assert_eq!(options.flags().engine.context.as_deref(), Some("prod"));
    }
}

#[test]
fn the_help_lists_every_command() {
    let err = Cli::try_parse_from(["skep", "--help"]).unwrap_err();
    assert_snapshot!(err.to_string(), @r"
    The cockpit for Docker Swarm.

    Without a command it opens the cockpit.

    Usage: skep [OPTIONS] [COMMAND]

    Commands:
      ls           List the stacks, and what is wrong with them
      services     List the services of a stack, or all of them
      ps           List the tasks of a stack or a service
      nodes        List the nodes of the swarm
      contexts     List the docker contexts
      audit        List what was changed with skep from this machine, and by whom
      config       Show the settings in force, and where each comes from
      completions  Print the completions for a shell

    Options:
      -h, --help
              Print help (see a summary with '-h')

      -V, --version
              Print version

    Options for all commands:
          --context <NAME>
              The docker context to use

      -H, --host <ADDRESS>
              The engine to use: unix:///path, tcp://host:port, ssh://user@host

          --demo
              Use a cluster that is made up

          --read-only
              Refuse everything that changes a cluster

          --config <FILE>
              The file with your settings

          --json
              Print JSON

      -y, --yes
              Do not ask

          --timeout <DURATION>
              How long to wait for an answer of the engine, as 10s

          --no-color
              Print no colours; the variable NO_COLOR says the same
    ");
}
