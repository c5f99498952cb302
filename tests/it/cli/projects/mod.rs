//! Projects, environments, stacks, variables, policies and changes by command: on the
//! swarm in memory and a real state file.

mod hostile;
mod named;
mod past;
mod policies;
mod sealed;
mod shown;

use crate::cli::{Printed, Shell};
use jiff::Timestamp;
use skep::{cli::Exit, engine::fake::FakeEngine, store::Store};
use std::{
    fs,
    path::{Path, PathBuf},
};
use tempfile::TempDir;

const FILE: &str = "# the shop\nservices:\n  web:\n    image: nginx:${TAG:-1}\n    environment:\n      DB_URL: postgres://u:${DB_PASSWORD:?set it}@db/shop\n    deploy:\n      replicas: 2\n";

/// A shell with a state of its own and a folder of files.
pub struct Bench {
    shell: Shell,
    dir: TempDir,
}

impl Bench {
    fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let mut shell = Shell::with(Ok(FakeEngine::new(7, Timestamp::now())));
        shell.desk.store = Store::in_dir(&dir.path().join("state"));
        shell.desk.options.yes = true;
        Self { shell, dir }
    }

    fn with_stack() -> Self {
        let bench = Self::new();
        bench.does("project create shop");
        bench.does("env create shop/production");
        let file = bench.file("web.yml", FILE);
        bench.does(&format!("stack create shop/production/web -c {}", file.display()));
        bench
    }

    fn store(&self) -> &Store {
        &self.shell.desk.store
    }

    fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    fn file(&self, name: &str, text: &str) -> PathBuf {
        let path = self.path(name);
        fs::write(&path, text).unwrap();
        path
    }

    fn run(&self, line: &str) -> Printed {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(self.shell.run(line))
    }

    /// Does something that succeeds, and returns what it says.
    fn does(&self, line: &str) -> String {
        let printed = self.run(line);
        assert_eq!(printed.exit, Exit::Done, "{line}: {}", printed.remarks);
        printed.out
    }

    fn refuses(&self, line: &str) -> String {
        let printed = self.run(line);
        assert_ne!(printed.exit, Exit::Done, "{line}: {}", printed.out);
        printed.remarks
    }

    fn json(&self, line: &str) -> serde_json::Value {
        serde_json::from_str(&self.does(&format!("{line} --json"))).unwrap()
    }

    /// Returns the names of files below the state that hold a text.
    fn holding(&self, text: &str) -> Vec<PathBuf> {
        let mut found = Vec::new();
        let mut folders = vec![self.path("state")];
        while let Some(folder) = folders.pop() {
            for entry in fs::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() {
                    folders.push(path);
                } else if holds(&fs::read(&path).unwrap(), text.as_bytes()) {
                    found.push(path);
                }
            }
        }
        found
    }
}

fn holds(bytes: &[u8], text: &[u8]) -> bool {
    bytes.windows(text.len()).any(|it| it == text)
}

#[test]
fn projects_hold_environments_and_these_hold_stacks() {
    let bench = Bench::with_stack();
    assert!(bench.does("project list").contains("shop"));
    assert!(bench.does("env list shop").contains("shop/production"));
    let stacks = bench.json("stack list");
    assert_eq!(stacks[0]["swarm"], "shop-production-web");
    assert!(bench.does("project show shop").contains("web (shop-production-web in the swarm)"));
    let again = bench.refuses("project create shop");
    assert!(again.contains("project `shop` exists already"), "{again}");
    let full = bench.refuses("project delete shop");
    assert!(full.contains("still has shop/production"), "{full}");
    bench.does("stack rename shop/production/web front");
    bench.does("env rename shop/production live");
    bench.does("project rename shop store");
    assert_eq!(bench.json("stack list")[0]["stack"], "store/live/front");
    for line in ["stack delete store/live/front", "env delete store/live", "project delete store"] {
        bench.does(line);
    }
    assert_eq!(bench.json("project list"), serde_json::json!([]));
}

#[test]
fn nothing_is_deleted_unasked_and_nothing_is_changed_in_read_only() {
    let mut bench = Bench::with_stack();
    bench.shell.desk.options.yes = false;
    let unasked = bench.refuses("stack delete shop/production/web");
    assert!(unasked.contains("there is no terminal to ask for confirmation"), "{unasked}");
    bench.shell.desk.settings.config.read_only = true;
    for line in ["project create x", "var set shop A=1", "policy recommended shop"] {
        assert!(bench.refuses(line).contains("read-only"), "{line}");
    }
}

