//! What is typed before a command asks is no answer.

use crate::pty::{Home, Terminal};

#[test]
fn keys_typed_before_the_question_stands_there_answer_nothing() {
    let home = Home::new();
    let mut terminal = Terminal::run(home.skep("--demo rm traefik"));
    terminal.press("y\r");
    terminal.shows("[y/N]");
    terminal.press("\r");
    terminal.shows("nothing was changed");
    assert_eq!(terminal.ended(), 1);
}

#[test]
fn what_is_typed_once_the_question_stands_there_answers_it() {
    let home = Home::new();
    let mut terminal = Terminal::run(home.skep("--demo rm traefik"));
    terminal.shows("[y/N]");
    terminal.press("y\r");
    terminal.shows("gone after");
    assert_eq!(terminal.ended(), 0);
}
