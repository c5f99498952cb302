//! The state file under fire: many processes, kills, damage, foreign hands.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a broken helper is a failed test")]

use jiff::Timestamp;
use redb::{Database, TableDefinition};
use serde_json::json;
use skep::{
    domain::{
        deployment::{
            audit::{AuditLine, Operator},
            job::FinishedJob,
            release::{
                JournalEntry, Order, Provenance, Release, ReleaseState, ResolvedSpecs,
                ServiceOutcome, Snapshot, SourceFile, StepStage,
            },
            verdict::Verdict,
        },
        project::Secrets,
        swarm::write::Write,
    },
    store::{Became, Opening, Store, StoreError},
};
use std::{
    collections::BTreeMap,
    env,
    fs::{self, Permissions},
    io::{BufRead, BufReader},
    os::unix::fs::PermissionsExt,
    path::Path,
    process::{Child, Command, Stdio},
    thread,
};

/// Tells a child of this binary which directory to write to, and how often.
const CHILD: &str = "SKEP_TEST_WRITER";
/// What makes this binary run the child's part only.
const WRITER: [&str; 3] = ["--exact", "store::writer", "--nocapture"];

/// No test but the child's part: writes lines and says so after each commit.
#[test]
fn writer() {
    let Ok(order) = env::var(CHILD) else { return };
    let (name, order) = order.split_once(' ').unwrap();
    let (count, dir) = order.split_once(' ').unwrap();
    let store = Store::in_dir(Path::new(dir));
    for number in 0..count.parse::<u32>().unwrap() {
        store.record(&line(name, number)).unwrap();
        println!("\nwrote {number}");
    }
}

#[test]
fn processes_and_threads_at_once_lose_no_line() {
    let dir = tempfile::tempdir().unwrap();
    let children: Vec<Child> =
        ["a", "b", "c"].iter().map(|name| spawn_writer(name, 40, dir.path())).collect();
    thread::scope(|scope| {
        for name in ["t", "u"] {
            let store = Store::in_dir(dir.path());
            scope.spawn(move || {
                for number in 0..40 {
                    store.record(&line(name, number)).unwrap();
                }
            });
        }
    });
    for mut child in children {
        assert!(child.wait().unwrap().success());
    }
    let written = Store::in_dir(dir.path()).audit(usize::MAX).unwrap();
    for name in ["a", "b", "c", "t", "u"] {
        let of_one: Vec<&str> =
            written.iter().rev().filter(|it| it.object == name).map(|it| &*it.action).collect();
        assert_eq!(of_one, (0..40).map(|it| it.to_string()).collect::<Vec<_>>(), "{name}");
    }
}

#[test]
fn a_killed_writer_leaves_all_it_committed() {
    let dir = tempfile::tempdir().unwrap();
    let mut committed = 0;
    for round in 0..5 {
        let name = format!("round {round}").replace(' ', "-");
        let mut child = spawn_writer(&name, 1_000_000, dir.path());
        let output = BufReader::new(child.stdout.take().unwrap());
        let wrote = output.lines().map_while(Result::ok).filter(|it| it.starts_with("wrote"));
        committed += wrote.take(20 + 7 * round).count();
        child.kill().unwrap();
        child.wait().unwrap();
        let store = Store::in_dir(dir.path());
        let found = store.audit(usize::MAX).unwrap().len();
        assert!(found >= committed, "{found} of {committed} lines are left");
        store.record(&line("after", 0)).unwrap();
        committed = found + 1;
    }
}

#[test]
fn updates_of_one_release_do_not_overwrite_each_other() {
    let dir = tempfile::tempdir().unwrap();
    let key = open_release(&Store::in_dir(dir.path()), "c1", "shop").key;
    thread::scope(|scope| {
        for _ in 0..4 {
            let (store, key) = (Store::in_dir(dir.path()), key.clone());
            scope.spawn(move || {
                for _ in 0..25 {
                    store.update_release(&key, |it| it.order.message.push('x')).unwrap();
                }
            });
        }
    });
    let release = Store::in_dir(dir.path()).release(&key).unwrap().unwrap();
    assert_eq!(release.order.message, "x".repeat(100));
}

#[test]
fn damage_is_an_error_that_names_the_file_and_never_a_panic() {
    let dir = tempfile::tempdir().unwrap();
    let store = Store::in_dir(dir.path());
    for number in 0..200 {
        store.record(&line("x", number)).unwrap();
    }
    let sound = fs::read(store.path()).unwrap();
    let mut seed: u64 = 7;
    let mut refused = 0;
    for _ in 0..100 {
        let mut bytes = sound.clone();
        for _ in 0..8 {
            seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            let at = usize::try_from(seed >> 33).unwrap() % bytes.len();
            bytes[at] ^= 0xff;
        }
        fs::write(store.path(), &bytes).unwrap();
        let ends = [store.audit(usize::MAX).map(drop), store.record(&line("y", 0))];
        for err in ends.into_iter().filter_map(Result::err) {
            assert!(matches!(err, StoreError::Corrupt { .. }), "{err}");
            refused += 1;
        }
    }
    assert!(refused > 50, "only {refused} of 200 operations noticed");
}

