//! Fixes change what they say and nothing else, and settle what they are for.

use crate::checks::{Case, cases};
use skep::domain::compose::{Finding, edit};
use std::collections::BTreeMap;

/// Codes whose cases must have a fix for each finding.
const MENDED: &[&str] = &[
    "all-at-once",
    "date",
    "failures-forgiven",
    "host-ip",
    "network-driver",
    "no-grace",
    "restart-shadowed",
    "start-first-port",
    "start-first-volume",
    "unbraced-default",
];

/// Counts findings by what they say; places move when a text changes.
fn counts(findings: &[Finding]) -> BTreeMap<(&'static str, &str), usize> {
    let mut counts = BTreeMap::new();
    for finding in findings {
        *counts.entry((finding.code.name, finding.message.as_str())).or_default() += 1;
    }
    counts
}

fn check(case: &Case, before: &[Finding], finding: &Finding) {
    let Some(fix) = &finding.fix else { return };
    let (file, place) = (fix.place.file, fix.place);
    let old = &case.files[file].1;
    let new = edit::apply(old, fix).unwrap();
    assert_eq!(old[..place.start], new[..place.start], "{}", case.name);
    assert_eq!(old[place.end..], new[place.start + fix.text.len()..], "{}", case.name);
    assert_ne!(*old, new, "{}: {finding:?}", case.name);

    let mut files = case.files.clone();
    files[file].1.clone_from(&new);
    let (_, after) = case.examine_as(&files);
    let (before, after) = (counts(before), counts(&after.findings));
    let what = (finding.code.name, finding.message.as_str());
    let left = after.get(&what).copied().unwrap_or_default();
    assert!(left < before[&what], "{} is not settled:\n{new}", case.name);
    let broken = after.keys().filter(|it| ["yaml", "duplicate-key"].contains(&it.0)).count();
    assert!(
        broken <= before.keys().filter(|it| ["yaml", "duplicate-key"].contains(&it.0)).count(),
        "{new}"
    );
}

#[test]
fn a_fix_changes_only_its_bytes_and_settles_its_finding() {
    let mut fixes = 0;
    for case in cases() {
        let (_, loaded) = case.examine();
        for finding in &loaded.findings {
            fixes += usize::from(finding.fix.is_some());
            check(&case, &loaded.findings, finding);
        }
    }
    assert!(fixes >= 30, "only {fixes} fixes are tried");
}

#[test]
fn the_obvious_is_mended() {
    for case in cases().iter().filter(|it| MENDED.contains(&it.name.as_str())) {
        let (_, loaded) = case.examine();
        for finding in loaded.findings.iter().filter(|it| it.code.name == case.name) {
            assert!(finding.fix.is_some(), "{}: {}", case.name, finding.message);
        }
    }
}

/// Applies the fix of a file's only finding of a code.
fn mended(code: &str, text: &str) -> Option<String> {
    let case = Case { name: code.to_owned(), files: vec![("a.yaml".to_owned(), text.to_owned())] };
    let (_, loaded) = case.examine();
    let finding = loaded.findings.iter().find(|it| it.code.name == code).unwrap();
    finding.fix.as_ref().map(|it| edit::apply(text, it).unwrap())
}

#[test]
fn an_entry_goes_with_all_its_lines_and_its_comment() {
    let text = "services:\n  a:\n    image: x:1\n    build: # why\n      context: .\n      args:\n        - A=1 # last\n\n    tty: true\n";
    let expected = "services:\n  a:\n    image: x:1\n\n    tty: true\n";
    assert_eq!(mended("ignored-key", text).as_deref(), Some(expected));
    let text = "services:\n  a:\n    build: {\n      context: . }\n    image: x:1";
    assert_eq!(mended("ignored-key", text).as_deref(), Some("services:\n  a:\n    image: x:1"));
    let text = "services:\r\n  a:\r\n    image: x:1\r\n    pid:\r\n    tty: true\r\n";
    let expected = "services:\r\n  a:\r\n    image: x:1\r\n    tty: true\r\n";
    assert_eq!(mended("ignored-key", text).as_deref(), Some(expected));
    let text =
        "services:\n  a:\n    image: x:1\n    domainname: |\n      a\n      b\n    tty: true\n";
    let expected = "services:\n  a:\n    image: x:1\n    tty: true\n";
    assert_eq!(mended("ignored-key", text).as_deref(), Some(expected));
}

#[test]
fn what_cannot_go_alone_stays() {
    for text in [
        "services: {a: {image: 'x:1', pid: host}}",
        "services:\n  a: {image: 'x:1', pid: host}\n",
        "x-a: &a\n  pid: host\nservices:\n  a:\n    <<: *a\n    image: x:1\n",
        "x-a: &a [A=1]\nservices:\n  a:\n    image: x:1\n    build:\n      context: .\n      args: *a\n",
    ] {
        assert_eq!(mended("ignored-key", text), None, "{text}");
    }
}

#[test]
fn an_entry_is_added_in_the_style_of_its_mapping() {
    let text = "services:\n  a:\n    image: x:1\n    deploy:\n      update_config: # slowly\n        parallelism: 2\n";
    let expected = text.replace("        para", "        failure_action: rollback\n        para");
    assert_eq!(mended("pause-on-failure", text), Some(expected));
    let text = "services: {a: {image: 'x:1', deploy: {update_config: {parallelism: 2}}}}";
    let expected = text.replace("{para", "{failure_action: rollback, para");
    assert_eq!(mended("pause-on-failure", text), Some(expected));
    let text =
        "services:\n  a:\n    image: x:1\n    healthcheck:\n      test:\n      - curl\n      - x\n";
    let expected = text.replace("- curl", "- CMD\n      - curl");
    assert_eq!(mended("healthcheck-form", text), Some(expected));
}

#[test]
fn a_value_keeps_its_quotes_and_a_variable_stays() {
    let file = |order: &str| {
        format!("services:\n  a:\n    image: x:1\n    stop_grace_period: {order} # now\n")
    };
    assert_eq!(mended("no-grace", &file("'0s'")), Some(file("'10s'")));
    assert_eq!(mended("no-grace", &file("\"0\"")), Some(file("\"10s\"")));
    assert_eq!(mended("no-grace", &file("${GRACE-0s}")), None);
}
