//! A hunt for inputs that break skep, as long as one likes:
//!
//! `SKEP_FUZZ_SECONDS=600 cargo test --profile fuzz hunt -- --nocapture`
//!
//! Files of the corpus are changed byte by byte, token by token and block by
//! block, up to three for one stack; those that were received in a new way are
//! changed further. Everything happens to them that happens in the editor, in
//! `skep plan` up to the cluster, and in `skep import`. A panic, an input that takes
//! more than 2 s or 512 MiB, a place outside of its file or a fix that does not fit
//! is a failure, and the input stays in a folder that is named. `SKEP_FUZZ_SEED`
//! repeats a hunt.

use crate::compose::fuzz::{
    mutate::{Mutator, Random},
    texts,
};
use skep::domain::compose::{
    self, ClusterFacts, ComposeFile, Files, Surroundings, edit,
    import::{Options, import},
};
use std::{
    collections::{BTreeMap, BTreeSet},
    env, fs, io, panic,
    path::Path,
    process,
    sync::mpsc,
    thread,
    time::{Duration, Instant, SystemTime, UNIX_EPOCH},
};

/// Kinds of outcome that are remembered, at most.
const POOL: usize = 4_000;
const MOST_MEMORY: u64 = 512 << 10;

/// One stack: its files, the environment, and what stands in files it names.
#[derive(Debug, Clone)]
pub struct Input {
    pub files: Vec<Vec<u8>>,
    pub environment: BTreeMap<String, String>,
    pub named: Vec<u8>,
}

/// How an input was received: the codes of its findings, and whether it converts.
type Outcome = (BTreeSet<&'static str>, bool);

/// How long to hunt, and what a single input may take.
struct Terms {
    hunt: Duration,
    one: Duration,
    seed: u64,
}

/// What was seen on the way.
#[derive(Debug, Default)]
struct Tally {
    inputs: u64,
    slowest: Duration,
    /// In KiB.
    largest: u64,
}

impl Terms {
    /// A usual run of all tests hunts for two seconds, in whatever build, on a
    /// machine that may be busy.
    fn find() -> Self {
        let number = |name| env::var(name).ok().and_then(|it| it.parse().ok());
        let now = || SystemTime::now().duration_since(UNIX_EPOCH).map_or(1, |it| it.as_secs());
        match number("SKEP_FUZZ_SECONDS") {
            None => Self { hunt: Duration::from_secs(2), one: Duration::from_secs(60), seed: 1 },
            Some(seconds) => Self {
                hunt: Duration::from_secs(seconds),
                one: Duration::from_secs(2),
                seed: number("SKEP_FUZZ_SEED").unwrap_or_else(now),
            },
        }
    }
}

#[test]
fn a_hunt_finds_nothing_that_breaks() {
    let terms = Terms::find();
    let folder = env::temp_dir().join(format!("skep-fuzz-{}", process::id()));
    let (inputs, taken) = mpsc::channel::<Input>();
    let (answers, answered) = mpsc::channel();
    // A thread of its own can be given up; its stack is that of any other.
    thread::spawn(move || {
        for input in taken {
            let outcome = panic::catch_unwind(|| examine(&input));
            // The hunt is over.
            let _ = answers.send(outcome);
        }
    });
    let corpus = texts().into_iter().map(|it| vec![it]).collect();
    let mut mutator = Mutator::new(corpus, Random(terms.seed));
    let (mut seen, mut tally) = (BTreeSet::new(), Tally::default());
    let start = Instant::now();
    while start.elapsed() < terms.hunt {
        let input = mutator.input();
        keep(&folder, &input);
        let before = memory("VmRSS:");
        // Makes the kernel forget the highest mark so far.
        let _ = fs::write("/proc/self/clear_refs", "5");
        let since = Instant::now();
        inputs.send(input.clone()).unwrap();
        let outcome = answered.recv_timeout(terms.one);
        let kept = format!("seed {}, the input is in {}", terms.seed, folder.display());
        let outcome = outcome.unwrap_or_else(|_| panic!("slower than {:?}: {kept}", terms.one));
        let outcome = outcome.unwrap_or_else(|_| panic!("it panics: {kept}"));
        let growth = memory("VmHWM:").saturating_sub(before);
        assert!(growth < MOST_MEMORY, "it takes {} MiB: {kept}", growth >> 10);
        tally.add(since.elapsed(), growth);
        if seen.insert(outcome) && seen.len() < POOL {
            mutator.learn(input.files);
        }
    }
    fs::remove_dir_all(&folder).unwrap();
    println!("{}", tally.sentence(start.elapsed(), seen.len(), terms.seed));
}

impl Tally {
    fn add(&mut self, took: Duration, growth: u64) {
        self.inputs += 1;
        self.slowest = self.slowest.max(took);
        self.largest = self.largest.max(growth);
    }

    fn sentence(&self, took: Duration, outcomes: usize, seed: u64) -> String {
        format!(
            "{:.0} s, {} inputs received in {outcomes} ways; the slowest took {:.1?}, \
             the largest {} MiB; seed {seed}",
            took.as_secs_f64(),
            self.inputs,
            self.slowest,
            self.largest >> 10
        )
    }
}

/// Leaves the input where somebody finds it, should it end this process.
fn keep(folder: &Path, input: &Input) {
    // Files of the input before may be more than this one has.
    let _ = fs::remove_dir_all(folder);
    fs::create_dir_all(folder).unwrap();
    for (index, bytes) in input.files.iter().enumerate() {
        fs::write(folder.join(format!("{index}.yaml")), bytes).unwrap();
    }
    fs::write(folder.join("named"), &input.named).unwrap();
    fs::write(folder.join("environment"), format!("{:#?}", input.environment)).unwrap();
}

/// In KiB, of this process.
fn memory(line: &str) -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let found = status.lines().find_map(|it| it.strip_prefix(line));
    found.and_then(|it| it.split_whitespace().next()?.parse().ok()).unwrap_or(0)
}

