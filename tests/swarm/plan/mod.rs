//! Plans on a real swarm: what was predicted is what happens to tasks.

mod files;
mod refusals;

use crate::{lab::Lab, plan::files::Variant, wait::wait_until};
use jiff::Timestamp;
use serde_json::Value;
use skep::{
    domain::{
        compose::ComposeFile,
        deployment::{
            audit::Operator, deploy::Mode, plan::Effect, release::Provenance, resolve::Resolve,
        },
        swarm::{
            cluster::{ObjectKind, TaskScope},
            names::StackName,
        },
    },
    engine::{
        Engine,
        context::{Surroundings, Wish, find},
        docker::connect,
    },
    jobs::{
        JobId, News, Verdict,
        deploy::{DeployOrder, prepare},
        operations::Operation,
        session::{Neighbours, Session},
    },
    projects::Sources,
    store::Store,
};
use std::{
    collections::{BTreeMap, BTreeSet},
    io::Write,
    path::PathBuf,
    process::Stdio,
    sync::Arc,
    time::{Duration, Instant},
};
use tokio::sync::{Mutex, mpsc};

const PATIENCE: Duration = Duration::from_secs(180);
/// Pairs of files that are deployed one after the other; `SKEP_PAIRS` asks for
/// more than a usual run has time for.
const PAIRS: u64 = 6;

/// The files written by hand publish ports, which belong to one stack at a time.
static PORTS: Mutex<()> = Mutex::const_new(());

/// A stack of its own on the lab.
struct Bench {
    lab: &'static Lab,
    engine: Arc<dyn Engine>,
    stack: StackName,
}

impl Bench {
    fn new(stack: &str) -> Option<Self> {
        let lab = Lab::shared()?;
        let wish = Wish { host: Some(lab.socket("node1").to_owned()), context: None };
        let endpoint = find(&wish, &Surroundings::default()).unwrap().endpoint;
        Some(Self { lab, engine: Arc::new(connect(endpoint)), stack: stack.parse().unwrap() })
    }

    fn order(&self, text: &str) -> DeployOrder {
        let sources = Sources {
            files: vec![ComposeFile { name: "stack.yml".into(), bytes: text.as_bytes().to_vec() }],
            working_dir: PathBuf::from("/"),
            environment: Arc::default(),
            managed: None,
            provenance: Provenance::default(),
        };
        DeployOrder {
            resolve: Resolve::Never,
            prune: true,
            mode: Mode::Fast,
            ..DeployOrder::of(self.stack.clone(), sources)
        }
    }

    async fn deploy(&self, text: &str) -> Verdict {
        let who = Operator { user: "ann".to_owned(), from: None, host: "lab".to_owned() };
        let session = Session {
            engine: self.engine.clone(),
            store: Store::in_memory(),
            who,
            context: "lab".to_owned(),
            neighbours: Neighbours::default(),
        };
        let (reports, mut heard) = mpsc::unbounded_channel();
        let _job = session.start(JobId(1), Operation::Deploy(Box::new(self.order(text))), reports);
        loop {
            if let News::Finished(verdict) = heard.recv().await.unwrap().news {
                return verdict;
            }
        }
    }

    /// Deploys with the docker client.
    fn docker_deploy(&self, text: &str) {
        let args = ["stack", "deploy", "--resolve-image", "never", "-c", "-", self.stack.as_str()];
        let mut command = self.lab.docker_command("node1", &args);
        let mut child = command
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        child.stdin.take().unwrap().write_all(text.as_bytes()).unwrap();
        let output = child.wait_with_output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    }

