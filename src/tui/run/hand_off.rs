//! External editor: opens a text in it and reads the result.

use crate::{
    files,
    tui::document::{Content, Document},
};
use std::{
    env,
    fs::{self, DirBuilder, OpenOptions},
    io::{self, Write},
    os::unix::fs::{DirBuilderExt, OpenOptionsExt},
    path::{Path, PathBuf},
    process,
    time::Duration,
};
use tokio::{process::Command, time::timeout};

/// How long an editor that is killed may take to be gone.
const LAST_MOMENTS: Duration = Duration::from_millis(200);

/// Lets `VISUAL`, `EDITOR` or `vi` edit a text in the terminal, which must have been
/// given up; returns it as it is then, or why it is as it was. Where skep has to end
/// meanwhile, it says how beside what was saved so far, and the editor ends too.
pub async fn edit<E>(
    document: &Document,
    text: &str,
    ends: impl Future<Output = E>,
) -> (Result<String, String>, Option<E>) {
    let prepared = prepare(document, text);
    let (line, words, room, path) = match prepared {
        Ok(prepared) => prepared,
        Err(why) => return (Err(why), None),
    };
    let mut command = Command::new(&words[0]);
    let child = command.args(&words[1..]).arg(&path).kill_on_drop(true).spawn();
    let mut child = match child {
        Ok(child) => child,
        Err(err) => return (Err(format!("`{line}` cannot be started: {err}")), None),
    };
    let (status, ending) = tokio::select! {
        status = child.wait() => (Some(status), None),
        ending = ends => (None, Some(ending)),
    };
    if ending.is_some() {
        // Only then the terminal is as it will stay.
        let _ = timeout(LAST_MOMENTS, child.kill()).await;
    }
    let edited = match status {
        Some(Err(err)) => Err(format!("`{line}` cannot be waited for: {err}")),
        Some(Ok(status)) if !status.success() => {
            Err(format!("`{line}` ended with {status}: the text is as it was"))
        }
        _ => read(&line, &path),
    };
    drop((child, room));
    (edited, ending)
}

/// Returns the editor as it was named, its words, and the file for the text.
#[allow(clippy::type_complexity, reason = "used once, right above")]
fn prepare(
    document: &Document,
    text: &str,
) -> Result<(String, Vec<String>, Room, PathBuf), String> {
    let line = ["VISUAL", "EDITOR"].into_iter().find_map(|it| env::var(it).ok());
    let line = line.filter(|it| !it.trim().is_empty()).unwrap_or_else(|| "vi".to_owned());
    let words = shlex::split(&line).filter(|it| !it.is_empty());
    let words =
        words.ok_or_else(|| format!("`{line}` is not a command: check VISUAL and EDITOR"))?;
    let name = Path::new(&document.short_name()).file_name().map(PathBuf::from);
    let name = name.unwrap_or_else(|| PathBuf::from("compose.yml"));
    let unwritten = |err: io::Error| format!("no private file for {line}: {err}");
    let room = Room::new().map_err(unwritten)?;
    let path = room.0.join(name);
    write(&path, text).map_err(unwritten)?;
    Ok((line, words, room, path))
}

fn read(line: &str, path: &Path) -> Result<String, String> {
    let bytes = files::read(path, files::SETTINGS)
        .map_err(|err| format!("`{line}` left no text: {err}"))?;
    let content = Content::decode(bytes).map_err(|err| format!("`{line}` left {err}"))?;
    Ok(content.text)
}

/// A folder that nobody else may look into; it goes with what is in it.
struct Room(PathBuf);

impl Room {
    fn new() -> io::Result<Self> {
        let mut number = 0;
        loop {
            let path = env::temp_dir().join(format!("skep-edit-{}-{number}", process::id()));
            match DirBuilder::new().mode(0o700).create(&path) {
                Err(err) if err.kind() == io::ErrorKind::AlreadyExists && number < 1000 => {
                    number += 1;
                }
                made => return made.map(|()| Self(path)),
            }
        }
    }
}

impl Drop for Room {
    fn drop(&mut self) {
        // What cannot be removed is private still.
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn write(path: &Path, text: &str) -> io::Result<()> {
    let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)?;
    file.write_all(text.as_bytes())
}
