//! The commands on the swarm in memory: what they print, and where.

#![allow(clippy::unwrap_used, reason = "a broken helper is a failed test")]

mod check;
mod deploy;
mod drafts;
mod ends;
mod lists;
mod logs;
mod production;
mod progress;
mod records;
mod releases;
mod render;
mod templates;
mod importing;
mod programs;
mod projects;

use clap::Parser;
use jiff::{Timestamp, tz::TimeZone};
use serde_json::Value;
use skep::{
    cli::{Cli, CommandOutput, Desk, Exit, Live, Out, Reached},
    config::{Flags, Places, load, places::UserFile},
    domain::{deployment::audit::Operator, swarm::context::KnownContext},
    engine::{EngineError, fake::FakeEngine},
    jobs::session::Neighbours,
    store::Store,
};
use std::{
    io,
    path::Path,
    sync::{Arc, LazyLock},
};

/// What a command printed, and how it ended.
pub struct Printed {
    pub out: String,
    pub remarks: String,
    pub exit: Exit,
}

/// A terminal with an engine behind it.
pub struct Shell {
    pub desk: Desk,
}

impl Shell {
    pub fn with(engine: Result<FakeEngine, EngineError>) -> Self {
        let settings = Path::new("/home/ann/.config/skep/config.toml").to_owned();
        let places = Places { user: UserFile::Usual(settings), ..Places::default() };
        let desk = Desk {
            options: Cli::try_parse_from(["skep"]).unwrap().options,
            settings: load(&places, &Flags::default()).unwrap(),
            places,
            now: now(),
            engine: engine.map(reached).map_err(Into::into),
            store: Store::in_dir(Path::new("/nowhere/skep")),
            contexts: vec![KnownContext {
                name: "elsewhere".to_owned(),
                description: String::new(),
                address: Ok("unix:///elsewhere.sock".to_owned()),
                current: false,
            }],
            neighbours: Neighbours::default(),
            who: ann(),
            zone: TimeZone::UTC,
        };
        Self { desk }
    }

    /// The demo cluster, with the same story each time.
    pub fn demo() -> Self {
        static DEMO: LazyLock<FakeEngine> = LazyLock::new(|| FakeEngine::demo(7, now()));
        Self::with(Ok(DEMO.copied()))
    }

    pub async fn run(&self, line: &str) -> Printed {
        self.run_on(line, None).await
    }

    /// Runs a command whose remarks are seen on a terminal of 80 columns and 24 rows.
    pub async fn on_terminal(&self, line: &str) -> Printed {
        let live = Live { size: || (80, 24), unicode: true, colors: false };
        self.run_on(line, Some(live)).await
    }

    async fn run_on(&self, line: &str, live: Option<Live>) -> Printed {
        let words = ["skep"].into_iter().chain(line.split_whitespace());
        let cli = Cli::try_parse_from(words).unwrap();
        let (mut out, mut remarks) = (Vec::new(), Vec::new());
        let json = cli.options.json;
        let (mut to, mut aside) =
            (Out::new(&mut out, false, false), Out::new(&mut remarks, live.is_some(), false));
        let mut page =
            CommandOutput { out: &mut to, remarks: &mut aside, colors: false, json, live };
        let exit = cli.command.unwrap().run(&self.desk, &mut page).await;
        drop((to, aside));
        let text = |it| String::from_utf8(it).unwrap();
        Printed { out: text(out), remarks: text(remarks), exit }
    }

    /// Runs a command whose answers nothing takes any more.
    pub async fn on_full_disk(&self, line: &str) -> Exit {
        let words = ["skep"].into_iter().chain(line.split_whitespace());
        let cli = Cli::try_parse_from(words).unwrap();
        let mut to = Out::new(Full, false, false);
        let mut aside = Out::new(Vec::new(), false, false);
        let json = cli.options.json;
        let mut page =
            CommandOutput { out: &mut to, remarks: &mut aside, colors: false, json, live: None };
        cli.command.unwrap().run(&self.desk, &mut page).await
    }

    /// Runs a command that has nothing but answers.
    pub async fn out(&self, line: &str) -> String {
        let printed = self.run(line).await;
        assert_eq!((printed.remarks.as_str(), printed.exit), ("", Exit::Done));
        printed.out
    }

    pub async fn json(&self, line: &str) -> Value {
        serde_json::from_str(&self.out(&format!("{line} --json")).await).unwrap()
    }

    pub async fn refusal(&self, line: &str) -> String {
        let printed = self.run(line).await;
        assert_eq!((printed.out.as_str(), printed.exit), ("", Exit::Failed));
        printed.remarks
    }
}

/// A file on a disk that is full: what is written is told about when it is flushed.
struct Full;

impl io::Write for Full {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Err(io::ErrorKind::StorageFull.into())
    }
}

fn reached(engine: FakeEngine) -> Reached {
    Reached { engine: Arc::new(engine), context: "demo".to_owned() }
}

pub fn ann() -> Operator {
    Operator { user: "ann".to_owned(), from: Some("10.0.0.7".to_owned()), host: "m1".to_owned() }
}

pub fn now() -> Timestamp {
    "2026-11-20T23:00:00Z".parse().unwrap()
}
