//! The local owner of a stack: tells other processes on this machine who changes it.

use crate::{
    domain::{deployment::driver::Driver, swarm::names::StackName},
    jobs::{
        JobContext, News,
        release_reader::{HistoryError, cluster_id, on_disk},
        session::Session,
    },
    store::{Seat, Store, StoreError},
};
use std::{
    collections::hash_map::RandomState,
    hash::{BuildHasher, Hasher},
};

/// A job that owns a stack. Dropped without [`LocalOwner::end`] it leaves what a
/// killed process leaves.
#[derive(Debug)]
pub struct LocalOwner {
    pub driver: Driver,
    seat: Result<(Store, Seat), StoreError>,
}

impl LocalOwner {
    /// Becomes the owner on this machine. A state that cannot be written is told, and stops
    /// nothing. An error says that the engine does not tell which cluster it is.
    pub async fn begin(
        session: &Session,
        stack: &StackName,
        purpose: String,
        context: &JobContext,
    ) -> Result<Self, HistoryError> {
        let (token, stack, store) = (token(), stack.clone(), session.store.clone());
        let cluster = cluster_id(&*session.engine).await?;
        let driver = Driver { token, cluster, stack, purpose };
        let about = driver.clone();
        let seat = match on_disk(store.clone(), move |store| store.take_seat(&about)).await {
            Ok(seat) => Ok((store, seat)),
            Err(err) => {
                let note = format!(
                    "if this skep is killed, others will not notice it at once: {err}; {}",
                    err.hint()
                );
                context.say(News::Note(note));
                Err(err)
            }
        };
        Ok(Self { driver, seat })
    }

    /// Returns why its death would not be seen; nothing where it would.
    pub fn unseen(&self) -> Option<&StoreError> {
        self.seat.as_ref().err()
    }

    /// Returns what knows how to clear away what dead drivers of the stack left.
    pub fn leftovers(&self) -> Leftovers {
        Leftovers {
            store: self.seat.as_ref().ok().map(|it| it.0.clone()),
            driver: self.driver.clone(),
        }
    }

    /// Leaves in order.
    pub async fn end(self) {
        let Ok((store, seat)) = self.seat else { return };
        // It cannot fail in a way that we could repair.
        let left = move |_: &Store| {
            seat.leave();
            Ok(())
        };
        let _ = on_disk(store, left).await;
    }
}

/// What dead drivers of a stack left.
pub struct Leftovers {
    store: Option<Store>,
    driver: Driver,
}

impl Leftovers {
    /// Clears it away. The lease on the stack must be ours, or nobody's: those files say
    /// that a lease of theirs need not be waited for.
    pub async fn clear(self) {
        let Some(store) = self.store else { return };
        let Driver { cluster, stack, .. } = self.driver;
        let buried = on_disk(store, move |store| store.bury(&cluster, &stack));
        if let Err(err) = buried.await {
            tracing::warn!(%err, "what dead drivers left could not be cleared away");
        }
    }
}

/// Makes up a text that nobody else makes up: the keys of hashers are random.
fn token() -> String {
    let random = || RandomState::new().build_hasher().finish();
    format!("{:016x}{:016x}", random(), random())
}
