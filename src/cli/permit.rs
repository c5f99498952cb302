//! Confirmation: a permit is needed to run a job, and is given once all questions are answered.
//!
//! Nothing starts without a [`Permit`], and only this file makes one, for the very works
//! that were asked about: no command can forget that a context is read-only, that it is
//! one of production, or that something would be lost, nor start anything else.

use crate::{
    cli::{CommandOutput, Desk, Failure, answer},
    jobs::{operations::Operation, session::Session},
};
use std::{
    io::{self, IsTerminal},
    vec,
};

/// These works may be started, each once, in whose name this says.
pub struct Permit {
    session: Session,
    operations: vec::IntoIter<Operation>,
}

impl Permit {
    /// Asks what has to be asked before these works, all at once.
    pub fn ask(
        desk: &Desk,
        page: &mut CommandOutput<'_>,
        operations: Vec<Operation>,
    ) -> Result<Self, Failure> {
        let asks = operations.iter().any(asks);
        Self::given(desk, page, operations, asks)
    }

    /// The same, for whoever was asked already what becomes of it.
    pub fn asked(
        desk: &Desk,
        page: &mut CommandOutput<'_>,
        operations: Vec<Operation>,
    ) -> Result<Self, Failure> {
        Self::given(desk, page, operations, false)
    }

    pub fn session(&self) -> &Session {
        &self.session
    }

    /// Returns the work that is next.
    pub fn next(&mut self) -> Option<Operation> {
        self.operations.next()
    }

    fn given(
        desk: &Desk,
        page: &mut CommandOutput<'_>,
        operations: Vec<Operation>,
        asks: bool,
    ) -> Result<Self, Failure> {
        // Nobody is asked about what may not be done.
        let session = desk.session()?;
        let Some(first) = operations.first() else {
            return Ok(Self { session, operations: operations.into_iter() });
        };
        if let Some(context) = desk.production() {
            let object = first.object();
            let one = if operations.len() == 1 { object.split_whitespace().last() } else { None };
            in_production(desk, page, &operations, one, context)?;
        } else if asks && !desk.options.yes {
            tell(page, &operations)?;
            yes_or_no(page)?;
        }
        Ok(Self { session, operations: operations.into_iter() })
    }
}

/// Returns whether a command asks before it: all do that change the cluster, but for a
/// deployment, which pipelines call as they call docker, and a recovery, about whose way its
/// command asks. Where nothing of a stack is left to change, there is nothing to ask.
fn asks(operation: &Operation) -> bool {
    match operation {
        Operation::Deploy(_) | Operation::Recover(_) => false,
        Operation::Adopt(_) | Operation::ReleaseLease(_) => false,
        Operation::Stack(whole) => !whole.parts.is_empty(),
        Operation::RollBackStack(_) | Operation::CleanUp(_) => true,
        Operation::Scale { .. } | Operation::Restart { .. } => true,
        Operation::RollBackService { .. } | Operation::RemoveService { .. } => true,
        Operation::SetAvailability { .. } => true,
    }
}

fn tell(page: &mut CommandOutput<'_>, operations: &[Operation]) -> Result<(), Failure> {
    for operation in operations {
        writeln!(page.remarks, "{}: {}", operation.title(), operation.consequence())?;
        for part in operation.parts() {
            writeln!(page.remarks, "  {part}")?;
        }
        writeln!(page.remarks, "  the same as: {}", operation.docker())?;
    }
    Ok(())
}

/// In production one names what is touched, whatever else was said: the object, or the
/// context.
fn in_production(
    desk: &Desk,
    page: &mut CommandOutput<'_>,
    operations: &[Operation],
    object: Option<&str>,
    context: &str,
) -> Result<(), Failure> {
    let word = object.unwrap_or(context);
    let fits = |given: &str| given == context || Some(given) == object;
    if let Some(given) = &desk.options.confirm {
        if fits(given) {
            return Ok(());
        }
        let hint = format!("`--confirm {word}` confirms this");
        let why = format!("--confirm {given} does not name what is changed: nothing was changed");
        return Err(Failure::new(why, Some(hint)));
    }
    if !io::stdin().is_terminal() || page.json {
        let why = format!("{context} is in production: nothing is changed without --confirm");
        let not = if desk.options.yes { "; --yes alone is not enough there" } else { "" };
        let hint = format!("repeat it with `--confirm {word}`{not}");
        return Err(Failure::new(why, Some(hint)));
    }
    tell(page, operations)?;
    let question = format!("{context} is in production. Type `{word}` to do it");
    match answer::ask(page, &question, ":")?.trim() {
        given if fits(given) => Ok(()),
        "" => Err(Failure::declined(None)),
        given => Err(Failure::new(format!("`{given}` is not `{word}`: nothing was changed"), None)),
    }
}

fn yes_or_no(page: &mut CommandOutput<'_>) -> Result<(), Failure> {
    if !io::stdin().is_terminal() {
        let hint = "repeat it with --yes".to_owned();
        return Err(Failure::new("there is no terminal to ask for confirmation", Some(hint)));
    }
    if answer::yes(page, "Do it?")? { Ok(()) } else { Err(Failure::declined(None)) }
}
