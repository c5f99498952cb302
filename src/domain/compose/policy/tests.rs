//! Policies in rows: what is added to which file, and what is refused.

use super::*;
use crate::domain::{
    compose::{
        ComposeFile, Files, Finding, Severity, Stack, Surroundings, check, codes, convert, load,
    },
    swarm::names::StackName,
};
use std::{io, path::Path};

struct NoFiles;

impl Files for NoFiles {
    fn read(&self, _: &Path) -> io::Result<Vec<u8>> {
        Err(io::ErrorKind::NotFound.into())
    }

    fn exists(&self, _: &Path) -> bool {
        true
    }
}

fn loaded(text: &str) -> (Stack, Vec<ComposeFile>) {
    let sources = vec![ComposeFile { name: "web.yml".into(), bytes: text.as_bytes().to_vec() }];
    let environment = BTreeMap::new();
    let around = Surroundings { environment: &environment, working_dir: "/", files: &NoFiles };
    let loaded = load(&sources, &around);
    (loaded.stack.unwrap_or_else(|| panic!("{:?}", loaded.findings)), sources)
}

/// Applies the policies of a project and an environment.
fn applied(text: &str, policies: &[&str]) -> (Stack, Outcome) {
    let (mut stack, _) = loaded(text);
    let outcome = apply_to(&mut stack, policies);
    (stack, outcome)
}

fn apply_to(stack: &mut Stack, policies: &[&str]) -> Outcome {
    let policies: Vec<Policy> = policies.iter().map(|it| toml::from_str(it).unwrap()).collect();
    let names = ["shop", "shop/production"];
    let layer = |(policy, by): (_, &&str)| Layer { by: (*by).to_owned(), policy };
    let layers: Vec<Layer<'_>> = policies.iter().zip(&names).map(layer).collect();
    let swarm: StackName = "shop-production-web".parse().unwrap();
    let naming = Naming { project: "shop", environment: "production", stack: "web", swarm: &swarm };
    apply(stack, &layers, &naming)
}

/// Writes additions as `service field value (whose)`.
fn lines(outcome: &Outcome) -> Vec<String> {
    let line = |it: &Added| {
        let service = it.service.as_deref().unwrap_or("-");
        format!("{service} {} {} ({})", it.field, it.value, it.by)
    };
    outcome.added.iter().map(line).collect()
}

#[track_caller]
fn adds(text: &str, policies: &[&str], expected: &[&str]) {
    let (mut stack, outcome) = applied(text, policies);
    assert_eq!(lines(&outcome), expected, "{text}");
    assert_eq!(outcome.findings, [], "{text}");
    let before = stack.clone();
    let again = apply_to(&mut stack, policies);
    assert_eq!((lines(&again), again.networks), (vec![], outcome.networks), "{text}");
    assert_eq!(stack, before, "{text}");
}

const PLAIN: &str = "services: { web: { image: 'web:1' } }";

#[test]
fn without_a_policy_nothing_is_added() {
    adds(PLAIN, &[], &[]);
    adds(PLAIN, &["", ""], &[]);
}

#[test]
fn updates_are_filled_in_field_by_field() {
    let policy = "update = { parallelism = 1, delay = '5s', order = 'start-first', \
                  failure-action = 'rollback', monitor = '20s' }";
    let order = |it: &str| format!("web deploy.update_config.order {it} (shop)");
    adds(
        PLAIN,
        &[policy],
        &[
            "web deploy.update_config.parallelism 1 (shop)",
            "web deploy.update_config.delay 5s (shop)",
            &order("start-first"),
            "web deploy.update_config.failure_action rollback (shop)",
            "web deploy.update_config.monitor 20s (shop)",
        ],
    );
    adds(
        "services: { web: { image: 'web:1', deploy: { update_config: \
         { parallelism: 0, delay: 0s, order: stop-first, failure_action: pause, monitor: 1s } } } }",
        &[policy],
        &[],
    );
    for (service, expected) in [
        ("ports: [{ target: 80, published: 80, mode: host }]", "stop-first"),
        ("ports: [{ target: 80, published: 80, mode: ingress }]", "start-first"),
        ("deploy: { mode: global }", "stop-first"),
        ("volumes: ['data:/data']", "stop-first"),
        ("volumes: ['data:/data:ro']", "start-first"),
        ("volumes: ['shared:/data']", "start-first"),
    ] {
        let text = format!(
            "services: {{ web: {{ image: 'web:1', {service} }} }}\n\
             volumes: {{ data: {{}}, shared: {{ external: true }} }}"
        );
        adds(&text, &["update = { order = 'start-first' }"], &[&order(expected)]);
    }
    let job = "services: { web: { image: 'web:1', deploy: { mode: replicated-job } } }";
    adds(job, &[policy, "restart = { condition = 'any' }"], &[]);
}

