//! The one door to work that changes something: who passes it has been asked what has to
//! be asked.
//!
//! Nothing starts without a [`Permit`], and only this file makes one, for the very works
//! that were asked about: no command can forget that a context is read-only, that it is
//! one of production, or that something would be lost, nor start anything else.

use crate::{
    cli::{Desk, Failure, Page, act::session, answer},
    jobs::{session::Session, work::Work},
};
use std::{
    io::{self, IsTerminal},
    vec,
};

/// These works may be started, each once, in whose name this says.
pub struct Permit {
    session: Session,
    works: vec::IntoIter<Work>,
}

impl Permit {
    /// Asks what has to be asked before these works, all at once.
    pub fn ask(desk: &Desk, page: &mut Page<'_>, works: Vec<Work>) -> Result<Self, Failure> {
        let loses = works.iter().any(loses);
        Self::given(desk, page, works, loses)
    }

    /// The same, for whoever was asked already what becomes of it.
    pub fn asked(desk: &Desk, page: &mut Page<'_>, works: Vec<Work>) -> Result<Self, Failure> {
        Self::given(desk, page, works, false)
    }

    pub fn session(&self) -> &Session {
        &self.session
    }

    /// Returns the work that is next.
    pub fn next(&mut self) -> Option<Work> {
        self.works.next()
    }

    fn given(
        desk: &Desk,
        page: &mut Page<'_>,
        works: Vec<Work>,
        loses: bool,
    ) -> Result<Self, Failure> {
        // Nobody is asked about what may not be done.
        let session = session(desk)?;
        let Some(first) = works.first() else {
            return Ok(Self { session, works: works.into_iter() });
        };
        if let Some(context) = desk.production() {
            let object = first.object();
            let one = if works.len() == 1 { object.split_whitespace().last() } else { None };
            in_production(desk, page, &works, one, context)?;
        } else if loses && !desk.options.yes {
            tell(page, &works)?;
            yes_or_no(page)?;
        }
        Ok(Self { session, works: works.into_iter() })
    }
}

/// Returns whether a command asks before it. What the engine's own rollback changes, the
/// command itself names, and `docker service rollback` asks nothing either; where nothing
/// is left to remove, nothing is lost.
fn loses(work: &Work) -> bool {
    match work {
        Work::RollBack { .. } | Work::Scale { .. } | Work::Recover(_) | Work::Deploy(_) => false,
        Work::Stack(whole) if whole.removes() => !whole.parts.is_empty(),
        other => other.destroys(),
    }
}

fn tell(page: &mut Page<'_>, works: &[Work]) -> Result<(), Failure> {
    for work in works {
        writeln!(page.remarks, "{}: {}", work.title(), work.consequence())?;
        for part in work.parts() {
            writeln!(page.remarks, "  {part}")?;
        }
        writeln!(page.remarks, "  the same as: {}", work.docker())?;
    }
    Ok(())
}

/// In production one names what is touched, whatever else was said: the object, or the
/// context.
fn in_production(
    desk: &Desk,
    page: &mut Page<'_>,
    works: &[Work],
    object: Option<&str>,
    context: &str,
) -> Result<(), Failure> {
    let word = object.unwrap_or(context);
    let fits = |given: &str| given == context || Some(given) == object;
    if let Some(given) = &desk.options.confirm {
        if fits(given) {
            return Ok(());
        }
        let hint = format!("it is `--confirm {word}` that confirms this");
        let why = format!("--confirm {given} does not name what is changed: left as it is");
        return Err(Failure::new(why, Some(hint)));
    }
    if !io::stdin().is_terminal() || page.json {
        let why = format!("{context} is in production: nothing is changed without --confirm");
        let not = if desk.options.yes { "; --yes alone is not enough there" } else { "" };
        let hint = format!("repeat it with `--confirm {word}`{not}");
        return Err(Failure::new(why, Some(hint)));
    }
    tell(page, works)?;
    let question = format!("{context} is in production. Type `{word}` to do it");
    if fits(&answer::ask(page, &question, ":")?) {
        Ok(())
    } else {
        Err(Failure::new("left as it is", None))
    }
}

fn yes_or_no(page: &mut Page<'_>) -> Result<(), Failure> {
    if !io::stdin().is_terminal() {
        let hint = "repeat it with --yes".to_owned();
        return Err(Failure::new("nobody is there to confirm it", Some(hint)));
    }
    if answer::yes(page, "Do it?")? { Ok(()) } else { Err(Failure::new("left as it is", None)) }
}
