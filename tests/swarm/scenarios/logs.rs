//! Logs while a node dies, hangs or is cut off: those of the others come whole, who is
//! missing is named, and comes back by itself.

use crate::{
    lab::Lab,
    scenarios::{
        PATIENCE, Scene,
        followed::{Followed, Told},
        service,
    },
    wait::wait_until,
};
use skep::domain::logs::NoteKind;
use std::{
    collections::BTreeMap,
    fs::{self, File},
    path::{Path, PathBuf},
    process::{Child, Stdio},
    time::{Duration, Instant},
};

/// What both faces said: lines as `web.1@node1 line 7`, and the notes.
#[derive(Default)]
struct Heard {
    lines: Vec<String>,
    notes: Vec<String>,
}

/// `skep logs -f`, whose streams go to files.
struct Command {
    child: Child,
    out: PathBuf,
    err: PathBuf,
}

impl Command {
    fn start(scene: &Scene<'_>, folder: &Path, args: &[&str]) -> Self {
        let (out, err) = (folder.join("out"), folder.join("err"));
        let mut skep = scene.skep(&[&["logs", "-f"][..], args].concat());
        skep.stdout(File::create(&out).unwrap()).stderr(Stdio::from(File::create(&err).unwrap()));
        Self { child: skep.spawn().unwrap(), out, err }
    }

    fn heard(&self) -> Heard {
        let read = |path: &Path| fs::read_to_string(path).unwrap();
        let out = read(&self.out);
        // The last line may not be complete yet.
        let whole = out.rfind('\n').map_or("", |end| &out[..end]);
        let lines = whole.lines().map(|it| it.replace(" | ", " ")).collect();
        Heard { lines, notes: read(&self.err).lines().map(str::to_owned).collect() }
    }
}