#[test]
fn restarts_are_filled_in_unless_the_file_has_its_way() {
    let policy = "restart = { condition = 'any', delay = '5s', max-attempts = 3, window = '2m' }";
    adds(
        "services: { web: { image: 'web:1', deploy: { restart_policy: { delay: 1s } } } }",
        &[policy],
        &[
            "web deploy.restart_policy.condition any (shop)",
            "web deploy.restart_policy.max_attempts 3 (shop)",
            "web deploy.restart_policy.window 2m (shop)",
        ],
    );
    adds("services: { web: { image: 'web:1', restart: on-failure } }", &[policy], &[]);
}

#[test]
fn logging_is_added_where_its_driver_is_meant() {
    let policy = "logging = { driver = 'json-file', options = { max-size = '10m', \
                  tag = '{project}/{service}/{{.ID}}' } }";
    let tag = "web logging.options.tag shop/web/{{.ID}} (shop)";
    let driver = "web logging.driver json-file (shop)";
    let size = "web logging.options.max-size 10m (shop)";
    for (logging, expected) in [
        ("", &[driver, size, tag][..]),
        ("logging: { driver: json-file }", &[size, tag]),
        ("logging: { driver: json-file, options: { max-size: 1m } }", &[tag]),
        ("logging: { options: { max-size: 1m } }", &[]),
        ("logging: { driver: journald }", &[]),
    ] {
        let text = format!("services: {{ web: {{ image: 'web:1', {logging} }} }}");
        adds(&text, &[policy], expected);
    }
    let other = "logging = { driver = 'journald', options = { labels = 'a' } }";
    adds(
        PLAIN,
        &[policy, other],
        &[
            "web logging.driver journald (shop/production)",
            "web logging.options.labels a (shop/production)",
        ],
    );
}

#[test]
fn services_without_networks_join_the_network_of_the_policy_too() {
    let text = "services:
  web: { image: 'web:1' }
  own: { image: 'own:1', networks: [back] }
  host: { image: 'host:1', networks: [host] }
networks: { back: {}, host: { external: true, name: host } }";
    adds(text, &["network = '{project}-{environment}'"], &["web networks shop-production (shop)"]);
    let (stack, outcome) = applied(
        text,
        &["network = '{project}-{environment}'\n\
           labels = { p = '{project}', e = '{environment}', s = '{stack}', n = '{service}' }"],
    );
    let labels = [("e", "production"), ("p", "shop")].map(|(k, v)| (k.to_owned(), v.to_owned()));
    let network = SharedNetwork {
        name: "shop-production".to_owned(),
        labels: labels.into(),
        by: "shop".to_owned(),
    };
    assert_eq!(outcome.networks, [network]);
    let (desired, findings) = convert(&stack, &"s".parse().unwrap(), &NoFiles);
    assert_eq!(findings, []);
    let desired = desired.unwrap();
    let externals: Vec<&str> = desired.externals.iter().map(|it| &*it.name).collect();
    assert_eq!(externals, ["host", "shop-production"]);
    let web = desired.services.iter().find(|it| it.key == "web").unwrap();
    assert_eq!(
        web.spec["TaskTemplate"]["Networks"],
        serde_json::json!([
            { "Target": "s_default", "Aliases": ["web"] },
            { "Target": "shop-production" },
        ]),
        "a short name would be that of other stacks too"
    );
}

