//! Services: how many tasks run, of what, and how their update goes.

use crate::{
    domain::{
        columns::{Column, services},
        swarm::cluster::{Condition, Service, TaskScope},
    },
    tui::{
        event::{Destination, Scope, Subject},
        screens::{Wants, lists::FullScreen},
        widgets::list::{Listing, Moments},
        world::{Source, World},
    },
};

/// The services of a scope.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Services {
    pub scope: Scope,
}

impl Listing for Services {
    type Row = Service;

    fn title(&self, world: &World) -> String {
        match &self.scope {
            Scope::Stack(stack) => format!("Services · {stack}"),
            Scope::Single => "Services · no stack".to_owned(),
            Scope::Node(id) => format!("Services · {}", world.host(Some(id))),
            Scope::All | Scope::Service(_) => "Services".to_owned(),
        }
    }

    fn columns(&self) -> &'static [Column<Service>] {
        services::COLUMNS
    }

    fn rows<'w>(&'w self, world: &'w World) -> Vec<&'w Service> {
        world.services().iter().filter(|it| in_scope(it, &self.scope)).collect()
    }

    fn subject(&self, row: &Service) -> Subject {
        Subject::Service(row.id.clone())
    }

    fn fine(&self, row: &Service) -> bool {
        matches!(row.seen.condition, Condition::Fine | Condition::Stopped)
    }

    fn unread(&self, world: &World) -> Option<String> {
        world.not_read(Source::Cluster).map(|it| it.in_place())
    }

    fn empty(&self, _world: &World) -> String {
        match &self.scope {
            Scope::Stack(stack) => {
                format!("stack {stack} has no services: it is not deployed yet, or was removed")
            }
            _ => "no services yet: `:edit FILE` opens a compose file, f5 deploys it".to_owned(),
        }
    }

    fn moments(&self, row: &Service) -> Moments {
        [Some(row.changed), Some(row.created), row.seen.since.map(|it| it.at)]
    }
}

impl FullScreen for Services {
    fn place(&self) -> Destination {
        Destination::Services(self.scope.clone())
    }

    fn wants(&self, _world: &World) -> Wants {
        Wants::default()
    }

    fn open(&self, subject: &Subject) -> Option<Destination> {
        let Subject::Service(id) = subject else { return None };
        Some(Destination::Tasks(Scope::Service(id.clone())))
    }
}

/// Returns whether a service belongs to a scope.
pub fn in_scope(service: &Service, scope: &Scope) -> bool {
    match scope {
        Scope::All | Scope::Node(_) => true,
        Scope::Stack(stack) => service.stack.as_ref() == Some(stack),
        Scope::Single => service.stack.is_none(),
        Scope::Service(id) => service.id == *id,
    }
}

/// Returns which tasks belong to a scope.
pub fn tasks_of(scope: &Scope, world: &World) -> Option<TaskScope> {
    Some(match scope {
        Scope::All => TaskScope::All,
        Scope::Stack(stack) => TaskScope::Stack(stack.clone()),
        Scope::Service(id) => TaskScope::Services(vec![id.clone()]),
        Scope::Node(id) => TaskScope::Node(id.clone()),
        Scope::Single => {
            let single = world.services().iter().filter(|it| it.stack.is_none());
            let ids: Vec<_> = single.map(|it| it.id.clone()).collect();
            if ids.is_empty() {
                return None;
            }
            TaskScope::Services(ids)
        }
    })
}