impl Drop for Command {
    fn drop(&mut self) {
        // It has ended by itself: that is checked elsewhere.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// What the cockpit is told.
fn cockpit(lab: &Lab) -> Followed<Heard> {
    Followed::start(lab, 200, |heard: &mut Heard, told| match told {
        Told::Line(name, line) => heard.lines.push(format!("lost_{name} {}", line.text)),
        Told::Note(kind, text) if kind != NoteKind::Life => heard.notes.push(text),
        Told::Note(..) => {}
    })
}

/// Every line of those tasks whose node stays, once: the numbers of each have no hole.
#[track_caller]
fn check_whole(heard: &Heard, who: &str) {
    let mut next: BTreeMap<&str, u64> = BTreeMap::new();
    for line in &heard.lines {
        let mut words = line.split(' ');
        let (origin, number) = (words.next().unwrap(), words.next_back().unwrap());
        let number: u64 = number.parse().unwrap();
        let expected = next.entry(origin).or_insert(number);
        let again = number == 1 && *expected > 1;
        assert!(number == *expected || again, "{who}: {origin} says {number} after {expected}");
        *expected = number + 1;
    }
    assert!(next.len() >= 6, "{who}: only {next:?}");
}

/// How many lines came of tasks that ran on these nodes.
fn count(heard: &Heard, hosts: &[&str]) -> usize {
    let of = |it: &&String| hosts.iter().any(|host| it.contains(&format!("@{host} ")));
    heard.lines.iter().filter(of).count()
}

/// Troubles node3 and waits until both faces have named it, with the lines of the others
/// going on; `mend` must bring its lines back.
fn survive(what: &str, trouble: fn(&Lab), mend: fn(&Lab), comes_back: bool) {
    let Some(lab) = Lab::fresh(3, 1) else { return };
    let scene = Scene::new(&lab, "lost");
    // The tasks stay where they are, and so does their numbering.
    let line = service("web", "1", "replicas: 6").replacen('{', "{command: [--lines, '20'], ", 1);
    scene.deploy(&[&line]).with(0, "");
    let folder = tempfile::tempdir().unwrap();
    let command = Command::start(&scene, folder.path(), &["lost_web"]);
    let cockpit = cockpit(&lab);
    let both = |holds: &dyn Fn(&Heard) -> bool| {
        holds(&command.heard()) && holds(&cockpit.heard.lock().unwrap())
    };
    wait_until("the lines of all", PATIENCE, || both(&|it| count(it, &["node3"]) > 50));
    trouble(&lab);
    let (since, mut named) = (Instant::now(), [None; 2]);
    let names = |it: &Heard| it.notes.iter().any(|it| it.contains("gap: node3"));
    wait_until("the gap", PATIENCE, || {
        for (at, has) in
            [names(&command.heard()), names(&cockpit.heard.lock().unwrap())].into_iter().enumerate()
        {
            if has {
                named[at].get_or_insert(since.elapsed());
            }
        }
        named.iter().all(Option::is_some)
    });
    println!(
        "{what}: the gap was named by the command after {named:.1?}, the second is the cockpit"
    );
    let before = [&command.heard(), &*cockpit.heard.lock().unwrap()]
        .map(|it| count(it, &["node1", "node2"]));
    wait_until("the lines of the others", PATIENCE, || {
        count(&command.heard(), &["node1", "node2"]) > before[0] + 100
            && count(&cockpit.heard.lock().unwrap(), &["node1", "node2"]) > before[1] + 100
    });
    mend(&lab);
    if comes_back {
        let back = |it: &Heard| it.notes.iter().any(|it| it.contains("node3 answers again"));
        wait_until("node3 to answer again", PATIENCE, || both(&back));
    }
    let running = lab.docker(&["service", "logs", "--tail", "1", "--raw", "lost_web"]);
    assert!(running.lines().count() >= 6, "docker itself: {running}");
    let told = count(&command.heard(), &["node1", "node2"]);
    wait_until("more lines", PATIENCE, || count(&command.heard(), &["node1", "node2"]) > told + 50);
    check_whole(&command.heard(), "the command");
    check_whole(&cockpit.heard.lock().unwrap(), "the cockpit");
    let mut command = command;
    assert!(command.child.try_wait().unwrap().is_none(), "`skep logs -f` ended by itself");
}

#[test]
fn a_node_that_hangs_hides_nobody_elses_lines() {
    survive("stopped", |lab| lab.pause("node3"), |lab| lab.resume("node3"), true);
}

#[test]
fn a_node_that_dies_hides_nobody_elses_lines() {
    survive("killed", |lab| lab.kill("node3"), |lab| lab.start("node3"), true);
}

/// Engines up to 20.10 may give no logs of a node again whose cable was out: docker has
/// none of it either.
#[test]
fn a_node_that_is_cut_off_hides_nobody_elses_lines() {
    survive("cut off", |lab| lab.cut("node3"), |lab| lab.mend("node3"), false);
}

/// What is there is read at once, without the one who does not answer.
#[test]
fn what_is_there_is_printed_without_a_node_that_hangs() {
    let Some(lab) = Lab::fresh(3, 1) else { return };
    let scene = Scene::new(&lab, "still");
    let line = service("web", "1", "replicas: 6").replacen('{', "{command: [--lines, '20'], ", 1);
    scene.deploy(&[&line]).with(0, "");
    lab.pause("node3");
    for args in [
        &["logs", "still"][..],
        &["logs", "still_web", "--since", "1h"],
        &["logs", "-n", "5", "still_web"],
    ] {
        let since = Instant::now();
        let printed = scene.skep(args).output().unwrap();
        println!("{args:?} took {:.1?}", since.elapsed());
        let (out, err) =
            (String::from_utf8_lossy(&printed.stdout), String::from_utf8_lossy(&printed.stderr));
        assert_eq!(printed.status.code(), Some(5), "{err}");
        assert!(err.contains("gap: node3") && err.contains("the log is not complete"), "{err}");
        for host in ["@node1 | ", "@node2 | "] {
            assert!(out.lines().filter(|it| it.contains(host)).count() >= 10, "{host}: {out}");
        }
        assert!(since.elapsed() < Duration::from_secs(60));
    }
    lab.resume("node3");
}