#[test]
fn a_file_that_names_the_shared_network_uses_it_by_its_own_key() {
    let text = "services: { web: { image: 'web:1', networks: [all] }, api: { image: 'api:1' } }
networks: { all: { external: true, name: shop-production } }";
    adds(text, &["network = 'shop-production'"], &["api networks shop-production (shop)"]);
    let (stack, outcome) = applied(text, &["network = 'shop-production'"]);
    assert_eq!(outcome.networks.len(), 1);
    assert_eq!(stack.services["api"].networks.keys().collect::<Vec<_>>(), ["all", "default"]);
}

#[test]
fn what_a_stack_makes_itself_is_labelled() {
    let text = "services: { web: { image: 'web:1', deploy: { labels: { team: b } } } }
volumes: { data: {}, theirs: { external: true } }
networks: { back: { labels: { team: c } }, out: { external: true } }";
    adds(
        text,
        &["labels = { team = 'a', 'com.example.of' = '{project}' }", "labels.team = '{service}'"],
        &[
            "web deploy.labels.com.example.of shop (shop)",
            "- networks.back.labels.com.example.of shop (shop)",
            "- networks.default.labels.com.example.of shop (shop)",
            "- volumes.data.labels.com.example.of shop (shop)",
        ],
    );
}

#[test]
fn amounts_fit_what_the_file_and_the_maximum_say() {
    let default = "limits = { cpus = '1', memory = '512M' }";
    let kept = "reservations = { cpus = '0.5', memory = '256M' }";
    for (resources, policies, expected) in [
        ("", &[default][..], &["limits.cpus 1 (shop)", "limits.memory 512M (shop)"][..]),
        ("limits: { cpus: '2', memory: 1G }", &[default], &[]),
        ("limits: { memory: 1G }", &[default], &["limits.cpus 1 (shop)"]),
        (
            "reservations: { cpus: '2', memory: 1G }",
            &[default],
            &["limits.cpus 2 (shop)", "limits.memory 1G (shop)"],
        ),
        (
            "",
            &[default, "maximum = { cpus = '0.5', memory = '128M' }"],
            &["limits.cpus 0.5 (shop/production)", "limits.memory 128M (shop/production)"],
        ),
        ("", &[kept], &["reservations.cpus 0.5 (shop)", "reservations.memory 256M (shop)"]),
        ("limits: { cpus: '0.1', memory: 64M }", &[kept], &[]),
    ] {
        let text = format!(
            "services: {{ web: {{ image: 'web:1', deploy: {{ resources: {{ {resources} }} }} }} }}"
        );
        let expected: Vec<String> =
            expected.iter().map(|it| format!("web deploy.resources.{it}")).collect();
        let expected: Vec<&str> = expected.iter().map(String::as_str).collect();
        adds(&text, policies, &expected);
    }
    adds(PLAIN, &["replicas = 2", "replicas = 3"], &["web deploy.replicas 3 (shop/production)"]);
    adds("services: { web: { image: 'web:1', deploy: { mode: global } } }", &["replicas = 2"], &[]);
}

#[test]
fn exposed_services_get_a_domain_unless_they_name_one() {
    let policy = "domain = '{service}-{project}-{environment}.example.com'";
    let label = "web_App deploy.labels.skep.http.routes.0.domain \
                 web-app-shop-production.example.com (shop)";
    for (labels, expected) in [
        ("skep.expose: 'true'", &[label][..]),
        ("skep.expose: 'false'", &[]),
        ("other: 'true'", &[]),
        ("skep.expose: 'true', skep.http.routes.1.domain: a.example.com", &[]),
    ] {
        let text = format!(
            "services: {{ web_App: {{ image: 'web:1', deploy: {{ labels: {{ {labels} }} }} }} }}"
        );
        adds(&text, &[policy], expected);
    }
}

