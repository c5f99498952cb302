//! Fixes change what they say and nothing else, and settle what they are for.

use crate::checks::{Case, cases, folder};
use skep::domain::compose::{self, ComposeFile, Files, Finding, Severity, Surroundings, edit};
use std::{collections::BTreeMap, fs, io, path::Path};

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

/// Codes of what keeps a file from being looked at any further: once they are
/// settled, more may be found.
const HIDING: &[&str] = &["tight-colon", "non-string-key", "interpolation", "version", "yaml"];

/// Counts findings of a kind that pass a test; places move when a text changes.
fn counts(
    findings: &[Finding],
    passes: impl Fn(&Finding) -> bool,
) -> BTreeMap<&'static str, usize> {
    let mut counts = BTreeMap::new();
    for finding in findings.iter().filter(|it| passes(it)) {
        *counts.entry(finding.code.name).or_default() += 1;
    }
    counts
}

fn comments(text: &str) -> usize {
    text.lines().filter(|it| it.trim_start().starts_with('#') || it.contains(" # ")).count()
}

fn check(case: &Case, before: &[Finding], finding: &Finding) {
    let Some(fix) = &finding.fix else { return };
    let (file, place) = (fix.place.file, fix.place);
    // Those of files of variables are looked at by themselves.
    let Some((_, old)) = case.files.get(file) else { return };
    let new = edit::apply(old, fix).unwrap();
    assert_eq!(old[..place.start], new[..place.start], "{}", case.name);
    assert_eq!(old[place.end..], new[place.start + fix.text.len()..], "{}", case.name);
    assert_ne!(*old, new, "{}: {finding:?}", case.name);
    let kept = comments(old) - comments(&old[place.bytes()]);
    assert!(comments(&new) >= kept, "{}: a comment is lost\n{new}", case.name);

    let mut files = case.files.clone();
    files[file].1.clone_from(&new);
    let (_, after) = case.examine_as(&files);
    let code = finding.code.name;
    let same = |it: &Finding| it.code.name == code;
    let of_code = |findings: &[Finding]| counts(findings, same).get(code).copied().unwrap_or(0);
    let left = of_code(&after.findings);
    assert!(left < of_code(before), "{}: {finding:?} is not settled:\n{new}", case.name);
    if HIDING.contains(&code) {
        return;
    }
    let is_error = |it: &Finding| it.severity() == Severity::Error;
    let errors = counts(before, is_error);
    for (code, count) in counts(&after.findings, is_error) {
        let had = errors.get(code).copied().unwrap_or(0);
        let new_ones: Vec<&Finding> =
            after.findings.iter().filter(|it| it.code.name == code).collect();
        assert!(count <= had, "{}: {finding:?} brings {new_ones:?}\n{new}", case.name);
    }
}

/// Returns the stack files of the other fixtures, each file with those behind it.
fn corpus() -> Vec<Case> {
    let folder = folder().with_file_name("compose");
    let names =
        fs::read_dir(&folder).unwrap().filter_map(|it| it.unwrap().file_name().into_string().ok());
    let mut names: Vec<String> = names
        .filter_map(|it| it.strip_suffix(".yaml").map(str::to_owned))
        .filter(|it| !it.contains('.'))
        .collect();
    names.sort();
    let read = |name: String| {
        let more = (2..).map(|it| format!("{name}.{it}.yaml"));
        let files = [format!("{name}.yaml")].into_iter().chain(more);
        let files =
            files.map_while(|it| Some((it.clone(), fs::read_to_string(folder.join(it)).ok()?)));
        Case { files: files.collect(), name }
    };
    names.into_iter().map(read).filter(|it| !it.files.is_empty()).collect()
}

