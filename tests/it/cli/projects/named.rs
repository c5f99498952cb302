//! A stack is named by its name in the swarm or its path in a project: in every command,
//! and nothing is done to what no stack has.

use crate::cli::projects::{Bench, FILE};
use serde_json::Value;
use skep::{cli::Exit, domain::swarm::cluster::ObjectKind};

/// A line for every command that takes a stack, `@` in its place, and how it ends.
const LINES: [(&str, Exit); 14] = [
    ("services @", Exit::Done),
    ("ps @", Exit::Done),
    ("logs @", Exit::Done),
    ("history @", Exit::Done),
    ("adopt @", Exit::Done),
    ("changes @", Exit::Done),
    ("plan @ --resolve-image never", Exit::Done),
    ("deploy @ --resolve-image never --detach", Exit::Done),
    ("render @", Exit::Done),
    ("check @", Exit::Done),
    ("recover @", Exit::Done),
    ("stop @", Exit::Done),
    ("start @", Exit::Done),
    ("rm @", Exit::Done),
];

const PATH: &str = "shop/production/web";
const NAME: &str = "shop-production-web";

impl Bench {
    /// Does what must succeed.
    async fn must(&self, line: &str) {
        let printed = self.shell.run(line).await;
        assert_eq!(printed.exit, Exit::Done, "{line}: {}", printed.remarks);
    }

    /// A bench whose stack runs.
    async fn running() -> Self {
        let bench = Self::new();
        let file = bench.file("web.yml", FILE).display().to_string();
        for line in [
            "project create shop",
            "env create shop/production",
            &format!("stack create {PATH} -c {file}"),
            &format!("var set {PATH} DB_PASSWORD=x"),
            &format!("deploy {PATH} --resolve-image never --detach"),
        ] {
            bench.must(line).await;
        }
        bench
    }

    async fn live(&self) -> Vec<Value> {
        let engine = &self.shell.desk.engine.as_ref().unwrap().engine;
        let mut found = engine.list(ObjectKind::Services, None).await.unwrap();
        // The lease of a stack is one.
        found.extend(engine.list(ObjectKind::Configs, None).await.unwrap());
        found.into_iter().map(|it| it["Spec"].clone()).collect()
    }
}

#[tokio::test(start_paused = true)]
async fn a_path_and_a_name_mean_the_same_stack_in_every_command() {
    for (line, exit) in LINES {
        for word in [NAME, PATH] {
            let bench = Bench::running().await;
            let line = line.replace('@', word);
            let printed = bench.shell.run(&line).await;
            assert_eq!(printed.exit, exit, "{line}: {}", printed.remarks);
            if line.starts_with("rm ") {
                assert_eq!(bench.live().await, Vec::<Value>::new(), "{line}");
            }
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_path_names_the_stack_of_files_too() {
    let bench = Bench::running().await;
    let file = bench.path("web.yml").display().to_string();
    let env = bench.file("a.env", "DB_PASSWORD=x\n").display().to_string();
    let line = |word: &str| format!("render --specs -c {file} --env-file {env} {word}");
    let path = bench.shell.run(&line(PATH)).await;
    let name = bench.shell.run(&line(NAME)).await;
    assert_eq!((path.exit, &path.out), (name.exit, &name.out), "{}", path.remarks);
    assert_eq!(path.remarks, name.remarks);
    assert_eq!(path.exit, Exit::Done, "{}", path.remarks);
}

#[tokio::test(start_paused = true)]
async fn a_hint_names_only_options_that_a_command_has() {
    let bench = Bench::running().await;
    for (line, hint) in [
        ("changes foo", "hint: see `skep stack list`\n"),
        ("stack show foo", "hint: see `skep stack list`\n"),
        ("check foo", "hint: name the files with -c FILE, or see `skep stack list`\n"),
        (
            "stack create shop/production/new",
            "hint: name a file with -c FILE, or a template with --template NAME\n",
        ),
        ("check", "hint: write `-c FILE`, or name a stack of a project\n"),
    ] {
        let printed = bench.shell.run(line).await;
        assert_ne!(printed.exit, Exit::Done, "{line}");
        assert!(printed.remarks.ends_with(hint), "{line}: {}", printed.remarks);
    }
}

#[tokio::test(start_paused = true)]
async fn a_value_of_a_service_that_is_not_there_is_removed_by_the_hint() {
    let bench = Bench::running().await;
    bench.must(&format!("var set {PATH} REQ=1 --service zzz")).await;
    let said = bench.shell.run(&format!("check {PATH}")).await;
    let remedy = format!("var unset {PATH} REQ --service zzz");
    assert!(said.out.contains(&format!("remove it with `skep {remedy}`")), "{}", said.out);
    bench.must(&remedy).await;
    let said = bench.shell.run(&format!("check {PATH}")).await;
    assert!(!said.out.contains("zzz"), "{}", said.out);
}

#[tokio::test(start_paused = true)]
async fn what_no_stack_has_is_an_error_in_every_command_and_touches_nothing() {
    let bench = Bench::running().await;
    bench.must("env create shop/far").await;
    let file = bench.path("web.yml").display().to_string();
    bench.must(&format!("stack create shop/far/web -c {file}")).await;
    bench.must("env settle shop/far elsewhere").await;
    let before = bench.live().await;
    for (line, _) in LINES {
        for word in ["nobody", "shop/nobody/web", "shop/production/", "a/b/c/d", "shop/far/web"] {
            // What is only read may live anywhere.
            let only_read = ["changes", "check"].iter().any(|it| line.starts_with(it));
            if word == "shop/far/web" && only_read {
                continue;
            }
            let line = line.replace('@', word);
            let printed = bench.shell.run(&line).await;
            assert_eq!((printed.exit, printed.out.as_str()), (Exit::Failed, ""), "{line}");
            let named = printed.remarks.contains(word);
            assert!(printed.remarks.starts_with("error: ") && named, "{line}: {}", printed.remarks);
            assert_eq!(bench.live().await, before, "{line}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn what_is_not_in_the_swarm_any_more_is_not_removed_again() {
    let bench = Bench::running().await;
    bench.must(&format!("rm {PATH}")).await;
    for (line, says) in [
        ("rm shop-production-web", "there is no stack `shop-production-web`"),
        ("rm --volumes shop-production-web", "there is no stack `shop-production-web`"),
        ("rm shop/production/web", "shop/production/web is not in the swarm"),
        ("stop shop/production/web", "shop/production/web is not in the swarm"),
    ] {
        let printed = bench.shell.run(line).await;
        assert_eq!(printed.exit, Exit::Failed, "{line}");
        assert!(printed.remarks.contains(says), "{line}: {}", printed.remarks);
    }
}
