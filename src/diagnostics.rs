//! Diagnostics: skep's own log, and reports of panics.

use crate::{
    domain::{logs::look, text::escape},
    files, store,
};
use color_eyre::{config::HookBuilder, eyre};
use jiff::Timestamp;
use std::{
    env,
    fs::{self, DirBuilder, File, Permissions},
    io::{self, Write, stderr},
    os::unix::fs::{DirBuilderExt, PermissionsExt},
    panic::{self, PanicHookInfo},
    path::{Path, PathBuf},
};
use tracing_appender::non_blocking::{NonBlocking, NonBlockingBuilder, WorkerGuard};
use tracing_subscriber::EnvFilter;

/// What is logged where `SKEP_LOG` says nothing.
const USUAL: &str = "skep=info";
/// Days until a log is removed.
const KEPT: usize = 7;
/// Lines that wait for a slow disk; more are dropped. Their room is taken at the start: the
/// usual 128 000 cost 4 MiB and 4 ms.
const WAITING: usize = 2_000;

/// Makes panics readable, and puts them into the log.
///
/// Whoever has taken the terminal over puts a hook of its own in front that
/// gives it back. `colors` says whether whoever reads errors wants them.
pub fn install_hooks(colors: bool) -> eyre::Result<()> {
    let (report, errors) = HookBuilder::default().display_env_section(false).into_hooks();
    errors.install()?;
    panic::set_hook(Box::new(move |info: &PanicHookInfo<'_>| {
        tracing::error!("{info}");
        if !store::panics_are_errors() {
            tell(&words(&report.panic_report(info).to_string(), colors));
        }
    }));
    Ok(())
}

fn tell(words: &str) {
    // A terminal that is gone takes no words.
    let _ = writeln!(stderr(), "{words}");
}

/// Words of others may be in a report; its colours hide none of them.
fn words(report: &str, colors: bool) -> String {
    let shown = if colors { look::colored } else { escape::shown };
    report.split('\n').map(shown).collect::<Vec<_>>().join("\n")
}

/// Writes the log of this process into `dir`, in a file per day. Dropping the
/// guard writes what is left. Nothing is logged where `dir` cannot be written:
/// no command fails for that.
///
/// `SKEP_LOG` takes the words of `RUST_LOG`: `debug`, `skep::engine=trace`.
pub fn log_to(dir: &Path) -> Result<Option<WorkerGuard>, BadFilter> {
    let wanted = env::var("SKEP_LOG").ok().filter(|it| !it.is_empty());
    let words = wanted.unwrap_or_else(|| USUAL.to_owned());
    let filter = EnvFilter::try_new(&words).map_err(|_| BadFilter(words))?;
    let Some((writer, guard)) = writer(dir) else { return Ok(None) };
    let log = tracing_subscriber::fmt().with_env_filter(filter).with_writer(writer);
    // Where the log cannot be written, the terminal is no place for it.
    log.with_ansi(false).log_internal_errors(false).init();
    Ok(Some(guard))
}

/// `SKEP_LOG` makes no sense.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "SKEP_LOG: `{0}` is not a filter: write error, warn, info, debug, trace, or skep::engine=debug"
)]
pub struct BadFilter(String);

fn writer(dir: &Path) -> Option<(NonBlocking, WorkerGuard)> {
    DirBuilder::new().recursive(true).mode(0o700).create(dir).ok()?;
    let mut log = Log { dir: dir.to_owned(), day: String::new(), file: None };
    log.today().ok()?;
    Some(NonBlockingBuilder::default().buffered_lines_limit(WAITING).finish(log))
}

/// A file per day, for its owner's eyes only, and never through a link.
#[derive(Debug)]
struct Log {
    dir: PathBuf,
    /// As `2026-05-04`, in UTC.
    day: String,
    file: Option<File>,
}

impl Log {
    fn today(&mut self) -> io::Result<&mut File> {
        let day = Timestamp::now().strftime("%Y-%m-%d").to_string();
        if self.day != day {
            let file = files::open_own(&self.dir.join(format!("skep.{day}.log")), true)?;
            file.set_permissions(Permissions::from_mode(0o600))?;
            (self.day, self.file) = (day, Some(file));
            self.forget();
        }
        self.file.as_mut().ok_or_else(|| io::ErrorKind::NotFound.into())
    }

    /// Removes what is older than is kept.
    fn forget(&self) {
        let Ok(found) = fs::read_dir(&self.dir) else { return };
        let names = found.flatten().map(|it| it.file_name().to_string_lossy().into_owned());
        let is_log = |it: &String| it.starts_with("skep.") && it.strip_suffix(".log").is_some();
        let mut logs: Vec<String> = names.filter(is_log).collect();
        logs.sort();
        for name in logs.iter().rev().skip(KEPT) {
            // What cannot be removed stays.
            let _ = fs::remove_file(self.dir.join(name));
        }
    }
}

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.today()?.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_report_has_colours_only_for_who_wants_them() {
        let report = "\x1b[31mThe application panicked\x1b[0m\n\x1b[8mwhy\n\x1b]0;t\x07end";
        assert_eq!(words(report, false), "The application panicked\nwhy\nend");
        assert_eq!(words(report, true), "\x1b[0;31mThe application panicked\x1b[0m\nwhy\nend");
    }
}