#[test]
fn a_fix_changes_only_its_bytes_and_settles_its_finding() {
    let mut fixes = BTreeMap::new();
    for case in cases().into_iter().chain(corpus()) {
        let (_, loaded) = case.examine();
        for finding in &loaded.findings {
            if finding.fix.is_some() {
                *fixes.entry(finding.code.name).or_insert(0) += 1;
            }
            check(&case, &loaded.findings, finding);
        }
    }
    println!("{fixes:?}");
    assert!(fixes.len() >= 30 && fixes.values().sum::<usize>() >= 200, "{fixes:?}");
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
    let finding = loaded.findings.iter().find(|it| it.code.name == code);
    let finding = finding.unwrap_or_else(|| panic!("no {code} in {text}: {:?}", loaded.findings));
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

/// Mends the only finding of a code in a file with one service; lines stand four columns in.
fn check_line(code: &str, line: &str, expected: &str) {
    let file = |line: &str| {
        let line = line.replace('\n', "\n    ");
        format!(
            "services:\n  a:\n    image: x:1\n    {line}\nnetworks: {{ front: {{}} }}\nvolumes: {{ data: {{}} }}\n"
        )
    };
    assert_eq!(mended(code, &file(line)), Some(file(expected)), "{line}");
}

#[test]
fn the_form_of_a_value_is_mended() {
    check_line("schema", "tty: \"yes\" # why", "tty: true # why");
    check_line("schema", "init: off", "init: false");
    check_line("schema", "cap_add: NET_ADMIN", "cap_add: [NET_ADMIN]");
    check_line("schema", "networks: 'front'", "networks: ['front']");
    let memory =
        |size: &str| format!("deploy: {{ resources: {{ limits: {{ memory: {size} }} }} }}");
    check_line("schema", &memory("10"), &memory("10M"));
    check_line("schema", &memory("536870912"), &memory("\"536870912\""));
    check_line("schema", "stop_grace_period: 30", "stop_grace_period: 30s");
    check_line("schema", "stop_grace_period: \"30\"", "stop_grace_period: 30s");
    check_line(
        "schema",
        "deploy: { update_config: { order: 'start_first' } }",
        "deploy: { update_config: { order: 'start-first' } }",
    );
    check_line("schema", "cap_add: [A, B, A]", "cap_add: [A, B]");
    check_line("schema", "cap_add:\n- A # one\n- A # two\n- B", "cap_add:\n- A # one\n- B");
    check_line(
        "shell-syntax",
        "healthcheck: { test: [CMD, curl, 'http://x', '||', exit, '1'] }",
        "healthcheck: { test: [\"CMD-SHELL\", \"curl http://x || exit 1\"] }",
    );
    check_line("restart-no", "restart: \"no\"", "deploy: { restart_policy: { condition: none } }");
    check_line("precision", "deploy: { replicas: 2.7 }", "deploy: { replicas: 2 }");
    check_line("tight-colon", "labels: {a: 1, b:}", "labels: {a: 1, b: }");
    check_line("non-string-key", "labels: { 1: a }", "labels: { \"1\": a }");
    check_line("interpolation", "command: echo ${HOME} $1", "command: echo ${HOME} $$1");
}

#[test]
fn a_slip_in_a_name_is_mended() {
    check_line("reference", "networks: [fornt]", "networks: [front]");
    check_line("reference", "networks:\n  fornt: {}", "networks:\n  front: {}");
    check_line("reference", "volumes: ['daat:/daat']", "volumes: ['data:/daat']");
    check_line(
        "template",
        "hostname: \"{{.Node.HostName}}-x\"",
        "hostname: \"{{.Node.Hostname}}-x\"",
    );
    check_line(
        "constraint-never",
        "deploy: { placement: { constraints: [node.role==manger] } }",
        "deploy: { placement: { constraints: [node.role==manager] } }",
    );
    check_line(
        "spread-key",
        "deploy: { placement: { preferences: [{ spread: node.label.zone }] } }",
        "deploy: { placement: { preferences: [{ spread: node.labels.zone }] } }",
    );
}

#[test]
fn a_service_is_not_made_to_depend_on_itself_or_twice_on_another() {
    let file = |needed: &str| {
        format!(
            "services:\n  web:\n    image: x:1\n    depends_on: [{needed}]\n  dab: {{image: 'x:1'}}\n"
        )
    };
    assert_eq!(mended("depends-on-nobody", &file("dba")), Some(file("dab")));
    assert_eq!(mended("depends-on-nobody", &file("wbe")), None);
    assert_eq!(mended("depends-on-nobody", &file("dab, dba")), None);
}

#[test]
fn what_has_no_effect_goes() {
    check_line("mount-option", "volumes: ['data:/x:ro,z']", "volumes: ['data:/x:ro']");
    check_line("mount-option", "volumes: ['data:/x:z,ro']", "volumes: ['data:/x:ro']");
    check_line("mount-option", "volumes: ['data:/x:z']", "volumes: ['data:/x']");
    check_line("env-twice", "environment:\n- A=1\n- B=1\n- A=2", "environment:\n- B=1\n- A=2");
    check_line("env-twice", "environment: [A=1, B=1, A=2]", "environment: [B=1, A=2]");
    check_line(
        "reserved-label",
        "labels:\n  com.docker.stack.namespace: x\n  a: b",
        "labels:\n  a: b",
    );
    check_line(
        "ignored-key",
        "networks:\n  front:\n    ipv4_address: 10.0.0.1\n    aliases: [b]",
        "networks:\n  front:\n    aliases: [b]",
    );
    check_line("ignored-key", "oom_score_adj: 100\ntty: true", "tty: true");
}

#[test]
fn an_old_external_becomes_a_new_one() {
    let text = "services: { a: { image: 'x:1', networks: [n] } }\nnetworks:\n  n:\n    external: # old\n      name: there\n";
    assert_eq!(mended("deprecated-external", text), None);
    let text = text.replace(" # old", "");
    let expected = text.replace("external:\n      name: there", "external: true\n    name: there");
    assert_eq!(mended("deprecated-external", &text), Some(expected));
    let text = text.replace(
        "networks:\n  n:\n    external:\n      name: there",
        "networks: { n: { external: { name: 'there' } } }",
    );
    let expected = text.replace("external: { name: 'there' }", "external: true, name: 'there'");
    assert_eq!(mended("deprecated-external", &text), Some(expected));
}

#[test]
fn what_is_missing_on_the_way_is_added_too() {
    check_line(
        "pause-on-failure",
        "deploy:\n  replicas: 2",
        "deploy:\n  update_config: { failure_action: rollback }\n  replicas: 2",
    );
    let text = "services:\n  a:\n    image: x:1\n";
    let expected = "services:\n  a:\n    deploy: { update_config: { failure_action: rollback } }\n    image: x:1\n";
    assert_eq!(mended("pause-on-failure", text).as_deref(), Some(expected));
    assert_eq!(mended("pause-on-failure", "services:\n  a:\n    image: x:1\n    deploy:\n"), None);
}

/// A machine with one file of variables.
struct One(&'static str);

impl Files for One {
    fn read(&self, path: &Path) -> io::Result<Vec<u8>> {
        assert_eq!(path, Path::new("/dir/x.env"));
        Ok(self.0.as_bytes().to_vec())
    }

    fn exists(&self, _: &Path) -> bool {
        true
    }
}

/// Mends the first line that is wrong with a file of variables. Returns the file, the
/// stack file, and what is said to do.
fn mended_variables(text: &'static str, rest: &str) -> (String, String, String) {
    let stack = format!("services:\n  web:\n    image: a:1\n    env_file: x.env\n{rest}");
    let source = ComposeFile { name: "web.yml".into(), bytes: stack.clone().into_bytes() };
    let environment = BTreeMap::new();
    let around = Surroundings { environment: &environment, working_dir: "/dir", files: &One(text) };
    let name = "stack".parse().unwrap();
    let (_, loaded) = compose::examine(&[source], &around, &name, None, |_| Vec::new());
    let of_file = |it: &&Finding| {
        ["env-literal", "quoted-value", "value"].contains(&it.code.name) && it.place.file == 1
    };
    let finding = loaded.findings.iter().find(of_file).unwrap();
    let (mut file, mut stack) = (text.to_owned(), stack);
    if let Some(fix) = &finding.fix {
        let of = if fix.place.file == 1 { &mut file } else { &mut stack };
        *of = edit::apply(of, fix).unwrap();
    }
    (file, stack, finding.hint.clone().unwrap_or_default())
}

#[test]
fn lines_of_files_of_variables_are_mended_to_the_byte() {
    for (text, expected, hint) in [
        ("A=1   # note\nB=2\n", "A=1\nB=2\n", "write `A=1`"),
        ("E= #x\r\nB=2", "E=\r\nB=2", "write `E=`"),
        ("A=\"x y\"\n", "A=x y\n", "write `A=x y`"),
        ("# c\n  A='x'\r\n", "# c\n  A=x\r\n", "write `A=x`"),
        ("A= x\n", "A=x\n", "write `A=x`"),
        ("A=x \t\n", "A=x\n", "write `A=x`"),
        ("export A=1\n", "A=1\n", "remove `export`"),
        ("A =1\n", "A=1\n", "remove the space before `=`"),
        ("A: 1\n", "A=1\n", "replace `: ` with `=`"),
        ("\u{fc}=\u{fc} # \u{fc}\n", "\u{fc}=\u{fc}\n", "write `\u{fc}=\u{fc}`"),
        // A secret is mended, and not printed.
        ("PASSWORD='hunter2'\n", "PASSWORD=hunter2\n", "remove the quotes"),
        ("A=`date`\n", "A=`date`\n", "write what it would print"),
        (
            "A=\"x\n",
            "A=\"x\n",
            "an env file has no values of several lines: use a config or a secret",
        ),
    ] {
        let (file, _, said) = mended_variables(text, "");
        assert_eq!((file.as_str(), said.as_str()), (expected, hint), "{text:?}");
    }
}

#[test]
fn variables_of_files_move_to_where_they_count() {
    let head = "services:\n  web:\n";
    for (text, rest, expected) in [
        (
            "B=${HOME}/x\n",
            "",
            "    environment: { B: '${HOME}/x' }\n    image: a:1\n    env_file: x.env\n",
        ),
        (
            "B=${HOME}/it's\n",
            "    environment:\n      A: 1\n",
            "    image: a:1\n    env_file: x.env\n    environment:\n      B: '${HOME}/it''s'\n      A: 1\n",
        ),
        (
            "B=$HOME\n",
            "    environment: [A=1]\n",
            "    image: a:1\n    env_file: x.env\n    environment: ['B=$HOME', A=1]\n",
        ),
        // What docker would not read, and secrets, stay where they are.
        ("B=${HOME}$5\n", "", "    image: a:1\n    env_file: x.env\n"),
        ("TOKEN=${HOME}\n", "", "    image: a:1\n    env_file: x.env\n"),
    ] {
        let (file, stack, _) = mended_variables(text, rest);
        assert_eq!((file.as_str(), stack), (text, format!("{head}{expected}")));
    }
}