/// Files that an input names: half of them are there.
struct Named(Vec<u8>);

impl Files for Named {
    fn read(&self, path: &Path) -> io::Result<Vec<u8>> {
        if self.exists(path) { Ok(self.0.clone()) } else { Err(io::ErrorKind::NotFound.into()) }
    }

    fn exists(&self, path: &Path) -> bool {
        path.as_os_str().len().is_multiple_of(2)
    }
}

fn examine(input: &Input) -> Outcome {
    let source = |(index, bytes): (usize, &Vec<u8>)| ComposeFile {
        name: format!("{index}.yaml").into(),
        bytes: bytes.clone(),
    };
    let sources: Vec<ComposeFile> = input.files.iter().enumerate().map(source).collect();
    let files = Named(input.named.clone());
    let around =
        Surroundings { environment: &input.environment, working_dir: "/srv", files: &files };
    let facts = ClusterFacts::default();
    let facts = input.named.len().is_multiple_of(2).then_some(&facts);
    let (desired, loaded) =
        compose::examine(&sources, &around, &"stack".parse().unwrap(), facts, |_| Vec::new());
    for finding in &loaded.findings {
        let Some(bytes) = input.files.get(finding.place.file) else { continue };
        let place = finding.place;
        assert!(place.start <= place.end && place.end <= bytes.len() + 1, "{finding:?}");
        if let (Some(fix), Ok(text)) = (&finding.fix, str::from_utf8(bytes)) {
            assert!(edit::apply(text, fix).is_some(), "{finding:?}");
        }
    }
    for text in input.files.iter().filter_map(|it| str::from_utf8(it).ok()) {
        let imported = import(text, &Options::default());
        for fix in imported.iter().flat_map(|it| &it.fixes) {
            assert!(edit::apply(text, fix).is_some(), "{fix:?}");
        }
    }
    (loaded.findings.iter().map(|it| it.code.name).collect(), desired.is_some())
}
