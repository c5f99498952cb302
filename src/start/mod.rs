//! Startup: connects settings, engine and state.

mod reach;
mod speaker;
mod demo;
mod cockpit;

pub use cockpit::{cockpit, speaks_unicode};

use crate::{
    cli::{Desk, Failure, Options, remark},
    config::{Places, load},
    diagnostics,
    domain::{
        deployment::audit::{Operator, account},
        swarm::{change::Confidential, context::KnownContext},
    },
    engine::context::{Surroundings, Wish, find, list},
    files,
    start::reach::{demo_engine, neighbours, reach},
    store::Store,
};
use jiff::{Timestamp, tz::TimeZone};
use std::{env, fs, os::unix::fs::MetadataExt, path::Path};
use tracing_appender::non_blocking::WorkerGuard;

const UNVERIFIED: &str = "its certificate is not verified, so anybody could answer in its place; DOCKER_TLS_VERIFY=1 verifies it";

/// Reads the settings, begins the log and prepares the rest; nothing is asked
/// of any engine yet. The log ends when its guard is dropped.
pub fn desk(options: Options) -> Result<(Desk, Option<WorkerGuard>), Failure> {
    let places = Places::of_process(options.config.clone());
    let settings = load(&places, &options.flags())?;
    // A command uses no keys; but whoever misspells one hears of it in CI, not at night.
    cockpit::keymap(&settings)?;
    let state = settings.config.state.dir_or_default();
    let log = state.as_deref().map(diagnostics::log_to).transpose();
    let log = log.map_err(|err| Failure::usage(err.to_string(), None))?.flatten();
    let around = Surroundings::of_process();
    let now = Timestamp::now();
    let config = &settings.config;
    let wish = Wish { host: config.engine.host.clone(), context: config.engine.context.clone() };
    if !options.demo {
        say_unverified(&wish, &around);
    }
    let engine =
        if options.demo { Ok(demo_engine(config, now)) } else { reach(config, &wish, &around) };
    let desk = Desk {
        store: store(state.as_deref(), options.demo),
        engine,
        contexts: contexts(&around),
        neighbours: neighbours(config.clone()),
        who: operator(),
        zone: local_zone(),
        options,
        settings,
        places,
        now,
    };
    Ok((desk, log))
}

/// Returns the time zone of this machine. Where `TZ` says nothing, its file says all: to look
/// that up by name, all folders of the time zone database would be listed (3 ms at each start).
fn local_zone() -> TimeZone {
    const FILE: &str = "/etc/localtime";
    let named = env::var_os("TZ").is_some();
    let rules = if named { None } else { files::read(Path::new(FILE), files::SETTINGS).ok() };
    let zone = rules.and_then(|it| TimeZone::tzif("local", &it).ok());
    zone.unwrap_or_else(TimeZone::system)
}

/// Docker asks for nothing more where only `DOCKER_TLS` is set, and says nothing.
fn say_unverified(wish: &Wish, around: &Surroundings) {
    if let Ok(found) = find(wish, around)
        && found.endpoint.trusts_anybody()
    {
        remark(&format!("note: {}: {UNVERIFIED}", found.endpoint));
    }
}

fn contexts(around: &Surroundings) -> Vec<KnownContext> {
    let known = list(around).into_iter().map(|it| KnownContext {
        name: it.name,
        description: it.description,
        address: it.endpoint.map(|it| it.to_string()).map_err(|bad| bad.to_string()),
        current: it.current,
    });
    known.collect()
}

/// Returns who works with this process.
fn operator() -> Operator {
    let host =
        files::read_text("/proc/sys/kernel/hostname".as_ref(), files::SETTINGS).unwrap_or_default();
    let host = Some(host.trim()).filter(|it| !it.is_empty()).unwrap_or("?");
    let uid = fs::metadata("/proc/self").map(|it| it.uid());
    let passwd = files::read_text("/etc/passwd".as_ref(), files::SETTINGS).unwrap_or_default();
    let account = uid.map_or_else(|_| "?".to_owned(), |it| account(it, &passwd));
    Operator::seen(|name| env::var(name).ok(), &account, host.to_owned())
}

/// Points at the state; the passphrase of its secret values comes from the environment.
/// That of the demo ends with the process.
fn store(dir: Option<&Path>, demo: bool) -> Store {
    let dir = match dir {
        _ if demo => return Store::in_memory(),
        None => return Store::nowhere(),
        Some(dir) => dir,
    };
    let given = env::var("SKEP_PASSPHRASE").ok().filter(|it| !it.is_empty());
    Store::in_dir(dir).with_passphrase(given.map(Confidential))
}
