//! A context of production asks for a name, and cannot be talked out of it.

use crate::cli::Shell;
use skep::{
    cli::Exit,
    config::{Flags, Places, load, places::UserFile},
    domain::swarm::context::KnownContext,
};
use std::fs;

/// The demo cluster in production.
fn shell() -> Shell {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("config.toml");
    fs::write(&file, "[contexts.demo]\nproduction = true\n").unwrap();
    let mut shell = Shell::demo();
    let places = Places { user: UserFile::Named(file), ..Places::default() };
    shell.desk.settings = load(&places, &Flags::default()).unwrap();
    shell
}

#[tokio::test(start_paused = true)]
async fn every_command_that_changes_something_wants_the_name() {
    let mut shell = shell();
    for line in [
        "service restart whoami",
        "service scale whoami=3",
        "service rollback traefik_traefik",
        "service rm whoami",
        "node drain hive5",
        "node pause hive5",
        "stop monitoring",
        "rm monitoring",
        "adopt monitoring",
    ] {
        for yes in [false, true] {
            shell.desk.options.yes = yes;
            shell.desk.options.confirm = None;
            let printed = shell.run(line).await;
            assert_eq!(printed.exit, Exit::Failed, "{line}: {}", printed.remarks);
            assert!(printed.remarks.contains("demo is in production"), "{}", printed.remarks);
            assert!(printed.remarks.contains("--confirm "), "{}", printed.remarks);
            assert_eq!(printed.remarks.contains("--yes alone"), yes, "{}", printed.remarks);
            shell.desk.options.confirm = Some("another".to_owned());
            let printed = shell.run(line).await;
            assert_eq!(printed.exit, Exit::Failed, "{line}");
            assert!(
                printed.remarks.contains("does not name what is changed"),
                "{}",
                printed.remarks
            );
        }
    }
}

#[tokio::test(start_paused = true)]
async fn the_object_or_the_context_confirms_it_without_a_question() {
    for name in ["whoami", "demo"] {
        let mut shell = shell();
        shell.desk.options.confirm = Some(name.to_owned());
        let printed = shell.run("service scale whoami=3").await;
        assert_eq!(printed.exit, Exit::Done, "{}", printed.remarks);
    }
    let mut shell = shell();
    shell.desk.options.confirm = Some("whoami".to_owned());
    let several = shell.run("service scale whoami=3 registry=2").await;
    assert_eq!(several.exit, Exit::Failed, "one name is not that of two services");
    let mut elsewhere = Shell::demo();
    elsewhere.desk.options.yes = true;
    assert_eq!(elsewhere.run("service scale whoami=3").await.exit, Exit::Done);
}

/// A shell that reaches the engine of a guarded context under another name, as with `-H`.
fn by_another_way(guard: &str) -> Shell {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("config.toml");
    fs::write(&file, format!("[contexts.prod]\n{guard} = true\n")).unwrap();
    let mut shell = Shell::demo();
    let places = Places { user: UserFile::Named(file), ..Places::default() };
    shell.desk.settings = load(&places, &Flags::default()).unwrap();
    let address = shell.desk.engine.as_ref().unwrap().engine.address();
    shell.desk.contexts = vec![KnownContext {
        name: "prod".to_owned(),
        description: String::new(),
        address: Ok(address),
        current: false,
    }];
    shell
}

#[tokio::test(start_paused = true)]
async fn a_guarded_engine_is_guarded_whatever_way_leads_to_it() {
    let mut shell = by_another_way("production");
    shell.desk.options.yes = true;
    for line in ["rm monitoring", "service restart whoami", "stop monitoring"] {
        let printed = shell.run(line).await;
        assert_eq!(printed.exit, Exit::Failed, "{line}");
        assert!(printed.remarks.contains("prod is in production"), "{}", printed.remarks);
        let printed = by_another_way("read_only").run(line).await;
        assert_eq!(printed.exit, Exit::Failed, "{line}");
        assert!(printed.remarks.contains("read-only"), "{}", printed.remarks);
    }
    shell.desk.options.confirm = Some("prod".to_owned());
    assert_eq!(shell.run("service scale whoami=3").await.exit, Exit::Done);
    // Another engine is none of its business.
    shell.desk.options.confirm = None;
    shell.desk.contexts[0].address = Ok("unix:///elsewhere".to_owned());
    assert_eq!(shell.run("service scale whoami=2").await.exit, Exit::Done);
}

#[tokio::test(start_paused = true)]
async fn every_command_that_changes_the_cluster_asks_without_a_yes() {
    for line in [
        "rm monitoring",
        "stop monitoring",
        "service scale whoami=3",
        "service scale whoami=0",
        "service restart whoami",
        "service rollback traefik_traefik",
        "service rm whoami",
        "node active hive5",
        "node drain hive5",
        "node pause hive5",
    ] {
        let mut shell = Shell::demo();
        let asked = shell.run(line).await;
        assert_eq!(asked.exit, Exit::Failed, "{line}: {}", asked.remarks);
        assert!(asked.remarks.contains("there is no terminal to ask"), "{line}: {}", asked.remarks);
        assert!(asked.remarks.contains("the same as: "), "{line}: {}", asked.remarks);
        shell.desk.options.yes = true;
        let done = shell.run(line).await;
        assert!(!done.remarks.contains("to ask"), "{line}: {}", done.remarks);
    }
    let mut shell = Shell::demo();
    shell.desk.options.yes = true;
    assert_eq!(shell.run("stop monitoring").await.exit, Exit::Done);
    shell.desk.options.yes = false;
    let asked = shell.run("start monitoring").await;
    assert!(asked.remarks.contains("there is no terminal to ask"), "{}", asked.remarks);
}
