//! What is found in a file, and where.

use crate::compose::{corpus, fuzz, ours};
use skep::domain::{
    compose::{self, codes},
    swarm::names::StackName,
};
use std::collections::BTreeSet;

/// Each line of `expected` is `line:column code words`, where the words are a
/// part of the message or hint.
fn check(text: &str, expected: &[&str]) {
    let found = found(&[text]);
    let shown: Vec<String> =
        found.iter().map(|it| format!("{}:{} {} {}", it.0.line, it.0.column, it.1, it.2)).collect();
    let mut rest = shown.clone();
    for line in expected {
        let (head, words) = line.splitn(3, ' ').enumerate().fold(
            (String::new(), ""),
            |(head, words), (index, it)| match index {
                0 => (format!("{it} "), words),
                1 => (head + it + " ", words),
                _ => (head, it),
            },
        );
        let at = rest.iter().position(|it| it.starts_with(&head) && it.contains(words));
        let Some(at) = at else { panic!("no `{line}` in\n{}", shown.join("\n")) };
        rest.remove(at);
    }
    assert!(rest.is_empty(), "not expected:\n{}", rest.join("\n"));
}

type Found = (compose::Place, &'static str, String);

fn found(texts: &[&str]) -> Vec<Found> {
    let bytes = texts.iter().map(|it| it.as_bytes().to_vec()).collect();
    let loaded = ours::load_bytes(&corpus::folder(), bytes, &corpus::environment());
    let mut findings = loaded.findings;
    if let Some(stack) = loaded.stack {
        let name: StackName = "stack".parse().unwrap();
        findings.extend(compose::convert(&stack, &name, &ours::Disk).1);
    }
    let shown = |it: &compose::Finding| {
        format!("{} — {}", it.message, it.hint.as_deref().unwrap_or_default())
    };
    findings.iter().map(|it| (it.place, it.code.name, shown(it))).collect()
}

#[test]
fn all_errors_of_a_file_are_found_at_once() {
    check(
        "services:
  web:
    image: nginx
    tty: yes
    replicas: 3
    ports: [\"80:x\"]
    deploy:
      replica: 3
      update_config: {delay: 5, order: fast}
  db:
    ports: &p
      - 5432
      - 5432
    healthcheck: {interval: 1d}
volumes:
  data: {external: true, driver: x}
",
        &[
            "4:10 schema services.web.tty must be a boolean",
            "5:5 schema Additional property replicas is not allowed",
            "6:13 schema services.web.ports.0 Does not match format 'ports'",
            "8:7 schema did you mean `replicas`?",
            "9:30 schema services.web.deploy.update_config.delay must be a string",
            "9:40 schema must be one of the following: \"start-first\", \"stop-first\"",
            "13:9 schema services.db.ports array items[0,1] must be unique",
            "14:29 schema services.db.healthcheck.interval Does not match format 'duration'",
            "16:26 conflict conflicting parameters \"external\" and \"driver\"",
        ],
    );
}

#[test]
fn keys_of_other_versions_are_named() {
    check(
        "version: \"3.6\"\nservices: {a: {image: x, init: true}}\n",
        &["2:26 schema since version 3.7; this file has version 3.6"],
    );
}

#[test]
fn what_is_no_yaml_is_shown_where_it_starts() {
    check("services:\n  a: [\n", &["2:6 yaml unclosed bracket '['"]);
    check("a: *b\n", &["1:4 yaml unknown anchor 'b' referenced"]);
    check("a: {b:}\n", &["1:5 tight-colon docker reads `b:` as a word here"]);
    check(
        "services:\n  a:\n    image: x\n    healthcheck:x\n",
        &["4:5 yaml `healthcheck:x` is not a key and value: there is no `: ` in it"],
    );
    check("- a\n", &["1:1 top-level must be a mapping"]);
    check(
        "services:\n  a: {image: x}\n  a: {image: y}\n",
        &["3:3 duplicate-key already defined at line 2"],
    );
    check("services: {1: {image: x}}\n", &["1:12 non-string-key quotes"]);
    check("x-a: .inf\nservices: {}\n", &["1:6 not-a-number `.inf` cannot be deployed"]);
    check(
        "x-a: 2001-01-01\nservices: {}\n",
        &["1:6 date deployed as `2001-01-01 00:00:00 +0000 UTC`"],
    );
}

#[test]
fn aliases_of_aliases_are_refused() {
    check(&fuzz::laughs(), &["5:46 excessive-aliases"]);
}

#[test]
fn ranges_of_ports_end_where_their_numbers_end() {
    let text = |items: &str| format!("services: {{a: {{image: x, ports: [{items}]}}}}\n");
    check(&text("10000-19999:10000-19999"), &[]);
    let many: Vec<String> = (1..5_000).map(|it| format!("{it}-65535:{it}-65535")).collect();
    check(&text(&many.join(", ")), &["1:34 excessive-ports more than 10000 ports"]);
    // Each service and each file may have little, and all of them too much.
    let service = |name: &str| format!("  {name}: {{image: x, ports: [1-4000:1-4000]}}\n");
    let all: String = ["a", "b", "c", "d"].map(service).concat();
    check(&format!("services:\n{all}"), &["4:25 excessive-ports more than 10000 ports"]);
    let file = |name: &str| format!("services: {{{name}: {{image: x, ports: [1-6000]}}}}\n");
    let found = found(&[&file("a"), &file("b")]);
    let places: Vec<_> = found.iter().map(|it| (it.0.file, it.0.line, it.1)).collect();
    assert_eq!(places, [(1, 1, "excessive-ports")]);
}

#[test]
fn versions_are_checked_first() {
    check("version: \"2.4\"\nfoo: 1\n", &["1:10 version unsupported Compose file version: 2.4"]);
    let found = found(&["version: \"3.8\"\n", "version: \"3.7\"\n"]);
    let places: Vec<_> = found.iter().map(|it| (it.0.file, it.0.line, it.1)).collect();
    assert_eq!(places, [(1, 1, "version-mismatch")]);
}

#[test]
fn variables_are_found_inside_of_texts() {
    check(
        "services:
  a:
    image: x:$U
    command: [\"é $V $1\", '${W']
    labels:
      a: >-
        one
        two ${U?three}
    hostname: $V-rest
    user: ${U:-$V}
    working_dir: ${U:?not set - ask}
    stop_signal: $1 $V
    tty: $V
    deploy: {replicas: $U}
",
        &[
            "3:14 unset-variable variable U is not set",
            "4:21 interpolation invalid interpolation format for services.a.command.[]: \"é $V $1\"",
            "4:27 interpolation invalid interpolation format for services.a.command.[]: \"${W\"",
            "8:13 required-variable set the variable U (no `$` has to be escaped)",
            "9:15 unbraced-default `-rest` belongs to the variable V",
            "10:11 literal-default the default `$V` is taken literally",
            "11:18 message-as-default docker reads the variable `U:?not set ` here",
            "12:18 lost-error a valid variable follows",
            "13:10 cast invalid boolean: val",
            "14:24 unset-variable variable U is not set",
            "14:24 cast `` is not a whole number",
        ],
    );
}

#[test]
fn every_mention_of_a_variable_is_told() {
    let text = "services: {a: {image: \"$V\", command: [\"$$ ${U:-x}\", \"${E:?no}\"]}}\n";
    let loaded = ours::load_bytes(&corpus::folder(), vec![text.into()], &corpus::environment());
    let told: Vec<_> = loaded.variables.iter().map(|it| format!("{it:?}")).collect();
    assert_eq!(told.len(), 3);
    let variables: Vec<_> = loaded
        .variables
        .iter()
        .map(|it| {
            (
                it.name.as_str(),
                it.place.column,
                it.default.as_deref(),
                it.required.as_deref(),
                it.set,
            )
        })
        .collect();
    assert_eq!(
        variables,
        [
            ("V", 24, None, None, true),
            ("U", 43, Some("x"), None, false),
            ("E", 54, None, Some("no"), true),
        ]
    );
}

#[test]
fn what_swarm_does_not_do_is_said() {
    check(
        "services:
  a:
    image: x
    privileged: true
    container_name: y
    tmpfs: /x
    oom_score_adj: 5
    restart: \"no\"
    ports: [\"80:80\"]
    volumes: [\"d:/d\", \"/a:/b:cached\", \"~/x:/y\"]
    networks: {n: {ipv4_address: 1.2.3.4}}
    environment: {V: \"\", U: }
    deploy: {resources: {reservations: {generic_resources: [{discrete_resource_spec: {kind: a, value: 1.5}}]}}}
networks: {n: {external: {name: out}}}
volumes: {v: {x-cluster-spec: {}}}
",
        &[
            "4:5 ignored-key privileged",
            "5:5 deprecated-key container_name",
            "6:5 ignored-key type: tmpfs",
            "7:5 ignored-key oom_score_adj",
            "8:14 restart-no condition: none",
            "10:15 drive-letter `d:` is taken for a Windows drive",
            "10:23 mount-option `cached` is ignored",
            "11:20 ignored-key ipv4_address",
            "12:22 env-replaced V is empty in the file",
            "12:26 env-bare variable U is not set",
            "13:103 precision the fraction of 1.5 is cut off",
            "14:33 deprecated-external network.external.name is deprecated",
            "15:15 ignored-key docker volume create",
        ],
    );
}

#[test]
fn what_services_refer_to_must_be_there() {
    check(
        "services:
  a:
    image: Nginx
    networks: [none]
    volumes: [\"vol:/v\"]
    secrets: [s]
    configs: [c]
    env_file: none.env
    cap_add: [A]
  b: {tty: true}
secrets: {x: {file: none.txt}}
",
        &["8:15 unreadable none.env: no such file or directory"],
    );
    check(
        "services:
  a:
    image: Nginx
    networks: [none]
    volumes: [\"vol:/v\"]
    secrets: [s]
    configs: [c]
  b: {tty: true}
secrets: {x: {file: none.txt}}
",
        &[
            "3:12 image repository name (library/Nginx) must be lowercase",
            "4:16 reference service a: undefined network \"none\"",
            "5:15 reference service a: undefined volume \"vol\"",
            "6:15 reference service a: undefined secret \"s\"",
            "7:15 reference service a: undefined config \"c\"",
            "8:3 image no image specified",
            "9:21 unreadable none.txt: no such file or directory",
        ],
    );
}

#[test]
fn values_that_cannot_be_read_are_refused() {
    check(
        "services:
  a:
    image: x
    mem_limit: 1g
    command: \"a 'b\"
    volumes: [\"vol::/v\"]
    ulimits: {n: 1.0}
    deploy:
      replicas: -1
      resources: {limits: {memory: 1x}, reservations: {generic_resources: [{}]}}
",
        &[
            "4:5 forbidden-key use deploy.resources",
            "5:14 value service a: command: EOF found when expecting closing quote",
            "6:15 value empty section between colons",
            "7:15 value ulimits.n: not a whole number",
            "9:17 value replicas: -1 is out of range",
            "10:36 value memory: invalid suffix: 'x'",
            "10:76 empty-item",
        ],
    );
}

#[test]
fn merging_says_what_is_lost() {
    let found = found(&[
        "services: {a: {image: x, ports: [\"53:53\", \"53:53/udp\"]}}\n",
        "services: {a: {tty: true}}\n",
    ]);
    let places: Vec<_> = found.iter().map(|it| (it.0.file, it.0.column, it.1)).collect();
    assert_eq!(places, [(0, 43, "merge-collapse")]);
}

#[test]
fn nothing_to_load_is_said_too() {
    let found = found(&[]);
    assert_eq!(found.iter().map(|it| it.1).collect::<Vec<_>>(), ["no-file"]);
}

#[test]
fn every_code_has_a_name_of_its_own_and_a_reason() {
    let names: BTreeSet<_> = codes::all().map(|it| it.name).collect();
    assert_eq!(names.len(), codes::all().count());
    for code in codes::all() {
        assert_eq!(codes::find(code.name), Some(code));
        assert!(code.why.ends_with('.') && !code.name.contains(' '), "{}", code.name);
    }
}
