//! The editor in a terminal of its own: what only the real binary shows.

use crate::pty::{Home, Terminal};
use std::fs;

/// Opens a file in the editor of a skep without an engine.
fn editing(home: &Home, text: &str) -> Terminal {
    let path = home.0.path().join("blog.yml");
    fs::write(&path, text).unwrap();
    let mut terminal = Terminal::run(home.skep(""));
    terminal.shows("No swarm to see");
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
    terminal.shows("is not saved");
    terminal.press("\r");
    terminal.shows("# mine");
    terminal.press("\x13");
    terminal.shows("saved ");
    terminal.hides("not saved");
    terminal.press("\x1b");
    terminal.shows("No swarm to see");
    terminal.press("q");
    assert_eq!(terminal.ended(), 0);
    terminal.is_clean();
    assert_eq!(store.draft(&key).unwrap(), None);
    let saved = fs::read_to_string(home.0.path().join("blog.yml")).unwrap();
    assert_eq!(saved, "# mine\nservices: {}\n");
}
