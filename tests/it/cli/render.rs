//! `skep render`: one file that means the same anywhere, or nothing.

use crate::cli::{Printed, Shell};
use insta::assert_snapshot;
use serde_json::Value;
use skep::{cli::Exit, engine::EngineError};
use std::{fs, path::Path};
use tempfile::TempDir;

const BASE: &str = "version: '3.8'
x-logging: &logging { driver: json-file, options: { max-size: 10m } }
services:
  web:
    image: shop/web:${SKEP_TEST_UNSET_TAG:-1.4}
    logging: *logging
    env_file: web.env
    environment: { WORKERS: 4 }
    ports: ['8080:80', { target: 443, published: 8443, mode: host }]
    volumes: ['./static:/srv:ro']
    secrets: [{ source: key, target: /etc/key.pem, mode: 0400 }]
    command: [sh, -c, \"cd /srv\\nexec web --price=$$5\\n\"]
    deploy:
      labels: { users: admin:$$2y$$05 }
      resources: { limits: { cpus: '0.50', memory: 67108864b } }
      update_config: { delay: 90s }
secrets:
  key: { file: ./key.pem }
";

const LATER: &str = "version: '3.8'
services:
  web: { environment: { WORKERS: 16 }, deploy: { replicas: 6 } }
";

/// A folder with files to render.
fn folder() -> TempDir {
    let place = tempfile::tempdir().unwrap();
    for (name, text) in [
        ("base.yml", BASE),
        ("later.yml", LATER),
        ("web.env", "PRICE=$5\nVERSION=1.0\n"),
        ("key.pem", "hunter2\n"),
    ] {
        fs::write(place.path().join(name), text).unwrap();
    }
    place
}

/// Runs it where no engine can be reached; the folder is cut out of what is
/// printed.
async fn render(folder: &Path, files: &str, options: &str) -> Printed {
    let denied = EngineError::PermissionDenied { address: "unix:///x".to_owned() };
    let files: Vec<String> =
        files.split(' ').map(|it| format!("-c {}", folder.join(it).display())).collect();
    Shell::with(Err(denied)).run(&format!("render {} {options} shop", files.join(" "))).await
}

fn cut(folder: &Path, text: &str) -> String {
    text.replace(&folder.display().to_string(), "FOLDER")
}

#[tokio::test(start_paused = true)]
async fn files_become_one_that_needs_no_folder_and_no_variable() {
    let place = folder();
    let printed = render(place.path(), "base.yml later.yml", "").await;
    assert_snapshot!(cut(place.path(), &printed.out), @r#"
    services:
      web:
        image: shop/web:1.4
        command:
          - sh
          - -c
          - |
            cd /srv
            exec web --price=$$5
        environment:
          PRICE: $$5
          VERSION: "1.0"
          WORKERS: "16"
        ports:
          - "8080:80"
          - target: 443
            published: 8443
            mode: host
        volumes:
          - type: bind
            source: FOLDER/static
            target: /srv
            read_only: true
        secrets:
          - source: key
            target: /etc/key.pem
            mode: 0400
        logging:
          driver: json-file
          options:
            max-size: 10m
        deploy:
          replicas: 6
          labels:
            users: admin:$$2y$$05
          resources:
            limits:
              cpus: "0.50"
              memory: 64M
          update_config:
            delay: 1m30s
    secrets:
      key:
        file: FOLDER/key.pem
    "#);
    assert_eq!(printed.exit, Exit::Done);
    assert_snapshot!(cut(place.path(), &printed.remarks), @"note: 6 suggestions: `skep check` lists them");
}

#[tokio::test(start_paused = true)]
async fn rendering_what_is_rendered_changes_nothing() {
    let place = folder();
    let once = render(place.path(), "base.yml later.yml", "").await.out;
    let elsewhere = tempfile::tempdir().unwrap();
    fs::write(elsewhere.path().join("rendered.yml"), &once).unwrap();
    assert_eq!(render(elsewhere.path(), "rendered.yml", "").await.out, once);
    let specs = render(place.path(), "base.yml later.yml", "--specs").await.out;
    assert_eq!(render(elsewhere.path(), "rendered.yml", "--specs").await.out, specs);
}

#[tokio::test(start_paused = true)]
async fn programs_get_the_same_file_as_json() {
    let place = folder();
    let json = render(place.path(), "base.yml later.yml", "--json").await.out;
    fs::write(place.path().join("rendered.json"), &json).unwrap();
    let yaml = render(place.path(), "base.yml later.yml", "").await.out;
    assert_eq!(render(place.path(), "rendered.json", "").await.out, yaml);
    let tree: Value = serde_json::from_str(&json).unwrap();
    assert_eq!(tree["services"]["web"]["environment"]["PRICE"], "$$5");
}

#[tokio::test(start_paused = true)]
async fn bodies_come_without_values_of_secrets() {
    let place = folder();
    let printed = render(place.path(), "base.yml", "--specs").await;
    assert!(
        printed.remarks.contains("digests of images and ids of secrets and configs are only known")
    );
    let specs: Value = serde_json::from_str(&printed.out).unwrap();
    let names = specs.as_object().unwrap().keys().map(String::as_str);
    assert_eq!(names.collect::<Vec<_>>(), ["networks", "secrets", "configs", "services"]);
    assert_eq!(specs["secrets"][0]["Name"], "shop_key");
    assert_eq!(specs["secrets"][0]["Data"], "(withheld)");
    let web = &specs["services"][0];
    assert_eq!(web["TaskTemplate"]["ContainerSpec"]["Args"][2], "cd /srv\nexec web --price=$5\n");
    assert_eq!(web["TaskTemplate"]["ContainerSpec"]["Secrets"][0]["SecretID"], "");
}

#[tokio::test(start_paused = true)]
async fn what_cannot_be_deployed_is_not_rendered() {
    let place = folder();
    let write = |name: &str, text: &str| fs::write(place.path().join(name), text).unwrap();
    write("bad.yml", "services: {web: {image: x, deplyo: {}}, db: {}}");
    write("twice.yml", "services: {web: {image: x, dns: [1.1.1.1]}}");
    for options in ["--specs", "--json"] {
        let printed = render(place.path(), "bad.yml", options).await;
        let refused = options == "--json" && printed.out.starts_with("{\"error\":{");
        assert!(refused || printed.out.is_empty(), "{}", printed.out);
        assert_eq!(printed.exit, Exit::Failed);
    }
    let printed = render(place.path(), "bad.yml", "").await;
    assert_eq!((printed.out.as_str(), printed.exit), ("", Exit::Failed));
    assert_snapshot!(cut(place.path(), &printed.remarks), @r"
    error: FOLDER/bad.yml:1:28: services.web Additional property deplyo is not allowed; did you mean `deploy`? (and 1 more)
    hint: `skep check` lists every error
    ");
    let printed = render(place.path(), "twice.yml twice.yml", "").await;
    assert_eq!((printed.out.as_str(), printed.exit), ("", Exit::Failed));
    assert_snapshot!(printed.remarks, @r"
    error: what the files ask for cannot be written as one file: services.web.dns array items[0,1] must be unique
    hint: the files themselves can be deployed
    ");
}