#[test]
fn a_source_is_kept_byte_for_byte() {
    let bench = Bench::with_stack();
    assert_eq!(bench.does("stack source shop/production/web"), FILE);
    fs::remove_file(bench.path("web.yml")).unwrap();
    assert_eq!(bench.does("stack source shop/production/web"), FILE);
}

#[test]
fn values_are_told_with_who_gives_them_and_what_they_beat() {
    let bench = Bench::with_stack();
    let row = |name: &str| {
        let rows = bench.json("var list shop/production/web");
        rows.as_array().unwrap().iter().find(|it| it["name"] == *name).unwrap().clone()
    };
    assert_eq!(
        (&row("TAG")["value"], &row("TAG")["origin"]),
        (&"1".into(), &"default in the file".into())
    );
    assert_eq!(row("DB_PASSWORD")["value"], serde_json::Value::Null);
    assert_eq!(row("DB_PASSWORD")["required"], true);
    bench.does("var set shop TAG=2");
    bench.does("var set shop/production TAG=3");
    assert_eq!(row("TAG")["origin"], "environment shop/production");
    assert_eq!(row("TAG")["beats"][0], "project shop");
    bench.does("var set shop/production/web DB_PASSWORD=hunter2hunter2 --secret");
    assert_eq!(row("DB_PASSWORD")["value"], "••••••");
    bench.does("var set shop/production/web LEVEL=debug --service web");
    assert_eq!(row("LEVEL")["service"], "web");
    bench.does("var unset shop/production TAG");
    assert_eq!(row("TAG")["value"], "2");
    assert!(bench.refuses("var unset shop/production TAG").contains("does not set TAG"));
    assert!(bench.refuses("var set shop 1A=b").contains("`1A`"));
}

#[test]
fn what_is_not_deployed_yet_is_told_and_discarded_one_by_one() {
    let bench = Bench::with_stack();
    bench.does("var set shop/production/web DB_PASSWORD=hunter2hunter2 --secret");
    assert_eq!(bench.json("changes shop/production/web")["release"], serde_json::Value::Null);
    let deploy = "deploy shop/production/web --resolve-image never --detach";
    bench.does(deploy);
    assert_eq!(bench.json("changes shop/production/web")["changes"], serde_json::json!([]));
    let edited = FILE.replace("# the shop", "# our shop").replace("replicas: 2", "replicas: 3");
    let file = bench.file("web.yml", &edited);
    bench.does(&format!("stack keep shop/production/web -c {}", file.display()));
    bench.does("var set shop/production/web TAG=2");
    let changes = bench.json("changes shop/production/web")["changes"].clone();
    let told: Vec<_> = changes
        .as_array()
        .unwrap()
        .iter()
        .map(|it| format!("{} {}", it["kind"].as_str().unwrap(), it["what"].as_str().unwrap()))
        .collect();
    assert_eq!(
        told,
        [
            "update compose web.yml:1 ",
            "update compose web.yml:8 services.web.deploy.replicas",
            "add override TAG"
        ]
    );
    bench.does("changes shop/production/web --discard 1");
    bench.does("changes shop/production/web --discard 2");
    assert_eq!(
        bench.does("stack source shop/production/web"),
        FILE.replace("replicas: 2", "replicas: 3")
    );
    assert!(bench.refuses("changes shop/production/web --discard 2").contains("no change 2"));
    bench.does(deploy);
    assert_eq!(bench.json("stack list")[0]["pending"], 0);
    assert_eq!(bench.json("stack list")[0]["release"], 2);
}

