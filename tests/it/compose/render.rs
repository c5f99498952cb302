//! What is rendered means the same, to docker and to skep, in any folder and
//! with no variable set.

use crate::compose::{
    compare,
    corpus::{self, Case, environment, folder},
    oracle::{Oracle, Version},
    ours::{self, Disk, Outcome},
};
use skep::domain::{
    compose::{self, Unwritable, yaml},
    names::StackName,
};
use std::{
    collections::BTreeMap,
    path::Path,
    sync::atomic::{AtomicUsize, Ordering},
    thread,
};

/// Returns the rendered text of what skep takes.
pub fn render(
    folder: &Path,
    files: &[String],
    text: &str,
    environment: &BTreeMap<String, String>,
) -> Option<Result<String, Unwritable>> {
    let stack = ours::load(folder, files, text, environment).stack?;
    let name: StackName = "stack".parse().unwrap();
    compose::convert(&stack, &name, &Disk).0?;
    Some(compose::render(&stack, &name, &Disk).map(|it| yaml::write(&it)))
}

/// Deploys a text through skep, elsewhere and with nothing set.
pub fn deploy(text: &str) -> Outcome {
    ours::deploy(Path::new("/"), &[], text, &BTreeMap::new())
}

/// Cases that no single file can say in one way: lists with an item twice.
const UNWRITABLE: &[&str] = &["merge-lists", "service keys: ports: [\"80\", 80]"];

fn rendered(case: &Case) -> Option<String> {
    match render(&folder(), &case.files, &case.text, &environment())? {
        Ok(text) => Some(text),
        Err(why) => {
            assert!(UNWRITABLE.contains(&&*case.name), "{}: {why}", case.name);
            None
        }
    }
}

#[test]
fn every_case_that_is_rendered_means_the_same() {
    let mut count = 0;
    for case in corpus::cases() {
        let Some(text) = rendered(&case) else { continue };
        let meant = ours::deploy(&folder(), &case.files, &case.text, &environment());
        assert_eq!(deploy(&text), meant, "{}\n{text}", case.name);
        let again = render(Path::new("/"), &[], &text, &BTreeMap::new()).unwrap().unwrap();
        assert_eq!(again, text, "{}", case.name);
        count += 1;
    }
    println!("{count} cases are rendered");
    assert!(count > 400, "only {count} cases are rendered");
}

#[test]
fn every_case_that_is_rendered_is_sent_by_docker_as_before() {
    let Some(version) = Version::find() else { return };
    let cases: Vec<Case> = corpus::cases().into_iter().filter(|_| version.is_law()).collect();
    let next = AtomicUsize::new(0);
    let work = || {
        let oracle = Oracle::start(&version);
        let mut reports = Vec::new();
        while let Some(case) = cases.get(next.fetch_add(1, Ordering::Relaxed)) {
            let Some(text) = rendered(case) else { continue };
            let meant = ours::deploy(&folder(), &case.files, &case.text, &environment());
            let sent = oracle.deploy(Path::new("/"), &[], &text, &BTreeMap::new());
            let difference = compare::difference(meant, sent, false);
            reports.extend(difference.map(|it| format!("{}\n{it}\nof\n{text}", case.name)));
        }
        reports
    };
    let reports: Vec<String> = thread::scope(|scope| {
        let workers: Vec<_> = (0..corpus::WORKERS).map(|_| scope.spawn(work)).collect();
        workers.into_iter().flat_map(|it| it.join().unwrap()).collect()
    });
    assert!(reports.is_empty(), "{}", reports.join("\n"));
}