#[test]
fn a_file_that_is_no_database_is_left_as_it_is() {
    let dir = tempfile::tempdir().unwrap();
    let store = Store::in_dir(dir.path());
    for text in ["not a database", "redb", ""] {
        fs::write(store.path(), text).unwrap();
        let err = store.record(&line("x", 0)).unwrap_err();
        assert!(matches!(err, StoreError::Corrupt { .. }), "{err}");
        let path = store.path().display().to_string();
        assert!(err.to_string().contains(&path), "{err}");
        assert!(err.hint().contains(&format!("mv {path} {path}.damaged")), "{}", err.hint());
        assert_eq!(fs::read_to_string(store.path()).unwrap(), text);
    }
}

#[test]
fn a_file_of_a_newer_skep_is_refused_and_not_touched() {
    let dir = tempfile::tempdir().unwrap();
    let store = Store::in_dir(dir.path());
    store.record(&line("x", 0)).unwrap();
    raise_schema(&store, 99);
    let before = fs::read(store.path()).unwrap();
    let errors = [store.audit(1).unwrap_err(), store.record(&line("x", 1)).unwrap_err()];
    for err in errors {
        assert!(matches!(err, StoreError::Newer { found: 99, .. }), "{err}");
        assert!(err.hint().contains("upgrade skep"));
    }
    assert!(before == fs::read(store.path()).unwrap(), "the file was touched");
}

#[test]
fn nobody_else_may_read_the_file() {
    let dir = tempfile::tempdir().unwrap();
    let inner = dir.path().join("a/skep");
    let store = Store::in_dir(&inner);
    store.record(&line("x", 0)).unwrap();
    assert_eq!(mode(&inner), 0o700);
    assert_eq!(mode(&store.path()), 0o600);
    fs::set_permissions(store.path(), Permissions::from_mode(0o644)).unwrap();
    store.record(&line("x", 1)).unwrap();
    assert_eq!(mode(&store.path()), 0o600);
    assert_eq!(fs::read_dir(&inner).unwrap().count(), 1, "something else lies beside the file");
}

fn became(value: &str) -> Became {
    Became { secrets: Secrets::new([value.to_owned()].into()), ..Became::default() }
}

#[test]
fn a_state_written_afresh_has_all_that_counts_and_no_old_bytes() {
    let dir = tempfile::tempdir().unwrap();
    let store = Store::in_dir(dir.path());
    fill(&store);
    let before = contents(&store);
    let known = BTreeMap::from([("s1".to_owned(), "YQ==".to_owned())]);
    store.remember_secrets("c1", &known).unwrap();
    let known = store.fingerprints("c1").unwrap();
    store.keep_prompt(&format!("correct-horse-battery{}", "x".repeat(9000))).unwrap();
    let holds = |text: &[u8]| {
        let bytes = fs::read(store.path()).unwrap();
        bytes.windows(text.len()).any(|it| it == text)
    };
    assert!(holds(b"correct-horse-battery"));
    store.seal_past(became("correct-horse-battery")).unwrap();
    assert!(!holds(b"correct-horse-battery"));
    assert_eq!(contents(&store), before);
    assert_eq!(store.fingerprints("c1").unwrap(), known);
    assert_eq!((mode(&store.path()), mode(&store.key_file())), (0o600, 0o600));
    assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 2, "the state and its key");
}

#[test]
fn a_state_is_written_afresh_while_others_write() {
    let dir = tempfile::tempdir().unwrap();
    let mut children = ["a", "b"].map(|it| spawn_writer(it, 40, dir.path()));
    let store = Store::in_dir(dir.path());
    for number in 0..10 {
        let secret = format!("correct-horse-{number}");
        store.keep_prompt(&secret).unwrap();
        store.seal_past(became(&secret)).unwrap();
    }
    for child in &mut children {
        assert!(child.wait().unwrap().success());
    }
    let written = store.audit(usize::MAX).unwrap();
    for name in ["a", "b"] {
        assert_eq!(written.iter().filter(|it| it.object == name).count(), 40, "{name}");
    }
}

