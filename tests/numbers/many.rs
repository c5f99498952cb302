//! A hundred stacks deployed at once, with a cockpit open beside them.

use crate::{
    cockpit::{Cockpit, binary, environment},
    flood,
    lab::Lab,
    process::memory,
    quiet::mebibytes,
    table::{Figure, figure},
};
use std::{
    collections::BTreeMap,
    env, fs,
    path::{Path, PathBuf},
    process::{self, Child, Command, Stdio},
    thread::{scope, sleep},
    time::{Duration, Instant},
};

pub const STACKS: usize = 100;
/// Every tenth does not come up.
const BAD: usize = 10;
const LIMIT: Duration = Duration::from_secs(600);
const SHIFT_TAB: &str = "\x1b[Z";

/// Every stack has a process of its own, and all share one state file. Nothing without a
/// lab.
pub fn figures() -> Vec<Figure> {
    let Some(lab) = Lab::fresh(3, 1) else { return Vec::new() };
    let folder = env::temp_dir().join(format!("skep-many-{}", process::id()));
    fs::create_dir_all(&folder).unwrap();
    let mut cockpit = Cockpit::start(lab.socket("node1"), &folder, &[]);
    cockpit.wait("the nodes", LIMIT, |it| it.contains("node3"));
    cockpit.press(SHIFT_TAB);
    cockpit.press(SHIFT_TAB);
    cockpit.wait("the tasks of a node", LIMIT, |it| it.contains("Tasks · node1"));
    let mut figures = flood::keys(&mut cockpit, "nothing happens");
    let (busy, ended) = scope(|scope| {
        let deploying = scope.spawn(|| deploy_all(&lab, &folder));
        let keys = flood::keys(&mut cockpit, "100 stacks are deployed");
        (keys, deploying.join().unwrap())
    });
    figures.extend(busy);
    figures.extend(in_figures(&ended));
    let most = mebibytes(memory(cockpit.pid(), "VmHWM"));
    figures.push(figure("most memory of the cockpit", format!("{most:.1} MiB"), ""));
    drop(cockpit);
    // What cannot be removed lies in the folder for temporary files.
    let _ = fs::remove_dir_all(&folder);
    figures
}

/// How all of them ended.
struct Ended {
    took: Duration,
    /// Exit codes with how often they came; those of stacks that come up, and of others.
    good: BTreeMap<i32, usize>,
    bad: BTreeMap<i32, usize>,
    /// In KiB: the most that one process had, and that all had at one time.
    most: u64,
    together: u64,
}

/// One deployment on its way.
struct Going {
    bad: bool,
    child: Child,
    remarks: PathBuf,
}

fn deploy_all(lab: &Lab, folder: &Path) -> Ended {
    let begin = |number: usize| -> Going {
        let bad = number.is_multiple_of(BAD);
        let file = write(folder, number, if bad { "bad" } else { "1" });
        let mut skep = Command::new(binary());
        skep.args(["deploy", "--resolve-image", "never", "-c"]).arg(file);
        skep.arg(format!("many{number}"));
        skep.env_clear().envs(environment(lab.socket("node1"), folder));
        skep.stdin(Stdio::null()).stdout(Stdio::null());
        let remarks = folder.join(format!("many{number}.err"));
        let child = skep.stderr(fs::File::create(&remarks).unwrap()).spawn().unwrap();
        Going { bad, child, remarks }
    };
    let since = Instant::now();
    let mut going: Vec<Going> = (1..=STACKS).map(begin).collect();
    let (good, bad) = (BTreeMap::new(), BTreeMap::new());
    let mut ended = Ended { took: Duration::ZERO, good, bad, most: 0, together: 0 };
    while !going.is_empty() {
        assert!(since.elapsed() < LIMIT, "{} deployments without an end", going.len());
        going.retain_mut(|it| {
            let Some(status) = it.child.try_wait().unwrap() else { return true };
            let (codes, right) = if it.bad { (&mut ended.bad, 3) } else { (&mut ended.good, 0) };
            let code = status.code().unwrap_or(-1);
            *codes.entry(code).or_default() += 1;
            if code != right {
                eprintln!("exit {code}:\n{}", fs::read_to_string(&it.remarks).unwrap());
            }
            false
        });
        let held: Vec<u64> = going.iter().map(|it| memory(it.child.id(), "VmRSS")).collect();
        ended.most = ended.most.max(held.iter().copied().max().unwrap_or(0));
        ended.together = ended.together.max(held.iter().sum());
        sleep(Duration::from_millis(100));
    }
    ended.took = since.elapsed();
    ended
}

fn write(folder: &Path, number: usize, tag: &str) -> PathBuf {
    let file = folder.join(format!("many{number}.yml"));
    let deploy = "deploy: {replicas: 1, restart_policy: {delay: 1s}}";
    let text = format!("services:\n  web: {{image: 'skep-workload:{tag}', {deploy}}}\n");
    fs::write(&file, text).unwrap();
    file
}

fn in_figures(ended: &Ended) -> Vec<Figure> {
    let Ended { took, good, bad, most, together } = ended;
    let codes = |codes: &BTreeMap<i32, usize>| {
        let words: Vec<String> =
            codes.iter().map(|(code, times)| format!("{times} x exit {code}")).collect();
        words.join(", ")
    };
    vec![
        figure("verdicts on stacks that come up", codes(good), "90 x exit 0"),
        figure("verdicts on stacks that crash", codes(bad), "10 x exit 3"),
        figure("all verdicts known after", format!("{took:.1?}"), ""),
        figure(
            "most memory of one deployment",
            format!("{:.1} MiB (all at one time {:.0})", mebibytes(*most), mebibytes(*together)),
            "",
        ),
    ]
}
