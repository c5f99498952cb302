//! What the cockpit asks an engine for.

use crate::{
    hostile::world::Words,
    pty::terminal::{Home, Terminal},
};

/// The list of all tasks, which grows with the cluster.
const ALL_TASKS: &str = "GET /v1.41/tasks";

#[tokio::test(flavor = "multi_thread")]
async fn all_tasks_are_asked_for_only_where_they_are_on_the_screen() {
    let stand_in = Words::read().await.engine("");
    let home = Home::new();
    let mut command = home.skep("");
    command.env("DOCKER_HOST", format!("unix://{}", stand_in.socket().display()));
    let mut terminal = Terminal::run(command);
    terminal.shows("monitoring_alertmanager");
    for (keys, shown) in [
        (":services\r", "┏ Services ["),
        ("d", "┏ Describe · "),
        ("\x1b", "┏ Services ["),
        (":overview\r", "┏ What is wrong"),
    ] {
        terminal.press(keys);
        terminal.shows(shown);
    }
    let asked = || stand_in.lines().iter().filter(|it| *it == ALL_TASKS).count();
    assert_eq!(asked(), 0, "{:?}", stand_in.lines());
    terminal.press(":tasks\r");
    terminal.shows("mail_digest");
    assert!(asked() > 0);
}
