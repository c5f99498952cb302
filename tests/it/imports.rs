//! Compose projects taken over: `tests/fixtures/import` has them as people write them,
//! the snapshots what came of each.

use proptest::prelude::*;
use skep::domain::compose::{
    ComposeFile, Files, Finding, Severity, Surroundings, codes,
    import::{ImportOutcome, Imported, Options, import},
    load,
};
use std::{
    collections::{BTreeMap, BTreeSet},
    fs, io,
    path::{Path, PathBuf},
};

struct Made;

impl Files for Made {
    fn read(&self, _: &Path) -> io::Result<Vec<u8>> {
        Ok(b"x".to_vec())
    }

    fn exists(&self, _: &Path) -> bool {
        true
    }
}

fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/import")
}

/// Returns all projects, by name.
fn projects() -> Vec<(String, String)> {
    let mut names: Vec<String> = fs::read_dir(folder())
        .unwrap()
        .filter_map(|it| it.unwrap().file_name().into_string().ok())
        .filter_map(|it| it.strip_suffix(".yml").map(str::to_owned))
        .collect();
    names.sort();
    let text = |it: &String| fs::read_to_string(folder().join(format!("{it}.yml"))).unwrap();
    names.iter().map(|it| (it.clone(), text(it))).collect()
}

fn imported(text: &str) -> Imported {
    let options = Options { project: "project".to_owned(), ..Options::default() };
    import(text, &options).unwrap_or_else(|it| panic!("{it:?}"))
}

fn report(imported: &Imported) -> String {
    let mut lines = String::new();
    for note in &imported.notes {
        let to = if note.to.is_empty() { String::new() } else { format!(" → {}", note.to) };
        let (word, line) = (note.kind.word(), note.place.line);
        lines += &format!("{word} {line} {}: {}{to}\n    {}\n", note.subject, note.what, note.why);
        if !note.instead.is_empty() {
            lines += &format!("    do: {}\n", note.instead);
        }
    }
    lines
}

/// Returns what skep refuses of a stack file for which all was done that is asked.
fn errors(text: &str) -> Vec<Finding> {
    let mut environment: BTreeMap<String, String> =
        [("HOME".to_owned(), "/home/ann".to_owned())].into();
    for part in text.split("${").skip(1) {
        if let Some((name, _)) = part.split_once(":?build") {
            environment.insert(name.to_owned(), "registry.example.com/built:1".to_owned());
        }
    }
    let source = ComposeFile { name: "stack.yml".into(), bytes: text.as_bytes().to_vec() };
    let around = Surroundings { environment: &environment, working_dir: "/dir", files: &Made };
    let mut findings = load(&[source], &around).findings;
    findings.retain(|it| it.severity() == Severity::Error);
    findings
}

#[test]
fn projects_become_stack_files() {
    let all = projects();
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path("../snapshots");
    settings.set_prepend_module_to_snapshot(false);
    assert!(all.len() >= 20, "{}", all.len());
    for (name, text) in all {
        let imported = imported(&text);
        let shown = format!("{}---\n{}", report(&imported), imported.text.replace('\r', "␍"));
        settings.bind(|| insta::assert_snapshot!(format!("import-{name}"), shown));
    }
}

#[test]
fn stack_files_of_projects_can_be_loaded() {
    for (name, text) in projects() {
        let imported = imported(&text);
        assert_eq!(errors(&imported.text), [], "{name}\n{}", imported.text);
    }
}

#[test]
fn what_was_taken_over_stays_as_it_is() {
    for (name, text) in projects() {
        let once = imported(&text);
        let twice = imported(&once.text);
        assert_eq!(twice.text, once.text, "{name}");
        let changed = twice.notes.iter().filter(|it| it.kind == ImportOutcome::Changed);
        assert_eq!(changed.map(|it| &it.what).collect::<Vec<_>>(), [""; 0], "{name}");
    }
}

#[test]
fn services_of_profiles_are_left_out_when_asked() {
    let (_, text) = projects().into_iter().find(|it| it.0 == "profiles").unwrap();
    let options = Options { without_profiles: true, ..Options::default() };
    let imported = import(&text, &options).unwrap();
    assert_eq!(imported.text, "services:\n  app:\n    image: app:1\n  # only for us\n");
    assert_eq!(imported.notes.len(), 2);
}

#[test]
fn what_cannot_be_read_is_not_taken_over() {
    for (text, code) in [
        ("a: [", &codes::YAML),
        ("- a", &codes::TOP_LEVEL),
        ("", &codes::TOP_LEVEL),
        ("a: 1\na: 2\n", &codes::DUPLICATE_KEY),
    ] {
        let findings = import(text, &Options::default()).unwrap_err();
        assert_eq!(findings.iter().map(|it| it.code).collect::<Vec<_>>(), [code], "{text}");
    }
}

