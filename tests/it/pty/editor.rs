//! The editor in a terminal of its own: what only the real binary shows.

use crate::{
    executable,
    pty::{Home, Terminal},
};
use std::fs;

/// Opens a file in the editor of a skep without an engine.
fn editing(home: &Home, text: &str) -> Terminal {
    let path = home.0.path().join("blog.yml");
    fs::write(&path, text).unwrap();
    let mut terminal = Terminal::run(home.skep(""));
    terminal.shows("No engine");
    terminal.press(&format!(":edit {}\r", path.display()));
    terminal.shows("Edit ·");
    terminal
}

#[test]
fn what_is_not_saved_survives_a_kill() {
    let home = Home::new();
    let mut terminal = editing(&home, "services: {}\n");
    terminal.shows("services: {}");
    terminal.press("# mine\r");
    terminal.shows("not saved");
    let store = skep::store::Store::in_dir(&home.0.path().join("state"));
    let key = home.0.path().join("blog.yml").display().to_string();
    terminal.waits("the draft in the state", |_| store.draft(&key).unwrap().is_some());
    terminal.signal("KILL");
    terminal.ended();
    let mut terminal = editing(&home, "services: {}\n");
    terminal.answers("\r", "is not saved");
    terminal.shows("# mine");
    terminal.press("\x13");
    terminal.shows("saved ");
    terminal.hides("not saved");
    terminal.press("\x11");
    terminal.shows("No engine");
    terminal.press("q");
    assert_eq!(terminal.ended(), 0);
    terminal.is_clean();
    assert_eq!(store.draft(&key).unwrap(), None);
    let saved = fs::read_to_string(home.0.path().join("blog.yml")).unwrap();
    assert_eq!(saved, "# mine\nservices: {}\n");
}

#[test]
fn another_editor_has_the_terminal_and_hands_the_text_back() {
    let home = Home::new();
    let path = home.0.path().join("blog.yml");
    let script = home.0.path().join("own-editor");
    // It reads a line from the terminal, so nobody else may take the keys.
    let lines = "stat -c %a \"$2\"\necho \"own editor: $1\"\nread line\necho \"$line\" >> \"$2\"";
    executable::script(&script, lines);
    fs::write(&path, "services: {}\n").unwrap();
    let mut command = home.skep("");
    command.env("PATH", "/usr/bin:/bin");
    command.env("EDITOR", format!("{} --wait", script.display()));
    command.env("TMPDIR", home.0.path());
    let mut terminal = Terminal::run(command);
    terminal.shows("No engine");
    terminal.press(&format!(":edit {}\r", path.display()));
    terminal.shows("services: {}");
    terminal.press("\x05");
    terminal.shows("own editor: --wait");
    terminal.shows("600");
    assert!(!terminal.screen(vt100::Screen::alternate_screen) && terminal.echoes());
    terminal.press("# theirs\r");
    terminal.shows("not saved");
    terminal.shows("# theirs");
    assert!(terminal.screen(vt100::Screen::alternate_screen) && !terminal.echoes());
    terminal.press("\x1a");
    terminal.hides("# theirs");
    terminal.hides("not saved");
    // Nothing of it is left.
    let left = |it: fs::DirEntry| it.file_name().to_string_lossy().starts_with("skep-edit");
    assert!(!fs::read_dir(home.0.path()).unwrap().any(|it| left(it.unwrap())));
    terminal.press("\x11");
    terminal.shows("No engine");
    terminal.press("q");
    assert_eq!(terminal.ended(), 0);
    terminal.is_clean();
}

#[test]
fn another_editor_that_fails_changes_nothing() {
    let home = Home::new();
    let path = home.0.path().join("blog.yml");
    fs::write(&path, "services: {}\n").unwrap();
    for (own, says) in [("false", "the text is as it was"), ("/nowhere", "cannot be started")] {
        let mut command = home.skep("");
        command.env("PATH", "/usr/bin:/bin");
        command.env("VISUAL", own);
        let mut terminal = Terminal::run(command);
        terminal.shows("No engine");
        terminal.press(&format!(":edit {}\r", path.display()));
        terminal.shows("services: {}");
        terminal.press("\x05");
        terminal.shows(says);
        terminal.hides("not saved");
    }
}

#[test]
fn a_change_outside_is_seen_without_a_key() {
    let home = Home::new();
    let path = home.0.path().join("blog.yml");
    let mut terminal = editing(&home, "services: {}\n");
    terminal.shows("services: {}");
    fs::write(&path, "# theirs\n").unwrap();
    terminal.shows("# theirs");
    terminal.press("# mine ");
    terminal.shows("not saved");
    fs::write(&path, "# theirs again\n").unwrap();
    terminal.shows("somebody else changed this file");
    terminal.press("ky");
    terminal.shows("# mine ky");
    terminal.press("\x13");
    terminal.shows("Not saved");
    assert_eq!(fs::read_to_string(&path).unwrap(), "# theirs again\n");
}

#[test]
fn an_editor_that_is_killed_leaves_neither_its_terminal_modes_nor_an_end_of_skep() {
    let home = Home::new();
    let path = home.0.path().join("blog.yml");
    let script = home.0.path().join("own-editor");
    let lines = "stty -icanon -echo\necho own editor\nexec sleep 1000";
    executable::script(&script, lines);
    fs::write(&path, "services: {}\n").unwrap();
    for end in [None, Some("TERM")] {
        let mut command = home.skep("");
        command.env("PATH", "/usr/bin:/bin");
        command.env("EDITOR", script.display().to_string());
        command.env("TMPDIR", home.0.path());
        let mut terminal = Terminal::run(command);
        terminal.shows("No engine");
        terminal.press(&format!(":edit {}\r", path.display()));
        terminal.shows("services: {}");
        terminal.press("\x05");
        terminal.shows("own editor");
        if let Some(signal) = end {
            terminal.signal(signal);
        } else {
            // The editor ends by it; skep has the same terminal, and does not.
            terminal.press("\x1c");
            terminal.shows("the text is as it was");
            terminal.press("\x11");
            terminal.shows("No engine");
            terminal.press("q");
        }
        assert_eq!(terminal.ended(), 0, "{end:?}");
        terminal.is_clean();
    }
}
