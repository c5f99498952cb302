//! Made-up values and files, through docker and through skep.

use crate::compose::{
    compare,
    corpus::{self, environment, folder},
    oracle::{Oracle, Version},
    ours::{self, Outcome},
    render,
};
use proptest::{
    prelude::*,
    strategy::{BoxedStrategy, ValueTree},
    test_runner::TestRunner,
};
use std::fmt::Write;

/// Returns how many of so many are tried: a third, or as many times all as `SKEP_FUZZ` says.
fn effort(all: usize) -> usize {
    let times: Option<usize> = std::env::var("SKEP_FUZZ").ok().and_then(|it| it.parse().ok());
    times.map_or(all / 3, |it| it * all)
}

/// Values that skep takes go into one file, one service each; each that it
/// refuses must be refused by docker too.
fn check(template: &str, values: &str, count: usize) {
    let Some(version) = Version::find() else { return };
    if !version.is_law() {
        return;
    }
    let oracle = Oracle::start(&version);
    let deploy = |text: &str| {
        (
            ours::deploy(&folder(), &[], text, &environment()),
            oracle.deploy(&folder(), &[], text, &environment()),
        )
    };
    let service =
        |index: usize, value: &str| format!("  s{index}: {{{}}}\n", template.replace('@', value));
    let mut all = "services:\n".to_owned();
    for (index, value) in made(values, effort(count)).iter().enumerate() {
        let text = format!("services:\n{}", service(index, value));
        match ours::deploy(&folder(), &[], &text, &environment()) {
            Outcome::Sent(_) => all.push_str(&service(index, value)),
            Outcome::Refused(why) => {
                let (_, theirs) = deploy(&text);
                assert!(
                    matches!(theirs, Outcome::Refused(_)),
                    "only skep refuses {value:?}: {why:?}"
                );
            }
        }
    }
    let (ours, theirs) = deploy(&all);
    if let Some(difference) = compare::difference(ours, theirs, false) {
        let meant = |it: &&str| {
            it.split_once(':').is_some_and(|it| difference.contains(&format!("_{}.", it.0.trim())))
        };
        let lines: Vec<&str> = all.lines().filter(meant).collect();
        panic!("{difference}\n{}", lines.join("\n"));
    }
    assert_eq!(render::difference(&oracle, &folder(), &[], &all), None);
}

/// Makes texts that match a regular expression, quoted for YAML.
pub fn made(pattern: &str, count: usize) -> Vec<String> {
    let mut runner = TestRunner::deterministic();
    let strategy: BoxedStrategy<String> = proptest::string::string_regex(pattern).unwrap().boxed();
    (0..count).map(|_| strategy.new_tree(&mut runner).unwrap().current()).collect()
}

#[test]
fn templates_are_replaced_as_docker_replaces_them() {
    let token = r"(\$\$|\$V|\$\{V|\$\{U|\}|\$|:-|:\?|-|\?|a|_|E| |\$\{E:-|\$\{U-|1|:)";
    check("image: x, command: ['@']", &format!("{token}{{1,6}}"), 300);
}

#[test]
fn plain_scalars_are_what_they_are_to_docker() {
    check("image: x, labels: {l: @ }", "[0-9+][0-9._eExob+-]{0,7}|[.][0-9einfa_]{1,4}", 400);
    check(
        "image: x, labels: {l: @ }",
        "200[01]-[01]?[0-9]-[0-3]?[0-9]([tT ][0-2]?[0-9]:[0-5]?[0-9]:[0-6]?[0-9]([.,][0-9]{0,3})?(Z|[+-]0[0-9]:[0-5][0-9])?)?",
        300,
    );
    check(
        "image: x, labels: {l: @ }",
        "(true|false|True|FALSE|null|Null|~|yes|on|y|N|nUll|[.]nan|TRUE|<<)[a ]?",
        60,
    );
}