#[track_caller]
fn refuses(text: &str, policies: &[&str], expected: &[&str]) {
    let (_, outcome) = applied(text, policies);
    let line = |it: &Finding| {
        format!("{}:{} {} {}", it.place.line, it.place.column, it.code.name, it.message)
    };
    assert_eq!(outcome.findings.iter().map(line).collect::<Vec<_>>(), expected, "{text}");
}

#[test]
fn what_exceeds_a_maximum_is_refused_at_its_place() {
    let maximum = "maximum = { cpus = '1', memory = '1G', replicas = 3 }";
    let text = "services:
  web:
    image: web:1
    deploy:
      replicas: 4
      resources: { limits: { cpus: '2', memory: 2G } }
";
    refuses(
        text,
        &[maximum],
        &[
            "6:36 over-maximum service web: it has 2 of cpus, but shop allows at most 1",
            "6:49 over-maximum service web: it has 2G of memory, but shop allows at most 1G",
            "5:17 over-maximum service web: it has 4 replicas, but shop allows at most 3",
        ],
    );
    refuses(text, &[maximum, "maximum = { cpus = '2', memory = '2G', replicas = 4 }"], &[]);
    refuses(
        PLAIN,
        &["maximum = { cpus = '1' }", "maximum = { memory = '1G' }"],
        &[
            "1:13 no-bound service web: no limit of cpus, but shop allows at most 1",
            "1:13 no-bound service web: no limit of memory, but shop/production allows at most 1G",
        ],
    );
    refuses(
        text,
        &["maximum = { memory = '10000000' }"],
        &[
            "6:49 over-maximum service web: it has 2G of memory, but shop allows at most 10000000 bytes",
        ],
    );
    let (_, outcome) = applied(PLAIN, &["maximum = { cpus = '1', memory = '10000000' }"]);
    let hints: Vec<_> = outcome.findings.iter().filter_map(|it| it.hint.clone()).collect();
    let under = "or less under deploy.resources.limits";
    let expected = ["cpus: \"1\"", "memory: 10000000b"].map(|it| format!("write `{it}` {under}"));
    assert_eq!(hints, expected);
    refuses(PLAIN, &["maximum = { memory = '1G' }\nlimits = { memory = '1G' }"], &[]);
}

#[test]
fn a_broken_policy_adds_nothing() {
    refuses(
        PLAIN,
        &["network = '{projct}'"],
        &["0:0 policy the policy of shop is broken: network: {projct} is unknown; \
           use {project}, {environment}, {stack}, {swarm}, {service}"],
    );
    refuses(
        PLAIN,
        &["network = 'a b'"],
        &["0:0 policy the network of shop cannot be called `a b`"],
    );
    refuses(
        "services: { web: { image: 'web:1', networks: [n] } }\nnetworks: { n: { name: all } }",
        &["network = 'all'"],
        &[
            "2:24 shared-network the network all of shop is shared, but this stack declares it as its own",
        ],
    );
}

#[test]
fn what_is_recommended_leads_to_no_warning() {
    let text = "services:
  web: { image: 'web:1', ports: [{ target: 80, published: 80, mode: host }] }
  db: { image: 'db:1', volumes: ['data:/data'] }
  each: { image: 'each:1', deploy: { mode: global } }
volumes: { data: {} }";
    let policy = Policy::recommended();
    policy.check().unwrap();
    assert_eq!(Policy::from_toml(&policy.to_toml()), Ok(policy.clone()));
    let (mut stack, sources) = loaded(text);
    let outcome = apply_to(&mut stack, &[&policy.to_toml()]);
    assert_eq!(outcome.findings, []);
    let environment = BTreeMap::new();
    let around = Surroundings { environment: &environment, working_dir: "/", files: &NoFiles };
    let mut all = load(&sources, &around);
    all.stack = Some(stack);
    let found = check(&all, &sources, &"shop".parse().unwrap(), &NoFiles, None);
    let serious = found.iter().filter(|it| it.severity() > Severity::Suggestion);
    assert_eq!(serious.map(|it| it.code.name).collect::<Vec<_>>(), [""; 0]);
    assert!(!found.iter().any(|it| it.code == &codes::PAUSE_ON_FAILURE), "{found:?}");
}