#[test]
fn a_linked_file_that_somebody_changed_is_noticed_and_never_overwritten() {
    let bench = Bench::new();
    bench.does("project create shop");
    bench.does("env create shop/test");
    let file = bench.file("web.yml", "services:\n  web:\n    image: nginx:1\n");
    bench.does(&format!("stack create shop/test/web -c {} --link", file.display()));
    bench.does("deploy shop/test/web --resolve-image never --detach");
    assert_eq!(bench.json("stack list")[0]["changed_outside"], 0);
    fs::write(&file, "services:\n  web:\n    image: nginx:2\n").unwrap();
    let stack = &bench.json("stack list")[0];
    assert_eq!((&stack["changed_outside"], &stack["pending"]), (&1.into(), &1.into()));
    bench.does("changes shop/test/web --accept");
    assert_eq!(bench.json("stack list")[0]["changed_outside"], 0);
    bench.does("changes shop/test/web --discard 1");
    assert!(fs::read_to_string(&file).unwrap().contains("nginx:1"));
    // What is deployed is known.
    fs::write(&file, "services:\n  web:\n    image: nginx:3\n").unwrap();
    bench.does("deploy shop/test/web --resolve-image never --detach");
    let stack = &bench.json("stack list")[0];
    assert_eq!((&stack["changed_outside"], &stack["pending"]), (&0.into(), &0.into()));
    fs::remove_file(&file).unwrap();
    let gone = bench.refuses("plan shop/test/web");
    assert!(gone.contains("web.yml") && gone.contains("linked to it"), "{gone}");
}

#[test]
fn policies_are_seen_line_by_line_and_change_nothing_the_second_time() {
    let bench = Bench::with_stack();
    bench.does("var set shop/production/web DB_PASSWORD=hunter2hunter2 --secret");
    bench.does("policy recommended shop");
    bench.does("policy set shop/production maximum.replicas 4");
    bench.does("policy set shop/production update.delay 7s");
    let plan = bench.does("plan shop/production/web --resolve-image never");
    assert!(plan.contains("web: deploy.update_config.delay: 7s, added by policy shop/production"));
    assert!(plan.contains("web: deploy.update_config.order: start-first, added by policy shop\n"));
    assert!(plan.contains("+ network shop-production\n"), "{plan}");
    let deploy = "deploy shop/production/web --resolve-image never --detach";
    bench.does(deploy);
    let again = bench.json("plan shop/production/web --resolve-image never");
    assert_eq!(again["nothing_to_do"], true, "{again:#}");
    assert!(!again["added"].as_array().unwrap().is_empty());
    bench.does("policy set shop/production maximum.replicas 1");
    let refused = bench.refuses(deploy);
    assert!(refused.contains("shop/production"), "{refused}");
    assert!(bench.refuses("policy set shop update.order backwards").contains("backwards"));
    assert!(
        bench
            .refuses("policy set shop/production/web update.order x")
            .contains("no policy of its own")
    );
}

#[test]
fn a_stack_that_runs_already_is_adopted_under_its_name() {
    let bench = Bench::new();
    bench.does("project create shop");
    bench.does("env create shop/test");
    let file = bench.file("web.yml", "services:\n  web:\n    image: nginx:1\n");
    bench.does(&format!("deploy -c {} old --resolve-image never --detach", file.display()));
    let create = format!("stack create shop/test/web -c {} --name old", file.display());
    bench.does(&create);
    let plan = bench.json("plan shop/test/web --resolve-image never");
    assert_eq!((&plan["stack"], &plan["nothing_to_do"]), (&"old".into(), &true.into()));
    // By the name in the swarm it is the same stack.
    assert_eq!(bench.json("plan old --resolve-image never")["stack"], "old");
    let taken = bench.refuses(&create.replace("shop/test/web", "shop/test/other"));
    assert!(taken.contains("`old` belongs to shop/test/web"), "{taken}");
}

#[test]
fn an_environment_gets_no_docker_context_that_is_not_there() {
    let bench = Bench::new();
    bench.does("project create shop");
    bench.does("env create shop/test");
    for line in ["env create shop/far --in elsehwere", "env settle shop/test elsehwere"] {
        let printed = bench.run(line);
        assert_eq!(printed.exit, Exit::Usage, "{line}");
        assert!(printed.remarks.contains("there is no docker context `elsehwere`"), "{line}");
        assert!(printed.remarks.contains("did you mean `elsewhere`?"), "{line}");
    }
    let all = bench.json("env list shop");
    assert_eq!(all.as_array().unwrap().len(), 1, "{all}");
    assert!(all[0]["context"].is_null(), "{all}");
}

