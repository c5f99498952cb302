//! Commands about projects: what they hold, what they set, what they add.

pub mod projects;
pub mod environments;
pub mod create;
pub mod stacks;
pub mod variables;
pub mod policies;
pub mod changes;
pub mod vault;

use crate::{
    cli::{Desk, Exit, Failure, Page},
    domain::{names::StackName, project::StackPath, text::nearest::nearest},
    jobs::projects::{Amend, Operation, Trouble, find},
    store::Store,
};
use serde_json::json;
use std::io::{self, BufRead, IsTerminal};

/// Makes a change of projects and says what was done.
pub fn amend(desk: &Desk, page: &mut Page<'_>, operation: Operation) -> Result<Exit, Failure> {
    let store = writable(desk)?;
    let done = Amend { operation, who: desk.who.clone() }.run(store)?;
    if page.json {
        page.json(&json!({ "done": done }))?;
    } else {
        writeln!(page.out, "{done}")?;
    }
    Ok(Exit::Done)
}

/// Returns the state, where it may be changed.
pub fn writable(desk: &Desk) -> Result<&Store, Failure> {
    let context = desk.engine.as_ref().map_or("", |it| it.context.as_str());
    if desk.settings.config.read_only_in(context) {
        let hint = "it is set in the configuration, or with --read-only; `skep config` says where";
        return Err(
            Failure::new("read-only: nothing is changed", Some(hint.to_owned())).named("read-only")
        );
    }
    readable(desk)
}

/// Returns the state; the demo has none of its own.
pub fn readable(desk: &Desk) -> Result<&Store, Failure> {
    if desk.options.demo {
        let hint = "leave --demo out".to_owned();
        return Err(Failure::new("the demo has no projects", Some(hint)));
    }
    desk.store()
}

/// Asks before something is lost that no command brings back.
pub fn confirm(desk: &Desk, page: &mut Page<'_>, what: &str) -> Result<(), Failure> {
    if desk.options.yes {
        return Ok(());
    }
    if !io::stdin().is_terminal() {
        let hint = "repeat it with --yes".to_owned();
        return Err(Failure::new(format!("nobody is there to confirm it: {what}"), Some(hint)));
    }
    write!(page.remarks, "{what}\nDo it? [y/N] ")?;
    page.remarks.flush()?;
    let mut answer = String::new();
    io::stdin().lock().read_line(&mut answer)?;
    let yes = matches!(answer.trim().to_lowercase().as_str(), "y" | "yes");
    if yes { Ok(()) } else { Err(Failure::new("left as it is", None)) }
}

/// Finds the managed stack that a word names: by its path, or by its name in the swarm.
pub fn managed(desk: &Desk, word: &str) -> Result<StackPath, Failure> {
    let catalog = readable(desk)?.catalog()?;
    let context = desk.engine.as_ref().ok().map(|it| it.context.as_str());
    find(&catalog, word, context).ok_or_else(|| {
        let paths: Vec<String> = catalog.stacks.keys().map(ToString::to_string).collect();
        let names = catalog.stacks.values().map(|it| it.swarm.as_str());
        let meant = nearest(word, paths.iter().map(String::as_str).chain(names));
        let hint = meant.map_or_else(
            || "name the files with -c FILE, or see `skep stack list`".to_owned(),
            |it| format!("did you mean `{it}`?"),
        );
        Failure::new(format!("no project has a stack `{word}`"), Some(hint)).named("unknown-name")
    })
}

/// Returns the name in the swarm of what a word names: a path of a project, or that name
/// itself.
pub fn swarm_name(desk: &Desk, word: &str) -> Result<StackName, Failure> {
    if !word.contains('/') {
        return word.parse().map_err(|err| Failure::usage(format!("{err}"), None));
    }
    let path = managed(desk, word)?;
    let catalog = readable(desk)?.catalog()?;
    Ok(catalog.stack(&path).map_err(Trouble::from)?.swarm.clone())
}

impl From<Trouble> for Failure {
    fn from(trouble: Trouble) -> Self {
        Self::new(trouble.why, trouble.hint)
    }
}
