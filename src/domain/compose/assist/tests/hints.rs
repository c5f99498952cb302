//! What is said about a place.

use crate::domain::compose::assist::{hover, hover_among, nodes::tests::nodes, tests::cut};

fn check(marked: &str, title: &str, expected: &[&str]) {
    let (text, at) = cut(marked);
    let hint = hover_among(&text, at, &nodes()).unwrap_or_else(|| panic!("{marked}"));
    assert_eq!(hint.title, title, "{marked}");
    assert_eq!(hint.lines, expected, "{marked}");
}

#[test]
fn a_key_says_what_it_does() {
    check(
        "services:\n  web:\n    deploy:\n      repl|icas: 2\n",
        "services.web.deploy.replicas",
        &[
            "How many tasks run. Where it is left out, every deployment scales back to 1.",
            "written as: a whole number; not for global modes",
            "default: 1",
        ],
    );
    check(
        "services: {web: {deploy: {rollback_config: {paral|lelism: 2",
        "services.web.deploy.rollback_config.parallelism",
        &[
            "How many tasks are replaced at a time. 0 means all at once.",
            "written as: a whole number",
            "default: 1",
        ],
    );
    let (text, at) = cut("services:\n  web:\n    environment:\n      A|: 1\n");
    let hint = hover(&text, at).unwrap();
    assert!(hint.title.ends_with("environment.A") && hint.lines[0].starts_with("Variables of"));
}

#[test]
fn a_word_says_what_it_means() {
    check(
        "services:\n  web:\n    deploy:\n      mode: glo|bal\n",
        "services.web.deploy.mode",
        &[
            "global: one task on every node that fits",
            "How many tasks there are, and whether they end. It cannot be changed for a service that exists.",
            "one of: replicated, global, replicated-job, global-job",
            "default: replicated",
        ],
    );
}

#[test]
fn a_constraint_says_which_nodes_meet_it() {
    let text = "services:\n  web:\n    deploy:\n      placement:\n        constraints:\n          - node.labels.disk==s|sd\n          - node.role==worker\n";
    check(
        text,
        "services.web.deploy.placement.constraints.0",
        &[
            "1 of 3 nodes: node1",
            "not set on node3",
            "hdd on node2",
            "with the other constraints: none of 3 nodes",
            "What a node must be to run tasks. It must meet all of them.",
            "written as: a list of KEY==value or KEY!=value",
        ],
    );
}

#[test]
fn what_is_ignored_says_so() {
    let ignored = |marked: &str| {
        let (text, at) = cut(marked);
        hover(&text, at).map(|it| it.ignored)
    };
    assert_eq!(ignored("services:\n  web:\n    build:\n      con|text: .\n"), Some(true));
    assert_eq!(ignored("services:\n  web:\n    depends_on: [d|b]\n"), Some(true));
    assert_eq!(
        ignored("services:\n  web:\n    networks:\n      a: {ipv4|_address: 1}\n"),
        Some(true)
    );
    assert_eq!(ignored("services:\n  web:\n    ima|ge: x\n"), Some(false));
    assert_eq!(ignored("services:\n  web:\n    mem_li|mit: 1\n"), Some(true));
    assert_eq!(ignored("services:\n  web:\n    nonsen|se: 1\n"), None);
    assert_eq!(ignored("services:\n  web:\n    image: x\n  |\n"), None);
    assert_eq!(ignored("# no|te\n"), None);
}
