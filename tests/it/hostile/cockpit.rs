//! A whole cockpit on an engine whose every word is hostile: the real binary in a terminal,
//! its raw bytes.

use crate::{
    hostile::{Allowed, PAYLOADS, all, leak, world::Words},
    pty::terminal::{Home, Terminal},
};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use regex::Regex;
use std::{
    fs::{self, DirEntry},
    path::Path,
};

/// What is pressed, and what the screen shows once it is done. A lone esc is told from the
/// beginning of another key by what follows it in time, so each step waits for its end.
const TOUR: &[(&str, &str)] = &[
    (":overview\r", "┏ What is wrong"),
    (":services\r", "┏ Services ["),
    ("W", "saved "),
    ("d", "┏ Describe · "),
    ("\x1b", "┏ Services ["),
    ("y", "┏ Spec · "),
    ("\x1b", "┏ Services ["),
    ("l", "┏ Logs · "),
    ("\x1b", "┏ Services ["),
    (":nodes\r", "┏ Nodes ["),
    ("d", "┏ Describe · "),
    ("\x1b", "┏ Nodes ["),
    (":stacks\r", "┏ Stacks ["),
    // The list opens before its rows are read.
    (":tasks\r", "mail_digest"),
    ("d", "┏ Describe · "),
    ("c", "to the clipboard"),
    ("\x1b", "┏ Tasks ["),
    (":swarm\r", "┏ Describe · swarm"),
    ("c", "to the clipboard"),
    ("\x13", "there is nothing to save here"),
    ("\x1b", "┏ Tasks ["),
    (":board\r", "┌ Stacks ["),
    ("c", "to the clipboard"),
    ("\x13", "there is nothing to save here"),
    // Reading again draws nothing where nothing changed: the key after it tells that it is over.
    ("\x12?", "┏ Keys and commands"),
    ("\x1b", "┌ Stacks ["),
];

#[tokio::test(flavor = "multi_thread")]
async fn no_screen_of_the_cockpit_lets_a_text_drive_the_terminal() {
    let mut words = Words::read().await;
    let payload = all();
    let fields = words.poison(&payload, false);
    let stand_in = words.engine(&payload);
    let home = Home::new();
    let mut command = home.skep("");
    command.env("DOCKER_HOST", format!("unix://{}", stand_in.socket().display()));
    command.cwd(home.0.path());
    let mut terminal = Terminal::sized(command, 160, 48);
    terminal.shows("Stacks");
    for (keys, shown) in TOUR {
        terminal.press(keys);
        terminal.shows(shown);
    }
    let bytes = terminal.output();
    let screens = judge(&String::from_utf8_lossy(&bytes));
    let saved = saved_views(home.0.path());
    println!(
        "cockpit: {} fields × {} payloads × {} keys, {screens} bytes, {saved} saved views, 0 leaks",
        fields.len(),
        PAYLOADS.len(),
        TOUR.len()
    );
}

/// Looks at the views that were saved there; returns how many.
fn saved_views(folder: &Path) -> usize {
    let views = fs::read_dir(folder).unwrap().flatten();
    let views = views.filter(|it| it.file_name().to_string_lossy().starts_with("skep-"));
    let look = |view: DirEntry| {
        let text = fs::read_to_string(view.path()).unwrap();
        assert_eq!(leak(&text, Allowed { colors: false, bars: false }), None);
    };
    views.map(look).count()
}

/// Takes away what the cockpit itself sends; nothing else may be left.
fn judge(text: &str) -> usize {
    let copies = Regex::new("\x1b\\]52;c;([A-Za-z0-9+/=]*)(\x07|\x1b\\\\)").unwrap();
    for copy in copies.captures_iter(text) {
        let copied = String::from_utf8(STANDARD.decode(&copy[1]).unwrap()).unwrap();
        assert_ne!(copied, "EVIL");
        assert_eq!(leak(&copied, Allowed { colors: false, bars: false }), None, "{copied:?}");
    }
    assert!(!text.contains("\x1b[77;66H"), "a foreign sequence moved the cursor");
    assert!(!text.contains("\x1b[38;5;199m"), "a foreign sequence set a colour");
    let own = Regex::new("\x1b\\[(\\?[0-9;]+[hl]|[0-9;]*[HmJKABCDG])").unwrap();
    let rest = copies.replace_all(text, "");
    // What was read ends in the midst of a drawing.
    let begun = Regex::new("\x1b(\\[[?0-9;]*)?$").unwrap();
    let rest = begun.replace(&rest, "");
    let rest = own.replace_all(&rest, "").replace('\r', "");
    assert_eq!(leak(&rest, Allowed { colors: false, bars: false }), None);
    text.len()
}
