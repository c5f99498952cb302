//! What it costs to type in a compose file of 2 000 lines: from the key to the letter on
//! the screen, and to what the checker says.

use crate::{
    check,
    cockpit::Cockpit,
    process,
    table::{Figure, figure, percentile},
};
use std::{env, fs, time::Duration};

const KEYS: usize = 300;
const CHECKS: usize = 40;

/// Nothing takes so long where all is well.
const PATIENCE: Duration = Duration::from_secs(20);

pub fn figures() -> Vec<Figure> {
    let folder = env::temp_dir().join(format!("skep-editor-{}", std::process::id()));
    fs::create_dir_all(&folder).unwrap();
    let path = folder.join("compose.yml");
    let text = check::file();
    fs::write(&path, &text).unwrap();
    let mut cockpit = Cockpit::start("unix:///nowhere", &folder, &["--demo"]);
    cockpit.wait("the board", PATIENCE, |it| it.contains("services"));
    let before = process::memory(cockpit.pid(), "VmRSS");
    // In the middle of the file, behind the name of an image.
    let line = text.lines().count() / 2;
    let wanted = text.lines().skip(line).position(|it| it.trim_start().starts_with("image:"));
    let line = line + wanted.unwrap();
    let column = text.lines().nth(line).unwrap().chars().count();
    cockpit.press(&format!(":edit {}\r", path.display()));
    cockpit.wait("the findings", PATIENCE, |it| it.contains("warnings"));
    let service = text.lines().nth(line - 1).unwrap().trim().trim_end_matches(':');
    cockpit.press(&format!("\x07{service}\r"));
    cockpit.wait("the service", PATIENCE, |it| it.contains(&format!(" {line}:3 ")));
    cockpit.press("\x1b[B\x1b[F");
    let place = |column: usize| format!(" {}:{} ", line + 1, column + 1);
    cockpit.wait("the line", PATIENCE, |it| it.contains(&place(column)));
    cockpit.wait_for_rest(Duration::from_millis(500), PATIENCE);
    let mut painted = typed(&mut cockpit, &place, column);
    let mut checked = wrong(&mut cockpit);
    let after = process::memory(cockpit.pid(), "VmRSS");
    let most = process::memory(cockpit.pid(), "VmHWM");
    drop(cockpit);
    fs::remove_dir_all(&folder).unwrap();
    vec![
        figure("from a key to its letter", told(&mut painted), "p99 16 ms"),
        figure("from a key to its findings, 120 ms of rest included", told(&mut checked), ""),
        figure(
            "memory",
            format!("{after} KiB with the file, {before} without, {most} at most"),
            "",
        ),
    ]
}

/// Types letter by letter, each once the one before is seen.
fn typed(cockpit: &mut Cockpit, place: &dyn Fn(usize) -> String, column: usize) -> Vec<Duration> {
    let mut took = Vec::new();
    for _ in 0..KEYS / 30 {
        for letter in 0..30 {
            let pressed = cockpit.press("x");
            let now = place(column + letter + 1);
            took.push(cockpit.wait("the letter", PATIENCE, |it| it.contains(&now)) - pressed);
        }
        // A word is one step: the line is as it was before the next round.
        cockpit.press("\x1a");
        let start = place(column);
        cockpit.wait("the line as it was", PATIENCE, |it| it.contains(&start));
    }
    took
}

/// Makes a mistake and takes it back, each once the checker has said so.
fn wrong(cockpit: &mut Cockpit) -> Vec<Duration> {
    let mut took = Vec::new();
    // A key that nobody knows.
    cockpit.press("\x1b[H");
    for _ in 0..CHECKS / 2 {
        for (key, wrong) in [("x", true), ("\x7f", false)] {
            cockpit.wait_for_rest(Duration::from_millis(400), PATIENCE);
            let pressed = cockpit.press(key);
            let said = |it: &str| it.contains("Additional property ximage");
            let holds = |it: &str| said(it) == wrong && it.contains("ximage") == wrong;
            let seen = cockpit.wait("the verdict", PATIENCE, holds);
            took.push(seen - pressed);
        }
    }
    took
}

fn told(took: &mut [Duration]) -> String {
    let [middle, most] = [50, 99].map(|it| percentile(took, it));
    format!("p50 {middle:.1?}, p99 {most:.1?}, {} keys", took.len())
}