#[test]
fn a_stack_stays_in_the_context_of_its_environment() {
    let bench = Bench::new();
    bench.does("project create shop");
    bench.does("env create shop/far --in elsewhere");
    let file = bench.file("web.yml", "services:\n  web:\n    image: nginx:1\n");
    bench.does(&format!("stack create shop/far/web -c {}", file.display()));
    let refused = bench.refuses("plan shop/far/web");
    assert!(refused.contains("is deployed only to context elsewhere"), "{refused}");
    assert!(refused.contains("--context elsewhere"), "{refused}");
    assert!(Path::new(&file).exists());
}

#[test]
fn files_take_no_name_of_a_stack_of_another_context_without_a_question() {
    let mut bench = Bench::new();
    bench.does("project create shop");
    bench.does("env create shop/far --in elsewhere");
    let file = bench.file("web.yml", "services:\n  web:\n    image: nginx:1\n");
    bench.does(&format!("stack create shop/far/web --name web -c {}", file.display()));
    let deploy = format!("deploy -c {} --resolve-image never --detach web", file.display());
    bench.shell.desk.options.yes = false;
    let refused = bench.refuses(&deploy);
    assert!(
        refused.contains("the stack shop/far/web, which is deployed only to elsewhere"),
        "{refused}"
    );
    assert!(refused.contains("--context elsewhere") && refused.contains("--yes"), "{refused}");
    // Other names are free, and so is this one where it is meant.
    bench.does(&deploy.replace("detach web", "detach other"));
    bench.shell.desk.options.yes = true;
    bench.does(&deploy);
    // Nor is anything asked where a stack here has it too.
    bench.does("env create shop/near --in demo");
    bench.does(&format!("stack create shop/near/web --name web -c {}", file.display()));
    bench.shell.desk.options.yes = false;
    bench.does(&deploy);
}

#[test]
fn a_stack_can_be_made_of_a_template() {
    let bench = Bench::with_stack();
    let made = bench.json("stack create shop/production/shelf --template registry");
    assert!(made["done"].as_str().unwrap().starts_with("stack shop/production/shelf: created"));
    let rendered = bench.does("template render registry");
    assert_eq!(bench.does("stack source shop/production/shelf"), rendered);
    bench.does("stack create shop/production/db --template web-database --set replicas=7");
    assert!(bench.does("stack source shop/production/db").contains("replicas: 7\n"));
}

#[test]
fn a_template_is_refused_with_everything_that_is_wrong() {
    let bench = Bench::with_stack();
    let create = "stack create shop/production/db --template";
    let wrong = bench.refuses(&format!("{create} web-database --set replicas=x --set prot=1"));
    for said in ["`x` is not a whole number", "prot: is not a parameter; did you mean `port`?"] {
        assert!(wrong.contains(said), "{wrong}");
    }
    let unknown = bench.refuses(&format!("{create} web-databse"));
    assert!(unknown.contains("did you mean `web-database`?"), "{unknown}");
    assert!(!bench.does("stack list").contains("shop/production/db"));
}

#[test]
fn a_rename_is_no_change() {
    let bench = Bench::with_stack();
    bench.does("var set shop TAG=2");
    bench.does("var set shop/production/web DB_PASSWORD=hunter2hunter2 --secret");
    bench.does("deploy shop/production/web --resolve-image never --detach");
    bench.does("project rename shop store");
    bench.does("stack rename store/production/web front");
    assert_eq!(bench.json("stack list")[0]["pending"], 0);
}

#[test]
fn several_files_are_compared_each_with_itself() {
    let bench = Bench::new();
    bench.does("project create shop");
    bench.does("env create shop/test");
    let base = bench.file("docker-compose.yml", "services:\n  web:\n    image: nginx:1\n");
    let more = bench.file("docker-compose.more.yml", "services:\n  web:\n    user: app\n");
    let files = format!("-c {} -c {}", base.display(), more.display());
    bench.does(&format!("deploy {files} web --resolve-image never --detach"));
    bench.does(&format!("stack create shop/test/web {files} --name web"));
    assert_eq!(bench.json("changes shop/test/web")["changes"], serde_json::json!([]));
    // Deployed outside of a project, it knew of no settings.
    bench.does("var set shop/test/web TAG=1");
    assert_eq!(bench.json("stack list")[0]["pending"], 1);
}
