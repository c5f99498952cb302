//! What is rendered means the same, to docker and to skep, in any folder and
//! with no variable set.

use crate::compose::{
    compare,
    corpus::{self, Case, environment, folder},
    oracle::{Oracle, Version},
    ours::{self, Disk, Outcome},
    random,
};
use skep::domain::{
    compose::{self, Unwritable, yaml},
    swarm::names::StackName,
};
use std::{
    collections::BTreeMap,
    fmt::Write,
    path::Path,
    sync::atomic::{AtomicUsize, Ordering},
    thread,
};

/// Cases that no single file can say in one way: lists with an item twice.
const UNWRITABLE: &[&str] = &["merge-lists", "service keys: ports: [\"80\", 80]"];

#[test]
fn every_case_that_is_rendered_means_the_same_to_skep() {
    let mut count = 0;
    for case in corpus::cases() {
        let Some(text) = rendered(&case) else { continue };
        let meant = ours::deploy(&folder(), &case.files, &case.text, &environment());
        assert_eq!(deploy(&text), meant, "{}\n{text}", case.name);
        let again = render(Path::new("/"), &[], &text, &BTreeMap::new()).unwrap().unwrap();
        assert_eq!(again, text, "{}", case.name);
        count += 1;
    }
    assert!(count > 550, "only {count} cases are rendered");
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
            let difference = compare::difference(meant, sent(&oracle, &text), false);
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

#[test]
fn any_text_is_rendered_so_that_docker_reads_it_back() {
    let Some(version) = Version::find() else { return };
    if !version.is_law() {
        return;
    }
    let pieces = "( |\n|\t|\r|:|#|'|\"|-|[?{}*&!|>%@`~=<.,/$\\\\\\[\\]]|[a-cY0-9_+]|yes|null|true|é|😀|\u{1b}|\u{7f}|\u{85}|\u{a0}|\u{feff}|\u{2028}|\u{fffd}){1,8}";
    let mut text = "services:\n".to_owned();
    for (index, made) in random::made(pieces, 600).iter().enumerate() {
        let escaped = made.chars().map(|it| format!("\\U{:08x}", u32::from(it)));
        let escaped = escaped.collect::<Vec<_>>().concat();
        let value = escaped.replace("\\U00000024", "$$");
        writeln!(text, "  s{index}:\n    image: x\n    command: [\"{value}\"]\n    labels: {{\"k{escaped}\": \"{value}\"}}").unwrap();
    }
    assert_eq!(difference(&Oracle::start(&version), &folder(), &[], &text), None);
}

fn rendered(case: &Case) -> Option<String> {
    match render(&folder(), &case.files, &case.text, &environment())? {
        Ok(text) => Some(text),
        Err(why) => {
            assert!(UNWRITABLE.contains(&&*case.name), "{}: {why}", case.name);
            None
        }
    }
}

/// Says how docker and skep understand a rendered file otherwise than its
/// sources, which skep may not take at all.
pub fn difference(
    oracle: &Oracle<'_>,
    folder: &Path,
    files: &[String],
    text: &str,
) -> Option<String> {
    let rendered = match render(folder, files, text, &environment())? {
        Ok(rendered) => rendered,
        // Only merging makes lists with an item twice.
        Err(why) if files.len() > 1 && why.to_string().contains("must be unique") => return None,
        Err(why) => return Some(why.to_string()),
    };
    let meant = || ours::deploy(folder, files, text, &environment());
    let difference = compare::difference(deploy(&rendered), meant(), false)
        .or_else(|| compare::difference(meant(), sent(oracle, &rendered), false));
    difference.map(|it| format!("{it}\nof what is rendered\n{rendered}"))
}

/// Returns the rendered text of what skep takes.
fn render(
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
fn deploy(text: &str) -> Outcome {
    ours::deploy(Path::new("/"), &[], text, &BTreeMap::new())
}

/// Deploys it through docker, elsewhere and with nothing set.
fn sent(oracle: &Oracle<'_>, text: &str) -> Outcome {
    oracle.deploy(Path::new("/"), &[], text, &BTreeMap::new())
}