/// Holds the result against the text: what no change names is there, byte by byte.
fn check_bytes(text: &str) {
    let Ok(imported) = import(text, &Options::default()) else { return };
    let (mut at, mut built) = (0, String::new());
    for fix in &imported.fixes {
        assert!(fix.place.start >= at, "{text}\n{:?}", imported.fixes);
        built += &text[at..fix.place.start];
        built += &fix.text;
        at = fix.place.end;
    }
    built += &text[at..];
    assert_eq!(built, imported.text);
}

#[test]
fn nothing_else_is_touched() {
    for (_, text) in projects() {
        check_bytes(&text);
    }
}

/// Returns the stack files of all other tests.
fn stack_files() -> Vec<(String, String)> {
    let folders = ["compose", "check"].map(|it| folder().parent().unwrap().join(it));
    let files = folders.iter().flat_map(|it| fs::read_dir(it).unwrap());
    let files = files.map(|it| it.unwrap().path());
    let files = files.filter(|it| it.extension().is_some_and(|it| it == "yaml" || it == "yml"));
    let text = |it: &PathBuf| fs::read_to_string(it).ok();
    files.filter_map(|it| Some((it.display().to_string(), text(&it)?))).collect()
}

#[test]
fn what_is_a_stack_file_already_stays_one() {
    let mut sound = 0;
    for (name, text) in stack_files() {
        check_bytes(&text);
        let Ok(imported) = import(&text, &Options::default()) else { continue };
        if errors(&text).is_empty() {
            assert_eq!(errors(&imported.text), [], "{name}\n{text}\n=>\n{}", imported.text);
            sound += 1;
        }
        let again = import(&imported.text, &Options::default());
        assert!(again.is_ok(), "{name}\n{text}\n=>\n{}", imported.text);
    }
    assert!(sound > 100, "{sound}");
}

/// Lines that services may have, whole.
const LINES: &[&str] = &[
    "image: a:1",
    "restart: always # so",
    "container_name: x",
    "mem_limit: 64m",
    "cpus: 0.5",
    "tmpfs: /run",
    "tmpfs:\n      - /run\n      # more\n      - /tmp",
    "deploy:\n      replicas: 2",
    "deploy: { replicas: 2 }",
    "deploy: {}",
    "volumes:\n    - a:/a",
    "volumes: [\"a:/a\"]",
    "depends_on:\n      b: { condition: service_healthy }",
    "labels:\n      traefik.enable: true",
    "build:\n      context: .\n      args: [a]",
    "# a comment",
    "",
    "command: |\n      a\n      # b\n\n      c",
    "networks: { default: { priority: 1 } }",
    "privileged: true",
    "<<: *base",
    "profiles: [a]",
    "expose: [\"80\"]",
];

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, ..ProptestConfig::default() })]

    #[test]
    fn whatever_services_say_the_rest_is_kept_and_yaml(
        chosen in prop::collection::vec(prop::sample::subsequence(LINES, 1..8).prop_shuffle(), 1..4),
        flat in any::<bool>(),
        braces in any::<bool>(),
        base in prop::sample::select(vec!["restart: always\n  init: true", "init: true", "scale: 2"]),
    ) {
        let mut text = format!("x-base: &base\n  {base}\nservices:\n");
        for (number, lines) in chosen.iter().enumerate() {
            if braces {
                let short = lines.iter().filter(|it| !it.contains(['\n', '#']) && !it.is_empty());
                let mut keys = BTreeSet::new();
                let own = short.filter(|it| keys.insert(it.split(':').next()));
                let own: Vec<&str> = own.copied().chain(["init: true"]).collect();
                text += &format!("  s{number}: {{ {} }}\n", own.join(", "));
                continue;
            }
            text += &format!("  s{number}:\n");
            let mut keys = BTreeSet::new();
            for line in lines {
                let key = line.split(':').next().unwrap();
                if line.is_empty() || line.starts_with('#') || keys.insert(key) {
                    text += &format!("    {line}\n");
                }
            }
            if keys.is_empty() {
                text += "    init: true\n";
            }
        }
        if flat {
            text.pop();
        }
        check_bytes(&text);
        let options = Options::default();
        let before = import(&text, &options);
        prop_assert!(before.is_ok(), "{text}");
        let after = import(&before.unwrap().text, &options);
        prop_assert!(after.is_ok(), "{text}");
        let told: Vec<_> = errors(&after.unwrap().text);
        let told: Vec<&Finding> = told.iter().filter(|it| it.code != &codes::IMAGE).collect();
        prop_assert!(told.is_empty(), "{text}\n{told:?}");
    }

    #[test]
    fn broken_files_do_no_harm(
        which in any::<prop::sample::Index>(),
        from in any::<prop::sample::Index>(),
        length in 1_usize..40,
        put in prop::sample::select(vec!["", " ", "\n", ": ", "- ", "{", "}", "[", "'", "*a", "&a ", "é"]),
    ) {
        let all = projects();
        let mut text = which.get(&all).1.clone();
        let at = |it: usize| (0..=it.min(text.len())).rev().find(|it| text.is_char_boundary(*it));
        let start = from.index(text.len());
        let (start, end) = (at(start).unwrap(), at(start + length).unwrap());
        text.replace_range(start..end.max(start), put);
        check_bytes(&text);
    }
}
