//! Answers that come late, twice, in another order or never, as those of real engines do.

use crate::cockpit::harness::Cockpit;
use skep::{
    domain::{
        deployment::{audit::Operator, plan::Preview},
        project::{SourcePlace, StackPath},
    },
    jobs::{
        deploy::{DeployOrder, Proposal, outline},
        gc::Sweep,
        operations::Operation,
    },
    projects::{AuditedChange, CatalogChange, NewStack, import_text, pending_changes, variables},
    store::Store,
    tui::{
        event::{Effect, Event, Response, Ticket},
        projects::{Chore, Projects},
        run::order,
    },
};
use std::{collections::BTreeMap, path::Path};
use tempfile::TempDir;

/// An answer that is on its way; it is there once.
pub struct Held {
    pub ticket: Ticket,
    pub effect: Effect,
    pub answer: Option<Event>,
}

/// Projects outside of the cockpit, where a test has any.
#[derive(Default)]
pub struct Desk {
    state: Option<(TempDir, Store)>,
}

impl Desk {
    /// Answers what is read of projects; what would change them is only written down.
    pub fn answer(&self, chore: &Chore) -> Option<Response> {
        let store = &self.state.as_ref()?.1;
        let environment = BTreeMap::new();
        Some(match chore {
            Chore::Panel(stack) => {
                let found = variables(store, stack, &environment).map_err(|it| it.line());
                Response::Variables(stack.clone(), found)
            }
            Chore::PendingChanges(stack) => {
                let found = pending_changes(store, "c1", stack).map_err(|it| it.line());
                Response::PendingChanges(found.map(Box::new))
            }
            Chore::Prepare(stack) => {
                let order = order(store, stack, "prod-eu", &environment).unwrap();
                Response::Ready(Box::new(order))
            }
            _ => return None,
        })
    }

    /// Does something about projects, as somebody else does it.
    pub fn amend(&mut self, change: CatalogChange) -> Projects {
        let fresh = || {
            let dir = tempfile::tempdir().unwrap();
            let store = Store::in_dir(dir.path());
            (dir, store)
        };
        let store = &self.state.get_or_insert_with(fresh).1;
        let who = Operator { user: "ann".to_owned(), from: None, host: "m1".to_owned() };
        AuditedChange { change, who }.run(store).unwrap();
        Projects { catalog: store.catalog().unwrap(), ..Projects::default() }
    }
}

impl Cockpit {
    /// A project without anything in it.
    pub fn with_project(mut self, slug: &str) -> Self {
        let slug = slug.parse().unwrap();
        let created = CatalogChange::CreateProject { slug, about: String::new() };
        let projects = self.desk.amend(created);
        self.after(Event::Projects(Box::new(projects)))
    }

    /// A stack of a project, as `shop/live/web`, with such a text.
    pub fn with_stack(mut self, path: &str, text: &str) -> Self {
        let path: StackPath = path.parse().unwrap();
        let home = path.environment();
        let slug = home.project.clone();
        if self.model.world.projects.catalog.projects.is_empty() {
            self.desk.amend(CatalogChange::CreateProject { slug, about: String::new() });
            self.desk.amend(CatalogChange::CreateEnvironment { path: home, context: None });
        }
        let gathered = import_text("stack.yml", text.to_owned(), Path::new("/"));
        let new = NewStack { path, swarm: None, place: SourcePlace::Kept, gathered };
        let projects = self.desk.amend(CatalogChange::CreateStack(Box::new(new)));
        self.after(Event::Projects(Box::new(projects)))
    }
}

impl Cockpit {
    /// From now on nothing is answered before the test says so. The answer is made when it
    /// is asked for, as by an engine that is asked at once and far away.
    pub fn holding(mut self) -> Self {
        self.holding = true;
        self
    }

    /// What is asked from now on is answered at once again.
    pub fn answering(mut self) -> Self {
        self.holding = false;
        self
    }

    /// Returns how many answers were held back so far, delivered or not.
    pub fn held(&self) -> usize {
        self.held.len()
    }

    /// Returns whether an answer is still on its way.
    pub fn is_held(&self, at: usize) -> bool {
        self.held[at].answer.is_some()
    }

    /// Returns what was asked for and not answered at once.
    pub fn asked(&self) -> impl Iterator<Item = &Effect> {
        self.held.iter().map(|it| &it.effect).chain(self.tickets.iter().map(|it| &it.1))
    }

    /// Returns the place of the newest held answer to such an effect.
    #[track_caller]
    pub fn newest(&self, is_so: impl Fn(&Effect) -> bool) -> usize {
        let found = self.held.iter().rposition(|it| is_so(&it.effect) && it.answer.is_some());
        let asked: Vec<_> = self.held.iter().map(|it| &it.effect).collect();
        found.unwrap_or_else(|| panic!("nothing like that is on its way: {asked:?}"))
    }

    /// Returns the ticket that a held answer has.
    pub fn ticket_of(&self, at: usize) -> Ticket {
        self.held[at].ticket
    }

    /// Lets one of the answers come, counted from the first that was held back.
    #[track_caller]
    pub fn deliver(mut self, at: usize) -> Self {
        let answer = self.held[at].answer.take().expect("it has come already");
        self.event(answer);
        self
    }

    /// Lets an answer come that came already, as it would be made now.
    #[track_caller]
    pub fn deliver_again(mut self, at: usize) -> Self {
        let (ticket, effect) = (self.held[at].ticket, self.held[at].effect.clone());
        let answer = self.answer(ticket, &effect).expect("there was an answer before");
        self.event(answer);
        self
    }

    /// Lets all answers come that are on their way, the oldest first, and what they ask
    /// for as well.
    pub fn deliver_all(mut self) -> Self {
        while let Some(at) = self.held.iter().position(|it| it.answer.is_some()) {
            self = self.deliver(at);
        }
        self
    }

    /// Lets those come that are on their way now, the newest first.
    pub fn deliver_backwards(mut self) -> Self {
        for at in (0..self.held.len()).rev() {
            if self.held[at].answer.is_some() {
                self = self.deliver(at);
            }
        }
        self
    }

    /// Answers the newest effect of a kind that the harness answers by itself never.
    #[track_caller]
    pub fn respond(mut self, is_so: impl Fn(&Effect) -> bool, response: Response) -> Self {
        let ticket = self.ticket(is_so);
        self.event(Event::Response(ticket, response));
        self
    }

    /// Returns the ticket of the newest such effect that was not answered.
    #[track_caller]
    pub fn ticket(&self, is_so: impl Fn(&Effect) -> bool) -> Ticket {
        let found = self.tickets.iter().rev().find(|it| is_so(&it.1));
        found.expect("nothing like that was asked for").0
    }

    /// Returns what was ordered last to be deployed.
    #[track_caller]
    pub fn ordered(&self) -> DeployOrder {
        let ordered = self.tickets.iter().rev().find_map(|it| match &it.1 {
            Effect::Start(Operation::Deploy(order)) => Some(order),
            _ => None,
        });
        *ordered.expect("nothing was ordered").clone()
    }

    /// Returns the plan of an order as it would be made now.
    pub fn preview(&self, order: &DeployOrder) -> Preview {
        let proposal = Proposal::Files(Box::new(order.clone()));
        self.runtime.block_on(outline(&self.engine, &Store::in_memory(), &proposal)).unwrap()
    }

    /// What a cleanup finds.
    pub fn with_waste(mut self, sweep: Sweep) -> Self {
        self.waste = Some(sweep);
        self
    }
}