#[test]
fn command_lines_are_split_as_docker_splits_them() {
    check("image: x, command: '@'", r#"(a|b| |  |"|\\|#|''|x y|"a b"|''c d''|\\ ){0,8}"#, 300);
}

#[test]
fn values_are_read_as_docker_reads_them() {
    check(
        "image: x, ports: ['@']",
        "([0-9]{1,3}(-[0-9]{1,3})?:)?[0-9]{1,2}(-[0-9]{2})?(/(tcp|udp|sctp|x))?",
        200,
    );
    check(
        "image: x, ports: ['@']",
        r"(127.0.0.1|\[::1\]|::1|1.2.3|0.0.0.0|)(:[0-9]{0,2}){1,3}",
        100,
    );
    check(
        "image: x, stop_grace_period: '@'",
        "[+-]?([0-9]{0,3}[.]?[0-9]{0,3}(ns|us|ms|s|m|h|d|)){1,2}",
        200,
    );
    check(
        "image: x, deploy: {resources: {limits: {memory: '@'}}}",
        "[+-]?[0-9]{0,3}[.]?[0-9]{0,2} ?([bkmgtBKMG]i?b?|e3)?",
        200,
    );
    check(
        "image: x, deploy: {resources: {limits: {cpus: '@'}}}",
        "[+-]?[0-9]{0,2}([.][0-9]{0,3})?([/e-][0-9])?",
        200,
    );
    check(
        "image: '@'",
        "((localhost|Reg|a.b|a-b|docker.io|library)(:50)?/)?[a-c]{1,2}([._/-]{1,2}[a-cA]){0,2}(:[a-z._-]{1,3})?",
        250,
    );
    check("image: x, extra_hosts: ['@']", "[ab]?[:=]?[12]?[:=]?(\\[::1\\]|x)?", 100);
    check("image: x, environment: ['@']", "[VUEa]?=?[x=]?", 60);
    check("image: x, restart: '@'", "(no|always|on-failure|unless-stopped|x)?:?[0-9-]{0,2}", 100);
}

#[test]
fn mounts_are_read_as_docker_reads_them() {
    check("image: x, volumes: ['@']", r"(/|[.]|~|[.]/a|/b|C:|c|\\\\|ro|,|:|é){1,6}", 300);
}

#[test]
fn files_are_merged_as_docker_merges_them() {
    let Some(version) = Version::find() else { return };
    if !version.is_law() {
        return;
    }
    let oracle = Oracle::start(&version);
    let bodies = corpus::bodies();
    let mut runner = TestRunner::deterministic();
    let picks = prop::collection::vec(any::<prop::sample::Index>(), 24);
    let place = tempfile::tempdir().unwrap();
    let copy = |name: &str| {
        std::fs::copy(folder().join("files").join(name), place.path().join("files").join(name))
    };
    std::fs::create_dir(place.path().join("files")).unwrap();
    for name in ["secret.txt", "config.txt", "one.env", "two.env"] {
        copy(name).unwrap();
    }
    for _ in 0..effort(120) {
        let picks = picks.new_tree(&mut runner).unwrap().current();
        let lines: Vec<&String> = picks.iter().map(|it| it.get(&bodies)).collect();
        let files: Vec<String> = ["0.yaml", "1.yaml"].map(str::to_owned).into();
        for (file, lines) in files.iter().zip(lines.chunks(12)) {
            std::fs::write(place.path().join(file), document(lines)).unwrap();
        }
        let ours = ours::deploy(place.path(), &files, "", &environment());
        let theirs = oracle.deploy(place.path(), &files, "", &environment());
        if let Some(difference) = compare::difference(ours, theirs, false) {
            let text: Vec<String> = lines.chunks(12).map(document).collect();
            panic!("{difference}\nof\n{}", text.join("---\n"));
        }
        assert_eq!(render::difference(&oracle, place.path(), &files, ""), None);
    }
}

/// Puts bodies of services into one, each key once.
fn document(bodies: &[&String]) -> String {
    let mut keys = std::collections::BTreeSet::new();
    let mut text = "services:\n  a:\n    image: x\n".to_owned();
    for body in bodies {
        if keys.insert(body.split(':').next().unwrap()) {
            writeln!(text, "    {body}").unwrap();
        }
    }
    text + corpus::TOP
}

#[test]
fn edited_files_are_read_as_docker_reads_them() {
    let Some(version) = Version::find() else { return };
    if !version.is_law() {
        return;
    }
    let oracle = Oracle::start(&version);
    let mut runner = TestRunner::deterministic();
    let token = "[-:{}\\[\\],#&*!|>'\"%@?\n aA0é\t]|: |- |\n  |  |: \\{|\\}|a:|# |<<: |---\n|\\.\\.\\.\n|\\\\";
    let edit = (any::<prop::sample::Index>(), 0..6_usize, token);
    let edits = (any::<prop::sample::Index>(), prop::collection::vec(edit, 1..4));
    let texts = corpus::texts();
    for _ in 0..effort(250) {
        let (which, edits) = edits.new_tree(&mut runner).unwrap().current();
        let mut text = which.get(&texts).clone();
        for (at, drop, insert) in edits {
            let at = text.floor_char_boundary(at.index(text.len() + 1));
            let end = text.floor_char_boundary((at + drop).min(text.len())).max(at);
            text.replace_range(at..end, &insert);
        }
        let ours = ours::deploy(&folder(), &[], &text, &environment());
        let theirs = oracle.deploy(&folder(), &[], &text, &environment());
        if is_known(&ours, &theirs) {
            continue;
        }
        if let Some(difference) = compare::difference(ours, theirs, false) {
            panic!("{difference}\nof\n{text}");
        }
        assert_eq!(render::difference(&oracle, &folder(), &[], &text), None, "{text}");
    }
}

/// Where the two readers of YAML are known to differ: skep's refuses words with
/// a colon at their end in braces, and quoted lines that start at the margin;
/// docker's wants keys in braces on one line, and no `...` in front of all.
fn is_known(ours: &Outcome, theirs: &Outcome) -> bool {
    const REFUSED: &[&str] = &["docker reads", "multiline quoted scalar", "parsing a flow mapping"];
    match (ours, theirs) {
        (Outcome::Refused(why), Outcome::Sent(_)) => {
            why.iter().any(|it| REFUSED.iter().any(|known| it.contains(known)))
        }
        (Outcome::Sent(_), Outcome::Refused(why)) => why.iter().any(|it| it.starts_with("yaml:")),
        _ => false,
    }
}
