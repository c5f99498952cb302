//! Commands for projects: environments, stacks, variables, policies and the vault.

pub mod projects;
pub mod environments;
mod files;
mod create;
pub mod stacks;
pub mod variables;
pub mod policies;
pub mod changes;
pub mod vault;

use crate::{
    cli::{CommandOutput, Desk, Exit, Failure, answer},
    domain::{project::StackPath, swarm::names::StackName, text::nearest::nearest},
    projects::{AuditedChange, CatalogChange, Trouble, find},
    store::Store,
};
use serde_json::json;
use std::{
    io::{self, IsTerminal},
    path::Path,
};

/// Makes a change of projects and says what was done.
pub fn amend(
    desk: &Desk,
    page: &mut CommandOutput<'_>,
    change: CatalogChange,
) -> Result<Exit, Failure> {
    let store = writable(desk)?;
    let done = AuditedChange { change, who: desk.who.clone() }.run(store)?;
    if page.json {
        page.json(&json!({ "done": done }))?;
    } else {
        writeln!(page.out, "{done}")?;
    }
    Ok(Exit::Done)
}

/// Returns the state, where it may be changed.
pub fn writable(desk: &Desk) -> Result<&Store, Failure> {
    if desk.is_read_only() {
        let hint = "it is set in the settings, or with --read-only; `skep config` says where";
        return Err(
            Failure::new("read-only: nothing is changed", Some(hint.to_owned())).named("read-only")
        );
    }
    readable(desk)
}

/// Returns the state; what the demo has ends with each command.
pub fn readable(desk: &Desk) -> Result<&Store, Failure> {
    if desk.options.demo {
        let hint =
            "`skep --demo` alone opens the demo cockpit, where you can do this; or leave --demo out".to_owned();
        let why = "this command does not work with --demo: the demo keeps nothing from one command to the next";
        return Err(Failure::new(why, Some(hint)));
    }
    desk.store()
}

/// Asks before something is lost that no command brings back.
pub fn confirm(desk: &Desk, page: &mut CommandOutput<'_>, what: &str) -> Result<(), Failure> {
    if desk.options.yes {
        return Ok(());
    }
    if !io::stdin().is_terminal() {
        let hint = "repeat it with --yes".to_owned();
        return Err(Failure::new(
            format!("there is no terminal to ask for confirmation: {what}"),
            Some(hint),
        ));
    }
    writeln!(page.remarks, "{what}")?;
    if answer::yes(page, "Do it?")? { Ok(()) } else { Err(Failure::declined(None)) }
}

/// Asks before files become a stack here whose name a project uses in another cluster only:
/// whoever is at the wrong one finds out.
pub fn confirm_here(
    desk: &Desk,
    page: &mut CommandOutput<'_>,
    stack: &StackName,
) -> Result<(), Failure> {
    let (Ok(store), Ok(reached)) = (readable(desk), &desk.engine) else { return Ok(()) };
    // A state that cannot be read is told where a deployment writes to it.
    let Ok(catalog) = store.catalog() else { return Ok(()) };
    let here = &reached.context;
    let Some((path, home)) = catalog.elsewhere(stack, here) else { return Ok(()) };
    let what = format!(
        "`{stack}` is the stack {path}, which is deployed only to {home}, and this is {here}: the files \
         would be deployed here (`--context {home}` leads there)"
    );
    confirm(desk, page, &what)
}

/// Finds the managed stack that a word names: by its path, or by its name in the swarm.
pub fn managed(desk: &Desk, word: &str) -> Result<StackPath, Failure> {
    look_up(desk, word, None)
}

/// The same for a command that takes compose files instead.
pub fn managed_or_files(desk: &Desk, word: &str) -> Result<StackPath, Failure> {
    let otherwise = match Path::new(word).is_file() {
        true => format!("did you mean `-c {word}`?"),
        false if word.contains('/') => LISTED.to_owned(),
        false => format!("name the files with -c FILE, or {LISTED}"),
    };
    look_up(desk, word, Some(otherwise))
}

/// Where the stacks of projects are listed.
const LISTED: &str = "see `skep stack list`";

fn look_up(desk: &Desk, word: &str, otherwise: Option<String>) -> Result<StackPath, Failure> {
    let catalog = readable(desk)?.catalog()?;
    let context = desk.engine.as_ref().ok().map(|it| it.context.as_str());
    find(&catalog, word, context).ok_or_else(|| {
        let paths: Vec<String> = catalog.stacks.keys().map(ToString::to_string).collect();
        let names = catalog.stacks.values().map(|it| it.swarm.as_str());
        let meant = nearest(word, paths.iter().map(String::as_str).chain(names));
        let hint = match meant {
            Some(meant) => format!("did you mean `{meant}`?"),
            None => otherwise.unwrap_or_else(|| LISTED.to_owned()),
        };
        Failure::new(format!("no project has a stack `{word}`"), Some(hint)).named("unknown-name")
    })
}

/// Returns the name in the swarm of what a word names: a path of a project, or that name
/// itself. Whether the swarm has it is another question: see [`find`](crate::cli::find).
pub fn swarm_name(desk: &Desk, word: &str) -> Result<StackName, Failure> {
    if !word.contains('/') {
        return word.parse().map_err(|err| Failure::usage(format!("{err}"), None));
    }
    in_swarm(desk, &managed(desk, word)?)
}

/// Returns the name in the swarm of a stack of a project that lives here.
pub fn in_swarm(desk: &Desk, path: &StackPath) -> Result<StackName, Failure> {
    let catalog = readable(desk)?.catalog()?;
    let here = desk.engine.as_ref().ok().map(|it| it.context.as_str());
    Ok(catalog.in_swarm(path, here).map_err(Trouble::from)?.clone())
}
