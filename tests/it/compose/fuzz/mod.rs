//! Whatever the bytes: no panic, no endless loop, and places that are there. For
//! a long search see [`hunt`].

mod hunt;
mod mutate;

use crate::compose::{corpus, ours};
use proptest::{prelude::*, sample::Index};
use skep::domain::compose::import::{Options, import};
use std::{
    fmt::Write,
    fs,
    path::Path,
    time::{Duration, Instant},
};

/// Far above what any of these takes, even on a busy machine, and far below what
/// anything takes that grows with the square of its input.
const PATIENCE: Duration = Duration::from_secs(60);

fn check(text: &[u8]) {
    let started = Instant::now();
    let loaded = ours::load_bytes(&corpus::folder(), vec![text.to_vec()], &corpus::environment());
    let imported = str::from_utf8(text).ok().map(|it| import(it, &Options::default()));
    for fixes in imported.iter().flatten().map(|it| &it.fixes) {
        assert!(fixes.is_sorted_by_key(|it| it.place.start), "{fixes:?}");
    }
    println!("{:?} for {} bytes", started.elapsed(), text.len());
    assert!(started.elapsed() < PATIENCE);
    let is_break =
        |at: &usize| text[*at] == b'\n' || text[*at] == b'\r' && text.get(at + 1) != Some(&b'\n');
    let breaks: Vec<usize> = (0..text.len()).filter(is_break).collect();
    let own = loaded.findings.iter().filter(|it| it.place.file == 0);
    for place in own.map(|it| it.place).chain(loaded.variables.iter().map(|it| it.place)) {
        assert!(
            place.start <= place.end && place.end <= text.len() + 1,
            "{place:?} of {}",
            text.len()
        );
        let line = breaks.partition_point(|it| *it < place.start) + 1;
        assert!(place.line <= line, "{place:?}, but its first byte is on line {line}");
    }
}

/// Returns the texts of all cases.
fn texts() -> Vec<Vec<u8>> {
    let files = fs::read_dir(corpus::folder()).unwrap().map(|it| it.unwrap().path());
    files
        .filter(|it| it.extension() == Some("yaml".as_ref()))
        .map(|it: std::path::PathBuf| read(&it))
        .collect()
}

fn read(path: &Path) -> Vec<u8> {
    fs::read(path).unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(600) })]

    #[test]
    fn any_bytes_are_survived(text in prop::collection::vec(any::<u8>(), 0..400)) {
        check(&text);
    }

    #[test]
    fn anything_like_yaml_is_survived(text in "([-?:,\\[\\]{}#&*!|>'\"%@`$ \n\ta-c~.0-9]|<<: |- |: |services:|&a|\\*a|!!int |\r\n|é){0,80}") {
        check(text.as_bytes());
    }

    #[test]
    fn any_value_is_survived(value in "([-:{}\\[\\]$a-cU_?|,\"' /.0-9~é]|\\$\\{|:-|null|true){0,40}", key in 0..KEYS.len()) {
        let key = KEYS[key];
        check(format!("services:\n  a:\n    image: x\n    {key}: {value}\n").as_bytes());
    }

    #[test]
    fn broken_cases_are_survived(
        which in any::<Index>(),
        at in any::<Index>(),
        drop in 0..20_usize,
        insert in "([-:{}\\[\\]$\"' \n\ta0é]){0,4}",
    ) {
        let texts = texts();
        let mut text = which.get(&texts).clone();
        let start = at.index(text.len() + 1);
        let end = (start + drop).min(text.len());
        text.splice(start..end, insert.bytes());
        check(&text);
    }
}

const KEYS: &[&str] = &[
    "command",
    "entrypoint",
    "environment",
    "env_file",
    "ports",
    "volumes",
    "networks",
    "secrets",
    "configs",
    "deploy",
    "healthcheck",
    "ulimits",
    "extra_hosts",
    "cap_add",
    "restart",
    "image",
    "logging",
    "labels",
    "stop_grace_period",
    "credential_spec",
    "sysctls",
    "dns",
    "build",
    "x-a",
    "tty",
    "depends_on",
];

#[test]
fn aliases_of_aliases_end() {
    check(laughs().as_bytes());
}

/// Lists of aliases of lists of aliases: ten to the power of nine items.
pub fn laughs() -> String {
    let mut text = "x-0: &a0 [x, x, x, x, x, x, x, x, x, x]\n".to_owned();
    for level in 1..9 {
        let list = vec![format!("*a{}", level - 1); 10].join(", ");
        writeln!(text, "x-{level}: &a{level} [{list}]").unwrap();
    }
    text
}

#[test]
fn deep_nesting_ends() {
    for (open, close) in [("[", "]"), ("{a: ", "}"), ("- ", ""), ("? ", "")] {
        check(format!("x-a: {}{}", open.repeat(20_000), close.repeat(20_000)).as_bytes());
        check(format!("{}x{}", open.repeat(20_000), close.repeat(20_000)).as_bytes());
    }
    let stairs: Vec<String> = (0..3_000).map(|it| format!("{}a:\n", " ".repeat(it))).collect();
    check(stairs.concat().as_bytes());
}

#[test]
fn long_things_are_quick() {
    let labels: Vec<String> = (0..20_000).map(|it| format!("      k{it}: v\n")).collect();
    check(format!("services:\n  a:\n    image: x\n    labels:\n{}", labels.concat()).as_bytes());
    let services: Vec<String> = (0..20_000).map(|it| format!("  k{it}: {{image: x}}\n")).collect();
    check(format!("services:\n{}", services.concat()).as_bytes());
    check(format!("services: {{a: {{image: x, command: [{}]}}}}", "a, ".repeat(50_000)).as_bytes());
    check(format!("services: {{a: {{image: x, cap_add: [{}]}}}}", "a, ".repeat(5_000)).as_bytes());
    check(
        format!("services:\n  a:\n    image: x\n    command: {}\n", "$V ".repeat(50_000))
            .as_bytes(),
    );
    check(
        format!("services:\n  a:\n    image: x\n    command: {}\n", "$ ".repeat(20_000)).as_bytes(),
    );
}
