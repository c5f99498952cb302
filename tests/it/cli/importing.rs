//! `skep import`: the file to one stream, what became of it to the other.

use crate::cli::Shell;
use insta::assert_snapshot;
use skep::{cli::Exit, engine::EngineError};
use std::{fs, path::PathBuf};
use tempfile::TempDir;

const PROJECT: &str = "name: shop
services:
  web: # the site
    build: .
    restart: always
    container_name: web
";

fn shell() -> Shell {
    Shell::with(Err(EngineError::NotASwarm { address: "unix:///x".to_owned() }))
}

fn file(text: &str) -> (TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("compose.yml");
    fs::write(&path, text).unwrap();
    (folder, path)
}

#[tokio::test]
async fn the_file_and_what_became_of_it_go_to_two_streams() {
    let (_folder, path) = file(PROJECT);
    let printed = shell().run(&format!("import {}", path.display())).await;
    assert_eq!(printed.exit, Exit::Done);
    assert_snapshot!(printed.out, @r#"
    services:
      web: # the site
        image: "${SHOP_WEB_IMAGE:?build and push it first}"
        deploy:
          restart_policy:
            condition: any
    "#);
    assert_snapshot!(printed.remarks, @r"
    cannot work in a swarm:
      line 4: web: build: .
          why: Swarm builds nothing
          do: build and push the image, and set SHOP_WEB_IMAGE to its name
    changed:
      line 1: name: shop
          why: a stack gets its name where it is deployed
      line 5: web: restart: always → deploy.restart_policy.condition: any
          why: that is where a stack file has it
    left out without loss:
      line 6: web: container_name: web
          why: tasks are named by their service, and there may be many of them
    variables to set where you deploy: SHOP_WEB_IMAGE
    2 changes, 1 thing that cannot work; `skep check` says more about the result
    ");
}

#[tokio::test]
async fn a_pipe_gets_every_byte_and_what_is_no_text_is_refused() {
    let (_folder, path) = file("services:\n  web:\n    image: x # a\u{202e}b\n");
    let printed = shell().run(&format!("import {}", path.display())).await;
    assert_eq!(printed.out, "services:\n  web:\n    image: x # a\u{202e}b\n");
    fs::write(&path, b"services:\n  web:\n    image: x # \xff\n").unwrap();
    let refused = shell().refusal(&format!("import {}", path.display())).await;
    assert!(refused.contains("it is no text in UTF-8\nhint: "), "{refused}");
}

#[tokio::test]
async fn programs_get_both_as_json() {
    let (_folder, path) = file(PROJECT);
    let said = shell().json(&format!("import {}", path.display())).await;
    assert!(said["text"].as_str().unwrap().starts_with("services:\n  web: # the site\n"));
    assert_eq!(said["variables"][0], "SHOP_WEB_IMAGE");
    let kinds: Vec<&str> =
        said["report"].as_array().unwrap().iter().map(|it| it["kind"].as_str().unwrap()).collect();
    assert_eq!(kinds, ["changed", "cannot", "changed", "ignored"]);
    assert_eq!(
        (&said["report"][1]["line"], &said["report"][1]["subject"]),
        (&4.into(), &"web".into())
    );
}

#[tokio::test]
async fn the_result_is_written_over_nothing() {
    let (folder, path) = file(PROJECT);
    let out = folder.path().join("stack.yml");
    let line = format!("import {} -o {}", path.display(), out.display());
    let printed = shell().run(&line).await;
    assert_eq!((printed.out.as_str(), printed.exit), ("", Exit::Done));
    assert!(fs::read_to_string(&out).unwrap().contains("SHOP_WEB_IMAGE"));
    assert!(shell().refusal(&line).await.contains("hint: --force overwrites it"));
}

#[tokio::test]
async fn a_file_that_cannot_be_read_is_shown_at_its_place() {
    let (_folder, path) = file("services: [\n");
    let printed = shell().run(&format!("import {}", path.display())).await;
    assert_eq!(printed.exit, Exit::Failed);
    assert!(printed.out.contains("error[yaml]"), "{}", printed.out);
}
