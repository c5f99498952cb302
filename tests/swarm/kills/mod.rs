//! `kill -9` on a real swarm: the real binary is killed at every step of a deployment,
//! and what follows leaves nothing half done.
//!
//! `SKEP_KILLS=200 cargo test kills -- --nocapture` kills as often and prints figures.

mod proxy;
mod stack;

use crate::{
    kills::{
        proxy::{At, Death, Proxy},
        stack::{Seen, write},
    },
    lab::Lab,
};
use serde_json::Value;
use std::{
    env, fs,
    process::{Command, Output},
    sync::Mutex,
    thread::scope,
    time::Instant,
};
use tempfile::TempDir;

/// A deployment makes so many writes, or one or two less.
const WRITES: usize = 10;
/// It reads at least that often before it is over.
const READS: u64 = 30;

#[derive(Debug, Default)]
struct Figures {
    kills: usize,
    /// Deployments that were over before the request that they should die at.
    escaped: usize,
    /// Recoveries that were killed as well.
    twice: usize,
    undone: usize,
    finished: usize,
    replaced: usize,
    /// Nothing had been begun, or nothing was left to do.
    nothing: usize,
}

/// A stack of its own, with an operator of its own.
struct Lane {
    lab: &'static Lab,
    name: String,
    home: TempDir,
    proxy: Proxy,
    /// The deployment that is live, and the one before it.
    live: usize,
    before: Option<usize>,
    newest: usize,
    chance: u64,
    figures: Figures,
}

#[test]
fn a_skep_that_is_killed_anywhere_leaves_nothing_half_done() {
    let Some(lab) = Lab::shared() else { return };
    let kills: usize = env::var("SKEP_KILLS").map_or(12, |it| it.parse().unwrap());
    let (began, done, all) = (Instant::now(), Mutex::new(0), Mutex::new(Vec::new()));
    scope(|scope| {
        // Stacks that are deployed and killed side by side.
        for lane in 0..(kills / 3).clamp(1, 6) {
            let (done, all) = (&done, &all);
            scope.spawn(move || {
                let mut lane = Lane::begin(lab, lane);
                loop {
                    let round = {
                        let mut done = done.lock().unwrap();
                        *done += 1;
                        *done - 1
                    };
                    if round >= kills {
                        break;
                    }
                    lane.round(round);
                }
                all.lock().unwrap().push(lane.end());
            });
        }
    });
    let sum = |of: fn(&Figures) -> usize| all.lock().unwrap().iter().map(of).sum::<usize>();
    let (killed, escaped) = (sum(|it| it.kills), sum(|it| it.escaped));
    println!(
        "{killed} kills ({} of them of a recovery), {escaped} were too late; {} undone, {} finished, {} replaced, {} had nothing to recover; 0 anomalies; {} s",
        sum(|it| it.twice),
        sum(|it| it.undone),
        sum(|it| it.finished),
        sum(|it| it.replaced),
        sum(|it| it.nothing),
        began.elapsed().as_secs(),
    );
    assert!(killed >= kills * 3 / 4, "{killed} of {kills}");
}

impl Lane {
    fn begin(lab: &'static Lab, number: usize) -> Self {
        let home = tempfile::tempdir().unwrap();
        let proxy = Proxy::before(lab.socket("node1"), home.path());
        let name = format!("kills{number}");
        let chance = 0x9e37_79b9 + number as u64;
        let lane = Self {
            lab,
            name,
            home,
            proxy,
            live: 0,
            before: None,
            newest: 0,
            chance,
            figures: Figures::default(),
        };
        lane.succeeds(&lane.deployment(lane.live));
        lane
    }

    fn end(self) -> Figures {
        self.succeeds(&["--yes".into(), "rm".into(), self.name.clone()]);
        self.figures
    }

