//! `skep template`: what there is, what it asks for, and the file it makes.

use crate::cli::Shell;
use insta::assert_snapshot;
use skep::{cli::Exit, config::places::UserFile, engine::EngineError};
use std::fs;
use tempfile::TempDir;

const OWN: &str = "name: cache
description: A cache.
parameters:
  - { name: memory, type: size, description: The most memory for the cache., default: 64M, required: true }
  - { name: image, type: image, description: What runs., required: true }
  - { name: policy, type: choice, choices: [lru, lfu], default: lru, description: What goes. }
---
services:
  cache: # one
    image: ((image))
    command: [--maxmemory-policy, allkeys-((policy))]
    deploy: { resources: { limits: { memory: ((memory)) } } }
";

/// A shell without an engine, whose operator has templates.
fn shell(files: &[(&str, &str)]) -> (Shell, TempDir) {
    let home = tempfile::tempdir().unwrap();
    let folder = home.path().join("templates");
    fs::create_dir(&folder).unwrap();
    for (name, text) in files {
        fs::write(folder.join(name), text).unwrap();
    }
    let mut shell = Shell::with(Err(EngineError::NotASwarm { address: "unix:///x".to_owned() }));
    shell.desk.places.user = UserFile::Usual(home.path().join("config.toml"));
    (shell, home)
}

#[tokio::test]
async fn templates_of_both_kinds_are_listed() {
    let (shell, home) = shell(&[("b.yml", OWN), ("notes.txt", "x")]);
    let listed = shell.out("template list").await;
    let listed = listed.replace(home.path().to_str().unwrap(), "/home/ann/.config/skep");
    assert_snapshot!(listed, @r"
    NAME          DESCRIPTION                                                                        FROM
    cache         A cache.                                                                           /home/ann/.config/skep/templates/b.yml
    web-database  A web application with a PostgreSQL database behind it.                            built-in
    traefik       Traefik, the reverse proxy of the swarm. It gets certificates from Let's Encrypt.  built-in
    caddy         Caddy, the reverse proxy of the swarm. It gets certificates automatically.         built-in
    registry      A registry for your own images, with users.                                        built-in
    monitoring    Prometheus and Grafana, with metrics of every node and every container.            built-in
    ");
    let listed = shell.json("template list").await;
    assert_eq!((&listed[0]["name"], &listed[1]["from"]), (&"cache".into(), &"built-in".into()));
}

#[tokio::test]
async fn a_template_says_what_it_asks_for() {
    let (shell, _home) = shell(&[("b.yml", OWN)]);
    assert_snapshot!(shell.out("template show cache").await, @r"
    cache: A cache.

    PARAMETER  TYPE     DEFAULT   WHAT IT IS
    memory     size     64M       The most memory for the cache.
    image      image    (needed)  What runs.
    policy     lru|lfu  lru       What goes.
    ");
    let shown = shell.json("template show cache").await;
    assert_eq!(shown["parameters"][0]["type"], "size");
    let refused = shell.refusal("template show registri").await;
    assert_eq!(refused, "error: there is no template `registri`\nhint: did you mean `registry`?\n");
}

#[tokio::test]
async fn a_template_is_filled_in_or_all_that_is_wrong_is_said() {
    let (shell, _home) = shell(&[("b.yml", OWN)]);
    assert_snapshot!(shell.out("template render cache --set image=redis:7").await, @r"
    services:
      cache: # one
        image: redis:7
        command: [--maxmemory-policy, allkeys-lru]
        deploy: { resources: { limits: { memory: 64M } } }
    ");
    let wrong = shell.run("template render cache --set memory=much --set imag=a:1").await;
    assert_eq!(wrong.exit, Exit::Usage);
    assert_snapshot!(wrong.remarks, @r"
    error: imag: is not a parameter; did you mean `image`?
           memory: `much` is not an amount of memory: write it as 512M or 2G
           image: a value is needed
    hint: `skep template show cache` lists its parameters
    ");
    let text = shell.json("template render cache --set image=redis:7").await;
    assert!(text["text"].as_str().unwrap().contains("memory: 64M"));
}

#[tokio::test]
async fn a_file_is_written_over_only_by_force() {
    let (shell, home) = shell(&[("b.yml", OWN)]);
    let file = home.path().join("out.yml");
    let line = |rest: &str| {
        format!("template render cache --set image=redis:7 -o {} {rest}", file.display())
    };
    let written = shell.run(&line("")).await;
    assert_eq!((written.out.as_str(), written.exit), ("", Exit::Done));
    fs::write(&file, "mine").unwrap();
    let refused = shell.refusal(&line("")).await;
    assert!(refused.contains("hint: --force overwrites it"), "{refused}");
    assert_eq!(fs::read_to_string(&file).unwrap(), "mine");
    shell.run(&line("--force")).await;
    assert!(fs::read_to_string(&file).unwrap().starts_with("services:\n  cache: # one\n"));
}

#[tokio::test]
async fn a_broken_template_is_named_and_the_others_are_there() {
    let (shell, _home) = shell(&[("a.yml", "name: a\n"), ("b.yml", OWN)]);
    let listed = shell.run("template list").await;
    assert!(listed.out.contains("cache") && listed.out.contains("monitoring"), "{}", listed.out);
    assert!(listed.remarks.contains("templates/a.yml is not a template: a template has two parts"));
}
