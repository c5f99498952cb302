//! Which release of a stack is live, in words for questions.

use crate::{
    domain::{names::StackName, rollback::LiveRelease},
    tui::world::World,
};

impl World {
    /// Says what a deployment of files leads from and to.
    pub fn deploys(&self, stack: &StackName) -> String {
        format!("{stack}: {} → what the plan says", self.has_now(stack))
    }

    /// Says which release comes back in the place of what. The live one may be asked for
    /// again, where somebody changed the stack since.
    pub fn returns(&self, stack: &StackName, revision: u32) -> String {
        let same = |it: &LiveRelease| it.revision == revision && it.whole;
        match self.live(stack).filter(same) {
            Some(_) => {
                format!("{stack}: what is live → as release {revision}, the live one, had it")
            }
            None => format!("{stack}: {} → release {revision}", self.has_now(stack)),
        }
    }

    fn live(&self, stack: &StackName) -> Option<LiveRelease> {
        self.releases.get(stack).copied().flatten()
    }

    fn has_now(&self, stack: &StackName) -> String {
        self.live(stack).map_or("what is live".to_owned(), LiveRelease::words)
    }
}
