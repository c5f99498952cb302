//! Whatever loads can be checked, and quickly.

use crate::checks::{
    around::{cluster, environment},
    cases, examine,
};
use proptest::{prelude::*, sample::Index};
use skep::domain::compose::{Loaded, edit};
use std::{
    fmt::Write,
    time::{Duration, Instant},
};

/// Examines a text without a panic; its fixes must fit it.
fn check(text: String) -> Loaded {
    let files = [("a.yaml".to_owned(), text)];
    let facts = cluster();
    let (_, loaded) = examine(&files, &environment(), Some(&facts));
    for fix in loaded.findings.iter().filter_map(|it| it.fix.as_ref()) {
        assert!(edit::apply(&files[0].1, fix).is_some(), "{fix:?}");
    }
    loaded
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(400) })]

    #[test]
    fn broken_cases_are_survived(
        which in any::<Index>(),
        at in any::<Index>(),
        drop in 0..20_usize,
        insert in "([-:{}\\[\\]$\"' \n\ta0é]){0,4}",
    ) {
        let cases = cases();
        let mut text = which.get(&cases).files[0].1.clone();
        let ends: Vec<usize> = text.char_indices().map(|it| it.0).chain([text.len()]).collect();
        let from = at.index(ends.len());
        let to = (from + drop).min(ends.len() - 1);
        text.replace_range(ends[from]..ends[to], &insert);
        check(text);
    }

    #[test]
    fn any_value_is_survived(value in "([-:{}\\[\\]a-cU_?|,\"' /.0-9~é=]|null|true|CMD|host){0,40}", key in 0..KEYS.len()) {
        let key = KEYS[key];
        check(format!("services:\n  a:\n    image: x\n    {key}: {value}\n"));
    }
}

const KEYS: &[&str] = &[
    "image",
    "healthcheck: {test",
    "ports",
    "volumes",
    "environment",
    "extra_hosts",
    "command",
    "depends_on",
    "labels",
    "deploy",
    "logging",
    "restart",
    "stop_grace_period",
    "networks",
    "build",
];

/// A file of 2 000 lines, with something to say everywhere.
fn large() -> String {
    let mut text = "services:\n".to_owned();
    for index in 0..100 {
        writeln!(text, "  web{index}:").unwrap();
        text.push_str(
            "    image: nginx:${V:-1}\n    build: .\n    environment:\n      - A=1\n      - \
             PASSWORD=x\n    depends_on: [web0]\n    healthcheck:\n      test: [CMD, \"a || b\"]\n    \
             ports:\n",
        );
        writeln!(text, "      - \"{}:80\"\n    networks: [edge, more]", 1000 + index).unwrap();
        text.push_str(
            "    volumes:\n      - data:/data\n    deploy:\n      placement:\n        constraints: \
             [node.role == worker]\n      update_config:\n        order: start-first\n      \
             resources: { limits: { memory: 64M } }\n",
        );
    }
    text.push_str("networks: { edge: {}, more: {} }\nvolumes: { data: {} }\n");
    text
}

#[test]
fn a_large_file_is_examined_in_full() {
    let text = large();
    assert!(text.lines().count() >= 2_000);
    assert!(check(text).findings.len() >= 700);
}

/// Only the optimized build is what people run: `cargo test --release -- --ignored`.
#[test]
#[ignore = "measures the machine"]
fn two_thousand_lines_take_ten_milliseconds() {
    let text = large();
    let mut best = Duration::MAX;
    for _ in 0..20 {
        let files = [("a.yaml".to_owned(), text.clone())];
        let started = Instant::now();
        let (_, loaded) = examine(&files, &environment(), None);
        best = best.min(started.elapsed());
        assert!(loaded.stack.is_some());
    }
    println!("{} lines: {best:?}", text.lines().count());
    assert!(best < Duration::from_millis(10), "{best:?}");
}
