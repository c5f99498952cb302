//! The releases of a stack: what was deployed, by whom, and how it ended.

use crate::{
    domain::{
        columns::{Column, releases},
        deployment::release::{Release, ReleaseState},
        swarm::names::StackName,
    },
    tui::{
        event::{Destination, Subject},
        past::Lookback,
        screens::{Wants, lists::FullScreen},
        widgets::list::{Listing, Moments},
        world::{Source, World},
    },
};

/// All releases of one stack that this machine remembers, newest first.
#[derive(Debug, Clone, PartialEq)]
pub struct Releases {
    pub stack: StackName,
}

impl Listing for Releases {
    type Row = Release;

    fn title(&self, _world: &World) -> String {
        format!("Releases · {}", self.stack)
    }

    fn columns(&self) -> &'static [Column<Release>] {
        releases::COLUMNS
    }

    fn rows<'w>(&'w self, world: &'w World) -> Vec<&'w Release> {
        let read = world.history.of(&self.stack).and_then(Result::ok);
        read.into_iter().flat_map(|it| &it.releases).collect()
    }

    fn subject(&self, row: &Release) -> Subject {
        Subject::Release(self.stack.clone(), row.key.revision)
    }

    fn fine(&self, row: &Release) -> bool {
        !matches!(
            row.state,
            ReleaseState::Failed
                | ReleaseState::Unhealthy
                | ReleaseState::RolledBack
                | ReleaseState::Interrupted
        )
    }

    fn unread(&self, world: &World) -> Option<String> {
        match world.history.of(&self.stack) {
            None => Some("reading".to_owned()),
            Some(Err(why)) => Some(why.to_owned()),
            Some(Ok(_)) => world.not_read(Source::Cluster).map(|it| it.in_place()),
        }
    }

    fn empty(&self, world: &World) -> String {
        match is_known(&self.stack, world) {
            false => format!(
                "there is no stack {}, and none was deployed with skep from this machine; `:stacks` lists them",
                self.stack
            ),
            true => match world.managed(&self.stack) {
                Some(managed) => format!(
                    "{0} was not deployed with skep from this machine; `:deploy {0}` shows its plan, and f5 there deploys it",
                    managed.path
                ),
                None => format!(
                    "{} was not deployed with skep from this machine; `:edit FILE` opens a compose file, f5 plans and deploys it",
                    self.stack
                ),
            },
        }
    }

    fn moments(&self, row: &Release) -> Moments {
        [Some(row.order.queued), None, None]
    }
}

impl FullScreen for Releases {
    fn place(&self) -> Destination {
        Destination::Releases(self.stack.clone())
    }

    fn wants(&self, _world: &World) -> Wants {
        let history = Some(Lookback { stack: self.stack.clone(), revision: None });
        Wants { history, ..Wants::default() }
    }

    fn open(&self, subject: &Subject) -> Option<Destination> {
        let Subject::Release(stack, revision) = subject else { return None };
        Some(Destination::Release(stack.clone(), *revision))
    }
}

/// Returns whether a stack is in the swarm, or in a project.
fn is_known(stack: &StackName, world: &World) -> bool {
    let live = || world.services().iter().any(|it| it.stack.as_ref() == Some(stack));
    world.managed(stack).is_some() || live()
}
