//! Projects in the cockpit: cached catalog and requests.

use crate::{
    domain::{
        project::{
            Catalog, ManagedStack, SourcePlace, StackPath,
            pending::{Pending, Undo},
        },
        swarm::names::StackName,
    },
    projects::{CatalogChange, PendingChanges},
};
use std::{collections::BTreeMap, path::PathBuf};

/// All projects, and how their stacks stand to what is deployed.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Projects {
    pub catalog: Catalog,
    pub briefs: BTreeMap<StackPath, Brief>,
}

/// How a stack stands, in short.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Brief {
    /// The release that is applied; none where nothing was deployed.
    pub release: Option<u32>,
    /// Changes that are not deployed yet.
    pub pending: usize,
    /// Linked files that somebody else changed.
    pub foreign: usize,
    /// Why nobody can say.
    pub trouble: Option<String>,
    /// Nobody can say before the engine says which cluster this is.
    pub unknown: bool,
}

/// What to do about projects; none of it touches the cluster.
#[derive(Debug, Clone)]
pub enum Chore {
    /// Read them; told by [`Event::Projects`](crate::tui::event::Event).
    Look,
    Amend(Box<CatalogChange>),
    /// Make a stack of a file, and open it in the editor.
    Create(Box<New>),
    /// Read the variables of a stack; answered by
    /// [`Response::Variables`](crate::tui::event::Response).
    Panel(StackPath),
    /// Read what of a stack is not deployed; answered by
    /// [`Response::PendingChanges`](crate::tui::event::Response).
    PendingChanges(StackPath),
    /// Make a part of a stack again what is deployed.
    Discard {
        stack: StackPath,
        title: String,
        undo: Box<Undo>,
    },
    /// Take linked files as they are.
    Accept(StackPath),
    /// Make a deployment of a stack ready to be planned; answered by
    /// [`Response::Ready`](crate::tui::event::Response).
    Prepare(StackPath),
}

impl Chore {
    /// Returns whether something is another than before by it.
    pub fn changes(&self) -> bool {
        match self {
            Self::Amend(_) | Self::Create(_) | Self::Discard { .. } | Self::Accept(_) => true,
            Self::Look | Self::Panel(_) | Self::PendingChanges(_) | Self::Prepare(_) => false,
        }
    }

    /// Returns whether something is lost by it.
    pub fn destroys(&self) -> bool {
        match self {
            Self::Amend(change) => change.destroys(),
            Self::Discard { .. } => true,
            Self::Look
            | Self::Create(_)
            | Self::Panel(_)
            | Self::PendingChanges(_)
            | Self::Accept(_)
            | Self::Prepare(_) => false,
        }
    }
}

/// A stack to make of a file that is not read yet.
#[derive(Debug, Clone)]
pub struct New {
    pub path: StackPath,
    pub from: From,
    pub place: SourcePlace,
    /// Its name in the swarm, where it runs already.
    pub swarm: Option<StackName>,
}

/// What the file of a stack is called that was no file before.
const FILE: &str = "stack.yml";

/// Where the text of a new stack comes from.
#[derive(Debug, Clone)]
pub enum From {
    File(PathBuf),
    /// A project of Docker Compose, to be converted.
    Compose(PathBuf),
    Text {
        name: String,
        text: String,
    },
}

impl Projects {
    /// Finds the stack that has a name in this swarm.
    pub fn managed(&self, name: &StackName, context: &str) -> Option<&ManagedStack> {
        self.catalog.of_swarm(name, Some(context))
    }

    /// Says why a new stack cannot be made there.
    pub fn room_for(&self, path: &StackPath) -> Result<(), String> {
        let home = path.environment();
        if !self.catalog.projects.contains_key(&home.project) {
            let project = &home.project;
            return Err(format!("there is no project `{project}`; `:create {project}` makes it"));
        }
        if !self.catalog.environments.contains_key(&home) {
            return Err(format!("there is no environment `{home}`; `:create {home}` makes it"));
        }
        if self.catalog.stacks.contains_key(path) {
            return Err(format!("stack `{path}` exists already; `:edit {path}` opens it"));
        }
        Ok(())
    }

    pub fn brief(&self, path: &StackPath) -> Option<&Brief> {
        self.briefs.get(path)
    }
}

impl New {
    /// Makes a stack of a text, which the state keeps.
    pub fn of_text(path: StackPath, text: String) -> Self {
        let from = From::Text { name: FILE.to_owned(), text };
        Self { path, from, place: SourcePlace::Kept, swarm: None }
    }
}

impl Brief {
    /// Makes it of all that is known.
    pub fn of(found: &PendingChanges) -> Self {
        Self {
            release: found.release,
            pending: found.pending.len(),
            foreign: found.foreign.len(),
            ..Self::default()
        }
    }

    /// Makes it of nothing: no engine has said which cluster this is.
    pub fn unknown() -> Self {
        Self { unknown: true, ..Self::default() }
    }

    /// Says in a few words what is to be done, if anything.
    pub fn words(&self) -> Option<String> {
        if self.unknown {
            return Some("unknown".to_owned());
        }
        if self.trouble.is_some() {
            return Some("unreadable".to_owned());
        }
        match (self.release, self.pending, self.foreign) {
            (_, _, some) if some > 0 => Some("changed outside".to_owned()),
            (None, ..) => Some("not deployed".to_owned()),
            (_, 0, _) => None,
            (_, 1, _) => Some("1 change".to_owned()),
            (_, some, _) => Some(format!("{some} changes")),
        }
    }
}

/// Returns a change with the lines that it takes away and adds.
pub fn lines(change: &Pending) -> (Vec<String>, Vec<String>) {
    let lines = |text: &Option<String>| {
        text.iter().flat_map(|it| it.lines()).map(str::to_owned).collect::<Vec<_>>()
    };
    (lines(&change.old), lines(&change.new))
}
