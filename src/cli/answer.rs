//! Questions on the terminal: asks, and reads the answer once the question was visible.

use crate::cli::CommandOutput;
use rustix::termios::{QueueSelector, tcflush};
use std::{
    io::{self, BufRead, Read},
    thread::sleep,
    time::Duration,
};

/// Nobody reads a question in less time; keys that were meant for something else come.
const READING: Duration = Duration::from_millis(150);

/// Bytes of an answer: names of objects are far shorter, and a pipe may never end a line.
const LONGEST: u64 = 4096;

/// Asks, and returns the answer. What was typed before the whole question stands there
/// answers nothing; `choice` is its end, as `[y/N]`, and appears once an answer counts.
pub fn ask(page: &mut CommandOutput<'_>, question: &str, choice: &str) -> io::Result<String> {
    write!(page.remarks, "{question}")?;
    page.remarks.flush()?;
    sleep(READING);
    // What cannot be forgotten was typed into something that is no terminal.
    let _ = tcflush(io::stdin(), QueueSelector::IFlush);
    write!(page.remarks, " {choice} ")?;
    page.remarks.flush()?;
    let mut answer = String::new();
    io::stdin().lock().take(LONGEST).read_line(&mut answer)?;
    Ok(answer.trim().to_owned())
}

/// Asks for a yes; all else is a no.
pub fn yes(page: &mut CommandOutput<'_>, question: &str) -> io::Result<bool> {
    let answer = ask(page, question, "[y/N]")?;
    Ok(matches!(answer.to_lowercase().as_str(), "y" | "yes"))
}
