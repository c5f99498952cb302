//! Secret values that the engine repeats, that specs hold, and that people write themselves:
//! in no output, and in no byte of the state.

use crate::cli::{
    Printed, Shell,
    projects::{Bench, FILE},
};
use jiff::Timestamp;
use skep::{
    domain::{
        project::draft::Draft,
        swarm::{
            change::Change,
            cluster::{Object, ObjectKind, TaskScope},
        },
    },
    engine::{
        Engine, ReadEngine,
        fake::{Behaviour, FakeEngine},
    },
    jobs::{
        masked_engine::MaskedEngine,
        watch::{self, PollPace},
    },
};
use std::{path::PathBuf, sync::Arc};
use tokio::{runtime::Builder, task::spawn_blocking};

const STACK: &str = "shop/production/web";
const SWARM: &str = "shop-production-web";
const DEPLOY: &str = "deploy shop/production/web --resolve-image never";
const TOKEN: &str = "zzfirst-token-8841";
const OTHER: &str = "yysecond-token-1177";

/// What stands where the value of a service stands.
const WITH_TOKEN: &str = "services:
  web:
    image: nginx:1
    command: [\"run\", \"x-${TOKEN}\"]
    labels: {tok: \"x-${TOKEN}\"}
    deploy:
      labels: {own: \"y-${TOKEN}\"}
";

/// A stack of this file on an engine where an image with the value in its name is missing.
fn bench(text: &str) -> Bench {
    let missing = format!("nonexist/{TOKEN}:1");
    let engine = FakeEngine::new(7, Timestamp::now()).behaving(&missing, Behaviour::Missing);
    let bench = Bench { shell: Shell::with(Ok(engine)), ..Bench::new() };
    let bench = with_store(bench);
    bench.does("project create shop");
    bench.does("env create shop/production");
    let file = bench.file("web.yml", text);
    bench.does(&format!("stack create {STACK} -c {}", file.display()));
    bench.does(&format!("var set --secret {STACK} TOKEN={TOKEN}"));
    bench
}

fn with_store(mut bench: Bench) -> Bench {
    bench.shell.desk.store = skep::store::Store::in_dir(&bench.path("state"));
    bench.shell.desk.options.yes = true;
    bench
}

/// Runs commands one after the other; nobody waits for the clock.
fn run(bench: &Bench, lines: &[String]) -> Vec<Printed> {
    let runtime = Builder::new_current_thread().enable_all().start_paused(true).build().unwrap();
    runtime.block_on(async {
        let mut printed = Vec::new();
        for line in lines {
            printed.push(bench.shell.run(line).await);
        }
        printed
    })
}

fn lines<const N: usize>(lines: [&str; N]) -> Vec<String> {
    lines.map(str::to_owned).to_vec()
}

/// Returns everything that was printed; none of the values is in it, nor in the state.
#[track_caller]
fn check(bench: &Bench, commands: &[String], values: &[&str]) -> String {
    let mut said = String::new();
    for Printed { out, remarks, .. } in run(bench, commands) {
        said.push_str(&(out + &remarks));
    }
    for value in values {
        assert!(!said.contains(value), "{said}");
        assert_eq!(bench.holding(value), Vec::<PathBuf>::new(), "{value}");
    }
    said
}

fn looks() -> Vec<String> {
    lines([
        "history shop-production-web",
        "history shop-production-web 1",
        "history shop-production-web 1 --json",
        "history shop-production-web --json",
        "history shop-production-web --stats",
        "audit",
        "audit --json",
    ])
}

#[test]
fn what_the_engine_says_of_a_failed_deployment_gives_no_value_away() {
    let bench = bench("services:\n  web:\n    image: nonexist/${TOKEN}:1\n");
    let mut commands = lines([DEPLOY]);
    commands.push(format!("{DEPLOY} --json"));
    commands.push(format!("{DEPLOY} --mode fast"));
    commands.extend(looks());
    let said = check(&bench, &commands, &[TOKEN]);
    assert!(said.contains("No such image: nonexist/••••••:1"), "{said}");
    let tasks = bench.json("ps shop-production-web");
    let errors: Vec<&str> =
        tasks.as_array().unwrap().iter().filter_map(|it| it["error"].as_str()).collect();
    assert!(errors.concat().contains("nonexist/••••••:1"), "{errors:?}");
    assert!(!errors.concat().contains(TOKEN), "{errors:?}");
}

#[test]
fn findings_of_the_cluster_and_the_registry_give_no_value_away() {
    let image = "services:\n  web:\n    image: nonexist/${TOKEN}:1\n";
    let node = "services:\n  web:\n    image: nginx:1\n    deploy:\n      placement:\n        constraints: [\"node.labels.x==${TOKEN}\"]\n";
    for (text, told) in [(image, "nonexist/••••••:1"), (node, "node.labels.x==••••••")]
    {
        let bench = bench(text);
        let (plan, deploy) = (format!("plan {STACK}"), format!("deploy {STACK}"));
        let mut commands = vec![plan.clone(), format!("{plan} --json"), deploy.clone()];
        commands.extend([format!("{deploy} --json"), format!("check {STACK}")]);
        commands.extend(looks());
        let said = check(&bench, &commands, &[TOKEN]);
        assert!(said.contains(told), "{said}");
    }
}

/// A stack whose live spec holds the value under names that tell nobody.
fn live() -> Bench {
    let bench = bench(WITH_TOKEN);
    bench.does(DEPLOY);
    bench
}

fn shown(bench: &Bench) -> MaskedEngine {
    let engine = Arc::clone(&bench.shell.desk.engine.as_ref().unwrap().engine);
    MaskedEngine::new(engine, bench.store().clone())
}

#[tokio::test]
async fn the_engine_as_people_see_it_gives_no_value_away_and_changes_nothing() {
    let bench = spawn_blocking(live).await.unwrap();
    let shown = shown(&bench);
    let services = shown.services().await.unwrap();
    let tasks = shown.tasks(&TaskScope::All).await.unwrap();
    let mut said = shown.list(ObjectKind::Services, None).await.unwrap();
    for service in &*services {
        said.push(shown.inspect(&Object::Service(service.id.clone())).await.unwrap());
    }
    for task in &tasks {
        said.push(shown.inspect(&Object::Task(task.id.clone())).await.unwrap());
    }
    assert!(said.len() >= 3, "{said:?}");
    for raw in said.iter().map(ToString::to_string) {
        assert!(raw.contains("x-••••••") && !raw.contains(TOKEN), "{raw}");
    }
    let whole = shown.unmasked().inspect(&Object::Service(services[0].id.clone())).await.unwrap();
    assert!(whole.to_string().contains(TOKEN), "{whole}");
    let remove =
        Change::RemoveService { id: services[0].id.clone(), name: services[0].name.to_string() };
    let refused = shown.apply(&remove).await;
    assert!(refused.is_err_and(|it| it.to_string().contains("never written back")));
}

#[tokio::test]
async fn an_event_says_that_a_hidden_value_changed_and_not_to_what() {
    let bench = spawn_blocking(live).await.unwrap();
    let mut watched = watch::spawn(Arc::new(shown(&bench)), PollPace::default());
    watched.views.wait_for(|it| it.surveyed).await.unwrap();
    let again = spawn_blocking(move || {
        bench.does(&format!("var set --secret {STACK} TOKEN={OTHER}"));
        bench.does(DEPLOY);
        bench
    });
    let told = loop {
        let it = watched.happenings.recv().await.unwrap();
        if !it.spec.is_empty() {
            break it.spec;
        }
    };
    let told = format!("{told:?}");
    assert!(told.contains("x-•••••• → x-••••••"), "{told}");
    assert!(!told.contains(TOKEN) && !told.contains(OTHER), "{told}");
    drop(again.await.unwrap());
}

/// What is printed of a stack whose value is rotated: its plan, its file and its past.
fn rotated(text: &str, old: &str, new: &str) -> String {
    let bench = bench(text);
    let set = |value: &str| format!("var set --secret {STACK} TOKEN={value}");
    let plan = format!("plan {STACK} --resolve-image never");
    let mut commands = vec![set(old), DEPLOY.to_owned(), set(new), plan.clone()];
    commands.extend([format!("{plan} --json"), DEPLOY.to_owned(), format!("render {STACK}")]);
    commands.extend([format!("render {STACK} --json"), format!("check {STACK}")]);
    commands.extend(looks());
    commands.extend(lines([
        "history shop-production-web --diff 1 2",
        "history shop-production-web --diff 1 2 --json",
        "history shop-production-web 1 --specs",
    ]));
    run(&bench, &commands).into_iter().map(|it| it.out + &it.remarks).collect()
}

#[test]
fn a_value_is_hidden_however_the_file_takes_it_apart() {
    let web = |rest: &str| format!("services:\n  web:\n    image: nginx:1\n    {rest}\n");
    let listed = web("environment: [\"${TOKEN}\"]");
    let named = web("labels: [\"${TOKEN}\"]");
    let whole = web("environment: {A: \"${TOKEN}\"}");
    for (file, old, new) in [
        (&listed, "DBPW=zzpart-one-11", "DBPW=zzpart-two-22"),
        (&named, "zzpart-one-11", "zzpart-two-22"),
        (&whole, "zzpart$one-11", "zzpart$two-22"),
        (&whole, "http://zzpart-one:x@zzpart-host/db", "http://zzpart-two:y@zzpart-host/db"),
    ] {
        let said = rotated(file, old, new);
        assert!(said.contains("••••••") && !said.contains("zzpart"), "{old}: {said}");
    }
}

#[test]
fn a_value_that_a_container_prints_is_hidden_in_its_log() {
    let bench = bench("services:\n  web:\n    image: nginx:1\n    environment: {A: \"${WORD}\"}\n");
    let mut commands = vec![format!("var set --secret {STACK} WORD=loaded"), DEPLOY.to_owned()];
    commands.extend(lines(["logs shop-production-web", "logs shop-production-web_web"]));
    let said = check(&bench, &commands, &[TOKEN, "loaded"]);
    assert_eq!(said.matches("configuration •••••• from").count(), 2, "{said}");
}

#[test]
fn a_way_back_shows_the_values_of_no_release() {
    let bench = bench(WITH_TOKEN);
    let set = format!("var set --secret {STACK} TOKEN={OTHER}");
    let mut commands = lines([DEPLOY, &set, DEPLOY, "service rollback shop-production-web_web"]);
    commands.extend([format!("{DEPLOY} --rerun-jobs"), format!("rollback {SWARM} 1")]);
    commands.extend([format!("rollback {SWARM} 2 --json"), format!("rollback {SWARM} 1")]);
    commands.extend(looks());
    // The last value is gone from the project: only releases have it.
    commands.extend([format!("var unset {STACK} TOKEN"), format!("rollback {SWARM} 2")]);
    let said = check(&bench, &commands, &[TOKEN, OTHER]);
    assert!(said.contains("Labels.tok: x-•••••• (another value)"), "{said}");
}

#[test]
fn a_value_in_a_message_or_a_draft_is_not_kept_in_clear() {
    let bench = bench(FILE);
    bench.does(&format!("var set --secret {STACK} DB_PASSWORD={OTHER}"));
    let mut commands = vec![format!("{DEPLOY} -m with:{TOKEN}")];
    commands.push(format!("{DEPLOY} -m {OTHER}"));
    commands.extend(looks());
    let draft = Draft {
        text: format!("services: {{web: {{command: [{TOKEN}]}}}}\n"),
        base: String::new(),
        at: Timestamp::now(),
        discarded: false,
        by: None,
    };
    bench.store().keep_draft("/a.yml", &draft).unwrap();
    bench.store().discard_draft("/b.yml", &draft).unwrap();
    let said = check(&bench, &commands, &[TOKEN, OTHER]);
    assert!(said.contains("with:••••••"), "{said}");
    assert_eq!(bench.store().draft("/a.yml").unwrap(), Some(draft));
}
