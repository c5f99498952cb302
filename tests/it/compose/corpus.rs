//! The cases, in `tests/fixtures/compose`.
//!
//! `x.yaml` is a case, together with `x.2.yaml` and so on; a first line of
//! `# skep refuses: why` marks what docker takes and skep does not. Each line
//! of `values.txt` is a case too. Cases whose name starts with `any-` mean the
//! same to every version of docker.

use crate::compose::{
    compare,
    oracle::{Oracle, Version},
    ours,
};
use std::{
    collections::BTreeMap,
    fs,
    path::PathBuf,
    sync::atomic::{AtomicUsize, Ordering},
    thread,
};

/// Engines at work at the same time.
pub const WORKERS: usize = 3;

#[test]
fn every_case_is_sent_as_docker_sends_it() {
    let Some(version) = Version::find() else { return };
    let only = std::env::var("SKEP_CASE").unwrap_or_default();
    let wanted =
        |it: &Case| it.name.contains(&only) && (version.is_law() || it.name.starts_with("any-"));
    let cases: Vec<Case> = cases().into_iter().filter(wanted).collect();
    let next = AtomicUsize::new(0);
    let work = || {
        let oracle = Oracle::start(&version);
        let mut reports = Vec::new();
        while let Some(case) = cases.get(next.fetch_add(1, Ordering::Relaxed)) {
            reports.extend(report(case, &oracle, !only.is_empty()));
        }
        reports
    };
    let reports: Vec<String> = thread::scope(|scope| {
        let workers: Vec<_> = (0..WORKERS).map(|_| scope.spawn(work)).collect();
        workers.into_iter().flat_map(|it| it.join().unwrap()).collect()
    });
    let different = reports.iter().filter(|it| it.starts_with("DIFFERENT")).count();
    println!("{}\n{} cases", reports.join("\n"), cases.len());
    assert!(different == 0, "{different} of {} cases differ", cases.len());
}

/// Says how a case differs, or with `always` how it went.
fn report(case: &Case, oracle: &Oracle<'_>, always: bool) -> Option<String> {
    let (folder, environment) = (folder(), environment());
    let theirs = oracle.deploy(&folder, &case.files, &case.text, &environment);
    let ours = ours::deploy(&folder, &case.files, &case.text, &environment);
    match compare::difference(ours, theirs, case.refused) {
        Some(difference) => Some(format!("DIFFERENT {}\n{difference}", case.name)),
        None => always.then(|| format!("same {}", case.name)),
    }
}

pub struct Case {
    pub name: String,
    /// Where it stands in files; otherwise [`Case::text`] does.
    pub files: Vec<String>,
    pub text: String,
    /// Docker takes it and skep does not.
    pub refused: bool,
}

pub fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/compose")
}

/// What the client's environment is in all cases.
pub fn environment() -> BTreeMap<String, String> {
    let pairs = [
        ("HOME", "/home/me"),
        ("V", "val"),
        ("W", "other"),
        ("E", ""),
        ("N", "5"),
        ("M", "0440"),
        ("T", "yes"),
        ("F", "0.5"),
        ("a", "lower"),
    ];
    pairs.into_iter().map(|(key, value)| (key.to_owned(), value.to_owned())).collect()
}

/// Returns the texts of the cases that are files.
pub fn texts() -> Vec<String> {
    let files = cases().into_iter().filter(|it| !it.refused).flat_map(|it| it.files);
    files.filter_map(|it| fs::read_to_string(folder().join(it)).ok()).collect()
}

pub fn cases() -> Vec<Case> {
    let mut cases: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for entry in fs::read_dir(folder()).unwrap() {
        let file = entry.unwrap().file_name().into_string().unwrap();
        if let Some(name) = file.strip_suffix(".yaml") {
            let case = name.split('.').next().unwrap().to_owned();
            cases.entry(case).or_default().push(file);
        }
    }
    let files = cases.into_iter().map(|(name, mut files)| {
        // `x.yaml` sorts behind `x.2.yaml`, but comes first.
        files.sort_by_key(|it| (it.len(), it.clone()));
        let first = fs::read(folder().join(&files[0])).unwrap();
        let refused = first.starts_with(b"# skep refuses:");
        Case { name, files, text: String::new(), refused }
    });
    files.chain(values()).collect()
}

/// What the services of made-up files may refer to.
pub const TOP: &str = "
volumes: {v: {}, w: {}, named: {name: real}, ext: {external: true}, drv: {driver: nfs}, opts: {driver_opts: {}}, d: {}}
networks: {n: {}, m: {name: real}, ext: {external: true}, host: {external: true, name: host}}
secrets: {s: {file: files/secret.txt}, n: {file: files/secret.txt, name: other}, e: {external: true}}
configs: {s: {file: files/config.txt}, n: {file: files/config.txt, name: other}, e: {external: true}, c: {external: true}}
";

/// Returns the lines of `values.txt` that are one key of a service, as far as
/// skep takes them.
pub fn bodies() -> Vec<String> {
    let single = |it: &Case| it.text.starts_with("services: {a: {image: x, ");
    let cases = values().into_iter().filter(|it| !it.refused && single(it));
    let bodies = cases.map(|it| it.name.split_once(": ").unwrap().1.to_owned());
    bodies.filter(|it| taken(it)).collect()
}

fn taken(body: &str) -> bool {
    let text = format!("services:\n  a:\n    image: x\n    {body}\n{TOP}");
    matches!(ours::deploy(&folder(), &[], &text, &environment()), ours::Outcome::Sent(_))
}

/// Reads sections of a heading, a template, `---`, and one value a line.
fn values() -> Vec<Case> {
    let text = fs::read_to_string(folder().join("values.txt")).unwrap();
    let mut cases = Vec::new();
    for section in text.split("\n=== ").skip(1) {
        let (heading, rest) = section.split_once('\n').unwrap();
        let (template, values) = rest.split_once("\n---\n").unwrap();
        for value in values.lines().filter(|it| !it.is_empty()) {
            let refused = value.starts_with("! ");
            let value = value.strip_prefix("! ").unwrap_or(value);
            cases.push(Case {
                name: format!("{heading}: {value}"),
                files: Vec::new(),
                text: template.replace('@', value),
                refused,
            });
        }
    }
    cases
}
