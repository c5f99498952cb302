//! Lease guard: holds the lease on a stack while a job changes it.
//!
//! A job works through an engine that asks before each write whether the lease is
//! still held, and refuses the write where it is not.

use crate::{
    domain::{
        deployment::{
            audit::Operator,
            driver::Driver,
            lease::{Lease, name},
        },
        swarm::{cluster::Object, names::StackName},
    },
    engine::{Answer, Engine, EngineError},
    jobs::{
        JobContext, Verdict,
        gate::Gate,
        lease::{keeper::LeaseKeeper, local_owner::LocalOwner},
        session::Session,
    },
};
use jiff::Timestamp;
use std::{process, sync::Arc, time::Duration};
use tokio_util::sync::{CancellationToken, DropGuard};

/// A lease that is held, and renewed until it is given back.
pub struct LeaseGuard {
    keeper: Arc<LeaseKeeper>,
    owner: LocalOwner,
    waited: bool,
    /// Gives it back where the job is let go.
    gate: Arc<Gate>,
    _renewed_until_drop: DropGuard,
}

/// Returns who holds the leases of this process.
pub fn holder(who: &Operator) -> String {
    format!("{who} (pid {})", process::id())
}

/// Takes the lease on a stack, or says who has it: it waits for nobody who is alive.
pub async fn hold(
    session: &Session,
    stack: &StackName,
    purpose: String,
    context: &JobContext,
) -> Result<LeaseGuard, Verdict> {
    let owner = LocalOwner::begin(session, stack, purpose, context).await?;
    take(session, owner, Duration::ZERO, context).await
}

/// Returns whether nobody has the lease on a stack.
pub async fn is_free(engine: &dyn Engine, stack: &StackName) -> Answer<bool> {
    match engine.inspect(&Object::Config(name(stack))).await {
        Ok(_) => Ok(false),
        Err(EngineError::NotFound { .. }) => Ok(true),
        Err(err) => Err(err),
    }
}

/// Takes the lease for an owner. Waits this long for somebody else; longer only for
/// somebody who seems to be gone.
pub async fn take(
    session: &Session,
    owner: LocalOwner,
    patience: Duration,
    context: &JobContext,
) -> Result<LeaseGuard, Verdict> {
    let Driver { token, stack, purpose, .. } = owner.driver.clone();
    let holder = holder(&session.who);
    let lease = Lease { holder, token, purpose, since: Timestamp::now() };
    let keeper = LeaseKeeper::new(session, stack, lease);
    let waited = match keeper.take(patience, context).await {
        Ok(waited) => waited,
        Err(verdict) => {
            let gone = !keeper.was_sent().await || keeper.let_go().await;
            leave(owner, gone).await;
            return Err(verdict);
        }
    };
    let keeper = Arc::new(keeper);
    let (kept, leftovers) = (keeper.clone(), owner.leftovers());
    context.gate().on_farewell(|| {
        Box::pin(async move {
            leftovers.clear().await;
            kept.let_go().await;
        })
    });
    let stop = CancellationToken::new();
    tokio::spawn({
        let (keeper, stop, context) = (keeper.clone(), stop.clone(), context.clone());
        async move { _ = stop.run_until_cancelled(keeper.keep(&context)).await }
    });
    let gate = context.gate().clone();
    Ok(LeaseGuard { keeper, owner, waited, gate, _renewed_until_drop: stop.drop_guard() })
}

impl LeaseGuard {
    /// Returns the session to work in: its engine writes only while the lease is ours.
    pub fn fenced(&self, session: &Session) -> Session {
        Session { engine: self.keeper.fenced(), ..session.clone() }
    }

    pub fn owner(&self) -> &LocalOwner {
        &self.owner
    }

    /// Returns whether somebody had it before us: what was read then may be outdated.
    pub fn waited(&self) -> bool {
        self.waited
    }

    /// Gives it back, and what this machine knows of it. Returns whether it is gone for certain.
    pub async fn give_back(self) -> bool {
        let Self { keeper, owner, gate, _renewed_until_drop: renewing, .. } = self;
        owner.leftovers().clear().await;
        drop(renewing);
        gate.without_farewell();
        let gone = keeper.let_go().await;
        leave(owner, gone).await;
        gone
    }
}

/// Stops being the owner; like somebody who died where the lease may be there still, so that
/// the next one on this machine need not wait for it.
async fn leave(owner: LocalOwner, gone: bool) {
    if gone {
        owner.end().await;
    }
}