    /// Returns the ids of running tasks by service, once all run and no updater works.
    async fn settled(&self) -> BTreeMap<String, BTreeSet<String>> {
        let start = Instant::now();
        loop {
            let services =
                self.engine.list(ObjectKind::Services, Some(self.stack.as_str())).await.unwrap();
            let tasks = self.engine.tasks(&TaskScope::Stack(self.stack.clone())).await.unwrap();
            let mut found: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
            let mut steady = true;
            for service in &services {
                let name = service["Spec"]["Name"].as_str().unwrap().to_owned();
                let id = service["ID"].as_str().unwrap();
                let wanted = service["Spec"]["Mode"]["Replicated"]["Replicas"].as_u64();
                let mine = tasks
                    .iter()
                    .filter(|it| it.service.as_ref().is_some_and(|it| it.as_str() == id));
                let open: Vec<_> = mine.filter(|it| !it.desired.is_over()).collect();
                steady &= open.iter().all(|it| it.state.word() == "running");
                steady &= wanted.is_none_or(|it| it == open.len() as u64);
                steady &= service["UpdateStatus"]["State"] != "updating";
                found.insert(name, open.iter().map(|it| it.id.to_string()).collect());
            }
            if steady {
                return found;
            }
            assert!(start.elapsed() < PATIENCE, "not settled: {found:?}");
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    }

    fn remove(&self) {
        self.lab.remove_stack(self.stack.as_str());
        let label = format!("label=com.docker.stack.namespace={}", self.stack);
        wait_until("the stack is gone", PATIENCE, || {
            self.lab.docker(&["network", "ls", "-q", "--filter", &label]).trim().is_empty()
        });
    }
}

/// Returns whether what was predicted for a service is what became of its tasks.
///
/// Tasks that a smaller number of replicas takes away, or a larger one adds, are
/// no replacement: some stayed.
fn agrees(
    effect: &Effect,
    before: Option<&BTreeSet<String>>,
    after: Option<&BTreeSet<String>>,
) -> bool {
    let (Some(before), Some(after)) = (before, after) else {
        return matches!(
            (effect, before, after),
            (Effect::Create, None, Some(_)) | (Effect::Remove, Some(_), None)
        );
    };
    let gone = before.difference(after).count();
    let fewer = before.len().saturating_sub(after.len());
    match effect {
        Effect::Unchanged => gone == 0,
        Effect::InPlace => gone == fewer,
        Effect::Replace(rollout) => {
            let predicted = usize::try_from(rollout.tasks).unwrap();
            predicted <= gone && gone <= predicted + fewer
        }
        Effect::Create | Effect::Remove | Effect::Refused(_) => false,
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stack_that_docker_deployed_has_nothing_to_do() {
    let _ports = PORTS.lock().await;
    let Some(bench) = Bench::new("planned-by-docker") else { return };
    for text in files::REAL {
        bench.docker_deploy(text);
        bench.settled().await;
        let order = DeployOrder { prune: false, ..bench.order(text) };
        let prepared = prepare(&*bench.engine, &order).await.unwrap();
        let rest: Vec<_> =
            prepared.plan.steps.iter().filter(|it| it.effect != Effect::Unchanged).collect();
        assert!(rest.is_empty(), "{text}\n{rest:#?}");
    }
    bench.remove();
}

/// Services on networks that every swarm has, which lists leave out.
const PREDEFINED: &[&str] = &[
    "services: {a: {image: 'skep-workload:1', networks: [out]}}
networks: {out: {external: true, name: host}}",
    "services: {a: {image: 'skep-workload:1', networks: [host]}}
networks: {host: {external: true}}",
    "services: {a: {image: 'skep-workload:1'}}
networks: {default: {external: true, name: host}}",
    "services: {a: {image: 'skep-workload:1', networks: {out: {aliases: [b]}}}}
networks: {out: {external: true, name: bridge}}",
    "services: {a: {image: 'skep-workload:1', networks: [out, own]}}
networks: {out: {external: true, name: bridge}, own: {}}",
];

#[tokio::test(flavor = "multi_thread")]
async fn a_network_that_every_swarm_has_is_no_difference() {
    let Some(bench) = Bench::new("planned-predefined") else { return };
    for text in PREDEFINED {
        let order = DeployOrder { prune: false, ..bench.order(text) };
        let rest = async || {
            let plan = prepare(&*bench.engine, &order).await.unwrap().plan;
            plan.steps.into_iter().filter(|it| it.effect != Effect::Unchanged).collect::<Vec<_>>()
        };
        bench.docker_deploy(text);
        assert_eq!(rest().await, [], "deployed by docker: {text}");
        bench.remove();
        let verdict = bench.deploy(text).await;
        assert!(verdict.succeeded(), "{verdict}\n{text}");
        assert_eq!(rest().await, [], "deployed by skep: {text}");
        bench.remove();
    }
}

/// Old managers drop these without a word: on 20.10 both, on the newest none.
const NEWER: &str = "
services:
  a:
    image: skep-workload:1
    healthcheck: {test: [CMD, 'true'], start_interval: 1s, start_period: 2s}
    volumes: [{type: volume, source: data, target: /data, volume: {subpath: bin, nocopy: true}}]
    deploy: {replicas: 0}
volumes: {data: {}}
";

#[tokio::test(flavor = "multi_thread")]
async fn what_the_engine_drops_is_no_difference() {
    let Some(bench) = Bench::new("planned-dropped") else { return };
    let verdict = bench.deploy(NEWER).await;
    assert!(verdict.succeeded(), "{verdict}");
    let prepared = prepare(&*bench.engine, &bench.order(NEWER)).await.unwrap();
    let rest: Vec<_> =
        prepared.plan.steps.iter().filter(|it| it.effect != Effect::Unchanged).collect();
    assert!(rest.is_empty(), "{rest:#?}");
    let stored = bench.engine.list(ObjectKind::Services, Some(bench.stack.as_str())).await.unwrap();
    let health = &stored[0]["Spec"]["TaskTemplate"]["ContainerSpec"]["Healthcheck"];
    let kept = health["StartInterval"].is_number();
    let told = prepared.preflight.findings.iter().any(|it| it.code.name == "engine-old");
    assert!(kept || told, "{stored:#?}");
    // What is stored is compared in full.
    let changed = NEWER.replace("start_interval: 1s", "start_interval: 3s");
    let plan = prepare(&*bench.engine, &bench.order(&changed)).await.unwrap().plan;
    assert_eq!(plan.is_empty(), !kept, "{plan:#?}");
    bench.remove();
}

#[tokio::test(flavor = "multi_thread")]
async fn docker_replaces_no_task_of_a_stack_that_skep_deployed() {
    let _ports = PORTS.lock().await;
    let Some(bench) = Bench::new("planned-by-skep") else { return };
    for text in files::REAL {
        let verdict = bench.deploy(text).await;
        assert!(verdict.succeeded(), "{verdict}");
        let before = bench.settled().await;
        bench.docker_deploy(text);
        assert_eq!(bench.settled().await, before, "{text}");
    }
    bench.remove();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_deployment_writes_nothing() {
    let _ports = PORTS.lock().await;
    let Some(bench) = Bench::new("planned-twice") else { return };
    let text = files::REAL[0];
    assert!(bench.deploy(text).await.succeeded());
    bench.settled().await;
    let versions = |found: Vec<Value>| {
        found.iter().map(|it| it["Version"]["Index"].as_u64()).collect::<Vec<_>>()
    };
    let before = versions(
        bench.engine.list(ObjectKind::Services, Some(bench.stack.as_str())).await.unwrap(),
    );
    assert!(bench.deploy(text).await.succeeded());
    let after = versions(
        bench.engine.list(ObjectKind::Services, Some(bench.stack.as_str())).await.unwrap(),
    );
    assert_eq!(before, after);
    bench.remove();
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_deployments_at_once_one_is_refused_and_no_lease_stays() {
    let _ports = PORTS.lock().await;
    let Some(bench) = Bench::new("planned-at-once") else { return };
    let text = files::REAL[0];
    let (one, other) = tokio::join!(bench.deploy(text), bench.deploy(text));
    let (winner, loser) = if one.succeeded() { (one, other) } else { (other, one) };
    assert!(winner.succeeded(), "{winner}");
    assert!(
        loser.to_string().contains("stack planned-at-once is being changed by somebody else"),
        "{loser}"
    );
    let lease = "name=skep-lease-planned-at-once";
    assert_eq!(bench.lab.docker(&["config", "ls", "-q", "--filter", lease]).trim(), "");
    bench.remove();
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_plan_predicts_happens_to_the_tasks() {
    let Some(bench) = Bench::new("planned-pairs") else { return };
    let pairs = std::env::var("SKEP_PAIRS").ok().and_then(|it| it.parse().ok()).unwrap_or(PAIRS);
    let start = Timestamp::now();
    let mut variant = Variant::new(1);
    assert!(bench.deploy(&variant.text()).await.succeeded());
    let mut compared = 0;
    for seed in 2..2 + pairs {
        let before = bench.settled().await;
        variant = variant.changed(seed);
        let text = variant.text();
        let plan = prepare(&*bench.engine, &bench.order(&text)).await.unwrap().plan;
        let verdict = bench.deploy(&text).await;
        assert!(verdict.succeeded(), "{verdict}\n{text}");
        let after = bench.settled().await;
        for step in plan.steps.iter().filter(|it| it.kind == ObjectKind::Services) {
            let (old, new) = (before.get(&step.name), after.get(&step.name));
            let told = format!("{step:#?}\nbefore {old:?}\nafter {new:?}\n{text}");
            assert!(agrees(&step.effect, old, new), "{told}");
            compared += 1;
        }
    }
    println!(
        "{pairs} pairs, {compared} services predicted right, in {:#}",
        Timestamp::now() - start
    );
    bench.remove();
}