#[test]
fn a_state_with_a_table_that_nobody_knows_is_not_written_afresh() {
    let dir = tempfile::tempdir().unwrap();
    let store = Store::in_dir(dir.path());
    // Too large for its page to be used again at once.
    store.keep_prompt(&format!("correct-horse-battery{}", "x".repeat(9000))).unwrap();
    let database = Database::open(store.path()).unwrap();
    let change = database.begin_write().unwrap();
    change.open_table(TableDefinition::<&str, &str>::new("future")).unwrap();
    change.commit().unwrap();
    drop(database);
    let err = store.seal_past(became("correct-horse-battery")).unwrap_err();
    assert!(err.to_string().contains("future"), "{err}");
    assert_eq!(store.prompts().unwrap(), [""; 0], "what can be done is done");
    assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 2, "the state and its key");
}

#[test]
fn reading_creates_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let store = Store::in_dir(&dir.path().join("skep"));
    assert!(store.audit(10).unwrap().is_empty());
    assert_eq!(store.setting::<String>("context").unwrap(), None);
    assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 0);
}

#[test]
fn a_place_that_cannot_be_written_is_said_to_be_so() {
    // No process may make a directory there, root neither.
    let err = Store::in_dir(Path::new("/sys/skep")).record(&line("x", 0)).unwrap_err();
    assert!(matches!(err, StoreError::ReadOnly { .. }), "{err:?}");
    assert!(err.hint().contains("SKEP_STATE_DIR"));
}

#[test]
fn a_full_disk_is_an_error_and_what_was_there_stays() {
    let dir = tempfile::tempdir().unwrap();
    let full = |blocks: u64| {
        let order = format!("big 1000000 {}", dir.path().display());
        let script = format!("trap '' XFSZ; ulimit -f {blocks}; exec \"$0\" \"$@\"");
        let mut shell = Command::new("sh");
        shell.args(["-c", &script]).arg(env::current_exe().unwrap());
        let output = shell.args(WRITER).env(CHILD, order).output().unwrap();
        String::from_utf8(output.stderr).unwrap()
    };
    let said = full(8);
    assert!(said.contains("Full {"), "{said}");
    let store = Store::in_dir(dir.path());
    store.record(&line("x", 0)).unwrap();
    let said = full(fs::metadata(store.path()).unwrap().len() / 512 + 64);
    assert!(said.contains("Full {"), "{said}");
    assert!(!store.audit(usize::MAX).unwrap().is_empty());
    store.record(&line("x", 1)).unwrap();
}

#[test]
fn a_file_that_stays_in_use_is_an_error_in_the_end() {
    let dir = tempfile::tempdir().unwrap();
    let store = Store::in_dir(dir.path());
    store.record(&line("x", 0)).unwrap();
    let _held = Database::open(store.path()).unwrap();
    let err = store.audit(1).unwrap_err();
    assert!(matches!(err, StoreError::Locked { .. }), "{err}");
    assert!(err.hint().contains("fuser"));
}

#[test]
fn a_file_of_the_first_schema_is_still_understood() {
    let (dir, fresh) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    fs::copy("tests/fixtures/state-v1.redb", dir.path().join("state.redb")).unwrap();
    fill(&Store::in_dir(fresh.path()));
    assert_eq!(contents(&Store::in_dir(dir.path())), contents(&Store::in_dir(fresh.path())));
}

/// Made `tests/fixtures/state-v1.redb`. That file stays when the schema moves
/// on; the next one gets a file of its own.
#[test]
#[ignore = "writes the fixture of the current schema"]
fn write_the_fixture() {
    let dir = tempfile::tempdir().unwrap();
    fill(&Store::in_dir(dir.path()));
    fs::copy(dir.path().join("state.redb"), "tests/fixtures/state-v1.redb").unwrap();
}

#[test]
fn revisions_count_per_stack_and_cluster() {
    let dir = tempfile::tempdir().unwrap();
    let store = Store::in_dir(dir.path());
    let orders = [("c1", "shop"), ("c1", "shop"), ("c1", "mail"), ("c2", "shop"), ("c1", "shop2")];
    let revisions =
        orders.map(|(cluster, stack)| open_release(&store, cluster, stack).key.revision);
    assert_eq!(revisions, [1, 2, 1, 1, 1]);
    let listed = |releases: Vec<Release>| {
        let keys = releases.into_iter().map(|it| format!("{} {}", it.key.stack, it.key.revision));
        keys.collect::<Vec<_>>()
    };
    let shop = "shop".parse().unwrap();
    assert_eq!(listed(store.releases("c1", &shop).unwrap()), ["shop 2", "shop 1"]);
    assert_eq!(listed(store.newest_releases("c1").unwrap()), ["mail 1", "shop 2", "shop2 1"]);
    assert_eq!(listed(store.newest_releases("c").unwrap()), [""; 0]);
}

#[test]
fn a_prompt_is_kept_once_as_the_newest() {
    let dir = tempfile::tempdir().unwrap();
    let store = Store::in_dir(dir.path());
    for line in ["svc shop", "nodes", "ctx", "svc shop"] {
        store.keep_prompt(line).unwrap();
    }
    assert_eq!(store.prompts().unwrap(), ["svc shop", "ctx", "nodes"]);
}

