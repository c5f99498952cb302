//! Everything that can be found is found, at its place.

use crate::checks::{Case, cases, folder};
use skep::domain::compose::{
    Finding, Severity, Surroundings,
    codes::{self, Code},
    load,
};
use std::{collections::BTreeMap, collections::BTreeSet, fs, path::Path};

/// Writes what was found as the fixtures have it: `file:line:column severity code`.
fn found(case: &Case) -> Vec<String> {
    let (_, loaded) = case.examine();
    let line = |it: &Finding| {
        let (place, code) = (it.place, it.code);
        let file = Path::new(&*loaded.files[place.file]).file_name().unwrap().to_str().unwrap();
        format!("{file}:{}:{} {} {}", place.line, place.column, code.severity.word(), code.name)
    };
    loaded.findings.iter().map(line).collect()
}

fn expected(case: &Case) -> String {
    fs::read_to_string(folder().join(format!("{}.findings", case.name))).unwrap()
}

#[test]
fn what_is_wrong_is_found_at_its_place() {
    let mut wrong = Vec::new();
    let mut seeded = Vec::new();
    for case in cases() {
        let (found, expected) = (found(&case), expected(&case));
        let expected: Vec<&str> = expected.lines().collect();
        seeded
            .extend(expected.iter().map(|it| it.rsplit(' ').next().unwrap_or_default().to_owned()));
        if found != expected {
            wrong.push(format!(
                "{}\n  found    {}\n  expected {}",
                case.name,
                found.join("\n           "),
                expected.join("\n           ")
            ));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    let codes: BTreeSet<&String> = seeded.iter().collect();
    println!("{} seeded mistakes of {} kinds", seeded.len(), codes.len());
    assert!(seeded.len() >= 60 && codes.len() >= 40, "{} of {}", seeded.len(), codes.len());
}

#[test]
fn every_code_has_a_case_that_finds_it() {
    let cases: BTreeMap<String, String> =
        cases().into_iter().map(|it| (it.name.clone(), expected(&it))).collect();
    for code in codes::of_files().filter(|it| it.name != codes::NO_FILE.name) {
        let line_end = format!(" {}\n", code.name);
        let found = cases.get(code.name).is_some_and(|it| it.contains(&line_end));
        assert!(found, "no case finds {}", code.name);
    }
}

#[test]
fn every_case_is_about_a_code_or_a_hiding_place() {
    let known = |it: &Case| {
        it.name.starts_with("in-") || it.name == "nothing" || codes::find(&it.name).is_some()
    };
    let strange: Vec<String> =
        cases().into_iter().filter(|it| !known(it)).map(|it| it.name).collect();
    assert!(strange.is_empty(), "{strange:?}");
}

#[test]
fn no_file_is_an_error_too() {
    let around = Surroundings {
        environment: &BTreeMap::new(),
        working_dir: "/",
        files: &crate::checks::MadeUp,
    };
    let loaded = load(&[], &around);
    assert_eq!(loaded.findings.iter().map(|it| it.code.name).collect::<Vec<_>>(), ["no-file"]);
}

#[test]
fn every_code_says_what_why_and_what_to_do() {
    let mut names = BTreeSet::new();
    for code in codes::all() {
        let Code { name, title, why, remedy, .. } = code;
        assert!(names.insert(name), "{name} stands twice");
        let plain = |it: char| it.is_ascii_lowercase() || it == '-';
        assert!(name.chars().all(plain), "{name}");
        assert!(!title.is_empty() && !title.ends_with('.') && title.len() < 60, "{name}: {title}");
        assert!(why.ends_with('.') && remedy.ends_with(['.', ';']), "{name}: {why} {remedy}");
        assert!(why.starts_with(|it: char| !it.is_lowercase()), "{name}: {why}");
    }
    assert!(names.len() >= 40);
}

#[test]
fn only_files_without_errors_can_be_deployed() {
    for case in cases() {
        let (desired, loaded) = case.examine();
        let refused = loaded.findings.iter().any(|it| it.severity() == Severity::Error);
        assert_eq!(desired.is_none(), refused, "{}", case.name);
    }
}

#[test]
fn secrets_are_never_said() {
    for case in cases() {
        let (_, loaded) = case.examine();
        for finding in loaded.findings {
            assert!(!format!("{finding:?}").contains("hunter2"), "{}: {finding:?}", case.name);
        }
    }
}
