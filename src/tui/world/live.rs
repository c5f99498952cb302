//! The live release of a stack, in words for questions.

use crate::{
    domain::{deployment::rollback::LiveRelease, swarm::names::StackName},
    tui::world::World,
};

impl World {
    /// Says what a deployment of files leads to, and from where if that is known.
    pub fn deploys(&self, stack: &StackName) -> String {
        match self.live(stack) {
            Some(live) => format!("{stack}: this plan will replace {}", live.words()),
            None => format!("{stack} will be deployed by this plan"),
        }
    }

    /// Says which release comes back in the place of what. The live one may be asked for
    /// again, where somebody changed the stack since.
    pub fn returns(&self, stack: &StackName, revision: u32) -> String {
        let same = |it: &LiveRelease| it.revision == revision && it.whole;
        match self.live(stack).filter(same) {
            Some(_) => {
                format!("{stack}: release {revision}, the live one, will replace what runs now")
            }
            None => format!("{stack}: release {revision} will replace {}", self.has_now(stack)),
        }
    }

    fn live(&self, stack: &StackName) -> Option<LiveRelease> {
        self.releases.get(stack).copied().flatten()
    }

    fn has_now(&self, stack: &StackName) -> String {
        self.live(stack).map_or("what runs now".to_owned(), LiveRelease::words)
    }
}
