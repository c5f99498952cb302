//! The real binary in a terminal of its own. Tests wait for what is on the
//! screen, never for time.

mod asks;
mod editor;
mod leaving;
mod quits;
mod stalled;
#[allow(dead_code, reason = "tests on real swarms use the rest")]
pub mod terminal;
mod typed;

use crate::{
    pty::terminal::{Home, PATIENCE, Terminal},
    wait::wait_until,
};
use portable_pty::CommandBuilder;
use skep::tui::terminal as screen;
use std::{
    env, fs,
    path::Path,
    process::{Command, Stdio},
};
use vt100::Color;

#[test]
fn the_cockpit_starts_and_leaves_the_terminal_as_it_was() {
    let home = Home::new();
    let mut terminal = Terminal::demo(&home);
    terminal.shows("25 services");
    assert!(terminal.screen(vt100::Screen::alternate_screen) && !terminal.echoes());
    terminal.press("q");
    assert_eq!(terminal.ended(), 0);
    terminal.is_clean();
    terminal.hides("services");
}

#[test]
fn the_cockpit_follows_the_size_of_its_terminal() {
    let home = Home::new();
    let mut terminal = Terminal::demo(&home);
    terminal.shows("Stacks [");
    terminal.resize(80, 24);
    terminal.hides("Stacks [");
    terminal.shows("Services [25]");
    terminal.resize(40, 10);
    terminal.shows("skep needs 60×15 cells");
    terminal.resize(120, 40);
    terminal.shows("Stacks [");
    terminal.press("q");
    assert_eq!(terminal.ended(), 0);
}

#[test]
fn a_service_is_scaled_and_the_verdict_is_told() {
    let home = Home::new();
    let mut terminal = Terminal::demo(&home);
    terminal.press("/whoami\r");
    terminal.shows("[1/25] /whoami");
    terminal.press("s\x153\r");
    terminal.shows("Scale whoami to 3?");
    terminal.shows("docker service scale whoami=3");
    terminal.yes();
    terminal.shows("3/3 tasks run after");
    terminal.press("q");
    assert_eq!(terminal.ended(), 0);
    terminal.is_clean();
}

#[test]
fn what_is_pasted_is_no_command() {
    let home = Home::new();
    for signal in [None, Some("TERM")] {
        let mut terminal = Terminal::demo(&home);
        // What comes with the end of a paste is a part of it: its text may have had an end.
        terminal.press("\x1b[200~ry\x1b[201~:demo\rq");
        terminal.shows("pasted text is ignored");
        terminal.press(":nodes\r");
        terminal.shows("board ▸ nodes");
        assert!(!terminal.contents().contains("Restart"));
        match signal {
            Some(signal) => terminal.signal(signal),
            None => terminal.press("q"),
        }
        assert_eq!(terminal.ended(), 0);
        terminal.is_clean();
    }
}

#[test]
fn signals_that_end_the_program_leave_a_clean_terminal() {
    for signal in ["TERM", "HUP", "INT", "QUIT"] {
        let home = Home::new();
        let mut terminal = Terminal::demo(&home);
        terminal.signal(signal);
        terminal.ended();
        terminal.is_clean();
    }
}

#[test]
fn a_job_lives_on_when_the_terminal_of_its_cockpit_is_closed() {
    let home = Home::new();
    let mut terminal = Terminal::with_a_job(&home);
    terminal.signal("HUP");
    terminal.shows("3/3 tasks run after");
    assert_eq!(terminal.ended(), 0);
    terminal.is_clean();
}

#[test]
fn a_cockpit_that_is_asked_to_end_waits_until_its_jobs_have_stopped() {
    let home = Home::new();
    let mut terminal = Terminal::with_a_job(&home);
    terminal.signal("TERM");
    terminal.shows("waiting for running jobs");
    terminal.shows("cancelled: ");
    assert_eq!(terminal.ended(), 1);
    terminal.is_clean();
}

/// A deployment in the demo that takes some seconds.
fn deployment(home: &Home) -> CommandBuilder {
    let file = home.0.path().join("blog.yml");
    let label = "deploy: {labels: {skep.window: 3s}}";
    fs::write(&file, format!("services: {{web: {{image: 'ghost:5', {label}}}}}\n")).unwrap();
    home.skep(&format!("--demo deploy -c {} blog", file.display()))
}

#[test]
fn a_deployment_goes_on_when_its_terminal_is_closed() {
    let home = Home::new();
    let mut terminal = Terminal::run(deployment(&home));
    terminal.shows("group 1");
    terminal.signal("HUP");
    terminal.shows("1 service runs after");
    assert_eq!(terminal.ended(), 0);
}

#[test]
fn a_deployment_whose_words_nobody_takes_ends_as_it_should() {
    let home = Home::new();
    let argv = deployment(&home);
    let mut command = Command::new(&argv.get_argv()[0]);
    command.args(&argv.get_argv()[1..]).env_clear().env("HOME", home.0.path());
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    drop((child.stdout.take(), child.stderr.take()));
    assert_eq!(child.wait().unwrap().code(), Some(0));
}