#[test]
fn a_setting_is_found_as_it_was_left_or_not_at_all() {
    let dir = tempfile::tempdir().unwrap();
    let store = Store::in_dir(dir.path());
    store.set("context", Some(&"prod")).unwrap();
    assert_eq!(store.setting("context").unwrap(), Some("prod".to_owned()));
    assert_eq!(store.setting::<u32>("context").unwrap(), None);
    store.set::<&str>("context", None).unwrap();
    assert_eq!(store.setting::<String>("context").unwrap(), None);
}

fn spawn_writer(name: &str, count: u32, dir: &Path) -> Child {
    Command::new(env::current_exe().unwrap())
        .args(WRITER)
        .env(CHILD, format!("{name} {count} {}", dir.display()))
        .stdout(Stdio::piped())
        .spawn()
        .unwrap()
}

fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o777
}

/// Does to the file what a skep of the future will do.
fn raise_schema(store: &Store, version: u32) {
    let database = Database::open(store.path()).unwrap();
    let transaction = database.begin_write().unwrap();
    let table: TableDefinition<'_, &str, u32> = TableDefinition::new("schema");
    transaction.open_table(table).unwrap().insert("version", version).unwrap();
    transaction.commit().unwrap();
}

fn line(object: &str, number: u32) -> AuditLine {
    AuditLine {
        at: at(number),
        who: ann(),
        context: Some("prod".to_owned()),
        address: "ssh://ann@m1".to_owned(),
        action: number.to_string(),
        object: object.to_owned(),
        command: Some("docker service scale shop_web=5".to_owned()),
        outcome: Verdict::Failed { why: "no leader".to_owned(), hint: None },
    }
}

fn ann() -> Operator {
    Operator { user: "ann".to_owned(), from: Some("10.0.0.7".to_owned()), host: "m1".to_owned() }
}

fn at(second: u32) -> Timestamp {
    Timestamp::from_second(i64::from(second)).unwrap()
}

fn open_release(store: &Store, cluster: &str, stack: &str) -> Release {
    let order = Order {
        who: ann(),
        context: None,
        address: "demo".to_owned(),
        message: String::new(),
        queued: at(7),
    };
    let specs = ResolvedSpecs {
        services: BTreeMap::from([("shop_web".to_owned(), json!({ "Name": "shop_web" }))]),
        ..ResolvedSpecs::default()
    };
    let file = SourceFile { path: "shop.yml".to_owned(), text: "services: {}\n".to_owned() };
    let snapshot = Snapshot { sources: vec![file], specs, provenance: Provenance::default() };
    let opening = Opening {
        cluster: cluster.to_owned(),
        stack: stack.parse().unwrap(),
        order,
        snapshot,
        driver: "nobody".to_owned(),
        replaces: None,
    };
    store.open_release(opening).unwrap().unwrap()
}

/// Writes something into every table.
fn fill(store: &Store) {
    store.record(&line("service shop_web", 1)).unwrap();
    let key = open_release(store, "c1", "shop").key;
    let outcome = ServiceOutcome {
        state: ReleaseState::Healthy,
        desired: 2,
        running: 2,
        updated: at(9),
        error: None,
        failed: None,
    };
    let changed = store.update_release(&key, |release| {
        // The first schema did not know it.
        (release.driver, release.started) = (None, None);
        release.state = ReleaseState::Healthy;
        release.services.insert("shop_web".to_owned(), outcome);
        release.finished = Some(at(10));
    });
    changed.unwrap();
    let step = Write::parse("update service shop_web").unwrap().into();
    let entry = JournalEntry { at: at(8), step, stage: StepStage::Intended, detail: json!({}) };
    store.journal(&key, false, vec![entry.clone()]).unwrap();
    store.journal(&key, false, vec![JournalEntry { stage: StepStage::Done, ..entry }]).unwrap();
    let job = FinishedJob {
        title: "deploy shop".to_owned(),
        who: ann(),
        address: "demo".to_owned(),
        started: at(7),
        finished: at(10),
        verdict: Verdict::Succeeded("healthy".to_owned()),
        notes: vec!["pulled".to_owned()],
    };
    store.keep_job(&job).unwrap();
    store.keep_prompt("svc shop").unwrap();
    store.set("context", Some(&"prod")).unwrap();
}

/// Reads all that `fill` writes.
fn contents(store: &Store) -> String {
    let releases = store.newest_releases("c1").unwrap();
    let key = &releases.first().unwrap().key;
    format!(
        "{:#?}",
        (
            store.audit(9).unwrap(),
            store.jobs(9).unwrap(),
            store.prompts().unwrap(),
            store.setting::<String>("context").unwrap(),
            store.snapshot(key).unwrap(),
            store.journal_of(key).unwrap(),
            &releases,
        )
    )
}