    /// Kills a deployment, or a return to the release before, and has it recovered.
    fn round(&mut self, round: usize) {
        let earlier = self.before.filter(|_| round % 4 == 3);
        let earlier = earlier.and_then(|it| Some((it, self.rollback(self.release_of(it)?))));
        let (goal, args) = earlier.unwrap_or_else(|| {
            // A number that was there before would not be new to a return.
            self.newest += 1;
            (self.newest, self.deployment(self.newest))
        });
        let before = Seen::of(self.lab, &self.name);
        let death = self.death(round);
        let at = format!("round {round} of {}: {args:?} at {death:?}", self.name);
        let (status, deadly) = self.proxy.run(&mut self.skep(&args, true), death);
        let at = format!("{at} ({deadly:?}, {status})");
        if status.success() {
            self.figures.escaped += 1;
            self.goes_to(goal, &at);
            return;
        }
        assert!(status.code().is_none(), "{at}");
        self.figures.kills += 1;
        match round % 3 {
            0 => self.undo(goal, &before, round, &at),
            1 => self.finish(goal, &before, round, &at),
            _ => {
                let (code, said) = self.ends(&args);
                assert_eq!(code, 0, "{at}: {said}");
                self.figures.replaced += 1;
                self.goes_to(goal, &at);
            }
        }
    }

    /// Every write in every way; now and then any of the many reads.
    fn death(&mut self, round: usize) -> Death {
        if round % 5 == 4 {
            let at = [At::NeverSent, At::Unanswered][round % 2];
            let nth = usize::try_from(self.random() % READS).unwrap() + 1;
            return Death { nth, at, reading: true };
        }
        let at = [At::NeverSent, At::Unanswered, At::Answered][round / WRITES % 3];
        Death { nth: round % WRITES + 1, at, reading: false }
    }

    fn undo(&mut self, goal: usize, before: &Seen, round: usize, at: &str) {
        let open = self.is_interrupted();
        if open {
            self.asks(at);
        }
        self.kill_recovery("--undo", round);
        let (code, said) = self.ends(&self.recovery("--undo"));
        if open {
            // Killed again in its last breath, the first recovery may have ended it.
            assert!(code == 3 || code == 0 && is_twice(round), "{at}: {code}, {said}");
            self.figures.undone += 1;
        } else {
            assert_eq!(code, 0, "{at}: {said}");
            self.figures.nothing += 1;
        }
        if !open && self.state() == "healthy" && Seen::of(self.lab, &self.name) != *before {
            return self.goes_to(goal, at);
        }
        assert_eq!(Seen::of(self.lab, &self.name), *before, "{at}");
        self.is_tidy(at);
    }

    /// Nobody is there to be asked: it says where the deployment stood, and what to do.
    fn asks(&self, at: &str) {
        let (code, said) = self.ends(&["recover".into(), self.name.clone()]);
        let name = &self.name;
        assert_eq!(code, 1, "{at}: {said}");
        for part in [format!(" of {name} was interrupted "), format!("skep recover {name} --undo")]
        {
            assert!(said.contains(&part), "{at}: {said}");
        }
    }

    fn finish(&mut self, goal: usize, before: &Seen, round: usize, at: &str) {
        let open = self.is_interrupted();
        self.kill_recovery("--finish", round);
        let (code, said) = self.ends(&self.recovery("--finish"));
        let lost = said.contains("never their contents");
        if lost {
            // What a secret holds is kept nowhere, and this one was not created yet.
            assert_eq!(code, 1, "{at}: {said}");
            let (code, said) = self.ends(&self.recovery("--undo"));
            assert_eq!(code, 3, "{at}: {said}");
        } else {
            assert_eq!(code, 0, "{at}: {said}");
        }
        match (open, lost) {
            (true, true) => self.figures.undone += 1,
            (true, false) => self.figures.finished += 1,
            (false, _) => {
                assert!(
                    said.contains("nothing of ") || said.contains("nothing was"),
                    "{at}: {said}"
                );
                self.figures.nothing += 1;
            }
        }
        let seen = Seen::of(self.lab, &self.name);
        if open && !lost || seen != *before {
            return self.goes_to(goal, at);
        }
        self.is_tidy(at);
    }