#[test]
fn a_way_back_cannot_be_cancelled_and_says_so() {
    let home = Home::new();
    let file = home.0.path().join("other.yml");
    fs::write(&file, "services: {loki: {image: 'ghost:5'}}\n").unwrap();
    let line = format!("--demo deploy -c {} monitoring", file.display());
    let mut terminal = Terminal::run(home.skep(&line));
    terminal.shows("group 1");
    terminal.press("\x03");
    terminal.shows("rolling back: the deployment was cancelled");
    terminal.signal("TERM");
    terminal.shows("a rollback cannot be cancelled; ctrl-\\ kills skep");
    assert_eq!(terminal.ended(), 3);
}

#[test]
fn a_suspended_cockpit_gives_the_terminal_back_and_returns_as_it_was() {
    let home = Home::new();
    let mut terminal = Terminal::demo(&home);
    terminal.press(":nodes\r");
    terminal.shows("board ▸ nodes");
    terminal.press("\x1a");
    terminal.waits("the process to stop", |it| it.state() == 'T');
    terminal.is_clean();
    terminal.signal("CONT");
    terminal.shows("board ▸ nodes");
    assert!(terminal.screen(vt100::Screen::alternate_screen) && !terminal.echoes());
    terminal.press("q");
    assert_eq!(terminal.ended(), 0);
    terminal.is_clean();
}

/// Runs in a terminal, started by the test below.
#[tokio::test]
#[ignore = "a program that panics on purpose"]
async fn a_program_that_panics() {
    screen::restore_on_panic();
    let _screen = screen::enter(true).unwrap();
    panic!("a mistake of ours");
}

#[test]
fn a_panic_leaves_a_clean_terminal_and_is_told_there() {
    let home = Home::new();
    let mut command = home.skep("");
    let argv = command.get_argv_mut();
    argv[0] = env::current_exe().unwrap().into();
    argv.truncate(1);
    command.args(["--ignored", "--exact", "pty::a_program_that_panics", "--nocapture"]);
    let mut terminal = Terminal::run(command);
    terminal.shows("a mistake of ours");
    assert_ne!(terminal.ended(), 0);
    terminal.is_clean();
}

#[test]
fn without_an_engine_the_cockpit_explains_and_its_keys_work() {
    let home = Home::new();
    let mut terminal = Terminal::run(home.skep(""));
    terminal.shows("No engine");
    terminal.shows("none.sock");
    terminal.press("?");
    terminal.shows("Open what is selected.");
    terminal.press("\x1b");
    terminal.shows("No engine");
    terminal.press(":demo\r");
    terminal.shows("monitoring_alertmanager");
    terminal.press("q");
    assert_eq!(terminal.ended(), 0);
    terminal.is_clean();
}

#[track_caller]
fn refused(command: CommandBuilder, says: &str) {
    let mut terminal = Terminal::run(command);
    terminal.shows(says);
    assert_eq!(terminal.ended(), 2);
    terminal.is_clean();
}

#[test]
fn settings_that_are_wrong_are_told_before_the_terminal_is_taken() {
    let home = Home::new();
    let file = home.0.path().join("skep.toml");
    let bad = [
        ("[ui]\nteme = \"dark\"\n", "did you mean `ui.theme`?"),
        ("[keys]\nrestart = \"hyper-r\"\n", "hyper-r"),
        ("[keys]\nrestart = \"d\"\n", "`d` means both"),
        ("[ui]\ntheme = \"nowhere\"\n", "nowhere"),
    ];
    for (text, says) in bad {
        fs::write(&file, text).unwrap();
        refused(home.skep(&format!("--demo --config {}", file.display())), says);
    }
}

#[test]
fn a_terminal_that_cannot_draw_is_refused() {
    let home = Home::new();
    let mut command = home.skep("--demo");
    command.env("TERM", "dumb");
    refused(command, "TERM is dumb");
}

#[test]
fn no_color_and_no_unicode_are_respected() {
    let home = Home::new();
    let mut command = home.skep("--demo");
    command.env("NO_COLOR", "1");
    command.env("LANG", "C");
    let mut terminal = Terminal::run(command);
    terminal.shows("monitoring_alertmanager");
    assert!(terminal.contents().is_ascii(), "{}", terminal.contents());
    let coloured = terminal.screen(|screen| {
        let cells = (0..40).flat_map(|row| (0..120).filter_map(move |x| screen.cell(row, x)));
        cells.filter(|it| (it.fgcolor(), it.bgcolor()) != (Color::Default, Color::Default)).count()
    });
    assert_eq!(coloured, 0);
    terminal.press("q");
    assert_eq!(terminal.ended(), 0);
}

#[test]
fn two_cockpits_at_once_share_one_state() {
    let home = Home::new();
    let mut terminals = [Terminal::run(home.skep("")), Terminal::run(home.skep(""))];
    for (terminal, command) in terminals.iter_mut().zip([":events\r", ":jobs\r"]) {
        terminal.shows("No engine");
        terminal.press(command);
    }
    let kept = |home: &Path| {
        let store = skep::store::Store::in_dir(&home.join("state"));
        let mut prompts = store.prompts().unwrap();
        prompts.sort();
        prompts
    };
    wait_until("both commands in the state", PATIENCE, || {
        kept(home.0.path()) == ["events", "jobs"]
    });
    for terminal in &mut terminals {
        terminal.press("q");
        assert_eq!(terminal.ended(), 0);
        terminal.is_clean();
    }
}
