//! A terminal that takes nothing: the connection stalls, or somebody holds the screen.

use crate::pty::{Home, Terminal, deployment};
use std::time::{Duration, Instant};

/// A second, and what a machine under load adds to it.
const SOON: Duration = Duration::from_secs(5);

#[test]
fn signals_end_a_cockpit_whose_terminal_takes_nothing() {
    for signal in ["TERM", "HUP"] {
        let home = Home::new();
        let mut terminal = Terminal::demo(&home);
        let gate = terminal.gate();
        let _held = gate.lock().unwrap();
        terminal.fill();
        // It has something to draw.
        terminal.press("?");
        let since = Instant::now();
        terminal.signal(signal);
        assert_eq!(terminal.ended(), 0, "{signal}");
        assert!(since.elapsed() < SOON, "{signal}: {:?}", since.elapsed());
    }
}

#[test]
fn a_job_goes_on_where_the_terminal_takes_nothing() {
    let home = Home::new();
    let mut terminal = Terminal::with_a_job(&home);
    let gate = terminal.gate();
    let _held = gate.lock().unwrap();
    terminal.fill();
    terminal.press("?");
    terminal.signal("HUP");
    // Stopped, it would end with another code.
    assert_eq!(terminal.ended(), 0);
}

#[test]
fn what_was_typed_while_the_terminal_took_nothing_is_seen_then() {
    let home = Home::new();
    let mut terminal = Terminal::demo(&home);
    let gate = terminal.gate();
    {
        let _held = gate.lock().unwrap();
        terminal.fill();
        terminal.press("?");
        terminal.press(":nodes\r");
    }
    terminal.shows("keys and commands ▸ nodes");
    terminal.press("q");
    assert_eq!(terminal.ended(), 0);
    terminal.is_clean();
}

#[test]
fn a_deployment_hears_signals_where_its_terminal_takes_nothing() {
    let home = Home::new();
    let mut terminal = Terminal::run(deployment(&home));
    terminal.shows("group 1");
    let gate = terminal.gate();
    let _held = gate.lock().unwrap();
    terminal.fill();
    terminal.signal("TERM");
    // It goes back, and is over: with words that nobody takes.
    assert_eq!(terminal.ended(), 3);
}

#[test]
fn a_deployment_says_how_it_went_once_its_terminal_takes_words_again() {
    let home = Home::new();
    let mut terminal = Terminal::run(deployment(&home));
    terminal.shows("group 1");
    let gate = terminal.gate();
    {
        let _held = gate.lock().unwrap();
        terminal.fill();
    }
    terminal.shows("1 service runs after");
    assert_eq!(terminal.ended(), 0);
}