    fn kill_recovery(&mut self, way: &str, round: usize) {
        if !is_twice(round) {
            return;
        }
        let nth = round / 4 % WRITES + 1;
        let death = Death { nth, at: At::Unanswered, reading: false };
        let (status, _) = self.proxy.run(&mut self.skep(&self.recovery(way), true), death);
        if status.code().is_none() {
            self.figures.kills += 1;
            self.figures.twice += 1;
        }
    }

    fn goes_to(&mut self, goal: usize, at: &str) {
        self.before = Some(self.live).filter(|it| *it < goal);
        self.live = goal;
        Seen::of(self.lab, &self.name).is(&self.name, goal, at);
        self.is_tidy(at);
        assert_eq!(self.state(), "healthy", "{at}");
    }

    /// No lease, no open release, nobody at the wheel, and the state file is readable.
    fn is_tidy(&self, at: &str) {
        let configs = self.lab.docker(&["config", "ls", "--format", "{{.Name}}"]);
        let lease = format!("skep-lease-{}", self.name);
        assert!(!configs.lines().any(|it| it == lease), "{at}: {configs}");
        for release in self.history() {
            let state = release["state"].as_str().unwrap();
            assert!(!["deploying", "interrupted", "queued"].contains(&state), "{at}: {release}");
        }
        let drivers = fs::read_dir(self.home.path().join("state/drivers")).unwrap();
        let files: Vec<_> = drivers.map(|it| it.unwrap().file_name()).collect();
        assert_eq!(files, [".turn"], "{at}");
    }

    fn is_interrupted(&self) -> bool {
        self.state() == "interrupted"
    }

    /// The state of the newest release.
    fn state(&self) -> String {
        self.history()[0]["state"].as_str().unwrap().to_owned()
    }

    fn history(&self) -> Vec<Value> {
        let args = ["history", &self.name, "--json"].map(ToOwned::to_owned);
        let Output { status, stdout, stderr } = self.skep(&args, false).output().unwrap();
        assert!(status.success(), "{}", String::from_utf8_lossy(&stderr));
        serde_json::from_slice(&stdout).unwrap()
    }

    /// The newest release of a deployment that ended healthy.
    fn release_of(&self, n: usize) -> Option<String> {
        let message = format!("number {n}");
        let healthy = |it: &&Value| it["state"] == "healthy" && it["message"] == *message;
        let releases = self.history();
        releases.iter().find(healthy).map(|it| it["revision"].to_string())
    }

    fn deployment(&self, n: usize) -> Vec<String> {
        let file = write(self.home.path(), n).display().to_string();
        let message = format!("number {n}");
        let line = ["deploy", "-c", &file, "--resolve-image", "never", "--prune", "-m", &message];
        line.iter().map(ToString::to_string).chain([self.name.clone()]).collect()
    }

    fn rollback(&self, revision: String) -> Vec<String> {
        vec!["--yes".into(), "rollback".into(), self.name.clone(), revision]
    }

    fn recovery(&self, way: &str) -> Vec<String> {
        vec!["recover".into(), self.name.clone(), way.into()]
    }

    fn skep(&self, args: &[String], deadly: bool) -> Command {
        let mut skep = Command::new(env!("CARGO_BIN_EXE_skep"));
        let engine =
            if deadly { self.proxy.address() } else { self.lab.socket("node1").to_owned() };
        skep.env_clear().env("HOME", self.home.path()).args(["--host", &engine]).args(args);
        skep.env("SKEP_STATE_DIR", self.home.path().join("state"));
        skep
    }

    /// Runs it without an end before its end; returns the exit code and what it said.
    fn ends(&self, args: &[String]) -> (i32, String) {
        let Output { status, stderr, .. } = self.skep(args, false).output().unwrap();
        (status.code().unwrap(), String::from_utf8_lossy(&stderr).into_owned())
    }

    #[track_caller]
    fn succeeds(&self, args: &[String]) {
        let (code, said) = self.ends(args);
        assert_eq!(code, 0, "{args:?}: {said}");
    }

    fn random(&mut self) -> u64 {
        self.chance = self.chance.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        self.chance >> 33
    }
}

/// Every fourth recovery dies as well.
fn is_twice(round: usize) -> bool {
    round.is_multiple_of(4)
}