#[test]
fn stacks_are_named_by_the_pattern() {
    for (policies, expected) in [
        (&[][..], Ok("shop-production-web")),
        (&["name = '{project}-{stack}'"], Ok("shop-web")),
        (&["name = 'a'", "name = '{stack}'"], Ok("web")),
        (&["name = '{stack} '"], Err("cannot name a stack")),
        (&["name = '{swarm}'"], Err("{swarm} is not known here")),
    ] {
        let policies: Vec<Policy> = policies.iter().map(|it| toml::from_str(it).unwrap()).collect();
        let layer = |policy| Layer { by: "shop".to_owned(), policy };
        let layers: Vec<Layer<'_>> = policies.iter().map(layer).collect();
        match (stack_name(&layers, "shop", "production", "web"), expected) {
            (Ok(name), Ok(expected)) => assert_eq!(name.as_str(), expected),
            (Err(why), Err(expected)) => assert!(why.contains(expected), "{why}"),
            (name, _) => panic!("{name:?} instead of {expected:?}"),
        }
    }
}

#[test]
fn every_key_is_set_to_its_example_told_and_taken_away() {
    for key in KEYS {
        let name = key.name.replace("NAME", "com.example.team");
        let mut policy = Policy::default();
        policy.set(&name, key.example).unwrap();
        assert_eq!(policy.entries(), [(name.clone(), key.example.to_owned())]);
        assert_eq!(Policy::from_toml(&policy.to_toml()), Ok(policy.clone()));
        assert_eq!(policy.unset(&name), Ok(true));
        assert_eq!((policy.unset(&name), &policy), (Ok(false), &Policy::default()));
        assert!(key.help.ends_with('.'), "{}", key.name);
    }
}

#[test]
fn what_a_key_cannot_be_is_said() {
    for (key, value, expected) in [
        ("update.ordr", "x", "a policy has no `update.ordr`; did you mean `update.order`?"),
        ("update", "x", "a policy has no `update`"),
        ("update.order", "first", "update.order: `first` is not one of start-first, stop-first"),
        ("update.delay", "5", "update.delay: `5` is not a duration: write 30s, 5m or 1h30m"),
        ("update.delay", "-5s", "update.delay: `-5s` is not a duration: write 30s, 5m or 1h30m"),
        ("replicas", "-1", "replicas: `-1` is not a whole number"),
        ("limits.memory", "1X", "limits.memory: invalid suffix: 'X'"),
        ("limits.cpus", "0", "limits.cpus: `0` is too little: 0.01 at least"),
        (
            "maximum.memory",
            "10",
            "maximum.memory: `10` is too little: 6 MiB at least; write its unit, for example 512M",
        ),
        ("reservations.memory", "2M", "reservations.memory: `2M` is too little: 4 MiB at least"),
        ("limits.memory", "4G", "limits.memory is 4G, but maximum.memory 2G"),
        ("replicas", "9", "replicas are 9, but maximum.replicas 3"),
        (
            "name",
            "{service}",
            "name: {service} is not known here; use {project}, {environment}, {stack}",
        ),
        ("labels.", "x", "a policy has no `labels.`"),
        ("logging.driver", "", "logging.driver: it is empty"),
    ] {
        let mut policy = Policy::from_toml("maximum = { memory = '2G', replicas = 3 }").unwrap();
        let before = policy.clone();
        assert_eq!(policy.set(key, value), Err(expected.to_owned()), "{key}");
        assert_eq!(policy, before, "{key}");
    }
    let unknown = Policy::from_toml("[update]\nfailure_action = 'pause'\n").unwrap_err();
    assert!(unknown.contains("failure_action"), "{unknown}");
}
