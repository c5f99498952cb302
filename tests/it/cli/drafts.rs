//! Texts of the editor that are in no file.

use crate::cli::{Shell, now};
use insta::assert_snapshot;
use jiff::ToSpan;
use serde_json::{Value, json};
use skep::{cli::Exit, domain::project::draft::Draft, store::Store};
use tempfile::TempDir;

/// A text that was discarded a day ago, and one that is not saved since ten minutes.
fn shell() -> (TempDir, Shell) {
    let dir = tempfile::tempdir().unwrap();
    let store = Store::in_dir(dir.path());
    let draft = |text: &str, at| Draft {
        text: text.to_owned(),
        base: "1f".to_owned(),
        at,
        discarded: false,
        by: None,
    };
    let old = draft("services: {}\n", now() - 24.hours());
    store.discard_draft("/srv/blog.yml", &old).unwrap();
    let new = draft("services:\n  web:\n", now() - 10.minutes());
    store.keep_draft("/srv/shop.yml", &new).unwrap();
    let mut shell = Shell::demo();
    shell.desk.store = store;
    (dir, shell)
}

#[tokio::test(start_paused = true)]
async fn texts_that_are_not_saved_are_listed_newest_first() {
    let (_dir, shell) = shell();
    assert_snapshot!(shell.out("drafts").await, @r"
    NUMBER  STATE      AGO  SIZE     OF
         1  not saved  10m  2 lines  /srv/shop.yml
         2  discarded  1d   1 line   /srv/blog.yml
    ");
    let found: Value = serde_json::from_str(&shell.out("drafts --json").await).unwrap();
    assert_eq!(found[0]["document"], "/srv/shop.yml");
    assert_eq!(found[0]["text"], "services:\n  web:\n");
    assert_eq!((&found[0]["discarded"], &found[1]["discarded"]), (&json!(false), &json!(true)));
    assert_eq!((&found[1]["number"], found.as_array().unwrap().len()), (&json!(2), 2));
}

#[tokio::test(start_paused = true)]
async fn a_text_is_printed_as_it_is() {
    let (_dir, shell) = shell();
    for (number, text) in [(1, "services:\n  web:\n"), (2, "services: {}\n")] {
        let printed = shell.run(&format!("drafts {number}")).await;
        assert_eq!((printed.out.as_str(), printed.exit), (text, Exit::Done));
    }
    let printed = shell.run("drafts 3").await;
    assert_eq!(printed.out, "");
    assert_ne!(printed.exit, Exit::Done);
    assert!(printed.remarks.contains("there is no text 3"), "{}", printed.remarks);
    assert!(printed.remarks.contains("`skep drafts` lists them"), "{}", printed.remarks);
}

#[tokio::test(start_paused = true)]
async fn where_all_is_saved_that_is_said() {
    let dir = tempfile::tempdir().unwrap();
    let mut shell = Shell::demo();
    shell.desk.store = Store::in_dir(dir.path());
    let printed = shell.run("drafts").await;
    assert_eq!(printed.out, "");
    let said = "there is no unsaved text, and nothing was discarded in the last week\n";
    assert_eq!(printed.remarks, said);
}
