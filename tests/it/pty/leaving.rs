//! The ways out of the editor in a real terminal: what is in the file then, and what in
//! the drafts.

use crate::pty::{Home, Terminal};
use jiff::Timestamp;
use skep::store::Store;
use std::{fs, path::PathBuf};

const TEXT: &str = "services: {}\n";
const TYPED: &str = "# mine ";
const CHANGED: &str = "# mine services: {}\n";

/// What is left once the editor was left.
struct Left {
    home: Home,
    path: PathBuf,
}

impl Left {
    fn store(&self) -> Store {
        Store::in_dir(&self.home.0.path().join("state"))
    }

    fn file(&self) -> String {
        fs::read_to_string(&self.path).unwrap()
    }

    fn draft(&self) -> Option<String> {
        self.store().draft(&self.path.display().to_string()).unwrap().map(|it| it.text)
    }

    fn given_up(&self) -> Vec<String> {
        let key = self.path.display().to_string();
        let found = self.store().discarded(&key, Timestamp::now()).unwrap();
        found.into_iter().map(|it| it.text).collect()
    }

    #[track_caller]
    fn check(&self, way: &str, file: &str, draft: Option<&str>, given_up: &[&str]) {
        assert_eq!(self.file(), file, "{way}: the file");
        assert_eq!(self.draft().as_deref(), draft, "{way}: the draft");
        assert_eq!(self.given_up(), given_up, "{way}: what was given up");
    }
}

/// Opens a file in the editor of a skep without an engine, and types.
fn changed() -> (Left, Terminal) {
    let home = Home::new();
    let path = home.0.path().join("blog.yml");
    fs::write(&path, TEXT).unwrap();
    let mut terminal = Terminal::run(home.skep(""));
    terminal.shows("No engine");
    terminal.press(&format!(":edit {}\r", path.display()));
    terminal.shows("services: {}");
    terminal.press(TYPED);
    terminal.shows("not saved");
    (Left { home, path }, terminal)
}

/// Leaves skep from its first view.
#[track_caller]
fn quit(mut terminal: Terminal) {
    terminal.shows("No engine");
    terminal.press("q");
    assert_eq!(terminal.ended(), 0);
    terminal.is_clean();
}

#[test]
fn what_means_yes_saves() {
    for way in ["y", "\r", "s"] {
        let (left, mut terminal) = changed();
        terminal.press("\x1b");
        terminal.answers(way, "Unsaved changes");
        quit(terminal);
        left.check(&format!("esc {way:?}"), CHANGED, None, &[]);
    }
}

#[test]
fn what_is_discarded_is_offered_when_the_file_is_opened_again() {
    let (left, mut terminal) = changed();
    terminal.press("\x1b");
    terminal.answers("d", "Unsaved changes");
    terminal.shows("No engine");
    terminal.waits("the text in the state", |_| !left.given_up().is_empty());
    left.check("esc d", TEXT, None, &[CHANGED]);
    terminal.press(&format!(":edit {}\r", left.path.display()));
    terminal.answers("\r", "restore it?");
    terminal.shows("# mine services");
    terminal.press("\x13");
    terminal.hides("not saved");
    terminal.press("\x11");
    quit(terminal);
    left.check("taken back", CHANGED, None, &[]);
}

#[test]
fn esc_and_esc_stay_and_ctrl_c_is_no_way_out() {
    let (left, mut terminal) = changed();
    terminal.press("\x1b");
    terminal.shows("Unsaved changes");
    terminal.press("\x1b");
    terminal.hides("Unsaved changes");
    terminal.press("\x03");
    terminal.shows("# mine services");
    terminal.waits("the draft in the state", |_| left.draft().is_some());
    left.check("esc esc ctrl-c", TEXT, Some(CHANGED), &[]);
    terminal.signal("KILL");
    terminal.ended();
    left.check("kill -9", TEXT, Some(CHANGED), &[]);
}

#[test]
fn commands_of_vi_do_what_hands_expect() {
    for (way, file, given_up) in
        [(":wq\r", CHANGED, &[][..]), (":x\r", CHANGED, &[]), (":q!\r", TEXT, &[CHANGED])]
    {
        let (left, mut terminal) = changed();
        terminal.press("\x1b");
        terminal.shows("Unsaved changes");
        terminal.press(way);
        quit(terminal);
        left.check(way, file, None, given_up);
        // Without a look at the screen: all in one breath.
        let (left, mut terminal) = changed();
        terminal.press(&format!("\x1b{way}"));
        quit(terminal);
        left.check(way, file, None, given_up);
    }
}

#[test]
fn a_terminal_that_is_closed_keeps_what_is_not_saved() {
    for signal in ["HUP", "TERM", "QUIT"] {
        let (left, mut terminal) = changed();
        terminal.signal(signal);
        terminal.ended();
        left.check(signal, TEXT, Some(CHANGED), &[]);
    }
}

#[test]
fn two_hundred_lines_that_come_without_brackets_stay_as_they_are() {
    let home = Home::new();
    let path = home.0.path().join("blog.yml");
    fs::write(&path, "").unwrap();
    let lines: Vec<String> = (0..200)
        .map(|it| match it % 4 {
            0 => format!("# part {it}"),
            1 => format!("key{it}:"),
            2 => format!("  image: \"nginx:{it}\""),
            _ => format!("    - [{it}, 'a: b', {{c: d}}]"),
        })
        .collect();
    let mut terminal = Terminal::run(home.skep(""));
    terminal.shows("No engine");
    for ending in ["\r", "\n", "\r\n"] {
        fs::write(&path, "").unwrap();
        terminal.press(&format!(":edit {}\r", path.display()));
        terminal.shows("empty: start with");
        terminal.press(&(lines.join(ending) + ending));
        terminal.shows("201:1");
        terminal.press("\x13");
        terminal.hides("not saved");
        terminal.press("\x11");
        terminal.shows("No engine");
        assert_eq!(fs::read_to_string(&path).unwrap(), lines.join("\n") + "\n", "{ending:?}");
    }
    terminal.press("q");
    assert_eq!(terminal.ended(), 0);
}
