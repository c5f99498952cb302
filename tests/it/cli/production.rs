//! A context of production asks for a name, and cannot be talked out of it.

use crate::cli::Shell;
use skep::{
    cli::Exit,
    config::{Flags, Places, load, places::UserFile},
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
        "service rollback whoami",
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
    let elsewhere = Shell::demo().run("service scale whoami=3").await;
    assert_eq!(elsewhere.exit, Exit::Done);
}
