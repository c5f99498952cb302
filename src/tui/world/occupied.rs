//! Occupied stacks: what other skeps do in the same cluster.

use crate::{
    domain::{deployment::lease::Occupied, swarm::names::StackName},
    tui::world::World,
};

impl World {
    /// Returns the stacks that another skep is at, with who that is.
    pub fn others_at_work(&self) -> impl Iterator<Item = &Occupied> {
        let ours = &self.setting.holder;
        let theirs = self.view.occupied.iter().filter(move |it| it.lease.holder != *ours);
        theirs.filter(|it| it.is_alive(self.now))
    }

    /// Returns whether another skep is at a stack.
    pub fn is_occupied(&self, stack: &StackName) -> bool {
        self.others_at_work().any(|it| it.stack.as_ref() == Some(stack))
    }
}
