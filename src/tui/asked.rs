//! What is asked on top of the screen, and what waits for its turn.

use crate::{
    jobs::JobId,
    tui::{
        event::{Effect, Menu, Question, Ticket},
        prompt::Prompt,
        tickets::ScreenId,
    },
};

/// A question on top of the screen.
#[derive(Debug)]
pub enum Modal {
    Prompt(Prompt),
    Leave(Leave),
    Ask(Question),
    Menu(Menu),
}

/// What is asked before something that is not saved is left.
#[derive(Debug)]
pub struct Leave {
    pub screens: Vec<ScreenId>,
    /// What would be lost, in sentences.
    pub losses: Vec<String>,
    /// Some of it can be saved.
    pub saves: bool,
    /// How skep is left; only the screen is where nothing says so.
    pub how: Option<Effect>,
    /// What was typed last was no answer.
    pub unsure: bool,
}

/// Somebody leaves skep once these are saved.
#[derive(Debug)]
pub struct Parting {
    pub how: Effect,
    pub waits_for: Vec<ScreenId>,
}

/// A question that waits for its turn.
#[derive(Debug)]
pub struct Waiting {
    /// It is asked on this screen only; else on any, but never into a text that is being
    /// written.
    pub on: Option<ScreenId>,
    pub modal: Modal,
    /// Nobody pressed a key for it.
    pub by_itself: bool,
}

/// A job that was asked for on a screen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Awaited {
    pub by: ScreenId,
    pub job: Expected,
}

/// How a job is known that has not begun.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Expected {
    Ticket(Ticket),
    Job(JobId),
}
