//! What it costs to understand a compose file of 2 000 lines.

use crate::{
    process,
    table::{Figure, figure, percentile, spread},
};
use skep::projects::Sources;
use std::{
    env, fs, hint,
    path::Path,
    process::{Command, Stdio},
    time::{Duration, Instant},
};

const LINES: usize = 2_000;
/// As often as the editor checks in a few minutes of typing.
const RUNS: usize = 200;
const COMMANDS: usize = 21;

pub fn figures() -> Vec<Figure> {
    let text = file();
    let path = env::temp_dir().join(format!("skep-check-{}.yaml", std::process::id()));
    fs::write(&path, &text).unwrap();
    let (findings, took) = in_process(&path, &text);
    let mut commands: Vec<Duration> = (0..COMMANDS).map(|_| command(&path)).collect();
    fs::remove_file(&path).unwrap();
    let mut sorted = took;
    let p99 = percentile(&mut sorted, 99);
    let lines = text.lines().count();
    let mut figures = vec![
        figure(
            &format!("check of {lines} lines after a key"),
            format!("{}, p99 {p99:.2?}, {findings} findings", spread(&mut sorted)),
            "10 ms",
        ),
        figure("the command skep check", spread(&mut commands), ""),
        figure(
            "memory of it all",
            format!("{} KiB", process::memory(std::process::id(), "VmHWM")),
            "",
        ),
    ];
    figures.extend(growth());
    figures
}

/// How many services a file has, at which time must grow as they do.
const SIZES: [usize; 4] = [1_000, 2_000, 4_000, 8_000];
const BYTES: usize = 10_000_000;

/// What the command takes for files that get longer and longer, each with something to
/// say about every service.
fn growth() -> Vec<Figure> {
    let path = env::temp_dir().join(format!("skep-check-{}.yaml", std::process::id()));
    let measured = |what: String, text: &str| {
        fs::write(&path, text).unwrap();
        let mut took: Vec<Duration> = (0..3).map(|_| command(&path)).collect();
        figure(&what, spread(&mut took), "grows as the file does")
    };
    let small = |number: usize| {
        format!(
            "  service-{number}:\n    image: app:1\n    build: .\n    restart: \"no\"\n    environment: [A=1]\n"
        )
    };
    let file = |services: usize| {
        let all: String = (0..services).map(small).collect();
        format!("services:\n{all}")
    };
    let mut figures: Vec<Figure> = SIZES
        .iter()
        .map(|it| measured(format!("skep check of {it} services"), &file(*it)))
        .collect();
    let mut text = HEAD.to_owned();
    for number in 0.. {
        text.push_str(&SERVICE.replace('@', &number.to_string()));
        if text.len() > BYTES {
            break;
        }
    }
    figures.push(measured("skep check of a file of 10 MB".to_owned(), &(text + REST)));
    fs::remove_file(&path).unwrap();
    figures
}

/// What the editor does once a key was typed and typing rests.
fn in_process(path: &Path, text: &str) -> (usize, Vec<Duration>) {
    let stack = "stack".parse().unwrap();
    let mut findings = 0;
    let took = (0..RUNS).map(|_| {
        let text = text.to_owned();
        let since = Instant::now();
        let understood = Sources::one(path, text).understand(&stack);
        findings = hint::black_box(&understood).findings.len();
        since.elapsed()
    });
    let took = took.collect();
    (findings, took)
}

fn command(path: &Path) -> Duration {
    let since = Instant::now();
    let mut skep = Command::new(crate::cockpit::binary());
    let skep = skep.arg("check").arg("-c").arg(path).stdin(Stdio::null());
    skep.stdout(Stdio::null()).stderr(Stdio::null()).status().unwrap();
    since.elapsed()
}

/// Services that use every key there is, until the file is long enough.
pub fn file() -> String {
    let mut text = HEAD.to_owned();
    let block = SERVICE.lines().count();
    let rest = HEAD.lines().count() + REST.lines().count();
    for number in 0..(LINES - rest).div_ceil(block) {
        text.push_str(&SERVICE.replace('@', &number.to_string()));
    }
    text + REST
}

const HEAD: &str = r#"# The whole shop.
version: "3.9"
x-logging: &logging
  driver: json-file
  options:
    max-size: ${LOG_SIZE:-10m}
    max-file: "3"
x-environment: &environment
  LOG_LEVEL: ${LOG_LEVEL:-info}
  TZ: Europe/Berlin
services:
"#;

const SERVICE: &str = r#"  # Number @ of many.
  service-@:
    image: ${REGISTRY:-registry.example.org}/shop/service-@:1.@.0
    hostname: "service-@-{{.Task.Slot}}"
    entrypoint: ["/bin/entry", "--config", "/etc/app/@.toml"]
    command: serve --port 8080 --name "service @"
    user: "1000:1000"
    working_dir: /srv
    init: true
    read_only: true
    tty: false
    stdin_open: false
    stop_signal: SIGTERM
    stop_grace_period: 30s
    environment:
      <<: *environment
      DATABASE_URL: postgres://db/service_@
      WORKERS: "4"
      FEATURES: "a,b,c"
    labels:
      org.example.team: shop
      org.example.number: "@"
    logging: *logging
    cap_add: [NET_BIND_SERVICE]
    cap_drop: [ALL]
    dns: [192.0.2.53]
    dns_search: [example.org]
    extra_hosts:
      - "legacy.example.org:192.0.2.9"
    sysctls:
      net.core.somaxconn: 1024
    ulimits:
      nproc: 65535
      nofile: {soft: 20000, hard: 40000}
    tmpfs: [/run]
    ports:
      - target: 8080
        published: 2@
        protocol: tcp
        mode: host
    networks:
      front: {aliases: [alias-@]}
      back: {}
    volumes:
      - type: volume
        source: data-store
        target: /data
        read_only: true
      - {type: tmpfs, target: /cache, tmpfs: {size: 1000000}}
    secrets:
      - source: token
        target: /run/secrets/token
        uid: "1000"
        mode: 0400
    configs:
      - {source: app, target: /etc/app/@.toml, mode: 0444}
    healthcheck:
      test: ["CMD", "/bin/health", "--port", "8080"]
      interval: 10s
      timeout: 3s
      retries: 3
      start_period: 20s
    deploy:
      mode: replicated
      replicas: 2
      endpoint_mode: vip
      labels: {traefik.enable: "true"}
      update_config:
        parallelism: 1
        delay: 5s
        order: start-first
        failure_action: rollback
        monitor: 30s
        max_failure_ratio: 0.1
      rollback_config: {parallelism: 0, order: stop-first}
      restart_policy: {condition: any, delay: 5s, max_attempts: 3, window: 60s}
      resources:
        limits: {cpus: "0.50", memory: 256M, pids: 200}
        reservations: {cpus: "0.10", memory: 64M}
      placement:
        constraints: ["node.role == worker", "node.labels.zone != c"]
        preferences: [{spread: node.labels.zone}]
        max_replicas_per_node: 2
"#;

const REST: &str = r#"networks:
  front:
    driver: overlay
    attachable: true
    driver_opts: {encrypted: "true"}
  back:
    internal: true
    ipam:
      config: [{subnet: 10.77.0.0/16}]
volumes:
  data-store:
    driver: local
    labels: {backup: nightly}
secrets:
  token: {external: true, name: shop-token-1}
configs:
  app: {external: true, name: shop-app-1}
"#;
